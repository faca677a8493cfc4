/* SPDX-License-Identifier: MIT */
/* Attempts: processes of the host, control groups, namespaces of others, terminals. */
#include "attack.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

int become_nested_root(void)
{
	char line[64];
	uid_t uid = geteuid();
	int fd;

	if (unshare(CLONE_NEWUSER) < 0)
		return -errno;
	fd = open("/proc/self/setgroups", O_WRONLY);
	if (fd >= 0)
		(void)write(fd, "deny", 4);
	(void)close(fd);
	fd = open("/proc/self/uid_map", O_WRONLY);
	(void)snprintf(line, sizeof(line), "0 %u 1", uid);
	return fd < 0 || write(fd, line, strlen(line)) < 0 ? -errno : 0;
}

/* ---- processes of the host ---- */

static int signal_daemon(void)
{
	return tried(kill(outside.pid, 0));
}

static int trace_daemon(void)
{
	return tried(ptrace(PTRACE_SEIZE, outside.pid, NULL, NULL));
}

static int pidfd_of_daemon(void)
{
	return tried(syscall(SYS_pidfd_open, outside.pid, 0));
}

static int compare_daemon(void)
{
	return tried(syscall(SYS_kcmp, getpid(), outside.pid, 0, 0, 0));
}

static int read_daemon(void)
{
	char buf[8];
	struct iovec mine = {buf, sizeof(buf)}, its = {(void *)0x400000, sizeof(buf)};

	return tried(process_vm_readv(outside.pid, &mine, 1, &its, 1, 0));
}

static int limits_of_daemon(void)
{
	return tried(syscall(SYS_prlimit64, outside.pid, 7, NULL, (uint64_t[2]){0}));
}

static int move_pages_of_daemon(void)
{
	return tried(syscall(SYS_migrate_pages, outside.pid, 64UL, (unsigned long[1]){1},
		(unsigned long[1]){1}));
}

static int parent_of_init(void)
{
	char buf[512] = "";
	const char *at;
	int fd = open("/proc/1/status", O_RDONLY);

	if (fd < 0 || read(fd, buf, sizeof(buf) - 1) < 0)
		return -errno;
	at = strstr(buf, "\nPPid:\t");
	return at && at[7] == '0' ? -ESRCH : 0;
}

/* A descriptor of init or of a login that is a directory would lead anywhere. */
static int descriptors_of_others(void)
{
	int pid, fd;

	for (pid = 1; pid < 64; pid++) {
		int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

		for (fd = 0; pidfd >= 0 && fd < 64; fd++) {
			int got = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
			struct stat st;

			if (got >= 0 && fstat(got, &st) == 0 && S_ISDIR(st.st_mode) &&
				faccessat(got, outside.file + 1, F_OK, 0) == 0)
				return 0;
			if (got >= 0)
				(void)close(got);
		}
		if (pidfd >= 0)
			(void)close(pidfd);
	}
	return -ENOENT;
}

/* ---- namespaces ---- */

static int enter_namespace_of_daemon(void)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)outside.pid);
	fd = open(path, O_RDONLY);
	return fd < 0 ? -errno : tried(setns(fd, 0));
}

/* All of them at once, by a descriptor of the process (setns(2) since Linux 5.8). */
static int enter_daemon_by_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, outside.pid, 0);

	return fd < 0 ? -errno : tried(setns(fd, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS));
}

/* NS_GET_PARENT, NS_GET_USERNS: upwards from what one has. */
static int user_namespace_above(void)
{
	int fd = open("/proc/self/ns/user", O_RDONLY);

	return fd < 0 ? -errno : tried(ioctl(fd, 0xb702));
}

static int pid_namespace_above(void)
{
	int fd = open("/proc/1/ns/pid", O_RDONLY);

	return fd < 0 ? -errno : tried(ioctl(fd, 0xb702));
}

/* The limits of System V IPC are those of the zone's namespace; a fresh one would have none. */
static int fresh_ipc(void)
{
	return tried(unshare(CLONE_NEWIPC));
}

static int fresh_ipc_clone3(void)
{
	struct clone_args args = {.flags = CLONE_NEWIPC, .exit_signal = SIGCHLD};
	long r = syscall(SYS_clone3, &args, sizeof(args));

	if (r == 0)
		_exit(0);
	return tried(r);
}

static int fresh_ipc_nested(void)
{
	int r = become_nested_root();

	return r < 0 ? r : fresh_ipc();
}

static int hostname_from_nested(void)
{
	int r = become_nested_root();

	return r < 0 ? r : tried(sethostname("x", 1));
}

static int module_from_nested(void)
{
	int r = become_nested_root();

	return r < 0 ? r : tried(syscall(SYS_init_module, "", 0UL, ""));
}

static int time_from_nested(void)
{
	int r = become_nested_root();

	return r < 0 ? r : tried(syscall(SYS_clock_settime, CLOCK_REALTIME, (long[2]){1, 0}));
}

/* More ids than one has: the first id of the host, mapped. */
static int map_host_root(void)
{
	int fd;

	if (unshare(CLONE_NEWUSER) < 0)
		return -errno;
	fd = open("/proc/self/uid_map", O_WRONLY);
	return fd < 0 ? -errno : tried(write(fd, "0 4294901760 1", 14));
}

/* ---- control groups ---- */

static int joins(const char *procs)
{
	int fd = open(procs, O_WRONLY);

	return fd < 0 ? -errno : tried(write(fd, "0", 1));
}

static int cgroup_above(void)
{
	return joins("/sys/fs/cgroup/../cgroup.procs");
}

static int cgroup_new_namespace(void)
{
	if (unshare(CLONE_NEWCGROUP) < 0 || unshare(CLONE_NEWNS) < 0)
		return -errno;
	(void)mkdir("/tmp/attack", 0755);
	if (mount("c", "/tmp/attack", "cgroup2", 0, NULL) < 0)
		return -errno;
	return joins("/tmp/attack/../attack/../cgroup.procs");
}

static int cgroup_born_above(void)
{
	int fd = open("/sys/fs/cgroup/..", O_RDONLY | O_DIRECTORY);
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)fd};
	long r = fd < 0 ? -1 : syscall(SYS_clone3, &args, sizeof(args));

	if (r == 0)
		_exit(0);
	return tried(r);
}

static int cgroup_sets(const char *file, const char *text)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", file);
	fd = open(path, O_WRONLY);
	return fd < 0 ? -errno : tried(write(fd, text, strlen(text)));
}

static int cgroup_pids_limit(void)
{
	return cgroup_sets("pids.max", "max");
}

static int cgroup_memory_limit(void)
{
	return cgroup_sets("memory.max", "max");
}

static int cgroup_descendants(void)
{
	return cgroup_sets("cgroup.max.descendants", "max");
}

static int cgroup_freeze(void)
{
	return cgroup_sets("cgroup.freeze", "0");
}

static int cgroup_mark(void)
{
	return tried(syscall(SYS_setxattr, "/sys/fs/cgroup", "trusted.zones", "x", 1UL, 0));
}

/* ---- terminals ---- */

/* Characters put into the terminal of whoever logged us in; one of the zone's own is no way out. */
static int push_into_terminal(void)
{
	struct stat tty, pts;
	int fd;

	for (fd = 0; fd < 3; fd++) {
		if (!isatty(fd))
			continue;
		if (fstat(fd, &tty) < 0 || stat("/dev/pts", &pts) < 0)
			return -errno;
		if (ioctl(fd, TIOCSTI, "x") == 0 && tty.st_dev != pts.st_dev)
			return 0;
	}
	return -ENOTTY;
}

static int redirect_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	return fd < 0 ? -errno : tried(ioctl(fd, TIOCCONS));
}

#define ATTEMPT(fn)                                                                                \
	{                                                                                          \
#fn, fn                                                                            \
	}

const struct attempt attempts_processes[] = {ATTEMPT(signal_daemon), ATTEMPT(trace_daemon),
	ATTEMPT(pidfd_of_daemon), ATTEMPT(compare_daemon), ATTEMPT(read_daemon),
	ATTEMPT(limits_of_daemon), ATTEMPT(move_pages_of_daemon), ATTEMPT(parent_of_init),
	ATTEMPT(descriptors_of_others), ATTEMPT(enter_namespace_of_daemon),
	ATTEMPT(enter_daemon_by_pidfd), ATTEMPT(user_namespace_above), ATTEMPT(pid_namespace_above),
	ATTEMPT(fresh_ipc), ATTEMPT(fresh_ipc_clone3), ATTEMPT(fresh_ipc_nested),
	ATTEMPT(hostname_from_nested), ATTEMPT(module_from_nested), ATTEMPT(time_from_nested),
	ATTEMPT(map_host_root), ATTEMPT(cgroup_above), ATTEMPT(cgroup_new_namespace),
	ATTEMPT(cgroup_born_above), ATTEMPT(cgroup_pids_limit), ATTEMPT(cgroup_memory_limit),
	ATTEMPT(cgroup_descendants), ATTEMPT(cgroup_freeze), ATTEMPT(cgroup_mark),
	ATTEMPT(push_into_terminal), ATTEMPT(redirect_console), {NULL, NULL}};

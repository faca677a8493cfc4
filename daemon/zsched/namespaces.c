/* SPDX-License-Identifier: MIT */
/*
 * The namespaces that a zone keeps from READY to its end: user, net, ipc, uts
 * and cgroup. A child is born into the first four with one clone3() (so that
 * they belong to the zone's user namespace) and into the zone's leaf group; it
 * then unshares the cgroup namespace, whose root is where it stands: that is
 * why it must be in the leaf of every hierarchy by then. For that it needs no ids;
 * zsched maps them, and does other things, meanwhile. Then it opens the namespaces
 * under /proc and lets the child go; the descriptors hold them from then on.
 *
 * The mount namespaces are made by build.c, the pid namespace by boot.c.
 */
#include "linux/cgroup-join.h"
#include "zsched/zsched.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Child, with all rights in its user namespace and no id: they may be mapped by now, or not. */
static void __attribute__((noreturn)) namespace_child(int sock, const int *groups)
{
	char byte;
	int r;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	r = cgroup_enter_v1(groups);
	if (r == 0 && unshare(CLONE_NEWCGROUP) < 0)
		r = -errno;
	byte = (char)-r;
	if (write(sock, &byte, 1) != 1)
		_exit(1);
	(void)read(sock, &byte, 1); /* until zsched has what it wants */
	_exit(0);
}

static int write_map(pid_t pid, const char *which, uint32_t base)
{
	_cleanup_close_ int fd = FD_NONE;
	char path[64], line[64];
	int n;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, which);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = snprintf(line, sizeof(line), "0 %u %u\n", base, ZSCHED_ID_RANGE);
	return write(fd, line, (size_t)n) == n ? 0 : -errno;
}

static int open_namespace(pid_t pid, const char *which, int *ret_fd)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, which);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int open_namespaces(struct zsched *z, pid_t pid)
{
	struct stat st;
	int r;

	if ((r = open_namespace(pid, "user", &z->user)) < 0 ||
		(r = open_namespace(pid, "net", &z->net)) < 0 ||
		(r = open_namespace(pid, "ipc", &z->ipc)) < 0 ||
		(r = open_namespace(pid, "uts", &z->uts)) < 0 ||
		(r = open_namespace(pid, "cgroup", &z->cgroup)) < 0)
		return r;
	if (fstat(z->user, &st) < 0)
		return -errno;
	z->userns_inode = st.st_ino;
	return 0;
}

static int map_ids(const struct zsched *z, pid_t pid, struct diag *d)
{
	int r = write_map(pid, "uid_map", z->uid_base);

	if (r == 0)
		r = write_map(pid, "gid_map", z->uid_base);
	return r < 0 ? diag_errno(d, r, "Cannot map the zone's ids from %u", z->uid_base) : 0;
}

/* Whether our root is another than that of process 1. */
static bool in_chroot(void)
{
	struct stat first, own;

	return stat("/proc/1/root/.", &first) == 0 && stat("/", &own) == 0 &&
	       (first.st_dev != own.st_dev || first.st_ino != own.st_ino);
}

/* Returns the child's pid, and one end of a socket to it. */
static pid_t start_child(
	const struct zsched *z, int group, const int *v1_groups, int *ret_sock, struct diag *d)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_INTO_CGROUP |
			 (z->shared_ip ? 0 : CLONE_NEWNET),
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)group,
	};
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return diag_errno(d, -errno, "Cannot make a socket pair");
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		(void)close(pair[0]);
		namespace_child(pair[1], v1_groups);
	}
	if (pid < 0) {
		pid = errno == EPERM && in_chroot()
			      ? diag_set(d, -EPERM,
					"zoned runs in a chroot, where Linux makes no user namespace")
			      : diag_errno(d, -errno, "Cannot make the zone's namespaces");
		pair[0] = fd_close(pair[0]);
	}
	(void)fd_close(pair[1]);
	*ret_sock = pair[0];
	return pid;
}

void namespaces_end(struct namespaces *ns)
{
	if (ns->child <= 0)
		return;
	(void)close(ns->sock);
	(void)kill(ns->child, SIGKILL);
	(void)waitpid(ns->child, NULL, 0);
	ns->child = 0;
}

int namespaces_begin(const struct zsched *z, struct namespaces *ret, struct diag *d)
{
	int v1_groups[CGROUP_CONTROLLER_COUNT], r;
	_cleanup_close_ int group = cgroup_open_v2(z->leaf);

	if (group < 0)
		return diag_errno(d, group, "Cannot open the control group %s", z->leaf);
	r = cgroup_open_v1(z->leaf, v1_groups);
	if (r < 0)
		return diag_errno(d, r, "Cannot open the control group %s", z->leaf);
	ret->child = start_child(z, group, v1_groups, &ret->sock, d);
	cgroup_close_v1(v1_groups);
	return ret->child < 0 ? ret->child : map_ids(z, ret->child, d);
}

int namespaces_take(struct zsched *z, const struct namespaces *ns, struct diag *d)
{
	char byte;
	int r;

	if (read(ns->sock, &byte, 1) != 1)
		return diag_set(d, -EIO, "The helper that makes the namespaces died");
	if (byte)
		return diag_errno(d, -(int)byte, "Cannot make a cgroup namespace of %s", z->leaf);
	r = open_namespaces(z, ns->child);
	return r < 0 ? diag_errno(d, r, "Cannot open the zone's namespaces") : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Enters a zone; see enter.h.
 *
 * The child is never a window to the outside. Until it executes a program of
 * the zone it runs the host's code with the host's memory, and the zone's root
 * could wish to trace it or to look into its /proc directory. It cannot: the
 * child is not dumpable, and its memory belongs to the host's user namespace.
 * Descriptors above 2 are closed before the identity changes, and there is no
 * controlling terminal of the host, because the child is a session of its own.
 *
 * It is born in a group beside init's, not in the zone's own: an init that shares controllers
 * among its groups (systemd) may have no processes in that one, by the kernel's rule.
 *
 * Order: the cgroups come first, so that nothing is ever done for the zone
 * outside its limits; then the user namespace, whose root may enter the others.
 */
#include "zlogin/enter.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "linux/cgroup-join.h"
#include "zone/confine.h"

/* Below the zone's leaf. */
#define LOGIN_GROUP "zlogin"

_Noreturn void enter_fail(int report, const char *zone, const char *fmt, ...)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "zlogin: zone '%s': ", zone);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	(void)strcat(text, "\n");
	/* Nobody can be told when this fails. */
	(void)!write(report, text, strlen(text));
	_exit(ZLOGIN_FAILED);
}

/* As fork(2), but the child is born in the group. */
static pid_t clone_into(int group, int *ret_pidfd)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)group,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	return pid < 0 ? -errno : pid;
}

/*
 * A zone that has made a hindrance of its group "zlogin" (threads, or controllers for groups below)
 * is entered in its own group, where that works.
 */
static pid_t clone_into_zone(const struct target *t, int *ret_pidfd)
{
	_cleanup_close_ int below = cgroup_open_below(
		t->reply.cgroup, LOGIN_GROUP, t->reply.uid_base, t->reply.uid_base);
	_cleanup_close_ int leaf = FD_NONE;
	pid_t pid = below < 0 ? below : clone_into(below, ret_pidfd);

	if (pid >= 0 || pid == -ENOMEM || pid == -EAGAIN)
		return pid;
	leaf = cgroup_open_v2(t->reply.cgroup);
	return leaf < 0 ? leaf : clone_into(leaf, ret_pidfd);
}

int enter_spawn(
	const struct target *t, void (*run)(void *arg), void *arg, pid_t *ret_pid, int *ret_pidfd)
{
	_cleanup_close_ int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	int pidfd = FD_NONE;
	pid_t pid;

	/* Concerns children only: the parent itself stays where it is. */
	if (own < 0 || setns(t->fds[ZONE_ENTER_INIT], CLONE_NEWPID) < 0)
		return -errno;
	pid = clone_into_zone(t, &pidfd);
	if (pid == 0) {
		run(arg);
		_exit(ZLOGIN_FAILED);
	}
	if (setns(own, CLONE_NEWPID) < 0 && pid > 0)
		return -errno;
	if (pid < 0)
		return pid;
	*ret_pid = pid;
	*ret_pidfd = pidfd;
	return 0;
}

static void enter_namespaces(const struct target *t, int report)
{
	static const struct {
		enum zone_enter_fd fd;
		int type;
		const char *name;
	} order[] = {
		{ZONE_ENTER_USER, CLONE_NEWUSER, "user"},
		{ZONE_ENTER_MNT, CLONE_NEWNS, "mount"},
		{ZONE_ENTER_NET, CLONE_NEWNET, "network"},
		{ZONE_ENTER_IPC, CLONE_NEWIPC, "ipc"},
		{ZONE_ENTER_UTS, CLONE_NEWUTS, "uts"},
		{ZONE_ENTER_CGROUP, CLONE_NEWCGROUP, "cgroup"},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		if (setns(t->fds[order[i].fd], order[i].type) < 0)
			enter_fail(report, t->reply.name, "cannot enter its %s namespace: %s",
				order[i].name, strerror(errno));
}

static void become_root(const struct target *t, int report)
{
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		enter_fail(report, t->reply.name, "cannot become its root: %s", strerror(errno));
	/* The change of identity has set this back to what fs.suid_dumpable says. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void enter_zone(const struct target *t, int report)
{
	int r;

	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setsid();
	r = cgroup_join_v1(t->reply.cgroup);
	if (r < 0)
		enter_fail(report, t->reply.name, "cannot join its cgroup: %s", strerror(-r));
	/* The keys of the operator's session stay outside. A kernel without keys has none. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	enter_namespaces(t, report);
	(void)close_range(3, ~0U, 0);
	if (chdir("/") < 0)
		enter_fail(report, t->reply.name, "cannot change to its root directory: %s",
			strerror(errno));
	become_root(t, report);
	(void)umask(022);
}

static void reset_signals(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &dfl, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void enter_confine(const struct target *t, int report)
{
	int r;

	reset_signals();
	/* Without its zlogin the program is like one whose line was cut. */
	(void)prctl(PR_SET_PDEATHSIG, SIGHUP, 0, 0, 0);
	/* The filter first: a zone's capabilities need not suffice to set it. */
	r = zone_confine_syscalls();
	if (r == 0)
		r = zone_confine_caps(t->reply.caps);
	if (r < 0)
		enter_fail(report, t->reply.name, "cannot confine the process: %s", strerror(-r));
}

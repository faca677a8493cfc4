/* SPDX-License-Identifier: MIT */
/*
 * The way into a zone; see enter.h.
 *
 * The child is never a window to the outside. Until it executes a program of
 * the zone it runs the host's code with the host's memory, and the zone's root
 * could wish to trace it or to look into its /proc directory. It cannot: the
 * child is not dumpable, and its memory belongs to the host's user namespace.
 * There is no controlling terminal of the host, because the child is a session of its own.
 *
 * It is born in a group beside init's, not in the zone's own: an init that shares controllers
 * among its groups (systemd) may have no processes in that one, by the kernel's rule.
 *
 * Order: the cgroups come first, so that nothing is ever done for the zone
 * outside its limits; then the network namespace, which may be the host's; then the user
 * namespace, whose root may enter the others.
 */
#include "zone/enter.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "door/address.h"
#include "door/fork.h"
#include "linux/cgroup-join.h"
#include "linux/file-limit.h"
#include "linux/process-state.h"
#include "linux/signals.h"
#include "zone/confine.h"
#include "zone/zone-calls.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* Below the zone's leaf. */
#define LOGIN_GROUP "zlogin"

void zone_way_init(struct zone_way *w)
{
	int i;

	for (i = 0; i < ZONE_ENTER_COUNT; i++)
		w->fds[i] = FD_NONE;
}

int zone_way_open(zoneid_t id, struct zone_way *ret, struct diag *d)
{
	zone_way_init(ret);
	return zone_call_enter(id, &ret->reply, ret->fds, d);
}

void zone_way_close(struct zone_way *w)
{
	int i;

	for (i = 0; i < ZONE_ENTER_COUNT; i++)
		w->fds[i] = fd_close(w->fds[i]);
}

/* As fork(3), also for doors, but the child is born in the group. */
static pid_t clone_into(int group, int *ret_pidfd)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)group,
	};
	pid_t pid;

	fork_begin();
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		pid = -errno;
	if (pid == 0)
		fork_end_child();
	else
		fork_end_parent();
	return pid;
}

/*
 * A zone that has made a hindrance of its group "zlogin" (threads, or controllers for groups below)
 * is entered in its own group, where that works.
 */
static pid_t clone_into_zone(const struct zone_way *w, int *ret_pidfd)
{
	_cleanup_close_ int below = cgroup_open_below(
		w->reply.cgroup, LOGIN_GROUP, w->reply.uid_base, w->reply.uid_base);
	_cleanup_close_ int leaf = FD_NONE;
	pid_t pid = below < 0 ? below : clone_into(below, ret_pidfd);

	if (pid >= 0 || pid == -ENOMEM || pid == -EAGAIN)
		return pid;
	leaf = cgroup_open_v2(w->reply.cgroup);
	return leaf < 0 ? leaf : clone_into(leaf, ret_pidfd);
}

int zone_way_spawn(
	struct zone_way *w, void (*run)(void *arg), void *arg, pid_t *ret_pid, int *ret_pidfd)
{
	_cleanup_close_ int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	int pidfd = FD_NONE;
	pid_t pid;

	/* Concerns children only: the parent itself stays where it is. */
	if (own < 0 || setns(w->fds[ZONE_ENTER_INIT], CLONE_NEWPID) < 0)
		return -errno;
	pid = clone_into_zone(w, &pidfd);
	if (pid == 0) {
		run(arg);
		_exit(1);
	}
	if (setns(own, CLONE_NEWPID) < 0 && pid > 0)
		return -errno;
	if (pid < 0)
		return pid;
	zone_way_close(w);
	*ret_pid = pid;
	*ret_pidfd = pidfd;
	return 0;
}

static int enter_namespaces(const struct zone_way *w, struct diag *d)
{
	static const struct {
		enum zone_enter_fd fd;
		int type;
		const char *name;
	} order[] = {
		{ZONE_ENTER_NET, CLONE_NEWNET, "network"},
		{ZONE_ENTER_USER, CLONE_NEWUSER, "user"},
		{ZONE_ENTER_MNT, CLONE_NEWNS, "mount"},
		{ZONE_ENTER_IPC, CLONE_NEWIPC, "ipc"},
		{ZONE_ENTER_UTS, CLONE_NEWUTS, "uts"},
		{ZONE_ENTER_CGROUP, CLONE_NEWCGROUP, "cgroup"},
	};
	size_t i;

	/* The zone's time is that of its init; EINVAL: this kernel has one time for all. */
	if (setns(w->fds[ZONE_ENTER_INIT], CLONE_NEWTIME) < 0 && errno != EINVAL)
		return diag_errno(d, -errno, "cannot enter its time namespace");
	for (i = 0; i < ARRAY_SIZE(order); i++)
		if (setns(w->fds[order[i].fd], order[i].type) < 0)
			return diag_errno(
				d, -errno, "cannot enter its %s namespace", order[i].name);
	for (i = 0; i < ZONE_ENTER_COUNT; i++)
		(void)close(w->fds[i]);
	return 0;
}

static int become_root(struct diag *d)
{
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return diag_errno(d, -errno, "cannot become its root");
	/* The change of identity has set this back to what fs.suid_dumpable says. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return 0;
}

int zone_way_take(const struct zone_way *w, struct diag *d)
{
	int r;

	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setsid();
	/* First: with a realtime priority no group lets it in. */
	process_calm();
	process_limits();
	r = cgroup_join_v1(w->reply.cgroup);
	if (r < 0)
		return diag_errno(d, r, "cannot join its cgroup");
	r = zone_start_as(w->reply.start);
	if (r < 0)
		return diag_errno(d, r, "cannot start as its scheduling-class says");
	/* The keys of the operator's session stay outside. A kernel without keys has none. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	r = enter_namespaces(w, d);
	if (r < 0)
		return r;
	if (chdir("/") < 0)
		return diag_errno(d, -errno, "cannot change to its root directory");
	r = become_root(d);
	if (r == 0)
		(void)umask(022);
	return r;
}

int zone_way_confine(const struct zone_way *w, struct diag *d)
{
	int r;

	signals_reset();
	file_limit_usual();
	/* The filter first: a zone's capabilities need not suffice to set it. */
	r = zone_confine_syscalls(w->reply.caps);
	if (r == 0)
		r = zone_confine_caps(w->reply.caps);
	return r < 0 ? diag_errno(d, r, "cannot confine the process") : 0;
}

/* ---- all of it ---- */

struct entry {
	struct zone_way way;
	struct zone_way_keep keep;
	int report;
	int (*fn)(void *arg);
	void *arg;
};

/* Everything but what goes along and the end where errors are told, which is behind all of those. */
static void close_others(const struct entry *e)
{
	int from = 0;
	unsigned int i;

	for (i = 0; i <= e->keep.count; i++) {
		int next = i < e->keep.count ? e->keep.fds[i] : e->report;

		if (next > from)
			(void)close_range((unsigned int)from, (unsigned int)next - 1, 0);
		from = next + 1;
	}
	(void)close_range((unsigned int)from, ~0U, 0);
}

/* Who am I: the child. */
static void run_entry(void *arg)
{
	struct entry *e = arg;
	struct diag d = {0};
	int r = zone_way_take(&e->way, &d);

	if (r == 0) {
		zone_calls_forget(); /* the host's door; the zone has one of its own */
		close_others(e);
		r = zone_way_confine(&e->way, &d);
	}
	if (r < 0) {
		(void)!write(e->report, &r, sizeof(r));
		_exit(1);
	}
	(void)close(e->report);
	_exit(e->fn(e->arg));
}

/* What the child failed with; 0 when it runs fn, or the program that fn executes: then its end is closed. */
static int wait_for_entry(int report, pid_t pid)
{
	int failed = 0;
	ssize_t n;

	do {
		n = read(report, &failed, sizeof(failed));
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(failed))
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return failed;
}

static int spawn_entry(struct entry *e, pid_t *ret_pid)
{
	_cleanup_close_ int pidfd = FD_NONE, ours = FD_NONE;
	int last = e->keep.count ? e->keep.fds[e->keep.count - 1] : 0;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	ours = ends[0];
	e->report = fcntl(ends[1], F_DUPFD_CLOEXEC, last + 1);
	(void)close(ends[1]);
	if (e->report < 0)
		return -errno;
	r = zone_way_spawn(&e->way, run_entry, e, ret_pid, &pidfd);
	(void)close(e->report);
	return r < 0 ? r : wait_for_entry(ours, *ret_pid);
}

pid_t zone_enter(zoneid_t id, int (*fn)(void *arg), void *arg)
{
	struct entry e = {.fn = fn, .arg = arg};
	pid_t pid = -1;
	int r;

	if (!address_is_code(fn)) {
		errno = EFAULT;
		return -1;
	}
	r = zone_way_open(id, &e.way, NULL);
	if (r == 0)
		r = zone_way_check_fds(&e.way, &e.keep, NULL);
	if (r == 0)
		r = zone_way_check_memory(&e.way, NULL);
	if (r == 0)
		r = spawn_entry(&e, &pid);
	zone_way_close(&e.way);
	if (r < 0) {
		errno = -r;
		return -1;
	}
	return pid;
}

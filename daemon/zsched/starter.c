/* SPDX-License-Identifier: MIT */
/*
 * The starter: one process of this program that has no zone, beside each zoned.
 *
 * To execute a program, with the loader, the libraries and what they ask the processor, takes longer than all that zsched
 * then does, and zoned's descriptors, thousands with as many zones, are copied for it. So one zsched is
 * executed while there is nothing to wait for, and for each zone it makes another of itself: a sibling, so that zoned is
 * the parent, and born into the zone's group, for being born into one is free where moving is not. What
 * they have in common stays in memory once.
 *
 * It holds nothing of any zone. It is zoned's: it ends with the stream, and when it dies zoned starts another at the next
 * zone. It is called "zsched-start"; the zsched of a zone gets the name and the arguments that it is known by.
 */
#include "linux/cgroup-join.h"
#include "linux/fd-message.h"
#include "linux/pidfd.h"
#include "zsched/zsched.h"

#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* Nothing but SIGKILL ends the starter, or a zsched. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2,
		SIGTSTP, SIGTTIN, SIGTTOU};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
}

/* The memory of the arguments, which is in one piece and what ps(1) shows. */
static char *title;
static size_t title_size;

/* The kernel takes them for one string when there is no NUL where the last one had its. */
static void set_title(const char *comm, const char *arguments, const char *rest)
{
	(void)prctl(PR_SET_NAME, comm);
	memset(title, 0, title_size);
	(void)snprintf(title, title_size - 1, "zsched %s %s", arguments, rest);
	title[title_size - 1] = '.';
}

bool starter_begin(int argc, char **argv)
{
	int type = 0;
	socklen_t size = sizeof(type);

	if (argc != 3 || !streq(argv[1], "-s") ||
		getsockopt(ZSCHED_STARTER_FD, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
		type != SOCK_SEQPACKET)
		return false;
	(void)close_range(ZSCHED_STARTER_FD + 1, ~0U, 0); /* of whoever started zoned */
	ignore_signals();
	title = argv[0];
	title_size = (size_t)(argv[2] + strlen(argv[2]) + 1 - argv[0]);
	set_title("zsched-start", "-s", "");
	/* Nobody but global root may look into the keeper of a zone. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)cgroup_v1_mount(CGROUP_CPU); /* found once, known to all */
	return true;
}

static int take_request(
	struct zsched *z, const struct zsched_start_req *req, size_t size, struct diag *d)
{
	if (size != sizeof(*req) || req->version != ZSCHED_VERSION)
		return diag_set(d, -EPROTO, "It is of another version");
	if (!str_terminated(req->name, sizeof(req->name)) || !req->name[0] ||
		strchr(req->name, '/') || req->zoneid < 0 || req->zoneid > MAX_ZONEID ||
		req->uid_base < ZSCHED_ID_RANGE || req->uid_base > UINT32_MAX - ZSCHED_ID_RANGE)
		return diag_set(d, -EINVAL, "It was asked for a zone that cannot be");
	(void)str_copy(z->name, sizeof(z->name), req->name);
	z->zoneid = req->zoneid;
	z->uniqid = req->uniqid;
	z->uid_base = req->uid_base;
	z->shared_ip = req->shared_ip != 0;
	(void)snprintf(z->leaf, sizeof(z->leaf), "zones/%s/zone", z->name);
	(void)snprintf(z->own_group, sizeof(z->own_group), "zones/%s/zsched", z->name);
	return 0;
}

/* As fork(): 0 in the new process. */
static pid_t make_sibling(const struct zsched *z, struct diag *d)
{
	_cleanup_close_ int group = cgroup_open_v2(z->own_group);
	struct clone_args args = {
		.flags = CLONE_PARENT | CLONE_INTO_CGROUP,
		.cgroup = (uint64_t)group,
	};
	pid_t pid;

	if (group < 0)
		return diag_errno(d, group, "Cannot open the control group %s", z->own_group);
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	return pid < 0 ? diag_errno(d, -errno, "Cannot start in the control group %s", z->own_group)
		       : pid;
}

/* In the new process. */
static void leave_starter(const struct zsched *z)
{
	char id[16];

	(void)close(ZSCHED_STARTER_FD);
	(void)setsid();
	(void)snprintf(id, sizeof(id), "%d", z->zoneid);
	set_title("zsched", z->name, id);
}

void starter_answer(const struct zsched *z, int zoned, int err, const struct diag *d)
{
	struct zsched_start_reply reply = {
		.head.err = err, .pid = (int32_t)getpid(), .userns_inode = z->userns_inode};
	int fds[] = {err < 0 ? FD_NONE : pidfd_of(getpid()), z->record};

	(void)snprintf(reply.head.text, sizeof(reply.head.text), "%.*s",
		(int)sizeof(reply.head.text) - 1, d->text);
	/* A zoned that is gone wants none; the next one finds our door. */
	(void)fd_message_send(zoned, &reply, sizeof(reply), fds, err < 0 ? 0 : ARRAY_SIZE(fds), 0);
	(void)fd_close(fds[0]);
	(void)fd_close(zoned);
}

/* A zoned that died, or waited too long, has made other plans for the zone. */
static bool still_wanted(int zoned)
{
	struct pollfd p = {.fd = zoned};

	return poll(&p, 1, 0) == 0;
}

int starter_wait(struct zsched *z)
{
	struct zsched_start_req req;
	int zoned, r;
	ssize_t n;

	for (;;) {
		struct diag d = {0};

		n = fd_message_receive(ZSCHED_STARTER_FD, &req, sizeof(req), &zoned, 1);
		if (n <= 0)
			_exit(n < 0);
		r = take_request(z, &req, (size_t)n, &d);
		if (r == 0)
			r = still_wanted(zoned) ? make_sibling(z, &d) : -ECANCELED;
		if (r == 0)
			break;
		if (r < 0)
			starter_answer(z, zoned, r, &d);
		else
			(void)fd_close(zoned);
	}
	leave_starter(z);
	return zoned;
}

/* SPDX-License-Identifier: MIT */
/*
 * Who works for an ordinary user: one process zone-delegate for each request, started here because
 * zoned is always there and knows from the kernel who calls. It gets the uid and one end of a
 * socket, the caller gets the other. What is asked, and whether the user has the right, is not
 * looked at here: zoned reads no configuration.
 *
 * A user has at most so many at a time, and so have all together.
 */
#include "zoned/zone-impl.h"

#include <limits.h>
#include <poll.h>
#include <sys/socket.h>

#include "linux/pidfd.h"

#define DELEGATES_MAX	   256
#define DELEGATES_MAX_USER 32

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* leaf */
static struct {
	int pidfd; /* FD_NONE: free */
	uid_t uid;
} delegates[DELEGATES_MAX]; /* lock */
static unsigned int used;   /* lock: entries up to here were used once */

static bool ended(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

/* A free place, or -EUSERS. Under the lock. */
static int find_place(uid_t uid)
{
	unsigned int i, of_user = 0;
	int place = used < DELEGATES_MAX ? (int)used : -EUSERS;

	for (i = 0; i < used; i++) {
		if (delegates[i].pidfd >= 0 && ended(delegates[i].pidfd))
			delegates[i].pidfd = fd_close(delegates[i].pidfd);
		if (delegates[i].pidfd < 0)
			place = (int)i;
		else
			of_user += delegates[i].uid == uid;
	}
	return of_user < DELEGATES_MAX_USER ? place : -EUSERS;
}

/* The child cannot end before its socket does, whose other end nobody has yet: its number means it. */
static int start(uid_t uid, int sock, int *ret_pidfd, struct diag *d)
{
	char path[PATH_MAX], number[16];
	char *argv[] = {path, number, NULL};
	pid_t pid;
	int r = instance_program(path, sizeof(path), "zone-delegate");

	(void)snprintf(number, sizeof(number), "%u", uid);
	if (r == 0)
		r = program_spawn(argv, sock, &pid);
	if (r == 0)
		r = *ret_pidfd = pidfd_of(pid);
	return r < 0 ? diag_errno(d, r, "Cannot start %s", path) : 0;
}

static int start_counted(uid_t uid, int sock, struct diag *d)
{
	int place, pidfd, r;

	(void)pthread_mutex_lock(&lock);
	place = find_place(uid);
	if (place < 0)
		r = diag_set(d, place, "Too many are at work for user %u already", uid);
	else
		r = start(uid, sock, &pidfd, d);
	if (r == 0) {
		delegates[place].pidfd = pidfd;
		delegates[place].uid = uid;
		used = (unsigned int)place == used ? used + 1 : used;
	}
	(void)pthread_mutex_unlock(&lock);
	return r;
}

int serve_delegate(struct zoned_call *call)
{
	int ends[2], r;

	if (call->zoneid != GLOBAL_ZONEID)
		return diag_set(&call->diag, -EPERM, "This works in the global zone only");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return diag_errno(&call->diag, -errno, "Cannot make a socket");
	r = start_counted(ucred_geteuid(call->cred), ends[1], &call->diag);
	(void)close(ends[1]);
	if (r < 0)
		(void)close(ends[0]);
	else
		call->fds[call->nfds++] = ends[0];
	return r;
}

/* SPDX-License-Identifier: MIT */
/*
 * One message out, one message in. The receiving side trusts nothing: it takes
 * what the kernel delivered, counts it, and leaves the judging to its caller, so
 * that on every path all received descriptors are known and can be closed.
 */
#include "door/wire.h"
#include "door/tsan.h"

#include <sys/uio.h>

#if defined(__SANITIZE_THREAD__)
char tsan_order;
#endif

void wire_close(const int *fds, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		(void)fd_close(fds[i]);
}

int wire_send(int sock, const struct iovec *iov, size_t n_iov, const int *fds, size_t n_fds)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(WIRE_FDS * sizeof(int))];
	} control;
	struct msghdr m = {.msg_iov = (struct iovec *)iov, .msg_iovlen = n_iov};
	struct cmsghdr *c;
	ssize_t n;

	if (n_fds > WIRE_FDS)
		return -ENFILE;
	if (n_fds > 0) {
		memset(&control, 0, CMSG_SPACE(n_fds * sizeof(int)));
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
	}
	tsan_publish();
	do
		n = sendmsg(sock, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	switch (errno) {
	case ECONNRESET:
	case ECONNREFUSED:
	case ENOTCONN:
		return -EPIPE;
	default:
		return -errno;
	}
}

static void take_fds(const struct cmsghdr *c, struct wire_received *w)
{
	size_t i, n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int fd;

	for (i = 0; i < n; i++) {
		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
		if (w->n_fds < WIRE_FDS) {
			w->fds[w->n_fds++] = fd;
		} else {
			/* The room for alignment can hold one more than was asked for. */
			(void)close(fd);
			w->lost = true;
		}
	}
}

static void take_control(struct msghdr *m, struct wire_received *w)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS) {
			take_fds(c, w);
		} else if (c->cmsg_type == SCM_CREDENTIALS &&
			   c->cmsg_len == CMSG_LEN(sizeof(struct ucred))) {
			memcpy(&w->sender, CMSG_DATA(c), sizeof(w->sender));
			w->has_sender = true;
		}
	}
}

int wire_receive(int sock, struct iovec *iov, size_t n_iov, struct wire_received *ret)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(WIRE_FDS * sizeof(int))];
	} control;
	struct msghdr m = {
		.msg_iov = iov,
		.msg_iovlen = n_iov,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	do
		n = recvmsg(sock, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	tsan_observe();
	ret->size = (size_t)n;
	ret->cut = m.msg_flags & MSG_TRUNC;
	ret->lost = m.msg_flags & MSG_CTRUNC;
	ret->has_sender = false;
	ret->n_fds = 0;
	/* An empty message looks like the end, except that the kernel says who sent it. */
	ret->end = n == 0 && m.msg_controllen == 0;
	take_control(&m, ret);
	return 0;
}

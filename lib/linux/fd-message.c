/* SPDX-License-Identifier: MIT */
/* Messages with descriptors; see fd-message.h. No memory is allocated, so it is safe after fork. */
#include "linux/fd-message.h"

#include <sys/socket.h>

union control {
	char buffer[CMSG_SPACE(FD_MESSAGE_FDS * sizeof(int))];
	struct cmsghdr align;
};

int fd_message_send(
	int sock, const void *data, size_t size, const int *fds, unsigned int n_fds, int flags)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	union control control = {0};
	struct cmsghdr *c;

	if (n_fds > FD_MESSAGE_FDS)
		return -EINVAL;
	if (n_fds) {
		msg.msg_control = control.buffer;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
	}
	return sendmsg(sock, &msg, flags | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* How many came: what was too many for the room is not here, MSG_CTRUNC says so. */
static unsigned int take_fds(struct msghdr *msg, int *fds)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	size_t size;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	size = c->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(c), size);
	return (unsigned int)(size / sizeof(int));
}

ssize_t fd_message_receive(int sock, void *data, size_t size, int *ret_fds, unsigned int n_fds)
{
	int fds[FD_MESSAGE_FDS];
	union control control = {0};
	struct iovec iov = {.iov_base = data, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buffer,
		/* Not with what CMSG_SPACE() adds for alignment: the kernel fills that with one more. */
		.msg_controllen = CMSG_LEN(sizeof(fds))};
	unsigned int i, n_came;
	ssize_t n;

	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	n_came = take_fds(&msg, fds);
	if (n_came > n_fds || (msg.msg_flags & (MSG_CTRUNC | MSG_TRUNC))) {
		for (i = 0; i < n_came; i++)
			(void)fd_close(fds[i]);
		return -EMSGSIZE;
	}
	for (i = 0; i < n_fds; i++)
		ret_fds[i] = i < n_came ? fds[i] : FD_NONE;
	return n;
}

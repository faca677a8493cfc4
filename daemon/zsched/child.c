/* SPDX-License-Identifier: MIT */
/*
 * Children of zsched and the small conversation with them. zsched has one
 * thread and little memory, so fork() is safe and cheap here.
 *
 * Messages on the socket pair are told apart by their size: an int (with or
 * without a descriptor) is a step, a struct child_result is the end. A child
 * dies with zsched.
 */
#include "linux/fd-message.h"
#include "zsched/zsched.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct child_result {
	int err;
	char text[ZSCHED_TEXT];
};

static ssize_t retry_recv(int sock, void *buf, size_t size, int flags)
{
	ssize_t n;

	do {
		n = recv(sock, buf, size, flags);
	} while (n < 0 && errno == EINTR);
	return n;
}

static void child_end(int sock, int err, const struct diag *d)
{
	struct child_result res = {.err = err};

	(void)snprintf(res.text, sizeof(res.text), "%.*s", (int)sizeof(res.text) - 1, d->text);
	(void)send(sock, &res, sizeof(res), MSG_NOSIGNAL);
	_exit(err < 0);
}

static int child_result_take(int sock, struct diag *d)
{
	struct child_result res;

	for (;;) {
		ssize_t n = retry_recv(sock, &res, sizeof(res), 0);

		if (n <= 0)
			return diag_set(d, -EIO, "A helper of zsched died");
		if (n != (ssize_t)sizeof(res))
			continue; /* a step that nobody waited for */
		if (res.err < 0 && res.text[0])
			return diag_set(d, res.err, "%.*s", (int)sizeof(res.text), res.text);
		return res.err;
	}
}

int child_run(child_fn *fn, child_parent_fn *parent, void *arg, struct diag *d)
{
	struct diag child_diag = {0};
	int pair[2], r = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return diag_errno(d, -errno, "Cannot make a socket pair");
	pid = fork();
	if (pid < 0) {
		r = diag_errno(d, -errno, "Cannot fork");
		goto out;
	}
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(pair[0]);
		child_end(pair[1], fn(arg, pair[1], &child_diag), &child_diag);
	}
	pair[1] = fd_close(pair[1]);
	if (parent)
		r = parent(arg, pid, pair[0], d);
	if (r < 0 && r != -ECANCELED)
		(void)kill(pid, SIGKILL);
	else
		r = child_result_take(pair[0], d);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
out:
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
	return r;
}

/* ---- steps, child to parent ---- */

static int send_step(int sock, int value, int fd)
{
	return fd_message_send(sock, &value, sizeof(value), &fd, fd >= 0, 0);
}

int child_send_fd(int sock, int fd)
{
	return send_step(sock, 0, fd);
}

int child_send_int(int sock, int value)
{
	return send_step(sock, value, FD_NONE);
}

int child_sync(int sock)
{
	int value, r = send_step(sock, 0, FD_NONE);
	ssize_t n;

	if (r < 0)
		return r;
	n = retry_recv(sock, &value, sizeof(value), 0);
	return n == (ssize_t)sizeof(value) ? 0 : -ECANCELED;
}

static int recv_step(int sock, int *ret_value, int *ret_fd)
{
	struct child_result peeked;
	ssize_t n;

	/* A result stays in the queue for child_run(). */
	n = retry_recv(sock, &peeked, sizeof(peeked), MSG_PEEK);
	if (n != (ssize_t)sizeof(int))
		return -ECANCELED;
	n = fd_message_receive(sock, ret_value, sizeof(*ret_value), ret_fd, ret_fd != NULL);
	if (n < 0)
		return (int)n;
	return ret_fd && *ret_fd < 0 ? -EPROTO : 0;
}

int child_recv_fd(int sock, int *ret_fd)
{
	int value;

	return recv_step(sock, &value, ret_fd);
}

int child_recv_int(int sock, int *ret_value)
{
	return recv_step(sock, ret_value, NULL);
}

int child_wait_sync(int sock)
{
	int value;

	return recv_step(sock, &value, NULL);
}

int child_go_on(int sock)
{
	return send_step(sock, 0, FD_NONE);
}

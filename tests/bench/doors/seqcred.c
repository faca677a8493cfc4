/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX SOCK_SEQPACKET with the sender's credentials on each call, a socket pair for each client:
 * with a thread of the server for each (seqcred), and with one thread that waits for all
 * of them with epoll (seqpoll).
 */
#include "bench.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int pairs[CLIENTS_MAX][2]; /* 0 the server's end, 1 the client's */
static unsigned int me;

static void prepare(void)
{
	const int on = 1;
	unsigned int i;

	for (i = 0; i < bench.clients; i++)
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pairs[i]) < 0 ||
			setsockopt(pairs[i][0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
			die("socket");
}

/* Receives one call and answers it. */
static void serve_one(int sock)
{
	static _Thread_local char arg[SIZE_LARGEST], reply[REPLY_SIZE];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec iov = {.iov_base = arg, .iov_len = sizeof(arg)};
	struct msghdr m = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct ucred sender;
	struct cmsghdr *c;

	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) != (ssize_t)at_least_one(bench.size))
		die("socket: receive");
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_CREDENTIALS)
		die("socket: no credentials");
	memcpy(&sender, CMSG_DATA(c), sizeof(sender));
	if (sender.uid != getuid())
		die("socket: wrong credentials");
	answer(arg, reply);
	if (send(sock, reply, at_least_one(reply_size()), MSG_NOSIGNAL) < 0)
		die("socket: send");
}

static void *serve_client(void *client)
{
	for (;;)
		serve_one(pairs[*(unsigned int *)client][0]);
	return NULL;
}

static void serve(void)
{
	start_threads(serve_client, bench.clients);
}

static void connect_client(unsigned int client)
{
	me = client;
}

static void call(const char *arg, char *reply)
{
	size_t size = at_least_one(bench.size);

	if (send(pairs[me][1], arg, size, MSG_NOSIGNAL) != (ssize_t)size)
		die("socket: call");
	if (recv(pairs[me][1], reply, REPLY_SIZE, 0) != (ssize_t)at_least_one(reply_size()))
		die("socket: result");
}

static void *serve_loop(void *client)
{
	struct epoll_event events[CLIENTS_MAX];
	int set = epoll_create1(EPOLL_CLOEXEC), n, i;
	unsigned int c;

	if (set < 0)
		die("epoll");
	for (c = 0; c < bench.clients; c++) {
		struct epoll_event e = {.events = EPOLLIN, .data.fd = pairs[c][0]};

		if (epoll_ctl(set, EPOLL_CTL_ADD, pairs[c][0], &e) < 0)
			die("epoll");
	}
	for (;;) {
		n = epoll_wait(set, events, CLIENTS_MAX, -1);
		if (n < 0 && errno != EINTR)
			die("epoll");
		for (i = 0; i < n; i++)
			serve_one(events[i].data.fd);
	}
	return NULL;
}

static void serve_polling(void)
{
	start_threads(serve_loop, 1);
}

const struct transport transport_seqcred = {"seqcred", prepare, serve, connect_client, call, NULL};
const struct transport transport_seqpoll = {
	"seqpoll", prepare, serve_polling, connect_client, call, NULL};

/* SPDX-License-Identifier: MIT */
/* Ping-pong over two pipes for each client, with a thread of the server for each. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int there[CLIENTS_MAX][2], back[CLIENTS_MAX][2];
static unsigned int me;

static void prepare(void)
{
	unsigned int i;

	for (i = 0; i < bench.clients; i++)
		if (pipe2(there[i], O_CLOEXEC) < 0 || pipe2(back[i], O_CLOEXEC) < 0)
			die("pipe");
}

/* A pipe takes and gives what it has room for. */
static void write_all(int fd, const char *data, size_t size)
{
	ssize_t n;

	while (size) {
		n = write(fd, data, size);
		if (n < 0)
			die("pipe: write");
		data += n;
		size -= (size_t)n;
	}
}

static void read_all(int fd, char *data, size_t size)
{
	ssize_t n;

	while (size) {
		n = read(fd, data, size);
		if (n <= 0)
			die("pipe: read");
		data += n;
		size -= (size_t)n;
	}
}

static void *serve_client(void *client)
{
	static _Thread_local char arg[SIZE_LARGEST], reply[REPLY_SIZE];
	unsigned int i = *(unsigned int *)client;

	for (;;) {
		read_all(there[i][0], arg, at_least_one(bench.size));
		answer(arg, reply);
		write_all(back[i][1], reply, at_least_one(reply_size()));
	}
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
	write_all(there[me][1], arg, at_least_one(bench.size));
	read_all(back[me][0], reply, at_least_one(reply_size()));
}

const struct transport transport_pipe = {"pipe", prepare, serve, connect_client, call, NULL};

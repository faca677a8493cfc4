/* SPDX-License-Identifier: MIT */
/*
 * door_open(): from a name in the file system to a door descriptor. The server answers
 * each connection with a handle of its own, so clients of one door share nothing.
 */
#include "door/file.h"
#include "door/handle.h"
#include "door/path.h"
#include "door/wire.h"

#include <poll.h>
#include <time.h>

/* A server that is stopped must not stop those who open its door. */
#define OPEN_TIMEOUT_MS 5000

/* Waits for what the server sends. Returns 0, -EINTR, -EAGAIN. */
static int wait_hello(int conn)
{
	struct pollfd p = {.fd = conn, .events = POLLIN};
	int n = poll(&p, 1, OPEN_TIMEOUT_MS);

	if (n < 0)
		return -errno;
	return n == 0 ? -EAGAIN : 0;
}

/* Receives the handle. Returns it, -EAGAIN when the server had none to give, -EMFILE, -EBADF. */
static int receive_handle(int conn)
{
	struct door_answer hello;
	struct iovec iov = {.iov_base = &hello, .iov_len = sizeof(hello)};
	struct wire_received in;
	int r;

	r = wire_receive(conn, &iov, 1, &in);
	if (r < 0)
		return r == -ECONNRESET ? -ECONNREFUSED : r;
	if (in.end)
		return -EAGAIN;
	if (in.size == sizeof(hello) && in.n_fds == 1 && !in.lost && !in.cut &&
		hello.magic == DOOR_MAGIC && hello.version == DOOR_VERSION &&
		handle_is_door(in.fds[0], NULL))
		return in.fds[0];
	wire_close(in.fds, in.n_fds);
	return in.lost ? -EMFILE : -EBADF;
}

int hello_receive(int conn)
{
	int r = wait_hello(conn);

	return r < 0 ? r : receive_handle(conn);
}

int door_open(const char *path)
{
	_cleanup_close_ int conn = FD_NONE;
	int r;

	conn = path_connect(path);
	r = conn < 0 ? conn : hello_receive(conn);
	if (r >= 0)
		return r;
	/* A socket of another type has somebody behind it, but no door. */
	errno = r == -EPROTOTYPE ? ECONNREFUSED : -r;
	return -1;
}

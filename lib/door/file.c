/* SPDX-License-Identifier: MIT */
/*
 * A door over a file is found by the file's device and inode. That the caller may open the
 * file is proven by passing the descriptor to the server, which compares. The kernel
 * has checked the file's permissions when it was opened, as for a door on illumos.
 *
 * Each call through such a descriptor asks for a handle of its own: a handle that was
 * kept would count as a reference after the program has closed the file.
 */
#include "door/file.h"
#include "door/registry.h"
#include "door/server.h"

#include <fcntl.h>
#include <poll.h>

/*
 * The connection was reset with our message unread: the server takes no more for now, or it is gone.
 * Whether somebody still listens tells.
 */
static int reset_error(const struct stat *st)
{
	_cleanup_close_ int conn = registry_connect(st);

	return conn >= 0 ? -EAGAIN : conn;
}

/* A connection to the server that has been sent one command and the descriptor. */
static int ask(int fd, enum door_command command)
{
	_cleanup_close_ int conn = FD_NONE;
	struct door_request q = {
		.magic = DOOR_MAGIC,
		.version = DOOR_VERSION,
		.command = (uint16_t)command,
	};
	const struct iovec iov = {.iov_base = &q, .iov_len = sizeof(q)};
	struct stat st;
	int flags, r;

	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || flags & O_PATH || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -EBADF;
	conn = registry_connect(&st);
	if (conn < 0)
		return conn;
	r = wire_send(conn, &iov, 1, &fd, 1);
	if (r == -EPIPE)
		return reset_error(&st);
	return r < 0 ? r : TAKE_FD(conn);
}

int file_door(int fd)
{
	_cleanup_close_ int conn = FD_NONE;
	struct stat st;
	int r;

	conn = ask(fd, DOOR_COMMAND_OPEN);
	if (conn < 0)
		return conn;
	r = hello_receive(conn);
	if (r == -ECONNREFUSED)
		r = fstat(fd, &st) < 0 ? -errno : reset_error(&st);
	return r;
}

int file_handle(int fd, int *ret_own)
{
	*ret_own = FD_NONE;
	if (handle_is_door(fd, NULL))
		return fd;
	*ret_own = file_door(fd);
	return *ret_own;
}

int file_detach(int fd)
{
	_cleanup_close_ int conn = FD_NONE;
	struct door_answer a = {.error = 0};
	struct iovec iov = {.iov_base = &a, .iov_len = sizeof(a)};
	struct pollfd p = {.events = POLLIN};
	struct wire_received in;
	int n, r;

	conn = ask(fd, DOOR_COMMAND_DETACH);
	if (conn < 0)
		return conn == -EBADF ? -EINVAL : conn;
	p.fd = conn;
	n = poll(&p, 1, 5000);
	if (n <= 0)
		return n < 0 ? -errno : -EAGAIN;
	r = wire_receive(conn, &iov, 1, &in);
	if (r < 0)
		return r == -ECONNRESET ? -EINVAL : r;
	wire_close(in.fds, in.n_fds);
	if (in.end || in.size != sizeof(a) || a.magic != DOOR_MAGIC)
		return -EINVAL;
	return a.error > 0 && a.error < 4096 ? -a.error : 0;
}

/* SPDX-License-Identifier: MIT */
/* Carrying bytes; see relay.h. */
#include "linux/relay.h"

#include <fcntl.h>

int fd_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

void relay_poll(const struct relay *r, struct pollfd ret[2])
{
	bool pending = r->start < r->end;

	/* poll() skips negative descriptors. */
	ret[0] = (struct pollfd){.fd = pending || r->to < 0 ? FD_NONE : r->from, .events = POLLIN};
	ret[1] = (struct pollfd){.fd = r->to, .events = pending ? POLLOUT : 0};
}

/* The source has ended: so does the sink, when it is ours and has everything. */
static void finish(struct relay *r)
{
	if (r->from < 0 && r->start == r->end && r->owned)
		r->to = fd_close(r->to);
}

size_t relay_read(struct relay *r, short revents, char **ret_new)
{
	ssize_t n;

	*ret_new = r->buffer;
	if (!(revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)))
		return 0;
	n = read(r->from, r->buffer, RELAY_BUFFER);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	r->start = 0;
	r->end = n > 0 ? (size_t)n : 0;
	if (n <= 0)
		r->from = FD_NONE;
	finish(r);
	return r->end;
}

void relay_write(struct relay *r)
{
	while (r->to >= 0 && r->start < r->end) {
		ssize_t n = write(r->to, r->buffer + r->start, r->end - r->start);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			r->to = r->owned ? fd_close(r->to) : FD_NONE;
			return;
		}
		r->start += (size_t)n;
	}
	finish(r);
}

int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			/* Somebody else made our output not blocking. */
			struct pollfd p = {.fd = fd, .events = POLLOUT};

			(void)poll(&p, 1, -1);
			continue;
		}
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

int copy_out(int from, int to)
{
	static char buffer[RELAY_BUFFER];
	ssize_t n = read(from, buffer, sizeof(buffer));
	int r;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return 0;
	r = write_all(to, buffer, (size_t)n);
	return r < 0 ? r : 1;
}

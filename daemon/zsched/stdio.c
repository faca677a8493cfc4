/* SPDX-License-Identifier: MIT */
/*
 * The standard streams of an init that has pipes and no terminal (attribute zlog-mode). What it writes is
 * read with the console (console.c); here is what it reads. The pipes are made once for the
 * zone and both ends of each are kept: another init finds what was written for the one before,
 * and nothing hangs up between the two.
 *
 * One message waits at most: zoneadmd sends the next one when this was taken.
 */
#include "zone/console.h"
#include "zsched/zsched.h"

#include <fcntl.h>
#include <sys/stat.h>

static char rest[CONSOLE_CHUNK];
static size_t n_rest;

/*
 * A program may open /dev/stdout, whoever it has become. Nobody else gets that far: the kernel
 * shows the descriptors of a process to those only who could trace it.
 */
static int make_pipe(const struct zsched *z, int *ret_read, int *ret_write)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*ret_read = fds[0];
	*ret_write = fds[1];
	return fchown(fds[0], z->uid_base, z->uid_base) < 0 || fchmod(fds[0], 0666) < 0 ? -errno
											: 0;
}

int stdio_open(struct zsched *z, struct diag *d)
{
	struct stdio_pipes *s = &z->pipes;
	int r;

	if (!(z->stdio & STDIO_SERVED) || z->stdio & STDIO_TTY)
		return 0;
	r = make_pipe(z, &s->in_read, &s->in_write);
	if (r == 0)
		r = make_pipe(z, &s->out_read, &s->out_write);
	if (r == 0 && (fcntl(s->in_write, F_SETFL, O_NONBLOCK) < 0 ||
			      fcntl(s->out_read, F_SETFL, O_NONBLOCK) < 0))
		r = -errno;
	if (r == 0)
		return 0;
	stdio_close(s);
	return diag_errno(d, r, "Cannot make the standard streams of init");
}

void stdio_close(struct stdio_pipes *s)
{
	s->in_read = fd_close(s->in_read);
	s->in_write = fd_close(s->in_write);
	s->out_read = fd_close(s->out_read);
	s->out_write = fd_close(s->out_write);
}

/* After an end there is no writer; another one begins again. */
int stdio_begin(struct stdio_pipes *s)
{
	char path[64];

	if (s->in_read < 0 || s->in_write >= 0)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", s->in_read);
	s->in_write = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	return s->in_write < 0 ? -errno : 0;
}

bool stdio_behind(void)
{
	return n_rest > 0;
}

void stdio_forget(void)
{
	n_rest = 0;
}

bool stdio_write(struct stdio_pipes *s, const char *data, size_t size)
{
	ssize_t n;

	if (size && !n_rest && size <= sizeof(rest)) {
		memcpy(rest, data, size);
		n_rest = size;
	}
	if (!n_rest)
		return true;
	if (stdio_begin(s) < 0) {
		n_rest = 0;
		return true;
	}
	n = write(s->in_write, rest, n_rest);
	if (n > 0) {
		n_rest -= (size_t)n;
		memmove(rest, rest + n, n_rest);
	} else if (n < 0 && errno != EAGAIN && errno != EINTR)
		n_rest = 0;
	return !n_rest;
}

void stdio_eof(struct stdio_pipes *s)
{
	s->in_write = fd_close(s->in_write);
}

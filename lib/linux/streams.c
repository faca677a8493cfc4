/* SPDX-License-Identifier: MIT */
/* Standard streams over a border; see streams.h. */
#include "linux/streams.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

enum { IN, IN_PIPE, OUT, ERR };

bool stream_is_pipe(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC;
}

static int make_input(struct streams *s, bool no_stdin, bool (*passes)(int fd))
{
	int ends[2];

	if (!no_stdin && passes(STDIN_FILENO))
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	s->child[0] = ends[0];
	/* The other end is closed at once: end of file. */
	if (no_stdin) {
		(void)close(ends[1]);
		return 0;
	}
	s->in.from = STDIN_FILENO;
	s->in.to = ends[1];
	return fd_nonblock(ends[1]);
}

static int make_output(struct streams *s, int fd, bool (*passes)(int fd))
{
	int ends[2];

	if (passes(fd))
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	s->out[fd] = ends[0];
	s->child[fd] = ends[1];
	return fd_nonblock(ends[0]);
}

int streams_open(struct streams *s, bool no_stdin, bool (*passes)(int fd))
{
	int fd, r;

	s->in = (struct relay){.from = FD_NONE, .to = FD_NONE, .owned = true};
	for (fd = 0; fd < 3; fd++)
		s->out[fd] = s->child[fd] = FD_NONE;
	r = make_input(s, no_stdin, passes);
	if (r == 0)
		r = make_output(s, STDOUT_FILENO, passes);
	if (r == 0)
		r = make_output(s, STDERR_FILENO, passes);
	return r;
}

void streams_started(struct streams *s)
{
	int fd;

	for (fd = 0; fd < 3; fd++)
		s->child[fd] = fd_close(s->child[fd]);
}

void streams_poll(const struct streams *s, struct pollfd ret[STREAMS_POLLS])
{
	relay_poll(&s->in, &ret[IN]);
	ret[OUT] = (struct pollfd){.fd = s->out[STDOUT_FILENO], .events = POLLIN};
	ret[ERR] = (struct pollfd){.fd = s->out[STDERR_FILENO], .events = POLLIN};
}

static void pass_input(struct streams *s, const struct pollfd p[2])
{
	char *data;

	if (p[0].fd >= 0 && p[0].revents && relay_read(&s->in, p[0].revents, &data) > 0)
		relay_write(&s->in);
	else if (p[1].fd >= 0 && p[1].revents & POLLERR)
		s->in.to = fd_close(s->in.to); /* the program does not read any more */
	else if (p[1].fd >= 0 && p[1].revents)
		relay_write(&s->in);
}

static void pass_output(struct streams *s, int fd)
{
	/* When nobody takes the output the program learns it as from any pipe. */
	if (s->out[fd] >= 0 && copy_out(s->out[fd], fd) <= 0)
		s->out[fd] = fd_close(s->out[fd]);
}

void streams_continue(struct streams *s, const struct pollfd p[STREAMS_POLLS])
{
	if (p[OUT].revents)
		pass_output(s, STDOUT_FILENO);
	if (p[ERR].revents)
		pass_output(s, STDERR_FILENO);
	pass_input(s, &p[IN]);
}

static void drain(struct streams *s, int fd)
{
	struct pollfd p = {.fd = s->out[fd], .events = POLLIN};
	int rounds = RELAY_DRAIN_ROUNDS;

	while (s->out[fd] >= 0 && rounds-- > 0 && poll(&p, 1, 0) > 0) {
		pass_output(s, fd);
		p.fd = s->out[fd];
	}
}

void streams_drain(struct streams *s)
{
	drain(s, STDOUT_FILENO);
	drain(s, STDERR_FILENO);
}

/* SPDX-License-Identifier: MIT */
/*
 * Command mode: a utility with its own standard input, output and error.
 *
 * What of zlogin's own standard descriptors is a pipe is handed to the utility
 * as it is; for everything else (files, terminals, devices, sockets) there is a
 * pipe between, and the parent carries the bytes: a descriptor of the outside
 * would be a way out. The parent ends when the utility does, and delivers what
 * was written until then; it does not wait for what the utility left running.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/vfs.h>

#include "zlogin/account.h"
#include "zlogin/enter.h"
#include "zlogin/relay.h"
#include "zlogin/session.h"

struct command {
	const struct options *o;
	struct target *t;
	struct session s;
	struct relay in; /* our standard input to the utility's */
	int out[3];   /* [1] and [2]: where the utility's output comes from; FD_NONE: it is ours */
	int child[3]; /* the utility's ends; FD_NONE: it inherits ours */
};

/* A pipe without a name. One with a name is a file of the host's, and could be opened again. */
static bool is_pipe(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC;
}

static int make_input(struct command *c)
{
	int ends[2], r;

	c->in = (struct relay){.from = FD_NONE, .to = FD_NONE, .owned = true};
	if (!c->o->no_stdin && is_pipe(STDIN_FILENO))
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	c->child[0] = ends[0];
	/* With -n the other end is closed at once: end of file. */
	if (c->o->no_stdin) {
		(void)close(ends[1]);
		return 0;
	}
	c->in.from = STDIN_FILENO;
	c->in.to = ends[1];
	r = fd_nonblock(ends[1]);
	return r;
}

static int make_output(struct command *c, int fd)
{
	int ends[2];

	if (is_pipe(fd))
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	c->out[fd] = ends[0];
	c->child[fd] = ends[1];
	return fd_nonblock(ends[0]);
}

/* Who am I: the child, on the way into the zone. */
static void run_child(void *arg)
{
	struct command *c = arg;
	const char *term = getenv("TERM");
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (c->child[fd] >= 0 && dup2(c->child[fd], fd) < 0)
			_exit(ZLOGIN_FAILED);
	enter_zone(c->t, STDERR_FILENO);
	enter_confine(c->t, STDERR_FILENO);
	account_exec(c->o, NULL, term);
}

static void pass_signals(struct command *c)
{
	int sig;

	while ((sig = session_next_signal(&c->s)) > 0)
		if (sig != SIGWINCH)
			session_forward(&c->s, sig);
}

static void pass_input(struct command *c, const struct pollfd p[2])
{
	char *data;

	if (p[0].fd >= 0 && p[0].revents && relay_read(&c->in, p[0].revents, &data) > 0)
		relay_write(&c->in);
	else if (p[1].fd >= 0 && p[1].revents & POLLERR)
		c->in.to = fd_close(c->in.to); /* the utility does not read any more */
	else if (p[1].fd >= 0 && p[1].revents)
		relay_write(&c->in);
}

static void pass_output(struct command *c, int fd)
{
	/* When nobody takes the output the utility learns it as from any pipe. */
	if (c->out[fd] >= 0 && copy_out(c->out[fd], fd) <= 0)
		c->out[fd] = fd_close(c->out[fd]);
}

/* Until the utility ends. */
static void carry(struct command *c)
{
	enum { IN, IN_PIPE, OUT, ERR, END, SIGNALS, COUNT };
	struct pollfd p[COUNT];

	for (;;) {
		relay_poll(&c->in, &p[IN]);
		p[OUT] = (struct pollfd){.fd = c->out[1], .events = POLLIN};
		p[ERR] = (struct pollfd){.fd = c->out[2], .events = POLLIN};
		p[END] = (struct pollfd){.fd = c->s.pidfd, .events = POLLIN};
		p[SIGNALS] = (struct pollfd){.fd = c->s.signals, .events = POLLIN};
		if (poll(p, COUNT, -1) < 0)
			continue;
		if (p[SIGNALS].revents)
			pass_signals(c);
		if (p[OUT].revents)
			pass_output(c, STDOUT_FILENO);
		if (p[ERR].revents)
			pass_output(c, STDERR_FILENO);
		if (p[END].revents)
			return;
		pass_input(c, &p[IN]);
	}
}

/* What the utility wrote before it ended: no more than a pipe holds, for others may go on writing. */
static void drain(struct command *c, int fd)
{
	struct pollfd p = {.fd = c->out[fd], .events = POLLIN};
	int rounds = RELAY_DRAIN_ROUNDS;

	while (c->out[fd] >= 0 && rounds-- > 0 && poll(&p, 1, 0) > 0) {
		pass_output(c, fd);
		p.fd = c->out[fd];
	}
}

int command_mode(const struct options *o, struct target *t)
{
	static struct command c;
	int fd, r;

	c = (struct command){.o = o, .t = t};
	for (fd = 0; fd < 3; fd++)
		c.out[fd] = c.child[fd] = FD_NONE;
	r = make_input(&c);
	if (r == 0)
		r = make_output(&c, STDOUT_FILENO);
	if (r == 0)
		r = make_output(&c, STDERR_FILENO);
	if (r == 0)
		r = session_signals(&c.s);
	if (r == 0)
		r = zone_way_spawn(&t->way, run_child, &c, &c.s.pid, &c.s.pidfd);
	if (r < 0)
		return complain("zone '%s': cannot enter it: %s", o->zone, strerror(-r));
	for (fd = 0; fd < 3; fd++)
		c.child[fd] = fd_close(c.child[fd]);
	carry(&c);
	drain(&c, STDOUT_FILENO);
	drain(&c, STDERR_FILENO);
	return session_wait(&c.s);
}

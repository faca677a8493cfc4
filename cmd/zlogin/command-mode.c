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
#include <signal.h>

#include "linux/signals.h"
#include "linux/streams.h"
#include "zlogin/account.h"
#include "zlogin/enter.h"
#include "zlogin/session.h"

struct command {
	const struct options *o;
	struct target *t;
	struct session s;
	struct streams streams;
};

/* Who am I: the child, on the way into the zone. */
static void run_child(void *arg)
{
	struct command *c = arg;
	const int *ends = c->streams.child;
	const char *term = getenv("TERM");
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (ends[fd] >= 0 && dup2(ends[fd], fd) < 0)
			_exit(ZLOGIN_FAILED);
	enter_zone(c->t, STDERR_FILENO);
	enter_confine(c->t, STDERR_FILENO);
	account_exec(c->o, NULL, term);
}

static void pass_signals(struct command *c)
{
	int sig;

	while ((sig = signals_next(c->s.signals)) > 0)
		if (sig != SIGWINCH)
			session_forward(&c->s, sig);
}

/* Until the utility ends. */
static void carry(struct command *c)
{
	enum { END, SIGNALS, STREAMS, COUNT = STREAMS + STREAMS_POLLS };
	struct pollfd p[COUNT];

	do {
		p[END] = (struct pollfd){.fd = c->s.pidfd, .events = POLLIN};
		p[SIGNALS] = (struct pollfd){.fd = c->s.signals, .events = POLLIN};
		streams_poll(&c->streams, &p[STREAMS]);
		if (poll(p, COUNT, -1) < 0)
			continue;
		if (p[SIGNALS].revents)
			pass_signals(c);
		streams_continue(&c->streams, &p[STREAMS]);
	} while (!p[END].revents);
	streams_drain(&c->streams);
}

int command_mode(const struct options *o, struct target *t)
{
	static struct command c;
	int r;

	c = (struct command){.o = o, .t = t};
	r = streams_open(&c.streams, o->no_stdin, stream_is_pipe);
	if (r == 0)
		r = session_signals(&c.s);
	if (r == 0)
		r = zone_way_spawn(&t->way, run_child, &c, &c.s.pid, &c.s.pidfd);
	session_audit(o, "command", r >= 0);
	if (r < 0)
		return complain("zone '%s': cannot enter it: %s", o->zone, strerror(-r));
	streams_started(&c.streams);
	carry(&c);
	return session_wait(&c.s);
}

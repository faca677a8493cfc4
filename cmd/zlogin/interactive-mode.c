/* SPDX-License-Identifier: MIT */
/*
 * Interactive mode: a session on a pty of the zone, with the operator's
 * terminal in raw mode in front of it.
 */
#include <signal.h>
#include <sys/socket.h>

#include "zlogin/account.h"
#include "zlogin/enter.h"
#include "zlogin/escape.h"
#include "zlogin/pty.h"
#include "linux/relay.h"
#include "linux/signals.h"
#include "zlogin/session.h"
#include "zlogin/terminal.h"

/* How long a master without a slave is left alone: login(1) closes and opens its terminal. */
#define HANGUP_PAUSE_MS 20

struct interactive {
	const struct options *o;
	struct target *t;
	struct session s;
	struct relay in; /* from our terminal to the master */
	struct escape escape;
	struct winsize size;
	bool disconnected;
	int sock; /* the child's end of the socket pair */
	int master;
	int ended_by; /* signal that told us to end */
};

/* Who am I: the child, on the way into the zone. The socket is all it has of the outside. */
static void run_child(void *arg)
{
	struct interactive *x = arg;
	const char *term = getenv("TERM");
	int master, slave, fd, r;

	for (fd = 0; fd < 3; fd++)
		if (dup2(x->sock, fd) < 0)
			_exit(ZLOGIN_FAILED);
	enter_zone(x->t, STDERR_FILENO);
	r = pty_open(&x->size, &master, &slave);
	if (r == 0)
		r = pty_send(STDERR_FILENO, master);
	if (r == 0)
		r = pty_become(slave);
	if (r < 0)
		enter_fail(STDERR_FILENO, x->o->zone, "cannot make a terminal in it: %s",
			strerror(-r));
	(void)close_range(3, ~0U, 0);
	enter_confine(x->t, STDERR_FILENO);
	account_exec(x->o, x->t->login, term);
}

static void pass_signals(struct interactive *x)
{
	int sig;

	while ((sig = signals_next(x->s.signals)) > 0) {
		if (sig != SIGWINCH)
			x->ended_by = sig;
		else if (ioctl(STDIN_FILENO, TIOCGWINSZ, &x->size) == 0)
			(void)ioctl(x->master, TIOCSWINSZ, &x->size);
	}
}

static void pass_input(struct interactive *x, const struct pollfd p[2])
{
	char copy[RELAY_BUFFER], *data;
	size_t n;

	if (p[0].fd >= 0 && p[0].revents) {
		n = relay_read(&x->in, p[0].revents, &data);
		memcpy(copy, data, n);
		x->in.end = escape_filter(&x->escape, copy, n, data, &x->disconnected);
	}
	relay_write(&x->in);
}

static void pass_output(struct interactive *x, const struct pollfd *p, int *ret_pause)
{
	int r;

	*ret_pause = -1;
	if (!p->revents)
		return;
	r = copy_out(x->master, STDOUT_FILENO);
	if (r < 0)
		x->disconnected = true;
	if (r == 0)
		*ret_pause = HANGUP_PAUSE_MS;
}

/* Until the child ends, the operator disconnects, or a signal tells us to. */
static void carry(struct interactive *x)
{
	enum { IN, IN_MASTER, OUT, END, SIGNALS, COUNT };
	struct pollfd p[COUNT];
	int pause = -1;

	while (!x->disconnected && !x->ended_by) {
		relay_poll(&x->in, &p[IN]);
		/* Of a master that hangs up poll() would tell for ever. */
		if (p[IN_MASTER].events == 0 || pause >= 0)
			p[IN_MASTER].fd = FD_NONE;
		p[OUT] = (struct pollfd){.fd = pause < 0 ? x->master : FD_NONE, .events = POLLIN};
		p[END] = (struct pollfd){.fd = x->s.pidfd, .events = POLLIN};
		p[SIGNALS] = (struct pollfd){.fd = x->s.signals, .events = POLLIN};
		if (poll(p, COUNT, pause) < 0)
			continue;
		if (p[SIGNALS].revents)
			pass_signals(x);
		pass_output(x, &p[OUT], &pause);
		if (p[END].revents)
			return;
		pass_input(x, p);
	}
}

static void drain(struct interactive *x)
{
	struct pollfd p = {.fd = x->master, .events = POLLIN};
	int rounds = RELAY_DRAIN_ROUNDS;

	/* Others on the terminal may go on writing. */
	while (rounds-- > 0 && poll(&p, 1, 0) > 0 && (p.revents & POLLIN) &&
		copy_out(x->master, STDOUT_FILENO) > 0)
		;
}

/* The line around a session. The number is that of the zone's devpts. */
static void announce(const struct interactive *x, bool begins)
{
	unsigned int number = 0;

	if (x->o->quiet)
		return;
	(void)ioctl(x->master, TIOCGPTN, &number);
	if (begins)
		(void)printf("[Connected to zone '%s' pts/%u]\n", x->o->zone, number);
	else
		(void)printf("\n[Connection to zone '%s' pts/%u closed]\n", x->o->zone, number);
	(void)fflush(stdout);
}

/* The master from the child; or the line that the child sends when there is none. */
static int receive_master(struct interactive *x, int sock)
{
	char text[1024];

	if (pty_receive(sock, &x->master, text, sizeof(text)) == 0)
		return 0;
	(void)fputs(text, stderr);
	(void)session_wait(&x->s);
	return ZLOGIN_FAILED;
}

static int start(struct interactive *x)
{
	_cleanup_close_ int ours = FD_NONE;
	int pair[2], r;

	(void)ioctl(STDIN_FILENO, TIOCGWINSZ, &x->size);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return complain("zone '%s': cannot make a socket: %s", x->o->zone, strerror(errno));
	ours = pair[0];
	x->sock = pair[1];
	r = session_signals(&x->s);
	if (r == 0)
		r = zone_way_spawn(&x->t->way, run_child, x, &x->s.pid, &x->s.pidfd);
	(void)close(pair[1]);
	session_audit(x->o, "interactive", r >= 0);
	if (r < 0)
		return complain("zone '%s': cannot enter it: %s", x->o->zone, strerror(-r));
	return receive_master(x, ours);
}

int interactive_mode(const struct options *o, struct target *t)
{
	static struct interactive x;
	int r;

	x = (struct interactive){.o = o, .t = t, .master = FD_NONE};
	r = start(&x);
	if (r)
		return r;
	escape_init(&x.escape, o->escape);
	x.in = (struct relay){.from = o->no_stdin ? FD_NONE : STDIN_FILENO, .to = x.master};
	announce(&x, true);
	terminal_raw();
	if (fd_nonblock(x.master) == 0)
		carry(&x);
	drain(&x);
	terminal_restore();
	announce(&x, false);
	/* Closing the master hangs the session up, as a modem would. */
	x.master = fd_close(x.master);
	return x.ended_by ? ZLOGIN_FAILED : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Console mode: the client of a zone's console (lib/zone/console.h). The connection outlives
 * reboots and halts of the zone. It ends by the escape sequence, by a signal, or
 * because the server says so; when the server dies it is made again, and what the zone
 * said meanwhile comes then.
 */
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "linux/clock.h"
#include "zlogin/console-notice.h"
#include "zlogin/console-socket.h"
#include "zlogin/escape.h"
#include "linux/relay.h"
#include "linux/signals.h"
#include "zlogin/session.h"
#include "zlogin/terminal.h"

#define TYPED_MAX 1024
#define QUICK_MS  1000
#define QUICK_MAX 5

enum outcome { GOES_ON, DONE, BROKEN };

struct console {
	const struct options *o;
	struct session s; /* only its signals */
	struct escape escape;
	int fd;
	int input; /* our standard input; FD_NONE at its end */
	int ended_by;
	int64_t connected; /* when that was, in milliseconds */
	int quick;	   /* connections in a row that broke at once */
};

static void say(const char *before, const char *text, const char *after)
{
	(void)write_all(STDOUT_FILENO, before, strlen(before));
	(void)write_all(STDOUT_FILENO, text, strlen(text));
	(void)write_all(STDOUT_FILENO, after, strlen(after));
}

/* "[text]" on a line of its own, on a terminal that may be raw. */
static void say_line(const char *fmt, ...) _printf_(1, 2);
static void say_line(const char *fmt, ...)
{
	char text[BOOTARGS_MAX + 512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say("\r\n[", text, "]\r\n");
}

static void send_size(const struct console *c)
{
	struct console_size size = {.kind = CONSOLE_SIZE};
	struct winsize w;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &w) < 0)
		return;
	size.rows = w.ws_row;
	size.columns = w.ws_col;
	(void)send(c->fd, &size, sizeof(size), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static enum outcome pass_signals(struct console *c)
{
	int sig;

	while ((sig = signals_next(c->s.signals)) > 0) {
		if (sig == SIGWINCH)
			send_size(c);
		else
			c->ended_by = sig;
	}
	return c->ended_by ? DONE : GOES_ON;
}

/* What a server that does not read cannot take is lost, as on a serial line: "~." must work always. */
static enum outcome pass_input(struct console *c)
{
	struct console_message m = {.head.kind = CONSOLE_DATA};
	char typed[TYPED_MAX];
	bool disconnect;
	ssize_t n = read(STDIN_FILENO, typed, sizeof(typed));
	size_t size;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return GOES_ON;
	if (n <= 0) {
		c->input = FD_NONE;
		return GOES_ON;
	}
	size = escape_filter(&c->escape, typed, (size_t)n, m.data, &disconnect);
	if (size)
		(void)send(c->fd, &m, sizeof(m.head) + size, MSG_DONTWAIT | MSG_NOSIGNAL);
	return disconnect ? DONE : GOES_ON;
}

static enum outcome show_notice(const struct console_notice *n)
{
	char text[BOOTARGS_MAX + 256];

	if (!str_terminated(n->bootargs, sizeof(n->bootargs)))
		return BROKEN;
	notice_text(n, text, sizeof(text));
	say_line("%s", text);
	return n->closes ? DONE : GOES_ON;
}

static enum outcome pass_output(struct console *c)
{
	static union {
		struct console_message m;
		struct console_notice notice;
	} in;
	ssize_t n = recv(c->fd, &in, sizeof(in), MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return GOES_ON;
	if (n <= 0)
		return BROKEN;
	if (in.notice.kind == CONSOLE_NOTICE && n == (ssize_t)sizeof(in.notice))
		return show_notice(&in.notice);
	if (in.m.head.kind != CONSOLE_DATA || n < (ssize_t)sizeof(in.m.head))
		return GOES_ON;
	if (in.m.head.lost)
		say_line(
			_("NOTICE: %u bytes are missing here: they came too fast"), in.m.head.lost);
	return write_all(STDOUT_FILENO, in.m.data, (size_t)n - sizeof(in.m.head)) < 0 ? DONE
										      : GOES_ON;
}

static enum outcome carry(struct console *c)
{
	enum { IN, SERVER, SIGNALS, COUNT };
	enum outcome r = GOES_ON;

	while (r == GOES_ON) {
		struct pollfd p[COUNT] = {
			[IN] = {.fd = c->input, .events = POLLIN},
			[SERVER] = {.fd = c->fd, .events = POLLIN},
			[SIGNALS] = {.fd = c->s.signals, .events = POLLIN},
		};

		if (poll(p, COUNT, -1) < 0)
			continue;
		if (p[SIGNALS].revents)
			r = pass_signals(c);
		if (r == GOES_ON && p[IN].revents)
			r = pass_input(c);
		if (r == GOES_ON && p[SERVER].revents)
			r = pass_output(c);
	}
	return r;
}

/* Connected and lost again at once, over and over: there is something wrong that goes on. */
static bool hopeless(struct console *c)
{
	int64_t now = clock_now_ms();

	c->quick = now - c->connected < QUICK_MS ? c->quick + 1 : 0;
	return c->quick == QUICK_MAX;
}

/* Terminal raw on the way in and back, so that what a start of zoneadmd says can be read. */
static int connect_and_carry(struct console *c, bool again, enum outcome *ret)
{
	int r = console_connect(c->o, again, &c->fd);

	if (r)
		return r;
	if (!c->o->quiet) {
		(void)printf(_("[Connected to zone '%s' console]\n"), c->o->zone);
		(void)fflush(stdout);
	}
	c->connected = clock_now_ms();
	terminal_raw();
	send_size(c);
	*ret = carry(c);
	terminal_restore();
	c->fd = fd_close(c->fd);
	return 0;
}

int console_mode(const struct options *o)
{
	struct console c = {.o = o, .fd = FD_NONE, .input = STDIN_FILENO};
	enum outcome how = BROKEN;
	bool again = false;
	int r;

	r = session_signals(&c.s);
	if (r < 0)
		return complain("cannot wait for signals: %s", strerror(-r));
	escape_init(&c.escape, o->escape);
	while (how == BROKEN && pass_signals(&c) == GOES_ON) {
		if (again && !o->quiet)
			(void)printf(
				_("\n[The server of the console is gone; connecting again]\n"));
		r = connect_and_carry(&c, again, &how);
		if (!r && how == BROKEN && hopeless(&c))
			r = complain("zone '%s': the server of its console ends at once", o->zone);
		if (r)
			return r;
		again = true;
	}
	if (!o->quiet)
		(void)printf(_("\n[Connection to zone '%s' console closed]\n"), o->zone);
	return c.ended_by ? ZLOGIN_FAILED : 0;
}

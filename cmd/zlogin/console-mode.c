/* SPDX-License-Identifier: MIT */
/*
 * Console mode: the client of a zone's console (lib/zone/console.h). The connection outlives
 * reboots and halts of the zone. It ends by the escape sequence, by a signal, or
 * because the server says so; when the server dies it is made again, and what the zone
 * said meanwhile comes then.
 *
 * Standalone mode is the same for the standard streams of init (attribute zlog-mode). What is said
 * about the connection goes to standard error; the terminal is raw when init has one too. Input
 * that is no terminal waits instead of being lost, and init is told its end.
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
	int input;		     /* our standard input; FD_NONE at its end */
	bool patient;		     /* the input waits until it is taken */
	bool no_eof;		     /* its end is not told */
	struct console_message held; /* input that is not sent yet */
	size_t n_held;		     /* bytes of the whole message; 0: none */
	bool down;		     /* the zone was halted under us */
	bool failed;
	int ended_by;
	int64_t connected; /* when that was, in milliseconds */
	int quick;	   /* connections in a row that broke at once */
};

static void say(const struct console *c, const char *before, const char *text, const char *after)
{
	int fd = c->o->standalone ? STDERR_FILENO : STDOUT_FILENO;

	(void)write_all(fd, before, strlen(before));
	(void)write_all(fd, text, strlen(text));
	(void)write_all(fd, after, strlen(after));
}

/* "[text]" on a line of its own, on a terminal that may be raw. */
static void say_line(const struct console *c, const char *fmt, ...) _printf_(2, 3);
static void say_line(const struct console *c, const char *fmt, ...)
{
	char text[BOOTARGS_MAX + 512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(c, "\r\n[", text, "]\r\n");
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
		else if (sig == SIGUSR1)
			c->no_eof = !c->no_eof;
		else
			c->ended_by = sig;
	}
	return c->ended_by ? DONE : GOES_ON;
}

/* What is typed and cannot be sent is lost, as on a serial line: "~." must work always. */
static void send_held(struct console *c)
{
	if (send(c->fd, &c->held, c->n_held, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || !c->patient)
		c->n_held = 0;
}

/* With no more input and no zone there is nothing to come. */
static bool over(const struct console *c)
{
	return c->o->standalone && c->input < 0 && c->down;
}

static void end_input(struct console *c)
{
	c->input = FD_NONE;
	if (!c->o->standalone || c->no_eof)
		return;
	c->held.head = (struct console_data){.kind = CONSOLE_EOF};
	c->n_held = sizeof(c->held.head);
	send_held(c);
}

static enum outcome pass_input(struct console *c)
{
	char typed[TYPED_MAX];
	bool disconnect = false;
	ssize_t n = read(STDIN_FILENO, typed, sizeof(typed));
	size_t size;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return GOES_ON;
	if (n <= 0) {
		end_input(c);
		return over(c) ? DONE : GOES_ON;
	}
	size = escape_filter(&c->escape, typed, (size_t)n, c->held.data, &disconnect);
	c->held.head =
		(struct console_data){.kind = c->o->standalone ? CONSOLE_INPUT : CONSOLE_DATA};
	c->n_held = size ? sizeof(c->held.head) + size : 0;
	if (size)
		send_held(c);
	return disconnect ? DONE : GOES_ON;
}

static enum outcome show_notice(struct console *c, const struct console_notice *n)
{
	char text[BOOTARGS_MAX + 256];

	if (!str_terminated(n->bootargs, sizeof(n->bootargs)))
		return BROKEN;
	notice_text(n, text, sizeof(text));
	if (!c->o->standalone || !c->o->quiet)
		say_line(c, "%s", text);
	c->down = n->event == CONSOLE_HALTED;
	return n->closes || over(c) ? DONE : GOES_ON;
}

static enum outcome take_mode(struct console *c, uint32_t mode)
{
	if (!(mode & STDIO_SERVED)) {
		terminal_restore();
		(void)complain(
			"zone '%s' has no attribute zlog-mode: its init has the console (-C)",
			c->o->zone);
		c->failed = true;
		return DONE;
	}
	terminal_restore();
	if (mode & STDIO_TTY)
		terminal_raw();
	return GOES_ON;
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
		return show_notice(c, &in.notice);
	if (in.m.head.kind == CONSOLE_MODE && n == (ssize_t)sizeof(struct console_mode))
		return take_mode(c, ((const struct console_mode *)&in)->mode);
	if (in.m.head.kind != CONSOLE_DATA || n < (ssize_t)sizeof(in.m.head))
		return GOES_ON;
	if (in.m.head.lost)
		say_line(c, _("NOTICE: %u bytes are missing here: they came too fast"),
			in.m.head.lost);
	return write_all(STDOUT_FILENO, in.m.data, (size_t)n - sizeof(in.m.head)) < 0 ? DONE
										      : GOES_ON;
}

static enum outcome carry(struct console *c)
{
	enum { IN, SERVER, SIGNALS, COUNT };
	enum outcome r = GOES_ON;

	while (r == GOES_ON) {
		struct pollfd p[COUNT] = {
			[IN] = {.fd = c->n_held ? FD_NONE : c->input, .events = POLLIN},
			[SERVER] = {.fd = c->fd,
				.events = (short)(POLLIN | (c->n_held ? POLLOUT : 0))},
			[SIGNALS] = {.fd = c->s.signals, .events = POLLIN},
		};

		if (poll(p, COUNT, -1) < 0)
			continue;
		if (p[SIGNALS].revents)
			r = pass_signals(c);
		if (r == GOES_ON && p[IN].revents)
			r = pass_input(c);
		if (r == GOES_ON && p[SERVER].revents & POLLOUT && c->n_held)
			send_held(c);
		if (r == GOES_ON && p[SERVER].revents & ~POLLOUT)
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

/* A line about the connection, on a terminal that is as it was. */
static void say_connection(const struct console *c, const char *fmt, ...) _printf_(2, 3);
static void say_connection(const struct console *c, const char *fmt, ...)
{
	FILE *f = c->o->standalone ? stderr : stdout;
	va_list ap;

	if (c->o->quiet)
		return;
	va_start(ap, fmt);
	(void)vfprintf(f, fmt, ap);
	va_end(ap);
	(void)fflush(f);
}

/* Terminal raw on the way in and back, so that what a start of zoneadmd says can be read. */
static int connect_and_carry(struct console *c, bool again, enum outcome *ret)
{
	int r = console_connect(c->o, again, &c->fd);

	if (r)
		return r;
	say_connection(c,
		c->o->standalone ? _("[Connected to zone '%s' standard streams]\n")
				 : _("[Connected to zone '%s' console]\n"),
		c->o->zone);
	c->connected = clock_now_ms();
	if (!c->o->standalone)
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

	c.s.signals = signals_take(o->standalone ? SIGUSR1 : 0);
	if (c.s.signals < 0)
		return complain("cannot wait for signals: %s", strerror(-c.s.signals));
	c.patient = o->standalone && !isatty(STDIN_FILENO);
	c.no_eof = o->no_eof;
	escape_init(&c.escape, c.patient ? -1 : o->escape);
	while (how == BROKEN && pass_signals(&c) == GOES_ON) {
		if (again)
			say_connection(
				&c, _("\n[The server of the console is gone; connecting again]\n"));
		r = connect_and_carry(&c, again, &how);
		if (!r && how == BROKEN && hopeless(&c))
			r = complain("zone '%s': the server of its console ends at once", o->zone);
		if (r)
			return r;
		again = true;
	}
	if (c.failed)
		return ZLOGIN_FAILED;
	say_connection(&c,
		o->standalone ? _("\n[Connection to zone '%s' standard streams closed]\n")
			      : _("\n[Connection to zone '%s' console closed]\n"),
		o->zone);
	return c.ended_by ? ZLOGIN_FAILED : 0;
}

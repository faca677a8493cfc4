/* SPDX-License-Identifier: MIT */
/*
 * The console of the zone. zsched reads the master at all times, so that a zone never waits for
 * somebody who looks at its console: what nobody takes is kept in a ring, and then lost, oldest
 * first. While it is taken the zone is slowed down to the speed of that; CONSOLE_PATIENCE_MS without
 * any progress end it. The one who takes it is zoneadmd, over a socket pair that he gave us (lib/zone/console.h);
 * it gets one message at a time, and a message that it did not confirm goes to the next zoneadmd.
 *
 * zsched holds a slave open too: without one the master is hung up, and would be so each time the
 * zone's last reader goes. The exit of a session leader hangs the slave up all the same;
 * then another one is opened.
 */
#include "linux/clock.h"
#include "linux/ring.h"
#include "zone/console.h"
#include "zsched/zsched.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <termios.h>

/* Reads in a row: there are other things to do. */
#define READ_SIZE   4096
#define READ_ROUNDS 8

static struct ring ring;
static uint64_t taken;	  /* everything before was confirmed */
static size_t on_its_way; /* bytes after `taken` that were sent and are not confirmed */
static int channel = FD_NONE;
static int slave = FD_NONE;
static int64_t progress; /* when zoneadmd took something, or could have begun to; milliseconds */
static bool hung;	 /* no slave can be opened: the master would be ready for ever */

static void open_slave(const struct zsched *z)
{
	slave = fd_close(slave);
	slave = ioctl(z->console, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	hung = slave < 0;
}

int console_open(const struct zsched *z, struct diag *d)
{
	int flags = fcntl(z->console, F_GETFL);

	if (flags < 0 || fcntl(z->console, F_SETFL, flags | O_NONBLOCK) < 0)
		return diag_errno(d, -errno, "Cannot read the console of the zone");
	open_slave(z);
	return hung ? diag_errno(d, -errno, "Cannot open the console of the zone") : 0;
}

/* What zoneadmd had on its way to the zone goes with it. */
void console_attach(int fd)
{
	stdio_forget();
	channel = fd_close(channel);
	channel = fd;
	on_its_way = 0;
	progress = clock_now_ms();
}

static void detach(void)
{
	console_attach(FD_NONE);
}

static void send_next(void)
{
	struct console_data head = {.kind = CONSOLE_DATA};
	uint64_t at = taken;
	const char *data;
	size_t n = ring_peek(&ring, &at, &data, CONSOLE_CHUNK);
	struct iovec iov[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)data, n}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = ARRAY_SIZE(iov)};

	if (channel < 0 || on_its_way || !n)
		return;
	head.lost = at - taken > UINT32_MAX ? UINT32_MAX : (uint32_t)(at - taken);
	if (sendmsg(channel, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		detach();
		return;
	}
	progress = clock_now_ms();
	taken = at;
	on_its_way = n;
}

/* False when it must be opened again. */
static bool read_all(int fd)
{
	char buffer[READ_SIZE];
	int rounds;

	for (rounds = 0; rounds < READ_ROUNDS; rounds++) {
		ssize_t n = read(fd, buffer, sizeof(buffer));

		if (n > 0)
			ring_append(&ring, buffer, (size_t)n);
		else if (n < 0 && errno == EINTR)
			continue;
		else
			return n < 0 && errno == EAGAIN;
	}
	return true;
}

static void read_master(const struct zsched *z)
{
	if (!read_all(z->console))
		open_slave(z);
}

static void confirm_input(void)
{
	struct console_data taken_it = {.kind = CONSOLE_TAKEN};

	if (channel >= 0)
		(void)send(channel, &taken_it, sizeof(taken_it), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The end of input on a terminal is the character that means it there. */
static void end_input(struct zsched *z)
{
	struct termios t;

	if (z->pipes.in_read >= 0)
		stdio_eof(&z->pipes);
	else if (tcgetattr(z->console, &t) == 0)
		(void)!write(z->console, &t.c_cc[VEOF], 1);
	confirm_input();
}

/* A terminal takes what fits; a pipe takes all of it, in time. */
static void give_input(struct zsched *z, const char *data, size_t size)
{
	if (z->pipes.in_read < 0)
		(void)!write(z->console, data, size);
	else if (!stdio_write(&z->pipes, data, size))
		return;
	confirm_input();
}

/* What the zone does not read in time is lost, as on a serial line. */
static void to_zone(struct zsched *z, const struct console_message *m, size_t size)
{
	struct console_size window;
	struct winsize w = {0};

	switch (m->head.kind) {
	case CONSOLE_DATA:
		if (size > sizeof(m->head))
			(void)!write(z->console, m->data, size - sizeof(m->head));
		break;
	case CONSOLE_INPUT:
		if (size > sizeof(m->head) && z->stdio & STDIO_SERVED)
			give_input(z, m->data, size - sizeof(m->head));
		else
			confirm_input();
		break;
	case CONSOLE_EOF:
		if (z->stdio & STDIO_SERVED)
			end_input(z);
		else
			confirm_input();
		break;
	case CONSOLE_TAKEN:
		taken += on_its_way;
		on_its_way = 0;
		break;
	case CONSOLE_SIZE:
		if (size != sizeof(window))
			break;
		memcpy(&window, m, sizeof(window));
		w.ws_row = window.rows;
		w.ws_col = window.columns;
		(void)ioctl(z->console, TIOCSWINSZ, &w);
		break;
	default:
		break;
	}
}

static void read_channel(struct zsched *z)
{
	static struct console_message m;
	ssize_t n = recv(channel, &m, sizeof(m), MSG_DONTWAIT);

	if (n > 0)
		to_zone(z, &m, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		detach();
}

/* Reading on would lose what may still be taken. */
static bool full(void)
{
	return channel >= 0 && ring.end - taken > RING_SIZE - READ_ROUNDS * READ_SIZE;
}

int console_timeout(void)
{
	int64_t left = progress + CONSOLE_PATIENCE_MS - clock_now_ms();

	if (!full() || left <= 0)
		return -1;
	return (int)left;
}

void console_poll(const struct zsched *z, struct pollfd ret[CONSOLE_POLLS])
{
	bool wait = console_timeout() > 0;

	ret[0] = (struct pollfd){.fd = wait || hung ? FD_NONE : z->console, .events = POLLIN};
	ret[1] = (struct pollfd){.fd = channel, .events = POLLIN};
	ret[2] = (struct pollfd){.fd = wait ? FD_NONE : z->pipes.out_read, .events = POLLIN};
	ret[3] = (struct pollfd){
		.fd = stdio_behind() ? z->pipes.in_write : FD_NONE, .events = POLLOUT};
}

void console_continue(struct zsched *z, const struct pollfd p[CONSOLE_POLLS])
{
	if (p[0].revents && p[0].fd == z->console)
		read_master(z);
	if (p[1].revents && p[1].fd == channel)
		read_channel(z);
	/* The console may have filled the ring just now. */
	if (p[2].revents && p[2].fd == z->pipes.out_read && console_timeout() < 0)
		(void)read_all(z->pipes.out_read);
	if (p[3].revents && stdio_behind() && stdio_write(&z->pipes, NULL, 0))
		confirm_input();
	send_next();
}

void console_finish(const struct zsched *z)
{
	if (z->console < 0)
		return;
	read_master(z);
	if (z->pipes.out_read >= 0)
		(void)read_all(z->pipes.out_read);
	/* The ring fits into the socket; nobody will confirm any more. */
	while (channel >= 0 && taken + on_its_way < ring.end) {
		taken += on_its_way;
		on_its_way = 0;
		send_next();
	}
	detach();
}

/* SPDX-License-Identifier: MIT */
/*
 * The console server; see console.h. One thread polls:
 *
 *	channel		zsched's output: to the log, to the ring, confirmed; then to the client
 *	clients		console-client.c
 *	wake		somebody gave an order: a notice, a new channel, the end
 *
 * Nothing is lost with this process: what it has not confirmed zsched tells the next one, and the
 * ring begins with the end of the log.
 *
 * Locks: `orders` guards what is handed to the thread, for the moment of that. `attaching` keeps two
 * attachments apart, so that the channel that zsched took last is the one we use; it is
 * held over a call of zsched.
 */
#include "zoneadmd/console.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "zone/zone-calls.h"
#include "zone/zsched-calls.h"
#include "zoneadmd/console-client.h"
#include "zoneadmd/console-log.h"

#define ORDERS_MAX 8
/* Messages in a row: there are other things to do. */
#define READ_ROUNDS 16
/* How long the end waits for a client that does not read. */
#define FAREWELL_MS 1000

static pthread_mutex_t attaching = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t orders = PTHREAD_MUTEX_INITIALIZER;
static struct order {
	enum console_event event;
	char bootargs[BOOTARGS_MAX];
} notices[ORDERS_MAX];		   /* orders */
static size_t n_notices;	   /* orders */
static int next_channel = FD_NONE; /* orders */
static uint32_t next_mode;	   /* orders; STDIO_*, of the zone of next_channel */
static bool stopping;		   /* orders */
static atomic_bool reopen;	   /* set by signals */
static int wake_fd = FD_NONE;	   /* set once, before the thread */
static const char *zone_name;	   /* likewise */
static pthread_t thread;

/* The thread's own. */
static struct ring ring;
static uint64_t fresh; /* where that begins in the ring which came to this process */
static int channel = FD_NONE;
static uint32_t mode;  /* STDIO_* of the zone of the channel; 0 without one */
static bool under_way; /* input that zsched has not taken: it gets one message at a time */
static struct console_size window; /* of the last client that told; kind 0 before */

static void wake(void)
{
	uint64_t one = 1;

	(void)!write(wake_fd, &one, sizeof(one));
}

/* ---- the channel ---- */

static void put(const char *data, size_t size)
{
	console_log_write(data, size);
	ring_append(&ring, data, size);
}

static void put_lost(uint32_t lost)
{
	char text[96];
	int n = snprintf(
		text, sizeof(text), "\r\n[%u bytes of the console's output were lost]\r\n", lost);

	if (lost && n > 0)
		put(text, (size_t)n);
}

static void close_channel(void)
{
	channel = fd_close(channel);
	mode = 0;
	client_mode(mode);
	under_way = false;
	console_log_close();
}

static void open_log(void)
{
	if ((mode & (STDIO_SERVED | STDIO_LOG)) != STDIO_SERVED)
		console_log_open(zone_name);
}

/* One message. False when there is none now, or no channel any more. */
static bool read_channel(void)
{
	static struct console_message m;
	struct console_data confirm = {.kind = CONSOLE_TAKEN};
	ssize_t n = channel < 0 ? 0 : recv(channel, &m, sizeof(m), MSG_DONTWAIT);

	if (n < 0 && errno == EINTR)
		return true;
	if (n < (ssize_t)sizeof(m.head)) {
		if (n >= 0 || errno != EAGAIN)
			close_channel();
		return false;
	}
	if (m.head.kind == CONSOLE_TAKEN) {
		under_way = false;
		return true;
	}
	put_lost(m.head.lost);
	put(m.data, (size_t)n - sizeof(m.head));
	(void)send(channel, &confirm, sizeof(confirm), MSG_DONTWAIT | MSG_NOSIGNAL);
	return true;
}

static void use_channel(int fd, uint32_t stdio)
{
	while (read_channel()) /* the last words of the one before */
		;
	close_channel();
	channel = fd;
	mode = stdio;
	open_log();
	client_mode(mode);
	if (window.kind)
		(void)send(channel, &window, sizeof(window), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Where nobody is, nobody hears it. */
static void to_zone(const void *message, size_t size)
{
	const struct console_size *s = message;

	if (s->kind == CONSOLE_SIZE && size == sizeof(*s))
		window = *s;
	if (channel < 0 || send(channel, message, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
	if (s->kind == CONSOLE_INPUT || s->kind == CONSOLE_EOF)
		under_way = true;
}

/* ---- the thread ---- */

static void tell(const struct order *o, size_t n)
{
	size_t i;

	if (!n)
		return;
	/* What the zone said before comes first; zsched sent it before it answered the command. */
	for (i = 0; i < 2 * RING_SIZE / CONSOLE_CHUNK && read_channel(); i++)
		client_send(&ring);
	for (i = 0; i < n; i++)
		client_notice(&ring, o[i].event, o[i].bootargs);
}

/* Returns true when it is time to end. */
static bool take_orders(void)
{
	static struct order todo[ORDERS_MAX];
	uint64_t count;
	uint32_t stdio;
	bool stop;
	int fd;
	size_t n;

	(void)!read(wake_fd, &count, sizeof(count));
	(void)pthread_mutex_lock(&orders);
	n = n_notices;
	memcpy(todo, notices, n * sizeof(todo[0]));
	n_notices = 0;
	fd = TAKE_FD(next_channel);
	stdio = next_mode;
	stop = stopping;
	(void)pthread_mutex_unlock(&orders);
	if (fd >= 0)
		use_channel(fd, stdio);
	tell(todo, n);
	if (atomic_exchange(&reopen, false) && channel >= 0)
		open_log();
	return stop;
}

static void farewell(void)
{
	struct pollfd p[CLIENT_POLLS];
	int rounds = 0;

	client_send(&ring);
	while (client_behind(&ring) && rounds++ < 10) {
		client_poll(&ring, true, p);
		(void)poll(&p[1], 1, FAREWELL_MS / 10);
		client_send(&ring);
	}
	client_close();
	close_channel();
}

static void *serve(void *arg)
{
	enum { WAKE, CHANNEL, CLIENTS, COUNT = CLIENTS + CLIENT_POLLS };
	struct pollfd p[COUNT];
	zoneid_t id;
	int i;

	console_log_tail(zone_name, &ring);
	fresh = ring.end;
	if (zone_call_lookup(zone_name, &id) == 0)
		(void)console_attach(CONSOLE_ASK, NULL);
	for (;;) {
		int patience = client_patience(&ring);

		p[WAKE] = (struct pollfd){.fd = wake_fd, .events = POLLIN};
		p[CHANNEL] =
			(struct pollfd){.fd = patience < 0 ? channel : FD_NONE, .events = POLLIN};
		client_poll(&ring, under_way, &p[CLIENTS]);
		if (poll(p, COUNT, patience) < 0)
			continue;
		if (p[WAKE].revents && take_orders())
			break;
		for (i = 0; p[CHANNEL].revents && i < READ_ROUNDS && read_channel(); i++) {
			client_send(&ring);
			if (client_patience(&ring) >= 0)
				break;
		}
		client_continue(&ring, fresh, &p[CLIENTS], under_way ? NULL : to_zone);
	}
	farewell();
	return NULL;
}

/* ---- for everybody ---- */

static void on_signal(int sig)
{
	int saved = errno;

	reopen = true;
	wake();
	errno = saved;
}

int console_start(const char *zone, void (*left)(void), struct diag *d)
{
	struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	int r;

	zone_name = zone;
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0)
		return diag_errno(d, -errno, "cannot make an event descriptor");
	r = client_listen(zone, left, d);
	if (r < 0)
		return r;
	(void)sigaction(SIGHUP, &act, NULL);
	(void)sigaction(SIGUSR1, &act, NULL);
	r = pthread_create(&thread, NULL, serve, NULL);
	if (r == 0)
		return 0;
	client_close();
	return diag_errno(d, -r, "cannot start the thread of the console");
}

int console_attach(int stdio, struct diag *d)
{
	struct zsched_info_reply info;
	int pair[2], r;

	if (stdio == CONSOLE_ASK) {
		r = zsched_call_getinfo(zone_name, &info, d);
		if (r < 0)
			return r;
		stdio = (int)info.stdio;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return diag_errno(d, -errno, "cannot make a socket for the console");
	(void)pthread_mutex_lock(&attaching);
	r = zsched_call_console(zone_name, pair[1], d);
	(void)pthread_mutex_lock(&orders);
	if (r == 0) {
		(void)fd_close(next_channel);
		next_channel = TAKE_FD(pair[0]);
		next_mode = STDIO_KNOWN | (uint32_t)stdio;
	}
	(void)pthread_mutex_unlock(&orders);
	(void)pthread_mutex_unlock(&attaching);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
	wake();
	return r;
}

void console_notice(enum console_event event, const char *bootargs)
{
	(void)pthread_mutex_lock(&orders);
	if (n_notices < ORDERS_MAX) {
		notices[n_notices].event = event;
		/* Of the size of its source, which is terminated. */
		(void)str_copy(notices[n_notices].bootargs, BOOTARGS_MAX, bootargs ? bootargs : "");
		n_notices++;
	}
	(void)pthread_mutex_unlock(&orders);
	wake();
}

bool console_in_use(void)
{
	return client_connected();
}

void console_stop(void)
{
	(void)pthread_mutex_lock(&orders);
	stopping = true;
	(void)pthread_mutex_unlock(&orders);
	wake();
	(void)pthread_join(thread, NULL);
}

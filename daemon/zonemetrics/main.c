/* SPDX-License-Identifier: MIT */
/*
 * zonemetrics: what all zones use, as OpenMetrics over HTTP on a Unix socket. Nobody starts it
 * unless the operator does.
 *
 * It is a process of its own and a client of zoned like any other, so that whoever scrapes it,
 * however slowly, holds up nobody but himself: one thread, no read or write that waits, few
 * clients at a time, each with little time, and a page that is made once a second at most,
 * however many ask.
 */
#include "zonemetrics/zonemetrics.h"

#include "linux/instance.h"
#include "linux/process-state.h"
#include "linux/socket-name.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#define CLIENTS_MAX  16
#define REQUEST_MAX  4096
#define CLIENT_MS    5000
#define PAGE_LIFE_MS 1000

struct client {
	int fd; /* FD_NONE: a free place */
	int64_t end;
	size_t got;
	char request[REQUEST_MAX + 1];
	char *answer; /* NULL until the request is whole */
	size_t size, sent;
};

static struct client clients[CLIENTS_MAX];
static char *page;
static size_t page_size;
static int64_t page_made;
static volatile sig_atomic_t ended;

static void on_end(int sig)
{
	ended = 1;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- answers ---- */

static int refresh_page(void)
{
	char *text;
	size_t size;
	int r;

	if (page && now_ms() - page_made < PAGE_LIFE_MS)
		return 0;
	r = page_make(&text, &size);
	if (r < 0)
		return r;
	free(page);
	page = text;
	page_size = size;
	page_made = now_ms();
	return 0;
}

static int answer(struct client *c, const char *status, const char *body, size_t size)
{
	int head = asprintf(&c->answer,
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		status, PAGE_TYPE, size);
	char *grown;

	if (head < 0) {
		c->answer = NULL;
		return -ENOMEM;
	}
	grown = realloc(c->answer, (size_t)head + size);
	if (!grown)
		return -ENOMEM;
	c->answer = grown;
	memcpy(c->answer + head, body, size);
	c->size = (size_t)head + size;
	return 0;
}

/* "GET /metrics HTTP/1.1": everything behind the first line is nothing to us. */
static int respond(struct client *c)
{
	static const char eof[] = "# EOF\n";

	if (strncmp(c->request, "GET ", 4) != 0)
		return answer(c, "405 Method Not Allowed", eof, strlen(eof));
	if (strncmp(c->request + 4, "/metrics ", 9) != 0 && strncmp(c->request + 4, "/ ", 2) != 0)
		return answer(c, "404 Not Found", eof, strlen(eof));
	if (refresh_page() < 0)
		return answer(c, "503 Service Unavailable", eof, strlen(eof));
	return answer(c, "200 OK", page, page_size);
}

/* ---- clients ---- */

static void drop(struct client *c)
{
	(void)fd_close(c->fd);
	free(c->answer);
	*c = (struct client){.fd = FD_NONE};
}

static void take_request(struct client *c)
{
	ssize_t n = recv(c->fd, c->request + c->got, REQUEST_MAX - c->got, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->got += (size_t)n;
	c->request[c->got] = '\0';
	if (!strstr(c->request, "\r\n\r\n") && !strstr(c->request, "\n\n")) {
		if (c->got == REQUEST_MAX)
			drop(c);
		return;
	}
	if (respond(c) < 0)
		drop(c);
}

static void send_answer(struct client *c)
{
	ssize_t n =
		send(c->fd, c->answer + c->sent, c->size - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->sent += (size_t)n;
	if (n <= 0 || c->sent == c->size)
		drop(c);
}

static void take_client(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	size_t i;

	for (i = 0; fd >= 0 && i < CLIENTS_MAX; i++) {
		if (clients[i].fd != FD_NONE)
			continue;
		clients[i].fd = fd;
		clients[i].end = now_ms() + CLIENT_MS;
		return;
	}
	(void)fd_close(fd);
}

/* ---- the loop ---- */

/* How long until somebody's time is over; -1: there is nobody. Who had his time is dropped. */
static int patience(void)
{
	int64_t now = now_ms(), least = -1;
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i].fd == FD_NONE)
			continue;
		if (clients[i].end <= now)
			drop(&clients[i]);
		else if (least < 0 || clients[i].end - now < least)
			least = clients[i].end - now;
	}
	return (int)least;
}

static void serve(int listener, const sigset_t *open)
{
	while (!ended) {
		struct pollfd p[CLIENTS_MAX + 1];
		int ms = patience();
		struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
		bool full = true;
		size_t i;

		for (i = 0; i < CLIENTS_MAX; i++) {
			p[i] = (struct pollfd){.fd = clients[i].fd,
				.events = clients[i].answer ? POLLOUT : POLLIN};
			full &= clients[i].fd != FD_NONE;
		}
		/* Who comes while all places are taken waits in the queue of the socket. */
		p[i] = (struct pollfd){.fd = full ? FD_NONE : listener, .events = POLLIN};
		if (ppoll(p, CLIENTS_MAX + 1, ms < 0 ? NULL : &ts, open) <= 0)
			continue;
		for (i = 0; i < CLIENTS_MAX; i++)
			if (p[i].revents)
				(clients[i].answer ? send_answer : take_request)(&clients[i]);
		if (p[CLIENTS_MAX].revents)
			take_client(listener);
	}
}

/* ---- the socket ---- */

/* A socket that nobody serves any more is replaced; anything else in its place stays. */
static int clear_place(const struct sockaddr_un *at)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (lstat(at->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 || errno != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(at->sun_path) < 0 ? -errno : 0;
}

/* With its own mode from birth. */
static int listen_at(const struct sockaddr_un *at, mode_t mode)
{
	int r = clear_place(at), fd;
	mode_t before;

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	before = umask(0777 & ~mode);
	r = bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 ? -errno : 0;
	(void)umask(before);
	if (r == 0 && listen(fd, 64) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	(void)fd_close(fd);
	return r;
}

static void take_signals(sigset_t *ret_open)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_end};
	sigset_t held;
	size_t i;

	(void)sigemptyset(&held);
	for (i = 0; i < ARRAY_SIZE(ending); i++) {
		(void)sigaddset(&held, ending[i]);
		(void)sigaction(ending[i], &action, NULL);
	}
	(void)sigprocmask(SIG_BLOCK, &held, ret_open);
}

static int __attribute__((noreturn)) usage(void)
{
	(void)fprintf(stderr, "usage: zonemetrics [-m mode] [-R root] [-s socket]\n");
	exit(2);
}

static mode_t parse_mode(const char *s)
{
	char *end;
	unsigned long mode = strtoul(s, &end, 8);

	if (*end || end == s || mode > 0777) {
		(void)fprintf(stderr, "zonemetrics: '%s' is no mode: it is octal, as 0660\n", s);
		exit(2);
	}
	return (mode_t)mode;
}

static int run(const char *socket_path, mode_t mode)
{
	_cleanup_close_ int dir = FD_NONE;
	struct sockaddr_un at;
	char path[4096];
	sigset_t open;
	size_t i;
	int fd, r = socket_path
			    ? 0
			    : instance_path(path, sizeof(path), "%s/metrics_sock", INSTANCE_RUN);

	if (r == 0)
		r = socket_name(socket_path ? socket_path : path, &at, &dir);
	fd = r == 0 ? listen_at(&at, mode) : r;
	if (fd < 0) {
		(void)fprintf(stderr, "zonemetrics: cannot serve %s: %s\n",
			socket_path ? socket_path : path, strerror(-fd));
		return 1;
	}
	for (i = 0; i < CLIENTS_MAX; i++)
		clients[i].fd = FD_NONE;
	take_signals(&open);
	serve(fd, &open);
	for (i = 0; i < CLIENTS_MAX; i++)
		drop(&clients[i]);
	(void)unlink(at.sun_path);
	(void)fd_close(fd);
	free(page);
	return 0;
}

int main(int argc, char *argv[])
{
	const char *root = NULL, *socket_path = NULL;
	mode_t mode = 0600;
	int c, r;

	process_begin();
	while ((c = getopt(argc, argv, "m:R:s:")) != -1) {
		if (c == 'm')
			mode = parse_mode(optarg);
		else if (c == 'R')
			root = optarg;
		else if (c == 's')
			socket_path = optarg;
		else
			usage();
	}
	if (optind != argc)
		usage();
	r = instance_init(root);
	if (r < 0) {
		(void)fprintf(stderr, "zonemetrics: root '%s': %s\n",
			root ? root : getenv("ZONES_ROOT"), strerror(-r));
		return 1;
	}
	return run(socket_path, mode);
}

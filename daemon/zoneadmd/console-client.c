/* SPDX-License-Identifier: MIT */
/*
 * Clients of the console; see console-client.h. One is served; others are told who is.
 *
 * Notices have their places between the bytes: each is kept with the position in the ring at
 * which it came, and goes out when the client has been sent everything before.
 */
#include "zoneadmd/console-client.h"

#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "linux/clock.h"
#include "linux/diag.h"
#include "linux/instance.h"
#include "linux/socket-name.h"

#define LAST_LINES  24
#define LAST_BYTES  4096
#define NOTICES_MAX 16

static struct {
	int fd;
	pid_t pid;
	bool disconnect; /* -d */
	bool standalone; /* -I */
	uint64_t at;	 /* what he is sent next */
	int64_t progress;
} client = {.fd = FD_NONE};

static struct {
	uint64_t at;
	struct console_notice notice;
} notices[NOTICES_MAX];
static size_t n_notices;

static int waiting[CLIENT_WAITING] = {FD_NONE, FD_NONE, FD_NONE, FD_NONE};
static unsigned int next_waiting;
static uint32_t mode_now; /* STDIO_* */
static int listener = FD_NONE;
static char path[4096];
static void (*client_left)(void);
static atomic_bool connected;

bool client_connected(void)
{
	return connected;
}

static void hang_up(void)
{
	client.fd = fd_close(client.fd);
	n_notices = 0;
	connected = false;
	client_left();
}

int client_listen(const char *zone, void (*left)(void), struct diag *d)
{
	_cleanup_close_ int dir = FD_NONE;
	struct sockaddr_un addr;
	mode_t mask;
	int r;

	client_left = left;
	r = instance_path(path, sizeof(path), CONSOLE_SOCK_FMT, zone);
	if (r == 0)
		r = socket_name(path, &addr, &dir);
	if (r < 0)
		return diag_errno(d, r, "cannot name the socket of the console");
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)unlink(path); /* of a zoneadmd that was killed: there is one at a time */
	mask = umask(0177);
	r = listener < 0 || bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
			    listen(listener, CLIENT_WAITING) < 0
		    ? -errno
		    : 0;
	(void)umask(mask);
	return r < 0 ? diag_errno(d, r, "cannot make the socket '%s'", path) : 0;
}

void client_close(void)
{
	int i;

	(void)unlink(path);
	listener = fd_close(listener);
	for (i = 0; i < CLIENT_WAITING; i++)
		waiting[i] = fd_close(waiting[i]);
	client.fd = fd_close(client.fd);
	connected = false;
}

/* ---- to the client ---- */

/* True when it was sent, or when there is nobody any more. */
static bool send_message(const struct iovec *iov, size_t n)
{
	struct msghdr msg = {.msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = n};

	if (sendmsg(client.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
		client.progress = clock_now_ms();
		return true;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
		return false;
	hang_up();
	return true;
}

static void send_mode(void)
{
	struct console_mode m = {.kind = CONSOLE_MODE, .mode = (uint8_t)mode_now};

	if (client.fd >= 0 && client.standalone && mode_now)
		(void)send(client.fd, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void client_mode(uint32_t mode)
{
	mode_now = mode;
	send_mode();
}

static void drop_first_notice(void)
{
	n_notices--;
	memmove(notices, notices + 1, n_notices * sizeof(notices[0]));
}

static bool send_notice(void)
{
	struct console_notice n = notices[0].notice;
	struct iovec iov = {&n, sizeof(n)};

	if (!send_message(&iov, 1))
		return false;
	if (client.fd < 0)
		return true;
	drop_first_notice();
	if (n.closes)
		hang_up();
	return true;
}

static bool send_data(const struct ring *r, uint64_t until)
{
	struct console_data head = {.kind = CONSOLE_DATA};
	uint64_t at = client.at;
	const char *data;
	size_t n = ring_peek(r, &at, &data, CONSOLE_CHUNK);
	struct iovec iov[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)data, n}};

	if (at < until && n > until - at)
		iov[1].iov_len = n = (size_t)(until - at);
	head.lost = at - client.at > UINT32_MAX ? UINT32_MAX : (uint32_t)(at - client.at);
	if (!send_message(iov, ARRAY_SIZE(iov)))
		return false;
	client.at = at + n;
	return true;
}

bool client_behind(const struct ring *r)
{
	return client.fd >= 0 && (client.at < r->end || n_notices);
}

void client_send(const struct ring *r)
{
	bool more = true;

	while (more && client_behind(r)) {
		if (n_notices && client.at >= notices[0].at)
			more = send_notice();
		else
			more = send_data(r, n_notices ? notices[0].at : r->end);
	}
}

void client_notice(const struct ring *r, enum console_event event, const char *bootargs)
{
	struct console_notice *n;
	bool ends = event == CONSOLE_HALTED || event == CONSOLE_BOOT_FAILED;

	if (client.fd < 0)
		return;
	/* He has not read for long; the newest tell how it ended. */
	if (n_notices == NOTICES_MAX)
		drop_first_notice();
	n = &notices[n_notices].notice;
	*n = (struct console_notice){.kind = CONSOLE_NOTICE, .event = (uint8_t)event};
	n->closes = event == CONSOLE_UNINSTALLING || (ends && client.disconnect);
	(void)str_copy(n->bootargs, sizeof(n->bootargs), bootargs);
	notices[n_notices++].at = r->end;
	client_send(r);
}

int client_patience(const struct ring *r)
{
	int64_t left;

	if (client.fd < 0 || r->end - client.at < RING_SIZE / 2)
		return -1;
	left = client.progress + CONSOLE_PATIENCE_MS - clock_now_ms();
	return left > 0 ? (int)left : -1;
}

/* ---- from the clients ---- */

static void refuse(int fd)
{
	struct console_busy busy = {.kind = CONSOLE_BUSY, .pid = client.pid};

	(void)send(fd, &busy, sizeof(busy), MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)fd_close(fd);
}

/* Takes fd over. */
static void welcome(int fd, const struct console_ident *ident, const struct ring *r, uint64_t fresh)
{
	uint8_t ok = CONSOLE_OK;
	struct ucred cred = {0};
	socklen_t size = sizeof(cred);

	if (client.fd >= 0) {
		refuse(fd);
		return;
	}
	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size);
	client.fd = fd;
	client.pid = cred.pid;
	client.disconnect = ident->disconnect;
	client.standalone = ident->standalone;
	if (ident->again)
		client.at = fresh;
	else
		client.at = ident->standalone ? r->end : ring_last_lines(r, LAST_LINES, LAST_BYTES);
	client.progress = clock_now_ms();
	n_notices = 0;
	connected = true;
	(void)send(fd, &ok, sizeof(ok), MSG_DONTWAIT | MSG_NOSIGNAL);
	send_mode();
}

static void hear(int *slot, const struct ring *r, uint64_t fresh)
{
	struct console_ident ident;
	ssize_t n = recv(*slot, &ident, sizeof(ident), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == (ssize_t)sizeof(ident) && ident.kind == CONSOLE_IDENT)
		welcome(TAKE_FD(*slot), &ident, r, fresh);
	else
		*slot = fd_close(*slot);
}

/* Who says nothing makes room for who does. */
static void let_in(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred cred = {.uid = (uid_t)-1};
	socklen_t size = sizeof(cred);
	int *slot = &waiting[next_waiting];

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) < 0 || cred.uid != 0) {
		(void)fd_close(fd);
		return;
	}
	next_waiting = (next_waiting + 1) % CLIENT_WAITING;
	(void)fd_close(*slot);
	*slot = fd;
}

static void listen_to_client(void (*forward)(const void *message, size_t size))
{
	static struct console_message m;
	ssize_t n = recv(client.fd, &m, sizeof(m), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		hang_up();
	else if (m.head.kind == CONSOLE_DATA || m.head.kind == CONSOLE_SIZE ||
		 ((m.head.kind == CONSOLE_INPUT || m.head.kind == CONSOLE_EOF) &&
			 n >= (ssize_t)sizeof(m.head)))
		forward(&m, (size_t)n);
}

void client_poll(const struct ring *r, bool hold, struct pollfd ret[CLIENT_POLLS])
{
	int i;

	ret[0] = (struct pollfd){.fd = listener, .events = POLLIN};
	ret[1] = (struct pollfd){.fd = client.fd, .events = hold ? 0 : POLLIN};
	if (client_behind(r))
		ret[1].events |= POLLOUT;
	for (i = 0; i < CLIENT_WAITING; i++)
		ret[2 + i] = (struct pollfd){.fd = waiting[i], .events = POLLIN};
}

void client_continue(const struct ring *r, uint64_t fresh, const struct pollfd p[CLIENT_POLLS],
	void (*forward)(const void *message, size_t size))
{
	int i;

	if (p[1].revents & (POLLIN | POLLHUP | POLLERR) && client.fd >= 0) {
		if (forward)
			listen_to_client(forward);
		else if (p[1].revents & (POLLHUP | POLLERR))
			hang_up();
	}
	for (i = 0; i < CLIENT_WAITING; i++)
		if (p[2 + i].revents)
			hear(&waiting[i], r, fresh);
	if (p[0].revents)
		let_in();
	client_send(r);
}

/* SPDX-License-Identifier: MIT */
/*
 * Connecting to a console; see console-socket.h. A zoneadmd that is just leaving closes the
 * connection without a word: then another one is started.
 */
#include "zlogin/console-socket.h"

#include <limits.h>
#include <sys/socket.h>

#include "linux/instance.h"
#include "linux/socket-name.h"
#include "zone/console.h"
#include "zone/zoneadmd-calls.h"
#include "zlogin/target.h"

#define TRIES 10

static int check_state(const char *zone)
{
	struct zone_index_entry e;
	int r = target_configured(zone, &e);

	if (r)
		return r;
	if (e.state < ZONE_STATE_INSTALLED)
		return complain("zone '%s' has no console: its state is '%s', and it must be "
				"installed",
			zone, zone_state_str(e.state));
	return 0;
}

/* 0 and a connected socket, or a negative errno. */
static int dial(const char *zone, int *ret_fd)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), dir = FD_NONE;
	struct sockaddr_un addr;
	char path[PATH_MAX];
	int r = instance_path(path, sizeof(path), CONSOLE_SOCK_FMT, zone);

	if (r == 0)
		r = socket_name(path, &addr, &dir);
	if (fd < 0)
		return -errno;
	if (r < 0)
		return r;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* 0: we are the client; -EAGAIN: the server leaves; ZLOGIN_FAILED after a message. */
static int introduce(const struct options *o, bool again, int fd)
{
	struct console_ident ident = {.kind = CONSOLE_IDENT,
		.disconnect = o->disconnect,
		.again = again,
		.standalone = o->standalone};
	struct console_busy answer = {0};
	ssize_t n;

	if (send(fd, &ident, sizeof(ident), MSG_NOSIGNAL) < 0)
		return -EAGAIN;
	do
		n = recv(fd, &answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return -EAGAIN;
	if (answer.kind == CONSOLE_OK)
		return 0;
	if (n == (ssize_t)sizeof(answer) && answer.kind == CONSOLE_BUSY)
		return complain("zone '%s': its console is in use by process %d; one at a time can "
				"have it",
			o->zone, answer.pid);
	return complain("zone '%s': the server of its console speaks another language", o->zone);
}

int console_connect(const struct options *o, bool again, int *ret_fd)
{
	int try, r = check_state(o->zone);

	for (try = 0; r == 0 && try < TRIES; try++) {
		_cleanup_close_ int fd = FD_NONE;

		r = dial(o->zone, &fd);
		if (r == -ENOENT || r == -ECONNREFUSED) {
			r = zoneadmd_start(o->zone);
			if (r == -ECHILD) /* it has said why */
				return ZLOGIN_FAILED;
			continue;
		}
		if (r < 0)
			break;
		r = introduce(o, again, fd);
		if (r == 0)
			*ret_fd = TAKE_FD(fd);
		if (r != -EAGAIN)
			return r;
		r = 0;
	}
	if (r > 0)
		return r;
	return complain("zone '%s': cannot connect to its console: %s", o->zone,
		r < 0 ? strerror(-r) : "zoneadmd does not answer");
}

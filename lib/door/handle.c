/* SPDX-License-Identifier: MIT */
/*
 * The abstract name of a handle is "zones.door:<id>:<attributes>:<serial>", all
 * hexadecimal; the serial makes it unique in the network namespace, where abstract
 * names live. Connected pairs cross network namespaces, names do not, and
 * getpeername reads the name from the socket, so it works everywhere.
 */
#include "door/handle.h"

#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>

#define NAME_PREFIX "zones.door:"
#define NAME_TRIES  8

/* Names the server's end. Random, so that nobody can take the name before us on purpose. */
static int bind_name(int fd, const struct handle_name *name)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	uint64_t serial;
	int i, n;

	for (i = 0; i < NAME_TRIES; i++) {
		if (getrandom(&serial, sizeof(serial), 0) != sizeof(serial))
			return -errno;
		n = snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1,
			NAME_PREFIX "%016llx:%x:%016" PRIx64, name->id, name->attributes, serial);
		if (bind(fd, (struct sockaddr *)&addr,
			    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) ==
			0)
			return 0;
		if (errno != EADDRINUSE)
			return -errno;
	}
	return -EADDRINUSE;
}

int handle_new(const struct handle_name *name, int *ret_client, int *ret_server)
{
	_cleanup_close_ int client = FD_NONE, server = FD_NONE;
	const int on = 1;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	client = pair[0];
	server = pair[1];
	if (setsockopt(server, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return -errno;
	r = bind_name(server, name);
	if (r < 0)
		return r;
	*ret_client = TAKE_FD(client);
	*ret_server = TAKE_FD(server);
	return 0;
}

/* One hexadecimal number and the character after it. */
static bool parse_hex(const char **text, char end, unsigned long long *ret)
{
	char *rest;

	if (!strchr("0123456789abcdef", **text) || **text == '\0')
		return false;
	errno = 0;
	*ret = strtoull(*text, &rest, 16);
	if (errno != 0 || *rest != end)
		return false;
	*text = rest + 1;
	return true;
}

bool handle_is_door(int fd, struct handle_name *ret)
{
	struct sockaddr_un addr;
	socklen_t size = sizeof(addr);
	unsigned long long id, attributes, serial;
	char text[sizeof(addr.sun_path) + 1];
	const char *at = text;
	size_t n;

	if (getpeername(fd, (struct sockaddr *)&addr, &size) < 0 || addr.sun_family != AF_UNIX ||
		size <= offsetof(struct sockaddr_un, sun_path) + 1 || size > sizeof(addr) ||
		addr.sun_path[0] != '\0')
		return false;
	n = size - offsetof(struct sockaddr_un, sun_path) - 1;
	memcpy(text, addr.sun_path + 1, n);
	text[n] = '\0';
	if (strlen(text) != n || strncmp(text, NAME_PREFIX, strlen(NAME_PREFIX)) != 0)
		return false;
	at += strlen(NAME_PREFIX);
	if (!parse_hex(&at, ':', &id) || !parse_hex(&at, ':', &attributes) ||
		!parse_hex(&at, '\0', &serial) || id == 0 || attributes & ~DOOR_ATTR_MASK)
		return false;
	if (ret)
		*ret = (struct handle_name){.id = id, .attributes = (door_attr_t)attributes};
	return true;
}

bool handle_is_dead(int fd)
{
	struct pollfd p = {.fd = fd};

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

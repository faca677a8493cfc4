/* SPDX-License-Identifier: MIT */
/*
 * A method call with sd-bus over a private connection, without a bus daemon; a connection and a
 * thread of the server for each client. The argument and the reply are arrays of bytes.
 */
#include "bench.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#define OBJECT	  "/bench"
#define INTERFACE "bench.Doors"

static int pairs[CLIENTS_MAX][2]; /* 0 the server's end, 1 the client's */
static sd_bus *bus;

static void check(int r, const char *what)
{
	if (r >= 0)
		return;
	errno = -r;
	die(what);
}

static void prepare(void)
{
	unsigned int i;

	for (i = 0; i < bench.clients; i++)
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pairs[i]) <
			0)
			die("socket");
}

static sd_bus *start_bus(int fd, int server)
{
	sd_id128_t id =
		SD_ID128_MAKE(62, 65, 6e, 63, 68, 64, 6f, 6f, 72, 73, 2d, 73, 64, 62, 75, 73);
	sd_bus *b;

	check(sd_bus_new(&b), "sd-bus");
	check(sd_bus_set_fd(b, fd, fd), "sd-bus descriptor");
	if (server)
		check(sd_bus_set_server(b, 1, id), "sd-bus server");
	check(sd_bus_start(b), "sd-bus start");
	return b;
}

static int handle(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	char arg[SIZE_LARGEST], buf[REPLY_SIZE];
	sd_bus_message *reply;
	const void *data;
	size_t size;

	if (!sd_bus_message_is_method_call(m, INTERFACE, "Call"))
		return 0;
	check(sd_bus_message_new_method_return(m, &reply), "sd-bus reply");
	if (bench.size) {
		check(sd_bus_message_read_array(m, 'y', &data, &size), "sd-bus argument");
		if (size != bench.size)
			die("sd-bus argument");
		memcpy(arg, data, size);
		answer(arg, buf);
		check(sd_bus_message_append_array(reply, 'y', buf, REPLY_SIZE), "sd-bus reply");
	}
	check(sd_bus_send(NULL, reply, NULL), "sd-bus send");
	(void)sd_bus_message_unref(reply);
	return 1;
}

static void *serve_client(void *client)
{
	sd_bus *b = start_bus(pairs[*(unsigned int *)client][0], 1);
	int r;

	check(sd_bus_add_object(b, NULL, OBJECT, handle, NULL), "sd-bus object");
	for (;;) {
		r = sd_bus_process(b, NULL);
		check(r, "sd-bus process");
		if (r == 0)
			check(sd_bus_wait(b, UINT64_MAX), "sd-bus wait");
	}
	return NULL;
}

static void serve(void)
{
	start_threads(serve_client, bench.clients);
}

static void connect_client(unsigned int client)
{
	bus = start_bus(pairs[client][1], 0);
}

static void call(const char *arg, char *result)
{
	sd_bus_message *m, *reply;
	const void *data;
	size_t size;

	check(sd_bus_message_new_method_call(bus, &m, NULL, OBJECT, INTERFACE, "Call"),
		"sd-bus message");
	if (bench.size)
		check(sd_bus_message_append_array(m, 'y', arg, bench.size), "sd-bus message");
	check(sd_bus_call(bus, m, 0, NULL, &reply), "sd-bus call");
	if (bench.size) {
		check(sd_bus_message_read_array(reply, 'y', &data, &size), "sd-bus result");
		if (size != REPLY_SIZE)
			die("sd-bus result");
		memcpy(result, data, size);
	}
	(void)sd_bus_message_unref(m);
	(void)sd_bus_message_unref(reply);
}

const struct transport transport_sdbus = {"sd-bus", prepare, serve, connect_client, call, NULL};

/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what door_call(3C) does with the answer of a server that is not one. Every
 * result that it gives must be what was sent; nothing outside of the buffer changes.
 */
#include "fuzz.h"

#include "door/handle.h"
#include "door/wire.h"

#include <door.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* The first descriptor of an answer; also FIRST_NONE. */
enum { FIRST_NONE, FIRST_MEMFD, FIRST_HANDLE, FIRST_BULK };
#define LEAVE_TOKEN FUZZ_FLAG_1 /* the server did not take the call */
#define NO_ANSWER   FUZZ_FLAG_2
#define TWICE	    FUZZ_FLAG_3

#define GUARD 64

static int client, server, memfd;
static char room[GUARD + DOOR_DATA_LIMIT + 1024 + GUARD];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const struct handle_name name = {.id = 1};

	fuzz_assert(handle_new(&name, &client, &server) == 0, "handle");
	memfd = memfd_create("fuzz", MFD_CLOEXEC);
	fuzz_assert(memfd >= 0, "memfd");
	return 0;
}

/* Takes the request off the handle. Returns the reply socket. */
static int take_request(bool token)
{
	static char buf[DOOR_DATA_LIMIT];
	struct iovec iov = {.iov_base = buf, .iov_len = sizeof(buf)};
	struct wire_received in;
	char byte;

	fuzz_assert(wire_receive(server, &iov, 1, &in) == 0 && in.n_fds == 1, "a request");
	if (token)
		(void)recv(in.fds[0], &byte, 1, MSG_DONTWAIT);
	return in.fds[0];
}

/* The result is that of the message, and is in the buffer or in a mapping. */
static void check_result(const door_arg_t *d, const struct fuzz_message *m, const char *rbuf)
{
	const size_t head = sizeof(struct door_answer);
	const bool bulk = d->data_size == FUZZ_BULK;
	uint_t i;

	fuzz_assert(m->size == head + (bulk ? 0 : d->data_size), "a result of another size");
	fuzz_assert(
		bulk ? d->data_ptr[0] == FUZZ_BULK_BYTE &&
				d->data_ptr[FUZZ_BULK - 1] == FUZZ_BULK_BYTE
		     : d->data_size == 0 || memcmp(d->data_ptr, m->bytes + head, d->data_size) == 0,
		"a result of other bytes");
	fuzz_assert(d->desc_num + bulk == m->n_fds, "other descriptors in a result");
	for (i = 0; i < d->desc_num; i++)
		(void)close(d->desc_ptr[i].d_data.d_desc.d_descriptor);
	if (d->rbuf != rbuf)
		fuzz_assert(munmap(d->rbuf, d->rsize) == 0, "a result that is no mapping");
}

static void check_guards(size_t size)
{
	size_t i;

	for (i = 0; i < GUARD; i++)
		fuzz_assert(room[i] == 0x55 && room[GUARD + size + i] == 0x55,
			"something was written outside of the buffer");
}

static void answer_call(const struct fuzz_message *m, size_t size)
{
	char *rbuf = size ? room + GUARD : NULL;
	door_arg_t d = {.rbuf = rbuf, .rsize = size};
	int call = door_call_begin(client, NULL), reply;

	fuzz_assert(call >= 0, "door_call_begin");
	memset(room, 0x55, sizeof(room));
	reply = take_request(!(m->how & LEAVE_TOKEN));
	if (!(m->how & NO_ANSWER))
		(void)fuzz_send(reply, m);
	if (m->how & TWICE)
		(void)fuzz_send(reply, m);
	(void)close(reply);
	if (door_call_finish(call, &d) == 0)
		check_result(&d, m, rbuf);
	else
		fuzz_assert(errno > 0 && errno < 4096, "an errno that is none");
	check_guards(size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[] = {
		0, 1, 16, 100, 1024, 4096, DOOR_DATA_LIMIT, DOOR_DATA_LIMIT + 1024};
	struct fuzz_input in = {.at = data, .left = size};
	int first[FUZZ_FIRST_MASK + 1];
	struct fuzz_message m;
	unsigned int i;
	uint8_t room_size = fuzz_byte(&in);

	memset(first, 0xff, sizeof(first));
	first[FIRST_MEMFD] = memfd;
	first[FIRST_HANDLE] = client;
	first[FIRST_BULK] = fuzz_bulk();
	for (i = 0; i < 8 && fuzz_next(&in, first, &m); i++)
		answer_call(&m, sizes[room_size % ARRAY_SIZE(sizes)]);
	fuzz_check_descriptors();
	return 0;
}

/* --- real answers, of a server in this process --- */

static size_t wanted_bytes;
static uint_t wanted_desc;

static void proc(void *cookie, char *arg, size_t size, door_desc_t *desc, uint_t n)
{
	static char buf[DOOR_DATA_LIMIT];
	door_desc_t out[DOOR_DESC_LIMIT];
	uint_t i;

	for (i = 0; i < wanted_desc; i++) {
		out[i].d_attributes = DOOR_DESCRIPTOR;
		out[i].d_data.d_desc.d_descriptor = memfd;
	}
	memset(buf, 7, sizeof(buf));
	fuzz_assert(door_reply(buf, wanted_bytes, out, wanted_desc) == 0, "door_reply");
}

static void capture_answer(const char *name, int door, size_t bytes, uint_t n_desc, size_t arg)
{
	static char argument[64];
	static uint8_t buf[1u << 17];
	door_arg_t d = {.data_ptr = argument, .data_size = arg};
	struct pollfd p = {.fd = door_pollfd(), .events = POLLIN};
	int call;

	wanted_bytes = bytes;
	wanted_desc = n_desc;
	call = door_call_begin(door, &d);
	fuzz_assert(call >= 0, "door_call_begin");
	while (poll(&p, 1, 0) > 0)
		(void)door_dispatch();
	buf[0] = 3;
	fuzz_seed(name, buf, fuzz_capture(call, buf, 1, sizeof(buf), FIRST_NONE, NULL));
	(void)close(call);
}

/* A large result in the descriptor that comes first, into each size of buffer. */
static void put_bulk(const char *name, uint8_t first, uint8_t n_desc)
{
	const struct door_answer a = {.magic = DOOR_MAGIC,
		.version = DOOR_VERSION,
		.size = DOOR_SIZE_BULK,
		.n_desc = n_desc};
	uint8_t buf[64 + sizeof(a)];
	char text[64];
	uint8_t i;

	for (i = 0; i < 8; i += 7) {
		buf[0] = i;
		(void)snprintf(text, sizeof(text), "%s-%u", name, i);
		fuzz_seed(text, buf, fuzz_put(buf, 1, first, n_desc, &a, sizeof(a)));
	}
}

void fuzz_seeds(void)
{
	int door = door_create_unthreaded(proc, NULL, 0);

	fuzz_assert(door >= 0 && door_setparam(door, DOOR_PARAM_DATA_MAX, 32) == 0, "door");
	capture_answer("null", door, 0, 0, 0);
	capture_answer("small", door, 24, 0, 8);
	capture_answer("large", door, 3000, 0, 8);
	capture_answer("desc", door, 8, 3, 8);
	capture_answer("most-desc", door, 8, DOOR_DESC_LIMIT, 8);
	capture_answer("error", door, 0, 0, 33);
	put_bulk("bulk", FIRST_BULK, 0);
	put_bulk("bulk-desc", FIRST_BULK, 3);
	put_bulk("bulk-not-sealed", FIRST_MEMFD, 0);
	put_bulk("bulk-none", FIRST_NONE, 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what door_call(3C) does when the server gives it memory of its own choice and writes
 * what it likes there and on the socket. The calls are the real ones, each input in a thread of
 * its own, as a thread's channels end with it; the server is this file.
 *
 * An input is a byte for the memory, one for the room for results, and a row of steps.
 */
#include "fuzz.h"

#include "door/channel.h"
#include "door/handle.h"
#include "door/wire.h"

#include <door.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What the server gives when it is asked for a channel. */
enum memory {
	MEMORY_GOOD,
	MEMORY_NONE, /* an error */
	MEMORY_UNSEALED,
	MEMORY_SHORT,
	MEMORY_LONG,
	MEMORY_FILE, /* no memfd */
	MEMORY_TWO,  /* descriptors */
	MEMORY_KINDS,
};

enum step {
	STEP_WORD,    /* which, four bytes: writes a word */
	STEP_ANSWER,  /* what, size, two bytes: says something about the call that is waiting */
	STEP_WAKE,    /* wakes the client */
	STEP_MESSAGE, /* head and bytes: a message on the socket */
	STEP_WAIT,    /* until there is a call, for a moment */
	STEP_BYTES,   /* where, two bytes, length, bytes: into the memory */
	STEP_TAKE,    /* takes a message off the socket */
	STEPS,
};

#define STEPS_MOST 24u
#define CALLS	   3u
#define GUARD	   64u

static int client, server, memfd;
static uint8_t room_kind;
static char room[GUARD + DOOR_DATA_LIMIT + GUARD];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	/* From the first call on. */
	fuzz_assert(setenv("DOOR_TRANSPORT", "channel", 1) == 0, "environment");
	memfd = memfd_create("fuzz", MFD_CLOEXEC);
	fuzz_assert(memfd >= 0, "memfd");
	return 0;
}

static void check_result(door_arg_t *d, const char *rbuf)
{
	uint_t i;

	fuzz_assert(d->data_size <= DOOR_DATA_LIMIT || d->data_size == FUZZ_BULK,
		"a result larger than any");
	fuzz_assert(d->desc_num <= DOOR_DESC_LIMIT, "more descriptors than any");
	fuzz_assert(d->data_size == 0 || d->rbuf != rbuf || d->data_size <= d->rsize,
		"a result larger than its room");
	for (i = 0; i < d->desc_num; i++)
		(void)close(d->desc_ptr[i].d_data.d_desc.d_descriptor);
	if (d->rbuf != rbuf)
		fuzz_assert(munmap(d->rbuf, d->rsize) == 0, "a result that is no mapping");
}

static void *make_calls(void *arg)
{
	static const size_t sizes[] = {0, 1, 100, 1024, 4096, DOOR_DATA_LIMIT};
	const size_t size = sizes[room_kind % ARRAY_SIZE(sizes)];
	char *rbuf = size ? room + GUARD : NULL;
	unsigned int i, k;

	for (i = 0; i < CALLS; i++) {
		door_arg_t d = {.data_ptr = (char *)&room_kind,
			.data_size = 1,
			.rbuf = rbuf,
			.rsize = size};

		memset(room, 0x55, sizeof(room));
		if (door_call(client, &d) == 0)
			check_result(&d, rbuf);
		else
			fuzz_assert(errno > 0 && errno < 4096, "an errno that is none");
		for (k = 0; k < GUARD; k++)
			fuzz_assert(room[k] == 0x55 && room[GUARD + size + k] == 0x55,
				"something was written outside of the room");
	}
	return NULL;
}

/* --- the server --- */

static struct channel_head *head; /* NULL: the client has none */
static int sock;		  /* of the channel, or a reply socket */

static int make_memory(enum memory kind)
{
	off_t size = CHANNEL_SIZE;
	int fd;

	if (kind == MEMORY_FILE)
		return open("/dev/zero", O_RDWR | O_CLOEXEC);
	fd = memfd_create("channel", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (kind == MEMORY_SHORT)
		size -= 4096;
	if (kind == MEMORY_LONG)
		size += 4096;
	fuzz_assert(fd >= 0 && ftruncate(fd, size) == 0, "memory");
	if (kind != MEMORY_UNSEALED)
		fuzz_assert(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0,
			"seals");
	return fd;
}

/* Answers the question for a channel. */
static void give_channel(enum memory kind)
{
	struct door_answer a = {.magic = DOOR_MAGIC, .version = DOOR_VERSION, .n_desc = 1};
	struct iovec iov = {.iov_base = &a, .iov_len = sizeof(a)};
	int fds[2];

	if (kind == MEMORY_NONE) {
		a.error = ENOTSUP;
		a.n_desc = 0;
		(void)wire_send(sock, &iov, 1, NULL, 0);
		return;
	}
	fds[0] = make_memory(kind);
	fds[1] = memfd;
	if (kind == MEMORY_GOOD) {
		head = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
		fuzz_assert(head != MAP_FAILED, "memory");
	}
	(void)wire_send(sock, &iov, 1, fds, kind == MEMORY_TWO ? 2 : 1);
	(void)close(fds[0]);
}

/* Takes a request off the handle, if there is one; it stays with its socket. */
static bool take_request(enum memory kind)
{
	char buf[256], token;
	struct iovec iov = {.iov_base = buf, .iov_len = sizeof(buf)};
	struct door_request *q = (struct door_request *)(void *)buf;
	struct wire_received in;

	if (wire_receive(server, &iov, 1, &in) < 0 || in.end)
		return false;
	fuzz_assert(in.n_fds > 0 && in.size >= sizeof(*q), "a request");
	sock = fd_close(sock);
	sock = in.fds[0];
	wire_close(in.fds + 1, in.n_fds - 1);
	(void)recv(sock, &token, 1, MSG_DONTWAIT);
	if (q->command == DOOR_COMMAND_CHANNEL) {
		if (head)
			(void)munmap(head, CHANNEL_SIZE);
		head = NULL;
		give_channel(kind);
	}
	return true;
}

static void write_word(struct fuzz_input *in)
{
	_Atomic uint32_t *const words[] = {&head->call, &head->argument_size, &head->client_waits,
		&head->client_cpu, &head->answer, &head->error, &head->result_size,
		&head->by_socket, &head->server_waits, &head->server_cpu, &head->gone,
		&head->taken};
	unsigned int which = fuzz_byte(in) % ARRAY_SIZE(words), i;
	uint32_t value = 0;

	for (i = 0; i < 4; i++)
		value |= (uint32_t)fuzz_byte(in) << (8 * i);
	atomic_store(words[which], value);
}

static void say_answer(struct fuzz_input *in)
{
	uint32_t what = fuzz_byte(in) & 3, size = fuzz_byte(in);

	size |= (uint32_t)fuzz_byte(in) << 8;
	atomic_store(&head->result_size, size);
	atomic_store(&head->answer, atomic_load(&head->call) << CHANNEL_ANSWER_BITS | what);
	channel_wake(&head->answer);
}

/* For a moment: nothing depends on it. */
static void wait_call(void)
{
	const struct timespec moment = {.tv_nsec = 20000};
	int i;

	for (i = 0; i < 8 &&
		    atomic_load(&head->call) == atomic_load(&head->answer) >> CHANNEL_ANSWER_BITS;
		i++)
		(void)nanosleep(&moment, NULL);
}

static void write_bytes(struct fuzz_input *in)
{
	size_t at = fuzz_byte(in), n;

	at |= (size_t)fuzz_byte(in) << 8;
	for (n = fuzz_byte(in); n > 0 && in->left > 0; n--)
		((char *)head)[at++ % CHANNEL_SIZE] = (char)fuzz_byte(in);
}

static void send_message(struct fuzz_input *in)
{
	int first[FUZZ_FIRST_MASK + 1];
	struct fuzz_message m;

	memset(first, 0xff, sizeof(first));
	first[1] = memfd;
	first[2] = server;
	if (fuzz_next(in, first, &m))
		(void)fuzz_send(sock, &m);
}

static void take_message(void)
{
	char buf[256];
	struct iovec iov = {.iov_base = buf, .iov_len = sizeof(buf)};
	struct wire_received in;

	if (wire_receive(sock, &iov, 1, &in) == 0)
		wire_close(in.fds, in.n_fds);
}

static void do_step(struct fuzz_input *in)
{
	switch ((enum step)(fuzz_byte(in) % STEPS)) {
	case STEP_WORD:
		write_word(in);
		break;
	case STEP_ANSWER:
		say_answer(in);
		break;
	case STEP_WAKE:
		channel_wake(&head->answer);
		break;
	case STEP_MESSAGE:
		send_message(in);
		break;
	case STEP_WAIT:
		wait_call();
		break;
	case STEP_BYTES:
		write_bytes(in);
		break;
	case STEP_TAKE:
		take_message();
		break;
	default:
		break;
	}
}

/* The server is gone: the client sees the end of its sockets, and is told, not to wait for long. */
static void end_server(void)
{
	if (head) {
		atomic_store(&head->gone, 1);
		atomic_store(&head->answer,
			atomic_load(&head->call) << CHANNEL_ANSWER_BITS | CHANNEL_GONE);
		channel_wake(&head->answer);
		(void)munmap(head, CHANNEL_SIZE);
		head = NULL;
	}
	server = fd_close(server);
	sock = fd_close(sock);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct handle_name name = {.id = 1};
	struct fuzz_input in = {.at = data, .left = size};
	enum memory kind = fuzz_byte(&in) % MEMORY_KINDS;
	struct pollfd p = {.events = POLLIN};
	pthread_t thread;
	unsigned int i;

	room_kind = fuzz_byte(&in);
	sock = FD_NONE;
	fuzz_assert(handle_new(&name, &client, &server) == 0, "handle");
	fuzz_assert(pthread_create(&thread, NULL, make_calls, NULL) == 0, "thread");
	p.fd = server;
	fuzz_assert(poll(&p, 1, -1) == 1, "poll");
	(void)take_request(kind);
	for (i = 0; i < STEPS_MOST && in.left > 0; i++) {
		if (head)
			do_step(&in);
		else
			break;
		(void)take_request(kind);
	}
	end_server();
	fuzz_assert(pthread_join(thread, NULL) == 0, "thread");
	(void)close(client);
	fuzz_settle_descriptors();
	return 0;
}

void fuzz_seeds(void)
{
	static const uint8_t answers[] = {MEMORY_GOOD, 3, STEP_WAIT, STEP_ANSWER, CHANNEL_DONE, 8,
		0, STEP_WAIT, STEP_ANSWER, CHANNEL_DONE, 0, 0x20, STEP_WAIT, STEP_ANSWER,
		CHANNEL_GONE};
	static const uint8_t huge[] = {MEMORY_GOOD, 2, STEP_WAIT, STEP_WORD, 6, 1, 0, 1, 0,
		STEP_WORD, 4, 5, 0, 0, 0, STEP_WAKE};
	static const uint8_t error[] = {
		MEMORY_GOOD, 2, STEP_WAIT, STEP_WORD, 5, 7, 0, 0, 0, STEP_ANSWER, CHANNEL_DONE};
	static const uint8_t no_errno[] = {MEMORY_GOOD, 2, STEP_WAIT, STEP_WORD, 5, 0xff, 0xff,
		0xff, 0xff, STEP_ANSWER, CHANNEL_DONE};
	static const uint8_t by_socket[] = {MEMORY_GOOD, 2, STEP_WAIT, STEP_WORD, 7, 1, 0, 0, 0,
		STEP_MESSAGE, 0, 1, 28, 0, 'd', 'o', 'o', 'r', 1, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0,
		1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, STEP_ANSWER, CHANNEL_DONE};
	static const uint8_t prove[] = {MEMORY_GOOD, 2, STEP_WAIT, STEP_ANSWER, CHANNEL_PROVE, 0, 0,
		STEP_WAIT, STEP_TAKE, STEP_TAKE, STEP_ANSWER, CHANNEL_DONE, 4, 0};
	/* The client is told nothing, has a message, and the server is gone. */
	static const uint8_t then_end[] = {MEMORY_GOOD, 2, STEP_WAIT, STEP_WORD, 0, 9, 0, 0, 0,
		STEP_MESSAGE, 0, 0, 4, 0, 1, 2, 3, 4};
	uint8_t kinds[] = {0, 0, STEP_WAIT, STEP_ANSWER, CHANNEL_DONE, 4, 0};
	char name[16];

	fuzz_seed("answers", answers, sizeof(answers));
	fuzz_seed("huge", huge, sizeof(huge));
	fuzz_seed("error", error, sizeof(error));
	fuzz_seed("no-errno", no_errno, sizeof(no_errno));
	fuzz_seed("by-socket", by_socket, sizeof(by_socket));
	fuzz_seed("then-end", then_end, sizeof(then_end));
	fuzz_seed("prove", prove, sizeof(prove));
	for (kinds[0] = 0; kinds[0] < MEMORY_KINDS; kinds[0]++) {
		(void)snprintf(name, sizeof(name), "memory-%u", kinds[0]);
		fuzz_seed(name, kinds, sizeof(kinds));
	}
}

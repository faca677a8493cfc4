/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what a server does with a client that writes what it likes into the memory of a
 * channel, and rings, or sends, or ends when it likes. The server is the real one, with threads.
 * Afterwards it must serve a plain call, and have given back all descriptors.
 *
 * An input is a row of steps: a byte says which, and what follows belongs to it.
 */
#include "fuzz.h"

#include "door/channel.h"
#include "door/handle.h"
#include "door/wire.h"

#include <door.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucred.h>
#include <unistd.h>

enum step {
	STEP_WORD,    /* which, four bytes: writes a word */
	STEP_CALL,    /* size, two bytes: a call as the library makes it, without waiting */
	STEP_RING,    /* the bell */
	STEP_WAKE,    /* wakes a thread that sleeps on the word `call` */
	STEP_MESSAGE, /* head and bytes: a message on the socket */
	STEP_WAIT,    /* until there is an answer to the last call, for a moment */
	STEP_BYTES,   /* where, two bytes, length, bytes: into the memory */
	STEP_SHUT,    /* the client's end says that it sends no more */
	STEPS,
};

#define STEPS_MOST 24u

/* What a procedure does, by the first byte of its argument. */
enum { DO_REPLY, DO_UCRED, DO_DESC, DO_LARGE, DO_KINDS };

static int door, memfd;

static void proc(void *cookie, char *arg, size_t size, door_desc_t *desc, uint_t n)
{
	static _Thread_local char copy[DOOR_DATA_LIMIT];
	door_desc_t out = {.d_attributes = DOOR_DESCRIPTOR};
	ucred_t *uc = NULL;
	uint_t i;

	fuzz_assert(size <= DOOR_DATA_LIMIT, "an argument larger than any");
	if (size > 0)
		memcpy(copy, arg, size);
	for (i = 0; i < n; i++)
		(void)close(desc[i].d_data.d_desc.d_descriptor);
	if (size > 0 && copy[0] % DO_KINDS == DO_UCRED) {
		if (door_ucred(&uc) == 0) {
			fuzz_assert(ucred_getpid(uc) == getpid(), "another caller");
			ucred_free(uc);
		}
	}
	/* What the client writes now changes nothing. */
	fuzz_assert(size == 0 || memcmp(copy, arg, size) == 0, "the argument has changed");
	out.d_data.d_desc.d_descriptor = memfd;
	if (size > 0 && copy[0] % DO_KINDS == DO_DESC)
		(void)door_return(copy, size, &out, 1);
	else if (size > 0 && copy[0] % DO_KINDS == DO_LARGE)
		(void)door_return(copy, sizeof(copy), NULL, 0);
	else
		(void)door_return(size ? copy : NULL, size, NULL, 0);
	fuzz_assert(false, "door_return came back");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint8_t warm[] = {STEP_CALL, 8, 0, STEP_WAIT, STEP_CALL, 8, 0, STEP_WAIT};

	door = door_create(proc, NULL, 0);
	memfd = memfd_create("fuzz", MFD_CLOEXEC);
	fuzz_assert(door >= 0 && memfd >= 0, "door");
	/* All that the library keeps is there afterwards. */
	(void)LLVMFuzzerTestOneInput(warm, sizeof(warm));
	return 0;
}

/* A channel as the library opens it; NULL where the kernel knows too little. */
static struct channel_head *open_channel(int *ret_sock)
{
	struct door_request q = {.magic = DOOR_MAGIC,
		.version = DOOR_VERSION,
		.command = DOOR_COMMAND_CHANNEL,
		.n_desc = 1};
	struct door_answer a;
	struct iovec out = {.iov_base = &q, .iov_len = sizeof(q)};
	struct iovec in = {.iov_base = &a, .iov_len = sizeof(a)};
	struct channel_head *h = NULL;
	struct wire_received got;
	int pair[2], fds[2];
	struct pollfd p = {.events = POLLIN};

	fuzz_assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
	fds[0] = pair[1];
	fds[1] = (int)syscall(SYS_pidfd_open, (pid_t)syscall(SYS_gettid), O_EXCL);
	(void)send(pair[0], "", 1, MSG_DONTWAIT);
	fuzz_assert(fds[1] < 0 || wire_send(door, &out, 1, fds, 2) == 0, "request");
	(void)close(pair[1]);
	p.fd = pair[0];
	if (fds[1] >= 0 && poll(&p, 1, -1) == 1 && wire_receive(pair[0], &in, 1, &got) == 0) {
		if (got.n_fds == 1)
			h = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, got.fds[0],
				0);
		fuzz_assert(h != MAP_FAILED, "the memory of the channel");
		wire_close(got.fds, got.n_fds);
	}
	(void)fd_close(fds[1]);
	*ret_sock = pair[0];
	return h;
}

static uint32_t take32(struct fuzz_input *in)
{
	uint32_t value = 0;
	int i;

	for (i = 0; i < 4; i++)
		value |= (uint32_t)fuzz_byte(in) << (8 * i);
	return value;
}

static void write_word(struct fuzz_input *in, struct channel_head *h)
{
	_Atomic uint32_t *const words[] = {&h->call, &h->argument_size, &h->client_waits,
		&h->client_cpu, &h->answer, &h->error, &h->result_size, &h->by_socket,
		&h->server_waits, &h->server_cpu, &h->gone, &h->taken};
	unsigned int which = fuzz_byte(in) % ARRAY_SIZE(words);

	atomic_store(words[which], take32(in));
}

static void make_call(struct fuzz_input *in, struct channel_head *h, int sock)
{
	uint32_t size = fuzz_byte(in);

	size |= (uint32_t)fuzz_byte(in) << 8;
	atomic_store(&h->argument_size, size);
	atomic_fetch_add(&h->call, 1);
	if (atomic_load(&h->server_waits) == CHANNEL_FUTEX)
		channel_wake(&h->call);
	else
		(void)send(sock, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Half a millisecond: nothing depends on it. */
static void wait_answer(struct channel_head *h)
{
	const struct timespec moment = {.tv_nsec = 20000};
	uint32_t call = atomic_load(&h->call);
	int i;

	for (i = 0; i < 8 && atomic_load(&h->answer) >> CHANNEL_ANSWER_BITS != call; i++)
		(void)nanosleep(&moment, NULL);
}

static void write_bytes(struct fuzz_input *in, struct channel_head *h)
{
	size_t at = fuzz_byte(in), n;

	at |= (size_t)fuzz_byte(in) << 8;
	for (n = fuzz_byte(in); n > 0 && in->left > 0; n--)
		((char *)h)[at++ % CHANNEL_SIZE] = (char)fuzz_byte(in);
}

static void send_message(struct fuzz_input *in, int sock)
{
	int pair[2], first[FUZZ_FIRST_MASK + 1];
	struct fuzz_message m;

	fuzz_assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
	memset(first, 0xff, sizeof(first));
	first[0] = pair[1];
	first[1] = door;
	if (fuzz_next(in, first, &m))
		(void)fuzz_send(sock, &m);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void do_step(struct fuzz_input *in, struct channel_head *h, int sock)
{
	switch ((enum step)(fuzz_byte(in) % STEPS)) {
	case STEP_WORD:
		write_word(in, h);
		break;
	case STEP_CALL:
		make_call(in, h, sock);
		break;
	case STEP_RING:
		(void)send(sock, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	case STEP_WAKE:
		channel_wake(&h->call);
		break;
	case STEP_MESSAGE:
		send_message(in, sock);
		break;
	case STEP_WAIT:
		wait_answer(h);
		break;
	case STEP_BYTES:
		write_bytes(in, h);
		break;
	case STEP_SHUT:
		(void)shutdown(sock, SHUT_WR);
		break;
	default:
		break;
	}
}

/* A call that others make still gets its answer. */
static void check_server(void)
{
	char arg[8] = {DO_REPLY, 1, 2, 3, 4, 5, 6, 7}, room[8];
	door_arg_t d;
	int r;

	/* The fuzzer has an alarm. */
	do {
		d = (door_arg_t){.data_ptr = arg,
			.data_size = sizeof(arg),
			.rbuf = room,
			.rsize = sizeof(room)};
		r = door_call_begin(door, &d);
		fuzz_assert(r >= 0, "the server cannot be called");
		r = door_call_finish(r, &d);
	} while (r < 0 && errno == EINTR);
	fuzz_assert(r == 0, "the server does not answer");
	fuzz_assert(d.data_size == sizeof(arg) && memcmp(room, arg, sizeof(arg)) == 0,
		"a wrong answer");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {.at = data, .left = size};
	unsigned int i;
	int sock;
	struct channel_head *h = open_channel(&sock);

	for (i = 0; h && i < STEPS_MOST && in.left > 0; i++)
		do_step(&in, h, sock);
	if (h)
		(void)munmap(h, CHANNEL_SIZE);
	(void)close(sock);
	check_server();
	fuzz_settle_descriptors();
	return 0;
}

/* What the library does, and what it would not. */
void fuzz_seeds(void)
{
	static const uint8_t two_calls[] = {
		STEP_CALL, 8, 0, STEP_WAIT, STEP_CALL, 200, 0, STEP_WAIT};
	static const uint8_t large[] = {STEP_CALL, 0, 0x80, STEP_WAIT, STEP_CALL, 0xff, 0xff};
	static const uint8_t too_large[] = {
		STEP_WORD, 1, 1, 0, 1, 0, STEP_WORD, 0, 1, 0, 0, 0, STEP_RING, STEP_WAIT};
	static const uint8_t ucred[] = {
		STEP_BYTES, 0, 4, 1, DO_UCRED, STEP_CALL, 8, 0, STEP_WAIT, STEP_SHUT};
	static const uint8_t desc[] = {STEP_BYTES, 0, 4, 1, DO_DESC, STEP_CALL, 8, 0, STEP_WAIT};
	static const uint8_t long_reply[] = {
		STEP_BYTES, 0, 4, 1, DO_LARGE, STEP_CALL, 8, 0, STEP_WAIT};
	static const uint8_t message[] = {STEP_MESSAGE, 0, 0, 4, 0, 1, 2, 3, 4, STEP_CALL, 8, 0,
		STEP_WAIT, STEP_MESSAGE, 1, 70, 1, 0, 0, STEP_RING};
	static const uint8_t flood[] = {STEP_RING, STEP_RING, STEP_RING, STEP_CALL, 0, 0, STEP_RING,
		STEP_WAKE, STEP_CALL, 0, 0, STEP_CALL, 0, 0, STEP_WAKE};

	fuzz_seed("two-calls", two_calls, sizeof(two_calls));
	fuzz_seed("large", large, sizeof(large));
	fuzz_seed("too-large", too_large, sizeof(too_large));
	fuzz_seed("ucred", ucred, sizeof(ucred));
	fuzz_seed("desc", desc, sizeof(desc));
	fuzz_seed("long-reply", long_reply, sizeof(long_reply));
	fuzz_seed("message", message, sizeof(message));
	fuzz_seed("flood", flood, sizeof(flood));
}

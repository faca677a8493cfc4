/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what a server does with the messages on a handle. The server is the real one, with
 * two doors in an event loop; a procedure must see exactly what was sent, and whoever
 * passes a reply socket gets an answer that is well formed, or its end.
 */
#include "fuzz.h"

#include "door/handle.h"
#include "door/wire.h"

#include <door.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first descriptor. */
enum {
	FIRST_REPLY, /* as the library sends it */
	FIRST_NONE,
	FIRST_STREAM,
	FIRST_PIPE,
	FIRST_MEMFD,
	FIRST_HANDLE,  /* the door itself */
	FIRST_FOREIGN, /* a socket that another process has made */
};
/* What the second door takes. */
#define DATA_MIN 4
#define DATA_MAX 1000

#define NO_TOKEN FUZZ_FLAG_1
#define GONE	 FUZZ_FLAG_2 /* who sends has closed its end of the reply socket */

static int doors[2], stream[2], pipes[2], foreign[2], memfd;
static const struct fuzz_message *sent;
static int sent_to;

static void proc(void *cookie, char *arg, size_t size, door_desc_t *desc, uint_t n)
{
	static const char large[DOOR_DATA_LIMIT + 1];
	const size_t head = sizeof(struct door_request);
	const bool bulk = size > DOOR_DATA_LIMIT;
	uint_t i;

	fuzz_assert(sent && sent->size == head + (bulk ? 0 : size) && (!bulk || size == FUZZ_BULK),
		"an argument of another size was served");
	fuzz_assert(bulk ? arg[0] == FUZZ_BULK_BYTE && arg[size - 1] == FUZZ_BULK_BYTE
			 : size == 0 || memcmp(arg, sent->bytes + head, size) == 0,
		"an argument of other bytes was served");
	fuzz_assert(n + 1 + bulk == sent->n_fds && n <= DOOR_DESC_LIMIT,
		"other descriptors were served");
	fuzz_assert(sent->fds[0] != pipes[1] && sent->fds[0] != memfd && sent->fds[0] != foreign[1],
		"a call was served whose sender did not make the reply socket");
	fuzz_assert(sent_to == doors[0] || (n == 0 && size >= DATA_MIN && size <= DATA_MAX),
		"a call was served that the door refuses");
	/* The argument says what the procedure does. */
	switch (size ? arg[0] & 3 : 1) {
	case 0:
		break; /* no answer */
	case 1:
		fuzz_assert(door_reply(arg, size, NULL, 0) == 0, "door_reply");
		fuzz_assert(door_reply(arg, size, NULL, 0) < 0, "a second answer");
		break;
	case 2:
		fuzz_assert(door_reply(arg, size, desc, n) == 0, "door_reply");
		break;
	default:
		fuzz_assert(door_reply(large, sizeof(large), desc, n) == 0, "a large answer");
		break;
	}
	for (i = 0; i < n; i++)
		(void)close(desc[i].d_data.d_desc.d_descriptor);
}

/* A socket pair that belongs to a process which is gone. */
static void make_foreign(void)
{
	int pair[2], to_us[2];
	struct wire_received in;
	char byte = 0;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	pid_t pid;

	fuzz_assert(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, to_us) == 0, "socketpair");
	pid = fork();
	if (pid == 0)
		_exit(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ||
			wire_send(to_us[1], &iov, 1, pair, 2) < 0);
	fuzz_assert(pid > 0 && waitpid(pid, NULL, 0) == pid, "fork");
	fuzz_assert(wire_receive(to_us[0], &iov, 1, &in) == 0 && in.n_fds == 2, "foreign sockets");
	foreign[0] = in.fds[0];
	foreign[1] = in.fds[1];
	(void)close(to_us[0]);
	(void)close(to_us[1]);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	doors[0] = door_create_unthreaded(proc, NULL, 0);
	doors[1] = door_create_unthreaded(proc, NULL, DOOR_REFUSE_DESC);
	memfd = memfd_create("fuzz", MFD_CLOEXEC);
	fuzz_assert(doors[0] >= 0 && doors[1] >= 0 && memfd >= 0, "doors");
	fuzz_assert(door_setparam(doors[1], DOOR_PARAM_DATA_MAX, DATA_MAX) == 0, "door_setparam");
	fuzz_assert(door_setparam(doors[1], DOOR_PARAM_DATA_MIN, DATA_MIN) == 0, "door_setparam");
	make_foreign();
	fuzz_assert(pipe2(pipes, O_CLOEXEC | O_NONBLOCK) == 0, "pipe");
	fuzz_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, stream) == 0,
		"socketpair");
	return 0;
}

static void dispatch(void)
{
	struct pollfd p = {.fd = door_pollfd(), .events = POLLIN};

	while (poll(&p, 1, 0) > 0)
		fuzz_assert(door_dispatch() >= 0, "door_dispatch");
}

/* What came to the reply socket: at most one message, which is an answer. */
static void check_answer(int sock, bool asked)
{
	static char buf[sizeof(struct door_answer) + DOOR_DATA_LIMIT + 1];
	struct door_answer *a = (struct door_answer *)(void *)buf;
	struct iovec iov = {.iov_base = buf, .iov_len = sizeof(buf)};
	struct wire_received in;
	int r = wire_receive(sock, &iov, 1, &in);

	/* The reset that tells of an unread token comes before what was sent. */
	if (r == -ECONNRESET)
		r = wire_receive(sock, &iov, 1, &in);
	if (r < 0 || in.end)
		return;
	wire_close(in.fds, in.n_fds);
	fuzz_assert(asked, "an answer to somebody else");
	fuzz_assert(in.size >= sizeof(*a) && a->magic == DOOR_MAGIC && a->version == DOOR_VERSION,
		"an answer that is none");
	fuzz_assert(a->size == DOOR_SIZE_BULK
			    ? in.size == sizeof(*a) && a->n_desc + 1 == in.n_fds
			    : a->size == in.size - sizeof(*a) && a->n_desc == in.n_fds,
		"an answer of another size than it says");
	fuzz_assert(a->error >= 0 && (a->error == 0 || (a->size == 0 && a->n_desc == 0)),
		"an error with a result");
	r = wire_receive(sock, &iov, 1, &in);
	fuzz_assert(r < 0 || in.end, "a second answer");
}

static void drain(int fd)
{
	char buf[4096];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {.at = data, .left = size};
	struct fuzz_message m;
	unsigned int i;
	int door = doors[fuzz_byte(&in) & 1];

	for (i = 0; i < 8; i++) {
		int pair[2], first[FUZZ_FIRST_MASK + 1];
		bool asked;
		char byte;

		fuzz_assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0,
			"socketpair");
		memset(first, 0xff, sizeof(first));
		first[FIRST_REPLY] = pair[1];
		first[FIRST_STREAM] = stream[1];
		first[FIRST_PIPE] = pipes[1];
		first[FIRST_MEMFD] = memfd;
		first[FIRST_HANDLE] = door;
		first[FIRST_FOREIGN] = foreign[1];
		if (!fuzz_next(&in, first, &m)) {
			(void)close(pair[0]);
			(void)close(pair[1]);
			break;
		}
		asked = m.n_fds > 0 && m.fds[0] == pair[1];
		if (!(m.how & NO_TOKEN))
			(void)send(pair[0], "", 1, MSG_DONTWAIT);
		sent = &m;
		sent_to = door;
		(void)fuzz_send(door, &m);
		(void)close(pair[1]);
		if (m.how & GONE)
			(void)close(pair[0]);
		dispatch();
		sent = NULL;
		if (!(m.how & GONE)) {
			check_answer(pair[0], asked);
			(void)close(pair[0]);
		}
		drain(stream[0]);
		fuzz_assert(recv(foreign[0], &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN,
			"something was sent to somebody else");
		drain(pipes[0]);
	}
	dispatch();
	fuzz_check_descriptors();
	return 0;
}

/* Real requests, as they arrive at a server. */
static size_t capture_call(uint8_t *buf, size_t used, size_t room, size_t bytes, uint_t n_desc)
{
	static char arg[DOOR_DATA_LIMIT];
	door_desc_t desc[DOOR_DESC_LIMIT];
	door_arg_t d = {.data_ptr = arg, .data_size = bytes, .desc_ptr = desc, .desc_num = n_desc};
	struct handle_name name = {.id = 1};
	int client, server, call, reply = -1;
	uint_t i;

	memset(arg, (int)(n_desc ? 2 : 1), sizeof(arg));
	for (i = 0; i < n_desc; i++) {
		desc[i].d_attributes = DOOR_DESCRIPTOR;
		desc[i].d_data.d_desc.d_descriptor = memfd;
	}
	fuzz_assert(handle_new(&name, &client, &server) == 0, "handle");
	call = door_call_begin(client, &d);
	fuzz_assert(call >= 0, "door_call_begin");
	used = fuzz_capture(server, buf, used, room, FIRST_REPLY, &reply);
	(void)close(reply);
	(void)close(call);
	(void)close(client);
	(void)close(server);
	return used;
}

void fuzz_seeds(void)
{
	static const struct {
		const char *name;
		size_t bytes;
		uint_t n_desc;
	} calls[] = {{"null", 0, 0}, {"small", 24, 0}, {"desc", 8, 3}, {"most-desc", 8, 64},
		{"large", 3000, 0}};
	static uint8_t buf[1u << 17];
	static const struct {
		const char *name;
		uint8_t door, first;
		uint16_t command;
		uint32_t says, bytes;
		uint8_t n_desc;
	} asks[] = {
		{"params", 0, FIRST_REPLY, DOOR_COMMAND_PARAMS, 0, 0, 0},
		{"params-arg", 0, FIRST_REPLY, DOOR_COMMAND_PARAMS, 8, 8, 0},
		{"says-less", 0, FIRST_REPLY, DOOR_COMMAND_CALL, 4, 8, 0},
		{"says-more", 0, FIRST_REPLY, DOOR_COMMAND_CALL, 16, 8, 0},
		{"says-huge", 0, FIRST_REPLY, DOOR_COMMAND_CALL, UINT32_MAX, 8, 0},
		{"below-min", 1, FIRST_REPLY, DOOR_COMMAND_CALL, 3, 3, 0},
		{"at-min", 1, FIRST_REPLY, DOOR_COMMAND_CALL, 4, 4, 0},
		{"above-max", 1, FIRST_REPLY, DOOR_COMMAND_CALL, 1001, 1001, 0},
		{"refused-desc", 1, FIRST_REPLY, DOOR_COMMAND_CALL, 8, 8, 1},
		{"to-stream", 0, FIRST_STREAM, DOOR_COMMAND_CALL, 8, 8, 0},
		{"to-pipe", 0, FIRST_PIPE, DOOR_COMMAND_CALL, 8, 8, 0},
		{"to-memfd", 0, FIRST_MEMFD, DOOR_COMMAND_CALL, 8, 8, 0},
		{"to-handle", 0, FIRST_HANDLE, DOOR_COMMAND_CALL, 8, 8, 0},
		{"to-foreign", 0, FIRST_FOREIGN, DOOR_COMMAND_CALL, 8, 8, 0},
		{"no-command", 0, FIRST_REPLY, 99, 8, 8, 0},
		{"bulk", 0, FIRST_REPLY | FUZZ_KIND, DOOR_COMMAND_CALL, DOOR_SIZE_BULK, 0, 1},
		{"bulk-desc", 0, FIRST_REPLY | FUZZ_KIND, DOOR_COMMAND_CALL, DOOR_SIZE_BULK, 0, 4},
		{"bulk-not-sealed", 0, FIRST_REPLY, DOOR_COMMAND_CALL, DOOR_SIZE_BULK, 0, 1},
		{"bulk-socket", 0, FIRST_REPLY | 2 * FUZZ_KIND, DOOR_COMMAND_CALL, DOOR_SIZE_BULK,
			0, 1},
		{"bulk-none", 0, FIRST_REPLY, DOOR_COMMAND_CALL, DOOR_SIZE_BULK, 0, 0},
		{"bulk-refused", 1, FIRST_REPLY | FUZZ_KIND, DOOR_COMMAND_CALL, DOOR_SIZE_BULK, 0,
			1},
	};
	struct {
		struct door_request q;
		char bytes[1001];
	} ask = {.q = {.magic = DOOR_MAGIC, .version = DOOR_VERSION}};
	size_t i, used;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		buf[0] = 0;
		used = capture_call(buf, 1, sizeof(buf), calls[i].bytes, calls[i].n_desc);
		fuzz_seed(calls[i].name, buf, used);
	}
	/* Two calls of the door that refuses much. */
	buf[0] = 1;
	used = capture_call(buf, 1, sizeof(buf), 8, 1);
	used = capture_call(buf, used, sizeof(buf), 2000, 0);
	fuzz_seed("refused", buf, used);
	/* And some that the library would not send. */
	for (i = 0; i < ARRAY_SIZE(asks); i++) {
		ask.q.command = asks[i].command;
		ask.q.size = asks[i].says;
		ask.q.n_desc = asks[i].n_desc;
		if (asks[i].says == DOOR_SIZE_BULK && asks[i].n_desc > 0)
			ask.q.n_desc--;
		buf[0] = asks[i].door;
		used = fuzz_put(
			buf, 1, asks[i].first, asks[i].n_desc, &ask, sizeof(ask.q) + asks[i].bytes);
		fuzz_seed(asks[i].name, buf, used);
	}
}

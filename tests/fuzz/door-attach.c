/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: how a client gets to a door, on both sides. With an even first byte the messages
 * come to a client that waits for a handle; with an odd one, to a server with a door over a file,
 * which gives handles only to those who have the file open.
 */
#include "fuzz.h"

#include "door/file.h"
#include "door/handle.h"
#include "door/registry.h"
#include "door/wire.h"

#include <door.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <stropts.h>
#include <sys/socket.h>
#include <unistd.h>

/* The first descriptor. */
enum {
	FIRST_FILE,
	FIRST_NONE,
	FIRST_OTHER_FILE,
	FIRST_PATH, /* the file, but opened with O_PATH */
	FIRST_HANDLE,
	FIRST_SELF, /* the connection itself */
};

static int door, file, other, path_only;
static char path[300], other_path[300];
static struct stat st;

static void proc(void *cookie, char *arg, size_t size, door_desc_t *desc, uint_t n)
{
	fuzz_assert(false, "a call that nobody has made");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *folder = fuzz_folder();
	char run[300];

	/* For root, and for others. */
	(void)snprintf(run, sizeof(run), "%s/run", folder);
	fuzz_assert(mkdir(run, 0755) == 0 && setenv("ZONES_ROOT", folder, 1) == 0 &&
			    setenv("XDG_RUNTIME_DIR", folder, 1) == 0,
		"folders");
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	(void)snprintf(other_path, sizeof(other_path), "%s/other", folder);
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	other = open(other_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	path_only = open(path, O_PATH | O_CLOEXEC);
	door = door_create_unthreaded(proc, NULL, 0);
	fuzz_assert(file >= 0 && other >= 0 && path_only >= 0 && door >= 0, "files");
	fuzz_assert(fstat(file, &st) == 0, "file");
	fuzz_assert(fattach(door, path) == 0, "fattach");
	return 0;
}

static void dispatch(void)
{
	struct pollfd p = {.fd = door_pollfd(), .events = POLLIN};

	while (poll(&p, 1, 0) > 0)
		fuzz_assert(door_dispatch() >= 0, "door_dispatch");
}

static void set_first(int first[FUZZ_FIRST_MASK + 1], int self)
{
	memset(first, 0xff, (FUZZ_FIRST_MASK + 1) * sizeof(*first));
	first[FIRST_FILE] = file;
	first[FIRST_OTHER_FILE] = other;
	first[FIRST_PATH] = path_only;
	first[FIRST_HANDLE] = door;
	first[FIRST_SELF] = self;
}

/* Messages to a client that waits for a handle. */
static void to_client(struct fuzz_input *in)
{
	int pair[2], first[FUZZ_FIRST_MASK + 1], r;
	struct fuzz_message m;

	fuzz_assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
	set_first(first, pair[1]);
	while (fuzz_next(in, first, &m))
		(void)fuzz_send(pair[1], &m);
	(void)close(pair[1]);
	r = hello_receive(pair[0]);
	if (r >= 0) {
		fuzz_assert(handle_is_door(r, NULL), "something else than a door was received");
		(void)close(r);
	}
	(void)close(pair[0]);
}

static bool may_have(const struct fuzz_message *m)
{
	return m->n_fds == 1 && m->fds[0] == file && m->size == sizeof(struct door_request);
}

/* One message to the server, and what it says. */
static void to_server(struct fuzz_input *in)
{
	struct door_answer a;
	struct iovec iov = {.iov_base = &a, .iov_len = sizeof(a)};
	int first[FUZZ_FIRST_MASK + 1], conn = registry_connect(&st);
	struct wire_received got;
	struct fuzz_message m;

	/* It may have been taken away by the message before. */
	if (conn == -EBADF) {
		fuzz_assert(fattach(door, path) == 0, "fattach");
		conn = registry_connect(&st);
	}
	fuzz_assert(conn >= 0, "the door over the file");
	dispatch();
	set_first(first, conn);
	m.n_fds = 0;
	m.size = 0;
	if (fuzz_next(in, first, &m))
		(void)fuzz_send(conn, &m);
	dispatch();
	if (wire_receive(conn, &iov, 1, &got) == 0 && !got.end) {
		fuzz_assert(got.size == sizeof(a) && a.magic == DOOR_MAGIC &&
				    a.version == DOOR_VERSION && !got.cut,
			"an answer that is none");
		fuzz_assert(got.n_fds == a.n_desc && (a.error == 0 || got.n_fds == 0),
			"other descriptors than it says");
		fuzz_assert(got.n_fds == 0 || may_have(&m), "a handle without a right to it");
		wire_close(got.fds, got.n_fds);
	}
	(void)close(conn);
	dispatch();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {.at = data, .left = size};
	unsigned int i;
	int conn;

	if (fuzz_byte(&in) & 1)
		for (i = 0; i < 4 && in.left > 0; i++)
			to_server(&in);
	else
		to_client(&in);
	/* The door is back for the next input, and for the count of descriptors. */
	conn = registry_connect(&st);
	if (conn == -EBADF)
		fuzz_assert(fattach(door, path) == 0, "fattach");
	else
		(void)close(conn);
	dispatch();
	fuzz_check_descriptors();
	return 0;
}

/* What file_door() sends, and what it gets; and what it would not send. */
void fuzz_seeds(void)
{
	static const struct {
		const char *name;
		uint8_t first, more;
		uint16_t command;
	} asks[] = {
		{"open", FIRST_FILE, 0, DOOR_COMMAND_OPEN},
		{"detach", FIRST_FILE, 0, DOOR_COMMAND_DETACH},
		{"call", FIRST_FILE, 0, DOOR_COMMAND_CALL},
		{"other-file", FIRST_OTHER_FILE, 0, DOOR_COMMAND_OPEN},
		{"path-only", FIRST_PATH, 0, DOOR_COMMAND_OPEN},
		{"detach-other", FIRST_OTHER_FILE, 0, DOOR_COMMAND_DETACH},
		{"more", FIRST_FILE, 1, DOOR_COMMAND_OPEN},
		{"none", FIRST_NONE, 0, DOOR_COMMAND_OPEN},
		{"handle", FIRST_HANDLE, 0, DOOR_COMMAND_OPEN},
		{"self", FIRST_SELF, 0, DOOR_COMMAND_OPEN},
	};
	size_t i;
	static uint8_t buf[4096];
	struct door_request q = {
		.magic = DOOR_MAGIC, .version = DOOR_VERSION, .command = DOOR_COMMAND_OPEN};
	struct iovec iov = {.iov_base = &q, .iov_len = sizeof(q)};
	int conn = registry_connect(&st), got = -1;

	fuzz_assert(conn >= 0 && wire_send(conn, &iov, 1, &file, 1) == 0, "a request");
	dispatch();
	buf[0] = 0;
	fuzz_seed("hello", buf, fuzz_capture(conn, buf, 1, sizeof(buf), FIRST_HANDLE, &got));
	(void)close(got);
	(void)close(conn);
	for (i = 0; i < ARRAY_SIZE(asks); i++) {
		buf[0] = 1;
		q.command = asks[i].command;
		fuzz_seed(asks[i].name, buf,
			fuzz_put(buf, 1, asks[i].first, asks[i].more, &q, sizeof(q)));
	}
}

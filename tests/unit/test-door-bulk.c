/* SPDX-License-Identifier: MIT */
/*
 * Arguments and results that are too large for a message: every border of size, both ways, with
 * descriptors, limits, and what a client gains by sending other memory than the library makes.
 */
#include "door-test.h"

#include "door/memory.h"
#include "door/wire.h"

#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define LIMIT (size_t) DOOR_DATA_LIMIT
#define PAGE  4096u
#define MIB   ((size_t)1 << 20)
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define MOST (8 * MIB) /* all is so much slower */
#else
#define MOST (64 * MIB)
#endif

/* The first byte of an argument. */
enum { ECHO = 'e', COUNT = 'c', HANG = 'h', EXIT = 'x' };

struct count {
	int fds;
	unsigned int kib; /* of its own memory */
};

/* More than threads that come and go need, less than one test moves. */
#define MORE_KIB 12288u

/* What this process holds. */
static struct count count(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	struct count c = {.fds = 0};
	char line[256];
	int fd;

	for (fd = 0; fd < 1024; fd++)
		c.fds += fcntl(fd, F_GETFD) >= 0;
	while (f && fgets(line, sizeof(line), f))
		(void)sscanf(line, "RssAnon: %u", &c.kib);
	if (f)
		(void)fclose(f);
	return c;
}

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	struct count c;
	uint_t i;

	switch (size ? *argp : ECHO) {
	case COUNT:
		c = count();
		(void)door_return((char *)&c, sizeof(c), NULL, 0);
		break;
	case HANG:
		for (;;)
			(void)pause();
	case EXIT:
		pthread_exit(NULL);
	default:
		for (i = 0; i < n; i++)
			dp[i].d_attributes |= DOOR_RELEASE;
		(void)door_return(argp, size, dp, n);
	}
	_exit(1);
}

static int open_door(void)
{
	int fd = door_open(test_path);

	assert_return_code(fd, errno);
	return fd;
}

static void fill(char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		data[i] = (char)(i * 7 + i / PAGE);
	data[0] = ECHO;
}

static struct count ask_count(int fd)
{
	struct count c = {.fds = -1};
	char command = COUNT;
	door_arg_t arg = {
		.data_ptr = &command, .data_size = 1, .rbuf = (char *)&c, .rsize = sizeof(c)};

	assert_return_code(door_call(fd, &arg), errno);
	return c;
}

/* What the server holds, with all that it makes once. */
static struct count server_count(int fd)
{
	int i;

	for (i = 0; i < 5; i++) {
		(void)ask_count(fd);
		(void)usleep(1000);
	}
	return ask_count(fd);
}

/* The server has as much as before, when it has cleaned up. */
static void assert_settles(int fd, const struct count *before)
{
	struct count now;
	int i;

	for (i = 0; i < 2500; i++) {
		now = ask_count(fd);
		if (now.fds <= before->fds && now.kib <= before->kib + MORE_KIB)
			return;
		(void)usleep(2000);
	}
	fail_msg("%d descriptors instead of %d, %u KiB instead of %u", now.fds, before->fds,
		now.kib, before->kib);
}

/* data there and back, into room bytes at rbuf (NULL: none). */
static void echo(int fd, char *data, size_t size, char *rbuf, size_t room)
{
	door_arg_t arg = {.data_ptr = data, .data_size = size, .rbuf = rbuf, .rsize = room};

	assert_return_code(door_call(fd, &arg), errno);
	assert_int_equal(arg.data_size, size);
	assert_int_equal(arg.desc_num, 0);
	assert_ptr_equal(arg.data_ptr, arg.rbuf);
	assert_true(memcmp(arg.data_ptr, data, size) == 0);
	if (room >= size) {
		assert_ptr_equal(arg.rbuf, rbuf);
		assert_int_equal(arg.rsize, room);
		return;
	}
	assert_ptr_not_equal(arg.rbuf, rbuf);
	assert_true(arg.rsize >= size);
	/* It is the caller's own, all of it. */
	memset(arg.rbuf, 'w', arg.rsize);
	assert_return_code(munmap(arg.rbuf, arg.rsize), errno);
}

static void test_sizes(void **state)
{
	const size_t sizes[] = {LIMIT - 1, LIMIT, LIMIT + 1, LIMIT + PAGE - 1, LIMIT + PAGE,
		LIMIT + PAGE + 1, MIB - 1, MIB, MIB + 1, MOST};
	pid_t server = start_server(procedure, 0, 0600);
	char *data = malloc(MOST), *room = malloc(MOST);
	int fd = open_door();
	struct count before, own;
	size_t i;

	assert_non_null(data);
	assert_non_null(room);
	fill(data, MOST);
	echo(fd, data, MOST, room, MOST);
	before = server_count(fd);
	own = count();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		echo(fd, data, sizes[i], room, sizes[i]);
		echo(fd, data, sizes[i], room, sizes[i] - 1);
		echo(fd, data, sizes[i], NULL, 0);
		/* Where it came from. */
		if (sizes[i] < 2 * MIB) {
			memcpy(room, data, sizes[i]);
			echo(fd, room, sizes[i], room, sizes[i]);
			assert_true(memcmp(room, data, sizes[i]) == 0);
		}
	}
	assert_settles(fd, &before);
	assert_int_equal(count().fds, own.fds);
	assert_true(count().kib <= own.kib + MORE_KIB);
	free(data);
	free(room);
	(void)close(fd);
	stop_process(server);
}

/* Descriptors are behind the data, also where that ends with a page. */
static void test_descriptors(void **state)
{
	const size_t sizes[] = {LIMIT + 1, LIMIT + PAGE - 8, LIMIT + PAGE};
	pid_t server = start_server(procedure, 0, 0600);
	static char data[LIMIT + PAGE], room[2 * LIMIT];
	int fd = open_door(), own;
	struct count before;
	size_t i, k;
	uint_t n;

	fill(data, sizeof(data));
	before = server_count(fd);
	own = count().fds;
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (n = 1; n <= DOOR_DESC_LIMIT; n += DOOR_DESC_LIMIT - 1) {
			door_desc_t desc[DOOR_DESC_LIMIT];
			door_arg_t arg = {.data_ptr = data,
				.data_size = sizes[i],
				.desc_ptr = desc,
				.desc_num = n,
				.rbuf = room,
				.rsize = i == 0 ? sizeof(room) : 16};

			for (k = 0; k < n; k++) {
				desc[k].d_attributes = DOOR_DESCRIPTOR;
				desc[k].d_data.d_desc.d_descriptor = fd;
			}
			assert_return_code(door_call(fd, &arg), errno);
			assert_int_equal(arg.data_size, sizes[i]);
			assert_int_equal(arg.desc_num, n);
			assert_memory_equal(arg.data_ptr, data, sizes[i]);
			assert_true((char *)arg.desc_ptr >= arg.rbuf + sizes[i]);
			assert_true((char *)(arg.desc_ptr + n) <= arg.rbuf + arg.rsize);
			for (k = 0; k < n; k++)
				assert_return_code(
					close(arg.desc_ptr[k].d_data.d_desc.d_descriptor), errno);
			if (i == 0)
				assert_ptr_equal(arg.rbuf, room);
			else
				assert_return_code(munmap(arg.rbuf, arg.rsize), errno);
		}
	assert_int_equal(count().fds, own);
	assert_settles(fd, &before);
	(void)close(fd);
	stop_process(server);
}

/* In two halves, with nobody who wants the result, and with threads that end in the procedure. */
static void test_other_ways(void **state)
{
	pid_t server = start_server(procedure, 0, 0600);
	static char data[MIB];
	door_arg_t arg = {.data_ptr = data, .data_size = sizeof(data)};
	int fd = open_door(), call, i;
	struct count before;

	fill(data, sizeof(data));
	call = door_call_begin(fd, &arg);
	assert_return_code(call, errno);
	arg = (door_arg_t){.rbuf = NULL};
	assert_return_code(door_call_finish(call, &arg), errno);
	assert_int_equal(arg.data_size, sizeof(data));
	assert_memory_equal(arg.data_ptr, data, sizeof(data));
	assert_return_code(munmap(arg.rbuf, arg.rsize), errno);
	before = server_count(fd);
	for (i = 0; i < 20; i++) {
		arg = (door_arg_t){.data_ptr = data, .data_size = sizeof(data)};
		data[0] = ECHO;
		call = door_call_begin(fd, &arg);
		assert_return_code(call, errno);
		if (i % 2)
			assert_return_code(door_call_finish(call, NULL), errno);
		else
			(void)close(call);
		data[0] = EXIT;
		assert_int_equal(door_call(fd, &arg), -1);
		assert_int_equal(errno, EINTR);
	}
	assert_settles(fd, &before);
	(void)close(fd);
	stop_process(server);
}

static void failing(int fd, door_arg_t arg, int error)
{
	assert_int_equal(door_call(fd, &arg), -1);
	assert_int_equal(errno, error);
}

static void test_refused(void **state)
{
	const struct rlimit none = {.rlim_cur = LIMIT, .rlim_max = RLIM_INFINITY};
	const struct rlimit all = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	int fd = door_create(procedure, NULL, 0), own;
	static char data[MIB];
	struct rlimit was;

	fill(data, sizeof(data));
	own = count().fds;
	failing(fd, (door_arg_t){.data_size = MIB}, EFAULT);
	failing(fd, (door_arg_t){.data_ptr = (char *)8, .data_size = MIB}, EFAULT);
	failing(fd, (door_arg_t){.data_ptr = data, .data_size = SIZE_MAX / 2}, EFAULT);
	echo(fd, data, MIB, NULL, 0);
	/* The procedure has run, its result does not get where it is wanted. */
	failing(fd,
		(door_arg_t){.data_ptr = data, .data_size = MIB, .rbuf = (char *)8, .rsize = MIB},
		EFAULT);
	assert_return_code(door_setparam(fd, DOOR_PARAM_DATA_MAX, MIB - 1), errno);
	failing(fd, (door_arg_t){.data_ptr = data, .data_size = MIB}, ENOBUFS);
	echo(fd, data, MIB - 1, NULL, 0);
	assert_return_code(door_setparam(fd, DOOR_PARAM_DATA_MAX, SIZE_MAX), errno);
	/* Where files must not be that large: an error, not SIGXFSZ. */
	assert_return_code(getrlimit(RLIMIT_FSIZE, &was), errno);
	assert_return_code(setrlimit(RLIMIT_FSIZE, &none), errno);
	failing(fd, (door_arg_t){.data_ptr = data, .data_size = MIB}, E2BIG);
	assert_return_code(setrlimit(RLIMIT_FSIZE, geteuid() == 0 ? &all : &was), errno);
	echo(fd, data, MIB, NULL, 0);
	assert_return_code(door_revoke(fd), errno);
	assert_true(count().fds <= own);
}

/* --- other memory than the library makes --- */

static int sealed(const char *name, unsigned int flags, off_t size, int seals)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
	static char data[2 * LIMIT];
	off_t done;

	if (fd < 0)
		return -1;
	for (done = 0; done < size; done += (off_t)sizeof(data))
		assert_true(pwrite(fd, data, sizeof(data), done) > 0);
	assert_return_code(ftruncate(fd, size), errno);
	assert_return_code(fcntl(fd, F_ADD_SEALS, seals), errno);
	return fd;
}

/* Sends a request whose argument is said to be in fd; takes fd. Returns the error of the answer. */
static int send_memory(int door, int fd, uint32_t n_desc)
{
	const struct door_request q = {.magic = DOOR_MAGIC,
		.version = DOOR_VERSION,
		.command = DOOR_COMMAND_CALL,
		.size = DOOR_SIZE_BULK,
		.n_desc = n_desc};
	const struct iovec iov = {.iov_base = (void *)&q, .iov_len = sizeof(q)};
	struct door_answer a = {.error = -1};
	struct pollfd p = {.events = POLLIN};
	int pair[2], fds[2];

	assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), errno);
	fds[0] = pair[1];
	fds[1] = fd;
	assert_int_equal(wire_send(door, &iov, 1, fds, fd >= 0 ? 2 : 1), 0);
	(void)close(pair[1]);
	p.fd = pair[0];
	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(recv(pair[0], &a, sizeof(a), 0), sizeof(a));
	(void)close(pair[0]);
	if (fd >= 0)
		(void)close(fd);
	return a.error;
}

static int reopened(int fd, int flags)
{
	char path[32];
	int again;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, flags | O_CLOEXEC);
	(void)close(fd);
	return again;
}

static int with_hole(void)
{
	int fd = memfd_create("hole", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_return_code(ftruncate(fd, 2 * (off_t)LIMIT), errno);
	assert_return_code(fcntl(fd, F_ADD_SEALS, MEMORY_SEALS | F_SEAL_WRITE), errno);
	return fd;
}

static void test_hostile(void **state)
{
	const int all = MEMORY_SEALS | F_SEAL_WRITE;
	pid_t server = start_server(procedure, 0, 0600);
	int fd = open_door(), pipes[2], huge;
	static char data[2 * LIMIT];
	struct count before;

	fill(data, sizeof(data));
	before = server_count(fd);
	/* The library's own way is taken. */
	assert_int_equal(send_memory(fd, sealed("good", 0, 2 * (off_t)LIMIT, all), 0), 0);
	/* Somebody could cut it, write to it, or take pages out of it. */
	assert_int_equal(send_memory(fd, sealed("none", 0, 2 * (off_t)LIMIT, 0), 0), EINVAL);
	assert_int_equal(
		send_memory(fd, sealed("write", 0, 2 * (off_t)LIMIT, MEMORY_SEALS), 0), EINVAL);
	assert_int_equal(
		send_memory(fd, sealed("shrink", 0, 2 * (off_t)LIMIT, all & ~F_SEAL_SHRINK), 0),
		EINVAL);
	/* It costs its maker nothing. */
	assert_int_equal(send_memory(fd, with_hole(), 0), EINVAL);
	/* So little goes in a message. */
	assert_int_equal(send_memory(fd, sealed("small", 0, (off_t)LIMIT, all), 0), EINVAL);
	assert_int_equal(send_memory(fd, sealed("empty", 0, 0, all), 0), EINVAL);
	/* It cannot be read. */
	assert_int_equal(
		send_memory(fd, reopened(sealed("path", 0, 2 * (off_t)LIMIT, all), O_PATH), 0),
		EINVAL);
	/* No memory at all: reading these would wait, or never end. */
	assert_return_code(pipe2(pipes, O_CLOEXEC), errno);
	assert_int_equal(send_memory(fd, pipes[0], 0), EINVAL);
	(void)close(pipes[1]);
	assert_int_equal(send_memory(fd, open("/dev/zero", O_RDONLY | O_CLOEXEC), 0), EINVAL);
	assert_int_equal(send_memory(fd, open(test_dir, O_RDONLY | O_CLOEXEC), 0), EINVAL);
	assert_int_equal(send_memory(fd, open("/proc/self/exe", O_RDONLY | O_CLOEXEC), 0), EINVAL);
	huge = memfd_create("huge", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB);
	if (huge >= 0) {
		assert_return_code(ftruncate(huge, 2 * (off_t)MIB), errno);
		assert_return_code(fcntl(huge, F_ADD_SEALS, all), errno);
		assert_int_equal(send_memory(fd, huge, 0), EINVAL);
	}
	/* Not as many as it says. */
	assert_int_equal(send_memory(fd, -1, 0), EINVAL);
	assert_int_equal(send_memory(fd, sealed("more", 0, 2 * (off_t)LIMIT, all), 1), EINVAL);
	echo(fd, data, sizeof(data), NULL, 0);
	assert_settles(fd, &before);
	(void)close(fd);
	stop_process(server);
}

/* --- one user cannot take all memory --- */

static int call_with(int fd, char *data, size_t size, char command)
{
	door_arg_t arg = {.data_ptr = data, .data_size = size};

	data[0] = command;
	if (door_call(fd, &arg) < 0)
		return errno;
	(void)munmap(arg.rbuf, arg.rsize);
	return 0;
}

static int be_greedy(void)
{
	const size_t half = 65 * MIB;
	char *data = calloc(1, 129 * MIB);
	door_arg_t arg = {.data_ptr = data, .data_size = half};
	int fd = door_open(test_path), call, i;

	if (!data || fd < 0)
		return 1;
	if (call_with(fd, data, 129 * MIB, ECHO) != E2BIG)
		return 2;
	/* One after the other. */
	for (i = 0; i < 3; i++)
		if (call_with(fd, data, half, ECHO) != 0)
			return 3;
	data[0] = HANG;
	call = door_call_begin(fd, &arg);
	if (call < 0)
		return 4;
	if (call_with(fd, data, half, ECHO) != EAGAIN)
		return 5;
	if (call_with(fd, data, MIB, ECHO) != 0)
		return 6;
	return 0;
}

static void test_limits(void **state)
{
	pid_t server, pid;
	char *data;
	int fd;

	if (geteuid() != 0)
		skip();
	server = start_server(procedure, DOOR_NO_CANCEL, 0666);
	fd = open_door();
	pid = fork();
	assert_return_code(pid, errno);
	if (pid == 0)
		_exit(setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0
				? 9
				: be_greedy());
	assert_int_equal(exit_status(pid), 0);
	/* Root has no such limit. */
	data = calloc(1, 129 * MIB);
	assert_non_null(data);
	assert_int_equal(call_with(fd, data, 129 * MIB, ECHO), 0);
	free(data);
	(void)close(fd);
	stop_process(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_other_ways),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}

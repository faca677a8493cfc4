/* SPDX-License-Identifier: MIT */
/*
 * Calls: arguments and results of every size, descriptors both ways, every errno that
 * a caller can get, and what the server procedure may do.
 */
#include <door.h>
#include <door_linux.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT DOOR_DATA_LIMIT

static unsigned int count_fds(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			n++;
	return n;
}

/* The descriptors of this process once no server thread is closing any. */
static unsigned int settled_fds(void)
{
	unsigned int now = count_fds(), before;

	do {
		before = now;
		(void)usleep(50000);
		now = count_fds();
	} while (now != before);
	return now;
}

/* Server threads may still be closing theirs. */
static bool fds_become(unsigned int want)
{
	int i;

	for (i = 0; i < 2500 && count_fds() != want; i++)
		(void)usleep(2000);
	return count_fds() == want;
}

/* Answers with the argument, from its own stack. */
static void echo(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	char *copy = __builtin_alloca(size + 1);

	if (size)
		memcpy(copy, argp, size);
	(void)door_return(copy, size, dp, n);
	abort(); /* door_return() came back */
}

static int create(door_server_procedure_t *proc, uint_t attributes)
{
	int fd = door_create(proc, NULL, attributes);

	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	return fd;
}

static void test_sizes(void **state)
{
	static const size_t sizes[] = {0, 1, 17, 4096, LIMIT - 1, LIMIT};
	static char in[LIMIT], out[LIMIT];
	int fd = create(echo, DOOR_NO_CANCEL);
	size_t i, j;

	for (i = 0; i < LIMIT; i++)
		in[i] = (char)(i * 7);
	for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
		door_arg_t arg = {
			.data_ptr = in, .data_size = sizes[j], .rbuf = out, .rsize = sizeof(out)};

		memset(out, 0, sizeof(out));
		assert_return_code(door_call(fd, &arg), errno);
		assert_ptr_equal(arg.rbuf, out);
		assert_ptr_equal(arg.data_ptr, out);
		assert_int_equal(arg.data_size, sizes[j]);
		assert_int_equal(arg.desc_num, 0);
		assert_memory_equal(out, in, sizes[j]);
	}
	assert_return_code(door_revoke(fd), errno);
}

static void test_no_argument(void **state)
{
	int fd = create(echo, 0);

	assert_return_code(door_call(fd, NULL), errno);
	assert_return_code(door_revoke(fd), errno);
}

/* A result that does not fit arrives in a mapping of its own. */
static void test_result_mapped(void **state)
{
	static char in[LIMIT];
	int fd = create(echo, 0);
	char small[10];
	size_t i, rsize;

	for (i = 0; i < LIMIT; i++)
		in[i] = (char)(i * 13);
	for (rsize = 0; rsize <= sizeof(small); rsize += 5) {
		door_arg_t arg = {.data_ptr = in,
			.data_size = LIMIT,
			.rbuf = rsize ? small : NULL,
			.rsize = rsize};

		assert_return_code(door_call(fd, &arg), errno);
		assert_ptr_not_equal(arg.rbuf, small);
		assert_ptr_equal(arg.data_ptr, arg.rbuf);
		assert_int_equal(arg.data_size, LIMIT);
		assert_true(arg.rsize >= LIMIT);
		assert_memory_equal(arg.data_ptr, in, LIMIT);
		assert_return_code(munmap(arg.rbuf, arg.rsize), errno);
	}
	assert_return_code(door_revoke(fd), errno);
}

static void test_bad_arguments(void **state)
{
	door_arg_t arg = {.data_ptr = NULL, .data_size = 4};
	door_desc_t desc[DOOR_DESC_LIMIT + 1];
	int fd = create(echo, 0), pipes[2];

	memset(desc, 0, sizeof(desc));
	assert_int_equal(door_call(fd, &arg), -1);
	assert_int_equal(errno, EFAULT);
	arg = (door_arg_t){.desc_ptr = desc, .desc_num = DOOR_DESC_LIMIT + 1};
	assert_int_equal(door_call(fd, &arg), -1);
	assert_int_equal(errno, ENFILE);
	arg.desc_num = 1; /* no DOOR_DESCRIPTOR */
	assert_int_equal(door_call(fd, &arg), -1);
	assert_int_equal(errno, EINVAL);
	desc[0].d_attributes = DOOR_DESCRIPTOR;
	desc[0].d_data.d_desc.d_descriptor = 1000; /* not open */
	assert_int_equal(door_call(fd, &arg), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_call(-1, NULL), -1);
	assert_int_equal(errno, EBADF);
	assert_return_code(pipe(pipes), errno);
	assert_int_equal(door_call(pipes[0], NULL), -1);
	assert_int_equal(errno, EBADF);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	assert_int_equal(door_create(NULL, NULL, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_create(echo, NULL, DOOR_UNREF | DOOR_UNREF_MULTI), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_create(echo, NULL, 0x1000), -1);
	assert_int_equal(errno, EINVAL);
	assert_return_code(door_revoke(fd), errno);
}

static void make_descs(door_desc_t *desc, uint_t n, door_attr_t more)
{
	uint_t i;

	memset(desc, 0, n * sizeof(*desc));
	for (i = 0; i < n; i++) {
		desc[i].d_attributes = DOOR_DESCRIPTOR | more;
		desc[i].d_data.d_desc.d_descriptor = memfd_create("t", MFD_CLOEXEC);
		assert_true(desc[i].d_data.d_desc.d_descriptor >= 0);
		assert_int_equal(
			write(desc[i].d_data.d_desc.d_descriptor, &i, sizeof(i)), sizeof(i));
	}
}

/* Sends back what it got and gives its own copies away. */
static void echo_descs(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	uint_t i;

	for (i = 0; i < n; i++)
		dp[i].d_attributes |= DOOR_RELEASE;
	(void)door_return(argp, size, dp, n);
	abort();
}

static void check_descs(const door_arg_t *arg, uint_t n)
{
	uint_t i, k;

	assert_int_equal(arg->desc_num, n);
	for (i = 0; i < n; i++) {
		const door_desc_t *d = &arg->desc_ptr[i];
		int fd = d->d_data.d_desc.d_descriptor;

		assert_int_equal(d->d_attributes, DOOR_DESCRIPTOR);
		assert_int_equal(d->d_data.d_desc.d_id, 0);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(pread(fd, &k, sizeof(k), 0), sizeof(k));
		assert_int_equal(k, i);
		(void)close(fd);
	}
}

static void test_descriptors(void **state)
{
	static const uint_t counts[] = {1, 2, 13, DOOR_DESC_LIMIT};
	int fd = create(echo_descs, 0);
	door_desc_t desc[DOOR_DESC_LIMIT];
	unsigned int before, i, rsize;
	char data[3] = "abc", result[4096];

	(void)door_call(fd, NULL); /* threads are there now */
	before = settled_fds();
	for (i = 0; i < 4; i++)
		for (rsize = 0; rsize <= sizeof(result); rsize += sizeof(result)) {
			door_arg_t arg = {.data_ptr = data,
				.data_size = sizeof(data),
				.desc_ptr = desc,
				.desc_num = counts[i],
				.rbuf = result + 1,
				.rsize = rsize ? rsize - 1 : 0};

			make_descs(desc, counts[i], DOOR_RELEASE);
			assert_return_code(door_call(fd, &arg), errno);
			assert_memory_equal(arg.data_ptr, data, sizeof(data));
			assert_true((arg.rbuf == result + 1) == (rsize != 0));
			check_descs(&arg, counts[i]);
			if (arg.rbuf != result + 1)
				assert_return_code(munmap(arg.rbuf, arg.rsize), errno);
		}
	assert_true(fds_become(before));
	assert_return_code(door_revoke(fd), errno);
}

static void test_refuse_desc(void **state)
{
	int fd = create(echo, DOOR_REFUSE_DESC);
	door_desc_t desc;
	door_arg_t arg = {.desc_ptr = &desc, .desc_num = 1};

	make_descs(&desc, 1, 0);
	assert_int_equal(door_call(fd, &arg), -1);
	assert_int_equal(errno, ENOTSUP);
	(void)close(desc.d_data.d_desc.d_descriptor);
	assert_return_code(door_revoke(fd), errno);
}

/* A result that is not wanted does not leave descriptors behind. */
static void give_pipe(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	door_desc_t desc[2];

	make_descs(desc, 2, DOOR_RELEASE);
	(void)door_return(NULL, 0, desc, 2);
	abort();
}

static void test_unwanted_descriptors(void **state)
{
	int fd = create(give_pipe, 0);
	unsigned int before, i;

	for (i = 0; i < 3; i++) /* what the thread keeps of the door is there now */
		(void)door_call(fd, NULL);
	before = settled_fds();
	assert_return_code(door_call(fd, NULL), errno);
	assert_true(fds_become(before));
	assert_return_code(door_revoke(fd), errno);
}

/* A door in an argument is known as one. */
static void ask_door(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	door_info_t info, query;

	if (n == 1 && door_info(dp->d_data.d_desc.d_descriptor, &info) == 0 &&
		door_info(DOOR_QUERY, &query) == 0 && info.di_uniquifier != query.di_uniquifier &&
		dp->d_data.d_desc.d_id == info.di_uniquifier &&
		dp->d_attributes & DOOR_REFUSE_DESC && dp->d_attributes & DOOR_LOCAL)
		(void)door_call(dp->d_data.d_desc.d_descriptor,
			&(door_arg_t){
				.data_ptr = (char *)"x", .data_size = 1, .rbuf = argp, .rsize = 1});
	if (n == 1)
		(void)close(dp->d_data.d_desc.d_descriptor);
	(void)door_return(argp, size, NULL, 0);
}

static void test_pass_door(void **state)
{
	int fd = create(ask_door, 0), other = create(echo, DOOR_REFUSE_DESC);
	door_desc_t desc = {.d_attributes = DOOR_DESCRIPTOR};
	char data = '-';
	door_arg_t arg = {.data_ptr = &data,
		.data_size = 1,
		.desc_ptr = &desc,
		.desc_num = 1,
		.rbuf = &data,
		.rsize = 1};

	desc.d_data.d_desc.d_descriptor = other;
	assert_return_code(door_call(fd, &arg), errno);
	assert_int_equal(data, 'x');
	assert_return_code(door_revoke(fd), errno);
	assert_return_code(door_revoke(other), errno);
}

static void test_info_and_revoke(void **state)
{
	int cookie, fd, copy, pipes[2];
	door_info_t info;

	fd = door_create(echo, &cookie, DOOR_REFUSE_DESC);
	copy = dup(fd);
	assert_return_code(door_info(fd, &info), errno);
	assert_int_equal(info.di_target, getpid());
	assert_true(info.di_proc == (door_ptr_t)(uintptr_t)echo);
	assert_true(info.di_data == (door_ptr_t)(uintptr_t)&cookie);
	assert_int_equal(info.di_attributes, DOOR_REFUSE_DESC | DOOR_LOCAL);
	assert_true(info.di_uniquifier != 0);
	assert_int_equal(door_info(DOOR_QUERY, &info), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(door_info(fd, NULL), -1);
	assert_int_equal(errno, EFAULT);
	assert_return_code(door_revoke(fd), errno);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(door_call(copy, NULL), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(door_revoke(copy), -1);
	assert_int_equal(errno, EBADF);
	assert_return_code(door_info(copy, &info), errno);
	assert_int_equal(info.di_target, -1);
	assert_true(info.di_attributes & DOOR_REVOKED);
	(void)close(copy);
	assert_return_code(pipe(pipes), errno);
	assert_int_equal(door_revoke(pipes[0]), -1);
	assert_int_equal(errno, EBADF);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

/* The procedure revokes its own door: this call finishes, later ones fail. */
static void revoke_self(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	int r = door_revoke(dup(*(int *)cookie));

	(void)door_return((char *)&r, sizeof(r), NULL, 0);
}

static void test_revoke_in_call(void **state)
{
	int r = -1, fd;
	door_arg_t arg = {.rbuf = (char *)&r, .rsize = sizeof(r)};

	fd = door_create(revoke_self, &fd, 0);
	assert_return_code(door_call(fd, &arg), errno);
	assert_int_equal(arg.data_size, sizeof(r));
	assert_int_equal(r, 0);
	assert_int_equal(door_call(fd, &arg), -1);
	assert_int_equal(errno, EBADF);
	(void)close(fd);
}

/* A procedure that returns has not answered. */
static void forget(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
}

static void test_no_answer(void **state)
{
	int i, fd = create(forget, 0);

	for (i = 0; i < 50; i++) {
		assert_int_equal(door_call(fd, NULL), -1);
		assert_int_equal(errno, EINTR);
	}
	assert_return_code(door_revoke(fd), errno);
}

/* Calls its own door, n deep. */
static void nest(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	int depth, deeper, r = 0;
	door_arg_t arg = {.data_ptr = (char *)&deeper,
		.data_size = sizeof(deeper),
		.rbuf = (char *)&r,
		.rsize = sizeof(r)};

	memcpy(&depth, argp, sizeof(depth));
	deeper = depth - 1;
	if (depth > 0 && door_call(*(int *)cookie, &arg) < 0)
		r = -errno * 1000;
	r++;
	(void)door_return((char *)&r, sizeof(r), NULL, 0);
}

static void test_nested(void **state)
{
	int fd, depth = 40, r = 0;
	door_arg_t arg = {.data_ptr = (char *)&depth,
		.data_size = sizeof(depth),
		.rbuf = (char *)&r,
		.rsize = sizeof(r)};

	fd = door_create(nest, &fd, 0);
	assert_return_code(door_call(fd, &arg), errno);
	assert_int_equal(r, depth + 1);
	/* Deeper than there may be threads: an error for one, and nobody hangs. */
	depth = 400;
	arg.data_ptr = (char *)&depth;
	assert_return_code(door_call(fd, &arg), errno);
	assert_true(r < 0);
	depth = 3;
	arg.data_ptr = (char *)&depth;
	assert_return_code(door_call(fd, &arg), errno);
	assert_int_equal(r, depth + 1);
	assert_return_code(door_revoke(fd), errno);
}

struct client {
	pthread_t thread;
	int fd;
	unsigned int seed, errors;
};

static void *client_main(void *arg)
{
	struct client *c = arg;
	unsigned int i, in[64], out[64];

	for (i = 0; i < 2000; i++) {
		size_t size = 4 + i % 60 * 4;
		door_arg_t a = {.data_ptr = (char *)in,
			.data_size = size,
			.rbuf = (char *)out,
			.rsize = sizeof(out)};

		in[0] = c->seed + i;
		in[size / 4 - 1] = c->seed + i;
		if (door_call(c->fd, &a) < 0 || a.data_size != size || out[0] != in[0] ||
			out[size / 4 - 1] != in[0])
			c->errors++;
	}
	return NULL;
}

static void test_concurrent(void **state)
{
	int fd = create(echo, DOOR_NO_CANCEL), i;
	struct client clients[8];

	for (i = 0; i < 8; i++) {
		clients[i] = (struct client){.fd = fd, .seed = (unsigned int)i << 16};
		assert_int_equal(
			pthread_create(&clients[i].thread, NULL, client_main, &clients[i]), 0);
	}
	for (i = 0; i < 8; i++) {
		(void)pthread_join(clients[i].thread, NULL);
		assert_int_equal(clients[i].errors, 0);
	}
	assert_return_code(door_revoke(fd), errno);
}

/* Doors that come and go while they are called: every call ends, nothing is left. */
static atomic_int storm_fd;
static atomic_bool storm_over;

static void *storm_client(void *arg)
{
	unsigned int *bad = arg;
	door_desc_t desc;

	while (!atomic_load(&storm_over)) {
		char data[100], result[100];
		int fd = fcntl(atomic_load(&storm_fd), F_DUPFD_CLOEXEC, 0);
		door_arg_t a = {.data_ptr = data,
			.data_size = sizeof(data),
			.desc_ptr = &desc,
			.desc_num = 1,
			.rbuf = result,
			.rsize = sizeof(result)};

		if (fd < 0)
			continue;
		memset(data, fd, sizeof(data));
		make_descs(&desc, 1, DOOR_RELEASE);
		if (door_call(fd, &a) < 0) {
			*bad += errno != EBADF;
			if (errno == EBADF)
				(void)close(desc.d_data.d_desc.d_descriptor);
		} else {
			*bad += a.data_size != sizeof(data) || a.desc_num != 1 ||
				memcmp(a.data_ptr, data, sizeof(data)) != 0;
			if (a.desc_num == 1)
				(void)close(a.desc_ptr->d_data.d_desc.d_descriptor);
			if (a.rbuf != result)
				(void)munmap(a.rbuf, a.rsize);
		}
		(void)close(fd);
	}
	return NULL;
}

static void test_revoke_storm(void **state)
{
	unsigned int bad[4] = {0}, before, i;
	pthread_t threads[4];
	int fd;

	before = settled_fds();
	atomic_store(&storm_fd, create(echo_descs, 0));
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, storm_client, &bad[i]), 0);
	for (i = 0; i < 300; i++) {
		fd = create(echo_descs, i % 2 ? DOOR_NO_CANCEL : 0);
		fd = atomic_exchange(&storm_fd, fd);
		(void)usleep(i % 10 * 100);
		assert_return_code(door_revoke(fd), errno);
	}
	atomic_store(&storm_over, true);
	for (i = 0; i < 4; i++) {
		(void)pthread_join(threads[i], NULL);
		assert_int_equal(bad[i], 0);
	}
	assert_return_code(door_revoke(atomic_load(&storm_fd)), errno);
	assert_true(fds_become(before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_no_argument),
		cmocka_unit_test(test_result_mapped),
		cmocka_unit_test(test_bad_arguments),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_refuse_desc),
		cmocka_unit_test(test_unwanted_descriptors),
		cmocka_unit_test(test_pass_door),
		cmocka_unit_test(test_info_and_revoke),
		cmocka_unit_test(test_revoke_in_call),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_concurrent),
		cmocka_unit_test(test_revoke_storm),
	};

	(void)alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* door_getparam(3C), door_setparam(3C): every rule, of our own doors and of another process's. */
#include "door-test.h"

#include <limits.h>

static char big[DOOR_DATA_LIMIT + 1];

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	uint_t i;

	for (i = 0; i < n; i++)
		(void)close(dp[i].d_data.d_desc.d_descriptor);
	/* The first byte is a command: the door itself cannot be changed by others. */
	if (size >= 2 && argp[0] == 'm')
		(void)door_setparam(*(int *)cookie, DOOR_PARAM_DATA_MIN, (size_t)argp[1]);
	(void)door_return(NULL, 0, NULL, 0);
}

static void check(int fd, int param, size_t expected)
{
	size_t value = 12345;

	assert_return_code(door_getparam(fd, param, &value), errno);
	assert_int_equal(value, expected);
}

static void refused(int r, int error)
{
	assert_int_equal(r, -1);
	assert_int_equal(errno, error);
}

static int call_sized(int fd, size_t size)
{
	door_arg_t arg = {.data_ptr = big, .data_size = size};

	return door_call(fd, &arg);
}

static int call_with_descs(int fd, uint_t n)
{
	door_desc_t desc[DOOR_DESC_LIMIT];
	door_arg_t arg = {.desc_ptr = desc, .desc_num = n};
	uint_t i;

	memset(desc, 0, sizeof(desc));
	for (i = 0; i < n; i++)
		desc[i].d_attributes = DOOR_DESCRIPTOR; /* stdin */
	return door_call(fd, &arg);
}

static void check_data(int fd)
{
	assert_return_code(door_setparam(fd, DOOR_PARAM_DATA_MAX, 100), errno);
	assert_return_code(door_setparam(fd, DOOR_PARAM_DATA_MIN, 10), errno);
	check(fd, DOOR_PARAM_DATA_MIN, 10);
	check(fd, DOOR_PARAM_DATA_MAX, 100);
	assert_return_code(call_sized(fd, 10), errno);
	assert_return_code(call_sized(fd, 100), errno);
	refused(call_sized(fd, 9), ENOBUFS);
	refused(call_sized(fd, 101), ENOBUFS);
	refused(call_sized(fd, sizeof(big)), ENOBUFS);
	refused(door_call(fd, NULL), ENOBUFS);
	refused(door_setparam(fd, DOOR_PARAM_DATA_MIN, 101), EINVAL);
	refused(door_setparam(fd, DOOR_PARAM_DATA_MAX, 9), EINVAL);
	check(fd, DOOR_PARAM_DATA_MIN, 10);
	check(fd, DOOR_PARAM_DATA_MAX, 100);
	assert_return_code(door_setparam(fd, DOOR_PARAM_DATA_MAX, SIZE_MAX), errno);
	assert_return_code(call_sized(fd, sizeof(big)), errno);
}

static void test_own(void **state)
{
	int fd = door_create(procedure, NULL, 0), copy;
	size_t value;

	check(fd, DOOR_PARAM_DATA_MIN, 0);
	check(fd, DOOR_PARAM_DATA_MAX, SIZE_MAX);
	check(fd, DOOR_PARAM_DESC_MAX, INT_MAX);
	check_data(fd);
	assert_return_code(door_setparam(fd, DOOR_PARAM_DATA_MIN, 0), errno);
	assert_return_code(door_setparam(fd, DOOR_PARAM_DESC_MAX, 2), errno);
	check(fd, DOOR_PARAM_DESC_MAX, 2);
	assert_return_code(call_with_descs(fd, 2), errno);
	refused(call_with_descs(fd, 3), ENFILE);
	refused(door_setparam(fd, DOOR_PARAM_DESC_MAX, (size_t)INT_MAX + 1), ERANGE);
	assert_return_code(door_setparam(fd, DOOR_PARAM_DESC_MAX, INT_MAX), errno);
	refused(door_setparam(fd, 0, 1), EINVAL);
	refused(door_setparam(fd, 4, 1), EINVAL);
	refused(door_getparam(fd, 4, &value), EINVAL);
	refused(door_getparam(fd, DOOR_PARAM_DATA_MIN, NULL), EFAULT);
	refused(door_getparam(0, DOOR_PARAM_DATA_MIN, &value), EBADF);
	refused(door_setparam(-1, DOOR_PARAM_DATA_MIN, 1), EBADF);
	copy = dup(fd);
	assert_return_code(door_revoke(fd), errno);
	refused(door_getparam(copy, DOOR_PARAM_DATA_MIN, &value), EBADF);
	refused(door_setparam(copy, DOOR_PARAM_DATA_MIN, 1), EBADF);
	(void)close(copy);
}

static void test_refuse_desc(void **state)
{
	int fd = door_create(procedure, NULL, DOOR_REFUSE_DESC);

	check(fd, DOOR_PARAM_DESC_MAX, 0);
	refused(door_setparam(fd, DOOR_PARAM_DESC_MAX, 1), ENOTSUP);
	assert_return_code(door_setparam(fd, DOOR_PARAM_DESC_MAX, 0), errno);
	refused(call_with_descs(fd, 1), ENOTSUP);
	assert_return_code(call_with_descs(fd, 0), errno);
	assert_return_code(door_revoke(fd), errno);
}

/* The unref announcement is no call: bounds do not hold it back. */
static int unref_seen;

static void on_unref(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	if (argp == DOOR_UNREF_DATA)
		__atomic_store_n(&unref_seen, 1, __ATOMIC_SEQ_CST);
	(void)door_return(NULL, 0, NULL, 0);
}

static void test_unref_unbounded(void **state)
{
	int fd = door_create(on_unref, NULL, DOOR_UNREF), i;

	assert_return_code(door_setparam(fd, DOOR_PARAM_DATA_MIN, 50), errno);
	assert_return_code(door_attach(fd, test_path, 0600), errno);
	assert_return_code(door_detach(test_path), errno);
	for (i = 0; i < 500 && !__atomic_load_n(&unref_seen, __ATOMIC_SEQ_CST); i++)
		(void)usleep(2000);
	assert_true(unref_seen);
	assert_return_code(door_revoke(fd), errno);
}

static pid_t start_bounded_server(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_return_code(pipe(ready), errno);
	pid = fork();
	if (pid == 0) {
		static int fd;

		fd = door_create(procedure, &fd, 0);
		if (door_setparam(fd, DOOR_PARAM_DATA_MAX, 64) < 0 ||
			door_setparam(fd, DOOR_PARAM_DESC_MAX, 1) < 0 ||
			door_attach(fd, test_path, 0600) < 0)
			_exit(1);
		(void)write(ready[1], "", 1);
		(void)alarm(30);
		for (;;)
			(void)pause();
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	return pid;
}

static void test_foreign(void **state)
{
	pid_t pid = start_bounded_server();
	char set_min[] = {'m', 8};
	door_arg_t arg = {.data_ptr = set_min, .data_size = sizeof(set_min)};
	int fd = door_open(test_path);
	size_t value;

	assert_return_code(fd, errno);
	check(fd, DOOR_PARAM_DATA_MIN, 0);
	check(fd, DOOR_PARAM_DATA_MAX, 64);
	check(fd, DOOR_PARAM_DESC_MAX, 1);
	refused(call_sized(fd, 65), ENOBUFS);
	refused(call_sized(fd, sizeof(big)), ENOBUFS);
	refused(call_with_descs(fd, 2), ENFILE);
	assert_return_code(call_with_descs(fd, 1), errno);
	refused(door_setparam(fd, DOOR_PARAM_DATA_MAX, 1), EPERM);
	assert_return_code(door_call(fd, &arg), errno);
	check(fd, DOOR_PARAM_DATA_MIN, 8);
	refused(door_call(fd, NULL), ENOBUFS);
	stop_process(pid);
	refused(door_getparam(fd, DOOR_PARAM_DATA_MIN, &value), EBADF);
	refused(door_setparam(fd, DOOR_PARAM_DATA_MIN, 1), EBADF);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_refuse_desc),
		cmocka_unit_test(test_unref_unbounded),
		cmocka_unit_test(test_foreign),
	};

	(void)alarm(30);
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}

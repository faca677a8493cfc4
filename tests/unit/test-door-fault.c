/* SPDX-License-Identifier: MIT */
/*
 * Pointers that lead nowhere: EFAULT for caller and procedure, the way the call travels
 * notwithstanding, and the door serves the next call as if nothing had been.
 */
#include "door-test.h"

#include "door/address.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucred.h>

#define PAGE ((size_t)sysconf(_SC_PAGESIZE))

enum { ECHO = 'e', RETURN = 'r', CRED = 'c' };

/* No access, read only, and the end of what may be used. */
static char *nothing, *constant, *edge;

static void make_memory(void)
{
	/* cppcheck-suppress invalidFunctionArg; no file behind it */
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	edge = p + PAGE;
	memset(p, ECHO, PAGE);
	assert_return_code(mprotect(edge, PAGE, PROT_NONE), errno);
	constant = p + 2 * PAGE;
	memset(constant, ECHO, PAGE);
	assert_return_code(mprotect(constant, PAGE, PROT_READ), errno);
	nothing = p + 3 * PAGE;
	assert_return_code(mprotect(nothing, PAGE, PROT_NONE), errno);
}

/* What is wrong in a procedure is told as the first byte of its answer that is not 0. */
static char return_wrong(void)
{
	door_desc_t *desc = (door_desc_t *)(void *)nothing;
	char *const data[] = {nothing, edge - 1, (char *)8, NULL, (char *)(intptr_t)-4096};
	size_t i;

	for (i = 0; i < sizeof(data) / sizeof(*data); i++) {
		if (door_return(data[i], 2, NULL, 0) != -1 || errno != EFAULT)
			return (char)(i + 1);
		if (door_return(data[i], 1u << 17, NULL, 0) != -1 || errno != EFAULT)
			return (char)(i + 11);
	}
	if (door_return(NULL, 0, desc, 1) != -1 || errno != EFAULT)
		return 21;
	return door_return(NULL, 0, NULL, 1) != -1 || errno != EFAULT ? 22 : 0;
}

static char ask_wrong(void)
{
	door_info_t *info = (door_info_t *)(void *)nothing;

	if (door_ucred((ucred_t **)(void *)constant) != -1 || errno != EFAULT)
		return 1;
	if (door_cred((door_cred_t *)(void *)nothing) != -1 || errno != EFAULT)
		return 2;
	return door_info(DOOR_QUERY, info) != -1 || errno != EFAULT ? 3 : 0;
}

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	char answer = 0;

	if (size && *argp == RETURN)
		answer = return_wrong();
	else if (size && *argp == CRED)
		answer = ask_wrong();
	else
		(void)door_return(argp, size, NULL, 0);
	(void)door_return(&answer, 1, NULL, 0);
}

static void call(int fd, char *data, size_t size, char *rbuf, size_t rsize, int error)
{
	door_arg_t arg = {.data_ptr = data, .data_size = size, .rbuf = rbuf, .rsize = rsize};
	int r = door_call(fd, &arg);

	assert_int_equal(r, error ? -1 : 0);
	if (error)
		assert_int_equal(errno, error);
}

/* Twice, so that the second one finds a channel where there is one. */
static void all_calls(int fd)
{
	static char data[] = {ECHO, 1, 2, 3}, result[PATH_MAX];
	char *const last = edge - 4;
	door_arg_t *arg;
	door_desc_t *desc = (door_desc_t *)(void *)nothing;

	call(fd, data, sizeof(data), result, sizeof(result), 0);
	/* The argument. */
	call(fd, nothing, 1, result, sizeof(result), EFAULT);
	call(fd, (char *)8, 4, result, sizeof(result), EFAULT);
	call(fd, last, 5, result, sizeof(result), EFAULT);
	call(fd, edge - PAGE, PAGE + 1, result, sizeof(result), EFAULT);
	call(fd, (char *)(intptr_t)-16, 8, result, sizeof(result), EFAULT);
	call(fd, (char *)(intptr_t)-16, 32, result, sizeof(result), EFAULT);
	call(fd, last, 4, result, sizeof(result), 0);
	call(fd, constant, PAGE, result, sizeof(result), 0);
	call(fd, nothing, 0, result, sizeof(result), 0);
	/* The result. Room that is not needed is not looked at. */
	call(fd, data, sizeof(data), nothing, PAGE, EFAULT);
	call(fd, data, sizeof(data), constant, PAGE, EFAULT);
	call(fd, data, sizeof(data), edge - 3, PAGE, EFAULT);
	call(fd, data, sizeof(data), last, PAGE, 0);
	assert_memory_equal(last, data, sizeof(data));
	call(fd, NULL, 0, nothing, PAGE, 0);
	memset(last, ECHO, 4);
	/* What says it all, and what it says of descriptors. */
	assert_int_equal(door_call(fd, (door_arg_t *)(void *)nothing), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(door_call(fd, (door_arg_t *)(void *)constant), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(door_call_begin(fd, (door_arg_t *)(void *)nothing), -1);
	assert_int_equal(errno, EFAULT);
	arg = &(door_arg_t){.desc_ptr = desc, .desc_num = 1};
	assert_int_equal(door_call(fd, arg), -1);
	assert_int_equal(errno, EFAULT);
	arg = &(door_arg_t){.desc_ptr = desc, .desc_num = UINT_MAX};
	assert_int_equal(door_call(fd, arg), -1);
	assert_int_equal(errno, ENFILE);
}

static void test_caller(void **state)
{
	pid_t server = start_server(procedure, 0, 0600);
	int fd = door_open(test_path), i;

	assert_return_code(fd, errno);
	for (i = 0; i < 3; i++)
		all_calls(fd);
	assert_int_equal(door_info(fd, (door_info_t *)(void *)constant), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(door_getparam(fd, DOOR_PARAM_DATA_MAX, (size_t *)(void *)nothing), -1);
	assert_int_equal(errno, EFAULT);
	(void)close(fd);
	stop_process(server);
}

static void test_procedure(void **state)
{
	int fd = door_create(procedure, NULL, 0), i;
	static char data[1];

	for (i = 0; i < 4; i++) {
		char result[1] = {-1};
		door_arg_t arg = {.data_ptr = data, .data_size = 1, .rbuf = result, .rsize = 1};

		data[0] = i % 2 ? RETURN : CRED;
		assert_return_code(door_call(fd, &arg), errno);
		assert_int_equal(result[0], 0);
	}
	assert_return_code(door_revoke(fd), errno);
}

/* From a stack of another kind, which is not where the thread's is. */
static volatile int handled;
static int handler_door;

static void on_signal(int number)
{
	char data[64] = {ECHO}, result[64];

	call(handler_door, data, sizeof(data), result, sizeof(result), 0);
	call(handler_door, nothing, sizeof(data), result, sizeof(result), EFAULT);
	call(handler_door, data, sizeof(data), nothing, sizeof(result), EFAULT);
	handled++;
}

static void test_stacks(void **state)
{
	static char stack[1 << 17];
	const stack_t other = {.ss_sp = stack, .ss_size = sizeof(stack)};
	const struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
	pid_t server = start_server(procedure, 0, 0600);
	char data[64] = {ECHO};
	int i;

	handler_door = door_open(test_path);
	assert_return_code(handler_door, errno);
	assert_return_code(sigaltstack(&other, NULL), errno);
	assert_return_code(sigaction(SIGUSR1, &sa, NULL), errno);
	/* A channel is made with the second call, and not in a signal handler. */
	call(handler_door, data, sizeof(data), data, sizeof(data), 0);
	for (i = 0; i < 3; i++) {
		call(handler_door, data, sizeof(data), data, sizeof(data), 0);
		(void)raise(SIGUSR1);
	}
	assert_int_equal(handled, 3);
	/* What would be below all stacks, and beyond the end of this one. */
	address_learn_stack();
	assert_true(address_readable(data, sizeof(data)));
	assert_false(address_readable(data, SIZE_MAX / 4));
	assert_false(address_writable(data, SIZE_MAX));
	(void)close(handler_door);
	stop_process(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caller),
		cmocka_unit_test(test_procedure),
		cmocka_unit_test(test_stacks),
	};

	make_memory();
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}

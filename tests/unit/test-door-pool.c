/* SPDX-License-Identifier: MIT */
/*
 * Who serves: threads of the program (door_server_create, door_return without a call),
 * private pools (door_bind, door_unbind), door_xcreate. Each rule of their manual.
 */
#include "door-test.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

static sem_t go;
static atomic_int running, callbacks, with_info, set_up, ended;
static atomic_ulong last_data;

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	pthread_t self = pthread_self();

	if (size) {
		atomic_fetch_add(&running, 1);
		(void)sem_wait(&go);
		atomic_fetch_sub(&running, 1);
	}
	(void)door_return((char *)&self, sizeof(self), NULL, 0);
}

static void reset(void)
{
	atomic_store(&callbacks, 0);
	atomic_store(&with_info, 0);
	atomic_store(&set_up, 0);
	atomic_store(&ended, 0);
	atomic_store(&last_data, 0);
}

static bool reaches(atomic_int *what, int value)
{
	int i;

	for (i = 0; i < 1000 && atomic_load(what) != value; i++)
		(void)usleep(2000);
	return atomic_load(what) == value;
}

static int begin(int fd, bool wait)
{
	char byte = 1;
	int call = door_call_begin(fd, &(door_arg_t){.data_ptr = &byte, .data_size = wait});

	assert_return_code(call, errno);
	return call;
}

static bool answered(int call, int ms)
{
	struct pollfd p = {.fd = call, .events = POLLIN};

	return poll(&p, 1, ms) == 1;
}

static pthread_t who(int fd)
{
	pthread_t thread = 0;
	door_arg_t arg = {.rbuf = (char *)&thread, .rsize = sizeof(thread)};

	assert_return_code(door_call(fd, &arg), errno);
	return thread;
}

/* A thread that joins: the shared pool, or the private one of the door *arg. */
static void *joiner(void *arg)
{
	const int *fd = arg;

	if (fd && door_bind(*fd) < 0)
		return (void *)(intptr_t)errno;
	if (door_return(NULL, 0, NULL, 0) != -1)
		return (void *)-1;
	atomic_fetch_add(&ended, 1);
	return (void *)(intptr_t)errno;
}

static pthread_t start(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, fn, arg), 0);
	return thread;
}

static int end_of(pthread_t thread)
{
	void *result;

	assert_int_equal(pthread_join(thread, &result), 0);
	return (int)(intptr_t)result;
}

/* First of all tests: nothing to join in a process without doors. */
static void test_no_door_made(void **state)
{
	errno = 0;
	assert_int_equal(door_return(NULL, 0, NULL, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_unbind(), -1);
	assert_int_equal(errno, EBADF);
}

static void test_bind_errors(void **state)
{
	int plain = door_create(procedure, NULL, 0), fd, copy;

	assert_int_equal(door_bind(-1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(door_bind(0), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(door_bind(plain), -1);
	assert_int_equal(errno, EINVAL);
	fd = door_create(procedure, NULL, DOOR_PRIVATE);
	assert_return_code(fd, errno);
	assert_return_code(door_bind(fd), errno);
	assert_return_code(door_unbind(), errno);
	assert_int_equal(door_unbind(), -1);
	assert_int_equal(errno, EBADF);
	/* Bound to a door that goes away. */
	assert_return_code(door_bind(fd), errno);
	copy = dup(fd);
	assert_return_code(door_revoke(fd), errno);
	assert_int_equal(door_bind(copy), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(door_return(NULL, 0, NULL, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_return_code(door_unbind(), errno);
	(void)close(copy);
	assert_return_code(door_revoke(plain), errno);
}

/* Only bound threads serve; calls wait for them. */
static void test_private(void **state)
{
	int fd = door_create(procedure, NULL, DOOR_PRIVATE), first, second;
	door_info_t info;
	pthread_t thread;

	assert_return_code(door_info(fd, &info), errno);
	assert_int_equal(info.di_attributes, DOOR_PRIVATE | DOOR_LOCAL);
	first = begin(fd, true);
	assert_false(answered(first, 30));
	thread = start(joiner, &fd);
	assert_true(reaches(&running, 1));
	/* One thread: the second call waits for the first. */
	second = begin(fd, false);
	assert_false(answered(second, 30));
	(void)sem_post(&go);
	assert_return_code(door_call_finish(first, NULL), errno);
	assert_true(answered(second, 2000));
	assert_return_code(door_call_finish(second, NULL), errno);
	assert_true(pthread_equal(who(fd), thread));
	/* Its thread comes back when the door is gone. */
	assert_return_code(door_revoke(fd), errno);
	assert_int_equal(end_of(thread), EINVAL);
}

/* A procedure that leaves its pool, or goes to another one. */
static int other_private;

static void moving(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	int r = size && *argp == 'u' ? door_unbind() : size ? door_bind(other_private) : 0;

	if (r < 0)
		r = errno;
	(void)door_return((char *)&r, sizeof(r), NULL, 0);
}

static void test_move(void **state)
{
	int fd = door_create(moving, NULL, DOOR_PRIVATE), result = -1, call;
	char command = 'b';
	door_arg_t arg = {.data_ptr = &command,
		.data_size = 1,
		.rbuf = (char *)&result,
		.rsize = sizeof(result)};
	pthread_t thread = start(joiner, &fd);

	other_private = door_create(procedure, NULL, DOOR_PRIVATE);
	assert_return_code(door_call(fd, &arg), errno);
	assert_int_equal(result, 0);
	assert_true(pthread_equal(who(other_private), thread));
	call = begin(fd, false);
	assert_false(answered(call, 30));
	assert_return_code(door_revoke(other_private), errno);
	assert_int_equal(end_of(thread), EINVAL);
	/* Another one takes the call that waits, and then leaves for the shared pool. */
	thread = start(joiner, &fd);
	assert_true(answered(call, 2000));
	assert_return_code(door_call_finish(call, NULL), errno);
	command = 'u';
	arg = (door_arg_t){.data_ptr = &command,
		.data_size = 1,
		.rbuf = (char *)&result,
		.rsize = sizeof(result)};
	assert_return_code(door_call(fd, &arg), errno);
	assert_int_equal(result, 0);
	call = begin(fd, false);
	assert_false(answered(call, 30));
	assert_int_equal(pthread_detach(thread), 0);
	assert_return_code(door_revoke(fd), errno);
	assert_int_equal(door_call_finish(call, NULL), -1);
}

/* --- door_server_create() --- */

static int bound_fd;

static void *unbound_thread(void *arg)
{
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	(void)door_return(NULL, 0, NULL, 0);
	return NULL;
}

static void *bound_thread(void *arg)
{
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	if (door_bind(bound_fd) == 0)
		(void)door_return(NULL, 0, NULL, 0);
	atomic_fetch_add(&ended, 1);
	return NULL;
}

/* At door_create() the descriptor is not known yet: it is only noted that there was a call. */
static void create_proc(door_info_t *info)
{
	pthread_t thread;

	atomic_fetch_add(&callbacks, 1);
	if (info) {
		atomic_fetch_add(&with_info, 1);
		atomic_store(&last_data, (unsigned long)info->di_data);
		if (atomic_load(&callbacks) > 1 &&
			pthread_create(&thread, NULL, bound_thread, NULL) == 0)
			(void)pthread_detach(thread);
	} else if (pthread_create(&thread, NULL, unbound_thread, NULL) == 0) {
		(void)pthread_detach(thread);
	}
}

static void test_server_create_shared(void **state)
{
	door_server_func_t *old = door_server_create(create_proc);
	int fd, calls[4], i;

	reset();
	assert_non_null(old);
	assert_ptr_equal(door_server_create(create_proc), create_proc);
	fd = door_create(procedure, NULL, 0);
	for (i = 0; i < 4; i++) {
		calls[i] = begin(fd, true);
		assert_true(reaches(&running, i + 1));
	}
	/* Threads that were there already took some; the program made the others. */
	assert_in_range(atomic_load(&callbacks), 1, 4);
	assert_int_equal(atomic_load(&with_info), 0);
	for (i = 0; i < 4; i++)
		(void)sem_post(&go);
	for (i = 0; i < 4; i++)
		assert_return_code(door_call_finish(calls[i], NULL), errno);
	assert_ptr_equal(door_server_create(old), create_proc);
	assert_ptr_equal(door_server_create(NULL), old);
	assert_return_code(door_revoke(fd), errno);
}

static void test_server_create_private(void **state)
{
	static char cookie[1];
	int calls[3], i;
	pthread_t thread;

	reset();
	(void)door_server_create(create_proc);
	bound_fd = door_create(procedure, cookie, DOOR_PRIVATE);
	assert_int_equal(atomic_load(&callbacks), 1); /* the first one is asked for at once */
	assert_int_equal(atomic_load(&with_info), 1);
	assert_int_equal(atomic_load(&last_data), (unsigned long)(uintptr_t)cookie);
	thread = start(bound_thread, NULL);
	assert_int_equal(pthread_detach(thread), 0);
	for (i = 0; i < 3; i++) {
		calls[i] = begin(bound_fd, true);
		assert_true(reaches(&running, i + 1));
		assert_true(reaches(&callbacks, i + 2));
	}
	for (i = 0; i < 3; i++)
		(void)sem_post(&go);
	for (i = 0; i < 3; i++)
		assert_return_code(door_call_finish(calls[i], NULL), errno);
	assert_int_equal(atomic_load(&with_info), 4);
	(void)door_server_create(NULL);
	assert_return_code(door_revoke(bound_fd), errno);
	assert_true(reaches(&ended, 4));
}

/* A name answers and a client that goes away is noticed though all threads are busy. */
static void cancellable(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	(void)pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	atomic_fetch_add(&running, 1);
	for (;;)
		(void)pause();
}

static void count_end(void *arg)
{
	atomic_fetch_sub(&running, 1);
}

static void *mourned(void *arg)
{
	pthread_cleanup_push(count_end, NULL);
	(void)joiner(arg);
	pthread_cleanup_pop(0);
	return NULL;
}

static void test_busy_private(void **state)
{
	int fd = door_create(cancellable, NULL, DOOR_PRIVATE), call, client;
	pthread_t thread = start(mourned, &fd);

	assert_return_code(door_attach(fd, test_path, 0600), errno);
	call = begin(fd, false);
	assert_true(reaches(&running, 1));
	client = door_open(test_path);
	assert_return_code(client, errno);
	(void)close(client);
	(void)close(call);
	assert_true(reaches(&running, 0)); /* the thread was cancelled */
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_return_code(door_detach(test_path), errno);
	assert_return_code(door_revoke(fd), errno);
}

/* --- door_xcreate() --- */

static int create_result = 1;
static atomic_int depleted;

static int xcreate(door_info_t *info, void *(*fn)(void *), void *arg, void *cookie)
{
	pthread_t thread;

	atomic_fetch_add(&callbacks, 1);
	if (info->di_attributes & DOOR_PRIVATE)
		atomic_fetch_add(&with_info, 1);
	if (info->di_attributes & DOOR_DEPLETION_CB)
		atomic_fetch_add(&depleted, 1);
	if (cookie != &go || create_result < 1) {
		errno = ENFILE;
		return create_result < 1 ? create_result : 0;
	}
	if (pthread_create(&thread, NULL, fn, arg) != 0)
		return -1;
	(void)pthread_detach(thread);
	return 1;
}

static void setup(void *cookie)
{
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	atomic_fetch_add(&set_up, cookie == &go);
}

static void test_xcreate(void **state)
{
	int fd, calls[3], i;
	door_info_t info;

	reset();
	fd = door_xcreate(procedure, NULL, 0, xcreate, setup, &go, 2);
	assert_return_code(fd, errno);
	assert_int_equal(atomic_load(&callbacks), 2);
	assert_int_equal(atomic_load(&set_up), 2);
	assert_int_equal(atomic_load(&with_info), 2);
	assert_return_code(door_info(fd, &info), errno);
	assert_int_equal(info.di_attributes, DOOR_PRIVATE | DOOR_PRIVCREATE | DOOR_LOCAL);
	for (i = 0; i < 3; i++) {
		calls[i] = begin(fd, true);
		assert_true(reaches(&running, i + 1));
	}
	/* The second call took the last thread, the third the one that was made then. */
	assert_true(reaches(&set_up, 4));
	assert_int_equal(atomic_load(&callbacks), 4);
	assert_int_equal(atomic_load(&depleted), 2);
	for (i = 0; i < 3; i++)
		(void)sem_post(&go);
	for (i = 0; i < 3; i++)
		assert_return_code(door_call_finish(calls[i], NULL), errno);
	assert_return_code(door_revoke(fd), errno);
}

static void test_xcreate_fixed(void **state)
{
	int fd, first, second;

	reset();
	fd = door_xcreate(procedure, NULL, DOOR_NO_DEPLETION_CB, xcreate, NULL, &go, 1);
	assert_return_code(fd, errno);
	first = begin(fd, true);
	assert_true(reaches(&running, 1));
	second = begin(fd, false);
	assert_false(answered(second, 30));
	assert_int_equal(atomic_load(&callbacks), 1);
	/* A client that goes away does not take the only thread with it. */
	(void)close(first);
	(void)usleep(20000);
	(void)sem_post(&go);
	assert_true(answered(second, 2000));
	assert_return_code(door_call_finish(second, NULL), errno);
	(void)who(fd);
	assert_return_code(door_revoke(fd), errno);
}

static void xcreate_fails(door_xcreate_server_func_t *fn, uint_t attributes, int n, int error)
{
	errno = 0;
	assert_int_equal(door_xcreate(procedure, NULL, attributes, fn, NULL, &go, n), -1);
	assert_int_equal(errno, error);
}

static void test_xcreate_errors(void **state)
{
	xcreate_fails(NULL, 0, 1, EINVAL);
	xcreate_fails(xcreate, 0, 0, EINVAL);
	xcreate_fails(xcreate, 0x10000, 1, EINVAL);
	xcreate_fails(xcreate, DOOR_PRIVCREATE, 1, EINVAL);
	xcreate_fails(xcreate, DOOR_DEPLETION_CB, 1, EINVAL);
	xcreate_fails(xcreate, DOOR_UNREF | DOOR_UNREF_MULTI, 1, EINVAL);
	create_result = 0;
	xcreate_fails(xcreate, 0, 1, EPIPE);
	create_result = -1;
	xcreate_fails(xcreate, 0, 1, ENFILE);
	create_result = 1;
	/* Its attributes are not door_create()'s. */
	assert_int_equal(door_create(procedure, NULL, DOOR_PRIVATE | DOOR_NO_DEPLETION_CB), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_create(procedure, NULL, DOOR_PRIVATE | DOOR_PRIVCREATE), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_create_unthreaded(procedure, NULL, DOOR_PRIVATE), -1);
	assert_int_equal(errno, EINVAL);
}

/* A child of fork has none of the threads and disturbs none of the parent's. */
static void test_fork(void **state)
{
	int fd = door_create(procedure, NULL, DOOR_PRIVATE);
	pthread_t thread = start(joiner, &fd);
	pid_t pid;

	(void)who(fd);
	pid = fork();
	if (pid == 0)
		_exit(door_return(NULL, 0, NULL, 0) == -1 && errno == EINVAL &&
					door_bind(fd) == -1 && errno == EINVAL &&
					door_call(fd, NULL) == 0
				? 0
				: 1);
	assert_int_equal(exit_status(pid), 0);
	assert_true(pthread_equal(who(fd), thread));
	assert_return_code(door_revoke(fd), errno);
	assert_int_equal(end_of(thread), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_door_made),
		cmocka_unit_test(test_bind_errors),
		cmocka_unit_test(test_private),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_server_create_shared),
		cmocka_unit_test(test_server_create_private),
		cmocka_unit_test(test_busy_private),
		cmocka_unit_test(test_xcreate),
		cmocka_unit_test(test_xcreate_fixed),
		cmocka_unit_test(test_xcreate_errors),
		cmocka_unit_test(test_fork),
	};

	(void)sem_init(&go, 0, 0);
	(void)alarm(30);
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}

/* SPDX-License-Identifier: MIT */
/* What a server counts for doorstat(8), as it is found in its memfd. */
#include "door-test.h"

#include "door/stat.h"

#include <pthread.h>

static struct stat_page page; /* as it was read last */

/* The descriptor of this process's page, -1 when it has none. */
static int page_fd(void)
{
	char path[32], link[64];
	ssize_t n;
	int fd;

	for (fd = 0; fd < 1024; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		if (strcmp(link, STAT_LINK) == 0)
			return fd;
	}
	return -1;
}

static const struct stat_door *look(int fd)
{
	door_info_t info;
	unsigned int i;

	assert_int_equal(pread(page_fd(), &page, sizeof(page), 0), sizeof(page));
	assert_int_equal(page.magic, STAT_MAGIC);
	assert_int_equal(page.version, STAT_VERSION);
	assert_int_equal(page.pid, getpid());
	assert_return_code(door_info(fd, &info), errno);
	for (i = 0; i < STAT_DOORS; i++)
		if (page.doors[i].id == info.di_uniquifier)
			return &page.doors[i];
	return NULL;
}

/* The last answer comes before its call has ended. */
static const struct stat_door *look_idle(int fd)
{
	const struct stat_door *d = look(fd);
	int i;

	for (i = 0; i < 2000 && d->calls != d->ended; i++) {
		(void)usleep(5000);
		d = look(fd);
	}
	assert_int_equal(d->calls, d->ended);
	return d;
}

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	if (size > 1)
		return; /* without an answer */
	(void)door_return(NULL, 0, NULL, 0);
}

static int call(int fd, size_t size)
{
	char data[4] = "";
	door_arg_t arg = {.data_ptr = data, .data_size = size};

	return door_call(fd, &arg);
}

static void test_counts(void **state)
{
	const struct stat_door *d;
	int i, fd = door_create(procedure, NULL, DOOR_REFUSE_DESC);

	assert_return_code(fd, errno);
	assert_int_equal(fcntl(page_fd(), F_GETFD), FD_CLOEXEC);
	d = look(fd);
	assert_non_null(d);
	assert_int_equal(d->attributes, DOOR_REFUSE_DESC);
	assert_int_equal(d->calls, 0);
	assert_int_equal(d->path[0], '\0');
	/* A thread counts itself when it gets there. */
	for (i = 0; i < 2000 && page.threads == 0; i++) {
		(void)usleep(5000);
		(void)look(fd);
	}
	assert_true(page.threads >= 1);
	for (i = 0; i < 100; i++)
		assert_return_code(call(fd, 1), errno);
	assert_int_equal(call(fd, 2), -1);
	assert_return_code(door_setparam(fd, DOOR_PARAM_DATA_MIN, 1), errno);
	assert_int_equal(call(fd, 0), -1);
	d = look_idle(fd);
	assert_int_equal(d->calls, 101);
	assert_int_equal(d->unanswered, 1);
	assert_int_equal(d->refused, 1);
	assert_true(d->timed > 0 && d->time_ns > 0);
	assert_true(d->max_ns >= d->time_ns / d->timed);
	assert_return_code(door_revoke(fd), errno);
}

/* What is timed, and for how many calls it stands. */
static void test_sampling(void **state)
{
	static struct stat_door d = {.last_ns = UINT32_MAX};
	struct stat_call c;
	unsigned int i, weight = 0;

	for (i = 0; i < 20; i++) { /* nothing is known, or the last was slow */
		d.last_ns = i == 0 ? UINT32_MAX : STAT_SLOW_NS;
		stat_begin(&c, &d);
		assert_int_equal(c.weight, 1);
		stat_end(&c);
	}
	d.calls = d.ended = 0;
	for (i = 0; i < 10 * STAT_SAMPLE; i++) {
		d.last_ns = STAT_SLOW_NS - 1;
		stat_begin(&c, &d);
		weight += c.weight;
		stat_answered(&c);
		stat_end(&c);
	}
	assert_int_equal(weight, 10 * STAT_SAMPLE);
	assert_int_equal(d.timed, 10 * STAT_SAMPLE);
	assert_int_equal(d.calls, d.ended);
}

static void test_names(void **state)
{
	char dir[300], path[400];
	const struct stat_door *d;
	int fd = door_create(procedure, NULL, 0);

	assert_return_code(door_attach(fd, test_path, 0600), errno);
	assert_string_equal(look(fd)->path, test_path);
	(void)snprintf(dir, sizeof(dir), "%s/%0200d", test_dir, 0);
	(void)snprintf(path, sizeof(path), "%s/end", dir);
	assert_return_code(mkdir(dir, 0700), errno);
	assert_return_code(door_attach(fd, path, 0600), errno);
	d = look(fd);
	assert_int_equal(strlen(d->path), STAT_PATH_MAX - 1);
	assert_memory_equal(d->path, "...0", 4);
	assert_string_equal(d->path + STAT_PATH_MAX - 6, "0/end");
	assert_return_code(door_detach(path), errno);
	assert_return_code(door_detach(test_path), errno);
	assert_return_code(rmdir(dir), errno);
	assert_return_code(door_revoke(fd), errno);
}

/* More doors than there is room for are only counted; room that is free again is used. */
static void test_many(void **state)
{
	int fds[STAT_DOORS + 3], i, again;

	for (i = 0; i < (int)STAT_DOORS + 3; i++) {
		fds[i] = door_create(procedure, NULL, 0);
		assert_return_code(fds[i], errno);
	}
	assert_non_null(look(fds[0]));
	assert_null(look(fds[STAT_DOORS + 2]));
	assert_int_equal(page.not_listed, 3);
	assert_return_code(call(fds[STAT_DOORS + 2], 1), errno);
	assert_return_code(call(fds[7], 1), errno);
	(void)look_idle(fds[7]);
	assert_return_code(door_revoke(fds[7]), errno);
	again = door_create(procedure, NULL, 0);
	assert_non_null(look(again));
	assert_int_equal(look(again)->calls, 0);
	for (i = 0; i < (int)STAT_DOORS + 3; i++)
		if (i != 7)
			assert_return_code(door_revoke(fds[i]), errno);
	/* A door that was called goes when its thread has come back from that. */
	for (i = 0; i < 2000 && look(again) && page.not_listed != 0; i++)
		(void)usleep(5000);
	assert_non_null(look(again));
	assert_int_equal(page.not_listed, 0);
	assert_return_code(door_revoke(again), errno);
}

static void *serve(void *arg)
{
	(void)door_bind(*(int *)arg);
	(void)door_return(NULL, 0, NULL, 0);
	return NULL;
}

static void test_private_threads(void **state)
{
	int fd = door_create(procedure, NULL, DOOR_PRIVATE), i;
	pthread_t t[2];

	assert_int_equal(look(fd)->threads, 0);
	assert_int_equal(pthread_create(&t[0], NULL, serve, &fd), 0);
	assert_int_equal(pthread_create(&t[1], NULL, serve, &fd), 0);
	for (i = 0; i < 2000 && look(fd)->threads != 2; i++)
		(void)usleep(5000);
	assert_int_equal(look(fd)->threads, 2);
	assert_return_code(door_revoke(fd), errno);
	assert_int_equal(pthread_join(t[0], NULL), 0);
	assert_int_equal(pthread_join(t[1], NULL), 0);
}

/* A child has none until it makes a door, and then one of its own. */
static void test_fork(void **state)
{
	int fd = door_create(procedure, NULL, 0), mine;
	pid_t pid = fork();

	assert_return_code(pid, errno);
	if (pid == 0) {
		if (page_fd() >= 0)
			_exit(1);
		mine = door_create(procedure, NULL, 0);
		_exit(mine < 0 || call(mine, 1) < 0 || !look(mine) || look_idle(mine)->calls != 1);
	}
	assert_int_equal(exit_status(pid), 0);
	assert_return_code(call(fd, 1), errno);
	assert_int_equal(look_idle(fd)->calls, 1);
	assert_return_code(door_revoke(fd), errno);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_sampling),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_private_threads),
		cmocka_unit_test(test_fork),
	};

	(void)alarm(30);
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}

/* SPDX-License-Identifier: MIT */
/* What is dirty is written without the writer's doing, and whoever writes it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "linux/clock.h"
#include "linux/write-behind.h"

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif
#define SIZE	(1024 * 1024)
#define WAIT_MS 30000

struct range {
	uint64_t off, len;
};

struct cached {
	uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/* Pages that are not on the disk; -1: this kernel does not tell. */
static int64_t not_written(int fd)
{
	const struct range all = {0};
	struct cached c;

	return syscall(SYS_cachestat, fd, &all, &c, 0) < 0 ? -1 : (int64_t)(c.dirty + c.writeback);
}

static int dirty_file(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *text = calloc(1, SIZE);
	struct statfs fs;

	assert_non_null(text);
	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type == TMPFS_MAGIC)
		skip();
	assert_int_equal(write(fd, text, SIZE), SIZE);
	free(text);
	return fd;
}

static void test_is_written_meanwhile(void **state)
{
	int fd = dirty_file();
	int64_t end = clock_now_ms() + WAIT_MS;
	struct write_behind w;

	if (not_written(fd) < 0)
		skip();
	write_behind_start(&w, fd);
	assert_true(w.pid > 0);
	while (not_written(fd) > 0 && clock_now_ms() < end)
		(void)usleep(10000);
	assert_int_equal(not_written(fd), 0);
	write_behind_stop(&w);
	(void)close(fd);
}

static void test_nobody_is_left(void **state)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct write_behind w;
	pid_t pid;

	write_behind_start(&w, fd);
	pid = w.pid;
	assert_true(pid > 0);
	write_behind_stop(&w);
	assert_int_equal(w.pid, 0);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	write_behind_stop(&w); /* does nothing */
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_written_meanwhile),
		cmocka_unit_test(test_nobody_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

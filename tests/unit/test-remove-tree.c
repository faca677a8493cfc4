/* SPDX-License-Identifier: MIT */
/* Removing a tree that somebody hostile has made: nothing outside is touched, no depth is too deep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "linux/remove-tree.h"

#include "folder.h"

struct fixture {
	char path[64];
	int dir; /* of what is removed */
};

static int setup(void **state)
{
	static struct fixture f;
	int top;

	if (folder_make(f.path, sizeof(f.path), "remove") < 0)
		return -1;
	top = open(f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(top, "victim", 0755), 0);
	assert_int_equal(mkdirat(top, "outside", 0755), 0);
	(void)close(openat(top, "outside/precious", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	f.dir = openat(top, "victim", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)close(top);
	*state = &f;
	return f.dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char name[128];

	(void)close(f->dir);
	(void)snprintf(name, sizeof(name), "%s/outside/precious", f->path);
	assert_int_equal(unlink(name), 0); /* it must still be there */
	(void)snprintf(name, sizeof(name), "%s/outside", f->path);
	assert_int_equal(rmdir(name), 0);
	(void)snprintf(name, sizeof(name), "%s/victim", f->path);
	assert_int_equal(rmdir(name), 0); /* it must be empty */
	return rmdir(f->path);
}

static void make_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0000);

	assert_true(fd >= 0);
	(void)close(fd);
}

static void test_plain_tree(void **state)
{
	struct fixture *f = *state;
	struct diag d = {0};

	make_file(f->dir, "file");
	assert_int_equal(mkdirat(f->dir, "a", 0755), 0);
	assert_int_equal(mkdirat(f->dir, "a/b", 0755), 0);
	make_file(f->dir, "a/b/file");
	assert_int_equal(mkfifoat(f->dir, "a/fifo", 0600), 0);
	assert_int_equal(remove_contents(f->dir, &d), 0);
	assert_int_equal(remove_contents(f->dir, &d), 0);
}

static void test_links_are_not_followed(void **state)
{
	struct fixture *f = *state;
	struct diag d = {0};

	assert_int_equal(symlinkat("../outside", f->dir, "link"), 0);
	assert_int_equal(symlinkat("../outside/precious", f->dir, "file-link"), 0);
	assert_int_equal(mkdirat(f->dir, "a", 0755), 0);
	assert_int_equal(symlinkat("../../outside", f->dir, "a/link"), 0);
	assert_int_equal(symlinkat("/", f->dir, "a/root"), 0);
	assert_int_equal(remove_contents(f->dir, &d), 0);
}

/* Makes a chain of n directories; paths of that length can only be made step by step. */
static void make_chain(int top, int n)
{
	int dir = fcntl(top, F_DUPFD_CLOEXEC, 3);

	while (n--) {
		int next;

		assert_int_equal(mkdirat(dir, "d", 0755), 0);
		make_file(dir, "f");
		next = openat(dir, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		(void)close(dir);
		dir = next;
	}
	(void)close(dir);
}

static void test_deep_tree_with_few_descriptors(void **state)
{
	struct fixture *f = *state;
	struct diag d = {0};
	struct rlimit saved, few;

	make_chain(f->dir, 3000);
	/* Names that the removal itself would use. */
	make_file(f->dir, ".removed.0");
	assert_int_equal(mkdirat(f->dir, ".removed.1", 0755), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
	few = (struct rlimit){.rlim_cur = 256, .rlim_max = saved.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(remove_contents(f->dir, &d), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links_are_not_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_deep_tree_with_few_descriptors, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

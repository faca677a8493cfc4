/* SPDX-License-Identifier: MIT */
/* What a zone's root can put where a file is meant: none of it makes the reader wait or takes his memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "linux/openat2.h"
#include "linux/plain-file.h"

#include "folder.h"

#define MAX 10000u

/* A reader that waits is ended. */
#define SECONDS 20u

static int read_at(const char *dir, const char *name, uint64_t resolve)
{
	_cleanup_close_ int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r;

	assert_true(fd >= 0);
	r = plain_file_text(fd, name, resolve, MAX, &text, &size);
	if (r < 0) {
		assert_null(text);
		return r;
	}
	assert_int_equal(text[size], '\0');
	return (int)size;
}

static void make_file(const char *dir, const char *name, size_t size)
{
	char path[96];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	while (size-- > 0)
		(void)fputc('x', f);
	assert_int_equal(fclose(f), 0);
}

static void test_files(void **state)
{
	char dir[64], path[80];

	assert_int_equal(folder_make(dir, sizeof(dir), "plain"), 0);
	make_file(dir, "empty", 0);
	make_file(dir, "page", 4096);
	make_file(dir, "max", MAX);
	make_file(dir, "long", MAX + 1);
	(void)snprintf(path, sizeof(path), "%s/link", dir);
	assert_int_equal(symlink("page", path), 0);
	assert_int_equal(read_at(dir, "empty", 0), 0);
	assert_int_equal(read_at(dir, "page", 0), 4096);
	assert_int_equal(read_at(dir, "max", 0), MAX);
	assert_int_equal(read_at(dir, "long", 0), -EFBIG);
	assert_int_equal(read_at(dir, "none", 0), -ENOENT);
	assert_int_equal(read_at(dir, "link", 0), 4096);
	assert_int_equal(read_at(dir, "link", RESOLVE_NO_SYMLINKS), -ELOOP);
	assert_int_equal(folder_remove(dir), 0);
}

static void make_socket(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(str_copy(a.sun_path, sizeof(a.sun_path), path), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
}

static void test_traps(void **state)
{
	char dir[64], path[96];

	(void)alarm(SECONDS);
	assert_int_equal(folder_make(dir, sizeof(dir), "traps"), 0);
	(void)snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_at(dir, "pipe", 0), -EINVAL);
	(void)snprintf(path, sizeof(path), "%s/socket", dir);
	make_socket(path);
	assert_int_equal(read_at(dir, "socket", 0), -EINVAL);
	(void)snprintf(path, sizeof(path), "%s/endless", dir);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_int_equal(read_at(dir, "endless", 0), -EINVAL);
	assert_int_equal(read_at(dir, "endless", RESOLVE_IN_ROOT), -ENOENT);
	assert_int_equal(read_at(dir, ".", 0), -EINVAL);
	/* A file without a size and, for us, without an end. */
	(void)snprintf(path, sizeof(path), "%s/map", dir);
	assert_int_equal(symlink("/proc/self/pagemap", path), 0);
	assert_int_equal(read_at(dir, "map", 0), -EFBIG);
	/* One that leads to where nobody could look. */
	(void)snprintf(path, sizeof(path), "%s/magic", dir);
	assert_int_equal(symlink("/proc/self/fd/0", path), 0);
	assert_int_equal(read_at(dir, "magic", 0), -ELOOP);
	(void)snprintf(path, sizeof(path), "%s/sparse", dir);
	make_file(dir, "sparse", 1);
	assert_int_equal(truncate(path, (off_t)1 << 40), 0);
	assert_int_equal(read_at(dir, "sparse", 0), -EFBIG);
	assert_int_equal(folder_remove(dir), 0);
	(void)alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_traps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

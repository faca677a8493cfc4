/* SPDX-License-Identifier: MIT */
/* Messages with descriptors: what arrives, and that nothing stays open of what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "linux/fd-message.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int ends[2], file;

static int open_all(void **state)
{
	file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return file < 0 ? -1 : socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int close_all(void **state)
{
	(void)fd_close(ends[0]);
	(void)fd_close(ends[1]);
	(void)fd_close(file);
	return 0;
}

/* The lowest free descriptor: the same again when none was left open. */
static int next_fd(void)
{
	int fd = dup(file);

	assert_true(fd >= 0);
	(void)close(fd);
	/* cppcheck-suppress deallocret; the number */
	return fd;
}

static void check_is_file(int fd)
{
	struct stat a, b;

	assert_int_equal(fstat(file, &a), 0);
	assert_int_equal(fstat(fd, &b), 0);
	assert_true(a.st_rdev == b.st_rdev && a.st_ino == b.st_ino);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void test_descriptors_come_along(void **state)
{
	int given[3] = {file, file, file}, got[3];
	unsigned int n, i;
	char text[8];

	for (n = 0; n <= 3; n++) {
		assert_int_equal(fd_message_send(ends[0], "hello", 6, given, n, 0), 0);
		assert_int_equal(fd_message_receive(ends[1], text, sizeof(text), got, 3), 6);
		assert_string_equal(text, "hello");
		for (i = 0; i < 3; i++) {
			if (i >= n) {
				assert_int_equal(got[i], FD_NONE);
				continue;
			}
			check_is_file(got[i]);
			(void)close(got[i]);
		}
	}
	assert_int_equal(fd_message_send(ends[0], "", 1, given, 4, 0), -EINVAL);
}

static void test_more_than_there_is_room_for(void **state)
{
	int given[3] = {file, file, file}, got[3], next = next_fd();
	unsigned int room;
	char text[8];

	for (room = 0; room < 3; room++) {
		assert_int_equal(fd_message_send(ends[0], "hello", 6, given, 3, 0), 0);
		assert_int_equal(
			fd_message_receive(ends[1], text, sizeof(text), got, room), -EMSGSIZE);
		assert_int_equal(next_fd(), next);
	}
	assert_int_equal(fd_message_send(ends[0], "too long", 9, given, 1, 0), 0);
	assert_int_equal(fd_message_receive(ends[1], text, sizeof(text), got, 1), -EMSGSIZE);
	assert_int_equal(next_fd(), next);
}

/* Who is not one of us sends what it likes. One more than ours fits in what aligns the message. */
static void test_more_than_we_send(void **state)
{
	enum { MANY = 9 };
	int given[MANY], got[3], next = next_fd();
	union {
		struct cmsghdr align;
		char buffer[CMSG_SPACE(sizeof(given))];
	} control = {0};
	char text[8] = "hello";
	struct iovec iov = {.iov_base = text, .iov_len = 6};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control};
	struct cmsghdr *c;
	unsigned int n;

	for (n = 0; n < MANY; n++)
		given[n] = file;
	for (n = 4; n <= MANY; n++) {
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), given, n * sizeof(int));
		assert_int_equal(sendmsg(ends[0], &msg, MSG_NOSIGNAL), 6);
		assert_int_equal(
			fd_message_receive(ends[1], text, sizeof(text), got, 3), -EMSGSIZE);
		assert_int_equal(next_fd(), next);
	}
}

static void test_the_end(void **state)
{
	int got;
	char text[8];

	(void)close(ends[0]);
	assert_int_equal(fd_message_receive(ends[1], text, sizeof(text), &got, 1), 0);
	assert_int_equal(got, FD_NONE);
	assert_int_equal(fd_message_send(ends[1], "", 1, NULL, 0, 0), -EPIPE);
	ends[0] = FD_NONE;
	assert_int_equal(fd_message_receive(FD_NONE, text, sizeof(text), &got, 1), -EBADF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_descriptors_come_along),
		TEST(test_more_than_there_is_room_for),
		TEST(test_more_than_we_send),
		TEST(test_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

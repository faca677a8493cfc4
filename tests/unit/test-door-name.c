/* SPDX-License-Identifier: MIT */
/*
 * Names that servers make at the same time, and what those leave that are killed while they make one: the
 * next one of that name takes it away, and does not read the directory for it.
 */
#include "door-test.h"

#include <dirent.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	(void)door_return(NULL, 0, NULL, 0);
}

/* The kernel kills this process at its next system call of this number. */
static int die_at(unsigned int number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
		       ? -1
		       : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* A process makes the name and is killed there, or not: its status. */
static int attach_and_die_at(unsigned int number)
{
	pid_t pid = fork();
	int door, status;

	if (pid == 0) {
		door = door_create(procedure, NULL, 0);
		if (door < 0 || die_at(number) < 0)
			_exit(2);
		_exit(door_attach(door, test_path, 0600) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void assert_killed(int status)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static unsigned int count_names(void)
{
	const struct dirent *e;
	unsigned int n = 0;
	DIR *d = opendir(test_dir);

	assert_non_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.' || strncmp(e->d_name, ".door-", 6) == 0;
	(void)closedir(d);
	return n;
}

/* What servers left that were killed while they made a name goes away with the next one of that name. */
static void test_left_names(void **state)
{
	int door = door_create(procedure, NULL, 0);

	assert_killed(attach_and_die_at(SYS_linkat)); /* with a name that is not complete */
	assert_int_equal(count_names(), 1);
	assert_killed(attach_and_die_at(SYS_linkat));
	assert_int_equal(count_names(), 1);
	assert_int_equal(attach_and_die_at(SYS_getdents64), 0);
	assert_int_equal(count_names(), 1);		/* the name */
	assert_killed(attach_and_die_at(SYS_unlinkat)); /* having moved the dead one aside */
	assert_int_equal(count_names(), 2);
	assert_return_code(door_attach(door, test_path, 0600), errno);
	assert_int_equal(count_names(), 1);
	assert_return_code(door_detach(test_path), errno);
	assert_int_equal(count_names(), 0);
	assert_return_code(door_revoke(door), errno);
}

#define TEMP_NAME 256

/* The temporary name that a killed maker has left. */
static void left_name(char ret[TEMP_NAME])
{
	const struct dirent *e;
	DIR *d = opendir(test_dir);

	assert_non_null(d);
	while ((e = readdir(d)) && strncmp(e->d_name, ".door-", 6) != 0)
		continue;
	assert_non_null(e);
	(void)snprintf(ret, TEMP_NAME, "%s", e->d_name);
	(void)closedir(d);
}

/* Who else uses names of that kind keeps them, and at worst the door cannot have its name. */
static void test_names_of_others(void **state)
{
	int door = door_create(procedure, NULL, 0), made = 0, i, j, fd;
	char path[2][512], temp[TEMP_NAME];

	assert_killed(attach_and_die_at(SYS_linkat));
	left_name(temp);
	(void)snprintf(path[0], sizeof(path[0]), "%s/%s", test_dir, temp);
	assert_return_code(unlink(path[0]), errno);
	path[0][strlen(path[0]) - 1] = '\0';
	for (i = 0; i < 8; i++) {
		(void)snprintf(path[1], sizeof(path[1]), "%s%d", path[0], i);
		fd = open(path[1], O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		assert_return_code(fd, errno);
		(void)close(fd);
		made = door_attach(door, test_path, 0600);
		assert_int_equal(made, i < 7 ? 0 : -1);
		assert_int_equal(count_names(), i < 7 ? i + 2 : i + 1);
		if (made == 0)
			assert_return_code(door_detach(test_path), errno);
	}
	assert_int_equal(errno, EBUSY);
	for (j = 0; j < 8; j++) {
		(void)snprintf(path[1], sizeof(path[1]), "%s%d", path[0], j);
		assert_return_code(unlink(path[1]), errno);
	}
	assert_return_code(door_revoke(door), errno);
}

/* The address by which a maker tells that it has the n-th temporary name; n is 8 for the name itself. */
static int take_address(const char *temp, unsigned int n)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), len;
	struct stat st;

	assert_return_code(fd, errno);
	assert_return_code(stat(test_dir, &st), errno);
	len = snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "door/%llx:%llx/%s%u",
		(unsigned long long)st.st_dev, (unsigned long long)st.st_ino, temp, n);
	assert_return_code(
		bind(fd, (struct sockaddr *)&addr,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)),
		errno);
	return fd;
}

/* Anybody may have these addresses: a dead name is replaced all the same, and removed. */
static void test_addresses_of_others(void **state)
{
	int door = door_create(procedure, NULL, 0), taken[9], i;
	char temp[TEMP_NAME];

	assert_int_equal(attach_and_die_at(SYS_getdents64), 0); /* the dead name */
	assert_killed(attach_and_die_at(SYS_linkat));
	left_name(temp);
	temp[strlen(temp) - 1] = '\0';
	for (i = 0; i < 9; i++)
		taken[i] = take_address(temp, (unsigned int)i);
	assert_return_code(door_attach(door, test_path, 0600), errno);
	assert_return_code(door_detach(test_path), errno);
	for (i = 0; i < 9; i++)
		(void)close(taken[i]);
	assert_return_code(door_attach(door, test_path, 0600), errno);
	assert_return_code(door_detach(test_path), errno);
	assert_int_equal(count_names(), 0);
	assert_return_code(door_revoke(door), errno);
}

/*
 * Servers that start at the same time. Each gets a name of its own; and of one that all want
 * one server at a time.
 */
static int attach_often(int number)
{
	int door = door_create(procedure, NULL, 0), i;
	char path[128], one[128];

	(void)snprintf(path, sizeof(path), "%s/at-once-%d", test_dir, number);
	(void)snprintf(one, sizeof(one), "%s/at-once", test_dir);
	for (i = 0; i < 100; i++) {
		if (door_attach(door, path, 0600) < 0 || door_detach(path) < 0)
			return 1;
		if (door_attach(door, one, 0600) < 0 ? errno != EBUSY : door_detach(one) < 0)
			return 2;
	}
	return 0;
}

static void test_names_at_once(void **state)
{
	pid_t pids[4];
	int i;

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(attach_often(i));
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(exit_status(pids[i]), 0);
	assert_int_equal(count_names(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left_names),
		cmocka_unit_test(test_names_of_others),
		cmocka_unit_test(test_addresses_of_others),
		cmocka_unit_test(test_names_at_once),
	};

	(void)alarm(60);
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}

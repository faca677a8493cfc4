/* SPDX-License-Identifier: MIT */
/*
 * Doors over files: fattach(3C), fdetach(3C), and clients that open(2) the file. Every errno,
 * who may and who may not, and what the file keeps being.
 */
#include "door-test.h"

#include <poll.h>
#include <stdatomic.h>
#include <stropts.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

static char file[128], run[128];

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	pid_t pid = getpid();

	(void)door_return((char *)&pid, sizeof(pid), NULL, 0);
}

/* Folders as root's are made by the library; an ordinary user's is there already. */
static int set_up(void **state)
{
	char path[192];

	if (make_test_dir(state) < 0)
		return -1;
	(void)snprintf(run, sizeof(run), "%s/run", test_dir);
	(void)snprintf(file, sizeof(file), "%s/file", test_dir);
	if (mkdir(run, 0755) < 0 || setenv("ZONES_ROOT", test_dir, 1) < 0 ||
		unsetenv("XDG_RUNTIME_DIR") < 0)
		return -1;
	if (geteuid() != 0) {
		(void)snprintf(path, sizeof(path), "%s/doors", run);
		(void)mkdir(path, 0755);
		(void)snprintf(path, sizeof(path), "%s/doors/%u", run, geteuid());
		return mkdir(path, 0755);
	}
	return 0;
}

static int tear_down(void **state)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", test_dir);
	return system(command);
}

static void make_file(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	assert_return_code(fd, errno);
	assert_int_equal(write(fd, "text", 4), 4);
	assert_return_code(fchmod(fd, mode), errno);
	(void)close(fd);
}

static pid_t ask(int fd)
{
	pid_t pid = -1;
	door_arg_t arg = {.rbuf = (char *)&pid, .rsize = sizeof(pid)};

	return door_call(fd, &arg) < 0 ? -1 : pid;
}

/* Puts a door over the file in a process of its own. */
static pid_t start_file_server(door_server_procedure_t *proc, uint_t attributes)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_return_code(pipe(ready), errno);
	pid = fork();
	if (pid == 0) {
		int fd;

		(void)close(ready[0]);
		fd = door_create(proc, NULL, attributes);
		if (fd < 0 || fattach(fd, file) < 0)
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

static void refused(int r, int error)
{
	assert_int_equal(r, -1);
	assert_int_equal(errno, error);
}

static void test_call(void **state)
{
	static const int modes[] = {O_RDWR, O_RDONLY, O_WRONLY};
	char text[4], link[192];
	pid_t pid;
	size_t i;
	int fd;

	make_file(file, 0600);
	pid = start_file_server(procedure, 0);
	for (i = 0; i < 3; i++) {
		fd = open(file, modes[i] | O_CLOEXEC);
		assert_int_equal(ask(fd), pid);
		assert_int_equal(ask(fd), pid);
		(void)close(fd);
	}
	/* Another name of the same file. */
	(void)snprintf(link, sizeof(link), "%s/link", test_dir);
	assert_return_code(symlink("file", link), errno);
	fd = open(link, O_RDWR | O_CLOEXEC);
	assert_int_equal(ask(fd), pid);
	/* The file is what it was. */
	assert_int_equal(pread(fd, text, 4, 0), 4);
	assert_memory_equal(text, "text", 4);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	stop_process(pid);
	refused(ask(fd), EBADF);
	(void)close(fd);
	/* What a dead server left makes room. */
	pid = start_file_server(procedure, 0);
	fd = open(file, O_RDWR | O_CLOEXEC);
	assert_int_equal(ask(fd), pid);
	stop_process(pid);
	(void)close(fd);
	assert_return_code(fdetach(file), errno);
	refused(fdetach(file), EINVAL);
	(void)unlink(link);
	(void)unlink(file);
}

static void test_no_proof(void **state)
{
	pid_t pid;
	int fd, other;

	make_file(file, 0600);
	pid = start_file_server(procedure, 0);
	fd = open(file, O_PATH | O_CLOEXEC);
	refused(ask(fd), EBADF);
	(void)close(fd);
	other = open(test_dir, O_RDONLY | O_CLOEXEC);
	refused(ask(other), EBADF);
	(void)close(other);
	other = memfd_create("t", MFD_CLOEXEC);
	refused(ask(other), EBADF);
	(void)close(other);
	stop_process(pid);
	assert_return_code(fdetach(file), errno);
	(void)unlink(file);
}

/* One message on a connection made by hand; what comes back. */
static int by_hand(const void *data, size_t size, int pass)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char space[CMSG_SPACE(sizeof(int))], answer[64], path[256];
	struct iovec iov = {.iov_base = (void *)data, .iov_len = size};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	struct stat st;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ssize_t n;

	assert_return_code(stat(file, &st), errno);
	(void)snprintf(path, sizeof(path), "%s/doors/%u/%llx-%llx", run, geteuid(),
		(unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	assert_true(strlen(path) < sizeof(addr.sun_path));
	memcpy(addr.sun_path, path, strlen(path) + 1);
	assert_return_code(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), errno);
	if (pass >= 0) {
		struct cmsghdr *c = (void *)space;

		m.msg_control = space;
		m.msg_controllen = sizeof(space);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass, sizeof(pass));
	}
	assert_true(sendmsg(fd, &m, MSG_NOSIGNAL) >= 0);
	n = recv(fd, answer, sizeof(answer), 0);
	(void)close(fd);
	return (int)n;
}

/* The server believes nothing: the connection of a liar just ends. */
static void test_hostile(void **state)
{
	struct {
		uint32_t magic;
		uint16_t version, command;
		uint32_t size, n_desc;
	} open_it = {0x726f6f64, 1, 3, 0, 0}, bad;
	int own, path, other, i;
	pid_t pid;

	make_file(file, 0600);
	pid = start_file_server(procedure, 0);
	own = open(file, O_RDONLY | O_CLOEXEC);
	path = open(file, O_PATH | O_CLOEXEC);
	other = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(by_hand(&open_it, sizeof(open_it), own) > 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(by_hand(&open_it, sizeof(open_it), path), 0);
		assert_int_equal(by_hand(&open_it, sizeof(open_it), other), 0);
		assert_int_equal(by_hand(&open_it, sizeof(open_it), -1), 0);
		assert_int_equal(by_hand(&open_it, sizeof(open_it) - 1, own), 0);
		assert_int_equal(by_hand("x", 1, own), 0);
		bad = open_it;
		bad.magic++;
		assert_int_equal(by_hand(&bad, sizeof(bad), own), 0);
		bad = open_it;
		bad.command = 1;
		assert_int_equal(by_hand(&bad, sizeof(bad), own), 0);
	}
	assert_int_equal(ask(own), pid);
	(void)close(own);
	(void)close(path);
	(void)close(other);
	stop_process(pid);
	assert_return_code(fdetach(file), errno);
	(void)unlink(file);
}

static void test_errors(void **state)
{
	int fd = door_create(procedure, NULL, 0), copy, foreign;
	char path[192];
	pid_t pid;

	make_file(file, 0600);
	refused(fattach(-1, file), EBADF);
	refused(fattach(0, file), EINVAL);
	refused(fattach(fd, NULL), EFAULT);
	refused(fattach(fd, test_dir), EINVAL);
	refused(fattach(fd, ""), ENOENT);
	(void)snprintf(path, sizeof(path), "%s/none", test_dir);
	refused(fattach(fd, path), ENOENT);
	refused(fdetach(path), ENOENT);
	(void)snprintf(path, sizeof(path), "%s/none", file);
	refused(fattach(fd, path), ENOTDIR);
	refused(fdetach(file), EINVAL);
	refused(fdetach(NULL), EFAULT);
	(void)snprintf(path, sizeof(path), "%s/loop", test_dir);
	assert_return_code(symlink("loop", path), errno);
	refused(fattach(fd, path), ELOOP);
	(void)unlink(path);
	/* One door at a time, and only of this process. */
	pid = start_file_server(procedure, 0);
	refused(fattach(fd, file), EBUSY);
	foreign = open(file, O_RDWR | O_CLOEXEC);
	refused(fattach(foreign, file), EINVAL);
	(void)close(foreign);
	stop_process(pid);
	assert_return_code(fattach(fd, file), errno);
	refused(fattach(fd, file), EBUSY);
	copy = dup(fd);
	assert_return_code(door_revoke(fd), errno);
	refused(fattach(copy, file), EBADF);
	(void)close(copy);
	assert_return_code(fdetach(file), errno);
	(void)unlink(file);
}

/* Runs as an ordinary user; status 0 when right. */
static int be_user(int own_fd)
{
	int fd;

	if (setresgid(1001, 1001, 1001) || setresuid(2001, 2001, 2001))
		return 1;
	/* The file is 0644 and root's: it can be called, not taken. */
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ask(fd) < 0)
		return 2;
	if (fdetach(file) != -1 || errno != EPERM)
		return 3;
	if (open(file, O_RDWR) != -1 || errno != EACCES)
		return 4;
	fd = door_create(procedure, NULL, 0);
	if (fattach(fd, file) != -1 || errno != EPERM)
		return 5;
	return 0;
}

static void test_other_user(void **state)
{
	pid_t server, pid;

	if (geteuid() != 0)
		skip();
	make_file(file, 0644);
	server = start_file_server(procedure, 0);
	pid = fork();
	if (pid == 0)
		_exit(be_user(0));
	assert_int_equal(exit_status(pid), 0);
	stop_process(server);
	assert_return_code(fdetach(file), errno);
	(void)unlink(file);
}

/* A user with a folder: own files, own doors; nobody else's folder counts. */
static int user_serves(void)
{
	int fd, client;

	if (setresgid(1001, 1001, 1001) || setresuid(2001, 2001, 2001))
		return 1;
	fd = door_create(procedure, NULL, 0);
	if (fattach(fd, file) < 0)
		return 2;
	client = open(file, O_RDWR | O_CLOEXEC);
	if (ask(client) != getpid())
		return 3;
	if (fdetach(file) < 0 || ask(client) != -1 || errno != EBADF)
		return 4;
	/* Read-only for its owner: no right to write to it. */
	if (chmod(file, 0400) < 0 || fattach(fd, file) != -1 || errno != EACCES)
		return 5;
	return 0;
}

static int user_without_folder(void)
{
	int fd;

	if (setresgid(1001, 1001, 1001) || setresuid(2001, 2001, 2001))
		return 1;
	fd = door_create(procedure, NULL, 0);
	return fattach(fd, file) == -1 && (errno == ENOENT || errno == EPERM) ? 0 : 2;
}

static int in_child(int (*fn)(void))
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn());
	return exit_status(pid);
}

static void test_user_folder(void **state)
{
	char path[192];

	if (geteuid() != 0)
		skip();
	make_file(file, 0600);
	assert_return_code(chown(file, 2001, 1001), errno);
	assert_int_equal(in_child(user_without_folder), 0);
	(void)snprintf(path, sizeof(path), "%s/doors", run);
	(void)mkdir(path, 0755);
	(void)snprintf(path, sizeof(path), "%s/doors/2001", run);
	assert_return_code(mkdir(path, 0755), errno);
	assert_int_equal(in_child(user_without_folder), 0); /* root's own, not the user's */
	assert_return_code(chown(path, 2001, 1001), errno);
	assert_return_code(chmod(path, 0777), errno);
	assert_int_equal(in_child(user_without_folder), 0); /* anybody could have written to it */
	assert_return_code(chmod(path, 0755), errno);
	assert_int_equal(in_child(user_serves), 0);
	assert_return_code(rmdir(path), errno); /* nothing is left there */
	(void)unlink(file);
}

static void test_info(void **state)
{
	pid_t pid;
	door_info_t info, again;
	size_t value;
	int fd;

	make_file(file, 0600);
	pid = start_file_server(procedure, DOOR_REFUSE_DESC);
	fd = open(file, O_RDWR | O_CLOEXEC);
	assert_return_code(door_info(fd, &info), errno);
	assert_int_equal(info.di_target, pid);
	assert_int_equal(info.di_attributes, DOOR_REFUSE_DESC);
	assert_true(info.di_uniquifier != 0);
	assert_return_code(door_info(fd, &again), errno);
	assert_int_equal(info.di_uniquifier, again.di_uniquifier);
	assert_return_code(door_getparam(fd, DOOR_PARAM_DESC_MAX, &value), errno);
	assert_int_equal(value, 0);
	refused(door_setparam(fd, DOOR_PARAM_DATA_MAX, 1), EPERM);
	refused(door_revoke(fd), EPERM);
	assert_int_equal(ask(fd), pid);
	stop_process(pid);
	refused(door_info(fd, &info), EBADF);
	refused(door_getparam(fd, DOOR_PARAM_DESC_MAX, &value), EBADF);
	(void)close(fd);
	assert_return_code(fdetach(file), errno);
	(void)unlink(file);
}

static atomic_int unrefs;

static void on_unref(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	if (argp == DOOR_UNREF_DATA)
		atomic_fetch_add(&unrefs, 1);
	(void)door_return(NULL, 0, NULL, 0);
}

/* Detached by another process: the server is told, its door has no reference left. */
static void test_detach_by_other(void **state)
{
	int fd = door_create(on_unref, NULL, DOOR_UNREF), client, i;
	door_info_t info;
	pid_t pid;

	if (geteuid() == 65534)
		skip(); /* users of other namespaces look the same: only root may for this one */
	make_file(file, 0600);
	assert_return_code(fattach(fd, file), errno);
	client = open(file, O_RDWR | O_CLOEXEC);
	for (i = 0; i < 3; i++)
		assert_return_code(door_call(client, NULL), errno);
	assert_return_code(door_info(client, &info), errno);
	assert_true(info.di_attributes & DOOR_LOCAL);
	(void)usleep(20000);
	assert_int_equal(atomic_load(&unrefs), 0);
	pid = fork();
	if (pid == 0)
		_exit(fdetach(file) == 0 ? 0 : 1);
	assert_int_equal(exit_status(pid), 0);
	for (i = 0; i < 500 && atomic_load(&unrefs) == 0; i++)
		(void)usleep(2000);
	assert_int_equal(atomic_load(&unrefs), 1);
	refused(door_call(client, NULL), EBADF);
	(void)close(client);
	assert_return_code(door_revoke(fd), errno);
	(void)unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_no_proof),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_other_user),
		cmocka_unit_test(test_user_folder),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_detach_by_other),
	};

	(void)alarm(30);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

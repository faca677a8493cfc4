/* SPDX-License-Identifier: MIT */
/*
 * Two processes: names, dead servers and clients, signals, fork, hostile messages on a
 * handle, unref, cancellation.
 */
#include "door-test.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

/* Commands of the server below, one byte each. */
enum { PID = 'p', HANG = 'h', DIE = 'd', COUNT_FDS = 'f', TAKE_FDS = 't' };

static unsigned int count_fds(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			n++;
	return n;
}

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	int answer = getpid();
	uint_t i;

	for (i = 0; i < n; i++)
		(void)close(dp[i].d_data.d_desc.d_descriptor);
	switch (size ? *argp : PID) {
	case HANG:
		for (;;)
			(void)pause();
	case DIE:
		_exit(0);
	case COUNT_FDS:
		answer = (int)count_fds();
		break;
	case TAKE_FDS:
		while (dup(STDIN_FILENO) >= 0)
			continue;
		break;
	default:
		break;
	}
	(void)door_return((char *)&answer, sizeof(answer), NULL, 0);
}

static int ask(int fd, char command)
{
	int answer = -1;
	door_arg_t arg = {.data_ptr = &command,
		.data_size = 1,
		.rbuf = (char *)&answer,
		.rsize = sizeof(answer)};

	return door_call(fd, &arg) < 0 ? -1 : answer;
}

/* The descriptors of the server when nothing goes on there, and all that it keeps has been made. */
static int server_fds(int fd)
{
	(void)ask(fd, PID);
	(void)ask(fd, PID);
	(void)usleep(30000);
	return ask(fd, COUNT_FDS);
}

static int open_door(void)
{
	int fd = door_open(test_path);

	assert_return_code(fd, errno);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	return fd;
}

/* A name that is gone without us does not stay listened for. */
static void removed_by_somebody_else(int door)
{
	unsigned int before, i;
	struct stat st;

	assert_return_code(door_attach(door, test_path, 0600), errno);
	before = count_fds();
	assert_return_code(lstat(test_path, &st), errno);
	assert_return_code(unlink(test_path), errno);
	assert_int_equal(door_detach(test_path), -1);
	assert_int_equal(errno, ENOENT);
	assert_return_code(door_detach_removed(st.st_dev, st.st_ino), errno);
	for (i = 0; i < 2500 && count_fds() >= before; i++)
		(void)usleep(2000);
	assert_true(count_fds() < before);
	assert_int_equal(door_detach_removed(st.st_dev, st.st_ino), -1);
	assert_int_equal(errno, EINVAL);
}

static void test_names(void **state)
{
	pid_t pid = start_server(procedure, 0, 0640);
	struct stat st;
	int fd, other;

	assert_return_code(lstat(test_path, &st), errno);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0640);
	fd = open_door();
	assert_int_equal(ask(fd, PID), pid);
	/* Taken by a live server. */
	other = door_create(procedure, NULL, 0);
	assert_int_equal(door_attach(other, test_path, 0666), -1);
	assert_int_equal(errno, EBUSY);
	/* Not ours to name, nor to end. */
	assert_int_equal(door_attach(fd, test_path, 0666), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(door_revoke(fd), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(door_detach(test_path), -1);
	assert_int_equal(errno, EINVAL);
	/* A dead one is replaced, with its mode. */
	stop_process(pid);
	assert_int_equal(door_open(test_path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_return_code(door_attach(other, test_path, 0666), errno);
	assert_return_code(lstat(test_path, &st), errno);
	assert_int_equal(st.st_mode & 07777, 0666);
	(void)close(fd);
	fd = open_door();
	assert_int_equal(ask(fd, PID), getpid());
	(void)close(fd);
	assert_return_code(door_detach(test_path), errno);
	assert_int_equal(door_open(test_path), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(door_detach(test_path), -1);
	assert_int_equal(errno, ENOENT);
	removed_by_somebody_else(other);
	assert_return_code(door_revoke(other), errno);
	assert_int_equal(remove_test_dir(NULL), 0);
	assert_int_equal(make_test_dir(NULL), 0);
}

static void test_names_refused(void **state)
{
	int fd = door_create(procedure, NULL, 0), file, dir;
	char target[128], link[128];

	assert_int_equal(door_attach(fd, "", 0600), -1);
	assert_int_equal(errno, EINVAL);
	(void)snprintf(target, sizeof(target), "%s/", test_path);
	assert_int_equal(door_attach(fd, target, 0600), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_attach(fd, "/nonexistent/door", 0600), -1);
	assert_int_equal(errno, ENOENT);
	dir = open(test_dir, O_RDONLY | O_CLOEXEC);
	assert_int_equal(door_attachat(dir, "..", fd, 0600), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_attachat(dir, "a/b", fd, 0600), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_attachat(dir, "door", dir, 0600), -1);
	assert_int_equal(errno, EBADF);
	/* Something that is no door is not replaced, and no link is followed. */
	file = open(test_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(door_attach(fd, test_path, 0600), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(door_open(test_path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	(void)close(file);
	(void)unlink(test_path);
	(void)snprintf(link, sizeof(link), "%s/link", test_dir);
	assert_return_code(symlink("door", link), errno);
	assert_int_equal(door_attach(fd, link, 0600), -1);
	assert_int_equal(errno, EEXIST);
	assert_return_code(unlink(link), errno);
	(void)close(dir);
	assert_return_code(door_revoke(fd), errno);
}

/* Longer than a socket address; and below a directory descriptor. */
static void test_long_paths(void **state)
{
	char part[201], dir[512], path[800], name[201];
	int fd = door_create(procedure, NULL, 0), at, client;

	memset(part, 'd', 200);
	part[200] = '\0';
	memset(name, 'n', 200);
	name[200] = '\0';
	(void)snprintf(dir, sizeof(dir), "%s/%s", test_dir, part);
	assert_return_code(mkdir(dir, 0755), errno);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_return_code(door_attach(fd, path, 0600), errno);
	client = door_open(path);
	assert_return_code(client, errno);
	assert_int_equal(ask(client, PID), getpid());
	(void)close(client);
	at = open(dir, O_PATH | O_CLOEXEC);
	assert_return_code(door_attachat(at, "short", fd, 0600), errno);
	assert_int_equal(door_attachat(at, "short", fd, 0600), -1);
	assert_int_equal(errno, EBUSY);
	assert_return_code(door_detach(path), errno);
	(void)snprintf(path, sizeof(path), "%s/short", dir);
	client = door_open(path);
	assert_return_code(client, errno);
	assert_return_code(door_detach(path), errno);
	assert_int_equal(ask(client, PID), getpid());
	(void)close(client);
	(void)close(at);
	assert_return_code(door_revoke(fd), errno);
	/* Nothing is left behind in the directory. */
	assert_return_code(rmdir(dir), errno);
}

static void test_mode_refuses(void **state)
{
	pid_t pid, server;

	if (geteuid() != 0)
		skip();
	server = start_server(procedure, 0, 0600);
	pid = fork();
	if (pid == 0) {
		if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
			_exit(1);
		_exit(door_open(test_path) == -1 && errno == EACCES ? 0 : 2);
	}
	assert_int_equal(exit_status(pid), 0);
	stop_process(server);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void test_dead_server(void **state)
{
	pid_t pid = start_server(procedure, 0, 0600);
	int fd = open_door();
	door_info_t info;
	int64_t before;

	assert_return_code(door_info(fd, &info), errno);
	assert_int_equal(info.di_target, pid);
	assert_int_equal(info.di_proc, 0);
	assert_int_equal(info.di_attributes, 0);
	/* It dies during the call. */
	assert_int_equal(ask(fd, DIE), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(exit_status(pid), 0);
	before = now_ms();
	assert_int_equal(ask(fd, PID), -1);
	assert_int_equal(errno, EBADF);
	assert_true(now_ms() - before < 100);
	assert_return_code(door_info(fd, &info), errno);
	assert_int_equal(info.di_target, -1);
	assert_int_equal(info.di_attributes, DOOR_REVOKED);
	(void)close(fd);
}

/* A server that is stopped has the call in its queue; killed then, it never took it. */
static void test_call_never_taken(void **state)
{
	pid_t pid = start_server(procedure, 0, 0600);
	int fd = open_door(), call;

	assert_int_equal(ask(fd, PID), pid);
	assert_return_code(kill(pid, SIGSTOP), errno);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	call = door_call_begin(fd, NULL);
	assert_return_code(call, errno);
	stop_process(pid);
	assert_int_equal(door_call_finish(call, NULL), -1);
	assert_int_equal(errno, EBADF);
	(void)close(fd);
}

static void test_server_killed(void **state)
{
	pid_t pid = start_server(procedure, 0, 0600);
	int fd = open_door(), call;
	char command = HANG;
	struct pollfd p;

	call = door_call_begin(fd, &(door_arg_t){.data_ptr = &command, .data_size = 1});
	assert_return_code(call, errno);
	p = (struct pollfd){.fd = call, .events = POLLIN};
	assert_int_equal(poll(&p, 1, 50), 0);
	stop_process(pid);
	assert_int_equal(poll(&p, 1, 1000), 1);
	assert_int_equal(door_call_finish(call, NULL), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(fcntl(call, F_GETFD), -1);
	(void)close(fd);
}

static void on_alarm(int sig)
{
}

/* A handler interrupts a call whether or not it says SA_RESTART. */
static void test_signal(void **state)
{
	pid_t pid = start_server(procedure, 0, 0600);
	struct itimerval it = {.it_value.tv_usec = 30000};
	struct sigaction sa = {.sa_handler = on_alarm}, old;
	int fd = open_door(), i;

	for (i = 0; i < 2; i++) {
		sa.sa_flags = i ? SA_RESTART : 0;
		assert_return_code(sigaction(SIGALRM, &sa, &old), errno);
		assert_return_code(setitimer(ITIMER_REAL, &it, NULL), errno);
		assert_int_equal(ask(fd, HANG), -1);
		assert_int_equal(errno, EINTR);
		assert_return_code(sigaction(SIGALRM, &old, NULL), errno);
	}
	assert_int_equal(ask(fd, PID), pid);
	(void)close(fd);
	stop_process(pid);
}

/* A child has the door too, and calls it as itself; the parent goes on. */
static void test_fork(void **state)
{
	pid_t server = start_server(procedure, 0, 0600), pid;
	int fd = open_door(), i;

	for (i = 0; i < 4; i++) {
		pid = fork();
		if (pid == 0) {
			int n, bad = 0;

			for (n = 0; n < 200; n++)
				bad += ask(fd, PID) != server;
			_exit(bad != 0);
		}
		assert_int_equal(ask(fd, PID), server);
		assert_int_equal(exit_status(pid), 0);
	}
	stop_process(server);
	(void)close(fd);
}

/* A server that forked and died is dead, though its child lives. */
static void fork_and_die(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	pid_t pid;

	if (size)
		_exit(0);
	pid = fork();
	if (pid == 0) {
		if (door_return(NULL, 0, NULL, 0) != -1 || errno != EINVAL)
			_exit(1);
		(void)sleep(20);
		_exit(0);
	}
	(void)door_return((char *)&pid, sizeof(pid), NULL, 0);
}

static void test_server_forks(void **state)
{
	pid_t server = start_server(fork_and_die, 0, 0600), child = 0;
	door_arg_t arg = {.rbuf = (char *)&child, .rsize = sizeof(child)};
	char byte = 0;
	int fd = open_door();

	assert_return_code(door_call(fd, &arg), errno);
	arg = (door_arg_t){.data_ptr = &byte, .data_size = 1};
	assert_int_equal(door_call(fd, &arg), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(door_call(fd, NULL), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(exit_status(server), 0);
	assert_int_equal(door_open(test_path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_return_code(kill(child, SIGKILL), errno);
	(void)close(fd);
}

/* One raw message on a handle, with descriptors. */
static void send_raw(int fd, const void *data, size_t size, const int *fds, size_t n)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(253 * sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = (void *)data, .iov_len = size};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	memset(&control, 0, sizeof(control));
	if (n) {
		struct cmsghdr *c = (struct cmsghdr *)&control;

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	(void)sendmsg(fd, &m, MSG_NOSIGNAL);
}

/* As lib/door/wire.h has it; written out, because a hostile client has no headers of ours. */
struct raw_request {
	uint32_t magic;
	uint16_t version, command;
	uint32_t size, n_desc;
	char data[32];
};

static void test_garbage(void **state)
{
	static const struct raw_request good = {0x726f6f64, 1, 1, 32, 0, ""};
	pid_t pid = start_server(procedure, 0, 0600);
	int fd = open_door(), before, i, pair[2], fds[253];
	static char big[140000];
	struct raw_request q;

	before = server_fds(fd);
	for (i = 0; i < 253; i++)
		fds[i] = 0;
	for (i = 0; i < 20; i++) {
		assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), errno);
		fds[0] = pair[1];
		send_raw(fd, "", 0, NULL, 0);
		send_raw(fd, "x", 1, NULL, 0);
		send_raw(fd, "x", 1, fds, 1);
		send_raw(fd, &good, sizeof(good), NULL, 0);    /* no reply socket */
		send_raw(fd, &good, sizeof(good), fds + 1, 1); /* stdin is none */
		send_raw(fd, &good, sizeof(good) - 1, fds, 1); /* shorter than it says */
		send_raw(fd, &good, sizeof(good), fds, 7);     /* more descriptors than it says */
		send_raw(fd, &good, sizeof(good), fds, 253);   /* and than fit */
		send_raw(fd, big, sizeof(big), fds, 2);	       /* and bytes */
		q = good;
		q.magic++;
		send_raw(fd, &q, sizeof(q), fds, 1);
		q = good;
		q.version++;
		send_raw(fd, &q, sizeof(q), fds, 1);
		q = good;
		q.command = 77;
		send_raw(fd, &q, sizeof(q), fds, 1);
		q = good;
		q.size = UINT32_MAX;
		send_raw(fd, &q, sizeof(q), fds, 1);
		q = good;
		q.n_desc = UINT32_MAX;
		send_raw(fd, &q, sizeof(q), fds, 1);
		(void)close(pair[0]);
		(void)close(pair[1]);
	}
	assert_int_equal(ask(fd, PID), pid);
	assert_int_equal(server_fds(fd), before);
	(void)close(fd);
	stop_process(pid);
}

/* A reply socket that is full, or shut, or gone, is the client's problem. */
static void test_reply_socket_abused(void **state)
{
	static const struct raw_request good = {0x726f6f64, 1, 1, 0, 0, ""};
	pid_t pid = start_server(procedure, 0, 0600);
	int fd = open_door(), i, pair[2], small = 1;
	static char fill[4096];

	for (i = 0; i < 30; i++) {
		assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), errno);
		(void)setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
		if (i % 3 == 0)
			while (send(pair[1], fill, sizeof(fill), MSG_DONTWAIT) > 0)
				;
		if (i % 3 == 1)
			(void)shutdown(pair[0], SHUT_RDWR);
		send_raw(fd, &good, 16, &pair[1], 1);
		if (i % 3 == 2)
			(void)close(pair[0]);
		if (i % 3 != 2)
			(void)close(pair[0]);
		(void)close(pair[1]);
	}
	assert_int_equal(ask(fd, PID), pid);
	(void)close(fd);
	stop_process(pid);
}

/* A socket that somebody else made is no reply socket: it would lend its maker's name. */
static void test_foreign_reply_socket(void **state)
{
	static const struct raw_request good = {0x726f6f64, 1, 1, 0, 0, ""};
	pid_t server = start_server(procedure, 0, 0600), pid;
	int fd = open_door(), pair[2];
	char byte;

	assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), errno);
	pid = fork();
	if (pid == 0) {
		send_raw(fd, &good, 16, &pair[1], 1);
		_exit(0);
	}
	assert_int_equal(exit_status(pid), 0);
	(void)close(pair[1]);
	/* Nothing comes but the end. */
	assert_int_equal(recv(pair[0], &byte, 1, 0), 0);
	(void)close(pair[0]);
	assert_int_equal(ask(fd, PID), server);
	(void)close(fd);
	stop_process(server);
}

static void test_client_killed(void **state)
{
	pid_t server = start_server(procedure, DOOR_NO_CANCEL, 0600), pid;
	int fd = open_door(), before, i;

	before = server_fds(fd);
	for (i = 0; i < 10; i++) {
		pid = fork();
		if (pid == 0) {
			char command = HANG;

			(void)close(fd);
			fd = door_open(test_path);
			(void)door_call_begin(
				fd, &(door_arg_t){.data_ptr = &command, .data_size = 1});
			(void)usleep((useconds_t)i * 1000);
			_exit(0);
		}
		stop_process(pid);
	}
	assert_int_equal(ask(fd, PID), server);
	/* Their handles are gone; each call that hangs may keep its reply socket. */
	assert_in_range(server_fds(fd), before, before + 10);
	(void)close(fd);
	stop_process(server);
}

/* Without descriptors the server refuses, and recovers. */
static void test_out_of_descriptors(void **state)
{
	pid_t pid = start_server(procedure, 0, 0600);
	struct rlimit limit, now;
	int fd = open_door(), handle, opened[20], i;
	char command = TAKE_FDS;

	assert_return_code(prlimit(pid, RLIMIT_NOFILE, NULL, &limit), errno);
	now = limit;
	now.rlim_cur = 3;
	assert_return_code(prlimit(pid, RLIMIT_NOFILE, &now, NULL), errno);
	assert_int_equal(ask(fd, PID), -1);
	assert_int_equal(errno, EAGAIN);
	/* Room for the connection perhaps, and soon not for the handle. */
	now.rlim_cur = 100;
	assert_return_code(prlimit(pid, RLIMIT_NOFILE, &now, NULL), errno);
	handle = door_call_begin(fd, &(door_arg_t){.data_ptr = &command, .data_size = 1});
	assert_return_code(handle, errno);
	assert_return_code(door_call_finish(handle, NULL), errno);
	for (i = 0; i < 20 && (opened[i] = door_open(test_path)) >= 0; i++)
		continue;
	assert_in_range(i, 0, 19);
	assert_int_equal(errno, EAGAIN);
	while (i > 0)
		(void)close(opened[--i]);
	assert_return_code(prlimit(pid, RLIMIT_NOFILE, &limit, NULL), errno);
	assert_int_equal(ask(fd, PID), pid);
	handle = open_door();
	assert_int_equal(ask(handle, PID), pid);
	(void)close(handle);
	(void)close(fd);
	stop_process(pid);
}

/* One user cannot take everything: neither handles nor threads. Root still gets in. */
static int be_greedy(void)
{
	int handles = 0, calls = 0, fd = -1, one, refused = 0;
	char command = HANG;
	door_arg_t arg = {.data_ptr = &command, .data_size = 1};

	if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
		return 1;
	while ((one = door_open(test_path)) >= 0 && handles < 200) {
		fd = one;
		handles++;
	}
	if (errno != EAGAIN || handles < 10 || handles > 100)
		return 2;
	for (calls = 0; calls < 100; calls++) {
		struct pollfd p = {.fd = door_call_begin(fd, &arg), .events = POLLIN};

		if (p.fd < 0)
			return 3;
		if (poll(&p, 1, 10) == 1) {
			if (door_call_finish(p.fd, NULL) != -1 || errno != EAGAIN)
				return 4;
			refused++;
		}
	}
	return refused >= 20 && refused <= 90 ? 0 : 5;
}

static void test_greedy_user(void **state)
{
	pid_t server, pid;
	int fd;

	if (geteuid() != 0)
		skip();
	server = start_server(procedure, DOOR_NO_CANCEL, 0666);
	fd = open_door();
	pid = fork();
	if (pid == 0)
		_exit(be_greedy());
	assert_int_equal(exit_status(pid), 0);
	assert_int_equal(ask(fd, PID), server);
	(void)close(fd);
	stop_process(server);
}

/* Opens as uid until it is refused or there are max; the handles stay open. */
static int open_as(uid_t uid, int max)
{
	int n = 0;

	if (setresuid(uid, uid, 0) < 0)
		return -1;
	while (n < max && door_open(test_path) >= 0)
		n++;
	if (setresuid(0, 0, 0) < 0)
		return -1;
	return n;
}

/* The ids of one zone have a share together, and leave that of another zone alone. */
static int be_a_greedy_zone(void)
{
	const uid_t zone = 0x50010000, other = 0x50020000;
	int all = 0, i;

	for (i = 0; i < 10; i++)
		all += open_as(zone + (uid_t)i, 50);
	if (all < 200 || all > 260)
		return 1;
	return open_as(other, 50) == 50 ? 0 : 2;
}

static void test_greedy_zone(void **state)
{
	pid_t server, pid;

	if (geteuid() != 0)
		skip();
	server = start_server(procedure, DOOR_NO_CANCEL, 0666);
	pid = fork();
	if (pid == 0)
		_exit(be_a_greedy_zone());
	assert_int_equal(exit_status(pid), 0);
	stop_process(server);
}

/* Somebody else's socket with one of our names is not taken for our door. */
static void test_false_name(void **state)
{
	struct sockaddr_un addr;
	socklen_t size = sizeof(addr);
	int fd = door_create(procedure, NULL, 0), pair[2];
	door_info_t info;
	char *last;
	pid_t pid;

	assert_return_code(getpeername(fd, (struct sockaddr *)&addr, &size), errno);
	last = &addr.sun_path[size - offsetof(struct sockaddr_un, sun_path) - 1];
	*last = *last == '0' ? '1' : '0'; /* the same door, another serial */
	assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), errno);
	assert_return_code(bind(pair[1], (struct sockaddr *)&addr, size), errno);
	pid = fork();
	if (pid == 0) {
		/* To the child both are foreign. */
		_exit(door_revoke(pair[0]) == -1 && errno == EPERM && door_revoke(fd) == -1 &&
					errno == EPERM && door_info(fd, &info) == 0 &&
					!(info.di_attributes & DOOR_LOCAL)
				? 0
				: 1);
	}
	assert_int_equal(exit_status(pid), 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
	assert_int_equal(ask(fd, PID), getpid());
	assert_return_code(door_revoke(fd), errno);
}

static void test_client_out_of_descriptors(void **state)
{
	pid_t pid = start_server(procedure, 0, 0600);
	struct rlimit limit, now;
	int fd = open_door();

	assert_return_code(getrlimit(RLIMIT_NOFILE, &limit), errno);
	now = limit;
	now.rlim_cur = 3;
	assert_return_code(setrlimit(RLIMIT_NOFILE, &now), errno);
	assert_int_equal(ask(fd, PID), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(door_create(procedure, NULL, 0), -1);
	assert_int_equal(errno, EMFILE);
	assert_return_code(setrlimit(RLIMIT_NOFILE, &limit), errno);
	(void)close(fd);
	stop_process(pid);
}

/* --- unref and cancellation, served by this process --- */

static atomic_int unrefs, cleanups, begun, may_return, returned;

static void count_unref(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	if (argp == DOOR_UNREF_DATA)
		atomic_fetch_add(&unrefs, 1);
	(void)door_return(NULL, 0, NULL, 0);
}

static bool reaches(atomic_int *what, int value)
{
	int i;

	for (i = 0; i < 2000 && atomic_load(what) != value; i++)
		(void)usleep(5000);
	(void)usleep(10000);
	return atomic_load(what) == value;
}

static void test_unref(void **state)
{
	static const uint_t attributes[] = {0, DOOR_UNREF, DOOR_UNREF_MULTI};
	static const int expected[][2] = {{0, 0}, {1, 1}, {1, 2}};
	door_info_t info;
	int i, fd, client, copy;

	for (i = 0; i < 3; i++) {
		atomic_store(&unrefs, 0);
		fd = door_create(count_unref, NULL, attributes[i]);
		assert_return_code(door_attach(fd, test_path, 0600), errno);
		client = open_door();
		assert_return_code(door_call(client, NULL), errno);
		assert_return_code(door_detach(test_path), errno);
		copy = dup(client);
		(void)close(client);
		assert_true(reaches(&unrefs, 0));
		(void)close(copy);
		assert_true(reaches(&unrefs, expected[i][0]));
		assert_return_code(door_info(fd, &info), errno);
		assert_int_equal(!!(info.di_attributes & DOOR_IS_UNREF), expected[i][0]);
		/* A name is a reference, too. */
		assert_return_code(door_attach(fd, test_path, 0600), errno);
		assert_return_code(door_info(fd, &info), errno);
		assert_false(info.di_attributes & DOOR_IS_UNREF);
		assert_return_code(door_detach(test_path), errno);
		assert_true(reaches(&unrefs, expected[i][1]));
		assert_return_code(door_revoke(fd), errno);
	}
}

/* A door that was passed on and dropped there. */
static void test_unref_passed(void **state)
{
	int keeper = door_create(procedure, NULL, 0), fd;
	door_desc_t desc = {.d_attributes = DOOR_DESCRIPTOR};
	door_arg_t arg = {.desc_ptr = &desc, .desc_num = 1};

	atomic_store(&unrefs, 0);
	fd = door_create(count_unref, NULL, DOOR_UNREF);
	desc.d_data.d_desc.d_descriptor = fd;
	assert_return_code(door_call(keeper, &arg), errno);
	assert_true(reaches(&unrefs, 1));
	assert_return_code(door_call(fd, NULL), errno);
	assert_return_code(door_revoke(fd), errno);
	assert_return_code(door_revoke(keeper), errno);
}

static void count_cleanup(void *arg)
{
	atomic_fetch_add(&cleanups, 1);
}

static void cancellable(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	pthread_cleanup_push(count_cleanup, NULL);
	if (size)
		(void)pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	atomic_fetch_add(&begun, 1);
	while (!atomic_load(&may_return))
		(void)usleep(2000);
	atomic_fetch_add(&returned, 1);
	(void)door_return(NULL, 0, NULL, 0);
	pthread_cleanup_pop(1);
}

static void test_cancel(void **state)
{
	static const struct {
		uint_t attributes;
		size_t size;
		int cancelled;
	} cases[] = {{0, 1, 1}, {0, 0, 0}, {DOOR_NO_CANCEL, 1, 0}};
	char byte = 0;
	int i, fd, call;

	for (i = 0; i < 3; i++) {
		atomic_store(&cleanups, 0);
		atomic_store(&begun, 0);
		atomic_store(&may_return, 0);
		atomic_store(&returned, 0);
		fd = door_create(cancellable, NULL, cases[i].attributes);
		call = door_call_begin(
			fd, &(door_arg_t){.data_ptr = &byte, .data_size = cases[i].size});
		assert_return_code(call, errno);
		assert_true(reaches(&begun, 1));
		(void)close(call);
		if (cases[i].cancelled)
			assert_true(reaches(&cleanups, 1));
		(void)usleep(30000); /* for what must not happen */
		atomic_store(&may_return, 1);
		assert_true(reaches(&returned, !cases[i].cancelled));
		assert_int_equal(atomic_load(&cleanups), cases[i].cancelled);
		/* The door goes on. */
		assert_return_code(door_call(fd, NULL), errno);
		assert_return_code(door_revoke(fd), errno);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_refused),
		cmocka_unit_test(test_long_paths),
		cmocka_unit_test(test_mode_refuses),
		cmocka_unit_test(test_dead_server),
		cmocka_unit_test(test_call_never_taken),
		cmocka_unit_test(test_server_killed),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_server_forks),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_reply_socket_abused),
		cmocka_unit_test(test_foreign_reply_socket),
		cmocka_unit_test(test_client_killed),
		cmocka_unit_test(test_out_of_descriptors),
		cmocka_unit_test(test_greedy_user),
		cmocka_unit_test(test_greedy_zone),
		cmocka_unit_test(test_false_name),
		cmocka_unit_test(test_client_out_of_descriptors),
		cmocka_unit_test(test_unref),
		cmocka_unit_test(test_unref_passed),
		cmocka_unit_test(test_cancel),
	};

	(void)alarm(60);
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}

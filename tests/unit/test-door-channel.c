/* SPDX-License-Identifier: MIT */
/*
 * Calls through shared memory: that they are made, whose they are, and what a client gains
 * by writing where it likes (nothing). What a call does is tested elsewhere, over both transports.
 */
#include "door-test.h"

#include "door/call.h"
#include "door/channel.h"
#include "door/wire.h"

#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucred.h>

enum { ECHO = 'e', WHO = 'w', CRED = 'c', MAPS = 'm', HANG = 'h', TWICE = 't', HUNG = 'n' };

struct who {
	int error;
	pid_t pid;
	uid_t euid, ruid;
	gid_t egid;
	int n_groups;
	int root;
	zoneid_t zone;
	int privs;
};

/* How many channels this process has mapped, as client and as server. */
static int count_maps(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512];
	int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, "/memfd:door ") != NULL;
	(void)fclose(f);
	return n;
}

static void tell_who(void)
{
	struct who w = {.error = 0};
	const gid_t *groups;
	ucred_t *uc = NULL;

	if (door_ucred(&uc) < 0) {
		w.error = errno;
	} else {
		w.pid = ucred_getpid(uc);
		w.euid = ucred_geteuid(uc);
		w.ruid = ucred_getruid(uc);
		w.egid = ucred_getegid(uc);
		w.zone = ucred_getzoneid(uc);
		w.root = ucred_is_zone_root(uc);
		w.n_groups = ucred_getgroups(uc, &groups);
		w.privs = ucred_getprivset(uc, PRIV_EFFECTIVE) != NULL;
		ucred_free(uc);
	}
	(void)door_return((char *)&w, sizeof(w), NULL, 0);
}

static void tell_cred(void)
{
	struct who w = {.error = 0};
	door_cred_t c;

	if (door_cred(&c) < 0) {
		w.error = errno;
	} else {
		w.pid = c.dc_pid;
		w.euid = c.dc_euid;
		w.ruid = c.dc_ruid;
		w.egid = c.dc_egid;
	}
	(void)door_return((char *)&w, sizeof(w), NULL, 0);
}

/* Answers whether the argument stays the same for a while. */
static void look_twice(const char *argp, size_t size)
{
	char first[64], differs;
	struct timespec ms = {.tv_nsec = 1000000};

	memcpy(first, argp, sizeof(first));
	(void)nanosleep(&ms, NULL);
	differs = memcmp(first, argp, sizeof(first)) != 0;
	(void)door_return(&differs, 1, NULL, 0);
}

static void *hung; /* in the server: calls that hang, counted down when they are cancelled */

static void end_of_hang(void *arg)
{
	atomic_fetch_sub((atomic_int *)arg, 1);
}

static void hang(void)
{
	atomic_int *n = hung;

	atomic_fetch_add(n, 1);
	(void)pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	pthread_cleanup_push(end_of_hang, n);
	for (;;)
		(void)pause();
	pthread_cleanup_pop(0);
}

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	int answer;

	switch (size ? *argp : ECHO) {
	case WHO:
		tell_who();
		break;
	case CRED:
		tell_cred();
		break;
	case MAPS:
		answer = count_maps();
		(void)door_return((char *)&answer, sizeof(answer), NULL, 0);
		break;
	case HANG:
		hang();
		break;
	case HUNG:
		answer = atomic_load((atomic_int *)hung);
		(void)door_return((char *)&answer, sizeof(answer), NULL, 0);
		break;
	case TWICE:
		look_twice(argp, size);
		break;
	default:
		(void)door_return(argp, size, NULL, 0);
		break;
	}
}

static pid_t serve(uint_t attributes)
{
	/* cppcheck-suppress invalidFunctionArg */
	hung = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(hung, MAP_FAILED);
	return start_server(procedure, attributes, 0666);
}

static void end_server(pid_t pid)
{
	stop_process(pid);
	(void)munmap(hung, 4096);
}

/* One call; the number of bytes of the result, or -1. */
static ssize_t call(int fd, char command, void *result, size_t size)
{
	door_arg_t arg = {.data_ptr = &command, .data_size = 1, .rbuf = result, .rsize = size};

	if (door_call(fd, &arg) < 0)
		return -1;
	return arg.rbuf == result ? (ssize_t)arg.data_size : -2;
}

static int ask(int fd, char command)
{
	int answer = -1;

	return call(fd, command, &answer, sizeof(answer)) < 0 ? -1 : answer;
}

static int open_door(void)
{
	int fd = door_open(test_path);

	assert_return_code(fd, errno);
	return fd;
}

/* Runs a part of a test in a child, with no channels from before; 0 passed. */
static void in_child(int (*f)(int fd), int fd)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(f(fd));
	assert_int_equal(exit_status(pid), 0);
}

static int make_and_keep(int fd)
{
	int i, other;

	if (count_maps() != 0)
		return 1;
	for (i = 0; i < 100; i++)
		if ((ask(fd, ECHO) & 0xff) != ECHO)
			return 2;
	if (count_maps() != 1 || ask(fd, MAPS) != 1)
		return 3;
	/* Another descriptor of the same handle; then other handles. */
	other = dup(fd);
	if (ask(other, MAPS) != 1 || count_maps() != 1)
		return 4;
	(void)close(other);
	for (i = 0; i < 30; i++) {
		other = door_open(test_path);
		(void)ask(other, ECHO);
		if ((ask(other, ECHO) & 0xff) != ECHO)
			return 5;
		(void)close(other);
	}
	if (count_maps() > 8)
		return 6;
	/* The server drops what belonged to handles that are closed. */
	for (i = 0; i < 500 && ask(fd, MAPS) != 1; i++)
		(void)usleep(10000);
	return ask(fd, MAPS) == 1 ? 0 : 7;
}

static void test_made_and_kept(void **state)
{
	pid_t server = serve(0);
	int fd = open_door();

	in_child(make_and_keep, fd);
	(void)close(fd);
	end_server(server);
}

/* A program may say that it wants none. */
static int use_sockets(int fd)
{
	int i;

	(void)setenv("DOOR_TRANSPORT", "socket", 1);
	for (i = 0; i < 5; i++)
		if ((ask(fd, ECHO) & 0xff) != ECHO)
			return 1;
	return count_maps();
}

static void test_sockets(void **state)
{
	pid_t server = serve(0);
	int fd = open_door();

	in_child(use_sockets, fd);
	(void)close(fd);
	end_server(server);
}

/* A number of bytes goes there and back, at every border of the areas. */
static void test_sizes(void **state)
{
	static const size_t sizes[] = {0, 1, CHANNEL_SMALL - 1, CHANNEL_SMALL, CHANNEL_SMALL + 1,
		4096, DOOR_DATA_LIMIT - 1, DOOR_DATA_LIMIT};
	static char data[DOOR_DATA_LIMIT], result[DOOR_DATA_LIMIT];
	pid_t server = serve(0);
	int fd = open_door(), round;
	size_t i, k;

	for (round = 0; round < 3; round++)
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			door_arg_t arg = {.data_ptr = data,
				.data_size = sizes[i],
				.rbuf = result,
				.rsize = round == 2 ? 0 : sizeof(result)};

			for (k = 0; k < sizes[i]; k++)
				data[k] = (char)(k * 7 + i + (size_t)round);
			data[0] = ECHO;
			assert_return_code(door_call(fd, &arg), errno);
			assert_int_equal(arg.data_size, sizes[i]);
			assert_memory_equal(arg.data_ptr, data, sizes[i]);
			if (arg.rbuf != result)
				assert_return_code(munmap(arg.rbuf, arg.rsize), errno);
		}
	assert_int_equal(count_maps(), 1);
	(void)close(fd);
	end_server(server);
}

/* --- whose call is it? --- */

static struct who who(int fd, char command)
{
	struct who w;

	if (call(fd, command, &w, sizeof(w)) != sizeof(w))
		w = (struct who){.error = -1};
	return w;
}

static void skip_unless_root(void)
{
	if (geteuid() != 0)
		skip();
}

static bool is_root(const struct who *w)
{
	return w->error == 0 && w->pid == getpid() && w->euid == 0 && w->ruid == 0 && w->root &&
	       w->privs && w->zone == 0;
}

static int drop_root(int fd)
{
	const gid_t groups[] = {7, 8, 9};
	struct who w;
	int i;

	for (i = 0; i < 5; i++) {
		(void)ask(fd, ECHO);
		w = who(fd, WHO);
		if (!is_root(&w))
			return 1;
	}
	if (setgroups(3, groups) < 0)
		return 2;
	w = who(fd, WHO);
	if (!is_root(&w) || w.n_groups != 3)
		return 3;
	if (setresgid(1001, 1001, 1001) < 0 || setresuid(1000, 1000, 1000) < 0)
		return 4;
	for (i = 0; i < 5; i++) {
		w = who(fd, i % 2 ? WHO : CRED);
		if (w.error || w.euid != 1000 || w.ruid != 1000 || w.egid != 1001 || w.root ||
			w.pid != getpid())
			return 5;
	}
	w = who(fd, WHO);
	return w.n_groups == 3 && count_maps() == 1 ? 0 : 6;
}

static void test_drop_root(void **state)
{
	pid_t server;
	int fd;

	skip_unless_root();
	server = serve(0);
	fd = open_door();
	in_child(drop_root, fd);
	(void)close(fd);
	end_server(server);
}

/* One thread drops its rights, without the C library telling the others. */
static const char *drop_in_this_thread(int fd)
{
	struct who w;

	(void)ask(fd, ECHO);
	w = who(fd, WHO);
	if (!is_root(&w))
		return "root";
	if (syscall(SYS_setresuid, 1000, 1000, 1000) < 0)
		return "setresuid";
	w = who(fd, CRED);
	if (w.error || w.euid != 1000 || w.ruid != 1000)
		return "cred";
	w = who(fd, WHO);
	return w.error || w.euid != 1000 || w.root ? "ucred" : NULL;
}

static int drop_fd;
static const char *drop_bad;

static void *drop_in_thread(void *arg)
{
	drop_bad = drop_in_this_thread(drop_fd);
	return NULL;
}

static int drop_one_thread(int fd)
{
	pthread_t thread;
	struct who w;

	drop_fd = fd;
	if (pthread_create(&thread, NULL, drop_in_thread, NULL) != 0)
		return 1;
	(void)pthread_join(thread, NULL);
	w = who(fd, WHO);
	if (drop_bad)
		(void)fprintf(stderr, "%s\n", drop_bad);
	return drop_bad || !is_root(&w) ? 2 : 0;
}

static void test_drop_one_thread(void **state)
{
	pid_t server;
	int fd;

	skip_unless_root();
	server = serve(0);
	fd = open_door();
	in_child(drop_one_thread, fd);
	(void)close(fd);
	end_server(server);
}

/* A child calls the same handle as itself, and its parent goes on. */
static int be_child(int fd)
{
	struct who w;
	int i;

	if (setresuid(1000, 1000, 1000) < 0)
		return 1;
	for (i = 0; i < 3; i++) {
		w = who(fd, WHO);
		if (w.error || w.pid != getpid() || w.euid != 1000 || w.root)
			return 2;
	}
	return count_maps() == 1 ? 0 : 3;
}

static void test_passed_on(void **state)
{
	pid_t server;
	int fd, i;

	skip_unless_root();
	server = serve(0);
	fd = open_door();
	for (i = 0; i < 5; i++) {
		assert_int_equal(who(fd, WHO).pid, getpid());
		in_child(be_child, fd);
	}
	(void)close(fd);
	end_server(server);
}

/* --- a client that does not keep to the rules --- */

struct raw {
	int sock;
	struct channel_head *head;
};

/* Asks for a channel as libdoor does, with any descriptor as the thread's. Its error, or 0. */
static int raw_open(int fd, int thread, struct raw *ret)
{
	struct door_request q = {.magic = DOOR_MAGIC,
		.version = DOOR_VERSION,
		.command = DOOR_COMMAND_CHANNEL,
		.n_desc = 1};
	struct door_answer a;
	struct iovec out = {.iov_base = &q, .iov_len = sizeof(q)};
	struct iovec in = {.iov_base = &a, .iov_len = sizeof(a)};
	struct wire_received w;
	struct pollfd p = {.events = POLLIN};
	int pair[2], fds[2];

	assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), errno);
	fds[0] = pair[1];
	fds[1] = thread;
	assert_int_equal(wire_send(fd, &out, 1, fds, 2), 0);
	(void)close(pair[1]);
	p.fd = pair[0];
	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(wire_receive(pair[0], &in, 1, &w), 0);
	if (a.error != 0) {
		(void)close(pair[0]);
		return a.error;
	}
	assert_int_equal(w.n_fds, 1);
	/* Nobody can take it away from the server. */
	assert_int_equal(ftruncate(w.fds[0], 0), -1);
	assert_int_equal(errno, EPERM);
	ret->sock = pair[0];
	ret->head = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, w.fds[0], 0);
	assert_ptr_not_equal(ret->head, MAP_FAILED);
	(void)close(w.fds[0]);
	return 0;
}

static void raw_close(struct raw *r)
{
	(void)close(r->sock);
	(void)munmap(r->head, CHANNEL_SIZE);
}

static int own_thread(void)
{
	int fd = (int)syscall(SYS_pidfd_open, gettid(), O_EXCL);

	assert_return_code(fd, errno);
	return fd;
}

static void raw_post(struct raw *r, uint32_t number, uint32_t size)
{
	atomic_store(&r->head->argument_size, size);
	atomic_store(&r->head->call, number);
	(void)send(r->sock, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Waits until there is this answer; its error. */
static int raw_wait(struct raw *r, uint32_t number)
{
	int i;

	for (i = 0; i < 20000; i++) {
		if (atomic_load(&r->head->answer) == (number << CHANNEL_ANSWER_BITS | CHANNEL_DONE))
			return (int)atomic_load(&r->head->error);
		(void)usleep(500);
	}
	fail_msg("no answer");
	return -1;
}

static void test_not_ones_thread(void **state)
{
	pid_t server = serve(0), child;
	int fd = open_door(), other, null = open("/dev/null", O_RDWR | O_CLOEXEC), self;
	struct raw r;

	self = open("/proc/self", O_RDONLY | O_CLOEXEC);
	child = fork();
	if (child == 0)
		for (;;)
			(void)pause();
	other = (int)syscall(SYS_pidfd_open, child, 0);
	assert_return_code(other, errno);
	assert_int_equal(raw_open(fd, null, &r), ENOTSUP);
	assert_int_equal(raw_open(fd, self, &r), ENOTSUP);
	assert_int_equal(raw_open(fd, fd, &r), ENOTSUP);
	assert_int_equal(raw_open(fd, other, &r), ENOTSUP);
	assert_int_equal(ask(fd, ECHO) & 0xff, ECHO);
	assert_int_equal(ask(fd, MAPS), ask(fd, MAPS));
	stop_process(child);
	(void)close(null);
	(void)close(self);
	(void)close(other);
	(void)close(fd);
	end_server(server);
}

static void test_scribble(void **state)
{
	pid_t server = serve(0);
	int fd = open_door(), thread = own_thread(), i;
	struct raw r;
	uint32_t n;
	size_t k;

	assert_int_equal(raw_open(fd, thread, &r), 0);
	/* Sizes that cannot be. */
	raw_post(&r, 1, DOOR_DATA_LIMIT + 1);
	assert_int_equal(raw_wait(&r, 1), E2BIG);
	raw_post(&r, 2, UINT32_MAX);
	assert_int_equal(raw_wait(&r, 2), E2BIG);
	/* A correct one still works. */
	*channel_argument(r.head, 1) = ECHO;
	raw_post(&r, 3, 1);
	assert_int_equal(raw_wait(&r, 3), 0);
	assert_int_equal(*channel_result(r.head, 1), ECHO);
	/* Noise everywhere, with calls in between. */
	for (n = 4, i = 0; i < 2000; i++) {
		for (k = 0; k < 64; k++)
			((_Atomic uint32_t *)r.head)[k] = (uint32_t)random();
		(void)send(r.sock, "xyzxyz", (size_t)(random() % 6), MSG_DONTWAIT | MSG_NOSIGNAL);
		n++;
	}
	/* Whatever has become of this channel, the server serves. */
	assert_int_equal(ask(fd, ECHO) & 0xff, ECHO);
	assert_int_equal(ask(fd, ECHO) & 0xff, ECHO);
	raw_close(&r);
	(void)close(thread);
	(void)close(fd);
	end_server(server);
}

static atomic_bool rewriting;

static void *rewrite(void *arg)
{
	struct raw *r = arg;
	char c = 0;

	while (atomic_load(&rewriting)) {
		memset(channel_argument(r->head, 64) + 1, c++, 63);
		__asm__ volatile("" ::: "memory");
	}
	return NULL;
}

static void test_rewritten_argument(void **state)
{
	pid_t server = serve(0);
	int fd = open_door(), own = own_thread();
	pthread_t thread;
	struct raw r;
	uint32_t i;

	assert_int_equal(raw_open(fd, own, &r), 0);
	*channel_argument(r.head, 64) = TWICE;
	atomic_store(&rewriting, true);
	assert_int_equal(pthread_create(&thread, NULL, rewrite, &r), 0);
	for (i = 1; i < 50; i++) {
		raw_post(&r, i, 64);
		assert_int_equal(raw_wait(&r, i), 0);
		assert_int_equal(*channel_result(r.head, 1), 0);
	}
	atomic_store(&rewriting, false);
	(void)pthread_join(thread, NULL);
	raw_close(&r);
	(void)close(own);
	(void)close(fd);
	end_server(server);
}

/* Its ids have changed, and it does not say who it is now: then nobody knows. */
static int keep_silent(int fd)
{
	int thread = own_thread();
	struct raw r;
	struct who w;

	if (raw_open(fd, thread, &r) != 0 || setresuid(1000, 1000, 1000) < 0)
		return 1;
	*channel_argument(r.head, 1) = WHO;
	raw_post(&r, 1, 1);
	if (raw_wait(&r, 1) != 0)
		return 2;
	memcpy(&w, channel_result(r.head, sizeof(w)), sizeof(w));
	return w.error == EAGAIN ? 0 : 3;
}

static void test_keep_silent(void **state)
{
	pid_t server;
	int fd;

	skip_unless_root();
	server = serve(0);
	fd = open_door();
	in_child(keep_silent, fd);
	assert_int_equal(ask(fd, ECHO) & 0xff, ECHO);
	(void)close(fd);
	end_server(server);
}

/* One user's threads: some get channels, all get answers. */
static void *crowd_member(void *arg)
{
	int fd = *(int *)arg, i;

	for (i = 0; i < 5; i++)
		if ((ask(fd, ECHO) & 0xff) != ECHO)
			return arg;
	return NULL;
}

static int crowd(int fd)
{
	pthread_t threads[80];
	void *bad, *any = NULL;
	int i;

	if (setresuid(1000, 1000, 1000) < 0)
		return 1;
	for (i = 0; i < 80; i++)
		if (pthread_create(&threads[i], NULL, crowd_member, &fd) != 0)
			return 2;
	for (i = 0; i < 80; i++) {
		(void)pthread_join(threads[i], &bad);
		any = bad ? bad : any;
	}
	return any ? 3 : 0;
}

static int take_all(int fd)
{
	int thread = own_thread(), i, r = 0;
	static struct raw raw[200];

	if (setresuid(1000, 1000, 1000) < 0)
		return 1;
	for (i = 0; i < 200 && r == 0; i++)
		r = raw_open(fd, thread, &raw[i]);
	if (r != EAGAIN || i > 70)
		return 2;
	/* Without one it still gets answers, and gives back what it had. */
	(void)ask(fd, ECHO);
	if ((ask(fd, ECHO) & 0xff) != ECHO || count_maps() != i - 1)
		return 3;
	while (--i > 0)
		raw_close(&raw[i - 1]);
	for (i = 0; i < 1000 && ask(fd, MAPS) > 0; i++)
		(void)usleep(5000);
	return ask(fd, MAPS) == 0 && raw_open(fd, thread, &raw[0]) == 0 ? 0 : 4;
}

static void test_limit(void **state)
{
	pid_t server;
	int fd;

	skip_unless_root();
	server = serve(0);
	fd = open_door();
	in_child(crowd, fd);
	in_child(take_all, fd);
	(void)close(fd);
	end_server(server);
}

/* --- ends --- */

/* A program that closes what it does not know; another file may get the number. */
static int close_all(int fd)
{
	int i, pipes[2];
	char byte;

	for (i = 0; i < 3; i++)
		(void)ask(fd, ECHO);
	(void)usleep(50000); /* no server thread is left there */
	for (i = 3; i < 1024; i++)
		if (i != fd)
			(void)close(i);
	if (pipe2(pipes, O_NONBLOCK) < 0)
		return 1;
	for (i = 0; i < 30; i++)
		(void)dup(pipes[1]);
	for (i = 0; i < 5; i++)
		if ((ask(fd, ECHO) & 0xff) != ECHO)
			return 2;
	return read(pipes[0], &byte, 1) == -1 && errno == EAGAIN ? 0 : 3;
}

static void test_closed_by_program(void **state)
{
	pid_t server = serve(0);
	int fd = open_door();

	in_child(close_all, fd);
	(void)close(fd);
	end_server(server);
}

static int kept_call(int fd, uint64_t id)
{
	char command = ECHO;
	int answer = -1;
	door_arg_t arg = {.data_ptr = &command,
		.data_size = 1,
		.rbuf = (char *)&answer,
		.rsize = sizeof(answer)};

	return call_kept(fd, id, &arg) < 0 ? -1 : answer & 0xff;
}

/* Who promises that the descriptor is the same is not asked again, and gets the door he had. */
static int keep(int fd)
{
	uint64_t id = channel_socket_id(fd);
	int pair[2], i;

	for (i = 0; i < 2; i++)
		if (kept_call(fd, id) != ECHO)
			return 1;
	if (count_maps() != 1)
		return 1;
	if (pipe(pair) < 0 || dup2(pair[0], fd) != fd)
		return 2;
	if (ask(fd, ECHO) != -1 || errno != EBADF || kept_call(fd, channel_socket_id(fd)) != -1)
		return 3;
	return kept_call(fd, id) == ECHO ? 0 : 4;
}

static void test_kept(void **state)
{
	pid_t server = serve(0);
	int fd = open_door();

	in_child(keep, fd);
	(void)close(fd);
	end_server(server);
}

/* A client that is killed takes the thread that runs its call with it, or does not. */
static void check_killed_client(uint_t attributes, int left)
{
	pid_t server = serve(attributes), pid;
	int fd = open_door(), i;

	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 3; i++)
			(void)ask(fd, ECHO);
		(void)ask(fd, HANG);
		_exit(0);
	}
	for (i = 0; i < 1000 && ask(fd, HUNG) != 1; i++)
		(void)usleep(5000);
	assert_int_equal(ask(fd, HUNG), 1);
	stop_process(pid);
	for (i = 0; i < (left ? 20 : 1000) && ask(fd, HUNG) != 0; i++)
		(void)usleep(5000);
	assert_int_equal(ask(fd, HUNG), left);
	assert_int_equal(ask(fd, ECHO) & 0xff, ECHO);
	(void)close(fd);
	end_server(server);
}

static void test_killed_client(void **state)
{
	check_killed_client(0, 0);
	check_killed_client(DOOR_NO_CANCEL, 1);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* The server dies while a call is in it, and after calls when none is. That is noticed at once. */
static void test_killed_server(void **state)
{
	uint64_t took, least = UINT64_MAX;
	pid_t server, killer;
	int fd, i;

	for (i = 0; i < 5; i++) {
		server = serve(0);
		fd = open_door();
		(void)ask(fd, ECHO);
		(void)ask(fd, ECHO);
		killer = fork();
		if (killer == 0) {
			while (atomic_load((atomic_int *)hung) == 0)
				(void)usleep(100);
			(void)usleep((useconds_t)i * 500);
			((uint64_t *)hung)[1] = now_us();
			(void)kill(server, SIGKILL);
			_exit(0);
		}
		assert_int_equal(ask(fd, HANG), -1);
		assert_int_equal(errno, EINTR);
		took = now_us() - ((uint64_t *)hung)[1];
		least = took < least ? took : least;
		assert_int_equal(exit_status(killer), 0);
		assert_int_equal(waitpid(server, NULL, 0), server);
		assert_int_equal(ask(fd, ECHO), -1);
		assert_int_equal(errno, EBADF);
		(void)close(fd);
		(void)munmap(hung, 4096);
	}
	/* The least of all: the machine may be busy. */
	assert_in_range(least, 0, 5000);
}

static atomic_int unrefs;

static void count_unref(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	if (argp == DOOR_UNREF_DATA)
		atomic_fetch_add(&unrefs, 1);
	(void)door_return(argp, argp == DOOR_UNREF_DATA ? 0 : size, NULL, 0);
}

/* What the library keeps is no reference; and revocation ends it. */
static void test_unref_and_revoke(void **state)
{
	int door = door_create(count_unref, NULL, DOOR_UNREF_MULTI), fd, i;

	assert_return_code(door_attach(door, test_path, 0600), errno);
	fd = open_door();
	assert_return_code(door_detach(test_path), errno);
	for (i = 0; i < 10; i++)
		assert_int_equal(ask(fd, ECHO) & 0xff, ECHO);
	assert_int_equal(atomic_load(&unrefs), 0);
	(void)close(fd);
	for (i = 0; i < 1000 && atomic_load(&unrefs) == 0; i++)
		(void)usleep(5000);
	assert_int_equal(atomic_load(&unrefs), 1);
	for (i = 0; i < 10; i++)
		assert_int_equal(ask(door, ECHO) & 0xff, ECHO);
	fd = dup(door);
	assert_return_code(door_revoke(door), errno);
	assert_int_equal(ask(fd, ECHO), -1);
	assert_int_equal(errno, EBADF);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_and_kept),
		cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_drop_root),
		cmocka_unit_test(test_drop_one_thread),
		cmocka_unit_test(test_passed_on),
		cmocka_unit_test(test_not_ones_thread),
		cmocka_unit_test(test_scribble),
		cmocka_unit_test(test_rewritten_argument),
		cmocka_unit_test(test_keep_silent),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_closed_by_program),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_killed_client),
		cmocka_unit_test(test_killed_server),
		cmocka_unit_test(test_unref_and_revoke),
	};

	(void)unsetenv("DOOR_TRANSPORT");
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}

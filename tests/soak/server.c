/* SPDX-License-Identifier: MIT */
/*
 * A server of the soak: three doors, and the procedure that checks a call and does what it
 * asks for. Clients serve their callbacks with the same procedure.
 */
#include "soak.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <stropts.h>
#include <time.h>
#include <ucred.h>
#include <unistd.h>

/* Checks an argument, and the numbers in its descriptors. */
static void check_call(const struct ask *q, const char *arg, size_t size, const door_desc_t *desc)
{
	uint32_t i, numbers = q->n_fds - (q->flags & ASK_CALLBACK ? 1 : 0);
	uint64_t number;

	if (!is_filled(arg + sizeof(*q), size - sizeof(*q), q->seed))
		wrong("an argument of %zu bytes in which some are wrong", size);
	for (i = 0; i < numbers; i++)
		if (!number_read(desc[i].d_data.d_desc.d_descriptor, &number) ||
			number != q->seed + i)
			wrong("descriptor %u of the argument is another one", i);
}

static bool is_caller(const struct ask *q)
{
	ucred_t *uc = NULL;
	bool is;

	if (door_ucred(&uc) < 0) {
		/* A caller that is gone cannot be asked about; one that is there will complain. */
		if (errno != EAGAIN)
			wrong("door_ucred: %s", strerror(errno));
		return false;
	}
	is = ucred_getpid(uc) == q->pid && ucred_geteuid(uc) == geteuid() &&
	     ucred_getruid(uc) == getuid();
	ucred_free(uc);
	return is;
}

static void call_back(const struct ask *q, const door_desc_t *desc, uint64_t *state)
{
	const door_desc_t *last = &desc[q->n_fds - 1];

	if (!(last->d_attributes & DOOR_DESCRIPTOR))
		wrong("a door arrived as something else");
	(void)ask_door(last->d_data.d_desc.d_descriptor, state, 0, -1);
}

static void call_another(const struct ask *q, int own, uint64_t *state)
{
	unsigned int depth = q->depth < DEPTH ? q->depth - 1 : DEPTH - 1;
	int fd;

	if (q->flags & ASK_NEST_SELF) {
		(void)ask_door(own, state, depth, -1);
		return;
	}
	fd = open_door(rnd_below(state, SERVERS), rnd_below(state, KINDS));
	if (fd < 0)
		return;
	(void)ask_door(fd, state, depth, -1);
	(void)close(fd);
}

/* The client may die now, and this thread with it; it has nothing that would be lost. */
static void be_cancelable(uint64_t *state)
{
	const struct timespec ts = {.tv_nsec = (long)rnd_below(state, 300000)};
	int old;

	(void)pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	(void)nanosleep(&ts, NULL);
	(void)pthread_setcancelstate(old, NULL);
}

static void reply(const struct ask *q, uint32_t caller)
{
	struct told t = {
		.magic = TOLD_MAGIC, .seed = q->seed, .fds_back = q->fds_back, .is_caller = caller};
	door_desc_t desc[DOOR_DESC_LIMIT];
	char *buf = __builtin_alloca(q->reply); /* what malloc gives would be lost */
	uint32_t i;

	memcpy(buf, &t, sizeof(t));
	fill(buf + sizeof(t), q->reply - sizeof(t), ~q->seed);
	for (i = 0; i < q->fds_back; i++) {
		desc[i].d_attributes = DOOR_DESCRIPTOR | DOOR_RELEASE;
		desc[i].d_data.d_desc.d_descriptor = number_fd(q->seed + i);
	}
	(void)door_return(buf, q->reply, desc, q->fds_back);
	wrong("door_return: %s", strerror(errno));
}

void serve_call(void *cookie, char *arg, size_t size, door_desc_t *desc, uint_t n)
{
	uint32_t caller = 0, i;
	uint64_t state;
	struct ask q;

	if (arg == DOOR_UNREF_DATA) {
		(void)door_return(NULL, 0, NULL, 0);
		wrong("door_return: %s", strerror(errno));
	}
	if (size < sizeof(q))
		wrong("an argument of %zu bytes", size);
	memcpy(&q, arg, sizeof(q));
	if (q.magic != ASK_MAGIC || q.size != size || q.n_fds != n)
		wrong("the argument of another call");
	check_call(&q, arg, size, desc);
	state = q.seed;
	if (q.flags & ASK_UCRED)
		caller = is_caller(&q);
	if (q.flags & ASK_CALLBACK)
		call_back(&q, desc, &state);
	for (i = 0; i < n; i++)
		(void)close(desc[i].d_data.d_desc.d_descriptor);
	if (q.flags & ASK_CANCELABLE)
		be_cancelable(&state);
	if (q.flags & ASK_NEST)
		call_another(&q, *(int *)cookie, &state);
	reply(&q, caller);
}

/* Makes a thread of the private pool. */
static int make_thread(door_info_t *info, void *(*start)(void *), void *arg, void *cookie)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, start, arg);
	if (errno)
		return -1;
	(void)pthread_detach(thread);
	return 1;
}

static void make_doors(unsigned int number, int doors[KINDS])
{
	char path[128];

	doors[KIND_PLAIN] = door_create(serve_call, &doors[KIND_PLAIN], 0);
	doors[KIND_PRIVATE] = door_xcreate(serve_call, &doors[KIND_PRIVATE],
		DOOR_PRIVATE | DOOR_NO_CANCEL, make_thread, NULL, NULL, 2);
	doors[KIND_FILE] = door_create(serve_call, &doors[KIND_FILE], DOOR_UNREF_MULTI);
	if (doors[KIND_PLAIN] < 0 || doors[KIND_PRIVATE] < 0 || doors[KIND_FILE] < 0)
		wrong("door_create: %s", strerror(errno));
	door_path(path, number, KIND_PLAIN);
	if (door_attach(doors[KIND_PLAIN], path, 0600) < 0)
		wrong("%s: %s", path, strerror(errno));
	door_path(path, number, KIND_PRIVATE);
	if (door_attach(doors[KIND_PRIVATE], path, 0600) < 0)
		wrong("%s: %s", path, strerror(errno));
	door_path(path, number, KIND_FILE);
	if (fattach(doors[KIND_FILE], path) < 0)
		wrong("%s: %s", path, strerror(errno));
}

static void remove_names(unsigned int number)
{
	char path[128];

	door_path(path, number, KIND_PLAIN);
	if (door_detach(path) < 0)
		wrong("%s: %s", path, strerror(errno));
	door_path(path, number, KIND_PRIVATE);
	if (door_detach(path) < 0)
		wrong("%s: %s", path, strerror(errno));
	door_path(path, number, KIND_FILE);
	if (fdetach(path) < 0)
		wrong("%s: %s", path, strerror(errno));
}

void run_server(unsigned int number)
{
	static int doors[KINDS];
	sigset_t set;
	int sig, i;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	make_doors(number, doors);
	atomic_store(&shared->ready[number], true);
	while (sigwait(&set, &sig) != 0)
		;
	remove_names(number);
	for (i = 0; i < KINDS; i++)
		if (door_revoke(doors[i]) < 0)
			wrong("door_revoke: %s", strerror(errno));
	_exit(0);
}

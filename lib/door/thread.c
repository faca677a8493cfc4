/* SPDX-License-Identifier: MIT */
/*
 * Server threads: door_create(3C) and door_return(3C).
 *
 * door_return() does not come back. It sends the answer while everything on the
 * stack of the procedure is still there, then jumps to the base of the thread, where
 * the next call starts on a fresh frame: nothing of the procedure is unwound or
 * freed, as with a thread that returns to the kernel. The pthread_cleanup block
 * around each call takes the handlers with it that the procedure left pushed.
 *
 * A thread of the program becomes a server thread by calling door_return() without a
 * call to answer: the base is then in there, above whatever the program has on its
 * stack. It comes back, with EINVAL, only when the door that it is bound to is gone.
 *
 * Inside the library a server thread is not cancelled; a procedure runs with the
 * cancellation state that its thread came with.
 */
#include "door/pool.h"
#include "door/address.h"
#include "door/asan.h"
#include "door/tsan.h"

#include <sys/epoll.h>

/*
 * How long a thread sleeps at a channel after a call, in microseconds: that saves the next call the
 * way through the socket. Elsewhere it might be wanted: in a pool of the program, or when many do so.
 */
#define STAY_US	      10000u
#define STAY_SHORT_US 100u
#define STAY_MAX      32u

enum step {
	STEP_NEXT,
	STEP_END,  /* the thread ends */
	STEP_GONE, /* its private pool is gone */
};

/* The thread ends inside a procedure: cancelled, or by pthread_exit(). */
static void thread_lost(void *arg)
{
	struct server *s = arg;

	asan_forget_stack();
	tsan_look_away(&doors_lock);
	served_call_current = NULL;
	call_end(s->call);
	pool_lose(s);
	pool_part();
	if (!s->made)
		free(s->call);
	tsan_look_again();
}

/*
 * Runs one call that was taken; back here when the procedure returned (then nobody
 * answered, and the client learns that) or door_return() jumped. No local variable
 * may change in here, because of the jump. Returns true when the thread was
 * cancelled while it did not allow that; what is left of it must not meet the next call.
 */
static bool run_call(struct server *s)
{
	struct served_call *c = s->call;
	bool cancelled;

	pthread_cleanup_push(thread_lost, s);
	if (setjmp(c->again) == 0)
		serve_run(c);
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	(void)pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL);
	pthread_cleanup_pop(0);
	served_call_current = NULL;
	if (c->channel) {
		served_channel_over(c);
		return c->cancelled;
	}
	call_end(c);
	(void)pthread_mutex_lock(&doors_lock);
	cancelled = c->cancelled;
	(void)pthread_mutex_unlock(&doors_lock);
	return cancelled;
}

/*
 * Threads of the program that do not let themselves be cancelled stay: there may be no other
 * in their pool, ever. The request stays pending, as on illumos.
 */
static bool ends_when_cancelled(const struct server *s)
{
	return s->made || s->call->cancel_state == PTHREAD_CANCEL_ENABLE;
}

/* A procedure forked, and this is the child: the thread belongs to no pool. */
static enum step child_of_fork(struct server *s)
{
	s->made = NULL;
	pool_lose(s);
	return STEP_END;
}

/* Waits at the channel for the next call. In the program's pools this thread counts as waiting. */
static bool stay(struct server *s)
{
	static atomic_uint staying; /* threads of the library */
	struct served_call *c = s->call;
	struct pool *p = pool_of_thread();
	bool took;

	if (s->made) {
		took = served_channel_next(
			c, atomic_fetch_add(&staying, 1) < STAY_MAX ? STAY_US : 0, true);
		atomic_fetch_sub(&staying, 1);
		return took;
	}
	if (&p->set != c->door->set || pool_enter(p, s) < 0)
		return false;
	took = served_channel_next(c, STAY_SHORT_US, false);
	(void)pool_leave(s);
	return took;
}

/* After a call through a channel. Returns true when there is another one to run. */
static bool next_call(struct server *s)
{
	if (!s->call->channel || (!stay(s) && !served_channel_leave(s->call)))
		return false;
	if (!s->made)
		pool_depleted(s->call->door);
	return true;
}

/*
 * Waits for one event and serves it. In the library's pools another thread is made to wait
 * first, so that nothing that happens here, not even the closing of a strange
 * descriptor, keeps the next event waiting.
 */
static enum step server_step(struct server *s)
{
	struct pool *p = s->made == &keeper_pool ? &keeper_pool : pool_of_thread();
	struct served_call *c = s->call;
	struct epoll_event ev;
	enum took took;
	bool left;
	int n;

	if (pool_enter(p, s) < 0)
		return STEP_GONE;
	n = epoll_wait(p->set.epoll, &ev, 1, pool_patience(s));
	if (n == 0 && pool_retire(s))
		return STEP_END;
	if (n < 0 && errno == EBADF)
		return child_of_fork(s);
	if (n <= 0 || ev.data.u64 == 0)
		return STEP_NEXT;
	left = pool_leave(s);
	took = serve_event(ev.data.u64, c);
	if (took == TOOK_NOTHING)
		return STEP_NEXT;
	if (!left && !c->unref) {
		stat_refused(c->door->stat);
		desc_close(c->desc, c->n_desc);
		serve_refuse(c, EAGAIN);
		call_end(c);
		return STEP_NEXT;
	}
	pool_depleted(c->door);
	do
		if (run_call(s) && ends_when_cancelled(s)) {
			call_end(c);
			pool_lose(s);
			return STEP_END;
		}
	while (next_call(s));
	return STEP_NEXT;
}

static void call_init(struct served_call *c, int cancel_state)
{
	c->door = NULL;
	c->watch = NULL;
	c->reply = FD_NONE;
	c->channel = NULL;
	c->threaded = true;
	c->cancel_state = cancel_state;
}

void *server_thread(void *arg)
{
	struct served_call call;
	struct server s = {.call = &call, .in = arg, .made = arg};
	enum step step;

	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	call_init(&call, PTHREAD_CANCEL_DISABLE);
	address_learn_stack();
	pool_join(s.made);
	do
		step = server_step(&s);
	while (step == STEP_NEXT);
	if (step == STEP_GONE)
		pool_lose(&s);
	pool_part();
	return NULL;
}

/* A thread of the program serves from now on. Returns -EINVAL or -ENOMEM, if at all. */
static int join(int cancel_state)
{
	/* Not on the stack: that of the program may be small. */
	struct served_call *c = malloc(sizeof(*c));
	struct server s = {.call = c};
	enum step step = STEP_NEXT;

	if (!c)
		return -ENOMEM;
	call_init(c, cancel_state);
	address_learn_stack();
	if (pool_enter(pool_of_thread(), &s) < 0)
		step = STEP_GONE;
	pool_join(pool_of_thread());
	xcreate_joined();
	while (step == STEP_NEXT)
		step = server_step(&s);
	pool_part();
	free(c);
	if (step == STEP_END)
		pthread_exit(NULL);
	return -EINVAL;
}

static int create_private(
	door_server_procedure_t *proc, void *cookie, uint_t attributes, int *ret_fd)
{
	struct pool *p;
	door_info_t info;
	int r = pool_start_keeper();

	if (r == 0)
		r = pool_new(&p);
	if (r == 0)
		r = door_new(&p->set, p, proc, cookie, attributes, ret_fd);
	if (r < 0)
		return r;
	if (door_info(*ret_fd, &info) == 0)
		pool_created(&info);
	return 0;
}

int door_create(door_server_procedure_t *proc, void *cookie, uint_t attributes)
{
	int fd, r = 0;

	if (!proc || !door_attributes_valid(attributes))
		r = -EINVAL;
	if (r == 0)
		r = pool_start(!(attributes & DOOR_PRIVATE));
	if (r == 0 && attributes & DOOR_PRIVATE)
		r = create_private(proc, cookie, attributes, &fd);
	else if (r == 0)
		r = door_new(&shared_pool.set, NULL, proc, cookie, attributes, &fd);
	if (r < 0) {
		errno = -r;
		return -1;
	}
	return fd;
}

int door_return(char *data_ptr, size_t data_size, door_desc_t *desc_ptr, uint_t num_desc)
{
	struct served_call *c = served_call_current;
	int r = -EINVAL, cancel;

	/* Sending is where a thread can be cancelled; half an answer would be left. */
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	if (c && c->threaded) {
		r = serve_answer(c, data_ptr, data_size, desc_ptr, num_desc);
	} else if (!c && pool_exists()) {
		if (address_readable(desc_ptr, num_desc * sizeof(*desc_ptr)))
			desc_release(desc_ptr, num_desc);
		r = join(cancel);
	}
	if (r < 0) {
		(void)pthread_setcancelstate(cancel, NULL);
		errno = -r;
		return -1;
	}
	longjmp(c->again, 1);
}

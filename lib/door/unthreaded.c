/* SPDX-License-Identifier: MIT */
/*
 * Doors that are served by the program's own event loop: no thread is ever made.
 * One epoll descriptor stands for all of them; the loop polls it and calls
 * door_dispatch().
 *
 * Linux: illumos has no counterpart.
 */
#include "door/server.h"

#include <sys/epoll.h>

/* Calls served by one door_dispatch(), so that a loop with other work gets to it. */
#define DISPATCH_MAX 16

struct poll_set loop_set = {.epoll = FD_NONE};

static int fail(int r)
{
	errno = -r;
	return -1;
}

static int loop_start(void)
{
	int r;

	(void)pthread_mutex_lock(&doors_lock);
	r = poll_set_init(&loop_set);
	(void)pthread_mutex_unlock(&doors_lock);
	return r;
}

int door_create_unthreaded(door_server_procedure_t *proc, void *cookie, uint_t attributes)
{
	int fd, r;

	if (!proc || attributes & DOOR_PRIVATE || !door_attributes_valid(attributes))
		return fail(-EINVAL);
	r = loop_start();
	if (r == 0)
		r = door_new(&loop_set, NULL, proc, cookie, attributes, &fd);
	return r < 0 ? fail(r) : fd;
}

int door_pollfd(void)
{
	int r = loop_start();

	return r < 0 ? fail(r) : loop_set.epoll;
}

/* Serves one event. Returns 1 for a call, 0 for anything else. */
static int dispatch_one(uint64_t key)
{
	struct served_call c; /* large: filled by serve_event() */

	c.door = NULL;
	c.reply = FD_NONE;
	c.channel = NULL;
	c.threaded = false;
	c.cancel_state = PTHREAD_CANCEL_ENABLE;
	if (serve_event(key, &c) == TOOK_NOTHING)
		return 0;
	serve_run(&c);
	served_call_current = c.outer;
	call_end(&c);
	return 1;
}

int door_dispatch(void)
{
	struct epoll_event ev;
	int i, n, served = 0, r = loop_start();

	if (r < 0)
		return fail(r);
	for (i = 0; i < DISPATCH_MAX; i++) {
		n = epoll_wait(loop_set.epoll, &ev, 1, 0);
		if (n < 0)
			return served > 0 ? served : fail(-errno);
		if (n == 0)
			break;
		served += dispatch_one(ev.data.u64);
	}
	return served;
}

int door_reply(const void *data, size_t size, const door_desc_t *desc, uint_t n_desc)
{
	struct served_call *c = served_call_current;
	int r = c && !c->threaded ? serve_answer(c, data, size, desc, n_desc) : -EINVAL;

	if (r < 0)
		return fail(r);
	/* A second answer is an error, and the client may go on now. */
	c->reply = fd_close(c->reply);
	return 0;
}

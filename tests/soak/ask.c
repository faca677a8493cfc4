/* SPDX-License-Identifier: MIT */
/* One call, with random contents: sizes, descriptors, nesting, where the result goes. */
#include "soak.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct call {
	struct ask ask;
	char *arg;
	char *room; /* for the result, may be NULL */
	size_t room_size;
	door_desc_t desc[DOOR_DESC_LIMIT];
	bool release;
};

/* Mostly small, as calls are. */
static uint32_t random_size(uint64_t *state, size_t least)
{
	static const unsigned int most[] = {64, 256, 256, 4096, 4096, 16384, DOOR_DATA_LIMIT};
	unsigned int range = most[rnd_below(state, sizeof(most) / sizeof(*most))];

	if (rnd_once_in(state, 64))
		return DOOR_DATA_LIMIT;
	if (rnd_once_in(state, 64))
		return DOOR_DATA_LIMIT + 1 + rnd_below(state, LARGE - DOOR_DATA_LIMIT);
	return (uint32_t)(least +
			  rnd_below(state, range - (range > least ? (unsigned int)least : 0)));
}

static uint32_t random_fds(uint64_t *state)
{
	if (rnd_once_in(state, 200))
		return DOOR_DESC_LIMIT - 1;
	return rnd_once_in(state, 6) ? 1 + rnd_below(state, FDS_MAX) : 0;
}

static void make_ask(struct ask *q, uint64_t *state, unsigned int depth, bool callback)
{
	memset(q, 0, sizeof(*q));
	q->magic = ASK_MAGIC;
	q->seed = rnd(state) | 1;
	q->size = random_size(state, sizeof(*q));
	q->reply = random_size(state, sizeof(struct told));
	q->fds_back = random_fds(state);
	q->n_fds = random_fds(state) + callback;
	q->depth = depth;
	q->pid = getpid();
	if (rnd_once_in(state, 4))
		q->flags |= ASK_UCRED;
	if (depth > 0 && rnd_once_in(state, 4))
		q->flags |= ASK_NEST | (rnd_once_in(state, 2) ? ASK_NEST_SELF : 0);
	if (callback)
		q->flags |= ASK_CALLBACK;
	if (rnd_once_in(state, 20))
		q->flags |= ASK_CANCELABLE;
}

static void make_call(struct call *c, uint64_t *state, unsigned int depth, int callback)
{
	struct ask *q = &c->ask;
	uint32_t i;

	make_ask(q, state, depth, callback >= 0);
	c->arg = malloc(q->size);
	/* None, too small, just enough, more than enough. */
	c->room_size = rnd_once_in(state, 4) ? 0 : rnd_below(state, 2 * q->reply);
	if (rnd_once_in(state, 4))
		c->room_size = q->reply;
	c->room = c->room_size ? malloc(c->room_size) : NULL;
	if (!c->arg || (c->room_size && !c->room))
		wrong("no memory");
	memcpy(c->arg, q, sizeof(*q));
	fill(c->arg + sizeof(*q), q->size - sizeof(*q), q->seed);
	c->release = rnd_once_in(state, 2);
	for (i = 0; i < q->n_fds; i++) {
		bool is_callback = callback >= 0 && i == q->n_fds - 1;
		door_desc_t *d = &c->desc[i];

		d->d_attributes = DOOR_DESCRIPTOR;
		if (c->release && !is_callback)
			d->d_attributes |= DOOR_RELEASE;
		d->d_data.d_desc.d_descriptor = is_callback ? callback : number_fd(q->seed + i);
	}
}

/* Closes what was to be passed, unless the library has done so. */
static void end_call(struct call *c, int callback, int error)
{
	uint32_t i, n = c->ask.n_fds - (callback >= 0);

	if (!c->release || error == EBADF || error == EFAULT)
		for (i = 0; i < n; i++)
			(void)close(c->desc[i].d_data.d_desc.d_descriptor);
	free(c->arg);
	free(c->room);
}

static void check_result(const struct call *c, const door_arg_t *d)
{
	const struct ask *q = &c->ask;
	struct told t;
	uint64_t number;
	uint_t i;

	if (d->data_size != q->reply)
		wrong("a result of %zu bytes instead of %u", d->data_size, q->reply);
	memcpy(&t, d->data_ptr, sizeof(t));
	if (t.magic != TOLD_MAGIC || t.seed != q->seed || t.fds_back != q->fds_back)
		wrong("the result of another call");
	if (!is_filled(d->data_ptr + sizeof(t), d->data_size - sizeof(t), ~q->seed))
		wrong("a result of %u bytes in which some are wrong", q->reply);
	if (q->flags & ASK_UCRED && !t.is_caller)
		wrong("the server did not see who called");
	if (d->desc_num != q->fds_back)
		wrong("%u descriptors came back instead of %u", d->desc_num, q->fds_back);
	for (i = 0; i < d->desc_num; i++) {
		int fd = d->desc_ptr[i].d_data.d_desc.d_descriptor;

		if (!number_read(fd, &number) || number != q->seed + i)
			wrong("descriptor %u of the result is another one", i);
		(void)close(fd);
	}
	if (d->rbuf != c->room && munmap(d->rbuf, d->rsize) < 0)
		wrong("the result is no mapping");
}

int ask_door(int fd, uint64_t *state, unsigned int depth, int callback)
{
	struct call c;
	door_arg_t d;
	int error = 0;

	make_call(&c, state, depth, callback);
	d.data_ptr = c.arg;
	d.data_size = c.ask.size;
	d.desc_ptr = c.ask.n_fds ? c.desc : NULL;
	d.desc_num = c.ask.n_fds;
	d.rbuf = c.room;
	d.rsize = c.room_size;
	if (door_call(fd, &d) < 0)
		error = errno;
	else
		check_result(&c, &d);
	end_call(&c, callback, error);
	if (error && !is_expected(error))
		wrong("door_call, %u bytes, %u descriptors: %s", c.ask.size, c.ask.n_fds,
			strerror(error));
	return error;
}

/* SPDX-License-Identifier: MIT */
/*
 * Taking the result of a door call apart; see exchange.h. A result that does not
 * fit comes in a mapping of its own, and descriptors that nobody asked for would
 * stay open for ever: both are dealt with here and nowhere else.
 */
#include "zone/exchange.h"
#include "door/call.h"
#include "linux/clock.h"

#include <door_linux.h>
#include <poll.h>
#include <sys/mman.h>

static void describe(door_desc_t *desc, const int *fds, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		desc[i].d_attributes = DOOR_DESCRIPTOR;
		desc[i].d_data.d_desc.d_descriptor = fds[i];
	}
}

static int take_fds(struct exchange *x, const door_arg_t *arg)
{
	bool fit = arg->desc_num <= x->fds_max;
	unsigned int i;

	x->nfds = 0;
	for (i = 0; i < arg->desc_num; i++) {
		int fd = arg->desc_ptr[i].d_data.d_desc.d_descriptor;

		if (fit)
			x->fds[x->nfds++] = fd;
		else
			(void)fd_close(fd);
	}
	return fit ? 0 : -EBADMSG;
}

static int take_data(struct exchange *x, const door_arg_t *arg)
{
	if (arg->data_size > x->reply_max)
		return -EBADMSG;
	if (arg->data_size && arg->data_ptr != x->reply)
		memmove(x->reply, arg->data_ptr, arg->data_size);
	x->reply_size = arg->data_size;
	return 0;
}

/* 0 when the answer is there or the server gone. */
static int wait_answer(int call, int timeout_ms)
{
	struct pollfd p = {.fd = call, .events = POLLIN};
	int64_t end = clock_now_ms() + timeout_ms, left;
	int r;

	while ((left = end - clock_now_ms()) > 0) {
		r = poll(&p, 1, (int)left);
		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
	return -ETIMEDOUT;
}

static int bounded_call(int door, door_arg_t *arg, int timeout_ms)
{
	int r, call = door_call_begin(door, arg);

	if (call < 0)
		return -errno;
	r = wait_answer(call, timeout_ms);
	if (r < 0) {
		(void)fd_close(call);
		return r;
	}
	return door_call_finish(call, arg) < 0 ? -errno : 0;
}

static int plain_call(int door, uint64_t id, door_arg_t *arg)
{
	if (id)
		return call_kept(door, id, arg);
	return door_call(door, arg) < 0 ? -errno : 0;
}

int exchange(int door, struct exchange *x)
{
	door_desc_t desc[DOOR_DESC_LIMIT];
	door_arg_t arg = {
		.data_ptr = (char *)x->req,
		.data_size = x->req_size,
		.desc_ptr = x->n_send ? desc : NULL,
		.desc_num = x->n_send,
		.rbuf = x->reply,
		.rsize = x->reply_max,
	};
	int r, r2;

	if (x->n_send > ARRAY_SIZE(desc))
		return -E2BIG;
	describe(desc, x->send_fds, x->n_send);
	r = x->timeout_ms ? bounded_call(door, &arg, x->timeout_ms)
			  : plain_call(door, x->door_id, &arg);
	if (r < 0)
		return r;
	r = take_fds(x, &arg);
	r2 = take_data(x, &arg);
	if (arg.rbuf != x->reply)
		(void)munmap(arg.rbuf, arg.rsize);
	if (r2 < 0)
		while (x->nfds)
			(void)fd_close(x->fds[--x->nfds]);
	return r < 0 ? r : r2;
}

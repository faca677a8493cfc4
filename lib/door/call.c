/* SPDX-License-Identifier: MIT */
/*
 * The calling side: door_call(3C), door_call_begin(), door_call_finish().
 *
 * Each call makes a socket pair for its answer and sends one end with the
 * request. All that can go wrong afterwards is seen on the other end: it closes
 * when the server drops the call or dies. One byte is left in the end that is sent; a
 * server takes it when it takes the call. So a plain end of file says that the server
 * exited during the call (EINTR), a reset that it never had the call (EBADF, or
 * EAGAIN when it is alive and could not take it).
 *
 * All waiting is done in poll(2), which a signal handler interrupts whether or not it
 * was installed with SA_RESTART; door_call(3C) is not restarted.
 */
#include "door/address.h"
#include "door/bulk.h"
#include "door/call.h"
#include "door/channel.h"
#include "door/file.h"
#include "door/probe.h"
#include "door/server.h"

#include <poll.h>
#include <sys/mman.h>

/* How much of one answer is received where it belongs; the rest goes to a spill area. */
struct answer {
	struct door_answer head;
	size_t size; /* of the result */
	int bulk;    /* where it is, FD_NONE: direct and spill */
	uint_t n_desc;
	const int *fds;
	size_t direct;
	char spill[DOOR_DATA_LIMIT];
};

/* errno of door_call() for a request that could not be sent. */
static int send_error(int r)
{
	switch (r) {
	case -EPIPE:
		return -EBADF;
	case -EBADF:
		return -EINVAL; /* not the door, it was looked at: a descriptor to pass */
	case -EMSGSIZE:
		return -E2BIG;
	case -ETOOMANYREFS:
	case -ENOBUFS:
		return -EAGAIN;
	default:
		return r;
	}
}

int call_send(int sock, const struct iovec *iov, size_t n_iov, struct desc_out *out)
{
	_cleanup_close_ int mine = FD_NONE, theirs = FD_NONE;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	mine = pair[0];
	theirs = pair[1];
	if (send(mine, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
		return -errno;
	out->fds[0] = theirs;
	r = wire_send(sock, iov, n_iov, out->fds, out->n);
	return r < 0 ? r : TAKE_FD(mine);
}

static int wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, -1) < 0 ? -errno : 0;
}

/* Checks an argument against what is known of the door without asking its server. */
static int check_argument(const struct handle_name *door, const door_arg_t *arg)
{
	if (arg->data_size && !arg->data_ptr)
		return -EFAULT; /* what else the kernel cannot read it finds itself */
	if (arg->desc_num && door->attributes & DOOR_REFUSE_DESC)
		return -ENOTSUP;
	if (arg->desc_num > DOOR_DESC_LIMIT)
		return -ENFILE;
	return address_readable(arg->desc_ptr, arg->desc_num * sizeof(*arg->desc_ptr)) ? 0
										       : -EFAULT;
}

/* Sends a request. Returns the descriptor that the answer comes to, or a negative errno. */
static int begin(int fd, enum door_command command, const door_arg_t *arg, bool may_wait)
{
	const bool bulk = arg->data_size > DOOR_DATA_LIMIT;
	const struct door_request q = {
		.magic = DOOR_MAGIC,
		.version = DOOR_VERSION,
		.command = (uint16_t)command,
		.size = bulk ? DOOR_SIZE_BULK : (uint32_t)arg->data_size,
		.n_desc = arg->desc_num,
	};
	const struct iovec iov[] = {
		{.iov_base = (void *)&q, .iov_len = sizeof(q)},
		{.iov_base = arg->data_ptr, .iov_len = bulk ? 0 : arg->data_size},
	};
	struct desc_out out = {.n = 1}; /* the reply socket */
	struct handle_name door;
	int r;

	if (!handle_is_door(fd, &door))
		return -EBADF;
	r = check_argument(&door, arg);
	if (r < 0)
		return r;
	out.fds[0] = FD_NONE;
	out.own[0] = false;
	r = desc_out_add_bulk(&out, arg->data_ptr, arg->data_size);
	if (r == 0)
		r = desc_out_add(&out, arg->desc_ptr, arg->desc_num);
	while (r == 0) {
		fork_guard_enter();
		r = call_send(fd, iov, ARRAY_SIZE(iov), &out);
		fork_guard_leave();
		if (r != -EAGAIN || !may_wait)
			break;
		r = wait_for(fd, POLLOUT);
	}
	desc_out_end(&out);
	return r < 0 ? send_error(r) : r;
}

/* Where the descriptors of a result go in memory that begins at base, as offset from it. */
static size_t desc_offset(const char *base, size_t size)
{
	uintptr_t at = (uintptr_t)base + size, align = _Alignof(door_desc_t);

	return size + (size_t)((align - at % align) % align);
}

static int map_result(size_t size, char **ret)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -EOVERFLOW;
	*ret = p;
	return 0;
}

/* Copies what arrived with the message from where it was put. */
static void move_result(char *to, const struct answer *a, const char *rbuf)
{
	if (a->direct < a->size)
		memcpy(to + a->direct, a->spill, a->size - a->direct);
	if (a->direct)
		memcpy(to, rbuf, a->direct < a->size ? a->direct : a->size);
}

/* A new mapping with the result, and room behind it. */
static int map_answer(size_t need, const struct answer *a, const char *rbuf, char **ret)
{
	int r = a->bulk >= 0 ? bulk_map(a->bulk, a->size, need, ret) : map_result(need, ret);

	if (r == 0 && a->bulk < 0)
		move_result(*ret, a, rbuf);
	return r;
}

/* Gives a result to the caller, in its buffer when everything fits, else in a new mapping. */
static int place_result(door_arg_t *arg, const struct answer *a)
{
	size_t size = a->size, n = a->n_desc, at, need;
	char *base = arg->rbuf;
	int r = 0;

	at = n ? desc_offset(base, size) : size;
	need = at + n * sizeof(door_desc_t);
	if (need > (base ? arg->rsize : 0)) {
		at = n ? desc_offset(NULL, size) : size;
		need = at + n * sizeof(door_desc_t);
		r = map_answer(need, a, arg->rbuf, &base);
		if (r == 0) {
			arg->rbuf = base;
			arg->rsize = need;
		}
	} else if (!address_writable(base + at, n * sizeof(door_desc_t))) {
		r = -EFAULT;
	} else if (a->bulk >= 0) {
		r = bulk_copy(a->bulk, base, size);
	}
	if (r < 0)
		return r == -EINVAL ? -EBADF : r;
	arg->data_ptr = base;
	arg->data_size = size;
	arg->desc_num = (uint_t)n;
	arg->desc_ptr = n ? (door_desc_t *)(void *)(base + at) : NULL;
	if (n)
		desc_describe(arg->desc_ptr, a->fds, n);
	return 0;
}

int call_place(door_arg_t *arg, const char *data, size_t size)
{
	char *base = arg->rbuf;
	int r;

	if (size > (base ? arg->rsize : 0)) {
		r = map_result(size, &base);
		if (r < 0)
			return r;
		arg->rbuf = base;
		arg->rsize = size;
	} else if (!address_writable(base, size)) {
		return -EFAULT;
	}
	if (size > 0)
		memcpy(base, data, size);
	arg->data_ptr = base;
	arg->data_size = size;
	arg->desc_num = 0;
	arg->desc_ptr = NULL;
	return 0;
}

/* What an answer that arrived says. Fills what is beside its head. */
static int check_answer(struct answer *a, const struct wire_received *in)
{
	const bool bulk = a->head.size == DOOR_SIZE_BULK;

	if (in->size < sizeof(a->head) || a->head.magic != DOOR_MAGIC ||
		a->head.version != DOOR_VERSION || in->cut)
		return -EBADF; /* whatever serves this, it is no door */
	if (a->head.error != 0)
		return a->head.error > 0 && a->head.error < 4096 ? -a->head.error : -EBADF;
	if (in->lost)
		return -EMFILE;
	a->size = in->size - sizeof(a->head);
	if (bulk ? a->size != 0 : a->head.size != a->size)
		return -EBADF;
	if (in->n_fds != (size_t)a->head.n_desc + bulk || a->head.n_desc > DOOR_DESC_LIMIT)
		return -EBADF;
	a->n_desc = a->head.n_desc;
	a->fds = in->fds + bulk;
	a->bulk = bulk ? in->fds[0] : FD_NONE;
	return bulk && bulk_size(a->bulk, &a->size) < 0 ? -EBADF : 0;
}

int call_take_answer(int sock, door_arg_t *arg)
{
	struct answer a; /* large: only what arrives is touched */
	struct iovec iov[] = {
		{.iov_base = &a.head, .iov_len = sizeof(a.head)},
		{.iov_base = arg ? arg->rbuf : NULL},
		{.iov_base = a.spill, .iov_len = sizeof(a.spill)},
	};
	struct wire_received in;
	int r;

	a.direct = arg && arg->rbuf ? arg->rsize : 0;
	if (a.direct > DOOR_DATA_LIMIT)
		a.direct = DOOR_DATA_LIMIT;
	iov[1].iov_len = a.direct;
	r = wire_receive(sock, iov, ARRAY_SIZE(iov), &in);
	if (r < 0)
		return r;
	if (in.end)
		return -EINTR;
	r = check_answer(&a, &in);
	if (r == 0 && arg)
		r = place_result(arg, &a);
	if (r < 0 || !arg)
		wire_close(in.fds, in.n_fds);
	else
		(void)fd_close(a.bulk);
	return r;
}

/* Waits for the answer. handle: FD_NONE when it is not known any more. */
static int finish(int callfd, int handle, door_arg_t *arg)
{
	int r = wait_for(callfd, POLLIN);

	if (r < 0)
		return r;
	r = call_take_answer(callfd, arg);
	/* The reset is reported first; an error may have been sent before it. */
	if (r == -ECONNRESET)
		r = call_take_answer(callfd, arg);
	else
		return r;
	if (r == -EINTR || r == -EAGAIN)
		r = handle >= 0 && !handle_is_dead(handle) ? -EAGAIN : -EBADF;
	return r;
}

static int fail(int r)
{
	errno = -r;
	return -1;
}

/*
 * What DOOR_RELEASE asks for when a call has ended: also for one that failed, unless nothing
 * was looked at, or there was no door. desc: as it was before the call.
 */
static void release(const door_desc_t *desc, uint_t n, int r)
{
	if (r != -EFAULT && r != -EBADF && address_readable(desc, n * sizeof(*desc)))
		desc_release(desc, n);
}

struct open_call {
	int handle;
	int own; /* the handle, when it was opened for this call */
	int fd;	 /* where the answer comes to */
};

static void close_call(void *arg)
{
	struct open_call *c = arg;

	c->fd = fd_close(c->fd);
	c->own = fd_close(c->own);
}

/* Sends a request to the door that c->handle is, or that is over that file. */
static int open_call(
	struct open_call *c, enum door_command command, const door_arg_t *arg, bool may_wait)
{
	c->own = FD_NONE;
	c->fd = FD_NONE;
	c->handle = file_handle(c->handle, &c->own);
	if (c->handle < 0)
		return c->handle;
	c->fd = begin(c->handle, command, arg, may_wait);
	return c->fd < 0 ? c->fd : 0;
}

int call_exchange(int fd, enum door_command command, door_arg_t *arg)
{
	const door_arg_t none = {.data_ptr = NULL}, in = arg ? *arg : none;
	door_desc_t desc[DOOR_DESC_LIMIT];
	struct open_call call = {.handle = fd};
	int r;

	r = open_call(&call, command, &in, true);
	if (r < 0) {
		close_call(&call);
		release(in.desc_ptr, in.desc_num, r);
		return r;
	}
	/* The result may be written over what is passed. */
	if (in.desc_num > 0)
		memcpy(desc, in.desc_ptr, in.desc_num * sizeof(*desc));
	pthread_cleanup_push(close_call, &call);
	r = finish(call.fd, call.handle, arg);
	pthread_cleanup_pop(1);
	release(desc, in.desc_num, r);
	return r;
}

void call_drop_result(const door_arg_t *arg, const char *own)
{
	uint_t i;

	for (i = 0; i < arg->desc_num; i++)
		(void)fd_close(arg->desc_ptr[i].d_data.d_desc.d_descriptor);
	if (arg->rbuf != own)
		(void)munmap(arg->rbuf, arg->rsize);
}

int call_kept(int fd, uint64_t id, door_arg_t *arg)
{
	int r;

	PROBE3(call_entry, fd, arg ? arg->data_size : 0, arg ? arg->desc_num : 0);
	r = channel_call(fd, id, arg);
	if (r == CHANNEL_NONE)
		r = call_exchange(fd, DOOR_COMMAND_CALL, arg);
	PROBE3(call_return, fd, -r, arg ? arg->data_size : 0);
	return r;
}

int door_call(int fd, door_arg_t *arg)
{
	int r;

	if (arg && !address_writable(arg, sizeof(*arg)))
		return fail(-EFAULT);
	r = call_kept(fd, channel_socket_id(fd), arg);
	return r < 0 ? fail(r) : 0;
}

int door_call_begin(int fd, const door_arg_t *arg)
{
	const door_arg_t none = {.data_ptr = NULL};
	struct open_call call = {.handle = fd};
	int r;

	if (!arg)
		arg = &none;
	if (!address_readable(arg, sizeof(*arg)))
		return fail(-EFAULT);
	PROBE3(call_entry, fd, arg->data_size, arg->desc_num);
	r = open_call(&call, DOOR_COMMAND_CALL, arg, false);
	if (r == 0)
		r = TAKE_FD(call.fd);
	close_call(&call);
	release(arg->desc_ptr, arg->desc_num, r);
	return r < 0 ? fail(r) : r;
}

int door_call_finish(int callfd, door_arg_t *arg)
{
	int r = !arg || address_writable(arg, sizeof(*arg)) ? finish(callfd, FD_NONE, arg)
							    : -EFAULT;

	PROBE3(call_return, callfd, -r, arg && r == 0 ? arg->data_size : 0);
	(void)fd_close(callfd);
	return r < 0 ? fail(r) : 0;
}

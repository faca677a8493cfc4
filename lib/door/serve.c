/* SPDX-License-Identifier: MIT */
/*
 * One event of an endpoint, from any thread: a connection to a name is given a
 * handle of its own, a message on a handle becomes a call, the end of a handle
 * is counted. Clients are hostile here: whatever they send, nothing waits, every
 * descriptor that arrived is closed, and only the sender notices.
 *
 * The reply socket that comes with a call must have been made by the process that
 * sent the message. Otherwise a client could pass a socket that is connected to
 * some other service and have us write there with our identity; and a server that
 * got a reply socket from a caller could use it to appear as that caller.
 */
#include "door/address.h"
#include "door/bulk.h"
#include "door/probe.h"
#include "door/server.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#define OVERFLOW_UID 65534u

/* Kept open to be able to refuse connections when there is no descriptor left. */
static int spare_fd = FD_NONE; /* doors_lock */

/*
 * Takes a waiting connection off the listener and closes it, so that the event ends. Where
 * not even that works, a pause keeps the event from taking a whole CPU.
 */
static void drop_connection(int listener)
{
	int conn;

	(void)pthread_mutex_lock(&doors_lock);
	spare_fd = fd_close(spare_fd);
	conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	(void)fd_close(conn);
	spare_fd = eventfd(0, EFD_CLOEXEC);
	(void)pthread_mutex_unlock(&doors_lock);
	if (conn < 0)
		(void)usleep(10000);
}

/* The door is over a file: the connection has to prove that it may open that. */
static int add_opener_locked(
	const struct endpoint *listener, uid_t user, struct account *account, int *conn)
{
	struct endpoint *e;
	int r = endpoint_add_locked(listener->door, ENDPOINT_OPENER, TAKE_FD(*conn), &e);

	if (r < 0) {
		account_put_locked(account);
		return r;
	}
	e->user = user;
	e->account = account;
	account_handles_locked(account, 1);
	e->file_dev = listener->file_dev;
	e->file_ino = listener->file_ino;
	return 0;
}

/* What a connection gets: a handle, or the chance to prove itself. Returns 0 or a negative errno. */
static int welcome_locked(const struct endpoint *e, uid_t user, int *conn, int *ret_client)
{
	struct account *account;
	int r = account_get_locked(user, &account);

	if (r < 0)
		return r;
	if (!account_may_open_locked(account)) {
		account_put_locked(account);
		return -EAGAIN;
	}
	return e->file >= 0 ? add_opener_locked(e, user, account, conn)
			    : door_give_locked(e->door, account, ret_client);
}

/* Gives a handle to one connection. Returns false when the name has been taken away. */
static bool serve_connection(struct endpoint *e)
{
	_cleanup_close_ int conn = FD_NONE, client = FD_NONE;
	struct door_answer hello = {.magic = DOOR_MAGIC, .version = DOOR_VERSION, .n_desc = 1};
	const struct iovec iov = {.iov_base = &hello, .iov_len = sizeof(hello)};
	struct ucred peer = {.uid = 0};
	socklen_t size = sizeof(peer);
	int r = -EAGAIN;

	if (atomic_load(&e->detached))
		return false;
	conn = accept4(e->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (conn < 0) {
		if (errno == EMFILE || errno == ENFILE)
			drop_connection(e->fd);
		return true;
	}
	(void)pthread_mutex_lock(&doors_lock);
	if (spare_fd < 0)
		spare_fd = eventfd(0, EFD_CLOEXEC);
	if (getsockopt(conn, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
		r = welcome_locked(e, peer.uid, &conn, &client);
	(void)pthread_mutex_unlock(&doors_lock);
	if (r == 0 && conn >= 0)
		(void)wire_send(conn, &iov, 1, &client, 1);
	return true;
}

/* What is wrong with a request, as the errno for its sender; 0 when nothing is. */
static int check_request(
	const struct served_call *c, const struct wire_received *in, const struct door *d)
{
	const struct door_request *q = &c->request;
	const bool bulk = q->size == DOOR_SIZE_BULK;

	if (in->size < sizeof(*q) || q->magic != DOOR_MAGIC || q->version != DOOR_VERSION)
		return EINVAL;
	if (q->command != DOOR_COMMAND_CALL && q->command != DOOR_COMMAND_PARAMS &&
		q->command != DOOR_COMMAND_CHANNEL)
		return EINVAL;
	if ((q->size > DOOR_DATA_LIMIT && !bulk) || in->cut)
		return E2BIG;
	if (in->size - sizeof(*q) != (bulk ? 0 : q->size))
		return EINVAL;
	if (in->lost)
		return EMFILE;
	if (in->n_fds != (size_t)q->n_desc + (bulk ? 2 : 1))
		return EINVAL;
	if (q->command == DOOR_COMMAND_PARAMS)
		return q->size == 0 && q->n_desc == 0 ? 0 : EINVAL;
	if (q->command == DOOR_COMMAND_CHANNEL)
		return q->size == 0 && q->n_desc == 1 ? 0 : EINVAL;
	if (q->n_desc > 0 && d->name.attributes & DOOR_REFUSE_DESC)
		return ENOTSUP;
	return 0;
}

bool sender_made(struct served_call *c, const struct wire_received *in)
{
	socklen_t size = sizeof(c->peer);
	int domain = 0;

	if (!in->has_sender || in->n_fds == 0)
		return false;
	c->sender = in->sender;
	if (getsockopt(in->fds[0], SOL_SOCKET, SO_PEERCRED, &c->peer, &size) < 0 ||
		c->peer.pid != c->sender.pid)
		return false;
	if (c->peer.pid != 0)
		return true;
	/* Neither is visible from here. Only sockets of this kind know who made them. */
	size = sizeof(domain);
	return getsockopt(in->fds[0], SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
	       domain == AF_UNIX;
}

/*
 * The caller left one byte in our end of the reply socket. Taking it is what tells
 * "the server died during the call" from "the server never got it": a socket that is
 * closed with something unread resets the other side.
 */
static void take_token(int reply)
{
	char token;

	(void)recv(reply, &token, sizeof(token), MSG_DONTWAIT);
}

/* From now on the end of the client cancels this thread. */
static void watch_client_locked(struct served_call *c)
{
	if (!c->threaded || c->door->name.attributes & DOOR_NO_CANCEL)
		return;
	if (endpoint_add_locked(c->door, ENDPOINT_CALLER, c->reply, &c->watch) == 0)
		c->watch->call = c;
}

int answer_send(int sock, const void *data, size_t size, const struct desc_out *out)
{
	const struct door_answer a = {
		.magic = DOOR_MAGIC,
		.version = DOOR_VERSION,
		.size = out->bulk ? DOOR_SIZE_BULK : (uint32_t)size,
		.n_desc = (uint32_t)out->n - out->bulk,
	};
	const struct iovec iov[] = {
		{.iov_base = (void *)&a, .iov_len = sizeof(a)},
		{.iov_base = (void *)data, .iov_len = out->bulk ? 0 : size},
	};

	return wire_send(sock, iov, ARRAY_SIZE(iov), out->fds, out->n);
}

/* Answers a question for the parameters, without a thread for it. */
static void serve_params(struct served_call *c, const struct door_params *p)
{
	const struct desc_out none = {.n = 0};

	(void)answer_send(c->reply, p, sizeof(*p), &none);
	c->reply = fd_close(c->reply);
}

static int count_call_locked(struct served_call *c, struct door *d)
{
	struct account *account;

	size_t bulk = c->request.size == DOOR_SIZE_BULK ? c->size : 0;

	if (account_get_locked(c->peer.uid, &account) < 0)
		return EAGAIN;
	if (!account_begin_call(account)) {
		account_put_locked(account);
		return EAGAIN;
	}
	if (!account_begin_bulk(account, bulk)) {
		account_end_call(account);
		account_put_locked(account);
		return bulk > BULK_PER_USER ? E2BIG : EAGAIN;
	}
	call_begin_locked(c, d);
	c->account = account;
	c->counted = true;
	c->counted_bulk = bulk;
	return 0;
}

/* May this call begin? Returns 0 when it has, or the errno for its sender. */
static int begin_call(struct served_call *c, struct door *d)
{
	int error = 0;

	(void)pthread_mutex_lock(&doors_lock);
	if (d->revoked)
		error = EBADF;
	else if (c->request.command == DOOR_COMMAND_PARAMS)
		c->params = d->params;
	else
		error = -params_check(&d->params, c->size, c->request.n_desc);
	if (error == 0 && c->request.command == DOOR_COMMAND_CALL)
		error = count_call_locked(c, d);
	(void)pthread_mutex_unlock(&doors_lock);
	return error;
}

/* Brings a large argument here, for a call that has begun. Returns 0 or an errno. */
static int take_bulk(struct served_call *c, int *memory)
{
	int r;

	if (c->request.size != DOOR_SIZE_BULK)
		return 0;
	r = bulk_read(*memory, c->size, &c->bulk);
	*memory = fd_close(*memory);
	return -r;
}

static enum took accept_call(struct endpoint *e, struct served_call *c, struct wire_received *in)
{
	int error = check_request(c, in, e->door);
	const bool bulk = c->request.size == DOOR_SIZE_BULK;

	c->reply = in->fds[0];
	c->unref = false;
	take_token(c->reply);
	if (error == 0 && c->request.command == DOOR_COMMAND_CHANNEL) {
		error = served_channel_open(e, c, in->fds[1]);
		if (error != 0)
			serve_refuse(c, error);
		return TOOK_NOTHING;
	}
	c->size = c->request.size;
	if (error == 0 && bulk)
		error = -bulk_size(in->fds[1], &c->size);
	if (error == 0)
		error = begin_call(c, e->door);
	if (error == 0)
		error = take_bulk(c, &in->fds[1]);
	if (error != 0) {
		stat_refused(e->door->stat);
		serve_refuse(c, error);
		wire_close(in->fds + 1, in->n_fds - 1);
		call_end(c); /* if it has begun */
		return TOOK_NOTHING;
	}
	if (c->request.command == DOOR_COMMAND_PARAMS) {
		serve_params(c, &c->params);
		return TOOK_NOTHING;
	}
	c->n_desc = c->request.n_desc;
	desc_describe(c->desc, in->fds + (bulk ? 2 : 1), c->n_desc);
	return TOOK_CALL;
}

/* The last reference but one is gone: is the server to be told? */
static enum took announce_unref_locked(struct door *d, struct served_call *c)
{
	if (!(d->name.attributes & (DOOR_UNREF | DOOR_UNREF_MULTI)) || LIST_EMPTY(&d->endpoints))
		return TOOK_NOTHING;
	if (d->name.attributes & DOOR_UNREF && d->unref_done)
		return TOOK_NOTHING;
	d->unref_done = true;
	d->is_unref = true;
	c->reply = FD_NONE;
	c->unref = true;
	c->size = 0;
	c->n_desc = 0;
	memset(&c->sender, 0, sizeof(c->sender));
	memset(&c->peer, 0, sizeof(c->peer));
	call_begin_locked(c, d);
	return TOOK_CALL;
}

/* An endpoint has come to its end. */
static enum took serve_end(struct endpoint *e, struct served_call *c)
{
	enum took took = TOOK_NOTHING;

	(void)pthread_mutex_lock(&doors_lock);
	if (endpoint_remove_locked(e))
		took = announce_unref_locked(e->door, c);
	(void)pthread_mutex_unlock(&doors_lock);
	return took;
}

/* What the sender of a message on such a connection may have: 0 or an errno. */
static int check_opener(
	const struct endpoint *e, const struct door_request *q, const struct wire_received *in)
{
	struct stat st;
	int flags;

	if (in->size != sizeof(*q) || in->cut || in->lost || in->n_fds != 1 ||
		q->magic != DOOR_MAGIC || q->version != DOOR_VERSION)
		return EINVAL;
	flags = fcntl(in->fds[0], F_GETFL);
	if (flags < 0 || flags & O_PATH || fstat(in->fds[0], &st) < 0 || st.st_dev != e->file_dev ||
		st.st_ino != e->file_ino)
		return EBADF;
	if (q->command == DOOR_COMMAND_OPEN)
		return 0;
	if (q->command != DOOR_COMMAND_DETACH)
		return EINVAL;
	/* Users of other namespaces all look like this one. */
	if (e->user == OVERFLOW_UID)
		return EPERM;
	return e->user == 0 || e->user == st.st_uid ? 0 : EPERM;
}

static void answer_opener(struct endpoint *e, enum door_command command, int error)
{
	struct door_answer a = {.magic = DOOR_MAGIC, .version = DOOR_VERSION};
	const struct iovec iov = {.iov_base = &a, .iov_len = sizeof(a)};
	_cleanup_close_ int client = FD_NONE;

	if (error == 0 && command == DOOR_COMMAND_OPEN) {
		(void)pthread_mutex_lock(&doors_lock);
		error = -door_give_locked(e->door, account_ref_locked(e->account), &client);
		(void)pthread_mutex_unlock(&doors_lock);
		a.n_desc = error == 0;
	} else if (error == 0) {
		if (name_detach_file(e->file_dev, e->file_ino))
			fattach_remove_name(e->file_dev, e->file_ino);
		else
			error = EINVAL;
	}
	a.error = error;
	/* Who opens takes a plain end for "none to give". */
	if (error == 0 || command == DOOR_COMMAND_DETACH)
		(void)wire_send(e->fd, &iov, 1, &client, a.n_desc);
}

/* A connection to a door over a file: it sends one message, gets one, and that is all. */
static enum took serve_opener(struct endpoint *e, struct served_call *c)
{
	struct iovec iov = {.iov_base = &c->request, .iov_len = sizeof(c->request)};
	struct wire_received in;
	int error, r;

	r = wire_receive(e->fd, &iov, 1, &in);
	if (r == -EAGAIN) {
		endpoint_rearm(e);
		return TOOK_NOTHING;
	}
	if (r == 0 && !in.end) {
		error = check_opener(e, &c->request, &in);
		wire_close(in.fds, in.n_fds);
		if (in.size == sizeof(c->request))
			answer_opener(e, c->request.command, error);
	}
	return serve_end(e, c);
}

static enum took serve_handle(struct endpoint *e, struct served_call *c)
{
	struct iovec iov[] = {
		{.iov_base = &c->request, .iov_len = sizeof(c->request)},
		{.iov_base = c->data, .iov_len = sizeof(c->data)},
	};
	enum took took = TOOK_NOTHING;
	struct wire_received in;
	int r;

	r = wire_receive(e->fd, iov, ARRAY_SIZE(iov), &in);
	if (r < 0 ? r != -EAGAIN && r != -ENOMEM && r != -ENOBUFS : in.end)
		return serve_end(e, c);
	if (r == 0 && sender_made(c, &in))
		took = accept_call(e, c, &in);
	else if (r == 0)
		wire_close(in.fds, in.n_fds);
	/*
	 * The next call on this handle may go to another thread while this one runs. Not earlier:
	 * closing what a client passed can take as long as the client likes (a FUSE file), and so
	 * holds up one thread for each handle at most.
	 */
	endpoint_rearm(e);
	return took;
}

/* The client of a call is gone. Its thread is cancelled, if it lets itself be. */
static void serve_client_gone(struct endpoint *e)
{
	(void)pthread_mutex_lock(&doors_lock);
	if (e->call) {
		e->call->cancelled = true;
		(void)pthread_cancel(e->call->thread);
	}
	(void)pthread_mutex_unlock(&doors_lock);
}

enum took serve_event(uint64_t key, struct served_call *c)
{
	struct endpoint *e = endpoint_get(key);
	enum took took = TOOK_NOTHING;

	if (key == KEY_LOOK)
		served_channels_look();
	if (!e)
		return TOOK_NOTHING;
	switch (e->kind) {
	case ENDPOINT_OWN:
	case ENDPOINT_HANDLE:
		took = serve_handle(e, c);
		break;
	case ENDPOINT_LISTENER:
		if (serve_connection(e))
			endpoint_rearm(e);
		else
			took = serve_end(e, c);
		break;
	case ENDPOINT_OPENER:
		took = serve_opener(e, c);
		break;
	case ENDPOINT_CALLER:
		serve_client_gone(e);
		break;
	case ENDPOINT_CHANNEL:
		took = served_channel_event(e, c);
		break;
	}
	endpoint_put(e);
	return took;
}

void serve_run(struct served_call *c)
{
	c->outer = served_call_current;
	served_call_current = c;
	if (!c->channel) {
		(void)pthread_mutex_lock(&doors_lock);
		c->thread = pthread_self();
		if (!c->unref)
			watch_client_locked(c);
		(void)pthread_mutex_unlock(&doors_lock);
	}
	if (c->threaded)
		(void)pthread_setcancelstate(c->cancel_state, NULL);
	PROBE4(dispatch, c->door->name.id, c->sender.pid, c->size, c->n_desc);
	if (!c->unref)
		stat_begin(&c->stat, c->door->stat);
	if (c->unref)
		c->door->proc(c->door->cookie, DOOR_UNREF_DATA, 0, NULL, 0);
	else
		c->door->proc(c->door->cookie,
			c->bulk	  ? c->bulk
			: c->size ? c->data
				  : NULL,
			c->size, c->n_desc ? c->desc : NULL, c->n_desc);
}

/* What a procedure answers with. A message and large data the kernel checks when it copies them. */
static int check_result(const struct served_call *c, const char *data, size_t size,
	const door_desc_t *desc, uint_t n)
{
	const bool own = c->size > 0 && data == c->data && size <= sizeof(c->data);

	if (n > DOOR_DESC_LIMIT)
		return -ENFILE;
	if ((size && !data) || !address_readable(desc, n * sizeof(*desc)))
		return -EFAULT;
	return own || !c->channel || size > DOOR_DATA_LIMIT || address_readable(data, size)
		       ? 0
		       : -EFAULT;
}

int serve_answer(
	struct served_call *c, const void *data, size_t size, const door_desc_t *desc, uint_t n)
{
	struct desc_out out = {.n = 0};
	int r = 0;

	if (!c || (c->reply < 0 && !c->unref && !c->channel))
		return -EINVAL;
	r = check_result(c, data, size, desc, n);
	if (r < 0)
		return r;
	if (!c->unref)
		r = desc_out_add_bulk(&out, data, size);
	if (r == 0)
		r = desc_out_add(&out, desc, n);
	if (r == 0)
		call_unwatch(c);
	if (r == 0 && c->channel) {
		r = served_channel_answer(c, data, size, &out, 0);
	} else if (r == 0 && !c->unref) {
		call_uncount(c); /* before the client can make its next one */
		r = answer_send(c->reply, data, size, &out);
	}
	desc_out_end(&out);
	/* A wrong descriptor or address is the procedure's mistake: it may try again. */
	if (r == -EBADF)
		r = -EINVAL;
	if (r == -EINVAL || r == -EFAULT || r == -EMFILE || r == -ENFILE || r == -E2BIG)
		return r;
	/* Sent, or nobody waits for it, or the client does not take it: done all the same. */
	desc_release(desc, n);
	stat_answered(&c->stat);
	PROBE3(answer, c->door->name.id, size, n);
	return 0;
}

void serve_refuse(struct served_call *c, int error)
{
	struct door_answer a = {.magic = DOOR_MAGIC, .version = DOOR_VERSION, .error = error};
	const struct iovec iov = {.iov_base = &a, .iov_len = sizeof(a)};

	if (c->channel) {
		(void)served_channel_answer(c, NULL, 0, NULL, error);
		return;
	}
	(void)wire_send(c->reply, &iov, 1, NULL, 0);
	c->reply = fd_close(c->reply);
}

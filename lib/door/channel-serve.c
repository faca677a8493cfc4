/* SPDX-License-Identifier: MIT */
/*
 * The server's side of channels. One thread at a time is at a channel: it has claimed it. It comes
 * when the bell rings (the channel's socket, waited for with the door's calls), and stays
 * while calls follow each other; that is one entry in the list of calls in progress.
 *
 * The client may write into the memory whenever it likes. What counts is on this side:
 * which call was taken last, whether it is answered, who the client is. The word `call` is only
 * compared with the last number; sizes are read once; the argument is copied before it is looked at.
 *
 * A client that goes away cancels the thread that runs its call. That must not meet the thread's
 * next call, so both go through `run`: the end of a call and the cancellation take it
 * from RUN_CALL, and only one can.
 *
 * Lock: doors_lock, for claimed and the end of a channel. What the thread there uses is its own.
 */
#include "door/memory.h"
#include "door/served-channel.h"
#include "door/tsan.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>

#define PROVE_MS     1000
#define REFUSALS_MAX 8u /* in a row of calls, then the client may try the socket */

enum run {
	RUN_NONE,
	RUN_CALL,
	RUN_CANCELLED,
};

void served_channel_free(struct served_channel *ch)
{
	if (ch->head)
		(void)munmap(ch->head, CHANNEL_SIZE);
	cred_process_put(ch->process);
	free(ch);
}

void served_channel_forget(struct served_channel *ch)
{
	ch->head = NULL;
	served_channel_free(ch);
}

/* --- a new channel --- */

static int make_memory(struct channel_head **ret_head, int *ret_fd)
{
	_cleanup_close_ int fd = FD_NONE;
	void *p;
	int r;

	fd = memory_new("door");
	if (fd < 0)
		return TAKE_FD(fd);
	r = ftruncate(fd, CHANNEL_SIZE) < 0 ? -errno : memory_seal(fd, MEMORY_SEALS);
	if (r < 0)
		return r;
	p = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	(void)madvise(p, CHANNEL_SIZE, MADV_DONTFORK);
	*ret_head = p;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Is this the sender's thread, with the ids that the sender had? */
static bool is_sender(
	const struct pidfd_ids *ids, const struct ucred *sender, const struct ucred *peer)
{
	return ids->pid > 0 && ids->pid == peer->pid && ids->ruid == sender->uid &&
	       ids->rgid == sender->gid && ids->euid == peer->uid && ids->egid == peer->gid;
}

/* Who calls, and the memory. Takes over pidfd. */
static int channel_new(
	const struct served_call *c, int pidfd, struct served_channel **ret, int *ret_memory)
{
	struct served_channel *ch = calloc(1, sizeof(*ch));
	int r = ch ? cred_process_new(pidfd, &ch->process) : -ENOMEM;

	if (!ch || r < 0) {
		(void)fd_close(pidfd);
		free(ch);
		return r;
	}
	ch->sender = c->sender;
	ch->peer = c->peer;
	ch->cpu = UINT32_MAX;
	/*
	 * Is it a pidfd at all? Only then it is the kernel that answers the question for the ids, and
	 * not whoever has made a file system.
	 */
	if (pidfd_check(pidfd) < 0 || pidfd_get_ids(pidfd, &ch->ids) < 0 ||
		!is_sender(&ch->ids, &c->sender, &c->peer))
		r = -ENOTSUP; /* an older kernel, too */
	if (r == 0)
		r = make_memory(&ch->head, ret_memory);
	if (r < 0) {
		served_channel_free(ch);
		return r;
	}
	*ret = ch;
	return 0;
}

/*
 * Begins to wait for the bell. Its end has to be seen even if all threads of the pool are
 * busy, so it is waited for where clients that go away are, too.
 */
static int add_locked(struct endpoint *handle, struct served_channel *ch, int *sock)
{
	struct epoll_event ev = {.events = EPOLLET | EPOLLRDHUP};
	struct door *d = handle->door;
	struct account *a;
	struct endpoint *e;
	int r;

	if (handle->removed || d->revoked)
		return -EBADF;
	r = account_get_locked(ch->peer.uid, &a);
	if (r < 0)
		return r;
	if (!account_add_channel_locked(a)) {
		account_put_locked(a);
		return -EAGAIN;
	}
	r = endpoint_add_locked(d, ENDPOINT_CHANNEL, TAKE_FD(*sock), &e);
	if (r < 0) {
		account_drop_channel_locked(a);
		account_put_locked(a);
		return r;
	}
	e->account = a;
	e->channel = ch;
	LIST_INSERT_HEAD(&handle->channels, e, sibling);
	ev.data.u64 = e->key;
	if (pool_control_set() != e->set)
		(void)epoll_ctl(pool_control_set()->epoll, EPOLL_CTL_ADD, e->fd, &ev);
	return 0;
}

int served_channel_open(struct endpoint *handle, struct served_call *c, int pidfd)
{
	struct door_answer a = {.magic = DOOR_MAGIC, .version = DOOR_VERSION, .n_desc = 1};
	const struct iovec iov = {.iov_base = &a, .iov_len = sizeof(a)};
	_cleanup_close_ int memory = FD_NONE, sock = FD_NONE;
	struct served_channel *ch = NULL;
	const int on = 1;
	int r;

	if (handle->door->set == &loop_set) {
		(void)fd_close(pidfd);
		return ENOTSUP; /* no thread that could wait */
	}
	r = channel_new(c, pidfd, &ch, &memory);
	if (r < 0)
		return -r;
	/* The endpoint has it, our answer goes by a copy. */
	sock = fcntl(c->reply, F_DUPFD_CLOEXEC, 0);
	if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		r = -errno;
	(void)pthread_mutex_lock(&doors_lock);
	if (r == 0)
		r = add_locked(handle, ch, &sock);
	(void)pthread_mutex_unlock(&doors_lock);
	if (r < 0) {
		served_channel_free(ch);
		return -r;
	}
	(void)wire_send(c->reply, &iov, 1, &memory, 1);
	c->reply = fd_close(c->reply);
	return 0;
}

/* --- its end --- */

/* Tells a client that waits for a thread that none will come. The socket ends after this. */
static void tell_end(struct served_channel *ch)
{
	uint32_t call;

	atomic_store(&ch->head->gone, 1);
	call = atomic_load(&ch->head->call);
	if (call == ch->last)
		return;
	atomic_store(&ch->head->answer, call << CHANNEL_ANSWER_BITS | CHANNEL_GONE);
	if (atomic_load(&ch->head->client_waits) == CHANNEL_FUTEX)
		channel_wake(&ch->head->answer);
}

/* Removes a channel that has ended, unless a thread is there, which does it when it leaves. */
static void remove_if_free_locked(struct endpoint *e)
{
	struct served_channel *ch = e->channel;

	if (ch->claimed || e->removed || !atomic_load(&ch->ended))
		return;
	tell_end(ch);
	(void)endpoint_remove_locked(e);
}

/* The thread that is there ends it: it is removed when that leaves. */
static void end(struct served_channel *ch)
{
	(void)pthread_mutex_lock(&doors_lock);
	atomic_store(&ch->ended, true);
	(void)pthread_mutex_unlock(&doors_lock);
}

void served_channel_void_locked(struct endpoint *e)
{
	atomic_store(&e->channel->ended, true);
	if (e->channel->claimed)
		channel_wake(&e->channel->head->call);
	remove_if_free_locked(e);
}

void served_channel_unlist_locked(struct endpoint *e)
{
	if (!e->sibling.le_prev)
		return;
	LIST_REMOVE(e, sibling);
	e->sibling.le_prev = NULL;
}

void served_channels_of_handle_locked(struct endpoint *handle)
{
	struct endpoint *e;

	while ((e = LIST_FIRST(&handle->channels))) {
		served_channel_unlist_locked(e);
		served_channel_void_locked(e);
	}
}

static void client_gone_locked(struct endpoint *e)
{
	struct served_channel *ch = e->channel;
	unsigned int running = RUN_CALL;

	served_channel_void_locked(e);
	if (ch->claimed && !(e->door->name.attributes & DOOR_NO_CANCEL) &&
		atomic_compare_exchange_strong(&ch->run, &running, RUN_CANCELLED))
		(void)pthread_cancel(ch->thread);
}

/* --- calls --- */

static struct channel_head *head_of(const struct served_call *c)
{
	return c->channel->channel->head;
}

void served_channel_unwatch(struct served_call *c)
{
	struct served_channel *ch = c->channel->channel;
	unsigned int running = RUN_CALL;

	if (atomic_compare_exchange_strong(&ch->run, &running, RUN_NONE) || running == RUN_NONE)
		return;
	/* Whoever cancels this thread has the lock, and is done with it afterwards. */
	(void)pthread_mutex_lock(&doors_lock);
	c->cancelled = true;
	atomic_store(&ch->run, RUN_NONE);
	(void)pthread_mutex_unlock(&doors_lock);
}

/* Says something about the last call, and wakes the client if it sleeps. */
static void announce(struct served_call *c, enum channel_answer what)
{
	struct served_channel *ch = c->channel->channel;
	struct channel_head *h = ch->head;

	tsan_publish();
	atomic_store(&h->answer, ch->last << CHANNEL_ANSWER_BITS | what);
	switch (atomic_load(&h->client_waits)) {
	case CHANNEL_FUTEX:
		channel_wake(&h->answer);
		break;
	case CHANNEL_SOCKET:
		(void)send(c->channel->fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	default:
		break;
	}
}

int served_channel_answer(
	struct served_call *c, const void *data, size_t size, const struct desc_out *out, int error)
{
	struct channel_head *h = head_of(c);
	bool by_socket = out && out->n > 0; /* for its descriptors, or its memory */
	int r = 0;

	if (by_socket)
		r = answer_send(c->channel->fd, data, size, out);
	else if (size > 0)
		memcpy(channel_result(h, size), data, size);
	if (r == -EBADF || r == -EMFILE || r == -ENFILE)
		return r; /* the procedure's mistake, it may try again */
	if (r < 0)
		error = EINTR;
	atomic_store_explicit(&h->error, (uint32_t)error, memory_order_relaxed);
	atomic_store_explicit(&h->result_size, (uint32_t)size, memory_order_relaxed);
	atomic_store_explicit(&h->by_socket, by_socket && r == 0, memory_order_relaxed);
	c->channel->channel->answered = true;
	call_uncount(c);
	announce(c, CHANNEL_DONE);
	return 0;
}

/* May the call begin? 0 or an errno for the client. */
static int admit(struct served_call *c, size_t size)
{
	int error;

	if (size > DOOR_DATA_LIMIT)
		return E2BIG;
	error = -params_check_door(c->door, size, 0);
	if (error == 0 && !account_begin_call(c->account))
		error = EAGAIN;
	c->counted = error == 0;
	return error;
}

/* Takes the next call, if there is one. */
static bool take(struct served_call *c)
{
	struct served_channel *ch = c->channel->channel;
	struct channel_head *h = ch->head;
	uint32_t call, size;
	int error;

	while ((call = atomic_load_explicit(&h->call, memory_order_acquire)) != ch->last) {
		atomic_store(&ch->run, RUN_CALL);
		if (atomic_load(&ch->ended)) {
			served_channel_unwatch(c);
			return false;
		}
		ch->last = call;
		ch->answered = false;
		size = atomic_load_explicit(&h->argument_size, memory_order_relaxed);
		tsan_observe();
		error = admit(c, size);
		if (error == 0) {
			atomic_store_explicit(&h->taken, call, memory_order_release);
			if (size > 0)
				memcpy(c->data, channel_argument(h, size), size);
			c->size = size;
			ch->spin.bytes = size;
			c->n_desc = 0;
			c->sender = ch->sender;
			c->peer = ch->peer;
			c->checked = false;
			return true;
		}
		stat_refused(c->door->stat);
		served_channel_unwatch(c);
		(void)served_channel_answer(c, NULL, 0, NULL, error);
		if (++ch->refusals >= REFUSALS_MAX)
			end(ch);
	}
	return false;
}

void served_channel_over(struct served_call *c)
{
	served_channel_unwatch(c);
	if (!c->channel->channel->answered)
		(void)served_channel_answer(c, NULL, 0, NULL, EINTR);
	call_uncount(c);
	c->proof = fd_close(c->proof);
	stat_end(&c->stat);
}

/* --- threads come and go --- */

static void claim_locked(struct endpoint *e, struct served_call *c)
{
	struct served_channel *ch = e->channel;

	ch->claimed = true;
	ch->thread = pthread_self();
	ch->answered = true;
	ch->refusals = 0;
	atomic_store(&ch->run, RUN_NONE);
	call_begin_locked(c, e->door);
	c->channel = e;
	c->account = account_ref_locked(e->account);
	c->reply = FD_NONE;
	c->unref = false;
	atomic_store(&ch->head->server_waits, CHANNEL_AWAKE);
}

/* What has rung is not needed any more. A client that never stops to ring gets no more than this. */
static void silence(const struct endpoint *e)
{
	char token[2];
	int i;

	for (i = 0; i < 16; i++)
		if (recv(e->fd, token, sizeof(token), MSG_DONTWAIT) != 1)
			break;
}

enum took served_channel_event(struct endpoint *e, struct served_call *c)
{
	struct pollfd p = {.fd = e->fd, .events = POLLRDHUP};
	bool over = poll(&p, 1, 0) > 0, claimed = false;

	(void)pthread_mutex_lock(&doors_lock);
	if (over && !e->removed) {
		client_gone_locked(e);
	} else if (!e->removed && !e->channel->claimed && !atomic_load(&e->channel->ended)) {
		e->refs++; /* until the thread leaves, however often it claims it again */
		claim_locked(e, c);
		claimed = true;
	}
	(void)pthread_mutex_unlock(&doors_lock);
	if (!claimed)
		return TOOK_NOTHING;
	silence(e);
	return take(c) || served_channel_leave(c) ? TOOK_CALL : TOOK_NOTHING;
}

bool served_channel_next(struct served_call *c, unsigned int us, bool ours)
{
	struct served_channel *ch = c->channel->channel;

	if (!atomic_load(&ch->ended))
		served_channel_stay(ch, us, ours);
	return take(c);
}

/* Lets the channel go. Returns false when it has ended with that. */
static bool release(struct endpoint *e, struct served_call *c)
{
	bool there;

	(void)pthread_mutex_lock(&doors_lock);
	e->channel->claimed = false;
	c->channel = NULL;
	call_end_locked(c);
	remove_if_free_locked(e);
	there = !e->removed;
	(void)pthread_mutex_unlock(&doors_lock);
	return there;
}

/* A call that came while the last one left is nobody's: the client saw a thread, and did not ring. */
static bool claim_again(struct endpoint *e, struct served_call *c)
{
	bool claimed = false;

	(void)pthread_mutex_lock(&doors_lock);
	if (!e->removed && !e->channel->claimed && !atomic_load(&e->channel->ended)) {
		claim_locked(e, c);
		claimed = true;
	}
	(void)pthread_mutex_unlock(&doors_lock);
	return claimed;
}

bool served_channel_leave(struct served_call *c)
{
	struct endpoint *e = c->channel;
	struct served_channel *ch = e->channel;
	bool took = false;
	uint32_t last;

	do {
		atomic_store(&ch->head->server_waits, CHANNEL_AWAY);
		took = take(c);
		if (took) {
			atomic_store(&ch->head->server_waits, CHANNEL_AWAKE);
			return true;
		}
		last = ch->last;
	} while (release(e, c) && atomic_load(&ch->head->call) != last && claim_again(e, c));
	endpoint_put(e);
	return false;
}

void served_channel_abandon(struct served_call *c)
{
	struct endpoint *e = c->channel;

	served_channel_over(c);
	atomic_store(&e->channel->head->server_waits, CHANNEL_AWAY);
	end(e->channel);
	(void)release(e, c);
	endpoint_put(e);
}

/* --- who calls --- */

static bool same_ids(const struct pidfd_ids *a, const struct pidfd_ids *b)
{
	return a->pid == b->pid && a->ruid == b->ruid && a->euid == b->euid && a->suid == b->suid &&
	       a->rgid == b->rgid && a->egid == b->egid && a->sgid == b->sgid;
}

/* Takes the proof off the socket. Returns 1, 0 when it is not there yet, -EAGAIN. */
static int receive_proof(struct served_call *c)
{
	struct door_request q = {.magic = 0};
	struct iovec iov = {.iov_base = &q, .iov_len = sizeof(q)};
	struct wire_received in;
	int r = wire_receive(c->channel->fd, &iov, 1, &in);

	if (r < 0 || in.end)
		return r == -EAGAIN ? 0 : -EAGAIN;
	if (in.size == 1 && in.n_fds == 0)
		return 0; /* has rung */
	if (in.size == sizeof(q) && q.magic == DOOR_MAGIC && q.command == DOOR_COMMAND_PROVE &&
		in.n_fds == 1 && sender_made(c, &in)) {
		c->proof = in.fds[0];
		return 1;
	}
	wire_close(in.fds, in.n_fds);
	return -EAGAIN;
}

/* Has the client prove who it is. It may be stopped, or not want to: then nobody knows. */
static int ask_proof(struct served_call *c)
{
	struct pollfd p = {.fd = c->channel->fd, .events = POLLIN | POLLRDHUP};
	uint64_t end = stat_now_ns() + PROVE_MS * 1000000ull, now;
	int r = 0;

	announce(c, CHANNEL_PROVE);
	while (r == 0) {
		now = stat_now_ns();
		if (now >= end)
			return -EAGAIN;
		if (poll(&p, 1, (int)((end - now) / 1000000) + 1) > 0)
			r = receive_proof(c);
	}
	return r < 0 ? r : 0;
}

int served_channel_identify(struct served_call *c)
{
	struct served_channel *ch = c->channel->channel;
	int r, cancel;

	if (c->checked || c->proof >= 0)
		return 0;
	if (ch->answered)
		return -EINVAL;
	if (pidfd_get_ids(cred_process_fd(ch->process), &c->ids) == 0 &&
		same_ids(&c->ids, &ch->ids)) {
		c->checked = true;
		return 0;
	}
	end(ch); /* the next call gets a channel of the new ids */
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	r = ask_proof(c);
	(void)pthread_setcancelstate(cancel, NULL);
	return r;
}

struct cred_process *served_channel_process(const struct served_call *c)
{
	return c->channel->channel->process;
}

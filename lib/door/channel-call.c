/* SPDX-License-Identifier: MIT */
/*
 * The client's side of channels. Each thread knows a few doors that it has called; from its
 * second call of one on it has a channel to it, when the server gives it one. All else goes by
 * the socket (call.c): descriptors, large arguments, doors over files, servers without threads,
 * calls from a signal handler that interrupted a call of the same door.
 *
 * A descriptor number says nothing by itself, the program may have closed and reused it: the
 * kernel's id of the socket behind it is asked for with each call. The library's own socket is
 * checked in the same way before it is used, because programs close descriptors they do not know.
 *
 * A call that ends without an answer (a signal, cancellation) takes its channel with it: the
 * server sees the end of the socket, as it does with a reply socket.
 *
 * Lock: channels_lock, alone, for the list that fork() walks. All else belongs to one thread.
 */
#include "door/address.h"
#include "door/call.h"
#include "door/channel.h"
#include "door/memory.h"
#include "door/server.h"
#include "door/tsan.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#define KNOWN_DOORS 8u
#define FUTEX_US    2000u /* after that the end of the server is waited for, too */
#define RETRY_CALLS 256u  /* after a refusal that may not be for ever */

#define PIDFD_OF_THREAD O_EXCL /* PIDFD_THREAD, 6.9 */

struct channel {
	LIST_ENTRY(channel) link; /* channels_lock */
	pthread_t owner;
	struct channel_head *head;
	int sock; /* FD_NONE in the child of fork */
	uint64_t sock_id;
	uint32_t number; /* of the last call */
	uint32_t cpu;	 /* as last told */
	struct channel_spin spin;
};

enum known_state {
	KNOWN_EMPTY,
	KNOWN_SEEN,    /* called before */
	KNOWN_WITHOUT, /* has no channels, at least for now */
	KNOWN_CHANNEL,
};

struct known_door {
	uint64_t id; /* of the client's end of its handle */
	enum known_state state;
	bool busy;
	uint32_t used;	/* when */
	uint32_t retry; /* KNOWN_WITHOUT: calls until it is asked again, 0: never */
	struct channel *channel;
};

static _Thread_local struct {
	struct known_door doors[KNOWN_DOORS];
	unsigned int last;
	uint32_t clock;
	bool locked; /* this is a signal handler that interrupted work on it */
} known;

static pthread_mutex_t channels_lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, channel) channels = LIST_HEAD_INITIALIZER(channels);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;
static bool never, at_once; /* what DOOR_TRANSPORT says */

static bool socket_is_ours(const struct channel *ch)
{
	return ch->sock >= 0 && channel_socket_id(ch->sock) == ch->sock_id;
}

static struct channel *channel_free(struct channel *ch)
{
	(void)pthread_mutex_lock(&channels_lock);
	LIST_REMOVE(ch, link);
	(void)pthread_mutex_unlock(&channels_lock);
	if (socket_is_ours(ch))
		(void)fd_close(ch->sock);
	(void)munmap(ch->head, CHANNEL_SIZE);
	free(ch);
	return NULL;
}

static void drop(struct known_door *k)
{
	known.locked = true;
	k->channel = channel_free(k->channel);
	k->state = KNOWN_SEEN;
	known.locked = false;
}

static void end_of_thread(void *arg)
{
	unsigned int i;

	for (i = 0; i < KNOWN_DOORS; i++)
		if (known.doors[i].channel)
			drop(&known.doors[i]);
}

static void init(void)
{
	const char *transport = secure_getenv("DOOR_TRANSPORT");

	never = pthread_key_create(&thread_end, end_of_thread) != 0;
	if (transport) {
		never = never || streq(transport, "socket");
		at_once = streq(transport, "channel");
	}
}

/* --- a new channel --- */

/* Is this memory that stays where it is, whatever the server does? */
static bool memory_is_safe(int fd)
{
	struct stat st;

	return memory_is_sealed(fd, MEMORY_SEALS) && fstat(fd, &st) == 0 &&
	       st.st_size == CHANNEL_SIZE;
}

/* Asks for a channel. Returns our end of its socket, or a negative errno. */
static int send_open(int door)
{
	_cleanup_close_ int thread = FD_NONE, mine = FD_NONE;
	const struct door_request q = {.magic = DOOR_MAGIC,
		.version = DOOR_VERSION,
		.command = DOOR_COMMAND_CHANNEL,
		.n_desc = 1};
	const struct iovec iov = {.iov_base = (void *)&q, .iov_len = sizeof(q)};
	struct desc_out out = {.n = 2};

	/* This thread: its ids can be others than those of the process. */
	thread = (int)syscall(SYS_pidfd_open, gettid(), PIDFD_OF_THREAD);
	if (thread < 0)
		return -ENOTSUP;
	out.fds[1] = thread;
	fork_guard_enter();
	mine = call_send(door, &iov, 1, &out);
	fork_guard_leave();
	return TAKE_FD(mine);
}

/* Takes the memory that the server gives. Returns 0 or a negative errno. */
static int receive_memory(int sock, struct channel_head **ret)
{
	struct door_answer a;
	struct iovec iov = {.iov_base = &a, .iov_len = sizeof(a)};
	struct wire_received in;
	void *p = MAP_FAILED;
	int r;

	r = wire_receive(sock, &iov, 1, &in);
	if (r < 0 || in.end)
		return r < 0 ? r : -EINTR;
	if (in.size == sizeof(a) && a.magic == DOOR_MAGIC && a.error != 0)
		r = a.error == EAGAIN ? -EAGAIN : -ENOTSUP;
	else if (in.size != sizeof(a) || a.magic != DOOR_MAGIC || in.n_fds != 1 ||
		 !memory_is_safe(in.fds[0]))
		r = -EBADF;
	else
		p = mmap(NULL, CHANNEL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, in.fds[0], 0);
	wire_close(in.fds, in.n_fds);
	if (p == MAP_FAILED)
		return r < 0 ? r : -ENOMEM;
	*ret = p;
	return 0;
}

static void close_socket(void *fd)
{
	known.locked = false;
	(void)fd_close(*(int *)fd);
}

/* Waits like a call: a signal ends it, and it can be cancelled. */
static int wait_open(int sock)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	int n;

	pthread_cleanup_push(close_socket, &sock);
	n = poll(&p, 1, -1);
	pthread_cleanup_pop(0);
	return n < 0 ? -errno : 0;
}

static int open_channel(int door, struct channel **ret)
{
	struct channel *ch = calloc(1, sizeof(*ch));
	int r, sock = FD_NONE;

	if (!ch)
		return -ENOMEM;
	(void)pthread_setspecific(thread_end, &known);
	address_learn_stack();
	r = sock = send_open(door);
	if (r >= 0) {
		r = wait_open(sock);
		if (r == 0)
			r = receive_memory(sock, &ch->head);
	}
	if (r < 0) {
		(void)fd_close(sock);
		free(ch);
		return r;
	}
	ch->sock = sock;
	ch->sock_id = channel_socket_id(sock);
	ch->cpu = UINT32_MAX;
	ch->owner = pthread_self();
	(void)pthread_mutex_lock(&channels_lock);
	LIST_INSERT_HEAD(&channels, ch, link);
	(void)pthread_mutex_unlock(&channels_lock);
	*ret = ch;
	return 0;
}

/* --- which doors this thread knows --- */

static struct known_door *find(uint64_t id)
{
	unsigned int i;

	if (known.doors[known.last].id == id)
		return &known.doors[known.last];
	for (i = 0; i < KNOWN_DOORS; i++)
		if (known.doors[i].id == id) {
			known.last = i;
			return &known.doors[i];
		}
	return NULL;
}

/* Takes the place of the door that was called longest ago. */
static struct known_door *learn(uint64_t id)
{
	struct known_door *k, *best = NULL;

	for (k = known.doors; k < known.doors + KNOWN_DOORS; k++)
		if (!k->busy &&
			(!best || known.clock - k->used > known.clock - best->used || k->id == 0))
			best = k;
	if (!best)
		return NULL;
	if (best->channel)
		drop(best);
	*best = (struct known_door){.id = id, .state = KNOWN_SEEN, .used = known.clock};
	return best;
}

/* The door's channel is there afterwards. Returns 0, CHANNEL_NONE, or -EINTR. */
static int prepare(struct known_door *k, int fd)
{
	int r;

	if (k->state == KNOWN_CHANNEL) {
		if (!atomic_load_explicit(&k->channel->head->gone, memory_order_acquire))
			return 0;
		drop(k);
	}
	if (k->state == KNOWN_WITHOUT && (k->retry == 0 || --k->retry > 0))
		return CHANNEL_NONE;
	known.locked = true;
	r = open_channel(fd, &k->channel);
	known.locked = false;
	if (r == 0) {
		k->state = KNOWN_CHANNEL;
		return 0;
	}
	if (r == -EINTR)
		return r;
	k->state = KNOWN_WITHOUT;
	k->retry = r == -ENOTSUP ? 0 : RETRY_CALLS;
	return CHANNEL_NONE;
}

/* --- one call --- */

/* The server wants to know who calls now: a fresh socket tells, as with a call by the socket. */
static int prove(const struct channel *ch)
{
	const struct door_request q = {
		.magic = DOOR_MAGIC, .version = DOOR_VERSION, .command = DOOR_COMMAND_PROVE};
	const struct iovec iov = {.iov_base = (void *)&q, .iov_len = sizeof(q)};
	struct desc_out out = {.n = 1};
	int mine;

	if (!socket_is_ours(ch))
		return -EPIPE;
	fork_guard_enter();
	mine = call_send(ch->sock, &iov, 1, &out);
	fork_guard_leave();
	(void)fd_close(mine);
	return mine < 0 ? -EPIPE : 0;
}

static int ring(const struct channel *ch)
{
	ssize_t n;

	if (!socket_is_ours(ch))
		return -EINTR; /* the server may have the call, or not */
	n = send(ch->sock, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	/* What does not fit is behind what has rung already. */
	return n == 1 || errno == EAGAIN ? 0 : -EPIPE;
}

/*
 * Puts a call into the channel, and tells the answer that was there before. Returns 0, CHANNEL_NONE,
 * -EINTR, -EPIPE.
 */
static int post(struct channel *ch, const door_arg_t *arg, uint32_t *ret_seen)
{
	struct channel_head *h = ch->head;
	size_t size = arg ? arg->data_size : 0;
	uint32_t cpu = channel_cpu();

	/* Where the program has closed the socket the server cannot be called any more. */
	if (atomic_load_explicit(&h->server_waits, memory_order_relaxed) == CHANNEL_AWAY &&
		!socket_is_ours(ch))
		return CHANNEL_NONE;
	if (size > 0)
		memcpy(channel_argument(h, size), arg->data_ptr, size);
	ch->spin.bytes = (uint32_t)size;
	if (cpu != ch->cpu) {
		ch->cpu = cpu;
		atomic_store_explicit(&h->client_cpu, cpu, memory_order_relaxed);
	}
	atomic_store_explicit(&h->argument_size, (uint32_t)size, memory_order_relaxed);
	atomic_store_explicit(&h->client_waits, CHANNEL_AWAKE, memory_order_relaxed);
	*ret_seen = atomic_load_explicit(&h->answer, memory_order_relaxed);
	ch->number = (ch->number + 1) & CHANNEL_NUMBER_MASK;
	tsan_publish();
	atomic_store(&h->call, ch->number);
	switch (atomic_load(&h->server_waits)) {
	case CHANNEL_AWAKE:
		return 0;
	case CHANNEL_FUTEX:
		channel_wake(&h->call);
		return 0;
	default:
		return ring(ch);
	}
}

static int sleep_futex(struct channel *ch, uint32_t seen, const struct timespec *until)
{
	struct channel_head *h = ch->head;
	int r;

	atomic_store(&h->client_waits, CHANNEL_FUTEX);
	r = channel_sleep(&h->answer, seen, until);
	atomic_store_explicit(&h->client_waits, CHANNEL_AWAKE, memory_order_relaxed);
	return r;
}

/*
 * Something is on the socket: a wake-up, which is taken, or the answer, which stays until it
 * is announced. Returns 0, or -EPIPE when it has ended.
 */
static int take_wakeup(struct channel *ch, uint32_t seen)
{
	struct timespec until;
	char token;
	ssize_t n = recv(ch->sock, &token, 1, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	if (n == 0)
		return -EPIPE;
	if (n == 1) {
		(void)recv(ch->sock, &token, 1, MSG_DONTWAIT);
		return 0;
	}
	until = channel_deadline(1000);
	return sleep_futex(ch, seen, &until) == -EINTR ? -EINTR : 0;
}

static void abandon(void *arg)
{
	struct known_door *k = arg;

	k->busy = false;
	drop(k);
}

/* The last way to wait: for the server's end, too, and where a thread can be cancelled. */
static int sleep_socket(struct known_door *k, uint32_t seen)
{
	struct channel *ch = k->channel;
	struct pollfd p = {.fd = ch->sock, .events = POLLIN};
	int r = 0;

	if (!socket_is_ours(ch))
		return -EINTR;
	atomic_store(&ch->head->client_waits, CHANNEL_SOCKET);
	if (atomic_load(&ch->head->answer) == seen) {
		pthread_cleanup_push(abandon, k);
		r = poll(&p, 1, -1) < 0 ? -errno : 0;
		pthread_cleanup_pop(0);
		/* A message that was not announced stays in front of the end. */
		if (r == 0)
			r = p.revents & POLLHUP ? -EPIPE : take_wakeup(ch, seen);
	}
	atomic_store_explicit(&ch->head->client_waits, CHANNEL_AWAKE, memory_order_relaxed);
	return r;
}

/* Waits until the answer is not what was seen. Returns 0, -EINTR, or -EPIPE. */
static int sleep_until_answer(struct known_door *k, uint32_t seen)
{
	struct channel *ch = k->channel;
	struct timespec until;
	int r;

	if (channel_spin(&ch->spin, &ch->head->answer, seen,
		    atomic_load_explicit(&ch->head->server_cpu, memory_order_relaxed)))
		return 0;
	until = channel_deadline(FUTEX_US);
	r = sleep_futex(ch, seen, &until);
	if (r == 0 || r == -EAGAIN || r == -EINTR)
		return r == -EINTR ? r : 0;
	return sleep_socket(k, seen);
}

/* Waits for the answer. Returns 0, -EINTR, or -EPIPE: the channel has ended. */
static int await(struct known_door *k, uint32_t seen)
{
	struct channel *ch = k->channel;
	const uint32_t number = ch->number << CHANNEL_ANSWER_BITS;
	uint32_t now;
	int r, ended = 0;

	for (;;) {
		now = atomic_load_explicit(&ch->head->answer, memory_order_acquire);
		if (now == (number | CHANNEL_DONE))
			return 0;
		if (ended < 0)
			return ended;
		if (now == (number | CHANNEL_GONE))
			return -EPIPE;
		if (now == (number | CHANNEL_PROVE) && now != seen) {
			r = prove(ch);
			if (r < 0)
				return r;
		}
		seen = now;
		r = sleep_until_answer(k, seen);
		if (r == -EPIPE)
			ended = r; /* it may have been answered before */
		else if (r < 0)
			return r;
	}
}

/* The result is on the socket, perhaps behind wake-ups that were not needed. */
static int receive_result(struct channel *ch, door_arg_t *arg)
{
	char token;
	int r;

	if (!socket_is_ours(ch))
		return -EINTR;
	while (recv(ch->sock, &token, 1, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC) == 1)
		(void)recv(ch->sock, &token, 1, MSG_DONTWAIT);
	r = call_take_answer(ch->sock, arg);
	return r == -ECONNRESET || r == -EAGAIN ? -EINTR : r;
}

/* Puts the result where the caller wants it. Returns 0 or a negative errno. */
static int take_result(struct channel *ch, door_arg_t *arg)
{
	struct channel_head *h = ch->head;
	uint32_t error = atomic_load_explicit(&h->error, memory_order_relaxed);
	uint32_t size = atomic_load_explicit(&h->result_size, memory_order_relaxed);

	tsan_observe();
	if (atomic_load_explicit(&h->by_socket, memory_order_relaxed))
		return receive_result(ch, arg);
	if (error != 0)
		return error < 4096 ? -(int)error : -EBADF;
	if (size > DOOR_DATA_LIMIT)
		return -EBADF;
	return arg ? call_place(arg, channel_result(h, size), size) : 0;
}

static int exchange(struct known_door *k, door_arg_t *arg)
{
	struct channel *ch = k->channel;
	uint32_t seen;
	int r = post(ch, arg, &seen);

	if (r == 0)
		r = await(k, seen);
	if (r == 0)
		return take_result(ch, arg);
	/* Where no thread took it, and none will, the handle knows what has become of the door. */
	if (r == -EPIPE && atomic_load(&ch->head->taken) != ch->number)
		r = CHANNEL_NONE;
	drop(k);
	return r == -EPIPE ? -EINTR : r;
}

static bool can_carry(const door_arg_t *arg)
{
	return !arg || (arg->desc_num == 0 && arg->data_size <= DOOR_DATA_LIMIT &&
			       (arg->data_ptr || arg->data_size == 0));
}

int channel_call(int fd, uint64_t id, door_arg_t *arg)
{
	struct known_door *k;
	int r;

	(void)pthread_once(&once, init);
	if (never || known.locked || id == 0 || !can_carry(arg))
		return CHANNEL_NONE;
	known.clock++;
	k = find(id);
	if (!k) {
		if (!handle_is_door(fd, NULL))
			return CHANNEL_NONE;
		k = learn(id);
		if (!k || !at_once)
			return CHANNEL_NONE;
	}
	if (k->busy)
		return CHANNEL_NONE;
	if (arg && !address_readable(arg->data_ptr, arg->data_size))
		return -EFAULT;
	k->used = known.clock;
	k->busy = true;
	r = prepare(k, fd);
	if (r == 0)
		r = exchange(k, arg);
	k->busy = false;
	return r;
}

void channels_lock_for_fork(void)
{
	(void)pthread_mutex_lock(&channels_lock);
}

void channels_unlock_after_fork(void)
{
	(void)pthread_mutex_unlock(&channels_lock);
}

/*
 * In the child of fork: the sockets are closed, or the parent's end would not be seen. This may
 * be a signal handler in the middle of a call: there the memory becomes the child's own, and
 * says that there will be no answer.
 */
void channels_forget(void)
{
	struct channel *ch, *next;
	void *p;

	for (ch = LIST_FIRST(&channels); ch; ch = next) {
		next = LIST_NEXT(ch, link);
		if (socket_is_ours(ch))
			(void)fd_close(ch->sock);
		ch->sock = FD_NONE;
		p = mmap(ch->head, CHANNEL_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (p == MAP_FAILED)
			abort(); /* it could write into the parent's calls */
		if (!pthread_equal(ch->owner, pthread_self())) {
			LIST_REMOVE(ch, link);
			(void)munmap(ch->head, CHANNEL_SIZE);
			free(ch);
			continue;
		}
		atomic_store(&ch->head->gone, 1);
		atomic_store(&ch->head->taken, ch->number);
		atomic_store(&ch->head->answer, ch->number << CHANNEL_ANSWER_BITS | CHANNEL_GONE);
	}
}

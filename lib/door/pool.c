/* SPDX-License-Identifier: MIT */
/*
 * Pools: how many threads wait, and who makes more. door_server_create(3C),
 * door_bind(3C), door_unbind(3C).
 *
 * In the library's own pools one that takes an event makes sure that another one is
 * waiting before anything else happens, so a call never waits for a procedure to
 * finish, however many there are, until POOL_MAX threads run: the last one then
 * answers EAGAIN. Threads that found nothing to do for a while end, but for one.
 *
 * In the program's pools the program is told that no thread is left, by the thread that
 * has taken the last call, and calls wait until a thread comes.
 *
 * Lock: pool_lock, for the counts. Taken last (server.h), never held over a callback.
 */
#include "door/pool.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define POOL_MAX 256u

struct pool shared_pool = {.set.epoll = FD_NONE, .wake = FD_NONE, .refs = 1};
struct pool keeper_pool = {.set.epoll = FD_NONE, .wake = FD_NONE, .refs = 1};

int pool_idle_ms = 10000;

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static door_server_func_t *server_func; /* pool_lock; NULL: the library makes threads */

/* What door_bind(3C) said; a key, so that the end of the thread gives the reference back. */
static pthread_once_t bound_once = PTHREAD_ONCE_INIT;
static pthread_key_t bound_key;
static int bound_error;

_Thread_local struct pool *pool_starting;

static void pool_put_locked(struct pool *p)
{
	if (--p->refs > 0)
		return;
	p->set.epoll = fd_close(p->set.epoll);
	p->wake = fd_close(p->wake);
	free(p);
}

void pool_put(struct pool *p)
{
	if (!p)
		return;
	(void)pthread_mutex_lock(&pool_lock);
	pool_put_locked(p);
	(void)pthread_mutex_unlock(&pool_lock);
}

void pool_get(struct pool *p)
{
	(void)pthread_mutex_lock(&pool_lock);
	p->refs++;
	(void)pthread_mutex_unlock(&pool_lock);
}

static void bound_end(void *p)
{
	pool_put(p);
}

static void bound_init(void)
{
	bound_error = pthread_key_create(&bound_key, bound_end);
}

struct pool *pool_of_thread(void)
{
	struct pool *p;

	(void)pthread_once(&bound_once, bound_init);
	p = bound_error ? NULL : pthread_getspecific(bound_key);
	return p ? p : &shared_pool;
}

/* The pool that this thread is counted in: what pool_of_thread() says, or the keeper's. */
static _Thread_local struct pool *member_of;

static void members_add(struct pool *p, int n)
{
	(void)pthread_mutex_lock(&pool_lock);
	p->members += (unsigned int)n;
	if (p == &shared_pool || p->stat)
		stat_threads(p->stat, p->members);
	(void)pthread_mutex_unlock(&pool_lock);
}

void pool_join(struct pool *p)
{
	member_of = p;
	members_add(p, 1);
}

void pool_part(void)
{
	if (member_of)
		members_add(TAKE_PTR(member_of), -1);
}

int pool_bind(struct pool *p)
{
	struct pool *old;
	int r;

	(void)pthread_once(&bound_once, bound_init);
	if (bound_error)
		return -bound_error;
	old = pthread_getspecific(bound_key);
	r = pthread_setspecific(bound_key, p);
	if (r != 0)
		return -r;
	if (member_of) {
		pool_part();
		pool_join(p ? p : &shared_pool);
	}
	pool_put(old);
	return 0;
}

void pool_show(struct pool *p, struct stat_door *stat)
{
	if (!p)
		return;
	(void)pthread_mutex_lock(&pool_lock);
	p->stat = stat;
	stat_threads(stat, p->members);
	(void)pthread_mutex_unlock(&pool_lock);
}

int pool_new(struct pool **ret)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = 0};
	struct pool *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->refs = 1;
	p->private = true;
	p->set.epoll = FD_NONE;
	p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = p->wake < 0 ? -errno : poll_set_init(&p->set);
	if (r == 0 && epoll_ctl(p->set.epoll, EPOLL_CTL_ADD, p->wake, &ev) < 0)
		r = -errno;
	if (r < 0) {
		pool_put(p);
		return r;
	}
	*ret = p;
	return 0;
}

void pool_close(struct pool *p)
{
	const uint64_t one = 1;

	(void)pthread_mutex_lock(&pool_lock);
	p->gone = true;
	p->stat = NULL;
	(void)pthread_mutex_unlock(&pool_lock);
	(void)!write(p->wake, &one, sizeof(one));
}

/*
 * Starts a thread; counted as waiting from the start. Server threads take no signals:
 * those belong to the program. A program that procedures spawn starts with them blocked
 * unless it is given a mask (POSIX_SPAWN_SETSIGMASK).
 */
static int pool_grow_locked(struct pool *p)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	if (p->threads >= POOL_MAX)
		return -EAGAIN;
	r = pthread_attr_init(&attr);
	if (r != 0)
		return -r;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&thread, &attr, server_thread, p);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	if (r != 0)
		return -r;
	p->threads++;
	p->idle++;
	return 0;
}

/* Does the library make the threads of p? */
static bool grows_locked(const struct pool *p)
{
	return p == &keeper_pool || (p == &shared_pool && !server_func);
}

/* The first thread of a pool, or whom to ask for it. */
static int first_thread_locked(struct pool *p, door_server_func_t **ret_func)
{
	if (p->threads == 0 && grows_locked(p))
		return pool_grow_locked(p);
	if (p == &shared_pool && p->idle == 0)
		*ret_func = server_func;
	return 0;
}

/* threads: is one needed now? */
static int start(struct pool *p, bool threads, door_server_func_t **ret_func)
{
	int r;

	(void)pthread_mutex_lock(&doors_lock);
	(void)pthread_mutex_lock(&pool_lock);
	*ret_func = NULL;
	r = poll_set_init(&p->set);
	if (r == 0 && threads)
		r = first_thread_locked(p, ret_func);
	(void)pthread_mutex_unlock(&pool_lock);
	(void)pthread_mutex_unlock(&doors_lock);
	return r;
}

int pool_start(bool threads)
{
	static atomic_bool told;
	door_server_func_t *func;
	int r = start(&shared_pool, threads, &func);

	/* Once: threads that come later are asked for by calls. */
	if (r == 0 && func && !atomic_exchange(&told, true))
		func(NULL);
	return r;
}

int pool_start_keeper(void)
{
	door_server_func_t *func;

	return start(&keeper_pool, true, &func);
}

void pool_created(const door_info_t *info)
{
	door_server_func_t *func;

	(void)pthread_mutex_lock(&pool_lock);
	func = server_func;
	(void)pthread_mutex_unlock(&pool_lock);
	if (func)
		func((door_info_t *)info);
}

struct poll_set *pool_control_set(void)
{
	return keeper_pool.set.epoll >= 0 ? &keeper_pool.set : &shared_pool.set;
}

struct poll_set *pool_shared_set(void)
{
	return pool_exists() ? &shared_pool.set : NULL;
}

bool pool_exists(void)
{
	return shared_pool.set.epoll >= 0;
}

int pool_enter(struct pool *p, struct server *s)
{
	bool gone;

	if (s->in == p && !p->private)
		return 0;
	(void)pthread_mutex_lock(&pool_lock);
	gone = p->gone;
	if (s->in)
		s->in->idle--;
	s->in = gone ? NULL : p;
	if (!gone)
		p->idle++;
	/* In one step, or a call in between would find neither. */
	if (pool_starting == p) {
		p->starting--;
		pool_starting = NULL;
	}
	(void)pthread_mutex_unlock(&pool_lock);
	return gone ? -EINVAL : 0;
}

bool pool_leave(struct server *s)
{
	struct pool *p = s->in;
	bool ok = true;

	(void)pthread_mutex_lock(&pool_lock);
	p->idle--;
	if (p->idle == 0 && grows_locked(p) && pool_grow_locked(p) < 0) {
		p->idle++;
		ok = false;
	} else {
		s->in = NULL;
	}
	(void)pthread_mutex_unlock(&pool_lock);
	return ok;
}

static void lose_locked(struct server *s)
{
	if (s->made)
		s->made->threads--;
	if (s->in)
		s->in->idle--;
	s->in = NULL;
}

void pool_lose(struct server *s)
{
	(void)pthread_mutex_lock(&pool_lock);
	lose_locked(s);
	(void)pthread_mutex_unlock(&pool_lock);
}

bool pool_retire(struct server *s)
{
	bool ok;

	(void)pthread_mutex_lock(&pool_lock);
	ok = s->made && s->made == s->in && s->in->idle > 1;
	if (ok) /* in one step, or the last two would both go */
		lose_locked(s);
	(void)pthread_mutex_unlock(&pool_lock);
	return ok;
}

int pool_patience(const struct server *s)
{
	int ms;

	(void)pthread_mutex_lock(&pool_lock);
	ms = s->made && s->in->idle > 1 ? pool_idle_ms : -1;
	(void)pthread_mutex_unlock(&pool_lock);
	return ms;
}

static void pool_started(struct pool *p)
{
	(void)pthread_mutex_lock(&pool_lock);
	p->starting--;
	(void)pthread_mutex_unlock(&pool_lock);
}

int pool_ask_thread(struct pool *p, door_info_t *info, struct xcreate_wait *wait)
{
	void *arg = xcreate_start_new(p, wait);
	int r;

	if (!arg)
		return -ENOMEM;
	(void)pthread_mutex_lock(&pool_lock);
	p->starting++;
	p->refs++;
	(void)pthread_mutex_unlock(&pool_lock);
	errno = 0;
	r = p->create(info, xcreate_start, arg, p->create_cookie);
	if (r > 0)
		return 0;
	free(arg);
	r = r == 0 ? -EPIPE : errno ? -errno : -EAGAIN;
	pool_started(p);
	pool_put(p);
	return r;
}

void pool_not_joined(struct pool *p)
{
	if (pool_starting)
		pool_started(TAKE_PTR(pool_starting));
	pool_put(p);
}

void pool_depleted(const struct door *d)
{
	struct pool *p = d->pool ? d->pool : &shared_pool;
	door_server_func_t *func = NULL;
	door_info_t info;

	if (d->name.attributes & DOOR_NO_DEPLETION_CB)
		return;
	(void)pthread_mutex_lock(&pool_lock);
	if (p->idle + p->starting > 0 || p->gone)
		p = NULL;
	else if (!p->create)
		func = server_func;
	(void)pthread_mutex_unlock(&pool_lock);
	if (!p || (!p->create && !func))
		return;
	door_describe(d, &info);
	if (p->create) {
		info.di_attributes |= DOOR_DEPLETION_CB;
		(void)pool_ask_thread(p, &info, NULL);
		return;
	}
	func(p->private ? &info : NULL);
}

door_server_func_t *door_server_create(door_server_func_t *create_proc)
{
	door_server_func_t *old;

	if (create_proc)
		(void)pool_start_keeper();
	(void)pthread_mutex_lock(&pool_lock);
	old = server_func;
	server_func = create_proc == door_default_server ? NULL : create_proc;
	(void)pthread_mutex_unlock(&pool_lock);
	return old ? old : door_default_server;
}

/* What door_server_create() returns for the library's own way: one more thread. */
void door_default_server(door_info_t *info)
{
	(void)pthread_mutex_lock(&pool_lock);
	(void)pool_grow_locked(&shared_pool);
	(void)pthread_mutex_unlock(&pool_lock);
}

int door_bind(int fd)
{
	struct handle_name name;
	struct pool *p = NULL;
	struct door *d;
	int r = -EINVAL;

	if (!handle_is_door(fd, &name)) {
		errno = EBADF;
		return -1;
	}
	(void)pthread_mutex_lock(&doors_lock);
	d = door_find_locked(fd, &name);
	if (d ? d->revoked : handle_is_dead(fd)) {
		r = -EBADF;
	} else if (d && d->pool) {
		p = d->pool;
		pool_get(p);
	}
	(void)pthread_mutex_unlock(&doors_lock);
	if (p)
		r = pool_bind(p);
	if (r < 0) {
		pool_put(p);
		errno = -r;
		return -1;
	}
	return 0;
}

int door_unbind(void)
{
	if (pool_of_thread() == &shared_pool) {
		errno = EBADF;
		return -1;
	}
	return pool_bind(NULL);
}

void pool_lock_for_fork(void)
{
	(void)pthread_mutex_lock(&pool_lock);
}

void pool_unlock_after_fork(void)
{
	(void)pthread_mutex_unlock(&pool_lock);
}

void pool_abandon(struct pool *p)
{
	if (!p)
		return;
	p->set.epoll = fd_close(p->set.epoll);
	p->wake = fd_close(p->wake);
	p->gone = true;
	pool_put(p);
}

void pool_forget(void)
{
	member_of = NULL;
	if (pool_of_thread() != &shared_pool)
		(void)pool_bind(NULL);
	pool_starting = NULL;
	shared_pool.threads = keeper_pool.threads = 0;
	shared_pool.members = keeper_pool.members = 0;
	shared_pool.idle = keeper_pool.idle = 0;
	shared_pool.set.epoll = fd_close(shared_pool.set.epoll);
	keeper_pool.set.epoll = fd_close(keeper_pool.set.epoll);
}

/* SPDX-License-Identifier: MIT */
/*
 * door_xcreate(3C): a door with a private pool whose threads the program makes one by one,
 * as the library asks for them.
 *
 * The program's function makes a thread that runs xcreate_start(); that binds it to
 * the pool and serves. door_xcreate() waits until the first ones have come that far.
 *
 * Lock: the lock of struct xcreate_wait, alone.
 */
#include "door/pool.h"

struct xcreate_wait {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	int started;
};

/* Goes with a new thread. */
struct start {
	struct pool *pool; /* a reference */
	struct xcreate_wait *wait;
};

void *xcreate_start_new(struct pool *p, struct xcreate_wait *wait)
{
	struct start *s = malloc(sizeof(*s));

	if (s)
		*s = (struct start){.pool = p, .wait = wait};
	return s;
}

/* Who waits for this thread, NULL for nobody. */
static _Thread_local struct xcreate_wait *waiting;

void xcreate_joined(void)
{
	struct xcreate_wait *wait = TAKE_PTR(waiting);

	if (!wait)
		return;
	(void)pthread_mutex_lock(&wait->lock);
	wait->started++;
	(void)pthread_cond_signal(&wait->cond);
	(void)pthread_mutex_unlock(&wait->lock);
}

void *xcreate_start(void *arg)
{
	struct start s = *(struct start *)arg;
	int r;

	free(arg);
	if (s.pool->setup) {
		s.pool->setup(s.pool->create_cookie);
	} else {
		(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
		(void)pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL);
	}
	pool_starting = s.pool;
	waiting = s.wait;
	r = pool_bind(s.pool);
	if (r == 0)
		(void)door_return(NULL, 0, NULL, 0);
	pool_not_joined(r < 0 ? s.pool : NULL);
	xcreate_joined();
	return NULL;
}

static int start_threads(int fd, struct pool *p, int n)
{
	struct xcreate_wait wait = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
	door_info_t info;
	int i, r = 0;

	if (door_info(fd, &info) < 0)
		return -errno;
	for (i = 0; i < n && r == 0; i++)
		r = pool_ask_thread(p, &info, &wait);
	n = r == 0 ? n : i - 1;
	(void)pthread_mutex_lock(&wait.lock);
	while (wait.started < n)
		(void)pthread_cond_wait(&wait.cond, &wait.lock);
	(void)pthread_mutex_unlock(&wait.lock);
	return r;
}

int door_xcreate(door_server_procedure_t *proc, void *cookie, uint_t attributes,
	door_xcreate_server_func_t *create, door_xcreate_thrsetup_func_t *setup,
	void *create_cookie, int n_threads)
{
	struct pool *p = NULL;
	int fd = FD_NONE, r = 0;

	if (!proc || !create || n_threads < 1 ||
		!door_attributes_valid(attributes & ~DOOR_NO_DEPLETION_CB))
		r = -EINVAL;
	attributes |= DOOR_PRIVATE | DOOR_PRIVCREATE;
	if (r == 0)
		r = pool_start(false);
	if (r == 0)
		r = pool_start_keeper();
	if (r == 0)
		r = pool_new(&p);
	if (r < 0) {
		errno = -r;
		return -1;
	}
	p->create = create;
	p->setup = setup;
	p->create_cookie = create_cookie;
	pool_get(p); /* the door takes one */
	r = door_new(&p->set, p, proc, cookie, attributes, &fd);
	if (r == 0)
		r = start_threads(fd, p, n_threads);
	pool_put(p);
	if (r < 0) {
		if (fd >= 0)
			(void)door_revoke(fd);
		errno = -r;
		return -1;
	}
	return fd;
}

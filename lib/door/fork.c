/* SPDX-License-Identifier: MIT */
/*
 * What fork() does to doors. A child has the parent's descriptors but none of its
 * threads. It keeps the handles that it can call, and must not keep the server's
 * side of anything: a copy of a server's end would hide the death of the server from
 * its clients, and one of a reply socket the end of a call.
 *
 * Processes of ours never fork while they have server threads; programs written for
 * illumos may. vfork and posix_spawn do not come here: their children execute
 * another program at once, and everything is close-on-exec.
 */
#include "door/channel.h"
#include "door/server.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_rwlock_t guard = PTHREAD_RWLOCK_INITIALIZER;

static void before_fork(void)
{
	(void)pthread_rwlock_wrlock(&guard);
	(void)pthread_mutex_lock(&doors_lock);
	pool_lock_for_fork();
	channels_lock_for_fork();
}

static void after_fork_parent(void)
{
	channels_unlock_after_fork();
	pool_unlock_after_fork();
	(void)pthread_mutex_unlock(&doors_lock);
	(void)pthread_rwlock_unlock(&guard);
}

static void after_fork_child(void)
{
	channels_forget();
	channels_unlock_after_fork();
	pool_unlock_after_fork();
	doors_forget();
	pool_forget();
	(void)pthread_mutex_unlock(&doors_lock);
	/* Its readers are threads that the child does not have. */
	(void)pthread_rwlock_init(&guard, NULL);
}

static void watch_forks(void)
{
	(void)pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

void fork_guard_enter(void)
{
	(void)pthread_once(&once, watch_forks);
	(void)pthread_rwlock_rdlock(&guard);
}

void fork_guard_leave(void)
{
	(void)pthread_rwlock_unlock(&guard);
}

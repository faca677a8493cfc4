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
#include "door/fork.h"
#include "door/channel.h"
#include "door/server.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Held by who forks; readers: threads that hold it up. */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t guard_free = PTHREAD_COND_INITIALIZER;
static unsigned int readers; /* guard */

void fork_begin(void)
{
	(void)pthread_mutex_lock(&guard);
	while (readers > 0)
		(void)pthread_cond_wait(&guard_free, &guard);
	(void)pthread_mutex_lock(&doors_lock);
	pool_lock_for_fork();
	channels_lock_for_fork();
}

void fork_end_parent(void)
{
	channels_unlock_after_fork();
	pool_unlock_after_fork();
	(void)pthread_mutex_unlock(&doors_lock);
	(void)pthread_mutex_unlock(&guard);
}

void fork_end_child(void)
{
	channels_forget();
	channels_unlock_after_fork();
	pool_unlock_after_fork();
	doors_forget();
	pool_forget();
	(void)pthread_mutex_unlock(&doors_lock);
	/* Who waits for it to be free are threads that the child does not have. */
	(void)pthread_cond_init(&guard_free, NULL);
	(void)pthread_mutex_unlock(&guard);
}

static void watch_forks(void)
{
	(void)pthread_atfork(fork_begin, fork_end_parent, fork_end_child);
}

void fork_guard_enter(void)
{
	(void)pthread_once(&once, watch_forks);
	(void)pthread_mutex_lock(&guard);
	readers++;
	(void)pthread_mutex_unlock(&guard);
}

void fork_guard_leave(void)
{
	(void)pthread_mutex_lock(&guard);
	if (--readers == 0)
		(void)pthread_cond_broadcast(&guard_free);
	(void)pthread_mutex_unlock(&guard);
}

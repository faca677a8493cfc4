/* SPDX-License-Identifier: MIT */
/*
 * Threads that stay at a channel after a call, because the next one may follow.
 *
 * A sleep with a time limit of its own costs each call a timer. So the library's threads sleep without
 * one, and while any of them does, a timer of the process has a look every few milliseconds:
 * a thread whose channel was not used since the last look is sent away. Without such threads
 * the timer stands still.
 *
 * Where client and server share a CPU although there are others, a call costs two switches
 * between them; the kernel leaves it at that, because they are never awake at the same
 * time. Then the thread steps aside to another CPU, and as long as that does not help more and more seldom.
 *
 * Lock: doors_lock for the timer; the rest is the thread's own, or atomic.
 */
#include "door/channel.h"
#include "door/served-channel.h"

#include <sched.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#define LOOK_NS	     10000000
#define PATIENCE_MIN 64u /* calls on one CPU until the thread steps aside */
#define PATIENCE_MAX 65536u
#define PAID_OFF     256u /* calls awake after which that was right */

static int timer = FD_NONE; /* doors_lock */
static atomic_bool running; /* the timer, or who looks because of it */
static atomic_uint staying; /* threads that may be asleep */

static void start_timer(void)
{
	const struct itimerspec in = {.it_value.tv_nsec = LOOK_NS};

	(void)timerfd_settime(timer, 0, &in, NULL);
}

static bool have_timer(void)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data.u64 = KEY_LOOK};
	struct poll_set *set = pool_shared_set();

	(void)pthread_mutex_lock(&doors_lock);
	if (timer < 0 && set) {
		timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		if (timer >= 0 && epoll_ctl(set->epoll, EPOLL_CTL_ADD, timer, &ev) < 0)
			timer = fd_close(timer);
	}
	(void)pthread_mutex_unlock(&doors_lock);
	return timer >= 0;
}

/* From now on the timer runs, or will run again. Returns false when there is none. */
static bool enter(void)
{
	(void)atomic_fetch_add(&staying, 1);
	if (atomic_load(&running))
		return true;
	if (!have_timer()) {
		(void)atomic_fetch_sub(&staying, 1);
		return false;
	}
	if (!atomic_exchange(&running, true))
		start_timer();
	return true;
}

static void leave(void)
{
	(void)atomic_fetch_sub(&staying, 1);
}

static void look_at(struct served_channel *ch)
{
	if (atomic_exchange(&ch->used, false))
		return;
	atomic_store(&ch->send_away, true);
	channel_wake(&ch->head->call);
}

void served_channels_look(void)
{
	uint64_t times;

	(void)!read(timer, &times, sizeof(times));
	(void)pthread_mutex_lock(&doors_lock);
	calls_each_channel_locked(look_at);
	(void)pthread_mutex_unlock(&doors_lock);
	if (atomic_load(&staying) == 0) {
		atomic_store(&running, false);
		/* Who has come in between has seen it running. */
		if (atomic_load(&staying) == 0 || atomic_exchange(&running, true))
			return;
	}
	start_timer();
}

void served_channels_forget(void)
{
	timer = fd_close(timer);
	atomic_store(&running, false);
	atomic_store(&staying, 0);
}

/* Leaves the CPU to the client, for another one if this thread may run there. */
static void step_aside(struct served_channel *ch)
{
	cpu_set_t all, others;
	unsigned int cpu = channel_cpu();

	ch->together = 0;
	ch->patience = ch->patience < PATIENCE_MAX ? ch->patience * 2 : PATIENCE_MAX;
	if (sched_getaffinity(0, sizeof(all), &all) < 0 || CPU_COUNT(&all) < 2)
		return;
	others = all;
	CPU_CLR(cpu, &others);
	if (sched_setaffinity(0, sizeof(others), &others) == 0)
		(void)sched_setaffinity(0, sizeof(all), &all);
}

/* Where are we, and where was the client? Returns the client's CPU. */
static uint32_t place(struct served_channel *ch, bool may_move)
{
	uint32_t client = atomic_load_explicit(&ch->head->client_cpu, memory_order_relaxed);
	uint32_t cpu = channel_cpu();

	if (ch->patience == 0)
		ch->patience = PATIENCE_MIN;
	if (cpu == client && may_move && ++ch->together >= ch->patience) {
		step_aside(ch);
		cpu = channel_cpu();
	}
	if (cpu != ch->cpu) {
		ch->cpu = cpu;
		atomic_store_explicit(&ch->head->server_cpu, cpu, memory_order_relaxed);
	}
	return client;
}

static bool stay_awake(struct served_channel *ch, uint32_t client)
{
	if (!channel_spin(&ch->spin, &ch->head->call, ch->last, client))
		return false;
	ch->together = 0;
	if (++ch->awake >= PAID_OFF) {
		ch->awake = 0;
		ch->patience = PATIENCE_MIN;
	}
	return true;
}

void served_channel_stay(struct served_channel *ch, unsigned int us, bool ours)
{
	struct channel_head *h = ch->head;
	struct timespec until;
	bool looked_at;

	if (stay_awake(ch, place(ch, ours)) || us == 0)
		return;
	ch->awake = 0;
	looked_at = ours && enter();
	if (!looked_at)
		until = channel_deadline(us);
	atomic_store(&ch->send_away, false);
	atomic_store(&ch->used, true);
	atomic_store(&h->server_waits, CHANNEL_FUTEX);
	while (!atomic_load(&ch->ended) && !atomic_load(&ch->send_away))
		if (channel_sleep(&h->call, ch->last, looked_at ? NULL : &until) != -EINTR)
			break;
	atomic_store_explicit(&h->server_waits, CHANNEL_AWAKE, memory_order_relaxed);
	if (looked_at)
		leave();
}

/* SPDX-License-Identifier: MIT */
/*
 * A boot goes through a dozen processes and two hundred wake-ups, one after the other, and most of them
 * find the other CPU asleep: in a virtual machine, or in a deep state of idleness, that is 50 to 100 us
 * each. So the kernel is asked for a latency of zero (PM QoS, /dev/cpu_dma_latency) as
 * long as zones come and go, and for 50 ms afterwards.
 *
 * The wish is the open descriptor: it ends with zoned, however that ends. It is the host's power, so one
 * thread gives it back by the clock, whatever became of the calls that asked.
 */
#include "zoned/awake.h"

#include "linux/clock.h"

#include <fcntl.h>
#include <pthread.h>

#define AWAKE_MS 50

static pthread_mutex_t awake_lock = PTHREAD_MUTEX_INITIALIZER; /* leaf */
static pthread_cond_t awake_cv;
static bool started;	       /* awake_lock, as the two below */
static int wish = FD_NONE;     /* open while the CPUs are kept awake */
static int64_t awake_until_ms; /* of clock_now_ms() */

/* The thread: sleeps while there is no wish, and then until its end, which may move on meanwhile. */
static void *give_back(void *arg)
{
	(void)pthread_mutex_lock(&awake_lock);
	for (;;) {
		int64_t left = awake_until_ms - clock_now_ms();

		if (wish < 0) {
			(void)pthread_cond_wait(&awake_cv, &awake_lock);
		} else if (left > 0) {
			struct timespec end = clock_in_ms(left);

			(void)pthread_cond_timedwait(&awake_cv, &awake_lock, &end);
		} else {
			wish = fd_close(wish);
		}
	}
	return arg;
}

int awake_start(void)
{
	pthread_condattr_t attr;
	pthread_t thread;
	int r;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&awake_cv, &attr);
	(void)pthread_condattr_destroy(&attr);
	r = pthread_create(&thread, NULL, give_back, NULL);
	if (r)
		return -r;
	(void)pthread_mutex_lock(&awake_lock);
	started = true;
	(void)pthread_mutex_unlock(&awake_lock);
	return 0;
}

/* With awake_lock. A kernel without the device, or a container without it, is as good. */
static void make_wish(void)
{
	static const int32_t usec;

	wish = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
	if (wish >= 0 && write(wish, &usec, sizeof(usec)) != (ssize_t)sizeof(usec))
		wish = fd_close(wish);
	if (wish >= 0)
		(void)pthread_cond_signal(&awake_cv);
}

void awake_extend(void)
{
	(void)pthread_mutex_lock(&awake_lock);
	awake_until_ms = clock_now_ms() + AWAKE_MS;
	if (started && wish < 0)
		make_wish();
	(void)pthread_mutex_unlock(&awake_lock);
}

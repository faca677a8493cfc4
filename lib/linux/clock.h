/* SPDX-License-Identifier: MIT */
/* The monotonic clock, for limits of time. */
#pragma once

#include "linux/util.h"

#include <time.h>

/* Milliseconds since some moment; never goes back. */
static inline int64_t clock_now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The moment in so many milliseconds, for what waits until a time of this clock. */
static inline struct timespec clock_in_ms(int64_t ms)
{
	int64_t end = clock_now_ms() + ms;

	return (struct timespec){.tv_sec = end / 1000, .tv_nsec = (long)(end % 1000) * 1000000};
}

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

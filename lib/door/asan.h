/* SPDX-License-Identifier: MIT */
/*
 * What the address sanitizer cannot see: a thread that is cancelled leaves its frames without
 * returning from them, and what marks their ends stays on the stack, where the next frames will be.
 */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#include <pthread.h>
#include <sanitizer/asan_interface.h>

static inline void asan_forget_stack(void)
{
	pthread_attr_t attr;
	void *low;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr) != 0)
		return;
	if (pthread_attr_getstack(&attr, &low, &size) == 0)
		__asan_unpoison_memory_region(low, size);
	(void)pthread_attr_destroy(&attr);
}
#else
static inline void asan_forget_stack(void)
{
}
#endif

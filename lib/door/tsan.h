/* SPDX-License-Identifier: MIT */
/*
 * What the thread sanitizer cannot see. It does not know that two mappings, or a descriptor that was
 * passed and its original, are the same: whatever a process does before it calls a door of its
 * own is ordered before what its server thread does, and the answer likewise. And it does not see
 * the locks of a thread that was cancelled inside of a system call, so that what such a thread
 * still does cannot be checked.
 */
#pragma once

#if defined(__SANITIZE_THREAD__)
void __tsan_acquire(void *address);
void __tsan_release(void *address);
void __tsan_ignore_thread_begin(void);
void __tsan_ignore_thread_end(void);
extern char tsan_order;

static inline void tsan_publish(void)
{
	__tsan_release(&tsan_order);
}

static inline void tsan_observe(void)
{
	__tsan_acquire(&tsan_order);
}

/* lock: who takes it next sees what this thread has done until now. */
static inline void tsan_look_away(void *lock)
{
	__tsan_release(lock);
	__tsan_ignore_thread_begin();
}

static inline void tsan_look_again(void)
{
	__tsan_ignore_thread_end();
}
#else
static inline void tsan_publish(void)
{
}

static inline void tsan_observe(void)
{
}

static inline void tsan_look_away(void *lock)
{
}

static inline void tsan_look_again(void)
{
}
#endif

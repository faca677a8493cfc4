/* SPDX-License-Identifier: MIT */
/*
 * Tells good pointers from bad ones without touching what they point to: two system calls that do
 * nothing else than to read or write a word where they are told.
 */
#include "door/address.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#define WORD ((uintptr_t)8)

/* Of this thread; both 0: not known. A signal handler may run elsewhere: then nothing is on it. */
static _Thread_local uintptr_t stack_low, stack_high;

void address_learn_stack(void)
{
	pthread_attr_t attr;
	void *low;
	size_t size;

	if (stack_high != 0 || pthread_getattr_np(pthread_self(), &attr) != 0)
		return;
	if (pthread_attr_getstack(&attr, &low, &size) == 0) {
		stack_low = (uintptr_t)low;
		stack_high = stack_low + size;
	}
	(void)pthread_attr_destroy(&attr);
}

/* The set is read before it is seen that there is no such command. */
static bool can_read(uintptr_t word)
{
	return syscall(SYS_rt_sigprocmask, -1, word, NULL, WORD) == 0 || errno != EFAULT;
}

/* Sets no bit of the word, atomically: who else uses it notices nothing. */
static bool can_write(uintptr_t word)
{
	uint32_t none = 0;

	return syscall(SYS_futex, &none, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, 0, word,
		       FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 0)) >= 0 ||
	       errno != EFAULT;
}

/* Asks for a word of each page. */
static bool ask(uintptr_t at, size_t size, bool (*can)(uintptr_t word))
{
	static atomic_size_t page_size;
	size_t page = atomic_load_explicit(&page_size, memory_order_relaxed);
	uintptr_t end = at + size;
	int saved = errno;
	bool good;

	if (page == 0) {
		page = (size_t)sysconf(_SC_PAGESIZE);
		atomic_store_explicit(&page_size, page, memory_order_relaxed);
	}
	do {
		good = can(at & ~(WORD - 1));
		at = (at | (page - 1)) + 1;
	} while (good && at != 0 && at < end);
	errno = saved;
	return good;
}

static bool is_good(const void *p, size_t size, bool (*can)(uintptr_t word))
{
	const uintptr_t at = (uintptr_t)p, frame = (uintptr_t)__builtin_frame_address(0);

	if (size == 0)
		return true;
	/* The first word is what the question for reading takes for none at all. */
	if (at + size < at || at < WORD)
		return false;
	if (at >= frame && at + size <= stack_high && frame >= stack_low)
		return true;
	return ask(at, size, can);
}

bool address_readable(const void *p, size_t size)
{
	return is_good(p, size, can_read);
}

bool address_writable(const void *p, size_t size)
{
	return is_good(p, size, can_write);
}

bool address_is_string(const char *s, size_t max)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), seen = 0;

	while (seen < max) {
		size_t n = page - ((uintptr_t)s + seen) % page;

		n = n < max - seen ? n : max - seen;
		if (!address_readable(s + seen, n))
			return false;
		if (memchr(s + seen, '\0', n))
			return true;
		seen += n;
	}
	return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * How the two sides of a channel wait: awake for a few microseconds while that pays, which
 * it does only when the other side runs on another CPU at the same time, then in the kernel.
 *
 * Waking a thread on another CPU costs more than ten microseconds, a look at a word a
 * tenth of one. So looking for about as long as a wake-up costs is never worse than twice
 * the best choice; that it was in vain is remembered, and it is tried less and less often.
 */
#include "door/channel.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

#define SPIN_NS	     12000u
#define BYTES_PER_NS 4u	 /* between caches */
#define SPIN_ROUND   32u /* looks between two looks at the clock */
#define SKIP_MAX     256u

unsigned int channel_cpu(void)
{
	int cpu = sched_getcpu();

	return cpu < 0 ? 0 : (unsigned int)cpu;
}

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static bool look(const _Atomic uint32_t *word, uint32_t old)
{
	unsigned int i;

	for (i = 0; i < SPIN_ROUND; i++) {
		if (atomic_load_explicit(word, memory_order_acquire) != old)
			return true;
		relax();
	}
	return false;
}

bool channel_spin(
	struct channel_spin *s, const _Atomic uint32_t *word, uint32_t old, unsigned int other_cpu)
{
	uint64_t end;

	if (atomic_load_explicit(word, memory_order_acquire) != old)
		return true;
	if (s->skip > 0) {
		s->skip--;
		return false;
	}
	if (other_cpu == channel_cpu())
		return false;
	if (look(word, old)) {
		s->misses = 0;
		return true;
	}
	end = now_ns() + SPIN_NS + s->bytes / BYTES_PER_NS;
	while (now_ns() < end)
		if (look(word, old)) {
			s->misses = 0;
			return true;
		}
	s->skip = s->misses < 8 ? 1u << s->misses : SKIP_MAX;
	s->misses++;
	return false;
}

struct timespec channel_deadline(unsigned int us)
{
	struct timespec ts;

	/* Long ones need not be exact. */
	(void)clock_gettime(us < 10000 ? CLOCK_MONOTONIC : CLOCK_MONOTONIC_COARSE, &ts);
	ts.tv_sec += us / 1000000;
	ts.tv_nsec += (long)(us % 1000000) * 1000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	return ts;
}

int channel_sleep(_Atomic uint32_t *word, uint32_t old, const struct timespec *until)
{
	/* With an absolute time a handler ends it, whether or not it has SA_RESTART. */
	long r = syscall(
		SYS_futex, word, FUTEX_WAIT_BITSET, old, until, NULL, FUTEX_BITSET_MATCH_ANY);

	return r < 0 ? -errno : 0;
}

void channel_wake(_Atomic uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

uint64_t channel_socket_id(int fd)
{
	uint64_t id = 0;
	socklen_t size = sizeof(id);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &id, &size) < 0 ? 0 : id;
}

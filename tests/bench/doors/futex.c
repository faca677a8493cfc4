/* SPDX-License-Identifier: MIT */
/*
 * Ping-pong over shared memory with two futexes and no spinning; a slot and a thread of
 * the server for each client.
 */
#include "bench.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct slot {
	_Alignas(64) _Atomic uint32_t call; /* number of calls made */
	_Alignas(64) _Atomic uint32_t done; /* and answered */
	_Alignas(64) char arg[SIZE_LARGEST];
	char reply[REPLY_SIZE];
};

static struct slot *slots, *mine;

static void prepare(void)
{
	slots = share(bench.clients * sizeof(*slots));
}

static void wake(_Atomic uint32_t *word, uint32_t value)
{
	atomic_store(word, value);
	if (syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0) < 0)
		die("futex");
}

static void wait_for(_Atomic uint32_t *word, uint32_t value)
{
	uint32_t seen;

	while ((seen = atomic_load(word)) != value)
		if (syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0) < 0 &&
			errno != EAGAIN && errno != EINTR)
			die("futex");
}

static void *serve_client(void *client)
{
	static _Thread_local char arg[SIZE_LARGEST], reply[REPLY_SIZE];
	struct slot *s = slots + *(unsigned int *)client;
	uint32_t n;

	for (n = 1;; n++) {
		wait_for(&s->call, n);
		memcpy(arg, s->arg, bench.size);
		answer(arg, reply);
		memcpy(s->reply, reply, reply_size());
		wake(&s->done, n);
	}
	return NULL;
}

static void serve(void)
{
	start_threads(serve_client, bench.clients);
}

static void connect_client(unsigned int client)
{
	mine = slots + client;
}

static void call(const char *arg, char *reply)
{
	uint32_t n = atomic_load(&mine->call) + 1;

	memcpy(mine->arg, arg, bench.size);
	wake(&mine->call, n);
	wait_for(&mine->done, n);
	memcpy(reply, mine->reply, reply_size());
}

const struct transport transport_futex = {"futex", prepare, serve, connect_client, call, NULL};

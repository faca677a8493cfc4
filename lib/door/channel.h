/* SPDX-License-Identifier: MIT */
/*
 * Channels: calls through memory that a client's thread and a server share, so that a call
 * costs no system call while both sides run (and one, the look at the descriptor).
 *
 * The server makes the memory, sealed, so that nobody can take it away from under the other.
 * Both sides can write anything into it at any time, so each keeps what it relies on in
 * memory of its own, reads every word once, and copies before it looks.
 *
 * A call: the client writes its argument, then the number of the call to `call`; the server copies
 * the argument, runs the procedure, writes the result, then the number with CHANNEL_DONE to `answer`.
 * Each side says how it waits before it looks for the last time, and the other looks at that
 * after it has written, so no wake-up is lost. Beside the memory there is a socket pair: it rings
 * when no server thread is at the channel, wakes a client that has waited for long, carries results
 * with descriptors, and its end tells each side that the other is gone.
 */
#pragma once

#include "linux/util.h"

#include <door_linux.h>
#include <stdatomic.h>

/* How a side waits for the other. */
enum channel_wait {
	CHANNEL_AWAY,	/* server: no thread is here, ring the bell (the socket) */
	CHANNEL_AWAKE,	/* looks at the word */
	CHANNEL_FUTEX,	/* sleeps on the word */
	CHANNEL_SOCKET, /* client: sleeps on the socket */
};

/* The low bits of `answer`; above them is the number of the call. */
enum channel_answer {
	CHANNEL_DONE = 1,  /* answered */
	CHANNEL_PROVE = 2, /* the server wants to know who calls: a message with a fresh socket */
	CHANNEL_GONE = 3,  /* there will be no answer */
};
#define CHANNEL_ANSWER_BITS 2
#define CHANNEL_NUMBER_MASK 0x3fffffffu

/*
 * Each line of the caches that one side writes and the other reads costs a call a tenth of a
 * microsecond or so, so what is written with each call is together, with the data if it fits.
 */
#define CHANNEL_TINY 48u

struct channel_head {
	/* Written by the client with each call. */
	_Alignas(64) _Atomic uint32_t call;
	_Atomic uint32_t argument_size;
	_Atomic uint32_t client_waits;
	_Atomic uint32_t client_cpu;
	char argument[CHANNEL_TINY];
	/* Written by the server with each call. */
	_Alignas(64) _Atomic uint32_t answer;
	_Atomic uint32_t error; /* errno of door_call(), 0: there is a result */
	_Atomic uint32_t result_size;
	_Atomic uint32_t by_socket; /* the result is a message on the socket */
	char result[CHANNEL_TINY];
	/* Written by the server when it changes, and read with each call. */
	_Alignas(64) _Atomic uint32_t server_waits;
	_Atomic uint32_t server_cpu;
	_Atomic uint32_t gone; /* no more calls: revoked, or the ids of the caller have changed */
	/* Written by the server, read when it has died. */
	_Alignas(64) _Atomic uint32_t taken; /* number of the call that a thread has taken */
};

/* What is small is in the first page, so that a channel for small calls is one page. */
#define CHANNEL_SMALL	  1024u
#define CHANNEL_SMALL_IN  1024u
#define CHANNEL_SMALL_OUT 2048u
#define CHANNEL_IN	  4096u
#define CHANNEL_OUT	  (CHANNEL_IN + DOOR_DATA_LIMIT)
#define CHANNEL_SIZE	  (CHANNEL_OUT + DOOR_DATA_LIMIT)

static inline char *channel_argument(struct channel_head *h, size_t size)
{
	if (size <= CHANNEL_TINY)
		return h->argument;
	return (char *)h + (size <= CHANNEL_SMALL ? CHANNEL_SMALL_IN : CHANNEL_IN);
}

static inline char *channel_result(struct channel_head *h, size_t size)
{
	if (size <= CHANNEL_TINY)
		return h->result;
	return (char *)h + (size <= CHANNEL_SMALL ? CHANNEL_SMALL_OUT : CHANNEL_OUT);
}

/* What one side has learned about waiting awake. */
struct channel_spin {
	uint32_t misses; /* times in a row that it was in vain */
	uint32_t skip;	 /* this often it is not tried now */
	uint32_t bytes;	 /* that the other side copies in the meantime, or did the last time */
};

unsigned int channel_cpu(void);

/*
 * Looks at word for a few microseconds until it is not old, if that has paid lately and the
 * other side was last seen on another CPU. Returns true when it has changed.
 */
bool channel_spin(
	struct channel_spin *s, const _Atomic uint32_t *word, uint32_t old, unsigned int other_cpu);

/*
 * Sleeps until word is not old, somebody wakes, a signal is caught, or the time (absolute,
 * CLOCK_MONOTONIC, NULL: never) has come. Returns 0, -EAGAIN it is not old, -EINTR, -ETIMEDOUT.
 */
int channel_sleep(_Atomic uint32_t *word, uint32_t old, const struct timespec *until);
void channel_wake(_Atomic uint32_t *word);
struct timespec channel_deadline(unsigned int us);

/* Which socket a descriptor is, as long as the host runs; 0 when it is no socket. */
uint64_t channel_socket_id(int fd);

/* --- channel-call.c --- */

/*
 * door_call() through a channel; id: which socket fd is. Returns 0, a negative errno, or CHANNEL_NONE:
 * not this way.
 */
#define CHANNEL_NONE 1
int channel_call(int fd, uint64_t id, door_arg_t *arg);
/* Around fork: the lock of the list of channels, and in the child their end. */
void channels_lock_for_fork(void);
void channels_unlock_after_fork(void);
void channels_forget(void);

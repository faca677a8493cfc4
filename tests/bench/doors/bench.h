/* SPDX-License-Identifier: MIT */
/*
 * What the transports of the door benchmark share. One process serves, each client is a process
 * with one thread; both are forked from a coordinator that has no threads.
 *
 * A call carries `size` bytes there and REPLY_SIZE back, none at all when size is 0 (transports
 * that cannot send nothing send one byte). Whatever the transport, the server has a private copy
 * of the argument before it looks at it, and answers with something made of its first and
 * last word, which the client checks.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENTS_MAX  64u
#define SIZE_LARGEST (64u * 1024u)
#define REPLY_SIZE   64u

/* The one measurement that this process makes. */
struct bench {
	unsigned int clients;
	size_t size;
	char folder[64]; /* private, for names */
};
extern struct bench bench;

struct transport {
	const char *name;
	/* In the coordinator: makes what server and clients inherit. */
	void (*prepare)(void);
	/* In the server: returns when it serves, in threads of its own. */
	void (*serve)(void);
	/* In a client. */
	void (*connect)(unsigned int client);
	/* One call; argument and reply are those of bench.size. */
	void (*call)(const char *arg, char *reply);
	/* In the server's process, at the end: does what is given up. May be NULL. */
	void (*remove)(void);
};

extern const struct transport transport_door, transport_door_ucred, transport_door_privs;
extern const struct transport transport_pipe, transport_futex;
extern const struct transport transport_seqcred, transport_seqpoll;
#ifdef HAVE_SD_BUS
extern const struct transport transport_sdbus;
#endif

/* Ends this process, and with it the measurement. */
_Noreturn void die(const char *what);

/* What the server does with a call, in every transport. reply: REPLY_SIZE bytes. */
void answer(const char *arg, char *reply);

/* Memory that processes share which are forked from this one. */
void *share(size_t size);

/* Starts threads of the server, one for each of the first clients. */
void start_threads(void *(*run)(void *client), unsigned int count);

/* Bytes that a transport sends that cannot send nothing. */
static inline size_t at_least_one(size_t n)
{
	return n ? n : 1;
}

static inline size_t reply_size(void)
{
	return bench.size ? REPLY_SIZE : 0;
}

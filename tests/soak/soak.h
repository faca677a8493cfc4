/* SPDX-License-Identifier: MIT */
/*
 * What the processes of the soak share: the message of a call, what each says of itself, random
 * numbers, patterns.
 *
 * Servers and clients are processes of one supervisor. Number 0 of each lives as long as the soak,
 * and what it holds must not grow; the others are killed at random and started again.
 */
#pragma once

#include <door.h>
#include <door_linux.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVERS 2u
#define CLIENTS 4u
#define THREADS 3u	   /* of a client, at most */
#define LARGE	(1u << 20) /* bytes, now and then: more than goes in a message */
#define DEPTH	3u	   /* of nested calls */
#define FDS_MAX 8u	   /* passed each way; now and then DOOR_DESC_LIMIT */

/* The doors of a server. */
enum kind {
	KIND_PLAIN,   /* a name of its own, shared pool, cancels */
	KIND_PRIVATE, /* a private pool, DOOR_NO_CANCEL */
	KIND_FILE,    /* over a file, DOOR_UNREF_MULTI */
	KINDS,
};

enum {
	ASK_UCRED = 1,	    /* who is the caller? */
	ASK_NEST = 2,	    /* call a door in the procedure */
	ASK_NEST_SELF = 4,  /* and that is a door of this very process */
	ASK_CALLBACK = 8,   /* the last descriptor is a door: call it */
	ASK_CANCELABLE = 16 /* may be cancelled for a while */
};

#define ASK_MAGIC  0x6b73616bu
#define TOLD_MAGIC 0x646c6f74u

/* The beginning of an argument; a pattern made of seed fills the rest. */
struct ask {
	uint32_t magic;
	uint32_t flags;
	uint64_t seed;
	uint32_t size;	/* of all of it */
	uint32_t reply; /* how large the result is to be, at least a struct told */
	uint32_t fds_back;
	uint32_t depth;
	int32_t pid; /* who asks */
	uint32_t n_fds;
};

/* The beginning of a result. */
struct told {
	uint32_t magic;
	uint32_t fds_back;
	uint64_t seed;
	uint32_t is_caller; /* ASK_UCRED: pid and user were those of the caller */
	uint32_t unused;
};

/* Seen by all. */
struct shared {
	atomic_uint rest; /* clients are to rest, for the n-th time; 0: they are to call */
	atomic_bool end;
	atomic_bool ready[SERVERS]; /* its doors have names */
	struct {
		atomic_uint rests;	     /* the rest that it is in */
		atomic_ullong good, refused; /* calls */
	} client[CLIENTS];
};

extern struct shared *shared;
extern char folder[64];

/* --- common.c, ask.c --- */

/* A small generator of random numbers; the state is any number but 0. */
uint64_t rnd(uint64_t *state);
/* From 0 to n - 1. */
unsigned int rnd_below(uint64_t *state, unsigned int n);
/* True once in n times. */
bool rnd_once_in(uint64_t *state, unsigned int n);

void fill(char *data, size_t size, uint64_t seed);
bool is_filled(const char *data, size_t size, uint64_t seed);

/* A descriptor that has a number in it, and the number. */
int number_fd(uint64_t number);
/* Reads it; the descriptor stays open. False when it is not one of these. */
bool number_read(int fd, uint64_t *ret);

/* Something is wrong: says what, and ends this process, which ends the soak. */
_Noreturn void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

void door_path(char buf[128], unsigned int server, enum kind kind);

/*
 * Makes one call of the door with random contents, and checks all of what comes back.
 * callback: a door of this process, FD_NONE for none. Returns 0, or the errno of a call
 * that failed as it may when processes are killed and signalled.
 */
int ask_door(int fd, uint64_t *state, unsigned int depth, int callback);

/* Opens a door of a server. Returns it, or -1 when there is none now. */
int open_door(unsigned int server, enum kind kind);

/* May a call fail so, when servers die? */
bool is_expected(int error);

/* --- server.c, client.c: what the processes do. They do not return. --- */
_Noreturn void run_server(unsigned int number);
_Noreturn void run_client(unsigned int number, uint64_t seed);

/* The procedure of all doors; cookie: a pointer to a descriptor of a door of this process. */
void serve_call(void *cookie, char *arg, size_t size, door_desc_t *desc, uint_t n);

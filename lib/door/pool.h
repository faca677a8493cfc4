/* SPDX-License-Identifier: MIT */
/*
 * Pools of server threads. The shared pool serves every door but those with DOOR_PRIVATE,
 * which have one each; the keeper's serves what must not wait for a thread of the program
 * (connections to names, clients that go away) once the program makes threads itself.
 *
 * The library makes the threads of the keeper, and of the shared pool unless
 * door_server_create(3C) was called; all others are the program's, and join with
 * door_return(3C).
 */
#pragma once

#include "door/server.h"

struct pool {
	struct poll_set set;
	unsigned int refs;     /* pool_lock: the door, bound threads, threads that start */
	unsigned int threads;  /* pool_lock: made by the library */
	unsigned int idle;     /* pool_lock: waiting, or about to */
	unsigned int starting; /* pool_lock: asked for with xcreate, not there yet */
	bool gone;	       /* pool_lock: its door is gone */
	int wake;	       /* private: readable when it is gone, event key 0 */
	bool private;
	unsigned int members;	/* pool_lock: threads that serve, waiting or busy */
	struct stat_door *stat; /* pool_lock: where they are shown; NULL: not a private pool */
	/* The rest is fixed when the pool is made: door_xcreate(3C). */
	door_xcreate_server_func_t *create;
	door_xcreate_thrsetup_func_t *setup;
	void *create_cookie;
};

/* A thread that serves. */
struct server {
	struct served_call *call;
	struct pool *in;   /* where it counts as idle, NULL while it is busy */
	struct pool *made; /* the library's pool that it was made for, NULL: the program's thread */
};

extern struct pool shared_pool, keeper_pool;

/* After how long a thread of the library's ends that found nothing to do; a test makes it short. */
extern int pool_idle_ms;

/* A private pool with one reference. Returns 0 or a negative errno. */
int pool_new(struct pool **ret);

/* The pool this thread is to wait in: what door_bind(3C) said, else the shared one. */
struct pool *pool_of_thread(void);
/* Binds this thread; takes over a reference to p, gives back that to the former. NULL unbinds. */
int pool_bind(struct pool *p);

/* This thread counts as idle in p now. Returns -EINVAL when p is gone. */
int pool_enter(struct pool *p, struct server *s);
/*
 * This thread is about to be busy; the library makes another one to wait where that is its part.
 * Returns false when nobody would be left to wait, and this thread still counts as idle.
 */
bool pool_leave(struct server *s);
/* Nothing to do for a while: may this thread end? */
bool pool_retire(struct server *s);
/* This thread begins to serve in p, and ends to serve: counted, for doorstat(8). */
void pool_join(struct pool *p);
void pool_part(void);
/* How long to wait for something to do, in milliseconds; -1: for ever. */
int pool_patience(const struct server *s);
/* This thread ends. */
void pool_lose(struct server *s);
/* This thread is about to run a call of d: tells the program when no thread is left. */
void pool_depleted(const struct door *d);

/* Has this process a pool to join? */
bool pool_exists(void);

/* --- asking the program for threads (door_xcreate) --- */

struct xcreate_wait;

/* Asks for one thread; wait (may be NULL) is told when it has come. */
int pool_ask_thread(struct pool *p, door_info_t *info, struct xcreate_wait *wait);
/* The pool that this thread was asked for, until it gets there. */
extern _Thread_local struct pool *pool_starting;
/* door_return() came back in such a thread: it may never have got there. p: reference to drop. */
void pool_not_joined(struct pool *p);
/* This thread has joined its pool, or failed to. */
void xcreate_joined(void);
/* What a new thread runs, and its argument, freed by it. */
void *xcreate_start(void *arg);
void *xcreate_start_new(struct pool *p, struct xcreate_wait *wait);

/* The library's own way to make a thread of the shared pool. */
void door_default_server(door_info_t *info);

/* --- thread.c --- */

void *server_thread(void *pool);

/* SPDX-License-Identifier: MIT */
/*
 * What a server shows of its doors to doorstat(8): a memfd that it writes and anybody who may
 * look at the process (root, the same user) can read through /proc/PID/fd. The reader trusts
 * nothing in it.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/* As /proc/PID/fd and /proc/PID/maps name it. */
#define STAT_MEMFD "libdoor-stat"
#define STAT_LINK  "/memfd:" STAT_MEMFD " (deleted)"

#define STAT_MAGIC    0x746174732d726f64ull
#define STAT_VERSION  1u
#define STAT_DOORS    256u /* of one process; those beyond are only counted */
#define STAT_PATH_MAX 128u

/* One door. Counters only grow while the id stays. */
struct stat_door {
	_Atomic uint64_t id;	     /* 0: nothing here */
	_Atomic uint64_t calls;	     /* that reached the procedure */
	_Atomic uint64_t ended;	     /* of them */
	_Atomic uint64_t time_ns;    /* from there to the answer, of the calls in timed */
	_Atomic uint64_t timed;	     /* calls that time_ns stands for */
	_Atomic uint64_t max_ns;     /* the longest that was measured */
	_Atomic uint32_t last_ns;    /* the latest, or UINT32_MAX */
	_Atomic uint32_t attributes; /* DOOR_* */
	_Atomic uint64_t refused;    /* calls that did not reach the procedure */
	_Atomic uint64_t unanswered; /* calls that ended without door_return() */
	_Atomic uint32_t threads;    /* of a private pool */
	uint32_t reserved[11];
	char path[STAT_PATH_MAX]; /* where it was attached last, as the server sees it; or "" */
} __attribute__((aligned(256)));

struct stat_page {
	uint64_t magic;
	uint32_t version;
	uint32_t pid;		     /* as the server sees itself */
	_Atomic uint32_t threads;    /* of the shared pool */
	_Atomic uint32_t not_listed; /* doors that found no room here */
	uint32_t reserved[58];
	struct stat_door doors[STAT_DOORS];
};

_Static_assert(sizeof(struct stat_door) == 256, "the layout is read by another program");
_Static_assert(sizeof(struct stat_page) == 256 * (1 + STAT_DOORS), "the same");

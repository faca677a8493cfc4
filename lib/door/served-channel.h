/* SPDX-License-Identifier: MIT */
/* A channel on the server's side, shared by channel-serve.c and channel-stay.c. */
#pragma once

#include "door/channel.h"
#include "door/cred.h"
#include "door/server.h"
#include "linux/pidfd.h"

struct served_channel {
	struct channel_head *head;
	bool claimed;	   /* doors_lock */
	atomic_bool ended; /* written with doors_lock: removed when nobody claims it */
	atomic_uint run;   /* enum run */
	pthread_t thread;  /* that has claimed it */
	/* Of the thread that has claimed it: */
	uint32_t last; /* the call that was taken last */
	uint32_t cpu;  /* as last told */
	bool answered; /* the last call */
	uint32_t refusals;
	struct channel_spin spin;
	uint32_t together;	     /* calls since client and server had different CPUs */
	uint32_t patience;	     /* and how many there may be */
	uint32_t awake;		     /* calls that came while it was awake */
	atomic_bool used, send_away; /* since the last look; because of it */
	/* Who has opened it, fixed. */
	struct cred_process *process; /* its thread */
	struct pidfd_ids ids;
	struct ucred sender, peer;
};

/*
 * Waits for the next call, for anything else that ends it, or until the time is over: awake
 * for a moment, then asleep for us microseconds. ours: a thread that the library has made.
 */
void served_channel_stay(struct served_channel *ch, unsigned int us, bool ours);

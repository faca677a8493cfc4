/* SPDX-License-Identifier: MIT */
/*
 * Statistics of zones by name. A provider is a function that says what there is of one zone at
 * this moment; kstat.c has the table of them, and deals with pieces and visibility.
 */
#pragma once

#include "zone/kstat-door.h"
#include "zoned/zoned.h"

struct zone;
struct kstat_sink;

/*
 * Says all kstats of a kind that belong to a zone (the global one, too), always in the same
 * order. Called with no lock held and the zone referenced, z is its id zoneid; may be called
 * again for the same zone when a reply was full.
 */
typedef void kstat_provider(struct zone *z, zoneid_t zoneid, struct kstat_sink *sink);

kstat_provider kstat_zone_misc, kstat_zone_memory, kstat_zone_caps, kstat_zone_vfs, kstat_links,
	kstat_zone_sysv, kstat_deathrow;

/* True when the caller has the next kstat already, or no room for it; it is passed over. */
bool kstat_pass(struct kstat_sink *sink);

/* A kstat is begun, gets its statistics, and ends. crtime: nanoseconds since the host was booted. */
void kstat_begin(struct kstat_sink *sink, const char *module, int instance, const char *name,
	const char *kclass, uint64_t crtime);
void kstat_number(struct kstat_sink *sink, const char *stat, uint64_t value);
void kstat_text(struct kstat_sink *sink, const char *stat, const char *value);
/* Nobody counts it on this host. */
void kstat_unknown(struct kstat_sink *sink, const char *stat);
void kstat_end(struct kstat_sink *sink);

/* A number when r is 0, unknown when it is an error. */
static inline void kstat_maybe(struct kstat_sink *sink, const char *stat, int r, uint64_t value)
{
	if (r < 0)
		kstat_unknown(sink, stat);
	else
		kstat_number(sink, stat, value);
}

/* Nanoseconds between the start of the host and the making of the zone. */
uint64_t kstat_zone_crtime(struct zone *z);

int serve_kstat_read(struct zoned_call *call);

/* ---- kstat-sample.c: what has to be looked at once a second ---- */

/* As ZSD of every zone, and a thread. */
int kstat_sample_start(void);

struct kstat_load {
	bool has_cpu, has_wait;
	uint64_t user, sys, wait; /* nanoseconds since the zone was made */
	uint32_t avenrun[3];	  /* 1, 5, 15 minutes, in 256ths */
	uint64_t percent;	  /* of one CPU over the last second */
	uint64_t percent_max;
	uint64_t above, below; /* seconds at the cpu-cap, and not */
};

/* False when there is no sample yet. */
bool kstat_load_get(struct zone *z, struct kstat_load *ret);

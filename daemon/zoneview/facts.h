/* SPDX-License-Identifier: MIT */
/*
 * What is true of one zone at this moment, of its share of the machine and what it uses of it,
 * from its control group, and what of the host is needed to show it. Nothing here waits for
 * the zone.
 */
#pragma once

#include "linux/cpu-set.h"

#define FACT_UNKNOWN UINT64_MAX

/* Bytes; FACT_UNKNOWN: this host does not count it (a limit: there is none). */
struct memory_facts {
	uint64_t host_total, host_free, host_available, host_swap, host_swap_free;
	uint64_t limit, used;
	uint64_t swap_limit, swap_used;
	uint64_t anon, file, shmem, mapped, dirty, writeback;
	uint64_t active_anon, inactive_anon, active_file, inactive_file, unevictable;
	uint64_t slab_reclaimable, slab_unreclaimable, kernel_stack, page_tables;
};

struct cpu_facts {
	struct cpu_set cpus;	      /* at least one */
	uint64_t user_usec, sys_usec; /* of all its processes since it was made */
};

struct time_facts {
	uint64_t
		uptime_ns; /* since the zone's first boot; of the host where zones have none of their own */
	uint64_t boot_epoch; /* that moment, in seconds since 1970 */
};

struct load_facts {
	char load[32]; /* "0.00 0.00 0.00" */
	uint64_t tasks;
	uint64_t last_pid; /* a number of the zone's, 0: none is known */
};

void facts_memory(const char *zone, struct memory_facts *ret);
void facts_cpu(const char *zone, struct cpu_facts *ret);
void facts_time(const char *zone, struct time_facts *ret);
/* reader: who asks, as the host numbers it; 0 when that is not known. */
void facts_load(const char *zone, pid_t reader, struct load_facts *ret);

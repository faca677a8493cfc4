/* SPDX-License-Identifier: MIT */
/* What a process of the soak holds, seen from outside. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct held {
	unsigned int descriptors;
	unsigned int mappings;
	unsigned int threads;
	unsigned int kib; /* resident memory */
};

void watch_measure(pid_t pid, struct held *ret);
/*
 * Does it hold no more than it did, but for what comes and goes? threads: of all processes of
 * the soak, now.
 */
bool watch_is_flat(pid_t pid, const struct held *base, unsigned int threads);
unsigned int watch_threads(const pid_t *pids, unsigned int n);
void watch_say(const char *who, pid_t pid);
/* Says where each thread of these processes waits. */
void watch_explain(const pid_t *pids, unsigned int n);

/*
 * Removes the folder of the soak. Returns false when there was anything in it but folders and
 * the files that doors were over.
 */
bool watch_remove(const char *folder);

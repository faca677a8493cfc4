/* SPDX-License-Identifier: MIT */
/* Which CPUs zones with dedicated-cpu get. Only arithmetic: nothing is asked or changed here. */
#pragma once

#include "linux/cpu-set.h"

struct cpu_want {
	uint64_t min, max, importance;
	struct cpu_set cpus; /* those that it has; then those that it gets */
	unsigned int count;  /* of the latter */
};

/*
 * Shares out the CPUs of `all`, of which one at least stays for everybody else. Each zone gets its minimum;
 * what is left goes to the more important first, to the earlier of two that are alike, up to
 * their maximum. A zone keeps what it has as far as it can; new ones are the last free ones, those
 * of `avoid` only when there are no others. -ENOSPC: the minimums are more than there is.
 */
int cpu_plan(
	struct cpu_want *wants, size_t n, const struct cpu_set *all, const struct cpu_set *avoid);

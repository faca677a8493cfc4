/* SPDX-License-Identifier: MIT */
/* Sets of CPUs, as the kernel writes them: "0-3,8". */
#pragma once

#include "linux/util.h"

#define CPU_SET_MAX 8192 /* CPUs of the largest kernel */

struct cpu_set {
	uint64_t bits[CPU_SET_MAX / 64];
};

/* 0, or -EINVAL for what is no list (and for CPUs that cannot be). A newline may end it. */
int cpu_set_parse(const char *text, struct cpu_set *ret);
bool cpu_set_has(const struct cpu_set *s, unsigned int cpu);
unsigned int cpu_set_count(const struct cpu_set *s);
void cpu_set_intersect(struct cpu_set *s, const struct cpu_set *other);
void cpu_set_add(struct cpu_set *s, const struct cpu_set *other);
void cpu_set_remove(struct cpu_set *s, const struct cpu_set *other);
bool cpu_set_equal(const struct cpu_set *s, const struct cpu_set *other);
/* Keeps the first n. */
void cpu_set_first(struct cpu_set *s, unsigned int n);
/* Keeps the last n. */
void cpu_set_last(struct cpu_set *s, unsigned int n);
/* Writes the list without a newline. */
void cpu_set_print(const struct cpu_set *s, FILE *out);

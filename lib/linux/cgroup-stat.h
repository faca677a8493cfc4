/* SPDX-License-Identifier: MIT */
/*
 * What a control group uses, as the kernel counts it: one number of one file of the group, in
 * the v2 hierarchy where it carries the controller, else in the controller's v1 hierarchy.
 */
#pragma once

#include "linux/cgroup.h"

/* NULL for a file: this version of the controller does not tell. key "": the file is the number. */
struct cgroup_counter {
	enum cgroup_controller controller;
	const char *file2, *key2;
	const char *file1, *key1;
};

/* 0, -EOPNOTSUPP when this host does not tell, -ENOENT when there is no such group. */
int cgroup_get(const char *rel, const struct cgroup_counter *c, uint64_t *ret);

/*
 * A number of a file of the v2 hierarchy, which is there on every host: cpu.stat is, for
 * example, whoever carries the controller. Errors as above.
 */
int cgroup_get_v2(const char *rel, const char *file, const char *key, uint64_t *ret);

/* The sum of all numbers behind a word, "rbytes=", in such a file. An empty file sums up to 0. */
int cgroup_sum_v2(const char *rel, const char *file, const char *word, uint64_t *ret);

/* SPDX-License-Identifier: MIT */
/*
 * Making, limiting, emptying and removing control groups of this instance, in
 * the v2 hierarchy and under the same names in the v1 hierarchies that carry
 * cpu, memory or pids on this host. Paths are relative to the instance's
 * subtree, as in cgroup.h. Processes and "empty" are always v2's.
 *
 * Where no v2 hierarchy is mounted, everything but cgroup_provide_v2() answers -ENOENT.
 */
#pragma once

#include "linux/cgroup.h"
#include "linux/cpu-set.h"
#include "linux/diag.h"

/*
 * Mounts the v2 hierarchy at CGROUP_OWN_MOUNT of the instance, whose folder above exists, unless this
 * host has mounted it. Every host's kernel has that hierarchy; v1's keep the controllers that they
 * carry. It stays when the caller ends. 0 or a negative errno.
 */
int cgroup_provide_v2(struct diag *d);

/*
 * Makes the instance's subtree and rel below it in every hierarchy, where they
 * do not exist, and hands the v2 controllers of the host down to the children
 * of rel, as far as the host lets us. 0 or a negative errno.
 */
int cgroup_make_parents(const char *rel, struct diag *d);

/*
 * Makes one group in every hierarchy; its parent exists in all of them. What was
 * made is removed again when one fails. -EEXIST when one of them exists already.
 */
int cgroup_make(const char *rel, struct diag *d);

/* Hands the v2 controllers that a group has down to its children. Missing ones are no error. */
void cgroup_share_controllers(const char *rel);

/*
 * Removes a group and all groups below it, in every hierarchy. No error when it
 * is not there. -EBUSY when there are processes in it.
 */
int cgroup_remove(const char *rel, struct diag *d);

/* Gives the v2 group to a user who may make groups below it, to a bounded depth, and nothing else of it. */
int cgroup_delegate(const char *rel, uid_t uid, gid_t gid);

/* Kills everything in a group and below it. A group that is not there is empty. */
int cgroup_kill(const char *rel);

/* 1 when there are processes in a group or below it, 0 when there are none (or no such group). */
int cgroup_populated(const char *rel);

/* Waits until it is empty: 0, or -ETIMEDOUT. No processor time is used meanwhile. */
int cgroup_wait_empty(const char *rel, int timeout_ms);

/*
 * Stops everything in a group and below it, or lets it go on, and waits until that is so; what
 * is frozen can still be killed. -ETIMEDOUT: something sleeps in the kernel and is not frozen
 * yet, but will be. -ENOENT.
 */
int cgroup_freeze(const char *rel, bool frozen, int timeout_ms);
/* Whether cgroup_freeze() asked for that. */
bool cgroup_frozen(const char *rel);

/* Calls fn for each process in a group and below it. */
void cgroup_walk(const char *rel, void (*fn)(pid_t pid, void *arg), void *arg);

/* How many processes are in a group and below it; 0 for a group that is not there. */
uint64_t cgroup_count(const char *rel);

/*
 * "PID (name, STATE in WCHAN), …" of what is in a group and below it, as much as fits; "" when
 * there is nothing. The state is a letter, as ps has it. For messages.
 */
void cgroup_describe(const char *rel, char *buf, size_t size);

/*
 * Writes a limit: value2 to file2 where v2 carries the controller, value1 to
 * file1 in the controller's v1 hierarchy otherwise. -EOPNOTSUPP when this host
 * has neither the controller nor the file.
 */
struct cgroup_setting {
	enum cgroup_controller controller;
	const char *file2, *value2;
	const char *file1, *value1;
};
int cgroup_set(const char *rel, const struct cgroup_setting *s);

/*
 * The CPUs that a group runs on, as a list ("0-3,6"); what is below it has at most these. -EOPNOTSUPP when
 * this host has no such controller; -EINVAL, -ERANGE, -EACCES: not CPUs of this host.
 */
int cgroup_set_cpus(const char *rel, const char *cpus);

/* The CPUs that what is in a group can run on. -EOPNOTSUPP or -ENOENT: nothing holds it to any. */
int cgroup_get_cpus(const char *rel, struct cpu_set *ret);

/*
 * Makes the CPUs of a group its own (a partition of v2): nobody else on this host runs on them, but
 * kernel threads that are bound to them. cpus are those that it has by cgroup_set_cpus(), and that the groups above
 * were offered. 0; -EOPNOTSUPP where the kernel has no such (v1,
 * v2 before Linux 6.7); -EBUSY when it does not grant them, and why as text of at most size bytes.
 */
int cgroup_own_cpus(const char *rel, const char *cpus, char *why, size_t size);

/* Lets groups below rel have such CPUs: all of those that any of them is to have. Errors as above. */
int cgroup_offer_cpus(const char *rel, const char *cpus);

/* They are everybody's again. No error when they were. */
void cgroup_disown_cpus(const char *rel);

/* Whether they are its own. */
bool cgroup_owns_cpus(const char *rel);

/*
 * Moves what is in the v2 group, and below it, to the group of v1 that has its CPUs, when those were
 * set after it had started. -EAGAIN: it forks faster than it can be moved.
 */
int cgroup_join_cpus(const char *rel);

/* True when the group lives in the v2 hierarchy's controller c (false: v1's, or nowhere). */
bool cgroup_is_v2(const char *rel, enum cgroup_controller c);

/* True when the v2 group hands controller c down to its children. */
bool cgroup_shares(const char *rel, enum cgroup_controller c);

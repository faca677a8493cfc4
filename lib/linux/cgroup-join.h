/* SPDX-License-Identifier: MIT */
/*
 * Putting a process into a group of this instance without ever taking the
 * kernel's lock over all processes, which costs a grace period (13 ms measured
 * where the rest of a zone's boot takes 5): on v2 at birth, with clone3() and
 * CLONE_INTO_CGROUP; on v1 by the process itself, single-threaded, through the
 * file "tasks". No memory is allocated; safe after fork.
 */
#pragma once

#include "linux/cgroup.h"

/* The v2 directory of a group, as a descriptor for clone3() that the caller closes. Negative errno. */
int cgroup_open_v2(const char *rel);

/*
 * The v2 directory of the group `name` below rel, which is made for that owner, as
 * cgroup_delegate() would, when it is not there. A descriptor for clone3() that the caller closes, or
 * a negative errno.
 */
int cgroup_open_below(const char *rel, const char *name, uid_t uid, gid_t gid);

/*
 * Opens rel in every v1 hierarchy that carries cpu, memory or pids, and in
 * cpuacct's where the group exists; FD_NONE elsewhere (everywhere on a pure v2
 * host). The caller closes them with cgroup_close_v1(). 0 or a negative errno.
 */
int cgroup_open_v1(const char *rel, int fds[CGROUP_CONTROLLER_COUNT]);
void cgroup_close_v1(int fds[CGROUP_CONTROLLER_COUNT]);

/* Moves the calling thread, the only one of its process, into them; the opener's rights count. */
int cgroup_enter_v1(const int fds[CGROUP_CONTROLLER_COUNT]);

/* Open, enter and close. */
int cgroup_join_v1(const char *rel);

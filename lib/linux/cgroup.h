/* SPDX-License-Identifier: MIT */
/*
 * Control groups of an instance, on v2, hybrid and v1 hosts.
 *
 * Membership ("which zone is this process in") always comes from the v2
 * hierarchy; a v1 controller hierarchy carries the same names and is only a
 * place for limits. Paths here are relative to an instance's subtree
 * (instance_cgroup()), for example "zones/web/zone".
 */
#pragma once

#include "linux/util.h"

#include <sys/types.h>

enum cgroup_controller {
	CGROUP_CPU,
	CGROUP_MEMORY,
	CGROUP_PIDS,
	CGROUP_CPUACCT,
	CGROUP_CPUSET,
	CGROUP_CONTROLLER_COUNT,
};

/* Where zoned mounts the v2 hierarchy of a host that does not, below the instance's root. */
#define CGROUP_OWN_MOUNT "/run/zones/cgroup"

/*
 * Mount point of the v2 hierarchy ("/sys/fs/cgroup", ".../unified" or our own), NULL while there is none.
 * It lives as long as the process and never changes. Threads may call it.
 */
const char *cgroup_v2_mount(void);

/* Mount point of the v1 hierarchy that carries a controller, NULL when v2 has it or nothing does. Found once. */
const char *cgroup_v1_mount(enum cgroup_controller c);

/*
 * Absolute path of a group of this instance in the v2 hierarchy (v1: of that
 * controller's), rel relative to the instance's subtree ("" is the subtree
 * itself). Returns 0, -ENAMETOOLONG, or -ENOENT when there is no such hierarchy.
 */
int cgroup_v2_path(char *buf, size_t size, const char *rel);
int cgroup_v1_path(char *buf, size_t size, enum cgroup_controller c, const char *rel);

/*
 * The v2 group of a process, as the kernel tells it in /proc/PID/cgroup, from the root of the
 * hierarchy, without a leading slash ("" is the root). The caller pins pid with a pidfd.
 * Returns 0, -ESRCH, -ENAMETOOLONG, or the error of reading /proc.
 */
int cgroup_of_pid(pid_t pid, char *buf, size_t size);

/*
 * Takes a group path of cgroup_of_pid() apart: below this instance's zones/<name>/?
 * Returns true and fills name, and rest with what follows ("zone", "zone/a", "zsched", "").
 */
bool cgroup_zone_of(const char *group, char *name, size_t name_size, const char **rest);

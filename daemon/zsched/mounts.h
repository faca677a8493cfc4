/* SPDX-License-Identifier: MIT */
/*
 * The mounts that zsched itself makes. Each runs in a child that is in the
 * host-owned mount namespace with that namespace's root as current directory,
 * and in the zone's other namespaces where it says so. Paths are relative to the current
 * directory, without a leading slash; none is followed through a symbolic link.
 */
#pragma once

#include "zsched/zsched.h"

/* Opens (O_PATH) what is at rel. Returns a descriptor or a negative errno. */
int mounts_target(const char *rel, struct diag *d);

/* Opens the directory that rel is in; *ret_name points into rel. Returns a descriptor or a negative errno. */
int mounts_parent(const char *rel, const char **ret_name, struct diag *d);

/*
 * Makes a mount point when it is missing, and the directories that it lies in: a directory (1) or an empty
 * file (2). 0 or a negative errno.
 */
int mounts_make(const char *rel, unsigned int make, uint32_t uid_base, struct diag *d);

/* Attaches a detached mount to a target that mounts_target() has opened. Returns 0 or a negative errno. */
int mounts_move(int mount, int target, const char *rel, struct diag *d);

/* Attaches a detached mount at rel. Returns 0 or a negative errno. */
int mounts_attach(int mount, const char *rel, struct diag *d);

/* /dev with its nodes, devpts, shm, mqueue (in the ipc namespace) and the console, whose pty master is returned. */
int mounts_dev(uint32_t uid_base, const struct zsched_devices_req *devices, int *ret_console,
	struct diag *d);

/* /sys and /sys/fs/cgroup. In the zone's network and cgroup namespaces. */
int mounts_sys(struct diag *d);

/* Puts the view's CPUs over those of /sys; the view is at "proc". */
int mounts_view_sys(struct diag *d);

/*
 * mounts_view_open() copies the view's files for /proc, which is to be mounted over them, and
 * mounts_view_attach() puts them over those of the kernel. fds has room for VIEW_FILE_COUNT.
 */
int mounts_view_open(int *fds, struct diag *d);
int mounts_view_attach(int *fds, struct diag *d);

/* /proc with its masks, at "proc". In the zone's pid namespace. */
int mounts_proc(struct diag *d);

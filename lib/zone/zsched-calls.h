/* SPDX-License-Identifier: MIT */
/*
 * Client side of the door of a zone's zsched, for zoned and zoneadmd: one
 * function for each command. All of them return 0 or a negative errno and put
 * zsched's line, when it sent one, into the diag (which may be NULL). -EBADF:
 * that zone has no zsched. They block for a few milliseconds, zsched_call_boot()
 * for up to half a minute, and none longer than 45 seconds (-ETIMEDOUT); none retries. Safe from any thread.
 */
#pragma once

#include "linux/diag.h"
#include "zone/zsched-door.h"

int zsched_call_getinfo(const char *zone, struct zsched_info_reply *ret, struct diag *d);

/* fds: as many as mask has bits, in the order of enum zsched_fd; the caller closes them. */
int zsched_call_getfds(const char *zone, uint32_t mask, int *fds, struct diag *d);

/* Assembles the root: fds[i] is the detached mount for req->mounts[i], cmd is filled in. Our descriptors stay open. */
int zsched_call_build(
	const char *zone, struct zsched_build_req *req, const int *fds, struct diag *d);

/*
 * The devices that the root will be built with; cmd is filled in. rules: what holds the zone to them, or FD_NONE;
 * it stays open here. -EALREADY when it is built.
 */
int zsched_call_devices(
	const char *zone, struct zsched_devices_req *req, int rules, struct diag *d);

/*
 * Starts init and returns when it has been executed; cmd is filled in. The errno is that of init's exec.
 * *ret_pidfd is FD_NONE when it has ended already.
 */
int zsched_call_boot(const char *zone, struct zsched_boot_req *req, pid_t *ret_init, int *ret_pidfd,
	struct diag *d);

/* Sets the limits of the zone's System V IPC; cmd is filled in. */
int zsched_call_ipc(const char *zone, struct zsched_ipc_req *req, struct diag *d);

/* Hands zsched a socket for the console, which takes the place of the one before. -ENOENT before BUILD. Ours stays open. */
int zsched_call_console(const char *zone, int sock, struct diag *d);

/*
 * A detached mount comes to a zone that has its root, or one that it has goes: -EBUSY when somebody
 * uses it, -ENOENT when it is not there. cmd is filled in. Our descriptor stays open.
 */
int zsched_call_mount(const char *zone, struct zsched_fs_req *req, int fd, struct diag *d);
int zsched_call_unmount(const char *zone, struct zsched_fs_req *req, struct diag *d);
/* Hands zsched what it keeps of the zone's view, n == 0: it shall let go. Ours stay open. */
int zsched_call_view(const char *zone, const int *fds, unsigned int n, struct diag *d);

/* No file system comes into the zone any more; a mount that is under way is done. */
int zsched_call_close(const char *zone, struct diag *d);

/* Tells zsched to end; it has not ended yet when this returns. */
int zsched_call_exit(const char *zone, struct diag *d);

/* Hands zsched what it is to hold for the zone's life. -EALREADY when it has something. Ours stay open. */
int zsched_call_hold(const char *zone, const int *fds, unsigned int count, struct diag *d);

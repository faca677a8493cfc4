/* SPDX-License-Identifier: MIT */
/*
 * What Linux adds to doors: names in the file system (a socket cannot be opened
 * with open(2)), calls from an event loop, and serving without server threads.
 * Nothing here shows how a call travels. For tests the environment of a client can choose:
 * DOOR_TRANSPORT=socket sends every call through the socket, DOOR_TRANSPORT=channel uses shared memory
 * from a thread's first call of a door on, else it is from the second.
 */
#ifndef ZONES_DOOR_LINUX_H
#define ZONES_DOOR_LINUX_H

#include <door.h>
#include <sys/stat.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Arguments and results up to this many bytes are sent as they are; for larger ones, of any size,
 * memory is made with each call, which costs more.
 */
#define DOOR_DATA_LIMIT (64u * 1024u)
/* Most descriptors of one call or result. */
#define DOOR_DESC_LIMIT 64u

/*
 * Gives a door that this process created a name. Whoever may write to the file
 * (mode, owner, directories above) can door_open() it. A dead door's file at
 * path is replaced; a live one is EBUSY. A door may have many names.
 * Errors: EBADF, EPERM not a door of this process, EBUSY, ENAMETOOLONG, those of bind(2).
 */
int door_attach(int fd, const char *path, mode_t mode);

/* The same below a directory descriptor, name without slashes. No symlink is followed. */
int door_attachat(int dirfd, const char *name, int fd, mode_t mode);

/* Takes a name away (unlinks it). Errors: ENOENT, EINVAL not a name that this process attached. */
int door_detach(const char *path);

/*
 * The same for a name that somebody else removed, perhaps with its directory, while this process
 * still listens: what stat(2) told of it. Nothing is unlinked. Errors: EINVAL.
 */
int door_detach_removed(dev_t dev, ino_t ino);

/*
 * Opens a door by its name; returns a close-on-exec door descriptor.
 * Errors: ENOENT, EACCES, ECONNREFUSED nobody serves it, ENAMETOOLONG, EINTR, EAGAIN (the
 * server has no descriptor to give, too many wait, or there was no answer for five seconds).
 */
int door_open(const char *path);

/*
 * A door served by the caller's own event loop: no thread is made. The loop waits
 * for POLLIN on door_pollfd() and then calls door_dispatch(), which runs the server
 * procedure for the waiting calls on the caller's thread. The procedure ends its call with
 * door_reply(), which returns (door_return() is for server threads).
 */
int door_create_unthreaded(door_server_procedure_t *proc, void *cookie, uint_t attributes);
int door_pollfd(
	void); /* one descriptor for all unthreaded doors of the process, owned by the library */
int door_dispatch(void); /* number of calls served, -1 and errno */
int door_reply(const void *data, size_t size, const door_desc_t *desc, uint_t n_desc);

/*
 * A call in two halves, for an event loop that must not block. door_call_begin()
 * sends the argument and returns a descriptor that polls POLLIN when the result
 * is there or the server is gone; door_call_finish() takes it (and closes it),
 * with the results and errors of door_call(). DOOR_RELEASE descriptors are closed by
 * door_call_begin(), whatever the server does with the call.
 */
int door_call_begin(int fd, const door_arg_t *arg);
int door_call_finish(int callfd, door_arg_t *arg);

/*
 * A descriptor (pidfd) of the caller whose request this thread serves, owned by
 * the caller of this function. Errors: EINVAL no caller, ESRCH, EMFILE.
 */
int door_client_pidfd(void);

/*
 * 1 when the caller whose request this thread serves does not wait any more: it has ended, or a
 * signal has interrupted its call; else 0. For a procedure that waits for long at a door with
 * DOOR_NO_CANCEL. Errors: EINVAL no caller.
 */
int door_client_gone(void);

/*
 * Identity of a zone's processes, kept by the kernel itself: an extended attribute of the
 * cgroup directory <cgroup v2>/<instance>/zones/<name>, written by zoned with
 * door_zone_mark() and read by every server. The text is
 * "<zoneid> <uniqid> <first uid of the map> <inode of the user namespace>".
 */
#define DOOR_ZONE_XATTR "user.zone"

struct door_zone {
	zoneid_t id;	    /* > 0 */
	uint64_t uniqid;    /* > 0 */
	uid_t uid_base;	    /* uid 0 of the zone, as the host sees it */
	ino_t userns_inode; /* 0 while the zone has no user namespace: nobody is its root then */
};

/*
 * Marks the group zones/<zonename> of this instance, which exists. Marking again replaces
 * the mark. Errors: EINVAL a name or id that cannot be, ENOENT no such group, EPERM.
 */
int door_zone_mark(
	const char *zonename, zoneid_t id, uint64_t uniqid, uid_t uid_base, ino_t userns_inode);

/* Reads a mark. Errors: EINVAL not a name, ENOENT no group, ENODATA no mark or a wrong one. */
int door_zone_read(const char *zonename, struct door_zone *ret);

#ifdef __cplusplus
}
#endif
#endif

/* SPDX-License-Identifier: MIT */
/*
 * fattach(3C) and fdetach(3C) of illumos, for doors. (There are no STREAMS, and the C library
 * has no header of this name any more.)
 */
#ifndef ZONES_STROPTS_H
#define ZONES_STROPTS_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Puts a door of this process over an existing regular file: whoever opens the file, with
 * open(2) and as its permissions allow, can call the door through that descriptor.
 * The file itself stays as it is. Symbolic links are followed. Does not block.
 * Errors: EBADF not open, or a door that is gone; EINVAL not a door, not a regular file; EPERM
 * the file is another user's, or the door another process's; EACCES no right to write to the
 * file; EBUSY there is a door over it; ENOENT, also when the user has no folder for names
 * (libdoor(3)); ENOTDIR, ELOOP, ENAMETOOLONG, EFAULT.
 */
int fattach(int fd, const char *path);

/*
 * Takes the door over a file away, also one of another process, or of one that is gone.
 * Descriptors that are open cannot call it any more. Another process's server is asked, which
 * takes five seconds at most. Errors: EINVAL no door over it; EPERM another user's file; EACCES;
 * EAGAIN no answer; EINTR; those of open(2).
 */
int fdetach(const char *path);

#ifdef __cplusplus
}
#endif
#endif

/* SPDX-License-Identifier: MIT */
/*
 * Process descriptors: what the kernel tells about a process that cannot be
 * confused with a later one of the same number. The headers of 6.1 know little
 * of it, so the constants are here, and each call says what it needs.
 */
#pragma once

#include "linux/util.h"

#include <sys/types.h>

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

/* Ids of a process at this moment, in the user namespace of the caller. */
struct pidfd_ids {
	pid_t pid; /* thread group, in our pid namespace */
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	pid_t tid;	 /* the thread, when it is the descriptor of one */
	uint64_t cgroup; /* id of its v2 group, 0: not known */
};

/* A descriptor of a running (or not yet waited for) process. Returns it, -ESRCH, -EMFILE, ... */
int pidfd_of(pid_t pid);

/*
 * A descriptor of the process at the other end of a connected AF_UNIX socket: for a
 * socketpair the one that made it. Needs 6.5. Returns it, -EOPNOTSUPP on older
 * kernels, or -ESRCH when that process is gone.
 */
int pidfd_of_peer(int sock);

/* Sends a signal to exactly that process. Returns 0 or a negative errno. */
int pidfd_signal(int pidfd, int sig);

/* 0 while the process exists (a zombie does), -ESRCH afterwards. */
int pidfd_check(int pidfd);

/* Current ids. Needs 6.13. Returns 0, -EOPNOTSUPP on older kernels, or -ESRCH. */
int pidfd_get_ids(int pidfd, struct pidfd_ids *ret);

/*
 * The inode that identifies the process's user namespace. pid is the number that pidfd
 * has here; kernels before 6.11 answer through /proc/PID/ns/user, checked under pidfd.
 * Needs the right to trace the process (CAP_SYS_PTRACE for another user's).
 * Returns 0, -EACCES, -ESRCH.
 */
int pidfd_user_namespace(int pidfd, pid_t pid, ino_t *ret);

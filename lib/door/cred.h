/* SPDX-License-Identifier: MIT */
/* What an ucred_t holds, and how it is collected. */
#pragma once

#include "linux/util.h"

#include <door_linux.h>
#include <limits.h>
#include <sys/socket.h>

#define CRED_GROUPS_MAX 65536

/* Which set of capabilities. */
enum cred_set {
	CRED_EFFECTIVE,
	CRED_PERMITTED,
	CRED_INHERITABLE,
	CRED_LIMIT,
	CRED_SETS,
};

struct ucred_s {
	pid_t pid; /* 0: not visible from here */
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	bool has_saved; /* suid and sgid are known */
	int n_groups;	/* -1: not known */
	gid_t *groups;
	bool has_caps;
	priv_set_t caps[CRED_SETS];
	zoneid_t zone; /* -1: not known */
	/*
	 * All sources told the same ids, the process existed after the last of them was
	 * read, and its user namespace is the one that its zone's processes have. Without
	 * this there are no rights.
	 */
	bool consistent;
	uid_t root;		      /* the uid that is root of the zone */
	char zsched_of[NAME_MAX + 1]; /* in zones/<this>/zsched, else empty */
};

/*
 * Fills cred for the process that made the other end of sock. sender: pid and real
 * ids from the message; peer: pid and effective ids of the reply socket. What cannot be
 * found out stays unknown and gives no rights. Returns 0, -ENOMEM, -EAGAIN (no descriptors).
 */
int cred_collect(
	struct ucred_s *cred, int sock, const struct ucred *sender, const struct ucred *peer);

/*
 * Fills cred for a process by its number. Returns 0, -ESRCH, -EACCES when /proc does not number
 * processes as this process does, -ENOMEM, -EMFILE.
 */
int cred_collect_pid(struct ucred_s *cred, pid_t pid);

/*
 * A pidfd of the process that made the other end of sock. Returns it, -ESRCH when that
 * process is gone or is not the caller any more, -EMFILE.
 */
int cred_pidfd(int sock, const struct ucred *sender, const struct ucred *peer);

/* Empties cred, which was zeroed or filled before. */
void cred_clear(struct ucred_s *cred);

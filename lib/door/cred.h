/* SPDX-License-Identifier: MIT */
/* What an ucred_t holds, and how it is collected. */
#pragma once

#include "linux/pidfd.h"
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

/* The descriptor of a caller's thread, shared by a channel and the snapshots made through it. */
struct cred_process;

struct ucred_s {
	pid_t pid; /* 0: not visible from here */
	pid_t tid; /* the thread, where it is known, else pid */
	/*
	 * The caller of a channel: its groups and its rights are looked at when they are asked
	 * for, settled once they have been. A reference. NULL: all is known from the start.
	 */
	struct cred_process *process;
	bool settled;
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

/*
 * Fills cred with ids that were asked for under p; what that does not tell is looked at by
 * cred_settle(), which gives no groups and no rights when the ids have changed.
 */
void cred_collect_ids(struct ucred_s *cred, const struct pidfd_ids *ids, struct cred_process *p);
void cred_settle(const struct ucred_s *cred);

/* Takes over pidfd, only with success. Returns 0 or -ENOMEM. */
int cred_process_new(int pidfd, struct cred_process **ret);
void cred_process_put(struct cred_process *p); /* may be NULL */
int cred_process_fd(const struct cred_process *p);

/*
 * Fills zone, root and zsched_of from the control group (group: its id, 0 when it is not known), and
 * the user namespace that a process there must have, 0 for none. own_userns: that of this process.
 */
void cred_read_zone(struct ucred_s *cred, uint64_t group, ino_t own_userns, ino_t *ret_userns);

/* Empties cred, which was zeroed or filled before. */
void cred_clear(struct ucred_s *cred);

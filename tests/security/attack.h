/* SPDX-License-Identifier: MIT */
/*
 * What the attempts of `attack` share. An attempt returns 0 when it succeeded, which is an
 * escape, or why not: a negative errno of the kernel or the daemon that refused it.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

struct attempt {
	const char *name;
	int (*fn)(void);
};

/* The lists, each ends with an empty one. */
extern const struct attempt attempts_kernel[];
extern const struct attempt attempts_files[];
extern const struct attempt attempts_mounts[];
extern const struct attempt attempts_processes[];
extern const struct attempt attempts_network[];
extern const struct attempt attempts_doors[];

/* What the host tells of itself, for attempts that look for it from inside. */
struct outside {
	const char *file;   /* absolute path of a file of the host, which no zone has */
	pid_t pid;	    /* of a daemon, as the host counts */
	const char *socket; /* abstract name that somebody outside listens at */
};
extern struct outside outside;

/* The result of a system call as that of an attempt: whatever succeeds is an escape. */
static inline int tried(long r)
{
	return r < 0 ? -errno : 0;
}

/* Can the host's file be seen from the current root and directory? */
static inline int sees_outside(void)
{
	return tried(access(outside.file, F_OK));
}

/* In a user namespace of its own, as its root with all capabilities there. 0 or -errno. */
int become_nested_root(void);

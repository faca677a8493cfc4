/* SPDX-License-Identifier: MIT */
/*
 * Detached mounts: file systems that hang from a descriptor and from nothing
 * else. One is made here, gets its flags and its id mapping, and travels to the
 * process that puts it into place; the mount table of the maker never shows it,
 * and closing the descriptor undoes it.
 *
 * Every function returns 0 or a negative errno; d (may be NULL) gets one line.
 * All need CAP_SYS_ADMIN in the user namespace of the caller's mount namespace.
 * None blocks longer than the file system behind it.
 */
#pragma once

#include <sys/mount.h>

#include "linux/diag.h"

/*
 * Clones the mount that path (below dirfd; "" is dirfd itself) is on, with path
 * as its root. path must be trusted: symlinks in it are followed, as dirfd "" is
 * the way to name what was checked before. What is mounted below path is not part of
 * it. The clone is private: nothing mounted later arrives in it.
 */
int mountfd_clone(int dirfd, const char *path, int *ret_fd, struct diag *d);

/*
 * A new, empty tmpfs. Its root has mode 0755 and belongs to uid:gid as the
 * caller's user namespace sees them. options: a comma list of what tmpfs knows
 * (size, nr_inodes, nr_blocks, mode); may be "".
 */
int mountfd_tmpfs(uid_t uid, gid_t gid, const char *options, int *ret_fd, struct diag *d);

/*
 * A file system on a block device or in an image file (mountfd-block.c). special: a descriptor of either,
 * O_PATH is enough. options: a comma list of the file system's own. An image that another mount
 * writes at the same time is the caller's to prevent.
 */
struct mountfd_block {
	bool read_only;
	const char *options;
};
int mountfd_block(
	const char *type, int special, const struct mountfd_block *b, int *ret_fd, struct diag *d);

/* The kernel's own words about what failed on a descriptor of fsopen(), when it has some. Returns err. */
int mountfd_context_error(int fs, int err, const char *what, struct diag *d);

/* Adds MOUNT_ATTR_* flags (RDONLY, NOSUID, NODEV, NOEXEC, NOSYMFOLLOW, NOATIME, NODIRATIME). */
int mountfd_set(int fd, uint64_t attrs, struct diag *d);

/*
 * Maps the owners of the mount through a user namespace: what belongs to 0 on
 * disk belongs to 0 inside. name is for the message. -EOPNOTSUPP when the file
 * system cannot be idmapped (the line says which and what to do), -EPERM when
 * the mount is idmapped already.
 */
int mountfd_idmap(int fd, int userns, const char *name, struct diag *d);

/*
 * An overlay: lower below what is written, which goes to dir/upper; dir holds the empty directories work and
 * lower as well. With a user namespace (FD_NONE: none) what belongs to 0 on disk belongs to 0
 * inside, which is owner outside (0 without one). Two overlays may share lower, never dir.
 */
int mountfd_overlay(int dir, int lower, int userns, uint32_t owner, int *ret_fd, struct diag *d);

/*
 * Takes one mount option word apart: "ro", "nodev", ... into *attrs (the
 * opposite word clears). False when the word is not a flag of mounts.
 */
bool mountfd_flag(const char *word, uint64_t *attrs);

/* A directory or a file of the host, not a file system: type lofs, bind or none. */
bool mountfd_is_bind(const char *type);

/*
 * Whether a file system of the type can be mounted with the option word: 0, or one of these. Words that are no flags
 * are known here for tmpfs and for directories; of other file systems only the kernel knows them, when they
 * are mounted.
 */
#define MOUNTFD_UNKNOWN 1 /* it has no such option */
#define MOUNTFD_VALUE	2 /* it has, and does not take the value */
int mountfd_option(const char *type, const char *word);
/* The same for tmpfs and a word that is no flag. */
int mountfd_tmpfs_option(const char *word);

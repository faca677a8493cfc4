/* SPDX-License-Identifier: MIT */
/*
 * The list of detached mounts that make up a zone's file systems, in the order
 * zsched puts them into place. Made here, sent by stage-mounts.c, and gone without
 * a trace when the descriptors are closed.
 */
#pragma once

#include "linux/diag.h"
#include "zone/zsched-door.h"
#include "zonecfg/snapshot.h"

struct mount_list {
	struct zsched_build_req *req; /* room for ZSCHED_MOUNTS_MAX mounts */
	int fds[ZSCHED_MOUNTS_MAX];
	int userns;	   /* the zone's, borrowed */
	uint32_t uid_base; /* what 0 in the zone is outside */
};

/* One file system to add. */
struct mount_wish {
	const char *
		type; /* "lofs", "bind", "none" (all the same), "tmpfs", or that of a device or image */
	const char *special; /* absolute path on the host; of no meaning for tmpfs */
	const char *dir;     /* absolute inside the zone */
	bool any_ids;	     /* without the id mapping where it is not possible */
	bool subvolume;	     /* special must be one of btrfs */
	bool no_links;	     /* special may lie where a zone's root makes the links: follow none */
};

/* Empty, with room. userns is kept, not duplicated. 0 or -ENOMEM. */
int mount_list_init(struct mount_list *l, int userns, uint32_t uid_base);
/* Closes every descriptor. */
void mount_list_fini(struct mount_list *l);

/* The zone's root at target, "/" as a rule and then first of all: root is a descriptor of its directory. */
int mount_list_add_root(struct mount_list *l, int root, const char *target, struct diag *d);
/* The same where the root is an overlay of an image; see overlay-root.h. */
int mount_list_add_overlay(
	struct mount_list *l, int overlay, const char *digest, const char *target, struct diag *d);
/*
 * options: words of mount flags (ro, nosuid, nodev, noexec, their opposites) and, for tmpfs,
 * of a device or image, its own options; NULL words end it. Device nodes never work, whatever the words say.
 * 0 or a negative errno with a line that names dir.
 */
int mount_list_add(
	struct mount_list *l, const struct mount_wish *wish, char *const *options, struct diag *d);
/* A mount that exists already, over a directory; taken over, unless it fails. */
int mount_list_add_made(struct mount_list *l, int fd, const char *dir);
/* The same as mount_list_add() with a comma list. */
int mount_list_add_text(
	struct mount_list *l, const struct mount_wish *wish, const char *options, struct diag *d);

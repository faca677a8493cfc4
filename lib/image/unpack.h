/* SPDX-License-Identifier: MIT */
/* Unpacking an archive into the root of a zone. */
#pragma once

#include "linux/diag.h"

/* Ids of a zone: what belongs to somebody else could belong to nobody in it. */
#define ZONE_IDS 65536

/*
 * A layer of an image takes away from the layers below it with ".wh." names, which may stand
 * before or behind what the layer itself has: it is read twice.
 */
enum unpack_pass {
	UNPACK_PLAIN,	  /* no layer: every name is a name */
	UNPACK_WHITEOUTS, /* only what is taken away */
	UNPACK_LAYER,	  /* the rest */
};

struct unpack {
	int fd;		    /* the archive, at its beginning */
	const char *name;   /* of the archive, for messages */
	uint64_t bytes_max; /* of what is unpacked; more is a bomb or does not fit */
	uint64_t entries_max;
	const char *diff_id; /* what the archive has for a digest without compression; or NULL */
	enum unpack_pass pass;
};

/*
 * Unpacks a tar or cpio archive, in any compression that libarchive knows without
 * another program, below the current directory: contents, owners, modes, times, access
 * lists, file capabilities, user.* attributes. Device nodes and sockets are left out.
 * Runs in a jail (see jail.h), takes a struct unpack; 0 or a negative errno with a line in d:
 * -EFBIG over a limit, -EBADMSG when it is no archive, a damaged one or another than diff_id says, -EINVAL for what a
 * root may not have.
 */
int unpack_run(void *arg, struct diag *d);

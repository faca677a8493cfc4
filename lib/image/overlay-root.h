/* SPDX-License-Identifier: MIT */
/*
 * A zone's root that is an overlay: below it an image of the store, nothing of which is
 * copied, above it what the zone has written. In the zonepath:
 *
 *	overlay/image	which image, one line: its digest
 *	overlay/upper	what differs from it
 *	overlay/work	the kernel's
 *	overlay/lower	empty, where the image is mounted when the overlay is made
 *	root		empty: there is no mount while the zone is down
 */
#pragma once

#include "image/digest.h"
#include "linux/diag.h"

#define OVERLAY_DIR	"overlay"
#define OVERLAY_NEW	"overlay.new"
#define STORE_PATH	"/var/lib/zones/images"
#define STORE_HEX(text) ((text) + sizeof("sha256:") - 1) /* the name of an image's folder */

/*
 * The overlay of a zonepath (a descriptor). 0 with its descriptor in ret_dir and the image's digest,
 * -ENOENT when the zone's root is none, or a negative errno with a line in d.
 */
int overlay_open(int zonepath, int *ret_dir, char ret_digest[DIGEST_SIZE], struct diag *d);

/* Makes what is described above, empty, as name below zonepath. 0 or a negative errno with a line in d. */
int overlay_create(int zonepath, const char *name, const char *digest, struct diag *d);

/* Opens the tree of a stored image. A descriptor, or a negative errno with a line in d: -ENOENT when it is not here. */
int overlay_image(const char *digest, struct diag *d);

/*
 * The whole root as a detached mount, for the zone whose user namespace and first id that are (FD_NONE, 0: as
 * the host sees it). dir: of overlay_open(). 0 or a negative errno with a line in d.
 */
int overlay_mount(
	int dir, const char *digest, int userns, uint32_t owner, int *ret_fd, struct diag *d);

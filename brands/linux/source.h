/* SPDX-License-Identifier: MIT */
/* Where the root of a zone comes from, and what was found there. */
#pragma once

#include "image/digest.h"
#include "linux/diag.h"
#include "image/oci.h"

enum source_kind {
	SOURCE_NONE,
	SOURCE_ARCHIVE,	  /* -a: a tar or cpio archive */
	SOURCE_DIRECTORY, /* -d */
	SOURCE_IMAGE,	  /* -i: an OCI image layout, a directory or an archive */
	SOURCE_MIRROR,	  /* -b: a suite of a Debian mirror, by debootstrap */
	SOURCE_STORED,	  /* -i with a digest: an image that is kept already */
};

struct source {
	enum source_kind kind;
	const char *path;     /* archive, directory, image with :tag, suite */
	const char *mirror;   /* NULL: debootstrap's own */
	const char *expected; /* digest that an archive must have; NULL: any */
	bool shared;	      /* an image is kept, and zones are made of it */
	/* what is found */
	char digest[DIGEST_SIZE]; /* of archive or manifest; empty for a directory and a mirror */
	uint64_t size;		  /* of the archive, or of the image's layers together; bytes */
	struct oci_image image;
};

/*
 * Each fills root, an empty directory, and blocks as long as that takes. 0 or a negative errno with
 * a line in d.
 */
int source_archive(struct source *s, int root, struct diag *d);
int source_directory(struct source *s, int root, struct diag *d);
int source_mirror(struct source *s, int root, struct diag *d);
/* Of an image that source_image_open() has opened. */
int source_image(struct source *s, int root, struct diag *d);

/* The archive's digest and size, without unpacking it. 0 or a negative errno with a line in d. */
int source_archive_digest(struct source *s, struct diag *d);
/*
 * Opens s->image and sets digest and size. An archive of a layout is unpacked in the zonepath, until
 * source_image_close(), which goes with each open, also a failed one. 0 or a negative errno with a line in d.
 */
int source_image_open(struct source *s, int zonepath, struct diag *d);
void source_image_close(struct source *s, int zonepath);

/* SPDX-License-Identifier: MIT */
/* Where the root of a zone comes from, and what was found there. */
#pragma once

#include "digest.h"
#include "linux/diag.h"
#include "oci.h"

enum source_kind {
	SOURCE_NONE,
	SOURCE_ARCHIVE,	  /* -a: a tar or cpio archive */
	SOURCE_DIRECTORY, /* -d */
	SOURCE_IMAGE,	  /* -i: an OCI image layout, a directory or an archive */
	SOURCE_MIRROR,	  /* -b: a suite of a Debian mirror, by debootstrap */
};

struct source {
	enum source_kind kind;
	const char *path;     /* archive, directory, image with :tag, suite */
	const char *mirror;   /* NULL: debootstrap's own */
	const char *expected; /* digest that an archive must have; NULL: any */
	/* what is found */
	char digest[DIGEST_SIZE]; /* of archive or manifest; empty for a directory and a mirror */
	uint64_t size;		  /* of archive or manifest, bytes */
	struct oci_image image;	  /* to be closed by the caller */
};

/* Asked between the pieces of long work: true ends it with -ECANCELED. */
bool cancelled(void);

/*
 * What may be unpacked below root: nine tenths of what is free, so that a bomb does not fill the
 * disk. 0 or a negative errno with a line in d.
 */
int source_limits(int root, uint64_t *ret_bytes, uint64_t *ret_files, struct diag *d);

/*
 * Each fills root, an empty directory, and blocks as long as that takes. 0 or a negative errno with
 * a line in d.
 */
int source_archive(struct source *s, int root, struct diag *d);
int source_directory(struct source *s, int root, struct diag *d);
/* zonepath: where an archive of a layout is unpacked; nothing of it stays. */
int source_image(struct source *s, int zonepath, int root, struct diag *d);
int source_mirror(struct source *s, int root, struct diag *d);

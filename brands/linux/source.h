/* SPDX-License-Identifier: MIT */
/* Where the root of a zone comes from, and what was found there. */
#pragma once

#include "digest.h"
#include "linux/diag.h"

enum source_kind {
	SOURCE_NONE,
	SOURCE_ARCHIVE,	  /* -a: a tar or cpio archive */
	SOURCE_DIRECTORY, /* -d */
	SOURCE_MIRROR,	  /* -b: a suite of a Debian mirror, by debootstrap */
};

struct source {
	enum source_kind kind;
	const char *path;     /* archive, directory, suite */
	const char *mirror;   /* NULL: debootstrap's own */
	const char *expected; /* digest that an archive must have; NULL: any */
	/* what is found */
	char digest[DIGEST_SIZE]; /* empty for a directory and a mirror */
	uint64_t size;		  /* of the archive, bytes */
};

/* Asked between the pieces of long work: true ends it with -ECANCELED. */
bool cancelled(void);

/*
 * Each fills root, an empty directory, and blocks as long as that takes. 0 or a negative errno with
 * a line in d.
 */
int source_archive(struct source *s, int root, struct diag *d);
int source_directory(struct source *s, int root, struct diag *d);
int source_mirror(struct source *s, int root, struct diag *d);

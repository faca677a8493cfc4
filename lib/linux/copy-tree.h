/* SPDX-License-Identifier: MIT */
/*
 * Copying what a zone consists of: contents, hard links, holes, owners, modes,
 * extended attributes (access lists and file capabilities among them), times.
 */
#pragma once

#include "linux/diag.h"

struct copy_how {
	bool (*cancelled)(
		void);	 /* asked before each file and each piece of a large one; may be NULL */
	bool no_sharing; /* every block is written anew */
	void (*copied)(void *arg, uint64_t bytes); /* told of each piece; may be NULL */
	void *arg;
};

/*
 * Copies what is below the directory from into the empty directory to, and the attributes of from
 * itself. Blocks of files are shared when the file system can (reflink), else copied in the
 * kernel. Neither crosses a mount nor follows a link. 0, -ECANCELED, or another
 * negative errno with a line in d; what was copied until then stays.
 */
int copy_tree(int from, int to, const struct copy_how *how, struct diag *d);

/*
 * The attributes of the entry name of a directory, of whatever type; "." is the directory
 * itself. 0 or a negative errno with a line that names it.
 */
int copy_attributes(int from, int to, const char *name, struct diag *d);

/* The data of an open regular file; to is empty. 0 or a negative errno. */
int copy_data(int from, int to, const struct copy_how *how);

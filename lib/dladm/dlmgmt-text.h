/* SPDX-License-Identifier: MIT */
/*
 * The text of illumos' /etc/dladm/datalink.conf, one link a line:
 *
 *	<link> TAB <attribute>=<type>,<value>;<attribute>=<type>,<value>;...
 *
 * with the types string, boolean (0 or 1) and int (64 bits); class and media are always there.
 * Before 2008 the first word of a line was the link's id and "name" an attribute. Pure functions.
 */
#pragma once

#include "dladm/dlmgmt-calls.h"
#include "linux/diag.h"

#include <stdio.h>

struct dlmgmt_text_attr {
	char name[MAXLINKATTRLEN];
	struct dlmgmt_attrval value;
};

struct dlmgmt_text_link {
	char name[MAXLINKNAMELEN];
	uint32_t old_id; /* of a line from before 2008, else 0 */
	uint32_t link_class;
	uint32_t media;
	unsigned int count;
	struct dlmgmt_text_attr attrs[DLMGMT_ATTRS_MAX]; /* without class and media */
};

/*
 * Reads a line, with or without its newline. 0; 1 when it is blank or a comment; -EINVAL and
 * one sentence that says why it cannot be used.
 */
int dlmgmt_text_read(const char *line, struct dlmgmt_text_link *ret, struct diag *d);

/*
 * Gives a line from before 2008 the form of today: names in place of the ids of other
 * links. names: those of all such lines, by id. -ENOENT and a sentence when an id has none.
 */
struct dlmgmt_text_name {
	uint32_t id;
	char name[MAXLINKNAMELEN];
};
int dlmgmt_text_upgrade(struct dlmgmt_text_link *link, const struct dlmgmt_text_name *names,
	size_t count, struct diag *d);

/* Writes one line. -EINVAL and a sentence, and nothing is written, when a value has a ';' or a newline. */
int dlmgmt_text_write(FILE *f, const struct dlmgmt_text_link *link, struct diag *d);

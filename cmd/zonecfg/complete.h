/* SPDX-License-Identifier: MIT */
/* What may stand where the cursor is: subcommands, resources, properties, values. */
#pragma once

#include "session.h"

#define CANDIDATES_MAX 256
#define CANDIDATE_SIZE 256

struct candidates {
	char names[CANDIDATES_MAX][CANDIDATE_SIZE];
	size_t n;
	size_t typed; /* bytes of the word that are there already */
	char tail;    /* what follows a whole one: ' ', '=', or 0 */
};

/* Everything that can complete the n bytes of line before the cursor. */
void complete_find(
	const struct session *s, const char *line, size_t n, struct candidates *ret_found);
/* Length of what all of them begin with; at least what is typed when there is one. */
size_t complete_common(const struct candidates *c);

/*
 * For a shell: prints what can complete the text, one in each line; of property=value the value. A
 * resource that the text begins is only looked at.
 */
void complete_print(struct session *s, const char *text);

/* ---- between the files of completion ---- */

/* Takes name when it begins with word and is not there yet. */
void complete_offer(struct candidates *c, const char *word, const char *name);
/* Files and directories that begin with word, an absolute or relative path. */
void complete_path(struct candidates *c, const char *word);
/* Names that create -t takes. */
void complete_templates(struct candidates *c, const char *word);
/* What "set property=" of the zone (RES_NONE) or of a resource may be given. */
void complete_set(const struct session *s, struct candidates *c, const char *word, enum res res,
	const char *property);
/* What "add property" of a list may be given, and, of the resource in progress, "remove". */
void complete_add(struct candidates *c, const char *word, enum res res, const char *property);
void complete_remove(
	const struct session *s, struct candidates *c, const char *word, const char *property);

/* SPDX-License-Identifier: MIT */
/* What may stand where the cursor is: subcommands, resources, properties, values. */
#pragma once

#include "session.h"

#define CANDIDATES_MAX 128

struct candidates {
	char names[CANDIDATES_MAX][ZONENAME_MAX];
	size_t n;
	size_t typed; /* bytes of the word that are there already */
	char tail;    /* what follows a whole one: ' ', '=', or 0 */
};

/* Everything that can complete the n bytes of line before the cursor. */
void complete_find(
	const struct session *s, const char *line, size_t n, struct candidates *ret_found);
/* Length of what all of them begin with; at least what is typed when there is one. */
size_t complete_common(const struct candidates *c);

/* SPDX-License-Identifier: MIT */
/* help: every word that zonecfg knows, from the tables that the commands themselves use. */
#pragma once

#include "session.h"

/* The command line of zonecfg itself. */
void help_command_line(FILE *out);
/*
 * Shows the topic in words (none: the overview), on a terminal through $PAGER when that is
 * set. Z_OK; Z_NO_ENTRY: no such topic; Z_INVAL: more than one.
 */
int help_show(char *const *words, size_t n);
/* Topics that are no word of the language, for completion; NULL behind the last. */
const char *help_topic(size_t i);

/* SPDX-License-Identifier: MIT */
/*
 * The user in the zone, and the program that is run for him. Called in the
 * child, when it is in the zone and confined.
 *
 * Linux: illumos runs the brand's user_cmd to read the passwd entry; here the
 * zone's /etc/passwd is read directly, which is what makes `zlogin zone true` quick.
 */
#pragma once

#include "zlogin/zlogin.h"

#define ACCOUNT_LINE 1024

struct account {
	char line[ACCOUNT_LINE]; /* what the strings point into */
	const char *name;
	const char *home;
	const char *shell;
};

/*
 * Takes a line of a passwd file apart when it is user's. True when it is, and
 * complete; an empty shell is /bin/sh.
 */
bool account_parse(const char *line, const char *user, struct account *ret);

/* Finds user in the passwd file at path. False when he is not there. */
bool account_find(const char *path, const char *user, struct account *ret);

/* The words with single blanks between them, malloc'd; NULL without memory. */
char *words_join(char *const *words);

/*
 * The command with %u replaced by user and %% by %, malloc'd. NULL without
 * memory, or when the name has characters that a shell would not take as a word.
 */
char *login_expand(const char *command, const char *user);

/*
 * Executes what the options ask for: the utility by the user's shell (root) or
 * by su (others), directly with -S or -i, or a login. term: value of TERM. Does not return;
 * when it cannot be executed a line goes to stderr and the exit code is 126 or 127.
 */
_Noreturn void account_exec(const struct options *o, const char *login, const char *term);

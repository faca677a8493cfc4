/* SPDX-License-Identifier: MIT */
/*
 * The words of the command language. A command ends at a semicolon or the end
 * of the line; '#' at the beginning of a word starts a comment. A word ends at a blank,
 * except inside double quotes, parentheses and brackets; blanks around '=' do not count.
 * Words keep their quotes and brackets; the value functions below take them apart.
 *
 * Linux: a backslash stands before a quote or a backslash inside quotes, so that export can
 * write every value; illumos cannot quote a quote.
 */
#pragma once

#include "linux/diag.h"

#define COMMAND_WORDS_MAX 64

struct command_line {
	char *words[COMMAND_WORDS_MAX]; /* malloc'd */
	size_t n_words;
};

/*
 * Takes the next command off *p, which then points behind it. Without words when there
 * is nothing but blanks or a comment. 0, -EINVAL (d says why) or -ENOMEM.
 */
int lexer_next(const char **p, struct command_line *ret_command, struct diag *d);
void command_line_fini(struct command_line *c);

/* Several values of a list, or the pairs of a complex value. */
struct value_list {
	char *names[COMMAND_WORDS_MAX];	 /* NULL in a list */
	char *values[COMMAND_WORDS_MAX]; /* malloc'd, without quotes */
	size_t n;
};
void value_list_fini(struct value_list *v);

/* Splits "name=value"; name is malloc'd, value points into word. 0, -EINVAL, -ENOMEM. */
int lexer_split(const char *word, char **ret_name, const char **ret_value);
/* A simple value without its quotes, malloc'd. 0, -EINVAL (a list or complex value), -ENOMEM. */
int lexer_simple(const char *raw, char **ret_text);
/* "[a,b]" or a simple value as a list of one; "[]" is empty. 0, -EINVAL, -ENOMEM. */
int lexer_list(const char *raw, struct value_list *ret_list);
/* "(name=value,...)". 0, -EINVAL, -ENOMEM. */
int lexer_complex(const char *raw, struct value_list *ret_list);

/* Prints a value so that it can be read again: in quotes when it needs them. */
void lexer_quote(FILE *out, const char *value);

/* SPDX-License-Identifier: MIT */
/* What the files of kstat share. */
#pragma once

#include "linux/util.h"
#include "zone/kstat-door.h"

#include <regex.h>

/* One part of a selection: a shell pattern, "/regular expression/", or nothing: everything. */
struct pattern {
	const char *glob; /* NULL: everything, or a regular expression */
	bool is_regex;
	regex_t regex;
};

struct selection {
	struct pattern module, instance, name, stat, kclass;
};

/* 0, or -EINVAL with why in text. The string must live as long as the pattern. */
int pattern_parse(struct pattern *p, const char *s, char *text, size_t size);
/* "module:instance:name:statistic", cut apart in place. */
int selection_parse(struct selection *s, char *operand, char *text, size_t size);

bool match_module(const struct selection *s, const char *module);
bool match_kstat(const struct selection *s, const struct kstat *k);
bool match_stat(const struct selection *s, const char *stat);

struct format {
	bool parsable, list, json, quiet;
	bool colon; /* -C: the value behind a colon, too */
};

/* Prints what is selected of a kstat; returns the number of statistics. */
unsigned int print_kstat(
	const struct format *f, const struct selection *s, const struct kstat *k, bool *first);
void print_begin(const struct format *f);
void print_end(const struct format *f);

/* SPDX-License-Identifier: MIT */
/* What info and export print. */
#pragma once

#include "session.h"

/* info [resource [prop=value ...]], or the resource in progress. Z_OK or Z_ERR (said). */
int print_info(struct session *s, char *const *words, size_t n);
/* Commands that make this configuration again. */
void print_export(struct session *s, FILE *out);
/* The configuration as one object of JSON. */
void print_json(const struct session *s, FILE *out);

/* SPDX-License-Identifier: MIT */
/* The properties of the global scope: their rules, setting and clearing. */
#pragma once

#include "session.h"

/*
 * set prop=value and clear prop in the global scope. force: also what is fixed once the zone is
 * installed, as long as it does not run. Z_OK or Z_ERR (said; nothing changed).
 */
int property_set(struct session *s, const char *name, const char *value, bool force);
int property_clear(struct session *s, const char *name);

/* Says why the rule of a property did not take a value (r) and what it would take. Z_ERR. */
int property_refuse(
	struct session *s, const char *name, const char *value, int r, const char *expected);

/* What a valid value looks like; NULL when there is nothing to say. */
const char *property_expected(const char *name);
/* Names for completion; NULL behind the last. */
const char *property_name(size_t i);

/* The global zone has limits, and nothing that a boot would need. */
bool property_allowed(const struct session *s, const char *name);

/* Aliases that are properties of the global scope come first in enum zonecfg_alias. */
#define PROPERTY_ALIASES (ALIAS_ZFS_IO_PRIORITY + 1)
/* True when an alias's limit is a number of bytes. */
bool property_alias_is_size(enum zonecfg_alias alias);

/* SPDX-License-Identifier: MIT */
/* The output of zoneadm list: a contract with scripts, so kept apart and tested. */
#pragma once

#include "zonecfg/index.h"

/* What list knows about a zone. */
struct list_row {
	zoneid_t id; /* -1 when it is not live */
	zone_state_t state;
	bool exclusive; /* ip-type */
	bool frozen;	/* only JSON tells */
	char name[ZONENAME_MAX];
	char path[1024];
	char uuid[ZONE_UUID_MAX];
	char brand[64];
	uint32_t did; /* 0: not known */
};

/* "  ID NAME ..." */
void list_print_header(FILE *f);
/* One line in columns; what is not known is "-". */
void list_print_verbose(FILE *f, const struct list_row *row);
/*
 * zoneid:zonename:state:zonepath:uuid:brand:ip-type:did, the id "-" when not live, a
 * colon in the zonepath with a backslash before it.
 */
void list_print_parsable(FILE *f, const struct list_row *row);
/* A field of it: a colon in it gets a backslash before it. */
void list_print_escaped(FILE *f, const char *s);

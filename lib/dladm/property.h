/* SPDX-License-Identifier: MIT */
/*
 * Link properties: what dladm's show-linkprop, set-linkprop and reset-linkprop
 * know. A property that persists is an attribute of its name in the link's
 * configuration; zoned loads it when the link comes up.
 */
#pragma once

#include "dladm/dladm.h"
#include "linux/diag.h"
#include "zone/zone-door.h"

#define DLADM_PROP_VALLEN 128

struct dladm_property {
	const char *name;
	bool writable;
	bool temporary_only; /* needs -t */

	/* Texts of value, default and possible values ("" prints as "--"). May block in a call to zoned. */
	int (*get)(const struct dld_linkinfo_reply *info, char value[DLADM_PROP_VALLEN],
		char def[DLADM_PROP_VALLEN], char possible[DLADM_PROP_VALLEN]);

	/*
	 * Sets the live value; text NULL resets it. Blocks in calls to zoned. Not NULL
	 * when writable. d gets zoned's own line when it sent one.
	 */
	dladm_status_t (*set)(datalink_id_t link, const char *text, struct diag *d);
};

/* NULL when there is no property of that name. */
const struct dladm_property *dladm_property_find(const char *name);

/* Walks them all in the order they are shown: 0, 1, ... until NULL. */
const struct dladm_property *dladm_property_at(unsigned int index);

/* SPDX-License-Identifier: MIT */
/*
 * Codes and states of the zone configuration, in the spelling of illumos.
 *
 * Functions of libzonecfg return Z_OK (0), one of the positive Z_* conditions
 * below, or a negative errno. zonecfg_strerror() has a text for all three.
 */
#pragma once

#include <zone.h>

#include "linux/util.h"

enum {
	Z_OK = 0,
	Z_EMPTY_DOCUMENT,  /* configuration file without a root element */
	Z_WRONG_DOC_TYPE,  /* root element is not <zone> */
	Z_BAD_PROPERTY,	   /* no such property here */
	Z_TEMP_FILE,	   /* cannot make the temporary file */
	Z_SAVING_FILE,	   /* cannot write or rename */
	Z_NO_ENTRY,	   /* no such resource in the configuration */
	Z_BOGUS_ZONE_NAME, /* not a valid zone name */
	Z_REQD_RESOURCE_MISSING,
	Z_REQD_PROPERTY_MISSING,
	Z_BAD_HANDLE,
	Z_NOMEM,
	Z_INVAL,
	Z_ACCES,
	Z_TOO_BIG, /* value too long or number too large */
	Z_MISC_FS,
	Z_NO_ZONE, /* no such zone configured */
	Z_NO_RESOURCE_TYPE,
	Z_NO_PROPERTY_TYPE,
	Z_BAD_ZONE_STATE,   /* not possible in this state of the zone */
	Z_INVALID_DOCUMENT, /* not well-formed, or not what the DTD says */
	Z_NAME_IN_USE,
	Z_UPDATING_INDEX,
	Z_LOCKING_FILE,
	Z_UNLOCKING_FILE,
	Z_SYSTEM,
	Z_INSUFFICIENT_SPEC, /* more than one resource matches */
	Z_DUPLICATE,	     /* a resource or list entry is there already */
	Z_INVALID_PROPERTY,  /* the value is not valid for the property */
	Z_BRAND_ERROR,	     /* no such brand, or its config.xml cannot be used */
	Z_INCOMPATIBLE,	     /* two settings exclude each other */
	Z_ALIAS_DISALLOW,    /* an rctl of that name was written by hand */
	Z_CLEAR_DISALLOW,    /* required property */
	Z_PRIV_PROHIBITED,
	Z_PRIV_REQUIRED,
	Z_PRIV_UNKNOWN,
	Z_NOT_APPLIED, /* valid, but this release has no means to apply it */
	Z_CHANGED,     /* somebody else wrote the file since it was read */
	Z_CODE_COUNT
};

/* One sentence, no full stop, never NULL, for Z_*, or a negative errno. */
const char *zonecfg_strerror(int code);

/* User states. Ordered: "installed and above" is a comparison. */
typedef enum zone_state {
	ZONE_STATE_CONFIGURED = 0,
	ZONE_STATE_INCOMPLETE,
	ZONE_STATE_INSTALLED,
	ZONE_STATE_READY,
	ZONE_STATE_RUNNING,
	ZONE_STATE_SHUTTING_DOWN,
	ZONE_STATE_DOWN,
	ZONE_STATE_MOUNTED,
} zone_state_t;

/* "configured" ... "mounted"; "unknown" for anything else. */
const char *zone_state_str(zone_state_t state);
/* Reverse of zone_state_str. Z_OK or Z_INVAL. */
int zone_state_parse(const char *text, zone_state_t *ret_state);

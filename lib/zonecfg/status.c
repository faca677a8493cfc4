/* SPDX-License-Identifier: MIT */
/* Texts of the Z_* codes and of the user states; see status.h. */
#include "zonecfg/status.h"

static const char *const code_text[Z_CODE_COUNT] = {
	[Z_OK] = "No error",
	[Z_EMPTY_DOCUMENT] = "Empty document",
	[Z_WRONG_DOC_TYPE] = "Not a zone configuration document",
	[Z_BAD_PROPERTY] = "No such property in this scope",
	[Z_TEMP_FILE] = "Cannot create a temporary file",
	[Z_SAVING_FILE] = "Cannot save the file",
	[Z_NO_ENTRY] = "No such entry",
	[Z_BOGUS_ZONE_NAME] = "Invalid zone name",
	[Z_REQD_RESOURCE_MISSING] = "Required resource missing",
	[Z_REQD_PROPERTY_MISSING] = "Required property missing",
	[Z_BAD_HANDLE] = "Bad handle",
	[Z_NOMEM] = "Out of memory",
	[Z_INVAL] = "Invalid argument",
	[Z_ACCES] = "Permission denied",
	[Z_TOO_BIG] = "Value too big",
	[Z_MISC_FS] = "File system error",
	[Z_NO_ZONE] = "No such zone configured",
	[Z_NO_RESOURCE_TYPE] = "No such resource type",
	[Z_NO_PROPERTY_TYPE] = "No such property type",
	[Z_BAD_ZONE_STATE] = "Invalid state for this operation",
	[Z_INVALID_DOCUMENT] = "Invalid document",
	[Z_NAME_IN_USE] = "Zone name already in use",
	[Z_UPDATING_INDEX] = "Cannot update the index",
	[Z_LOCKING_FILE] = "Cannot lock the index",
	[Z_UNLOCKING_FILE] = "Cannot unlock the index",
	[Z_SYSTEM] = "System error",
	[Z_INSUFFICIENT_SPEC] = "More than one resource matches",
	[Z_DUPLICATE] = "Already exists",
	[Z_INVALID_PROPERTY] = "Invalid property value",
	[Z_BRAND_ERROR] = "No such brand, or its configuration is not valid",
	[Z_INCOMPATIBLE] = "Settings exclude each other",
	[Z_ALIAS_DISALLOW] = "An rctl set by hand already uses this name",
	[Z_CLEAR_DISALLOW] = "A required property cannot be cleared",
	[Z_PRIV_PROHIBITED] = "Privilege not allowed in a zone",
	[Z_PRIV_REQUIRED] = "Required privilege is missing",
	[Z_PRIV_UNKNOWN] = "Unknown privilege",
	[Z_NOT_APPLIED] = "Not supported by this release",
	[Z_CHANGED] = "Changed by somebody else",
};

const char *zonecfg_strerror(int code)
{
	if (code < 0)
		return strerror(-code);
	if (code >= Z_CODE_COUNT || !code_text[code])
		return "Unknown error";
	return code_text[code];
}

static const char *const state_text[] = {
	[ZONE_STATE_CONFIGURED] = "configured",
	[ZONE_STATE_INCOMPLETE] = "incomplete",
	[ZONE_STATE_INSTALLED] = "installed",
	[ZONE_STATE_READY] = "ready",
	[ZONE_STATE_RUNNING] = "running",
	[ZONE_STATE_SHUTTING_DOWN] = "shutting_down",
	[ZONE_STATE_DOWN] = "down",
	[ZONE_STATE_MOUNTED] = "mounted",
};

const char *zone_state_str(zone_state_t state)
{
	if ((size_t)state >= ARRAY_SIZE(state_text))
		return "unknown";
	return state_text[state];
}

int zone_state_parse(const char *text, zone_state_t *ret_state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(state_text); i++) {
		if (streq(text, state_text[i])) {
			*ret_state = (zone_state_t)i;
			return Z_OK;
		}
	}
	return Z_INVAL;
}

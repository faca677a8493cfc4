/* SPDX-License-Identifier: MIT */
/* JSON by jansson; see list-json.h. */
#include "zoneadm/list-json.h"

#include <jansson.h>

/* JSON is UTF-8 and a path is bytes: those of one that is not UTF-8 become question marks. */
static json_t *text(const char *s)
{
	json_t *value = json_string(s);
	char copy[1024], *p;

	if (value || str_copy(copy, sizeof(copy), s) < 0)
		return value;
	for (p = copy; *p; p++)
		if (*p & 0x80)
			*p = '?';
	return json_string(copy);
}

static json_t *text_or_null(const char *s)
{
	return *s ? text(s) : json_null();
}

struct json_t *list_json_new(void)
{
	return json_array();
}

int list_json_add(struct json_t *array, const struct list_row *row)
{
	json_t *object = json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:b}", "zoneid",
		row->id < 0 ? json_null() : json_integer(row->id), "zonename", text(row->name),
		"state", zone_state_str(row->state), "zonepath", text(row->path), "uuid",
		text_or_null(row->uuid), "brand", text_or_null(row->brand), "ip-type",
		row->exclusive ? "excl" : "shared", "did",
		row->did || row->id == GLOBAL_ZONEID ? json_integer(row->did) : json_null(),
		"frozen", row->frozen);

	return object && json_array_append_new(array, object) == 0 ? 0 : -ENOMEM;
}

int list_json_end(struct json_t *array, FILE *f)
{
	int r = json_dumpf(array, f, JSON_INDENT(2)) < 0 || fputc('\n', f) == EOF ? -EIO : 0;

	json_decref(array);
	return r;
}

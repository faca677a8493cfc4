/* SPDX-License-Identifier: MIT */
/*
 * Columns, parsable fields and JSON; see columns.h. JSON goes out a record at a time, so
 * that a listing needs the memory of one.
 */
#include "dladm/columns.h"

#include <ctype.h>
#include <jansson.h>
#include <strings.h>

static int column_find(const struct column *table, const char *name, size_t len)
{
	int i;

	for (i = 0; table[i].name; i++)
		if (strlen(table[i].name) == len && strncasecmp(table[i].name, name, len) == 0)
			return i;
	return -1;
}

static int choose(struct columns *c, const char *fields, struct diag *d)
{
	const char *p = fields;
	size_t len;
	int i;

	for (;;) {
		len = strcspn(p, ",");
		i = column_find(c->table, p, len);
		if (i < 0)
			return diag_set(d, -EINVAL, "unknown output field '%.*s'", (int)len, p);
		if (c->count == COLUMNS_MAX)
			return diag_set(d, -EINVAL, "too many output fields");
		c->chosen[c->count++] = (unsigned int)i;
		if (!p[len])
			return 0;
		p += len + 1;
	}
}

int columns_init(struct columns *c, const struct column *table, unsigned int ndefault,
	const char *fields, enum columns_form form, struct diag *d)
{
	bool all = fields ? strcasecmp(fields, "all") == 0 : form == COLUMNS_JSON;
	unsigned int i;

	*c = (struct columns){.table = table, .form = form};
	if (form == COLUMNS_PARSABLE && !fields)
		return diag_set(d, -EINVAL, "output fields must be specified in parsable mode");
	if (form == COLUMNS_PARSABLE && all)
		return diag_set(d, -EINVAL, "output field 'all' invalid in parsable mode");
	if (fields && !all)
		return choose(c, fields, d);
	for (i = 0; i < COLUMNS_MAX && table[i].name && (all || i < ndefault); i++)
		c->chosen[c->count++] = i;
	return 0;
}

/* ---- table ---- */

/* Padded to its width, always with a gap, except behind the last. */
static void cell(const struct columns *c, unsigned int position, const char *text)
{
	int width = c->table[c->chosen[position]].width;

	if (position + 1 == c->count)
		(void)printf("%s\n", text);
	else
		(void)printf("%-*s ", width - 1, text);
}

static void print_row(struct columns *c, const char *const values[])
{
	const char *value;

	if (!c->header_done)
		for (unsigned int i = 0; i < c->count; i++)
			cell(c, i, c->table[c->chosen[i]].name);
	c->header_done = true;
	for (unsigned int i = 0; i < c->count; i++) {
		value = values[c->chosen[i]];
		cell(c, i, value && value[0] ? value : "--");
	}
}

/* ---- parsable ---- */

static void field(const char *text, bool escape)
{
	for (; *text; text++) {
		if (escape && (*text == ':' || *text == '\\'))
			(void)putchar('\\');
		(void)putchar(*text);
	}
}

static void print_fields(const struct columns *c, const char *const values[])
{
	const char *value;

	for (unsigned int i = 0; i < c->count; i++) {
		value = values[c->chosen[i]];
		field(value ? value : "", c->count > 1);
		(void)putchar(i + 1 < c->count ? ':' : '\n');
	}
}

/* ---- JSON ---- */

static void json_key(const char *name, char *buf, size_t size)
{
	size_t i;

	for (i = 0; name[i] && i + 1 < size; i++)
		buf[i] = isalnum((unsigned char)name[i]) ? (char)tolower((unsigned char)name[i])
							 : '_';
	buf[i] = '\0';
}

/* "12" or "1.5"; anything else that a number's column shows is text. */
static json_t *json_number(const char *value)
{
	size_t digits = strspn(value, "0123456789");

	if (digits && !value[digits])
		return json_integer((json_int_t)strtoull(value, NULL, 10));
	if (digits && value[digits] == '.' && isdigit((unsigned char)value[digits + 1]) &&
		!value[digits + 1 + strspn(value + digits + 1, "0123456789")])
		return json_real(strtod(value, NULL));
	return json_string(value);
}

static json_t *json_value(const struct column *column, const char *value)
{
	if (!value || !value[0] || streq(value, "?"))
		return json_null();
	return column->type == COLUMN_NUMBER ? json_number(value) : json_string(value);
}

static void print_object(struct columns *c, const char *const values[])
{
	json_t *object = json_object();
	const struct column *column;
	char key[32];

	for (unsigned int i = 0; i < c->count; i++) {
		column = &c->table[c->chosen[i]];
		json_key(column->name, key, sizeof(key));
		(void)json_object_set_new(object, key, json_value(column, values[c->chosen[i]]));
	}
	(void)fputs(c->array_open ? "," : "[", stdout);
	c->array_open = true;
	(void)json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(object);
}

void columns_print(struct columns *c, const char *const values[])
{
	switch (c->form) {
	case COLUMNS_TABLE:
		print_row(c, values);
		break;
	case COLUMNS_PARSABLE:
		print_fields(c, values);
		break;
	case COLUMNS_JSON:
		print_object(c, values);
		break;
	}
}

void columns_end(struct columns *c)
{
	if (c->form != COLUMNS_JSON)
		return;
	(void)printf("%s]\n", c->array_open ? "" : "[");
	c->array_open = false;
}

/* SPDX-License-Identifier: MIT */
/* Columns and parsable fields; see columns.h. */
#include "dladm/columns.h"

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
	const char *fields, bool parsable, struct diag *d)
{
	bool all = fields && strcasecmp(fields, "all") == 0;
	unsigned int i;

	*c = (struct columns){.table = table, .parsable = parsable};
	if (parsable && !fields)
		return diag_set(d, -EINVAL, "output fields must be specified in parsable mode");
	if (parsable && all)
		return diag_set(d, -EINVAL, "output field 'all' invalid in parsable mode");
	if (fields && !all)
		return choose(c, fields, d);
	for (i = 0; i < COLUMNS_MAX && table[i].name && (all || i < ndefault); i++)
		c->chosen[c->count++] = i;
	return 0;
}

/* Padded to its width, always with a gap, except behind the last. */
static void cell(const struct columns *c, unsigned int position, const char *text)
{
	int width = c->table[c->chosen[position]].width;

	if (position + 1 == c->count)
		(void)printf("%s\n", text);
	else
		(void)printf("%-*s ", width - 1, text);
}

static void field(const char *text, bool escape)
{
	for (; *text; text++) {
		if (escape && (*text == ':' || *text == '\\'))
			(void)putchar('\\');
		(void)putchar(*text);
	}
}

void columns_print(struct columns *c, const char *const values[])
{
	const char *value;
	unsigned int i;

	if (!c->parsable && !c->header_done)
		for (i = 0; i < c->count; i++)
			cell(c, i, c->table[c->chosen[i]].name);
	c->header_done = true;

	for (i = 0; i < c->count; i++) {
		value = values[c->chosen[i]];
		if (!c->parsable) {
			cell(c, i, value && value[0] ? value : "--");
			continue;
		}
		field(value ? value : "", c->count > 1);
		(void)putchar(i + 1 < c->count ? ':' : '\n');
	}
}

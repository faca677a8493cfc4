/* SPDX-License-Identifier: MIT */
/* The output of zoneadm list; see list-format.h. */
#include "zoneadm/list-format.h"

#include <wchar.h>

#define LIST_FORMAT "%4s %-16s %-10s %-*s %-8s %-6s\n"
#define PATH_WIDTH  30 /* columns of a terminal */

/* The width that printf(), which counts bytes, is to pad a path to. */
static int path_width(const char *path)
{
	const size_t bytes = strlen(path);
	mbstate_t state = {0};
	size_t at = 0, n;
	int columns = 0, one;
	wchar_t c;

	while (at < bytes) {
		n = mbrtowc(&c, path + at, bytes - at, &state);
		one = n <= bytes ? wcwidth(c) : -1;
		if (one < 0)
			return PATH_WIDTH; /* not text of this locale */
		columns += one;
		at += n;
	}
	return PATH_WIDTH + (int)bytes - columns;
}

static void id_text(char *buf, size_t size, zoneid_t id)
{
	if (id < 0)
		(void)str_copy(buf, size, "-");
	else
		(void)snprintf(buf, size, "%d", id);
}

void list_print_header(FILE *f)
{
	(void)fprintf(f, LIST_FORMAT, "ID", "NAME", "STATUS", PATH_WIDTH, "PATH", "BRAND", "IP");
}

void list_print_verbose(FILE *f, const struct list_row *row)
{
	char id[16];

	id_text(id, sizeof(id), row->id);
	(void)fprintf(f, LIST_FORMAT, id, row->name, zone_state_str(row->state),
		path_width(row->path), row->path, *row->brand ? row->brand : "-",
		row->exclusive ? "excl" : "shared");
}

void list_print_escaped(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == ':')
			(void)fputc('\\', f);
		(void)fputc(*s, f);
	}
}

void list_print_parsable(FILE *f, const struct list_row *row)
{
	char id[16];

	id_text(id, sizeof(id), row->id);
	(void)fprintf(f, "%s:%s:%s:", id, row->name, zone_state_str(row->state));
	list_print_escaped(f, row->path);
	(void)fprintf(f, ":%s:%s:%s:", row->uuid, row->brand, row->exclusive ? "excl" : "shared");
	if (row->did || row->id == GLOBAL_ZONEID)
		(void)fprintf(f, "%u", row->did);
	(void)fputc('\n', f);
}

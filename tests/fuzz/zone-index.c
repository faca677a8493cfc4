/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the index of zones. Whatever is in it, a change of one zone leaves every other line
 * as it was, byte for byte, and what was changed is found.
 */
#include "fuzz.h"

#include "linux/instance.h"
#include "zonecfg/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAME "fuzzed"
#define UUID "12345678-9abc-def0-1234-56789abcdef0"

static char path[512];
static char before[1 << 18], after[(1 << 18) + 4096];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const folders[] = {"etc", "etc/zones"};
	size_t i;

	for (i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), folders[i]);
		fuzz_assert(mkdir(path, 0755) == 0, path);
	}
	(void)snprintf(path, sizeof(path), "%s/etc/zones/index", fuzz_folder());
	fuzz_assert(instance_init(fuzz_folder()) == 0, "an instance");
	fuzz_beginnings = 16;
	return 0;
}

static size_t get(char *buf, size_t room)
{
	FILE *f = fopen(path, "re");
	size_t n;

	fuzz_assert(f != NULL, path);
	n = fread(buf, 1, room, f);
	(void)fclose(f);
	return n;
}

static void put(const void *data, size_t size)
{
	FILE *f = fopen(path, "we");

	fuzz_assert(f && fwrite(data, 1, size, f) == size && fclose(f) == 0, path);
}

static int check_entry(const struct zone_index_entry *e, void *arg)
{
	fuzz_assert(e->name[0] && e->state <= ZONE_STATE_INSTALLED, "an entry");
	(*(unsigned int *)arg)++;
	return 0;
}

/* The next line that is not of the zone that is changed; NULL at the end. */
static const char *next_other(const char **p, const char *end, size_t *ret_size)
{
	const char *line = *p, *nl;

	for (; line < end; line = *p) {
		nl = memchr(line, '\n', (size_t)(end - line));
		*ret_size = nl ? (size_t)(nl - line) : (size_t)(end - line);
		*p = line + *ret_size + 1;
		if (*ret_size < sizeof(NAME) || memcmp(line, NAME ":", sizeof(NAME)) != 0)
			return line;
	}
	return NULL;
}

static void check_others(size_t n_before)
{
	const char *a = before, *b = after, *x, *y;
	size_t n_after = get(after, sizeof(after)), n, m = 0;

	do {
		x = next_other(&a, before + n_before, &n);
		y = next_other(&b, after + n_after, &m);
		fuzz_assert(!x == !y, "as many other lines");
		fuzz_assert(!x || (n == m && memcmp(x, y, n) == 0), "as they were");
	} while (x);
}

/* Each change is made to what was there. */
static void change(size_t n)
{
	struct zone_index_entry e = {
		.name = NAME, .state = ZONE_STATE_CONFIGURED, .zonepath = "/zones/a:b"};
	struct zone_index_entry found;
	int r = zone_index_add(&e);

	fuzz_assert(r == Z_OK || r == Z_NAME_IN_USE, "added or there");
	check_others(n);
	if (r == Z_OK)
		fuzz_assert(zone_index_find(NAME, &found) == Z_OK &&
				    strcmp(found.zonepath, e.zonepath) == 0,
			"found");
	put(before, n);
	r = zone_index_modify(NAME, ZONE_STATE_INSTALLED, "/zones/c", UUID);
	fuzz_assert(r >= 0, "a condition");
	check_others(n);
	if (r == Z_OK)
		fuzz_assert(zone_index_find_uuid(UUID, &found) == Z_OK, "found by uuid");
	put(before, n);
	fuzz_assert(zone_index_delete(NAME) == Z_OK, "deleted");
	check_others(n);
	fuzz_assert(zone_index_find(NAME, &found) == Z_NO_ZONE, "gone");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int entries = 0;

	if (size > sizeof(before))
		return 0;
	memcpy(before, data, size);
	put(data, size);
	fuzz_assert(zone_index_iterate(check_entry, &entries) == 0, "walked");
	change(size);
	return 0;
}

void fuzz_seeds(void)
{
	static const char now[] =
		"# comment\nglobal:installed:/\n" NAME ":configured:/zones/x::more:fields\n"
		"web:installed:\"/zones/a:b\":" UUID "\nold:incomplete:/zones/old\n"
		"bad:nonsense:/x:\n:configured:/x\n";
	static const char joyent[] = "global:installed:/\n5b2cd3a1-0f44-4a0b-9d6a-3c8c1f2e7b90:"
				     "installed:/zones/5b2c:" UUID ":joyent-minimal:excl:42\n";

	fuzz_seed("now", (const uint8_t *)now, sizeof(now) - 1);
	fuzz_seed("joyent", (const uint8_t *)joyent, sizeof(joyent) - 1);
}

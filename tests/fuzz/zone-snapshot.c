/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the flat snapshot of a zone that runs, which zoneadmd reads. What can be read is
 * written as what is read as the same.
 */
#include "fuzz.h"

#include "zonecfg/snapshot.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zone_snapshot s, again;
	char *text = NULL, *second = NULL;
	struct diag d = {0};
	size_t n, m;
	int r;

	zone_snapshot_init(&s);
	zone_snapshot_init(&again);
	r = zone_snapshot_parse((const char *)data, size, &s, &d);
	fuzz_assert(r == 0 || (d.text[0] && !strchr(d.text, '\n')), "one line");
	if (r == 0 && zone_snapshot_format(&s, &text, &n) == 0) {
		fuzz_assert(zone_snapshot_parse(text, n, &again, &d) == 0, "read again");
		fuzz_assert(zone_snapshot_format(&again, &second, &m) == 0 && n == m &&
				    memcmp(text, second, n) == 0,
			"the same");
	}
	free(text);
	free(second);
	zone_snapshot_fini(&again);
	zone_snapshot_fini(&s);
	return 0;
}

void fuzz_seeds(void)
{
	struct snapshot_attr attr = {"comment", "string", "a b"};
	struct snapshot_privilege privilege = {"default", "proc_fork"};
	struct zone_snapshot s;
	char *text = NULL;
	size_t size;

	zone_snapshot_init(&s);
	s.name = "web";
	s.zonepath = "/zones/web";
	s.brand = "sparse";
	s.attrs = &attr;
	s.n_attrs = 1;
	s.privileges = &privilege;
	s.n_privileges = 1;
	fuzz_assert(zone_snapshot_format(&s, &text, &size) == 0, "a snapshot");
	fuzz_seed("web", (const uint8_t *)text, size);
	free(text);
}

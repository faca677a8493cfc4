/* SPDX-License-Identifier: MIT */
/*
 * The stage "inner-index": the tools work inside a zone because it has an index
 * with one line, its own, whose zonepath is "/".
 */
#include "zoneadmd/inner-index.h"

#include "zoneadmd/root-file.h"
#include "zoneadmd/stages.h"

int inner_index_write(int root, const char *zone, const char *uuid, struct diag *d)
{
	char line[256];
	int r;

	(void)snprintf(line, sizeof(line), "%s:installed:/:%s\n", zone, uuid);
	r = root_file_write(root, "etc/zones", "index", line);
	return r < 0 ? diag_errno(d, r, "cannot write /etc/zones/index of the zone") : 0;
}

int inner_index_up(struct platform *p, struct diag *d)
{
	return inner_index_write(p->path.root, p->zone, p->snap.uuid, d);
}

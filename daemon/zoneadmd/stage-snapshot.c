/* SPDX-License-Identifier: MIT */
/*
 * The stage "snapshot": the configuration at this moment, validated and made flat by the
 * program zone-snapshot, so that later edits do not touch a live zone and this
 * daemon needs no XML. The zonepath is checked here too, at every bring-up.
 */
#include "zoneadmd/stages.h"

#include <limits.h>

#include "linux/instance.h"
#include "zoneadmd/run.h"

static int snapshot_path(const struct platform *p, char *buf, size_t size)
{
	return instance_path(buf, size, INSTANCE_RUN "/%s.snapshot", p->zone);
}

int snapshot_load(struct platform *p, struct diag *d)
{
	char path[PATH_MAX];
	int r;

	if (p->have_snap)
		return 0;
	r = snapshot_path(p, path, sizeof(path));
	if (!r)
		r = zone_snapshot_read(path, &p->snap, d);
	if (r < 0)
		return r;
	if (!streq(p->snap.name, p->zone)) {
		zone_snapshot_fini(&p->snap);
		return diag_set(d, -EBADMSG, "'%s' is not the snapshot of this zone", path);
	}
	p->have_snap = true;
	return 0;
}

bool platform_remains(const struct platform *p)
{
	char path[PATH_MAX];

	return snapshot_path(p, path, sizeof(path)) == 0 && access(path, F_OK) == 0;
}

int snapshot_up(struct platform *p, struct diag *d)
{
	char program[PATH_MAX], path[PATH_MAX];
	char *argv[] = {program, (char *)p->zone, path, NULL};
	int r;

	r = snapshot_path(p, path, sizeof(path));
	if (!r)
		r = instance_program(program, sizeof(program), "zone-snapshot");
	if (r < 0)
		return r;
	zone_snapshot_fini(&p->snap);
	p->have_snap = false;
	r = run_program(argv, p->report);
	if (r)
		return diag_set(d, r < 0 ? r : -EINVAL, "cannot make the configuration snapshot");
	r = snapshot_load(p, d);
	if (r < 0)
		return r;
	zonepath_fini(&p->path);
	return zonepath_open(p->snap.zonepath, &p->path, d);
}

/* The snapshot in memory stays: hooks that run afterwards come from it. */
int snapshot_down(struct platform *p, struct diag *d)
{
	char path[PATH_MAX];
	int r;

	r = snapshot_path(p, path, sizeof(path));
	if (r < 0)
		return r;
	if (unlink(path) < 0 && errno != ENOENT)
		return diag_errno(d, -errno, "cannot remove '%s'", path);
	return 0;
}

bool snapshot_probe(struct platform *p)
{
	return snapshot_load(p, NULL) == 0;
}

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

/* Of the configuration as it is now, into a file. */
static int make(const struct platform *p, char *path, struct diag *d)
{
	_cleanup_(zone_environ_freep) char **envp = NULL;
	struct zone_snapshot none;
	char program[PATH_MAX];
	char *argv[] = {program, (char *)p->zone, path, NULL};
	int r = instance_program(program, sizeof(program), "zone-snapshot");

	zone_snapshot_init(&none);
	if (r == 0)
		r = zone_snapshot_environ(&none, p->debug, &envp);
	if (r < 0)
		return r;
	r = run_program_with(argv, envp, p->report);
	return r ? diag_set(d, r < 0 ? r : -EINVAL, "cannot make the configuration snapshot") : 0;
}

int snapshot_now(const struct platform *p, struct zone_snapshot *ret, struct diag *d)
{
	char path[PATH_MAX];
	int r = instance_path(path, sizeof(path), INSTANCE_RUN "/%s.snapshot.new", p->zone);

	if (r < 0)
		return r;
	r = make(p, path, d);
	if (!r)
		r = zone_snapshot_read(path, ret, d);
	(void)unlink(path);
	return r;
}

int snapshot_store(const struct platform *p, const struct zone_snapshot *s, struct diag *d)
{
	char path[PATH_MAX];
	int r = snapshot_path(p, path, sizeof(path));

	return r < 0 ? r : zone_snapshot_write(path, s, d);
}

int snapshot_up(struct platform *p, struct diag *d)
{
	char path[PATH_MAX];
	int r;

	r = snapshot_path(p, path, sizeof(path));
	if (r < 0)
		return r;
	zone_snapshot_fini(&p->snap);
	p->have_snap = false;
	r = make(p, path, d);
	if (!r)
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

/* SPDX-License-Identifier: MIT */
/*
 * The stage "snapshot": the configuration at this moment, validated and made flat, so that later
 * edits do not touch a live zone. The zonepath is checked here too, at every bring-up.
 */
#include "zoneadmd/stages.h"

#include <limits.h>

#include "brand/brand.h"
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

static void report_problem(void *arg, int code, const char *text)
{
	report_line(arg, "%s%s", code ? "" : "WARNING: ", text);
}

static int query_brand(void *arg, const char *command, char *const envp[],
	int (*add)(void *add_arg, const char *line), void *add_arg)
{
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)(uintptr_t)command, NULL};
	int r = run_program_lines(argv, envp, add, add_arg, arg);

	return r > 0 || r == -EINTR ? 1 : r;
}

int snapshot_now(const struct platform *p, struct zone_snapshot *ret, struct diag *d)
{
	const struct brand_freeze how = {.report = report_problem,
		.query = query_brand,
		.arg = p->report,
		.debug = p->debug};
	struct diag why = {0};
	int r = brand_freeze(p->zone, &how, ret, &why);

	if (!r)
		return 0;
	if (why.text[0])
		report_line(p->report, "%s", why.text);
	return diag_set(d, r < 0 ? r : -EINVAL, "cannot make the configuration snapshot");
}

int snapshot_store(const struct platform *p, const struct zone_snapshot *s, struct diag *d)
{
	char path[PATH_MAX];
	int r = snapshot_path(p, path, sizeof(path));

	return r < 0 ? r : zone_snapshot_write(path, s, d);
}

int snapshot_up(struct platform *p, struct diag *d)
{
	int r;

	zone_snapshot_fini(&p->snap);
	p->have_snap = false;
	r = snapshot_now(p, &p->snap, d);
	if (r < 0)
		return r;
	p->have_snap = true;
	r = snapshot_store(p, &p->snap, d);
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

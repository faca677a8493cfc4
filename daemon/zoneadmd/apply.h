/* SPDX-License-Identifier: MIT */
/*
 * Z_APPLY: a running zone is brought to its edited configuration. What can be changed in a
 * running zone is; for the rest there is a line that says so. Compared is with the zone
 * itself, not with what was applied last time, so that an apply which failed half way is just
 * made again.
 */
#pragma once

#include "zoneadmd/platform.h"

/*
 * Changes what can be changed, and reports a line for what waits for the next boot. The first
 * step that fails ends it, reported; what was done before stays. 0 or a negative errno.
 */
int apply_changes(struct platform *p);
/* Reports a line for each difference and changes nothing. */
int apply_show(struct platform *p);

/* ---- between the files of apply ---- */

struct apply {
	struct platform *p;
	struct zone_snapshot want;
	bool dry;
};

/* What is, or in a dry run would be, done: to whoever asked in a dry run, else to the zone's log. */
void apply_note(struct apply *a, const char *fmt, ...) _printf_(2, 3);

/* Makes these the links and file systems that the zone's snapshot has, with all that was applied. */
int apply_store(struct apply *a, struct snapshot_net *nets, size_t n_nets, struct snapshot_fs *fss,
	size_t n_fss, struct diag *d);

/* apply-fs.c: the file systems. A dry run only tells. */
int apply_fs(struct apply *a, struct diag *d);

/* apply-rctls.c: the resource controls. */
int apply_rctls(struct apply *a, struct diag *d);

/*
 * apply-props.c: the properties of one link, DATALINK_INVALID_LINKID in a dry run when there is none
 * yet. fresh: it has just come, and has none of the zone's.
 */
int apply_props(
	struct apply *a, const char *physical, datalink_id_t link, bool fresh, struct diag *d);

/* apply-links.c: what the snapshot of the zone has and the configuration has not any more goes home. */
int apply_links_away(struct apply *a, struct diag *d);
/* Links that are new, and addresses and routers. */
int apply_links(struct apply *a, struct diag *d);

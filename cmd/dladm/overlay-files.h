/* SPDX-License-Identifier: MIT */
/*
 * The search plugin "files" of overlays: a JSON file says where frames for each address go, as
 * overlay_files(7) of illumos has it.
 */
#pragma once

#include "class.h"

struct overlay_files {
	size_t count;
	struct dld_target_req *targets; /* linkid is not set */
};

/*
 * Reads the whole file; family: of the addresses that frames go to. 0, or a negative errno with a line
 * that names the entry.
 */
int overlay_files_read(
	const char *path, uint32_t family, struct overlay_files *ret, struct diag *d);
void overlay_files_free(struct overlay_files *f);

/* Makes it the table of an overlay that has none. */
int overlay_files_apply(datalink_id_t link, const struct overlay_files *f, struct diag *d);

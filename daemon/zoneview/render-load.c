/* SPDX-License-Identifier: MIT */
/*
 * The load: averages as zoned counts them for the zone's kstats, and its threads.
 *
 * Linux: nobody counts the threads of a group that are running; the one that reads is. The
 * newest process of the zone is not known either: the reader is new as a rule.
 */
#include "zoneview/render.h"

#include <inttypes.h>

void render_loadavg(FILE *out, const struct load_facts *f)
{
	(void)fprintf(out, "%s 1/%" PRIu64 " %" PRIu64 "\n", f->load, f->tasks ? f->tasks : 1,
		f->last_pid);
}

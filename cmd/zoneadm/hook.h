/* SPDX-License-Identifier: MIT */
/* Running a brand's hook. */
#pragma once

#include "brand/brand.h"
#include "zoneadm/command.h"

/* Results of a hook besides 0 (done) and any other exit code (fatal). */
enum hook_result {
	HOOK_NONE = -1,	   /* the brand has no such hook */
	HOOK_USAGE = 253,  /* wrong arguments, nothing done */
	HOOK_UNDONE = 254, /* did not complete, nothing is left to recover */
	HOOK_FATAL =
		255, /* also: it died from a signal or could not be run; a message was printed */
};

/*
 * Runs the hook with arguments argv[0..argc), its standard descriptors being
 * ours, and waits for it. While it runs, SIGINT and SIGQUIT are the hook's
 * alone: it cleans up, and we record what became of the zone. Returns its exit
 * code or one of the above.
 */
int hook_run(const struct brand *brand, enum brand_hook hook, const struct zone_index_entry *e,
	int argc, char *const *argv);

/*
 * Options for the brand from argv[first] on are refused when it has none of these hooks (up to
 * BRAND_HOOK_COUNT) to take them. EXIT_OK, or EXIT_USAGE after a message.
 */
int hook_check_options(const struct request *req, const struct brand *brand,
	const enum brand_hook *hooks, int first);

/* The brand of a zone, as it is configured. EXIT_OK, or EXIT_ERR after a message. */
int hook_brand(const struct zone_index_entry *e, struct brand **ret_brand);

/* hook_run() for who only needs to know whether to go on: EXIT_OK (there is none, or it exited 0), or EXIT_ERR after a message. */
int hook_passes(const struct brand *brand, enum brand_hook hook, const struct zone_index_entry *e,
	int argc, char *const *argv);

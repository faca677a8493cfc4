/* SPDX-License-Identifier: MIT */
/*
 * Whether a zone, as it is configured, can live on this host: zonepath, file
 * systems, links, resource controls, brand. Every problem is one line.
 */
#pragma once

#include "brand/brand.h"
#include "zoneadm/command.h"

/* zoneadm verify. */
int verify_run(struct request *req);

/*
 * All checks for the zone of a resolved request. zonepath_flags: those of zonepath_check(). *ret_brand
 * (owned by the caller): its brand, when EXIT_OK. EXIT_OK, or EXIT_ERR after messages.
 */
int verify_zone(const struct request *req, unsigned int zonepath_flags, struct brand **ret_brand);

/*
 * The brand's verify_adm hook, which may look at what the subcommand is to do, too. EXIT_OK when there is none or
 * it exits 0, EXIT_ERR after a message.
 */
int verify_hook(const struct brand *brand, const struct request *req);

/* What of that can be said of a configuration whose zone is elsewhere: all but zonepath and hook. */
int verify_manifest(const struct zonecfg *cfg);

/* What can be said of a configuration alone, for any host that has its brand. */
int verify_config(const struct zonecfg *cfg);

/* The two parts that look at the host; each returns EXIT_OK, or EXIT_ERR after messages. */
int verify_fs(const struct zonecfg *cfg);
int verify_net(const struct zonecfg *cfg);

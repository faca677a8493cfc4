/* SPDX-License-Identifier: MIT */
/*
 * The rights of a user over a zone: the admin resources of its configuration, read anew for each
 * request, so that a right that was taken away is gone with the commit.
 */
#include "zone-delegate/delegate.h"

#include "zonecfg/zonecfg.h"

static unsigned int right_named(const char *name, size_t n)
{
	static const char *const names[] = {"login", "manage", "clonefrom"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == n && strncmp(names[i], name, n) == 0)
			return 1U << i;
	return 0;
}

static unsigned int parse(const char *auths)
{
	unsigned int rights = 0;
	size_t n;

	for (;; auths += n + 1) {
		n = strcspn(auths, ",");
		rights |= right_named(auths, n);
		if (!auths[n])
			return rights;
	}
}

unsigned int rights_of(const char *user, const char *zone)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	unsigned int rights = 0;
	struct diag d = {0};
	size_t i;

	if (zonecfg_load(zone, &cfg, &d))
		return 0;
	for (i = 0; i < cfg->n_admins; i++)
		if (cfg->admins[i].user && cfg->admins[i].auths && streq(cfg->admins[i].user, user))
			rights |= parse(cfg->admins[i].auths);
	return rights;
}

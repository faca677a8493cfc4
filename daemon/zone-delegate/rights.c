/* SPDX-License-Identifier: MIT */
/*
 * The rights of a user over a zone: the admin resources of its configuration, read anew for each
 * request, so that a right that was taken away is gone with the commit.
 */
#include "zone-delegate/delegate.h"

#include <grp.h>
#include <pwd.h>

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

/* Is the user one of that group, first or further, as the host knows them now? */
static bool in_group(const char *user, const char *group)
{
	const struct passwd *pw = getpwnam(user);
	const gid_t first = pw ? pw->pw_gid : (gid_t)-1;
	const struct group *gr = getgrnam(group);
	_cleanup_free_ gid_t *groups = NULL;
	int i, n = 0;

	if (!pw || !gr)
		return false;
	(void)getgrouplist(user, first, NULL, &n);
	groups = calloc((size_t)n, sizeof(*groups));
	if (!groups || getgrouplist(user, first, groups, &n) < 0)
		return false;
	for (i = 0; i < n; i++)
		if (groups[i] == gr->gr_gid)
			return true;
	return false;
}

/* "%group" is everybody in it. */
static bool is_meant(const char *user, const char *who)
{
	return who[0] == '%' ? in_group(user, who + 1) : streq(who, user);
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
		if (cfg->admins[i].user && cfg->admins[i].auths &&
			is_meant(user, cfg->admins[i].user))
			rights |= parse(cfg->admins[i].auths);
	return rights;
}

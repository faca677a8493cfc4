/* SPDX-License-Identifier: MIT */
/*
 * What listings ask of dlmgmtd and zoned. A listing of many links asks for all of them at once,
 * when the first answer is wanted, and looks the others up here; a single link is asked for
 * by itself. One thread.
 */
#include "dladm-cmd.h"

#include "zone/dld-calls.h"

static struct {
	bool listing;
	struct dlmgmt_linkinfo *links;
	size_t nlinks;
	struct dld_linkinfo_reply *infos; /* NULL: not asked yet */
	size_t ninfos;
	struct dld_linkstats_reply *stats; /* the same */
	size_t nstats;
	bool silent;		     /* zoned does not answer, which was said */
	struct dlmgmt_linkinfo last; /* that was asked for by its id alone */
} seen;

static void forget(void)
{
	free(seen.links);
	free(seen.infos);
	free(seen.stats);
	memset(&seen, 0, sizeof(seen));
}

void links_list(
	const char *name, zoneid_t zoneid, uint32_t classes, uint32_t flags, link_fn *fn, void *arg)
{
	int r;

	if (name) {
		links_walk(name, zoneid, classes, flags, fn, arg);
		return;
	}
	r = dlmgmt_call_getlinks(zoneid, classes, flags, &seen.links, &seen.nlinks);
	if (r < 0)
		die_status(dladm_errno2status(r), NULL, "cannot list the links");
	seen.listing = true;
	for (size_t n = 0; n < seen.nlinks; n++)
		fn(&seen.links[n], arg);
	forget();
}

static int link_is(const void *key, const void *item)
{
	const datalink_id_t id = *(const datalink_id_t *)key;
	const struct dlmgmt_linkinfo *link = item;

	return id < link->linkid ? -1 : id > link->linkid;
}

bool link_name_of(datalink_id_t linkid, char name[MAXLINKNAMELEN])
{
	const struct dlmgmt_linkinfo *link = NULL;

	if (linkid == DATALINK_INVALID_LINKID || linkid == DLD_HIDDEN)
		return false;
	if (seen.nlinks)
		link = bsearch(&linkid, seen.links, seen.nlinks, sizeof(*link), link_is);
	if (!link && seen.last.linkid != linkid && dlmgmt_call_getname(linkid, &seen.last) < 0)
		return false;
	return str_copy(name, MAXLINKNAMELEN, link ? link->name : seen.last.name) == 0;
}

static int info_is(const void *key, const void *item)
{
	const datalink_id_t id = *(const datalink_id_t *)key;
	const struct dld_linkinfo_reply *info = item;

	return id < info->linkid ? -1 : id > info->linkid;
}

/* A column that only zoned could fill stays "?" without it: that is said, once. */
static bool answered(int r)
{
	if (r == -EBADF && !seen.silent)
		(void)fprintf(stderr, "dladm: %s\n", daemon_error("zoned", r));
	seen.silent |= r == -EBADF;
	return r == 0;
}

bool link_live(datalink_id_t linkid, struct dld_linkinfo_reply *ret)
{
	const struct dld_linkinfo_reply *info;

	if (!seen.listing)
		return answered(dld_call_linkinfo(linkid, ret));
	if (seen.silent ||
		(!seen.infos && !answered(dld_call_all_linkinfo(&seen.infos, &seen.ninfos))))
		return false;
	info = bsearch(&linkid, seen.infos, seen.ninfos, sizeof(*info), info_is);
	if (info)
		*ret = *info;
	return info != NULL;
}

static int stats_are(const void *key, const void *item)
{
	const datalink_id_t id = *(const datalink_id_t *)key;
	const struct dld_linkstats_reply *stats = item;

	return id < stats->linkid ? -1 : id > stats->linkid;
}

bool link_stats(datalink_id_t linkid, struct dld_linkstats_reply *ret)
{
	const struct dld_linkstats_reply *stats;

	if (!seen.listing)
		return answered(dld_call_linkstats(linkid, ret));
	if (seen.silent ||
		(!seen.stats && !answered(dld_call_all_linkstats(&seen.stats, &seen.nstats))))
		return false;
	stats = bsearch(&linkid, seen.stats, seen.nstats, sizeof(*stats), stats_are);
	if (stats)
		*ret = *stats;
	return stats != NULL;
}

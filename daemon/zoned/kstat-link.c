/* SPDX-License-Identifier: MIT */
/*
 * The kstats of links, link:INSTANCE:LINK. A zone has those of the links that are in it, the
 * global zone those and every zone's.
 *
 * Linux: the instance is the id of the zone where the link is, so that two zones may have links
 * of one name. The kernel does not count broadcasts apart.
 */
#include "zoned/dls-commands.h"
#include "zoned/kstat.h"
#include "zoned/zone-impl.h"

static const struct {
	const char *name;
	enum dld_stat stat;
} counters[] = {
	{"ipackets64", DLD_STAT_IPACKETS64},
	{"opackets64", DLD_STAT_OPACKETS64},
	{"rbytes64", DLD_STAT_RBYTES64},
	{"obytes64", DLD_STAT_OBYTES64},
	{"ierrors", DLD_STAT_IERRORS},
	{"oerrors", DLD_STAT_OERRORS},
	{"multircv", DLD_STAT_MULTIRCV},
	{"norcvbuf", DLD_STAT_NORCVBUF},
	{"noxmtbuf", DLD_STAT_NOXMTBUF},
	{"collisions", DLD_STAT_COLLISIONS},
	{"unknowns", DLD_STAT_UNKNOWNS},
	{"macspoofed", DLD_STAT_MACSPOOFED},
	{"restricted", DLD_STAT_RESTRICTED},
	{"ipspoofed", DLD_STAT_IPSPOOFED},
	{"dhcpspoofed", DLD_STAT_DHCPSPOOFED},
};

/* link_state and link_duplex have the numbers of illumos: unknown -1, down 0, up 1; 0, half 1, full 2. */
static void state(struct kstat_sink *sink, const struct dld_linkinfo_reply *info)
{
	int unknown = info->state == LINK_STATE_UNKNOWN ? -ENODATA : 0;

	kstat_maybe(sink, "ifspeed", info->speed ? 0 : -ENODATA, info->speed);
	kstat_maybe(sink, "link_state", unknown, info->state == LINK_STATE_UP);
	kstat_number(sink, "link_duplex", info->duplex);
}

static void one(struct kstat_sink *sink, struct zone *z, struct dls_view *view, struct devnet *dd)
{
	struct dld_linkinfo_reply info = {0};
	struct dld_linkstats_reply stats = {0};
	struct devnet_info i;

	if (kstat_pass(sink))
		return;
	dls_devnet_info(dd, &i);
	dls_view_linkinfo(view, dd, GLOBAL_ZONEID, &info);
	dls_stat_reply(view, dd, &stats);
	kstat_begin(sink, "link", z->id, i.linkname, "net", kstat_zone_crtime(z));
	kstat_text(sink, "zonename", z->name);
	state(sink, &info);
	for (size_t n = 0; n < ARRAY_SIZE(counters); n++)
		kstat_number(sink, counters[n].name, stats.values[counters[n].stat]);
	kstat_unknown(sink, "brdcstrcv");
	kstat_end(sink);
}

static bool is_at(struct devnet *dd, zoneid_t zone)
{
	struct devnet_info i;

	dls_devnet_info(dd, &i);
	return i.linkid != DATALINK_INVALID_LINKID && !(i.flags & DD_INITIALIZING) &&
	       i.at.zone == zone;
}

/* Those of the zone's own list: to look through all links for every zone would take long. */
static void of_zone(struct kstat_sink *sink, struct zone *z)
{
	_cleanup_view_ struct dls_view view = {0};
	uint32_t count = zone_datalink_list(z, NULL, 0);
	_cleanup_free_ datalink_id_t *ids = calloc(count + 1, sizeof(*ids));
	uint32_t now = ids ? zone_datalink_list(z, ids, count) : 0;

	for (uint32_t n = 0; n < count && n < now; n++) {
		struct devnet *dd;

		if (dls_devnet_hold_tmp(ids[n], &dd) < 0)
			continue;
		if (is_at(dd, z->id))
			one(sink, z, &view, dd);
		dls_devnet_rele_tmp(dd);
	}
}

static void of_host(struct kstat_sink *sink, struct zone *z)
{
	_cleanup_view_ struct dls_view view = {0};
	struct devnet **all;
	size_t count;

	if (dls_devnet_snapshot(&all, &count) < 0)
		return;
	for (size_t n = 0; n < count; n++)
		if (is_at(all[n], GLOBAL_ZONEID))
			one(sink, z, &view, all[n]);
	dls_devnet_snapshot_free(all, count);
}

void kstat_links(struct zone *z, zoneid_t zoneid, struct kstat_sink *sink)
{
	if (zoneid == GLOBAL_ZONEID)
		of_host(sink, z);
	else
		of_zone(sink, z);
}

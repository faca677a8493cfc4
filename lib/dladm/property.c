/* SPDX-License-Identifier: MIT */
/* The table of link properties; see property.h. */
#include "dladm/property.h"
#include "zone/zone-calls.h"

static int get_zone(const struct dld_linkinfo_reply *info, char *value, char *def, char *possible)
{
	size_t size;
	int r;

	if (info->zoneid == GLOBAL_ZONEID)
		return 0;
	r = zone_call_getattr(info->zoneid, ZONE_ATTR_NAME, value, DLADM_PROP_VALLEN, &size);
	if (r == 0 && (size > DLADM_PROP_VALLEN || !str_terminated(value, DLADM_PROP_VALLEN)))
		r = -EBADMSG;
	return r;
}

static dladm_status_t set_zone(datalink_id_t link, const char *text, struct diag *d)
{
	zoneid_t zoneid = GLOBAL_ZONEID;
	int r = 0;

	if (text && !streq(text, GLOBAL_ZONENAME)) {
		r = zone_call_lookup(text, &zoneid);
		if (r == -EINVAL)
			return DLADM_STATUS_BADVAL;
	}
	if (r == 0)
		r = dld_call_setzone(link, zoneid, d);
	return dladm_errno2status(r);
}

static int get_state(const struct dld_linkinfo_reply *info, char *value, char *def, char *possible)
{
	(void)snprintf(value, DLADM_PROP_VALLEN, "%s", dladm_linkstate2str(info->state));
	(void)snprintf(def, DLADM_PROP_VALLEN, "up");
	(void)snprintf(possible, DLADM_PROP_VALLEN, "up,down");
	return 0;
}

static int get_mtu(const struct dld_linkinfo_reply *info, char *value, char *def, char *possible)
{
	(void)snprintf(value, DLADM_PROP_VALLEN, "%u", info->mtu);
	(void)snprintf(def, DLADM_PROP_VALLEN, "%u", info->mtu_default);
	if (info->mtu_min == info->mtu_max)
		(void)snprintf(possible, DLADM_PROP_VALLEN, "%u", info->mtu_max);
	else
		(void)snprintf(possible, DLADM_PROP_VALLEN, "%u-%u", info->mtu_min, info->mtu_max);
	return 0;
}

static dladm_status_t set_mtu(datalink_id_t link, const char *text, struct diag *d)
{
	unsigned long mtu = 0;
	char *end;
	int r;

	if (text) {
		errno = 0;
		mtu = strtoul(text, &end, 10);
		if (text[0] < '0' || text[0] > '9' || *end || errno || mtu == 0 || mtu > UINT32_MAX)
			return DLADM_STATUS_BADVAL;
	}
	r = dld_call_setmtu(link, (uint32_t)mtu, d);
	return r == -EINVAL ? DLADM_STATUS_BADRANGE : dladm_errno2status(r);
}

static const struct dladm_property properties[] = {
	{.name = "zone",
		.writable = true,
		.temporary_only = true,
		.get = get_zone,
		.set = set_zone},
	{.name = "state", .get = get_state},
	{.name = "mtu", .writable = true, .get = get_mtu, .set = set_mtu},
};

const struct dladm_property *dladm_property_at(unsigned int index)
{
	return index < ARRAY_SIZE(properties) ? &properties[index] : NULL;
}

const struct dladm_property *dladm_property_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(properties); i++)
		if (streq(properties[i].name, name))
			return &properties[i];
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * Reading and setting the live value of a link property. Three have commands of their own
 * or come with what zoned tells of a link; the others are one pair of commands.
 */
#include "dladm/property.h"
#include "zone/zone-calls.h"

static int get_zone(const struct dld_linkinfo_reply *info, struct dladm_propval *ret)
{
	size_t size;
	int r;

	if (info->zoneid == GLOBAL_ZONEID)
		return 0;
	r = zone_call_getattr(info->zoneid, ZONE_ATTR_NAME, ret->value, sizeof(ret->value), &size);
	if (r == 0 &&
		(size > sizeof(ret->value) || !str_terminated(ret->value, sizeof(ret->value))))
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

static int get_mtu(const struct dld_linkinfo_reply *info, struct dladm_propval *ret)
{
	(void)snprintf(ret->value, sizeof(ret->value), "%u", info->mtu);
	(void)snprintf(ret->def, sizeof(ret->def), "%u", info->mtu_default);
	if (info->mtu_min == info->mtu_max)
		(void)snprintf(ret->possible, sizeof(ret->possible), "%u", info->mtu_max);
	else
		(void)snprintf(ret->possible, sizeof(ret->possible), "%u-%u", info->mtu_min,
			info->mtu_max);
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

/* Speed in Mbit/s; what the device does not tell is none. */
static void get_wire(const struct dladm_property *prop, const struct dld_linkinfo_reply *info,
	struct dladm_propval *ret)
{
	if (streq(prop->name, "speed") && info->speed)
		(void)snprintf(ret->value, sizeof(ret->value), "%llu",
			(unsigned long long)(info->speed / 1000000));
	else if (streq(prop->name, "duplex") && info->duplex != LINK_DUPLEX_UNKNOWN)
		(void)str_copy(ret->value, sizeof(ret->value), dladm_linkduplex2str(info->duplex));
}

int dladm_property_get(const struct dladm_property *prop, const struct dld_linkinfo_reply *info,
	struct dladm_propval *ret)
{
	struct dld_getprop_reply reply;
	int r;

	memset(ret, 0, sizeof(*ret));
	(void)str_copy(ret->def, sizeof(ret->def), prop->def ? prop->def : "");
	(void)str_copy(ret->possible, sizeof(ret->possible), prop->possible ? prop->possible : "");
	if (streq(prop->name, "zone"))
		return get_zone(info, ret);
	if (streq(prop->name, "mtu"))
		return get_mtu(info, ret);
	if (streq(prop->name, "state")) {
		(void)str_copy(ret->value, sizeof(ret->value), dladm_linkstate2str(info->state));
		return 0;
	}
	if (streq(prop->name, "speed") || streq(prop->name, "duplex")) {
		get_wire(prop, info, ret);
		return 0;
	}
	r = dld_call_getprop(info->linkid, prop->name, &reply, NULL);
	if (r < 0)
		return r;
	(void)str_copy(ret->value, sizeof(ret->value), reply.value);
	if (!prop->def)
		(void)str_copy(ret->def, sizeof(ret->def), reply.def);
	if (!prop->possible)
		(void)str_copy(ret->possible, sizeof(ret->possible), reply.possible);
	return 0;
}

dladm_status_t dladm_property_set(
	const struct dladm_property *prop, datalink_id_t link, const char *text, struct diag *d)
{
	char value[DLADM_PROP_VALLEN];
	dladm_status_t status;

	if (text) {
		status = dladm_property_check(prop, text, value);
		if (status != DLADM_STATUS_OK)
			return status;
		text = value;
	}
	if (streq(prop->name, "zone"))
		return set_zone(link, text, d);
	if (streq(prop->name, "mtu"))
		return set_mtu(link, text, d);
	return dladm_errno2status(dld_call_setprop(link, prop->name, text, d));
}

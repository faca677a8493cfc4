/* SPDX-License-Identifier: MIT */
/*
 * Reading and setting the live value of a link property. Three have commands of their own
 * or come with what zoned tells of a link; the others are one pair of commands.
 */
#include "dladm/property.h"
#include "zone/dld-calls.h"
#include "zone/zone-calls.h"

#include <stdlib.h>

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
	return r == -ENXIO ? DLADM_STATUS_BADVAL : dladm_errno2status(r); /* not such a zone */
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

/* What is known without zoned, or comes with what it tells of a link. */
static int get_own(const struct dladm_property *prop, const struct dld_linkinfo_reply *info,
	struct dladm_propval *ret)
{
	if (streq(prop->name, "zone"))
		return get_zone(info, ret);
	if (streq(prop->name, "mtu"))
		return get_mtu(info, ret);
	if (streq(prop->name, "state"))
		(void)str_copy(ret->value, sizeof(ret->value), dladm_linkstate2str(info->state));
	else
		get_wire(prop, info, ret);
	return 0;
}

static void start(const struct dladm_property *prop, struct dladm_propval *ret)
{
	memset(ret, 0, sizeof(*ret));
	(void)str_copy(ret->def, sizeof(ret->def), prop->def ? prop->def : "");
	(void)str_copy(ret->possible, sizeof(ret->possible), prop->possible ? prop->possible : "");
}

static void take(const struct dladm_property *prop, const char *value, const char *def,
	const char *possible, struct dladm_propval *ret)
{
	(void)str_copy(ret->value, sizeof(ret->value), value);
	if (!prop->def)
		(void)str_copy(ret->def, sizeof(ret->def), def);
	if (!prop->possible)
		(void)str_copy(ret->possible, sizeof(ret->possible), possible);
}

int dladm_property_get(const struct dladm_property *prop, const struct dld_linkinfo_reply *info,
	struct dladm_propval *ret)
{
	struct dld_getprop_reply reply;
	int r;

	start(prop, ret);
	if (!dladm_property_is_zoned(prop))
		return get_own(prop, info, ret);
	r = dld_call_getprop(info->linkid, prop->name, &reply, NULL);
	if (r == 0)
		take(prop, reply.value, reply.def, reply.possible, ret);
	return r;
}

/* ---- all of them ---- */

/* Goes along the answers of zoned, which are in the order of the table. */
struct walk {
	const struct dld_linkinfo_reply *info;
	struct dld_getprops_reply reply;
	size_t at; /* in the text */
	int error; /* of the last call */
};

static void ask(struct walk *w, uint32_t from)
{
	w->at = 0;
	w->reply.size = w->reply.next = 0;
	w->error = dld_call_getprops(w->info->linkid, from, &w->reply);
	if (w->error < 0)
		w->reply.size = w->reply.next = 0;
}

static const char *word(struct walk *w)
{
	const char *text = w->reply.text + w->at;

	if (w->at >= w->reply.size)
		return "";
	w->at += strlen(text) + 1;
	return text;
}

/* False: zoned does not tell it. */
static bool told(struct walk *w, const struct dladm_property *prop, unsigned int index,
	struct dladm_propval *ret)
{
	const char *value, *def;

	if (w->at >= w->reply.size && w->reply.next && w->reply.next <= index)
		ask(w, index);
	if (w->at >= w->reply.size || !streq(w->reply.text + w->at, prop->name))
		return false;
	(void)word(w);
	value = word(w);
	def = word(w);
	take(prop, value, def, word(w), ret);
	return true;
}

int dladm_property_each(const struct dld_linkinfo_reply *info,
	void (*fn)(const struct dladm_property *prop, const struct dladm_propval *v, void *arg),
	void *arg)
{
	const struct dladm_property *prop;
	struct dladm_propval v;
	struct walk *w = malloc(sizeof(*w));
	unsigned int i;
	int r;

	if (!w)
		return -ENOMEM;
	w->info = info;
	ask(w, 0);
	for (i = 0; w->error == 0 && (prop = dladm_property_at(i)); i++) {
		if (!(prop->classes & info->link_class))
			continue;
		start(prop, &v);
		if (dladm_property_is_zoned(prop) ? told(w, prop, i, &v)
						  : get_own(prop, info, &v) == 0)
			fn(prop, &v, arg);
	}
	r = w->error;
	free(w);
	return r;
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

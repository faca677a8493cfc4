/* SPDX-License-Identifier: MIT */
/* Changes of a link that several commands make; see link-ops.h. */
#include "dlmgmtd/link-ops.h"
#include "dlmgmtd/store.h"
#include "dlmgmtd/zones.h"
#include "linux/log.h"
#include "zone/zone-calls.h"

/* The seed lets a zone destroy or rename what it borrowed; its own rule says that it may not. */
int link_for_change(const struct caller *caller, datalink_id_t id, struct link **ret)
{
	struct link *link = link_by_id(id, caller->zoneid);

	if (!link)
		return -ENOENT;
	if (!caller->privileged || (caller->zoneid != GLOBAL_ZONEID && link->on_loan))
		return -EACCES;
	*ret = link;
	return 0;
}

int link_add(const struct caller *caller, const struct link_spec *spec, struct link **ret)
{
	struct link *link;
	int r;

	r = link_create(spec, &link);
	if (r < 0)
		return r;
	if (caller->zoneid != GLOBAL_ZONEID && (link->flags & DLMGMT_ACTIVE)) {
		r = zone_note(caller->zoneid);
		if (r == 0)
			r = zone_call_add_datalink(caller->zoneid, link->id);
		if (r < 0) {
			link_destroy(link);
			return r;
		}
	}
	*ret = link;
	return 0;
}

/* One that a zone made itself is in its list as well. */
static int activate_own(struct link *link)
{
	int r = zone_call_add_datalink(link->zoneid, link->id);

	if (r < 0 && r != -EEXIST)
		return r;
	link->flags |= DLMGMT_ACTIVE;
	return 0;
}

int link_activate(struct link *link)
{
	zoneid_t owner = ALL_ZONES;
	int r;

	if (link_owner(link) != GLOBAL_ZONEID)
		return activate_own(link);
	/* Without zoned no zone lives but those whose loans are known here. */
	r = zone_call_check_datalink(&owner, link->id);
	if (r == 0 && owner != link->zoneid) {
		r = zone_note(owner);
		if (r == 0)
			r = link_move(link, owner);
		if (r < 0)
			return r;
	} else if (r < 0 && r != -ENXIO) {
		zones_doubt();
	}
	link->flags |= DLMGMT_ACTIVE;
	return 0;
}

void link_deactivate(struct link *link)
{
	link->flags &= ~DLMGMT_ACTIVE;
	if (link_owner(link) != GLOBAL_ZONEID)
		(void)zone_call_del_datalink(link->zoneid, link->id);
	else
		(void)link_move(link, GLOBAL_ZONEID); /* home never fails */
}

int link_save(const struct link *link)
{
	int r = 0;

	store_begin();
	if (link->configured)
		r = store_put(STORE_PERSISTENT, link);
	if (r == 0 && (link->configured || (link->flags & DLMGMT_ACTIVE)))
		r = store_put(STORE_ACTIVE, link);
	return store_end(r);
}

/* The stores as the link is now, where it was configured and is perhaps no more. */
static int stores_reduce(const struct link *link, bool was_configured)
{
	int r = 0;

	store_begin();
	if (was_configured && !link->configured)
		r = store_delete(STORE_PERSISTENT, link);
	if (r == 0 && (link->configured || (link->flags & DLMGMT_ACTIVE)))
		r = store_put(STORE_ACTIVE, link);
	else if (r == 0)
		r = store_delete(STORE_ACTIVE, link);
	return store_end(r);
}

int link_unconfigure(struct link *link)
{
	bool old = link->configured;
	int r;

	link->configured = false;
	r = stores_reduce(link, old);
	if (r < 0)
		link->configured = old;
	return r;
}

/* The zone loses it; one that is gone has no list to be told. */
static void leave_zone(struct link *link)
{
	int r = zone_call_del_datalink(link->zoneid, link->id);

	if (r < 0 && r != -ENXIO)
		zones_doubt();
	if (link->on_loan)
		(void)link_move(link, GLOBAL_ZONEID); /* home never fails */
}

int link_withdraw(struct link *link, uint32_t flags)
{
	const uint32_t old_flags = link->flags;
	const bool old_configured = link->configured;
	int r;

	flags &= link->flags;
	if (!flags)
		return -ENOENT;
	link->flags &= ~flags;
	link->configured = link->configured && (link->flags & DLMGMT_PERSIST);
	r = stores_reduce(link, old_configured);
	if (r < 0) {
		link->flags = old_flags;
		link->configured = old_configured;
		return r;
	}
	if ((flags & DLMGMT_ACTIVE) && link->zoneid != GLOBAL_ZONEID)
		leave_zone(link);
	if (!(link->flags & (DLMGMT_ACTIVE | DLMGMT_PERSIST)))
		link_destroy(link);
	else if (link->configured && (flags & DLMGMT_ACTIVE))
		store_follow(link);
	return 0;
}

void link_discard(struct link *link)
{
	if (link->zoneid != GLOBAL_ZONEID)
		(void)zone_call_del_datalink(link->zoneid, link->id);
	store_forget(link);
	link_destroy(link);
}

void link_bring_home(struct link *link)
{
	(void)link_move(link, GLOBAL_ZONEID); /* home never fails */
	store_follow(link);
}

bool link_name_free_in(const char *name, zoneid_t zoneid)
{
	struct link *own = link_by_name(name, zoneid);

	if (!own)
		return true;
	if (own->on_loan || (own->flags & DLMGMT_ACTIVE))
		return false;
	log_line(LOG_NOTICE, "Link %s that zone %d configured: gives way to one it is lent", name,
		(int)zoneid);
	link_discard(own);
	return true;
}

int reply_attr(const struct link_attrs *attrs, const char name[MAXLINKATTRLEN],
	struct dlmgmt_getattr_reply *reply)
{
	const struct link_attr *attr;

	if (!str_terminated(name, MAXLINKATTRLEN))
		return -EINVAL;
	attr = link_attrs_find(attrs, name);
	if (!attr)
		return -ENOENT;
	reply->lr_type = attr->type;
	reply->lr_attrsz = attr->size;
	memcpy(reply->lr_attrval, attr->value, attr->size);
	return 0;
}

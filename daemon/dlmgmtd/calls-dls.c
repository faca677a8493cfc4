/* SPDX-License-Identifier: MIT */
/*
 * The commands that zoned makes as the kernel does on illumos: links that come,
 * go and change hands.
 *
 * Nothing stops another caller with the right from making them; they are bound
 * by the caller's zone like all others.
 */
#include "dladm/dladm.h"
#include "dladm/property.h"
#include "dlmgmtd/link-ops.h"
#include "dlmgmtd/store.h"
#include "dlmgmtd/zones.h"
#include "linux/log.h"
#include "zone/zone-calls.h"

/* A device is named by the kernel: anything that can be a file name. */
static bool devname_valid(const char devname[MAXLINKNAMELEN])
{
	return str_terminated(devname, MAXLINKNAMELEN) && devname[0] && !strchr(devname, '/');
}

static int phys_attrs_set(struct link_attrs *attrs, const struct dlmgmt_dls_create_req *req)
{
	int r;

	r = link_attrs_set_str(attrs, DLADM_ATTR_DEVNAME, req->ld_devname);
	if (r == 0)
		r = link_attrs_set_u64(attrs, DLADM_ATTR_PHYMAJ, req->ld_phymaj);
	if (r == 0)
		r = link_attrs_set_u64(attrs, DLADM_ATTR_PHYINST, req->ld_phyinst);
	return r;
}

/* A known device is there again: the link keeps its name, its place on the bus may be new. */
static int phys_reattach(struct link *link, const struct dlmgmt_dls_create_req *req, uint32_t flags)
{
	struct link_attrs attrs = {0}, old;
	const uint32_t old_flags = link->flags;
	const bool old_configured = link->configured;
	int r;

	if (link_attrs_equal(&link->attrs, DLADM_ATTR_PHYMAJ, &req->ld_phymaj, 8) &&
		link_attrs_equal(&link->attrs, DLADM_ATTR_PHYINST, &req->ld_phyinst, 8) &&
		(link->flags & flags) == flags)
		return 0;

	r = link_attrs_dup(&link->attrs, &attrs);
	if (r == 0)
		r = phys_attrs_set(&attrs, req);
	if (r == 0 && !(link->flags & DLMGMT_ACTIVE))
		r = link_activate(link);
	if (r < 0) {
		link_attrs_fini(&attrs);
		return r;
	}
	old = link->attrs;
	link->attrs = attrs;
	link->flags |= flags;
	link->configured = (link->flags & DLMGMT_PERSIST) != 0;
	r = link_save(link);
	if (r < 0) {
		link_attrs_fini(&link->attrs);
		link->attrs = old;
		link->flags = old_flags;
		link->configured = old_configured;
		if (!(old_flags & DLMGMT_ACTIVE))
			link_deactivate(link);
		return r;
	}
	link_attrs_fini(&old);
	link->generation++;
	return 0;
}

static int phys_add(const struct caller *caller, const struct link_spec *device, struct link **ret)
{
	char name[MAXLINKNAMELEN];
	struct link_spec spec = *device;
	int r = -EINVAL;

	/* Linux: a device may have a name that no link can have, "br-lan" for one. */
	if (dladm_valid_linkname(spec.name))
		r = link_add(caller, &spec, ret);
	if (r != -EEXIST && r != -EINVAL)
		return r;
	r = link_name_generate("net", caller->zoneid, name);
	if (r < 0)
		return r;
	spec.name = name;
	return link_add(caller, &spec, ret);
}

static int dls_add(const struct caller *caller, const struct dlmgmt_dls_create_req *req,
	uint32_t flags, struct link **ret)
{
	struct link_spec spec = {
		.name = req->ld_devname,
		.class = req->ld_class,
		.media = req->ld_media,
		.flags = flags,
		.zoneid = caller->zoneid,
	};
	int r;

	if (req->ld_class != DATALINK_CLASS_PHYS)
		r = link_add(caller, &spec, ret);
	else
		r = phys_add(caller, &spec, ret);
	if (r < 0)
		return r;
	if (req->ld_class == DATALINK_CLASS_PHYS)
		r = phys_attrs_set(&(*ret)->attrs, req);
	(*ret)->configured = (flags & DLMGMT_PERSIST) != 0;
	if (r == 0)
		r = link_save(*ret);
	if (r < 0)
		link_discard(*ret);
	return r;
}

int call_dls_create(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_dls_create_req *req = arg;
	struct dlmgmt_dls_create_reply *reply = ret;
	enum dlmgmt_was was = DLMGMT_WAS_NEW;
	uint32_t flags = DLMGMT_ACTIVE | (req->ld_persist ? DLMGMT_PERSIST : 0);
	struct link *link = NULL;
	int r;

	/* Linux: zoned alone finds devices; a zone's root would make up NICs here. */
	if (!caller->privileged || caller->zoneid != GLOBAL_ZONEID)
		return -EACCES;
	if (!devname_valid(req->ld_devname))
		return -EINVAL;
	if (req->ld_class == DATALINK_CLASS_PHYS)
		link = link_by_device(req->ld_devname, caller->zoneid);
	if (!link) {
		r = dls_add(caller, req, flags, &link);
	} else {
		was = link->flags & DLMGMT_ACTIVE ? DLMGMT_WAS_ACTIVE : DLMGMT_WAS_KNOWN;
		r = phys_reattach(link, req, flags);
	}
	if (r < 0)
		return r;
	reply->lr_linkid = link->id;
	reply->lr_was = was;
	return 0;
}

int call_dls_getattr(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_dls_getattr_req *req = arg;
	const struct link *link = link_by_id(req->ld_linkid, caller->zoneid);

	if (!link)
		return -ENOENT;
	/* What it is made over is the global zone's to know. */
	if (caller->zoneid != GLOBAL_ZONEID && link->on_loan &&
		str_terminated(req->ld_attr, sizeof(req->ld_attr)) && link_attr_names(req->ld_attr))
		return -EACCES;
	return reply_attr(&link->attrs, req->ld_attr, ret);
}

int call_dls_destroy(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_dls_destroy_req *req = arg;
	struct link *link;
	int r;

	r = link_for_change(caller, req->ld_linkid, &link);
	if (r < 0)
		return r;
	return link_withdraw(link, DLMGMT_ACTIVE | (req->ld_persist ? DLMGMT_PERSIST : 0));
}

int call_dls_update(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_dls_update_req *req = arg;
	struct dlmgmt_update_reply *reply = ret;
	uint32_t old_media;
	struct link *link;
	int r;

	if (!devname_valid(req->ld_devname))
		return -EINVAL;
	link = link_by_device(req->ld_devname, caller->zoneid);
	if (!link)
		return -ENOENT;
	r = link_for_change(caller, link->id, &link);
	if (r < 0)
		return r;

	reply->lr_linkid = link->id;
	reply->lr_media = req->ld_media;
	old_media = link->media;
	if (old_media != req->ld_media && old_media != DL_OTHER) {
		reply->lr_media = old_media; /* the reason for the refusal */
		return -EEXIST;
	}
	if (req->ld_novanity && !streq(req->ld_devname, link->name))
		return -EEXIST;
	if (old_media == req->ld_media)
		return 0;
	link->media = req->ld_media;
	r = link_save(link);
	if (r < 0)
		link->media = old_media;
	else
		link->generation++;
	return r;
}

/* Linux: says whether there is something to load; zoned asks for the values when it is ready. */
int call_linkprop_init(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_linkid_req *req = arg;
	struct dlmgmt_linkprop_init_reply *reply = ret;
	const struct link *link = link_by_id(req->ld_linkid, caller->zoneid);
	const struct link_attr *attr;

	if (!link)
		return -ENOENT;
	if (!caller->privileged)
		return -EACCES;
	for (attr = link->attrs.first; attr; attr = attr->next)
		if (dladm_property_find(attr->name))
			reply->lr_flags = 1;
	return 0;
}

/* Out of the list of the zone it is in. A zone that is gone has no list: that is done, too. */
static int list_remove(zoneid_t zoneid, datalink_id_t id)
{
	int r = zoneid == GLOBAL_ZONEID ? 0 : zone_call_del_datalink(zoneid, id);

	return r == -ENXIO ? 0 : r;
}

/*
 * Into the list of the zone it goes to. A zoned that died over this before may have it there
 * already, which the next one says when it tells us whose the link is.
 */
static int list_add(zoneid_t zoneid, datalink_id_t id)
{
	int r;

	if (zoneid == GLOBAL_ZONEID)
		return 0;
	r = zone_note(zoneid); /* first: it leaves nothing to be taken back */
	if (r < 0)
		return r == -EINVAL ? -ENXIO : r; /* no such zone, as it is said of an attribute */
	r = zone_call_add_datalink(zoneid, id);
	return r == -EEXIST ? 0 : r;
}

/* A zoned that died over a change may have made it; the next one tells. */
static int doubtful(int r)
{
	if (r == -EINTR || r == -EBADF)
		zones_doubt();
	return r;
}

/* zoned's lists, the table and the store move together. */
static int link_hand_over(struct link *link, zoneid_t from, zoneid_t to)
{
	int r;

	r = list_remove(from, link->id);
	if (r < 0) {
		log_line(LOG_WARNING, "Link %s cannot leave zone %d: %s", link->name, from,
			strerror(-r));
		return doubtful(r);
	}
	r = list_add(to, link->id);
	if (r == 0)
		r = link_move(link, to);
	if (r == 0) {
		r = store_put(STORE_ACTIVE, link);
		if (r == 0)
			return 0;
		(void)link_move(link, from);
	}
	log_line(LOG_WARNING, "Link %s cannot be given to zone %d: %s", link->name, to,
		strerror(-r));
	if (list_remove(to, link->id) < 0 || list_add(from, link->id) < 0)
		zones_doubt();
	return doubtful(r);
}

int call_setzoneid(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_setzoneid_req *req = arg;
	struct link *link;
	int r;

	if (caller->zoneid != GLOBAL_ZONEID)
		return -EACCES;
	r = link_for_change(caller, req->ld_linkid, &link);
	if (r < 0)
		return r;
	if (!(link->flags & DLMGMT_ACTIVE) || req->ld_zoneid < GLOBAL_ZONEID)
		return -EINVAL;
	if (link->zoneid == req->ld_zoneid)
		return 0;
	/* What a zone made itself is not the global zone's to give away. */
	if (link->zoneid != GLOBAL_ZONEID && !link->on_loan)
		return -EACCES;
	/* The seed compares the caller's zone here, so that its check cannot fire. */
	if (req->ld_zoneid != GLOBAL_ZONEID && !link_name_free_in(link->name, req->ld_zoneid))
		return -EEXIST;
	return link_hand_over(link, link->zoneid, req->ld_zoneid);
}

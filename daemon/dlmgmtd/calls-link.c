/* SPDX-License-Identifier: MIT */
/* Commands on names and ids: look-ups for everybody, and the library calls that make and end a link. */
#include "dladm/dladm.h"
#include "dlmgmtd/link-ops.h"
#include "dlmgmtd/store.h"

int call_getname(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_linkid_req *req = arg;
	struct dlmgmt_getname_reply *reply = ret;
	const struct link *link = link_by_id(req->ld_linkid, caller->zoneid);

	if (!link)
		return -ENOENT;
	reply->lr_class = link->class;
	reply->lr_media = link->media;
	reply->lr_flags = link->flags;
	return str_copy(reply->lr_link, sizeof(reply->lr_link), link->name);
}

static void reply_link(const struct link *link, struct dlmgmt_link_reply *reply)
{
	reply->lr_linkid = link->id;
	reply->lr_class = link->class;
	reply->lr_media = link->media;
	reply->lr_flags = link->flags;
}

int call_getlinkid(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_getlinkid_req *req = arg;
	zoneid_t zoneid = req->ld_zoneid == ALL_ZONES ? caller->zoneid : req->ld_zoneid;
	const struct link *link;

	if (!str_terminated(req->ld_link, sizeof(req->ld_link)))
		return -EINVAL;
	if (caller->zoneid != GLOBAL_ZONEID && zoneid != caller->zoneid)
		return -ENOENT;
	link = link_by_name(req->ld_link, zoneid);
	if (!link)
		return -ENOENT;
	reply_link(link, ret);
	return 0;
}

int call_getnext(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_getnext_req *req = arg;
	const struct link *link;

	for (link = link_next(req->ld_linkid); link; link = link_next(link->id)) {
		if (!link_visible(link, caller->zoneid))
			continue;
		if ((link->class & req->ld_class) && (link->flags & req->ld_flags) &&
			(req->ld_dmedia == DATALINK_ANY_MEDIATYPE || req->ld_dmedia == link->media))
			break;
	}
	if (!link)
		return -ENOENT;
	reply_link(link, ret);
	return 0;
}

int call_create_linkid(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_createid_req *req = arg;
	struct dlmgmt_linkid_reply *reply = ret;
	char name[MAXLINKNAMELEN];
	struct link_spec spec = {
		.name = req->ld_link,
		.class = req->ld_class,
		.media = req->ld_media,
		.flags = req->ld_flags,
		.zoneid = caller->zoneid,
	};
	struct link *link;
	int r;

	if (!caller->privileged)
		return -EACCES;
	if (!str_terminated(req->ld_link, sizeof(req->ld_link)))
		return -EINVAL;
	if (req->ld_prefix) {
		r = link_name_generate(req->ld_link, caller->zoneid, name);
		if (r < 0)
			return r;
		spec.name = name;
	}
	r = link_add(caller, &spec, &link);
	if (r < 0)
		return r;
	/* The configuration is written by WRITECONF; only the active mapping is kept now. */
	if (link->flags & DLMGMT_ACTIVE)
		r = store_put(STORE_ACTIVE, link);
	if (r < 0) {
		link_discard(link);
		return r;
	}
	reply->lr_linkid = link->id;
	return 0;
}

int call_destroy_linkid(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_destroyid_req *req = arg;
	struct link *link;
	int r;

	r = link_for_change(caller, req->ld_linkid, &link);
	if (r < 0)
		return r;
	return link_withdraw(link, req->ld_flags & (DLMGMT_ACTIVE | DLMGMT_PERSIST));
}

/* Links above name the one below in their attributes: these follow the new name. */
static int references_rename(const char *from, const char *to, zoneid_t zoneid)
{
	struct link *link;
	int r = 0;

	for (link = link_next(0); r == 0 && link; link = link_next(link->id)) {
		if (!link_visible(link, zoneid) ||
			!link_attrs_equal(
				&link->attrs, DLADM_ATTR_LINKOVER, from, strlen(from) + 1))
			continue;
		r = link_attrs_set_str(&link->attrs, DLADM_ATTR_LINKOVER, to);
		link->generation++;
		if (r == 0)
			r = link_save(link);
	}
	return r;
}

int call_remap_linkid(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_remapid_req *req = arg;
	char old[MAXLINKNAMELEN];
	struct link *link;
	int r;

	if (!str_terminated(req->ld_link, sizeof(req->ld_link)) ||
		!dladm_valid_linkname(req->ld_link))
		return -EINVAL;
	r = link_for_change(caller, req->ld_linkid, &link);
	if (r < 0)
		return r;
	(void)str_copy(old, sizeof(old), link->name);
	r = link_rename(link, req->ld_link);
	if (r < 0)
		return r;
	r = link_save(link);
	if (r == 0)
		r = references_rename(old, req->ld_link, caller->zoneid);
	if (r < 0) {
		(void)references_rename(req->ld_link, old, caller->zoneid);
		(void)link_rename(link, old);
		(void)link_save(link);
		return r;
	}
	link->generation++;
	return 0;
}

int call_up_linkid(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_linkid_req *req = arg;
	struct link *link;
	int r;

	r = link_for_change(caller, req->ld_linkid, &link);
	if (r < 0)
		return r;
	if (link->flags & DLMGMT_ACTIVE)
		return -EINVAL;
	r = link_activate(link);
	if (r < 0)
		return r;
	r = store_put(STORE_ACTIVE, link);
	if (r < 0)
		link->flags &= ~DLMGMT_ACTIVE;
	return r;
}

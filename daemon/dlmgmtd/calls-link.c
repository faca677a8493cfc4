/* SPDX-License-Identifier: MIT */
/* Commands on names and ids: look-ups for everybody, and the library calls that make and end a link. */
#include "dladm/dladm.h"
#include "dlmgmtd/link-ops.h"
#include "dlmgmtd/store.h"
#include "zone/zone-calls.h"

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

/* In whose view a link has to be: the caller's own, or of the zone that the global zone names. */
static bool is_listed(
	const struct link *link, const struct caller *caller, const struct dlmgmt_getlinks_req *req)
{
	if (!(link->class & req->ld_class) || !(link->flags & req->ld_flags))
		return false;
	if (req->ld_zoneid == ALL_ZONES || req->ld_zoneid == caller->zoneid)
		return link_visible(link, caller->zoneid);
	return caller->zoneid == GLOBAL_ZONEID && link->zoneid == req->ld_zoneid;
}

int call_getlinks(const struct caller *caller, const void *arg, void *ret, size_t *size)
{
	const struct dlmgmt_getlinks_req *req = arg;
	struct dlmgmt_getlinks_reply *reply = ret;
	struct dlmgmt_link *out = (void *)(reply + 1);
	const size_t most = sizeof(*reply) + DLMGMT_LINKS_MAX * sizeof(*out);
	const struct link *link;

	if (*size < most) {
		*size = most;
		return -ENOSPC;
	}
	for (link = link_next(req->ld_linkid); link && reply->lr_count < DLMGMT_LINKS_MAX;
		link = link_next(link->id)) {
		if (!is_listed(link, caller, req))
			continue;
		out->linkid = link->id;
		out->class = link->class;
		out->media = link->media;
		out->flags = link->flags;
		memcpy(out->name, link->name, sizeof(out->name));
		out++;
		reply->lr_count++;
	}
	*size = (size_t)((char *)out - (char *)ret);
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

/*
 * Linux: a link that somebody's dladm is just making is not there to another one's delete, which takes
 * its id back then: zoned would be left with a link that nobody knows. It is asked here, where the
 * answer holds: a link that zoned takes into its table later it looks up behind our lock.
 */
int call_destroy_linkid(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_destroyid_req *req = arg;
	struct link *link;
	int r;

	r = link_for_change(caller, req->ld_linkid, &link);
	if (r < 0)
		return r;
	if ((req->ld_flags & link->flags & DLMGMT_ACTIVE) && dld_call_known(link->id) == 0)
		return -EBUSY;
	return link_withdraw(link, req->ld_flags & (DLMGMT_ACTIVE | DLMGMT_PERSIST));
}

/* ---- renaming ---- */

/* A link whose attributes named the one that is renamed, and what they were. */
struct referrer {
	struct referrer *next;
	struct link *link;
	struct link_attrs old;
};

/* "portnames" is a list, each name with ':' behind it. Returns 0, or 1 when the value names it. */
static int list_rename(const char *list, const char *from, const char *to, char *ret, size_t size)
{
	size_t n, len = strlen(from), used = 0;
	int found = 0;

	for (; *list; list += n + (list[n] == ':')) {
		n = strcspn(list, ":");
		if (n == len && strncmp(list, from, n) == 0) {
			found = 1;
			used += (size_t)snprintf(ret + used, size - used, "%s:", to);
		} else {
			used += (size_t)snprintf(ret + used, size - used, "%.*s:", (int)n, list);
		}
		if (used >= size)
			return -ENOSPC;
	}
	return found;
}

/* The links in a bridge name it, not its link. 1 when the attribute was changed. */
static int bridge_rename(struct link_attrs *attrs, const char *from, const char *to)
{
	char old[MAXLINKNAMELEN], new[MAXLINKNAMELEN];
	int r;

	if (!dladm_bridge_of_link(from, old) || !dladm_bridge_of_link(to, new) ||
		!link_attrs_equal(attrs, "bridge", old, strlen(old) + 1))
		return 0;
	r = link_attrs_set_str(attrs, "bridge", new);
	return r < 0 ? r : 1;
}

/* 1 when an attribute was changed. */
static int attrs_rename(struct link_attrs *attrs, uint32_t class, const char *from, const char *to)
{
	static const char *const names[] = {DLADM_ATTR_LINKOVER, "simnetpeer"};
	const struct link_attr *ports = link_attrs_find(attrs, "portnames");
	char list[MAXLINKATTRVALLEN];
	int r = 0, changed = 0;
	size_t i;

	for (i = 0; r == 0 && i < ARRAY_SIZE(names); i++) {
		if (!link_attrs_equal(attrs, names[i], from, strlen(from) + 1))
			continue;
		r = link_attrs_set_str(attrs, names[i], to);
		changed = 1;
	}
	if (r == 0 && ports && ports->type == DLADM_TYPE_STR) {
		r = list_rename(ports->value, from, to, list, sizeof(list));
		if (r == 1) {
			changed = 1;
			r = link_attrs_set_str(attrs, "portnames", list);
		}
	}
	if (r == 0 && class == DATALINK_CLASS_BRIDGE) {
		r = bridge_rename(attrs, from, to);
		changed |= r == 1;
	}
	return r < 0 ? r : changed;
}

/* Changes one link that refers to it, and remembers that. */
static int referrer_rename(
	struct link *link, uint32_t class, const char *from, const char *to, struct referrer **list)
{
	struct link_attrs attrs = {0};
	struct referrer *ref;
	int r;

	r = link_attrs_dup(&link->attrs, &attrs);
	if (r == 0)
		r = attrs_rename(&attrs, class, from, to);
	ref = r == 1 ? calloc(1, sizeof(*ref)) : NULL;
	if (!ref) {
		link_attrs_fini(&attrs);
		return r == 1 ? -ENOMEM : r;
	}
	*ref = (struct referrer){*list, link, link->attrs};
	*list = ref;
	link->attrs = attrs;
	return link_save(link);
}

/* Ends the list: all of it stands, or none (r < 0). */
static void referrers_end(struct referrer *list, int r)
{
	struct referrer *ref;

	while ((ref = list)) {
		list = ref->next;
		if (r < 0) {
			link_attrs_fini(&ref->link->attrs);
			ref->link->attrs = ref->old;
		} else {
			link_attrs_fini(&ref->old);
			ref->link->generation++;
		}
		free(ref);
	}
}

/*
 * Table and stores, with every link of the same owner that refers to it. What a zone was lent may
 * name a link of the global zone that is called as one of the zone's own.
 */
static int link_rename_all(struct link *link, const char *to)
{
	struct referrer *list = NULL;
	struct link_rename old;
	struct link *other;
	int r;

	r = link_rename_begin(link, to, &old);
	if (r < 0)
		return r;
	store_begin();
	r = link_save(link);
	for (other = link_next(0); r == 0 && other; other = link_next(other->id))
		if (link_owner(other) == link_owner(link) && other->attrs.count)
			r = referrer_rename(other, link->class, old.name, to, &list);
	r = store_end(r);
	referrers_end(list, r);
	link_rename_end(link, &old, r == 0);
	if (r == 0)
		link->generation++;
	return r;
}

/*
 * zoned renames what it has, and then knows. Who brings a link up while another renames it, because
 * it was not up, has zoned make it by its old name: it is told, and asks.
 */
static void tell_renamed(const struct link *link)
{
	if (link->flags & DLMGMT_ACTIVE)
		(void)dld_call_renamed(link->id); /* without a zoned the next one asks anyway */
}

int call_remap_linkid(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_remapid_req *req = arg;
	char bridge[MAXLINKNAMELEN];
	struct link *link;
	int r;

	if (!str_terminated(req->ld_link, sizeof(req->ld_link)) ||
		!dladm_valid_linkname(req->ld_link))
		return -EINVAL;
	r = link_for_change(caller, req->ld_linkid, &link);
	if (r == 0 && link->class == DATALINK_CLASS_BRIDGE &&
		!dladm_bridge_of_link(req->ld_link, bridge))
		return -EINVAL;
	if (r == 0 && link->on_loan && !link_name_free_in(req->ld_link, link->zoneid))
		r = -EEXIST;
	if (r == 0)
		r = link_rename_all(link, req->ld_link);
	if (r == 0)
		tell_renamed(link);
	return r;
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
		link_deactivate(link);
	return r;
}

/* The writer's lock, because the statements of the stores are everybody's. */
int call_check(const struct caller *caller, const void *arg, void *ret, size_t *size)
{
	const size_t head = sizeof(struct dlmgmt_reply), room = *size;
	struct store_report report = {.text = (char *)ret + head, .size = DLMGMT_CHECK_MAX};
	int r;

	if (!caller->privileged || caller->zoneid != GLOBAL_ZONEID)
		return -EACCES;
	*size = head + DLMGMT_CHECK_MAX;
	if (room < *size)
		return -ENOSPC;
	r = store_check(&report);
	*size = head + report.used + 1;
	return r;
}

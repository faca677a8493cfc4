/* SPDX-License-Identifier: MIT */
/*
 * Commands on configurations. A client takes a copy (READCONF) or an empty one
 * (CREATECONF), changes it attribute by attribute, and writes it back as a whole;
 * the generation of the link makes the pair READCONF..WRITECONF atomic.
 */
#include "dladm/dladm.h"
#include "dlmgmtd/conf-table.h"
#include "dlmgmtd/link-ops.h"
#include "dlmgmtd/store.h"

int call_createconf(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_createconf_req *req = arg;
	struct dlmgmt_confid_reply *reply = ret;
	struct conf *conf;
	int r;

	if (!caller->privileged)
		return -EACCES;
	if (!str_terminated(req->ld_link, sizeof(req->ld_link)) ||
		!dladm_valid_linkname(req->ld_link))
		return -EINVAL;
	r = conf_create(caller, &conf);
	if (r < 0)
		return r;
	conf->linkid = req->ld_linkid;
	conf->class = req->ld_class;
	conf->media = req->ld_media;
	(void)str_copy(conf->name, sizeof(conf->name), req->ld_link);
	reply->lr_confid = conf->id;
	return 0;
}

int call_readconf(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_linkid_req *req = arg;
	struct dlmgmt_confid_reply *reply = ret;
	const struct link *link = link_by_id(req->ld_linkid, caller->zoneid);
	struct conf *conf;
	int r;

	if (!link || !(link->flags & DLMGMT_PERSIST))
		return -ENOENT;
	if (caller->zoneid != GLOBAL_ZONEID && link->on_loan)
		return -EACCES;
	r = conf_create(caller, &conf);
	if (r < 0)
		return r;
	r = link_attrs_dup(&link->attrs, &conf->attrs);
	if (r < 0) {
		conf_destroy(conf);
		return r;
	}
	conf->linkid = link->id;
	conf->class = link->class;
	conf->media = link->media;
	conf->generation = link->generation;
	(void)str_copy(conf->name, sizeof(conf->name), link->name);
	reply->lr_confid = conf->id;
	return 0;
}

/* The configuration that the caller wants to change. */
static int conf_for_change(const struct caller *caller, uint32_t id, struct conf **ret)
{
	struct conf *conf = conf_find(id, caller);

	if (!conf)
		return -ENOENT;
	if (!caller->privileged)
		return -EACCES;
	*ret = conf;
	return 0;
}

/* The new list is complete and on disk before the old one goes (the seed frees first). */
static int link_configure(struct link *link, const struct link_attrs *attrs)
{
	struct link_attrs new = {0}, old = link->attrs;
	const bool old_configured = link->configured;
	int r;

	r = link_attrs_dup(attrs, &new);
	if (r < 0)
		return r;
	link->attrs = new;
	link->configured = true;
	r = link_save(link);
	if (r < 0) {
		link_attrs_fini(&link->attrs);
		link->attrs = old;
		link->configured = old_configured;
		return r;
	}
	link_attrs_fini(&old);
	link->generation++;
	return 0;
}

int call_writeconf(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_confid_req *req = arg;
	struct conf *conf;
	struct link *link;
	int r;

	r = conf_for_change(caller, req->ld_confid, &conf);
	if (r < 0)
		return r;
	if (!link_by_id(conf->linkid, caller->zoneid))
		return -ENOENT;
	r = link_for_change(caller, conf->linkid, &link);
	if (r < 0)
		return r;
	if (link->class != conf->class || link->media != conf->media ||
		!streq(link->name, conf->name))
		return -ENOENT;
	/* What is not to persist has no place to be written; the seed would write it. */
	if (!(link->flags & DLMGMT_PERSIST))
		return -EINVAL;
	if (link->generation != conf->generation)
		return -EAGAIN;
	return link_configure(link, &conf->attrs);
}

/* Linux: whoever opened it may close it, also without the right to write it. */
int call_destroyconf(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_confid_req *req = arg;
	struct conf *conf = conf_find(req->ld_confid, caller);

	if (!conf)
		return -ENOENT;
	if (!caller->privileged && conf->uid != caller->uid)
		return -EACCES;
	conf_destroy(conf);
	return 0;
}

int call_removeconf(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_linkid_req *req = arg;
	struct link *link;
	int r;

	r = link_for_change(caller, req->ld_linkid, &link);
	return r < 0 ? r : link_unconfigure(link);
}

int call_setattr(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_setattr_req *req = arg;
	struct conf *conf;
	int r;

	r = conf_for_change(caller, req->ld_confid, &conf);
	if (r < 0)
		return r;
	if (req->ld_attrsz > sizeof(req->ld_attrval))
		return -EINVAL;
	return link_attrs_set(
		&conf->attrs, req->ld_attr, req->ld_type, req->ld_attrval, req->ld_attrsz);
}

int call_unsetattr(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_attr_req *req = arg;
	struct conf *conf;
	int r;

	r = conf_for_change(caller, req->ld_confid, &conf);
	if (r < 0)
		return r;
	if (!str_terminated(req->ld_attr, sizeof(req->ld_attr)))
		return -EINVAL;
	link_attrs_unset(&conf->attrs, req->ld_attr);
	return 0;
}

int call_getattr(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_attr_req *req = arg;
	const struct conf *conf = conf_find(req->ld_confid, caller);

	return conf ? reply_attr(&conf->attrs, req->ld_attr, ret) : -ENOENT;
}

/* The attribute behind the last one that the caller has; the seed forgets to look whose it is. */
int call_linkprop_getnext(const struct caller *caller, const void *arg, void *ret)
{
	const struct dlmgmt_linkprop_getnext_req *req = arg;
	struct dlmgmt_linkprop_getnext_reply *reply = ret;
	const struct conf *conf = conf_find(req->ld_confid, caller);
	const struct link_attr *attr;

	if (!conf)
		return -ENOENT;
	if (!str_terminated(req->ld_last_attr, sizeof(req->ld_last_attr)))
		return -EINVAL;
	attr = conf->attrs.first;
	if (req->ld_last_attr[0]) {
		attr = link_attrs_find(&conf->attrs, req->ld_last_attr);
		attr = attr ? attr->next : NULL;
	}
	if (!attr)
		return -ENOENT;
	memcpy(reply->lr_attr, attr->name, sizeof(reply->lr_attr));
	reply->lr_type = attr->type;
	reply->lr_attrsz = attr->size;
	memcpy(reply->lr_attrval, attr->value, attr->size);
	return 0;
}

#define SNAPSHOT_ALIGN(n) (((n) + 7) & ~(size_t)7)

static size_t snapshot_size(const struct link_attrs *attrs)
{
	size_t size = sizeof(struct dlmgmt_snapshot_reply);
	const struct link_attr *attr;

	for (attr = attrs->first; attr; attr = attr->next)
		size += SNAPSHOT_ALIGN(sizeof(struct dlmgmt_snapshot_attr) + attr->size);
	return size;
}

int call_getconfsnapshot(const struct caller *caller, const void *arg, void *ret, size_t *size)
{
	const struct dlmgmt_linkid_req *req = arg;
	struct dlmgmt_snapshot_reply *reply = ret;
	const struct link *link = link_by_id(req->ld_linkid, caller->zoneid);
	const struct link_attr *attr;
	size_t room = *size;
	char *at = (char *)(reply + 1);

	if (!link || !(link->flags & DLMGMT_PERSIST))
		return -ENOENT;
	if (caller->zoneid != GLOBAL_ZONEID && link->on_loan)
		return -EACCES;
	*size = snapshot_size(&link->attrs);
	if (*size > room)
		return -ENOSPC;
	reply->lr_count = link->attrs.count;
	for (attr = link->attrs.first; attr; attr = attr->next) {
		struct dlmgmt_snapshot_attr *out = (void *)at;

		out->type = attr->type;
		out->size = attr->size;
		memcpy(out->name, attr->name, sizeof(out->name));
		memcpy(out + 1, attr->value, attr->size);
		at += SNAPSHOT_ALIGN(sizeof(*out) + attr->size);
	}
	return 0;
}

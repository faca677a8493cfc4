/* SPDX-License-Identifier: MIT */
/*
 * Client side of dlmgmtd's door. Each function fills the request of its command
 * and takes the reply apart; how the door is found, called and found again after
 * its server was replaced is kept-door.c's.
 */
#include "dladm/dlmgmt-calls.h"
#include "zone/kept-door.h"

static struct kept_door dlmgmt_door = KEPT_DOOR_INIT(DLMGMT_DOOR, DLMGMT_DOOR_IN);

int dlmgmt_call_open(void)
{
	return kept_door_open(&dlmgmt_door);
}

void dlmgmt_call_close(void)
{
	kept_door_close(&dlmgmt_door);
}

/* reply starts with the errno; an error may come as that alone. */
static int call_sized(
	const void *req, size_t req_size, void *reply, size_t reply_max, size_t *ret_size)
{
	struct exchange x = {
		.req = req, .req_size = req_size, .reply = reply, .reply_max = reply_max};
	int r = kept_door_call(&dlmgmt_door, &x);
	uint32_t err;

	if (r < 0)
		return r;
	if (x.reply_size < sizeof(err))
		return -EBADMSG;
	memcpy(&err, reply, sizeof(err));
	if (err)
		return -(int)err;
	*ret_size = x.reply_size;
	return 0;
}

static int call(const void *req, size_t req_size, void *reply, size_t reply_size)
{
	size_t size = 0;
	int r = call_sized(req, req_size, reply, reply_size, &size);

	return r < 0 || size == reply_size ? r : -EBADMSG;
}

/* For the commands that return nothing but an errno. */
static int call_plain(const void *req, size_t size)
{
	struct dlmgmt_reply reply;

	return call(req, size, &reply, sizeof(reply));
}

static int call_linkid(enum dlmgmt_cmd cmd, datalink_id_t linkid, void *reply, size_t reply_size)
{
	struct dlmgmt_linkid_req req = {.ld_cmd = cmd, .ld_linkid = linkid};

	return call(&req, sizeof(req), reply, reply_size);
}

int dlmgmt_call_dls_create(const char *devname, uint32_t link_class, uint32_t media, bool persist,
	uint64_t phymaj, uint64_t phyinst, datalink_id_t *ret_linkid)
{
	struct dlmgmt_dls_create_req req = {
		.ld_cmd = DLMGMT_CMD_DLS_CREATE,
		.ld_class = link_class,
		.ld_media = media,
		.ld_persist = persist,
		.ld_phymaj = phymaj,
		.ld_phyinst = phyinst,
	};
	struct dlmgmt_dls_create_reply reply;
	int r;

	r = str_copy(req.ld_devname, sizeof(req.ld_devname), devname);
	if (r < 0)
		return r;
	r = call(&req, sizeof(req), &reply, sizeof(reply));
	if (r == 0)
		*ret_linkid = reply.lr_linkid;
	return r;
}

/* Checks what came: the size inside the field, a string terminated, a number whole. */
static int attrval_take(uint32_t type, uint32_t size, const char *value, struct dlmgmt_attrval *ret)
{
	if (size > sizeof(ret->str))
		return -EBADMSG;
	if (type == DLADM_TYPE_STR && !str_terminated(value, size))
		return -EBADMSG;
	if (type == DLADM_TYPE_UINT64 && size != sizeof(uint64_t))
		return -EBADMSG;
	ret->type = type;
	ret->size = size;
	memcpy(ret->str, value, size);
	return 0;
}

static int getattr_take(const struct dlmgmt_getattr_reply *reply, struct dlmgmt_attrval *ret)
{
	return attrval_take(reply->lr_type, reply->lr_attrsz, reply->lr_attrval, ret);
}

int dlmgmt_call_dls_getattr(datalink_id_t linkid, const char *attr, struct dlmgmt_attrval *ret)
{
	struct dlmgmt_dls_getattr_req req = {.ld_cmd = DLMGMT_CMD_DLS_GETATTR, .ld_linkid = linkid};
	struct dlmgmt_getattr_reply reply;
	int r;

	r = str_copy(req.ld_attr, sizeof(req.ld_attr), attr);
	if (r < 0)
		return r;
	r = call(&req, sizeof(req), &reply, sizeof(reply));
	return r < 0 ? r : getattr_take(&reply, ret);
}

int dlmgmt_call_dls_destroy(datalink_id_t linkid, bool persist)
{
	struct dlmgmt_dls_destroy_req req = {
		.ld_cmd = DLMGMT_CMD_DLS_DESTROY, .ld_linkid = linkid, .ld_persist = persist};

	return call_plain(&req, sizeof(req));
}

int dlmgmt_call_dls_update(const char *devname, uint32_t media, bool novanity,
	datalink_id_t *ret_linkid, uint32_t *ret_media)
{
	struct dlmgmt_dls_update_req req = {
		.ld_cmd = DLMGMT_CMD_DLS_UPDATE, .ld_media = media, .ld_novanity = novanity};
	struct dlmgmt_update_reply reply = {0};
	int r;

	r = str_copy(req.ld_devname, sizeof(req.ld_devname), devname);
	if (r < 0)
		return r;
	r = call(&req, sizeof(req), &reply, sizeof(reply));
	if (r == 0)
		*ret_linkid = reply.lr_linkid;
	if (r == 0 || r == -EEXIST)
		*ret_media = reply.lr_media;
	return r;
}

int dlmgmt_call_linkprop_init(datalink_id_t linkid, bool *ret_has_props)
{
	struct dlmgmt_linkprop_init_reply reply;
	int r = call_linkid(DLMGMT_CMD_LINKPROP_INIT, linkid, &reply, sizeof(reply));

	if (r == 0)
		*ret_has_props = reply.lr_flags & 1;
	return r;
}

int dlmgmt_call_getname(datalink_id_t linkid, struct dlmgmt_linkinfo *ret)
{
	struct dlmgmt_getname_reply reply;
	int r = call_linkid(DLMGMT_CMD_GETNAME, linkid, &reply, sizeof(reply));

	if (r < 0)
		return r;
	if (!str_terminated(reply.lr_link, sizeof(reply.lr_link)))
		return -EBADMSG;
	ret->linkid = linkid;
	ret->link_class = reply.lr_class;
	ret->media = reply.lr_media;
	ret->flags = reply.lr_flags;
	return str_copy(ret->name, sizeof(ret->name), reply.lr_link);
}

int dlmgmt_call_getlinkid(const char *name, zoneid_t zoneid, struct dlmgmt_linkinfo *ret)
{
	struct dlmgmt_getlinkid_req req = {.ld_cmd = DLMGMT_CMD_GETLINKID, .ld_zoneid = zoneid};
	struct dlmgmt_link_reply reply;
	int r;

	r = str_copy(req.ld_link, sizeof(req.ld_link), name);
	if (r < 0)
		return r;
	r = call(&req, sizeof(req), &reply, sizeof(reply));
	if (r < 0)
		return r;
	ret->linkid = reply.lr_linkid;
	ret->link_class = reply.lr_class;
	ret->media = reply.lr_media;
	ret->flags = reply.lr_flags;
	return str_copy(ret->name, sizeof(ret->name), name);
}

/* The name costs a second call, between which the link may go: then the next one is taken. */
int dlmgmt_call_getnext(datalink_id_t linkid, uint32_t classes, uint32_t flags, uint32_t media,
	struct dlmgmt_linkinfo *ret)
{
	struct dlmgmt_getnext_req req = {
		.ld_cmd = DLMGMT_CMD_GETNEXT,
		.ld_linkid = linkid,
		.ld_class = classes,
		.ld_flags = flags,
		.ld_dmedia = media,
	};
	struct dlmgmt_link_reply reply;
	int r;

	for (;;) {
		r = call(&req, sizeof(req), &reply, sizeof(reply));
		if (r < 0)
			return r;
		if (reply.lr_linkid <= req.ld_linkid)
			return -EBADMSG;
		r = dlmgmt_call_getname(reply.lr_linkid, ret);
		if (r != -ENOENT)
			return r;
		req.ld_linkid = reply.lr_linkid;
	}
}

/* Adds the links of one reply. Returns how many, or a negative errno. */
static int getlinks_take(
	const char *buf, size_t size, struct dlmgmt_linkinfo **links, size_t *count)
{
	struct dlmgmt_getlinks_reply head;
	struct dlmgmt_linkinfo *more;
	struct dlmgmt_link link;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, buf, sizeof(head));
	if (head.lr_count > DLMGMT_LINKS_MAX || size != sizeof(head) + head.lr_count * sizeof(link))
		return -EBADMSG;
	more = reallocarray(*links, *count + head.lr_count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	*links = more;
	for (uint32_t i = 0; i < head.lr_count; i++) {
		memcpy(&link, buf + sizeof(head) + i * sizeof(link), sizeof(link));
		if (!str_terminated(link.name, sizeof(link.name)) ||
			(*count && link.linkid <= more[*count - 1].linkid))
			return -EBADMSG;
		more[*count] = (struct dlmgmt_linkinfo){
			.linkid = link.linkid,
			.link_class = link.class,
			.media = link.media,
			.flags = link.flags,
		};
		memcpy(more[(*count)++].name, link.name, sizeof(link.name));
	}
	return (int)head.lr_count;
}

int dlmgmt_call_getlinks(zoneid_t zoneid, uint32_t classes, uint32_t flags,
	struct dlmgmt_linkinfo **ret, size_t *ret_count)
{
	const size_t max = sizeof(struct dlmgmt_getlinks_reply) +
			   DLMGMT_LINKS_MAX * sizeof(struct dlmgmt_link);
	struct dlmgmt_getlinks_req req = {
		.ld_cmd = DLMGMT_CMD_GETLINKS,
		.ld_zoneid = zoneid,
		.ld_class = classes,
		.ld_flags = flags,
	};
	_cleanup_free_ struct dlmgmt_linkinfo *links = NULL;
	_cleanup_free_ char *buf = malloc(max);
	size_t size, count = 0;
	int r;

	if (!buf)
		return -ENOMEM;
	do {
		r = call_sized(&req, sizeof(req), buf, max, &size);
		if (r == 0)
			r = getlinks_take(buf, size, &links, &count);
		if (r < 0)
			return r;
		if (count)
			req.ld_linkid = links[count - 1].linkid;
	} while ((uint32_t)r == DLMGMT_LINKS_MAX);
	*ret = TAKE_PTR(links);
	*ret_count = count;
	return 0;
}

int dlmgmt_call_setzoneid(datalink_id_t linkid, zoneid_t zoneid)
{
	struct dlmgmt_setzoneid_req req = {
		.ld_cmd = DLMGMT_CMD_SETZONEID, .ld_linkid = linkid, .ld_zoneid = zoneid};

	return call_plain(&req, sizeof(req));
}

int dlmgmt_call_create_linkid(const char *name, bool prefix, uint32_t link_class, uint32_t media,
	uint32_t flags, datalink_id_t *ret_linkid)
{
	struct dlmgmt_createid_req req = {
		.ld_cmd = DLMGMT_CMD_CREATE_LINKID,
		.ld_class = link_class,
		.ld_media = media,
		.ld_prefix = prefix,
		.ld_flags = flags,
	};
	struct dlmgmt_linkid_reply reply;
	int r;

	r = str_copy(req.ld_link, sizeof(req.ld_link), name);
	if (r < 0)
		return r;
	r = call(&req, sizeof(req), &reply, sizeof(reply));
	if (r == 0)
		*ret_linkid = reply.lr_linkid;
	return r;
}

int dlmgmt_call_destroy_linkid(datalink_id_t linkid, uint32_t flags)
{
	struct dlmgmt_destroyid_req req = {
		.ld_cmd = DLMGMT_CMD_DESTROY_LINKID, .ld_linkid = linkid, .ld_flags = flags};

	return call_plain(&req, sizeof(req));
}

int dlmgmt_call_remap_linkid(datalink_id_t linkid, const char *name)
{
	struct dlmgmt_remapid_req req = {.ld_cmd = DLMGMT_CMD_REMAP_LINKID, .ld_linkid = linkid};
	int r = str_copy(req.ld_link, sizeof(req.ld_link), name);

	return r < 0 ? r : call_plain(&req, sizeof(req));
}

int dlmgmt_call_up_linkid(datalink_id_t linkid)
{
	struct dlmgmt_reply reply;

	return call_linkid(DLMGMT_CMD_UP_LINKID, linkid, &reply, sizeof(reply));
}

int dlmgmt_call_createconf(const char *name, datalink_id_t linkid, uint32_t link_class,
	uint32_t media, uint32_t *ret_confid)
{
	struct dlmgmt_createconf_req req = {
		.ld_cmd = DLMGMT_CMD_CREATECONF,
		.ld_linkid = linkid,
		.ld_class = link_class,
		.ld_media = media,
	};
	struct dlmgmt_confid_reply reply;
	int r;

	r = str_copy(req.ld_link, sizeof(req.ld_link), name);
	if (r < 0)
		return r;
	r = call(&req, sizeof(req), &reply, sizeof(reply));
	if (r == 0)
		*ret_confid = reply.lr_confid;
	return r;
}

int dlmgmt_call_readconf(datalink_id_t linkid, uint32_t *ret_confid)
{
	struct dlmgmt_confid_reply reply;
	int r = call_linkid(DLMGMT_CMD_READCONF, linkid, &reply, sizeof(reply));

	if (r == 0)
		*ret_confid = reply.lr_confid;
	return r;
}

static int call_confid(enum dlmgmt_cmd cmd, uint32_t confid)
{
	struct dlmgmt_confid_req req = {.ld_cmd = cmd, .ld_confid = confid};

	return call_plain(&req, sizeof(req));
}

int dlmgmt_call_writeconf(uint32_t confid)
{
	return call_confid(DLMGMT_CMD_WRITECONF, confid);
}

int dlmgmt_call_destroyconf(uint32_t confid)
{
	return call_confid(DLMGMT_CMD_DESTROYCONF, confid);
}

int dlmgmt_call_removeconf(datalink_id_t linkid)
{
	struct dlmgmt_reply reply;

	return call_linkid(DLMGMT_CMD_REMOVECONF, linkid, &reply, sizeof(reply));
}

int dlmgmt_call_setattr(
	uint32_t confid, const char *attr, uint32_t type, const void *value, size_t size)
{
	struct dlmgmt_setattr_req req = {
		.ld_cmd = DLMGMT_CMD_SETATTR,
		.ld_confid = confid,
		.ld_type = type,
		.ld_attrsz = (uint32_t)size,
	};
	int r;

	if (size > sizeof(req.ld_attrval))
		return -EINVAL;
	r = str_copy(req.ld_attr, sizeof(req.ld_attr), attr);
	if (r < 0)
		return r;
	memcpy(req.ld_attrval, value, size);
	return call_plain(&req, sizeof(req));
}

int dlmgmt_call_setattr_str(uint32_t confid, const char *attr, const char *value)
{
	return dlmgmt_call_setattr(confid, attr, DLADM_TYPE_STR, value, strlen(value) + 1);
}

int dlmgmt_call_setattr_u64(uint32_t confid, const char *attr, uint64_t value)
{
	return dlmgmt_call_setattr(confid, attr, DLADM_TYPE_UINT64, &value, sizeof(value));
}

int dlmgmt_call_unsetattr(uint32_t confid, const char *attr)
{
	struct dlmgmt_attr_req req = {.ld_cmd = DLMGMT_CMD_UNSETATTR, .ld_confid = confid};
	int r = str_copy(req.ld_attr, sizeof(req.ld_attr), attr);

	return r < 0 ? r : call_plain(&req, sizeof(req));
}

int dlmgmt_call_getattr(uint32_t confid, const char *attr, struct dlmgmt_attrval *ret)
{
	struct dlmgmt_attr_req req = {.ld_cmd = DLMGMT_CMD_GETATTR, .ld_confid = confid};
	struct dlmgmt_getattr_reply reply;
	int r;

	r = str_copy(req.ld_attr, sizeof(req.ld_attr), attr);
	if (r < 0)
		return r;
	r = call(&req, sizeof(req), &reply, sizeof(reply));
	return r < 0 ? r : getattr_take(&reply, ret);
}

/* One attribute of a snapshot; *at moves behind it. */
static int snapshot_next(
	const char *reply, size_t size, size_t *at, char *name, struct dlmgmt_attrval *ret)
{
	struct dlmgmt_snapshot_attr head;
	int r;

	if (size - *at < sizeof(head))
		return -EBADMSG;
	memcpy(&head, reply + *at, sizeof(head));
	*at += sizeof(head);
	if (head.size > size - *at || !str_terminated(head.name, sizeof(head.name)))
		return -EBADMSG;
	r = attrval_take(head.type, head.size, reply + *at, ret);
	if (r < 0)
		return r;
	*at = (*at + head.size + 7) & ~(size_t)7;
	if (*at > size)
		return -EBADMSG;
	return str_copy(name, MAXLINKATTRLEN, head.name);
}

int dlmgmt_call_confsnapshot(datalink_id_t linkid, dlmgmt_attr_fn *fn, void *arg)
{
	struct dlmgmt_linkid_req req = {.ld_cmd = DLMGMT_CMD_GETCONFSNAPSHOT, .ld_linkid = linkid};
	_cleanup_free_ char *buf = malloc(DLMGMT_SNAPSHOT_MAX);
	struct dlmgmt_snapshot_reply head;
	struct dlmgmt_attrval value;
	char name[MAXLINKATTRLEN];
	size_t size, at = sizeof(head);
	int r;

	if (!buf)
		return -ENOMEM;
	r = call_sized(&req, sizeof(req), buf, DLMGMT_SNAPSHOT_MAX, &size);
	if (r == 0 && size < sizeof(head))
		r = -EBADMSG;
	if (r < 0)
		return r;
	memcpy(&head, buf, sizeof(head));
	for (; r == 0 && head.lr_count; head.lr_count--) {
		r = snapshot_next(buf, size, &at, name, &value);
		if (r == 0)
			r = fn(name, &value, arg);
	}
	return r;
}

int dlmgmt_call_linkprop_getnext(
	uint32_t confid, const char *last, char name[MAXLINKATTRLEN], struct dlmgmt_attrval *ret)
{
	struct dlmgmt_linkprop_getnext_req req = {
		.ld_cmd = DLMGMT_CMD_LINKPROP_GETNEXT, .ld_confid = confid};
	struct dlmgmt_linkprop_getnext_reply reply;
	int r;

	r = str_copy(req.ld_last_attr, sizeof(req.ld_last_attr), last);
	if (r == 0)
		r = call(&req, sizeof(req), &reply, sizeof(reply));
	if (r < 0)
		return r;
	if (!str_terminated(reply.lr_attr, sizeof(reply.lr_attr)))
		return -EBADMSG;
	r = attrval_take(reply.lr_type, reply.lr_attrsz, reply.lr_attrval, ret);
	return r < 0 ? r : str_copy(name, MAXLINKATTRLEN, reply.lr_attr);
}

int dlmgmt_call_check(char *text)
{
	struct dlmgmt_check_req req = {.ld_cmd = DLMGMT_CMD_CHECK};
	const size_t head = sizeof(struct dlmgmt_reply);
	_cleanup_free_ char *buf = malloc(head + DLMGMT_CHECK_MAX);
	size_t size = 0;
	int r;

	if (!buf)
		return -ENOMEM;
	r = call_sized(&req, sizeof(req), buf, head + DLMGMT_CHECK_MAX, &size);
	if (r < 0)
		return r;
	if (size <= head || !str_terminated(buf + head, size - head))
		return -EBADMSG;
	return str_copy(text, DLMGMT_CHECK_MAX, buf + head);
}

static int call_zone(enum dlmgmt_cmd cmd, zoneid_t zoneid)
{
	struct dlmgmt_zone_req req = {.ld_cmd = cmd, .ld_zoneid = zoneid};

	return call_plain(&req, sizeof(req));
}

int dlmgmt_call_zoneboot(zoneid_t zoneid)
{
	return call_zone(DLMGMT_CMD_ZONEBOOT, zoneid);
}

int dlmgmt_call_zonehalt(zoneid_t zoneid)
{
	return call_zone(DLMGMT_CMD_ZONEHALT, zoneid);
}

/* SPDX-License-Identifier: MIT */
/*
 * Client side of zoned's door. Each function fills the request of its command
 * and checks the size of the reply; how the door is found, called, and found
 * again after zoned was replaced is kept-door.c's.
 */
#include "zone/zone-calls.h"
#include "zone/kept-door.h"

static struct kept_door zoned_door = KEPT_DOOR_INIT(ZONED_DOOR, ZONED_DOOR_IN);

void zone_calls_forget(void)
{
	kept_door_close(&zoned_door);
}

static void drop_fds(struct exchange *x)
{
	while (x->nfds)
		(void)fd_close(x->fds[--x->nfds]);
}

/* A reply is an error alone (its head), or has at least size bytes. */
static int call(struct exchange *x, size_t size, struct diag *d)
{
	struct zone_reply head;
	int r = kept_door_call(&zoned_door, x);

	if (r == -EBADF)
		return diag_set(d, r, "zoned does not run");
	if (r < 0)
		return diag_errno(d, r, "Cannot call zoned");
	if (x->reply_size < sizeof(head)) {
		drop_fds(x);
		return diag_set(d, -EBADMSG, "The answer of zoned is too short");
	}
	memcpy(&head, x->reply, sizeof(head));
	if (head.err) {
		drop_fds(x);
		head.text[sizeof(head.text) - 1] = '\0';
		if (head.text[0])
			(void)diag_set(d, 0, "%s", head.text);
		return -abs(head.err);
	}
	if (x->reply_size < size) {
		drop_fds(x);
		return diag_set(d, -EBADMSG, "The answer of zoned is too short");
	}
	return 0;
}

/* For the commands whose request and reply have one size. */
static int call_fixed(
	const void *req, size_t req_size, void *reply, size_t reply_size, struct diag *d)
{
	struct exchange x = {
		.req = req, .req_size = req_size, .reply = reply, .reply_max = reply_size};

	return call(&x, reply_size, d);
}

static int call_plain(const void *req, size_t size, struct diag *d)
{
	struct zone_reply reply;

	return call_fixed(req, size, &reply, sizeof(reply), d);
}

static int call_id(enum zone_cmd cmd, zoneid_t id, struct diag *d)
{
	struct zone_id_req req = {.cmd = cmd, .zoneid = id};

	return call_plain(&req, sizeof(req), d);
}

int zone_call_sized(
	const void *req, size_t req_size, void *reply, size_t min, size_t max, size_t *ret_size)
{
	struct exchange x = {.req = req, .req_size = req_size, .reply = reply, .reply_max = max};
	int r = call(&x, min, NULL);

	if (r == 0)
		*ret_size = x.reply_size;
	return r;
}

int zone_call_fixed(
	const void *req, size_t req_size, void *reply, size_t reply_size, struct diag *d)
{
	return call_fixed(req, req_size, reply, reply_size, d);
}

/* ---- life of a zone ---- */

int zone_call_create(struct zone_create_req *req, struct zone_create_reply *ret, struct diag *d)
{
	if (req->nrctls > ZONE_RCTLS_MAX)
		return diag_set(d, -E2BIG, "At most %d rctl values", ZONE_RCTLS_MAX);
	req->cmd = ZONE_CREATE;
	return call_fixed(
		req, sizeof(*req) + req->nrctls * sizeof(req->rctls[0]), ret, sizeof(*ret), d);
}

int zone_call_destroy(zoneid_t id, struct diag *d)
{
	struct zone_id_req req = {.cmd = ZONE_DESTROY, .zoneid = id};
	struct zone_reply reply;
	int r = call_fixed(&req, sizeof(req), &reply, sizeof(reply), d);

	if (r == 0 && str_terminated(reply.text, sizeof(reply.text)) && reply.text[0])
		(void)diag_set(d, 0, "%s", reply.text);
	return r;
}

int zone_call_boot(zoneid_t id, struct diag *d)
{
	return call_id(ZONE_BOOT, id, d);
}

int zone_call_shutdown(zoneid_t id, struct diag *d)
{
	return call_id(ZONE_SHUTDOWN, id, d);
}

int zone_call_host_down(void)
{
	uint32_t cmd = ZONE_HOST_DOWN;

	return call_plain(&cmd, sizeof(cmd), NULL);
}

int zone_call_stack_check(struct diag *d)
{
	return call_id(ZONE_STACK_CHECK, GLOBAL_ZONEID, d);
}

/* ---- attributes ---- */

static int getattr(struct zone_getattr_req *req, void *buf, size_t size, size_t *ret_size)
{
	size_t head = sizeof(struct zone_getattr_reply), got;
	_cleanup_free_ struct zone_getattr_reply *reply = NULL;
	struct exchange x = {.req = req, .req_size = sizeof(*req)};
	int r;

	req->cmd = ZONE_GETATTR;
	req->bufsize = size > ZONE_DATA_MAX ? ZONE_DATA_MAX : (uint32_t)size;
	x.reply_max = head + req->bufsize;
	x.reply = reply = malloc(x.reply_max);
	if (!reply)
		return -ENOMEM;
	r = call(&x, head, NULL);
	if (r < 0)
		return r;
	got = x.reply_size - head;
	if (got != (reply->size < req->bufsize ? reply->size : req->bufsize))
		return -EBADMSG;
	if (got)
		memcpy(buf, reply->data, got);
	*ret_size = reply->size;
	return 0;
}

int zone_call_getattr(zoneid_t id, enum zone_attr attr, void *buf, size_t size, size_t *ret_size)
{
	struct zone_getattr_req req = {.zoneid = id, .attr = attr};

	return getattr(&req, buf, size, ret_size);
}

int zone_call_getnet(
	zoneid_t id, datalink_id_t link, enum zone_net_type type, struct zone_net_data *ret)
{
	struct zone_getattr_req req = {
		.zoneid = id, .attr = ZONE_ATTR_NETWORK, .linkid = link, .nettype = type};
	size_t size;
	int r = getattr(&req, ret, sizeof(*ret), &size);

	if (r < 0)
		return r;
	return size == sizeof(*ret) && str_terminated(ret->value, sizeof(ret->value)) ? 0
										      : -EBADMSG;
}

int zone_call_setattr(
	zoneid_t id, enum zone_attr attr, const void *data, size_t size, struct diag *d)
{
	_cleanup_free_ struct zone_setattr_req *req = NULL;

	if (size > ZONE_DATA_MAX)
		return diag_set(d, -EINVAL, "The attribute's value is too long");
	req = malloc(sizeof(*req) + size);
	if (!req)
		return -ENOMEM;
	req->cmd = ZONE_SETATTR;
	req->zoneid = id;
	req->attr = attr;
	req->size = (uint32_t)size;
	if (size)
		memcpy(req->data, data, size);
	return call_plain(req, sizeof(*req) + size, d);
}

int zone_call_status(zoneid_t id, zone_status_t *ret)
{
	size_t size;
	int r = zone_call_getattr(id, ZONE_ATTR_STATUS, ret, sizeof(*ret), &size);

	return r == 0 && size != sizeof(*ret) ? -EBADMSG : r;
}

int zone_call_get_frozen(zoneid_t id, bool *ret)
{
	int frozen, r;
	size_t size;

	r = zone_call_getattr(id, ZONE_ATTR_FROZEN, &frozen, sizeof(frozen), &size);
	if (r == 0 && size != sizeof(frozen))
		r = -EBADMSG;
	if (r == 0)
		*ret = frozen != 0;
	return r;
}

int zone_call_set_frozen(zoneid_t id, bool frozen, struct diag *d)
{
	int v = frozen;

	return zone_call_setattr(id, ZONE_ATTR_FROZEN, &v, sizeof(v), d);
}

/* ---- which zones there are ---- */

static int lookup(struct zone_lookup_req *req, zoneid_t *ret)
{
	struct zone_id_reply reply;
	int r;

	req->cmd = ZONE_LOOKUP;
	r = call_fixed(req, sizeof(*req), &reply, sizeof(reply), NULL);
	if (r == 0)
		*ret = reply.zoneid;
	return r;
}

int zone_call_find_by_path(const char *path, bool any, zoneid_t *ret)
{
	struct zone_path_req req = {.cmd = ZONE_FIND_BY_PATH, .any = any};
	struct zone_id_reply reply;
	int r = str_copy(req.path, sizeof(req.path), path);

	if (r == 0)
		r = call_fixed(&req, sizeof(req), &reply, sizeof(reply), NULL);
	if (r == 0)
		*ret = reply.zoneid;
	return r;
}

int zone_call_lookup(const char *name, zoneid_t *ret)
{
	struct zone_lookup_req req = {0};

	if (str_copy(req.name, sizeof(req.name), name) < 0)
		return -EINVAL;
	return lookup(&req, ret);
}

int zone_call_self(zoneid_t *ret)
{
	struct zone_lookup_req req = {.self = 1};

	return lookup(&req, ret);
}

/*
 * The two lists have the same shape: head, count of all there are, ids of those
 * that fit. req holds the room at *max; asked again when there were more.
 */
static int list(
	const void *req, size_t req_size, uint32_t *max, uint32_t **ret_ids, uint32_t *ret_count)
{
	_cleanup_free_ struct zone_list_reply *reply = NULL;
	size_t head = sizeof(*reply);
	int r;

	for (*max = 64;; *max = reply->count) {
		struct exchange x = {.req = req,
			.req_size = req_size,
			.reply_max = head + *max * sizeof(uint32_t)};

		free(reply);
		x.reply = reply = malloc(x.reply_max);
		if (!reply)
			return -ENOMEM;
		r = call(&x, head, NULL);
		if (r < 0)
			return r;
		if (reply->count > MAX_ZONES)
			return -EBADMSG;
		if (reply->count > *max)
			continue;
		if (x.reply_size != head + reply->count * sizeof(uint32_t))
			return -EBADMSG;
		break;
	}
	*ret_ids = malloc(reply->count ? reply->count * sizeof(uint32_t) : 1);
	if (!*ret_ids)
		return -ENOMEM;
	memcpy(*ret_ids, reply->ids, reply->count * sizeof(uint32_t));
	*ret_count = reply->count;
	return 0;
}

int zone_call_list(zoneid_t **ret_ids, uint32_t *ret_count)
{
	struct zone_list_req req = {.cmd = ZONE_LIST};
	uint32_t *ids;
	int r = list(&req, sizeof(req), &req.max, &ids, ret_count);

	if (r == 0)
		*ret_ids = (zoneid_t *)ids;
	return r;
}

int zone_call_enter(
	zoneid_t id, struct zone_enter_reply *ret, int fds[ZONE_ENTER_COUNT], struct diag *d)
{
	struct zone_id_req req = {.cmd = ZONE_ENTER, .zoneid = id};
	struct exchange x = {
		.req = &req,
		.req_size = sizeof(req),
		.reply = ret,
		.reply_max = sizeof(*ret),
		.fds = fds,
		.fds_max = ZONE_ENTER_COUNT,
	};
	int r = call(&x, sizeof(*ret), d);

	if (r < 0)
		return r;
	if (x.nfds == ZONE_ENTER_COUNT && str_terminated(ret->name, sizeof(ret->name)) &&
		str_terminated(ret->cgroup, sizeof(ret->cgroup)))
		return 0;
	drop_fds(&x);
	return diag_set(d, -EBADMSG, "The answer of zoned is not complete");
}

/* ---- data links of zones ---- */

static int call_datalink(enum zone_cmd cmd, zoneid_t id, datalink_id_t link)
{
	struct zone_datalink_req req = {.cmd = cmd, .zoneid = id, .linkid = link};

	return call_plain(&req, sizeof(req), NULL);
}

int zone_call_add_datalink(zoneid_t id, datalink_id_t link)
{
	return call_datalink(ZONE_ADD_DATALINK, id, link);
}

int zone_call_del_datalink(zoneid_t id, datalink_id_t link)
{
	return call_datalink(ZONE_DEL_DATALINK, id, link);
}

int zone_call_check_datalink(zoneid_t *id, datalink_id_t link)
{
	struct zone_datalink_req req = {.cmd = ZONE_CHECK_DATALINK, .zoneid = *id, .linkid = link};
	struct zone_id_reply reply;
	int r = call_fixed(&req, sizeof(req), &reply, sizeof(reply), NULL);

	if (r == 0)
		*id = reply.zoneid;
	return r;
}

int zone_call_list_datalink(zoneid_t id, datalink_id_t **ret_ids, uint32_t *ret_count)
{
	struct zone_list_datalink_req req = {.cmd = ZONE_LIST_DATALINK, .zoneid = id};

	return list(&req, sizeof(req), &req.max, ret_ids, ret_count);
}

/* ---- events ---- */

static bool event_valid(const struct zone_event *e)
{
	return str_terminated(e->zonename, sizeof(e->zonename)) && e->oldstate < ZEV_STATE_COUNT &&
	       e->newstate < ZEV_STATE_COUNT;
}

int zone_call_events_read(uint64_t after, uint32_t max, struct zone_events_read_reply *reply)
{
	struct zone_events_read_req req = {.cmd = ZONE_EVENTS_READ, .max = max, .after = after};
	struct exchange x = {.req = &req,
		.req_size = sizeof(req),
		.reply = reply,
		.reply_max = sizeof(*reply) + max * sizeof(reply->events[0])};
	uint32_t i;
	int r = call(&x, sizeof(*reply), NULL);

	if (r < 0)
		return r;
	if (reply->count > max ||
		x.reply_size != sizeof(*reply) + reply->count * sizeof(reply->events[0]))
		return -EBADMSG;
	for (i = 0; i < reply->count; i++)
		if (!event_valid(&reply->events[i]))
			return -EBADMSG;
	return 0;
}

/* A command without arguments that is answered with one descriptor. */
static int call_for_fd(uint32_t cmd, int *ret_fd, struct diag *d)
{
	struct zone_reply reply;
	struct exchange x = {.req = &cmd,
		.req_size = sizeof(cmd),
		.reply = &reply,
		.reply_max = sizeof(reply),
		.fds = ret_fd,
		.fds_max = 1};
	int r = call(&x, sizeof(reply), d);

	if (r < 0)
		return r;
	return x.nfds == 1 ? 0 : -EBADMSG;
}

int zone_call_events_subscribe(int *ret_fd, struct diag *d)
{
	return call_for_fd(ZONE_EVENTS_SUBSCRIBE, ret_fd, d);
}

int zone_call_delegate(int *ret_sock, struct diag *d)
{
	return call_for_fd(ZONE_DELEGATE, ret_sock, d);
}

/* ---- dls half ---- */

static int call_link(enum zone_cmd cmd, datalink_id_t link, struct diag *d)
{
	struct dld_link_req req = {.cmd = cmd, .linkid = link};

	return call_plain(&req, sizeof(req), d);
}

int dld_call_etherstub_create(datalink_id_t link, struct diag *d)
{
	return call_link(DLD_ETHERSTUB_CREATE, link, d);
}

int dld_call_vnic_create(
	const struct dld_vnic_req *req, struct dld_linkinfo_reply *ret, struct diag *d)
{
	struct dld_vnic_req full = *req;

	full.cmd = DLD_VNIC_CREATE;
	return call_fixed(&full, sizeof(full), ret, sizeof(*ret), d);
}

int dld_call_delete(datalink_id_t link, struct diag *d)
{
	return call_link(DLD_DELETE, link, d);
}

int dld_call_known(datalink_id_t link)
{
	return call_link(DLD_KNOWN, link, NULL);
}

int dld_call_renamed(datalink_id_t link)
{
	return call_link(DLD_RENAMED, link, NULL);
}

int dld_call_linkinfo(datalink_id_t link, struct dld_linkinfo_reply *ret)
{
	struct dld_link_req req = {.cmd = DLD_LINKINFO, .linkid = link};

	return call_fixed(&req, sizeof(req), ret, sizeof(*ret), NULL);
}

int dld_call_setzone(datalink_id_t link, zoneid_t id, struct diag *d)
{
	struct dld_setzone_req req = {.cmd = DLD_SETZONE, .linkid = link, .zoneid = id};

	return call_plain(&req, sizeof(req), d);
}

int dld_call_next(datalink_id_t after, datalink_id_t *ret, char name[MAXLINKNAMELEN])
{
	struct dld_link_req req = {.cmd = DLD_NEXT, .linkid = after};
	struct dld_next_reply reply;
	int r = call_fixed(&req, sizeof(req), &reply, sizeof(reply), NULL);

	if (r < 0)
		return r;
	if (reply.linkid <= after || !str_terminated(reply.name, sizeof(reply.name)))
		return -EBADMSG;
	*ret = reply.linkid;
	return str_copy(name, MAXLINKNAMELEN, reply.name);
}

static int call_rename(struct dld_rename_req *req, const char *name, struct diag *d)
{
	struct zone_reply reply;
	int r = str_copy(req->name, sizeof(req->name), name);

	return r < 0 ? r : call_fixed(req, sizeof(*req), &reply, sizeof(reply), d);
}

int dld_call_rename(datalink_id_t link, datalink_id_t to, const char *name, struct diag *d)
{
	struct dld_rename_req req = {
		.cmd = DLD_RENAME, .linkid = link, .to_linkid = to, .zoneid = GLOBAL_ZONEID};

	return call_rename(&req, name, d);
}

int dld_call_rename_lent(datalink_id_t link, zoneid_t zone, const char *name, struct diag *d)
{
	struct dld_rename_req req = {.cmd = DLD_RENAME, .linkid = link, .zoneid = zone};

	return call_rename(&req, name, d);
}

int dld_call_setmtu(datalink_id_t link, uint32_t mtu, struct diag *d)
{
	struct dld_setmtu_req req = {.cmd = DLD_SETMTU, .linkid = link, .mtu = mtu};

	return call_plain(&req, sizeof(req), d);
}

int dld_call_hold(const char *name, datalink_id_t *ret, int *ret_fd, struct diag *d)
{
	struct dld_hold_req req = {.cmd = DLD_HOLD};
	struct dld_hold_reply reply;
	int fd = FD_NONE, r;
	struct exchange x = {
		.req = &req,
		.req_size = sizeof(req),
		.reply = &reply,
		.reply_max = sizeof(reply),
		.fds = &fd,
		.fds_max = 1,
	};

	if (str_copy(req.name, sizeof(req.name), name) < 0)
		return diag_set(d, -EINVAL, "invalid link name");
	r = call(&x, sizeof(reply), d);
	if (r < 0)
		return r;
	if (x.nfds != 1)
		return diag_set(d, -EBADMSG, "The answer of zoned has no descriptor");
	*ret = reply.linkid;
	*ret_fd = fd;
	return 0;
}

int dld_call_getprop(
	datalink_id_t link, const char *prop, struct dld_getprop_reply *ret, struct diag *d)
{
	struct dld_getprop_req req = {.cmd = DLD_GETPROP, .linkid = link};
	int r;

	if (str_copy(req.prop, sizeof(req.prop), prop) < 0)
		return -EINVAL;
	r = call_fixed(&req, sizeof(req), ret, sizeof(*ret), d);
	if (r < 0)
		return r;
	if (!str_terminated(ret->value, sizeof(ret->value)) ||
		!str_terminated(ret->def, sizeof(ret->def)) ||
		!str_terminated(ret->possible, sizeof(ret->possible)))
		return -EBADMSG;
	return 0;
}

int dld_call_setprop(datalink_id_t link, const char *prop, const char *value, struct diag *d)
{
	return dld_call_setprop_lent(link, GLOBAL_ZONEID, prop, value, d);
}

int dld_call_setprop_lent(
	datalink_id_t link, zoneid_t zone, const char *prop, const char *value, struct diag *d)
{
	struct dld_setprop_req req = {
		.cmd = DLD_SETPROP, .linkid = link, .reset = !value, .zoneid = zone};

	if (str_copy(req.prop, sizeof(req.prop), prop) < 0 ||
		str_copy(req.value, sizeof(req.value), value ? value : "") < 0)
		return -EINVAL;
	return call_plain(&req, sizeof(req), d);
}

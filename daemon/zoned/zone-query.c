/* SPDX-License-Identifier: MIT */
/*
 * Which zones there are, and the way in. A caller in a zone sees that zone and
 * nothing else: what it may not see answers like what does not exist.
 */
#include "zoned/zone-impl.h"

#include "zone/rows-door.h"
#include "zone/zsched-calls.h"

struct listing {
	const struct zoned_call *call;
	zoneid_t *ids;
	uint32_t max, count;
};

static int list_one(struct zone *z, void *arg)
{
	struct listing *l = arg;

	if (!zone_visible(l->call, z))
		return 0;
	if (l->count < l->max)
		l->ids[l->count] = z->id;
	l->count++;
	return 0;
}

int serve_zone_list(struct zoned_call *call)
{
	const struct zone_list_req *req = call->req;
	struct zone_list_reply *reply = call->reply;
	size_t room = (call->reply_max - sizeof(*reply)) / sizeof(reply->ids[0]);
	struct listing l = {.call = call, .ids = reply->ids};

	l.max = req->max < room ? req->max : (uint32_t)room;
	(void)zones_walk(ZONE_IS_INITIALIZED, ZONE_IS_DOWN, list_one, &l);
	reply->count = l.count;
	call->reply_size =
		sizeof(*reply) + (l.count < l.max ? l.count : l.max) * sizeof(reply->ids[0]);
	return 0;
}

struct rows {
	const struct zoned_call *call;
	struct zone_rows_reply *reply;
	size_t room;
	zoneid_t from;
};

/* 1: it is full. */
static int row_one(struct zone *z, void *arg)
{
	struct rows *rows = arg;
	struct zone_row *row = &rows->reply->rows[rows->reply->count];

	if (z->id < rows->from || !zone_visible(rows->call, z))
		return 0;
	if (rows->reply->count == rows->room) {
		rows->reply->next = z->id;
		return 1;
	}
	memset(row, 0, sizeof(*row));
	row->zoneid = z->id;
	row->status = zone_status_get(z);
	row->flags = z->flags | (zone_is_frozen(z) ? ZF_FROZEN : 0);
	(void)str_copy(row->name, sizeof(row->name), z->name);
	(void)pthread_mutex_lock(&z->lock);
	(void)str_copy(row->brand, sizeof(row->brand), z->attrs.brand);
	(void)pthread_mutex_unlock(&z->lock);
	rows->reply->count++;
	return 0;
}

int serve_zone_rows(struct zoned_call *call)
{
	const struct zone_rows_req *req = call->req;
	struct zone_rows_reply *reply = call->reply;
	struct rows rows = {.call = call, .reply = reply, .from = req->from};

	rows.room = (call->reply_max - sizeof(*reply)) / sizeof(reply->rows[0]);
	reply->count = 0;
	reply->next = -1;
	(void)zones_walk(ZONE_IS_INITIALIZED, ZONE_IS_DOWN, row_one, &rows);
	call->reply_size = sizeof(*reply) + reply->count * sizeof(reply->rows[0]);
	return 0;
}

int serve_zone_lookup(struct zoned_call *call)
{
	const struct zone_lookup_req *req = call->req;
	struct zone_id_reply *reply = call->reply;
	struct zone *z;
	int r = -EINVAL;

	if (req->self) {
		reply->zoneid = call->zoneid;
		return 0;
	}
	if (!str_terminated(req->name, sizeof(req->name)))
		return -ENAMETOOLONG;
	z = zone_hold_by_name(req->name, ZONE_IS_READY, ZONE_IS_DOWN);
	if (!z)
		return -EINVAL;
	if (zone_visible(call, z)) {
		reply->zoneid = z->id;
		r = 0;
	}
	zone_rele(z, ZONE_REF_CALL);
	return r;
}

int serve_find_by_path(struct zoned_call *call)
{
	const struct zone_path_req *req = call->req;
	struct zone_id_reply *reply = call->reply;
	struct zone *z;

	if (!str_terminated(req->path, sizeof(req->path)) || req->path[0] != '/')
		return -EINVAL;
	if (call->zoneid != GLOBAL_ZONEID) {
		reply->zoneid = call->zoneid;
		return 0;
	}
	z = zone_hold_by_path(req->path, req->any != 0);
	reply->zoneid = z->id;
	zone_rele(z, ZONE_REF_CALL);
	return 0;
}

int serve_zone_version(struct zoned_call *call)
{
	struct zone_id_reply *reply = call->reply;

	reply->zoneid = ZONE_VERSION;
	return 0;
}

/* Linux: the caller joins by itself, with setns(2); it gets what it needs for that. */
static int enter(struct zoned_call *call, struct zone *z)
{
	static const uint32_t mask = ZSCHED_FD_USER | ZSCHED_FD_MNT | ZSCHED_FD_NET |
				     ZSCHED_FD_IPC | ZSCHED_FD_UTS | ZSCHED_FD_CGROUP |
				     ZSCHED_FD_INIT;
	struct zone_enter_reply *reply = call->reply;
	int r;

	if (zone_is_frozen(z))
		return diag_set(&call->diag, -EBUSY,
			"It is frozen; 'zoneadm -z %s thaw' lets it go on", z->name);
	r = zsched_call_getfds(z->name, mask, call->fds, &call->diag);
	if (r == -ESRCH || r == -ENOENT)
		return diag_set(&call->diag, r, "Zone '%s' is %s and has no init", z->name,
			zone_status_name(zone_status_get(z)));
	if (r < 0)
		return r;
	call->nfds = ZONE_ENTER_COUNT;
	reply->caps = z->caps;
	reply->uid_base = z->uid_base;
	reply->flags = z->flags;
	reply->start = zone_start_flags(z);
	(void)str_copy(reply->name, sizeof(reply->name), z->name);
	(void)snprintf(reply->cgroup, sizeof(reply->cgroup), ZONE_GROUPS "/%s/zone", z->name);
	/* It may have begun to end meanwhile; who enters now would be killed later, not never. */
	return zone_status_get(z) <= ZONE_IS_RUNNING ? 0 : -EINVAL;
}

int serve_zone_enter(struct zoned_call *call)
{
	const struct zone_id_req *req = call->req;
	struct zone *z;
	int r;

	if (req->zoneid <= GLOBAL_ZONEID || req->zoneid > MAX_ZONEID)
		return -EINVAL;
	z = zone_hold_by_id(req->zoneid, ZONE_IS_READY, ZONE_IS_RUNNING, ZONE_REF_CALL);
	if (!z)
		return -EINVAL;
	r = enter(call, z);
	zone_rele(z, ZONE_REF_CALL);
	return r;
}

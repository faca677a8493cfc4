/* SPDX-License-Identifier: MIT */
/*
 * Which zone has which data link. The list says who may use a link; where its
 * device is, and moving it, is the dls half's.
 *
 * dlmgmtd adds and removes links, so these calls come while the dls half waits
 * for dlmgmtd with a link's perimeter held: nothing here takes one, or calls back.
 */
#include "zoned/zone-impl.h"

#include <linux/capability.h>
#include <pwd.h>

#define DLADM_USER "dladm"

/* The user that dlmgmtd becomes; -1 when this host has none. */
static uid_t dladm_uid(void)
{
	struct passwd pw, *found = NULL;
	char buf[4096];

	if (getpwnam_r(DLADM_USER, &pw, buf, sizeof(buf), &found) != 0 || !found)
		return (uid_t)-1;
	return found->pw_uid;
}

/* Global root with the right over the network, or dlmgmtd. */
static bool may_change(const struct zoned_call *call)
{
	uid_t uid = ucred_geteuid(call->cred);

	if (call->zoneid != GLOBAL_ZONEID)
		return false;
	if (zoned_call_is_global_root(call))
		return ucred_has_cap(call->cred, CAP_NET_ADMIN);
	return uid != (uid_t)-1 && uid != 0 && uid == dladm_uid();
}

static struct zone_dl **find_locked(struct zone *z, datalink_id_t link)
{
	struct zone_dl **at;

	for (at = &z->links; *at && (*at)->id != link; at = &(*at)->next)
		;
	return at;
}

static bool has_link(struct zone *z, datalink_id_t link)
{
	bool has;

	(void)pthread_mutex_lock(&z->lock);
	has = *find_locked(z, link) != NULL;
	(void)pthread_mutex_unlock(&z->lock);
	return has;
}

/* One add at a time, so that two zones cannot get the same link. Taken before zonehash_lock. */
static pthread_mutex_t links_lock = PTHREAD_MUTEX_INITIALIZER;

struct owner {
	datalink_id_t link;
	zoneid_t zone; /* out */
};

static int find_owner(struct zone *z, void *arg)
{
	struct owner *o = arg;

	if (!has_link(z, o->link))
		return 0;
	o->zone = z->id;
	return 1;
}

int zone_datalink_owner(datalink_id_t link, zoneid_t *ret_id)
{
	struct owner o = {.link = link};

	if (!zones_walk(ZONE_IS_UNINITIALIZED, ZONE_IS_DOWN, find_owner, &o))
		return -ENXIO;
	*ret_id = o.zone;
	return 0;
}

/* Consumes dl when it succeeds. */
static int insert(struct zone *z, struct zone_dl *dl)
{
	zoneid_t owner;
	int r = 0;

	(void)pthread_mutex_lock(&links_lock);
	if (zone_datalink_owner(dl->id, &owner) == 0) {
		r = owner == z->id ? -EEXIST : -EPERM;
	} else {
		(void)pthread_mutex_lock(&z->lock);
		dl->next = z->links;
		z->links = dl;
		(void)pthread_mutex_unlock(&z->lock);
	}
	(void)pthread_mutex_unlock(&links_lock);
	return r;
}

/* Takes a link out of the list; NULL when it is not there. */
static struct zone_dl *take(struct zone *z, datalink_id_t link)
{
	struct zone_dl **at, *dl;

	(void)pthread_mutex_lock(&z->lock);
	at = find_locked(z, link);
	dl = *at;
	if (dl)
		*at = dl->next;
	(void)pthread_mutex_unlock(&z->lock);
	return dl;
}

static int add(struct zone *z, datalink_id_t link, struct diag *d)
{
	struct zone_dl *dl = calloc(1, sizeof(*dl));
	int r;

	if (!dl)
		return -ENOMEM;
	dl->id = link;
	r = insert(z, dl);
	if (r < 0) {
		free(dl);
		return r;
	}
	r = zone_save(z, d);
	if (r < 0)
		free(take(z, link));
	return r;
}

int serve_add_datalink(struct zoned_call *call)
{
	const struct zone_datalink_req *req = call->req;
	struct zone *z;
	int r;

	if (!may_change(call))
		return -EPERM;
	if (req->zoneid == GLOBAL_ZONEID || req->linkid == DATALINK_INVALID_LINKID)
		return -EINVAL;
	/* Linux: not while it shuts down, when its links are on their way home. */
	z = zone_hold_by_id(req->zoneid, ZONE_IS_READY, ZONE_IS_RUNNING, ZONE_REF_CALL);
	if (!z)
		return -ENXIO;
	r = add(z, req->linkid, &call->diag);
	zone_rele(z, ZONE_REF_CALL);
	return r;
}

int serve_del_datalink(struct zoned_call *call)
{
	const struct zone_datalink_req *req = call->req;
	struct zone_dl *dl;
	struct zone *z;

	if (!may_change(call))
		return -EPERM;
	if (req->zoneid == GLOBAL_ZONEID)
		return -EINVAL;
	z = zone_hold_by_id(req->zoneid, ZONE_IS_READY, ZONE_IS_DOWN, ZONE_REF_CALL);
	if (!z)
		return -EINVAL;
	dl = take(z, req->linkid);
	/* A record that still names it is put right by the next save; a link that is gone must not come back. */
	if (dl)
		zone_save_logged(z);
	free(dl);
	zone_rele(z, ZONE_REF_CALL);
	return dl ? 0 : -ENXIO;
}

int serve_check_datalink(struct zoned_call *call)
{
	const struct zone_datalink_req *req = call->req;
	struct zone_id_reply *reply = call->reply;
	zoneid_t owner, id = req->zoneid;

	if (call->zoneid != GLOBAL_ZONEID && id == ALL_ZONES)
		id = call->zoneid;
	if (call->zoneid != GLOBAL_ZONEID && id != call->zoneid)
		return -ENXIO;
	if (zone_datalink_owner(req->linkid, &owner) < 0 || (id != ALL_ZONES && owner != id))
		return -ENXIO;
	reply->zoneid = owner;
	return 0;
}

uint32_t zone_datalink_list(struct zone *z, datalink_id_t *ids, uint32_t max)
{
	const struct zone_dl *dl;
	uint32_t n = 0;

	(void)pthread_mutex_lock(&z->lock);
	for (dl = z->links; dl; dl = dl->next, n++)
		if (n < max)
			ids[n] = dl->id;
	(void)pthread_mutex_unlock(&z->lock);
	return n;
}

int serve_list_datalink(struct zoned_call *call)
{
	const struct zone_list_datalink_req *req = call->req;
	struct zone_list_datalink_reply *reply = call->reply;
	size_t room = (call->reply_max - sizeof(*reply)) / sizeof(reply->ids[0]);
	uint32_t max = req->max < room ? req->max : (uint32_t)room;
	struct zone *z;

	if (call->zoneid != GLOBAL_ZONEID && req->zoneid != call->zoneid)
		return -EPERM;
	z = zone_hold_by_id(req->zoneid, ZONE_IS_READY, ZONE_IS_DOWN, ZONE_REF_CALL);
	if (!z)
		return -ENXIO;
	reply->count = zone_datalink_list(z, reply->ids, max);
	call->reply_size =
		sizeof(*reply) + (reply->count < max ? reply->count : max) * sizeof(reply->ids[0]);
	zone_rele(z, ZONE_REF_CALL);
	return 0;
}

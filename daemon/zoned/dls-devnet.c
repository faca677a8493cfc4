/* SPDX-License-Identifier: MIT */
/*
 * The devnet table: which links there are, who holds them, where they are.
 *
 * A link is found by its id. Links that are INITIALIZING (their device is being
 * made, or dlmgmtd has not named the NIC yet) or CONDEMNED are in nobody's sight
 * outside of the dls half. Two kinds of reference keep a link: dd_ref, which makes
 * it busy, and dd_tref, which only makes its end wait.
 *
 * Linux: as in illumos the table says nothing about the device itself. Its
 * fields are a copy of what we did; the kernel is asked when it matters.
 */
#include "zoned/mac.h"

#include <assert.h>
#include <stdatomic.h>

#define BUCKETS 1024u

static pthread_rwlock_t devnet_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct devnet *table[BUCKETS]; /* by linkid; unnamed NICs are in 0 */
static size_t table_count;
static atomic_bool unfinished;

static struct devnet **bucket_of(datalink_id_t id)
{
	return &table[id % BUCKETS];
}

static struct devnet *find_locked(datalink_id_t id)
{
	struct devnet *dd;

	if (id == DATALINK_INVALID_LINKID)
		return NULL;
	for (dd = *bucket_of(id); dd; dd = dd->dd_next) {
		if (dd->dd_linkid == id)
			return dd;
	}
	return NULL;
}

static void chain_add_locked(struct devnet *dd)
{
	struct devnet **b = bucket_of(dd->dd_linkid);

	dd->dd_next = *b;
	*b = dd;
	table_count++;
	dls_index_add(dd);
}

static void chain_del_locked(struct devnet *dd)
{
	struct devnet **p = bucket_of(dd->dd_linkid);

	while (*p != dd) {
		assert(*p);
		p = &(*p)->dd_next;
	}
	*p = dd->dd_next;
	table_count--;
	dls_index_remove(dd);
}

int dls_devnet_new(uint32_t class, struct devnet **ret)
{
	const struct mac_ops *ops = mac_of_class(class);
	struct devnet *dd;

	if (!ops)
		return -ENOTSUP;
	dd = calloc(1, sizeof(*dd));
	if (!dd)
		return -ENOMEM;
	(void)pthread_mutex_init(&dd->dd_perim, NULL);
	(void)pthread_mutex_init(&dd->dd_mutex, NULL);
	(void)pthread_cond_init(&dd->dd_cv, NULL);
	dd->dd_ops = ops;
	dd->dd_class = class;
	dd->dd_media = DL_ETHER;
	dd->dd_owner_zid = GLOBAL_ZONEID;
	dd->dd_flags = DD_INITIALIZING;
	dd->dd_ref = 1;
	dd->dd_at.netns = dls_home_inode();
	*ret = dd;
	return 0;
}

int dls_devnet_insert(struct devnet *dd)
{
	const bool watched = (dd->dd_flags & DD_UNFINISHED) || dd->dd_class == DATALINK_CLASS_PHYS;
	int r = 0;

	(void)pthread_rwlock_wrlock(&devnet_lock);
	if (find_locked(dd->dd_linkid))
		r = -EEXIST;
	else
		chain_add_locked(dd);
	(void)pthread_rwlock_unlock(&devnet_lock);
	if (watched)
		dls_devnet_unfinished();
	return r;
}

int dls_devnet_identify(struct devnet *dd, datalink_id_t id, const char *name)
{
	int r = 0;

	(void)pthread_rwlock_wrlock(&devnet_lock);
	if (find_locked(id)) {
		r = -EEXIST;
	} else {
		assert(dd->dd_linkid == DATALINK_INVALID_LINKID);
		chain_del_locked(dd);
		(void)pthread_mutex_lock(&dd->dd_mutex);
		dd->dd_linkid = id;
		(void)str_copy(dd->dd_linkname, sizeof(dd->dd_linkname), name);
		chain_add_locked(dd);
		(void)pthread_mutex_unlock(&dd->dd_mutex);
	}
	(void)pthread_rwlock_unlock(&devnet_lock);
	return r;
}

int dls_devnet_renumber(struct devnet *dd, datalink_id_t id)
{
	int r = 0;

	(void)pthread_rwlock_wrlock(&devnet_lock);
	(void)pthread_mutex_lock(&dd->dd_mutex);
	if (find_locked(id)) {
		r = -EEXIST;
	} else if (dd->dd_ref != 1) {
		r = -EBUSY;
	} else {
		chain_del_locked(dd);
		dd->dd_linkid = id;
		chain_add_locked(dd);
	}
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	(void)pthread_rwlock_unlock(&devnet_lock);
	return r;
}

void dls_devnet_set_linkname(struct devnet *dd, const char *name)
{
	(void)pthread_mutex_lock(&dd->dd_mutex);
	(void)str_copy(dd->dd_linkname, sizeof(dd->dd_linkname), name);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

void dls_devnet_ready(struct devnet *dd)
{
	dls_devnet_set_flag(dd, DD_INITIALIZING, false);
}

int dls_devnet_condemn(struct devnet *dd)
{
	int r = 0;

	(void)pthread_rwlock_wrlock(&devnet_lock);
	(void)pthread_mutex_lock(&dd->dd_mutex);
	if (dd->dd_ref != 1 || dd->dd_holds) {
		r = -EBUSY;
	} else {
		dd->dd_flags |= DD_CONDEMNED;
		dd->dd_ref = 0;
		chain_del_locked(dd);
	}
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	(void)pthread_rwlock_unlock(&devnet_lock);
	return r;
}

void dls_devnet_restore(struct devnet *dd)
{
	(void)pthread_rwlock_wrlock(&devnet_lock);
	(void)pthread_mutex_lock(&dd->dd_mutex);
	assert(dd->dd_flags & DD_CONDEMNED);
	dd->dd_flags &= ~DD_CONDEMNED;
	dd->dd_ref = 1;
	/* Its id cannot have been given away: dlmgmtd still has it. */
	chain_add_locked(dd);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	(void)pthread_rwlock_unlock(&devnet_lock);
}

void dls_devnet_free(struct devnet *dd)
{
	if (!dd)
		return;
	(void)pthread_mutex_lock(&dd->dd_mutex);
	while (dd->dd_tref)
		(void)pthread_cond_wait(&dd->dd_cv, &dd->dd_mutex);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	(void)pthread_cond_destroy(&dd->dd_cv);
	(void)pthread_mutex_destroy(&dd->dd_mutex);
	(void)pthread_mutex_destroy(&dd->dd_perim);
	free(dd);
}

static int hold_common(datalink_id_t id, bool tmp, struct devnet **ret)
{
	struct devnet *dd;
	int r = -ENOENT;

	(void)pthread_rwlock_rdlock(&devnet_lock);
	dd = find_locked(id);
	if (dd) {
		(void)pthread_mutex_lock(&dd->dd_mutex);
		if (!(dd->dd_flags & (DD_CONDEMNED | DD_INITIALIZING))) {
			if (tmp)
				dd->dd_tref++;
			else
				dd->dd_ref++;
			*ret = dd;
			r = 0;
		}
		(void)pthread_mutex_unlock(&dd->dd_mutex);
	}
	(void)pthread_rwlock_unlock(&devnet_lock);
	return r;
}

int dls_devnet_hold(datalink_id_t id, struct devnet **ret)
{
	return hold_common(id, false, ret);
}

int dls_devnet_hold_tmp(datalink_id_t id, struct devnet **ret)
{
	return hold_common(id, true, ret);
}

void dls_devnet_rele(struct devnet *dd)
{
	bool last;

	(void)pthread_mutex_lock(&dd->dd_mutex);
	assert(dd->dd_ref > 1);
	dd->dd_ref--;
	last = dls_implicit_unheld(dd);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	if (last)
		dls_watch_kick();
}

void dls_devnet_rele_tmp(struct devnet *dd)
{
	(void)pthread_mutex_lock(&dd->dd_mutex);
	assert(dd->dd_tref > 0);
	if (--dd->dd_tref == 0)
		(void)pthread_cond_broadcast(&dd->dd_cv);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

int dls_perim_enter(struct devnet *dd)
{
	bool condemned;

	(void)pthread_mutex_lock(&dd->dd_perim);
	(void)pthread_mutex_lock(&dd->dd_mutex);
	condemned = dd->dd_flags & DD_CONDEMNED;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	if (!condemned)
		return 0;
	(void)pthread_mutex_unlock(&dd->dd_perim);
	return -ENOENT;
}

void dls_perim_exit(struct devnet *dd)
{
	(void)pthread_mutex_unlock(&dd->dd_perim);
}

static struct devnet *hold_tmp_locked(struct devnet *dd)
{
	(void)pthread_mutex_lock(&dd->dd_mutex);
	dd->dd_tref++;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	return dd;
}

int dls_devnet_snapshot(struct devnet ***ret, size_t *ret_count)
{
	struct devnet **all;
	size_t n = 0;

	(void)pthread_rwlock_rdlock(&devnet_lock);
	all = calloc(table_count + 1, sizeof(*all));
	for (size_t b = 0; all && b < BUCKETS; b++)
		for (struct devnet *dd = table[b]; dd; dd = dd->dd_next)
			all[n++] = hold_tmp_locked(dd);
	(void)pthread_rwlock_unlock(&devnet_lock);
	if (!all)
		return -ENOMEM;
	*ret = all;
	*ret_count = n;
	return 0;
}

/* Counts, and holds when there is room. */
struct choice {
	struct devnet **held; /* NULL: only count */
	size_t count;
};

static void choose(struct devnet *dd, void *arg)
{
	struct choice *c = arg;

	if (c->held)
		c->held[c->count] = hold_tmp_locked(dd);
	c->count++;
}

int dls_devnet_snapshot_in(zoneid_t zone, struct devnet ***ret, size_t *ret_count)
{
	struct choice c = {0};

	(void)pthread_rwlock_rdlock(&devnet_lock);
	dls_index_of_zone(zone, choose, &c);
	c.held = calloc(c.count + 1, sizeof(struct devnet *));
	c.count = 0;
	if (c.held)
		dls_index_of_zone(zone, choose, &c);
	(void)pthread_rwlock_unlock(&devnet_lock);
	if (!c.held)
		return -ENOMEM;
	*ret = c.held;
	*ret_count = c.count;
	return 0;
}

void dls_devnet_snapshot_free(struct devnet **all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		dls_devnet_rele_tmp(all[i]);
	free(all);
}

static bool has_ifindex(const struct devnet *dd, int ifindex)
{
	if (dd->dd_owner_zid != GLOBAL_ZONEID) /* its numbers count in its zone */
		return false;
	if (dd->dd_port == ifindex || dd->dd_twin_port == ifindex)
		return true;
	if (dd->dd_at.zone != GLOBAL_ZONEID && dls_twin_has(dd) && dd->dd_home_ifindex == ifindex)
		return true;
	if (dd->dd_at.zone == GLOBAL_ZONEID && dd->dd_at.ifindex == ifindex)
		return true;
	return dd->dd_to.ifindex == ifindex && dd->dd_to.zone == GLOBAL_ZONEID;
}

static bool hold_if_its(struct devnet *dd, int ifindex)
{
	bool its;

	(void)pthread_mutex_lock(&dd->dd_mutex);
	its = has_ifindex(dd, ifindex);
	dd->dd_tref += its;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	return its;
}

struct devnet *dls_devnet_hold_by_ifindex(int ifindex)
{
	struct devnet *found;

	if (ifindex <= 0)
		return NULL;
	(void)pthread_rwlock_rdlock(&devnet_lock);
	found = dls_index_by_number(ifindex, hold_if_its);
	(void)pthread_rwlock_unlock(&devnet_lock);
	return found;
}

static bool mac_taken_locked(const struct devnet *dd, const uint8_t mac[6])
{
	for (size_t b = 0; b < BUCKETS; b++) {
		for (struct devnet *o = table[b]; o; o = o->dd_next) {
			bool same;

			(void)pthread_mutex_lock(&o->dd_mutex);
			same = o != dd && memcmp(o->dd_mac, mac, 6) == 0 &&
			       (o->dd_over == dd->dd_over || o->dd_linkid == dd->dd_over);
			(void)pthread_mutex_unlock(&o->dd_mutex);
			if (same)
				return true;
		}
	}
	return false;
}

int dls_devnet_reserve_mac(struct devnet *dd, const uint8_t mac[6])
{
	int r = 0;

	(void)pthread_rwlock_wrlock(&devnet_lock);
	if (mac_taken_locked(dd, mac))
		r = -EADDRINUSE;
	else
		dls_devnet_set_mac(dd, mac);
	(void)pthread_rwlock_unlock(&devnet_lock);
	return r;
}

bool dls_devnet_visible(struct devnet *dd, zoneid_t zone)
{
	bool visible;

	(void)pthread_mutex_lock(&dd->dd_mutex);
	visible = zone == GLOBAL_ZONEID || dd->dd_owner_zid == zone || dd->dd_at.zone == zone;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	return visible;
}

/* Around a change of what the indexes are made of. */
static void places_begin(struct devnet *dd)
{
	(void)pthread_rwlock_wrlock(&devnet_lock);
	(void)pthread_mutex_lock(&dd->dd_mutex);
}

static void places_end(struct devnet *dd)
{
	dls_index_update(dd);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	(void)pthread_rwlock_unlock(&devnet_lock);
}

void dls_devnet_set_place(struct devnet *dd, struct dls_place at)
{
	places_begin(dd);
	dd->dd_at = at;
	dd->dd_to = (struct dls_place){0};
	if (at.zone == GLOBAL_ZONEID && at.ifindex)
		dd->dd_home_ifindex = at.ifindex;
	places_end(dd);
}

void dls_devnet_set_target(struct devnet *dd, struct dls_place to)
{
	places_begin(dd);
	dd->dd_to = to;
	places_end(dd);
}

void dls_devnet_set_moving(struct devnet *dd, zoneid_t from, zoneid_t to)
{
	(void)pthread_rwlock_wrlock(&devnet_lock);
	dls_index_move(dd, from, to);
	(void)pthread_rwlock_unlock(&devnet_lock);
}

void dls_devnet_set_device(struct devnet *dd, const char *name)
{
	(void)pthread_mutex_lock(&dd->dd_mutex);
	(void)str_copy(dd->dd_device, sizeof(dd->dd_device), name);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

void dls_devnet_set_port(struct devnet *dd, int port)
{
	places_begin(dd);
	dd->dd_port = port;
	places_end(dd);
}

void dls_devnet_set_twin_port(struct devnet *dd, int port)
{
	places_begin(dd);
	dd->dd_twin_port = port;
	places_end(dd);
}

void dls_devnet_forget_home(struct devnet *dd)
{
	places_begin(dd);
	dd->dd_home_ifindex = 0;
	places_end(dd);
}

void dls_devnet_set_mac(struct devnet *dd, const uint8_t mac[6])
{
	(void)pthread_mutex_lock(&dd->dd_mutex);
	memcpy(dd->dd_mac, mac, 6);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

void dls_devnet_set_mtu(struct devnet *dd, uint32_t mtu)
{
	(void)pthread_mutex_lock(&dd->dd_mutex);
	dd->dd_mtu = mtu;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

void dls_devnet_set_spec(struct devnet *dd, const struct dld_spec *spec)
{
	(void)pthread_mutex_lock(&dd->dd_mutex);
	dd->dd_spec = *spec;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

void dls_devnet_set_flag(struct devnet *dd, unsigned int flag, bool on)
{
	(void)pthread_mutex_lock(&dd->dd_mutex);
	if (on)
		dd->dd_flags |= flag;
	else
		dd->dd_flags &= ~flag;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	if (on && (flag & DD_UNFINISHED))
		dls_devnet_unfinished();
}

void dls_devnet_unfinished(void)
{
	atomic_store(&unfinished, true);
}

bool dls_devnet_any_unfinished(void)
{
	return atomic_exchange(&unfinished, false);
}

int dls_devnet_mark(datalink_id_t id, unsigned int flag)
{
	struct devnet *dd;

	(void)pthread_rwlock_rdlock(&devnet_lock);
	dd = find_locked(id);
	if (dd)
		dls_devnet_set_flag(dd, flag, true);
	(void)pthread_rwlock_unlock(&devnet_lock);
	return dd ? 0 : -ENOENT;
}

int dls_devnet_info_of(datalink_id_t id, struct devnet_info *ret)
{
	struct devnet *dd;

	(void)pthread_rwlock_rdlock(&devnet_lock);
	dd = find_locked(id);
	if (dd)
		dls_devnet_info(dd, ret);
	(void)pthread_rwlock_unlock(&devnet_lock);
	return dd ? 0 : -ENOENT;
}

void dls_devnet_info(struct devnet *dd, struct devnet_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	(void)pthread_mutex_lock(&dd->dd_mutex);
	ret->linkid = dd->dd_linkid;
	memcpy(ret->linkname, dd->dd_linkname, sizeof(ret->linkname));
	ret->class = dd->dd_class;
	ret->media = dd->dd_media;
	ret->owner_zid = dd->dd_owner_zid;
	ret->transient = dd->dd_transient;
	ret->flags = dd->dd_flags;
	ret->at = dd->dd_at;
	ret->to = dd->dd_to;
	ret->home_ifindex = dd->dd_home_ifindex;
	memcpy(ret->device, dd->dd_device, sizeof(ret->device));
	ret->over = dd->dd_over;
	ret->port = dd->dd_port;
	ret->twin_port = dd->dd_twin_port;
	memcpy(ret->mac, dd->dd_mac, sizeof(ret->mac));
	ret->mactype = dd->dd_mactype;
	ret->mtu = dd->dd_mtu;
	ret->spec = dd->dd_spec;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

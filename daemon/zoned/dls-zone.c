/* SPDX-License-Identifier: MIT */
/*
 * What the dls half does when a zone boots and when it ends. At boot the zone's
 * links come up with the addresses and the router that its configuration gives
 * them; while it runs these can be changed, link by link. At the end every link it borrowed goes home and its transient ones go away;
 * one link that cannot does not keep the others.
 */
#include "zoned/prop.h"

#include "linux/log.h"

/* ---- boot ---- */

static int add_one(struct nl *nl, struct devnet *dd, int ifindex, const char *text, struct diag *d)
{
	struct nl_addr a;
	int r;

	r = nl_addr_parse(text, &a);
	if (r < 0)
		return diag_set(d, r, "'%s' is not an address of '%s'", text, dd->dd_linkname);
	r = nl_addr_add(nl, ifindex, &a);
	if (r < 0 && r != -EEXIST)
		return diag_set(d, r, "cannot give '%s' the address %s: %s", dd->dd_linkname, text,
			nl_text(nl));
	return 0;
}

static int add_addresses(struct nl *nl, zoneid_t zone, struct devnet *dd, struct diag *d)
{
	struct zone_net_data net;
	char *next, *one;
	int r;

	r = zone_network_get(zone, dd->dd_linkid, ZONE_NETWORK_ADDRESS, &net);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	net.value[sizeof(net.value) - 1] = '\0';
	for (one = strtok_r(net.value, ", ", &next); one; one = strtok_r(NULL, ", ", &next)) {
		r = add_one(nl, dd, dd->dd_at.ifindex, one, d);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_router(struct nl *nl, struct devnet *dd, const char *text, struct diag *d)
{
	struct nl_addr gw;
	int r;

	r = nl_addr_parse(text, &gw);
	if (r < 0)
		return diag_set(d, r, "'%s' is not the address of a router", text);
	r = nl_route_add_default(nl, dd->dd_at.ifindex, &gw);
	if (r < 0 && r != -EEXIST)
		return diag_set(d, r, "cannot use the default router %s over '%s': %s", text,
			dd->dd_linkname, nl_text(nl));
	return 0;
}

/* One of each family at most has an effect: the kernel takes no second default route like it. */
static int add_routers(struct nl *nl, zoneid_t zone, struct devnet *dd, struct diag *d)
{
	struct zone_net_data net;
	char *next, *one;
	int r;

	r = zone_network_get(zone, dd->dd_linkid, ZONE_NETWORK_DEFROUTER, &net);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	net.value[sizeof(net.value) - 1] = '\0';
	for (one = strtok_r(net.value, ", ", &next); one && r == 0;
		one = strtok_r(NULL, ", ", &next))
		r = add_router(nl, dd, one, d);
	return r;
}

static int boot_link(struct nl *nl, zoneid_t zone, struct devnet *dd, struct diag *d)
{
	int r;

	r = dls_prop_settle(dd, false, d); /* the zone's addresses are known now */
	if (r < 0)
		return r;
	r = nl_link_set_flags(nl, dd->dd_at.ifindex, IFF_UP, IFF_UP);
	if (r < 0)
		return diag_set(d, r, "cannot bring up '%s': %s", dd->dd_linkname, nl_text(nl));
	r = add_addresses(nl, zone, dd, d);
	return r < 0 ? r : add_routers(nl, zone, dd, d);
}

/*
 * Runs fn in the perimeter of each link that is in the zone; the first error is returned. With all_of_them,
 * at the end of a zone, it does not end the walk. One that is on its way is waited for: only its
 * perimeter tells where it stays. The other links may be busy with other zones.
 */
static int each_link(zoneid_t zone, bool all_of_them,
	int (*fn)(struct devnet *dd, zoneid_t zone, void *arg), void *arg)
{
	struct devnet **all;
	size_t count;
	int r, first = 0;

	r = dls_devnet_snapshot_in(zone, &all, &count);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count && (all_of_them || first == 0); i++) {
		if (dls_perim_enter(all[i]) < 0)
			continue;
		r = all[i]->dd_at.zone == zone ? fn(all[i], zone, arg) : 0;
		dls_perim_exit(all[i]);
		if (r < 0 && first == 0)
			first = r;
	}
	dls_devnet_snapshot_free(all, count);
	return first;
}

struct boot {
	struct nl *nl;
	struct diag *d;
};

static int boot_step(struct devnet *dd, zoneid_t zone, void *arg)
{
	struct boot *b = arg;

	if (dd->dd_owner_zid == zone) /* its own to bring up */
		return 0;
	return boot_link(b->nl, zone, dd, b->d);
}

int dls_zone_boot(zoneid_t id, int netns, struct diag *d)
{
	_cleanup_nl_ struct nl *nl = NULL;
	struct boot b = {.d = d};
	struct nl_link lo;
	int r;

	r = nl_open(netns, &nl);
	if (r < 0)
		return diag_errno(d, r, "cannot open rtnetlink in the zone");
	r = nl_link_get_name(nl, "lo", &lo);
	if (r == 0)
		r = nl_link_set_flags(nl, lo.ifindex, IFF_UP, IFF_UP);
	if (r < 0)
		return diag_set(d, r, "cannot bring up 'lo': %s", nl_text(nl));
	b.nl = nl;
	return each_link(id, false, boot_step, &b);
}

/* ---- change ---- */

struct change {
	struct nl *nl;
	const struct dls_zone_net *was;
	struct diag *d;
	bool found;
};

/* The zone's root may have been quicker. */
static int remove_one(struct nl *nl, struct devnet *dd, const struct nl_addr *a, struct diag *d)
{
	int r = nl_addr_remove(nl, dd->dd_at.ifindex, a);

	return r < 0 && r != -EADDRNOTAVAIL ? diag_set(d, r, "cannot take an address from '%s': %s",
						      dd->dd_linkname, nl_text(nl))
					    : 0;
}

/* With the last address of its network the route has gone already. */
static int remove_router(struct nl *nl, struct devnet *dd, const struct nl_addr *a)
{
	int r = nl_route_remove_default(nl, dd->dd_at.ifindex, a);

	return r == -ESRCH ? 0 : r;
}

static bool in_list(const char *list, const char *one)
{
	size_t n = strlen(one);
	const char *p;

	for (p = strstr(list, one); p; p = strstr(p + 1, one))
		if ((p == list || strchr(", ", p[-1])) && (!p[n] || strchr(", ", p[n])))
			return true;
	return false;
}

/* What it keeps stays where it is. */
static int remove_old(struct change *c, zoneid_t zone, struct devnet *dd)
{
	char old[sizeof(((struct zone_net_data *)0)->value)], *next, *one;
	struct zone_net_data now;
	struct nl_addr a;
	int r = 0;

	if (zone_network_get(zone, dd->dd_linkid, ZONE_NETWORK_ADDRESS, &now) < 0)
		now.value[0] = '\0';
	(void)str_copy(old, sizeof(old), c->was->address);
	for (one = strtok_r(old, ", ", &next); one && r == 0; one = strtok_r(NULL, ", ", &next))
		if (!in_list(now.value, one) && nl_addr_parse(one, &a) == 0)
			r = remove_one(c->nl, dd, &a, c->d);
	if (zone_network_get(zone, dd->dd_linkid, ZONE_NETWORK_DEFROUTER, &now) < 0)
		now.value[0] = '\0';
	(void)str_copy(old, sizeof(old), c->was->router);
	for (one = strtok_r(old, ", ", &next); one && r == 0; one = strtok_r(NULL, ", ", &next))
		if (!in_list(now.value, one) && nl_addr_parse(one, &a) == 0)
			r = remove_router(c->nl, dd, &a);
	return r;
}

static int take_first(const struct nl_addr *a, void *arg)
{
	*(struct nl_addr *)arg = *a;
	return 1;
}

/* Whatever addresses it has. Somebody in the zone who adds more all the time loses after a while. */
static int flush(struct change *c, struct devnet *dd)
{
	struct nl_addr a;
	int i, r = 1;

	for (i = 0; i < 1024 && r > 0; i++) {
		r = nl_addr_each(c->nl, dd->dd_at.ifindex, take_first, &a);
		if (r > 0 && remove_one(c->nl, dd, &a, c->d) < 0)
			return -EBUSY;
	}
	return r > 0 ? -EBUSY : r;
}

static int change_step(struct devnet *dd, zoneid_t zone, void *arg)
{
	struct change *c = arg;
	int r;

	if (dd->dd_linkid != c->was->linkid || dd->dd_owner_zid == zone)
		return 0;
	c->found = true;
	if (!c->was->down) {
		r = remove_old(c, zone, dd);
		return r < 0 ? r : boot_link(c->nl, zone, dd, c->d);
	}
	r = nl_link_set_flags(c->nl, dd->dd_at.ifindex, 0, IFF_UP);
	if (r < 0)
		return diag_set(
			c->d, r, "cannot bring down '%s': %s", dd->dd_linkname, nl_text(c->nl));
	return flush(c, dd);
}

int dls_zone_change(zoneid_t id, int netns, const struct dls_zone_net *was, struct diag *d)
{
	_cleanup_nl_ struct nl *nl = NULL;
	struct change c = {.was = was, .d = d};
	int r;

	r = nl_open(netns, &nl);
	if (r < 0)
		return diag_errno(d, r, "cannot open rtnetlink in the zone");
	c.nl = nl;
	r = each_link(id, false, change_step, &c);
	return r == 0 && !c.found ? -ENXIO : r;
}

/* ---- end ---- */

struct ending {
	int netns;
	struct diag *d;
};

/*
 * A NIC falls back to the host when the namespace it is in dies, the zone's own or one
 * deeper that the zone's root had put it into. It is home already, or it will
 * be: the watcher gives a link without a device the NIC that comes. One that was at home all the
 * time, and was pulled out there, is gone.
 */
static int end_lost_nic(struct devnet *dd)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct nl_link l;
	int r;

	r = nl_open(FD_NONE, &home);
	if (r < 0)
		return r;
	if (nl_link_get_name(home, dd->dd_device, &l) < 0 || !dls_watch_is_nic(&l))
		l.ifindex = 0;
	dls_devnet_set_place(dd, (struct dls_place){GLOBAL_ZONEID, dls_home_inode(), l.ifindex});
	if (!l.ifindex && !dd->dd_home_ifindex) {
		dls_devnet_set_flag(dd, DD_PULLED, true);
		dls_watch_kick();
	}
	dls_prop_lent_ends(dd);
	return 0;
}

static int end_step(struct devnet *dd, zoneid_t zone, void *arg)
{
	struct ending *e = arg;
	int r;

	r = dls_move_home(dd, e->netns, true, e->d);
	if (r == -ENODEV && dd->dd_class == DATALINK_CLASS_PHYS)
		r = end_lost_nic(dd);
	if (dd->dd_at.zone == zone) { /* still there: the zone half tries again */
		log_line(LOG_ERR, "link=%s: Cannot come home from zone %d: %s", dd->dd_linkname,
			(int)zone, strerror(-r));
		return r;
	}
	dls_devnet_rele(dd);
	dls_move_tell(dd);
	(void)dls_state_save(dd->dd_linkid);
	return 0;
}

/*
 * Ids of links that are gone, of which dlmgmtd could not be told. One that dies over it may have
 * heard; a zoned that dies finds out what dlmgmtd has too many when it starts.
 */
struct untold {
	struct untold *next;
	datalink_id_t id;
};
static pthread_mutex_t untold_lock = PTHREAD_MUTEX_INITIALIZER; /* the list; a leaf */
static struct untold *untold;

static void tell_later(datalink_id_t id)
{
	struct untold *x = malloc(sizeof(*x));

	if (!x)
		return;
	(void)pthread_mutex_lock(&untold_lock);
	*x = (struct untold){untold, id};
	untold = x;
	(void)pthread_mutex_unlock(&untold_lock);
}

static bool tell(datalink_id_t id)
{
	struct devnet_info i;
	int r = dls_devnet_info_of(id, &i) == 0 ? 0 : dls_mgmt_destroy(id, false);

	return r != -EBADF && r != -EINTR && r != -EAGAIN;
}

bool dls_untold_complete(void)
{
	struct untold *list, *x;
	bool left = false;

	(void)pthread_mutex_lock(&untold_lock);
	list = TAKE_PTR(untold);
	(void)pthread_mutex_unlock(&untold_lock);
	while ((x = list)) {
		list = x->next;
		if (!tell(x->id)) {
			tell_later(x->id);
			left = true;
		}
		free(x);
	}
	return left;
}

bool dls_transient_end(datalink_id_t id)
{
	struct diag d = {0};
	struct devnet_info i;
	struct devnet *dd;
	int r;

	if (dls_devnet_hold_tmp(id, &dd) < 0)
		return false;
	dls_devnet_info(dd, &i);
	if (i.at.zone != GLOBAL_ZONEID) /* its zone came for it after all */
		dls_devnet_set_flag(dd, DD_LEFT, false);
	dls_devnet_rele_tmp(dd);
	if (i.at.zone != GLOBAL_ZONEID)
		return false;
	r = dls_link_delete(id, &d);
	if (r == 0 && !tell(id)) {
		tell_later(id);
		dls_watch_kick();
	} else if (r < 0 && r != -ENOENT)
		log_line(LOG_WARNING, "link=%u: Cannot remove transient link: %s", id, d.text);
	return r < 0 && r != -ENOENT;
}

void dls_transient_restart(struct devnet *dd)
{
	if (dd->dd_transient && dls_at_home(dd) && dd->dd_linkid != DATALINK_INVALID_LINKID)
		dls_devnet_set_flag(dd, DD_LEFT, true);
}

/* Links that were only made for this zone, once they are home. */
static void end_transients(datalink_id_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)dls_transient_end(ids[i]);
}

static int transients_of(zoneid_t zone, datalink_id_t **ret, size_t *ret_count)
{
	struct devnet **all;
	struct devnet_info i;
	size_t count, n = 0;
	int r;

	r = dls_devnet_snapshot_in(zone, &all, &count);
	if (r < 0)
		return r;
	*ret = calloc(count + 1, sizeof(**ret));
	for (size_t k = 0; *ret && k < count; k++) {
		dls_devnet_info(all[k], &i);
		if (i.at.zone == zone && i.transient)
			(*ret)[n++] = i.linkid;
	}
	dls_devnet_snapshot_free(all, count);
	*ret_count = n;
	return *ret ? 0 : -ENOMEM;
}

/*
 * The links that the zone made in its namespace, which goes: what is over others first, until no
 * more can go. dlmgmtd forgets them when it is told of the halt.
 */
static int end_own(zoneid_t zone)
{
	struct devnet **all;
	bool more = true;
	size_t count;
	int r;

	while (more) {
		more = false;
		r = dls_devnet_snapshot_in(zone, &all, &count);
		if (r < 0)
			return r;
		for (size_t i = 0; i < count; i++) {
			if (all[i]->dd_owner_zid == zone && dls_perim_enter(all[i]) == 0) {
				if (dls_link_end_own(all[i]) == 0) {
					more = true;
					continue;
				}
				dls_perim_exit(all[i]);
			}
			dls_devnet_rele_tmp(all[i]);
		}
		free(all);
	}
	return 0;
}

int dls_zone_shutdown(zoneid_t id, int netns, struct diag *d)
{
	_cleanup_free_ datalink_id_t *transients = NULL;
	struct ending e = {netns, d};
	size_t count;
	int r;

	r = end_own(id);
	if (r == 0)
		r = transients_of(id, &transients, &count);
	if (r < 0)
		return r;
	r = each_link(id, true, end_step, &e);
	end_transients(transients, count);
	if (r == 0 && d)
		d->text[0] = '\0'; /* what was said on the way was put right */
	return r;
}

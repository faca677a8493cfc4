/* SPDX-License-Identifier: MIT */
/*
 * What the properties of a link ask for, and where it is enforced.
 *
 * All of a vnic's traffic goes through its port, which is at home wherever the vnic is: out of
 * the reach of a zone's root; over a NIC it is led on from there to the device at home. Another
 * link is checked at its own device while that is at home. A NIC that is lent while something is asked of
 * it stays at home and its zone gets a port of it, as of a vnic; one that went into a zone as a whole has
 * nothing outside of it, and is refused when it asks for that.
 *
 * A zone that was given addresses for a link (allowed-address) may use no others: that is
 * ip-nospoof and mac-nospoof with those addresses, for as long as the zone has the link.
 *
 * Linux: a link's protection is looked after by root of the global zone alone.
 */
#include "zoned/learn.h"
#include "zoned/dls-commands.h"
#include "zoned/mac.h"

#include "linux/brport.h"
#include "linux/log.h"
#include "linux/uplink.h"

#include <linux/pkt_sched.h>

/* ---- what is asked for ---- */

/* Calls fn for each item of a list, which is taken apart. */
static int each_item(
	char *list, int (*fn)(const char *item, struct link_wish *w), struct link_wish *w)
{
	char *next = list, *item;
	int r = 0;

	while (r == 0 && (item = strsep(&next, ", ")))
		r = *item ? fn(item, w) : 0;
	return r;
}

static int add_net(const char *item, struct link_wish *w)
{
	if (w->nnets == ARRAY_SIZE(w->nets))
		return -E2BIG;
	return dladm_net_parse(item, &w->nets[w->nnets++]);
}

/* Of "address/prefix" the address alone may be used. */
static int add_address(const char *item, struct link_wish *w)
{
	char addr[64];

	if (snprintf(addr, sizeof(addr), "%.*s", (int)strcspn(item, "/"), item) >=
		(int)sizeof(addr))
		return -EINVAL;
	return add_net(addr, w);
}

static int add_mac(const char *item, struct link_wish *w)
{
	if (w->nmacs == ARRAY_SIZE(w->macs))
		return -E2BIG;
	return dladm_str2mac(item, w->macs[w->nmacs++]) == 6 ? 0 : -EINVAL;
}

static bool zone_addresses(struct devnet *dd, struct zone_net_data *ret)
{
	if (dd->dd_at.zone == GLOBAL_ZONEID ||
		zone_network_get(dd->dd_at.zone, dd->dd_linkid, ZONE_NETWORK_ADDRESS, ret) < 0)
		return false;
	ret->value[sizeof(ret->value) - 1] = '\0';
	return true;
}

static int priority_of(const char *text)
{
	if (streq(text, "low"))
		return TC_PRIO_BULK;
	return streq(text, "medium") ? TC_PRIO_BESTEFFORT : -1;
}

static int wish_make(struct devnet *dd, struct link_wish *w)
{
	char text[DLADM_PROP_VALLEN];
	struct zone_net_data net;
	int r = 0;

	memset(w, 0, sizeof(*w));
	memcpy(w->macs[0], dd->dd_mac, sizeof(w->macs[0]));
	w->nmacs = 1;
	(void)prop_table_get(dd->dd_linkid, "protection", text);
	w->protection = dladm_protection_of(text);
	if (prop_table_get(dd->dd_linkid, "allowed-ips", text))
		r = each_item(text, add_net, w);
	if (r == 0 && prop_table_get(dd->dd_linkid, "secondary-macs", text))
		r = each_item(text, add_mac, w);
	if (r == 0 && zone_addresses(dd, &net)) {
		w->protection |= DLADM_PROTECT_MAC_NOSPOOF | DLADM_PROTECT_IP_NOSPOOF;
		r = each_item(net.value, add_address, w);
	}
	if ((w->protection & DLADM_PROTECT_IP_NOSPOOF) &&
		prop_table_get(dd->dd_linkid, "dynamic-methods", text))
		w->dynamic = dladm_dynamic_of(text);
	if (w->protection & DLADM_PROTECT_DHCP_NOSPOOF) {
		(void)prop_table_get(dd->dd_linkid, "allowed-dhcp-cids", w->cids);
		w->any_cid = prop_table_get(dd->dd_linkid, "allow-all-dhcp-cids", text) &&
			     streq(text, "true");
	}
	if (prop_table_get(dd->dd_linkid, "maxbw", text))
		w->maxbw = dladm_maxbw_of(text);
	w->priority = prop_table_get(dd->dd_linkid, "priority", text) ? priority_of(text) : -1;
	w->filtered = !prop_table_get(dd->dd_linkid, "promisc-filtered", text) || streq(text, "on");
	return r;
}

/* ---- where ---- */

static int point_find(struct devnet *dd, struct nl *home, struct link_point *at)
{
	bool lent = dd->dd_at.zone != GLOBAL_ZONEID;
	int port = lent && dls_twin_has(dd) ? dd->dd_twin_port : dd->dd_port;
	struct nl_link l;
	int r;

	memset(at, 0, sizeof(*at));
	at->linkid = dd->dd_linkid;
	at->port = port != 0;
	if (!port && lent)
		return 0;
	r = nl_link_get(home, port ? port : dd->dd_at.ifindex, &l);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	at->ifindex = l.ifindex;
	at->up = l.flags & IFF_UP;
	at->master = port ? l.master : 0;
	memcpy(at->device, l.name, sizeof(at->device));
	memcpy(at->mac, l.mac, sizeof(at->mac));
	if (!lent || dd->dd_port || !(dd->dd_class & (DATALINK_CLASS_VNIC | DATALINK_CLASS_PHYS)))
		return 0;
	r = nl_link_get(home, dd->dd_home_ifindex, &l);
	at->uplink = r == 0 ? l.ifindex : 0;
	memcpy(at->uplink_device, r == 0 ? l.name : "", r == 0 ? sizeof(l.name) : 1);
	return r == -ENODEV ? 0 : r;
}

/* ---- enforcement ---- */

/* What the bridge of an etherstub sends there. The device at home is the host's own. */
static int settle_port(struct devnet *dd, struct nl *home, const struct link_point *at,
	const struct link_wish *w, struct diag *d)
{
	bool twin = at->master && dd->dd_twin_port;
	int r = 0;

	if (!at->port)
		return 0;
	for (size_t i = 0; i < w->nmacs && r == 0 && twin; i++)
		r = nl_brport_add_mac(home, at->ifindex, w->macs[i]);
	if (r == 0 && twin)
		r = nl_brport_close(home, at->ifindex, w->filtered);
	if (r == 0 && at->uplink)
		r = nl_uplink_open(home, at->uplink);
	/* The port of a simnet without a peer stays down: there is nobody to talk to. */
	if (r == 0 && !at->up && (at->master || dd->dd_class != DATALINK_CLASS_SIMNET)) {
		/* The host has nothing to say there; an address and routes of its own would only cost. */
		(void)mac_close_ip6(at->device);
		r = nl_link_set_flags(home, at->ifindex, IFF_UP, IFF_UP);
	}
	return r < 0 ? diag_set(d, r, "cannot set up port '%s': %s", at->device, nl_text(home)) : 0;
}

static bool asks(const struct link_wish *w)
{
	return w->protection || w->maxbw || w->priority >= 0;
}

/* The link, whatever its zone may add: who gives a zone a NIC gives it the wire. */
bool dls_prop_asks(const struct devnet *dd)
{
	static const char *const props[] = {"protection", "maxbw", "priority"};
	char text[DLADM_PROP_VALLEN];

	for (size_t i = 0; i < ARRAY_SIZE(props); i++)
		if (prop_table_get(dd->dd_linkid, props[i], text))
			return true;
	return false;
}

static int enforce(struct devnet *dd, struct nl *home, const struct link_point *at,
	const struct link_wish *w, bool fresh, struct diag *d)
{
	struct protect_ways ways = {0};
	int r;

	if (at->uplink)
		ways = (struct protect_ways){at->uplink, at->ifindex};
	r = bandwidth_prepare(home, at, w, &ways, d);
	if (r == 0)
		r = protect_apply(at, w, &ways, d);
	if (r == 0)
		r = learn_follow(at, w, d);
	if (r == 0)
		r = settle_port(dd, home, at, w, d);
	if (r == 0 && !fresh)
		r = bandwidth_finish(home, at, w, d);
	return r;
}

int dls_prop_settle(struct devnet *dd, bool fresh, struct diag *d)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct link_point at;
	struct link_wish w;
	int r;

	if (dd->dd_owner_zid != GLOBAL_ZONEID) /* a zone holds its own links to nothing */
		return 0;
	r = wish_make(dd, &w);
	if (r < 0)
		return diag_errno(d, r, "the properties of '%s' cannot be read", dd->dd_linkname);
	r = nl_open(FD_NONE, &home);
	if (r == 0)
		r = point_find(dd, home, &at);
	if (r < 0)
		return diag_errno(d, r, "cannot look at the device of '%s'", dd->dd_linkname);
	if (!at.ifindex && dd->dd_at.ifindex && dls_prop_asks(dd))
		return diag_set(d, -ENOTSUP,
			"'%s' is in a zone as a whole and has nothing outside of it to be held by; take it home first",
			dd->dd_linkname);
	if (!at.ifindex) /* no device, nothing to enforce */
		w = (struct link_wish){.priority = -1};
	else if (!at.port) /* a vlan, an aggr: the kernel gave it one */
		memcpy(w.macs[0], at.mac, sizeof(w.macs[0]));
	r = enforce(dd, home, &at, &w, fresh, d);
	if (r == 0 && !fresh)
		r = device_props_again(dd, false, d);
	if (r < 0 && at.port && asks(&w)) /* rather nothing than everything */
		(void)nl_link_set_flags(home, at.ifindex, 0, IFF_UP);
	return r;
}

/* ---- the life of a link ---- */

static int device_set(
	struct devnet *dd, const struct dladm_property *prop, const char *text, struct diag *d)
{
	struct device_view *v = device_view_open(dd);
	int r;

	if (!v)
		return -ENOMEM;
	r = device_prop_set(v, prop, text, d);
	device_view_close(v);
	return r;
}

static int load_one(struct devnet *dd, const struct dladm_property *prop, struct diag *d)
{
	char text[DLADM_PROP_VALLEN], value[DLADM_PROP_VALLEN];
	int r;

	if (!(prop->classes & dd->dd_class) || !(prop->flags & DLADM_PROP_WRITABLE))
		return 0;
	r = prop_upcall_get(dd->dd_linkid, prop->name, text);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (dladm_property_check(prop, text, value) != DLADM_STATUS_OK)
		return diag_set(d, -EINVAL, "'%s' is no value of %s", text, prop->name);
	if (streq(prop->name, "mtu"))
		return dls_link_set_mtu(dd, (uint32_t)strtoul(value, NULL, 10), d);
	if (dd->dd_owner_zid != GLOBAL_ZONEID)
		return 0;
	if (prop->flags & DLADM_PROP_DEVICE)
		return device_set(dd, prop, value, d);
	return prop->check ? prop_table_set(dd->dd_linkid, prop->name, value) : 0;
}

int dls_prop_load(struct devnet *dd, struct diag *d)
{
	const struct dladm_property *prop;
	bool any = false;
	int r, bad;

	prop_table_forget(dd->dd_linkid); /* of an earlier link with that id */
	r = prop_upcall_any(dd->dd_linkid, &any);
	if (r < 0)
		any = false;
	for (unsigned int i = 0; any && (prop = dladm_property_at(i)); i++) {
		bad = load_one(dd, prop, r ? NULL : d);
		r = r ? r : bad;
	}
	if (any) {
		bad = dls_prop_settle(dd, true, r ? NULL : d);
		r = r ? r : bad;
	}
	return r < 0 && d && !d->text[0]
		       ? diag_errno(d, r, "cannot load the properties of '%s'", dd->dd_linkname)
		       : r;
}

void dls_prop_forget(datalink_id_t id)
{
	_cleanup_nl_ struct nl *home = NULL;

	learn_forget(id);
	protect_forget(id);
	if (nl_open(FD_NONE, &home) == 0)
		bandwidth_forget(home, id);
	prop_table_forget(id);
}

static bool is_known(datalink_id_t id)
{
	struct devnet *dd;

	if (dls_devnet_hold_tmp(id, &dd) < 0)
		return false;
	dls_devnet_rele_tmp(dd);
	return true;
}

/* Intermediate devices of links that are gone. */
static int sweep_step(const struct nl_link *l, void *arg)
{
	unsigned int id;
	int end = 0, *gone = arg;

	if (streq(l->kind, "ifb") && sscanf(l->name, "vi%u%n", &id, &end) == 1 && !l->name[end] &&
		!is_known(id)) {
		*gone = (int)id;
		return 1;
	}
	return 0;
}

static void sweep(void)
{
	_cleanup_nl_ struct nl *home = NULL;
	int gone = 0;

	protect_restart(is_known);
	if (nl_open(FD_NONE, &home) < 0)
		return;
	while (nl_link_each(home, sweep_step, &gone) == 1)
		bandwidth_forget(home, (datalink_id_t)gone);
	prop_table_sweep(is_known);
}

void dls_prop_restart_load(void)
{
	int r = prop_table_load();

	if (r < 0)
		log_line(LOG_ERR, "link: Cannot read the properties of links: %s", strerror(-r));
}

void dls_prop_restart(void)
{
	struct devnet **all;
	size_t count;
	int r;

	sweep();
	if (dls_devnet_snapshot(&all, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		struct diag d = {0};

		if (all[i]->dd_linkid == DATALINK_INVALID_LINKID || dls_perim_enter(all[i]) < 0)
			continue;
		if (dls_at_home(all[i]))
			dls_prop_lent_ends(all[i]);
		r = dls_prop_settle(all[i], false, &d);
		if (r < 0)
			log_line(LOG_ERR, "link=%s: %s", all[i]->dd_linkname, d.text);
		dls_perim_exit(all[i]);
	}
	dls_devnet_snapshot_free(all, count);
}

/* ---- reading and setting one ---- */

/* The zone's part of what is in force, behind the property's own. */
static void add_words(char *value, const char *more)
{
	const struct dladm_property *list = dladm_property_find("protection");
	char all[DLADM_PROP_VALLEN * 2], out[DLADM_PROP_VALLEN];

	(void)snprintf(all, sizeof(all), "%s%s%s", value, value[0] ? "," : "", more);
	if (dladm_property_check(list, all, out) == DLADM_STATUS_OK)
		memcpy(value, out, sizeof(out));
}

static void add_zone_part(struct devnet *dd, const char *prop, char *value)
{
	struct zone_net_data net;
	char *next = net.value, *item;

	if (!zone_addresses(dd, &net))
		return;
	if (streq(prop, "protection")) {
		add_words(value, "mac-nospoof,ip-nospoof");
		return;
	}
	while (streq(prop, "allowed-ips") && (item = strsep(&next, ", "))) {
		size_t used = strlen(value);

		if (*item)
			(void)snprintf(value + used, DLADM_PROP_VALLEN - used, "%s%.*s",
				used ? "," : "", (int)strcspn(item, "/"), item);
	}
}

static int get_one(struct device_view *v, struct devnet *dd, const struct dladm_property *prop,
	struct dld_getprop_reply *ret)
{
	if (!(prop->classes & dd->dd_class))
		return -ENOTSUP;
	if (prop->flags & DLADM_PROP_DEVICE)
		return device_prop_get(v, prop, ret);
	if (!prop_table_get(dd->dd_linkid, prop->name, ret->value))
		(void)str_copy(ret->value, sizeof(ret->value), prop->def);
	add_zone_part(dd, prop->name, ret->value);
	return 0;
}

int dls_prop_get(struct devnet *dd, const char *name, struct dld_getprop_reply *ret)
{
	const struct dladm_property *prop = dladm_property_find(name);
	struct device_view *v;
	int r;

	if (!prop || !dladm_property_is_zoned(prop))
		return -EINVAL;
	v = device_view_open(dd);
	if (!v)
		return -ENOMEM;
	r = get_one(v, dd, prop, ret);
	device_view_close(v);
	return r;
}

/* False: no room for it. */
static bool pack(
	struct dld_getprops_reply *ret, const char *name, const struct dld_getprop_reply *p)
{
	const char *const texts[] = {name, p->value, p->def, p->possible};
	size_t used = ret->size;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		size_t n = strlen(texts[i]) + 1;

		if (n > sizeof(ret->text) - used)
			return false;
		memcpy(ret->text + used, texts[i], n);
		used += n;
	}
	ret->size = (uint32_t)used;
	return true;
}

int dls_prop_get_all(struct devnet *dd, uint32_t from, struct dld_getprops_reply *ret)
{
	struct device_view *v = device_view_open(dd);
	const struct dladm_property *prop;

	if (!v)
		return -ENOMEM;
	for (unsigned int i = from; (prop = dladm_property_at(i)); i++) {
		struct dld_getprop_reply one = {0};

		if (!dladm_property_is_zoned(prop) || get_one(v, dd, prop, &one) < 0)
			continue;
		if (!pack(ret, prop->name, &one)) {
			ret->next = i;
			break;
		}
	}
	device_view_close(v);
	return 0;
}

/* All or nothing: what cannot be put in force is not set. */
static int set_kept(struct devnet *dd, const char *prop, const char *text, struct diag *d)
{
	char old[DLADM_PROP_VALLEN];
	bool had = prop_table_get(dd->dd_linkid, prop, old);
	int r;

	r = prop_table_set(dd->dd_linkid, prop, text);
	if (r < 0)
		return diag_errno(d, r, "cannot keep %s", prop);
	r = dls_prop_settle(dd, false, d);
	if (r < 0) {
		(void)prop_table_set(dd->dd_linkid, prop, had ? old : NULL);
		(void)dls_prop_settle(dd, false, NULL);
	}
	return r;
}

int dls_prop_set(struct devnet *dd, const char *name, const char *text, struct diag *d)
{
	const struct dladm_property *prop = dladm_property_find(name);
	char value[DLADM_PROP_VALLEN];

	if (!prop || !prop->check || !(prop->flags & DLADM_PROP_WRITABLE))
		return diag_set(d, -EINVAL, "'%s' is not a property that can be set", name);
	if (dd->dd_owner_zid != GLOBAL_ZONEID)
		return diag_set(d, -ENOTSUP, "'%s' is not for a link that a zone made", name);
	if (!(prop->classes & dd->dd_class))
		return diag_set(
			d, -ENOTSUP, "'%s' is not a property of %s", name, dd->dd_ops->noun);
	if (text && dladm_property_check(prop, text, value) != DLADM_STATUS_OK)
		return diag_set(d, -EINVAL, "'%s' is no value of %s", text, name);
	if (prop->flags & DLADM_PROP_DEVICE)
		return device_set(dd, prop, text ? value : NULL, d);
	return set_kept(dd, name, text ? value : NULL, d);
}

int dls_prop_put(
	struct devnet *dd, const struct dladm_property *prop, const char *value, struct diag *d)
{
	if (streq(prop->name, "mtu"))
		return dls_link_set_mtu(dd, value ? (uint32_t)strtoul(value, NULL, 10) : 0, d);
	if (prop->flags & DLADM_PROP_DEVICE)
		return device_set(dd, prop, value, d);
	return prop_table_set(dd->dd_linkid, prop->name, value);
}

void dls_prop_reset_all(struct devnet *dd)
{
	const struct dladm_property *prop;
	char text[DLADM_PROP_VALLEN];
	struct diag d = {0};
	int r = 0;

	for (unsigned int i = 0; (prop = dladm_property_at(i)); i++) {
		bool set = streq(prop->name, "mtu")
				   ? dd->dd_mtu != 0
				   : prop_table_get(dd->dd_linkid, prop->name, text);

		if (set && dls_prop_put(dd, prop, NULL, r ? NULL : &d) < 0)
			r = -EIO;
	}
	if (dls_prop_settle(dd, false, r ? NULL : &d) < 0 || r < 0)
		log_line(LOG_ERR, "link=%s: %s", dd->dd_linkname, d.text);
	dls_devnet_set_mtu(dd, 0);
}

int dls_prop_joined(struct devnet *dd, struct diag *d)
{
	return device_props_again(dd, true, d);
}

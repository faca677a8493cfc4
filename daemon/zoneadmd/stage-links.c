/* SPDX-License-Identifier: MIT */
/*
 * The stages "links" and "linkdb". A net resource names a data link of the global zone,
 * which zoned lends to the zone: name, list and network namespace in one
 * transaction; or the link is made for it (auto-link.c). What it asks of properties it has from then
 * on, until the link comes home. Addresses and router are only handed to zoned; it sets them when
 * the zone boots. At the end zoned takes the links home, before the zone is
 * destroyed, so there is nothing to undo here.
 *
 * Each step looks first whether it was done already.
 */
#include "zoneadmd/stages.h"

#include "dladm/dladm.h"
#include "zoneadmd/auto-link.h"

int links_find(const struct snapshot_net *net, datalink_id_t *ret, int *hold, struct diag *d)
{
	struct dlmgmt_linkinfo info;
	struct diag why = {0};
	int r;

	r = dlmgmt_call_getlinkid(net->physical, GLOBAL_ZONEID, &info);
	if (r == -ENOENT && dladm_implicit_iptun(net->physical)) {
		r = dld_call_hold(net->physical, ret, hold, &why);
		return r < 0 ? diag_set(d, r, "net '%s': cannot make the tunnel: %s", net->physical,
				       why.text[0] ? why.text : strerror(-r))
			     : 0;
	}
	if (r == -ENOENT)
		return diag_set(d, r,
			"net '%s': there is no such data link; 'dladm show-link' lists those that "
			"are",
			net->physical);
	if (r == -EBADF)
		return diag_set(d, r, "net '%s': dlmgmtd does not answer", net->physical);
	if (r < 0)
		return diag_errno(d, r, "net '%s': cannot look the data link up", net->physical);
	*ret = info.linkid;
	return 0;
}

static void zone_name(zoneid_t id, char *buf, size_t size)
{
	size_t len;

	if (zone_call_getattr(id, ZONE_ATTR_NAME, buf, size, &len) < 0 || len > size)
		(void)snprintf(buf, size, "%d", id);
}

int links_lend(
	struct platform *p, const struct snapshot_net *net, datalink_id_t link, struct diag *d)
{
	zoneid_t owner = ALL_ZONES;
	char name[ZONENAME_MAX];
	int r;

	r = zone_call_check_datalink(&owner, link);
	if (r == 0 && owner == p->id)
		return 0;
	if (r == 0 && owner != GLOBAL_ZONEID) {
		zone_name(owner, name, sizeof(name));
		return diag_set(d, -EBUSY, "net '%s': the data link is in use by zone '%s'",
			net->physical, name);
	}
	if (r < 0 && r != -ENXIO)
		return diag_errno(
			d, r, "net '%s': cannot tell who has the data link", net->physical);
	r = dld_call_setzone(link, p->id, d);
	return r < 0 && !d->text[0]
		       ? diag_errno(d, r, "net '%s': cannot give the data link to the zone",
				 net->physical)
		       : r;
}

static int set_network(struct platform *p, datalink_id_t link, enum zone_net_type type,
	const char *value, struct diag *d)
{
	struct zone_net_data data = {.type = type, .linkid = link}, old;
	int r;

	if (!value[0])
		return 0;
	if (zone_call_getnet(p->id, link, type, &old) == 0 && streq(old.value, value))
		return 0;
	if (str_copy(data.value, sizeof(data.value), value) < 0)
		return diag_set(d, -E2BIG, "the address list '%s' is too long", value);
	r = zone_call_setattr(p->id, ZONE_ATTR_NETWORK, &data, sizeof(data), d);
	return r < 0 && !d->text[0] ? diag_errno(d, r, "cannot set the address '%s'", value) : r;
}

static bool in_list(const char *list, const char *one)
{
	size_t n = strlen(one), len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (len == n && strncmp(list, one, n) == 0)
			return true;
	}
	return false;
}

/* A property of all net resources of one link, each value once. */
static int join(const struct zone_snapshot *snap, const char *physical, size_t offset, char *buf,
	size_t size)
{
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < snap->n_nets; i++) {
		const char *value = *(const char *const *)((const char *)&snap->nets[i] + offset);
		int n;

		if (!streq(snap->nets[i].physical, physical) || !value[0] || in_list(buf, value))
			continue;
		n = snprintf(buf + used, size - used, "%s%s", used ? "," : "", value);
		if (n < 0 || (size_t)n >= size - used)
			return -E2BIG;
		used += (size_t)n;
	}
	return 0;
}

int links_addresses(const struct zone_snapshot *snap, const char *physical, char *buf, size_t size)
{
	return join(snap, physical, offsetof(struct snapshot_net, allowed_address), buf, size);
}

int links_routers(const struct zone_snapshot *snap, const char *physical, char *buf, size_t size)
{
	return join(snap, physical, offsetof(struct snapshot_net, defrouter), buf, size);
}

int links_each_prop(const struct zone_snapshot *snap, const char *physical,
	int (*fn)(const struct snapshot_prop *prop, void *arg), void *arg)
{
	size_t i, k;
	int r = 0;

	for (i = 0; i < snap->n_nets; i++)
		for (k = 0;
			k < snap->nets[i].n_props && streq(snap->nets[i].physical, physical) && !r;
			k++)
			r = fn(&snap->nets[i].props[k], arg);
	return r;
}

struct prop_arg {
	struct platform *p;
	const char *physical;
	datalink_id_t link;
	struct diag *d;
};

static int set_prop(const struct snapshot_prop *prop, void *arg)
{
	struct prop_arg *x = arg;
	struct diag why = {0};
	int r = dld_call_setprop_lent(x->link, x->p->id, prop->name, prop->value, &why);

	return r < 0 ? diag_set(x->d, r, "net '%s': cannot set property %s: %s", x->physical,
			       prop->name, why.text[0] ? why.text : strerror(-r))
		     : 0;
}

bool links_same_origin(const struct snapshot_net *a, const struct snapshot_net *b)
{
	return streq(a->global_nic, b->global_nic) && streq(a->mac_addr, b->mac_addr) &&
	       streq(a->vlan_id, b->vlan_id);
}

/* The link, in the zone. */
static int bring(struct platform *p, size_t number, const char *addresses, datalink_id_t *ret,
	struct diag *d)
{
	const struct snapshot_net *net = &p->snap.nets[number];
	_cleanup_close_ int hold = FD_NONE;
	int r;

	if (net->global_nic[0]) {
		if (auto_link_find(p, net, ret) == 0)
			return 0;
		return auto_link_make(p, net, number, addresses, ret, d);
	}
	r = links_find(net, ret, &hold, d);
	return r < 0 ? r : links_lend(p, net, *ret, d);
}

static int one_link(struct platform *p, size_t number, struct diag *d)
{
	const struct snapshot_net *net = &p->snap.nets[number];
	char addresses[sizeof(((struct zone_net_data *)NULL)->value)], routers[sizeof(addresses)];
	struct prop_arg x = {.p = p, .physical = net->physical, .d = d};
	datalink_id_t link = DATALINK_INVALID_LINKID;
	int r;

	if (links_addresses(&p->snap, net->physical, addresses, sizeof(addresses)) < 0 ||
		links_routers(&p->snap, net->physical, routers, sizeof(routers)) < 0)
		return diag_set(d, -E2BIG, "net '%s': too many addresses", net->physical);
	r = bring(p, number, addresses, &link, d);
	x.link = link;
	if (!r)
		r = links_each_prop(&p->snap, net->physical, set_prop, &x);
	if (!r)
		r = set_network(p, link, ZONE_NETWORK_ADDRESS, addresses, d);
	if (!r)
		r = set_network(p, link, ZONE_NETWORK_DEFROUTER, routers, d);
	return r;
}

/* Several net resources may name one link: the first says where it comes from. */
const struct snapshot_net *links_first(
	const struct zone_snapshot *s, size_t n, const char *physical)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (streq(s->nets[i].physical, physical))
			return &s->nets[i];
	return NULL;
}

int links_up(struct platform *p, struct diag *d)
{
	size_t i;
	int r = 0;

	for (i = 0; i < p->snap.n_nets && r == 0; i++)
		if (!p->snap.exclusive_ip)
			r = shared_net_up(p, &p->snap.nets[i], d);
		else if (!links_first(&p->snap, i, p->snap.nets[i].physical))
			r = one_link(p, i, d);
	return r;
}

/* What the zone had is home already; what was made for it and never came to it is not its any more. */
int links_down(struct platform *p, struct diag *d)
{
	auto_link_sweep(p);
	return 0;
}

bool links_probe(struct platform *p)
{
	struct dlmgmt_linkinfo info;
	zoneid_t owner;
	size_t i;

	for (i = 0; i < p->snap.n_nets && p->snap.exclusive_ip; i++) {
		owner = p->id;
		if (dlmgmt_call_getlinkid(p->snap.nets[i].physical, p->id, &info) < 0 ||
			zone_call_check_datalink(&owner, info.linkid) < 0)
			return false;
	}
	return true;
}

int linkdb_up(struct platform *p, struct diag *d)
{
	int r = p->snap.exclusive_ip ? dlmgmt_call_zoneboot(p->id) : 0;

	if (r == 0 || r == -EEXIST)
		return 0;
	if (r == -EBADF)
		return diag_set(d, r, "cannot load the zone's data links: dlmgmtd does not answer");
	return diag_errno(d, r, "cannot load the zone's data links");
}

/* A daemon that is not there has nothing to forget: it finds out when it starts. */
int linkdb_down(struct platform *p, struct diag *d)
{
	zoneid_t id;
	int r;

	if (zone_call_lookup(p->zone, &id) < 0)
		return 0;
	r = dlmgmt_call_zonehalt(id);
	if (r < 0 && r != -ENOENT)
		report_line(p->report, "WARNING: dlmgmtd could not be told of the halt: %s",
			strerror(-r));
	return 0;
}

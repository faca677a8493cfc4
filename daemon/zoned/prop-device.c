/* SPDX-License-Identifier: MIT */
/*
 * Properties that the kernel's device of a link has: read from it each time, set there, wherever
 * the device is. What was asked for is kept as well (prop-table.c), for a device that is made
 * again or becomes a port again. Of a property without a default of its own the
 * device's first value, of before it was set, is kept as the one to go back to.
 *
 * A device that has no such thing says -ENOTSUP.
 */
#include "zoned/prop.h"

#include "linux/brport.h"
#include "linux/ethnl.h"

#include <linux/ethtool.h>

#define PRIORITY_UNIT 4 /* illumos has eight bits where the kernel has six */

/* A look at one link's device; what the kernel tells at once is asked for once. */
struct device_view {
	struct devnet *dd;
	struct dls_place at;
	struct nl *where; /* rtnetlink and ethtool in the device's namespace */
	struct nl *eth;
	struct ethnl_link link;
	int link_asked; /* 0: not yet; 1: link is filled in; else the error */
	int eth_error;
};

static int view_eth(struct device_view *v)
{
	_cleanup_close_ int netns = FD_NONE;

	if (v->eth || v->eth_error)
		return v->eth_error;
	if (v->at.zone != GLOBAL_ZONEID)
		v->eth_error = zone_netns_fd(v->at.zone, &netns);
	if (v->eth_error == 0)
		v->eth_error = ethnl_open(netns, &v->eth);
	return v->eth_error;
}

static int view_link(struct device_view *v)
{
	int r = view_eth(v);

	if (r < 0)
		return r;
	if (v->link_asked == 0) {
		r = ethnl_link_get(v->eth, v->at.ifindex, &v->link);
		v->link_asked = r < 0 ? r : 1;
	}
	return v->link_asked < 0 ? v->link_asked : 0;
}

static int view_where(struct device_view *v)
{
	return v->where ? 0 : dls_nl_open(v->at.zone, &v->where);
}

/* Why a change failed. */
static int change_failed(struct device_view *v, const struct nl *nl, int r, struct diag *d)
{
	const char *text = nl && nl_text(nl)[0] ? nl_text(nl) : strerror(-r);

	return diag_set(d, r == -EOPNOTSUPP ? -ENOTSUP : r, "'%s': %s", v->dd->dd_linkname, text);
}

static void put_number(char value[DLADM_PROP_VALLEN], unsigned int n)
{
	(void)snprintf(value, DLADM_PROP_VALLEN, "%u", n);
}

/* ---- of NICs: what they tell the other end ---- */

static int autoneg_get(struct device_view *v, const char *name, struct dld_getprop_reply *ret)
{
	int r = view_link(v);

	if (r == 0 && v->link.nmodes == 0)
		return -ENOTSUP;
	if (r == 0)
		put_number(ret->value, v->link.autoneg);
	return r;
}

static int autoneg_set(struct device_view *v, const char *name, const char *text, struct diag *d)
{
	int r = view_link(v);

	if (r == 0)
		r = ethnl_link_set_autoneg(v->eth, v->at.ifindex, *text == '1');
	return r < 0 ? change_failed(v, v->eth, r, d) : 0;
}

/* "en_1000fdx_cap", "adv_10gfdx_cap". */
static bool cap_parse(const char *name, uint32_t *speed, bool *full)
{
	unsigned int n;
	char unit, duplex;
	int end = 0;

	name = strchr(name, '_') + 1;
	if (sscanf(name, "%6u%c%n", &n, &unit, &end) != 2)
		return false;
	duplex = unit == 'g' ? name[end] : unit;
	*speed = unit == 'g' ? n * 1000 : n;
	*full = duplex == 'f';
	return true;
}

static int cap_get(struct device_view *v, const char *name, struct dld_getprop_reply *ret)
{
	bool full, has = false, on = false;
	uint32_t speed;
	int r = view_link(v);

	if (r < 0)
		return r;
	if (!cap_parse(name, &speed, &full))
		return -EINVAL;
	for (size_t i = 0; i < v->link.nmodes; i++) {
		if (v->link.modes[i].speed != speed || v->link.modes[i].full != full)
			continue;
		has = true;
		on |= v->link.modes[i].advertised;
	}
	if (!has)
		return -ENOTSUP;
	if (name[0] == 'a') /* what is told now */
		on = on && v->link.autoneg;
	put_number(ret->value, on);
	return 0;
}

static int cap_set(struct device_view *v, const char *name, const char *text, struct diag *d)
{
	bool full, others = false, on = *text == '1';
	uint32_t speed;
	int r = view_link(v);

	if (r < 0)
		return change_failed(v, v->eth, r, d);
	if (!cap_parse(name, &speed, &full))
		return -EINVAL;
	for (size_t i = 0; i < v->link.nmodes; i++)
		others |= v->link.modes[i].advertised &&
			  (v->link.modes[i].speed != speed || v->link.modes[i].full != full);
	if (!on && !others)
		return diag_set(d, -EINVAL,
			"it is the last speed of '%s' that is left; without any, set "
			"adv_autoneg_cap=0",
			v->dd->dd_linkname);
	r = ethnl_link_advertise(v->eth, v->at.ifindex, &v->link, speed, full, on);
	return r < 0 ? change_failed(v, v->eth, r, d) : 0;
}

/* ---- of NICs: flow control ---- */

static int flowctrl_get(struct device_view *v, const char *name, struct dld_getprop_reply *ret)
{
	struct ethnl_pause p;
	int r = view_eth(v);

	if (r == 0)
		r = ethnl_pause_get(v->eth, v->at.ifindex, &p);
	if (r < 0)
		return r;
	(void)str_copy(ret->value, sizeof(ret->value),
		p.autoneg      ? "auto"
		: p.rx && p.tx ? "bi"
		: p.rx	       ? "rx"
		: p.tx	       ? "tx"
			       : "no");
	return 0;
}

static int flowctrl_set(struct device_view *v, const char *name, const char *text, struct diag *d)
{
	bool automatic = streq(text, "auto"), bi = automatic || streq(text, "bi");
	struct ethnl_pause p = {automatic, bi || streq(text, "rx"), bi || streq(text, "tx")};
	int r = view_eth(v);

	if (r == 0)
		r = ethnl_pause_set(v->eth, v->at.ifindex, &p);
	return r < 0 ? change_failed(v, v->eth, r, d) : 0;
}

/* ---- of NICs: queues ---- */

static int rings_get(struct device_view *v, const char *name, struct dld_getprop_reply *ret)
{
	bool rx = name[0] == 'r';
	struct ethnl_channels c;
	unsigned int n, max;
	int r = view_eth(v);

	if (r == 0)
		r = ethnl_channels_get(v->eth, v->at.ifindex, &c);
	if (r < 0)
		return r;
	n = c.combined + (rx ? c.rx : c.tx);
	max = c.combined_max + (rx ? c.rx_max : c.tx_max);
	if (max == 0)
		return -ENOTSUP;
	put_number(ret->value, strchr(name, '-') ? max : n);
	(void)snprintf(ret->possible, sizeof(ret->possible), max > 1 ? "1-%u" : "%u", max);
	return 0;
}

/* Linux: queues for both directions are set together. */
static int rings_set(struct device_view *v, const char *name, const char *text, struct diag *d)
{
	uint32_t n = (uint32_t)strtoul(text, NULL, 10), *count, max;
	bool rx = name[0] == 'r';
	struct ethnl_channels c;
	int r = view_eth(v);

	if (r == 0)
		r = ethnl_channels_get(v->eth, v->at.ifindex, &c);
	if (r < 0)
		return change_failed(v, v->eth, r, d);
	count = rx ? &c.rx : &c.tx;
	max = rx ? c.rx_max : c.tx_max;
	if (!max) {
		count = &c.combined;
		max = c.combined_max;
	}
	if (n > max)
		return diag_set(d, -EINVAL, "'%s' has %u of them", v->dd->dd_linkname, max);
	*count = n;
	r = ethnl_channels_set(v->eth, v->at.ifindex, &c);
	return r < 0 ? change_failed(v, v->eth, r, d) : 0;
}

/* ---- of ports of a bridge ---- */

/* -ENOTSUP when it is none now: what was asked for waits until it is. */
static int port_of(struct device_view *v, struct nl_brport *ret)
{
	int r;

	if (!dls_at_home(v->dd))
		return -ENOTSUP;
	r = view_where(v);
	if (r == 0)
		r = nl_brport_get(v->where, v->at.ifindex, ret);
	return r == -EOPNOTSUPP ? -ENOTSUP : r;
}

/* What waits. */
static int port_wish(struct device_view *v, const char *name, struct dld_getprop_reply *ret)
{
	if (!prop_table_get(v->dd->dd_linkid, name, ret->value))
		(void)str_copy(ret->value, sizeof(ret->value), dladm_property_find(name)->def);
	return 0;
}

static int port_get(struct device_view *v, const char *name, struct dld_getprop_reply *ret)
{
	char asked[DLADM_PROP_VALLEN];
	struct nl_brport p = {0};
	int r = port_of(v, &p);

	if (r < 0)
		return r == -ENOTSUP ? port_wish(v, name, ret) : r;
	if (streq(name, "forward"))
		put_number(ret->value, p.forward);
	else if (streq(name, "stp_priority"))
		put_number(ret->value, p.priority * PRIORITY_UNIT);
	else if (prop_table_get(v->dd->dd_linkid, name, asked) && !streq(asked, "auto"))
		put_number(ret->value, p.cost);
	else /* the kernel chose it */
		(void)str_copy(ret->value, sizeof(ret->value), "auto");
	return 0;
}

/* What the kernel takes for a port of a speed, as it does itself when one joins. */
static uint32_t cost_of(struct device_view *v)
{
	static const struct {
		uint32_t speed, cost;
	} costs[] = {{10000, 2}, {5000, 3}, {2500, 4}, {1000, 5}, {100, 19}, {10, 100}};

	if (view_link(v) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(costs); i++)
			if (v->link.speed >= costs[i].speed)
				return costs[i].cost;
	return 100;
}

static int port_set(struct device_view *v, const char *name, const char *text, struct diag *d)
{
	int ifindex = v->at.ifindex, r;
	struct nl_brport p = {0};
	unsigned long n = strtoul(text, NULL, 10);

	r = port_of(v, &p);
	if (r < 0)
		return r == -ENOTSUP ? 0 : change_failed(v, v->where, r, d);
	if (streq(name, "forward"))
		r = nl_brport_set_forward(v->where, ifindex, n == 1);
	else if (streq(name, "stp_priority"))
		r = nl_brport_set_priority(v->where, ifindex, (uint8_t)(n / PRIORITY_UNIT));
	else
		r = nl_brport_set_cost(v->where, ifindex, n ? (uint32_t)n : cost_of(v));
	return r < 0 ? change_failed(v, v->where, r, d) : 0;
}

/* ---- of tunnels ---- */

static int limit_get(struct device_view *v, const char *name, struct dld_getprop_reply *ret)
{
	struct mac_iptun_limits l;
	int r = view_where(v);

	if (r == 0)
		r = mac_iptun_get_limits(v->dd, v->where, &l);
	if (r < 0)
		return r;
	if (name[0] == 'e' && !l.has_encap)
		return -ENOTSUP;
	put_number(ret->value, name[0] == 'e' ? l.encap : l.hop);
	return 0;
}

static int limit_set(struct device_view *v, const char *name, const char *text, struct diag *d)
{
	uint8_t n = (uint8_t)strtoul(text, NULL, 10);
	struct mac_iptun_limits l;
	int r = view_where(v);

	if (r == 0)
		r = mac_iptun_get_limits(v->dd, v->where, &l);
	if (r == 0 && name[0] == 'e' && !l.has_encap)
		return diag_set(d, -ENOTSUP,
			"'%s' is a tunnel over IPv4, which has no encapsulation limit",
			v->dd->dd_linkname);
	if (name[0] == 'e')
		l.encap = n;
	else
		l.hop = n;
	if (r == 0)
		r = mac_iptun_set_limits(v->dd, v->where, &l);
	return r < 0 ? change_failed(v, v->where, r, d) : 0;
}

/* ---- of links that learn addresses: those that they have ---- */

static int learned_get(struct device_view *v, const char *name, struct dld_getprop_reply *ret)
{
	return protect_learned_list(v->dd->dd_linkid, ret->value) < 0 ? -ENOTSUP : 0;
}

/* ---- which property is which ---- */

static const struct device_prop {
	const char *prefix;
	int (*get)(struct device_view *v, const char *name, struct dld_getprop_reply *ret);
	int (*set)(struct device_view *v, const char *name, const char *text, struct diag *d);
	bool port;
} device_props[] = {
	{"adv_autoneg_cap", autoneg_get, autoneg_set, false}, {"adv_", cap_get, NULL, false},
	{"en_", cap_get, cap_set, false}, {"flowctrl", flowctrl_get, flowctrl_set, false},
	{"rxrings", rings_get, rings_set, false}, {"txrings", rings_get, rings_set, false},
	{"learned-ips", learned_get, NULL, false}, {"forward", port_get, port_set, true},
	{"stp_", port_get, port_set, true},
	{"", limit_get, limit_set, false}, /* hoplimit, encaplimit */
};

static const struct device_prop *device_prop_find(const char *name)
{
	const struct device_prop *p = device_props;

	while (strncmp(p->prefix, name, strlen(p->prefix)) != 0)
		p++;
	return p;
}

/* ---- for prop.c ---- */

struct device_view *device_view_open(struct devnet *dd)
{
	struct device_view *v = calloc(1, sizeof(*v));

	if (v) {
		v->dd = dd;
		v->at = dls_device_place(dd);
	}
	return v;
}

void device_view_close(struct device_view *v)
{
	v->where = nl_close(v->where);
	v->eth = nl_close(v->eth);
	free(v);
}

int device_prop_get(
	struct device_view *v, const struct dladm_property *prop, struct dld_getprop_reply *ret)
{
	const struct device_prop *p = device_prop_find(prop->name);
	int r;

	if (v->at.ifindex == 0)
		return -ENOTSUP;
	r = p->get(v, prop->name, ret);
	if (r < 0)
		return r == -EOPNOTSUPP ? -ENOTSUP : r;
	if (!prop->def && !prop_table_get_first(v->dd->dd_linkid, prop->name, ret->def))
		(void)str_copy(ret->def, sizeof(ret->def), ret->value);
	return 0;
}

/* Sets it, and looks whether that is what the device has then. */
static int apply(
	struct device_view *v, const struct dladm_property *prop, const char *text, struct diag *d)
{
	const struct device_prop *p = device_prop_find(prop->name);
	struct dld_getprop_reply now = {0};
	int r;

	r = p->set(v, prop->name, text, d);
	v->link_asked = 0;
	if (r < 0 || p->port)
		return r;
	r = device_prop_get(v, prop, &now);
	if (r == 0 && !streq(now.value, text))
		r = diag_set(d, -EINVAL, "'%s' cannot have that, it stays %s", v->dd->dd_linkname,
			now.value);
	return r;
}

int device_prop_set(
	struct device_view *v, const struct dladm_property *prop, const char *text, struct diag *d)
{
	struct dld_getprop_reply was = {0};
	datalink_id_t id = v->dd->dd_linkid;
	int r;

	r = device_prop_get(v, prop, &was);
	if (r == -ENOTSUP)
		return diag_set(
			d, r, "the device of '%s' has no %s", v->dd->dd_linkname, prop->name);
	if (r < 0)
		return diag_errno(d, r, "cannot read %s of '%s'", prop->name, v->dd->dd_linkname);
	if (!prop->def && text)
		r = prop_table_set_first(id, prop->name, was.def);
	if (r == 0)
		r = apply(v, prop, text ? text : prop->def ? prop->def : was.def, d);
	if (r == 0)
		r = prop_table_set(id, prop->name, text);
	if (r == 0 && !prop->def && !text)
		r = prop_table_set_first(id, prop->name, NULL);
	if (r < 0) {
		(void)apply(v, prop, was.value, NULL);
		if (d && !d->text[0])
			diag_errno(d, r, "cannot keep %s", prop->name);
	}
	return r;
}

static int again(struct device_view *v, bool ports, struct diag *d)
{
	const struct dladm_property *prop;
	char text[DLADM_PROP_VALLEN];
	int r = 0;

	for (unsigned int i = 0; r == 0 && (prop = dladm_property_at(i)); i++) {
		struct dld_getprop_reply now = {0};

		if (!(prop->flags & DLADM_PROP_DEVICE) || !(prop->classes & v->dd->dd_class) ||
			device_prop_find(prop->name)->port != ports ||
			!prop_table_get(v->dd->dd_linkid, prop->name, text))
			continue;
		if (!ports && device_prop_get(v, prop, &now) == 0 && streq(now.value, text))
			continue;
		r = apply(v, prop, text, d);
	}
	return r;
}

int device_props_again(struct devnet *dd, bool joined, struct diag *d)
{
	struct device_view *v;
	int r;

	if (!dd->dd_at.ifindex || !prop_table_any(dd->dd_linkid))
		return 0;
	v = device_view_open(dd);
	if (!v)
		return -ENOMEM;
	r = again(v, joined, d);
	device_view_close(v);
	return r;
}

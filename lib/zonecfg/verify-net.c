/* SPDX-License-Identifier: MIT */
/*
 * The rules of net resources. Several of them may name the same link: each then
 * gives it one more allowed address, so that a rule about "the link" looks at all of
 * them.
 */
#include "dladm/property.h"
#include "zonecfg/verify.h"

#include <arpa/inet.h>

static bool same(const char *a, const char *b)
{
	return a && b && streq(a, b);
}

static void check_address(struct verify *v, const struct zonecfg_net *net, const char *property,
	const char *value, bool hostname_ok)
{
	struct zonecfg_addr addr;
	int r;

	if (!value)
		return;
	r = zonecfg_parse_address(value, hostname_ok, &addr);
	if (r)
		verify_report(v, r, "net physical=%s: %s '%s' is not a valid address",
			net->physical, property, value);
}

/* True when any net resource of the same link has an allowed-address. */
static bool link_has_allowed(const struct zonecfg *cfg, const struct zonecfg_net *net)
{
	size_t i;

	for (i = 0; i < cfg->n_nets; i++) {
		if (same(cfg->nets[i].physical, net->physical) && cfg->nets[i].allowed_address)
			return true;
	}
	return false;
}

/* Is the router on the network of this address? */
static bool on_network(const struct zonecfg_addr *router, const struct zonecfg_addr *own)
{
	const uint8_t *a = (const uint8_t *)&router->v6, *b = (const uint8_t *)&own->v6;
	int bits = own->prefix >= 0 ? own->prefix : 32, whole = bits / 8, rest = bits % 8;

	return own->family == router->family && memcmp(a, b, (size_t)whole) == 0 &&
	       (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* A router beside all networks of its link cannot be reached: the zone would not boot with it. */
static void verify_reach(
	struct verify *v, const struct zonecfg_net *net, const struct zonecfg_addr *router)
{
	const struct zonecfg_net *one = v->cfg->nets;
	const char *allowed = NULL;
	struct zonecfg_addr own;

	if (router->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&router->v6))
		return;
	for (; one < v->cfg->nets + v->cfg->n_nets; one++) {
		if (!same(one->physical, net->physical) || !one->allowed_address)
			continue;
		if (zonecfg_parse_address(one->allowed_address, false, &own) != Z_OK ||
			on_network(router, &own))
			return;
		if (own.family == router->family)
			allowed = one->allowed_address;
	}
	if (allowed)
		verify_report(v, Z_OK,
			"net physical=%s: defrouter %s is not on the network of allowed-address %s%s",
			net->physical, net->defrouter, allowed,
			strchr(allowed, '/') ? "" : ", which has no prefix length (such as /24)");
}

static void verify_router(struct verify *v, const struct zonecfg_net *net)
{
	struct zonecfg_addr addr;
	int r;

	if (!net->defrouter)
		return;
	r = zonecfg_parse_router(net->defrouter, &addr);
	if (r)
		verify_report(v, r, "net physical=%s: defrouter '%s' is not a valid address",
			net->physical, net->defrouter);
	else if (addr.prefix >= 0)
		verify_report(v, Z_OK, "net physical=%s: the prefix length of defrouter is ignored",
			net->physical);
	if (v->cfg->ip_type == ZS_EXCLUSIVE && !link_has_allowed(v->cfg, net))
		verify_report(v, Z_INCOMPATIBLE,
			"net physical=%s: defrouter needs an allowed-address", net->physical);
	else if (v->cfg->ip_type == ZS_EXCLUSIVE && !r)
		verify_reach(v, net, &addr);
}

static void verify_link_details(struct verify *v, const struct zonecfg_net *net)
{
	uint16_t vlan;
	char mac[18];

	if (net->global_nic && zonecfg_check_global_nic(net->global_nic))
		verify_report(v, Z_INVALID_PROPERTY,
			"net physical=%s: global-nic '%s' is not a valid link name or NIC tag",
			net->physical, net->global_nic);
	if (net->mac_addr && zonecfg_parse_mac(net->mac_addr, mac))
		verify_report(v, Z_INVALID_PROPERTY,
			"net physical=%s: mac-addr '%s' is not a unicast MAC address",
			net->physical, net->mac_addr);
	if (net->vlan_id && zonecfg_parse_vlan(net->vlan_id, &vlan))
		verify_report(v, Z_INVALID_PROPERTY,
			"net physical=%s: vlan-id '%s' is not a number from 1 to 4094",
			net->physical, net->vlan_id);
}

/* What has a name that no property here has is said by zonecfg_report_unapplied(). */
static void verify_prop(
	struct verify *v, const struct zonecfg_net *net, const struct zonecfg_prop *prop)
{
	const struct dladm_property *p = dladm_property_find(prop->name);
	char value[DLADM_PROP_VALLEN];
	bool valid;
	uint64_t mtu;

	if (!p)
		return;
	if (!(p->flags & DLADM_PROP_WRITABLE) || streq(prop->name, "zone")) {
		verify_report(v, Z_INVALID_PROPERTY, "net physical=%s: property %s cannot be set",
			net->physical, prop->name);
		return;
	}
	valid = streq(prop->name, "mtu")
			? zonecfg_parse_u64(prop->value, &mtu) == Z_OK && mtu && mtu < 1000000
			: dladm_property_check(p, prop->value, value) == DLADM_STATUS_OK;
	if (!valid)
		verify_report(v, Z_INVALID_PROPERTY,
			"net physical=%s: '%s' is not a valid value of property %s%s%s",
			net->physical, prop->value, prop->name,
			p->possible && *p->possible ? "; possible are " : "",
			p->possible ? p->possible : "");
}

/* Once for each link: several net resources may name it. */
static void verify_props(struct verify *v, size_t index)
{
	const struct zonecfg_net *net = &v->cfg->nets[index], *other;
	size_t i, k, m;

	for (k = 0; k < net->n_props; k++) {
		verify_prop(v, net, &net->props[k]);
		for (i = 0; i <= index; i++) {
			other = &v->cfg->nets[i];
			for (m = 0; m < (i < index ? other->n_props : k); m++)
				if (same(other->physical, net->physical) &&
					streq(other->props[m].name, net->props[k].name))
					verify_report(v, Z_DUPLICATE,
						"net physical=%s: property %s is given more than once",
						net->physical, net->props[k].name);
		}
	}
}

static void verify_by_ip_type(struct verify *v, const struct zonecfg_net *net)
{
	bool exclusive = v->cfg->ip_type == ZS_EXCLUSIVE;

	if (zonecfg_check_physical(net->physical, exclusive))
		verify_report(v, Z_INVALID_PROPERTY,
			"net physical=%s: physical is not a valid link name", net->physical);
	if (exclusive && net->address)
		verify_report(v, Z_INCOMPATIBLE,
			"net physical=%s: address cannot be set for an exclusive-IP zone",
			net->physical);
	if (!exclusive && net->allowed_address)
		verify_report(v, Z_INCOMPATIBLE,
			"net physical=%s: allowed-address cannot be set for a shared-IP zone",
			net->physical);
	if (!exclusive && !net->address)
		verify_report(v, Z_REQD_PROPERTY_MISSING,
			"net physical=%s: address is required for a shared-IP zone", net->physical);
}

/* The first of a link's resources says where the link comes from. */
static void verify_origin(
	struct verify *v, const struct zonecfg_net *net, const struct zonecfg_net *first)
{
	const char *const here[] = {net->global_nic, net->mac_addr, net->vlan_id};
	const char *const there[] = {first->global_nic, first->mac_addr, first->vlan_id};
	static const char *const names[] = {"global-nic", "mac-addr", "vlan-id"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (here[i] && !same(here[i], there[i]))
			verify_report(v, Z_INCOMPATIBLE,
				"net physical=%s: %s '%s' is not that of the first resource of this link",
				net->physical, names[i], here[i]);
}

/* Against an earlier net resource. */
static void verify_pair(
	struct verify *v, const struct zonecfg_net *net, const struct zonecfg_net *other)
{
	if (same(net->address, other->address)) {
		verify_report(v, Z_DUPLICATE, "net physical=%s: address %s twice", net->physical,
			net->address);
		return;
	}
	if (v->cfg->ip_type == ZS_SHARED || !same(net->physical, other->physical))
		return;
	if (!net->allowed_address != !other->allowed_address)
		verify_report(v, Z_INCOMPATIBLE,
			"net physical=%s: one has an allowed-address and another has none",
			net->physical);
	else if (!net->allowed_address || same(net->allowed_address, other->allowed_address))
		verify_report(
			v, Z_DUPLICATE, "net physical=%s: more than one like it", net->physical);
}

void verify_nets(struct verify *v)
{
	const struct zonecfg_net *net;
	size_t i, k;

	for (i = 0; i < v->cfg->n_nets; i++) {
		net = &v->cfg->nets[i];
		verify_by_ip_type(v, net);
		check_address(v, net, "address", net->address, true);
		check_address(v, net, "allowed-address", net->allowed_address, false);
		verify_router(v, net);
		verify_link_details(v, net);
		verify_props(v, i);
		for (k = 0; k < i; k++)
			verify_pair(v, net, &v->cfg->nets[k]);
		for (k = 0; k < i && !same(v->cfg->nets[k].physical, net->physical); k++)
			;
		if (k < i)
			verify_origin(v, net, &v->cfg->nets[k]);
	}
}

/* "10.0.0.1,fd00::1": addresses as they stand in resolv.conf, without a prefix. */
static bool is_resolver_list(const char *list)
{
	char one[64], buf[16];
	size_t n;

	for (; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (!n || n >= sizeof(one) || (list[n] == ',' && !list[n + 1]))
			return false;
		(void)snprintf(one, sizeof(one), "%.*s", (int)n, list);
		if (inet_pton(AF_INET, one, buf) != 1 && inet_pton(AF_INET6, one, buf) != 1)
			return false;
	}
	return true;
}

void verify_resolver_attr(struct verify *v, const struct zonecfg_attr *attr)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.";
	size_t n = strlen(attr->value);

	if (streq(attr->name, "resolvers") && (!is_resolver_list(attr->value) || n > 1024))
		verify_report(v, Z_INVALID_PROPERTY,
			"attr resolvers: '%s' is not a list of addresses with commas between them",
			attr->value);
	if (streq(attr->name, "dns-domain") && (n > 253 || strspn(attr->value, chars) != n))
		verify_report(v, Z_INVALID_PROPERTY, "attr dns-domain: '%s' is not a domain name",
			attr->value);
}

/* SPDX-License-Identifier: MIT */
/* Flows in words; see flow.h. */
#include "dladm/flow.h"

#include "dladm/property.h"
#include "linux/util.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>

static const struct {
	const char *name;
	enum flow_attr attr;
} attr_names[] = {{"local_ip", FLOW_LOCAL_IP}, {"remote_ip", FLOW_REMOTE_IP},
	{"transport", FLOW_TRANSPORT}, {"local_port", FLOW_LOCAL_PORT},
	{"remote_port", FLOW_REMOTE_PORT}, {"dsfield", FLOW_DSFIELD}};

static const struct {
	const char *name;
	uint8_t proto;
	bool ports;
} transports[] = {{"tcp", IPPROTO_TCP, true}, {"udp", IPPROTO_UDP, true},
	{"sctp", IPPROTO_SCTP, true}, {"icmp", IPPROTO_ICMP, false},
	{"icmpv6", IPPROTO_ICMPV6, false}};

static const char *const priorities[] = {"", "low", "medium", "high"};

bool flow_name_valid(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < FLOW_NAME_MAX && isalpha((unsigned char)name[0]) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		       n;
}

const char *flow_attr_name(enum flow_attr attr)
{
	for (size_t i = 0; i < ARRAY_SIZE(attr_names); i++)
		if (attr_names[i].attr == attr)
			return attr_names[i].name;
	return "?";
}

/* ---- attributes from text ---- */

/* A number of up to 5 digits, base 10 or 16, up to max. */
static bool number_parse(const char *text, int base, unsigned int max, unsigned int *ret)
{
	size_t n = strspn(text, base == 16 ? "0123456789abcdefABCDEF" : "0123456789");

	if (n == 0 || n > 5 || text[n])
		return false;
	*ret = (unsigned int)strtoul(text, NULL, base);
	return *ret <= max;
}

static void mask_address(uint8_t addr[16], unsigned int bits)
{
	for (unsigned int i = 0; i < 16; i++) {
		unsigned int left = bits > i * 8 ? bits - i * 8 : 0;

		if (left < 8)
			addr[i] &= (uint8_t)(0xff00u >> left);
	}
}

static int address_parse(
	const char *text, struct flow_attrs *a, uint8_t addr[16], uint8_t *prefix, struct diag *d)
{
	char copy[INET6_ADDRSTRLEN + 1];
	size_t len = strcspn(text, "/");
	uint8_t bytes[16] = {0};
	unsigned int bits;
	int family;

	if (len >= sizeof(copy))
		return diag_set(d, -EINVAL, "invalid IP address '%s'", text);
	memcpy(copy, text, len);
	copy[len] = '\0';
	family = strchr(copy, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, copy, bytes) != 1)
		return diag_set(d, -EINVAL, "invalid IP address '%s'", copy);
	if (a->family && a->family != family)
		return diag_set(d, -EINVAL, "local_ip and remote_ip are of different families");
	bits = family == AF_INET ? 32 : 128;
	if (text[len] && (!number_parse(text + len + 1, 10, bits, &bits) || bits == 0))
		return diag_set(d, -EINVAL, "invalid IP prefix length '%s'", text + len + 1);
	mask_address(bytes, bits);
	a->family = (uint8_t)family;
	*prefix = (uint8_t)bits;
	memcpy(addr, bytes, sizeof(bytes));
	return 0;
}

static int transport_parse(const char *text, struct flow_attrs *a, struct diag *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(transports); i++) {
		if (streq(text, transports[i].name)) {
			a->transport = transports[i].proto;
			return 0;
		}
	}
	return diag_set(d, -EINVAL, "invalid protocol '%s': tcp, udp, sctp, icmp or icmpv6", text);
}

static int port_parse(const char *text, uint16_t *ret, struct diag *d)
{
	unsigned int port;

	if (!number_parse(text, 10, UINT16_MAX, &port) || port == 0)
		return diag_set(d, -EINVAL, "invalid port '%s'", text);
	*ret = (uint16_t)port;
	return 0;
}

/* "value[:mask]", both hexadecimal with or without 0x. */
static int dsfield_parse(const char *text, struct flow_attrs *a, struct diag *d)
{
	unsigned int v[2] = {0, 0xff};
	size_t len = strcspn(text, ":");
	char copy[8];
	const char *p = text;

	for (unsigned int i = 0; i < 2 && p; i++) {
		size_t n = i == 0 ? len : strlen(p);

		if (n >= sizeof(copy))
			goto bad;
		memcpy(copy, p, n);
		copy[n] = '\0';
		if (!number_parse(strncmp(copy, "0x", 2) == 0 ? copy + 2 : copy, 16, 0xff, &v[i]))
			goto bad;
		p = i == 0 && text[len] ? text + len + 1 : NULL;
	}
	a->dsfield = (uint8_t)(v[0] & v[1]);
	a->dsfield_mask = (uint8_t)v[1];
	if (v[1])
		return 0;
bad:
	return diag_set(d, -EINVAL, "invalid dsfield '%s': value[:mask], hexadecimal", text);
}

static int attr_value(enum flow_attr attr, const char *value, struct flow_attrs *a, struct diag *d)
{
	switch (attr) {
	case FLOW_LOCAL_IP:
		return address_parse(value, a, a->local_ip, &a->local_prefix, d);
	case FLOW_REMOTE_IP:
		return address_parse(value, a, a->remote_ip, &a->remote_prefix, d);
	case FLOW_TRANSPORT:
		return transport_parse(value, a, d);
	case FLOW_LOCAL_PORT:
		return port_parse(value, &a->local_port, d);
	case FLOW_REMOTE_PORT:
		return port_parse(value, &a->remote_port, d);
	case FLOW_DSFIELD:
		return dsfield_parse(value, a, d);
	}
	return -EINVAL;
}

int flow_attr_parse(const char *text, struct flow_attrs *attrs, struct diag *d)
{
	size_t len = strcspn(text, "=");
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(attr_names); i++) {
		if (strlen(attr_names[i].name) != len || memcmp(attr_names[i].name, text, len) != 0)
			continue;
		if (!text[len] || !text[len + 1])
			return diag_set(
				d, -EINVAL, "attribute '%.*s' has no value", (int)len, text);
		if (attrs->mask & attr_names[i].attr)
			return diag_set(d, -EINVAL, "attribute '%.*s' twice", (int)len, text);
		r = attr_value(attr_names[i].attr, text + len + 1, attrs, d);
		if (r == 0)
			attrs->mask |= attr_names[i].attr;
		return r;
	}
	return diag_set(d, -EINVAL, "invalid flow attribute '%.*s'", (int)len, text);
}

/* ---- what goes together ---- */

static bool has_ports(uint8_t proto)
{
	for (size_t i = 0; i < ARRAY_SIZE(transports); i++)
		if (transports[i].proto == proto)
			return transports[i].ports;
	return false;
}

static bool known_transport(uint8_t proto)
{
	for (size_t i = 0; i < ARRAY_SIZE(transports); i++)
		if (transports[i].proto == proto)
			return true;
	return false;
}

static bool address_right(const struct flow_attrs *a, const uint8_t addr[16], uint8_t prefix)
{
	uint8_t masked[16];

	memcpy(masked, addr, sizeof(masked));
	mask_address(masked, prefix);
	return prefix > 0 && prefix <= (a->family == AF_INET ? 32 : 128) &&
	       memcmp(masked, addr, sizeof(masked)) == 0;
}

/* Each attribute by itself; one that is not there is zero. */
static bool values_right(const struct flow_attrs *a)
{
	struct flow_attrs none = *a;
	uint32_t m = a->mask;

	if ((m & (FLOW_LOCAL_IP | FLOW_REMOTE_IP)) && a->family != AF_INET && a->family != AF_INET6)
		return false;
	if (((m & FLOW_LOCAL_IP) && !address_right(a, a->local_ip, a->local_prefix)) ||
		((m & FLOW_REMOTE_IP) && !address_right(a, a->remote_ip, a->remote_prefix)) ||
		((m & FLOW_TRANSPORT) && !known_transport(a->transport)) ||
		((m & FLOW_LOCAL_PORT) && !a->local_port) ||
		((m & FLOW_REMOTE_PORT) && !a->remote_port) ||
		((m & FLOW_DSFIELD) && (!a->dsfield_mask || (a->dsfield & ~a->dsfield_mask))))
		return false;
	if (m & FLOW_LOCAL_IP)
		none.local_prefix = 0, memset(none.local_ip, 0, sizeof(none.local_ip));
	if (m & FLOW_REMOTE_IP)
		none.remote_prefix = 0, memset(none.remote_ip, 0, sizeof(none.remote_ip));
	if (m & (FLOW_LOCAL_IP | FLOW_REMOTE_IP))
		none.family = 0;
	if (m & FLOW_TRANSPORT)
		none.transport = 0;
	if (m & FLOW_LOCAL_PORT)
		none.local_port = 0;
	if (m & FLOW_REMOTE_PORT)
		none.remote_port = 0;
	if (m & FLOW_DSFIELD)
		none.dsfield = none.dsfield_mask = 0;
	return memcmp(&none, &(struct flow_attrs){.mask = m}, sizeof(none)) == 0;
}

int flow_attrs_check(const struct flow_attrs *a, struct diag *d)
{
	uint32_t m = a->mask, all = 0;

	for (size_t i = 0; i < ARRAY_SIZE(attr_names); i++)
		all |= attr_names[i].attr;
	if (m == 0)
		return diag_set(d, -EINVAL, "a flow needs an attribute");
	if ((m & ~all) || !values_right(a))
		return diag_set(d, -EINVAL, "invalid flow attributes");
	if ((m & (FLOW_LOCAL_PORT | FLOW_REMOTE_PORT)) &&
		(!(m & FLOW_TRANSPORT) || !has_ports(a->transport)))
		return diag_set(d, -EINVAL, "a port needs the transport tcp, udp or sctp");
	if ((m & FLOW_DSFIELD) && m != FLOW_DSFIELD)
		return diag_set(d, -EINVAL, "dsfield goes with no other attribute");
	if (a->family && ((a->family == AF_INET && a->transport == IPPROTO_ICMPV6) ||
				 (a->family == AF_INET6 && a->transport == IPPROTO_ICMP)))
		return diag_set(d, -EINVAL, "the transport is not of the addresses' family");
	return 0;
}

/* ---- attributes as text ---- */

static void address_format(
	const struct flow_attrs *a, const uint8_t addr[16], uint8_t prefix, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "";

	(void)inet_ntop(a->family, addr, text, sizeof(text));
	(void)snprintf(buf, size, "%s/%u", text, prefix);
}

void flow_attr_format(const struct flow_attrs *a, enum flow_attr attr, char *buf, size_t size)
{
	buf[0] = '\0';
	if (!(a->mask & attr))
		return;
	switch (attr) {
	case FLOW_LOCAL_IP:
		address_format(a, a->local_ip, a->local_prefix, buf, size);
		break;
	case FLOW_REMOTE_IP:
		address_format(a, a->remote_ip, a->remote_prefix, buf, size);
		break;
	case FLOW_TRANSPORT:
		for (size_t i = 0; i < ARRAY_SIZE(transports); i++)
			if (transports[i].proto == a->transport)
				(void)snprintf(buf, size, "%s", transports[i].name);
		break;
	case FLOW_LOCAL_PORT:
		(void)snprintf(buf, size, "%u", a->local_port);
		break;
	case FLOW_REMOTE_PORT:
		(void)snprintf(buf, size, "%u", a->remote_port);
		break;
	case FLOW_DSFIELD:
		(void)snprintf(buf, size, "0x%x:0x%x", a->dsfield, a->dsfield_mask);
		break;
	}
}

/* ---- properties ---- */

int flow_prop_find(const char *name, enum flow_prop *ret)
{
	if (streq(name, "maxbw"))
		*ret = FLOW_MAXBW;
	else if (streq(name, "priority"))
		*ret = FLOW_PRIORITY;
	else
		return -EINVAL;
	return 0;
}

const char *flow_prop_name(enum flow_prop prop)
{
	return prop == FLOW_MAXBW ? "maxbw" : "priority";
}

/* As the link property of that name: a number and K, M (the default) or G. */
static int maxbw_parse(const char *text, uint64_t *ret, struct diag *d)
{
	char canonical[DLADM_PROP_VALLEN];
	dladm_status_t status = dladm_check_maxbw(text, canonical);

	if (status == DLADM_STATUS_MINMAXBW)
		return diag_set(d, -EINVAL, "%s", dladm_status2str(status));
	if (status != DLADM_STATUS_OK)
		return diag_set(
			d, -EINVAL, "invalid value '%s' of maxbw: a number and K, M or G", text);
	*ret = dladm_maxbw_of(canonical);
	return 0;
}

static int priority_parse(const char *text, uint32_t *ret, struct diag *d)
{
	for (uint32_t i = FLOW_PRIORITY_LOW; i < ARRAY_SIZE(priorities); i++) {
		if (streq(text, priorities[i])) {
			*ret = i;
			return 0;
		}
	}
	return diag_set(d, -EINVAL, "invalid value '%s' of priority: low, medium or high", text);
}

int flow_prop_parse(const char *text, struct flow_props *props, uint32_t *which, struct diag *d)
{
	size_t len = strcspn(text, "=");
	enum flow_prop prop;
	char name[16] = "";
	int r;

	if (len < sizeof(name))
		memcpy(name, text, len);
	if (flow_prop_find(name, &prop) < 0)
		return diag_set(d, -EINVAL, "invalid flow property '%.*s'", (int)len, text);
	if (!text[len] || !text[len + 1])
		return diag_set(d, -EINVAL, "property '%s' has no value", name);
	if (*which & prop)
		return diag_set(d, -EINVAL, "property '%s' twice", name);
	r = prop == FLOW_MAXBW ? maxbw_parse(text + len + 1, &props->maxbw, d)
			       : priority_parse(text + len + 1, &props->priority, d);
	if (r == 0)
		*which |= prop;
	return r;
}

int flow_props_check(const struct flow_props *props, struct diag *d)
{
	if (props->maxbw && props->maxbw < DLADM_MAXBW_MIN)
		return diag_set(d, -EINVAL, "%s", dladm_status2str(DLADM_STATUS_MINMAXBW));
	if (props->priority > FLOW_PRIORITY_HIGH || props->pad)
		return diag_set(d, -EINVAL, "invalid flow properties");
	return 0;
}

void flow_prop_format(const struct flow_props *props, enum flow_prop prop, char *buf, size_t size)
{
	uint64_t bw = props->maxbw;

	buf[0] = '\0';
	if (prop == FLOW_PRIORITY)
		(void)snprintf(buf, size, "%s", priorities[props->priority]);
	else if (bw && bw % 1000000 == 0)
		(void)snprintf(buf, size, "%" PRIu64 "M", bw / 1000000);
	else if (bw)
		(void)snprintf(buf, size, "%" PRIu64 "K", bw / 1000);
}

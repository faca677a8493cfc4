/* SPDX-License-Identifier: MIT */
/*
 * Rules for addresses of a net resource (rules.h). The forms that inet_aton
 * also takes (octal, short, hexadecimal) are refused: they surprise.
 */
#include "zonecfg/rules.h"

#include <arpa/inet.h>

/* Splits text at a slash; *ret_prefix is -1 without one. */
static int split_prefix(const char *text, char *buf, size_t size, int *ret_prefix)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	uint64_t prefix;

	if (n == 0)
		return Z_INVALID_PROPERTY;
	if (n >= size)
		return Z_TOO_BIG;
	memcpy(buf, text, n);
	buf[n] = '\0';
	*ret_prefix = -1;
	if (!slash)
		return Z_OK;
	if (zonecfg_parse_u64(slash + 1, &prefix) || prefix > 128 || strlen(slash + 1) > 3)
		return Z_INVALID_PROPERTY;
	*ret_prefix = (int)prefix;
	return Z_OK;
}

static int check_v4(const struct zonecfg_addr *a)
{
	uint32_t host = ntohl(a->v4.s_addr);

	if (a->prefix > 32)
		return Z_INVALID_PROPERTY;
	/* 0.0.0.0/8, multicast, reserved and broadcast belong to nobody. */
	if (host >> 24 == 0 || host >= 0xe0000000U)
		return Z_INVALID_PROPERTY;
	return Z_OK;
}

static int check_v6(const struct zonecfg_addr *a)
{
	if (IN6_IS_ADDR_UNSPECIFIED(&a->v6) || IN6_IS_ADDR_MULTICAST(&a->v6) ||
		IN6_IS_ADDR_V4MAPPED(&a->v6))
		return Z_INVALID_PROPERTY;
	return Z_OK;
}

/* A host name of letters, digits, hyphens and dots; not one that only looks like a number. */
static int check_hostname(const char *name)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-.";
	size_t n = strlen(name);

	if (n > 253 || strspn(name, chars) != n || strspn(name, "0123456789.") == n)
		return Z_INVALID_PROPERTY;
	if (name[0] == '-' || name[0] == '.' || strstr(name, ".."))
		return Z_INVALID_PROPERTY;
	return Z_OK;
}

static int parse_numeric(const char *host, struct zonecfg_addr *a)
{
	if (inet_pton(AF_INET, host, &a->v4) == 1) {
		a->family = AF_INET;
		return check_v4(a);
	}
	if (inet_pton(AF_INET6, host, &a->v6) == 1) {
		a->family = AF_INET6;
		return check_v6(a);
	}
	a->family = AF_UNSPEC;
	return Z_OK;
}

int zonecfg_parse_address(const char *text, bool hostname_ok, struct zonecfg_addr *ret_addr)
{
	struct zonecfg_addr a = {0};
	char host[256];
	int r = split_prefix(text, host, sizeof(host), &a.prefix);

	if (!r)
		r = parse_numeric(host, &a);
	if (r)
		return r;
	if (a.family == AF_INET6 && a.prefix < 0)
		return Z_INVALID_PROPERTY;
	if (a.family == AF_UNSPEC) {
		if (!hostname_ok || a.prefix > 32)
			return Z_INVALID_PROPERTY;
		r = check_hostname(host);
		if (r)
			return r;
	}
	*ret_addr = a;
	return Z_OK;
}

int zonecfg_parse_router(const char *text, struct zonecfg_addr *ret_addr)
{
	struct zonecfg_addr a = {0};
	char host[256];
	int r = split_prefix(text, host, sizeof(host), &a.prefix);

	if (!r)
		r = parse_numeric(host, &a);
	if (r)
		return r;
	if (a.family == AF_UNSPEC)
		return Z_INVALID_PROPERTY;
	*ret_addr = a;
	return Z_OK;
}

/* One or two hexadecimal digits; -1 for anything else. */
static int parse_byte(const char **p)
{
	static const char digits[] = "0123456789abcdef";
	const char *d;
	int v = 0, n;

	for (n = 0; n < 2 && **p; n++, (*p)++) {
		char c = **p >= 'A' && **p <= 'F' ? (char)(**p - 'A' + 'a') : **p;

		d = c ? strchr(digits, c) : NULL;
		if (!d)
			break;
		v = v * 16 + (int)(d - digits);
	}
	return n ? v : -1;
}

int zonecfg_parse_mac(const char *text, char ret_mac[18])
{
	int bytes[6], i, any = 0;
	const char *p = text;

	for (i = 0; i < 6; i++) {
		bytes[i] = parse_byte(&p);
		if (bytes[i] < 0 || *p != (i < 5 ? ':' : '\0'))
			return Z_INVALID_PROPERTY;
		any |= bytes[i];
		p++;
	}
	if (!any || (bytes[0] & 1))
		return Z_INVALID_PROPERTY;
	(void)snprintf(ret_mac, 18, "%02x:%02x:%02x:%02x:%02x:%02x", (unsigned)bytes[0] & 0xff,
		(unsigned)bytes[1] & 0xff, (unsigned)bytes[2] & 0xff, (unsigned)bytes[3] & 0xff,
		(unsigned)bytes[4] & 0xff, (unsigned)bytes[5] & 0xff);
	return Z_OK;
}

int zonecfg_parse_vlan(const char *text, uint16_t *ret_vlan)
{
	uint64_t v;

	if (zonecfg_parse_u64(text, &v) || v < 1 || v > 4094)
		return Z_INVALID_PROPERTY;
	*ret_vlan = (uint16_t)v;
	return Z_OK;
}

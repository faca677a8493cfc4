/* SPDX-License-Identifier: MIT */
/* The rule for link names, and the names of what a link can be; see dladm.h. */
#include "dladm/dladm.h"
#include "zone/dld-door.h"

#define LINK_NUMBER_MAX 4294967294ull

/* Not isalpha(): the rule does not depend on the locale. */
static bool is_link_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
	       c == '.';
}

static bool chars_valid(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!is_link_char(s[i]))
			return false;
	return true;
}

bool dladm_valid_linkprefix(const char *prefix)
{
	size_t n = strnlen(prefix, MAXLINKNAMELEN);

	return n > 0 && n < MAXLINKNAMELEN - 1 && chars_valid(prefix, n) && !is_digit(prefix[0]) &&
	       !is_digit(prefix[n - 1]);
}

bool dladm_valid_linkname(const char *name)
{
	size_t n = strnlen(name, MAXLINKNAMELEN), start;
	unsigned long long number;

	if (n == 0 || n >= MAXLINKNAMELEN || !chars_valid(name, n) || is_digit(name[0]))
		return false;
	for (start = n; start > 0 && is_digit(name[start - 1]); start--)
		;
	if (start == n)
		return false;
	if (name[start] == '0' && n - start > 1)
		return false;
	if (n - start > 10)
		return false;
	number = strtoull(name + start, NULL, 10);
	return number <= LINK_NUMBER_MAX;
}

uint32_t dladm_implicit_iptun(const char *name)
{
	static const struct {
		const char *prefix;
		uint32_t type;
	} tunnels[] = {{"ip.tun", IPTUN_TYPE_IPV4}, {"ip6.tun", IPTUN_TYPE_IPV6},
		{"ip.6to4tun", IPTUN_TYPE_6TO4}};
	size_t i, n;

	if (!dladm_valid_linkname(name))
		return 0;
	for (i = 0; i < ARRAY_SIZE(tunnels); i++) {
		n = strlen(tunnels[i].prefix);
		if (strncmp(name, tunnels[i].prefix, n) == 0 && is_digit(name[n]) &&
			strspn(name + n, "0123456789") == strlen(name + n))
			return tunnels[i].type;
	}
	return 0;
}

static bool is_alpha(char c)
{
	return is_link_char(c) && !is_digit(c) && c != '_' && c != '.';
}

bool dladm_valid_bridgename(const char *name)
{
	size_t n = strnlen(name, MAXLINKNAMELEN), i;
	bool valid = n > 0 && n < MAXLINKNAMELEN - 1 && is_alpha(name[0]) && is_alpha(name[n - 1]);

	for (i = 0; i < n && valid; i++)
		valid = is_alpha(name[i]) || is_digit(name[i]) || name[i] == '_';
	return valid && !streq(name, "default") && strncmp(name, "SUNW", 4) != 0;
}

bool dladm_bridge_of_link(const char *link, char ret[MAXLINKNAMELEN])
{
	size_t n = strnlen(link, MAXLINKNAMELEN);
	char name[MAXLINKNAMELEN];

	if (n < 2 || n >= MAXLINKNAMELEN || link[n - 1] != '0')
		return false;
	(void)snprintf(name, sizeof(name), "%.*s", (int)n - 1, link);
	if (!dladm_valid_bridgename(name))
		return false;
	memcpy(ret, name, sizeof(name));
	return true;
}

const char *dladm_class2str(uint32_t link_class)
{
	switch (link_class) {
	case DATALINK_CLASS_PHYS:
		return "phys";
	case DATALINK_CLASS_VLAN:
		return "vlan";
	case DATALINK_CLASS_AGGR:
		return "aggr";
	case DATALINK_CLASS_VNIC:
		return "vnic";
	case DATALINK_CLASS_ETHERSTUB:
		return "etherstub";
	case DATALINK_CLASS_SIMNET:
		return "simnet";
	case DATALINK_CLASS_BRIDGE:
		return "bridge";
	case DATALINK_CLASS_IPTUN:
		return "iptun";
	case DATALINK_CLASS_PART:
		return "part";
	case DATALINK_CLASS_OVERLAY:
		return "overlay";
	}
	return "unknown";
}

/* The media of DLPI, so that what is configured of links that are none here can be shown. */
static const struct {
	uint32_t media;
	const char *name;
} media_names[] = {
	{DL_ETHER, "Ethernet"},
	{DL_OTHER, "Other"},
	{DL_IPV4, "IPv4Tunnel"},
	{DL_IPV6, "IPv6Tunnel"},
	{DL_6TO4, "6to4Tunnel"},
	{0x80000004u, "WiFi"},
	{0x80000005u, "IPNET"},
	{0x00, "CSMA/CD"},
	{0x01, "TokenBus"},
	{0x02, "TokenRing"},
	{0x03, "MetroNet"},
	{0x05, "HDLC"},
	{0x06, "SyncCharacter"},
	{0x07, "CTCA"},
	{0x08, "FDDI"},
	{0x0a, "FrameRelay"},
	{0x0b, "MPFrameRelay"},
	{0x0c, "AsyncCharacter"},
	{0x0d, "X.25(ClassicIP)"},
	{0x10, "FiberChannel"},
	{0x11, "ATM"},
	{0x12, "ATM(ClassicIP)"},
	{0x13, "X.25"},
	{0x14, "ISDN"},
	{0x15, "HIPPI"},
	{0x16, "100BaseVGEthernet"},
	{0x17, "100BaseVGTokenRing"},
	{0x18, "IEEE802.3"},
	{0x19, "100BaseT"},
	{0x1a, "Infiniband"},
};

const char *dladm_media2str(uint32_t media)
{
	for (size_t i = 0; i < ARRAY_SIZE(media_names); i++)
		if (media_names[i].media == media)
			return media_names[i].name;
	return "unknown";
}

const char *dladm_linkstate2str(uint32_t state)
{
	switch (state) {
	case LINK_STATE_UP:
		return "up";
	case LINK_STATE_DOWN:
		return "down";
	}
	return "unknown";
}

const char *dladm_linkduplex2str(uint32_t duplex)
{
	switch (duplex) {
	case LINK_DUPLEX_FULL:
		return "full";
	case LINK_DUPLEX_HALF:
		return "half";
	}
	return "unknown";
}

const char *dladm_mactype2str(uint32_t mac_type)
{
	switch (mac_type) {
	case VNIC_MAC_ADDR_TYPE_FIXED:
		return "fixed";
	case VNIC_MAC_ADDR_TYPE_RANDOM:
		return "random";
	case VNIC_MAC_ADDR_TYPE_FACTORY:
		return "factory";
	case VNIC_MAC_ADDR_TYPE_AUTO:
		return "auto";
	case VNIC_MAC_ADDR_TYPE_PRIMARY:
		return "primary";
	case VNIC_MAC_ADDR_TYPE_VRID:
		return "vrrp";
	}
	return "unknown";
}

const char *dladm_mac2str(const uint8_t mac[DLADM_MAC_LEN], char *buf, size_t size)
{
	(void)snprintf(
		buf, size, "%x:%x:%x:%x:%x:%x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buf;
}

int dladm_str2mac(const char *text, uint8_t mac[DLADM_MAC_LEN])
{
	int count = 0, value, high;

	memset(mac, 0, DLADM_MAC_LEN);
	for (;;) {
		value = hex_digit(*text);
		if (value < 0 || count == DLADM_MAC_LEN)
			return -EINVAL;
		high = hex_digit(*++text);
		if (high >= 0) {
			value = value * 16 + high;
			text++;
		}
		mac[count++] = (uint8_t)value;
		if (*text == '\0')
			return count;
		if (*text++ != ':')
			return -EINVAL;
	}
}

bool dladm_mac_unicast(const uint8_t mac[DLADM_MAC_LEN])
{
	static const uint8_t none[DLADM_MAC_LEN];

	return !(mac[0] & 1) && memcmp(mac, none, sizeof(none)) != 0;
}

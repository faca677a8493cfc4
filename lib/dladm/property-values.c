/* SPDX-License-Identifier: MIT */
/* What one value of a link property may be, and what it means; see property.h. */
#include "dladm/property.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

/* ---- words ---- */

static dladm_status_t one_of(const char *text, char *out, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (streq(text, words[i])) {
			(void)str_copy(out, DLADM_PROP_VALLEN, text);
			return DLADM_STATUS_OK;
		}
	return DLADM_STATUS_BADVAL;
}

dladm_status_t dladm_check_priority(const char *text, char *out)
{
	static const char *const words[] = {"low", "medium", "high"};

	return one_of(text, out, words, ARRAY_SIZE(words));
}

dladm_status_t dladm_check_onoff(const char *text, char *out)
{
	static const char *const words[] = {"on", "off"};

	return one_of(text, out, words, ARRAY_SIZE(words));
}

dladm_status_t dladm_check_truefalse(const char *text, char *out)
{
	static const char *const words[] = {"true", "false"};

	return one_of(text, out, words, ARRAY_SIZE(words));
}

dladm_status_t dladm_check_flowctrl(const char *text, char *out)
{
	static const char *const words[] = {"no", "tx", "rx", "bi", "auto"};

	return one_of(text, out, words, ARRAY_SIZE(words));
}

/* ---- numbers ---- */

static dladm_status_t number(const char *text, char *out, unsigned int min, unsigned int max)
{
	unsigned int n;
	int end = 0;

	if (!isdigit((unsigned char)*text) || sscanf(text, "%9u%n", &n, &end) != 1 || text[end] ||
		n < min || n > max)
		return DLADM_STATUS_BADVAL;
	(void)snprintf(out, DLADM_PROP_VALLEN, "%u", n);
	return DLADM_STATUS_OK;
}

dladm_status_t dladm_check_bit(const char *text, char *out)
{
	return number(text, out, 0, 1);
}

dladm_status_t dladm_check_rings(const char *text, char *out)
{
	return number(text, out, 1, UINT16_MAX);
}

/* Linux: a port's priority has six bits, not eight. */
dladm_status_t dladm_check_stp_priority(const char *text, char *out)
{
	char value[DLADM_PROP_VALLEN];
	dladm_status_t status = number(text, value, 0, 252);

	if (status == DLADM_STATUS_OK && strtoul(value, NULL, 10) % 4)
		status = DLADM_STATUS_BADVAL;
	if (status == DLADM_STATUS_OK)
		(void)str_copy(out, DLADM_PROP_VALLEN, value);
	return status;
}

dladm_status_t dladm_check_stp_cost(const char *text, char *out)
{
	if (!streq(text, "auto"))
		return number(text, out, 1, UINT16_MAX);
	(void)str_copy(out, DLADM_PROP_VALLEN, text);
	return DLADM_STATUS_OK;
}

dladm_status_t dladm_check_hoplimit(const char *text, char *out)
{
	return number(text, out, 1, UINT8_MAX);
}

/* Linux: 255 says zoned's own protocol that there is none. */
dladm_status_t dladm_check_encaplimit(const char *text, char *out)
{
	return number(text, out, 0, UINT8_MAX - 1);
}

/* ---- protection ---- */

static const char *const protections[] = {
	"mac-nospoof", "restricted", "ip-nospoof", "dhcp-nospoof"};

dladm_status_t dladm_check_protection(const char *text, char *out)
{
	return one_of(text, out, protections, ARRAY_SIZE(protections));
}

/* One bit for each word of the list that is one of these. */
static unsigned int bits_of(const char *text, const char *const *words, size_t count)
{
	unsigned int bits = 0;
	size_t len, i;

	for (; *text; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		for (i = 0; i < count; i++)
			if (strlen(words[i]) == len && strncmp(text, words[i], len) == 0)
				bits |= 1u << i;
	}
	return bits;
}

unsigned int dladm_protection_of(const char *text)
{
	return bits_of(text, protections, ARRAY_SIZE(protections));
}

static const char *const dynamics[] = {"dhcpv4", "dhcpv6", "slaac"};

/* SmartOS calls slaac addrconf as well. */
dladm_status_t dladm_check_dynamic(const char *text, char *out)
{
	return one_of(
		streq(text, "addrconf") ? "slaac" : text, out, dynamics, ARRAY_SIZE(dynamics));
}

unsigned int dladm_dynamic_of(const char *text)
{
	return bits_of(text, dynamics, ARRAY_SIZE(dynamics));
}

/* ---- addresses ---- */

static int prefix_parse(const char *text, unsigned int max, uint8_t *ret)
{
	unsigned int len;
	int end = 0;

	if (!isdigit((unsigned char)text[0]) || sscanf(text, "%3u%n", &len, &end) != 1 ||
		text[end] || len > max)
		return -EINVAL;
	*ret = (uint8_t)len;
	return 0;
}

int dladm_net_parse(const char *text, struct dladm_net *ret)
{
	struct dladm_net net = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};
	size_t bytes = net.family == AF_INET6 ? 16 : 4, i;
	char copy[INET6_ADDRSTRLEN + 8];
	char *slash;

	if (str_copy(copy, sizeof(copy), text) < 0)
		return -EINVAL;
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = '\0';
	net.prefix_len = (uint8_t)(bytes * 8);
	if (inet_pton(net.family, copy, net.addr) != 1 ||
		(slash && prefix_parse(slash, net.prefix_len, &net.prefix_len) < 0))
		return -EINVAL;
	for (i = 0; i < bytes; i++) {
		unsigned int bits =
			net.prefix_len > i * 8 ? net.prefix_len - (unsigned int)i * 8 : 0;

		if (bits < 8)
			net.addr[i] &= (uint8_t)(0xff00u >> bits);
	}
	*ret = net;
	return 0;
}

dladm_status_t dladm_check_net(const char *text, char *out)
{
	char addr[INET6_ADDRSTRLEN];
	struct dladm_net net;

	if (dladm_net_parse(text, &net) < 0 || !inet_ntop(net.family, net.addr, addr, sizeof(addr)))
		return DLADM_STATUS_BADVAL;
	if (net.prefix_len == (net.family == AF_INET6 ? 128 : 32))
		(void)snprintf(out, DLADM_PROP_VALLEN, "%s", addr);
	else
		(void)snprintf(out, DLADM_PROP_VALLEN, "%s/%u", addr, net.prefix_len);
	return DLADM_STATUS_OK;
}

dladm_status_t dladm_check_mac(const char *text, char *out)
{
	static const uint8_t none[DLADM_MAC_LEN];
	uint8_t mac[DLADM_MAC_LEN];

	if (dladm_str2mac(text, mac) != DLADM_MAC_LEN || (mac[0] & 1) ||
		memcmp(mac, none, sizeof(none)) == 0)
		return DLADM_STATUS_MACADDRINVAL;
	(void)dladm_mac2str(mac, out, DLADM_PROP_VALLEN);
	return DLADM_STATUS_OK;
}

/* ---- bandwidth ---- */

#define KILO   1000u
#define MEGA   1000000u
#define GIGA   1000000000u
#define BW_MAX (UINT64_C(1000000) * MEGA)

/* Bits per second of a number with up to three decimals and a unit, M when there is none; 0: none. */
static uint64_t bandwidth_parse(const char *text)
{
	uint64_t whole = 0, unit = MEGA, milli = 0, digit = 100;

	if (!isdigit((unsigned char)*text))
		return 0;
	for (; isdigit((unsigned char)*text) && whole < BW_MAX; text++)
		whole = whole * 10 + (uint64_t)(*text - '0');
	if (*text == '.') {
		for (text++; isdigit((unsigned char)*text) && digit; text++, digit /= 10)
			milli += digit * (uint64_t)(*text - '0');
	}
	if (*text && strchr("kKmMgG", *text)) {
		unit = toupper((unsigned char)*text) == 'K'   ? KILO
		       : toupper((unsigned char)*text) == 'M' ? MEGA
							      : GIGA;
		text++;
	}
	if (*text || whole > BW_MAX / unit)
		return 0;
	return whole * unit + milli * (unit / 1000);
}

uint64_t dladm_maxbw_of(const char *text)
{
	return bandwidth_parse(text);
}

/* Canonical: in M, with as many decimals as it needs. */
dladm_status_t dladm_check_maxbw(const char *text, char *out)
{
	uint64_t bps = bandwidth_parse(text);
	int n;

	if (bps == 0)
		return DLADM_STATUS_BADVAL;
	if (bps < DLADM_MAXBW_MIN)
		return DLADM_STATUS_MINMAXBW;
	if (bps % MEGA == 0) {
		(void)snprintf(out, DLADM_PROP_VALLEN, "%" PRIu64, bps / MEGA);
		return DLADM_STATUS_OK;
	}
	n = snprintf(
		out, DLADM_PROP_VALLEN, "%" PRIu64 ".%03" PRIu64, bps / MEGA, bps % MEGA / KILO);
	while (n > 1 && out[n - 1] == '0')
		out[--n] = '\0';
	return DLADM_STATUS_OK;
}

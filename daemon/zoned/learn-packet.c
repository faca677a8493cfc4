/* SPDX-License-Identifier: MIT */
/*
 * Reads the messages by which a link comes to an address; see learn.h. Root of a zone writes frames
 * byte by byte, so what the link says only counts as a question: an address comes from an answer, on
 * its way to the link, to a question that the link asked. That nobody but the right servers answers is
 * what dhcp-nospoof of the others on the network is for.
 *
 *   DHCP      ACK with an address and a lease; RELEASE and DECLINE of the link give it up
 *   DHCPv6    REPLY with addresses and lifetimes; RELEASE and DECLINE give them up
 *   slaac     a prefix of 64 bits in a router's advertisement, with the rest made of the MAC address
 *
 * Linux: an address that a system makes of a prefix in another way (RFC 7217, RFC 8981) is not learned.
 */
#include "zoned/learn.h"

#include <linux/if_ether.h>

#define PORT_DHCP_SERVER  67
#define PORT_DHCP_CLIENT  68
#define PORT_DHCP6_CLIENT 546
#define PORT_DHCP6_SERVER 547

#define PROTO_UDP    17
#define PROTO_ICMPV6 58

#define DHCP_OPTIONS 240 /* behind the magic cookie */
#define RA_OPTIONS   16
#define RA_TYPE	     134
#define RA_LEAST     7200 /* seconds that a system keeps a prefix which is said to be over (RFC 4862) */

/* A part of the frame. */
struct bytes {
	const uint8_t *p;
	size_t n;
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct bytes cut(struct bytes b, size_t offset, size_t n)
{
	if (offset > b.n)
		return (struct bytes){b.p, 0};
	return (struct bytes){b.p + offset, n < b.n - offset ? n : b.n - offset};
}

/* ---- questions ---- */

static void ask(uint32_t list[LEARN_ASKED], unsigned int *n, uint32_t id)
{
	list[(*n)++ % LEARN_ASKED] = id;
}

static bool asked(const uint32_t list[LEARN_ASKED], unsigned int n, uint32_t id)
{
	for (unsigned int i = 0; i < LEARN_ASKED && i < n; i++)
		if (list[i] == id)
			return true;
	return false;
}

/* ---- what was found ---- */

struct finds {
	struct learned *ret;
	size_t n;
};

static bool usable(int family, const uint8_t *a)
{
	if (family == AF_INET)
		return a[0] != 0 && a[0] != 127 && a[0] < 224;
	/* global unicast or private: 2000::/3, fc00::/7 */
	return (a[0] & 0xe0) == 0x20 || (a[0] & 0xfe) == 0xfc;
}

static void find(struct finds *f, int family, const uint8_t *addr, uint32_t seconds)
{
	struct learned *l;

	if (f->n == LEARN_MAX || !usable(family, addr))
		return;
	l = &f->ret[f->n++];
	*l = (struct learned){.family = family, .seconds = seconds};
	memcpy(l->addr, addr, family == AF_INET ? 4 : 16);
}

/* ---- DHCP ---- */

/* The value of an option, when it has that size. */
static const uint8_t *option4(struct bytes message, uint8_t code, size_t size)
{
	size_t i = DHCP_OPTIONS;

	while (i < message.n && message.p[i] != 255) {
		size_t n;

		if (message.p[i] == 0) {
			i++;
			continue;
		}
		if (i + 2 > message.n)
			return NULL;
		n = message.p[i + 1];
		if (i + 2 + n > message.n)
			return NULL;
		if (message.p[i] == code)
			return n == size ? message.p + i + 2 : NULL;
		i += 2 + n;
	}
	return NULL;
}

enum { DISCOVER = 1, REQUEST = 3, DECLINE = 4, ACK = 5, RELEASE = 7 };

static void dhcp4(struct learn_state *st, const uint8_t mac[6], bool from_link, struct bytes m,
	struct finds *f)
{
	static const uint8_t cookie[4] = {99, 130, 83, 99};
	const uint8_t *type, *value;
	uint32_t xid;

	if (m.n < DHCP_OPTIONS || memcmp(m.p + 236, cookie, 4) != 0 || m.p[1] != 1 || m.p[2] != 6 ||
		memcmp(m.p + 28, mac, ETH_ALEN) != 0 || m.p[0] != (from_link ? 1 : 2))
		return;
	type = option4(m, 53, 1);
	if (!type)
		return;
	xid = get32(m.p + 4);
	if (from_link && (*type == DISCOVER || *type == REQUEST)) {
		ask(st->dhcp4, &st->n4, xid);
	} else if (from_link && *type == RELEASE) {
		find(f, AF_INET, m.p + 12, 0);
	} else if (from_link && *type == DECLINE) {
		value = option4(m, 50, 4);
		if (value)
			find(f, AF_INET, value, 0);
	} else if (!from_link && *type == ACK && asked(st->dhcp4, st->n4, xid)) {
		value = option4(m, 51, 4);
		if (value && get32(value))
			find(f, AF_INET, m.p + 16, get32(value));
	}
}

/* ---- DHCPv6 ---- */

enum {
	SOLICIT6 = 1,
	REQUEST6 = 3,
	RENEW6 = 5,
	REBIND6 = 6,
	REPLY6 = 7,
	RELEASE6 = 8,
	DECLINE6 = 9
};
enum { OPTION_IA_NA = 3, OPTION_IA_TA = 4, OPTION_IAADDR = 5 };

/* Calls fn for each option. */
static void options6(struct bytes b, bool give, struct finds *f,
	void (*fn)(uint16_t code, struct bytes value, bool give, struct finds *f))
{
	size_t i = 0, n;

	for (; i + 4 <= b.n; i += 4 + n) {
		n = get16(b.p + i + 2);
		if (n > b.n - i - 4)
			return;
		fn(get16(b.p + i), cut(b, i + 4, n), give, f);
	}
}

static void address6(uint16_t code, struct bytes v, bool give, struct finds *f)
{
	if (code == OPTION_IAADDR && v.n >= 24)
		find(f, AF_INET6, v.p, give ? get32(v.p + 20) : 0);
}

static void association6(uint16_t code, struct bytes v, bool give, struct finds *f)
{
	size_t head = code == OPTION_IA_NA ? 12 : 4;

	if ((code == OPTION_IA_NA || code == OPTION_IA_TA) && v.n > head)
		options6(cut(v, head, v.n), give, f, address6);
}

static void dhcp6(struct learn_state *st, bool from_link, struct bytes m, struct finds *f)
{
	struct bytes options = cut(m, 4, m.n);
	uint32_t xid;

	if (m.n < 4)
		return;
	xid = get32(m.p) & 0xffffff;
	if (!from_link) {
		if (m.p[0] == REPLY6 && asked(st->dhcp6, st->n6, xid))
			options6(options, true, f, association6);
		return;
	}
	switch (m.p[0]) {
	case SOLICIT6:
	case REQUEST6:
	case RENEW6:
	case REBIND6:
		ask(st->dhcp6, &st->n6, xid);
		break;
	case RELEASE6:
	case DECLINE6:
		options6(options, false, f, association6);
		break;
	default:
		break;
	}
}

/* ---- routers ---- */

static void prefix6(const uint8_t mac[6], const uint8_t *option, struct finds *f)
{
	const uint8_t id[8] = {mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};
	uint32_t valid = get32(option + 4);
	uint8_t addr[16];

	if (option[2] != 64 || !(option[3] & 0x40))
		return;
	memcpy(addr, option + 16, 8);
	memcpy(addr + 8, id, sizeof(id));
	find(f, AF_INET6, addr, valid < RA_LEAST ? RA_LEAST : valid);
}

static void router(const uint8_t mac[6], struct bytes m, struct finds *f)
{
	size_t i = RA_OPTIONS, n;

	if (m.n < RA_OPTIONS || m.p[0] != RA_TYPE || m.p[1] != 0)
		return;
	for (; i + 2 <= m.n; i += n) {
		n = (size_t)m.p[i + 1] * 8;
		if (n == 0 || n > m.n - i)
			return;
		if (m.p[i] == 3 && n == 32)
			prefix6(mac, m.p + i, f);
	}
}

/* ---- frames ---- */

/* What is behind the header of a whole IPv4 packet of UDP; n 0: it is none. */
static struct bytes udp4(struct bytes ip)
{
	size_t head, all;

	if (ip.n < 20 || ip.p[0] >> 4 != 4 || ip.p[9] != PROTO_UDP || (get16(ip.p + 6) & 0x3fff))
		return cut(ip, ip.n, 0);
	head = (size_t)(ip.p[0] & 15) * 4;
	all = get16(ip.p + 2);
	if (head < 20 || all < head || all > ip.n)
		return cut(ip, ip.n, 0);
	return cut(ip, head, all - head);
}

static struct bytes behind6(struct bytes ip, uint8_t proto)
{
	if (ip.n < 40 || ip.p[0] >> 4 != 6 || ip.p[6] != proto || get16(ip.p + 4) > ip.n - 40)
		return cut(ip, ip.n, 0);
	return cut(ip, 40, get16(ip.p + 4));
}

/* Payload of a UDP datagram between the ports, whichever way. */
static struct bytes between(struct bytes udp, bool from_link, uint16_t client, uint16_t server)
{
	if (udp.n < 8 || get16(udp.p) != (from_link ? client : server) ||
		get16(udp.p + 2) != (from_link ? server : client) || get16(udp.p + 4) < 8)
		return cut(udp, udp.n, 0);
	return cut(udp, 8, get16(udp.p + 4) - 8u);
}

size_t learn_packet(struct learn_state *st, unsigned int methods, const uint8_t mac[6],
	bool from_link, const uint8_t *frame, size_t size, struct learned ret[LEARN_MAX])
{
	struct finds f = {ret, 0};
	struct bytes ip = {frame + ETH_HLEN, size - ETH_HLEN}, m;
	uint16_t type;

	if (size < ETH_HLEN)
		return 0;
	type = get16(frame + 12);
	if (type == ETH_P_IP && (methods & DLADM_DYNAMIC_DHCPV4)) {
		m = between(udp4(ip), from_link, PORT_DHCP_CLIENT, PORT_DHCP_SERVER);
		dhcp4(st, mac, from_link, m, &f);
	}
	if (type == ETH_P_IPV6 && (methods & DLADM_DYNAMIC_DHCPV6)) {
		m = between(
			behind6(ip, PROTO_UDP), from_link, PORT_DHCP6_CLIENT, PORT_DHCP6_SERVER);
		dhcp6(st, from_link, m, &f);
	}
	if (type == ETH_P_IPV6 && (methods & DLADM_DYNAMIC_SLAAC) && !from_link && ip.n >= 40 &&
		ip.p[7] == 255) /* of this network: no router passes that on */
		router(mac, behind6(ip, PROTO_ICMPV6), &f);
	return f.n;
}

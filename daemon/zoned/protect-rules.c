/* SPDX-License-Identifier: MIT */
/*
 * The packet filter of one link in rules: what a frame that the link sends has to be. Its zone's
 * root writes frames byte by byte, so every check says what is allowed and the rest is
 * dropped; offsets count from the start of the frame, which nobody can lie about, except
 * behind an IP header of any length.
 *
 *   tx   at the device          mac   source address of the frame     type  ethertype
 *   arp  sender of ARP          ip4   source of IPv4                  ip6   source of IPv6
 *   nd   target of an IPv6 neighbour message                          dhcp  DHCP and router messages
 *
 * A chain that is jumped to returns what it allows and drops the rest.
 *
 * What the link learned (learn.h) is in a set that each check looks into as well. Client ids are looked
 * at by a program (protect-cids.c).
 */
#include "zoned/prop.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>

#define AT_SRC	     6u /* in the frame */
#define AT_TYPE	     12u
#define AT_ARP	     14u
#define AT_ARP_SHA   22u
#define AT_ARP_SPA   28u
#define AT_ARP_TPA   38u
#define AT_IP4_SRC   26u
#define AT_IP6_SRC   22u
#define AT_SPORT     0u /* in a UDP header */
#define AT_DPORT     2u
#define AT_BOOTP     8u
#define AT_CHADDR    36u
#define AT_ND_TARGET 8u /* in an ICMPv6 message */

#define BOOTPS	   67
#define BOOTPC	   68
#define DHCP6_CLNT 546

#define ND_RS	 133
#define ND_RA	 134
#define ND_NS	 135
#define ND_NA	 136
#define MLD1_REP 131
#define MLD2_REP 143

static const uint8_t zeros[16];

struct rules {
	struct nft *n;
	const struct protect_names *c;
	const struct link_point *at;
	const struct link_wish *w;
	uint8_t local6[16];	 /* the link-local address that the MAC address makes */
	char dyn4[16], dyn6[16]; /* sets */
};

static void match_type(struct nft_rule *r, uint16_t type)
{
	uint16_t be = htons(type);

	nft_match(r, NFT_FRAME, AT_TYPE, &be, sizeof(be), true);
}

static void match_port(struct nft_rule *r, unsigned int offset, uint16_t port)
{
	uint16_t be = htons(port);

	nft_match(r, NFT_TRANSPORT, offset, &be, sizeof(be), true);
}

static void match_icmp6(struct nft_rule *r, uint8_t type)
{
	nft_match_l4proto(r, IPPROTO_ICMPV6);
	nft_match(r, NFT_TRANSPORT, 0, &type, sizeof(type), true);
}

static void end_jump(const struct rules *x, struct nft_rule *r, const char *chain)
{
	nft_jump(r, chain);
	nft_rule_end(x->n, r);
}

static void end_return(const struct rules *x, struct nft_rule *r)
{
	nft_return(r);
	nft_rule_end(x->n, r);
}

static void end_drop(const struct rules *x, struct nft_rule *r, enum protect_reason why)
{
	char name[48];

	protect_counter_name(x->at->linkid, why, name);
	nft_count(r, name);
	nft_drop(r);
	nft_rule_end(x->n, r);
}

static void drop_rest(const struct rules *x, const char *chain, enum protect_reason why)
{
	end_drop(x, nft_rule(x->n, chain), why);
}

static void match_learned(
	const struct rules *x, struct nft_rule *r, int family, enum nft_base base, unsigned int at)
{
	nft_match_set(
		r, base, at, family == AF_INET ? 4 : 16, family == AF_INET ? x->dyn4 : x->dyn6);
}

/* The networks of a family, and what was learned, allowed at an offset. */
static void return_nets(
	const struct rules *x, const char *chain, int family, enum nft_base base, unsigned int at)
{
	if (x->w->dynamic) {
		struct nft_rule *r = nft_rule(x->n, chain);

		match_learned(x, r, family, base, at);
		end_return(x, r);
	}
	for (size_t i = 0; i < x->w->nnets; i++) {
		const struct dladm_net *net = &x->w->nets[i];
		struct nft_rule *r;

		if (net->family != family)
			continue;
		r = nft_rule(x->n, chain);
		nft_match_prefix(
			r, base, at, net->addr, family == AF_INET6 ? 16 : 4, net->prefix_len);
		end_return(x, r);
	}
}

/* What is behind a tag would not be looked at; a vlan over a vnic there is not. */
static void drop_tagged(const struct rules *x, enum protect_reason why)
{
	static const uint16_t tagged[] = {ETH_P_8021Q, ETH_P_8021AD};

	for (size_t i = 0; i < ARRAY_SIZE(tagged); i++) {
		struct nft_rule *r = nft_rule(x->n, x->c->tx);

		match_type(r, tagged[i]);
		end_drop(x, r, why);
	}
}

/* ---- mac-nospoof, restricted ---- */

static void chain_mac(const struct rules *x)
{
	nft_chain(x->n, x->c->mac);
	for (size_t i = 0; i < x->w->nmacs; i++) {
		struct nft_rule *r = nft_rule(x->n, x->c->mac);

		nft_match(r, NFT_FRAME, AT_SRC, x->w->macs[i], ETH_ALEN, true);
		end_return(x, r);
	}
	drop_rest(x, x->c->mac, PROTECT_MAC_NOSPOOF);
	end_jump(x, nft_rule(x->n, x->c->tx), x->c->mac);
}

static void chain_type(const struct rules *x)
{
	static const uint16_t types[] = {ETH_P_IP, ETH_P_IPV6, ETH_P_ARP};

	nft_chain(x->n, x->c->type);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct nft_rule *r = nft_rule(x->n, x->c->type);

		match_type(r, types[i]);
		end_return(x, r);
	}
	drop_rest(x, x->c->type, PROTECT_RESTRICTED);
	end_jump(x, nft_rule(x->n, x->c->tx), x->c->type);
}

/* ---- ip-nospoof ---- */

/* An address that was learned, and the question whether anybody has it. */
static void arp_learned(const struct rules *x, const char *chain, const uint8_t mac[6])
{
	struct nft_rule *r = nft_rule(x->n, chain);

	nft_match(r, NFT_FRAME, AT_ARP_SHA, mac, ETH_ALEN, true);
	match_learned(x, r, AF_INET, NFT_FRAME, AT_ARP_SPA);
	end_return(x, r);
	r = nft_rule(x->n, chain);
	nft_match(r, NFT_FRAME, AT_ARP_SHA, mac, ETH_ALEN, true);
	nft_match(r, NFT_FRAME, AT_ARP_SPA, zeros, 4, true);
	match_learned(x, r, AF_INET, NFT_FRAME, AT_ARP_TPA);
	end_return(x, r);
}

/* One of the link's own hardware addresses, and a protocol address that is its own. */
static void chain_arp(const struct rules *x)
{
	static const uint8_t ether_ip4[] = {0, 1, 8, 0, 6, 4};
	const char *c = x->c->arp;
	struct nft_rule *r;

	nft_chain(x->n, c);
	r = nft_rule(x->n, c);
	nft_match(r, NFT_FRAME, AT_ARP, ether_ip4, sizeof(ether_ip4), false);
	end_drop(x, r, PROTECT_IP_NOSPOOF);
	for (size_t i = 0; i < x->w->nmacs; i++) {
		const uint8_t *mac = x->w->macs[i];

		if (x->w->dynamic)
			arp_learned(x, c, mac);
		for (size_t k = 0; k < x->w->nnets; k++) {
			const struct dladm_net *net = &x->w->nets[k];

			if (net->family != AF_INET)
				continue;
			r = nft_rule(x->n, c);
			nft_match(r, NFT_FRAME, AT_ARP_SHA, mac, ETH_ALEN, true);
			nft_match_prefix(r, NFT_FRAME, AT_ARP_SPA, net->addr, 4, net->prefix_len);
			end_return(x, r);
			/* "Does anybody have it?", before it is used */
			r = nft_rule(x->n, c);
			nft_match(r, NFT_FRAME, AT_ARP_SHA, mac, ETH_ALEN, true);
			nft_match(r, NFT_FRAME, AT_ARP_SPA, zeros, 4, true);
			nft_match_prefix(r, NFT_FRAME, AT_ARP_TPA, net->addr, 4, net->prefix_len);
			end_return(x, r);
		}
	}
	drop_rest(x, c, PROTECT_IP_NOSPOOF);
}

static void chain_ip4(const struct rules *x)
{
	struct nft_rule *r;

	nft_chain(x->n, x->c->ip4);
	return_nets(x, x->c->ip4, AF_INET, NFT_FRAME, AT_IP4_SRC);
	r = nft_rule(x->n, x->c->ip4); /* who asks for an address has none */
	nft_match(r, NFT_FRAME, AT_IP4_SRC, zeros, 4, true);
	nft_match_l4proto(r, IPPROTO_UDP);
	match_port(r, AT_SPORT, BOOTPC);
	match_port(r, AT_DPORT, BOOTPS);
	end_return(x, r);
	drop_rest(x, x->c->ip4, PROTECT_IP_NOSPOOF);
}

static void chain_nd(const struct rules *x)
{
	struct nft_rule *r;

	nft_chain(x->n, x->c->nd);
	r = nft_rule(x->n, x->c->nd);
	nft_match(r, NFT_TRANSPORT, AT_ND_TARGET, x->local6, sizeof(x->local6), true);
	end_return(x, r);
	return_nets(x, x->c->nd, AF_INET6, NFT_TRANSPORT, AT_ND_TARGET);
	drop_rest(x, x->c->nd, PROTECT_IP_NOSPOOF);
}

/* Without an address yet: looks for duplicates of its own, for routers, and joins groups. */
static void return_unspecified6(const struct rules *x)
{
	static const uint8_t types[] = {ND_NS, ND_RS, MLD1_REP, MLD2_REP};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct nft_rule *r = nft_rule(x->n, x->c->ip6);

		nft_match(r, NFT_FRAME, AT_IP6_SRC, zeros, sizeof(zeros), true);
		match_icmp6(r, types[i]);
		end_return(x, r);
	}
}

static void chain_ip6(const struct rules *x)
{
	struct nft_rule *r;

	chain_nd(x);
	nft_chain(x->n, x->c->ip6);
	r = nft_rule(x->n, x->c->ip6); /* what it says it has */
	match_icmp6(r, ND_NA);
	end_jump(x, r, x->c->nd);
	r = nft_rule(x->n, x->c->ip6); /* what it wants to have */
	nft_match(r, NFT_FRAME, AT_IP6_SRC, zeros, sizeof(zeros), true);
	match_icmp6(r, ND_NS);
	end_jump(x, r, x->c->nd);
	r = nft_rule(x->n, x->c->ip6);
	nft_match(r, NFT_FRAME, AT_IP6_SRC, x->local6, sizeof(x->local6), true);
	end_return(x, r);
	return_nets(x, x->c->ip6, AF_INET6, NFT_FRAME, AT_IP6_SRC);
	return_unspecified6(x);
	drop_rest(x, x->c->ip6, PROTECT_IP_NOSPOOF);
}

static void chain_ip(const struct rules *x)
{
	struct nft_rule *r;

	drop_tagged(x, PROTECT_IP_NOSPOOF);
	chain_arp(x);
	chain_ip4(x);
	chain_ip6(x);
	r = nft_rule(x->n, x->c->tx);
	match_type(r, ETH_P_ARP);
	end_jump(x, r, x->c->arp);
	r = nft_rule(x->n, x->c->tx);
	match_type(r, ETH_P_IP);
	end_jump(x, r, x->c->ip4);
	r = nft_rule(x->n, x->c->tx);
	match_type(r, ETH_P_IPV6);
	end_jump(x, r, x->c->ip6);
}

/* ---- dhcp-nospoof ---- */

/* A client asks for its own hardware address; nobody answers like a server or a router. */
static void chain_dhcp(const struct rules *x)
{
	static const uint8_t request_ether[] = {1, 1, 6}; /* op, htype, hlen */
	static const uint16_t answers[] = {BOOTPC, DHCP6_CLNT};
	const char *c = x->c->dhcp;
	struct nft_rule *r;

	drop_tagged(x, PROTECT_DHCP_NOSPOOF);
	nft_chain(x->n, c);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		r = nft_rule(x->n, c);
		match_port(r, AT_DPORT, answers[i]);
		end_drop(x, r, PROTECT_DHCP_NOSPOOF);
	}
	for (size_t i = 0; i < x->w->nmacs; i++) {
		r = nft_rule(x->n, c);
		match_port(r, AT_DPORT, BOOTPS);
		nft_match(r, NFT_TRANSPORT, AT_BOOTP, request_ether, sizeof(request_ether), true);
		nft_match(r, NFT_TRANSPORT, AT_CHADDR, x->w->macs[i], ETH_ALEN, true);
		end_return(x, r);
	}
	r = nft_rule(x->n, c);
	match_port(r, AT_DPORT, BOOTPS);
	end_drop(x, r, PROTECT_DHCP_NOSPOOF);

	r = nft_rule(x->n, x->c->tx);
	nft_match_l4proto(r, IPPROTO_UDP);
	end_jump(x, r, c);
	r = nft_rule(x->n, x->c->tx);
	match_icmp6(r, ND_RA);
	end_drop(x, r, PROTECT_DHCP_NOSPOOF);
}

/* ---- all of it ---- */

static void base_chain(const struct rules *x, const char *name, bool tx)
{
	if (!tx && x->at->uplink) { /* where it comes in */
		nft_base_chain(x->n, name, NFT_INGRESS, x->at->uplink_device);
		return;
	}
	nft_base_chain(x->n, name, x->at->port == tx ? NFT_INGRESS : NFT_EGRESS, x->at->device);
}

static void forward(const struct rules *x, const char *chain, int ifindex)
{
	struct nft_rule *r = nft_rule(x->n, chain);

	nft_forward(r, ifindex);
	nft_rule_end(x->n, r);
}

static void local_address(const uint8_t mac[6], uint8_t ret[16])
{
	const uint8_t a[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe,
		mac[3], mac[4], mac[5]};

	memcpy(ret, a, sizeof(a));
}

void protect_rules(struct nft *n, const struct protect_names *names, const struct link_point *at,
	const struct link_wish *w, const struct protect_ways *ways)
{
	struct rules x = {.n = n, .c = names, .at = at, .w = w};

	local_address(w->macs[0], x.local6);
	protect_set_name(at->linkid, AF_INET, x.dyn4);
	protect_set_name(at->linkid, AF_INET6, x.dyn6);
	if (w->protection || w->priority >= 0 || ways->tx_forward)
		base_chain(&x, names->tx, true);
	if (w->protection & DLADM_PROTECT_MAC_NOSPOOF)
		chain_mac(&x);
	if (w->protection & DLADM_PROTECT_RESTRICTED)
		chain_type(&x);
	if (w->protection & DLADM_PROTECT_IP_NOSPOOF)
		chain_ip(&x);
	if (w->protection & DLADM_PROTECT_DHCP_NOSPOOF)
		chain_dhcp(&x);
	if (w->priority >= 0) {
		struct nft_rule *r = nft_rule(n, names->tx);

		nft_set_priority(r, (uint32_t)w->priority);
		nft_rule_end(n, r);
	}
	if (ways->tx_forward)
		forward(&x, names->tx, ways->tx_forward);
	if (ways->rx_forward) {
		base_chain(&x, names->rx, false);
		forward(&x, names->rx, ways->rx_forward);
	}
}

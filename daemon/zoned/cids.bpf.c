/* SPDX-License-Identifier: MIT */
/*
 * The client ids of DHCP in what a link sends: a program at the link's point (prop.h), loaded for each
 * link with dhcp-nospoof by protect-cids.c. The packet filter, which cannot search options, sees to the
 * hardware address of a request and to what servers and routers say.
 *
 * A client id is allowed when it is made of a hardware address of the link, or listed. Root of a zone writes
 * the frames byte by byte, so a request that a server might read in another way than this does not
 * pass: one in fragments or in segments, with options that are cut off, given twice, or laid into
 * other fields (option 52), and one that a relay has wrapped up.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "cids.h"

#define AT_TYPE	     12 /* in the frame */
#define AT_IP	     14
#define ETH_P_IP     0x0800
#define ETH_P_IPV6   0x86dd
#define UDP	     17
#define UDP_LEN	     8
#define DHCP4_SERVER 67
#define DHCP6_SERVER 547

#define DHCP4_COOKIE	236 /* in the message */
#define DHCP4_OPTIONS	240
#define DHCP6_OPTIONS	4
#define OPTIONS_MAX	2048 /* looked at of a message; each byte of padding is one */
#define HEADERS6_MAX	8
#define OPTION_PAD	0
#define OPTION_OVERLOAD 52
#define OPTION_CID	61
#define OPTION_END	255
#define OPTION6_CID	1

/* Ours, and compatible with the kernel's, which asks for that. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CIDS_LIST_MAX);
	__type(key, struct cids_key);
	__type(value, __u8);
} cids_list SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CIDS_MACS_MAX);
	__type(key, struct cids_mac);
	__type(value, __u8);
} cids_macs SEC(".maps");

/* Frames that were dropped; outlives the program (protect-cids.c). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} cids_drops SEC(".maps");

/* ---- the list ---- */

static bool any_allowed(struct cids_key *k)
{
	__builtin_memset(k, 0, sizeof(*k));
	return bpf_map_lookup_elem(&cids_list, k) != NULL;
}

/* Where a hardware address is in a client id that is made of one; 0: it is not. */
static __u32 mac_within(const struct cids_key *k, bool v6)
{
	if (!v6)
		return k->len == 7 && k->id[0] == 1 ? 1 : 0;
	if (k->id[0] != 0)
		return 0;
	if (k->len == 14 && k->id[1] == 1) /* DUID-LLT */
		return 8;
	return k->len == 10 && k->id[1] == 3 ? 4 : 0; /* DUID-LL */
}

static bool cid_allowed(struct __sk_buff *skb, __u32 at, __u32 len, bool v6)
{
	struct cids_key k;
	struct cids_mac mac;
	__u32 mac_at;

	if (len == 0)
		return false;
	if (any_allowed(&k))
		return true;
	if (len > CIDS_LEN_MAX)
		return false;
	k.len = len;
	if (bpf_skb_load_bytes(skb, at, k.id, len) < 0)
		return false;
	if (bpf_map_lookup_elem(&cids_list, &k))
		return true;
	mac_at = mac_within(&k, v6);
	return mac_at && bpf_skb_load_bytes(skb, at + mac_at, &mac, sizeof(mac)) == 0 &&
	       bpf_map_lookup_elem(&cids_macs, &mac);
}

/* ---- options ---- */

struct walk {
	struct __sk_buff *skb;
	__u32 at, end;
	__u32 cid_at, cid_len;
	__u32 cids;
	bool done; /* read to the end, and well-formed */
};

enum { GO_ON, STOP };

static long option4(__u32 i, struct walk *w)
{
	__u8 head[2];

	if (w->at >= w->end || bpf_skb_load_bytes(w->skb, w->at, head, 1) < 0) {
		w->done = w->at == w->end;
		return STOP;
	}
	if (head[0] == OPTION_PAD) {
		w->at++;
		return GO_ON;
	}
	if (head[0] == OPTION_END) {
		w->done = true;
		return STOP;
	}
	if (head[0] == OPTION_OVERLOAD || w->at + 2 > w->end ||
		bpf_skb_load_bytes(w->skb, w->at, head, 2) < 0)
		return STOP;
	if (head[0] == OPTION_CID) {
		w->cid_at = w->at + 2;
		w->cid_len = head[1];
		w->cids++;
	}
	w->at += 2 + head[1];
	return GO_ON;
}

static long option6(__u32 i, struct walk *w)
{
	__be16 head[2];

	if (w->at >= w->end || w->at + 4 > w->end ||
		bpf_skb_load_bytes(w->skb, w->at, head, sizeof(head)) < 0) {
		w->done = w->at == w->end;
		return STOP;
	}
	if (bpf_ntohs(head[0]) == OPTION6_CID) {
		w->cid_at = w->at + 4;
		w->cid_len = bpf_ntohs(head[1]);
		w->cids++;
	}
	w->at += 4 + bpf_ntohs(head[1]);
	return GO_ON;
}

static bool options_allowed(struct walk *w, bool v6)
{
	if (v6)
		bpf_loop(OPTIONS_MAX, option6, w, 0);
	else
		bpf_loop(OPTIONS_MAX, option4, w, 0);
	if (!w->done || w->cids > 1)
		return false;
	return !w->cids || cid_allowed(w->skb, w->cid_at, w->cid_len, v6);
}

/* ---- messages ---- */

/* A message from at to end, behind the UDP header. */
static bool dhcp4_allowed(struct __sk_buff *skb, __u32 at, __u32 end)
{
	struct walk w = {.skb = skb, .at = at + DHCP4_OPTIONS, .end = end};
	__u32 cookie;

	if (w.at > end || bpf_skb_load_bytes(skb, at + DHCP4_COOKIE, &cookie, sizeof(cookie)) < 0)
		return false;
	if (cookie != bpf_htonl(0x63825363)) /* BOOTP: no options, so no client id */
		return true;
	return options_allowed(&w, false);
}

static bool dhcp6_allowed(struct __sk_buff *skb, __u32 at, __u32 end)
{
	struct walk w = {.skb = skb, .at = at + DHCP6_OPTIONS, .end = end};
	__u8 type;

	if (w.at > end || bpf_skb_load_bytes(skb, at, &type, sizeof(type)) < 0)
		return false;
	switch (type) {
	case 2: /* what servers say is not looked at by one */
	case 7:
	case 10:
		return true;
	case 12: /* relays */
	case 13:
		return false;
	default:
		return options_allowed(&w, true);
	}
}

struct udp {
	__be16 source, dest, len, check;
};

/*
 * A UDP datagram at an offset, in an IP packet that ends at end. parted: not all of it is in this frame; a
 * frame that the kernel cuts into datagrams later (gso) has more than one of them.
 */
static bool udp_allowed(struct __sk_buff *skb, __u32 at, __u32 end, bool parted, bool v6)
{
	struct udp u;
	__u32 len;

	if (bpf_skb_load_bytes(skb, at, &u, sizeof(u)) < 0)
		return false;
	if (u.dest != (v6 ? bpf_htons(DHCP6_SERVER) : bpf_htons(DHCP4_SERVER)))
		return true;
	len = bpf_ntohs(u.len);
	if (parted || skb->gso_size || len < UDP_LEN || at + len > end || end > skb->len)
		return false;
	return v6 ? dhcp6_allowed(skb, at + UDP_LEN, at + len)
		  : dhcp4_allowed(skb, at + UDP_LEN, at + len);
}

struct ip4 {
	__u8 version_len, tos;
	__be16 len, id, fragment;
	__u8 ttl, protocol;
	__u8 rest[10];
};

static bool ip4_allowed(struct __sk_buff *skb)
{
	struct ip4 ip;

	if (bpf_skb_load_bytes(skb, AT_IP, &ip, sizeof(ip)) < 0 || ip.version_len >> 4 != 4 ||
		(ip.version_len & 15) < 5)
		return false;
	if (ip.protocol != UDP || (ip.fragment & bpf_htons(0x1fff)))
		return true; /* of a fragmented message the head is stopped */
	return udp_allowed(skb, AT_IP + (ip.version_len & 15) * 4, AT_IP + bpf_ntohs(ip.len),
		ip.fragment & bpf_htons(0x2000), false);
}

struct ip6 {
	__u32 version;
	__be16 len;
	__u8 next, hops;
	__u8 rest[32];
};

struct ext6 {
	__u8 next, len;
	__be16 fragment; /* of a fragment header */
	__u32 rest;
};

enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTH = 51, DEST = 60, MOBILITY = 135 };

static bool is_ext6(__u8 next)
{
	return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT || next == AUTH ||
	       next == DEST || next == MOBILITY;
}

static bool ip6_allowed(struct __sk_buff *skb)
{
	__u32 at = AT_IP + sizeof(struct ip6);
	bool parted = false;
	struct ip6 ip;
	struct ext6 e;

	if (bpf_skb_load_bytes(skb, AT_IP, &ip, sizeof(ip)) < 0)
		return false;
	for (int i = 0; i < HEADERS6_MAX && is_ext6(ip.next); i++) {
		if (bpf_skb_load_bytes(skb, at, &e, sizeof(e)) < 0)
			return false;
		if (ip.next == FRAGMENT) {
			if (e.fragment & bpf_htons(0xfff8))
				return true;
			parted |= e.fragment & bpf_htons(1);
			at += sizeof(e);
		} else {
			at += ip.next == AUTH ? (e.len + 2) * 4 : (e.len + 1) * 8;
		}
		ip.next = e.next;
	}
	if (ip.next != UDP)
		return !is_ext6(ip.next);
	return udp_allowed(skb, at, AT_IP + sizeof(struct ip6) + bpf_ntohs(ip.len), parted, true);
}

/* ---- frames ---- */

static void count(void)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&cids_drops, &zero);

	if (n)
		__sync_fetch_and_add(n, 1);
}

SEC("tc")
int cids_check(struct __sk_buff *skb)
{
	bool allowed = true;
	__be16 type;

	if (skb->vlan_present || bpf_skb_load_bytes(skb, AT_TYPE, &type, sizeof(type)) < 0)
		return TC_ACT_UNSPEC; /* the packet filter stops what has a tag */
	if (type == bpf_htons(ETH_P_IP))
		allowed = ip4_allowed(skb);
	else if (type == bpf_htons(ETH_P_IPV6))
		allowed = ip6_allowed(skb);
	if (allowed)
		return TC_ACT_UNSPEC;
	count();
	return TC_ACT_SHOT;
}

/* SPDX-License-Identifier: MIT */
/*
 * Flows as rules of the packet filter: our second table in the netdev family of nftables. A
 * link with flows has a chain for each direction, tx<linkid> and rx<linkid>, at the device where
 * its traffic goes by; each flow has one rule in it that drops what is over its limit, and one
 * that counts the rest and ends the search: a packet belongs to the first flow that it fits,
 * and the flow with the longest prefixes comes first. The counters are objects of their own
 * and outlive the rules, which are replaced whenever the device or a flow changes.
 *
 * Linux: a limit drops what is too much, it does not delay it, after one second's worth at once.
 */
#include "zoned/flow.h"

#include "linux/instance.h"
#include "linux/log.h"
#include "linux/nft.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>

#define AT_TYPE	    12u /* in the frame */
#define AT_IP4_TOS  15u
#define AT_IP6_TOS  14u
#define AT_IP4_ADDR 26u /* source; the destination follows */
#define AT_IP6_ADDR 22u

#define COUNTER_NAME (FLOW_NAME_MAX + 8)

static struct nft *filter; /* NULL until it is needed */

static const char *const suffixes[] = {"rx", "rxover", "tx", "txover"};

static int filter_open(struct diag *d)
{
	char table[64];
	int r;

	if (filter)
		return 0;
	instance_name(table, sizeof(table), "zones-flows");
	r = nft_open(table, &filter);
	return r < 0 ? diag_errno(d, r, "this kernel's nftables cannot be used") : 0;
}

static void chain_name(datalink_id_t id, bool tx, char ret[static 16])
{
	(void)snprintf(ret, 16, "%s%u", tx ? "tx" : "rx", id);
}

static void chains_remove(datalink_id_t id)
{
	char tx[16], rx[16];

	chain_name(id, true, tx);
	chain_name(id, false, rx);
	nft_chains_remove(filter, (const char *[]){tx, rx}, 2);
}

static void counter_name(const char *flow, const char *suffix, char ret[static COUNTER_NAME])
{
	(void)snprintf(ret, COUNTER_NAME, "%.*s.%s", FLOW_NAME_MAX - 1, flow, suffix);
}

static void counters(const char *flow, void (*fn)(struct nft *n, const char *name))
{
	char name[COUNTER_NAME];

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		counter_name(flow, suffixes[i], name);
		fn(filter, name);
	}
}

/* ---- what a packet of a flow is like ---- */

static void match_address(struct nft_rule *r, const struct flow_attrs *a, bool tx, bool local)
{
	const uint8_t *addr = local ? a->local_ip : a->remote_ip;
	unsigned int size = a->family == AF_INET ? 4 : 16;
	unsigned int at = a->family == AF_INET ? AT_IP4_ADDR : AT_IP6_ADDR;

	if (tx != local) /* it is the destination */
		at += size;
	nft_match_prefix(r, NFT_FRAME, at, addr, size, local ? a->local_prefix : a->remote_prefix);
}

static void match_ports(struct nft_rule *r, const struct flow_attrs *a, bool tx)
{
	uint16_t local = htons(a->local_port), remote = htons(a->remote_port);

	if (a->mask & FLOW_LOCAL_PORT)
		nft_match(r, NFT_TRANSPORT, tx ? 0 : 2, &local, sizeof(local), true);
	if (a->mask & FLOW_REMOTE_PORT)
		nft_match(r, NFT_TRANSPORT, tx ? 2 : 0, &remote, sizeof(remote), true);
}

/* The traffic class of IPv6 stands across two bytes. */
static void match_dsfield(struct nft_rule *r, const struct flow_attrs *a, int family)
{
	uint16_t v = htons((uint16_t)(a->dsfield << 4)),
		 m = htons((uint16_t)(a->dsfield_mask << 4));

	if (family == AF_INET)
		nft_match_mask(r, NFT_FRAME, AT_IP4_TOS, &a->dsfield, &a->dsfield_mask, 1);
	else
		nft_match_mask(r, NFT_FRAME, AT_IP6_TOS, (uint8_t *)&v, (uint8_t *)&m, sizeof(v));
}

static void match(struct nft_rule *r, const struct flow_attrs *a, bool tx, int family)
{
	uint16_t type = htons(family == AF_INET ? ETH_P_IP : ETH_P_IPV6);

	nft_match(r, NFT_FRAME, AT_TYPE, &type, sizeof(type), true);
	if (a->mask & FLOW_LOCAL_IP)
		match_address(r, a, tx, true);
	if (a->mask & FLOW_REMOTE_IP)
		match_address(r, a, tx, false);
	if (a->mask & FLOW_TRANSPORT)
		nft_match_l4proto(r, a->transport);
	match_ports(r, a, tx);
	if (a->mask & FLOW_DSFIELD)
		match_dsfield(r, a, family);
}

/* ---- rules ---- */

static uint32_t packet_priority(uint32_t priority)
{
	switch (priority) {
	case FLOW_PRIORITY_LOW:
		return TC_PRIO_BULK;
	case FLOW_PRIORITY_HIGH:
		return TC_PRIO_INTERACTIVE;
	default:
		return TC_PRIO_BESTEFFORT;
	}
}

static void add_rules(const char *chain, const struct flow *f, bool tx, int family)
{
	const struct flow_props *p = &f->line.props;
	char counter[COUNTER_NAME];
	struct nft_rule *r;

	if (p->maxbw) {
		r = nft_rule(filter, chain);
		match(r, &f->line.attrs, tx, family);
		nft_match_over(r, p->maxbw / 8);
		counter_name(f->line.name, tx ? "txover" : "rxover", counter);
		nft_count(r, counter);
		nft_drop(r);
		nft_rule_end(filter, r);
	}
	r = nft_rule(filter, chain);
	match(r, &f->line.attrs, tx, family);
	if (tx && p->priority)
		nft_set_priority(r, packet_priority(p->priority));
	counter_name(f->line.name, tx ? "tx" : "rx", counter);
	nft_count(r, counter);
	nft_return(r);
	nft_rule_end(filter, r);
}

/* Bits of the prefixes and of the mask: more tell a packet more closely. */
static unsigned int closeness(const struct flow *f)
{
	const struct flow_attrs *a = &f->line.attrs;

	return a->local_prefix + a->remote_prefix +
	       (unsigned int)__builtin_popcount(a->dsfield_mask);
}

static void add_direction(
	datalink_id_t id, const struct flow_point *at, const struct flow *flows, bool tx)
{
	unsigned int level, most = 0;
	char chain[16];

	chain_name(id, tx, chain);
	nft_base_chain_first(filter, chain, at->port == tx ? NFT_INGRESS : NFT_EGRESS, at->device);
	for (const struct flow *f = flows; f; f = f->next)
		if (f->linkid == id && closeness(f) > most)
			most = closeness(f);
	for (level = most + 1; level-- > 0;) {
		for (const struct flow *f = flows; f; f = f->next) {
			int family = f->line.attrs.family;

			if (f->linkid != id || closeness(f) != level)
				continue;
			if (family != AF_INET6)
				add_rules(chain, f, tx, AF_INET);
			if (family != AF_INET)
				add_rules(chain, f, tx, AF_INET6);
		}
	}
}

int flow_rules_apply(datalink_id_t id, const struct flow_point *at, const struct flow *flows,
	const char *gone, struct diag *d)
{
	bool any = false;
	int r;

	r = filter_open(d);
	if (r < 0)
		return r;
	nft_begin(filter);
	chains_remove(id);
	for (const struct flow *f = flows; f; f = f->next) {
		if (f->linkid != id)
			continue;
		counters(f->line.name, nft_counter);
		any = true;
	}
	if (any && at->device[0]) {
		add_direction(id, at, flows, true);
		add_direction(id, at, flows, false);
	}
	if (gone)
		counters(gone, nft_counter_remove);
	return nft_commit(filter, d);
}

/* ---- what is there ---- */

struct count {
	const char *flow;
	uint64_t *v;
};

static int count_step(const char *name, uint64_t packets, uint64_t bytes, void *arg)
{
	const struct count *c = arg;
	char mine[COUNTER_NAME];

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		counter_name(c->flow, suffixes[i], mine);
		if (!streq(mine, name))
			continue;
		if (i % 2) {
			c->v[i == 1 ? FLOW_STAT_IERRORS : FLOW_STAT_OERRORS] = packets;
		} else {
			c->v[i == 0 ? FLOW_STAT_IPACKETS : FLOW_STAT_OPACKETS] = packets;
			c->v[i == 0 ? FLOW_STAT_RBYTES : FLOW_STAT_OBYTES] = bytes;
		}
	}
	return 0;
}

/* Where packets come in, the kernel has taken their Ethernet header off before it counts. */
int flow_rules_count(const char *name, bool port, uint64_t ret[FLOW_STAT_COUNT])
{
	struct count c = {name, ret};
	int r = filter_open(NULL);

	memset(ret, 0, sizeof(*ret) * FLOW_STAT_COUNT);
	if (r == 0)
		r = nft_counter_each(filter, count_step, &c);
	if (port)
		ret[FLOW_STAT_OBYTES] += ret[FLOW_STAT_OPACKETS] * ETH_HLEN;
	else
		ret[FLOW_STAT_RBYTES] += ret[FLOW_STAT_IPACKETS] * ETH_HLEN;
	return r;
}

struct sweep {
	const struct flow *flows;
	char (*names)[COUNTER_NAME];
	size_t count;
};

static int sweep_add(struct sweep *s, const char *name)
{
	char(*more)[COUNTER_NAME] = reallocarray(s->names, s->count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	s->names = more;
	(void)snprintf(more[s->count++], sizeof(*more), "%s", name);
	return 0;
}

static int stray_chain(const char *name, void *arg)
{
	struct sweep *s = arg;
	datalink_id_t id;

	if (sscanf(name, "%*2[rtx]%u", &id) != 1)
		return 0;
	for (const struct flow *f = s->flows; f; f = f->next)
		if (f->linkid == id)
			return 0;
	return sweep_add(s, name);
}

static int stray_counter(const char *name, uint64_t packets, uint64_t bytes, void *arg)
{
	struct sweep *s = arg;
	const char *dot = strrchr(name, '.');
	size_t len = dot ? (size_t)(dot - name) : strlen(name);

	for (const struct flow *f = s->flows; f; f = f->next)
		if (strlen(f->line.name) == len && memcmp(f->line.name, name, len) == 0)
			return 0;
	return sweep_add(s, name);
}

/* Removes what the walk found; the names are given up. */
static int sweep_end(struct sweep *s, bool chains)
{
	int r;

	nft_begin(filter);
	for (size_t i = 0; i < s->count; i++) {
		if (chains)
			nft_chains_remove(filter, (const char *[]){s->names[i]}, 1);
		else
			nft_counter_remove(filter, s->names[i]);
	}
	r = s->count ? nft_commit(filter, NULL) : 0;
	free(s->names);
	s->names = NULL;
	s->count = 0;
	return r;
}

void flow_rules_sweep(const struct flow *flows)
{
	struct sweep s = {.flows = flows};
	int r = filter_open(NULL);

	if (r == 0)
		r = nft_chain_each(filter, stray_chain, &s);
	if (r == 0)
		r = sweep_end(&s, true);
	if (r == 0)
		r = nft_counter_each(filter, stray_counter, &s);
	if (r == 0)
		r = sweep_end(&s, false);
	free(s.names);
	if (r < 0) /* whoever makes a flow is told */
		log_line(LOG_NOTICE, "flow: No packet filter: %s", strerror(-r));
}

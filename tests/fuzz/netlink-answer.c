/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what the kernel answers over rtnetlink, and of the packet filter. The socket is real, what is read from it is
 * the input: the first byte says which question was asked, then come datagrams, each with its
 * length in two bytes before it. Their messages get the sequence and the address of the question.
 */
#include "fuzz.h"

#include <netinet/in.h> /* before the kernel's own, which then leaves it alone */

#include "linux/nft-impl.h"
#include "linux/rtnl-impl.h"
#include "linux/rtnl-kind.h"

#include <stdlib.h>
#include <string.h>

static struct fuzz_input input;
static struct nl *nl;
static struct nft filter = {.table = "zones"};
static bool of_filter; /* that is what was asked */
static int ends;       /* times that the end was read */

/* In the place of libmnl's. */
ssize_t mnl_socket_sendto(const struct mnl_socket *sock, const void *buf, size_t size)
{
	return (ssize_t)size;
}

static void address_messages(uint8_t *at, size_t size)
{
	struct nlmsghdr *nlh = (void *)at;
	int left = (int)size;

	for (; nl_message_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		/* To a batch there is an answer for each of its messages. */
		nlh->nlmsg_seq = of_filter ? filter.seq - nlh->nlmsg_seq % 4 : nl->seq;
		nlh->nlmsg_pid = nl->portid;
	}
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *sock, void *buf, size_t room)
{
	size_t size = fuzz_byte(&input);

	size |= (size_t)fuzz_byte(&input) << 8;
	if (input.left == 0) {
		fuzz_assert(ends++ < 1000, "asks again and again");
		errno = ENOBUFS;
		return -1;
	}
	size = size < input.left ? size : input.left;
	size = size < room ? size : room;
	memcpy(buf, input.at, size);
	input.at += size;
	input.left -= size;
	address_messages(buf, size);
	return (ssize_t)size;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_assert(nl_open(FD_NONE, &nl) == 0, "nl_open");
	filter.sock = nl->sock;
	filter.portid = nl->portid;
	filter.buf = malloc(512u * 1024);
	fuzz_assert(filter.buf != NULL, "malloc");
	return 0;
}

static void check_link(const struct nl_link *l)
{
	fuzz_assert(
		memchr(l->name, '\0', sizeof(l->name)) && memchr(l->kind, '\0', sizeof(l->kind)),
		"a name without an end");
}

static int seen_link(const struct nl_link *l, void *arg)
{
	check_link(l);
	return 0;
}

static int seen_addr(const struct nl_addr *a, void *arg)
{
	return 0;
}

static int seen_port(const struct nl_port *p, void *arg)
{
	fuzz_assert(memchr(p->name, '\0', sizeof(p->name)) != NULL, "a name without an end");
	return 0;
}

static int seen_fdb(const struct nl_fdb *f, void *arg)
{
	return 0;
}

static void ask_link(void)
{
	struct nl_link l;

	if (nl_link_get(nl, 7, &l) == 0)
		check_link(&l);
}

static void ask_name(void)
{
	struct nl_link l;

	if (nl_link_get_name(nl, "net0", &l) == 0)
		check_link(&l);
}

static void ask_stats(void)
{
	struct nl_stats stats;

	(void)nl_link_stats(nl, 7, &stats);
}

static void ask_kind(void)
{
	struct nl_kind k;

	if (nl_kind_get(nl, 7, &k) == 0)
		fuzz_assert(memchr(k.name, '\0', sizeof(k.name)) != NULL, "a kind without an end");
}

static void ask_links(void)
{
	(void)nl_link_each(nl, seen_link, NULL);
}

static void ask_addresses(void)
{
	(void)nl_addr_each(nl, 7, seen_addr, NULL);
}

static void ask_routes(void)
{
	bool on;

	(void)nl_route_on(nl, 7, &on);
}

static void ask_ports(void)
{
	(void)nl_port_each(nl, 7, seen_port, NULL);
}

static void ask_fdb(void)
{
	(void)nl_fdb_each(nl, 7, 0, seen_fdb, NULL);
}

static void ask_overlay_fdb(void)
{
	(void)nl_fdb_each(nl, 0, 7, seen_fdb, NULL);
}

static void ask_altnames(void)
{
	(void)nl_altname_clear(nl, 7);
}

static void ask_create(void)
{
	int ifindex;

	(void)nl_bridge_create(nl, "br0", (const uint8_t[6]){2}, &ifindex);
}

static void ask_nsid(void)
{
	int self = netns_self(), nsid;

	fuzz_assert(self >= 0, "netns_self");
	(void)nl_nsid_get(nl, self, &nsid);
	(void)close(self);
}

static void ask_filter_change(void)
{
	struct diag d;

	nft_begin(&filter);
	nft_chain(&filter, "c");
	(void)nft_commit(&filter, &d);
}

static int seen_chain(const char *name, void *arg)
{
	return 0;
}

static void ask_filter_chains(void)
{
	(void)nft_chain_each(&filter, seen_chain, NULL);
}

static int seen_counter(const char *name, uint64_t packets, uint64_t bytes, void *arg)
{
	return 0;
}

static void ask_filter_counters(void)
{
	(void)nft_counter_each(&filter, seen_counter, NULL);
}

static void ask_filter_counter(void)
{
	uint64_t packets;

	(void)nft_counter_get(&filter, "c", &packets);
}

static void (*const asks[])(void) = {ask_link, ask_name, ask_stats, ask_kind, ask_links,
	ask_addresses, ask_routes, ask_ports, ask_fdb, ask_overlay_fdb, ask_altnames, ask_create,
	ask_nsid, ask_filter_change, ask_filter_chains, ask_filter_counters, ask_filter_counter};

#define FILTER_ASKS 13 /* from here on */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t which;

	input = (struct fuzz_input){.at = data, .left = size};
	ends = 0;
	which = fuzz_byte(&input) % ARRAY_SIZE(asks);
	of_filter = which >= FILTER_ASKS;
	asks[which]();
	fuzz_assert(memchr(nl_text(nl), '\0', sizeof(nl->text)) != NULL, "a text without an end");
	return 0;
}

/* ---- seeds: what this kernel answers ---- */

struct taking {
	uint8_t *at;
	size_t used, room;
};

static int take(const struct nlmsghdr *nlh, void *arg)
{
	struct taking *t = arg;

	if (t->used + nlh->nlmsg_len > t->room)
		return 1;
	memcpy(t->at + t->used, nlh, nlh->nlmsg_len);
	t->used += MNL_ALIGN(nlh->nlmsg_len);
	return 0;
}

/* The whole answer to a request, read without what stands above in libmnl's place. */
static void ask_kernel(struct nlmsghdr *nlh, struct taking *t)
{
	int fd = mnl_socket_get_fd(nl->sock), left;
	static _Alignas(8) char buf[NL_BUFFER];
	bool more = true;
	ssize_t n;

	fuzz_assert(send(fd, nlh, nlh->nlmsg_len, 0) >= 0, "send");
	while (more && (n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		const struct nlmsghdr *at = (const void *)buf;

		for (left = (int)n; nl_message_ok(at, left); at = mnl_nlmsg_next(at, &left)) {
			more = at->nlmsg_type != NLMSG_DONE && at->nlmsg_type != NLMSG_ERROR;
			(void)take(at, t);
		}
	}
}

static void seed_of(const char *name, uint8_t which, uint16_t type, uint16_t flags, size_t header)
{
	static uint8_t seed[8192];
	struct taking t = {.at = seed + 3, .room = sizeof(seed) - 3};
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct rtgenmsg *body = mnl_nlmsg_put_extra_header(nlh, header);

	body->rtgen_family = AF_UNSPEC;
	if (type == RTM_GETLINK && !(flags & NLM_F_DUMP))
		((struct ifinfomsg *)(void *)body)->ifi_index = 1;
	ask_kernel(nlh, &t);
	seed[0] = which;
	seed[1] = (uint8_t)t.used;
	seed[2] = (uint8_t)(t.used >> 8);
	fuzz_seed(name, seed, 3 + t.used);
}

void fuzz_seeds(void)
{
	char name[32];

	for (uint8_t which = 0; which < (uint8_t)ARRAY_SIZE(asks); which++) {
		(void)snprintf(name, sizeof(name), "link-%d", which);
		seed_of(name, which, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	}
	seed_of("links", 4, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	seed_of("addresses", 5, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
	seed_of("routes", 6, RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
	seed_of("ports", 7, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	seed_of("fdb", 8, RTM_GETNEIGH, NLM_F_DUMP, sizeof(struct ndmsg));
	seed_of("error", 11, RTM_DELADDR, 0, sizeof(struct ifaddrmsg));
}

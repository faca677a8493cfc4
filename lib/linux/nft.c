/* SPDX-License-Identifier: MIT */
/*
 * nftables transactions; see nft.h. A batch is one datagram: a begin, the messages, an end.
 * The kernel answers the last message when all is done, and each that is wrong.
 *
 * To replace a chain that may or may not be there, it is made, emptied, removed and made
 * again, all in one batch: that is how "add, delete, add" of nft(8) does it.
 */
#include "linux/nft-impl.h"
#include "linux/nl-message.h"

#include <libnftnl/chain.h>
#include <libnftnl/object.h>
#include <libnftnl/table.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#define NFT_TABLE_OWNER	  0x2u /* newer than the headers of the oldest kernel */
#define NFT_TABLE_PERSIST 0x4u

#define BATCH_SIZE   (512u * 1024)
#define MESSAGE_ROOM 4096u /* more than any message here needs */
#define ANSWER_TIME  30	   /* seconds: the kernel answers at once or not at all */

/* ---- socket ---- */

static int socket_setup(struct nft *n)
{
	struct timeval patience = {.tv_sec = ANSWER_TIME};
	int fd = mnl_socket_get_fd(n->sock), size = BATCH_SIZE * 2;

	/* The right to it is the same that changing the table needs. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
		mnl_socket_bind(n->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	n->portid = mnl_socket_get_portid(n->sock);
	return 0;
}

/* An empty batch makes the table. */
static int table_make(struct nft *n, uint32_t flags)
{
	n->table_flags = flags;
	nft_begin(n);
	return nft_commit(n, NULL);
}

int nft_open(const char *table, struct nft **ret)
{
	struct nft *n = calloc(1, sizeof(*n));
	int r;

	if (!n)
		return -ENOMEM;
	n->buf = malloc(BATCH_SIZE);
	n->sock = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	r = !n->buf ? -ENOMEM : !n->sock ? -errno : str_copy(n->table, sizeof(n->table), table);
	if (r == 0)
		r = socket_setup(n);
	if (r == 0) {
		r = table_make(n, NFT_TABLE_OWNER | NFT_TABLE_PERSIST);
		if (r == -EOPNOTSUPP || r == -EINVAL)
			r = table_make(n, 0);
	}
	if (r < 0)
		(void)nft_close(n);
	else
		*ret = n;
	return r;
}

struct nft *nft_close(struct nft *n)
{
	if (n) {
		if (n->sock)
			(void)mnl_socket_close(n->sock);
		free(n->buf);
		free(n);
	}
	return NULL;
}

/* ---- messages ---- */

void nft_wrong(struct nft *n, int err)
{
	if (n->err == 0)
		n->err = err;
}

struct nlmsghdr *nft_message(struct nft *n, uint16_t type, uint16_t flags)
{
	if (n->used + MESSAGE_ROOM > BATCH_SIZE) {
		nft_wrong(n, -E2BIG);
		n->used = 0;
	}
	n->last = nftnl_nlmsg_build_hdr(n->buf + n->used, type, NFPROTO_NETDEV, flags, ++n->seq);
	return n->last;
}

void nft_message_end(struct nft *n)
{
	n->used += MNL_ALIGN(n->last->nlmsg_len);
}

void nft_begin(struct nft *n)
{
	struct nftnl_table *t = nftnl_table_alloc();

	n->used = 0;
	n->err = 0;
	n->first_seq = ++n->seq;
	(void)nftnl_batch_begin(n->buf, n->first_seq);
	n->used = MNL_ALIGN(((struct nlmsghdr *)(void *)n->buf)->nlmsg_len);
	if (!t || nftnl_table_set_str(t, NFTNL_TABLE_NAME, n->table) < 0) {
		nft_wrong(n, -ENOMEM);
	} else {
		nftnl_table_set_u32(t, NFTNL_TABLE_FLAGS, n->table_flags);
		nftnl_table_nlmsg_build_payload(nft_message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE), t);
		nft_message_end(n);
	}
	if (t)
		nftnl_table_free(t);
}

/* The errno of one answer: of the message with that number, or 1 for something else. */
static int answer(struct nft *n, const struct nlmsghdr *nlh, uint32_t last, bool *done)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type != NLMSG_ERROR || mnl_nlmsg_get_payload_len(nlh) < sizeof(*e))
		return 0;
	/* What is wrong with the batch as a whole is told of its begin, and nothing follows. */
	*done |= nlh->nlmsg_seq == last || (nlh->nlmsg_seq == n->first_seq && e->error);
	return e->error;
}

static int answers(struct nft *n, uint32_t last)
{
	char buf[16384];
	const struct nlmsghdr *nlh;
	bool done = false;
	int first = 0, left, r;
	ssize_t len;

	while (!done) {
		len = mnl_socket_recvfrom(n->sock, buf, sizeof(buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		left = (int)len;
		for (nlh = (void *)buf; nl_message_ok(nlh, left);
			nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq < n->first_seq)
				continue;
			r = answer(n, nlh, last, &done);
			first = first ? first : r;
		}
	}
	return first;
}

int nft_commit(struct nft *n, struct diag *d)
{
	uint32_t last;
	int r;

	if (n->err)
		return diag_errno(d, n->err, "cannot make the packet filter");
	n->last->nlmsg_flags |= NLM_F_ACK;
	last = n->last->nlmsg_seq;
	(void)nftnl_batch_end(n->buf + n->used, ++n->seq);
	n->used += MNL_ALIGN(((struct nlmsghdr *)(void *)(n->buf + n->used))->nlmsg_len);
	if (mnl_socket_sendto(n->sock, n->buf, n->used) < 0)
		r = -errno;
	else
		r = answers(n, last);
	return r < 0 ? diag_errno(d, r, "cannot change the packet filter") : 0;
}

/* ---- chains ---- */

static struct nftnl_chain *chain_of(struct nft *n, const char *name)
{
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (c && nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, n->table) == 0 &&
		nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name) == 0)
		return c;
	nft_wrong(n, -ENOMEM);
	if (c)
		nftnl_chain_free(c);
	return NULL;
}

static void chain_message(struct nft *n, struct nftnl_chain *c, uint16_t type, uint16_t flags)
{
	if (!c)
		return;
	nftnl_chain_nlmsg_build_payload(nft_message(n, type, flags), c);
	nft_message_end(n);
	nftnl_chain_free(c);
}

static void rules_remove(struct nft *n, const char *chain)
{
	struct nftnl_rule *r = nftnl_rule_alloc();

	if (!r || nftnl_rule_set_str(r, NFTNL_RULE_TABLE, n->table) < 0 ||
		nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain) < 0) {
		nft_wrong(n, -ENOMEM);
	} else {
		nftnl_rule_nlmsg_build_payload(nft_message(n, NFT_MSG_DELRULE, 0), r);
		nft_message_end(n);
	}
	if (r)
		nftnl_rule_free(r);
}

void nft_chains_remove(struct nft *n, const char *const names[], size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		nft_chain(n, names[i]);
	for (i = 0; i < count; i++)
		rules_remove(n, names[i]);
	for (i = 0; i < count; i++)
		chain_message(n, chain_of(n, names[i]), NFT_MSG_DELCHAIN, 0);
}

void nft_chain(struct nft *n, const char *name)
{
	chain_message(n, chain_of(n, name), NFT_MSG_NEWCHAIN, NLM_F_CREATE);
}

static void base_chain(
	struct nft *n, const char *name, enum nft_side side, const char *device, int priority)
{
	struct nftnl_chain *c = chain_of(n, name);

	if (!c)
		return;
	nftnl_chain_set_u32(
		c, NFTNL_CHAIN_HOOKNUM, side == NFT_INGRESS ? NF_NETDEV_INGRESS : NF_NETDEV_EGRESS);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, priority);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	if (nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter") < 0 ||
		nftnl_chain_set_str(c, NFTNL_CHAIN_DEV, device) < 0)
		nft_wrong(n, -ENOMEM);
	chain_message(n, c, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
}

void nft_base_chain(struct nft *n, const char *name, enum nft_side side, const char *device)
{
	base_chain(n, name, side, device, 0);
}

void nft_base_chain_first(struct nft *n, const char *name, enum nft_side side, const char *device)
{
	base_chain(n, name, side, device, -10);
}

/* ---- counters ---- */

static struct nftnl_obj *counter_of(struct nft *n, const char *name)
{
	struct nftnl_obj *o = nftnl_obj_alloc();

	if (!o) {
		nft_wrong(n, -ENOMEM);
		return NULL;
	}
	nftnl_obj_set_str(o, NFTNL_OBJ_TABLE, n->table);
	nftnl_obj_set_str(o, NFTNL_OBJ_NAME, name);
	nftnl_obj_set_u32(o, NFTNL_OBJ_TYPE, NFT_OBJECT_COUNTER);
	return o;
}

static void counter_message(struct nft *n, const char *name, uint16_t type, uint16_t flags)
{
	struct nftnl_obj *o = counter_of(n, name);

	if (!o)
		return;
	if (type == NFT_MSG_NEWOBJ) { /* the attribute has to be there */
		nftnl_obj_set_u64(o, NFTNL_OBJ_CTR_BYTES, 0);
		nftnl_obj_set_u64(o, NFTNL_OBJ_CTR_PKTS, 0);
	}
	nftnl_obj_nlmsg_build_payload(nft_message(n, type, flags), o);
	nft_message_end(n);
	nftnl_obj_free(o);
}

void nft_counter(struct nft *n, const char *name)
{
	counter_message(n, name, NFT_MSG_NEWOBJ, NLM_F_CREATE);
}

void nft_counter_remove(struct nft *n, const char *name)
{
	nft_counter(n, name);
	counter_message(n, name, NFT_MSG_DELOBJ, 0);
}

/* ---- what is there ---- */

struct walk {
	int (*chain_fn)(const char *name, void *arg);
	int (*counter_fn)(const char *name, uint64_t packets, uint64_t bytes, void *arg);
	void *arg;
	const char *table;
	int result;
};

static int chain_step(const struct nlmsghdr *nlh, void *arg)
{
	struct walk *w = arg;
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (!c)
		w->result = -ENOMEM;
	else if (w->result == 0 && nftnl_chain_nlmsg_parse(nlh, c) == 0 &&
		 streq(nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE), w->table))
		w->result = w->chain_fn(nftnl_chain_get_str(c, NFTNL_CHAIN_NAME), w->arg);
	if (c)
		nftnl_chain_free(c);
	return MNL_CB_OK;
}

static int counter_step(const struct nlmsghdr *nlh, void *arg)
{
	struct walk *w = arg;
	struct nftnl_obj *o = nftnl_obj_alloc();

	if (!o)
		w->result = -ENOMEM;
	else if (w->result == 0 && nftnl_obj_nlmsg_parse(nlh, o) == 0 &&
		 streq(nftnl_obj_get_str(o, NFTNL_OBJ_TABLE), w->table))
		w->result = w->counter_fn(nftnl_obj_get_str(o, NFTNL_OBJ_NAME),
			nftnl_obj_get_u64(o, NFTNL_OBJ_CTR_PKTS),
			nftnl_obj_get_u64(o, NFTNL_OBJ_CTR_BYTES), w->arg);
	if (o)
		nftnl_obj_free(o);
	return MNL_CB_OK;
}

/* libmnl's walk trusts the lengths of the messages in it. */
static bool all_whole(const char *buf, ssize_t len)
{
	const struct nlmsghdr *nlh = (const void *)buf;
	int left = (int)len;

	for (; left >= (int)sizeof(*nlh); nlh = mnl_nlmsg_next(nlh, &left))
		if (!nl_message_ok(nlh, left))
			return false;
	return true;
}

int nft_ask(struct nft *n, char *buf, size_t size, mnl_cb_t step, void *arg)
{
	const struct nlmsghdr *nlh = (void *)buf;
	int r = MNL_CB_OK;
	ssize_t len;

	if (mnl_socket_sendto(n->sock, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (r > MNL_CB_STOP) {
		len = mnl_socket_recvfrom(n->sock, buf, size);
		if (len < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (!all_whole(buf, len))
			return -EBADMSG;
		r = mnl_cb_run(buf, (size_t)len, n->seq, n->portid, step, arg);
	}
	return r < 0 ? -errno : 0;
}

/* One dump; the kernel tells of other tables, too. */
static int walk(struct nft *n, uint16_t type, mnl_cb_t step, struct walk *w)
{
	char buf[32768];
	int r;

	w->table = n->table;
	(void)nftnl_nlmsg_build_hdr(buf, type, NFPROTO_NETDEV, NLM_F_DUMP, ++n->seq);
	r = nft_ask(n, buf, sizeof(buf), step, w);
	return r < 0 ? r : w->result;
}

int nft_chain_each(struct nft *n, int (*fn)(const char *name, void *arg), void *arg)
{
	struct walk w = {.chain_fn = fn, .arg = arg};

	return walk(n, NFT_MSG_GETCHAIN, chain_step, &w);
}

int nft_counter_each(struct nft *n,
	int (*fn)(const char *name, uint64_t packets, uint64_t bytes, void *arg), void *arg)
{
	struct walk w = {.counter_fn = fn, .arg = arg};

	return walk(n, NFT_MSG_GETOBJ, counter_step, &w);
}

struct one_counter {
	uint64_t packets;
	bool found;
};

static int one_counter_step(const struct nlmsghdr *nlh, void *arg)
{
	struct nftnl_obj *o = nftnl_obj_alloc();
	struct one_counter *x = arg;

	if (o && nftnl_obj_nlmsg_parse(nlh, o) == 0) {
		x->packets = nftnl_obj_get_u64(o, NFTNL_OBJ_CTR_PKTS);
		x->found = true;
	}
	if (o)
		nftnl_obj_free(o);
	return MNL_CB_OK;
}

int nft_counter_get(struct nft *n, const char *name, uint64_t *ret_packets)
{
	struct nftnl_obj *o = counter_of(n, name);
	struct one_counter x = {0};
	struct nlmsghdr *nlh;
	char buf[8192];
	int r;

	if (!o)
		return -ENOMEM;
	nlh = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETOBJ, NFPROTO_NETDEV, NLM_F_ACK, ++n->seq);
	nftnl_obj_nlmsg_build_payload(nlh, o);
	nftnl_obj_free(o);
	r = nft_ask(n, buf, sizeof(buf), one_counter_step, &x);
	if (r == 0 && !x.found)
		r = -ENOENT;
	if (r == 0)
		*ret_packets = x.packets;
	return r;
}

/* ---- rules ---- */

struct nft_rule *nft_rule(struct nft *n, const char *chain)
{
	struct nft_rule *r = calloc(1, sizeof(*r));

	if (r)
		r->rule = nftnl_rule_alloc();
	if (!r || !r->rule) {
		nft_wrong(n, -ENOMEM);
		free(r);
		return NULL;
	}
	r->nft = n;
	if (str_copy(r->chain, sizeof(r->chain), chain) < 0)
		nft_wrong(n, -ENAMETOOLONG);
	return r;
}

void nft_rule_end(struct nft *n, struct nft_rule *r)
{
	if (!r)
		return;
	if (nftnl_rule_set_str(r->rule, NFTNL_RULE_TABLE, n->table) < 0 ||
		nftnl_rule_set_str(r->rule, NFTNL_RULE_CHAIN, r->chain) < 0)
		nft_wrong(n, -ENOMEM);
	nftnl_rule_nlmsg_build_payload(
		nft_message(n, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND), r->rule);
	nft_message_end(n);
	nftnl_rule_free(r->rule);
	free(r);
}

struct nftnl_expr *nft_expr(struct nft_rule *r, const char *name)
{
	struct nftnl_expr *e = r ? nftnl_expr_alloc(name) : NULL;

	if (r && !e)
		nft_wrong(r->nft, -ENOMEM);
	if (e)
		nftnl_rule_add_expr(r->rule, e);
	return e;
}

void nft_load(struct nft_rule *r, enum nft_base base, unsigned int offset, size_t size)
{
	struct nftnl_expr *e = nft_expr(r, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE,
		base == NFT_FRAME ? NFT_PAYLOAD_LL_HEADER : NFT_PAYLOAD_TRANSPORT_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, (uint32_t)size);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
}

static void compare(struct nft_rule *r, const void *bytes, size_t size, bool equal)
{
	struct nftnl_expr *e = nft_expr(r, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, equal ? NFT_CMP_EQ : NFT_CMP_NEQ);
	if (nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, bytes, (uint32_t)size) < 0)
		nft_wrong(r->nft, -ENOMEM);
}

void nft_match(struct nft_rule *r, enum nft_base base, unsigned int offset, const void *bytes,
	size_t size, bool equal)
{
	nft_load(r, base, offset, size);
	compare(r, bytes, size, equal);
}

void nft_match_mask(struct nft_rule *r, enum nft_base base, unsigned int offset,
	const uint8_t *bytes, const uint8_t *mask, size_t size)
{
	static const uint8_t none[16];
	struct nftnl_expr *e;

	nft_load(r, base, offset, size);
	e = nft_expr(r, "bitwise");
	if (e) {
		nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
		nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
		nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, (uint32_t)size);
		nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, mask, (uint32_t)size);
		nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, none, (uint32_t)size);
	}
	compare(r, bytes, size, true);
}

void nft_match_prefix(struct nft_rule *r, enum nft_base base, unsigned int offset,
	const uint8_t *bytes, size_t size, unsigned int bits)
{
	uint8_t mask[16] = {0};

	for (unsigned int i = 0; i < bits && i < sizeof(mask) * 8; i++)
		mask[i / 8] |= (uint8_t)(0x80u >> (i % 8));
	nft_match_mask(r, base, offset, bytes, mask, size);
}

void nft_match_over(struct nft_rule *r, uint64_t bytes)
{
	struct nftnl_expr *e = nft_expr(r, "limit");

	if (!e)
		return;
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_RATE, bytes);
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_UNIT, 1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_BURST, 0);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKT_BYTES);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_FLAGS, NFT_LIMIT_F_INV);
}

void nft_match_l4proto(struct nft_rule *r, uint8_t proto)
{
	struct nftnl_expr *e = nft_expr(r, "meta");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_L4PROTO);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
	compare(r, &proto, sizeof(proto), true);
}

void nft_count(struct nft_rule *r, const char *counter)
{
	struct nftnl_expr *e = nft_expr(r, "objref");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
	nftnl_expr_set_str(e, NFTNL_EXPR_OBJREF_IMM_NAME, counter);
}

static void immediate_u32(struct nft_rule *r, uint32_t value)
{
	struct nftnl_expr *e = nft_expr(r, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, &value, sizeof(value));
}

void nft_set_priority(struct nft_rule *r, uint32_t priority)
{
	struct nftnl_expr *e;

	immediate_u32(r, priority);
	e = nft_expr(r, "meta");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_PRIORITY);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

static void verdict(struct nft_rule *r, int code, const char *chain)
{
	struct nftnl_expr *e = nft_expr(r, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)code);
	if (chain)
		nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain);
}

void nft_drop(struct nft_rule *r)
{
	verdict(r, NF_DROP, NULL);
}

void nft_return(struct nft_rule *r)
{
	verdict(r, NFT_RETURN, NULL);
}

void nft_jump(struct nft_rule *r, const char *chain)
{
	verdict(r, NFT_JUMP, chain);
}

void nft_forward(struct nft_rule *r, int ifindex)
{
	struct nftnl_expr *e;

	immediate_u32(r, (uint32_t)ifindex);
	e = nft_expr(r, "fwd");
	if (e)
		nftnl_expr_set_u32(e, NFTNL_EXPR_FWD_SREG_DEV, NFT_REG_1);
}

/* SPDX-License-Identifier: MIT */
/*
 * Sets of addresses that the kernel forgets when their time is over; see nft.h.
 *
 * Older kernels leave the time of an address that is there already as it is. So it is added, taken
 * out and added again, in one batch: whoever looks meanwhile sees the old one or the new one.
 */
#include "linux/nft-impl.h"

#include <libnftnl/set.h>

#define SET_MAX 256 /* addresses: somebody may ask for more and more of them */

static struct nftnl_set *set_of(struct nft *n, const char *name, size_t size)
{
	struct nftnl_set *s = nftnl_set_alloc();

	if (s && nftnl_set_set_str(s, NFTNL_SET_TABLE, n->table) == 0 &&
		nftnl_set_set_str(s, NFTNL_SET_NAME, name) == 0) {
		nftnl_set_set_u32(s, NFTNL_SET_FAMILY, NFPROTO_NETDEV);
		nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, (uint32_t)size);
		return s;
	}
	nft_wrong(n, -ENOMEM);
	if (s)
		nftnl_set_free(s);
	return NULL;
}

static void set_message(struct nft *n, const char *name, size_t size, uint16_t type, uint16_t flags)
{
	struct nftnl_set *s = set_of(n, name, size);

	if (!s)
		return;
	if (type == NFT_MSG_NEWSET) {
		nftnl_set_set_u32(s, NFTNL_SET_ID, n->seq + 1); /* of this batch alone */
		nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, size == 4 ? 7 : 8); /* for nft(8) */
		nftnl_set_set_u32(s, NFTNL_SET_FLAGS, NFT_SET_TIMEOUT);
		nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE, SET_MAX);
	}
	nftnl_set_nlmsg_build_payload(nft_message(n, type, flags), s);
	nft_message_end(n);
	nftnl_set_free(s);
}

void nft_set(struct nft *n, const char *name, size_t size)
{
	set_message(n, name, size, NFT_MSG_NEWSET, NLM_F_CREATE);
}

void nft_set_remove(struct nft *n, const char *name, size_t size)
{
	nft_set(n, name, size);
	set_message(n, name, size, NFT_MSG_DELSET, 0);
}

static void element_message(struct nft *n, const char *name, const void *key, size_t size,
	uint64_t ms, uint16_t type, uint16_t flags)
{
	struct nftnl_set *s = set_of(n, name, size);
	struct nftnl_set_elem *e = s ? nftnl_set_elem_alloc() : NULL;

	if (e) {
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, key, (uint32_t)size);
		if (ms)
			nftnl_set_elem_set_u64(e, NFTNL_SET_ELEM_TIMEOUT, ms);
		nftnl_set_elem_add(s, e);
		nftnl_set_elems_nlmsg_build_payload(nft_message(n, type, flags), s);
		nft_message_end(n);
	} else {
		nft_wrong(n, -ENOMEM);
	}
	if (s)
		nftnl_set_free(s);
}

void nft_set_del(struct nft *n, const char *name, const void *key, size_t size)
{
	element_message(n, name, key, size, 1000, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
	element_message(n, name, key, size, 0, NFT_MSG_DELSETELEM, 0);
}

void nft_set_add(struct nft *n, const char *name, const void *key, size_t size, uint32_t seconds)
{
	nft_set_del(n, name, key, size);
	element_message(
		n, name, key, size, (uint64_t)seconds * 1000, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
}

void nft_match_set(
	struct nft_rule *r, enum nft_base base, unsigned int offset, size_t size, const char *set)
{
	struct nftnl_expr *e;

	nft_load(r, base, offset, size);
	e = nft_expr(r, "lookup");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	if (nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, set) < 0)
		nft_wrong(r->nft, -ENOMEM);
}

/* ---- what is there ---- */

struct walk {
	int (*fn)(const void *key, size_t size, void *arg);
	void *arg;
	int result;
};

static int element_step(const struct nlmsghdr *nlh, void *arg)
{
	struct nftnl_set *s = nftnl_set_alloc();
	struct nftnl_set_elems_iter *i = NULL;
	struct nftnl_set_elem *e;
	struct walk *w = arg;
	uint32_t size;

	if (!s || nftnl_set_elems_nlmsg_parse(nlh, s) < 0)
		w->result = w->result ? w->result : -ENOMEM;
	else
		i = nftnl_set_elems_iter_create(s);
	while (i && w->result == 0 && (e = nftnl_set_elems_iter_next(i))) {
		const void *key = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &size);

		if (key)
			w->result = w->fn(key, size, w->arg);
	}
	if (i)
		nftnl_set_elems_iter_destroy(i);
	if (s)
		nftnl_set_free(s);
	return MNL_CB_OK;
}

int nft_set_each(struct nft *n, const char *name, size_t size,
	int (*fn)(const void *key, size_t size, void *arg), void *arg)
{
	struct nftnl_set *s = set_of(n, name, size);
	struct walk w = {fn, arg, 0};
	struct nlmsghdr *nlh;
	char buf[32768];
	int r;

	if (!s)
		return -ENOMEM;
	nlh = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETSETELEM, NFPROTO_NETDEV, NLM_F_DUMP, ++n->seq);
	nftnl_set_elems_nlmsg_build_payload(nlh, s);
	nftnl_set_free(s);
	r = nft_ask(n, buf, sizeof(buf), element_step, &w);
	return r < 0 ? r : w.result;
}

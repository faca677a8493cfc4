/* SPDX-License-Identifier: MIT */
/* Inside of lib/linux/nft*.c: the batch that messages and expressions are collected in. */
#pragma once

#include "linux/nft.h"

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

struct nft {
	struct mnl_socket *sock;
	char table[64];
	uint32_t table_flags;
	uint32_t portid, seq;

	/* the batch */
	char *buf;
	size_t used;
	uint32_t first_seq;
	struct nlmsghdr *last;
	int err; /* the first thing that went wrong while it was collected */
};

struct nft_rule {
	struct nft *nft;
	struct nftnl_rule *rule;
	char chain[64];
};

/* Something went wrong: the commit tells the first. */
void nft_wrong(struct nft *n, int err);

/* A message of the batch; its header is always there, so that builders need not look. */
struct nlmsghdr *nft_message(struct nft *n, uint16_t type, uint16_t flags);
void nft_message_end(struct nft *n);

/* A new last expression of the rule; NULL: out of memory, which the commit tells. */
struct nftnl_expr *nft_expr(struct nft_rule *r, const char *name);

/* size bytes at the offset into the first register. */
void nft_load(struct nft_rule *r, enum nft_base base, unsigned int offset, size_t size);

/* Sends a request built at buf, and calls step for each message of the answer until it says stop. */
int nft_ask(struct nft *n, char *buf, size_t size, mnl_cb_t step, void *arg);

/* SPDX-License-Identifier: MIT */
/*
 * nftables in the netdev family: one table of ours, whose chains stand at the ingress or
 * egress of devices. Changes are collected and take effect all at once or not at all.
 *
 * The table is owned by the socket where the kernel can keep such a table when the socket
 * closes (since 6.9): then nobody else's "flush ruleset" takes it away while it is open.
 *
 * A struct nft is used by one thread at a time, in the network namespace of the thread that
 * opened it. What fails while changes are collected is told by nft_commit().
 */
#pragma once

#include "linux/diag.h"

struct nft;
struct nft_rule;

/* Makes the table when it is not there. -EOPNOTSUPP, -EPROTONOSUPPORT: no nftables in this kernel. */
int nft_open(const char *table, struct nft **ret);
struct nft *nft_close(struct nft *n);

void nft_begin(struct nft *n);

/* Blocks until the kernel has taken all of it. On failure nothing has changed; d gets a line. */
int nft_commit(struct nft *n, struct diag *d);

/* Takes chains away with their rules, which may jump among them; one that is not there is fine. */
void nft_chains_remove(struct nft *n, const char *const names[], size_t count);

enum nft_side { NFT_INGRESS, NFT_EGRESS };

/* A chain that packets of the device go through; they pass it unless a rule says otherwise. */
void nft_base_chain(struct nft *n, const char *name, enum nft_side side, const char *device);
/* The same, where packets come before they come to those. */
void nft_base_chain_first(struct nft *n, const char *name, enum nft_side side, const char *device);
/* One to be jumped to. */
void nft_chain(struct nft *n, const char *name);

/* Calls fn for each chain of the table; a non-zero return of fn ends the calls and is returned. */
int nft_chain_each(struct nft *n, int (*fn)(const char *name, void *arg), void *arg);

/* A counter that outlives the rules. Made at 0 unless it is there. */
void nft_counter(struct nft *n, const char *name);
void nft_counter_remove(struct nft *n, const char *name);
/* Calls fn for each counter of the table; a non-zero return of fn ends the calls and is returned. */
int nft_counter_each(struct nft *n,
	int (*fn)(const char *name, uint64_t packets, uint64_t bytes, void *arg), void *arg);

/* The packets that one has counted. -ENOENT. */
int nft_counter_get(struct nft *n, const char *name, uint64_t *ret_packets);

/*
 * A set of addresses of 4 or of 16 bytes that outlives the rules, made empty unless it is there. The
 * kernel takes each out when its seconds are over. -ENFILE at the commit: it is full.
 */
void nft_set(struct nft *n, const char *name, size_t size);
/* Nothing may use it any more; one that is not there is fine. */
void nft_set_remove(struct nft *n, const char *name, size_t size);
/* One that is in it has the new time; one to be taken out may be missing. The set is there. */
void nft_set_add(struct nft *n, const char *name, const void *key, size_t size, uint32_t seconds);
void nft_set_del(struct nft *n, const char *name, const void *key, size_t size);
/* Calls fn for each of a set; a non-zero return of fn ends the calls and is returned. -ENOENT. */
int nft_set_each(struct nft *n, const char *name, size_t size,
	int (*fn)(const void *key, size_t size, void *arg), void *arg);

/*
 * A rule: matches, each of which has to hold, then what happens. It is added to the end of
 * its chain by nft_rule_end().
 */
struct nft_rule *nft_rule(struct nft *n, const char *chain);
void nft_rule_end(struct nft *n, struct nft_rule *r);

enum nft_base { NFT_FRAME, NFT_TRANSPORT }; /* behind the IP header, where there is one */

/* size bytes at the offset, at most 16, are (or are not) these. A packet that is shorter does not match. */
void nft_match(struct nft_rule *r, enum nft_base base, unsigned int offset, const void *bytes,
	size_t size, bool equal);
/* The same of the first bits of them; the rest of bytes is 0. */
void nft_match_prefix(struct nft_rule *r, enum nft_base base, unsigned int offset,
	const uint8_t *bytes, size_t size, unsigned int bits);
/* The same of the bits of a mask; others of bytes are 0. size is at most 16. */
void nft_match_mask(struct nft_rule *r, enum nft_base base, unsigned int offset,
	const uint8_t *bytes, const uint8_t *mask, size_t size);
/* size bytes at the offset are one of a set. */
void nft_match_set(
	struct nft_rule *r, enum nft_base base, unsigned int offset, size_t size, const char *set);
/* The transport protocol, behind any extension headers. */
void nft_match_l4proto(struct nft_rule *r, uint8_t proto);

/* Holds for packets over so many bytes a second, after one second's worth at once. */
void nft_match_over(struct nft_rule *r, uint64_t bytes);

void nft_count(struct nft_rule *r, const char *counter);
void nft_set_priority(struct nft_rule *r, uint32_t priority);
void nft_drop(struct nft_rule *r);
void nft_return(struct nft_rule *r);
void nft_jump(struct nft_rule *r, const char *chain);
/* Sends the frame out over another device. Ingress chains only. */
void nft_forward(struct nft_rule *r, int ifindex);

/* SPDX-License-Identifier: MIT */
/*
 * What the program that looks at client ids knows: keys of its maps. Shared by protect-cids.c and
 * cids.bpf.c.
 */
#pragma once

#define CIDS_LEN_MAX  256 /* bytes of a client id; MPT_MAXCIDLEN */
#define CIDS_LIST_MAX 64
#define CIDS_MACS_MAX 64

/* A client id that the link may use, behind it zeros. Of length 0: it may use any. */
struct cids_key {
	__u16 len;
	__u8 id[CIDS_LEN_MAX];
};

/* A hardware address of the link. */
struct cids_mac {
	__u8 addr[6];
};

/* SPDX-License-Identifier: MIT */
/*
 * The privileges of illumos (privileges(7)) and what each is on Linux. What a brand adds to
 * this (its default, required and prohibited sets) is checked in lib/brand.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum privilege_kind {
	PRIVILEGE_NONE,	      /* Linux has no word for it */
	PRIVILEGE_ABSENT,     /* no zone has it, so that it can be taken away and not be added */
	PRIVILEGE_ALWAYS,     /* every process has it, and it cannot be taken away */
	PRIVILEGE_CAPABILITY, /* it stands for capabilities, or for what the filter holds */
};

struct privilege {
	const char *name;
	enum privilege_kind kind;
	uint64_t caps;	 /* PRIVILEGE_CAPABILITY: bits by number, as in <linux/capability.h> */
	bool prohibited; /* never in a zone, whatever its brand says */
};

/*
 * Not capabilities, but in the same sets: sockets to a network can be made, and new processes. Without
 * them the system-call filter refuses that.
 */
#define PRIVILEGE_NET_ACCESS (UINT64_C(1) << 63)
#define PRIVILEGE_PROC_FORK  (UINT64_C(1) << 62)
#define PRIVILEGE_FILTERED   (PRIVILEGE_NET_ACCESS | PRIVILEGE_PROC_FORK)

/* By name in any case, with or without "priv_" before it; NULL when illumos has none such. */
const struct privilege *privilege_find(const char *name);
/* All of them: 0, 1, ... until NULL. */
const struct privilege *privilege_at(size_t index);

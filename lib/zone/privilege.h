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
	PRIVILEGE_ALWAYS,     /* every process has it, and it cannot be taken away */
	PRIVILEGE_CAPABILITY, /* it stands for capabilities */
};

struct privilege {
	const char *name;
	enum privilege_kind kind;
	uint64_t caps;	 /* PRIVILEGE_CAPABILITY: bits by number, as in <linux/capability.h> */
	bool prohibited; /* never in a zone, whatever its brand says */
};

/*
 * Not a capability, but in the same sets: sockets to a network can be made. Without it the
 * system-call filter refuses them.
 */
#define PRIVILEGE_NET_ACCESS (UINT64_C(1) << 63)

/* By name in any case, with or without "priv_" before it; NULL when illumos has none such. */
const struct privilege *privilege_find(const char *name);
/* All of them: 0, 1, ... until NULL. */
const struct privilege *privilege_at(size_t index);

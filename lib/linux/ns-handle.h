/* SPDX-License-Identifier: MIT */
/*
 * A file handle of a namespace: says later whether that namespace still lives, and holds
 * nothing meanwhile. Kernels before 6.18 have none of namespaces; there all are unknown.
 * A handle is good until the host boots again, and can be stored.
 */
#pragma once

#include "linux/util.h"

#include <stdint.h>

struct ns_handle {
	uint32_t size; /* bytes of data; 0: unknown */
	int32_t type;
	unsigned char data[24];
};

/* Of the namespace behind a descriptor; unknown where the kernel has none, or a longer one. */
void ns_handle_of(int fd, struct ns_handle *ret);

/* False for one that is unknown. */
bool ns_handle_lives(const struct ns_handle *h);

/* SPDX-License-Identifier: MIT */
/* The first look at what came over a netlink socket, before anything of it is used. */
#pragma once

#include <libmnl/libmnl.h>
#include <stdbool.h>

/* Whether there is a whole message; libmnl takes a length above INT_MAX for a negative one. */
static inline bool nl_message_ok(const struct nlmsghdr *nlh, int left)
{
	return left >= (int)sizeof(*nlh) && nlh->nlmsg_len <= (uint32_t)left &&
	       mnl_nlmsg_ok(nlh, left);
}

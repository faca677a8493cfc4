/* SPDX-License-Identifier: MIT */
/* Inside of lib/linux/rtnl*.c: the socket, and requests built in its buffer. */
#pragma once

#include "linux/nl-message.h"
#include "linux/rtnl.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

/* A device's alternative names alone can be 64 KiB; the kernel fills a dump's datagram up to 32. */
#define NL_BUFFER (128 * 1024)

struct nl {
	struct mnl_socket *sock;
	uint32_t seq;
	uint32_t portid;
	bool strict; /* the kernel looks at what a dump asks for */
	char text[160];
	_Alignas(8) char buf[NL_BUFFER];
};

/* nl_open() for a NETLINK_ protocol. */
int nl_open_protocol(int netns, int protocol, struct nl **ret);

/* A fresh request in nl->buf, with room for more than any request here needs. */
struct nlmsghdr *nl_request(struct nl *nl, uint16_t type, uint16_t flags);

/* Its ifinfomsg. */
struct nlmsghdr *nl_link_request(struct nl *nl, uint16_t type, uint16_t flags, int ifindex);

/*
 * Sends the request in nl->buf and reads until its acknowledgement. fn may be
 * NULL; it is called for each message of the answer and ends the calls, not the
 * reading, by a non-zero return, which is returned.
 */
int nl_talk(
	struct nl *nl, struct nlmsghdr *nlh, int (*fn)(const struct nlmsghdr *, void *), void *arg);

/*
 * The same, but fn's result ends the reading too, and the kernel goes on telling only when it is
 * read: the last request of a socket, which is closed then.
 */
int nl_talk_last(
	struct nl *nl, struct nlmsghdr *nlh, int (*fn)(const struct nlmsghdr *, void *), void *arg);

/* Takes a RTM_NEWLINK or RTM_DELLINK message apart. -EBADMSG when it is not one. */
int nl_link_parse(const struct nlmsghdr *nlh, struct nl_link *ret);

/* Attributes of a message behind its header of size, those up to max into tb[max + 1]. */
int nl_attrs(const struct nlmsghdr *nlh, size_t header, const struct nlattr **tb, uint16_t max);
int nl_attrs_nested(const struct nlattr *nest, const struct nlattr **tb, uint16_t max);

/* Values of attributes that may be missing or of a wrong size: 0 or "" then. */
static inline uint32_t attr_u32(const struct nlattr *a)
{
	return a && mnl_attr_validate(a, MNL_TYPE_U32) >= 0 ? mnl_attr_get_u32(a) : 0;
}

static inline uint16_t attr_u16(const struct nlattr *a)
{
	return a && mnl_attr_validate(a, MNL_TYPE_U16) >= 0 ? mnl_attr_get_u16(a) : 0;
}

static inline uint8_t attr_u8(const struct nlattr *a)
{
	return a && mnl_attr_validate(a, MNL_TYPE_U8) >= 0 ? mnl_attr_get_u8(a) : 0;
}

static inline void attr_bytes(const struct nlattr *a, void *buf, size_t size)
{
	if (a && mnl_attr_get_payload_len(a) == size)
		memcpy(buf, mnl_attr_get_payload(a), size);
}

static inline void attr_str(const struct nlattr *a, char *buf, size_t size)
{
	if (!a || mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0 ||
		str_copy(buf, size, mnl_attr_get_str(a)) < 0)
		buf[0] = '\0';
}

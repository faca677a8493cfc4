/* SPDX-License-Identifier: MIT */
/*
 * rtnetlink for the programs that make, move and describe network devices.
 *
 * A struct nl is one socket in one network namespace. It is used by one thread
 * at a time. Every request waits for the kernel's acknowledgement; calls return
 * 0 or the kernel's negative errno, and nl_text() then holds the sentence that
 * the kernel gave with it. Devices are named by ifindex: names belong to
 * whoever is root in the namespace.
 */
#pragma once

#include "linux/util.h"

#include <net/if.h>
#include <netinet/in.h>

struct nl;

/* One device, as the kernel describes it. */
struct nl_link {
	int ifindex;
	unsigned int type;  /* ARPHRD_* */
	unsigned int flags; /* IFF_* */
	char name[IFNAMSIZ];
	char kind[16];	/* rtnl kind, "" for hardware */
	uint8_t mac[6]; /* zeros when the device has no Ethernet address */
	uint32_t mtu, mtu_min, mtu_max;
	int master;    /* ifindex of the bridge or bond it is a port of, else 0 */
	int link;      /* lower device or veth peer, else 0 */
	int link_nsid; /* network namespace of link as an id of this one, -1 = this one */
	int operstate; /* IF_OPER_* */
	bool carrier;
	bool xdp; /* a program is attached */
};

/* An address of a device. */
struct nl_addr {
	int family; /* AF_INET, AF_INET6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
	uint8_t prefix_len;
	uint8_t scope; /* RT_SCOPE_* */
};

/* ---- sockets (rtnl.c) ---- */

/*
 * Opens a socket in the network namespace of a descriptor, FD_NONE = the
 * caller's. The calling thread enters it and comes back; a thread that cannot
 * come back aborts the process rather than work in the wrong place.
 * Any socket may be opened so, not only rtnetlink's. Returns the descriptor
 * (close-on-exec) or a negative errno. Other threads do not notice.
 */
int netns_socket(int netns, int domain, int type, int protocol);

/* The network namespace of the calling thread as a descriptor, or a negative errno. */
int netns_self(void);

/* Inode of a network namespace, which tells namespaces apart while one lives. */
int netns_inode(int netns, uint64_t *ret);

int nl_open(int netns, struct nl **ret);
struct nl *nl_close(struct nl *nl);
static inline void nl_closep(struct nl **nl)
{
	*nl = nl_close(*nl);
}
#define _cleanup_nl_ _cleanup_(nl_closep)

/* What the kernel said about the last failure, or strerror of it. Valid until the next request. */
const char *nl_text(const struct nl *nl);

/*
 * Subscribes to changes of devices and returns the descriptor to poll.
 * nl_read() then calls seen for each one that is new or changed and gone for each one
 * that went; -ENOBUFS says that messages were lost and a nl_link_each() is due,
 * -EAGAIN that nothing is there. A listening nl takes no other request.
 */
int nl_listen(struct nl *nl);
int nl_read(struct nl *nl, void (*seen)(const struct nl_link *l, void *arg),
	void (*gone)(int ifindex, void *arg), void *arg);

/* ---- devices (rtnl-link.c) ---- */

/* -ENODEV when there is none. By name: alternative names count. */
int nl_link_get(struct nl *nl, int ifindex, struct nl_link *ret);
int nl_link_get_name(struct nl *nl, const char *name, struct nl_link *ret);

/* What a device has counted since it was made, and its queues. */
struct nl_stats {
	uint64_t rx_packets, rx_bytes, rx_errors, rx_dropped, rx_nohandler, multicast;
	uint64_t tx_packets, tx_bytes, tx_errors, tx_dropped, collisions;
	uint32_t rx_queues, tx_queues;
};
int nl_link_stats(struct nl *nl, int ifindex, struct nl_stats *ret);
/*
 * Of a device in the network namespace that has this id here (nl_nsid_get()). No socket is opened
 * there: after its end one holds the namespace until all readers in the kernel (RCU) have gone on.
 */
int nl_link_stats_of(struct nl *nl, int nsid, int ifindex, struct nl_stats *ret);

/*
 * Calls fn for every device; a non-zero return of fn ends the calls and is returned. fn makes no
 * request on nl. When devices change under the walk it starts again: fn can see one twice.
 */
int nl_link_each(struct nl *nl, int (*fn)(const struct nl_link *l, void *arg), void *arg);

/*
 * The same for the devices of one kind ("sit") in the caller's network namespace: of others the kernel tells
 * nothing. -EOPNOTSUPP when it has devices, but lacks the kind.
 */
int nl_link_each_of_kind(
	const char *kind, int (*fn)(const struct nl_link *l, void *arg), void *arg);

/*
 * Make a device; ret_ifindex is filled in. mac: 6 bytes. -EEXIST when the name is taken,
 * -EOPNOTSUPP when the kernel lacks the kind. Made down.
 *
 * bridge: spanning tree off. veth: two devices at once; port becomes a port of
 * the bridge master (0 = of none; -EXFULL when the bridge is full).
 * macvlan: bridge mode over lower.
 */
int nl_bridge_create(struct nl *nl, const char *name, const uint8_t *mac, int *ret_ifindex);
int nl_veth_create(struct nl *nl, const char *name, const uint8_t *mac, const char *port,
	int master, uint32_t mtu, int *ret_ifindex, int *ret_port);
int nl_macvlan_create(
	struct nl *nl, const char *name, const uint8_t *mac, int lower, int *ret_ifindex);

/*
 * The same with the device (of the veth the end that is not the port) born in another network
 * namespace, at an index that the caller chose: nothing has to be moved or looked up. -EEXIST
 * when its name or port_ifindex is taken, -EBUSY when its index is.
 */
struct nl_birth {
	const char *name;
	const uint8_t *mac;
	uint32_t mtu; /* 0: the lower device's */
	int netns;
	int ifindex;
	int lower;	  /* here: macvlan's lower device, or the bridge that the port joins */
	const char *port; /* veth only; may end in "%d", which becomes a free number; made up */
	int port_ifindex;
	bool port_down; /* else it comes up */
};
int nl_veth_create_in(struct nl *nl, const struct nl_birth *b);
int nl_macvlan_create_in(struct nl *nl, const struct nl_birth *b);

int nl_link_delete(struct nl *nl, int ifindex);

/*
 * Moves a device into another network namespace. new_ifindex: the one it gets
 * there, 0 = the kernel chooses. -EBUSY when that is taken there, -EEXIST when its name or an
 * alternative name of it is; it has not moved then.
 */
int nl_link_move(struct nl *nl, int ifindex, int netns, int new_ifindex);

int nl_link_set_flags(struct nl *nl, int ifindex, unsigned int flags, unsigned int mask);
int nl_link_set_name(struct nl *nl, int ifindex, const char *name);
int nl_link_set_mtu(struct nl *nl, int ifindex, uint32_t mtu);
int nl_link_set_mac(struct nl *nl, int ifindex, const uint8_t *mac);
int nl_link_set_master(struct nl *nl, int ifindex, int master);

/* Takes the free text away that a device can carry. */
int nl_link_clear_alias(struct nl *nl, int ifindex);
/* Takes an XDP program away, whichever way it was attached; nothing attached is success. */
int nl_link_clear_xdp(struct nl *nl, int ifindex);
/* Back to the default queueing, with no filters; nothing there is success. */
int nl_link_clear_tc(struct nl *nl, int ifindex);

int nl_altname_add(struct nl *nl, int ifindex, const char *name);
int nl_altname_del(struct nl *nl, int ifindex, const char *name);
/* Removes every alternative name of a device. */
int nl_altname_clear(struct nl *nl, int ifindex);

/* Id that this namespace has for another, -ENOENT when it has none. */
int nl_nsid_get(struct nl *nl, int netns, int *ret);

/* ---- addresses and routes (rtnl-addr.c) ---- */

/* Reads "10.0.0.2/24" or "fd00::2/64"; without a length the whole address counts. -EINVAL. */
int nl_addr_parse(const char *text, struct nl_addr *ret);

/* IPv6 addresses skip duplicate detection: they can be used when the call returns. -EEXIST. */
int nl_addr_add(struct nl *nl, int ifindex, const struct nl_addr *a);

/* -EADDRNOTAVAIL when it is not there. */
int nl_addr_remove(struct nl *nl, int ifindex, const struct nl_addr *a);

/* Calls fn for every address of a device, or of all (0), as nl_link_each() does. */
int nl_addr_each(
	struct nl *nl, int ifindex, int (*fn)(const struct nl_addr *a, void *arg), void *arg);

/* Default route over a device. */
int nl_route_add_default(struct nl *nl, int ifindex, const struct nl_addr *gateway);
/* The one that nl_route_add_default() added. -ESRCH when it is not there. */
int nl_route_remove_default(struct nl *nl, int ifindex, const struct nl_addr *gateway);

/* A route of a table of its own (rtnl-rule.c). */
struct nl_route {
	uint32_t table;
	int ifindex;
	struct nl_addr to;	       /* prefix_len 0: everything of the family */
	const struct nl_addr *gateway; /* NULL: they are on the link */
	const struct nl_addr *source;  /* what packets come from that have no address yet */
};
/* -EEXIST; -ESRCH when it is not there. */
int nl_route_add(struct nl *nl, const struct nl_route *route);
int nl_route_remove(struct nl *nl, const struct nl_route *route);

/* Sockets of the users first to last look into the table before they look into the host's. */
struct nl_uid_rule {
	int family;
	uint32_t first, last;
	uint32_t table, priority;
};
/* -EEXIST; -ENOENT when it is not there. */
int nl_uid_rule_add(struct nl *nl, const struct nl_uid_rule *rule);
int nl_uid_rule_remove(struct nl *nl, const struct nl_uid_rule *rule);

/* True in *ret when somebody (not the kernel by itself) set a route over the device. */
int nl_route_on(struct nl *nl, int ifindex, bool *ret);

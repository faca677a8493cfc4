/* SPDX-License-Identifier: MIT */
/*
 * Inside of zoned's dls half: the devnet table, the upcalls to dlmgmtd, the mac
 * drivers and the moves of devices between network namespaces.
 *
 * Locks (take left before right):
 *   perimeter of an upper link -> perimeter of its lower link ->
 *   state lock (dls-state.c) -> devnet lock -> dd_mutex
 * A perimeter serializes everything that is done to one link's device. It may be
 * held over rtnetlink and over upcalls, the others may not. "Home" is the
 * network namespace that zoned itself runs in: the global zone's.
 */
#pragma once

#include "dladm/dlmgmt-door.h"
#include "zoned/dls-stat.h"
#include "zoned/zoned.h"
#include "linux/rtnl.h"
#include "zone/dld-door.h"

#include <pthread.h>
#include <sys/queue.h>

/* dd_flags. Neither of the first two is visible outside of the dls half. */
#define DD_CONDEMNED	0x1u
#define DD_INITIALIZING 0x4u
#define DD_NAMECHECK	0x10u /* dlmgmtd may know it by another name; asked by the watcher */
#define DD_UNTOLD	0x8u  /* dlmgmtd could not be told the current zone; told by the watcher */
#define DD_IMPLICIT	0x2u  /* a tunnel made for who held its name; goes with the last hold */
#define DD_LEFT		0x40u /* was made for a zone that is gone; ended by the watcher */
#define DD_PULLED                                                                                  \
	0x80u /* a NIC that went at home while a zone had its twin; let go by the watcher */
#define DD_UNHELD 0x20u /* implicit, and nobody holds it any more; ended by the watcher */

/* What the watcher has to see to; INITIALIZING is of a NIC alone. */
#define DD_UNFINISHED (DD_NAMECHECK | DD_UNTOLD | DD_LEFT | DD_PULLED | DD_UNHELD)

#define DLS_PORT_LIMIT 1023 /* of a bridge */

struct mac_ops;

/* Where a device is: a zone's network namespace and its index in there. */
struct dls_place {
	zoneid_t zone;
	uint64_t netns; /* inode */
	int ifindex;	/* 0: nowhere */
};

/* How a link is found by its zone and by the numbers of its devices; dls-index.c. */
struct devnet_number {
	LIST_ENTRY(devnet_number) next; /* in the bucket */
	struct devnet *dd;
	int ifindex; /* 0: it is in no bucket */
};
struct devnet_index {
	bool in_table;
	zoneid_t listed_in;	    /* GLOBAL_ZONEID: in no list of a zone */
	LIST_ENTRY(devnet) of_zone; /* the others of that zone */
	zoneid_t leaves, bound_for; /* while it changes its zone */
	LIST_ENTRY(devnet) moves;   /* the others that do */
	struct devnet_number numbers[5];
};

/* One link. */
struct devnet {
	struct devnet *dd_next;	      /* devnet lock, both */
	struct devnet_index dd_index; /* dls-index.c */
	pthread_mutex_t dd_perim;
	pthread_mutex_t dd_mutex;
	pthread_cond_t dd_cv; /* dd_tref fell to 0 */

	/* dd_mutex: */
	uint32_t dd_ref;   /* holds: 1 for the table, 1 for each upper link, 1 while lent */
	uint32_t dd_holds; /* of processes, by name (dls-implicit.c) */
	uint32_t dd_tref;  /* temporary ones; dls_devnet_free() waits for them */
	unsigned int dd_flags;
	struct dls_count dd_count;

	/* Written in the perimeter and under dd_mutex both, read in or under either: */
	datalink_id_t dd_linkid; /* 0 while dlmgmtd has not named a NIC */
	char dd_linkname[MAXLINKNAMELEN];
	uint32_t dd_class;
	uint32_t dd_media;
	zoneid_t dd_owner_zid; /* zone that made it, in whose network namespace it is at home */
	bool dd_transient;     /* goes away with the zone it is in */
	struct dls_place dd_at;
	struct dls_place dd_to;	  /* while it moves: where it may be already */
	int dd_home_ifindex;	  /* index it has at home; of a NIC, kept free for its return */
	char dd_device[IFNAMSIZ]; /* kernel's name of it at home */
	datalink_id_t dd_over;	  /* lower link, 0 when there is none */
	int dd_port;		  /* index of a vnic's end in the bridge, 0 when it has none */
	int dd_twin_port;	  /* the same of the device that a zone has of it */
	uint8_t dd_mac[6];	  /* zeros: not known */
	uint32_t dd_mactype;
	uint32_t dd_mtu;	      /* 0: whatever the device has */
	struct dld_spec dd_spec;      /* what it is made of */
	const struct mac_ops *dd_ops; /* constant */
};

static inline bool dls_at_home(const struct devnet *dd)
{
	return dd->dd_at.zone == dd->dd_owner_zid;
}

/* ---- dls.c ---- */

/* Home, as a descriptor that lives as long as zoned, and its inode. */
int dls_home(void);
uint64_t dls_home_inode(void);

/* rtnetlink in a zone's network namespace. -ENXIO no such zone or it is not up. */
int dls_nl_open(zoneid_t zone, struct nl **ret);

/* Inode of that namespace, 0 when there is none. */
uint64_t dls_inode_of(zoneid_t zone);

/* ---- dls-devnet.c: the table ---- */

/* A link that is not in the table yet: INITIALIZING, dd_ref 1. -ENOMEM, -ENOTSUP for the class. */
int dls_devnet_new(uint32_t class, struct devnet **ret);

/* Puts it into the table. -EEXIST when its linkid is there. */
int dls_devnet_insert(struct devnet *dd);

/*
 * Gives a link of the table its id and name (a NIC that dlmgmtd had not seen),
 * once. -EEXIST when another has the id.
 */
int dls_devnet_identify(struct devnet *dd, datalink_id_t id, const char *name);

/*
 * Gives a link that only the table holds another id. -EEXIST when another has the id, -EBUSY.
 * In the perimeter.
 */
int dls_devnet_renumber(struct devnet *dd, datalink_id_t id);
void dls_devnet_set_linkname(struct devnet *dd, const char *name);

/* Makes it visible. */
void dls_devnet_ready(struct devnet *dd);

/*
 * Takes a link out of the table if only the table holds it, else -EBUSY; after
 * that nobody finds it. The caller is in its perimeter and undoes it with
 * dls_devnet_restore(), or leaves the perimeter and calls dls_devnet_free(),
 * which waits for temporary references (release your own first).
 */
int dls_devnet_condemn(struct devnet *dd);
void dls_devnet_restore(struct devnet *dd);
void dls_devnet_free(struct devnet *dd);

/* -ENOENT when there is no visible link of that id. */
int dls_devnet_hold(datalink_id_t id, struct devnet **ret);
void dls_devnet_rele(struct devnet *dd);
int dls_devnet_hold_tmp(datalink_id_t id, struct devnet **ret);
void dls_devnet_rele_tmp(struct devnet *dd);

/*
 * Enters the perimeter of a link that is temporarily held. -ENOENT (and not
 * entered) when the link was condemned meanwhile.
 */
int dls_perim_enter(struct devnet *dd);
void dls_perim_exit(struct devnet *dd);

/* All links, INITIALIZING ones too, each temporarily held. -ENOMEM. */
int dls_devnet_snapshot(struct devnet ***ret, size_t *ret_count);
/*
 * Those that are in the zone, or on the way to it or from it: where these end, their perimeters tell.
 * It costs what these are, however many links there are.
 */
int dls_devnet_snapshot_in(zoneid_t zone, struct devnet ***ret, size_t *ret_count);
void dls_devnet_snapshot_free(struct devnet **all, size_t count);

/*
 * A link by a device at home: its own, also while that is hidden because a zone
 * has a twin of it, or a port in a bridge. Temporarily held; NULL: none.
 */
struct devnet *dls_devnet_hold_by_ifindex(int ifindex);

/*
 * Gives the link a MAC address if no other link over the same one has it, in
 * one step. -EADDRINUSE.
 */
int dls_devnet_reserve_mac(struct devnet *dd, const uint8_t mac[6]);

/* True when the zone sees the link: it made it or has it. */
bool dls_devnet_visible(struct devnet *dd, zoneid_t zone);

/* Changes of the fields that dd_mutex guards; the caller is in the perimeter. */
void dls_devnet_set_place(struct devnet *dd, struct dls_place at);
void dls_devnet_set_target(struct devnet *dd, struct dls_place to);
/*
 * It changes its zone now: before the other one is asked for its namespace. The end of either waits for
 * it. Both GLOBAL_ZONEID: that is over.
 */
void dls_devnet_set_moving(struct devnet *dd, zoneid_t from, zoneid_t to);
void dls_devnet_set_device(struct devnet *dd, const char *name);
void dls_devnet_set_port(struct devnet *dd, int port);
void dls_devnet_set_twin_port(struct devnet *dd, int port);
/* The device at home that a lent link comes back to is gone. */
void dls_devnet_forget_home(struct devnet *dd);
void dls_devnet_set_mac(struct devnet *dd, const uint8_t mac[6]);
void dls_devnet_set_mtu(struct devnet *dd, uint32_t mtu);
void dls_devnet_set_spec(struct devnet *dd, const struct dld_spec *spec);
void dls_devnet_set_flag(struct devnet *dd, unsigned int flag, bool on);

/* Sets a flag of the link of that id, whatever its state; needs no perimeter. -ENOENT. */
int dls_devnet_mark(datalink_id_t id, unsigned int flag);

/* A copy of the guarded fields. */
struct devnet_info {
	datalink_id_t linkid;
	char linkname[MAXLINKNAMELEN];
	uint32_t class;
	uint32_t media;
	zoneid_t owner_zid;
	bool transient;
	unsigned int flags;
	struct dls_place at, to;
	int home_ifindex;
	char device[IFNAMSIZ];
	datalink_id_t over;
	int port, twin_port;
	uint8_t mac[6];
	uint32_t mactype;
	uint32_t mtu;
	struct dld_spec spec;
};
void dls_devnet_info(struct devnet *dd, struct devnet_info *ret);
/* Of the link of that id, whatever its state. -ENOENT. */
int dls_devnet_info_of(datalink_id_t id, struct devnet_info *ret);

/*
 * Has any link had one of DD_UNFINISHED set, or a NIC come, since it was last asked? It is said by
 * whoever does that, and by the watcher when it has to try again.
 */
bool dls_devnet_any_unfinished(void);
void dls_devnet_unfinished(void);

/* ---- dls-index.c: by zone and by number; the devnet lock is held ---- */

/* The link is in the table now, or not any more, or its places or ports have changed. */
void dls_index_add(struct devnet *dd);
void dls_index_remove(struct devnet *dd);
void dls_index_update(struct devnet *dd);
void dls_index_move(struct devnet *dd, zoneid_t from, zoneid_t to);

/*
 * Calls fn for the links of a zone, those on the way to it or from it among them; for those that may
 * have the device of that number, until fn is true.
 */
void dls_index_of_zone(zoneid_t zone, void (*fn)(struct devnet *dd, void *arg), void *arg);
struct devnet *dls_index_by_number(int ifindex, bool (*fn)(struct devnet *dd, int ifindex));

/* ---- dls-upcall.c: dlmgmtd ---- */

/*
 * Upcalls: 0 or a negative errno. -EBADF: no dlmgmtd. They block while dlmgmtd
 * works, and up to 4 s more while it says EAGAIN.
 */
int dls_mgmt_create(const char *devname, uint64_t phyinst, uint32_t class, uint32_t media,
	bool persist, datalink_id_t *ret, enum dlmgmt_was *ret_was);
int dls_mgmt_destroy(datalink_id_t id, bool persist);
/* The global zone's link of that name. */
int dls_mgmt_get_linkid(const char *name, datalink_id_t *ret);
struct dls_linkinfo {
	char name[MAXLINKNAMELEN];
	uint32_t class;
	uint32_t media;
	uint32_t flags; /* DLMGMT_* */
};
int dls_mgmt_get_linkinfo(datalink_id_t id, struct dls_linkinfo *ret);
/* The next link after id of a class mask and flags mask, DATALINK_INVALID_LINKID at the end. */
int dls_mgmt_get_next(datalink_id_t id, uint32_t class, uint32_t flags, datalink_id_t *ret);
int dls_mgmt_remap(datalink_id_t id, const char *name);
int dls_mgmt_setzoneid(datalink_id_t id, zoneid_t zone);

/* ---- dls-state.c: what a restarted zoned cannot read elsewhere ---- */

/*
 * Writes what the table has of a link to <run>/zones/linkstate, or that there is no such link
 * any more. Logs and returns a negative errno on failure.
 */
int dls_state_save(datalink_id_t id);
/* The whole table, and nothing else. */
int dls_state_save_all(void);

/* Reads it back: fn for each link. 1; 0 when there is nothing of this home. -EBADMSG: damaged. */
int dls_state_load(int (*fn)(const struct devnet_info *i, void *arg), void *arg);

/* ---- dls-link.c: making ---- */

struct dls_link_args {
	datalink_id_t over;
	uint32_t mactype;
	uint8_t mac[6];
	uint8_t prefix_len;
	struct dld_spec spec;
	const datalink_id_t *ports;
	size_t nports;
};

/*
 * Looks the link up at dlmgmtd. args: NULL for an etherstub. owner: the zone that asks for it,
 * whose link it has to be.
 */
int dls_link_create(datalink_id_t id, uint32_t class, const struct dls_link_args *args,
	zoneid_t owner, struct diag *d);

/* ---- dls-address.c ---- */

/* Gives the link the MAC address that its device is made with, if that is not the kernel's to choose. */
int dls_address_choose(struct devnet *dd, const struct dls_link_args *args, struct diag *d);

/* ---- dls-device.c: the device; in the perimeter ---- */

/* Makes it at home. lower: held, NULL when there is none; its perimeter is entered meanwhile. */
int dls_device_make(struct devnet *dd, struct devnet *lower, struct nl *home,
	const struct dls_link_args *args, struct diag *d);

/*
 * Makes the device of a link of the table again at home, with its MAC address,
 * over its lower link, after removing what may be left of it.
 */
int dls_link_remake(struct devnet *dd, struct diag *d);

/* The link below another, temporarily held and its perimeter entered, and what it is to drivers. */
struct mac_lower;
int dls_link_lower_enter(struct devnet *dd, struct nl *home, struct devnet **ret,
	struct mac_lower *ret_below, struct diag *d);
void dls_link_lower_exit(struct devnet *lower);

/* ---- dls-end.c: the end of a link ---- */

int dls_link_delete(datalink_id_t id, struct diag *d);

/*
 * The namespace of the zone that made the link goes, and the device with it. In the perimeter,
 * which it leaves, with a temporary hold, which it releases. -EBUSY, with neither, while there are
 * links over it.
 */
int dls_link_end_own(struct devnet *dd);

/*
 * The device of a link went away by itself: drops the link and tells dlmgmtd, or
 * keeps it without a device while others hold it. In the perimeter, which it
 * leaves, and with a temporary hold, which it releases.
 */
void dls_link_vanished(struct devnet *dd);

/* ---- dls-zone.c: links that were made for one zone ---- */

/* Ends one that is at home; true when it has to be tried again. Not in a perimeter, no hold. */
bool dls_transient_end(datalink_id_t id);
/* Tells dlmgmtd of those that ended while it was away; true when it still is. The watcher's. */
bool dls_untold_complete(void);
/* After a restart: one that is at home was on its way out, or never came to its zone. In the perimeter. */
void dls_transient_restart(struct devnet *dd);

/* ---- dls-implicit.c: tunnels that are there as long as somebody holds their name ---- */

/*
 * Holds a link of the global zone by its name; one that has the name of an implicit tunnel is made
 * when it is not there. -ENOENT. Not in a perimeter. The link cannot end while it is held so, but
 * can be lent.
 */
int dls_devnet_hold_by_name(const char *name, struct devnet **ret, struct diag *d);
void dls_devnet_rele_by_name(struct devnet *dd);

/* With dd_mutex held: marks an implicit link that nobody holds; true when it did. */
bool dls_implicit_unheld(struct devnet *dd);
/* After a restart: the holds of processes ended with the zoned before. */
void dls_implicit_restart(struct devnet *dd);
/* Ends a link that is marked; true when it has to be tried again. Not in a perimeter, no hold. */
bool dls_implicit_end(datalink_id_t id);

/* What can be polled for the ends of processes' holds, and what then hears them. */
int dls_implicit_ear(void);
void dls_implicit_hear(void);

/* DLD_HOLD. */
int dls_hold_command(struct zoned_call *call);

/* ---- dls-port.c: links in an aggr or a bridge ---- */

/*
 * All of the links become ports of dd, or stop to be, or none does. In the perimeter of dd, which
 * is the upper one. Who is whose port is the kernel's to know and stands in no table.
 */
int dls_ports_add(
	struct devnet *dd, const datalink_id_t *ports, size_t n, struct nl *home, struct diag *d);
int dls_ports_remove(
	struct devnet *dd, const datalink_id_t *ports, size_t n, struct nl *home, struct diag *d);

/* ---- dls-twin.c: a vnic in a zone ---- */

/* As dls_move_out() and dls_move_home(), for links whose driver can make a twin. In the perimeter. */
int dls_twin_out(struct devnet *dd, zoneid_t zone, int netns, struct diag *d);
int dls_twin_home(struct devnet *dd, int netns, bool dying, struct diag *d);

/*
 * A NIC goes as it is unless it has to be held from outside; then the zone gets a twin of it that is led to
 * it, and it stays. Is the link lent that way, or would it be now? In the perimeter.
 */
bool dls_twin_has(const struct devnet *dd);
bool dls_twin_wanted(const struct devnet *dd);

/* Where the device is whose hardware the link's is: of a NIC with a twin, at home. */
struct dls_place dls_device_place(const struct devnet *dd);

/* Is the device a port that we made for a twin? */
bool dls_twin_is_port(const struct nl_link *l);

/* Removes the twins whose time is over; true when there are others. The watcher's. */
bool dls_twin_reap(void);

/* Removes those that an earlier zoned left. */
void dls_twin_sweep(struct nl *home);

/* ---- dls-move.c: between network namespaces ---- */

/* 0, or -EBUSY and a sentence when somebody uses the device. In the perimeter. */
int dls_link_busy(struct devnet *dd, struct diag *d);

/*
 * Lends the link to a zone or takes it home. In the perimeter. On failure it is where it was.
 * netns: the zone's, FD_NONE when it is gone. dying: the namespace will go now, and what of the link
 * is in there may go with it.
 */
int dls_move_out(struct devnet *dd, zoneid_t zone, struct diag *d);
int dls_move_home(struct devnet *dd, int netns, bool dying, struct diag *d);

/* Names its device where it is now: wanted, else dl<linkid>, else the name it has. In the perimeter. */
void dls_name_device(struct devnet *dd, struct nl *nl, const char *wanted);

/* A name and an index that are free as good as certainly. */
void dls_random_name(char ret[static IFNAMSIZ]);
int dls_random_index(void);
int dls_rename_random(struct nl *nl, int ifindex);

/* Gives the device its right name after a move that was cut off. In the perimeter. */
void dls_move_rename(struct devnet *dd);

/* The zone property: everything, with dlmgmtd, or nothing. The link is temporarily held. */
int dls_devnet_setzid(struct devnet *dd, zoneid_t zone, struct diag *d);

/* Tells dlmgmtd the zone of a link when that had failed. In the perimeter. */
void dls_move_tell(struct devnet *dd);

/* ---- dls-watch.c: NICs, and links that change without us ---- */

/* Opens the ear; before anything looks at the devices, so that nothing is missed. */
int dls_watch_open(void);
/* Takes in every NIC that is at home now. */
int dls_watch_scan(void);
/* Tries what waits for dlmgmtd; true when something is left. Not while the thread runs. */
bool dls_watch_complete(void);
/* Lets the thread run; from then on dlmgmtd may be told of zones, which calls back. */
int dls_watch_start(void);
bool dls_watch_started(void);
/* Wakes the thread: there is something to complete. */
void dls_watch_kick(void);
/* Is the device a physical link? */
bool dls_watch_is_nic(const struct nl_link *l);
/* Asks dlmgmtd for the name of a NIC. In the perimeter. */
int dls_watch_identify(struct devnet *dd);

/* ---- dls-view.c: what the kernel tells of a link now ---- */

/*
 * The sockets that a look at many links goes through, and what was seen last: many vnics are
 * over one link. All zeros to start with; used by one thread.
 */
struct dls_view {
	struct nl *home, *away; /* NULL: not open */
	zoneid_t zone;		/* where away is */
	struct dld_linkinfo_reply below;
	bool below_known;
	int master; /* a device at home, and the bridge that it is: 0 for none */
	datalink_id_t bridge;
};
void dls_view_end(struct dls_view *v);
#define _cleanup_view_ _cleanup_(dls_view_end)

/* rtnetlink in a zone's network namespace, open until the view ends or another zone is looked at. */
int dls_view_nl(struct dls_view *v, zoneid_t zone, struct nl **ret);

/*
 * All of LINKINFO but the head, as a caller in that zone may see it. Takes no perimeter: a link that
 * is just being moved would keep dladm waiting. Without a device what it tells is missing.
 */
void dls_view_linkinfo(
	struct dls_view *v, struct devnet *dd, zoneid_t caller, struct dld_linkinfo_reply *ret);

/* The same of a link at home that others are over, device "" when it has none; NULL: no such link. */
const struct dld_linkinfo_reply *dls_view_below(struct dls_view *v, datalink_id_t id);

/* ---- dls-list.c ---- */

/* DLD_NEXT and DLD_LINKS. */
int dls_next_command(struct zoned_call *call);
int dls_links_command(struct zoned_call *call);

/* ---- dls-rename.c ---- */

/* DLD_RENAME. */
int dls_rename_command(struct zoned_call *call);

/* Follows dlmgmtd's name of a link with DD_NAMECHECK; false when it has to be asked again. In the perimeter. */
bool dls_rename_check(struct devnet *dd);

/* ---- dls-restart.c ---- */

/* Rebuilds the table from the state file, the kernel and dlmgmtd. */
int dls_restart(void);

/* ---- dls-derive.c ---- */

/* Puts a link that dlmgmtd has as active into the table by its device. -ENODEV: not found. */
int dls_derive(datalink_id_t id, struct nl *home);

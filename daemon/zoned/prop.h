/* SPDX-License-Identifier: MIT */
/*
 * Properties of links that the kernel's device does not keep: which are set
 * (prop-table.c), what they ask for together with the zone that has the link (prop.c),
 * and the two that see to it, at home and out of the zone's reach: the packet filter
 * (protect.c, protect-rules.c, protect-cids.c) and the limits (bandwidth.c).
 */
#pragma once

#include "zoned/mac.h"

#include "dladm/property.h"
#include "linux/nft.h"

#define LINK_NETS_MAX (DLADM_PROP_VALUES * 2) /* the property's and the zone's */
#define LINK_MACS_MAX (DLADM_PROP_VALUES + 1)

/* What is asked for. */
struct link_wish {
	unsigned int protection; /* DLADM_PROTECT_* */
	unsigned int dynamic;	 /* DLADM_DYNAMIC_*; with ip-nospoof only */
	size_t nnets;
	struct dladm_net nets[LINK_NETS_MAX];
	size_t nmacs;
	uint8_t macs[LINK_MACS_MAX][6]; /* the link's own is the first */
	bool filtered;			/* promisc-filtered */
	uint64_t maxbw;			/* bits per second; 0: no limit */
	bool any_cid;			/* allow-all-dhcp-cids */
	char cids[DLADM_PROP_VALLEN];	/* allowed-dhcp-cids; with dhcp-nospoof only */
	int priority;			/* of a packet, TC_PRIO_*; -1: whatever it has */
};

/* Where: a device at home that all of the link's traffic goes through. */
struct link_point {
	datalink_id_t linkid;
	int ifindex; /* 0: there is none */
	bool up;
	char device[IFNAMSIZ];
	bool port; /* what the link sends comes in there; else it goes out there */
	int master;
	uint8_t mac[6]; /* of the device, which is the link's own when that is not a port */
	int uplink; /* at home, what the port is led to; 0: it is a bridge's, or there is none */
	char uplink_device[IFNAMSIZ];
};

/* ---- prop-table.c ---- */

/* Reads <run>/zones/linkprops. -EBADMSG: damaged; what could be read is there. */
int prop_table_load(void);

/* The text that is set; false: none. */
bool prop_table_get(datalink_id_t id, const char *prop, char ret[DLADM_PROP_VALLEN]);

/* Sets it, on disk when the call returns; text NULL: takes it out. A failure changes nothing. */
int prop_table_set(datalink_id_t id, const char *prop, const char *text);

/* What the device had before the property was set the first time; value NULL: takes it out. */
bool prop_table_get_first(datalink_id_t id, const char *prop, char ret[DLADM_PROP_VALLEN]);
int prop_table_set_first(datalink_id_t id, const char *prop, const char *value);

/*
 * What was set ("": nothing) before the zone that has the link asked for something else; value
 * NULL: takes it out.
 */
bool prop_table_get_lent(datalink_id_t id, const char *prop, char ret[DLADM_PROP_VALLEN]);
int prop_table_set_lent(datalink_id_t id, const char *prop, const char *value);

/* Is any property of the link set? */
bool prop_table_any(datalink_id_t id);

/* Takes out all of a link's. */
void prop_table_forget(datalink_id_t id);

/* Those of links for which known() is false. */
void prop_table_sweep(bool (*known)(datalink_id_t id));

/* ---- prop-upcall.c: dlmgmtd; 0 or a negative errno ---- */

/* Whether the link's configuration has any. */
int prop_upcall_any(datalink_id_t id, bool *ret);
/* -ENOENT: not this one. */
int prop_upcall_get(datalink_id_t id, const char *prop, char ret[DLADM_PROP_VALLEN]);

/* ---- prop.c; all in the link's perimeter, unless said otherwise ---- */

/*
 * Puts in force what is asked for at the device that the link has now. fresh: it was just made,
 * so nothing has to be taken away. -ENOTSUP when it cannot be enforced there.
 */
int dls_prop_settle(struct devnet *dd, bool fresh, struct diag *d);

/* Whether the link itself, without its zone, is to be held from outside. */
bool dls_prop_asks(const struct devnet *dd);

/* Loads what dlmgmtd has of a link that comes up, and puts it in force. */
int dls_prop_load(struct devnet *dd, struct diag *d);

/* Takes back what is set, as far as that can be: the device is as if nothing ever was. */
void dls_prop_reset_all(struct devnet *dd);

/* No link has the id any more; needs no perimeter. */
void dls_prop_forget(datalink_id_t id);

/* After a restart, before any link is looked at: which properties are set. */
void dls_prop_restart_load(void);
/* Everything again after a restart; before the door is served. */
void dls_prop_restart(void);

/* The link became a port of a bridge: what it has as one. */
int dls_prop_joined(struct devnet *dd, struct diag *d);

int dls_prop_get(struct devnet *dd, const char *prop, struct dld_getprop_reply *ret);
/* Those from an index of the table on, as many as have room; those that the device lacks are not there. -ENOMEM. */
int dls_prop_get_all(struct devnet *dd, uint32_t from, struct dld_getprops_reply *ret);
/* text NULL: reset. */
int dls_prop_set(struct devnet *dd, const char *prop, const char *text, struct diag *d);
/* Only in the table or the device; the caller settles the link. The value is canonical. */
int dls_prop_put(
	struct devnet *dd, const struct dladm_property *prop, const char *value, struct diag *d);

/* ---- prop-lent.c: properties that a link has while a zone has it; in the link's perimeter ---- */

/* text NULL: back to what was before. -ENXIO: another zone has it, or none. */
int dls_prop_set_lent(
	struct devnet *dd, zoneid_t zone, const char *prop, const char *text, struct diag *d);
/* An administrator set the property himself: that is what stays. */
void dls_prop_lent_is_kept(struct devnet *dd, const char *prop);
/* The link is at home: everything back that a zone had asked for. The caller settles it. */
void dls_prop_lent_ends(struct devnet *dd);

/* ---- prop-device.c: properties that the kernel's device has; in the link's perimeter ---- */

struct device_view; /* while it is open, what the device told is not asked for twice */
struct device_view *device_view_open(struct devnet *dd); /* NULL: no memory */
void device_view_close(struct device_view *v);

/* Value, default and possible values. -ENOTSUP: the device has no such property. */
int device_prop_get(
	struct device_view *v, const struct dladm_property *prop, struct dld_getprop_reply *ret);
/* In the device and in the table, or in none; text NULL: back to the default. -ENOTSUP, -EINVAL. */
int device_prop_set(
	struct device_view *v, const struct dladm_property *prop, const char *text, struct diag *d);
/* Whatever of them is set, in a device that may have it no more; joined: it became a port. */
int device_props_again(struct devnet *dd, bool joined, struct diag *d);

/* ---- protect.c ---- */

/* Why a frame was dropped, in the order of the names. */
enum protect_reason {
	PROTECT_MAC_NOSPOOF,
	PROTECT_RESTRICTED,
	PROTECT_IP_NOSPOOF,
	PROTECT_DHCP_NOSPOOF,
	PROTECT_REASONS,
};
_Static_assert(DLD_STAT_COUNT - DLD_STAT_OF_DEVICE == PROTECT_REASONS, "in this order");
extern const char *const protect_reason_names[PROTECT_REASONS];

/* Frames of the link dropped since it was made, for each reason; zeros when nothing was asked for. */
int dls_protect_drops(datalink_id_t id, uint64_t ret[PROTECT_REASONS]);

/*
 * The rules of a link, all at once in place of those it had. forward: device at home that what the
 * link sends (tx) or gets (rx) is sent through, 0 = none.
 */
struct protect_ways {
	int tx_forward, rx_forward;
};
int protect_apply(const struct link_point *at, const struct link_wish *w,
	const struct protect_ways *ways, struct diag *d);

/*
 * An address that the link may use for so many seconds; 0: not any more. The filter lets it pass
 * while the wish has methods to learn one.
 */
int protect_learned(datalink_id_t id, int family, const uint8_t *addr, uint32_t seconds);
/* Those that it may use now, "a,b". -ENOENT: it learns none. */
int protect_learned_list(datalink_id_t id, char ret[DLADM_PROP_VALLEN]);

/* Takes them away, and the counts. */
void protect_forget(datalink_id_t id);
/* Learns which links have rules, and takes away those of links for which known() is false. */
void protect_restart(bool (*known)(datalink_id_t id));

/* ---- protect-rules.c ---- */

struct protect_names { /* of the chains of one link; the first is the one at the device */
	char tx[16], rx[16], mac[16], type[16], arp[16], ip4[16], ip6[16], nd[16], dhcp[16];
};
/* Of the set of addresses that were learned. */
void protect_set_name(datalink_id_t id, int family, char ret[static 16]);
void protect_rules(struct nft *n, const struct protect_names *names, const struct link_point *at,
	const struct link_wish *w, const struct protect_ways *ways);
void protect_counter_name(datalink_id_t id, enum protect_reason reason, char ret[static 48]);

/* ---- bandwidth.c ---- */

/* Before the rules: makes the queues. ret: what the rules have to lead through them. */
int bandwidth_prepare(struct nl *home, const struct link_point *at, const struct link_wish *w,
	struct protect_ways *ret, struct diag *d);
/* After the rules: takes away what is not needed any more. */
int bandwidth_finish(
	struct nl *home, const struct link_point *at, const struct link_wish *w, struct diag *d);
/* The link is gone. */
void bandwidth_forget(struct nl *home, datalink_id_t id);

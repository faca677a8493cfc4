/* SPDX-License-Identifier: MIT */
/*
 * The protocol of zoned's door, <run>/zone_door: the zone(2) system call of
 * illumos and the ioctls of its dld driver.
 *
 * Every request starts with a command number and has exactly the size of its
 * structure (plus what its count says for the two that end in an array). Every
 * reply starts with an errno (0 = done) and a line for the operator, empty when
 * errno says it all. A request of another size or number is EINVAL. A command's
 * meaning never changes: a new one gets a new number.
 *
 * Commands below 32 are zone(2)'s with its numbers, from 32 on what illumos has other
 * system calls for (events, resource controls, kstats), from 64 on the dls half.
 */
#pragma once

#include <net/if.h>
#include <zone.h>

#include "dladm/datalink.h"

#define ZONED_DOOR     "/run/zones/zone_door" /* below the prefix */
#define ZONED_DOOR_IN  "/dev/zones/zone_door" /* inside a zone */
#define ZONE_DOOR_TEXT 256
#define ZONE_VERSION   1
#define ZONE_RCTLS_MAX 32
#define ZONE_RCTL_NAME 64
/*
 * What the root of a zone that is mounted for repair ends with, below its zonepath. Linux: nothing is
 * there on the host; and such a zone has a process 1, so that it can be entered.
 */
#define ZONE_SCRATCH_ROOT "/lu"
#define ZONE_DATA_MAX	  8192 /* largest attribute value */

enum zone_cmd {
	ZONE_CREATE = 0,
	ZONE_DESTROY = 1,
	ZONE_GETATTR = 2,
	ZONE_ENTER = 3,
	ZONE_LIST = 4,
	ZONE_SHUTDOWN = 5,
	ZONE_LOOKUP = 6,
	ZONE_BOOT = 7,
	ZONE_VERSION_GET = 8,
	ZONE_SETATTR = 9,
	ZONE_ADD_DATALINK = 10,
	ZONE_DEL_DATALINK = 11,
	ZONE_CHECK_DATALINK = 12,
	ZONE_LIST_DATALINK = 13,

	ZONE_EVENTS_READ = 32,
	ZONE_EVENTS_SUBSCRIBE = 33,
	ZONE_RCTL_GET = 34,
	ZONE_RCTL_SET = 35,
	ZONE_RCTL_LOG_GET = 44,
	ZONE_RCTL_LOG_SET = 45,
	ZONE_DELEGATE = 46,
	ZONE_HOST_DOWN = 47, /* the number alone: no zone gets to RUNNING from now on */
	ZONE_FIND_BY_PATH = 48,
	ZONE_STACK_CHECK =
		50, /* can this host hold a zone of ip-type shared? EOPNOTSUPP with the reason */

	DLD_ETHERSTUB_CREATE = 64,
	DLD_VNIC_CREATE = 65,
	DLD_DELETE = 66,
	DLD_LINKINFO = 67,
	DLD_SETZONE = 68,
	DLD_SETMTU = 69,
	DLD_GETPROP = 80,
	DLD_SETPROP = 81,
	DLD_GETPROPS = 82,
	DLD_RENAME = 90,
	DLD_NEXT = 91,
	DLD_LINKS = 92,
	DLD_HOLD = 93,
	DLD_KNOWN = 94,
	DLD_RENAMED = 95,
};

/* The reply of a command that returns nothing else, and the head of every other. */
struct zone_reply {
	int32_t err; /* errno, positive; 0 = done */
	int32_t pad;
	char text[ZONE_DOOR_TEXT];
};

enum zone_rctl_priv { ZRCTL_BASIC = 1, ZRCTL_PRIVILEGED = 2 };
enum zone_rctl_action { ZRCTL_NONE = 0, ZRCTL_DENY = 1 };

struct zone_rctl_value {
	char name
		[ZONE_RCTL_NAME]; /* "zone.max-lwps"; sizes in bytes, cpu-cap in percent of a CPU */
	uint32_t priv;
	uint32_t action;
	uint64_t limit;
};

struct zone_create_req {
	uint32_t cmd;
	uint32_t
		flags; /* ZF_NET_EXCL (without it the zone is on the host's network stack), ZF_SCRATCH */
	char name[ZONENAME_MAX];
	char root[ZONEROOT_MAX];      /* absolute path of the zone's root on the host */
	char limitpriv[ZONEROOT_MAX]; /* comma list; "" = default */
	uint32_t nrctls;
	int32_t did; /* of zonecfg (debugid), 0: none; it means nothing to zoned */
	struct zone_rctl_value rctls[]; /* nrctls of them */
};

struct zone_create_reply {
	struct zone_reply head;
	int32_t exterr; /* ZE_* */
	zoneid_t zoneid;
	uint64_t uniqid;
};

/* DESTROY, ENTER, SHUTDOWN, BOOT; STACK_CHECK, of the global zone */
struct zone_id_req {
	uint32_t cmd;
	zoneid_t zoneid;
};

struct zone_getattr_req {
	uint32_t cmd;
	zoneid_t zoneid;
	uint32_t attr;
	uint32_t bufsize; /* bytes the caller has room for, at most ZONE_DATA_MAX */
	uint32_t linkid;  /* ZONE_ATTR_NETWORK: which link; else 0 */
	uint32_t nettype; /* ZONE_ATTR_NETWORK: which data; else 0 */
};

struct zone_getattr_reply {
	struct zone_reply head;
	uint32_t size; /* of the whole value, which may be more than was asked for */
	uint32_t pad;
	char data[]; /* min(size, bufsize) bytes */
};

struct zone_setattr_req {
	uint32_t cmd;
	zoneid_t zoneid;
	uint32_t attr;
	uint32_t size;
	char data[]; /* size bytes; strings with their NUL */
};

enum zone_net_type {
	ZONE_NETWORK_ADDRESS = 1,
	ZONE_NETWORK_DEFROUTER = 2,
	ZONE_NETWORK_DOWN = 3, /* SET in a running zone, no value: the link is to be taken back */
	ZONE_NETWORK_SHARED =
		4, /* SET, linkid 0: "DEVICE ADDRESS/PREFIX [ROUTER]" of a shared zone */
};

/*
 * Value of ZONE_ATTR_NETWORK. Until the zone is booted each can be set once. In a running zone it
 * can be changed, "" being none, and the link follows at once: it is up, the addresses
 * and the route that it was given before are gone, the new ones are there. DOWN takes all
 * addresses away, those too that the zone's root has added, and the link is down.
 */
struct zone_net_data {
	uint32_t type;
	datalink_id_t linkid;
	char value[512]; /* comma list of "address/prefix", or one router address */
};

struct zone_list_req {
	uint32_t cmd;
	uint32_t max; /* ids the caller has room for */
};

struct zone_list_reply {
	struct zone_reply head;
	uint32_t count; /* of zones, which may be more than max */
	uint32_t pad;
	zoneid_t ids[]; /* min(count, max) */
};

struct zone_lookup_req {
	uint32_t cmd;
	uint32_t self; /* non-zero: the caller's own zone, name ignored */
	char name[ZONENAME_MAX];
};

/* A caller in a zone is in that one with every path. */
struct zone_path_req {
	uint32_t cmd;
	uint32_t any;	 /* 0: roots of zones; 1: their zonepaths as well */
	char path[4096]; /* absolute, as the global zone sees it, without symbolic links */
};

struct zone_id_reply { /* LOOKUP, FIND_BY_PATH, CHECK_DATALINK, VERSION_GET (zoneid = ZONE_VERSION) */
	struct zone_reply head;
	zoneid_t zoneid;
	int32_t pad;
};

struct zone_datalink_req { /* ADD, DEL, CHECK (ALL_ZONES finds the owner) */
	uint32_t cmd;
	zoneid_t zoneid;
	datalink_id_t linkid;
};

struct zone_list_datalink_req {
	uint32_t cmd;
	zoneid_t zoneid;
	uint32_t max;
};

struct zone_list_datalink_reply {
	struct zone_reply head;
	uint32_t count;
	uint32_t pad;
	datalink_id_t ids[];
};

/*
 * ENTER answers this, with descriptors in this order: user, mnt, net, ipc, uts
 * and cgroup namespace, pidfd of the zone's init. Global root only.
 */
enum zone_enter_fd {
	ZONE_ENTER_USER,
	ZONE_ENTER_MNT,
	ZONE_ENTER_NET,
	ZONE_ENTER_IPC,
	ZONE_ENTER_UTS,
	ZONE_ENTER_CGROUP,
	ZONE_ENTER_INIT,
	ZONE_ENTER_COUNT,
};

struct zone_enter_reply {
	struct zone_reply head;
	uint64_t caps; /* capability bounding mask of the zone */
	uint32_t uid_base;
	uint32_t flags; /* ZF_* */
	uint32_t start; /* ZONE_START_*, see confine.h */
	uint32_t pad;
	char name[ZONENAME_MAX];
	char cgroup[ZONENAME_MAX +
		    16]; /* relative group that the caller's child joins: "zones/web/zone" */
};

/* ---- events ---- */

/* What a status is called in events; BOOTING is READY, everything from SHUTTING_DOWN to DYING is one. */
enum zone_event_state {
	ZEV_UNINITIALIZED,
	ZEV_INITIALIZED,
	ZEV_READY,
	ZEV_RUNNING,
	ZEV_SHUTTING_DOWN,
	ZEV_FREE, /* the name can be used again */
	/* What the index of zones says, which has no zone id (-1). */
	ZEV_CONFIGURED,
	ZEV_INCOMPLETE,
	ZEV_INSTALLED,
	ZEV_ABSENT, /* there is no zone of that name */
	ZEV_STATE_COUNT,
};

enum zone_event_class {
	ZEV_STATUS = 1, /* oldstate became newstate */
	ZEV_INIT = 2,	/* init was started again in place, for the restarts-th time */
	ZEV_GAP = 3,	/* the events first to seq are not known any more; no zone */
	ZEV_LINK = 4,	/* a NIC came: a new link, or one that is known; of the global zone */
};

struct zone_event {
	uint64_t seq;  /* 1, 2, 3... over the zones of the whole host: a zone sees some of them */
	uint64_t when; /* nanoseconds since the epoch */
	uint64_t uniqid;
	uint64_t first; /* GAP; 0: the number that was asked for is of another series */
	zoneid_t zoneid;
	uint32_t event_class;
	uint32_t oldstate, newstate; /* STATUS: enum zone_event_state */
	uint32_t restarts;	     /* INIT */
	datalink_id_t linkid;	     /* LINK */
	uint32_t reconfigured;	     /* LINK: it is one that is known */
	uint32_t scratch;	     /* STATUS: of a zone that is mounted for repair (ZF_SCRATCH) */
	char linkname[MAXLINKNAMELEN]; /* LINK */
	char zonename[ZONENAME_MAX];
};

#define ZONE_EVENTS_MAX 256 /* in one reply */

struct zone_events_read_req {
	uint32_t cmd;
	uint32_t max;	/* events the caller has room for; 0 asks for the position only */
	uint64_t after; /* the number of the last event that the caller has */
};

/* A caller in a zone gets the events of that zone since it was created. */
struct zone_events_read_reply {
	struct zone_reply head;
	uint64_t position; /* what to ask for next time: everything up to it was looked at */
	uint32_t count;
	uint32_t more; /* there are further ones already */
	struct zone_event events[];
};

/*
 * SUBSCRIBE takes the number alone and answers a descriptor: it becomes readable when there
 * are events that the caller may see, and is at its end when zoned has gone. What is read
 * from it says nothing. -EMFILE: there are too many subscribers.
 */

/*
 * DELEGATE takes the number alone, of anybody in the global zone, and answers the socket of a
 * process that knows who the caller is: delegate-door.h. -EUSERS: too many work for that user
 * already.
 */

/* ---- resource controls of live zones ---- */

struct zone_rctl_get_req {
	uint32_t cmd;
	zoneid_t zoneid;
	char name[ZONE_RCTL_NAME];
};

#define ZONE_RCTL_UNKNOWN UINT64_MAX

struct zone_rctl_get_reply {
	struct zone_reply head;
	uint64_t usage; /* ZONE_RCTL_UNKNOWN: nobody counts it */
	uint64_t
		refused; /* requests that the kernel refused; ZONE_RCTL_UNKNOWN: it does not tell */
	uint32_t enforced; /* 0: this host has no means for it, and no value can be set */
	uint32_t count;
	struct zone_rctl_value values[ZONE_RCTLS_MAX];
};

enum zone_rctl_op {
	ZRCTL_OP_SET = 1, /* adds the value; one of the same limit and privilege gets its action */
	ZRCTL_OP_REPLACE, /* the first value of that privilege gets the limit; the action too if any */
	ZRCTL_OP_DELETE, /* the first that fits */
	ZRCTL_OP_ACTION, /* all that fit get the action */
};

#define ZRCTL_ANY UINT32_MAX /* as action: none was given */

struct zone_rctl_set_req {
	uint32_t cmd;
	zoneid_t zoneid;
	uint32_t op;
	uint32_t has_limit; /* DELETE, ACTION: only values of this limit */
	struct zone_rctl_value value;
};

/* ---- what is logged of controls that are hit, on the whole host ---- */

#define ZONE_RCTL_LOG_OFF    (-1)
#define ZONE_RCTL_LOG_RELOAD (-2) /* SET, name empty: as /etc/rctladm.conf has it now */

struct zone_rctl_log_req {
	uint32_t cmd;
	int32_t level; /* SET: a priority of syslog(3), OFF or RELOAD */
	char name[ZONE_RCTL_NAME];
};

struct zone_rctl_log_reply {
	struct zone_reply head;
	int32_t level;
	uint32_t loggable; /* 0: the kernel does not tell when it is hit */
};

/* ---- dls half ---- */

struct dld_link_req { /* ETHERSTUB_CREATE, DELETE, LINKINFO */
	uint32_t cmd;
	datalink_id_t linkid;
};

struct dld_vnic_req {
	uint32_t cmd;
	datalink_id_t linkid;
	datalink_id_t over;
	uint32_t mac_type; /* VNIC_MAC_ADDR_TYPE_* */
	uint8_t mac[6];	   /* FIXED: the address; RANDOM: the first prefix_len bytes */
	uint8_t prefix_len;
	uint8_t pad;
};

struct dld_linkinfo_reply { /* LINKINFO; VNIC_CREATE too, so that the caller learns the address */
	struct zone_reply head;
	datalink_id_t linkid;
	uint32_t link_class;
	uint32_t media;
	datalink_id_t over; /* 0 when there is none, DLD_HIDDEN when the caller does not see it */
	uint32_t mtu, mtu_min, mtu_max, mtu_default;
	uint32_t state;	 /* LINK_STATE_* */
	uint32_t duplex; /* LINK_DUPLEX_* */
	uint64_t speed;	 /* bits per second, 0 unknown */
	uint32_t mac_type;
	uint8_t mac[6];
	uint8_t pad[2];
	zoneid_t zoneid;       /* where it is */
	uint32_t ifindex;      /* in that zone's network namespace */
	char device[IFNAMSIZ]; /* the kernel's name of it there */
	datalink_id_t bridge;  /* it is a port of; 0: of none that the caller sees */
	uint32_t vid;	       /* vlan, vnic; 0: none */
};

#define DLD_HIDDEN UINT32_MAX

/*
 * LINKS: what LINKINFO or LINKSTATS answers, for as many links that the caller sees as a
 * reply holds, in the order of their ids: count answers, each without its head. Asked for
 * again behind the last id until there is none.
 */
struct dld_links_req {
	uint32_t cmd;
	uint32_t what;	      /* DLD_LINKINFO or DLD_LINKSTATS */
	datalink_id_t linkid; /* those above; 0 = from the start */
};

struct dld_links_reply {
	struct zone_reply head;
	uint32_t count;
	uint32_t pad;
	char entries[];
};

struct dld_setzone_req {
	uint32_t cmd;
	datalink_id_t linkid;
	zoneid_t zoneid; /* GLOBAL_ZONEID takes it home */
};

struct dld_next_reply { /* NEXT: the link with the next higher id; asked with struct dld_link_req */
	struct zone_reply head;
	datalink_id_t linkid;
	char name[MAXLINKNAMELEN];
};

/*
 * To a name that nobody has (to_linkid 0), or to the link of a NIC that was removed. zoneid: the zone that
 * was lent the link and is ready; else GLOBAL_ZONEID.
 */
struct dld_rename_req {
	uint32_t cmd;
	datalink_id_t linkid;
	datalink_id_t to_linkid;
	zoneid_t zoneid;
	char name[MAXLINKNAMELEN];
};

struct dld_setmtu_req {
	uint32_t cmd;
	datalink_id_t linkid;
	uint32_t mtu; /* 0 = back to the default */
};

/*
 * Holds a link by its name; an implicit tunnel is made. With the reply comes a descriptor: the hold
 * lasts until the last copy of it is closed, or zoned ends.
 */
struct dld_hold_req {
	uint32_t cmd;
	char name[MAXLINKNAMELEN];
};

struct dld_hold_reply {
	struct zone_reply head;
	datalink_id_t linkid;
	uint32_t pad;
};

struct dld_getprop_req {
	uint32_t cmd;
	datalink_id_t linkid;
	char prop[MAXLINKATTRLEN];
};

#define DLD_PROPS_TEXT 16384

/* Texts, "" = none. Default and possible values of a property of the device only. */
struct dld_getprop_reply {
	struct zone_reply head;
	char value[MAXLINKATTRVALLEN];
	char def[MAXLINKATTRVALLEN];
	char possible[MAXLINKATTRVALLEN];
};

/* All properties of a link. */
struct dld_getprops_req {
	uint32_t cmd;
	datalink_id_t linkid;
	uint32_t from; /* 0, or next of the reply before */
};

struct dld_getprops_reply {
	struct zone_reply head;
	uint32_t next; /* 0: that was all */
	uint32_t size; /* of the text; the reply ends with it */
	char text
		[DLD_PROPS_TEXT]; /* of each: name, value, default, possible values; all end with '\0' */
};

struct dld_setprop_req {
	uint32_t cmd;
	datalink_id_t linkid;
	uint32_t reset; /* non-zero: back to the default, value ignored */
	zoneid_t
		zoneid; /* not 0: while this zone has the link; reset: back to what it was before */
	char prop[MAXLINKATTRLEN];
	char value[MAXLINKATTRVALLEN];
};

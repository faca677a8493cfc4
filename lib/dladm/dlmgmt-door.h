/* SPDX-License-Identifier: MIT */
/*
 * The protocol of dlmgmtd's door, with the command numbers of illumos: below
 * 128 upcalls that zoned makes as the kernel does there, from 128 on library
 * calls. Every request starts with the command and has exactly the size of its
 * structure; every reply starts with an errno. The caller's zone comes from its
 * credentials, never from the message.
 */
#pragma once

#include <ucred.h>

#include "dladm/datalink.h"

#define DLMGMT_DOOR    "/run/dladm/dlmgmt_door" /* below the prefix */
#define DLMGMT_DOOR_IN "/dev/zones/dlmgmt_door" /* inside a zone */

enum dlmgmt_cmd {
	DLMGMT_CMD_DLS_CREATE = 1,
	DLMGMT_CMD_DLS_GETATTR = 2,
	DLMGMT_CMD_DLS_DESTROY = 3,
	DLMGMT_CMD_GETNAME = 4,
	DLMGMT_CMD_GETLINKID = 5,
	DLMGMT_CMD_GETNEXT = 6,
	DLMGMT_CMD_DLS_UPDATE = 7,
	DLMGMT_CMD_LINKPROP_INIT = 8,
	DLMGMT_CMD_SETZONEID = 9,
	DLMGMT_CMD_CREATE_LINKID = 128,
	DLMGMT_CMD_DESTROY_LINKID = 129,
	DLMGMT_CMD_REMAP_LINKID = 130,
	DLMGMT_CMD_CREATECONF = 131,
	DLMGMT_CMD_READCONF = 132,
	DLMGMT_CMD_WRITECONF = 133,
	DLMGMT_CMD_UP_LINKID = 134,
	DLMGMT_CMD_SETATTR = 135,
	DLMGMT_CMD_UNSETATTR = 136,
	DLMGMT_CMD_REMOVECONF = 137,
	DLMGMT_CMD_DESTROYCONF = 138,
	DLMGMT_CMD_GETATTR = 139,
	DLMGMT_CMD_GETCONFSNAPSHOT = 140,
	DLMGMT_CMD_ZONEBOOT = 141,
	DLMGMT_CMD_ZONEHALT = 142,
	DLMGMT_CMD_LINKPROP_GETNEXT = 143, /* Linux: 140 in the illumos that had it */
	DLMGMT_CMD_CHECK = 144,		   /* Linux */
	DLMGMT_CMD_GETLINKS = 145,	   /* Linux */
};

struct dlmgmt_reply { /* of every command that returns nothing else */
	uint32_t lr_err;
};

struct dlmgmt_linkid_reply { /* CREATE_LINKID */
	uint32_t lr_err;
	datalink_id_t lr_linkid;
};

struct dlmgmt_dls_create_req {
	uint32_t ld_cmd;
	uint32_t ld_class;
	uint32_t ld_media;
	uint32_t ld_persist;
	uint64_t ld_phymaj;  /* Linux: bus type of the device, 0 when there is none */
	uint64_t ld_phyinst; /* Linux: stable instance, see docs; stored as given */
	char ld_devname[MAXLINKNAMELEN];
};

enum dlmgmt_was {
	DLMGMT_WAS_NEW,
	DLMGMT_WAS_KNOWN,  /* the device of a link that has come again */
	DLMGMT_WAS_ACTIVE, /* it was there already */
};

struct dlmgmt_dls_create_reply {
	uint32_t lr_err;
	datalink_id_t lr_linkid;
	uint32_t lr_was; /* enum dlmgmt_was */
};

struct dlmgmt_dls_getattr_req {
	uint32_t ld_cmd;
	datalink_id_t ld_linkid;
	char ld_attr[MAXLINKATTRLEN];
};

struct dlmgmt_getattr_reply { /* DLS_GETATTR, GETATTR */
	uint32_t lr_err;
	uint32_t lr_type; /* enum dladm_datatype */
	uint32_t lr_attrsz;
	char lr_attrval[MAXLINKATTRVALLEN];
};

struct dlmgmt_dls_destroy_req {
	uint32_t ld_cmd;
	datalink_id_t ld_linkid;
	uint32_t ld_persist;
};

struct dlmgmt_linkid_req { /* GETNAME, UP_LINKID, READCONF, REMOVECONF, LINKPROP_INIT, GETCONFSNAPSHOT */
	uint32_t ld_cmd;
	datalink_id_t ld_linkid;
};

struct dlmgmt_getname_reply {
	uint32_t lr_err;
	uint32_t lr_class;
	uint32_t lr_media;
	uint32_t lr_flags;
	char lr_link[MAXLINKNAMELEN];
};

struct dlmgmt_getlinkid_req {
	uint32_t ld_cmd;
	zoneid_t ld_zoneid; /* -1 = the caller's own; the global zone may name another */
	char ld_link[MAXLINKNAMELEN];
};

struct dlmgmt_link_reply { /* GETLINKID, GETNEXT */
	uint32_t lr_err;
	datalink_id_t lr_linkid;
	uint32_t lr_class;
	uint32_t lr_media;
	uint32_t lr_flags;
};

struct dlmgmt_getnext_req {
	uint32_t ld_cmd;
	datalink_id_t ld_linkid; /* 0 = from the start */
	uint32_t ld_class;	 /* mask */
	uint32_t ld_flags;	 /* mask */
	uint32_t ld_dmedia;	 /* DATALINK_ANY_MEDIATYPE or one medium */
};

/*
 * GETLINKS: as many links as a reply holds, in the order of their ids, with what GETNEXT and
 * GETNAME tell of each. A full reply is asked for again behind its last id; one with no
 * link, never an error, ends the walk. Linux: illumos makes two calls for each link.
 */
struct dlmgmt_getlinks_req {
	uint32_t ld_cmd;
	zoneid_t ld_zoneid;	 /* -1 = what the caller sees; the global zone may name a zone */
	datalink_id_t ld_linkid; /* those above; 0 = from the start */
	uint32_t ld_class;	 /* mask */
	uint32_t ld_flags;	 /* mask */
};

#define DLMGMT_LINKS_MAX 512u /* in one reply */

struct dlmgmt_getlinks_reply {
	uint32_t lr_err;
	uint32_t lr_count; /* of struct dlmgmt_link behind this */
};

struct dlmgmt_link {
	datalink_id_t linkid;
	uint32_t class;
	uint32_t media;
	uint32_t flags;
	char name[MAXLINKNAMELEN];
};

struct dlmgmt_dls_update_req {
	uint32_t ld_cmd;
	uint32_t ld_media;
	uint32_t ld_novanity;
	char ld_devname[MAXLINKNAMELEN];
};

struct dlmgmt_update_reply {
	uint32_t lr_err;
	datalink_id_t lr_linkid;
	uint32_t lr_media;
};

struct dlmgmt_linkprop_init_reply {
	uint32_t lr_err;
	uint32_t lr_flags; /* bit 0: the link has properties to load */
};

struct dlmgmt_setzoneid_req {
	uint32_t ld_cmd;
	datalink_id_t ld_linkid;
	zoneid_t ld_zoneid;
};

struct dlmgmt_createid_req {
	uint32_t ld_cmd;
	uint32_t ld_class;
	uint32_t ld_media;
	uint32_t
		ld_prefix; /* non-zero: ld_link is a prefix, <prefix><lowest free number> is made */
	uint32_t ld_flags; /* DLMGMT_ACTIVE, DLMGMT_PERSIST, DLMGMT_TRANSIENT */
	char ld_link[MAXLINKNAMELEN];
};

struct dlmgmt_destroyid_req {
	uint32_t ld_cmd;
	datalink_id_t ld_linkid;
	uint32_t ld_flags;
};

struct dlmgmt_remapid_req {
	uint32_t ld_cmd;
	datalink_id_t ld_linkid;
	char ld_link[MAXLINKNAMELEN];
};

struct dlmgmt_createconf_req {
	uint32_t ld_cmd;
	datalink_id_t ld_linkid;
	uint32_t ld_class;
	uint32_t ld_media;
	char ld_link[MAXLINKNAMELEN];
};

struct dlmgmt_confid_reply { /* CREATECONF, READCONF */
	uint32_t lr_err;
	uint32_t lr_confid;
};

struct dlmgmt_confid_req { /* WRITECONF, DESTROYCONF */
	uint32_t ld_cmd;
	uint32_t ld_confid;
};

struct dlmgmt_setattr_req {
	uint32_t ld_cmd;
	uint32_t ld_confid;
	uint32_t ld_type;
	uint32_t ld_attrsz; /* bytes of ld_attrval; strings with their NUL */
	char ld_attr[MAXLINKATTRLEN];
	char ld_attrval[MAXLINKATTRVALLEN];
};

struct dlmgmt_attr_req { /* GETATTR, UNSETATTR */
	uint32_t ld_cmd;
	uint32_t ld_confid;
	char ld_attr[MAXLINKATTRLEN];
};

/*
 * GETCONFSNAPSHOT: all attributes of a link, one behind the other, each begun at a
 * multiple of 8 bytes. Linux: illumos packs an nvlist.
 */
struct dlmgmt_snapshot_reply {
	uint32_t lr_err;
	uint32_t lr_count;
};

struct dlmgmt_snapshot_attr {
	uint32_t type; /* enum dladm_datatype */
	uint32_t size; /* of the value behind this */
	char name[MAXLINKATTRLEN];
};

#define DLMGMT_ATTRS_MAX 60 /* of one link, so that a snapshot fits in a door's reply */
#define DLMGMT_SNAPSHOT_MAX                                                                        \
	(sizeof(struct dlmgmt_snapshot_reply) +                                                    \
		DLMGMT_ATTRS_MAX * (sizeof(struct dlmgmt_snapshot_attr) + MAXLINKATTRVALLEN))

struct dlmgmt_linkprop_getnext_req {
	uint32_t ld_cmd;
	uint32_t ld_confid;
	char ld_last_attr[MAXLINKATTRLEN]; /* "": the first */
};

struct dlmgmt_linkprop_getnext_reply {
	uint32_t lr_err;
	uint32_t lr_type;
	uint32_t lr_attrsz;
	char lr_attr[MAXLINKATTRLEN];
	char lr_attrval[MAXLINKATTRVALLEN];
};

/*
 * CHECK: where the table and the stores disagree, a line each, behind a struct dlmgmt_reply; at
 * most DLMGMT_CHECK_MAX bytes with the NUL. Global zone only.
 */
struct dlmgmt_check_req {
	uint32_t ld_cmd;
};

#define DLMGMT_CHECK_MAX 32768u

struct dlmgmt_zone_req { /* ZONEBOOT, ZONEHALT */
	uint32_t ld_cmd;
	zoneid_t ld_zoneid;
};

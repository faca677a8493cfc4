/* SPDX-License-Identifier: MIT */
/*
 * Client side of dlmgmtd's door: one function for each command. All return 0 or
 * a negative errno, block for as long as dlmgmtd works on the request, and may be
 * called from any thread.
 *
 * The door is <prefix>/run/dladm/dlmgmt_door or, where that does not exist,
 * /dev/zones/dlmgmt_door (inside a zone). It is opened at the first call and kept;
 * a door whose server was replaced is opened again, once. Every call is -EBADF
 * when no daemon is there, -EINTR when it died during the call, and -EBADMSG when
 * the reply is not of exactly the right size.
 */
#pragma once

#include "dladm/dlmgmt-door.h"
#include "linux/util.h"

/* What dlmgmtd tells about a link. */
struct dlmgmt_linkinfo {
	datalink_id_t linkid;
	uint32_t link_class; /* one bit of enum datalink_class */
	uint32_t media;	     /* DL_* */
	uint32_t flags;	     /* DLMGMT_* */
	char name[MAXLINKNAMELEN];
};

/* One attribute; strings have their NUL inside size. */
struct dlmgmt_attrval {
	uint32_t type; /* enum dladm_datatype */
	uint32_t size;
	union {
		char str[MAXLINKATTRVALLEN];
		uint64_t u64;
		uint8_t boolean;
	};
};

/* Opens the door without calling: 0, or why it cannot be (-ENOENT, -ECONNREFUSED, -EACCES). */
int dlmgmt_call_open(void);

/* Closes the kept door; the next call opens it again. */
void dlmgmt_call_close(void);

/*
 * A device was found (class phys: attached again when devname is known, named
 * net<N> when the name is taken or no link name) or any other active link made.
 * -EEXIST for other classes, -EACCES, -EINVAL.
 */
int dlmgmt_call_dls_create(const char *devname, uint32_t link_class, uint32_t media, bool persist,
	uint64_t phymaj, uint64_t phyinst, datalink_id_t *ret_linkid);

/* An attribute of a link's configuration. -ENOENT no such link or attribute. */
int dlmgmt_call_dls_getattr(datalink_id_t linkid, const char *attr, struct dlmgmt_attrval *ret);

/* A link is gone; persist: its configuration too. -ENOENT, -EACCES. */
int dlmgmt_call_dls_destroy(datalink_id_t linkid, bool persist);

/* The medium of a known device. -EEXIST when it is another than ret_media tells. */
int dlmgmt_call_dls_update(const char *devname, uint32_t media, bool novanity,
	datalink_id_t *ret_linkid, uint32_t *ret_media);

/* Whether the link has properties that must be loaded into it. */
int dlmgmt_call_linkprop_init(datalink_id_t linkid, bool *ret_has_props);

/* -ENOENT when the caller sees no such link. */
int dlmgmt_call_getname(datalink_id_t linkid, struct dlmgmt_linkinfo *ret);

/* zoneid ALL_ZONES (-1) is the caller's own; only the global zone may name another. */
int dlmgmt_call_getlinkid(const char *name, zoneid_t zoneid, struct dlmgmt_linkinfo *ret);

/* The visible link with the next higher id that fits the masks; linkid 0 starts, -ENOENT ends. */
int dlmgmt_call_getnext(datalink_id_t linkid, uint32_t classes, uint32_t flags, uint32_t media,
	struct dlmgmt_linkinfo *ret);

/*
 * All links that the caller sees, or (the global zone only) that are in a zone, which have one of
 * the classes and one of the flags, in the order of their ids. *ret is the caller's to free.
 */
int dlmgmt_call_getlinks(zoneid_t zoneid, uint32_t classes, uint32_t flags,
	struct dlmgmt_linkinfo **ret, size_t *ret_count);

/* Lends an active link to a zone, or takes it home (GLOBAL_ZONEID). -EEXIST same name there. */
int dlmgmt_call_setzoneid(datalink_id_t linkid, zoneid_t zoneid);

/* prefix: name is a prefix and the lowest free number is added. -EEXIST, -ENOSPC. */
int dlmgmt_call_create_linkid(const char *name, bool prefix, uint32_t link_class, uint32_t media,
	uint32_t flags, datalink_id_t *ret_linkid);
/* DLMGMT_ACTIVE: -EBUSY when zoned has the link, or somebody just makes it. */
int dlmgmt_call_destroy_linkid(datalink_id_t linkid, uint32_t flags);
int dlmgmt_call_remap_linkid(datalink_id_t linkid, const char *name);
int dlmgmt_call_up_linkid(datalink_id_t linkid);

/* A new, empty configuration of a link, or a copy of the one it has. */
int dlmgmt_call_createconf(const char *name, datalink_id_t linkid, uint32_t link_class,
	uint32_t media, uint32_t *ret_confid);
int dlmgmt_call_readconf(datalink_id_t linkid, uint32_t *ret_confid);

/* Makes it the link's configuration. -EAGAIN when that has changed since it was read. */
int dlmgmt_call_writeconf(uint32_t confid);
int dlmgmt_call_destroyconf(uint32_t confid);
int dlmgmt_call_removeconf(datalink_id_t linkid);

int dlmgmt_call_setattr(
	uint32_t confid, const char *attr, uint32_t type, const void *value, size_t size);
int dlmgmt_call_setattr_str(uint32_t confid, const char *attr, const char *value);
int dlmgmt_call_setattr_u64(uint32_t confid, const char *attr, uint64_t value);
int dlmgmt_call_unsetattr(uint32_t confid, const char *attr);
int dlmgmt_call_getattr(uint32_t confid, const char *attr, struct dlmgmt_attrval *ret);

/*
 * Calls fn for each attribute of a link's configuration as it is at one moment, in the order
 * in which they were set; what fn returns but 0 ends it and is returned. -ENOENT not
 * configured, -EACCES borrowed.
 */
typedef int dlmgmt_attr_fn(const char *name, const struct dlmgmt_attrval *value, void *arg);
int dlmgmt_call_confsnapshot(datalink_id_t linkid, dlmgmt_attr_fn *fn, void *arg);

/* The attribute of an open configuration behind last ("": the first); -ENOENT ends. */
int dlmgmt_call_linkprop_getnext(
	uint32_t confid, const char *last, char name[MAXLINKATTRLEN], struct dlmgmt_attrval *ret);

/*
 * Where dlmgmtd's table and its stores disagree, one line each; text has DLMGMT_CHECK_MAX
 * bytes and becomes "" when all is well. -EACCES but for root of the global zone.
 */
int dlmgmt_call_check(char *text);

/* The zone is about to boot: attach the door in it. The zone has halted: forget what was its. */
int dlmgmt_call_zoneboot(zoneid_t zoneid);
int dlmgmt_call_zonehalt(zoneid_t zoneid);

/* SPDX-License-Identifier: MIT */
/*
 * Link properties: their table (property.c), what a value of each may be
 * (property-values.c, client-id.c), and the calls that read and set one (property-calls.c).
 *
 * A property that persists is an attribute of its name in the link's configuration, a
 * text in its canonical form: values joined by ','. zoned loads it when the link
 * comes up; what is in force is zoned's to tell.
 */
#pragma once

#include "dladm/dladm.h"
#include "linux/diag.h"
#include "zone/zone-door.h"

#include <netinet/in.h>

#define DLADM_PROP_VALLEN MAXLINKATTRVALLEN
#define DLADM_PROP_VALUES 32	   /* of one property; MPT_MAXCNT */
#define DLADM_MAXBW_MIN	  1200000u /* bits per second; MRP_MAXBW_MINVAL */

enum dladm_prop_flags {
	DLADM_PROP_WRITABLE = 0x1,
	DLADM_PROP_TEMPORARY = 0x2, /* needs -t */
	DLADM_PROP_LIST = 0x4,	    /* up to DLADM_PROP_VALUES values */
	DLADM_PROP_DEVICE = 0x8, /* the kernel's device keeps it, zoned reads and sets it there */
};

struct dladm_property {
	const char *name;
	uint32_t classes; /* DATALINK_CLASS_* that have it */
	unsigned int flags;
	const char *def;      /* default, "" = none; NULL: told with the value */
	const char *possible; /* "" = anything that is valid; NULL: told with the value */

	/*
	 * One value in canonical form into out (DLADM_PROP_VALLEN bytes). Not NULL when zoned keeps
	 * it or sets it.
	 */
	dladm_status_t (*check)(const char *text, char *out);
};

/* NULL when there is no property of that name. */
const struct dladm_property *dladm_property_find(const char *name);

/* Why there is no property that illumos has of that name, as half a sentence; NULL: it has none. */
const char *dladm_property_missing(const char *name);

/* Is it one that zoned tells? The others come with what it tells of a link. */
bool dladm_property_is_zoned(const struct dladm_property *prop);

/* Walks them all in the order they are shown: 0, 1, ... until NULL. */
const struct dladm_property *dladm_property_at(unsigned int index);

/*
 * A whole value, "a,b,c", in canonical form, each once. DLADM_STATUS_BADVALCNT: more than the
 * property takes, or none. A property without a check is told as it is.
 */
dladm_status_t dladm_property_check(
	const struct dladm_property *prop, const char *text, char out[DLADM_PROP_VALLEN]);

/* ---- what values mean; the text is canonical ---- */

enum dladm_protection {
	DLADM_PROTECT_MAC_NOSPOOF = 0x1,
	DLADM_PROTECT_RESTRICTED = 0x2,
	DLADM_PROTECT_IP_NOSPOOF = 0x4,
	DLADM_PROTECT_DHCP_NOSPOOF = 0x8,
};
unsigned int dladm_protection_of(const char *text);

/* How a link may come to addresses beside those that it is allowed. */
enum dladm_dynamic {
	DLADM_DYNAMIC_DHCPV4 = 0x1,
	DLADM_DYNAMIC_DHCPV6 = 0x2,
	DLADM_DYNAMIC_SLAAC = 0x4,
};
unsigned int dladm_dynamic_of(const char *text);

#define DLADM_CID_MAX 256 /* bytes */
/*
 * The bytes of a client id of DHCP, how many they are returned. A DUID in numbers, "1.<hardware
 * type>.<time>.<address>", "2.<enterprise>.<hex>", "3.<hardware type>.<address>" or "<type>.<hex>"; "0x<hex>"; or
 * the characters of a text. -EINVAL, -E2BIG.
 */
int dladm_cid_parse(const char *text, uint8_t ret[DLADM_CID_MAX]);

struct dladm_net {
	int family; /* AF_INET, AF_INET6 */
	uint8_t prefix_len;
	uint8_t addr[16]; /* network order; bits behind the prefix are 0 */
};
/* "10.0.0.1", "10.0.0.0/24", "fd00::/64". -EINVAL. */
int dladm_net_parse(const char *text, struct dladm_net *ret);

/* maxbw in bits per second; 0 for "". */
uint64_t dladm_maxbw_of(const char *text);

dladm_status_t dladm_check_maxbw(const char *text, char *out);
dladm_status_t dladm_check_priority(const char *text, char *out);
dladm_status_t dladm_check_protection(const char *text, char *out);
dladm_status_t dladm_check_dynamic(const char *text, char *out);
dladm_status_t dladm_check_net(const char *text, char *out);
dladm_status_t dladm_check_onoff(const char *text, char *out);
dladm_status_t dladm_check_mac(const char *text, char *out);
dladm_status_t dladm_check_truefalse(const char *text, char *out);
dladm_status_t dladm_check_cid(const char *text, char *out);
dladm_status_t dladm_check_bit(const char *text, char *out);
dladm_status_t dladm_check_flowctrl(const char *text, char *out);
dladm_status_t dladm_check_rings(const char *text, char *out);
dladm_status_t dladm_check_stp_priority(const char *text, char *out);
dladm_status_t dladm_check_stp_cost(const char *text, char *out);
dladm_status_t dladm_check_hoplimit(const char *text, char *out);
dladm_status_t dladm_check_encaplimit(const char *text, char *out);

/* ---- live ---- */

struct dladm_propval {
	char value[DLADM_PROP_VALLEN]; /* "" = none */
	char def[DLADM_PROP_VALLEN];
	char possible[DLADM_PROP_VALLEN];
};

/*
 * What is in force, with default and possible values. info: of the link. Blocks in a call to
 * zoned. -ENOTSUP: the device has no such property.
 */
int dladm_property_get(const struct dladm_property *prop, const struct dld_linkinfo_reply *info,
	struct dladm_propval *ret);

/*
 * The same for each property of a link's class that its device has, in the order of the table, with
 * one call to zoned for all of them. fn gets values that live until it returns. -ENOENT: no link.
 */
int dladm_property_each(const struct dld_linkinfo_reply *info,
	void (*fn)(const struct dladm_property *prop, const struct dladm_propval *v, void *arg),
	void *arg);

/*
 * Sets the live value; text NULL resets it. Blocks in calls to zoned. d gets zoned's own line
 * when it sent one. The property is writable.
 */
dladm_status_t dladm_property_set(
	const struct dladm_property *prop, datalink_id_t link, const char *text, struct diag *d);

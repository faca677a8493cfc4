/* SPDX-License-Identifier: MIT */
/*
 * The data-link library: what dladm, zonecfg, zoneadmd and the daemons share
 * about links beside the calls to dlmgmtd (dlmgmt-calls.h): status codes and
 * their texts, the rule for link names, and names of classes, media and address
 * types. Pure functions; nothing here blocks.
 */
#pragma once

#include "dladm/dlmgmt-calls.h"

/*
 * Status of a data-link operation, in the order of illumos <libdladm.h> as far
 * as it is used here. The text of each ends dladm's error messages.
 */
typedef enum {
	DLADM_STATUS_OK = 0,
	DLADM_STATUS_BADARG,
	DLADM_STATUS_FAILED,
	DLADM_STATUS_TOOSMALL,
	DLADM_STATUS_NOTSUP,
	DLADM_STATUS_NOTFOUND,
	DLADM_STATUS_BADVAL,
	DLADM_STATUS_NOMEM,
	DLADM_STATUS_EXIST,
	DLADM_STATUS_LINKINVAL,
	DLADM_STATUS_PROPRDONLY,
	DLADM_STATUS_BADVALCNT,
	DLADM_STATUS_DBNOTFOUND,
	DLADM_STATUS_DENIED,
	DLADM_STATUS_IOERR,
	DLADM_STATUS_TEMPONLY,
	DLADM_STATUS_TIMEDOUT,
	DLADM_STATUS_ISCONN,
	DLADM_STATUS_NOTCONN,
	DLADM_STATUS_REPOSITORYINVAL,
	DLADM_STATUS_MACADDRINVAL,
	DLADM_STATUS_KEYINVAL,
	DLADM_STATUS_INVALIDMACADDRLEN,
	DLADM_STATUS_INVALIDMACADDRTYPE,
	DLADM_STATUS_LINKBUSY,
	DLADM_STATUS_VIDINVAL,
	DLADM_STATUS_NONOTIF,
	DLADM_STATUS_TRYAGAIN,
	DLADM_STATUS_IPTUNTYPEINVAL,
	DLADM_STATUS_IPTUNTYPEREQD,
	DLADM_STATUS_BADIPTUNLADDR,
	DLADM_STATUS_BADIPTUNRADDR,
	DLADM_STATUS_ADDRINUSE,
	DLADM_STATUS_INVALIDMACADDRINUSE,
	DLADM_STATUS_INVALIDMACPREFIX,
	DLADM_STATUS_INVALIDMACPREFIXLEN,
	DLADM_STATUS_BADPROP,
	DLADM_STATUS_MINMAXBW,
	DLADM_STATUS_PERSIST_ON_TEMP,
	DLADM_STATUS_BADRANGE,
	DLADM_STATUS_COUNT,
} dladm_status_t;

/* The text of a status; never NULL. */
const char *dladm_status2str(dladm_status_t status);

/* The status that an errno of dlmgmtd or zoned means (positive or negative; 0 is OK). */
dladm_status_t dladm_errno2status(int err);

/*
 * The rule for link names: shorter than MAXLINKNAMELEN, letters, digits, '_' and
 * '.', first no digit, last a number without leading zeros up to 4294967294.
 */
bool dladm_valid_linkname(const char *name);

/* IPTUN_TYPE_* of a tunnel that comes with who holds its name: ip.tun0, ip6.tun0, ip.6to4tun0. 0: none. */
uint32_t dladm_implicit_iptun(const char *name);

/* Of bridges: a letter first and last, letters, digits and '_' between; not "default" or "SUNW...". */
bool dladm_valid_bridgename(const char *name);
/* The bridge that a link shows, whose name has a '0' behind it. False: it is not the link of one. */
bool dladm_bridge_of_link(const char *link, char ret[MAXLINKNAMELEN]);

/* The same for what stands before the number. */
bool dladm_valid_linkprefix(const char *prefix);

/* "vnic" for DATALINK_CLASS_VNIC; "unknown" for what is no single class. */
const char *dladm_class2str(uint32_t link_class);
/* "Ethernet" for DL_ETHER; "unknown" */
const char *dladm_media2str(uint32_t media);
/* "up", "down", "unknown" */
const char *dladm_linkstate2str(uint32_t state);
/* "full", "half", "unknown" */
const char *dladm_linkduplex2str(uint32_t duplex);
/* "random", "fixed", ... of VNIC_MAC_ADDR_TYPE_*; "unknown" */
const char *dladm_mactype2str(uint32_t mac_type);

#define DLADM_MAC_LEN	 6
#define DLADM_MAC_STRLEN 18 /* bytes of "2:8:20:a:b:c" at its longest, with the NUL */

/* illumos style, without leading zeros. buf has at least DLADM_MAC_STRLEN bytes. */
const char *dladm_mac2str(const uint8_t mac[DLADM_MAC_LEN], char *buf, size_t size);

/*
 * Reads "2:8:20:1:2:3" or a prefix "2:8:20": 1 to 6 numbers of one or two hexadecimal
 * digits. Returns how many were read, or -EINVAL. Bytes behind them become 0.
 */
int dladm_str2mac(const char *text, uint8_t mac[DLADM_MAC_LEN]);

/* One that a link can have: neither a group's nor none. */
bool dladm_mac_unicast(const uint8_t mac[DLADM_MAC_LEN]);

/* Attribute names of a link's configuration. */
#define DLADM_ATTR_DEVNAME	"devname"
#define DLADM_ATTR_PHYMAJ	"phymaj"
#define DLADM_ATTR_PHYINST	"phyinst"
#define DLADM_ATTR_LINKOVER	"linkover"
#define DLADM_ATTR_MADDRTYPE	"maddrtype"
#define DLADM_ATTR_MADDRPREFLEN "maddrpreflen"
#define DLADM_ATTR_MACADDR	"macaddr"

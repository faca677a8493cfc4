/* SPDX-License-Identifier: MIT */
/*
 * The rules for single values: pure functions of a string, no file access, no
 * allocation. Each returns Z_OK or the Z_* code that says what is wrong.
 * Needs no XML.
 */
#pragma once

#include "zonecfg/status.h"

#include <netinet/in.h>

#define MAXLINKNAME   32 /* with the terminating NUL */
#define RCTL_INFINITE UINT64_MAX

/* [a-zA-Z0-9][-_.a-zA-Z0-9]{0,62}, not "global", not SUNW*. Z_BOGUS_ZONE_NAME. */
int zonecfg_check_zonename(const char *name);
/* A name that may have a configuration file: one of those, or "global". */
int zonecfg_check_filename(const char *name);
/*
 * Absolute, no empty, "." or ".." component, no trailing slash, not "/", < 1024 bytes,
 * no control characters.
 */
int zonecfg_check_zonepath(const char *path);
/* Absolute, no "." or ".." component, no control characters (fs dir, special, raw). */
int zonecfg_check_path(const char *path);
/* A brand name: letters, digits, - and _, at most 63. Says nothing about its existence. */
int zonecfg_check_brandname(const char *name);
/* A data-link name: letter first, digit last, [a-zA-Z0-9_.], 3 to 31 characters. */
int zonecfg_check_linkname(const char *name);
/* Free text: valid UTF-8 without control characters, shorter than max bytes. */
int zonecfg_check_text(const char *text, size_t max);
/* "true" or "false" only. */
int zonecfg_parse_bool(const char *text, bool *ret_value);
/* Unsigned decimal number, whole string. Z_INVALID_PROPERTY or Z_TOO_BIG. */
int zonecfg_parse_u64(const char *text, uint64_t *ret_value);
/* Hexadecimal 0 to FFFFFFFE, optional 0x. Z_TOO_BIG when too long, else Z_INVALID_PROPERTY. */
int zonecfg_parse_hostid(const char *text, uint32_t *ret_hostid);
/* Comma list of file system types, optional leading "-". */
int zonecfg_check_fs_allowed(const char *list);
/* TS, IA, FSS, FX, FP, RT. */
int zonecfg_check_sched_class(const char *name);
/* A pool name: [a-zA-Z0-9][-_.a-zA-Z0-9]*, not SUNW*. */
int zonecfg_check_pool(const char *name);
/*
 * limitpriv: comma list of privilege names, "default" first or not at all, -p or !p
 * removes.
 * Z_PRIV_UNKNOWN, Z_PRIV_PROHIBITED ("zone") and ret_bad (size bytes) names the culprit;
 * Z_INVALID_PROPERTY for syntax.
 */
int zonecfg_check_limitpriv(const char *list, char *ret_bad, size_t size);

/*
 * A number of bytes: decimal, fraction allowed, K, M, G or T behind it (either
 * case). suffix_required: refuse a number without one. Rounded down to a byte.
 */
int zonecfg_parse_size(const char *text, bool suffix_required, uint64_t *ret_bytes);
/*
 * The exact reverse: the largest unit that divides evenly ("128M"), else a decimal
 * number of K. Linux: illumos rounds to one decimal, so that export may change a limit.
 */
void zonecfg_format_size(uint64_t bytes, char *buf, size_t size);
/*
 * ncpus: decimal, at least 0.01, at most two decimals count. Returns percent of one CPU
 * (0.5 is 50).
 */
int zonecfg_parse_ncpus(const char *text, uint64_t *ret_percent);

struct zonecfg_addr {
	int family; /* AF_INET, AF_INET6; AF_UNSPEC for a host name */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
	int prefix; /* -1 when there was none */
};

/*
 * v4[/n], v6/n (prefix required), or, when hostname_ok, a host name with optional /n.
 * 0.0.0.0, ::, multicast and broadcast are refused.
 */
int zonecfg_parse_address(const char *text, bool hostname_ok, struct zonecfg_addr *ret_addr);
/* A router: v4[/n], v6[/n]; the prefix means nothing and is reported in ret_addr->prefix. */
int zonecfg_parse_router(const char *text, struct zonecfg_addr *ret_addr);
/*
 * Six hexadecimal bytes, unicast, not zero. Normalised to xx:xx:xx:xx:xx:xx in ret_mac
 * (18 bytes).
 */
int zonecfg_parse_mac(const char *text, char ret_mac[18]);
/* 1 to 4094. */
int zonecfg_parse_vlan(const char *text, uint16_t *ret_vlan);

/* physical of a net: a link name, or for shared ip-type any interface name without a colon. */
int zonecfg_check_physical(const char *name, bool exclusive);
/* global-nic: a link, or a NIC tag of SmartOS, which has a number behind a slash for an overlay. */
int zonecfg_check_global_nic(const char *name);
/* fs type: a word, and not proc, mntfs, autofs or nfs*. */
int zonecfg_check_fstype(const char *type);
/* attr name: letter or digit first, then those and - _ . ; not zone*. */
int zonecfg_check_attr_name(const char *name);
/* attr type and value together: int, uint, boolean or string. */
int zonecfg_check_attr_type(const char *type);
int zonecfg_check_attr_value(const char *type, const char *value);

/* device match: a pattern below /dev, or one relative to it. */
int zonecfg_check_match(const char *match);
/* The name of a dataset, as of a ZFS file system: pool/a/b, at most 255 bytes, no snapshot. */
int zonecfg_check_dataset(const char *name);
/* dedicated-cpu ncpus: N or N-M, 1 <= N <= M. */
int zonecfg_parse_cpu_range(const char *text, uint64_t *ret_min, uint64_t *ret_max);
/* A user's name as it may stand in a configuration; says nothing about its existence. */
int zonecfg_check_user(const char *user);
/* admin auths: a comma list of login, manage, clonefrom, each at most once. */
int zonecfg_check_auths(const char *auths);
/*
 * security-flags: comma list of aslr, forbidnullmap, noexecstack, all, none; '-' or '!'
 * before a name removes it, later words win. ret_mask has a bit for each flag.
 */
int zonecfg_parse_security_flags(const char *text, unsigned int *ret_mask);
/* debugid: a number from 1 to 2147483647. */
int zonecfg_check_debugid(const char *text);
/* A uuid: 8-4-4-4-12 hexadecimal digits. */
int zonecfg_check_uuid(const char *text);

/* What is known about an rctl; find returns NULL for an unknown name. */
struct zonecfg_rctl_rule {
	const char *name;
	uint64_t max; /* largest limit */
	uint64_t min; /* smallest limit that makes sense; refused below at set time of the alias */
	uint64_t least;	  /* smallest that zoned takes */
	bool deny_never;  /* only action none */
	bool deny_always; /* only action deny */
};
const struct zonecfg_rctl_rule *zonecfg_rctl_rule(const char *name);
/* zone.<letters, digits and hyphens>. Says nothing about being known. */
int zonecfg_check_rctl_name(const char *name);
/*
 * Syntax of one value: priv basic or privileged, limit a number, action none, deny or
 * signal=*.
 */
int zonecfg_check_rctl_value(const char *priv, const char *limit, const char *action);

/* The CPUs of a resource pool of this host, as a list. 0, -ENOENT or another negative errno. */
int zonecfg_pool_cpus(const char *name, char *buf, size_t size);

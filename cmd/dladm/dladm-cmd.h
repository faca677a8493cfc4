/* SPDX-License-Identifier: MIT */
/*
 * What the subcommands of dladm share. Each subcommand returns an exit status;
 * errors that end it are printed by die(), which exits 1.
 */
#pragma once

#include "dladm/columns.h"
#include "dladm/dladm.h"
#include "dladm/property.h"
#include "linux/conventions.h"
#include "zone/stat-door.h"

/*
 * "dladm: <text>: <status>", with zoned's own line in brackets when it sent one (d may be
 * NULL); exits 1.
 */
__attribute__((noreturn)) void die_status(
	dladm_status_t status, const struct diag *d, const char *fmt, ...) _printf_(3, 4);

/* "usage: dladm <line of the subcommand>", exits 1 as dladm does on illumos. */
__attribute__((noreturn)) void usage(const char *subcommand);

/* The zone of a -z option; NULL is the caller's own (ALL_ZONES). Dies when there is none. */
zoneid_t zone_option(const char *name);

/* Makes an implicit tunnel that is not there, and holds it as long as this program runs. */
void link_hold(const char *name, zoneid_t zoneid);

/* A link by its name, "link %s is not valid: ..." when there is none. */
void link_lookup(const char *name, zoneid_t zoneid, struct dlmgmt_linkinfo *ret);

/* Dies unless the name is one that a link can have. */
void link_name_check(const char *name);

/*
 * Calls fn for every link, or for the one named, that has one of the classes and
 * one of the flags (DLMGMT_ACTIVE or DLMGMT_PERSIST), in the zone of -z when zoneid is not ALL_ZONES.
 */
typedef void link_fn(const struct dlmgmt_linkinfo *link, void *arg);
void links_walk(const char *name, zoneid_t zoneid, uint32_t classes, uint32_t flags, link_fn *fn,
	void *arg);

/*
 * The same for listings: all links are asked for before fn is called for the first, which is
 * for fn that changes nothing. With a zone that the global zone names they are all that are in it.
 */
void links_list(const char *name, zoneid_t zoneid, uint32_t classes, uint32_t flags, link_fn *fn,
	void *arg);

/*
 * What zoned tells of a link, or of its counters: false when it cannot be asked or does not know the
 * link. In a listing it was asked once about all of them.
 */
bool link_live(datalink_id_t linkid, struct dld_linkinfo_reply *ret);
bool link_stats(datalink_id_t linkid, struct dld_linkstats_reply *ret);

/* The name of a link; false when there is none or the caller does not see it. */
bool link_name_of(datalink_id_t linkid, char name[MAXLINKNAMELEN]);

/* An attribute of the link's configuration; false when it has none. */
bool link_attr_str(datalink_id_t linkid, const char *attr, char *buf, size_t size);
bool link_attr_u64(datalink_id_t linkid, const char *attr, uint64_t *ret);

/* Subcommands */
int do_show_link(int argc, char *argv[]);
int do_show_linkmap(int argc, char *argv[]);
int do_rename_link(int argc, char *argv[]);
int do_check(int argc, char *argv[]);
int do_export(int argc, char *argv[]);
int do_import(int argc, char *argv[]);
int do_show_phys(int argc, char *argv[]);
int do_show_ether(int argc, char *argv[]);
int do_delete_phys(int argc, char *argv[]);
int do_show_vnic(int argc, char *argv[]);
int do_show_etherstub(int argc, char *argv[]);
int do_create_vnic(int argc, char *argv[]);
int do_delete_vnic(int argc, char *argv[]);
int do_up_vnic(int argc, char *argv[]);
int do_create_etherstub(int argc, char *argv[]);
int do_delete_etherstub(int argc, char *argv[]);
int do_up_etherstub(int argc, char *argv[]);
int do_create_vlan(int argc, char *argv[]);
int do_delete_vlan(int argc, char *argv[]);
int do_show_vlan(int argc, char *argv[]);
int do_up_vlan(int argc, char *argv[]);
int do_create_aggr(int argc, char *argv[]);
int do_delete_aggr(int argc, char *argv[]);
int do_add_aggr(int argc, char *argv[]);
int do_remove_aggr(int argc, char *argv[]);
int do_modify_aggr(int argc, char *argv[]);
int do_show_aggr(int argc, char *argv[]);
int do_up_aggr(int argc, char *argv[]);
int do_create_bridge(int argc, char *argv[]);
int do_modify_bridge(int argc, char *argv[]);
int do_delete_bridge(int argc, char *argv[]);
int do_add_bridge(int argc, char *argv[]);
int do_remove_bridge(int argc, char *argv[]);
int do_show_bridge(int argc, char *argv[]);
int do_up_bridge(int argc, char *argv[]);
int do_create_simnet(int argc, char *argv[]);
int do_modify_simnet(int argc, char *argv[]);
int do_delete_simnet(int argc, char *argv[]);
int do_show_simnet(int argc, char *argv[]);
int do_up_simnet(int argc, char *argv[]);
int do_create_iptun(int argc, char *argv[]);
int do_modify_iptun(int argc, char *argv[]);
int do_delete_iptun(int argc, char *argv[]);
int do_show_iptun(int argc, char *argv[]);
int do_up_iptun(int argc, char *argv[]);
int do_down_iptun(int argc, char *argv[]);
int do_create_overlay(int argc, char *argv[]);
int do_modify_overlay(int argc, char *argv[]);
int do_delete_overlay(int argc, char *argv[]);
int do_show_overlay(int argc, char *argv[]);
int do_up_overlay(int argc, char *argv[]);
int do_show_linkprop(int argc, char *argv[]);
int do_set_linkprop(int argc, char *argv[]);
int do_reset_linkprop(int argc, char *argv[]);

/* Properties of -p; used by set-linkprop and create-vnic. */
#define LINKPROP_SET_MAX 32

struct linkprop_set {
	size_t count;
	struct {
		const struct dladm_property *prop;
		char value[DLADM_PROP_VALLEN]; /* "a,b,c" */
	} items[LINKPROP_SET_MAX];
};

/*
 * Takes "a=1,2,b=3" apart, in place: an item without '=' is one more value. Dies when a
 * property is not known, has no value or stands there twice.
 */
void linkprop_parse(char *list, struct linkprop_set *ret);

/* Dies when there is none of that name. */
const struct dladm_property *linkprop_lookup(const char *name);
/* Dies when the link's class does not have it; link NULL: no link. */
void linkprop_for_link(const struct dladm_property *prop, const struct dlmgmt_linkinfo *link);

/* Sets them in order; stops at the first that fails and names it. Blocks in calls. */
dladm_status_t linkprop_apply(const struct dlmgmt_linkinfo *link, const struct linkprop_set *set,
	bool temporary, const char **ret_failed, struct diag *d);

/* SPDX-License-Identifier: MIT */
/* The stages of the platform, one file for each; platform.c has their order. */
#pragma once

#include "zoneadmd/platform.h"

/* stage-snapshot.c: the configuration as it is now, kept until the zone is halted. */
int snapshot_up(struct platform *p, struct diag *d);
int snapshot_down(struct platform *p, struct diag *d);
bool snapshot_probe(struct platform *p);

/* The configuration as it is at this moment, verified; the platform's own snapshot stays. */
int snapshot_now(const struct platform *p, struct zone_snapshot *ret, struct diag *d);
/* Makes s the platform's snapshot on disk. */
int snapshot_store(const struct platform *p, const struct zone_snapshot *s, struct diag *d);

/* stage-zone.c: the zone in zoned, what it is told about it, and its processes. */
int create_up(struct platform *p, struct diag *d);
int create_down(struct platform *p, struct diag *d);
bool create_probe(struct platform *p);

/*
 * All values of resource controls, and the cap of physical memory, which is one here. values has
 * room for ZONE_RCTLS_MAX. -E2BIG.
 */
int snapshot_rctl_values(const struct zone_snapshot *snap, struct zone_rctl_value *values,
	uint32_t *ret_count, struct diag *d);
int attributes_up(struct platform *p, struct diag *d);
int finish_up(struct platform *p, struct diag *d);
bool finish_probe(struct platform *p);
int processes_up(struct platform *p, struct diag *d);
int processes_down(struct platform *p, struct diag *d);

/* stage-mounts.c: the file systems of the zone. They go away with its namespaces. */
int mounts_up(struct platform *p, struct diag *d);
bool mounts_probe(struct platform *p);
/* By how deep their directories are, for qsort(3): parents first. */
int mounts_compare_depth(const void *a, const void *b);
/* Makes the mount of an fs resource, at the end of the list. 0 or a negative errno. */
struct mount_list;
int mounts_add_fs(struct mount_list *l, const struct snapshot_fs *fs, struct diag *d);

struct mount_list;
/* stage-mounts.c: the zone's root, whatever it is made of, at target. */
int mounts_add_root(struct platform *p, struct mount_list *l, const char *target, struct diag *d);

/*
 * scratch.c: the file systems of a zone that is mounted for repair. init: what its process 1
 * executes, in a directory that they have.
 */
#define SCRATCH_INIT "/native/zones-init"
/* The directory that is its root for the host, empty. */
int scratch_place(struct platform *p, struct diag *d);
int scratch_place_remove(struct platform *p, struct diag *d);
int scratch_mounts(struct platform *p, struct mount_list *l, struct diag *d);

/* devices.c: tells zsched of the devices that the zone's /dev will have; before the root is built. */
int devices_send(struct platform *p, struct diag *d);

/* stage-links.c: data links and addresses (zoned takes links home), and what dlmgmtd knows. */
int links_up(struct platform *p, struct diag *d);
int links_down(struct platform *p, struct diag *d);
bool links_probe(struct platform *p);
/*
 * The link that a net resource names: by its name in the global zone, which it keeps while it is
 * lent, since in the zone that can be another link. An implicit tunnel comes with the hold, which
 * is *hold until the zone has the link.
 */
int links_find(const struct snapshot_net *net, datalink_id_t *ret, int *hold, struct diag *d);
/* Lends it to the zone, unless that has it. */
int links_lend(
	struct platform *p, const struct snapshot_net *net, datalink_id_t link, struct diag *d);
/* The first of n net resources that names the link; NULL: none. It says where that comes from. */
const struct snapshot_net *links_first(
	const struct zone_snapshot *s, size_t n, const char *physical);
/* Whether a link that one stands for is what the other asks for. */
bool links_same_origin(const struct snapshot_net *a, const struct snapshot_net *b);
/* Several net resources may name one link: their addresses are one list. -E2BIG. */
int links_addresses(const struct zone_snapshot *snap, const char *physical, char *buf, size_t size);
/* Its default routers likewise: one of each family. */
int links_routers(const struct zone_snapshot *snap, const char *physical, char *buf, size_t size);
/*
 * Calls fn for each property that a net resource of the link asks for; what fn returns but 0 ends
 * it and is returned.
 */
int links_each_prop(const struct zone_snapshot *snap, const char *physical,
	int (*fn)(const struct snapshot_prop *prop, void *arg), void *arg);
int linkdb_up(struct platform *p, struct diag *d);
int linkdb_down(struct platform *p, struct diag *d);

/* stage-resolver.c: whom the zone asks for names. */
int resolver_up(struct platform *p, struct diag *d);
/* The value of an attribute, "" when there is none. */
const char *snapshot_attr(const struct zone_snapshot *s, const char *name);

/* shared-net.c: an address of a zone on the host's network stack. */
int shared_net_up(struct platform *p, const struct snapshot_net *net, struct diag *d);

/* inner-index.c: the zone's own view of the index of zones. */
int inner_index_up(struct platform *p, struct diag *d);

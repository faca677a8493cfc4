/* SPDX-License-Identifier: MIT */
/*
 * Client side of zoned's door: one function for each command. Internal calls
 * return 0 or a negative errno and put zoned's line, when it sent one, into the
 * diag (which may be NULL). All of them block for as long as zoned works on the
 * request; none retries by itself except that a door whose server was replaced
 * is opened again once. Safe from any thread.
 */
#pragma once

#include "linux/diag.h"
#include "zone/zone-door.h"

/* req must be complete (cmd is filled in). */
/* When it fails ret->exterr says more, if the caller had made it 0. */
int zone_call_create(struct zone_create_req *req, struct zone_create_reply *ret, struct diag *d);
/* The diag may also say, with 0, who holds what outlives the zone. */
int zone_call_destroy(zoneid_t id, struct diag *d);
int zone_call_boot(zoneid_t id, struct diag *d);
/*
 * The host goes down: no zone gets to RUNNING from now on, until another zoned starts; those that
 * run go on.
 */
int zone_call_host_down(void);
int zone_call_shutdown(zoneid_t id, struct diag *d);
/* Can this host hold a zone of ip-type shared? -EOPNOTSUPP with the reason. */
int zone_call_stack_check(struct diag *d);

/* Value into buf; *ret_size is the whole size, which may be more than size. */
int zone_call_getattr(zoneid_t id, enum zone_attr attr, void *buf, size_t size, size_t *ret_size);
int zone_call_getnet(
	zoneid_t id, datalink_id_t link, enum zone_net_type type, struct zone_net_data *ret);
int zone_call_setattr(
	zoneid_t id, enum zone_attr attr, const void *data, size_t size, struct diag *d);
int zone_call_status(zoneid_t id, zone_status_t *ret);

int zone_call_get_frozen(zoneid_t id, bool *ret);
int zone_call_set_frozen(zoneid_t id, bool frozen, struct diag *d);

/* Id of a zone that is ready or further. -EINVAL when there is none that the caller sees. */
int zone_call_lookup(const char *name, zoneid_t *ret);
int zone_call_self(zoneid_t *ret);

/* ids is allocated (free it), count of them. */
int zone_call_list(zoneid_t **ret_ids, uint32_t *ret_count);

/* fds: ZONE_ENTER_COUNT descriptors that the caller closes. */
int zone_call_enter(
	zoneid_t id, struct zone_enter_reply *ret, int fds[ZONE_ENTER_COUNT], struct diag *d);

int zone_call_add_datalink(zoneid_t id, datalink_id_t link);
int zone_call_del_datalink(zoneid_t id, datalink_id_t link);
/* id ALL_ZONES finds the owner into *id; otherwise checks. -ENXIO when not there. */
int zone_call_check_datalink(zoneid_t *id, datalink_id_t link);
int zone_call_list_datalink(zoneid_t id, datalink_id_t **ret_ids, uint32_t *ret_count);

/*
 * Events behind number after, at most max of them (0: only the position), into reply, which has
 * room for that many; see event.h for a stream of them.
 */
int zone_call_events_read(uint64_t after, uint32_t max, struct zone_events_read_reply *reply);
/* A descriptor that does not block and becomes readable when there are events. */
int zone_call_events_subscribe(int *ret_fd, struct diag *d);

/* The zone in whose root, or with any zonepath, an absolute path without symbolic links is. -ENAMETOOLONG. */
int zone_call_find_by_path(const char *path, bool any, zoneid_t *ret);

/* The socket of a process that works for the user of this one; see delegate-door.h. */
int zone_call_delegate(int *ret_sock, struct diag *d);

/* Closes the door; the next call opens it, as it is found from where the process is then. */
void zone_calls_forget(void);

/* Any command with a reply of at least min bytes and at most max. */
int zone_call_sized(
	const void *req, size_t req_size, void *reply, size_t min, size_t max, size_t *ret_size);

/* Any command with a reply of one size, which starts with a struct zone_reply. */
int zone_call_fixed(
	const void *req, size_t req_size, void *reply, size_t reply_size, struct diag *d);

int dld_call_etherstub_create(datalink_id_t link, struct diag *d);
int dld_call_vnic_create(
	const struct dld_vnic_req *req, struct dld_linkinfo_reply *ret, struct diag *d);
int dld_call_delete(datalink_id_t link, struct diag *d);
int dld_call_linkinfo(datalink_id_t link, struct dld_linkinfo_reply *ret);
/* 0 also for a link that is just being made, which the others answer -ENOENT for. */
int dld_call_known(datalink_id_t link);
/*
 * dlmgmtd has changed the name of the link: zoned, if it has such a link or makes it just now, asks for the
 * name again, later. -ENOENT when it has none.
 */
int dld_call_renamed(datalink_id_t link);
int dld_call_setzone(datalink_id_t link, zoneid_t id, struct diag *d);
/* zoned's link with the next higher id that the caller sees; 0 starts, -ENOENT ends. */
int dld_call_next(datalink_id_t after, datalink_id_t *ret, char name[MAXLINKNAMELEN]);
/* Gives the link another name, at dlmgmtd too; or, with to, makes its NIC that of the link to. */
int dld_call_rename(datalink_id_t link, datalink_id_t to, const char *name, struct diag *d);
/* The same of a link that was lent to a zone, which must be ready. */
int dld_call_rename_lent(datalink_id_t link, zoneid_t zone, const char *name, struct diag *d);
int dld_call_setmtu(datalink_id_t link, uint32_t mtu, struct diag *d);

/*
 * Holds a link of the global zone by its name, until the descriptor (close-on-exec) is closed: it
 * is not deleted meanwhile. ip.tun<n>, ip6.tun<n> and ip.6to4tun<n> are made when there is no such link, and
 * go with the last hold. -ENOENT, -EPERM, -EOPNOTSUPP.
 */
int dld_call_hold(const char *name, datalink_id_t *ret, int *ret_fd, struct diag *d);

/* One property of a link by its name; the texts of ret are terminated. -ENOTSUP: it has none. */
int dld_call_getprop(
	datalink_id_t link, const char *prop, struct dld_getprop_reply *ret, struct diag *d);
/* value NULL: back to the default. */
int dld_call_setprop(datalink_id_t link, const char *prop, const char *value, struct diag *d);
/*
 * The same for as long as a zone has the link, which has it now; value NULL: back to what it was
 * before. -ENXIO: the zone does not have it.
 */
int dld_call_setprop_lent(
	datalink_id_t link, zoneid_t zone, const char *prop, const char *value, struct diag *d);

/* SPDX-License-Identifier: MIT */
/*
 * Inside of zoned's zone half: the zone, its table, its status machine and its
 * steps of life. What a field is guarded by stands beside it; the order of the
 * locks is in main.c.
 */
#pragma once

#include "linux/instance.h"
#include "zone/rctl.h"
#include "zoned/zoned.h"
#include "zoned/zsd.h"

#include <pthread.h>

#define ZONE_UID_FIRST	    0x50000000u /* the id range of zone 0, which has none, would start here */
#define ZONE_UID_RANGE	    65536u
#define ZONE_FS_ALLOWED_MAX 4096
#define ZONE_INITNAME	    "/sbin/init"
#define ZONE_GROUPS	    "zones" /* below the instance's control groups */
#define ZONE_GROUP_MAX	    (ZONENAME_MAX + 16)

/* Who holds a zone; for the line that names them when they do not let go. */
enum zone_ref {
	ZONE_REF_CALL,	/* a call that is being served */
	ZONE_REF_DLS,	/* the dls half */
	ZONE_REF_WATCH, /* the thread that cleans up after a dead zsched */
	ZONE_REF_KSTAT, /* the thread that samples */
	ZONE_REF_EVENT, /* who reads the zone's events */
	ZONE_REF_ZSD,	/* a key of zone-specific data that comes or goes */
	ZONE_REF_COUNT,
};

/* A link of a zone; the strings are empty until set. */
struct zone_dl {
	struct zone_dl *next;
	datalink_id_t id;
	char address[sizeof(((struct zone_net_data *)0)->value)];
	char router[sizeof(((struct zone_net_data *)0)->value)];
};

/* What zone_setattr() sets. */
struct zone_attrs {
	char initname[ZONEROOT_MAX];
	char bootargs[BOOTARGS_MAX];
	char brand[ZONENAME_MAX]; /* "" until set */
	char fs_allowed[ZONE_FS_ALLOWED_MAX];
	uint32_t hostid; /* valid when has_hostid */
	bool has_hostid;
	uint32_t init_policy; /* ZSCHED_INIT_* */
	char sched_class[16]; /* of zonecfg; "" */
	uint32_t secflags;    /* those that processes start with; valid when has_secflags */
	bool has_secflags;
	char pool[256];			     /* the CPUs of the zone's pool; "" */
	struct zone_dedicated_cpu dedicated; /* min 0: none */
};

/* The values of resource controls, in the order they were set. */
struct zone_rctls {
	uint32_t count;
	struct zone_rctl_value values[ZONE_RCTLS_MAX];
};

struct zone {
	/* Constant once the zone is in the table: */
	zoneid_t id;
	uint64_t uniqid;
	uint32_t flags; /* ZF_* */
	uint32_t uid_base;
	int32_t did;   /* of zonecfg; 0: none */
	uint64_t caps; /* bounding set, from limitpriv */
	char name[ZONENAME_MAX];
	char root[ZONEROOT_MAX];

	struct zone *next; /* of the same name's hash; zonehash_lock */
	bool abandoned;	   /* goes with its last reference; zonehash_lock */

	zone_status_t status; /* zone_status_lock */

	/* One of boot, shutdown and destroy at a time. Held over everything they do; taken before any other. */
	pthread_mutex_t life_lock;
	int zsched;	  /* its pidfd; life_lock to change, constant from READY to DYING */
	pid_t zsched_pid; /* as zsched */

	/* One change of resource controls at a time. Held over save_lock. */
	pthread_mutex_t rctl_lock;

	/* One save at a time, so that the last state is stored last. Held over a call to zsched. */
	pthread_mutex_t save_lock;
	struct record_memory *record; /* save_lock; NULL without a zsched */
	bool told_closed;	      /* save_lock; zsched knows that the zone goes down */

	pthread_mutex_t lock; /* "zone_lock"; the rest is under it */
	unsigned int refs;    /* besides the table's */
	unsigned int subsys_refs[ZONE_REF_COUNT];
	struct zone_attrs attrs;
	struct zone_rctls rctls;
	struct zone_dl *links;
	pid_t init_pid; /* 0: none lives */
	int init;	/* its pidfd */
	uint32_t init_restarts;
	int64_t init_started; /* clock_now_ms() */
	uint64_t crtime;      /* of its kstats; 0: nobody asked for one */
	bool frozen;
	struct zsd_entry *zsd; /* newest key first */
	bool zsd_open;	       /* gets new keys */
	pthread_cond_t zsd_cv;
};

/* ---- zone-table.c ---- */

/* A zone of no table yet, with its locks; zone_free() for one that never got in. */
int zone_new(struct zone **ret);
void zone_free(struct zone *z);

/* Puts the global zone into the table. */
int zone_table_init(void);

/*
 * Puts a new zone into the table as UNINITIALIZED and gives it id, uniqid and
 * uid_base. -EEXIST, -EBUSY: name or root are in use; -ENOMEM: too many zones; -ENFILE: no id is free.
 */
int zone_table_add(struct zone *z, struct diag *d);

/* Puts a zone back that a former zoned made: id, uniqid and status are those it had. -EEXIST. */
int zone_table_restore(struct zone *z);

/*
 * A held zone whose status is from..to. zone_rele() it with the same ref.
 * NULL: no such zone. The second never returns the global zone.
 */
struct zone *zone_hold_by_id(zoneid_t id, zone_status_t from, zone_status_t to, enum zone_ref ref);
struct zone *zone_hold_by_name(const char *name, zone_status_t from, zone_status_t to);
/*
 * The zone in whose root an absolute path is, held as a call: the global zone when it is in no other's.
 * any: also when it is in the zonepath only, beside the root.
 */
struct zone *zone_hold_by_path(const char *path, bool any);
void zone_hold(struct zone *z, enum zone_ref ref);
/* The zone with the least id that is from or more, in whatever status; NULL when there is none. */
struct zone *zone_hold_next(zoneid_t from, enum zone_ref ref);
void zone_rele(struct zone *z, enum zone_ref ref);

/*
 * Waits until nobody but the table holds the zone, telling the log who does after a
 * minute; then takes it out, as FREE, and frees it. The caller holds nothing. There is no limit to the
 * wait: who holds is a thread of zoned, which uses the zone. -EINTR: the caller of the call has gone; who lets go
 * of the zone last does the rest.
 */
extern unsigned int zone_refs_log_ms; /* the minute, for who tests it */
int zone_table_remove(struct zone *z);
/* Waits until another one has done that. -EINTR. */
int zone_table_wait_removed(zoneid_t id, uint64_t uniqid);

/* A zone that is gone, and credentials of it are not. */
struct zone_dead {
	zoneid_t id;
	uint64_t uniqid;
	int64_t destroyed; /* seconds since the epoch; 0: a zoned that was killed did not write it down */
	unsigned int creds; /* that zoned has */
	bool userns;	    /* somebody of the host holds its user namespace */
	char name[ZONENAME_MAX];
};

/* Calls fn, under zonehash_lock, for each zone that is gone while credentials of it are not. */
void zone_deathrow_walk(void (*fn)(const struct zone_dead *dead, void *arg), void *arg);

/*
 * Calls fn for each zone with status from..to, in the order of their ids, under
 * zonehash_lock, until it returns non-zero, which is returned. fn may take the locks below.
 */
int zones_walk(
	zone_status_t from, zone_status_t to, int (*fn)(struct zone *z, void *arg), void *arg);

/* ---- zone-status.c ---- */

const char *zone_status_name(zone_status_t status);
zone_status_t zone_status_get(struct zone *z);

/* Moves on to a later status and wakes who waits; false when the zone is there or further already. */
bool zone_status_advance(struct zone *z, zone_status_t to);

/* Moves on only if the status is exactly from. */
bool zone_status_move(struct zone *z, zone_status_t from, zone_status_t to);

/*
 * From BOOTING to RUNNING; to SHUTTING_DOWN when the global zone is further than RUNNING. False unless
 * it runs now.
 */
bool zone_status_run(struct zone *z);
bool zone_status_global_down(void);

/* Waits until the zone is at status or further: true, or false when the time is over. */
bool zone_status_wait(struct zone *z, zone_status_t status, int timeout_ms);

/*
 * The waits of a call, which end with -EINTR when its caller does not wait any more. Without a
 * caller, in a thread of zoned's own, they are like the others. The first one: -ETIMEDOUT, too.
 */
int zone_status_wait_sig(struct zone *z, zone_status_t status, int timeout_ms);
int zone_life_lock_sig(struct zone *z);
bool zone_caller_gone(void);

#define ZONE_LOOK_MS 200 /* so often it is looked */

/* Posts the status of a zone that a former zoned made, if that is not what it told last. */
void zone_status_tell(struct zone *z);

/* Before any other of these. */
void zone_status_init(void);

/* Whom an event is about; the rest is empty. */
void zone_event_who(const struct zone *z, struct zone_event *ret);

/* ---- zone-record.c ---- */

/*
 * Maps the memory for the record, ZSCHED_FD_RECORD of the zone's zsched, which keeps it; fd stays the caller's. -EBADMSG: it
 * is not what zsched makes. zone_record_unmap() is called by zone_free().
 */
int zone_record_map(struct zone *z, const char *name, int fd, struct diag *d);
void zone_record_unmap(struct zone *z);

/* Stores the zone's record there, with the status it has or with the one it is about to have. */
int zone_save(struct zone *z, struct diag *d);
int zone_save_as(struct zone *z, zone_status_t status, struct diag *d);

/* zone_save() where there is nobody to tell: the log gets the error. */
void zone_save_logged(struct zone *z);

/* Fills a new zone, status too, from the record that is stored. -ENODATA: none is; -EBADMSG: it is not one of ours. */
int zone_record_load(struct zone *z);

/* The same from a record that is all of data. */
int zone_record_read(struct zone *z, const void *data, size_t size);

/* The record of a zone. Takes zone_lock. -E2BIG when it does not fit into max bytes. */
int zone_record_write(
	struct zone *z, zone_status_t status, void *data, size_t max, size_t *ret_size);

/* ---- zone-rctl.c ---- */

/* Checks values from outside, all of them, before anything is done. */
int zone_rctls_check(const struct zone_rctl_value *values, uint32_t count, struct diag *d);
/* The values of a zone; of two with one privilege and limit the first, as a control has each only once. */
void zone_rctls_take(struct zone_rctls *ret, const struct zone_rctl_value *values, uint32_t count);

/*
 * What this host has no means for, 0 when everything holds: -EOPNOTSUPP with the name of the
 * control and the reason. A control that the kernel does not count can be kept by another one: there are
 * never more processes than threads.
 */
int zone_rctls_enforceable(const struct zone_rctls *rctls, struct diag *d);

/* Of one control, whatever the others are; false when it holds only together with another one. */
bool zone_rctl_enforceable(enum zone_rctl_id id);

/*
 * Applies controls to the zone's control group. live: limits that are not among them are taken
 * away. -EOPNOTSUPP with the name of one this host cannot enforce.
 */
int zone_rctls_apply(
	const struct zone *z, const struct zone_rctls *rctls, bool live, struct diag *d);

/* What bounds the control now; UINT64_MAX when nothing does. */
uint64_t zone_rctls_limit(const struct zone_rctls *rctls, enum zone_rctl_id id);

/* ---- zone-freeze.c ---- */

/* ZONE_ATTR_FROZEN of a running zone. Blocks until it is so, for some seconds at most. */
int zone_freeze_set(struct zone *z, const struct zone_setattr_req *req, struct diag *d);
bool zone_is_frozen(struct zone *z);
/* What is to start or to end in the zone must run. */
void zone_thaw(struct zone *z);
/* Of a zone that a former zoned made. */
void zone_freeze_restore(struct zone *z);

/* ---- zone-net.c ---- */

/* ZONE_ATTR_NETWORK of a running zone: record and link change together, or neither does. */
int zone_network_change(struct zone *z, const struct zone_setattr_req *req, struct diag *d);

/* ---- zone-ipc.c ---- */

/*
 * Applies the controls of System V IPC to the zone's ipc namespace, which its zsched
 * has. live: also when there are none any more.
 */
int zone_ipc_apply(const struct zone *z, const struct zone_rctls *rctls, bool live, struct diag *d);

/* As ZSD of every zone: its limits, as they are when it is made or found. */
int zone_ipc_init(void);

/* What exists in the zone, all of it in one look. */
struct zone_ipc_usage {
	uint64_t shm_ids, shm_memory, sem_ids, msg_ids;
};
int zone_ipc_look(struct zone *z, struct zone_ipc_usage *ret);

/* Objects or bytes that exist in the zone; -EOPNOTSUPP for a control of something else. */
bool zone_rctl_is_ipc(enum zone_rctl_id id);
int zone_ipc_usage(struct zone *z, enum zone_rctl_id id, uint64_t *ret);

/* ---- zone-rctl-live.c ---- */

/* A copy of the zone's controls as they are now. Takes zone_lock. */
void zone_rctls_get(struct zone *z, struct zone_rctls *ret);

/* The limits of a zone that a former zoned made, as its record has them; those of IPC are ZSD. */
int zone_rctls_restore(struct zone *z, struct diag *d);

/*
 * What the zone uses of a control, and how often the kernel refused more. -EOPNOTSUPP:
 * it does not tell.
 */
int zone_rctl_usage(struct zone *z, enum zone_rctl_id id, uint64_t *ret);
int zone_rctl_refused(const struct zone *z, enum zone_rctl_id id, uint64_t *ret);

/* ---- rctl-log.c ---- */

/* Reads what is to be logged, and what it saw of each zone is ZSD; before the sampling thread starts. */
int rctl_log_init(void);

/* Logs what the zone hit since the last look; for one thread, once a second. */
void rctl_log_look(struct zone *z);

/* ---- zone-priv.c ---- */

/* The capability set of a limitpriv list ("" = default). -EINVAL with the word that is wrong. */
int zone_limitpriv_parse(const char *list, uint64_t *ret_caps, struct diag *d);

/* ---- zone-group.c ---- */

/* "zones/NAME", or with a leaf ("zone", "zsched") below it. */
void zone_group(const struct zone *z, const char *leaf, char buf[ZONE_GROUP_MAX]);

/* Makes the zone's groups, after removing empty left-overs. -EBUSY when they are not empty. */
int zone_groups_make(struct zone *z, struct diag *d);
int zone_groups_remove(struct zone *z, struct diag *d);

/* Gives the leaf to the zone's root. */
int zone_groups_delegate(struct zone *z, struct diag *d);

/*
 * Kills what is in a group until it is empty; -ETIMEDOUT with the names of what is left. The second
 * one: -EINTR when the caller is gone.
 */
int zone_group_empty(const struct zone *z, const char *leaf, int timeout_ms, struct diag *d);
int zone_group_empty_sig(const struct zone *z, const char *leaf, int timeout_ms, struct diag *d);

/* ---- zone-cpus.c ---- */

/* ZONE_ATTR_POOLID, ZONE_ATTR_DEDICATED_CPU: the CPUs that the zone runs on, stored and in force. */
int zone_cpus_set(struct zone *z, const struct zone_setattr_req *req, struct diag *d);
/* Keeps a zone that is about to boot off CPUs that others have for themselves. */
int zone_cpus_apply(struct zone *z, struct diag *d);
/* Before the groups of a zone go: the kernel takes its time to give back what a removed group had as its own. */
void zone_cpus_leave(struct zone *z);
/* After a zone has gone: others may have more now. */
void zone_cpus_look(void);

/* ---- delegate.c ---- */

int serve_delegate(struct zoned_call *call);

/* ---- program-spawn.c ---- */

/*
 * Starts a program in a session of its own with fd (unless it is negative) as its descriptor 3, null as 0 to 2, and signals
 * as usual. It is not waited for. 0 or a negative errno.
 */
int program_spawn(char **argv, int fd, pid_t *ret_pid);

/* ---- zsched-start.c ---- */

/* Starts the process that zscheds are made of, so that no zone waits for that. */
void zsched_starter_begin(void);

/* Starts the zone's zsched, whose group is there, and waits until it serves its door. Fills zsched, zsched_pid, record. */
int zsched_start(struct zone *z, struct diag *d);

/* Tells it to end and waits; kills it when it does not. The pidfd is closed. */
void zsched_stop(struct zone *z);

/* Opens the zsched of a restored zone by the process behind its door. */
int zsched_adopt(struct zone *z, struct diag *d);

/* True when it has ended. */
bool zsched_is_dead(const struct zone *z);

/* ---- zone-init.c ---- */

/* Watches init by its pidfd, which it takes over, or gets from zsched when it is FD_NONE. -ESRCH when none lives. */
int zone_init_watch(struct zone *z, pid_t pid, int pidfd, struct diag *d);
/*
 * Init seems to have ended: if so it is forgotten, and started again in a running zone whose policy says
 * so, or the zone goes to SHUTTING_DOWN. Blocks for a boot that is under way, and as long as the new init takes.
 * Consumes a hold of ZONE_REF_WATCH.
 */
void zone_init_ended(struct zone *z);
/* The same in a thread, for who holds the zone's life_lock or cannot wait. A zone that gets no thread goes down. */
void zone_init_ended_later(struct zone *z);
/* zsched says that the init which ended last is to be started again. */
bool zone_init_comes_again(struct zone *z);
/* SIGKILL by pidfd, if one lives. */
void zone_init_kill(struct zone *z);

/* ---- zone-watch.c ---- */

enum zone_watch_kind { WATCH_ZSCHED, WATCH_INIT };

/*
 * Runs fn in a detached thread with a zone that is held as ZONE_REF_WATCH; fn releases it. A negative errno when
 * there can be no thread; the hold is the caller's then.
 */
int zone_thread(struct zone *z, void (*fn)(struct zone *z));

/* From now on processes can be watched. */
int zone_watch_open(void);
/* Starts the thread that sees their ends, also those that came before. When both halves have found what there is. */
int zone_watch_start(void);
/* Watches for the end of a process. Closing the last descriptor of it ends the watch. */
int zone_watch_add(struct zone *z, enum zone_watch_kind kind, int pidfd);

/* ---- zone-attr.c ---- */

/* ZONE_START_*: how its processes are started. */
uint32_t zone_start_flags(struct zone *z);

/* ---- zone-life.c ---- */

/* Makes everything a new zone of the table needs, up to READY; undone when it fails. */
int zone_bring_up(struct zone *z, struct diag *d);
int zone_boot(struct zone *z, struct diag *d);
/*
 * Init again, in a zone that is RUNNING and has none; else -ECANCELED. -ESRCH: it has ended already.
 */
int zone_boot_again(struct zone *z, struct diag *d);
int zone_shutdown(struct zone *z, struct diag *d);
/* The host goes down: from now on no zone gets to RUNNING, and none starts its init again. */
void zone_shutdown_global(void);
/* Consumes the caller's hold (ZONE_REF_CALL or ZONE_REF_WATCH), also when it fails. */
int zone_destroy(struct zone *z, enum zone_ref ref, struct diag *d);
/* zsched has died: down and away with the zone. Consumes a hold of ZONE_REF_WATCH. */
void zone_bury(struct zone *z);

/* ---- zone-netns.c, zone-dev.c: what each zone has, as ZSD keys ---- */

int zone_netns_init(void);
/* A copy of the zone's network namespace, which the caller closes; -ENXIO. */
int zone_netns_dup(struct zone *z, int *ret_fd);

/* The door that every zone finds at /dev/zones/zone_door. */
int zone_dev_init(int door);

/*
 * Removes NAME.dev and whatever is in it: the zone is dead, the doors of other daemons in it are of
 * no use, and a zoned that was killed may have left one that had no name yet.
 */
void zone_dev_remove(const char *name);

/* ---- zone-ids.c ---- */

/* What a former zoned knows; before zones are made or found. */
int zone_ids_open(struct diag *d);
/* The id and the uniqid that were given last, by whichever zoned; 0 and 0: none were. */
void zone_ids_last(zoneid_t *ret_id, uint64_t *ret_uniqid);
/* A zone of the table has this user namespace. */
void zone_ids_take(const struct zone *z, int userns);
/* The zone of the id is gone from the table, or about to; under zonehash_lock, and so it does not log. */
int zone_ids_gone(zoneid_t id);
void zone_ids_log(int r); /* what that returned */
/* Somebody has credentials of the zone that had the id last: its user namespace lives, or zoned counts some. */
bool zone_ids_rest(zoneid_t id);

/* Of an id that no zone has, under zonehash_lock: false when nobody has credentials of it any more. */
bool zone_ids_dead(zoneid_t id, struct zone_dead *ret);

/* ---- zone-stack.c: zones on the host's network stack ---- */

int zone_stack_init(void);

/*
 * One address of a zone that is READY: "DEVICE ADDRESS/PREFIX [ROUTER]". It is put on the host's
 * device and the zone may use it; the same again is success. -EEXIST: somebody has it.
 */
int zone_stack_add(struct zone *z, const char *value, struct diag *d);

/* Takes everything away that a zone of the name has on the host's stack; nothing there is success. */
void zone_stack_remove(const char *name);

/* ZONE_STACK_CHECK */
int serve_stack_check(struct zoned_call *call);

/* ---- zone-traces.c ---- */

struct zone_traces;

/* What there is of a zone that is about to go, for a look afterwards; NULL when memory is short. */
struct zone_traces *zone_traces_take(const struct zone *z);

/*
 * The zone is gone: who still holds a namespace of it goes into the log and the diag. Waits half a second for
 * it. Consumes t, which may be NULL.
 */
void zone_traces_look(struct zone_traces *t, const struct zone *z, struct diag *d);

/* ---- rebuild.c ---- */

/* Finds the zones of a former zoned, before dls_init() and before the door is served. */
int zones_rebuild(struct diag *d);

/* ---- handlers, see zone-commands.c ---- */

int serve_zone_create(struct zoned_call *call);
int serve_zone_destroy(struct zoned_call *call);
int serve_zone_boot(struct zoned_call *call);
int serve_zone_shutdown(struct zoned_call *call);
int serve_host_down(struct zoned_call *call);
int serve_zone_enter(struct zoned_call *call);
int serve_zone_getattr(struct zoned_call *call);
int serve_zone_setattr(struct zoned_call *call);
int serve_zone_list(struct zoned_call *call);
int serve_zone_rows(struct zoned_call *call);
int serve_zone_lookup(struct zoned_call *call);
int serve_find_by_path(struct zoned_call *call);
int serve_zone_version(struct zoned_call *call);
int serve_add_datalink(struct zoned_call *call);
int serve_del_datalink(struct zoned_call *call);
int serve_check_datalink(struct zoned_call *call);
/* The first max of the links that a zone has; returns how many it has. */
uint32_t zone_datalink_list(struct zone *z, datalink_id_t *ids, uint32_t max);
int serve_list_datalink(struct zoned_call *call);
int serve_rctl_get(struct zoned_call *call);
int serve_rctl_set(struct zoned_call *call);
int serve_rctl_log_get(struct zoned_call *call);
int serve_rctl_log_set(struct zoned_call *call);

/* A caller sees the zone: it is in the global zone or in that one. */
static inline bool zone_visible(const struct zoned_call *call, const struct zone *z)
{
	return call->zoneid == GLOBAL_ZONEID || call->zoneid == z->id;
}

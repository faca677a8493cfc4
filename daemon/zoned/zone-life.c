/* SPDX-License-Identifier: MIT */
/*
 * The life of a zone: bring-up to READY, boot, shutdown, destroy.
 *
 * One of them at a time for each zone, under its life_lock, which is held over
 * everything they wait for; the table's locks never are. Shutdown sets the status and
 * kills before it takes the life_lock, so that it ends a boot that hangs.
 */
#include "zoned/event.h"
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/clock.h"
#include "linux/log.h"
#include "zone/confine.h"
#include "zone/zsched-calls.h"

#define SHUTDOWN_MS 30000 /* until all processes must have ended */
#define VIEW_MS	    2000  /* until readers of the zone's view are let go */
#define REMOVE_MS   5000

#define INIT_ENDED_ALREADY 1

/* ---- bring-up ---- */

static int make_groups(struct zone *z, struct diag *d)
{
	int r = zone_groups_make(z, d);

	if (r < 0)
		return r;
	r = zone_rctls_apply(z, &z->rctls, false, d);
	if (r == 0)
		r = zone_groups_delegate(z, d);
	if (r < 0)
		(void)zone_groups_remove(z, NULL);
	return r;
}

static int bring_up(struct zone *z, struct diag *d)
{
	int r;

	r = make_groups(z, d);
	if (r < 0)
		return r;
	r = zsched_start(z, d);
	if (r < 0)
		goto undo_groups;
	(void)zone_status_advance(z, ZONE_IS_INITIALIZED);
	r = zsd_configure(z);
	if (r == 0)
		r = zsd_create_all(z, d);
	if (r == 0)
		r = zone_save_as(z, ZONE_IS_READY, d);
	if (r == 0)
		r = zone_watch_add(z, WATCH_ZSCHED, z->zsched);
	if (r < 0)
		goto undo_zsd;
	(void)zone_status_advance(z, ZONE_IS_READY);
	return 0;
undo_zsd:
	zsd_destroy_all(z);
	zsched_stop(z);
undo_groups:
	(void)zone_groups_remove(z, NULL);
	return r;
}

int zone_bring_up(struct zone *z, struct diag *d)
{
	int r;

	(void)pthread_mutex_lock(&z->life_lock);
	r = bring_up(z, d);
	if (r < 0)
		(void)zone_status_advance(z, ZONE_IS_DEAD);
	(void)pthread_mutex_unlock(&z->life_lock);
	return r;
}

/* ---- boot ---- */

static void fill_boot(struct zone *z, struct zsched_boot_req *req)
{
	static const char env[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin\0"
				  "HOME=/\0"
				  "TERM=linux\0"
				  "container=zones";

	uint32_t start = zone_start_flags(z);

	req->caps = z->caps;
	req->envsize = sizeof(env);
	memcpy(req->env, env, sizeof(env));
	(void)pthread_mutex_lock(&z->lock);
	(void)str_copy(req->initname, sizeof(req->initname), z->attrs.initname);
	(void)str_copy(req->bootargs, sizeof(req->bootargs), z->attrs.bootargs);
	req->policy = z->attrs.init_policy;
	req->start = start;
	z->init_started = clock_now_ms();
	(void)pthread_mutex_unlock(&z->lock);
}

/* INIT_ENDED_ALREADY when it was executed, and is gone again. */
static int start_init(struct zone *z, struct diag *d)
{
	_cleanup_free_ struct zsched_boot_req *req = calloc(1, sizeof(*req));
	int pidfd, r;
	pid_t pid;

	if (!req)
		return -ENOMEM;
	fill_boot(z, req);
	r = zsched_call_boot(z->name, req, &pid, &pidfd, d);
	if (r < 0)
		return r;
	r = zone_init_watch(z, pid, pidfd, d);
	return r == -ESRCH ? INIT_ENDED_ALREADY : r;
}

static int start_links(struct zone *z, struct diag *d)
{
	_cleanup_close_ int netns = FD_NONE;
	int r;

	if (!(z->flags & ZF_NET_EXCL)) /* on the host's stack: zone-stack.c */
		return 0;
	r = zone_netns_dup(z, &netns);
	if (r < 0)
		return diag_errno(d, r, "The network namespace of zone '%s' is gone", z->name);
	return dls_zone_boot(z->id, netns, d);
}

/* An init that has ended already and is not to come again is the end of the zone. */
static void settle_boot(struct zone *z, int r)
{
	if (r < 0 || (r == INIT_ENDED_ALREADY && !zone_init_comes_again(z)))
		(void)zone_status_advance(z, ZONE_IS_SHUTTING_DOWN);
	else
		(void)zone_status_run(z);
	zone_save_logged(z);
	if (r == INIT_ENDED_ALREADY && zone_status_get(z) == ZONE_IS_RUNNING)
		zone_init_ended_later(z);
}

static int host_goes_down(const struct zone *z, struct diag *d)
{
	return diag_set(
		d, -ECANCELED, "Zone '%s' cannot be booted: the host is going down", z->name);
}

int zone_boot(struct zone *z, struct diag *d)
{
	int r;

	r = zone_life_lock_sig(z);
	if (r < 0)
		return r;
	if (!zone_status_move(z, ZONE_IS_READY, ZONE_IS_BOOTING)) {
		(void)pthread_mutex_unlock(&z->life_lock);
		return diag_set(d, -EINVAL, "Zone '%s' is %s; only a ready zone can be booted",
			z->name, zone_status_name(zone_status_get(z)));
	}
	zone_save_logged(z);
	r = zone_status_global_down() ? host_goes_down(z, d) : start_links(z, d);
	if (r == 0)
		r = zone_cpus_apply(z, d);
	if (r == 0)
		r = start_init(z, d);
	settle_boot(z, r);
	if (r >= 0 && zone_status_global_down())
		r = host_goes_down(z, d);
	(void)pthread_mutex_unlock(&z->life_lock);
	return r < 0 ? r : 0;
}

static bool has_init(struct zone *z)
{
	bool has;

	(void)pthread_mutex_lock(&z->lock);
	has = z->init_pid != 0;
	(void)pthread_mutex_unlock(&z->lock);
	return has;
}

int zone_boot_again(struct zone *z, struct diag *d)
{
	struct zone_event who;
	uint32_t restarts;
	int r = -ECANCELED;

	(void)pthread_mutex_lock(&z->life_lock);
	if (zone_status_get(z) == ZONE_IS_RUNNING && !has_init(z)) {
		zone_thaw(z);
		r = zone_status_global_down() ? -ESHUTDOWN : start_init(z, d);
	}
	if (r >= 0) {
		(void)pthread_mutex_lock(&z->lock);
		restarts = ++z->init_restarts;
		(void)pthread_mutex_unlock(&z->lock);
		zone_event_who(z, &who);
		event_post_init(&who, restarts);
	} else if (r != -ECANCELED) {
		(void)zone_status_advance(z, ZONE_IS_SHUTTING_DOWN);
		zone_save_logged(z);
	}
	(void)pthread_mutex_unlock(&z->life_lock);
	return r == INIT_ENDED_ALREADY ? -ESRCH : r;
}

/* ---- shutdown ---- */

static void kill_all(struct zone *z)
{
	char group[ZONE_GROUP_MAX];

	zone_group(z, "zone", group);
	(void)cgroup_kill(group);
	zone_init_kill(z);
	zone_thaw(z);
}

static void forget_init(struct zone *z)
{
	(void)pthread_mutex_lock(&z->lock);
	z->init = fd_close(z->init);
	z->init_pid = 0;
	(void)pthread_mutex_unlock(&z->lock);
}

static int shut_down(struct zone *z, struct diag *d)
{
	int r;

	if (zone_status_get(z) >= ZONE_IS_DOWN)
		return 0;
	kill_all(z);
	r = zone_group_empty_sig(z, "zone", VIEW_MS, NULL);
	if (r == -ETIMEDOUT) {
		/* Who waits for a zoneview that does not come can be killed when its connection ends. */
		(void)zsched_call_view(z->name, NULL, 0, NULL);
		r = zone_group_empty_sig(z, "zone", SHUTDOWN_MS, d);
	}
	if (r < 0)
		return r;
	forget_init(z);
	(void)zone_status_advance(z, ZONE_IS_EMPTY);
	r = zsd_shutdown_all(z, d);
	if (r < 0)
		return r;
	(void)zone_status_advance(z, ZONE_IS_DOWN);
	zone_save_logged(z);
	return 0;
}

int zone_shutdown(struct zone *z, struct diag *d)
{
	int r;

	if (zone_status_advance(z, ZONE_IS_SHUTTING_DOWN)) {
		kill_all(z);
		zone_save_logged(z);
	}
	r = zone_life_lock_sig(z);
	if (r < 0)
		return r;
	r = shut_down(z, d);
	(void)pthread_mutex_unlock(&z->life_lock);
	return r;
}

void zone_shutdown_global(void)
{
	struct zone *global =
		zone_hold_by_id(GLOBAL_ZONEID, ZONE_IS_UNINITIALIZED, ZONE_IS_DEAD, ZONE_REF_CALL);

	if (zone_status_advance(global, ZONE_IS_SHUTTING_DOWN))
		log_line(LOG_NOTICE, "The host is going down: no zone is booted any more");
	zone_rele(global, ZONE_REF_CALL);
}

/* ---- destroy ---- */

static void take_apart(struct zone *z, struct diag *ret_d)
{
	struct zone_traces *traces = zone_traces_take(z);
	struct diag d = {0};
	int r;

	(void)zone_status_advance(z, ZONE_IS_DYING);
	zone_save_logged(z);
	zsched_stop(z);
	zone_cpus_leave(z);
	r = zone_groups_remove(z, &d);
	if (r == -EBUSY) { /* something was moved in from outside */
		r = zone_group_empty(z, NULL, REMOVE_MS, &d);
		if (r == 0)
			r = zone_groups_remove(z, &d);
	}
	if (r < 0)
		log_line(LOG_ERR, "zone=%s %s", z->name, d.text);
	zone_cpus_look();
	(void)zone_status_advance(z, ZONE_IS_DEAD);
	zsd_destroy_all(z);
	zone_traces_look(traces, z, ret_d);
}

int zone_destroy(struct zone *z, enum zone_ref ref, struct diag *d)
{
	zone_status_t status = zone_status_get(z);
	uint64_t uniqid = z->uniqid;
	zoneid_t id = z->id;
	int r = 0;

	if (status < ZONE_IS_DYING) {
		r = zone_life_lock_sig(z);
		if (r < 0) {
			zone_rele(z, ref);
			return r;
		}
		status = zone_status_get(z);
		if (status == ZONE_IS_DOWN)
			take_apart(z, d);
		(void)pthread_mutex_unlock(&z->life_lock);
	}
	if (status < ZONE_IS_DOWN)
		r = diag_set(d, -EBUSY, "Zone '%s' is %s; it must be down to be destroyed", z->name,
			zone_status_name(status));
	zone_rele(z, ref);
	if (status == ZONE_IS_DOWN)
		r = zone_table_remove(z);
	else if (status > ZONE_IS_DOWN) /* somebody else does it, or has done it */
		r = zone_table_wait_removed(id, uniqid);
	return r;
}

void zone_bury(struct zone *z)
{
	char group[ZONE_GROUP_MAX];
	struct diag d = {0};
	int r;

	/* A bring-up or destroy that is under way ends first; it knows its zsched. */
	(void)pthread_mutex_lock(&z->life_lock);
	r = zone_status_get(z) < ZONE_IS_DYING && zsched_is_dead(z);
	(void)pthread_mutex_unlock(&z->life_lock);
	if (!r) {
		zone_rele(z, ZONE_REF_WATCH);
		return;
	}
	log_line(LOG_ERR, "zone=%s zsched died; the zone is taken down", z->name);
	zone_group(z, NULL, group);
	(void)cgroup_kill(group);
	r = zone_shutdown(z, &d);
	if (r == 0) {
		(void)zone_destroy(z, ZONE_REF_WATCH, &d);
		return;
	}
	log_line(LOG_ERR, "zone=%s Cannot take it down: %s", z->name,
		d.text[0] ? d.text : strerror(-r));
	zone_rele(z, ZONE_REF_WATCH);
}

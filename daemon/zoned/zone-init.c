/* SPDX-License-Identifier: MIT */
/*
 * What zoned knows of a zone's init: its pid and a pidfd, from zsched, whose
 * child it is. When it ends zsched knows what follows. Either init is started again, here,
 * in a zone that stays RUNNING all the time; or the zone is shutting down from that moment on, and
 * that zoneadmd hears of it is zsched's business.
 */
#include "zoned/zone-impl.h"

#include "linux/clock.h"
#include "linux/log.h"
#include "linux/pidfd.h"
#include "zone/zsched-calls.h"

#include <poll.h>
#include <signal.h>

#define INIT_PAUSE_MS                                                                              \
	1000 /* from one start of init to the next: one that fails at once shall not spin */

int zone_init_watch(struct zone *z, pid_t pid, int pidfd, struct diag *d)
{
	int fd = pidfd, r;

	r = fd < 0 ? zsched_call_getfds(z->name, ZSCHED_FD_INIT, &fd, d) : 0;
	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&z->lock);
	(void)fd_close(z->init);
	z->init = fd;
	z->init_pid = pid;
	r = zone_watch_add(z, WATCH_INIT, fd);
	(void)pthread_mutex_unlock(&z->lock);
	return r < 0 ? diag_errno(d, r, "Cannot watch init of zone '%s'", z->name) : 0;
}

/* False when the init that is known lives. */
static bool forget_if_ended(struct zone *z)
{
	struct pollfd p = {.events = POLLIN};
	bool lives;

	(void)pthread_mutex_lock(&z->lock);
	p.fd = z->init;
	lives = z->init >= 0 && poll(&p, 1, 0) == 0;
	if (!lives) {
		z->init = fd_close(z->init);
		z->init_pid = 0;
	}
	(void)pthread_mutex_unlock(&z->lock);
	return !lives;
}

bool zone_init_comes_again(struct zone *z)
{
	struct zsched_info_reply info;

	return zsched_call_getinfo(z->name, &info, NULL) == 0 && !info.init_pid &&
	       info.init_ended && info.init_next == ZSCHED_NEXT_RESTART;
}

/* False: the zone has gone on to something else meanwhile. */
static bool pause_for_restart(struct zone *z)
{
	int64_t left;

	(void)pthread_mutex_lock(&z->lock);
	left = z->init_started + INIT_PAUSE_MS - clock_now_ms();
	(void)pthread_mutex_unlock(&z->lock);
	return left <= 0 || !zone_status_wait(z, ZONE_IS_SHUTTING_DOWN, (int)left);
}

static void go_down(struct zone *z)
{
	if (!zone_status_advance(z, ZONE_IS_SHUTTING_DOWN))
		return;
	log_line(LOG_NOTICE, "zone=%s Init has ended", z->name);
	zone_save_logged(z);
}

/* As often as it ends at once. */
static void start_again(struct zone *z)
{
	struct diag d = {0};
	int r;

	do {
		if (!pause_for_restart(z))
			return;
		r = zone_boot_again(z, &d);
	} while (r == -ESRCH && zone_init_comes_again(z));
	if (r == 0)
		log_line(LOG_NOTICE, "zone=%s Init has ended and was started again", z->name);
	else if (r == -ESRCH)
		go_down(z);
	else if (r != -ECANCELED)
		log_line(LOG_ERR, "zone=%s Init has ended and cannot be started again: %s", z->name,
			d.text[0] ? d.text : strerror(-r));
}

static void init_ended(struct zone *z)
{
	/* A boot that is under way comes to its end first. */
	(void)pthread_mutex_lock(&z->life_lock);
	(void)pthread_mutex_unlock(&z->life_lock);
	if (!forget_if_ended(z))
		return;
	if (zone_status_get(z) == ZONE_IS_RUNNING && zone_init_comes_again(z))
		start_again(z);
	else
		go_down(z);
}

void zone_init_ended(struct zone *z)
{
	init_ended(z);
	zone_rele(z, ZONE_REF_WATCH);
}

void zone_init_ended_later(struct zone *z)
{
	int r;

	zone_hold(z, ZONE_REF_WATCH);
	r = zone_thread(z, zone_init_ended);
	if (r == 0)
		return;
	log_line(LOG_ERR, "zone=%s Init cannot be started again: %s", z->name, strerror(-r));
	go_down(z);
	zone_rele(z, ZONE_REF_WATCH);
}

void zone_init_kill(struct zone *z)
{
	(void)pthread_mutex_lock(&z->lock);
	if (z->init >= 0)
		(void)pidfd_signal(z->init, SIGKILL);
	(void)pthread_mutex_unlock(&z->lock);
}

/* SPDX-License-Identifier: MIT */
/*
 * What zoned knows of a zone's init: its pid and a pidfd, from zsched, whose
 * child it is. When it ends the zone is shutting down from that moment on; that
 * zoneadmd hears of it is zsched's business.
 */
#include "zoned/zone-impl.h"

#include "linux/log.h"
#include "linux/pidfd.h"
#include "zone/zsched-calls.h"

#include <poll.h>
#include <signal.h>

int zone_init_watch(struct zone *z, pid_t pid, struct diag *d)
{
	int fd, r;

	r = zsched_call_getfds(z->name, ZSCHED_FD_INIT, &fd, d);
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

void zone_init_ended(struct zone *z)
{
	struct pollfd p = {.events = POLLIN};
	bool ended;

	(void)pthread_mutex_lock(&z->lock);
	p.fd = z->init;
	ended = z->init >= 0 && poll(&p, 1, 0) == 1;
	if (ended) {
		z->init = fd_close(z->init);
		z->init_pid = 0;
	}
	(void)pthread_mutex_unlock(&z->lock);
	if (!ended || zone_status_get(z) < ZONE_IS_BOOTING)
		return;
	if (zone_status_advance(z, ZONE_IS_SHUTTING_DOWN)) {
		log_line(LOG_NOTICE, "zone=%s Init has ended", z->name);
		zone_save_logged(z);
	}
}

void zone_init_kill(struct zone *z)
{
	(void)pthread_mutex_lock(&z->lock);
	if (z->init >= 0)
		(void)pidfd_signal(z->init, SIGKILL);
	(void)pthread_mutex_unlock(&z->lock);
}

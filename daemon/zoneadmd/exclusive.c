/* SPDX-License-Identifier: MIT */
/*
 * Two record locks on <run>/zones/NAME.zoneadmd.lock keep the daemon unique:
 *
 *	byte 0, "life":  held until the process ends;
 *	byte 1, "start": held from before byte 0 is tried until the door is there.
 *
 * Who cannot get "life" while he holds "start" has met a zoneadmd that either serves (its
 * door opens, nothing to do) or is on its way out (it has none any more; its "life"
 * ends in a moment). A third case, one that is just starting, cannot be: it would hold
 * "start". The locks belong to the open file, so they pass through fork and
 * go with the last process that has it; no program that is run inherits it.
 */
#include "zoneadmd/exclusive.h"

#include <door_linux.h>
#include <fcntl.h>
#include <signal.h>

#include "linux/instance.h"
#include "zone/zoneadmd-door.h"

#define WAIT_SECONDS 10

enum { BYTE_LIFE = 0, BYTE_START = 1 };

static int lock(int fd, short type, off_t byte, bool wait)
{
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	return fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &l) < 0 ? -errno : 0;
}

static void on_alarm(int sig)
{
}

/* As lock, but -EINTR after a while. */
static int lock_bounded(int fd, off_t byte)
{
	struct sigaction act = {.sa_handler = on_alarm}, old;
	int r;

	if (lock(fd, F_WRLCK, byte, false) == 0)
		return 0;
	(void)sigaction(SIGALRM, &act, &old);
	(void)alarm(WAIT_SECONDS);
	r = lock(fd, F_WRLCK, byte, true);
	(void)alarm(0);
	(void)sigaction(SIGALRM, &old, NULL);
	return r;
}

/* A door that opens has a process behind it. */
static bool is_served(const char *zone, bool *ret_stale)
{
	char path[4096];
	int fd;

	if (instance_path(path, sizeof(path), ZONEADMD_DOOR_FMT, zone) < 0)
		return false;
	fd = door_open(path);
	*ret_stale = fd < 0 && errno != ENOENT;
	(void)fd_close(fd);
	return fd >= 0;
}

static int open_lock(const char *zone)
{
	char path[4096];
	int fd, r;

	r = instance_path(path, sizeof(path), INSTANCE_RUN "/%s.zoneadmd.lock", zone);
	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

int exclusive_take(const char *zone, struct exclusive *ret, struct diag *d)
{
	_cleanup_close_ int fd = open_lock(zone);
	bool stale;
	int r;

	if (fd < 0)
		return diag_errno(d, fd, "cannot open the lock of zoneadmd");
	r = lock_bounded(fd, BYTE_START);
	if (r < 0)
		return diag_errno(d, r, "another zoneadmd does not finish its start");
	if (is_served(zone, &stale))
		return EXCLUSIVE_SERVED;
	r = lock_bounded(fd, BYTE_LIFE);
	if (r < 0)
		return diag_errno(d, r, "another zoneadmd does not finish");
	ret->fd = TAKE_FD(fd);
	ret->stale = stale;
	return 0;
}

void exclusive_ready(struct exclusive *e)
{
	(void)lock(e->fd, F_UNLCK, BYTE_START, false);
}

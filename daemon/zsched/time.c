/* SPDX-License-Identifier: MIT */
/*
 * The zone's time: its clocks since boot, and with them sysinfo(2) and the start times of processes,
 * begin with the first init of the zone, in a time namespace that later ones enter. The monotonic
 * clock is never ahead of the boot-time clock, so both begin anew. The time of day is the host's.
 *
 * A kernel without time namespaces shows the host's, and zoneview then does too: when the
 * zone's own began it knows by an attribute of the zone's control group.
 */
#include "zsched/zsched.h"

#include "linux/cgroup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <sys/xattr.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define OFFSETS "/proc/self/timens_offsets"

void time_look(struct zone_start *ret)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &ret->monotonic);
	(void)clock_gettime(CLOCK_BOOTTIME, &ret->boot);
}

int time_open_offsets(const struct zsched *z, int *ret_fd)
{
	int fd;

	if (z->time >= 0)
		return 0;
	fd = open(OFFSETS, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	*ret_fd = fd;
	return 0;
}

/* "CLOCK -SECONDS NANOSECONDS", the nanoseconds never negative. */
static int print_offset(char *text, size_t size, const char *clock, const struct timespec *ts)
{
	bool part = ts->tv_nsec > 0;

	return snprintf(text, size, "%s %" PRId64 " %ld\n", clock, -(int64_t)ts->tv_sec - part,
		part ? 1000000000L - ts->tv_nsec : 0L);
}

int time_enter(const struct zsched *z, int offsets, const struct zone_start *start)
{
	char text[128];
	int n;

	if (z->time >= 0)
		return setns(z->time, CLONE_NEWTIME) < 0 ? -errno : 0;
	if (offsets < 0)
		return 0;
	if (unshare(CLONE_NEWTIME) < 0)
		return -errno;
	n = print_offset(text, sizeof(text), "monotonic", &start->monotonic);
	n += print_offset(text + n, sizeof(text) - (size_t)n, "boottime", &start->boot);
	return write(offsets, text, (size_t)n) == n ? 0 : -errno;
}

void time_keep(struct zsched *z, pid_t init, const struct zone_start *start)
{
	char path[PATH_MAX], group[ZONENAME_MAX + 16], text[32];
	int n;

	if (z->time >= 0)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/time", (int)init);
	z->time = open(path, O_RDONLY | O_CLOEXEC);
	if (z->time < 0) {
		z->time = FD_NONE;
		return;
	}
	(void)snprintf(group, sizeof(group), "zones/%s", z->name);
	n = snprintf(text, sizeof(text), "%" PRIu64,
		(uint64_t)start->boot.tv_sec * 1000000000u + (uint64_t)start->boot.tv_nsec);
	if (cgroup_v2_path(path, sizeof(path), group) == 0)
		(void)setxattr(path, VIEW_START_XATTR, text, (size_t)n, 0);
}

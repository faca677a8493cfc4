/* SPDX-License-Identifier: MIT */
/*
 * The files by which a zone sees the machine as its own: zoneview serves them by these names,
 * in the order of their inodes, and zsched puts each over the kernel's file.
 */
#pragma once

#define VIEW_FILES                                                                                 \
	X(CPUINFO, "cpuinfo", "proc/cpuinfo")                                                      \
	X(LOADAVG, "loadavg", "proc/loadavg")                                                      \
	X(MEMINFO, "meminfo", "proc/meminfo")                                                      \
	X(STAT, "stat", "proc/stat")                                                               \
	X(SWAPS, "swaps", "proc/swaps")                                                            \
	X(UPTIME, "uptime", "proc/uptime")                                                         \
	X(ONLINE, "online", "sys/devices/system/cpu/online")

enum view_file {
#define X(id, name, target) VIEW_##id,
	VIEW_FILES
#undef X
		VIEW_FILE_COUNT,
};

struct view_file_place {
	const char *name;   /* in zoneview's file system */
	const char *target; /* in the zone, without the leading slash */
};

static const struct view_file_place view_files[VIEW_FILE_COUNT] = {
#define X(id, name, target) [VIEW_##id] = {name, target},
	VIEW_FILES
#undef X
};

/*
 * What only zsched and zoned know of a zone and zoneview shows, as extended attributes of the
 * zone's directory in the v2 hierarchy, where they outlive all three: the moment of its first
 * boot ("NANOSECONDS" of the boot-time clock), and its load ("0.00 0.00 0.00").
 */
#define VIEW_START_XATTR "user.zone.start"
#define VIEW_LOAD_XATTR	 "user.zone.load"

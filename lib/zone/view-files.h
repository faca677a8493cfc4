/* SPDX-License-Identifier: MIT */
/*
 * The files by which a zone sees the machine as its own: zoneview serves them by these names,
 * in the order of their inodes, and zsched puts each over the kernel's file.
 */
#pragma once

enum view_file {
	VIEW_CPUINFO,
	VIEW_LOADAVG,
	VIEW_MEMINFO,
	VIEW_STAT,
	VIEW_SWAPS,
	VIEW_UPTIME,
	VIEW_ONLINE,
	VIEW_FILE_COUNT,
};

struct view_file_place {
	const char *name;   /* in zoneview's file system */
	const char *target; /* in the zone, without the leading slash */
};

/* In the order of enum view_file. */
static const struct view_file_place view_files[VIEW_FILE_COUNT] = {
	{"cpuinfo", "proc/cpuinfo"},
	{"loadavg", "proc/loadavg"},
	{"meminfo", "proc/meminfo"},
	{"stat", "proc/stat"},
	{"swaps", "proc/swaps"},
	{"uptime", "proc/uptime"},
	{"online", "sys/devices/system/cpu/online"},
};

/*
 * What only zsched and zoned know of a zone and zoneview shows, as extended attributes of the
 * zone's directory in the v2 hierarchy, where they outlive all three: the moment of its first
 * boot ("NANOSECONDS" of the boot-time clock), and its load ("0.00 0.00 0.00").
 */
#define VIEW_START_XATTR "user.zone.start"
#define VIEW_LOAD_XATTR	 "user.zone.load"

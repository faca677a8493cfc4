/* SPDX-License-Identifier: MIT */
/*
 * The protocol of a zone's zoneadmd, <run>/<zone>.zoneadmd_door (mode 0600),
 * with the commands and fields of illumos <libzonecfg.h>. Callers: global root
 * with CAP_SYS_ADMIN; and the zone's zsched, the "kernel caller", which may send only HALT and
 * REBOOT with the uniqid of the live zone and gets an empty reply.
 */
#pragma once

#include <zone.h>

#define ZONEADMD_DOOR_FMT "/run/zones/%s.zoneadmd_door" /* below the prefix */
#define ZONEADMD_LOCALE	  256
#define ZONEADMD_ERRBUF	  4096

enum zoneadmd_cmd {
	Z_READY = 0,
	Z_BOOT,
	Z_FORCEBOOT,
	Z_REBOOT,
	Z_HALT,
	Z_NOTE_UNINSTALLING,
	Z_MOUNT,
	Z_FORCEMOUNT,
	Z_UNMOUNT,
	Z_SHUTDOWN,
	/* Linux: illumos has apply for the global zone only, and without the daemon. */
	Z_APPLY,
	Z_APPLY_SHOW, /* changes nothing; the lines are what Z_APPLY would do */
};

struct zone_cmd_arg {
	uint64_t uniqid; /* generation of the live zone, 0 if none */
	int32_t cmd;
	int32_t status; /* wait status of init; only from zsched */
	uint32_t debug; /* not 0: hooks of the brand are told to say more */
	uint32_t pad;
	char locale[ZONEADMD_LOCALE];
	char bootbuf[BOOTARGS_MAX];
};

struct zone_cmd_rval {
	int32_t rval; /* 0 or -1 */
	int32_t pad;
	char errbuf[ZONEADMD_ERRBUF]; /* lines for the operator, may be empty */
};

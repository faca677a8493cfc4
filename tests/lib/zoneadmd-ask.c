/* SPDX-License-Identifier: MIT */
/*
 * zoneadmd-ask: sends one command to a zone's zoneadmd, which is started when it does not serve,
 * without the checks that zoneadm makes before.
 *
 *	zoneadmd-ask ZONE COMMAND [BOOTARGS [LOCALE]]
 *
 * COMMAND is a number of enum zoneadmd_cmd. Prints the lines of the reply. Exit status 0 or 1, as the reply
 * says; 2 when there was none.
 */
#include <door_linux.h>
#include <stdio.h>
#include <stdlib.h>

#include "linux/instance.h"
#include "zone/zoneadmd-calls.h"
#include "zone/zoneadmd-door.h"

#define TRIES 200

static struct zone_cmd_arg arg;
static struct zone_cmd_rval rval;

/* True when there was an answer; one that is going away gives none. */
static bool ask(const char *zone)
{
	door_arg_t door = {
		.data_ptr = (char *)&arg,
		.data_size = sizeof(arg),
		.rbuf = (char *)&rval,
		.rsize = sizeof(rval),
	};
	_cleanup_close_ int fd = zoneadmd_open(zone);

	if (fd == -ENOENT && zoneadmd_start(zone) == 0)
		return false;
	return fd >= 0 && door_call(fd, &door) == 0 && door.data_size == sizeof(rval);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 3 || instance_init(NULL) < 0)
		return 2;
	arg.cmd = atoi(argv[2]);
	if (argc > 3)
		(void)str_copy(arg.bootbuf, sizeof(arg.bootbuf), argv[3]);
	(void)str_copy(arg.locale, sizeof(arg.locale), argc > 4 ? argv[4] : "C");
	for (i = 0; i < TRIES; i++) {
		if (ask(argv[1])) {
			(void)fputs(rval.errbuf, stdout);
			return rval.rval == 0 ? 0 : 1;
		}
		(void)usleep(10000);
	}
	(void)fputs("zoneadmd-ask: no answer\n", stderr);
	return 2;
}

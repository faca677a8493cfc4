/* SPDX-License-Identifier: MIT */
/*
 * zonename: prints the name of the zone it runs in. Built twice: for the host,
 * and static for /native of zones, where nothing of the host's libraries may be needed.
 */
#include <zone.h>

#include "linux/instance.h"

int main(int argc, char **argv)
{
	char name[ZONENAME_MAX];
	zoneid_t id;

	if (argc > 1) {
		(void)fprintf(
			stderr, "zonename: it takes no argument '%s'\nusage: zonename\n", argv[1]);
		return 2;
	}
	if (instance_init(NULL) < 0) {
		(void)fprintf(stderr, "zonename: cannot use the root '%s'\n", getenv("ZONES_ROOT"));
		return 1;
	}
	id = getzoneid();
	if (id < 0 || getzonenamebyid(id, name, sizeof(name)) < 0) {
		(void)fprintf(stderr, "zonename: cannot ask zoned: %s\n",
			errno == EBADF ? "it is not running" : strerror(errno));
		return 1;
	}
	return puts(name) < 0 || fflush(stdout) != 0;
}

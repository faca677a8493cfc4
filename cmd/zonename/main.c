/* SPDX-License-Identifier: MIT */
/*
 * zonename: prints the name of the zone it runs in, or that a process or a file belongs to. Built
 * twice: for the host, and static for /native of zones, where nothing of the host's libraries may be needed.
 */
#include <zone.h>

#include "linux/conventions.h"
#include "linux/instance.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>

static int usage(void)
{
	(void)fprintf(usage_to(), "usage: zonename [-i] [-p pid | -f path]\n");
	return usage_status(2);
}

static int cannot_ask(void)
{
	(void)fprintf(stderr, "zonename: %s\n", daemon_error("zoned", -errno));
	return 1;
}

/* What a zone sees of processes is in it. */
static int of_process(const char *text, zoneid_t own, zoneid_t *ret)
{
	char *end;
	long pid = strtol(text, &end, 10);
	ucred_t *uc;

	if (end == text || *end || pid <= 0 || pid > INT_MAX) {
		(void)fprintf(stderr, "zonename: '%s' is not the number of a process\n", text);
		return 2;
	}
	if (own != GLOBAL_ZONEID) {
		*ret = own;
		if (kill((pid_t)pid, 0) == 0 || errno == EPERM)
			return 0;
	} else if ((uc = ucred_get((pid_t)pid)) != NULL) {
		*ret = ucred_getzoneid(uc);
		ucred_free(uc);
		return 0;
	}
	(void)fprintf(stderr, "zonename: process %ld: %s\n", pid, strerror(errno));
	return 1;
}

static int of_file(const char *path, zoneid_t *ret)
{
	char real[PATH_MAX];

	if (!realpath(path, real)) {
		(void)fprintf(stderr, "zonename: %s: %s\n", path, strerror(errno));
		return 1;
	}
	*ret = zone_find_by_path(real);
	return *ret < 0 ? cannot_ask() : 0;
}

static int print(zoneid_t id, bool number)
{
	char name[ZONENAME_MAX];

	if (number)
		(void)printf("%d\n", (int)id);
	else if (getzonenamebyid(id, name, sizeof(name)) < 0)
		return cannot_ask();
	else
		(void)puts(name);
	return stdout_done(0, 1);
}

int main(int argc, char **argv)
{
	const char *process = NULL, *file = NULL;
	bool number = false;
	int opt, r = 0;
	zoneid_t id;

	if (help_asked(argc, argv))
		return usage();
	while ((opt = getopt(argc, argv, "if:p:")) != -1) {
		if (opt == 'i')
			number = true;
		else if (opt == 'f')
			file = optarg;
		else if (opt == 'p')
			process = optarg;
		else
			return usage();
	}
	if (optind < argc)
		(void)fprintf(stderr, "zonename: it takes no argument '%s'\n", argv[optind]);
	if (optind < argc || (process && file))
		return usage();
	if (instance_init(NULL) < 0) {
		(void)fprintf(stderr, "zonename: cannot use the root '%s'\n", getenv("ZONES_ROOT"));
		return 1;
	}
	id = getzoneid();
	if (id < 0)
		return cannot_ask();
	if (process)
		r = of_process(process, id, &id);
	else if (file)
		r = of_file(file, &id);
	return r ? r : print(id, number);
}

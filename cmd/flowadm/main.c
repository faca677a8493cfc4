/* SPDX-License-Identifier: MIT */
/*
 * flowadm: makes, changes and shows flows, with the subcommands, columns and properties of
 * illumos flowadm(8). zoned has the flows and keeps their configuration; here is only what
 * the user says and sees.
 */
#include "flowadm.h"

#include "dladm/usage.h"
#include "linux/instance.h"
#include "zone/zone-calls.h"

#include <stdarg.h>

static const struct subcommand {
	const char *name;
	int (*run)(int argc, char *argv[]);
	const char *usage; /* behind the name */
} subcommands[] = {
	{"add-flow", do_add_flow,
		"[-t] [-z zone] -l link -a attr=value[,...] [-p prop=value[,...]] flow"},
	{"remove-flow", do_remove_flow, "[-t] [-z zone] {-l link | flow}"},
	{"show-flow", do_show_flow,
		"[-P|-s [-i seconds[,count]]] [-l link] [-z zone] [[-p|-j] -o field[,...]] [flow]"},
	{"set-flowprop", do_set_flowprop, "[-t] -p prop=value[,...] flow"},
	{"reset-flowprop", do_reset_flowprop, "[-t] [-p prop[,...]] flow"},
	{"show-flowprop", do_show_flowprop,
		"[-P] [-l link] [-z zone] [[-c|-j] -o field[,...]] [-p prop[,...]] [flow]"},
};

void die_call(int err, const struct diag *d, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "flowadm: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, ": %s\n",
		d && d->text[0] ? d->text : dladm_status2str(dladm_errno2status(err)));
	exit(1);
}

/* The arguments of the subcommand, for usage(). */
static int given_argc;
static char **given_argv;

void usage(const char *name)
{
	bool first = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(subcommands); i++) {
		if (name && !streq(name, subcommands[i].name))
			continue;
		if (name)
			usage_why("flowadm", name, subcommands[i].usage, given_argc, given_argv);
		(void)fprintf(usage_to(), "%s flowadm %-14s %s\n", first ? "usage:" : "      ",
			subcommands[i].name, subcommands[i].usage);
		first = false;
	}
	exit(usage_status(1));
}

void link_lookup(const char *name, const char *zone, struct dlmgmt_linkinfo *ret)
{
	zoneid_t zoneid = ALL_ZONES;
	int r;

	if (zone)
		zoneid = GLOBAL_ZONEID;
	if (zone && !streq(zone, GLOBAL_ZONENAME) && zone_call_lookup(zone, &zoneid) < 0)
		die("zone '%s': no such zone is ready or running", zone);
	r = dladm_valid_linkname(name) ? dlmgmt_call_getlinkid(name, zoneid, ret) : -EINVAL;
	if (r == 0 && !(ret->flags & DLMGMT_ACTIVE))
		r = -ENOENT;
	if (r < 0)
		die_call(r, NULL, "link '%s' is not valid", name);
}

int main(int argc, char *argv[])
{
	size_t i;
	int r;

	if (argc < 2 || help_asked(argc, argv))
		usage(NULL);
	for (i = 0; i < ARRAY_SIZE(subcommands); i++)
		if (streq(argv[1], subcommands[i].name))
			break;
	if (i == ARRAY_SIZE(subcommands))
		die("unknown subcommand '%s'; 'flowadm --help' lists them", argv[1]);
	r = instance_init(NULL);
	if (r < 0)
		die("root '%s': %s", getenv("ZONES_ROOT"), strerror(-r));
	optopt = opterr = 0; /* usage() says it */
	given_argc = argc - 1;
	given_argv = argv + 1;
	return stdout_done(subcommands[i].run(given_argc, given_argv), 1);
}

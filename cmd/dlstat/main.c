/* SPDX-License-Identifier: MIT */
/*
 * dlstat: what data links count, with the forms and columns of illumos dlstat(8) that the
 * kernel has numbers for. Who runs it in a zone sees the zone's links.
 */
#include "dlstat.h"

#include "linux/instance.h"

void usage(void)
{
	(void)fprintf(usage_to(),
		"usage: dlstat [-r|-t] [-i seconds[,count]] [-a] [[-p|-j] -o field[,...]] [-u unit] [link]\n"
		"       dlstat show-phys [-r|-t] [-i seconds[,count]] [-a] [[-p|-j] -o field[,...]] "
		"[-u unit] [link]\n"
		"       dlstat show-link [-r|-t] [-i seconds[,count]] [-a] [[-p|-j] -o field[,...]] "
		"[-u unit] [link]\n"
		"       dlstat show-aggr [-i seconds[,count]] [-a] [[-p|-j] -o field[,...]] "
		"[-u unit] [aggr-link]\n");
	exit(usage_status(1));
}

int main(int argc, char *argv[])
{
	const char *form = argc > 1 && strncmp(argv[1], "show-", 5) == 0 ? argv[1] : "";
	bool phys = streq(form, "show-phys"), link = streq(form, "show-link"),
	     aggr = streq(form, "show-aggr");
	struct options o;
	int r;

	if (help_asked(argc, argv))
		usage();
	if (*form && !phys && !link && !aggr) {
		(void)fprintf(stderr, "dlstat: unknown subcommand '%s'\n", form);
		usage();
	}
	options_read(*form ? argc - 1 : argc, *form ? argv + 1 : argv, "rtapjo:u:i:", &o);
	if (o.operand && !dladm_valid_linkname(o.operand))
		die("invalid link name '%s'", o.operand);
	r = instance_init(NULL);
	if (r < 0)
		die("root '%s': %s", getenv("ZONES_ROOT"), strerror(-r));
	r = dlmgmt_call_open();
	if (r < 0)
		die("%s", daemon_error("dlmgmtd", r));
	if (aggr)
		show_aggrs(&o);
	else if (*form)
		show_lanes(&o, phys ? DATALINK_CLASS_PHYS : DATALINK_CLASS_ALL, link);
	else
		show_totals(&o);
	return stdout_done(0, 1);
}

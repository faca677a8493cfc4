/* SPDX-License-Identifier: MIT */
/* The options of dlstat and flowstat, which all forms share, and which of them exclude each other. */
#include "dlstat.h"

#include <errno.h>
#include <unistd.h>

static void option_take(int c, struct options *o)
{
	switch (c) {
	case 'r':
		o->rx = true;
		break;
	case 't':
		o->tx = true;
		break;
	case 'a':
		o->all = true;
		break;
	case 'p':
		o->parsable = true;
		break;
	case 'j':
		o->json = true;
		break;
	case 'o':
		o->fields = optarg;
		break;
	case 'u':
		if (strlen(optarg) != 1 || !strchr("RKMGTP", *optarg))
			die("invalid unit '%s': one of R, K, M, G, T and P", optarg);
		o->unit = *optarg;
		break;
	case 'l':
		o->over = optarg;
		break;
	case 'i':
		if (intervals_parse(optarg, &o->intervals) < 0)
			die("invalid interval '%s': seconds[,count], both from 1 on", optarg);
		break;
	default:
		(void)fprintf(stderr, "%s: %s -%c\n", program_invocation_short_name,
			strchr("ouli", optopt) ? "an argument is missing behind"
					       : "there is no option",
			optopt);
		usage();
	}
}

void options_read(int argc, char *argv[], const char *optstring, struct options *o)
{
	int c;

	*o = (struct options){0};
	opterr = 0;
	while ((c = getopt(argc, argv, optstring)) != -1)
		option_take(c, o);
	if (argc - optind > 1) {
		(void)fprintf(stderr, "%s: '%s' is too much\n", program_invocation_short_name,
			argv[optind + 1]);
		usage();
	}
	if (o->rx && o->tx)
		die("the options -r and -t exclude each other");
	if (o->json && o->parsable)
		die("the options -j and -p exclude each other");
	if (o->unit && (o->parsable || o->json))
		die("the option -u cannot be used with -p or -j: they show the numbers themselves");
	if (o->all && (o->parsable || o->fields || o->unit || o->intervals.seconds))
		die("the option -a cannot be used with -p, -o, -u or -i");
	o->operand = argv[optind];
}

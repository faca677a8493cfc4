/* SPDX-License-Identifier: MIT */
/* What the show subcommands share; see show.h. */
#include "show.h"

#include <ctype.h>
#include <limits.h>
#include <time.h>

/* ---- options ---- */

/* "seconds" or "seconds,count", neither of them 0. */
static bool interval_parse(const char *text, struct show_options *o)
{
	unsigned int *into[] = {&o->interval, &o->count};
	unsigned long v;
	char *end;

	for (unsigned int i = 0; i < ARRAY_SIZE(into); i++) {
		if (!isdigit((unsigned char)*text))
			return false;
		v = strtoul(text, &end, 10);
		if (v == 0 || v > INT_MAX)
			return false;
		*into[i] = (unsigned int)v;
		if (!*end)
			return true;
		if (*end != ',')
			return false;
		text = end + 1;
	}
	return false;
}

static void option_take(int c, const char *name, struct show_options *o)
{
	switch (c) {
	case 'o':
		o->fields = optarg;
		break;
	case 'z':
		o->zone = optarg;
		break;
	case 'l':
		o->over = optarg;
		break;
	case 'p':
		o->parsable = true;
		break;
	case 'j':
		o->json = true;
		break;
	case 'P':
		o->persistent = true;
		break;
	case 'm':
		o->macs = true;
		break;
	case 'H':
		o->rings = true;
		break;
	case 's':
		o->stats = true;
		break;
	case 'i':
		if (!interval_parse(optarg, o))
			die("invalid interval '%s': seconds[,count], both from 1 on", optarg);
		break;
	case 't':
		break;
	default:
		usage(name);
	}
}

void show_options_read(int argc, char *argv[], const char *optstring, struct show_options *o)
{
	int c;

	*o = (struct show_options){0};
	while ((c = getopt(argc, argv, optstring)) != -1)
		option_take(c, argv[0], o);
	if (argc - optind > 1)
		usage(argv[0]);
	if (o->interval && !o->stats)
		die("the option -i can be used only with -s");
	o->link = argv[optind];
}

enum columns_form show_form(const struct show_options *o)
{
	if (o->json && o->parsable)
		die("the options -j and -p exclude each other");
	if (o->json)
		return COLUMNS_JSON;
	return o->parsable ? COLUMNS_PARSABLE : COLUMNS_TABLE;
}

/* ---- listings ---- */

void listing_init(struct listing *l, const struct show_options *o, const struct column *table,
	unsigned int ndefault)
{
	struct diag d = {0};

	*l = (struct listing){.o = o, .zoneid = zone_option(o->zone)};
	if (columns_init(&l->columns, table, ndefault, o->fields, show_form(o), &d) < 0)
		die("%s", d.text);
	if (o->over) {
		link_name_check(o->over);
		(void)str_copy(l->over, sizeof(l->over), o->over);
	}
}

void listing_run(struct listing *l, uint32_t classes, link_fn *fn)
{
	links_walk(l->o->link, l->zoneid, classes,
		l->o->persistent ? DLMGMT_PERSIST : DLMGMT_ACTIVE, fn, l);
	columns_end(&l->columns);
}

static void over_name(const struct dld_linkinfo_reply *info, char name[MAXLINKNAMELEN])
{
	struct dlmgmt_linkinfo over;

	name[0] = '\0';
	if (info->over == DATALINK_INVALID_LINKID)
		return;
	if (dlmgmt_call_getname(info->over, &over) == 0)
		(void)str_copy(name, MAXLINKNAMELEN, over.name);
	else
		(void)str_copy(name, MAXLINKNAMELEN, "?");
}

void show_over(const struct listing *l, const struct dlmgmt_linkinfo *link,
	const struct dld_linkinfo_reply *info, char name[MAXLINKNAMELEN])
{
	if (!l->o->persistent)
		over_name(info, name);
	else if (!link_attr_str(link->linkid, DLADM_ATTR_LINKOVER, name, MAXLINKNAMELEN))
		name[0] = '\0';
}

/* ---- intervals ---- */

void show_rounds(
	const struct show_options *o, void (*round)(unsigned int number, void *arg), void *arg)
{
	struct timespec next;

	(void)clock_gettime(CLOCK_MONOTONIC, &next);
	for (unsigned int n = 0;; n++) {
		round(n, arg);
		if (!o->interval || (o->count && n + 1 == o->count))
			return;
		if (fflush(stdout) != 0) /* nobody reads it any more */
			return;
		next.tv_sec += o->interval;
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
			;
	}
}

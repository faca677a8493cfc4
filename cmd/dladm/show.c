/* SPDX-License-Identifier: MIT */
/* What the show subcommands share; see show.h. */
#include "show.h"

/* ---- options ---- */

void show_interval(const char *text, struct show_options *o)
{
	if (intervals_parse(text, &o->intervals) < 0)
		die("invalid interval '%s': seconds[,count], both from 1 on", text);
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
	case 'x':
		o->extended = true;
		break;
	case 's':
		o->stats = true;
		break;
	case 'i':
		show_interval(optarg, o);
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
	if (o->intervals.seconds && !o->stats)
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
	links_list(l->o->link, l->zoneid, classes,
		l->o->persistent ? DLMGMT_PERSIST : DLMGMT_ACTIVE, fn, l);
	columns_end(&l->columns);
}

static void over_name(const struct dld_linkinfo_reply *info, char name[MAXLINKNAMELEN])
{
	name[0] = '\0';
	if (info->over != DATALINK_INVALID_LINKID && !link_name_of(info->over, name))
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

/* ---- statistics ---- */

static const struct column stat_columns[] = {{"LINK", 12}, {"IPACKETS", 11, COLUMN_NUMBER},
	{"RBYTES", 12, COLUMN_NUMBER}, {"IERRORS", 8, COLUMN_NUMBER},
	{"OPACKETS", 11, COLUMN_NUMBER}, {"OBYTES", 12, COLUMN_NUMBER},
	{"OERRORS", 8, COLUMN_NUMBER}, {0}};

#define STATS 6 /* from the door's first on */

struct stat_listing {
	struct listing l;
	uint32_t classes;
	struct history history;
};

/* A link that went since it was listed is left out. */
static void show_link_stats(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct stat_listing *s = arg;
	struct dld_linkinfo_reply info = {0};
	struct dld_linkstats_reply stats;
	char text[STATS][24], over[MAXLINKNAMELEN];

	if (s->l.over[0]) {
		(void)link_live(link->linkid, &info);
		show_over(&s->l, link, &info, over);
		if (!streq(s->l.over, over))
			return;
	}
	if (!link_stats(link->linkid, &stats))
		return;
	if (history_differ(&s->history, link->name, stats.values, STATS) < 0)
		die("%s", dladm_status2str(DLADM_STATUS_NOMEM));
	for (unsigned int i = 0; i < STATS; i++)
		(void)snprintf(
			text[i], sizeof(text[i]), "%llu", (unsigned long long)stats.values[i]);
	columns_print(&s->l.columns,
		(const char *[]){link->name, text[0], text[1], text[2], text[3], text[4], text[5]});
}

static void stats_round(void *arg)
{
	struct stat_listing *s = arg;

	links_list(s->l.o->link, s->l.zoneid, s->classes, DLMGMT_ACTIVE, show_link_stats, s);
	columns_end(&s->l.columns);
}

void show_stats(const struct show_options *o, uint32_t classes)
{
	struct stat_listing s = {.classes = classes};

	if (o->persistent)
		die("the options -P and -s exclude each other");
	listing_init(&s.l, o, stat_columns, 1 + STATS);
	intervals_run(&o->intervals, stats_round, &s);
	history_fini(&s.history);
}

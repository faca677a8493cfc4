/* SPDX-License-Identifier: MIT */
/*
 * flowadm show-flow and show-flowprop. Active flows are asked of zoned, configured ones (-P)
 * are read from flowadm.conf.
 */
#include "flowadm.h"

#include "dladm/intervals.h"
#include "linux/instance.h"

#include <limits.h>
#include <unistd.h>

struct options {
	const char *fields, *link, *zone, *flow;
	uint32_t props; /* of -p */
	bool parsable, json, persistent, stats;
	struct intervals intervals;
};

struct show {
	struct options o;
	datalink_id_t linkid; /* of -l; 0 = any */
	struct columns columns;
	struct history history;
	void (*flow)(struct show *s, const struct flow_line *line, const uint64_t *stats);
	bool found; /* the flow that was named */
};

/* ---- options ---- */

static void take_props(char *list, struct options *o)
{
	char *save, *name;
	enum flow_prop prop;

	for (name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		if (flow_prop_find(name, &prop) < 0)
			die("invalid flow property '%s': known are maxbw and priority", name);
		o->props |= prop;
	}
}

static void option_take(int c, const char *subcommand, struct options *o)
{
	switch (c) {
	case 'c':
		o->parsable = true;
		break;
	case 'p': /* show-flowprop: a list */
		if (optarg)
			take_props(optarg, o);
		else
			o->parsable = true;
		break;
	case 'P':
		o->persistent = true;
		break;
	case 'j':
		o->json = true;
		break;
	case 's':
		o->stats = true;
		break;
	case 'i':
		if (intervals_parse(optarg, &o->intervals) < 0)
			die("invalid interval '%s': seconds[,count], both from 1 on", optarg);
		break;
	case 'l':
		o->link = optarg;
		break;
	case 'z':
		o->zone = optarg;
		break;
	case 'o':
		o->fields = optarg;
		break;
	default:
		usage(subcommand);
	}
}

static void options_read(int argc, char *argv[], const char *optstring, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, optstring)) != -1)
		option_take(c, argv[0], o);
	if (argc - optind > 1)
		usage(argv[0]);
	o->flow = argv[optind];
}

/* ---- the flows ---- */

static bool wanted(struct show *s, const char *name)
{
	if (s->o.flow && !streq(s->o.flow, name))
		return false;
	s->found = true;
	return true;
}

static int configured_step(const struct flow_line *line, void *arg)
{
	struct show *s = arg;

	if (wanted(s, line->name) && (!s->o.link || streq(s->o.link, line->link)))
		s->flow(s, line, NULL);
	return 0;
}

static void bad_line(unsigned int number, const char *why)
{
	(void)fprintf(stderr, "flowadm: %s, line %u: %s\n", FLOW_CONF, number, why);
}

static void each_configured(struct show *s)
{
	char path[PATH_MAX];
	int r = instance_path(path, sizeof(path), FLOW_CONF);

	if (r == 0)
		r = flow_file_each(path, configured_step, bad_line, s);
	if (r < 0)
		die("cannot read %s: %s", FLOW_CONF, strerror(-r));
}

static void show_active(struct show *s, const struct flow_next_reply *flow)
{
	struct flow_line line = {.attrs = flow->attrs, .props = flow->props};
	static struct dlmgmt_linkinfo link; /* many flows are of one link */
	bool known = link.linkid == flow->linkid || dlmgmt_call_getname(flow->linkid, &link) == 0;

	(void)str_copy(line.name, sizeof(line.name), flow->name);
	(void)str_copy(line.link, sizeof(line.link), known ? link.name : "?");
	s->flow(s, &line, flow->stats);
}

static void each_active(struct show *s)
{
	struct flow_next_reply flow = {0};
	int r;

	while ((r = flow_call_next(flow.name, &flow)) == 0)
		if (wanted(s, flow.name) && (!s->linkid || s->linkid == flow.linkid))
			show_active(s, &flow);
	if (r != -ENOENT)
		die("%s", daemon_error("zoned", r));
}

static void show_round(void *arg)
{
	struct show *s = arg;

	s->found = false;
	if (s->o.persistent)
		each_configured(s);
	else
		each_active(s);
	if (s->o.flow && !s->found)
		die("flow '%s' is not valid: %s", s->o.flow,
			dladm_status2str(DLADM_STATUS_NOTFOUND));
	columns_end(&s->columns);
}

static void show_run(struct show *s, const struct column *table, unsigned int ndefault)
{
	enum columns_form form = COLUMNS_TABLE;
	struct dlmgmt_linkinfo link;
	struct diag d = {0};

	if (s->o.json && s->o.parsable)
		die("the options for parsable output and -j exclude each other");
	if (s->o.persistent && s->o.stats)
		die("the options -P and -s exclude each other");
	if (s->o.intervals.seconds && !s->o.stats)
		die("the option -i can be used only with -s");
	if (s->o.parsable)
		form = COLUMNS_PARSABLE;
	else if (s->o.json)
		form = COLUMNS_JSON;
	if (columns_init(&s->columns, table, ndefault, s->o.fields, form, &d) < 0)
		die("%s", d.text);
	if (s->o.link && !s->o.persistent) {
		link_lookup(s->o.link, s->o.zone, &link);
		s->linkid = link.linkid;
	}
	intervals_run(&s->o.intervals, show_round, s);
	history_fini(&s->history);
}

/* ---- show-flow ---- */

static const struct column flow_columns[] = {{"FLOW", 14}, {"LINK", 12}, {"IPADDR", 30},
	{"PROTO", 7}, {"LPORT", 7, COLUMN_NUMBER}, {"RPORT", 7, COLUMN_NUMBER}, {"DSFLD", 10}, {0}};

static void show_flow(struct show *s, const struct flow_line *line, const uint64_t *stats)
{
	const struct flow_attrs *a = &line->attrs;
	char lcl[64], rmt[64], proto[16], lport[8], rport[8], ds[16], addr[160];

	flow_attr_format(a, FLOW_LOCAL_IP, lcl, sizeof(lcl));
	flow_attr_format(a, FLOW_REMOTE_IP, rmt, sizeof(rmt));
	flow_attr_format(a, FLOW_TRANSPORT, proto, sizeof(proto));
	flow_attr_format(a, FLOW_LOCAL_PORT, lport, sizeof(lport));
	flow_attr_format(a, FLOW_REMOTE_PORT, rport, sizeof(rport));
	flow_attr_format(a, FLOW_DSFIELD, ds, sizeof(ds));
	(void)snprintf(addr, sizeof(addr), "%s%s%s%s%s", lcl[0] ? "LCL:" : "", lcl,
		lcl[0] && rmt[0] ? "," : "", rmt[0] ? "RMT:" : "", rmt);
	columns_print(&s->columns,
		(const char *[]){line->name, line->link, addr, proto, lport, rport, ds});
}

static const struct column stat_columns[] = {{"FLOW", 14}, {"IPACKETS", 11, COLUMN_NUMBER},
	{"RBYTES", 12, COLUMN_NUMBER}, {"IERRORS", 8, COLUMN_NUMBER},
	{"OPACKETS", 11, COLUMN_NUMBER}, {"OBYTES", 12, COLUMN_NUMBER},
	{"OERRORS", 8, COLUMN_NUMBER}, {0}};

static void show_flow_stats(struct show *s, const struct flow_line *line, const uint64_t *stats)
{
	const char *values[FLOW_STAT_COUNT + 1] = {line->name};
	char text[FLOW_STAT_COUNT][24];
	uint64_t v[FLOW_STAT_COUNT];
	char key[HISTORY_NAME];

	memcpy(v, stats, sizeof(v));
	/* A name can be longer; the end of it tells as well. */
	(void)snprintf(key, sizeof(key), "%s",
		line->name + (strlen(line->name) < sizeof(key)
					     ? 0
					     : strlen(line->name) - sizeof(key) + 1));
	if (history_differ(&s->history, key, v, FLOW_STAT_COUNT) < 0)
		die("%s", strerror(ENOMEM));
	for (unsigned int i = 0; i < FLOW_STAT_COUNT; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "%llu", (unsigned long long)v[i]);
		values[i + 1] = text[i];
	}
	columns_print(&s->columns, values);
}

int do_show_flow(int argc, char *argv[])
{
	struct show s = {.flow = show_flow};

	options_read(argc, argv, "pPjsi:l:z:o:", &s.o);
	if (s.o.stats) {
		s.flow = show_flow_stats;
		show_run(&s, stat_columns, FLOW_STAT_COUNT + 1);
	} else {
		show_run(&s, flow_columns, 7);
	}
	return 0;
}

/* ---- show-flowprop ---- */

static const struct column prop_columns[] = {
	{"FLOW", 14}, {"PROPERTY", 16}, {"VALUE", 15}, {"DEFAULT", 15}, {"POSSIBLE", 20}, {0}};

static void show_flowprop(struct show *s, const struct flow_line *line, const uint64_t *stats)
{
	static const struct {
		enum flow_prop prop;
		const char *possible;
	} props[] = {{FLOW_MAXBW, ""}, {FLOW_PRIORITY, "low,medium,high"}};
	char value[32];

	for (size_t i = 0; i < ARRAY_SIZE(props); i++) {
		if (s->o.props && !(s->o.props & props[i].prop))
			continue;
		flow_prop_format(&line->props, props[i].prop, value, sizeof(value));
		columns_print(
			&s->columns, (const char *[]){line->name, flow_prop_name(props[i].prop),
					     value, "", props[i].possible});
	}
}

int do_show_flowprop(int argc, char *argv[])
{
	struct show s = {.flow = show_flowprop};

	/* -c is what -p is elsewhere; here that is a list of properties. */
	options_read(argc, argv, "cPjl:z:o:p:", &s.o);
	show_run(&s, prop_columns, 5);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * flowstat: what flows count, in the manner of dlstat(8). Who runs it in a zone sees the flows of the
 * zone's links. A round asks zoned for one flow after the other, in the order of their names.
 */
#include "dlstat.h"

#include "dladm/units.h"
#include "linux/instance.h"
#include "zone/flow-door.h"

#define TEXT 24

void usage(void)
{
	(void)fprintf(usage_to(), "usage: flowstat [-r|-t] [-i seconds[,count]] [-a] [-l link] "
				  "[[-p|-j] -o field[,...]] [-u unit] [flow]\n");
	exit(usage_status(1));
}

static const struct column all_columns[] = {{"FLOW", 14}, {"IPKTS", 9, COLUMN_NUMBER},
	{"RBYTES", 9, COLUMN_NUMBER}, {"IERRS", 9, COLUMN_NUMBER}, {"OPKTS", 9, COLUMN_NUMBER},
	{"OBYTES", 9, COLUMN_NUMBER}, {"OERRS", 9, COLUMN_NUMBER}, {"LINK", 16}, {0}};
static const struct column rx_columns[] = {{"FLOW", 14}, {"IPKTS", 9, COLUMN_NUMBER},
	{"RBYTES", 9, COLUMN_NUMBER}, {"IERRS", 9, COLUMN_NUMBER}, {0}};
static const struct column tx_columns[] = {{"FLOW", 14}, {"OPKTS", 9, COLUMN_NUMBER},
	{"OBYTES", 9, COLUMN_NUMBER}, {"OERRS", 9, COLUMN_NUMBER}, {0}};

struct show {
	struct options o;
	datalink_id_t linkid; /* of -l; 0 = any */
	struct columns columns;
	struct history history;
	bool found; /* the flow that was named */
};

/* The counters are in the order of the columns, those of what was sent behind the others. */
static void show_flow(struct show *s, struct flow_next_reply *flow)
{
	const char *values[FLOW_STAT_COUNT + 2] = {flow->name};
	unsigned int first = s->o.tx ? FLOW_STAT_OPACKETS : FLOW_STAT_IPACKETS, n = 0, i;
	unsigned int end = s->o.rx ? FLOW_STAT_OPACKETS : FLOW_STAT_COUNT;
	char text[FLOW_STAT_COUNT][TEXT], unit = s->o.parsable || s->o.json ? 'R' : s->o.unit;
	size_t length = strlen(flow->name);
	struct dlmgmt_linkinfo link;

	/* Of a name that is longer than the history keeps, the end tells as well. */
	if (history_differ(&s->history,
		    flow->name + (length < HISTORY_NAME ? 0 : length - HISTORY_NAME + 1),
		    flow->stats, FLOW_STAT_COUNT) < 0)
		die("%s", strerror(ENOMEM));
	for (i = first; i < end; i++, n++) {
		units_format(flow->stats[i], unit, text[n], TEXT);
		values[n + 1] = text[n];
	}
	if (!s->o.rx && !s->o.tx)
		values[n + 1] = dlmgmt_call_getname(flow->linkid, &link) == 0 ? link.name : "?";
	columns_print(&s->columns, values);
}

static void show_round(void *arg)
{
	struct show *s = arg;
	struct flow_next_reply flow = {0};
	int r;

	s->found = false;
	while ((r = flow_call_next(flow.name, &flow)) == 0) {
		if ((s->o.operand && !streq(s->o.operand, flow.name)) ||
			(s->linkid && s->linkid != flow.linkid))
			continue;
		s->found = true;
		show_flow(s, &flow);
	}
	if (r != -ENOENT)
		die("%s", daemon_error("zoned", r));
	if (s->o.operand && !s->found)
		die("flow '%s' is not valid: %s", s->o.operand,
			dladm_status2str(DLADM_STATUS_NOTFOUND));
	columns_end(&s->columns);
}

static void show_init(struct show *s)
{
	enum columns_form form = COLUMNS_TABLE;
	const struct column *table = all_columns;
	struct diag d = {0};

	if (s->o.parsable)
		form = COLUMNS_PARSABLE;
	else if (s->o.json)
		form = COLUMNS_JSON;
	if (s->o.rx)
		table = rx_columns;
	else if (s->o.tx)
		table = tx_columns;
	if (columns_init(&s->columns, table, table == all_columns ? 7 : 4,
		    s->o.all ? "all" : s->o.fields, form, &d) < 0)
		die("%s", d.text);
}

int main(int argc, char *argv[])
{
	struct dlmgmt_linkinfo link;
	struct show s = {.linkid = 0};
	int r;

	if (help_asked(argc, argv))
		usage();
	options_read(argc, argv, "rtapjo:u:i:l:", &s.o);
	r = instance_init(NULL);
	if (r < 0)
		die("root '%s': %s", getenv("ZONES_ROOT"), strerror(-r));
	show_init(&s);
	if (s.o.over) {
		r = dladm_valid_linkname(s.o.over)
			    ? dlmgmt_call_getlinkid(s.o.over, ALL_ZONES, &link)
			    : -EINVAL;
		if (r < 0)
			die("link %s is not valid: %s", s.o.over,
				dladm_status2str(dladm_errno2status(r)));
		s.linkid = link.linkid;
	}
	intervals_run(&s.o.intervals, show_round, &s);
	history_fini(&s.history);
	return stdout_done(0, 1);
}

/* SPDX-License-Identifier: MIT */
/*
 * The listings of dlstat. A round asks dlmgmtd for the links and zoned for the counters of
 * all; a link that goes in between is left out.
 *
 * Linux: the kernel counts by device. What illumos tells of lanes, rings, interrupts and
 * polls is not to be had; show-phys and show-link have one line for each direction.
 */
#include "dlstat.h"

#include "dladm/units.h"
#include "zone/dld-calls.h"

#define TEXT 24

struct show {
	const struct options *o;
	struct columns columns;
	struct history history;
	uint32_t classes;
	bool lanes;
	void (*link)(struct show *s, const char *name, const struct dld_linkstats_reply *stats);
};

static void show_init(struct show *s, const struct column *table, unsigned int ndefault)
{
	enum columns_form form = COLUMNS_TABLE;
	struct diag d = {0};

	if (s->o->parsable)
		form = COLUMNS_PARSABLE;
	else if (s->o->json)
		form = COLUMNS_JSON;
	if (columns_init(&s->columns, table, ndefault, s->o->all ? "all" : s->o->fields, form, &d) <
		0)
		die("%s", d.text);
}

static void one_link(struct show *s, const char *name, struct dld_linkstats_reply *stats)
{
	if (history_differ(&s->history, name, stats->values, DLD_STAT_COUNT) < 0)
		die("%s", strerror(ENOMEM));
	s->link(s, name, stats);
}

static void named_link(struct show *s)
{
	struct dld_linkstats_reply stats;
	struct dlmgmt_linkinfo link;
	int r;

	r = dlmgmt_call_getlinkid(s->o->operand, ALL_ZONES, &link);
	if (r == 0 && (!(link.link_class & s->classes) || !(link.flags & DLMGMT_ACTIVE)))
		r = -ENOENT;
	if (r < 0)
		die("link %s is not valid: %s", s->o->operand,
			dladm_status2str(dladm_errno2status(r)));
	r = dld_call_linkstats(link.linkid, &stats);
	if (r == 0)
		one_link(s, link.name, &stats);
	else if (r != -ENOENT)
		die("%s", daemon_error("zoned", r));
}

/* Both lists are in the order of the ids. */
static void all_links(struct show *s)
{
	_cleanup_free_ struct dlmgmt_linkinfo *links = NULL;
	_cleanup_free_ struct dld_linkstats_reply *stats = NULL;
	size_t nlinks, nstats, at = 0;
	int r;

	r = dlmgmt_call_getlinks(ALL_ZONES, s->classes, DLMGMT_ACTIVE, &links, &nlinks);
	if (r < 0)
		die("cannot list the links: %s", dladm_status2str(dladm_errno2status(r)));
	r = dld_call_all_linkstats(&stats, &nstats);
	if (r < 0)
		die("%s", daemon_error("zoned", r));
	for (size_t n = 0; n < nlinks; n++) {
		while (at < nstats && stats[at].linkid < links[n].linkid)
			at++;
		if (at < nstats && stats[at].linkid == links[n].linkid)
			one_link(s, links[n].name, &stats[at]);
	}
}

static void show_round(void *arg)
{
	struct show *s = arg;

	if (s->o->operand)
		named_link(s);
	else
		all_links(s);
	columns_end(&s->columns);
}

static const char *number(const struct show *s, uint64_t value, char buf[TEXT])
{
	units_format(value, s->o->parsable || s->o->json ? 'R' : s->o->unit, buf, TEXT);
	return buf;
}

/* ---- totals ---- */

#define NUMBERS 15

/* The numbers of the columns behind LINK; what is wanted most comes first, as on illumos. */
static const enum dld_stat total_order[NUMBERS] = {DLD_STAT_IPACKETS64, DLD_STAT_RBYTES64,
	DLD_STAT_OPACKETS64, DLD_STAT_OBYTES64, DLD_STAT_IERRORS, DLD_STAT_OERRORS,
	DLD_STAT_MULTIRCV, DLD_STAT_NORCVBUF, DLD_STAT_NOXMTBUF, DLD_STAT_COLLISIONS,
	DLD_STAT_UNKNOWNS, DLD_STAT_MACSPOOFED, DLD_STAT_RESTRICTED, DLD_STAT_IPSPOOFED,
	DLD_STAT_DHCPSPOOFED};
_Static_assert(NUMBERS == DLD_STAT_COUNT, "every counter has a column");

static const struct column total_columns[] = {{"LINK", 16}, {"IPKTS", 9, COLUMN_NUMBER},
	{"RBYTES", 9, COLUMN_NUMBER}, {"OPKTS", 9, COLUMN_NUMBER}, {"OBYTES", 9, COLUMN_NUMBER},
	{"IERRORS", 9, COLUMN_NUMBER}, {"OERRORS", 9, COLUMN_NUMBER},
	{"MULTIRCV", 9, COLUMN_NUMBER}, {"NORCVBUF", 9, COLUMN_NUMBER},
	{"NOXMTBUF", 9, COLUMN_NUMBER}, {"COLLISIONS", 11, COLUMN_NUMBER},
	{"UNKNOWNS", 9, COLUMN_NUMBER}, {"MACSPOOFED", 11, COLUMN_NUMBER},
	{"RESTRICTED", 11, COLUMN_NUMBER}, {"IPSPOOFED", 11, COLUMN_NUMBER},
	{"DHCPSPOOFED", 12, COLUMN_NUMBER}, {"ZONE", 20}, {0}};
static const enum dld_stat rx_order[] = {DLD_STAT_IPACKETS64, DLD_STAT_RBYTES64, DLD_STAT_IERRORS,
	DLD_STAT_MULTIRCV, DLD_STAT_NORCVBUF, DLD_STAT_UNKNOWNS};
static const struct column rx_columns[] = {{"LINK", 16}, {"IPKTS", 9, COLUMN_NUMBER},
	{"RBYTES", 9, COLUMN_NUMBER}, {"IERRORS", 9, COLUMN_NUMBER}, {"MULTIRCV", 9, COLUMN_NUMBER},
	{"NORCVBUF", 9, COLUMN_NUMBER}, {"UNKNOWNS", 9, COLUMN_NUMBER}, {0}};
static const enum dld_stat tx_order[] = {DLD_STAT_OPACKETS64, DLD_STAT_OBYTES64, DLD_STAT_OERRORS,
	DLD_STAT_NOXMTBUF, DLD_STAT_COLLISIONS};
static const struct column tx_columns[] = {{"LINK", 16}, {"OPKTS", 9, COLUMN_NUMBER},
	{"OBYTES", 9, COLUMN_NUMBER}, {"OERRORS", 9, COLUMN_NUMBER}, {"NOXMTBUF", 9, COLUMN_NUMBER},
	{"COLLISIONS", 11, COLUMN_NUMBER}, {0}};

static void total_link(struct show *s, const char *name, const struct dld_linkstats_reply *stats)
{
	const enum dld_stat *order = s->o->rx ? rx_order : s->o->tx ? tx_order : total_order;
	size_t n = s->o->rx   ? ARRAY_SIZE(rx_order)
		   : s->o->tx ? ARRAY_SIZE(tx_order)
			      : ARRAY_SIZE(total_order);
	static char zone[ZONENAME_MAX];
	static zoneid_t last = ALL_ZONES; /* many in turn are in the same */
	char text[NUMBERS][TEXT];
	const char *values[NUMBERS + 2] = {name};

	for (size_t i = 0; i < n; i++)
		values[i + 1] = number(s, stats->values[order[i]], text[i]);
	if (n == NUMBERS) {
		if (stats->zoneid != last && getzonenamebyid(stats->zoneid, zone, sizeof(zone)) < 0)
			(void)str_copy(zone, sizeof(zone), "?");
		last = stats->zoneid;
		values[NUMBERS + 1] = zone;
	}
	columns_print(&s->columns, values);
}

void show_totals(const struct options *o)
{
	struct show s = {.o = o, .classes = DATALINK_CLASS_ALL, .link = total_link};

	if (o->rx)
		show_init(&s, rx_columns, ARRAY_SIZE(rx_columns) - 1);
	else if (o->tx)
		show_init(&s, tx_columns, ARRAY_SIZE(tx_columns) - 1);
	else
		show_init(&s, total_columns, 5);
	intervals_run(&o->intervals, show_round, &s);
	history_fini(&s.history);
}

/* ---- show-phys and show-link ---- */

static const struct column ring_columns[] = {{"LINK", 16}, {"TYPE", 5}, {"INDEX", 6},
	{"PKTS", 9, COLUMN_NUMBER}, {"BYTES", 9, COLUMN_NUMBER}, {0}};
static const struct column lane_columns[] = {{"LINK", 16}, {"TYPE", 5}, {"ID", 8}, {"INDEX", 6},
	{"PKTS", 9, COLUMN_NUMBER}, {"BYTES", 9, COLUMN_NUMBER}, {0}};

static void lane(
	struct show *s, const char *name, const char *type, uint64_t packets, uint64_t bytes)
{
	char p[TEXT], b[TEXT];

	if (s->lanes)
		columns_print(&s->columns, (const char *[]){name, type, "sw", NULL,
						   number(s, packets, p), number(s, bytes, b)});
	else
		columns_print(&s->columns, (const char *[]){name, type, NULL, number(s, packets, p),
						   number(s, bytes, b)});
}

static void lane_link(struct show *s, const char *name, const struct dld_linkstats_reply *stats)
{
	const uint64_t *v = stats->values;

	if (!s->o->tx)
		lane(s, name, "rx", v[DLD_STAT_IPACKETS64], v[DLD_STAT_RBYTES64]);
	if (!s->o->rx)
		lane(s, name, "tx", v[DLD_STAT_OPACKETS64], v[DLD_STAT_OBYTES64]);
}

void show_lanes(const struct options *o, uint32_t classes, bool lanes)
{
	struct show s = {.o = o, .classes = classes, .lanes = lanes, .link = lane_link};

	show_init(&s, lanes ? lane_columns : ring_columns, lanes ? 6 : 5);
	intervals_run(&o->intervals, show_round, &s);
	history_fini(&s.history);
}

/* ---- show-aggr ---- */

static const struct column aggr_columns[] = {{"LINK", 16}, {"PORT", 16},
	{"IPKTS", 9, COLUMN_NUMBER}, {"RBYTES", 9, COLUMN_NUMBER}, {"OPKTS", 9, COLUMN_NUMBER},
	{"OBYTES", 9, COLUMN_NUMBER}, {0}};

static void aggr_line(
	struct show *s, const char *aggr, const char *port, const struct dld_linkstats_reply *stats)
{
	const char *values[6] = {aggr, port};
	char text[4][TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(text); i++)
		values[i + 2] = number(s, stats->values[total_order[i]], text[i]);
	columns_print(&s->columns, values);
}

/* The aggregation, then its ports; a port that goes in between is left out. */
static void aggr_link(struct show *s, const char *name, const struct dld_linkstats_reply *stats)
{
	static struct dld_details_reply details;
	struct dld_linkstats_reply port;
	struct dlmgmt_linkinfo link;
	char key[HISTORY_NAME];

	aggr_line(s, name, NULL, stats);
	if (dld_call_details(stats->linkid, &details, NULL) < 0)
		return;
	for (uint32_t i = 0; i < details.nports; i++) {
		if (dlmgmt_call_getname(details.ports[i].linkid, &link) < 0 ||
			dld_call_linkstats(link.linkid, &port) < 0)
			continue;
		(void)snprintf(key, sizeof(key), "%s/%s", name, link.name);
		if (history_differ(&s->history, key, port.values, DLD_STAT_COUNT) < 0)
			die("%s", strerror(ENOMEM));
		aggr_line(s, name, link.name, &port);
	}
}

void show_aggrs(const struct options *o)
{
	struct show s = {.o = o, .classes = DATALINK_CLASS_AGGR, .link = aggr_link};

	if (o->rx || o->tx)
		die("the options -r and -t are not for show-aggr");
	show_init(&s, aggr_columns, 6);
	intervals_run(&o->intervals, show_round, &s);
	history_fini(&s.history);
}

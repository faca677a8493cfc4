/* SPDX-License-Identifier: MIT */
/*
 * dladm show-bridge: the bridges, the links of one (-l), its forwarding table (-f), what has passed (-s).
 *
 * Linux: the kernel counts what its ports receive and send, not what is passed on between them.
 */
#include "bridge.h"
#include "show.h"

static const struct column bridge_columns[] = {{"BRIDGE", 14}, {"ADDRESS", 18},
	{"PRIORITY", 9, COLUMN_NUMBER}, {"DESROOT", 24}, {"BMAXAGE", 8, COLUMN_NUMBER},
	{"BHELLOTIME", 11, COLUMN_NUMBER}, {"BFWDDELAY", 10, COLUMN_NUMBER},
	{"FORCEPROTO", 11, COLUMN_NUMBER}, {"TCHANGE", 8}, {"ROOTCOST", 9, COLUMN_NUMBER},
	{"ROOTPORT", 9, COLUMN_NUMBER}, {"MAXAGE", 7, COLUMN_NUMBER},
	{"HELLOTIME", 10, COLUMN_NUMBER}, {"FWDDELAY", 9, COLUMN_NUMBER},
	{"HOLDTIME", 9, COLUMN_NUMBER}, {"PROTECT", 8}, {0}};
static const struct column link_columns[] = {{"LINK", 12}, {"STATE", 12}, {"DESROOT", 24},
	{"INDEX", 6, COLUMN_NUMBER}, {"OPERCOST", 9, COLUMN_NUMBER}, {"DESCOST", 8, COLUMN_NUMBER},
	{"DESBRIDGE", 24}, {"DESPORT", 8, COLUMN_NUMBER}, {0}};
static const struct column total_columns[] = {{"BRIDGE", 14}, {"DROPS", 11, COLUMN_NUMBER},
	{"RECV", 11, COLUMN_NUMBER}, {"SENT", 11, COLUMN_NUMBER}, {"MBCAST", 11, COLUMN_NUMBER},
	{0}};
static const struct column stat_columns[] = {{"LINK", 12}, {"DROPS", 11, COLUMN_NUMBER},
	{"RECV", 11, COLUMN_NUMBER}, {"XMIT", 11, COLUMN_NUMBER}, {0}};
static const struct column fdb_columns[] = {
	{"DEST", 18}, {"AGE", 9}, {"FLAGS", 7}, {"OUTPUT", 32}, {0}};

#define ID_STRLEN 32
#define HOLD_TIME "1" /* seconds; of every bridge of the kernel */
#define CENTI	  100

/* "32768/2:8:20:1:2:3" */
static const char *id_text(const uint8_t id[8], char buf[ID_STRLEN])
{
	char mac[DLADM_MAC_STRLEN];

	(void)snprintf(buf, ID_STRLEN, "%u/%s", (unsigned int)id[0] << 8 | id[1],
		dladm_mac2str(id + 2, mac, sizeof(mac)));
	return buf;
}

static const char *number(char buf[16], uint32_t v)
{
	(void)snprintf(buf, 16, "%u", v);
	return buf;
}

static void show_bridge(const struct dlmgmt_linkinfo *link, void *arg)
{
	static struct dld_details_reply r;
	struct listing *l = arg;
	char name[MAXLINKNAMELEN], mac[DLADM_MAC_STRLEN], root[ID_STRLEN], b[9][16];

	bridge_name(link, name);
	if (dld_call_details(link->linkid, &r, NULL) < 0) {
		columns_print(&l->columns, (const char *[]){name, "?", "?", "?", "?", "?", "?", "?",
						   "?", "?", "?", "?", "?", "?", "?", "?"});
		return;
	}
	columns_print(&l->columns,
		(const char *[]){name, dladm_mac2str(r.bridge.id + 2, mac, sizeof(mac)),
			number(b[0], r.spec.bridge.priority), id_text(r.bridge.root, root),
			number(b[1], r.spec.bridge.max_age), number(b[2], r.spec.bridge.hello_time),
			number(b[3], r.spec.bridge.forward_delay), "0",
			r.bridge.topology_change ? "yes" : "no", number(b[4], r.bridge.root_cost),
			number(b[5], r.bridge.root_port),
			number(b[6], r.bridge.root_max_age / CENTI),
			number(b[7], r.bridge.root_hello_time / CENTI),
			number(b[8], r.bridge.root_forward_delay / CENTI), HOLD_TIME, "stp"});
}

static const char *state_text(uint32_t state)
{
	static const char *const states[] = {
		"disabled", "listening", "learning", "forwarding", "blocking"};

	return state < ARRAY_SIZE(states) ? states[state] : "?";
}

static const char *link_text(datalink_id_t linkid, const char *device, char name[MAXLINKNAMELEN])
{
	if (!link_name_of(linkid, name))
		(void)snprintf(name, MAXLINKNAMELEN, "%.*s", IFNAMSIZ, device);
	return name;
}

static void show_links(struct listing *l, const struct dlmgmt_linkinfo *bridge)
{
	static struct dld_details_reply r;
	char name[MAXLINKNAMELEN], root[ID_STRLEN], des[ID_STRLEN], b[4][16];
	struct diag d = {0};
	int err;

	err = dld_call_details(bridge->linkid, &r, &d);
	if (err < 0)
		class_die("show", bridge->name, err, &d);
	for (uint32_t i = 0; i < r.nports; i++) {
		const struct dld_port *p = &r.ports[i];

		columns_print(&l->columns,
			(const char *[]){link_text(p->linkid, p->device, name),
				state_text(p->state), id_text(p->designated_root, root),
				number(b[0], p->number), number(b[1], p->cost),
				number(b[2], p->designated_cost),
				id_text(p->designated_bridge, des),
				number(b[3], p->designated_port & 0x3ff)});
	}
}

/* ---- statistics of the links in a bridge ---- */

#define STATS 3

struct stat_listing {
	struct listing l;
	const struct dlmgmt_linkinfo *bridge;
	struct history history;
};

static void show_counts(struct stat_listing *s, const struct dld_port *p)
{
	char name[MAXLINKNAMELEN], text[STATS][24];
	struct dld_linkstats_reply stats;
	uint64_t v[STATS];

	if (!link_name_of(p->linkid, name) || !link_stats(p->linkid, &stats))
		return;
	v[0] = stats.values[DLD_STAT_NORCVBUF] + stats.values[DLD_STAT_NOXMTBUF];
	v[1] = stats.values[DLD_STAT_IPACKETS64];
	v[2] = stats.values[DLD_STAT_OPACKETS64];
	if (history_differ(&s->history, name, v, STATS) < 0)
		die("%s", dladm_status2str(DLADM_STATUS_NOMEM));
	for (unsigned int i = 0; i < STATS; i++)
		(void)snprintf(text[i], sizeof(text[i]), "%llu", (unsigned long long)v[i]);
	columns_print(&s->l.columns, (const char *[]){name, text[0], text[1], text[2]});
}

static void stats_round(void *arg)
{
	static struct dld_details_reply r;
	struct stat_listing *s = arg;
	struct diag d = {0};
	int err = dld_call_details(s->bridge->linkid, &r, &d);

	if (err < 0)
		class_die("show", s->bridge->name, err, &d);
	for (uint32_t i = 0; i < r.nports; i++)
		show_counts(s, &r.ports[i]);
	columns_end(&s->l.columns);
}

static void show_link_stats(const struct show_options *o, const struct dlmgmt_linkinfo *bridge)
{
	struct stat_listing s = {.bridge = bridge};

	listing_init(&s.l, o, stat_columns, 1 + STATS);
	intervals_run(&o->intervals, stats_round, &s);
	history_fini(&s.history);
}

/* ---- statistics of bridges: the sums of their links ---- */

#define TOTALS 4

static void add_port(const struct dld_port *p, uint64_t v[TOTALS])
{
	struct dld_linkstats_reply stats;
	const uint64_t *s = stats.values;

	if (!link_stats(p->linkid, &stats))
		return;
	v[0] += s[DLD_STAT_NORCVBUF] + s[DLD_STAT_NOXMTBUF];
	v[1] += s[DLD_STAT_IPACKETS64];
	v[2] += s[DLD_STAT_OPACKETS64];
	v[3] += s[DLD_STAT_MULTIRCV];
}

static void show_totals(const struct dlmgmt_linkinfo *bridge, void *arg)
{
	static struct dld_details_reply r;
	char name[MAXLINKNAMELEN], text[TOTALS][24];
	struct stat_listing *s = arg;
	uint64_t v[TOTALS] = {0};

	if (dld_call_details(bridge->linkid, &r, NULL) < 0)
		return;
	bridge_name(bridge, name);
	for (uint32_t i = 0; i < r.nports; i++)
		add_port(&r.ports[i], v);
	if (history_differ(&s->history, name, v, TOTALS) < 0)
		die("%s", dladm_status2str(DLADM_STATUS_NOMEM));
	for (unsigned int i = 0; i < TOTALS; i++)
		(void)snprintf(text[i], sizeof(text[i]), "%llu", (unsigned long long)v[i]);
	columns_print(&s->l.columns, (const char *[]){name, text[0], text[1], text[2], text[3]});
}

static void totals_round(void *arg)
{
	struct stat_listing *s = arg;

	links_walk(s->l.o->link, ALL_ZONES, DATALINK_CLASS_BRIDGE, DLMGMT_ACTIVE, show_totals, s);
	columns_end(&s->l.columns);
}

static void show_bridge_stats(struct show_options *o, const char *name)
{
	char link[MAXLINKNAMELEN];
	struct stat_listing s = {0};

	if (name) {
		(void)snprintf(link, sizeof(link), "%s0", name);
		o->link = link;
	}
	listing_init(&s.l, o, total_columns, 4);
	intervals_run(&o->intervals, totals_round, &s);
	history_fini(&s.history);
	o->link = name; /* not ours any more */
}

/* ---- the forwarding table ---- */

static void show_entry(struct listing *l, const struct dld_fdb_entry *e)
{
	char mac[DLADM_MAC_STRLEN], age[24] = "", name[MAXLINKNAMELEN], flags[] = "--";

	if (e->local)
		flags[0] = 'L';
	if (!e->fixed)
		(void)snprintf(age, sizeof(age), "%u.%03us", e->age / 100, e->age % 100 * 10);
	columns_print(&l->columns, (const char *[]){dladm_mac2str(e->mac, mac, sizeof(mac)), age,
					   flags, link_text(e->linkid, e->device, name)});
}

static void show_fdb(struct listing *l, const struct dlmgmt_linkinfo *bridge)
{
	static struct dld_fdb_reply r;
	struct diag d = {0};
	uint32_t skip = 0;
	int err;

	do {
		err = dld_call_fdb(bridge->linkid, skip, &r, &d);
		if (err < 0)
			class_die("show", bridge->name, err, &d);
		for (uint32_t i = 0; i < r.count; i++)
			show_entry(l, &r.entries[i]);
		skip += r.count;
	} while (r.count == DLD_FDB_MAX);
}

static void show_all(struct show_options *o, const char *name)
{
	char link[MAXLINKNAMELEN];
	struct listing l;

	if (name) {
		(void)snprintf(link, sizeof(link), "%s0", name);
		o->link = link;
	}
	listing_init(&l, o, bridge_columns, 4);
	listing_run(&l, DATALINK_CLASS_BRIDGE, show_bridge);
	o->link = name; /* not ours any more */
}

int do_show_bridge(int argc, char *argv[])
{
	bool links = false, table = false;
	struct show_options o = {0};
	struct dlmgmt_linkinfo bridge;
	struct listing l;
	int c;

	while ((c = getopt(argc, argv, "pjlftsi:o:")) != -1) {
		switch (c) {
		case 'p':
			o.parsable = true;
			break;
		case 'j':
			o.json = true;
			break;
		case 'l':
			links = true;
			break;
		case 'f':
			table = true;
			break;
		case 't':
			die("bridges with TRILL are not supported");
		case 's':
			o.stats = true;
			break;
		case 'i':
			show_interval(optarg, &o);
			break;
		case 'o':
			o.fields = optarg;
			break;
		default:
			usage(argv[0]);
		}
	}
	if (argc - optind > 1)
		usage(argv[0]);
	if (links && table)
		die("the options -l and -f exclude each other");
	if ((links || table) && !argv[optind])
		die("the options -l and -f are for one bridge: say which");
	if (o.stats && table)
		die("the options -s and -f exclude each other");
	if (o.intervals.seconds && !o.stats)
		die("the option -i can be used only with -s");
	if (o.stats && !links) {
		show_bridge_stats(&o, argv[optind]);
		return 0;
	}
	if (!links && !table) {
		show_all(&o, argv[optind]);
		return 0;
	}
	bridge_lookup("show", argv[optind], &bridge);
	if (o.stats) {
		show_link_stats(&o, &bridge);
		return 0;
	}
	if (links)
		listing_init(&l, &o, link_columns, 3);
	else
		listing_init(&l, &o, fdb_columns, 4);
	if (links)
		show_links(&l, &bridge);
	else
		show_fdb(&l, &bridge);
	columns_end(&l.columns);
	return 0;
}

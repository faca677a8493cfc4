/* SPDX-License-Identifier: MIT */
/* dladm show-aggr: the aggregations, their LACP (-L), their ports (-x), what was counted (-s). */
#include "class.h"
#include "show.h"

/* Bits of a port's state in 802.3ad. */
enum {
	AD_ACTIVITY = 0x01,
	AD_TIMEOUT = 0x02,
	AD_AGGREGATABLE = 0x04,
	AD_SYNC = 0x08,
	AD_COLLECTING = 0x10,
	AD_DISTRIBUTING = 0x20,
	AD_DEFAULTED = 0x40,
	AD_EXPIRED = 0x80,
};

static const struct column aggr_columns[] = {{"LINK", 16}, {"POLICY", 9}, {"ADDRPOLICY", 21},
	{"LACPACTIVITY", 14}, {"LACPTIMER", 12}, {"FLAGS", 8}, {0}};
static const struct column lacp_columns[] = {{"LINK", 12}, {"PORT", 13}, {"AGGREGATABLE", 13},
	{"SYNC", 5}, {"COLL", 5}, {"DIST", 5}, {"DEFAULTED", 10}, {"EXPIRED", 8}, {0}};
static const struct column port_columns[] = {{"LINK", 12}, {"PORT", 15}, {"SPEED", 8},
	{"DUPLEX", 10}, {"STATE", 10}, {"ADDRESS", 19}, {"PORTSTATE", 16}, {0}};

static void policy_text(uint64_t policy, char buf[16])
{
	(void)snprintf(buf, 16, "%s%s%s%s%s", policy & AGGR_POLICY_L2 ? "L2" : "",
		policy & AGGR_POLICY_L2 && policy & (AGGR_POLICY_L3 | AGGR_POLICY_L4) ? "," : "",
		policy & AGGR_POLICY_L3 ? "L3" : "",
		policy & AGGR_POLICY_L3 && policy & AGGR_POLICY_L4 ? "," : "",
		policy & AGGR_POLICY_L4 ? "L4" : "");
}

static const char *const lacp_modes[] = {"off", "active", "passive"};
static const char *const lacp_timers[] = {"long", "short"};

static void show_aggr(const struct dlmgmt_linkinfo *link, void *arg)
{
	static struct dld_details_reply details;
	struct listing *l = arg;
	uint64_t policy = AGGR_POLICY_L4, mode = AGGR_LACP_OFF, timer = AGGR_LACP_SHORT, fixed = 0;
	char policies[16], address[MAXLINKNAMELEN] = "auto", flags[] = "-----";
	struct attrs a;

	class_attrs_read(&class_aggr, link->linkid, &a);
	(void)attr_number(&a, "policy", &policy);
	(void)attr_number(&a, "lacpmode", &mode);
	(void)attr_number(&a, "lacptimer", &timer);
	if (attr_number(&a, "fixaddr", &fixed) && fixed) {
		const char *mac = attr_get(&a, DLADM_ATTR_MACADDR);

		(void)snprintf(address, sizeof(address), "fixed (%s)", mac ? mac : "?");
	}
	if (!l->o->persistent && dld_call_details(link->linkid, &details, NULL) == 0) {
		policy = details.spec.aggr.policy;
		mode = details.spec.aggr.lacp_mode;
		timer = details.spec.aggr.lacp_timer;
	}
	policy_text(policy, policies);
	columns_print(&l->columns,
		(const char *[]){link->name, policies, address,
			mode < ARRAY_SIZE(lacp_modes) ? lacp_modes[mode] : "?",
			timer < ARRAY_SIZE(lacp_timers) ? lacp_timers[timer] : "?", flags});
}

static const char *port_name(const struct dld_port *port, char name[MAXLINKNAMELEN])
{
	if (!link_name_of(port->linkid, name))
		(void)snprintf(
			name, MAXLINKNAMELEN, "%.*s", (int)sizeof(port->device), port->device);
	return name;
}

static const char *yes_no(uint8_t state, uint8_t bit)
{
	return state & bit ? "yes" : "no";
}

static void show_lacp(const struct dlmgmt_linkinfo *link, void *arg)
{
	static struct dld_details_reply details;
	struct listing *l = arg;
	char name[MAXLINKNAMELEN];

	if (dld_call_details(link->linkid, &details, NULL) < 0)
		return;
	for (uint32_t i = 0; i < details.nports; i++) {
		const struct dld_port *p = &details.ports[i];

		columns_print(&l->columns, (const char *[]){link->name, port_name(p, name),
						   yes_no(p->actor_state, AD_AGGREGATABLE),
						   yes_no(p->actor_state, AD_SYNC),
						   yes_no(p->actor_state, AD_COLLECTING),
						   yes_no(p->actor_state, AD_DISTRIBUTING),
						   yes_no(p->actor_state, AD_DEFAULTED),
						   yes_no(p->actor_state, AD_EXPIRED)});
	}
}

static void speed_text(const struct dld_linkinfo_reply *info, char buf[24])
{
	(void)snprintf(buf, 24, "%lluMb", (unsigned long long)(info->speed / 1000000));
}

static void show_port(struct listing *l, const char *name, const char *port,
	const struct dld_linkinfo_reply *info, const char *state)
{
	char speed[24] = "?", mac[DLADM_MAC_STRLEN] = "?";

	if (info) {
		speed_text(info, speed);
		(void)dladm_mac2str(info->mac, mac, sizeof(mac));
	}
	columns_print(&l->columns,
		(const char *[]){name, port, speed, info ? dladm_linkduplex2str(info->duplex) : "?",
			info ? dladm_linkstate2str(info->state) : "?", mac, state});
}

/* The aggregation itself, then its ports. */
static void show_ports(const struct dlmgmt_linkinfo *link, void *arg)
{
	static struct dld_details_reply details;
	struct listing *l = arg;
	struct dld_linkinfo_reply info;
	char name[MAXLINKNAMELEN];
	bool live = link_live(link->linkid, &info);

	show_port(l, link->name, "", live ? &info : NULL, "");
	if (dld_call_details(link->linkid, &details, NULL) < 0)
		return;
	for (uint32_t i = 0; i < details.nports; i++) {
		const struct dld_port *p = &details.ports[i];

		live = p->linkid && link_live(p->linkid, &info);
		show_port(l, "", port_name(p, name), live ? &info : NULL,
			p->state ? "attached" : "standby");
	}
}

/* ---- statistics ---- */

#define COUNTERS 4

static const enum dld_stat counters[COUNTERS] = {
	DLD_STAT_IPACKETS64, DLD_STAT_RBYTES64, DLD_STAT_OPACKETS64, DLD_STAT_OBYTES64};
static const struct column stat_columns[] = {{"LINK", 12}, {"PORT", 10},
	{"IPACKETS", 11, COLUMN_NUMBER}, {"RBYTES", 12, COLUMN_NUMBER},
	{"OPACKETS", 11, COLUMN_NUMBER}, {"OBYTES", 12, COLUMN_NUMBER}, {"IPKTDIST", 9},
	{"OPKTDIST", 9}, {0}};

struct stat_listing {
	struct listing l;
	struct history history;
};

/* What a link counted since the last round; false when it went since it was listed. */
static bool counted(struct stat_listing *s, const char *aggr, const char *name,
	datalink_id_t linkid, uint64_t ret[COUNTERS])
{
	struct dld_linkstats_reply stats;
	char key[HISTORY_NAME];

	if (!linkid || !link_stats(linkid, &stats))
		return false;
	for (unsigned int i = 0; i < COUNTERS; i++)
		ret[i] = stats.values[counters[i]];
	(void)snprintf(key, sizeof(key), "%s/%s", aggr, name);
	if (history_differ(&s->history, key, ret, COUNTERS) < 0)
		die("%s", dladm_status2str(DLADM_STATUS_NOMEM));
	return true;
}

/* A port's part of the packets, "33.3". */
static void share(uint64_t part, uint64_t whole, char buf[16])
{
	(void)snprintf(buf, 16, "%.1f", whole ? 100.0 * (double)part / (double)whole : 0.0);
}

/* whole: what the ports counted together; NULL: of the aggregation itself. */
static void show_counted(struct stat_listing *s, const char *link, const char *port,
	const uint64_t n[COUNTERS], const uint64_t *whole)
{
	char text[COUNTERS][24], in[16] = "", out[16] = "";

	for (unsigned int i = 0; i < COUNTERS; i++)
		(void)snprintf(text[i], sizeof(text[i]), "%llu", (unsigned long long)n[i]);
	if (whole) {
		share(n[0], whole[0], in);
		share(n[2], whole[2], out);
	}
	columns_print(&s->l.columns,
		(const char *[]){link, port, text[0], text[1], text[2], text[3], in, out});
}

/* The aggregation itself, then its ports with their parts. */
static void show_stats_of(const struct dlmgmt_linkinfo *link, void *arg)
{
	static struct dld_details_reply details;
	uint64_t ports[DLD_PORTS_MAX][COUNTERS], sum[COUNTERS] = {0}, own[COUNTERS];
	bool known[DLD_PORTS_MAX] = {false};
	struct stat_listing *s = arg;
	char name[MAXLINKNAMELEN];

	if (dld_call_details(link->linkid, &details, NULL) < 0 ||
		!counted(s, link->name, "", link->linkid, own))
		return;
	show_counted(s, link->name, "", own, NULL);
	for (uint32_t i = 0; i < details.nports; i++) {
		const struct dld_port *p = &details.ports[i];

		known[i] = counted(s, link->name, port_name(p, name), p->linkid, ports[i]);
		for (unsigned int n = 0; known[i] && n < COUNTERS; n++)
			sum[n] += ports[i][n];
	}
	for (uint32_t i = 0; i < details.nports; i++)
		if (known[i])
			show_counted(
				s, link->name, port_name(&details.ports[i], name), ports[i], sum);
}

static void stats_round(void *arg)
{
	struct stat_listing *s = arg;

	links_list(s->l.o->link, s->l.zoneid, DATALINK_CLASS_AGGR, DLMGMT_ACTIVE, show_stats_of, s);
	columns_end(&s->l.columns);
}

static void show_aggr_stats(const struct show_options *o)
{
	struct stat_listing s = {0};

	listing_init(&s.l, o, stat_columns, 8);
	intervals_run(&o->intervals, stats_round, &s);
	history_fini(&s.history);
}

int do_show_aggr(int argc, char *argv[])
{
	bool lacp = false, ports = false;
	struct show_options o = {0};
	struct listing l;
	int c;

	while ((c = getopt(argc, argv, "pPjLxsi:o:")) != -1) {
		switch (c) {
		case 'p':
			o.parsable = true;
			break;
		case 'P':
			o.persistent = true;
			break;
		case 'j':
			o.json = true;
			break;
		case 'L':
			lacp = true;
			break;
		case 'x':
			ports = true;
			break;
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
	if (o.persistent + lacp + ports + o.stats > 1)
		die("the options -P, -L, -x and -s exclude each other");
	if (o.intervals.seconds && !o.stats)
		die("the option -i can be used only with -s");
	o.link = argv[optind];
	if (o.stats) {
		show_aggr_stats(&o);
		return 0;
	}
	if (lacp)
		listing_init(&l, &o, lacp_columns, 8);
	else if (ports)
		listing_init(&l, &o, port_columns, 7);
	else
		listing_init(&l, &o, aggr_columns, 6);
	listing_run(&l, DATALINK_CLASS_AGGR, lacp ? show_lacp : ports ? show_ports : show_aggr);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The page of zonemetrics: states of zones and their kstats as families of OpenMetrics. All of a
 * family has to stand together, so everything is read first and written family by family.
 * What nobody counts on this host is left out, never 0.
 */
#include "zonemetrics/zonemetrics.h"

#include "zone/kstat-door.h"
#include "zone/rows-door.h"
#include "zone/zone-calls.h"
#include "zonecfg/index.h"

#include <inttypes.h>

/* ---- what is read ---- */

struct zone_seen {
	char name[ZONENAME_MAX];
	const char *state;
};

struct page {
	FILE *f;
	struct kstat **kstats;
	size_t nkstats, kstats_room;
	struct zone_seen *zones;
	size_t nzones, zones_room;
	bool failed; /* out of memory */
};

static void *grow(void *array, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 64;
	void *grown;

	if (n < *room)
		return array;
	grown = reallocarray(array, more, size);
	if (grown)
		*room = more;
	return grown;
}

static void keep(const struct kstat *k, void *arg)
{
	struct page *p = arg;
	size_t size = sizeof(*k) + k->count * sizeof(k->stats[0]);
	struct kstat **grown = grow(p->kstats, p->nkstats, &p->kstats_room, sizeof(struct kstat *));
	struct kstat *copy = malloc(size);

	if (grown)
		p->kstats = grown;
	if (!grown || !copy) {
		free(copy);
		p->failed = true;
		return;
	}
	memcpy(copy, k, size);
	p->kstats[p->nkstats++] = copy;
}

static bool is_seen(const struct page *p, const char *name, size_t live)
{
	size_t i;

	for (i = 0; i < live; i++)
		if (streq(p->zones[i].name, name))
			return true;
	return false;
}

static int see(struct page *p, const char *name, const char *state)
{
	struct zone_seen *grown = grow(p->zones, p->nzones, &p->zones_room, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	p->zones = grown;
	(void)str_copy(grown[p->nzones].name, sizeof(grown->name), name);
	grown[p->nzones++].state = state;
	return 0;
}

static int see_live(const struct zone_row *row, void *arg)
{
	zone_status_t status = (zone_status_t)row->status;

	if (status < ZONE_IS_READY)
		return 0;
	return see(arg, row->name,
		status == ZONE_IS_READY	    ? "ready"
		: status <= ZONE_IS_RUNNING ? "running"
		: status < ZONE_IS_DOWN	    ? "shutting_down"
					    : "down");
}

struct halted {
	struct page *page;
	size_t live;
};

static int see_halted(const struct zone_index_entry *e, void *arg)
{
	static const char *const names[] = {[ZONE_STATE_CONFIGURED] = "configured",
		[ZONE_STATE_INCOMPLETE] = "incomplete",
		[ZONE_STATE_INSTALLED] = "installed"};
	const struct halted *h = arg;

	if ((size_t)e->state >= ARRAY_SIZE(names) || is_seen(h->page, e->name, h->live))
		return 0;
	return see(h->page, e->name, names[e->state]);
}

static int read_all(struct page *p, uint64_t *ret_events)
{
	struct zone_events_read_reply events;
	struct halted halted = {.page = p};
	int r = kstat_each(KSTAT_ALL, keep, p);

	if (r == 0)
		r = zone_row_each(see_live, p);
	halted.live = p->nzones;
	if (r == 0)
		(void)zone_index_iterate(
			see_halted, &halted); /* without an index: those that live */
	if (r == 0)
		r = zone_call_events_read(0, 0, &events);
	if (r == 0)
		*ret_events = events.position;
	return p->failed ? -ENOMEM : r;
}

/* ---- families ---- */

enum form { GAUGE, COUNTER };

struct family {
	const char *name, *help, *unit; /* unit: "" or the end of the name */
	enum form form;
	const char *module, *stat;
	const char *label; /* one more label of a sample, "" for none */
	double scale;
};

/* Lines with one name behind each other are one family. */
static const struct family families[] = {
	{"zones_cpu_seconds", "Time of processors.", "seconds", COUNTER, "zones", "nsec_user",
		"mode=\"user\"", 1e-9},
	{"zones_cpu_seconds", "", "", COUNTER, "zones", "nsec_sys", "mode=\"system\"", 1e-9},
	{"zones_cpu_wait_seconds", "Time in which a thread waited for a processor.", "seconds",
		COUNTER, "zones", "nsec_waitrq", "", 1e-9},
	{"zones_load", "Load averages.", "", GAUGE, "zones", "avenrun_1min", "minutes=\"1\"",
		1.0 / 256},
	{"zones_load", "", "", GAUGE, "zones", "avenrun_5min", "minutes=\"5\"", 1.0 / 256},
	{"zones_load", "", "", GAUGE, "zones", "avenrun_15min", "minutes=\"15\"", 1.0 / 256},
	{"zones_boot_time_seconds", "When the zone was booted, since the epoch.", "seconds", GAUGE,
		"zones", "boot_time", "", 1},
	{"zones_init_restarts", "How often init was started again.", "", COUNTER, "zones",
		"init_restarts", "", 1},
	{"zones_memory_rss_bytes", "Anonymous memory.", "bytes", GAUGE, "memory_cap", "rss", "", 1},
	{"zones_memory_swap_bytes", "Memory and swap in use.", "bytes", GAUGE, "memory_cap", "swap",
		"", 1},
	{"zones_memory_failures", "How often there was no memory.", "", COUNTER, "memory_cap",
		"anon_alloc_fail", "", 1},
	{"zones_rctl_usage", "What is used of a resource control.", "", GAUGE, "caps", "usage", "",
		1},
	{"zones_rctl_limit", "The limit of a resource control, if there is one.", "", GAUGE, "caps",
		"value", "", 1},
	{"zones_rctl_refused", "Requests over the limit.", "", COUNTER, "caps", "refused", "", 1},
	{"zones_deathrow_credentials", "Credentials of a zone that is gone.", "", GAUGE, "deathrow",
		"cred_ref", "", 1},
	{"zones_link_up", "Whether a link is up.", "", GAUGE, "link", "link_state", "", 1},
	{"zones_link_packets", "Packets of a link.", "", COUNTER, "link", "ipackets64",
		"direction=\"in\"", 1},
	{"zones_link_packets", "", "", COUNTER, "link", "opackets64", "direction=\"out\"", 1},
	{"zones_link_bytes", "Bytes of a link.", "bytes", COUNTER, "link", "rbytes64",
		"direction=\"in\"", 1},
	{"zones_link_bytes", "", "", COUNTER, "link", "obytes64", "direction=\"out\"", 1},
	{"zones_link_errors", "Packets with errors.", "", COUNTER, "link", "ierrors",
		"direction=\"in\"", 1},
	{"zones_link_errors", "", "", COUNTER, "link", "oerrors", "direction=\"out\"", 1},
	{"zones_link_drops", "Packets without room for them.", "", COUNTER, "link", "norcvbuf",
		"direction=\"in\"", 1},
	{"zones_link_drops", "", "", COUNTER, "link", "noxmtbuf", "direction=\"out\"", 1},
	{"zones_io_bytes", "Bytes from and to devices.", "bytes", COUNTER, "zone_vfs", "nread",
		"direction=\"in\"", 1},
	{"zones_io_bytes", "", "", COUNTER, "zone_vfs", "nwritten", "direction=\"out\"", 1},
};

static const struct kstat_named *find(const struct kstat *k, const char *stat)
{
	uint32_t i;

	for (i = 0; i < k->count; i++)
		if (streq(k->stats[i].name, stat))
			return &k->stats[i];
	return NULL;
}

static const char *rctl_of(const struct kstat *k)
{
	static const char *const names[][2] = {{"lockedmem_", "zone.max-locked-memory"},
		{"swapresv_", "zone.max-swap"}, {"physicalmem_", "zone.max-physical-memory"},
		{"nprocs_", "zone.max-processes"}, {"nlwps_", "zone.max-lwps"},
		{"shmmem_", "zone.max-shm-memory"}, {"shmids_", "zone.max-shm-ids"},
		{"semids_", "zone.max-sem-ids"}, {"msgids_", "zone.max-msg-ids"},
		{"lofi_", "zone.max-lofi"}, {"cpucaps_", "zone.cpu-cap"}};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(k->name, names[i][0], strlen(names[i][0])) == 0)
			return names[i][1];
	return NULL;
}

/* zone="..." and what tells this sample from the others of the zone. */
static bool put_labels(FILE *f, const struct family *fam, const struct kstat *k)
{
	const struct kstat_named *zone = find(k, "zonename");
	const char *rctl = streq(k->module, "caps") ? rctl_of(k) : "";

	if (!zone || zone->type != KSTAT_STRING || !rctl)
		return false;
	(void)fprintf(f, "%s%s{zone=\"%s\"", fam->name, fam->form == COUNTER ? "_total" : "",
		zone->value.s);
	if (rctl[0])
		(void)fprintf(f, ",rctl=\"%s\"", rctl);
	if (streq(k->module, "link"))
		(void)fprintf(f, ",link=\"%s\"", k->name);
	if (streq(k->module, "deathrow")) /* several may have had the name */
		(void)fprintf(f, ",id=\"%d\"", k->instance);
	(void)fprintf(f, "%s%s} ", fam->label[0] ? "," : "", fam->label);
	return true;
}

static void put_family(const struct page *p, const struct family *fam)
{
	size_t i;

	for (i = 0; i < p->nkstats; i++) {
		const struct kstat *k = p->kstats[i];
		const struct kstat_named *n;

		if (!streq(k->module, fam->module))
			continue;
		n = find(k, fam->stat);
		/* "No limit" is no sample. */
		if (!n || n->type != KSTAT_UINT64 || n->value.u == UINT64_MAX ||
			!put_labels(p->f, fam, k))
			continue;
		if (fam->scale == 1)
			(void)fprintf(p->f, "%" PRIu64 "\n", n->value.u);
		else
			(void)fprintf(p->f, "%.9g\n", (double)n->value.u * fam->scale);
	}
}

static void put_head(
	FILE *f, const char *name, const char *type, const char *unit, const char *help)
{
	(void)fprintf(f, "# TYPE %s %s\n", name, type);
	if (unit[0])
		(void)fprintf(f, "# UNIT %s %s\n", name, unit);
	(void)fprintf(f, "# HELP %s %s\n", name, help);
}

static void put_states(const struct page *p)
{
	static const char *const states[] = {"configured", "incomplete", "installed", "ready",
		"running", "shutting_down", "down"};
	size_t i, s;

	put_head(p->f, "zones_state", "stateset", "", "The state of a zone.");
	for (i = 0; i < p->nzones; i++)
		for (s = 0; s < ARRAY_SIZE(states); s++)
			(void)fprintf(p->f, "zones_state{zone=\"%s\",zones_state=\"%s\"} %d\n",
				p->zones[i].name, states[s], streq(states[s], p->zones[i].state));
}

static void put_page(const struct page *p, bool up, uint64_t events)
{
	size_t i;

	put_head(p->f, "zones_up", "gauge", "", "Whether zoned answers.");
	(void)fprintf(p->f, "zones_up %d\n", up);
	if (up) {
		put_states(p);
		put_head(p->f, "zones_events", "counter", "",
			"Changes of states of zones that were told.");
		(void)fprintf(p->f, "zones_events_total %" PRIu64 "\n", events);
	}
	for (i = 0; up && i < ARRAY_SIZE(families); i++) {
		const struct family *fam = &families[i];

		if (i == 0 || !streq(fam->name, families[i - 1].name))
			put_head(p->f, fam->name, fam->form == COUNTER ? "counter" : "gauge",
				fam->unit, fam->help);
		put_family(p, fam);
	}
	(void)fputs("# EOF\n", p->f);
}

int page_make(char **ret_text, size_t *ret_size)
{
	struct page p = {0};
	uint64_t events = 0;
	char *text = NULL;
	size_t i, size = 0;
	int r = read_all(&p, &events);

	if (r != -ENOMEM)
		p.f = open_memstream(&text, &size);
	if (p.f) {
		put_page(&p, r == 0, events);
		r = fclose(p.f) == 0 ? 0 : -ENOMEM;
	} else {
		r = -ENOMEM;
	}
	for (i = 0; i < p.nkstats; i++)
		free(p.kstats[i]);
	free(p.kstats);
	free(p.zones);
	if (r < 0) {
		free(text);
		return r;
	}
	*ret_text = text;
	*ret_size = size;
	return 0;
}

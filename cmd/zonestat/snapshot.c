/* SPDX-License-Identifier: MIT */
/*
 * What zones and the host use at a moment. Zones: kstats of zoned. The host: /proc.
 *
 * Linux: there is no zonestatd. The counters of zoned and the kernel do not forget processes
 * that have ended, so two looks at them are enough, and nobody collects while nobody asks.
 */
#include "zonestat/zonestat.h"
#include "zone/kstat-door.h"
#include "zone/rctl-calls.h"
#include "zone/zone-calls.h"

#include <ctype.h>
#include <limits.h>
#include <dirent.h>

const struct resource_kind kinds[RES_COUNT] = {
	[RES_CPU] = {"processor-sets", "pset_default", false, "CPUS"},
	[RES_PHYSICAL] = {"physical-memory", "mem_default", true, "SYSTEM-MEMORY"},
	[RES_VIRTUAL] = {"virtual-memory", "vm_default", true, "SYSTEM-MEMORY"},
	[RES_LOCKED] = {"locked-memory", "mem_default", true, "SYSTEM-MEMORY"},
	[RES_PROCESSES] = {"processes", "system-limit", false, "SYSTEM-LIMIT"},
	[RES_LWPS] = {"lwps", "system-limit", false, "SYSTEM-LIMIT"},
	[RES_SHM_MEMORY] = {"shm-memory", "system-limit", true, "SYSTEM-LIMIT"},
	[RES_SHM_IDS] = {"shm-ids", "system-limit", false, "SYSTEM-LIMIT"},
	[RES_SEM_IDS] = {"sem-ids", "system-limit", false, "SYSTEM-LIMIT"},
	[RES_MSG_IDS] = {"msg-ids", "system-limit", false, "SYSTEM-LIMIT"},
	[RES_LOFI] = {"lofi", "system-limit", false, "SYSTEM-LIMIT"},
};

/* ---- rows ---- */

void usage_free(struct usage *u)
{
	free(u->rows);
	u->rows = NULL;
	u->n = u->room = 0;
}

struct row *usage_row(struct usage *u, const char *name)
{
	size_t i;

	for (i = 0; i < u->n; i++)
		if (streq(u->rows[i].name, name))
			return &u->rows[i];
	return NULL;
}

static void row_clear(struct row *r, const char *name)
{
	int i;

	*r = (struct row){.shares = NAN};
	(void)str_copy(r->name, sizeof(r->name), name);
	for (i = 0; i < RES_COUNT; i++)
		r->used[i] = r->cap[i] = r->refused[i] = NAN;
}

struct row *usage_add(struct usage *u, const char *name)
{
	if (u->n == u->room) {
		size_t room = u->room ? 2 * u->room : 16;
		struct row *rows = reallocarray(u->rows, room, sizeof(*rows));

		if (!rows)
			return NULL;
		u->rows = rows;
		u->room = room;
	}
	row_clear(&u->rows[u->n], name);
	return &u->rows[u->n++];
}

/* ---- zones ---- */

struct collect {
	struct usage *u;
	bool failed;
};

static double number(const struct kstat *k, const char *stat)
{
	uint32_t i;

	for (i = 0; i < k->count; i++)
		if (streq(k->stats[i].name, stat))
			return k->stats[i].type == KSTAT_UINT64 && k->stats[i].value.u != UINT64_MAX
				       ? (double)k->stats[i].value.u
				       : NAN;
	return NAN;
}

static bool named(const struct kstat *k, const char *what)
{
	size_t n = strlen(what);

	return strncmp(k->name, what, n) == 0 && k->name[n] == '_';
}

static void take_cap(const struct kstat *k, struct row *r)
{
	static const struct {
		const char *name;
		enum resource res;
	} caps[] = {{"physicalmem", RES_PHYSICAL}, {"swapresv", RES_VIRTUAL},
		{"lockedmem", RES_LOCKED}, {"nprocs", RES_PROCESSES}, {"nlwps", RES_LWPS},
		{"shmmem", RES_SHM_MEMORY}, {"shmids", RES_SHM_IDS}, {"semids", RES_SEM_IDS},
		{"msgids", RES_MSG_IDS}, {"lofi", RES_LOFI}};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		if (!named(k, caps[i].name))
			continue;
		r->used[caps[i].res] = number(k, "usage");
		r->cap[caps[i].res] = number(k, "value");
		r->refused[caps[i].res] = number(k, "refused");
	}
	if (named(k, "cpucaps")) {
		r->cap[RES_CPU] = number(k, "value") / 100;
		r->refused[RES_CPU] = number(k, "refused");
	}
}

static void take(const struct kstat *k, void *arg)
{
	struct collect *c = arg;
	struct row *r;

	if (k->zoneid == GLOBAL_ZONEID || k->count == 0 || k->stats[0].type != KSTAT_STRING)
		return;
	r = usage_row(c->u, k->stats[0].value.s);
	if (!r && streq(k->kclass, "zone_misc"))
		r = usage_add(c->u, k->stats[0].value.s);
	if (!r)
		return; /* the others come behind it */
	r->zoneid = k->zoneid;
	if (streq(k->kclass, "zone_misc"))
		r->used[RES_CPU] = number(k, "nsec_user") + number(k, "nsec_sys");
	else if (streq(k->kclass, "zone_caps"))
		take_cap(k, r);
}

/* A zone that nobody gave shares has one. */
static void take_shares(struct row *r)
{
	struct zone_rctl_get_reply reply;

	if (zone_call_rctl_get(r->zoneid, "zone.cpu-shares", &reply, NULL) < 0)
		return;
	r->shares = reply.count ? (double)reply.values[0].limit : 1;
}

/* ---- the host ---- */

/* Lines "NAME: NUMBER kB" of /proc/meminfo. */
static void take_memory(struct usage *u)
{
	double total = NAN, available = NAN, swap = 0, swap_free = 0, v;
	_cleanup_fclose_ FILE *f = fopen("/proc/meminfo", "re");
	char line[256], name[64];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63[^:]: %lf kB", name, &v) != 2)
			continue;
		if (streq(name, "MemTotal"))
			total = v * 1024;
		else if (streq(name, "MemAvailable"))
			available = v * 1024;
		else if (streq(name, "SwapTotal"))
			swap = v * 1024;
		else if (streq(name, "SwapFree"))
			swap_free = v * 1024;
		else if (streq(name, "Mlocked"))
			u->total.used[RES_LOCKED] = v * 1024;
	}
	u->size[RES_PHYSICAL] = u->size[RES_LOCKED] = total;
	u->size[RES_VIRTUAL] = total + swap;
	u->total.used[RES_PHYSICAL] = total - available;
	u->total.used[RES_VIRTUAL] = total - available + swap - swap_free;
}

/*
 * What can be had back at once, the cache of files, is not in use there; but what a zone has of
 * it is in the zone's use. All is no less than the zones together.
 */
static void cover_zones(struct usage *u)
{
	double physical = 0, virtual = 0;
	size_t i;

	for (i = 0; i < u->n; i++) {
		const double *used = u->rows[i].used;

		physical += isnan(used[RES_PHYSICAL]) ? 0 : used[RES_PHYSICAL];
		virtual += isnan(used[RES_VIRTUAL]) ? 0 : used[RES_VIRTUAL];
	}
	if (u->total.used[RES_PHYSICAL] < physical)
		u->total.used[RES_PHYSICAL] = physical;
	if (u->total.used[RES_VIRTUAL] < virtual)
		u->total.used[RES_VIRTUAL] = virtual;
}

/*
 * Time in everything but idle and iowait. Guests are in user and nice already. In a zone /proc tells
 * the zone's own time, so nobody knows there what the others used.
 */
static void take_cpu(struct usage *u, bool in_zone)
{
	double v[8], hz = (double)sysconf(_SC_CLK_TCK);
	_cleanup_fclose_ FILE *f = fopen("/proc/stat", "re");

	u->cpus = (double)sysconf(_SC_NPROCESSORS_CONF);
	u->online = (double)sysconf(_SC_NPROCESSORS_ONLN);
	u->size[RES_CPU] = u->online;
	if (!in_zone && f &&
		fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &v[0], &v[1], &v[2], &v[3], &v[4],
			&v[5], &v[6], &v[7]) == 8)
		u->total.used[RES_CPU] = (v[0] + v[1] + v[2] + v[5] + v[6] + v[7]) / hz * 1e9;
}

static double number_in(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	double v;

	return f && fscanf(f, "%lf", &v) == 1 ? v : NAN;
}

/* "0.10 0.20 0.30 2/345 678": 345 threads. */
static double count_threads(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/loadavg", "re");
	double v;

	return f && fscanf(f, "%*s %*s %*s %*d/%lf", &v) == 1 ? v : NAN;
}

static double count_processes(void)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;
	double n = 0;

	while (dir && (e = readdir(dir)))
		n += isdigit((unsigned char)e->d_name[0]) != 0;
	if (dir)
		(void)closedir(dir);
	return n;
}

/* A zone sees its own processes only, and how many there can be is the host's matter. */
static void take_processes(struct usage *u, bool in_zone)
{
	u->size[RES_PROCESSES] = number_in("/proc/sys/kernel/pid_max");
	u->size[RES_LWPS] = number_in("/proc/sys/kernel/threads-max");
	if (in_zone)
		return;
	u->total.used[RES_PROCESSES] = count_processes();
	u->total.used[RES_LWPS] = count_threads();
}

/* The objects of this process's ipc namespace: lines behind a head; the size is the fourth word of shm. */
static double count_objects(const char *path, double *ret_bytes)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char line[512];
	double v, n = -1;

	if (!f)
		return NAN;
	*ret_bytes = 0;
	for (; fgets(line, sizeof(line), f); n++)
		if (n >= 0 && sscanf(line, "%*s %*s %*s %lf", &v) == 1)
			*ret_bytes += v;
	return n < 0 ? 0 : n;
}

/* Loop devices that have a file; only the host has any. */
static double count_loops(void)
{
	DIR *dir = opendir("/sys/block");
	const struct dirent *e;
	char path[PATH_MAX];
	double n = 0;

	while (dir && (e = readdir(dir))) {
		if (strncmp(e->d_name, "loop", 4) != 0)
			continue;
		(void)snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file", e->d_name);
		n += access(path, F_OK) == 0;
	}
	if (dir)
		(void)closedir(dir);
	return n;
}

/* Each namespace has its own: the host's total is the sum of all of them. Nothing bounds that. */
static void take_sysv(struct usage *u, bool in_zone)
{
	double bytes;
	size_t i;
	int res;

	if (in_zone)
		return;
	u->total.used[RES_SHM_IDS] =
		count_objects("/proc/sysvipc/shm", &u->total.used[RES_SHM_MEMORY]);
	u->total.used[RES_SEM_IDS] = count_objects("/proc/sysvipc/sem", &bytes);
	u->total.used[RES_MSG_IDS] = count_objects("/proc/sysvipc/msg", &bytes);
	u->total.used[RES_LOFI] = count_loops();
	for (i = 0; i < u->n; i++)
		for (res = RES_SHM_MEMORY; res <= RES_LOFI; res++)
			if (!isnan(u->rows[i].used[res]))
				u->total.used[res] += u->rows[i].used[res];
}

static double now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int snapshot_take(struct usage *ret, bool sysv)
{
	unsigned int caps = KSTAT_CAPS | (sysv ? KSTAT_SYSV : 0);
	struct collect c = {.u = ret};
	zoneid_t self;
	size_t i;
	int r;

	*ret = (struct usage){.begin = time(NULL), .end = time(NULL), .at = now()};
	row_clear(&ret->total, "[total]");
	for (i = 0; i < RES_COUNT; i++)
		ret->size[i] = NAN;
	r = zone_call_self(&self);
	if (r == 0)
		r = kstat_each(KSTAT_ZONES | caps, take, &c);
	if (r < 0) {
		usage_free(ret);
		return r;
	}
	for (i = 0; i < ret->n; i++)
		take_shares(&ret->rows[i]);
	take_cpu(ret, self != GLOBAL_ZONEID);
	take_memory(ret);
	cover_zones(ret);
	take_processes(ret, self != GLOBAL_ZONEID);
	if (sysv)
		take_sysv(ret, self != GLOBAL_ZONEID);
	return 0;
}

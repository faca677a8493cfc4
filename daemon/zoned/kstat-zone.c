/* SPDX-License-Identifier: MIT */
/*
 * The kstats of illumos that are about a zone: zones, memory_cap and caps. Numbers come from
 * the zone's control group at the moment of the question; what the kernel of this host does
 * not count is unknown and not 0.
 *
 * Linux: zone_vfs has what reached the devices, nobody counts reads and writes of files by
 * group; the caps have how much the kernel refused, and there is one more, of threads. The
 * load averages of the global zone are those of the host with all zones.
 */
#include "zoned/kstat.h"
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/cgroup-stat.h"

#include <inttypes.h>
#include <time.h>

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Field n (from 1) of /proc/PID/stat, counted behind the name, which may contain anything. */
static int stat_field(pid_t pid, int n, uint64_t *ret)
{
	char path[64], text[1024], *p;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	size = fread(text, 1, sizeof(text) - 1, f);
	text[size] = '\0';
	p = strrchr(text, ')');
	for (n -= 2; p && n > 0; n--)
		p = strchr(p + 1, ' ');
	if (!p)
		return -ESRCH;
	*ret = strtoull(p, NULL, 10);
	return 0;
}

/* Clock ticks, as nanoseconds. */
static uint64_t ticks_ns(uint64_t ticks)
{
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);

	return ticks * (1000000000u / (hz ? hz : 100));
}

/*
 * When its zsched was started: nothing else says the same in every call, to every zoned and whatever
 * becomes of the clock.
 */
uint64_t kstat_zone_crtime(struct zone *z)
{
	uint64_t crtime, ticks = 0;

	(void)pthread_mutex_lock(&z->lock);
	crtime = z->crtime;
	(void)pthread_mutex_unlock(&z->lock);
	if (crtime || z->id == GLOBAL_ZONEID || stat_field(z->zsched_pid, 22, &ticks) < 0)
		return crtime;
	crtime = ticks_ns(ticks);
	(void)pthread_mutex_lock(&z->lock);
	z->crtime = crtime;
	(void)pthread_mutex_unlock(&z->lock);
	return crtime;
}

static void begin(struct kstat_sink *sink, struct zone *z, const char *module, const char *name,
	const char *kclass)
{
	kstat_begin(sink, module, z->id, name, kclass, kstat_zone_crtime(z));
	kstat_text(sink, "zonename", z->name);
}

static void number_of(
	struct kstat_sink *sink, struct zone *z, const char *stat, const struct cgroup_counter *c)
{
	char group[ZONE_GROUP_MAX];
	uint64_t v = 0;
	int r;

	zone_group(z, NULL, group);
	r = cgroup_get(group, c, &v);
	kstat_maybe(sink, stat, r, v);
}

/* ---- zones:ID:NAME ---- */

/* Seconds since the epoch at which the zone's init was started. */
static void boot_time(struct kstat_sink *sink, pid_t init)
{
	uint64_t since_boot = 0;
	uint64_t booted = (clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME)) / 1000000000u;
	int r = init ? stat_field(init, 22, &since_boot) : -ESRCH;

	kstat_maybe(sink, "boot_time", r, booted + ticks_ns(since_boot) / 1000000000u);
}

static void load(struct kstat_sink *sink, struct zone *z)
{
	struct kstat_load l;
	int cpu, wait;

	if (!kstat_load_get(z, &l))
		memset(&l, 0, sizeof(l));
	cpu = l.has_cpu ? 0 : -EOPNOTSUPP;
	wait = l.has_wait ? 0 : -EOPNOTSUPP;
	kstat_maybe(sink, "nsec_user", cpu, l.user);
	kstat_maybe(sink, "nsec_sys", cpu, l.sys);
	kstat_maybe(sink, "nsec_waitrq", wait, l.wait);
	kstat_maybe(sink, "avenrun_1min", cpu, l.avenrun[0]);
	kstat_maybe(sink, "avenrun_5min", cpu, l.avenrun[1]);
	kstat_maybe(sink, "avenrun_15min", cpu, l.avenrun[2]);
}

/* ---- zones:0:global ---- */

/* What the host's processors did, less what they did for zones, which go on counting in their parent. */
static int host_time(int field, const char *key, uint64_t *ret)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/stat", "re");
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK), v[3], zones = 0, all;

	if (!f || ticks == 0 ||
		fscanf(f, "cpu %" SCNu64 " %" SCNu64 " %" SCNu64, &v[0], &v[1], &v[2]) != 3)
		return -EOPNOTSUPP;
	all = (field ? v[2] : v[0] + v[1]) * (1000000000u / ticks);
	(void)cgroup_get_v2(ZONE_GROUPS, "cpu.stat", key, &zones);
	*ret = all > zones * 1000 ? all - zones * 1000 : 0;
	return 0;
}

static void unknown_misc(struct kstat_sink *sink)
{
	kstat_unknown(sink, "forkfail_noproc");
	kstat_unknown(sink, "forkfail_nomem");
	kstat_unknown(sink, "forkfail_misc");
	kstat_unknown(sink, "mapfail_seglim");
	kstat_unknown(sink, "nested_interp");
}

static void global_misc(struct kstat_sink *sink, struct zone *z)
{
	static const char *const names[3] = {"avenrun_1min", "avenrun_5min", "avenrun_15min"};
	double loads[3] = {0};
	uint64_t v = 0;
	int r;

	begin(sink, z, "zones", z->name, "zone_misc");
	r = host_time(0, "user_usec", &v);
	kstat_maybe(sink, "nsec_user", r, v);
	r = host_time(1, "system_usec", &v);
	kstat_maybe(sink, "nsec_sys", r, v);
	kstat_unknown(sink, "nsec_waitrq");
	r = getloadavg(loads, 3) == 3 ? 0 : -EOPNOTSUPP;
	for (int i = 0; i < 3; i++)
		kstat_maybe(sink, names[i], r, (uint64_t)(loads[i] * 256));
	kstat_unknown(sink, "forkfail_cap");
	unknown_misc(sink);
	kstat_number(sink, "init_pid", 1);
	kstat_number(sink, "init_restarts", 0);
	kstat_number(sink, "boot_time",
		(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME)) / 1000000000u);
	kstat_end(sink);
}

void kstat_zone_misc(struct zone *z, zoneid_t zoneid, struct kstat_sink *sink)
{
	uint64_t refused = 0;
	uint32_t restarts;
	pid_t init;
	int r;

	if (kstat_pass(sink))
		return;
	if (zoneid == GLOBAL_ZONEID) {
		global_misc(sink, z);
		return;
	}
	(void)pthread_mutex_lock(&z->lock);
	init = z->init_pid;
	restarts = z->init_restarts;
	(void)pthread_mutex_unlock(&z->lock);
	r = zone_rctl_refused(z, RCTL_MAX_LWPS, &refused);
	begin(sink, z, "zones", z->name, "zone_misc");
	load(sink, z);
	kstat_maybe(sink, "forkfail_cap", r, refused);
	unknown_misc(sink);
	kstat_maybe(sink, "init_pid", init ? 0 : -ESRCH, (uint64_t)init);
	kstat_number(sink, "init_restarts", restarts);
	boot_time(sink, init);
	kstat_end(sink);
}

/* ---- memory_cap:ID:NAME ---- */

/* What bounds the zone now; UINT64_MAX where nothing does. */
static uint64_t limit_of(struct zone *z, enum zone_rctl_id id)
{
	struct zone_rctls rctls;

	zone_rctls_get(z, &rctls);
	return zone_rctls_limit(&rctls, id);
}

static void usage(struct kstat_sink *sink, struct zone *z, enum zone_rctl_id id, const char *stat)
{
	uint64_t v = 0;
	int r = zone_rctl_usage(z, id, &v);

	kstat_maybe(sink, stat, r, v);
}

void kstat_zone_memory(struct zone *z, zoneid_t zoneid, struct kstat_sink *sink)
{
	static const struct cgroup_counter rss = {
		CGROUP_MEMORY, "memory.stat", "anon", "memory.stat", "total_rss"};
	/* What the kernel calls pgpgin in v1 is every page that was counted, paged in or new. */
	static const struct cgroup_counter in = {
		CGROUP_MEMORY, "memory.stat", "pgmajfault", "memory.stat", "total_pgmajfault"};
	static const struct cgroup_counter swapped_in = {
		CGROUP_MEMORY, "memory.stat", "pswpin", NULL, NULL};
	static const struct cgroup_counter out = {
		CGROUP_MEMORY, "memory.stat", "pswpout", NULL, NULL};
	static const struct cgroup_counter killed = {
		CGROUP_MEMORY, "memory.events", "oom", "memory.oom_control", "oom_kill"};
	uint64_t v = 0;
	int r;

	if (zoneid == GLOBAL_ZONEID || kstat_pass(sink))
		return;
	begin(sink, z, "memory_cap", z->name, "zone_memory_cap");
	number_of(sink, z, "rss", &rss);
	kstat_number(sink, "physcap", limit_of(z, RCTL_MAX_PHYSICAL_MEMORY));
	usage(sink, z, RCTL_MAX_SWAP, "swap");
	kstat_number(sink, "swapcap", limit_of(z, RCTL_MAX_SWAP));
	r = zone_rctl_refused(z, RCTL_MAX_PHYSICAL_MEMORY, &v);
	kstat_maybe(sink, "nover", r, v);
	number_of(sink, z, "pagedout", &out);
	number_of(sink, z, "pgpgin", &in);
	number_of(sink, z, "anonpgin", &swapped_in);
	kstat_unknown(sink, "execpgin");
	kstat_unknown(sink, "fspgin");
	number_of(sink, z, "anon_alloc_fail", &killed);
	kstat_end(sink);
}

/* ---- caps:ID:..._zone_ID ---- */

/* How much is used was found out with r; it may be an error. */
static void cap_used(struct kstat_sink *sink, struct zone *z, const char *what,
	enum zone_rctl_id id, int r, uint64_t used)
{
	char name[KSTAT_STRLEN];
	uint64_t refused = 0;

	(void)snprintf(name, sizeof(name), "%s_zone_%d", what, z->id);
	begin(sink, z, "caps", name, "zone_caps");
	kstat_maybe(sink, "usage", r, used);
	kstat_number(sink, "value", limit_of(z, id));
	r = zone_rctl_refused(z, id, &refused);
	kstat_maybe(sink, "refused", r, refused);
	kstat_end(sink);
}

static void cap(struct kstat_sink *sink, struct zone *z, const char *what, enum zone_rctl_id id)
{
	uint64_t used = 0;
	int r;

	if (kstat_pass(sink))
		return;
	r = zone_rctl_usage(z, id, &used);
	cap_used(sink, z, what, id, r, used);
}

/* Of a kind of their own: to count them the zone's ipc namespace is entered. */
void kstat_zone_sysv(struct zone *z, zoneid_t zoneid, struct kstat_sink *sink)
{
	struct zone_ipc_usage u = {0};
	const struct {
		const char *what;
		enum zone_rctl_id id;
		const uint64_t *used;
	} caps[] = {{"shmmem", RCTL_MAX_SHM_MEMORY, &u.shm_memory},
		{"shmids", RCTL_MAX_SHM_IDS, &u.shm_ids}, {"semids", RCTL_MAX_SEM_IDS, &u.sem_ids},
		{"msgids", RCTL_MAX_MSG_IDS, &u.msg_ids}};
	size_t i;
	int r;

	if (zoneid == GLOBAL_ZONEID)
		return;
	r = zone_ipc_look(z, &u);
	for (i = 0; i < ARRAY_SIZE(caps); i++)
		if (!kstat_pass(sink))
			cap_used(sink, z, caps[i].what, caps[i].id, r, *caps[i].used);
	cap(sink, z, "lofi", RCTL_MAX_LOFI);
}

static void cpu_cap(struct kstat_sink *sink, struct zone *z)
{
	uint64_t value = limit_of(z, RCTL_CPU_CAP), throttled = 0;
	char name[KSTAT_STRLEN];
	struct kstat_load l;
	int r;

	if (value == UINT64_MAX || kstat_pass(sink))
		return;
	if (!kstat_load_get(z, &l))
		memset(&l, 0, sizeof(l));
	r = l.has_cpu ? 0 : -EOPNOTSUPP;
	(void)snprintf(name, sizeof(name), "cpucaps_zone_%d", z->id);
	begin(sink, z, "caps", name, "zone_caps");
	kstat_maybe(sink, "above_sec", r, l.above);
	kstat_maybe(sink, "below_sec", r, l.below);
	kstat_maybe(sink, "maxusage", r, l.percent_max);
	kstat_unknown(sink, "nwait");
	kstat_maybe(sink, "usage", r, l.percent);
	kstat_number(sink, "value", value);
	r = zone_rctl_refused(z, RCTL_CPU_CAP, &throttled);
	kstat_maybe(sink, "refused", r, throttled);
	kstat_end(sink);
}

void kstat_zone_caps(struct zone *z, zoneid_t zoneid, struct kstat_sink *sink)
{
	if (zoneid == GLOBAL_ZONEID)
		return;
	cap(sink, z, "lockedmem", RCTL_MAX_LOCKED_MEMORY);
	cap(sink, z, "swapresv", RCTL_MAX_SWAP);
	cap(sink, z, "physicalmem", RCTL_MAX_PHYSICAL_MEMORY);
	cap(sink, z, "nprocs", RCTL_MAX_PROCESSES);
	cap(sink, z, "nlwps", RCTL_MAX_LWPS);
	cpu_cap(sink, z);
}

/* ---- zone_vfs:ID:NAME ---- */

/* The sum over all devices, lines "8:0 rbytes=1 wbytes=2 rios=3 wios=4 ...". */
static void io_of(struct kstat_sink *sink, const struct zone *z, const char *word, const char *stat)
{
	char group[ZONE_GROUP_MAX];
	uint64_t sum = 0;
	int r;

	zone_group(z, NULL, group);
	r = cgroup_sum_v2(group, "io.stat", word, &sum);
	kstat_maybe(sink, stat, r, sum);
}

void kstat_zone_vfs(struct zone *z, zoneid_t zoneid, struct kstat_sink *sink)
{
	static const char *const unknown[] = {"rtime", "rlentime", "rcnt", "wtime", "wlentime",
		"wcnt", "10ms_ops", "100ms_ops", "1s_ops", "10s_ops", "delay_cnt", "delay_time"};

	if (zoneid == GLOBAL_ZONEID || kstat_pass(sink))
		return;
	begin(sink, z, "zone_vfs", z->name, "zone_vfs");
	io_of(sink, z, "rbytes=", "nread");
	io_of(sink, z, "rios=", "reads");
	io_of(sink, z, "wbytes=", "nwritten");
	io_of(sink, z, "wios=", "writes");
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		kstat_unknown(sink, unknown[i]);
	kstat_end(sink);
}

/* ---- deathrow:ID:NAME, of the global zone ---- */

static void dead(const struct zone_dead *z, void *arg)
{
	struct kstat_sink *sink = arg;

	if (kstat_pass(sink))
		return;
	kstat_begin(sink, "deathrow", z->id, z->name, "zone_deathrow", 0);
	kstat_text(sink, "zonename", z->name);
	kstat_number(sink, "uniqid", z->uniqid);
	kstat_number(sink, "cred_ref", z->creds + z->userns);
	kstat_number(sink, "namespaces", z->userns);
	kstat_maybe(sink, "destroyed", z->destroyed ? 0 : -ENODATA, (uint64_t)z->destroyed);
	kstat_end(sink);
}

void kstat_deathrow(struct zone *z, zoneid_t zoneid, struct kstat_sink *sink)
{
	if (zoneid == GLOBAL_ZONEID)
		zone_deathrow_walk(dead, sink);
}

/* SPDX-License-Identifier: MIT */
/*
 * What a zone's processor time was, second by second: load averages, the part of a CPU in
 * the last second, seconds at the cap. One thread looks at all zones once a second; the files
 * it reads are kept open, as zone-specific data.
 *
 * The load is what illumos takes for it: the time that threads ran or waited to run, over
 * the wall clock, as a mean over ten seconds that decays over 1, 5 and 15 minutes.
 *
 * Linux: the time that threads waited is the time in which at least one did (PSI); a kernel
 * without PSI leaves it out.
 *
 * Lock: sample_lock guards every struct sample. It is held over reads of files of control
 * groups, and over nothing else.
 */
#include "zoned/kstat.h"
#include "zoned/zone-impl.h"

#include "linux/cgroup.h"
#include "zone/view-files.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/xattr.h>
#include <time.h>

#define WINDOW 10 /* seconds of the mean */

struct sample {
	int cpu, pressure; /* cpu.stat and cpu.pressure, FD_NONE when there is none */
	uint64_t last;	   /* nanoseconds of all at the last look */
	uint64_t last_run;
	uint64_t window[WINDOW];
	unsigned int at, filled;
	double load[3];
	char told[32]; /* what zoneview was told of it */
	struct kstat_load out;
};

static pthread_mutex_t sample_lock = PTHREAD_MUTEX_INITIALIZER;
static zone_key_t sample_key;

/* ---- files ---- */

static int open_file(const struct zone *z, const char *file)
{
	char group[ZONE_GROUP_MAX], path[PATH_MAX], rel[ZONE_GROUP_MAX + 32];
	int fd;

	zone_group(z, NULL, group);
	(void)snprintf(rel, sizeof(rel), "%s/%s", group, file);
	if (cgroup_v2_path(path, sizeof(path), rel) < 0)
		return FD_NONE;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? FD_NONE : fd;
}

/* Each reading makes the kernel add up what all CPUs have counted for the group. */
static bool read_text(int fd, char *ret, size_t size)
{
	ssize_t n = fd < 0 ? -1 : pread(fd, ret, size - 1, 0);

	ret[n < 0 ? 0 : n] = '\0';
	return n > 0;
}

/* The number behind a word, in microseconds, as nanoseconds. */
static bool number_after(const char *text, const char *word, uint64_t *ret)
{
	const char *p = strstr(text, word);

	if (!p)
		return false;
	*ret = strtoull(p + strlen(word), NULL, 10) * 1000;
	return true;
}

static void recall_load(const struct zone *z, struct sample *s)
{
	char group[ZONE_GROUP_MAX], path[PATH_MAX], text[sizeof(s->told)];
	ssize_t n = -1;

	zone_group(z, NULL, group);
	if (cgroup_v2_path(path, sizeof(path), group) == 0)
		n = getxattr(path, VIEW_LOAD_XATTR, text, sizeof(text) - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	if (sscanf(text, "%lf %lf %lf", &s->load[0], &s->load[1], &s->load[2]) != 3)
		memset(s->load, 0, sizeof(s->load));
}

static int sample_create(struct zone *z, void **ret_data, struct diag *d)
{
	struct sample *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->cpu = open_file(z, "cpu.stat");
	s->pressure = open_file(z, "cpu.pressure");
	recall_load(z, s);
	*ret_data = s;
	return 0;
}

static void sample_destroy(struct zone *z, void *data)
{
	struct sample *s = data;

	(void)pthread_mutex_lock(&sample_lock);
	(void)fd_close(s->cpu);
	(void)fd_close(s->pressure);
	free(s);
	(void)pthread_mutex_unlock(&sample_lock);
}

/* ---- one second of one zone ---- */

static void average_locked(struct sample *s, uint64_t spent)
{
	static const double decay[3] = {
		135.0 / 8192, 27.0 / 8192, 9.0 / 8192}; /* 1 - e^(-1/60), … */
	uint64_t sum = 0;
	int i;

	s->window[s->at] = spent;
	s->at = (s->at + 1) % WINDOW;
	if (s->filled < WINDOW && ++s->filled < WINDOW)
		return;
	for (i = 0; i < WINDOW; i++)
		sum += s->window[i];
	for (i = 0; i < 3; i++) {
		s->load[i] += ((double)sum / WINDOW / 1e9 - s->load[i]) * decay[i];
		s->out.avenrun[i] =
			s->load[i] * 256 < INT32_MAX ? (uint32_t)(s->load[i] * 256) : INT32_MAX;
	}
}

/* elapsed: nanoseconds since the last look; cap: percent, 0 when there is none. */
static void cap_locked(struct sample *s, uint64_t spent, uint64_t elapsed, uint64_t cap)
{
	struct kstat_load *o = &s->out;

	o->percent = spent * 100 / elapsed;
	if (o->percent > o->percent_max)
		o->percent_max = o->percent;
	/* What is within the grain of the clock is at the cap. */
	if (cap && o->percent * 100 >= cap * 98)
		o->above++;
	else if (cap)
		o->below++;
}

static void read_locked(struct sample *s)
{
	struct kstat_load *o = &s->out;
	char text[512];

	o->has_cpu = read_text(s->cpu, text, sizeof(text)) &&
		     number_after(text, "user_usec ", &o->user) &&
		     number_after(text, "system_usec ", &o->sys);
	/* "some" comes first */
	o->has_wait = read_text(s->pressure, text, sizeof(text)) && strstr(text, "some avg") &&
		      number_after(text, "total=", &o->wait);
}

static void look_locked(struct sample *s, uint64_t elapsed, uint64_t cap)
{
	uint64_t run, all;

	read_locked(s);
	if (!s->out.has_cpu)
		return;
	run = s->out.user + s->out.sys;
	all = run + (s->out.has_wait ? s->out.wait : 0);
	if (s->last) {
		average_locked(s, all > s->last ? (all - s->last) * 1000000000u / elapsed : 0);
		cap_locked(s, run > s->last_run ? run - s->last_run : 0, elapsed, cap);
	}
	s->last = all;
	s->last_run = run;
}

/* zoneview reads it from the zone's control group, where a new zoned finds it as well. */
static bool load_changed_locked(struct sample *s, char ret[sizeof(s->told)])
{
	(void)snprintf(ret, sizeof(s->told), "%.2f %.2f %.2f", s->load[0], s->load[1], s->load[2]);
	if (streq(ret, s->told))
		return false;
	(void)str_copy(s->told, sizeof(s->told), ret);
	return true;
}

static void tell_load(const struct zone *z, const char *text)
{
	char group[ZONE_GROUP_MAX], path[PATH_MAX];

	zone_group(z, NULL, group);
	if (z->id != GLOBAL_ZONEID && cgroup_v2_path(path, sizeof(path), group) == 0)
		(void)setxattr(path, VIEW_LOAD_XATTR, text, strlen(text), 0);
}

static uint64_t cap_of(struct zone *z)
{
	struct zone_rctls rctls;
	uint64_t cap;

	zone_rctls_get(z, &rctls);
	cap = zone_rctls_limit(&rctls, RCTL_CPU_CAP);
	return cap == UINT64_MAX ? 0 : cap;
}

static void look(zoneid_t id, uint64_t elapsed)
{
	struct zone *z = zone_hold_by_id(id, ZONE_IS_READY, ZONE_IS_EMPTY, ZONE_REF_KSTAT);
	char load[sizeof(((struct sample *)NULL)->told)];
	bool changed = false;
	struct sample *s;
	uint64_t cap;

	if (!z)
		return;
	cap = cap_of(z);
	(void)pthread_mutex_lock(&sample_lock);
	s = zsd_get(z, sample_key);
	if (s) {
		look_locked(s, elapsed, cap);
		changed = load_changed_locked(s, load);
	}
	(void)pthread_mutex_unlock(&sample_lock);
	if (changed)
		tell_load(z, load);
	if (id != GLOBAL_ZONEID)
		rctl_log_look(z);
	zone_rele(z, ZONE_REF_KSTAT);
}

struct ids {
	zoneid_t id[MAX_ZONES];
	uint32_t count;
};

static int gather(struct zone *z, void *arg)
{
	struct ids *ids = arg;

	ids->id[ids->count++] = z->id;
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void *sample(void *arg)
{
	static struct ids ids;
	uint64_t before = now_ns();
	uint32_t i;

	for (;;) {
		struct timespec second = {.tv_sec = 1};
		uint64_t now, elapsed;

		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
		now = now_ns();
		elapsed = now - before;
		before = now;
		ids.count = 0;
		(void)zones_walk(ZONE_IS_READY, ZONE_IS_EMPTY, gather, &ids);
		for (i = 0; i < ids.count; i++)
			look(ids.id[i], elapsed);
	}
	return NULL;
}

int kstat_sample_start(void)
{
	static const struct zsd_callbacks callbacks = {
		.name = "kstat", .create = sample_create, .destroy = sample_destroy};
	pthread_t thread;
	int r = zsd_key_create(&callbacks, &sample_key);

	if (r < 0)
		return r;
	r = pthread_create(&thread, NULL, sample, NULL);
	if (r == 0)
		(void)pthread_detach(thread);
	return -r;
}

bool kstat_load_get(struct zone *z, struct kstat_load *ret)
{
	struct sample *s;

	(void)pthread_mutex_lock(&sample_lock);
	s = zsd_get(z, sample_key);
	if (s) {
		read_locked(s);
		*ret = s->out;
	}
	(void)pthread_mutex_unlock(&sample_lock);
	return s != NULL;
}

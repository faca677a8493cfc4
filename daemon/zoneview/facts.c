/* SPDX-License-Identifier: MIT */
/* Processors, time and load of a zone; see facts.h. */
#include "zoneview/facts.h"

#include <inttypes.h>
#include <limits.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <time.h>

#include "linux/cgroup-control.h"
#include "linux/cgroup-stat.h"
#include "zone/view-files.h"
#include "zoneview/group.h"

#define NS_PER_SECOND 1000000000u
#define ONLINE	      "/sys/devices/system/cpu/online"

/* ---- processors ---- */

static int read_set(const char *path, struct cpu_set *ret)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!f || getline(&line, &size, f) <= 0)
		return -ENOENT;
	return cpu_set_parse(line, ret);
}

/* Those of the host that work, as far as the zone's group may use them. */
static void allowed_cpus(const char *group, struct cpu_set *ret)
{
	struct cpu_set own;

	if (read_set(ONLINE, ret) < 0 || cpu_set_count(ret) == 0)
		(void)cpu_set_parse("0", ret);
	if (cgroup_get_cpus(group, &own) < 0)
		return;
	cpu_set_intersect(&own, ret);
	if (cpu_set_count(&own) > 0)
		*ret = own;
}

/* As many as the cap is worth, rounded up; 0 when there is none. */
static unsigned int capped_cpus(const char *group)
{
	static const struct cgroup_counter quota = {CGROUP_CPU, NULL, NULL, "cpu.cfs_quota_us", ""};
	static const struct cgroup_counter period = {
		CGROUP_CPU, NULL, NULL, "cpu.cfs_period_us", ""};
	uint64_t q, p;

	if (group_cpu_max(group, &q, &p) < 0 &&
		(cgroup_get(group, &quota, &q) < 0 || cgroup_get(group, &period, &p) < 0))
		return 0;
	/* v1 says -1 when there is no cap. */
	if (p == 0 || q == 0 || q / p >= CPU_SET_MAX)
		return 0;
	return (unsigned int)((q + p - 1) / p);
}

void facts_cpu(const char *zone, struct cpu_facts *ret)
{
	char group[GROUP_MAX];
	unsigned int cap;

	*ret = (struct cpu_facts){0};
	group_of(zone, group);
	allowed_cpus(group, &ret->cpus);
	cap = capped_cpus(group);
	if (cap)
		cpu_set_first(&ret->cpus, cap);
	(void)cgroup_get_v2(group, "cpu.stat", "user_usec", &ret->user_usec);
	(void)cgroup_get_v2(group, "cpu.stat", "system_usec", &ret->sys_usec);
}

/* ---- time ---- */

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SECOND + (uint64_t)ts.tv_nsec;
}

/* An attribute of the zone's group as text, "" when it has none. */
static void attribute(const char *zone, const char *name, char *text, size_t size)
{
	char group[GROUP_MAX], path[PATH_MAX];
	ssize_t n = -1;

	group_of(zone, group);
	if (cgroup_v2_path(path, sizeof(path), group) == 0)
		n = getxattr(path, name, text, size - 1);
	text[n > 0 ? n : 0] = '\0';
}

void facts_time(const char *zone, struct time_facts *ret)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME), start;
	char text[32];

	attribute(zone, VIEW_START_XATTR, text, sizeof(text));
	start = strtoull(text, NULL, 10);
	ret->uptime_ns = now > start ? now - start : 0;
	ret->boot_epoch = (clock_ns(CLOCK_REALTIME) - ret->uptime_ns) / NS_PER_SECOND;
}

/* ---- load ---- */

/* The last number of "NSpid:	4711	12": that of the innermost pid namespace. */
static uint64_t innermost_pid(pid_t pid)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[64], line[256];
	const char *last;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "NSpid:", 6) != 0)
			continue;
		last = strrchr(line, '\t');
		return last ? strtoull(last, NULL, 10) : 0;
	}
	return 0;
}

void facts_load(const char *zone, pid_t reader, struct load_facts *ret)
{
	static const struct cgroup_counter tasks = {
		CGROUP_PIDS, "pids.current", "", "pids.current", ""};
	char group[GROUP_MAX];
	double load[3];

	*ret = (struct load_facts){.load = "0.00 0.00 0.00"};
	attribute(zone, VIEW_LOAD_XATTR, ret->load, sizeof(ret->load));
	if (sscanf(ret->load, "%lf %lf %lf", &load[0], &load[1], &load[2]) != 3)
		(void)str_copy(ret->load, sizeof(ret->load), "0.00 0.00 0.00");
	group_of(zone, group);
	(void)cgroup_get(group, &tasks, &ret->tasks);
	ret->last_pid = reader > 0 ? innermost_pid(reader) : 0;
}

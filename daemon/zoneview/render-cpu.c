/* SPDX-License-Identifier: MIT */
/*
 * Processors and time: cpuinfo, stat, online, uptime.
 *
 * A zone's CPUs keep the numbers that they have on the host, because these are what
 * sched_getaffinity(2) tells and sched_setaffinity(2) takes.
 *
 * Linux: the kernel does not count by CPU what a group uses, so each has the same part of it;
 * what it did not use was idle. Interrupts and the like are the host's and are 0.
 */
#include "zoneview/render.h"

#include <inttypes.h>

#define HZ 100 /* USER_HZ, of every architecture that is left */

/* ---- cpuinfo ---- */

/* "processor	: 3" begins a block. What stands before the first (or without any) is about all. */
static bool begins_block(const char *line, unsigned int *ret_cpu)
{
	return sscanf(line, "processor : %u", ret_cpu) == 1;
}

void render_cpuinfo(FILE *out, const struct cpu_facts *f, FILE *host)
{
	_cleanup_free_ char *line = NULL;
	unsigned int cpu;
	bool shown = true;
	size_t size = 0;

	while (getline(&line, &size, host) > 0) {
		if (begins_block(line, &cpu))
			shown = cpu_set_has(&f->cpus, cpu);
		if (shown)
			(void)fputs(line, out);
	}
}

void render_online(FILE *out, const struct cpu_facts *f)
{
	cpu_set_print(&f->cpus, out);
	(void)fputc('\n', out);
}

/* ---- time ---- */

struct ticks {
	uint64_t user, sys, idle;
};

/* Of all CPUs of the zone together; what was used cannot be more than there was. */
static void ticks_of(const struct cpu_facts *f, const struct time_facts *t, struct ticks *ret)
{
	uint64_t all = t->uptime_ns / (1000000000u / HZ) * cpu_set_count(&f->cpus);

	ret->user = f->user_usec / (1000000u / HZ);
	ret->sys = f->sys_usec / (1000000u / HZ);
	ret->idle = all > ret->user + ret->sys ? all - ret->user - ret->sys : 0;
}

static void stat_line(FILE *out, const struct ticks *t)
{
	(void)fprintf(out, " %" PRIu64 " 0 %" PRIu64 " %" PRIu64 " 0 0 0 0 0 0\n", t->user, t->sys,
		t->idle);
}

void render_stat(FILE *out, const struct cpu_facts *f, const struct time_facts *t)
{
	unsigned int cpu, n = cpu_set_count(&f->cpus);
	struct ticks all, each;

	ticks_of(f, t, &all);
	each = (struct ticks){all.user / n, all.sys / n, all.idle / n};
	(void)fputs("cpu ", out);
	stat_line(out, &all);
	for (cpu = 0; cpu < CPU_SET_MAX; cpu++) {
		if (!cpu_set_has(&f->cpus, cpu))
			continue;
		(void)fprintf(out, "cpu%u", cpu);
		stat_line(out, &each);
	}
	(void)fprintf(out,
		"intr 0\nctxt 0\nbtime %" PRIu64 "\nprocesses 0\n"
		"procs_running 1\nprocs_blocked 0\n"
		"softirq 0 0 0 0 0 0 0 0 0 0 0\n",
		t->boot_epoch);
}

static void seconds(FILE *out, uint64_t hundredths, char after)
{
	(void)fprintf(
		out, "%" PRIu64 ".%02" PRIu64 "%c", hundredths / 100, hundredths % 100, after);
}

void render_uptime(FILE *out, const struct cpu_facts *f, const struct time_facts *t)
{
	struct ticks all;

	ticks_of(f, t, &all);
	seconds(out, t->uptime_ns / 10000000u, ' ');
	seconds(out, all.idle * 100 / HZ, '\n');
}

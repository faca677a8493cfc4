/* SPDX-License-Identifier: MIT */
/* The text of a file; see content.h. */
#include "zoneview/content.h"

#include "zoneview/render.h"

static void cpuinfo(FILE *out, const struct cpu_facts *cpu)
{
	_cleanup_fclose_ FILE *host = fopen("/proc/cpuinfo", "re");

	if (host)
		render_cpuinfo(out, cpu, host);
}

static void memory(FILE *out, const char *zone, enum view_file file)
{
	struct memory_facts m;

	facts_memory(zone, &m);
	(file == VIEW_SWAPS ? render_swaps : render_meminfo)(out, &m);
}

static void processors(FILE *out, const char *zone, enum view_file file)
{
	struct cpu_facts cpu;
	struct time_facts t;

	facts_cpu(zone, &cpu);
	facts_time(zone, &t);
	if (file == VIEW_CPUINFO)
		cpuinfo(out, &cpu);
	else if (file == VIEW_ONLINE)
		render_online(out, &cpu);
	else if (file == VIEW_STAT)
		render_stat(out, &cpu, &t);
	else
		render_uptime(out, &cpu, &t);
}

static void load(FILE *out, const char *zone, pid_t reader)
{
	struct load_facts l;

	facts_load(zone, reader, &l);
	render_loadavg(out, &l);
}

int content_make(const char *zone, enum view_file file, pid_t reader, char **ret, size_t *ret_size)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	switch (file) {
	case VIEW_CPUINFO:
	case VIEW_ONLINE:
	case VIEW_STAT:
	case VIEW_UPTIME:
		processors(out, zone, file);
		break;
	case VIEW_MEMINFO:
	case VIEW_SWAPS:
		memory(out, zone, file);
		break;
	case VIEW_LOADAVG:
		load(out, zone, reader);
		break;
	case VIEW_FILE_COUNT:
		break;
	}
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret = text;
	*ret_size = size;
	return 0;
}

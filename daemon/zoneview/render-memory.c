/* SPDX-License-Identifier: MIT */
/*
 * Memory: meminfo and swaps. What the zone has is what its caps leave it of the host; what is
 * free is at most what is free on the host. What the kernel counts for a group stands in its line, what
 * it counts for nobody but the host is left out.
 */
#include "zoneview/render.h"

#include <inttypes.h>

static uint64_t less(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* 0 where it is not known. */
static uint64_t known(uint64_t v)
{
	return v == FACT_UNKNOWN ? 0 : v;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void line(FILE *out, const char *name, uint64_t bytes)
{
	(void)fprintf(
		out, "%s:%*s%8" PRIu64 " kB\n", name, (int)(15 - strlen(name)), "", bytes / 1024);
}

static void line_if_known(FILE *out, const char *name, uint64_t bytes)
{
	if (bytes != FACT_UNKNOWN)
		line(out, name, bytes);
}

static uint64_t swap_total(const struct memory_facts *f)
{
	return less(f->host_swap, f->swap_limit);
}

static uint64_t swap_free(const struct memory_facts *f)
{
	return less(minus(swap_total(f), known(f->swap_used)), f->host_swap_free);
}

void render_meminfo(FILE *out, const struct memory_facts *f)
{
	uint64_t total = less(f->host_total, f->limit);
	uint64_t unused = minus(total, known(f->used));
	uint64_t reclaimable = less(known(f->used),
		known(f->active_file) + known(f->inactive_file) + known(f->slab_reclaimable));

	line(out, "MemTotal", total);
	line(out, "MemFree", less(unused, f->host_free));
	line(out, "MemAvailable", less(unused + reclaimable, f->host_available));
	line(out, "Buffers", 0);
	line(out, "Cached", less(known(f->file), total));
	line(out, "SwapCached", 0);
	line_if_known(out, "Active",
		f->active_anon == FACT_UNKNOWN ? FACT_UNKNOWN
					       : f->active_anon + known(f->active_file));
	line_if_known(out, "Inactive",
		f->inactive_anon == FACT_UNKNOWN ? FACT_UNKNOWN
						 : f->inactive_anon + known(f->inactive_file));
	line_if_known(out, "Active(anon)", f->active_anon);
	line_if_known(out, "Inactive(anon)", f->inactive_anon);
	line_if_known(out, "Active(file)", f->active_file);
	line_if_known(out, "Inactive(file)", f->inactive_file);
	line_if_known(out, "Unevictable", f->unevictable);
	line(out, "SwapTotal", swap_total(f));
	line(out, "SwapFree", swap_free(f));
	line_if_known(out, "Dirty", f->dirty);
	line_if_known(out, "Writeback", f->writeback);
	line_if_known(out, "AnonPages", f->anon);
	line_if_known(out, "Mapped", f->mapped);
	line_if_known(out, "Shmem", f->shmem);
	line_if_known(out, "KReclaimable", f->slab_reclaimable);
	if (f->slab_reclaimable != FACT_UNKNOWN)
		line(out, "Slab", f->slab_reclaimable + known(f->slab_unreclaimable));
	line_if_known(out, "SReclaimable", f->slab_reclaimable);
	line_if_known(out, "SUnreclaim", f->slab_unreclaimable);
	line_if_known(out, "KernelStack", f->kernel_stack);
	line_if_known(out, "PageTables", f->page_tables);
}

void render_swaps(FILE *out, const struct memory_facts *f)
{
	uint64_t total = swap_total(f);

	(void)fputs("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n", out);
	if (total)
		(void)fprintf(out, "%-40svirtual\t\t%" PRIu64 "\t\t%" PRIu64 "\t\t0\n", "none",
			total / 1024, (total - swap_free(f)) / 1024);
}

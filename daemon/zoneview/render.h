/* SPDX-License-Identifier: MIT */
/* The files themselves, from facts, in the form of the kernel's own. */
#pragma once

#include "zoneview/facts.h"

/* host: the host's file, of which the blocks of the zone's CPUs are kept. */
void render_cpuinfo(FILE *out, const struct cpu_facts *f, FILE *host);
void render_online(FILE *out, const struct cpu_facts *f);
void render_stat(FILE *out, const struct cpu_facts *f, const struct time_facts *t);
void render_uptime(FILE *out, const struct cpu_facts *f, const struct time_facts *t);
void render_meminfo(FILE *out, const struct memory_facts *f);
void render_swaps(FILE *out, const struct memory_facts *f);
void render_loadavg(FILE *out, const struct load_facts *f);

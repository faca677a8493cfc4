/* SPDX-License-Identifier: MIT */
/* The stages of the platform, one file for each; platform.c has their order. */
#pragma once

#include "zoneadmd/platform.h"

/* stage-snapshot.c: the configuration as it is now, kept until the zone is halted. */
int snapshot_up(struct platform *p, struct diag *d);
int snapshot_down(struct platform *p, struct diag *d);
bool snapshot_probe(struct platform *p);

/* stage-zone.c: the zone in zoned, what it is told about it, and its processes. */
int create_up(struct platform *p, struct diag *d);
int create_down(struct platform *p, struct diag *d);
bool create_probe(struct platform *p);
int attributes_up(struct platform *p, struct diag *d);
int finish_up(struct platform *p, struct diag *d);
bool finish_probe(struct platform *p);
int processes_up(struct platform *p, struct diag *d);
int processes_down(struct platform *p, struct diag *d);

/* stage-mounts.c: the file systems of the zone. They go away with its namespaces. */
int mounts_up(struct platform *p, struct diag *d);
bool mounts_probe(struct platform *p);

/* stage-links.c: data links and addresses (zoned takes links home), and what dlmgmtd knows. */
int links_up(struct platform *p, struct diag *d);
bool links_probe(struct platform *p);
int linkdb_up(struct platform *p, struct diag *d);
int linkdb_down(struct platform *p, struct diag *d);

/* inner-index.c: the zone's own view of the index of zones. */
int inner_index_up(struct platform *p, struct diag *d);

/* SPDX-License-Identifier: MIT */
/* What the files of the verification share. Internal to lib/zonecfg. */
#pragma once

#include "zonecfg/zonecfg.h"

struct verify {
	const struct zonecfg *cfg;
	zonecfg_report_fn report;
	void *arg;
	int first; /* code of the first problem; a warning is Z_OK and does not count */
};

/* Passes one sentence on. */
void verify_report(struct verify *v, int code, const char *fmt, ...) _printf_(3, 4);

/* Devices, datasets, dedicated CPUs, administrators and security flags. */
void verify_host_resources(struct verify *v);

/* Attributes that are written into /etc/resolv.conf of the zone. */
void verify_resolver_attr(struct verify *v, const struct zonecfg_attr *attr);

/* All net resources, alone and against each other. */
void verify_nets(struct verify *v);

/* SPDX-License-Identifier: MIT */
/* The control group of a zone; see group.h. */
#include "zoneview/group.h"

#include <inttypes.h>
#include <limits.h>

#include "linux/cgroup-control.h"

void group_of(const char *zone, char ret[GROUP_MAX])
{
	(void)snprintf(ret, GROUP_MAX, "zones/%s", zone);
}

static int v2_file(const char *group, const char *file, char *buf, size_t size)
{
	char rel[GROUP_MAX + 32];

	(void)snprintf(rel, sizeof(rel), "%s/%s", group, file);
	return cgroup_v2_path(buf, size, rel);
}

int group_cpu_max(const char *group, uint64_t *ret_quota, uint64_t *ret_period)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PATH_MAX], quota[32];
	uint64_t period;
	int r = v2_file(group, "cpu.max", path, sizeof(path));

	if (r == 0)
		f = fopen(path, "re");
	if (!f || fscanf(f, "%31s %" SCNu64, quota, &period) != 2)
		return -ENOENT;
	*ret_quota = streq(quota, "max") ? 0 : strtoull(quota, NULL, 10);
	*ret_period = period;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Resource pools: sets of CPUs with names, in /etc/zones/pools. A line is a name and a list of CPUs
 * ("web 0-3,6"); "#" starts a comment.
 */
#include "linux/instance.h"
#include "zonecfg/rules.h"

#include <limits.h>

#define POOLS "/etc/zones/pools"

int zonecfg_pool_cpus(const char *name, char *buf, size_t size)
{
	char path[PATH_MAX], line[512], found[256], cpus[256];
	_cleanup_fclose_ FILE *f = NULL;
	int r = instance_path(path, sizeof(path), POOLS);

	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "#\n")] = '\0';
		if (sscanf(line, "%255s %255s", found, cpus) == 2 && streq(found, name))
			return str_copy(buf, size, cpus);
	}
	return -ENOENT;
}

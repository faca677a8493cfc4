/* SPDX-License-Identifier: MIT */
/*
 * Where the control group hierarchies of this host are, and what a group's path
 * says about the zone it belongs to. Nothing is created or changed here.
 *
 * What was found is never looked for again: a host does not change between v1 and v2 while
 * it runs. Only a v2 hierarchy that is not there may come: zoned mounts it (cgroup_provide_v2()), and
 * who started before zoned must not miss it.
 */
#include "linux/cgroup.h"
#include "linux/instance.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/vfs.h>

static const char *const controller_names[CGROUP_CONTROLLER_COUNT] = {
	[CGROUP_CPU] = "cpu",
	[CGROUP_MEMORY] = "memory",
	[CGROUP_PIDS] = "pids",
	[CGROUP_CPUACCT] = "cpuacct",
	[CGROUP_CPUSET] = "cpuset",
};

static pthread_once_t v1_once = PTHREAD_ONCE_INIT;
static pthread_mutex_t v2_lock = PTHREAD_MUTEX_INITIALIZER;
static char v2_mount[PATH_MAX]; /* v2_lock until it is found, then it stays */
static _Atomic bool v2_found;
static char v1_mounts[CGROUP_CONTROLLER_COUNT][64];

static bool is_filesystem(const char *path, long magic)
{
	struct statfs st;

	return statfs(path, &st) == 0 && (unsigned long)st.f_type == (unsigned long)magic;
}

static void find_v1(void)
{
	char path[64];
	int c;

	for (c = 0; c < CGROUP_CONTROLLER_COUNT; c++) {
		(void)snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", controller_names[c]);
		if (is_filesystem(path, CGROUP_SUPER_MAGIC))
			(void)str_copy(v1_mounts[c], sizeof(v1_mounts[c]), path);
	}
}

static bool find_v2(void)
{
	static const char *const usual[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(usual); i++)
		if (is_filesystem(usual[i], CGROUP2_SUPER_MAGIC))
			return str_copy(v2_mount, sizeof(v2_mount), usual[i]) == 0;
	return instance_path(v2_mount, sizeof(v2_mount), CGROUP_OWN_MOUNT) == 0 &&
	       is_filesystem(v2_mount, CGROUP2_SUPER_MAGIC);
}

const char *cgroup_v2_mount(void)
{
	if (!atomic_load(&v2_found)) {
		(void)pthread_mutex_lock(&v2_lock);
		if (!atomic_load(&v2_found))
			atomic_store(&v2_found, find_v2());
		(void)pthread_mutex_unlock(&v2_lock);
	}
	return atomic_load(&v2_found) ? v2_mount : NULL;
}

const char *cgroup_v1_mount(enum cgroup_controller c)
{
	(void)pthread_once(&v1_once, find_v1);
	return v1_mounts[c][0] ? v1_mounts[c] : NULL;
}

static int join_path(char *buf, size_t size, const char *mount, const char *rel)
{
	const char *subtree = instance_cgroup();
	int n;

	if (!mount)
		return -ENOENT;
	n = snprintf(buf, size, "%s%s%s%s%s", mount, subtree[0] ? "/" : "", subtree,
		rel[0] ? "/" : "", rel);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int cgroup_v2_path(char *buf, size_t size, const char *rel)
{
	return join_path(buf, size, cgroup_v2_mount(), rel);
}

int cgroup_v1_path(char *buf, size_t size, enum cgroup_controller c, const char *rel)
{
	return join_path(buf, size, cgroup_v1_mount(c), rel);
}

int cgroup_of_pid(pid_t pid, char *buf, size_t size)
{
	char path[64], *line = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t cap = 0;
	ssize_t n;
	int r = -ESRCH;

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((n = getline(&line, &cap, f)) > 0) {
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		r = str_copy(buf, size, line + 4);
		break;
	}
	free(line);
	return r;
}

bool cgroup_zone_of(const char *group, char *name, size_t name_size, const char **rest)
{
	const char *subtree = instance_cgroup();
	size_t n = strlen(subtree), len;

	if (n) {
		if (strncmp(group, subtree, n) != 0 || group[n] != '/')
			return false;
		group += n + 1;
	}
	if (strncmp(group, "zones/", 6) != 0)
		return false;
	group += 6;
	len = strcspn(group, "/");
	if (len == 0 || len >= name_size)
		return false;
	memcpy(name, group, len);
	name[len] = '\0';
	*rest = group[len] ? group + len + 1 : group + len;
	return true;
}

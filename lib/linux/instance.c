/* SPDX-License-Identifier: MIT */
/* The instance of this process: prefix, cgroup subtree, program directory; see instance.h. */
#include "linux/instance.h"

#include <limits.h>
#include <sys/stat.h>

#ifndef ZONES_LIBEXECDIR
#define ZONES_LIBEXECDIR "/usr/lib/zones"
#endif
#ifndef ZONES_BRANDDIR
#define ZONES_BRANDDIR "/usr/lib/brand"
#endif

static char root_prefix[PATH_MAX];
static char cgroup_subtree[256];
static bool initialized;

int instance_init(const char *root)
{
	const char *cg = getenv("ZONES_CGROUP");
	struct stat st;
	size_t n;

	if (!root)
		root = getenv("ZONES_ROOT");
	if (!root || !*root)
		root = "/";
	if (root[0] != '/')
		return -EINVAL;
	if (str_copy(root_prefix, sizeof(root_prefix), root) < 0)
		return -ENAMETOOLONG;
	if (stat(root, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	for (n = strlen(root_prefix); n && root_prefix[n - 1] == '/'; n--)
		root_prefix[n - 1] = '\0';

	if (cg) {
		while (*cg == '/')
			cg++;
		if (str_copy(cgroup_subtree, sizeof(cgroup_subtree), cg) < 0)
			return -ENAMETOOLONG;
		for (n = strlen(cgroup_subtree); n && cgroup_subtree[n - 1] == '/'; n--)
			cgroup_subtree[n - 1] = '\0';
	} else if (root_prefix[0]) {
		(void)snprintf(cgroup_subtree, sizeof(cgroup_subtree), "zones-%llu",
			(unsigned long long)st.st_ino);
	}
	if (setenv("ZONES_ROOT", root_prefix[0] ? root_prefix : "/", 1) < 0)
		return -errno;
	initialized = true;
	return 0;
}

const char *instance_root(void)
{
	if (!initialized)
		(void)instance_init(NULL);
	return root_prefix;
}

const char *instance_cgroup(void)
{
	if (!initialized)
		(void)instance_init(NULL);
	return cgroup_subtree;
}

void instance_name(char *buf, size_t size, const char *name)
{
	const char *prefix = instance_root();
	uint32_t hash = 2166136261u;

	for (const char *p = prefix; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	if (*prefix)
		(void)snprintf(buf, size, "%s-%08x", name, hash);
	else
		(void)snprintf(buf, size, "%s", name);
}

int instance_path(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n, m;

	n = snprintf(buf, size, "%s", instance_root());
	if (n < 0 || (size_t)n >= size)
		return -ENAMETOOLONG;
	va_start(ap, fmt);
	m = vsnprintf(buf + n, size - (size_t)n, fmt, ap);
	va_end(ap);
	if (m < 0 || (size_t)m >= size - (size_t)n)
		return -ENAMETOOLONG;
	return 0;
}

int instance_program(char *buf, size_t size, const char *name)
{
	const char *dir = getenv("ZONES_LIBEXEC");
	int n = snprintf(buf, size, "%s/%s", dir && *dir ? dir : ZONES_LIBEXECDIR, name);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

const char *instance_brands(void)
{
	return ZONES_BRANDDIR;
}

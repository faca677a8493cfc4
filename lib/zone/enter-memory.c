/* SPDX-License-Identifier: MIT */
/*
 * Which memory may go along into a zone: see zone_way_check_memory(). What is written to a shared
 * mapping arrives outside: in a file of the host, in a segment of System V that others there attach by
 * its key. It stays until the child executes a program, and nobody else in the zone sees it, but a function that
 * serves the zone would write there for it.
 *
 * Memory without a name is shared only with those who had it before: that of doors is, between the
 * caller and zoned.
 */
#include "zone/enter.h"

#include <sys/stat.h>

/* One line of /proc/self/maps. */
struct mapping {
	char range[40];
	char perms[5];
	unsigned long inode;
	const char *what;
};

static bool parse(const char *line, struct mapping *ret)
{
	int at = 0;

	if (sscanf(line, "%39s %4s %*s %*s %lu %n", ret->range, ret->perms, &ret->inode, &at) != 3)
		return false;
	ret->what = line + at;
	return true;
}

/* A file that was removed, or never had a name, has no link. What the kernel made is counted as a file. */
static bool is_safe(const struct mapping *m)
{
	char path[sizeof("/proc/self/map_files/") + sizeof(m->range)];
	struct stat st;

	if (m->perms[1] != 'w' || m->perms[3] != 's')
		return true;
	(void)snprintf(path, sizeof(path), "/proc/self/map_files/%s", m->range);
	return strncmp(m->what, "/SYSV", 5) != 0 && stat(path, &st) == 0 && st.st_nlink == 0;
}

int zone_way_check_memory(const struct zone_way *w, struct diag *d)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/maps", "re");
	_cleanup_free_ char *line = NULL;
	struct mapping m;
	size_t room = 0;

	if (!f)
		return diag_errno(d, -errno, "Cannot look through the memory");
	while (getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!parse(line, &m) || !is_safe(&m))
			return diag_set(d, -EFAULT,
				"Shared memory (%s) would lead out of zone '%s'", line,
				w->reply.name);
	}
	/* Out of memory is no error of the stream. */
	return feof(f) ? 0 : diag_errno(d, -errno, "Cannot look through the memory");
}

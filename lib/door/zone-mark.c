/* SPDX-License-Identifier: MIT */
/*
 * The mark of a zone: which zone the control group zones/<name> stands for. It is on
 * the group that stays the host's, above the leaf that the zone may write to, so
 * nobody in the zone can change it, and it goes away with the group.
 */
#include "linux/cgroup.h"
#include "linux/util.h"

#include <door_linux.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/xattr.h>

#define MARK_SIZE 96

static int fail(int r)
{
	errno = -r;
	return -1;
}

static int group_path(const char *zonename, char *buf, size_t size)
{
	char rel[NAME_MAX + 8];

	if (!zonename || zonename[0] == '\0' || zonename[0] == '.' || strchr(zonename, '/') ||
		strlen(zonename) > NAME_MAX)
		return -EINVAL;
	(void)snprintf(rel, sizeof(rel), "zones/%s", zonename);
	return cgroup_v2_path(buf, size, rel);
}

int door_zone_mark(
	const char *zonename, zoneid_t id, uint64_t uniqid, uid_t uid_base, ino_t userns_inode)
{
	char path[PATH_MAX], text[MARK_SIZE];
	int n, r;

	if (id <= GLOBAL_ZONEID || uniqid == 0)
		return fail(-EINVAL);
	r = group_path(zonename, path, sizeof(path));
	if (r < 0)
		return fail(r);
	n = snprintf(text, sizeof(text), "%d %" PRIu64 " %u %ju", id, uniqid, uid_base,
		(uintmax_t)userns_inode);
	return setxattr(path, DOOR_ZONE_XATTR, text, (size_t)n, 0);
}

/* One decimal number; the character after it must be end. */
static bool parse_number(const char **text, char end, uint64_t max, uint64_t *ret)
{
	char *rest;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*ret = strtoull(*text, &rest, 10);
	if (errno != 0 || *rest != end || *ret > max)
		return false;
	*text = rest + 1;
	return true;
}

int door_zone_read(const char *zonename, struct door_zone *ret)
{
	uint64_t id, uniqid, base, inode;
	char path[PATH_MAX], text[MARK_SIZE];
	const char *at = text;
	ssize_t n;
	int r;

	r = group_path(zonename, path, sizeof(path));
	if (r < 0)
		return fail(r);
	n = getxattr(path, DOOR_ZONE_XATTR, text, sizeof(text) - 1);
	if (n < 0)
		return fail(errno == ENOTSUP || errno == ERANGE ? -ENODATA : -errno);
	text[n] = '\0';
	if (!parse_number(&at, ' ', INT_MAX, &id) || !parse_number(&at, ' ', UINT64_MAX, &uniqid) ||
		!parse_number(&at, ' ', UINT32_MAX - 1, &base) ||
		!parse_number(&at, '\0', UINT64_MAX, &inode) || id == 0 || uniqid == 0)
		return fail(-ENODATA);
	*ret = (struct door_zone){
		.id = (zoneid_t)id,
		.uniqid = uniqid,
		.uid_base = (uid_t)base,
		.userns_inode = (ino_t)inode,
	};
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * getzoneid(3C), getzoneidbyname(3C), getzonenamebyid(3C), zone_list(2), zone_getattr(2). Linux: the answer
 * comes from zoned, so it can fail where the system calls cannot.
 */
#include "door/address.h"
#include "zone/zone-calls.h"

static int fail(int err)
{
	errno = err;
	return -1;
}

zoneid_t getzoneid(void)
{
	zoneid_t id;
	int r = zone_call_self(&id);

	return r < 0 ? fail(-r) : id;
}

zoneid_t getzoneidbyname(const char *name)
{
	zoneid_t id;
	int r;

	if (!name)
		return getzoneid();
	if (!address_is_string(name, ZONENAME_MAX))
		return fail(EFAULT);
	if (strnlen(name, ZONENAME_MAX) == ZONENAME_MAX)
		return fail(ENAMETOOLONG);
	r = zone_call_lookup(name, &id);
	return r < 0 ? fail(-r) : id;
}

ssize_t getzonenamebyid(zoneid_t id, char *buf, size_t buflen)
{
	char name[ZONENAME_MAX];
	size_t size, n;
	int r;

	if (!address_writable(buf, buflen < sizeof(name) ? buflen : sizeof(name)))
		return fail(EFAULT);
	r = zone_call_getattr(id, ZONE_ATTR_NAME, name, sizeof(name), &size);
	if (r == 0 && (size == 0 || size > sizeof(name) || name[size - 1] != '\0'))
		r = -EBADMSG;
	if (r < 0)
		return fail(-r);
	n = size < buflen ? size : buflen;
	if (n) {
		memcpy(buf, name, n);
		buf[n - 1] = '\0';
	}
	return (ssize_t)size;
}

int zone_list(zoneid_t *ids, unsigned int *count)
{
	_cleanup_free_ zoneid_t *all = NULL;
	unsigned int room;
	uint32_t n;
	int r;

	if (!address_writable(count, sizeof(*count)))
		return fail(EFAULT);
	r = zone_call_list(&all, &n);
	if (r < 0)
		return fail(-r);
	room = !ids ? 0 : *count < n ? *count : n;
	if (!address_writable(ids, room * sizeof(*ids)))
		return fail(EFAULT);
	if (room)
		memcpy(ids, all, room * sizeof(*ids));
	*count = n;
	return 0;
}

static bool is_string(int attr)
{
	switch (attr) {
	case ZONE_ATTR_ROOT:
	case ZONE_ATTR_NAME:
	case ZONE_ATTR_INITNAME:
	case ZONE_ATTR_BOOTARGS:
	case ZONE_ATTR_BRAND:
	case ZONE_ATTR_FS_ALLOWED:
	case ZONE_ATTR_SCHED_CLASS:
	case ZONE_ATTR_POOLID:
		return true;
	default:
		return false;
	}
}

ssize_t zone_getattr(zoneid_t id, int attr, void *buf, size_t size)
{
	size_t room = size < ZONE_DATA_MAX ? size : ZONE_DATA_MAX, whole;
	char nobody[ZONE_DATA_MAX], *to = buf ? buf : nobody;
	int r;

	if (buf && !address_writable(buf, room))
		return fail(EFAULT);
	r = zone_call_getattr(id, (enum zone_attr)attr, to, room, &whole);
	if (r < 0)
		return fail(-r);
	if (whole > room && room && is_string(attr))
		to[room - 1] = '\0';
	return (ssize_t)whole;
}

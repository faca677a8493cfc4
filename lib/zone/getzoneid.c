/* SPDX-License-Identifier: MIT */
/*
 * getzoneid(3C), getzoneidbyname(3C), getzonenamebyid(3C). Linux: the answer
 * comes from zoned, so it can fail where the system calls cannot.
 */
#include "zone/zone-calls.h"

zoneid_t getzoneid(void)
{
	zoneid_t id;
	int r = zone_call_self(&id);

	if (r < 0) {
		errno = -r;
		return -1;
	}
	return id;
}

zoneid_t getzoneidbyname(const char *name)
{
	zoneid_t id;
	int r = name ? zone_call_lookup(name, &id) : zone_call_self(&id);

	if (r < 0) {
		errno = -r;
		return -1;
	}
	return id;
}

ssize_t getzonenamebyid(zoneid_t id, char *buf, size_t buflen)
{
	char name[ZONENAME_MAX];
	size_t size, n;
	int r;

	if (!buf && buflen) {
		errno = EFAULT;
		return -1;
	}
	r = zone_call_getattr(id, ZONE_ATTR_NAME, name, sizeof(name), &size);
	if (r == 0 && (size == 0 || size > sizeof(name) || name[size - 1] != '\0'))
		r = -EBADMSG;
	if (r < 0) {
		errno = -r;
		return -1;
	}
	if (buflen) {
		n = size < buflen ? size : buflen;
		memcpy(buf, name, n);
		buf[n - 1] = '\0';
	}
	return (ssize_t)size;
}

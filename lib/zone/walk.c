/* SPDX-License-Identifier: MIT */
/* Looking for zones and through them: by path, zone_walk(), zone_datalink_walk(); see <zone.h>. */
#include "door/address.h"
#include "zone/zone-calls.h"

#include <limits.h>

static int fail(int err)
{
	errno = err;
	return -1;
}

static zoneid_t find(const char *path, bool any)
{
	char real[PATH_MAX];
	zoneid_t id;
	int r;

	if (!address_is_string(path, PATH_MAX))
		return fail(EFAULT);
	if (!realpath(path, real))
		return -1;
	r = zone_call_find_by_path(real, any, &id);
	return r < 0 ? fail(-r) : id;
}

zoneid_t zone_find_by_path(const char *path)
{
	return find(path, false);
}

zoneid_t zone_find_by_any_path(const char *path)
{
	return find(path, true);
}

/* What the list of zones has besides is not told of: it is being made. */
static bool is_up(zoneid_t id)
{
	zone_status_t status;
	size_t size;

	return zone_call_getattr(id, ZONE_ATTR_STATUS, &status, sizeof(status), &size) == 0 &&
	       size == sizeof(status) && status >= ZONE_IS_READY && status <= ZONE_IS_DOWN;
}

int zone_walk(int (*cb)(zoneid_t id, void *arg), void *arg)
{
	_cleanup_free_ zoneid_t *ids = NULL;
	uint32_t count, i;
	int r;

	if (!address_is_code(cb))
		return fail(EFAULT);
	r = zone_call_list(&ids, &count);
	if (r < 0)
		return fail(-r);
	for (i = 0; i < count && r == 0; i++)
		if (is_up(ids[i]))
			r = cb(ids[i], arg);
	return r;
}

int zone_datalink_walk(zoneid_t id, int (*cb)(uint32_t linkid, void *arg), void *arg)
{
	_cleanup_free_ datalink_id_t *links = NULL;
	uint32_t count, i;
	int r;

	if (!address_is_code(cb))
		return fail(EFAULT);
	r = zone_call_list_datalink(id, &links, &count);
	if (r < 0)
		return fail(-r);
	for (i = 0; i < count && r == 0; i++)
		r = cb(links[i], arg);
	return r;
}

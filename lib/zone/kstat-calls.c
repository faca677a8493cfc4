/* SPDX-License-Identifier: MIT */
/* Reading all kstats of zoned, piece by piece; see kstat-door.h. */
#include "zone/kstat-door.h"
#include "zone/zone-calls.h"

#define PIECE 65536u

static bool valid(const struct kstat *k, size_t left)
{
	uint32_t i;

	if (left < sizeof(*k) || k->count > (left - sizeof(*k)) / sizeof(k->stats[0]) ||
		!str_terminated(k->module, KSTAT_STRLEN) ||
		!str_terminated(k->name, KSTAT_STRLEN) || !str_terminated(k->kclass, KSTAT_STRLEN))
		return false;
	for (i = 0; i < k->count; i++)
		if (!str_terminated(k->stats[i].name, KSTAT_STRLEN) ||
			(k->stats[i].type == KSTAT_STRING &&
				!str_terminated(k->stats[i].value.s, ZONENAME_MAX)))
			return false;
	return true;
}

static int take(
	const char *data, size_t left, void (*fn)(const struct kstat *k, void *arg), void *arg)
{
	while (left) {
		const struct kstat *k = (const void *)data;
		size_t size;

		if (!valid(k, left))
			return -EBADMSG;
		fn(k, arg);
		size = sizeof(*k) + k->count * sizeof(k->stats[0]);
		data += size;
		left -= size;
	}
	return 0;
}

int kstat_each(unsigned int kinds, void (*fn)(const struct kstat *k, void *arg), void *arg)
{
	struct kstat_read_req req = {.cmd = KSTAT_READ, .kinds = kinds};
	_cleanup_free_ struct kstat_read_reply *reply = malloc(PIECE);
	size_t size;
	int r;

	if (!reply)
		return -ENOMEM;
	do {
		r = zone_call_sized(&req, sizeof(req), reply, sizeof(*reply), PIECE, &size);
		if (r == 0 && reply->size != size - sizeof(*reply))
			r = -EBADMSG;
		if (r == 0)
			r = take(reply->data, reply->size, fn, arg);
		req.zoneid = reply->zoneid;
		req.index = reply->index;
	} while (r == 0 && reply->more);
	return r;
}

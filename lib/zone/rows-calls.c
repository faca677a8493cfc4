/* SPDX-License-Identifier: MIT */
/* Listing live zones, piece by piece; see rows-door.h. */
#include "zone/rows-door.h"
#include "zone/zone-calls.h"

#define PIECE 65536u

static bool valid(const struct zone_rows_reply *reply, size_t size)
{
	uint32_t i;

	if (size != sizeof(*reply) + reply->count * sizeof(reply->rows[0]))
		return false;
	for (i = 0; i < reply->count; i++)
		if (!str_terminated(reply->rows[i].name, ZONENAME_MAX) ||
			!str_terminated(reply->rows[i].brand, ZONENAME_MAX))
			return false;
	return true;
}

int zone_row_each(int (*fn)(const struct zone_row *row, void *arg), void *arg)
{
	struct zone_rows_req req = {.cmd = ZONE_ROWS};
	_cleanup_free_ struct zone_rows_reply *reply = malloc(PIECE);
	uint32_t i;
	size_t size;
	int r;

	if (!reply)
		return -ENOMEM;
	do {
		r = zone_call_sized(&req, sizeof(req), reply, sizeof(*reply), PIECE, &size);
		/* It goes on forwards only, or this would not end. */
		if (r == 0 &&
			(!valid(reply, size) || (reply->next >= 0 && reply->next <= req.from)))
			r = -EBADMSG;
		for (i = 0; r == 0 && i < reply->count; i++)
			r = fn(&reply->rows[i], arg);
		req.from = reply->next;
	} while (r == 0 && req.from >= 0);
	return r;
}

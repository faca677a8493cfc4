/* SPDX-License-Identifier: MIT */
/*
 * Kstats go out in pieces, in the order of zone ids: a call says where the one before it
 * stopped, so nothing is kept for anybody between two calls. A zone that comes or goes between
 * two pieces is in the answer or not.
 */
#include "zoned/kstat.h"
#include "zoned/zone-impl.h"

#include <time.h>

static const struct {
	enum kstat_kind kind;
	kstat_provider *provide;
} providers[] = {
	{KSTAT_ZONES, kstat_zone_misc}, {KSTAT_MEMORY_CAP, kstat_zone_memory},
	{KSTAT_CAPS, kstat_zone_caps}, {KSTAT_SYSV, kstat_zone_sysv},
	{KSTAT_ZONE_VFS, kstat_zone_vfs}, {KSTAT_LINK, kstat_links},
	{KSTAT_DEATHROW, kstat_deathrow}, /* the last: between two pieces some may have gone */
};

#define STATS_MAX 64 /* of one kstat */

struct kstat_sink {
	char *data;
	size_t room, used;
	uint32_t index, skip; /* of the kstat, in its zone; those before skip are not wanted */
	zoneid_t zoneid;
	bool full;
	struct kstat *k; /* the one that is being said, NULL when it is not wanted */
	union {
		struct kstat head;
		char bytes[sizeof(struct kstat) + STATS_MAX * sizeof(struct kstat_named)];
	} buffer;
};

static uint64_t boot_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* A name that does not fit is cut, as it is on illumos. */
static void cut(char *dst, size_t size, const char *src)
{
	(void)snprintf(dst, size, "%.*s", (int)size - 1, src);
}

bool kstat_pass(struct kstat_sink *sink)
{
	if (!sink->full && sink->index >= sink->skip)
		return false;
	sink->k = NULL;
	kstat_end(sink);
	return true;
}

void kstat_begin(struct kstat_sink *sink, const char *module, int instance, const char *name,
	const char *kclass, uint64_t crtime)
{
	sink->k = NULL;
	if (sink->full || sink->index < sink->skip)
		return;
	sink->k = &sink->buffer.head;
	memset(sink->k, 0, sizeof(*sink->k));
	cut(sink->k->module, KSTAT_STRLEN, module);
	cut(sink->k->name, KSTAT_STRLEN, name);
	cut(sink->k->kclass, KSTAT_STRLEN, kclass);
	sink->k->instance = instance;
	sink->k->zoneid = sink->zoneid;
	sink->k->crtime = crtime;
	sink->k->snaptime = boot_ns();
}

static struct kstat_named *add(struct kstat_sink *sink, const char *stat, enum kstat_type type)
{
	struct kstat_named *n;

	if (!sink->k || sink->k->count == STATS_MAX)
		return NULL;
	n = &sink->k->stats[sink->k->count++];
	memset(n, 0, sizeof(*n));
	cut(n->name, KSTAT_STRLEN, stat);
	n->type = type;
	return n;
}

void kstat_number(struct kstat_sink *sink, const char *stat, uint64_t value)
{
	struct kstat_named *n = add(sink, stat, KSTAT_UINT64);

	if (n)
		n->value.u = value;
}

void kstat_text(struct kstat_sink *sink, const char *stat, const char *value)
{
	struct kstat_named *n = add(sink, stat, KSTAT_STRING);

	if (n)
		cut(n->value.s, sizeof(n->value.s), value);
}

void kstat_unknown(struct kstat_sink *sink, const char *stat)
{
	(void)add(sink, stat, KSTAT_UNKNOWN);
}

void kstat_end(struct kstat_sink *sink)
{
	size_t size;

	if (sink->full)
		return;
	if (sink->k) {
		size = sizeof(*sink->k) + sink->k->count * sizeof(sink->k->stats[0]);
		if (size > sink->room - sink->used) {
			sink->full = true;
			return;
		}
		memcpy(sink->data + sink->used, sink->k, size);
		sink->used += size;
	}
	sink->index++;
}

/* ---- the call ---- */

struct ids {
	const struct zoned_call *call;
	zoneid_t from;
	zoneid_t id[MAX_ZONES];
	uint32_t count;
};

static int gather(struct zone *z, void *arg)
{
	struct ids *ids = arg;

	if (zone_visible(ids->call, z) && z->id >= ids->from)
		ids->id[ids->count++] = z->id;
	return 0;
}

static void provide(struct kstat_sink *sink, zoneid_t id, uint32_t skip, uint32_t kinds)
{
	struct zone *z = zone_hold_by_id(id, ZONE_IS_READY, ZONE_IS_DOWN, ZONE_REF_CALL);
	size_t i;

	sink->zoneid = id;
	sink->index = 0;
	sink->skip = skip;
	if (!z)
		return;
	for (i = 0; i < ARRAY_SIZE(providers); i++)
		if (kinds & providers[i].kind)
			providers[i].provide(z, id, sink);
	zone_rele(z, ZONE_REF_CALL);
}

int serve_kstat_read(struct zoned_call *call)
{
	const struct kstat_read_req *req = call->req;
	struct kstat_read_reply *reply = call->reply;
	_cleanup_free_ struct kstat_sink *sink = calloc(1, sizeof(*sink));
	_cleanup_free_ struct ids *ids = malloc(sizeof(*ids));
	uint32_t i;

	if (!sink || !ids)
		return -ENOMEM;
	ids->call = call;
	ids->from = req->zoneid;
	ids->count = 0;
	(void)zones_walk(ZONE_IS_READY, ZONE_IS_DOWN, gather, ids);
	sink->data = reply->data;
	sink->room = call->reply_max - sizeof(*reply);
	for (i = 0; i < ids->count && !sink->full; i++)
		provide(sink, ids->id[i], ids->id[i] == req->zoneid ? req->index : 0, req->kinds);
	reply->more = sink->full;
	reply->zoneid = sink->zoneid;
	reply->index = sink->index;
	reply->size = (uint32_t)sink->used;
	call->reply_size = sizeof(*reply) + sink->used;
	return 0;
}

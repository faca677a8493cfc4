/* SPDX-License-Identifier: MIT */
/*
 * The links of the devnet table that the caller sees: DLD_NEXT one after the other, for whoever
 * compares the table with others, and DLD_LINKS with what is told of each, many in one reply.
 */
#include "zoned/dls-impl.h"

#include "zone/stat-door.h"

struct listed {
	datalink_id_t id;
	struct devnet *dd;
};

static int by_id(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Those of all with an id above that the zone sees, by their ids. Returns how many. */
static size_t choose(
	struct devnet **all, size_t count, datalink_id_t above, zoneid_t zone, struct listed *ret)
{
	struct devnet_info i;
	size_t n = 0;

	for (size_t a = 0; a < count; a++) {
		if (!dls_devnet_visible(all[a], zone))
			continue;
		dls_devnet_info(all[a], &i);
		if (!(i.flags & (DD_CONDEMNED | DD_INITIALIZING)) && i.linkid > above)
			ret[n++] = (struct listed){i.linkid, all[a]};
	}
	qsort(ret, n, sizeof(*ret), by_id);
	return n;
}

/* Runs fn with the chosen links, which are held as long as it runs. */
static int with_links(struct zoned_call *call, datalink_id_t above,
	int (*fn)(struct zoned_call *call, const struct listed *links, size_t count))
{
	_cleanup_free_ struct listed *links = NULL;
	struct devnet **all;
	size_t count;
	int r;

	r = dls_devnet_snapshot(&all, &count);
	if (r < 0)
		return r;
	links = calloc(count + 1, sizeof(*links));
	if (links)
		r = fn(call, links, choose(all, count, above, call->zoneid, links));
	else
		r = -ENOMEM;
	dls_devnet_snapshot_free(all, count);
	return r;
}

static int next_of(struct zoned_call *call, const struct listed *links, size_t count)
{
	struct dld_next_reply *reply = call->reply;
	struct devnet_info i;

	if (count == 0)
		return -ENOENT;
	dls_devnet_info(links[0].dd, &i);
	reply->linkid = links[0].id;
	memcpy(reply->name, i.linkname, sizeof(i.linkname));
	return 0;
}

int dls_next_command(struct zoned_call *call)
{
	const struct dld_link_req *req = call->req;

	return with_links(call, req->linkid, next_of);
}

/* ---- many at once ---- */

union answer {
	struct zone_reply head;
	struct dld_linkinfo_reply info;
	struct dld_linkstats_reply stats;
};

static size_t answer_size(uint32_t what)
{
	size_t size = what == DLD_LINKINFO ? sizeof(struct dld_linkinfo_reply)
					   : sizeof(struct dld_linkstats_reply);

	return size - sizeof(struct zone_reply);
}

static int answers_of(struct zoned_call *call, const struct listed *links, size_t count)
{
	const struct dld_links_req *req = call->req;
	struct dld_links_reply *reply = call->reply;
	_cleanup_view_ struct dls_view view = {0};
	const size_t size = answer_size(req->what);
	char *out = reply->entries;
	union answer a;

	for (size_t n = 0; n < count && size <= call->reply_max - (size_t)(out - (char *)reply);
		n++) {
		memset(&a, 0, sizeof(a));
		if (req->what == DLD_LINKINFO)
			dls_view_linkinfo(&view, links[n].dd, call->zoneid, &a.info);
		else
			dls_stat_reply(&view, links[n].dd, &a.stats);
		memcpy(out, &a.head + 1, size);
		out += size;
		reply->count++;
	}
	call->reply_size = (size_t)(out - (char *)reply);
	return 0;
}

int dls_links_command(struct zoned_call *call)
{
	const struct dld_links_req *req = call->req;

	if (req->what != DLD_LINKINFO && req->what != DLD_LINKSTATS)
		return -EINVAL;
	return with_links(call, req->linkid, answers_of);
}

/* SPDX-License-Identifier: MIT */
/* Calls that make, change and describe links of every class; see dld-calls.h. */
#include "zone/dld-calls.h"

#include <door_linux.h>

static int plain(const void *req, size_t size, struct diag *d)
{
	struct zone_reply reply;

	return zone_call_fixed(req, size, &reply, sizeof(reply), d);
}

int dld_call_create(struct dld_create_req *req, struct dld_linkinfo_reply *ret, struct diag *d)
{
	req->cmd = DLD_CREATE;
	return zone_call_fixed(req, sizeof(*req), ret, sizeof(*ret), d);
}

int dld_call_modify(datalink_id_t link, const struct dld_spec *spec, struct diag *d)
{
	struct dld_modify_req req = {.cmd = DLD_MODIFY, .linkid = link, .spec = *spec};

	return plain(&req, sizeof(req), d);
}

static int call_ports(
	uint32_t cmd, datalink_id_t link, const datalink_id_t *ports, size_t n, struct diag *d)
{
	struct dld_ports_req req = {.cmd = cmd, .linkid = link, .nports = (uint32_t)n};

	if (n > DLD_PORTS_MAX)
		return -E2BIG;
	memcpy(req.ports, ports, n * sizeof(*ports));
	return plain(&req, sizeof(req), d);
}

int dld_call_add_ports(datalink_id_t link, const datalink_id_t *ports, size_t n, struct diag *d)
{
	return call_ports(DLD_ADD_PORTS, link, ports, n, d);
}

int dld_call_remove_ports(datalink_id_t link, const datalink_id_t *ports, size_t n, struct diag *d)
{
	return call_ports(DLD_REMOVE_PORTS, link, ports, n, d);
}

/* ---- all links ---- */

union answers {
	void *any;
	struct dld_linkinfo_reply *info;
	struct dld_linkstats_reply *stats;
};

/* Adds those of one reply: what came is the end of an answer, whose head is left out. */
static int links_take(const struct dld_links_reply *reply, size_t reply_size, size_t size,
	union answers *all, size_t *count)
{
	const size_t head = sizeof(struct zone_reply), tail = size - head;
	char *more, *at;

	if (reply->count > DOOR_DATA_LIMIT / tail ||
		reply_size != sizeof(*reply) + reply->count * tail)
		return -EBADMSG;
	more = reallocarray(all->any, *count + reply->count + 1, size);
	if (!more)
		return -ENOMEM;
	all->any = more;
	at = memset(more + *count * size, 0, reply->count * size);
	for (uint32_t i = 0; i < reply->count; i++)
		memcpy(at + i * size + head, reply->entries + i * tail, tail);
	*count += reply->count;
	return 0;
}

static datalink_id_t answer_id(uint32_t what, const union answers *all, size_t n)
{
	return what == DLD_LINKINFO ? all->info[n].linkid : all->stats[n].linkid;
}

static int all_links(uint32_t what, size_t size, void **ret, size_t *ret_count)
{
	struct dld_links_req req = {.cmd = DLD_LINKS, .what = what};
	_cleanup_free_ struct dld_links_reply *reply = malloc(DOOR_DATA_LIMIT);
	union answers all = {NULL};
	size_t count = 0, before, got;
	int r;

	if (!reply)
		return -ENOMEM;
	do {
		before = count;
		r = zone_call_sized(
			&req, sizeof(req), reply, sizeof(*reply), DOOR_DATA_LIMIT, &got);
		if (r == 0)
			r = links_take(reply, got, size, &all, &count);
		for (size_t n = before; r == 0 && n < count; n++) {
			if (answer_id(what, &all, n) <= req.linkid)
				r = -EBADMSG;
			req.linkid = answer_id(what, &all, n);
		}
	} while (r == 0 && count > before);
	if (r < 0) {
		free(all.any);
		return r;
	}
	*ret = all.any;
	*ret_count = count;
	return 0;
}

int dld_call_all_linkinfo(struct dld_linkinfo_reply **ret, size_t *ret_count)
{
	void *all;
	int r = all_links(DLD_LINKINFO, sizeof(**ret), &all, ret_count);

	if (r == 0)
		*ret = all;
	return r;
}

int dld_call_all_linkstats(struct dld_linkstats_reply **ret, size_t *ret_count)
{
	void *all;
	int r = all_links(DLD_LINKSTATS, sizeof(**ret), &all, ret_count);

	if (r == 0)
		*ret = all;
	return r;
}

/* ---- */

int dld_call_details(datalink_id_t link, struct dld_details_reply *ret, struct diag *d)
{
	struct dld_link_req req = {.cmd = DLD_DETAILS, .linkid = link};
	int r = zone_call_fixed(&req, sizeof(req), ret, sizeof(*ret), d);

	return r == 0 && ret->nports > DLD_PORTS_MAX ? -EBADMSG : r;
}

int dld_call_fdb(datalink_id_t link, uint32_t skip, struct dld_fdb_reply *ret, struct diag *d)
{
	struct dld_fdb_req req = {.cmd = DLD_FDB, .linkid = link, .skip = skip};
	int r = zone_call_fixed(&req, sizeof(req), ret, sizeof(*ret), d);

	return r == 0 && ret->count > DLD_FDB_MAX ? -EBADMSG : r;
}

int dld_call_set_target(struct dld_target_req *target, struct diag *d)
{
	target->cmd = DLD_SET_TARGET;
	return plain(target, sizeof(*target), d);
}

int dld_call_getprops(datalink_id_t link, uint32_t from, struct dld_getprops_reply *ret)
{
	struct dld_getprops_req req = {.cmd = DLD_GETPROPS, .linkid = link, .from = from};
	const size_t head = offsetof(struct dld_getprops_reply, text);
	size_t size;
	int r = zone_call_sized(&req, sizeof(req), ret, head, sizeof(*ret), &size);

	if (r < 0)
		return r;
	if (ret->size > sizeof(ret->text) || size < head + ret->size ||
		(ret->size && ret->text[ret->size - 1]))
		return -EBADMSG;
	return 0;
}

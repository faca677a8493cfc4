/* SPDX-License-Identifier: MIT */
/*
 * Links of a running zone; see apply.h. Who has a link and what it was given is zoned's
 * knowledge. Only links that the zone got by its configuration are taken back: it may have
 * others, of its own or given by hand.
 */
#include "zoneadmd/apply.h"

#include "dladm/dladm.h"
#include "zoneadmd/auto-link.h"
#include "zoneadmd/stages.h"

#define VALUE_SIZE sizeof(((struct zone_net_data *)NULL)->value)

static bool zone_has(struct apply *a, datalink_id_t link)
{
	zoneid_t owner = a->p->id;

	return zone_call_check_datalink(&owner, link) == 0;
}

static int set_network(struct apply *a, datalink_id_t link, enum zone_net_type type,
	const char *value, struct diag *d)
{
	struct zone_net_data data = {.type = type, .linkid = link};

	if (str_copy(data.value, sizeof(data.value), value) < 0)
		return -E2BIG;
	return zone_call_setattr(a->p->id, ZONE_ATTR_NETWORK, &data, sizeof(data), d);
}

/* ---- away ---- */

/* When it cannot be taken it gets back what it had. */
static int take_back(struct apply *a, const char *physical, datalink_id_t link, struct diag *d)
{
	struct zone_net_data address = {0}, router = {0};
	int r;

	(void)zone_call_getnet(a->p->id, link, ZONE_NETWORK_ADDRESS, &address);
	(void)zone_call_getnet(a->p->id, link, ZONE_NETWORK_DEFROUTER, &router);
	r = set_network(a, link, ZONE_NETWORK_DOWN, "", d);
	if (r < 0)
		return r;
	r = dld_call_setzone(link, GLOBAL_ZONEID, d);
	if (r == 0)
		return 0;
	(void)set_network(a, link, ZONE_NETWORK_ADDRESS, address.value, NULL);
	(void)set_network(a, link, ZONE_NETWORK_DEFROUTER, router.value, NULL);
	return d->text[0] ? r : diag_errno(d, r, "'%s' cannot be taken from the zone", physical);
}

static int failed(struct diag *d, const char *physical, int err)
{
	struct diag why = *d;

	if (!why.text[0])
		return diag_errno(d, err, "net %s: cannot change the data link", physical);
	return diag_set(d, err, "net %s: %s", physical, why.text);
}

/* The zone has the link that the net resource asks for, or would have had it before. */
static bool stays(struct apply *a, const struct snapshot_net *net)
{
	const struct zone_snapshot *old = &a->p->snap;
	const struct snapshot_net *was = links_first(old, old->n_nets, net->physical);

	return was && links_same_origin(was, net);
}

/* The link that the zone has for a net resource; false: it is gone, or was taken away by hand. */
static bool has_now(struct apply *a, const struct snapshot_net *net, datalink_id_t *ret)
{
	struct dlmgmt_linkinfo info;

	if (net->global_nic[0])
		return auto_link_find(a->p, net, ret) == 0;
	if (dlmgmt_call_getlinkid(net->physical, GLOBAL_ZONEID, &info) < 0)
		return false;
	*ret = info.linkid;
	return zone_has(a, info.linkid);
}

static int away(struct apply *a, const struct snapshot_net *net, datalink_id_t link, struct diag *d)
{
	int r;

	apply_note(a, "net %s: take the link from the zone", net->physical);
	if (a->dry)
		return 0;
	r = take_back(a, net->physical, link, d);
	if (r == 0 && net->global_nic[0])
		auto_link_remove(link);
	return r < 0 ? failed(d, net->physical, r) : 0;
}

int apply_links_away(struct apply *a, struct diag *d)
{
	const struct zone_snapshot *old = &a->p->snap;
	const struct snapshot_net *net, *want;
	datalink_id_t link;
	size_t i;
	int r = 0;

	for (i = 0; i < old->n_nets && r == 0; i++) {
		net = &old->nets[i];
		if (links_first(old, i, net->physical))
			continue;
		want = links_first(&a->want, a->want.n_nets, net->physical);
		if (!(want && links_same_origin(want, net)) && has_now(a, net, &link))
			r = away(a, net, link, d);
	}
	return r;
}

/* ---- new, and changed ---- */

/* Compares and sets one kind of data. fresh: the link has just come, and is not up yet. */
static int set_data(struct apply *a, const char *physical, datalink_id_t link,
	enum zone_net_type type, const char *value, bool fresh, struct diag *d)
{
	const char *what = type == ZONE_NETWORK_ADDRESS ? "address" : "default router";
	struct zone_net_data old = {0};

	if (link == DATALINK_INVALID_LINKID || zone_call_getnet(a->p->id, link, type, &old) < 0)
		old.value[0] = '\0';
	if (!streq(old.value, value))
		apply_note(a, "net %s: %s %s -> %s", physical, what,
			*old.value ? old.value : "none", *value ? value : "none");
	else if (!fresh)
		return 0;
	return a->dry ? 0 : set_network(a, link, type, value, d);
}

static int set_both(struct apply *a, const char *physical, datalink_id_t link,
	const char *addresses, bool fresh, struct diag *d)
{
	char router[VALUE_SIZE];
	int r = links_routers(&a->want, physical, router, sizeof(router));

	if (r == 0)
		r = apply_props(a, physical, link, fresh, d);
	if (r == 0)
		r = set_data(a, physical, link, ZONE_NETWORK_ADDRESS, addresses, fresh, d);
	if (r == 0)
		r = set_data(a, physical, link, ZONE_NETWORK_DEFROUTER, router, false, d);
	return r < 0 ? failed(d, physical, r) : 0;
}

/* A link that cannot get what it is to have is not left with the zone. */
static int bring(
	struct apply *a, size_t number, datalink_id_t link, const char *addresses, struct diag *d)
{
	const struct snapshot_net *net = &a->want.nets[number];
	int r;

	if (net->global_nic[0])
		apply_note(a, "net %s: make the link for the zone", net->physical);
	else
		apply_note(a, "net %s: give the link to the zone", net->physical);
	if (a->dry)
		return set_both(a, net->physical, DATALINK_INVALID_LINKID, addresses, true, d);
	r = net->global_nic[0] ? auto_link_make(a->p, net, number, addresses, &link, d)
			       : links_lend(a->p, net, link, d);
	if (r < 0)
		return r;
	r = set_both(a, net->physical, link, addresses, true, d);
	if (r < 0) {
		struct diag why = {0};

		if (take_back(a, net->physical, link, &why) == 0 && net->global_nic[0])
			auto_link_remove(link);
	}
	return r;
}

static int apply_link(struct apply *a, size_t number, struct diag *d)
{
	const struct snapshot_net *net = &a->want.nets[number];
	datalink_id_t link = DATALINK_INVALID_LINKID;
	_cleanup_close_ int hold = FD_NONE;
	char addresses[VALUE_SIZE];
	int r;

	if (links_addresses(&a->want, net->physical, addresses, sizeof(addresses)) < 0)
		return diag_set(d, -E2BIG, "net '%s': too many addresses", net->physical);
	if (stays(a, net) && has_now(a, net, &link))
		return set_both(a, net->physical, link, addresses, false, d);
	if (!net->global_nic[0]) {
		r = links_find(net, &link, &hold, d);
		if (r < 0)
			return r;
		if (!a->dry && zone_has(a, link)) /* given by hand */
			return set_both(a, net->physical, link, addresses, false, d);
	}
	return bring(a, number, link, addresses, d);
}

int apply_links(struct apply *a, struct diag *d)
{
	size_t i;
	int r = 0;

	for (i = 0; i < a->want.n_nets && r == 0; i++)
		if (!links_first(&a->want, i, a->want.nets[i].physical))
			r = apply_link(a, i, d);
	return r;
}

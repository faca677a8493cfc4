/* SPDX-License-Identifier: MIT */
/*
 * Links of a running zone; see apply.h. Who has a link and what it was given is zoned's
 * knowledge. Only links that the zone got by its configuration are taken back: it may have
 * others, of its own or given by hand.
 */
#include "zoneadmd/apply.h"

#include "dladm/dladm.h"
#include "zoneadmd/stages.h"

#define VALUE_SIZE sizeof(((struct zone_net_data *)NULL)->value)

/* Whether one of the first n net resources names the link; several may. */
static bool named(const struct zone_snapshot *s, size_t n, const char *physical)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (streq(s->nets[i].physical, physical))
			return true;
	return false;
}

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

int apply_links_away(struct apply *a, struct diag *d)
{
	const struct zone_snapshot *old = &a->p->snap;
	struct dlmgmt_linkinfo info;
	size_t i;
	int r = 0;

	for (i = 0; i < old->n_nets && r == 0; i++) {
		const char *physical = old->nets[i].physical;

		/* one that is gone, or was taken away by hand, is not the zone's any more */
		if (named(&a->want, a->want.n_nets, physical) || named(old, i, physical) ||
			dlmgmt_call_getlinkid(physical, GLOBAL_ZONEID, &info) < 0 ||
			!zone_has(a, info.linkid))
			continue;
		apply_note(a, "net %s: take the link from the zone", physical);
		r = a->dry ? 0 : take_back(a, physical, info.linkid, d);
		if (r < 0)
			return failed(d, physical, r);
	}
	return 0;
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
	const char *router = links_router(&a->want, physical);
	int r = set_data(a, physical, link, ZONE_NETWORK_ADDRESS, addresses, fresh, d);

	if (r == 0)
		r = set_data(a, physical, link, ZONE_NETWORK_DEFROUTER, router, false, d);
	return r < 0 ? failed(d, physical, r) : 0;
}

/* A link that cannot get what it is to have is not left with the zone. */
static int bring(struct apply *a, const struct snapshot_net *net, datalink_id_t link,
	const char *addresses, struct diag *d)
{
	int r;

	apply_note(a, "net %s: give the link to the zone", net->physical);
	if (a->dry)
		return set_both(a, net->physical, DATALINK_INVALID_LINKID, addresses, true, d);
	r = links_lend(a->p, net, link, d);
	if (r < 0)
		return r;
	r = set_both(a, net->physical, link, addresses, true, d);
	if (r < 0) {
		struct diag why = {0};

		(void)take_back(a, net->physical, link, &why);
	}
	return r;
}

static int apply_link(struct apply *a, const struct snapshot_net *net, struct diag *d)
{
	datalink_id_t link = DATALINK_INVALID_LINKID;
	_cleanup_close_ int hold = FD_NONE;
	char addresses[VALUE_SIZE];
	int r;

	if (links_addresses(&a->want, net->physical, addresses, sizeof(addresses)) < 0)
		return diag_set(d, -E2BIG, "net '%s': too many addresses", net->physical);
	r = links_find(net, &link, &hold, d);
	if (r < 0)
		return r;
	return zone_has(a, link) ? set_both(a, net->physical, link, addresses, false, d)
				 : bring(a, net, link, addresses, d);
}

int apply_links(struct apply *a, struct diag *d)
{
	size_t i;
	int r = 0;

	for (i = 0; i < a->want.n_nets && r == 0; i++)
		if (!named(&a->want, i, a->want.nets[i].physical))
			r = apply_link(a, &a->want.nets[i], d);
	return r;
}

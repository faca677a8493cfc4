/* SPDX-License-Identifier: MIT */
/*
 * Properties of links of a running zone; see apply.h. What the zone's configuration had asked for
 * and does not ask for any more goes back to what it was before; the rest is set where it differs.
 */
#include "zoneadmd/apply.h"

#include "dladm/property.h"
#include "zoneadmd/stages.h"

struct props {
	struct apply *a;
	const struct zone_snapshot *other; /* to compare with */
	const char *physical, *find;
	datalink_id_t link;
	struct dld_linkinfo_reply info;
	const char *found;
	struct diag *d;
};

static int find_step(const struct snapshot_prop *prop, void *arg)
{
	struct props *x = arg;

	if (streq(prop->name, x->find))
		x->found = prop->value;
	return x->found != NULL;
}

/* What the other configuration has for the property; NULL: nothing. */
static const char *in_other(struct props *x, const char *name)
{
	x->find = name;
	x->found = NULL;
	(void)links_each_prop(x->other, x->physical, find_step, x);
	return x->found;
}

/* Is each word of a list in the other one? zoned shows those of the zone's addresses with them. */
static bool all_in(const char *list, const char *words)
{
	char copy[DLADM_PROP_VALLEN], padded[DLADM_PROP_VALLEN + 2], one[DLADM_PROP_VALLEN + 2];
	char *next = copy, *word;

	(void)str_copy(copy, sizeof(copy), words);
	(void)snprintf(padded, sizeof(padded), ",%s,", list);
	while ((word = strsep(&next, ","))) {
		(void)snprintf(one, sizeof(one), ",%s,", word);
		if (!strstr(padded, one))
			return false;
	}
	return true;
}

/* Somebody may have set another value by hand: *now is what is in force. */
static bool in_force(struct props *x, const struct snapshot_prop *prop, struct dladm_propval *now)
{
	const struct dladm_property *p = dladm_property_find(prop->name);
	char value[DLADM_PROP_VALLEN];

	*now = (struct dladm_propval){0};
	return p && dladm_property_get(p, &x->info, now) == 0 &&
	       dladm_property_check(p, prop->value, value) == DLADM_STATUS_OK &&
	       all_in(now->value, value);
}

static int set_prop(struct props *x, const char *name, const char *value)
{
	return x->a->dry ? 0 : dld_call_setprop_lent(x->link, x->a->p->id, name, value, x->d);
}

static int set_step(const struct snapshot_prop *prop, void *arg)
{
	struct props *x = arg;
	const char *old = in_other(x, prop->name);
	struct dladm_propval now;

	if (old && streq(old, prop->value)) {
		if (in_force(x, prop, &now))
			return 0;
		old = now.value[0] ? now.value : NULL;
	}
	apply_note(x->a, "net %s: property %s %s -> %s", x->physical, prop->name,
		old ? old : "none", prop->value);
	return set_prop(x, prop->name, prop->value);
}

static int reset_step(const struct snapshot_prop *prop, void *arg)
{
	struct props *x = arg;

	if (in_other(x, prop->name))
		return 0;
	apply_note(x->a, "net %s: property %s %s -> none", x->physical, prop->name, prop->value);
	return set_prop(x, prop->name, NULL);
}

int apply_props(
	struct apply *a, const char *physical, datalink_id_t link, bool fresh, struct diag *d)
{
	const struct zone_snapshot nothing = {0}, *old = fresh ? &nothing : &a->p->snap;
	struct props x = {.a = a, .other = &a->want, .physical = physical, .link = link, .d = d};
	int r = 0;

	if (link != DATALINK_INVALID_LINKID)
		r = dld_call_linkinfo(link, &x.info);
	if (r == 0)
		r = links_each_prop(old, physical, reset_step, &x);
	x.other = old;
	return r < 0 ? r : links_each_prop(&a->want, physical, set_step, &x);
}

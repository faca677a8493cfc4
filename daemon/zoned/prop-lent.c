/* SPDX-License-Identifier: MIT */
/*
 * Properties that a link has for as long as a zone has it: those of the zone's net resource. What
 * was set before is kept in the table (prop-table.c) before anything changes, and put back when the
 * link comes home, however it comes home; so a zoned that was killed in between knows what to do.
 *
 * What an administrator sets meanwhile is his own wish, and stays.
 */
#include "zoned/dls-commands.h"
#include "zoned/prop.h"

#include "linux/log.h"

/* What is set now, "" for nothing. The mtu always is something. */
static void present(
	struct devnet *dd, const struct dladm_property *prop, char ret[DLADM_PROP_VALLEN])
{
	struct dld_linkinfo_reply info = {0};

	if (!streq(prop->name, "mtu")) {
		(void)prop_table_get(dd->dd_linkid, prop->name, ret);
		return;
	}
	dls_fill_linkinfo(dd, &info);
	(void)snprintf(ret, DLADM_PROP_VALLEN, "%u", info.mtu);
}

/* As dls_prop_set(), which leaves the mtu to a command of its own. */
static int set(
	struct devnet *dd, const struct dladm_property *prop, const char *text, struct diag *d)
{
	unsigned int mtu;
	int end = 0;

	if (!streq(prop->name, "mtu"))
		return dls_prop_set(dd, prop->name, text, d);
	if (text && (sscanf(text, "%9u%n", &mtu, &end) != 1 || text[end] || !mtu))
		return diag_set(d, -EINVAL, "'%s' is no value of mtu", text);
	return dls_prop_put(dd, prop, text, d);
}

static int begin(
	struct devnet *dd, const struct dladm_property *prop, const char *text, struct diag *d)
{
	char was[DLADM_PROP_VALLEN];
	bool had = prop_table_get_lent(dd->dd_linkid, prop->name, was);
	int r = 0;

	if (!had) {
		present(dd, prop, was);
		r = prop_table_set_lent(dd->dd_linkid, prop->name, was);
	}
	if (r < 0)
		return diag_errno(d, r, "cannot keep %s", prop->name);
	r = set(dd, prop, text, d);
	if (r < 0 && !had)
		(void)prop_table_set_lent(dd->dd_linkid, prop->name, NULL);
	return r;
}

static int end(struct devnet *dd, const struct dladm_property *prop, struct diag *d)
{
	char was[DLADM_PROP_VALLEN];
	int r;

	if (!prop_table_get_lent(dd->dd_linkid, prop->name, was))
		return 0;
	r = set(dd, prop, *was ? was : NULL, d);
	return r < 0 ? r : prop_table_set_lent(dd->dd_linkid, prop->name, NULL);
}

int dls_prop_set_lent(
	struct devnet *dd, zoneid_t zone, const char *name, const char *text, struct diag *d)
{
	const struct dladm_property *prop = dladm_property_find(name);

	if (!prop || (!prop->check && !streq(name, "mtu")))
		return diag_set(d, -EINVAL, "'%s' is not a property that can be set", name);
	if (dd->dd_at.zone != zone || dd->dd_owner_zid == zone)
		return diag_set(
			d, -ENXIO, "'%s' is not lent to zone %d", dd->dd_linkname, (int)zone);
	return text ? begin(dd, prop, text, d) : end(dd, prop, d);
}

void dls_prop_lent_is_kept(struct devnet *dd, const char *prop)
{
	(void)prop_table_set_lent(dd->dd_linkid, prop, NULL);
}

void dls_prop_lent_ends(struct devnet *dd)
{
	const struct dladm_property *prop;
	char was[DLADM_PROP_VALLEN];

	if (!prop_table_any(dd->dd_linkid))
		return;
	for (unsigned int i = 0; (prop = dladm_property_at(i)); i++) {
		struct diag d = {0};

		if (!prop_table_get_lent(dd->dd_linkid, prop->name, was))
			continue;
		if (dls_prop_put(dd, prop, *was ? was : NULL, &d) < 0)
			log_line(LOG_WARNING, "link=%s: Cannot put %s back: %s", dd->dd_linkname,
				prop->name, d.text);
		(void)prop_table_set_lent(dd->dd_linkid, prop->name, NULL);
	}
}

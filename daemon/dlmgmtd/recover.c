/* SPDX-License-Identifier: MIT */
/* The link table after a start; see recover.h. */
#include "dlmgmtd/recover.h"
#include "dlmgmtd/store.h"
#include "linux/log.h"

/* Moves the attributes of a row into a link. */
static void attrs_take(struct link *link, struct link_attrs *attrs)
{
	link_attrs_fini(&link->attrs);
	link->attrs = *attrs;
	*attrs = (struct link_attrs){0};
}

/* A row that cannot be a link is one link less, not a daemon less. */
static int row_refused(const struct link_spec *spec, int err)
{
	if (err == -ENOMEM)
		return err;
	log_line(LOG_WARNING, "Link %s (id %u) in the store is ignored: %s", spec->name, spec->id,
		strerror(-err));
	return 0;
}

/* Whether it is configured too is told by the persistent store alone. */
static int take_active(const struct link_spec *row, struct link_attrs *attrs)
{
	struct link_spec spec = *row;
	struct link *link;
	int r;

	spec.flags &= ~DLMGMT_PERSIST;
	r = link_create(&spec, &link);
	if (r < 0)
		return row_refused(row, r);
	attrs_take(link, attrs);
	return 0;
}

static bool ids_differ; /* a configured link has another id than its row */

static int take_persistent(const struct link_spec *row, struct link_attrs *attrs)
{
	struct link *link = link_by_name(row->name, GLOBAL_ZONEID);
	struct link_spec spec = *row;
	int r = 0;

	if (link && link->class != row->class) {
		log_line(LOG_WARNING, "Link %s is configured as another class than it is active as",
			row->name);
		return 0;
	}
	if (!link) {
		spec.flags = DLMGMT_PERSIST;
		r = link_create(&spec, &link);
		if (r == -EEXIST) { /* the id has gone to another link meanwhile */
			spec.id = DATALINK_INVALID_LINKID;
			r = link_create(&spec, &link);
		}
		if (r < 0)
			return row_refused(row, r);
	}
	ids_differ = ids_differ || link->id != row->id;
	link->flags = (link->flags & ~DLMGMT_TRANSIENT) | DLMGMT_PERSIST;
	attrs_take(link, attrs);
	return 0;
}

int links_recover(void)
{
	int r;

	r = store_load(STORE_ACTIVE, take_active);
	if (r == 0)
		r = store_load(STORE_PERSISTENT, take_persistent);
	if (r == 0 && ids_differ)
		r = store_renumber();
	return r;
}

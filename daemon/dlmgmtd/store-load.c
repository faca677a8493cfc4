/* SPDX-License-Identifier: MIT */
/* Reading everything from the stores, when dlmgmtd starts; see store.h. */
#include "dlmgmtd/store-impl.h"
#include "linux/log.h"

static int load_attrs(struct database *db, datalink_id_t id, struct link_attrs *ret)
{
	sqlite3_stmt *stmt = db->statements[STMT_ATTRS];
	const char *name;
	int rc, r = 0;

	(void)sqlite3_bind_int64(stmt, 1, id);
	while (r == 0 && (rc = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (rc != SQLITE_ROW) {
			r = database_failed(db, rc);
			break;
		}
		name = (const char *)sqlite3_column_text(stmt, 0);
		r = name ? link_attrs_set(ret, name, (uint32_t)sqlite3_column_int64(stmt, 1),
				   sqlite3_column_blob(stmt, 2),
				   (size_t)sqlite3_column_bytes(stmt, 2))
			 : -ENOMEM;
		if (r == -EINVAL) {
			log_line(LOG_WARNING, "%s: link %u: attribute '%s' ignored: invalid",
				db->path, id, name);
			r = 0;
		}
	}
	(void)sqlite3_reset(stmt);
	return r;
}

struct loading {
	struct database *db;
	uint32_t wanted; /* DLMGMT_*, of which a row must have one */
	bool configured; /* rows are to look as those of the owner's persistent store */
	zoneid_t owner;
	store_link_fn *fn;
};

static int load_link(const struct loading *l, sqlite3_stmt *stmt)
{
	struct link_attrs attrs = {0};
	struct link_spec spec = {
		.id = (datalink_id_t)sqlite3_column_int64(stmt, 0),
		.name = (const char *)sqlite3_column_text(stmt, 1),
		.class = (uint32_t)sqlite3_column_int64(stmt, 2),
		.media = (uint32_t)sqlite3_column_int64(stmt, 3),
		.flags = (uint32_t)sqlite3_column_int64(stmt, 4),
		.zoneid = (zoneid_t)sqlite3_column_int64(stmt, 5),
		.on_loan = sqlite3_column_int64(stmt, 6) != 0,
	};
	int r;

	if (!spec.name)
		return -ENOMEM;
	if (!(spec.flags & l->wanted))
		return 0;
	if (l->configured) {
		if (spec.zoneid != GLOBAL_ZONEID && !spec.on_loan)
			return 0; /* in the active store: a zone's own */
		spec.flags = DLMGMT_PERSIST;
		spec.zoneid = l->owner;
		spec.on_loan = false;
	}
	r = load_attrs(l->db, spec.id, &attrs);
	if (r == 0)
		r = l->fn(&spec, &attrs);
	link_attrs_fini(&attrs);
	return r;
}

static int load_links(const struct loading *l)
{
	sqlite3_stmt *stmt = l->db->statements[STMT_LINKS];
	int rc, r = 0;

	while (r == 0 && (rc = sqlite3_step(stmt)) != SQLITE_DONE)
		r = rc == SQLITE_ROW ? load_link(l, stmt) : database_failed(l->db, rc);
	(void)sqlite3_reset(stmt);
	return r;
}

int store_load(enum store which, store_link_fn *fn)
{
	bool configured = which == STORE_PERSISTENT;
	bool active = which == STORE_ACTIVE || store_state.from_active;
	struct loading l = {
		.db = &store_state.databases[active ? STORE_ACTIVE : STORE_PERSISTENT],
		.wanted = configured ? DLMGMT_PERSIST : DLMGMT_ACTIVE,
		.configured = configured,
		.owner = GLOBAL_ZONEID,
		.fn = fn,
	};

	return load_links(&l);
}

int store_load_from(struct database *db, zoneid_t owner, store_link_fn *fn)
{
	const struct loading l = {
		.db = db, .wanted = DLMGMT_PERSIST, .configured = true, .owner = owner, .fn = fn};

	return load_links(&l);
}

int store_load_zones(store_zone_fn *fn)
{
	struct database *db = &store_state.databases[STORE_ACTIVE];
	sqlite3_stmt *stmt = db->statements[STMT_ZONES];
	int rc, r = 0;

	while (r == 0 && (rc = sqlite3_step(stmt)) != SQLITE_DONE) {
		struct zone_record zone = {0};
		const char *name, *path;

		if (rc != SQLITE_ROW) {
			r = database_failed(db, rc);
			break;
		}
		zone.zoneid = (zoneid_t)sqlite3_column_int64(stmt, 0);
		zone.uniqid = (uint64_t)sqlite3_column_int64(stmt, 1);
		zone.door = sqlite3_column_int64(stmt, 2) != 0;
		name = (const char *)sqlite3_column_text(stmt, 3);
		path = (const char *)sqlite3_column_text(stmt, 4);
		r = name ? str_copy(zone.name, sizeof(zone.name), name) : -ENOMEM;
		if (r == 0 && path)
			r = str_copy(zone.path, sizeof(zone.path), path);
		if (r == 0)
			r = fn(&zone);
	}
	(void)sqlite3_reset(stmt);
	return r;
}

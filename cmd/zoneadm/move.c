/* SPDX-License-Identifier: MIT */
/*
 * zoneadm move: a halted zone gets another zonepath.
 *
 * Within a file system one rename(2) of the zonepath onto the new, empty one;
 * else everything is copied, and the old one removed as the last step. The configuration and the
 * index follow between. Whatever fails, or a signal that can be caught, takes back what was
 * done before. SIGKILL between the rename and the record leaves the files at the new path and the
 * configuration at the old one: nothing is lost, and renaming the directory back mends it.
 */
#include "zoneadm/move.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "linux/copy-tree.h"
#include "linux/remove-tree.h"
#include "zoneadm/change.h"
#include "zoneadm/images.h"
#include "zoneadm/install.h"
#include "linux/interrupt.h"
#include "zoneadm/lock.h"
#include "zoneadm/zonepath.h"
#include "zonecfg/zonecfg.h"

struct move {
	struct request *req;
	struct zone_index_entry to; /* as the zone will be */
	bool made;		    /* the new zonepath was not there before */
	bool copied;		    /* not renamed: the old one must be removed */
};

static int check_new(struct move *m)
{
	_cleanup_close_ int fd = FD_NONE;
	const char *zone = m->req->zone, *path = m->to.zonepath;
	int r;

	if (zonepath_overlaps(m->req->entry.zonepath, path))
		return complain(zone, "the new zonepath '%s' overlaps the old one, '%s'", path,
			m->req->entry.zonepath);
	r = zonepath_check_overlap(&m->to);
	if (r)
		return r;
	fd = zonepath_open(path);
	m->made = fd == -ENOENT;
	if (fd >= 0 && !zonepath_is_empty(fd))
		return complain(zone, "the new zonepath '%s' is not empty", path);
	return zonepath_check(zone, path, ZONEPATH_REPAIR | ZONEPATH_MAKE);
}

static void unmake(const struct move *m)
{
	const char *name;
	_cleanup_close_ int parent = zonepath_open_parent(m->to.zonepath, &name);

	if (m->made && parent >= 0)
		(void)unlinkat(parent, name, AT_REMOVEDIR);
}

static int copy(struct move *m)
{
	const struct copy_how how = {.cancelled = interrupted};
	_cleanup_close_ int from = zonepath_open(m->req->entry.zonepath);
	_cleanup_close_ int to = zonepath_open(m->to.zonepath);
	struct diag d = {0};
	int r;

	if (from < 0 || to < 0)
		return complain(m->req->zone, "cannot open the zonepaths: %s",
			strerror(from < 0 ? -from : -to));
	r = copy_tree(from, to, &how, &d);
	if (r == 0) {
		m->copied = true;
		return EXIT_OK;
	}
	(void)complain(m->req->zone, "not moved: %s", d.text);
	if (remove_contents(to, &d) < 0)
		(void)complain(m->req->zone, "'%s' could not be emptied again: %s", m->to.zonepath,
			d.text);
	return EXIT_ERR;
}

/* 0 or a negative errno. */
static int rename_zonepath(const char *from, const char *to)
{
	const char *old, *new;
	_cleanup_close_ int a = zonepath_open_parent(from, &old);
	_cleanup_close_ int b = zonepath_open_parent(to, &new);

	if (a < 0 || b < 0)
		return a < 0 ? a : b;
	return renameat(a, old, b, new) < 0 ? -errno : 0;
}

static int transfer(struct move *m)
{
	int r = rename_zonepath(m->req->entry.zonepath, m->to.zonepath);

	if (r == 0)
		return EXIT_OK;
	if (r != -EXDEV)
		return complain(m->req->zone, "cannot rename '%s' to '%s': %s",
			m->req->entry.zonepath, m->to.zonepath, strerror(-r));
	(void)printf(
		"Moving across file systems; copying zonepath %s...\n", m->req->entry.zonepath);
	(void)fflush(stdout);
	return copy(m);
}

static void transfer_back(struct move *m)
{
	_cleanup_close_ int to = FD_NONE;
	const char *name;
	struct diag d = {0};
	int r = 0;

	if (m->copied) {
		to = zonepath_open(m->to.zonepath);
		r = to < 0 ? to : remove_contents(to, &d);
	} else {
		r = rename_zonepath(m->to.zonepath, m->req->entry.zonepath);
		to = zonepath_open_parent(m->to.zonepath, &name);
		/* what was there before, and empty */
		if (r == 0 && !m->made && to >= 0)
			(void)mkdirat(to, name, 0700);
	}
	if (r < 0)
		(void)complain(m->req->zone, "cannot take the move to '%s' back: %s",
			m->to.zonepath, d.text[0] ? d.text : strerror(-r));
}

/* The configuration first, then the index, which is what everything else believes. */
static int record(struct move *m)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	_cleanup_close_ int lock = FD_NONE;
	struct diag d = {0};
	int r;

	lock = zonecfg_lock(&d);
	r = lock < 0 ? lock : zonecfg_load(m->req->zone, &cfg, &d);
	if (!r)
		r = zonecfg_set_string(&cfg->zonepath, m->to.zonepath);
	if (!r)
		r = zonecfg_save(cfg, &d);
	if (r)
		return complain(m->req->zone, "cannot change its configuration: %s",
			d.text[0] ? d.text : zonecfg_strerror(r));
	r = zone_index_modify(m->req->zone, -1, m->to.zonepath, NULL);
	if (!r)
		return EXIT_OK;
	(void)complain(
		m->req->zone, "cannot change its zonepath in the index: %s", zonecfg_strerror(r));
	if (zonecfg_set_string(&cfg->zonepath, m->req->entry.zonepath) || zonecfg_save(cfg, &d))
		(void)complain(m->req->zone, "cannot restore its configuration: %s", d.text);
	return EXIT_ERR;
}

static int move(struct move *m)
{
	int r;

	interrupt_note();
	r = check_new(m);
	if (r)
		return r;
	r = transfer(m);
	if (!r) {
		r = interrupted() ? complain(m->req->zone, "interrupted")
				  : images_hold(m->req->zone, m->to.zonepath);
		if (!r)
			r = record(m);
		if (r)
			transfer_back(m);
	}
	if (r) {
		unmake(m);
		return r;
	}
	if (m->copied && zonepath_remove(&m->req->entry))
		(void)complain(m->req->zone,
			"moved, but the old zonepath could not be removed completely; it is of no "
			"use any more");
	return EXIT_OK;
}

int move_run(struct request *req)
{
	_cleanup_lock_ int lock = FD_NONE;
	struct move m = {.req = req};
	zone_state_t state;
	int r;

	if (req->argc != 2 || req->argv[1][0] == '-')
		return usage_of(req);
	r = change_begin(req, &lock, &state);
	if (!r)
		r = change_check_state(req, state, ZONE_STATE_INSTALLED);
	if (!r)
		r = change_check_mounts(req);
	if (!r)
		r = zonepath_check_boot(req->zone, req->entry.zonepath);
	if (r)
		return r;
	m.to = req->entry;
	if (str_copy(m.to.zonepath, sizeof(m.to.zonepath), req->argv[1]) < 0 ||
		zonecfg_check_zonepath(req->argv[1]) != Z_OK)
		return complain(req->zone,
			"'%s' is not a valid zonepath; it must be absolute, without '.', '..' and "
			"empty components",
			req->argv[1]);
	return move(&m);
}

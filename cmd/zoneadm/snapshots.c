/* SPDX-License-Identifier: MIT */
/*
 * Snapshots; see snapshots.h. A root on a btrfs subvolume is copied in a moment, others file by
 * file, with shared blocks where the file system has that; of an overlay only what the zone wrote.
 *
 * Linux: illumos leaves this to ZFS and the tools above zoneadm; the form of the commands is
 * that of OmniOS's zadm.
 */
#include "zoneadm/snapshots.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "linux/interrupt.h"
#include "zoneadm/change.h"
#include "zoneadm/hook.h"
#include "zoneadm/lock.h"
#include "zoneadm/root-part.h"
#include "zoneadm/snapshots-list.h"
#include "zoneadm/zonepath.h"

#define NEW	      ".new"
#define OLD	      ".old"
#define SNAPSHOT_NAME 64
#define OPEN_DIR      (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int check_name(const char *name, struct diag *d)
{
	size_t n =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	if (n > 0 && n < SNAPSHOT_NAME && !name[n] && name[0] != '.' && name[0] != '-')
		return 0;
	return diag_set(d, -EINVAL,
		"'%s' is no name for a snapshot: letters, digits, '.', '_' and '-', at most %d, "
		"the first a letter, a digit or '_'",
		name, SNAPSHOT_NAME - 1);
}

/* The folder of all of them, free of what a killed program left. */
static int open_all(int zonepath, struct diag *d)
{
	_cleanup_close_ int dir = FD_NONE;
	int r;

	if (mkdirat(zonepath, SNAPSHOTS_DIR, 0700) < 0 && errno != EEXIST)
		return diag_errno(d, -errno, "cannot make the folder of its snapshots");
	dir = openat(zonepath, SNAPSHOTS_DIR, OPEN_DIR);
	if (dir < 0)
		return diag_errno(d, -errno, "cannot open the folder of its snapshots");
	r = snapshot_remove(dir, NEW, d);
	if (r == 0)
		r = snapshot_remove(dir, OLD, d);
	return r < 0 ? r : TAKE_FD(dir);
}

int snapshot_open(int zonepath, const char *name, struct diag *d)
{
	_cleanup_close_ int all = openat(zonepath, SNAPSHOTS_DIR, OPEN_DIR);
	int fd = all < 0 || check_name(name, NULL) < 0 ? -1 : openat(all, name, OPEN_DIR);

	return fd < 0 ? diag_set(d, -ENOENT, "it has no snapshot '%s'", name) : fd;
}

/* ---- making one ---- */

/* A snapshot of an overlay is an overlay itself: export mounts it. */
static int copy_into(const struct root_part *p, int all, struct diag *d)
{
	const struct copy_how how = {.cancelled = interrupted};
	_cleanup_close_ int dir = FD_NONE;
	struct root_part part = {.dir = FD_NONE, .name = "root"};
	int r;

	if (mkdirat(all, NEW, 0700) < 0)
		return diag_errno(d, -errno, "cannot make a snapshot");
	dir = openat(all, NEW, OPEN_DIR);
	if (dir < 0)
		return diag_errno(d, -errno, "cannot make a snapshot");
	if (!p->overlay)
		return root_part_copy(p, dir, part.name, &how, d);
	r = overlay_create(dir, OVERLAY_DIR, p->digest, d);
	if (r == 0)
		r = root_part_open(dir, &part, d);
	if (r == 0)
		r = root_part_remove(part.dir, part.name, d);
	if (r == 0)
		r = root_part_copy(p, part.dir, part.name, &how, d);
	root_part_close(&part);
	return r;
}

static int put_in_place(int all, const char *name, struct diag *d)
{
	if (syncfs(all) < 0)
		return diag_errno(d, -errno, "cannot write the snapshot to the disk");
	if (renameat2(all, NEW, all, name, RENAME_NOREPLACE) < 0)
		return errno == EEXIST
			       ? diag_set(d, -EEXIST, "it has a snapshot '%s' already", name)
			       : diag_errno(d, -errno, "cannot put the snapshot in place");
	return fsync(all) < 0 ? diag_errno(d, -errno, "cannot write the snapshot to the disk") : 0;
}

static int make(const struct root_part *p, int all, const char *name, struct diag *d)
{
	struct diag why = {0};
	struct stat st;
	int r;

	if (fstatat(all, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return diag_set(d, -EEXIST, "it has a snapshot '%s' already", name);
	r = copy_into(p, all, d);
	if (r == 0 && interrupted())
		r = diag_set(d, -ECANCELED, "interrupted");
	if (r == 0)
		r = put_in_place(all, name, d);
	if (r < 0)
		(void)snapshot_remove(all, NEW, &why);
	return r;
}

/* ---- the commands ---- */

static int open_zone(const struct request *req, int *ret_zonepath, struct root_part *ret)
{
	struct diag d = {0};
	int r = zonepath_open(req->entry.zonepath);

	if (r < 0)
		return complain(req->zone, "cannot open zonepath '%s': %s", req->entry.zonepath,
			strerror(-r));
	*ret_zonepath = r;
	return root_part_open(r, ret, &d) < 0 ? complain(req->zone, "%s", d.text) : EXIT_OK;
}

static int check_state(const struct request *req, zone_state_t state, const struct root_part *p)
{
	if (state > ZONE_STATE_INSTALLED && root_part_at_once(p))
		return EXIT_OK;
	if (state > ZONE_STATE_INSTALLED)
		return complain(req->zone,
			"a snapshot of a zone in state '%s' needs a root that is a btrfs "
			"subvolume; halt it first",
			zone_state_str(state));
	return change_check_state(req, state, ZONE_STATE_INSTALLED);
}

static int destroy(struct request *req, int zonepath, const char *name)
{
	struct diag d = {0};
	_cleanup_close_ int found = snapshot_open(zonepath, name, &d);
	_cleanup_close_ int all = FD_NONE;
	int r = found < 0 ? found : 0;

	if (r == 0)
		r = all = open_all(zonepath, &d);
	/* Out of sight first: half of a snapshot must not be found. */
	if (r >= 0)
		r = renameat(all, name, all, OLD) < 0
			    ? diag_errno(&d, -errno, "cannot remove the snapshot")
			    : snapshot_remove(all, OLD, &d);
	return r < 0 ? complain(req->zone, "%s", d.text) : EXIT_OK;
}

/* Between the brand's presnap and postsnap; what the last one does not like goes again. */
static int make_with_hooks(
	struct request *req, int zonepath, struct root_part *p, int all, const char *name)
{
	_cleanup_(brand_freep) struct brand *brand = NULL;
	struct diag d = {0};
	int made, r = hook_brand(&req->entry, &brand);

	if (!r)
		r = hook_passes(brand, BRAND_PRESNAP, &req->entry, 0, NULL);
	if (r)
		return r;
	made = make(p, all, name, &d);
	r = hook_passes(brand, BRAND_POSTSNAP, &req->entry, 0, NULL);
	if (made < 0)
		return complain(req->zone, "%s", d.text);
	if (r)
		(void)destroy(req, zonepath, name);
	return r;
}

static int create(struct request *req, int zonepath, zone_state_t state, struct root_part *p,
	const char *name)
{
	_cleanup_close_ int all = FD_NONE;
	struct diag d = {0};
	int r = check_state(req, state, p);

	if (r)
		return r;
	r = check_name(name, &d);
	if (r == 0)
		r = all = open_all(zonepath, &d);
	return r < 0 ? complain(req->zone, "%s", d.text)
		     : make_with_hooks(req, zonepath, p, all, name);
}

static int run(struct request *req, zone_state_t state)
{
	const char *word = req->argc > 1 ? req->argv[1] : NULL;
	_cleanup_close_ int zonepath = FD_NONE;
	struct root_part p = {.dir = FD_NONE};
	int r;

	if (state < ZONE_STATE_INSTALLED)
		return change_check_state(req, state, ZONE_STATE_INSTALLED);
	r = open_zone(req, &zonepath, &p);
	if (r)
		return r;
	/* to list them changes nothing */
	req->acts = word && !streq(word, "-p") && !streq(word, "-j");
	if (!req->acts)
		r = snapshots_print(req->zone, zonepath, word ? word[1] : '\0');
	else if (streq(word, "-d"))
		r = destroy(req, zonepath, req->argv[2]);
	else
		r = create(req, zonepath, state, &p, word);
	root_part_close(&p);
	return r;
}

int snapshot_run(struct request *req)
{
	const char *word = req->argc > 1 ? req->argv[1] : "";
	_cleanup_lock_ int lock = FD_NONE;
	zone_state_t state;
	int r;

	if (req->argc > (streq(word, "-d") ? 3 : 2) || (streq(word, "-d") && req->argc < 3) ||
		(word[0] == '-' && !streq(word, "-p") && !streq(word, "-j") && !streq(word, "-d")))
		return usage_of(req);
	interrupt_note();
	r = change_begin(req, &lock, &state);
	return r ? r : run(req, state);
}

/*
 * The root of the snapshot once more, beside the root, then one exchange of both names: whoever
 * looks at any moment sees one or the other, whole.
 */
static int bring_back(const struct root_part *now, const struct root_part *then, struct diag *d)
{
	const struct copy_how how = {.cancelled = interrupted};
	const char *new = now->overlay ? "upper.new" : "root.new";
	struct diag why = {0};
	int r = root_part_remove(now->dir, new, d);

	if (r < 0)
		return r;
	r = root_part_copy(then, now->dir, new, &how, d);
	if (r == 0 && interrupted())
		r = diag_set(d, -ECANCELED, "interrupted");
	if (r == 0 && syncfs(now->dir) < 0)
		r = diag_errno(d, -errno, "cannot write the root to the disk");
	if (r == 0 && renameat2(now->dir, new, now->dir, now->name, RENAME_EXCHANGE) < 0)
		r = diag_errno(d, -errno, "cannot put the root in place");
	if (r == 0 && fsync(now->dir) < 0)
		r = diag_errno(d, -errno, "cannot write the zonepath to the disk");
	if (root_part_remove(now->dir, new, &why) < 0 && r == 0)
		r = diag_set(d, -EIO, "rolled back, but what was there before stays: %s", why.text);
	return r;
}

int rollback_run(struct request *req)
{
	_cleanup_lock_ int lock = FD_NONE;
	_cleanup_close_ int zonepath = FD_NONE, snapshot = FD_NONE;
	struct root_part now = {.dir = FD_NONE}, then = {.dir = FD_NONE};
	struct diag d = {0};
	zone_state_t state;
	int r;

	if (req->argc != 2 || req->argv[1][0] == '-')
		return usage_of(req);
	interrupt_note();
	r = change_begin(req, &lock, &state);
	if (!r)
		r = change_check_state(req, state, ZONE_STATE_INSTALLED);
	if (!r)
		r = change_check_mounts(req);
	if (!r)
		r = open_zone(req, &zonepath, &now);
	if (r)
		return r;
	r = snapshot = snapshot_open(zonepath, req->argv[1], &d);
	if (r >= 0)
		r = root_part_open(snapshot, &then, &d);
	if (r == 0)
		r = bring_back(&now, &then, &d);
	root_part_close(&then);
	root_part_close(&now);
	return r < 0 ? complain(req->zone, "%s", d.text) : EXIT_OK;
}

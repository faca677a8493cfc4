/* SPDX-License-Identifier: MIT */
/*
 * Making a root; see root.h. What an archive holds is handled by children that see nothing
 * but the new root (jail.h).
 *
 * What is kept of an image is shared by the cheapest way that the file systems of store and zonepath have:
 * a snapshot of a subvolume, shared blocks of files, an overlay, and where even that does not work a
 * copy. This process has a mount namespace of its own: an overlay is mounted for the last step.
 */
#include "root.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "image/jail.h"
#include "image/store.h"
#include "linux/copy-tree.h"
#include "linux/interrupt.h"
#include "linux/mountfd.h"
#include "linux/remove-tree.h"
#include "linux/subvolume.h"
#include "linux/write-behind.h"
#include "settle.h"

#define NEW_ROOT "root.new"
#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* ---- what is being made ---- */

static int remove_dir(int zonepath, const char *name, struct diag *d)
{
	_cleanup_close_ int dir = openat(zonepath, name, OPEN_DIR);
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : diag_errno(d, -errno, "cannot open %s", name);
	if (subvolume_destroy(zonepath, name) == 0)
		return 0;
	r = remove_contents(dir, d);
	if (r == 0 && unlinkat(zonepath, name, AT_REMOVEDIR) < 0)
		r = diag_errno(d, -errno, "cannot remove %s", name);
	return r;
}

static int make_empty(int zonepath, struct diag *d)
{
	/* On btrfs a subvolume, so that clones and snapshots take no time. */
	int r = subvolume_create(zonepath, NEW_ROOT);

	if (r == SUBVOLUME_NONE)
		r = mkdirat(zonepath, NEW_ROOT, 0755) < 0 ? -errno : 0;
	return r < 0 ? diag_errno(d, r, "cannot make " NEW_ROOT) : 0;
}

static int open_new(int zonepath, struct diag *d)
{
	int fd = openat(zonepath, NEW_ROOT, OPEN_DIR);

	return fd < 0 ? diag_errno(d, -errno, "cannot open " NEW_ROOT) : fd;
}

void root_undo(const struct new_zone *z)
{
	static const char *const names[] = {NEW_ROOT, OVERLAY_NEW, OVERLAY_DIR, "root"};
	size_t n = ARRAY_SIZE(names) - (z->placed ? 0 : 1);
	struct diag d = {0};
	size_t i;

	(void)unlinkat(z->zonepath, IMAGE_FILE, 0);
	if (fchdir(z->zonepath) == 0 && umount2(NEW_ROOT, MNT_DETACH) == 0)
		(void)chdir("/");
	for (i = 0; i < n; i++)
		if (remove_dir(z->zonepath, names[i], &d) < 0)
			(void)fprintf(stderr, "brand linux: %s\n", d.text);
}

/* ---- a tree ---- */

static int fill(struct source *s, int root, struct diag *d)
{
	struct oci_program *program = NULL;
	int r = -EINVAL;

	switch (s->kind) {
	case SOURCE_ARCHIVE:
		r = source_archive(s, root, d);
		break;
	case SOURCE_DIRECTORY:
		r = source_directory(s, root, d);
		break;
	case SOURCE_IMAGE:
		r = source_image(s, root, d);
		program = oci_is_system(&s->image) ? NULL : &s->image.program;
		break;
	case SOURCE_MIRROR:
		r = source_mirror(s, root, d);
		break;
	case SOURCE_NONE:
	case SOURCE_STORED:
		break;
	}
	return r < 0 ? r : jail_run(root, settle_image_run, program, d);
}

static int make_own(struct new_zone *z, struct source *s, struct diag *d)
{
	_cleanup_close_ int root = FD_NONE;
	int r = make_empty(z->zonepath, d);

	if (r == 0)
		r = root = open_new(z->zonepath, d);
	if (r >= 0)
		r = fill(s, root, d);
	return r < 0 ? r : jail_run(root, settle_zone_run, (void *)z->name, d);
}

/* ---- of an image ---- */

static int keep(const struct store *store, struct source *s, struct diag *d)
{
	_cleanup_close_ int root = FD_NONE;
	char name[IMAGE_NAMES] = "";
	json_t *about = NULL;
	int r = store_begin(store, name, &root, d);

	if (r == 0)
		r = fill(s, root, d);
	if (r == 0 && interrupted())
		r = diag_set(d, -ECANCELED, "interrupted");
	if (r == 0) {
		about = root_about(s);
		r = store_commit(store, name, about, d);
		json_decref(about);
	}
	root = fd_close(root);
	if (r < 0)
		store_abort(store, name);
	return r;
}

/* True when files of the store can share their blocks with files in the zonepath. */
static bool shares_blocks(int image, int zonepath)
{
	static const char probe[] = "probe.new";
	_cleanup_close_ int from = openat(image, "../" IMAGE_FILE, O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int to =
		openat(zonepath, probe, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool shares = from >= 0 && to >= 0 && ioctl(to, FICLONE, from) == 0;

	(void)unlinkat(zonepath, probe, 0);
	return shares;
}

static int copy_image(int image, int zonepath, struct diag *d)
{
	const struct copy_how how = {.cancelled = interrupted};
	_cleanup_close_ int root = FD_NONE;
	int r = make_empty(zonepath, d);

	if (r == 0)
		r = root = open_new(zonepath, d);
	return r < 0 ? r : copy_tree(image, root, &how, d);
}

/* Mounts the overlay on root.new. 1: overlays do not work there, and nothing is left of it. */
static int try_overlay(int zonepath, const char *digest, struct diag *d)
{
	_cleanup_close_ int dir = FD_NONE, mounted = FD_NONE;
	struct diag why = {0};
	int r = overlay_create(zonepath, OVERLAY_NEW, digest, d);

	if (r < 0)
		return r;
	dir = openat(zonepath, OVERLAY_NEW, OPEN_DIR);
	if (dir < 0 || overlay_mount(dir, digest, FD_NONE, 0, &mounted, &why) < 0) {
		r = remove_dir(zonepath, OVERLAY_NEW, d);
		return r < 0 ? r : 1;
	}
	if (mkdirat(zonepath, NEW_ROOT, 0755) < 0 ||
		move_mount(mounted, "", zonepath, NEW_ROOT, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return diag_errno(d, -errno, "cannot mount the new root");
	return 0;
}

static int share(struct new_zone *z, int image, const char *digest, struct diag *d)
{
	int r = subvolume_snapshot(image, z->zonepath, NEW_ROOT);

	z->how = "snapshot";
	if (r != SUBVOLUME_NONE)
		return r < 0 ? diag_errno(d, r, "cannot make a snapshot of the image") : 0;
	if (shares_blocks(image, z->zonepath)) {
		z->how = "blocks";
		return copy_image(image, z->zonepath, d);
	}
	z->how = "overlay";
	r = try_overlay(z->zonepath, digest, d);
	if (r <= 0)
		return r;
	z->how = "copy";
	return copy_image(image, z->zonepath, d);
}

/* The overlay has been written to; it is mounted again by each boot. */
static int unmount_new(const struct new_zone *z, struct diag *d)
{
	if (!z->how || !streq(z->how, "overlay"))
		return 0;
	if (fchdir(z->zonepath) < 0 || umount2(NEW_ROOT, 0) < 0 || chdir("/") < 0)
		return diag_errno(d, -errno, "cannot unmount the new root");
	return renameat(z->zonepath, OVERLAY_NEW, z->zonepath, OVERLAY_DIR) < 0
		       ? diag_errno(d, -errno, "cannot put the new root in place")
		       : 0;
}

static int settle_zone(struct new_zone *z, struct diag *d)
{
	_cleanup_close_ int root = open_new(z->zonepath, d);

	return root < 0 ? root : jail_run(root, settle_zone_run, (void *)z->name, d);
}

static int make_of_image(
	struct new_zone *z, const struct store *store, struct source *s, struct diag *d)
{
	_cleanup_close_ int image = overlay_image(s->digest, d);
	int r = image < 0 ? image : store_hold(store, s->digest, z->path, d);

	if (r == 0)
		r = share(z, image, s->digest, d);
	if (r == 0)
		r = settle_zone(z, d);
	return r < 0 ? r : unmount_new(z, d);
}

/* Only what is not kept yet is unpacked. To know that, an archive must be read once; it is when there is one of its size. */
static int find_digest(const struct store *store, struct source *s, struct diag *d)
{
	struct stat st;

	if (s->kind != SOURCE_ARCHIVE)
		return 0;
	if (stat(s->path, &st) == 0 && store_find_size(store, (uint64_t)st.st_size))
		return source_archive_digest(s, d);
	return 0;
}

static int make_shared(struct new_zone *z, struct source *s, struct diag *d)
{
	struct store store;
	int r = store_open(&store, d);

	if (r < 0)
		return r;
	r = find_digest(&store, s, d);
	if (r == 0 && !(s->digest[0] && store_has(&store, s->digest)))
		r = s->kind == SOURCE_STORED
			    ? diag_set(d, -ENOENT, "no image %s is kept here", s->digest)
			    : keep(&store, s, d);
	if (r == 0)
		r = make_of_image(z, &store, s, d);
	store_close(&store);
	return r;
}

int root_make(struct new_zone *z, struct source *s, struct diag *d)
{
	struct write_behind behind = {0};
	int r = remove_dir(z->zonepath, NEW_ROOT, d);

	write_behind_start(&behind, z->zonepath);
	if (r == 0)
		r = s->shared ? make_shared(z, s, d) : make_own(z, s, d);
	if (r == 0 && interrupted())
		r = diag_set(d, -ECANCELED, "interrupted");
	if (r == 0)
		r = root_record(z, s, d);
	if (r == 0 && renameat(z->zonepath, NEW_ROOT, z->zonepath, "root") < 0)
		r = diag_errno(d, -errno, "cannot put the new root in place");
	z->placed = r == 0;
	write_behind_stop(&behind);
	/* Once for all files and names. Until the index says that it is installed, nobody takes it for whole. */
	if (r == 0 && syncfs(z->zonepath) < 0)
		r = diag_errno(d, -errno, "cannot write the new root to the disk");
	return r;
}

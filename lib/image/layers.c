/* SPDX-License-Identifier: MIT */
/* A root from the layers of an image, one upon the other; see layers.h. */
#include "image/layers.h"

#include <sys/statvfs.h>

#include "image/jail.h"
#include "image/progress.h"
#include "image/unpack.h"
#include "linux/interrupt.h"

int layers_limits(int root, uint64_t *ret_bytes, uint64_t *ret_files, struct diag *d)
{
	struct statvfs fs;

	if (fstatvfs(root, &fs) < 0)
		return diag_errno(d, -errno, "cannot look at the file system of the zonepath");
	*ret_bytes = (uint64_t)fs.f_bavail * fs.f_frsize / 10 * 9;
	/* btrfs has no fixed number of files and says 0 */
	*ret_files = fs.f_files ? (uint64_t)fs.f_favail / 10 * 9 : UINT64_MAX;
	return 0;
}

/* How far all layers are. */
struct applying {
	struct progress progress;
	uint64_t
		done; /* bytes of the passes that are done; a layer is read twice, each pass counts half */
	int fd; /* the layer, whose position the child moves */
};

/* ---- an archive of a layout ---- */

static void show_archive(void *arg)
{
	struct applying *a = arg;
	off_t at = lseek(a->fd, 0, SEEK_CUR);

	progress_show(&a->progress, at > 0 ? (uint64_t)at : 0);
}

int layers_fetch(struct unpack *u, uint64_t size, int root, struct diag *d)
{
	struct applying a = {.fd = u->fd};
	int r = layers_limits(root, &u->bytes_max, &u->entries_max, d);

	if (r < 0)
		return r;
	progress_begin(&a.progress, "Reading", size);
	progress_show(&a.progress, 0); /* it may be over before there is more to show */
	r = jail_run_shown(root, unpack_run, u, show_archive, &a, d);
	progress_end(&a.progress);
	return r;
}

/* ---- layers ---- */

static void show_layer(void *arg)
{
	struct applying *a = arg;
	off_t at = lseek(a->fd, 0, SEEK_CUR);

	progress_show(&a->progress, a->done + (at > 0 ? (uint64_t)at / 2 : 0));
}

static int apply_pass(struct applying *a, struct unpack *u, enum unpack_pass pass,
	const char *diff_id, int root, struct diag *d)
{
	if (lseek(u->fd, 0, SEEK_SET) < 0)
		return diag_errno(d, -errno, "cannot read %s", u->name);
	u->pass = pass;
	a->fd = u->fd;
	/* Both passes read the same: once is enough, and before anything is written. */
	u->diff_id = pass == UNPACK_WHITEOUTS ? diff_id : NULL;
	return jail_run_shown(root, unpack_run, u, show_layer, a, d);
}

static int apply_layer(
	struct applying *a, const struct oci_image *image, size_t i, int root, struct diag *d)
{
	char name[64];
	struct unpack u = {.name = name};
	int r;

	(void)snprintf(name, sizeof(name), "layer %zu of %zu", i + 1, image->n_layers);
	u.fd = oci_blob_open(image, &image->layers[i], d);
	if (u.fd < 0)
		return u.fd;
	r = layers_limits(root, &u.bytes_max, &u.entries_max, d);
	if (r == 0)
		r = apply_pass(a, &u, UNPACK_WHITEOUTS, image->diff_ids[i], root, d);
	a->done += image->layers[i].size / 2;
	if (r == 0)
		r = apply_pass(a, &u, UNPACK_LAYER, NULL, root, d);
	a->done += image->layers[i].size / 2;
	(void)close(u.fd);
	return r;
}

int layers_apply(const struct oci_image *image, int root, struct diag *d)
{
	struct applying a = {0};
	uint64_t total = 0;
	size_t i;
	int r = 0;

	for (i = 0; i < image->n_layers; i++)
		total += image->layers[i].size;
	progress_begin(&a.progress, "Unpacking", total);
	for (i = 0; i < image->n_layers && r == 0; i++)
		r = interrupted() ? diag_set(d, -ECANCELED, "interrupted")
				  : apply_layer(&a, image, i, root, d);
	progress_end(&a.progress);
	return r;
}

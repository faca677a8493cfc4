/* SPDX-License-Identifier: MIT */
/*
 * A root from an OCI image: its layers, one upon the other. The layout may be a directory or an
 * archive; an archive is unpacked beside the new root first, in a jail as everything else.
 */
#include "source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "jail.h"
#include "linux/remove-tree.h"
#include "oci.h"
#include "progress.h"
#include "unpack.h"

#define LAYOUT "layout.new"

/* ---- an archive of a layout ---- */

static void remove_layout(int zonepath)
{
	struct diag d = {0};
	int dir = openat(zonepath, LAYOUT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return;
	(void)remove_contents(dir, &d);
	(void)close(dir);
	(void)unlinkat(zonepath, LAYOUT, AT_REMOVEDIR);
}

/* Unpacks the archive into ZONEPATH/layout.new. Returns its descriptor. */
static int unpack_layout(struct source *s, int zonepath, int fd, struct diag *d)
{
	struct unpack u = {.fd = fd, .name = s->path};
	int dir, r;

	remove_layout(zonepath);
	if (mkdirat(zonepath, LAYOUT, 0700) < 0)
		return diag_errno(d, -errno, "cannot make " LAYOUT);
	dir = openat(zonepath, LAYOUT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = dir < 0 ? diag_errno(d, -errno, "cannot open " LAYOUT)
		    : source_limits(dir, &u.bytes_max, &u.entries_max, d);
	if (r == 0)
		r = jail_run(dir, unpack_run, &u, d);
	if (r < 0) {
		(void)fd_close(dir);
		return r;
	}
	return dir;
}

/* Opens the layout; splits "path:tag" when there is no path with the colon in its name. */
static int open_layout(
	struct source *s, int zonepath, char **ret_path, const char **ret_tag, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	struct stat st;
	char *colon;

	*ret_path = strdup(s->path);
	*ret_tag = NULL;
	if (!*ret_path)
		return diag_errno(d, -ENOMEM, "cannot open '%s'", s->path);
	colon = strrchr(*ret_path, ':');
	if (colon && access(s->path, F_OK) < 0) {
		*colon = '\0';
		*ret_tag = colon + 1;
	}
	fd = open(*ret_path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_errno(d, -errno, "cannot open '%s'", *ret_path);
	if (S_ISDIR(st.st_mode))
		return TAKE_FD(fd);
	if (!S_ISREG(st.st_mode))
		return diag_set(
			d, -EINVAL, "'%s' is neither a directory nor an archive", *ret_path);
	return unpack_layout(s, zonepath, fd, d);
}

/* ---- the layers ---- */

static int apply_pass(
	struct unpack *u, enum unpack_pass pass, int root, struct jail *jail, struct diag *d)
{
	int r;

	if (lseek(u->fd, 0, SEEK_SET) < 0)
		return diag_errno(d, -errno, "cannot read %s", u->name);
	u->pass = pass;
	r = jail_start(jail, root, unpack_run, u, d);
	if (r < 0)
		return r;
	do {
		r = jail_wait(jail, -1, d);
	} while (r > 0 && !cancelled());
	jail_kill(jail);
	return r > 0 ? diag_set(d, -ECANCELED, "interrupted") : r;
}

static int apply_layer(const struct oci_image *image, size_t i, int root, struct diag *d)
{
	char name[64];
	struct unpack u = {.name = name};
	struct jail jail = {0};
	int r;

	(void)snprintf(name, sizeof(name), "layer %zu of %zu", i + 1, image->n_layers);
	u.fd = oci_blob_open(image, &image->layers[i], d);
	if (u.fd < 0)
		return u.fd;
	r = source_limits(root, &u.bytes_max, &u.entries_max, d);
	if (r == 0)
		r = apply_pass(&u, UNPACK_WHITEOUTS, root, &jail, d);
	if (r == 0)
		r = apply_pass(&u, UNPACK_LAYER, root, &jail, d);
	(void)close(u.fd);
	return r;
}

static int apply_layers(const struct oci_image *image, int root, struct diag *d)
{
	struct progress progress;
	uint64_t total = 0, done = 0;
	size_t i;
	int r = 0;

	for (i = 0; i < image->n_layers; i++)
		total += image->layers[i].size;
	progress_begin(&progress, "Unpacking", total);
	for (i = 0; i < image->n_layers && r == 0; i++) {
		r = cancelled() ? diag_set(d, -ECANCELED, "interrupted")
				: apply_layer(image, i, root, d);
		done += image->layers[i].size;
		progress_show(&progress, done);
	}
	progress_end(&progress);
	return r;
}

int source_image(struct source *s, int zonepath, int root, struct diag *d)
{
	_cleanup_free_ char *path = NULL;
	const char *tag;
	int r, dir = open_layout(s, zonepath, &path, &tag, d);

	if (dir < 0) {
		remove_layout(zonepath);
		return dir;
	}
	r = oci_open(&s->image, dir, tag, d);
	if (r == 0)
		r = apply_layers(&s->image, root, d);
	if (r == 0) {
		memcpy(s->digest, s->image.manifest.digest, sizeof(s->digest));
		s->size = s->image.manifest.size;
	}
	remove_layout(zonepath);
	return r;
}

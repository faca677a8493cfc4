/* SPDX-License-Identifier: MIT */
/*
 * A root from an OCI image: its layers, one upon the other. The layout may be a directory or an
 * archive; an archive is unpacked beside the new root first, in a jail as everything else.
 */
#include "source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "linux/remove-tree.h"
#include "image/layers.h"
#include "image/oci.h"
#include "image/unpack.h"

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
static int unpack_layout(struct source *s, int zonepath, int fd, uint64_t size, struct diag *d)
{
	struct unpack u = {.fd = fd, .name = s->path};
	int dir, r;

	remove_layout(zonepath);
	if (mkdirat(zonepath, LAYOUT, 0700) < 0)
		return diag_errno(d, -errno, "cannot make " LAYOUT);
	dir = openat(zonepath, LAYOUT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = dir < 0 ? diag_errno(d, -errno, "cannot open " LAYOUT) : layers_fetch(&u, size, dir, d);
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
	if (fd < 0 && errno == ENOENT) /* most often a name that is meant for a registry */
		return diag_set(d, -ENOENT,
			"there is no '%s'; -i takes an OCI image layout or an archive of one, named by "
			"its absolute path, as 'skopeo copy docker://IMAGE oci:/DIR' makes it",
			*ret_path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_errno(d, -errno, "cannot open '%s'", *ret_path);
	if (S_ISDIR(st.st_mode))
		return TAKE_FD(fd);
	if (!S_ISREG(st.st_mode))
		return diag_set(
			d, -EINVAL, "'%s' is neither a directory nor an archive", *ret_path);
	return unpack_layout(s, zonepath, fd, (uint64_t)st.st_size, d);
}

int source_image_open(struct source *s, int zonepath, struct diag *d)
{
	_cleanup_free_ char *path = NULL;
	const char *tag;
	int r, dir = open_layout(s, zonepath, &path, &tag, d);
	size_t i;

	r = dir < 0 ? dir : oci_open(&s->image, dir, tag, d);
	if (r == 0) {
		memcpy(s->digest, s->image.manifest.digest, sizeof(s->digest));
		for (i = 0; i < s->image.n_layers; i++)
			s->size += s->image.layers[i].size;
	}
	return r;
}

void source_image_close(struct source *s, int zonepath)
{
	oci_close(&s->image);
	remove_layout(zonepath);
}

int source_image(struct source *s, int root, struct diag *d)
{
	return layers_apply(&s->image, root, d);
}

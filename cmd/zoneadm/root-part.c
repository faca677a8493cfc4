/* SPDX-License-Identifier: MIT */
/* The part of a zonepath that is the root; see root-part.h. */
#include "zoneadm/root-part.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "linux/remove-tree.h"
#include "linux/subvolume.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int root_part_open(int zonepath, struct root_part *ret, struct diag *d)
{
	int r;

	*ret = (struct root_part){.dir = FD_NONE, .name = "upper", .overlay = true};
	r = overlay_open(zonepath, &ret->dir, ret->digest, d);
	if (r != -ENOENT)
		return r;
	*ret = (struct root_part){.dir = openat(zonepath, ".", OPEN_DIR), .name = "root"};
	return ret->dir < 0 ? diag_errno(d, -errno, "cannot open the zonepath") : 0;
}

void root_part_close(struct root_part *p)
{
	p->dir = fd_close(p->dir);
}

static int open_part(const struct root_part *p, struct diag *d)
{
	int fd = openat(p->dir, p->name, OPEN_DIR);

	return fd < 0 ? diag_errno(d, -errno, "cannot open its root") : fd;
}

bool root_part_at_once(const struct root_part *p)
{
	_cleanup_close_ int root = open_part(p, NULL);

	return root >= 0 && subvolume_is_lone(root);
}

static int copy_files(
	int root, int dir, const char *name, const struct copy_how *how, struct diag *d)
{
	_cleanup_close_ int copy = FD_NONE;

	if (mkdirat(dir, name, 0700) < 0)
		return diag_errno(d, -errno, "cannot make '%s'", name);
	copy = openat(dir, name, OPEN_DIR);
	return copy < 0 ? diag_errno(d, -errno, "cannot open '%s'", name)
			: copy_tree(root, copy, how, d);
}

int root_part_copy(const struct root_part *p, int dir, const char *name, const struct copy_how *how,
	struct diag *d)
{
	_cleanup_close_ int root = open_part(p, d);
	int r = SUBVOLUME_NONE;

	if (root < 0)
		return root;
	if (!how->no_sharing)
		r = subvolume_snapshot(root, dir, name);
	if (r < 0)
		return diag_errno(d, r, "cannot make a snapshot");
	return r == SUBVOLUME_NONE ? copy_files(root, dir, name, how, d) : 0;
}

int root_part_remove(int dir, const char *name, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	int r;

	if (subvolume_destroy(dir, name) == 0)
		return 0;
	fd = openat(dir, name, OPEN_DIR);
	if (fd < 0)
		return errno == ENOENT ? 0 : diag_errno(d, -errno, "cannot open '%s'", name);
	r = remove_contents(fd, d);
	if (r == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		r = diag_errno(d, -errno, "cannot remove '%s'", name);
	return r;
}

int root_part_tree(int zonepath, struct diag *d)
{
	struct root_part p = {.dir = FD_NONE};
	int fd = FD_NONE, r = root_part_open(zonepath, &p, d);

	if (r == 0 && p.overlay)
		r = overlay_mount(p.dir, p.digest, FD_NONE, 0, &fd, d);
	if (r == 0 && !p.overlay)
		r = fd = open_part(&p, d);
	root_part_close(&p);
	return r < 0 ? r : fd;
}

/* SPDX-License-Identifier: MIT */
/*
 * A zone that is mounted for repair: a root of its own in memory, with the host's /usr to work
 * with, and the zone's root at /a, whatever is wrong with it. Nothing of the zone runs: its
 * file systems, links, limits of privileges and programs are left out, only what confines it
 * is as ever. zlogin -S enters.
 *
 * It is the scratch zone of illumos as that is for brands which are not native: with
 * the file systems of the default brand, and without those of the zone.
 *
 * Linux: process 1 is the init of the default brand, since a pid namespace without one cannot be entered.
 */
#include "zoneadmd/stages.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "linux/instance.h"
#include "linux/mountfd.h"
#include "zoneadmd/mount-list.h"

#define DEFAULT_BRAND "sparse"
#define ZONE_ROOT_AT  "/a"

/* What the programs of /usr need around it. */
static const char *const directories[] = {
	"a", "dev", "etc", "native", "proc", "root", "run", "sys", "tmp", "usr", "var", "var/tmp"};
static const char *const merged[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};
static const struct {
	const char *path, *text;
} texts[] = {
	{"etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"},
	{"etc/group", "root:x:0:\ntty:x:5:\n"},
	{"etc/nsswitch.conf", "passwd: files\ngroup: files\n"},
};

static int place_path(const struct platform *p, char *buf, size_t size, struct diag *d)
{
	int r = instance_path(buf, size, "%s" ZONE_SCRATCH_ROOT, p->snap.zonepath);

	return r < 0 ? diag_set(d, r, "zonepath is too long") : 0;
}

int scratch_place(struct platform *p, struct diag *d)
{
	char path[PATH_MAX];
	int r = place_path(p, path, sizeof(path), d);

	if (r < 0)
		return r;
	return mkdir(path, 0700) < 0 && errno != EEXIST
		       ? diag_errno(d, -errno, "cannot make '%s'", path)
		       : 0;
}

int scratch_place_remove(struct platform *p, struct diag *d)
{
	char path[PATH_MAX];
	int r = p->have_snap ? place_path(p, path, sizeof(path), d) : -ENOENT;

	if (r == -ENOENT) /* without the snapshot nobody knows where; an empty directory stays */
		return 0;
	if (r < 0)
		return r;
	return rmdir(path) < 0 && errno != ENOENT
		       ? diag_errno(d, -errno, "cannot remove '%s'", path)
		       : 0;
}

static int make_text(int root, const char *path, const char *text)
{
	_cleanup_close_ int fd =
		openat(root, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	return fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ? -1 : 0;
}

/* /bin and its like are where they are on the host. */
static int make_merged(int root, const char *name)
{
	char from[16], to[PATH_MAX];
	ssize_t n;

	(void)snprintf(from, sizeof(from), "/%s", name);
	n = readlink(from, to, sizeof(to) - 1);
	if (n < 0) /* not there, or a directory of its own: then not everything in /usr works */
		return 0;
	to[n] = '\0';
	return symlinkat(to, root, name);
}

static int make_skeleton(int root, struct diag *d)
{
	size_t i;
	int r = 0;

	for (i = 0; i < ARRAY_SIZE(directories) && r == 0; i++)
		r = mkdirat(root, directories[i], 0755);
	for (i = 0; i < ARRAY_SIZE(merged) && r == 0; i++)
		r = make_merged(root, merged[i]);
	for (i = 0; i < ARRAY_SIZE(texts) && r == 0; i++)
		r = make_text(root, texts[i].path, texts[i].text);
	if (r == 0)
		r = fchmodat(root, "tmp", 01777, 0);
	return r < 0 ? diag_errno(d, -errno, "cannot make a root to work in") : 0;
}

static int add_tools(struct platform *p, struct mount_list *l, struct diag *d)
{
	char native[PATH_MAX];
	struct mount_wish usr = {.type = "lofs", .special = "/usr", .dir = "/usr"};
	struct mount_wish own = {.type = "lofs", .special = native, .dir = "/native"};
	int n = snprintf(
		native, sizeof(native), "%s/../" DEFAULT_BRAND "/native", p->snap.brand_dir);
	int r = mount_list_add_text(l, &usr, "ro,nosuid", d);

	if (r == 0 && (n < 0 || (size_t)n >= sizeof(native)))
		r = diag_set(d, -ENAMETOOLONG, "the brand's directory has too long a name");
	return r ? r : mount_list_add_text(l, &own, "ro,nosuid", d);
}

int scratch_mounts(struct platform *p, struct mount_list *l, struct diag *d)
{
	_cleanup_close_ int root = FD_NONE;
	int r;

	r = mountfd_tmpfs(l->uid_base, l->uid_base, "size=64m,mode=0755", &root, d);
	if (r == 0)
		r = make_skeleton(root, d);
	if (r == 0)
		r = mountfd_set(root, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID, d);
	if (r == 0)
		r = mount_list_add_made(l, root, "/");
	if (r < 0)
		return d->text[0] ? r : diag_errno(d, r, "cannot make a root to work in");
	root = FD_NONE;
	r = mounts_add_root(p, l, ZONE_ROOT_AT, d);
	return r ? r : add_tools(p, l, d);
}

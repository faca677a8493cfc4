/* SPDX-License-Identifier: MIT */
/*
 * The stage "mounts": the zone's root, what the brand puts into it, the fs resources
 * and /dev/zones (where zoned and dlmgmtd attach their doors). They are sent to zsched as
 * descriptors; /proc, /sys, /dev and the console it makes itself.
 *
 * The order is that of the seed: brand first, then fs resources, parents before
 * what lies below them.
 */
#include "zoneadmd/stages.h"

#include <door_linux.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "image/overlay-root.h"
#include "linux/instance.h"
#include "zone/zsched-calls.h"
#include "zoneadmd/console.h"
#include "zoneadmd/mount-list.h"
#include "zoneadmd/view.h"
#include "zonecfg/rules.h"

#define DOORS_DIR INSTANCE_RUN "/%s.dev"

static int add_brand_mounts(struct platform *p, struct mount_list *l, struct diag *d)
{
	size_t i;
	int r = 0;

	for (i = 0; i < p->snap.n_mounts && r == 0; i++) {
		const struct snapshot_mount *m = &p->snap.mounts[i];
		struct mount_wish wish = {.type = m->type, .special = m->special, .dir = m->dir};

		r = mount_list_add_text(l, &wish, m->opt, d);
	}
	return r;
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/' && path[1] != '/' && path[1] != '\0';
	return n;
}

int mounts_compare_depth(const void *a, const void *b)
{
	const struct snapshot_fs *x = a, *y = b;
	size_t dx = depth(x->dir), dy = depth(y->dir);

	if (dx != dy)
		return dx < dy ? -1 : 1;
	return strcmp(x->dir, y->dir);
}

int mounts_add_fs(struct mount_list *l, const struct snapshot_fs *fs, struct diag *d)
{
	struct mount_wish wish = {
		.type = fs->type, .special = fs->special, .dir = fs->dir, .no_links = true};
	_cleanup_free_ char **words = calloc(fs->n_options + 1, sizeof(*words));
	size_t i;

	if (!words)
		return -ENOMEM;
	for (i = 0; i < fs->n_options; i++)
		words[i] = (char *)fs->options[i];
	return mount_list_add(l, &wish, words, d);
}

static int add_fs_resources(struct platform *p, struct mount_list *l, struct diag *d)
{
	size_t i;
	int r = 0;

	if (p->snap.n_fss)
		qsort(p->snap.fss, p->snap.n_fss, sizeof(p->snap.fss[0]), mounts_compare_depth);
	for (i = 0; i < p->snap.n_fss && r == 0; i++)
		r = mounts_add_fs(l, &p->snap.fss[i], d);
	return r;
}

/*
 * A dataset is a subvolume of btrfs at that path of the host, and in the zone at the same. What is
 * below it is the zone's: its root makes subvolumes and snapshots there.
 */
static int add_datasets(struct platform *p, struct mount_list *l, struct diag *d)
{
	char special[PATH_MAX], dir[sizeof(l->req->mounts[0].target)];
	struct mount_wish wish = {.type = "bind",
		.special = special,
		.dir = dir,
		.subvolume = true,
		.no_links = true};
	size_t i;
	int r = 0;

	for (i = 0; i < p->snap.n_datasets && r == 0; i++) {
		r = instance_path(special, sizeof(special), "/%s", p->snap.datasets[i].name);
		if (r == 0 && snprintf(dir, sizeof(dir), "/%s", p->snap.datasets[i].name) >=
				      (int)sizeof(dir))
			r = -ENAMETOOLONG;
		if (r == 0)
			r = mount_list_add_text(l, &wish, "", d);
	}
	return r;
}

/* The host id of the configuration, where gethostid(3) looks for it: four bytes in the machine's order. */
static int add_hostid(struct platform *p, struct mount_list *l, struct diag *d)
{
	char path[PATH_MAX];
	struct mount_wish wish = {
		.type = "bind", .special = path, .dir = "/etc/hostid", .any_ids = true};
	_cleanup_close_ int fd = FD_NONE;
	uint32_t id;
	int r;

	if (!p->snap.hostid[0])
		return 0;
	if (zonecfg_parse_hostid(p->snap.hostid, &id) != Z_OK)
		return diag_set(d, -EINVAL, "'%s' is not a host id", p->snap.hostid);
	r = instance_path(path, sizeof(path), DOORS_DIR "/hostid", p->zone);
	if (r < 0)
		return r;
	(void)unlink(path); /* of a zone that was killed half way */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, &id, sizeof(id)) != (ssize_t)sizeof(id))
		return diag_errno(d, -errno, "cannot write '%s'", path);
	return mount_list_add_text(l, &wish, "ro,nosuid,noexec", d);
}

/* Ids do not matter there: the doors let everybody in and the mount is read-only. */
static int add_doors(struct platform *p, struct mount_list *l, struct diag *d)
{
	char path[PATH_MAX];
	struct mount_wish wish = {
		.type = "bind", .special = path, .dir = "/dev/zones", .any_ids = true};
	int r;

	r = instance_path(path, sizeof(path), DOORS_DIR, p->zone);
	if (r < 0)
		return r;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return diag_errno(d, -errno, "cannot make '%s'", path);
	return mount_list_add_text(l, &wish, "ro,nosuid,noexec", d);
}

/* A zone without shows the host's numbers, and is a zone nevertheless. */
static void add_view(struct platform *p, struct mount_list *l)
{
	struct diag why = {0};
	char text[sizeof(why.text) + 64];
	int r = view_make(p->zone, l, &why);

	if (r == 0)
		return;
	(void)snprintf(text, sizeof(text), "the zone sees the machine as the host does: %s",
		why.text[0] ? why.text : strerror(-r));
	report_note(p->report, text);
}

int mounts_add_root(struct platform *p, struct mount_list *l, const char *target, struct diag *d)
{
	_cleanup_close_ int overlay = FD_NONE;
	char digest[DIGEST_SIZE];
	int r = overlay_open(p->path.fd, &overlay, digest, d);

	if (r == -ENOENT)
		return mount_list_add_root(l, p->path.root, target, d);
	return r < 0 ? r : mount_list_add_overlay(l, overlay, digest, target, d);
}

static int fill(struct platform *p, struct mount_list *l, struct diag *d)
{
	int r;

	r = str_copy(l->req->nodename, sizeof(l->req->nodename), p->zone);
	if (!r && p->scratch)
		r = scratch_mounts(p, l, d);
	else if (!r)
		r = mounts_add_root(p, l, "/", d);
	if (!r && !p->scratch)
		r = add_brand_mounts(p, l, d);
	if (!r && !p->scratch)
		r = add_fs_resources(p, l, d);
	if (!r && !p->scratch)
		r = add_datasets(p, l, d);
	if (!r)
		r = add_doors(p, l, d);
	if (!r && !p->scratch)
		r = add_hostid(p, l, d);
	if (!r && !p->scratch &&
		!zlog_mode_parse(snapshot_attr(&p->snap, "zlog-mode"), &l->req->stdio))
		r = diag_set(d, -EINVAL, "attr zlog-mode: '%s' is no mode",
			snapshot_attr(&p->snap, "zlog-mode"));
	if (!r)
		add_view(p, l);
	return r;
}

int mounts_up(struct platform *p, struct diag *d)
{
	struct mount_list list = {0};
	_cleanup_close_ int userns = FD_NONE;
	struct door_zone mark;
	int r;

	r = zsched_call_getfds(p->zone, ZSCHED_FD_USER, &userns, d);
	if (!r && door_zone_read(p->zone, &mark) < 0)
		r = -errno;
	if (r < 0)
		return d->text[0] ? r : diag_errno(d, r, "cannot ask zsched about the zone");
	r = devices_send(p, d);
	if (r < 0)
		return r;
	r = mount_list_init(&list, userns, mark.uid_base);
	if (!r)
		r = fill(p, &list, d);
	if (!r)
		r = zsched_call_build(p->zone, list.req, list.fds, d);
	if (!r)
		r = console_attach((int)list.req->stdio, d);
	mount_list_fini(&list);
	return r < 0 && !d->text[0] ? diag_errno(d, r, "cannot build the zone's root") : r;
}

bool mounts_probe(struct platform *p)
{
	struct zsched_info_reply info;

	return zsched_call_getinfo(p->zone, &info, NULL) == 0 && info.built;
}

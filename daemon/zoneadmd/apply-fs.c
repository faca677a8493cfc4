/* SPDX-License-Identifier: MIT */
/*
 * File systems of a running zone; see apply.h. What goes is taken away before what comes is put
 * there; one that changed goes and comes, and so does what lies below it. The snapshot has at each
 * moment what is mounted, so that an apply that was cut short is made again.
 *
 * zsched does it in the host-owned mount namespace behind the zone's. A zone that made its mounts
 * private gets nothing from there any more: it waits for the next boot.
 */
#include "zoneadmd/apply.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "zone/zsched-calls.h"
#include "zoneadmd/fault.h"
#include "zoneadmd/fs-users.h"
#include "zoneadmd/mount-list.h"
#include "zoneadmd/stages.h"

/* The file systems that the zone has, parents first, and which of them stay. */
struct plan {
	struct snapshot_fs *old, *new;
	size_t n_old, n_new;
	bool *stays;  /* of old */
	bool *is_new; /* of new: is to be mounted */
};

static bool fs_equal(const struct snapshot_fs *a, const struct snapshot_fs *b)
{
	size_t i;

	if (!streq(a->dir, b->dir) || !streq(a->special, b->special) || !streq(a->type, b->type) ||
		!streq(a->raw, b->raw) || a->n_options != b->n_options)
		return false;
	for (i = 0; i < a->n_options; i++)
		if (!streq(a->options[i], b->options[i]))
			return false;
	return true;
}

static const struct snapshot_fs *find(const struct snapshot_fs *fss, size_t n, const char *dir)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (streq(fss[i].dir, dir))
			return &fss[i];
	return NULL;
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

static struct snapshot_fs *copy(const struct snapshot_fs *fss, size_t n)
{
	struct snapshot_fs *list = calloc(n + 1, sizeof(*list));

	if (list && n) {
		memcpy(list, fss, n * sizeof(*list));
		qsort(list, n, sizeof(*list), mounts_compare_depth);
	}
	return list;
}

static void plan_fini(struct plan *p)
{
	free(p->old);
	free(p->new);
	free(p->stays);
	free(p->is_new);
}

static int plan_init(
	struct plan *p, const struct zone_snapshot *old, const struct zone_snapshot *new)
{
	const struct snapshot_fs *same;
	size_t i, k;

	*p = (struct plan){.n_old = old->n_fss, .n_new = new->n_fss};
	p->old = copy(old->fss, p->n_old);
	p->new = copy(new->fss, p->n_new);
	p->stays = calloc(p->n_old + 1, sizeof(*p->stays));
	p->is_new = calloc(p->n_new + 1, sizeof(*p->is_new));
	if (!p->old || !p->new || !p->stays || !p->is_new)
		return -ENOMEM;
	for (i = 0; i < p->n_old; i++) {
		same = find(p->new, p->n_new, p->old[i].dir);
		p->stays[i] = same && fs_equal(same, &p->old[i]);
		for (k = 0; k < i; k++)
			if (!p->stays[k] && is_below(p->old[i].dir, p->old[k].dir))
				p->stays[i] = false;
	}
	for (i = 0; i < p->n_new; i++) {
		same = find(p->old, p->n_old, p->new[i].dir);
		p->is_new[i] = !same || !p->stays[same - p->old];
	}
	return 0;
}

/* What the snapshot on disk says is mounted: those that are left of old, and n of those that came. */
static int store(struct apply *a, const struct plan *p, size_t gone_from, size_t n, struct diag *d)
{
	_cleanup_free_ struct snapshot_fs *now = calloc(p->n_old + p->n_new + 1, sizeof(*now));
	size_t i, count = 0;

	if (!now)
		return -ENOMEM;
	for (i = 0; i < p->n_old; i++)
		if (p->stays[i] || i < gone_from)
			now[count++] = p->old[i];
	for (i = 0; i < n; i++)
		if (p->is_new[i])
			now[count++] = p->new[i];
	return apply_store(a, a->want.nets, a->want.n_nets, now, count, d);
}

/* Who a file system is, for zsched. */
static int identify(const struct snapshot_fs *fs, struct zsched_fs_req *req, struct diag *d)
{
	struct stat st;

	*req = (struct zsched_fs_req){0};
	if (str_copy(req->target, sizeof(req->target), fs->dir) < 0)
		return diag_set(d, -ENAMETOOLONG, "fs %s: the path is too long", fs->dir);
	if (streq(fs->type, "tmpfs"))
		return 0;
	if (stat(fs->special, &st) < 0)
		return diag_errno(d, -errno, "fs %s: special '%s'", fs->dir, fs->special);
	req->dev = st.st_dev;
	req->ino = st.st_ino;
	return 0;
}

static int failed(const char *dir, int err, const char *what, struct diag *d)
{
	struct diag why = *d;

	return why.text[0] ? diag_set(d, err, "fs %s: %s", dir, why.text)
			   : diag_errno(d, err, "fs %s: %s", dir, what);
}

static int busy(struct apply *a, const struct snapshot_fs *fs, struct diag *d)
{
	char users[160];

	fs_users(a->p->zone, fs->dir, users, sizeof(users));
	return diag_set(d, -EBUSY, "fs %s: it is in use by %s", fs->dir,
		users[0] ? users : "something in the zone, perhaps another mount");
}

/* A file system that the zone holds on to, as its mounts are its own only. */
static void waits(struct apply *a, const char *dir, const char *what)
{
	report_line(a->p->report,
		"fs %s: %s: the zone has made its mounts private; takes effect at the next boot",
		dir, what);
}

/*
 * Root of the zone may have moved it, bound it elsewhere, or cut its mounts off from ours: what it
 * holds then it holds until the zone is halted.
 */
static void tell_rest(
	struct apply *a, const struct snapshot_fs *fs, pid_t init, const char *identity)
{
	size_t i;

	for (i = 0; i < a->want.n_fss; i++)
		if (streq(a->want.fss[i].special, fs->special))
			return;
	if (!*identity || fs_copies(init, identity) > 0)
		report_line(a->p->report,
			"fs %s: removed: the zone has moved or copied it and may hold it until it is halted",
			fs->dir);
}

static int take_away(struct apply *a, const struct snapshot_fs *fs, pid_t init, struct diag *d)
{
	struct zsched_fs_req req;
	char identity[PATH_MAX];
	int r;

	apply_note(a, "fs %s: unmount", fs->dir);
	if (a->dry)
		return 0;
	fs_identity(init, fs->dir, identity, sizeof(identity));
	r = identify(fs, &req, d);
	/* on the host it is gone, and there may be another of its name: the kernel writes so */
	if (r == -ENOENT || strstr(identity, "//deleted")) {
		*d = (struct diag){0};
		req.ino = ZSCHED_FS_ANY;
		r = 0;
	}
	if (r == 0)
		r = zsched_call_unmount(a->p->zone, &req, d);
	if (r == -EBUSY)
		return busy(a, fs, d);
	if (r == -ENOENT || r == -ELOOP || r == -ENOTDIR) {
		/* another apply did it and died, or the zone moved the directory away */
		*d = (struct diag){0};
		r = 0;
	}
	if (r < 0)
		return failed(fs->dir, r, "cannot unmount it", d);
	tell_rest(a, fs, init, identity);
	return 0;
}

/* Puts it there, and sees that it arrived. -ESTALE: it did not, and was taken back. */
static int put(struct apply *a, const struct snapshot_fs *fs, const struct mount_list *l,
	uint32_t i, pid_t init, struct diag *d)
{
	int before = fs_mounted(init, fs->dir), r;
	struct zsched_fs_req req;

	r = identify(fs, &req, d);
	req.make = l->req->mounts[i].make;
	if (r == 0)
		r = zsched_call_mount(a->p->zone, &req, l->fds[i], d);
	if (r < 0)
		return failed(fs->dir, r, "cannot mount it", d);
	/* one that was there came by an apply that died before it could note it */
	if (before != 0 || fs_mounted(init, fs->dir) != 0)
		return 0;
	(void)zsched_call_unmount(a->p->zone, &req, d);
	*d = (struct diag){0};
	return -ESTALE;
}

static int take_all_away(struct apply *a, struct plan *p, pid_t init, struct diag *d)
{
	size_t i;
	int r = 0;

	for (i = p->n_old; i-- > 0 && r == 0;) {
		if (p->stays[i])
			continue;
		r = take_away(a, &p->old[i], init, d);
		fault_point("apply-", "unmount");
		if (r == 0 && !a->dry)
			r = store(a, p, i, 0, d);
	}
	return r;
}

static int put_all(
	struct apply *a, struct plan *p, const struct mount_list *l, pid_t init, struct diag *d)
{
	uint32_t next = 0;
	size_t i;
	int r = 0;

	for (i = 0; i < p->n_new && r == 0; i++) {
		if (!p->is_new[i])
			continue;
		apply_note(a, "fs %s: mount %s", p->new[i].dir,
			streq(p->new[i].type, "tmpfs") ? "a tmpfs" : p->new[i].special);
		if (a->dry)
			continue;
		r = put(a, &p->new[i], l, next++, init, d);
		fault_point("apply-", "mount");
		if (r == -ESTALE) {
			waits(a, p->new[i].dir, "added");
			p->is_new[i] = false;
			r = 0;
		} else if (r == 0) {
			r = store(a, p, 0, i + 1, d);
		}
	}
	return r;
}

/* Makes all that will come, before anything goes: what cannot be made changes nothing. */
static int make_all(const struct plan *p, struct mount_list *l, struct diag *d)
{
	size_t i;
	int r = 0;

	for (i = 0; i < p->n_new && r == 0; i++)
		if (p->is_new[i])
			r = mounts_add_fs(l, &p->new[i], d);
	return r;
}

static int change(struct apply *a, struct plan *p, struct diag *d)
{
	_cleanup_close_ int userns = FD_NONE;
	struct zsched_info_reply info;
	struct mount_list list = {0};
	int r;

	r = zsched_call_getinfo(a->p->zone, &info, d);
	if (!r)
		r = zsched_call_getfds(a->p->zone, ZSCHED_FD_USER, &userns, d);
	if (r < 0)
		return d->text[0] ? r : diag_errno(d, r, "cannot ask zsched about the zone");
	r = mount_list_init(&list, userns, info.uid_base);
	if (!r)
		r = make_all(p, &list, d);
	if (!r)
		r = take_all_away(a, p, info.init_pid, d);
	if (!r)
		r = put_all(a, p, &list, info.init_pid, d);
	mount_list_fini(&list);
	return r;
}

int apply_fs(struct apply *a, struct diag *d)
{
	struct plan plan;
	int r = plan_init(&plan, &a->p->snap, &a->want);

	if (!r)
		r = change(a, &plan, d);
	plan_fini(&plan);
	return r;
}

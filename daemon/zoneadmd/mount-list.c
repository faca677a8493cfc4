/* SPDX-License-Identifier: MIT */
/*
 * Making the mounts of a zone; see mount-list.h.
 *
 * What belongs to 0 on disk belongs to the zone's root inside: every mount of the host's
 * files is idmapped through the zone's user namespace. tmpfs is made to belong to
 * the zone's ids instead. nodev is always set: a device node on disk is the host's, the
 * zone's own /dev comes from zsched.
 */
#include "zoneadmd/mount-list.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "image/overlay-root.h"
#include "linux/mountfd.h"
#include "linux/openat2.h"
#include "linux/subvolume.h"

/* What the option words ask for. */
struct wanted {
	uint64_t attrs;
	char own[256]; /* the file system's own, a comma list */
};

int mount_list_init(struct mount_list *l, int userns, uint32_t uid_base)
{
	*l = (struct mount_list){.userns = userns, .uid_base = uid_base};
	l->req = calloc(1, sizeof(*l->req) + ZSCHED_MOUNTS_MAX * sizeof(l->req->mounts[0]));
	if (!l->req)
		return -ENOMEM;
	l->req->cmd = ZSCHED_BUILD;
	return 0;
}

void mount_list_fini(struct mount_list *l)
{
	uint32_t i;

	for (i = 0; l->req && i < l->req->count; i++)
		l->fds[i] = fd_close(l->fds[i]);
	free(l->req);
	l->req = NULL;
}

/* Takes the descriptor over, also when it fails. */
static int append(struct mount_list *l, int fd, const char *target, uint32_t make)
{
	struct zsched_mount *m = &l->req->mounts[l->req->count];

	if (l->req->count == ZSCHED_MOUNTS_MAX) {
		(void)fd_close(fd);
		return -E2BIG;
	}
	if (str_copy(m->target, sizeof(m->target), target) < 0) {
		(void)fd_close(fd);
		return -ENAMETOOLONG;
	}
	m->make = make;
	l->fds[l->req->count++] = fd;
	return 0;
}

int mount_list_add_root(struct mount_list *l, int root, const char *target, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	int r;

	r = mountfd_clone(root, "", &fd, d);
	if (!r)
		r = mountfd_set(fd, MOUNT_ATTR_NODEV, d);
	if (!r)
		r = mountfd_idmap(fd, l->userns, "the zone's root", d);
	return r < 0 ? r : append(l, TAKE_FD(fd), target, 0);
}

int mount_list_add_made(struct mount_list *l, int fd, const char *dir)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3), r;

	if (copy < 0)
		return -errno;
	r = append(l, copy, dir, 0);
	if (r == 0)
		(void)fd_close(fd);
	return r;
}

int mount_list_add_overlay(
	struct mount_list *l, int overlay, const char *digest, const char *target, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	int r;

	r = overlay_mount(overlay, digest, l->userns, l->uid_base, &fd, d);
	if (!r)
		r = mountfd_set(fd, MOUNT_ATTR_NODEV, d);
	return r < 0 ? r : append(l, TAKE_FD(fd), target, 0);
}

static int take_option(
	const struct mount_wish *wish, const char *word, struct wanted *w, struct diag *d)
{
	size_t used = strlen(w->own);
	int n;

	if (!*word || streq(word, "bind") || mountfd_flag(word, &w->attrs))
		return 0;
	n = mountfd_option(wish->type, word);
	if (n == MOUNTFD_UNKNOWN)
		return diag_set(d, -EINVAL, "fs '%s': %s does not know the option '%s'", wish->dir,
			wish->type, word);
	if (n == MOUNTFD_VALUE)
		return diag_set(d, -EINVAL, "fs '%s': %s does not take the value of '%s'",
			wish->dir, wish->type, word);
	n = snprintf(w->own + used, sizeof(w->own) - used, "%s%s", used ? "," : "", word);
	if (n < 0 || (size_t)n >= sizeof(w->own) - used)
		return diag_set(d, -E2BIG, "fs '%s': its options are too long", wish->dir);
	return 0;
}

/* A directory in another zone's root could have become a link to anywhere in the host. */
static int open_special(const struct mount_wish *wish, struct diag *d)
{
	uint64_t resolve = wish->no_links ? RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS : 0;
	int fd;

	if (wish->special[0] != '/')
		return diag_set(d, -EINVAL, "special '%s' is not an absolute path", wish->special);
	fd = openat2_fd(AT_FDCWD, wish->special, O_PATH, 0, resolve);
	if (fd == -ELOOP)
		return diag_set(d, -ELOOP,
			"special '%s' has a symbolic link in it; name the place that it leads to",
			wish->special);
	return fd < 0 ? diag_errno(d, fd, "cannot open special '%s'", wish->special) : fd;
}

static int make_bind(const struct mount_wish *wish, int *ret_fd, struct diag *d)
{
	_cleanup_close_ int at = open_special(wish, d);

	if (at < 0)
		return at;
	if (wish->subvolume && !subvolume_is(at))
		return diag_set(d, -ENOTSUP, "'%s' is not a subvolume of btrfs", wish->special);
	return mountfd_clone(at, "", ret_fd, d);
}

/* What is mounted read-only is not written by a journal either. */
static int make_block(
	const struct mount_wish *wish, const struct wanted *w, int *ret_fd, struct diag *d)
{
	struct mountfd_block b = {.read_only = w->attrs & MOUNT_ATTR_RDONLY, .options = w->own};
	_cleanup_close_ int at = open_special(wish, d);
	struct diag why = {0};
	int r = at < 0 ? at : mountfd_block(wish->type, at, &b, ret_fd, &why);

	return at >= 0 && r < 0 ? diag_set(d, r, "special '%s': %s", wish->special,
					  why.text[0] ? why.text : strerror(-r))
				: r;
}

/* tmpfs is made for the ids of the zone, the others are mapped to them. */
static int make_mount(struct mount_list *l, const struct mount_wish *wish, const struct wanted *w,
	int *ret_fd, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	int r;

	if (streq(wish->type, "tmpfs"))
		return mountfd_tmpfs(l->uid_base, l->uid_base, w->own, ret_fd, d);
	r = mountfd_is_bind(wish->type) ? make_bind(wish, &fd, d) : make_block(wish, w, &fd, d);
	if (r == 0)
		r = mountfd_idmap(fd, l->userns, wish->special, d);
	if (r == -EOPNOTSUPP && wish->any_ids)
		r = 0;
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

/* Makes it and puts it at the end of the list. */
static int add_wanted(
	struct mount_list *l, const struct mount_wish *wish, const struct wanted *w, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	struct diag why = {0};
	struct stat st;
	int r;

	r = make_mount(l, wish, w, &fd, &why);
	if (!r)
		r = mountfd_set(fd, w->attrs, &why);
	if (!r && fstat(fd, &st) < 0)
		r = -errno;
	if (!r)
		r = append(l, TAKE_FD(fd), wish->dir, S_ISDIR(st.st_mode) ? 1 : 2);
	if (r == -ENOENT && wish->subvolume)
		return diag_set(
			d, r, "dataset '%s': there is no subvolume '%s'", wish->dir + 1, wish->dir);
	if (r < 0 && why.text[0])
		return wish->subvolume ? diag_set(d, r, "dataset '%s': %s", wish->dir + 1, why.text)
				       : diag_set(d, r, "fs '%s': %s", wish->dir, why.text);
	return r < 0 ? diag_errno(d, r, "fs '%s'", wish->dir) : 0;
}

int mount_list_add(
	struct mount_list *l, const struct mount_wish *wish, char *const *options, struct diag *d)
{
	struct wanted w = {0};
	int r;

	for (; *options; options++) {
		r = take_option(wish, *options, &w, d);
		if (r < 0)
			return r;
	}
	w.attrs |= MOUNT_ATTR_NODEV;
	return add_wanted(l, wish, &w, d);
}

int mount_list_add_text(
	struct mount_list *l, const struct mount_wish *wish, const char *options, struct diag *d)
{
	_cleanup_free_ char *copy = strdup(options);
	char *words[33] = {NULL}, *word, *rest = NULL;
	size_t n = 0;

	if (!copy)
		return -ENOMEM;
	for (word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (n == ARRAY_SIZE(words) - 1)
			return diag_set(d, -E2BIG, "fs '%s': too many options", wish->dir);
		words[n++] = word;
	}
	return mount_list_add(l, wish, words, d);
}

/* SPDX-License-Identifier: MIT */
/* Keeping images: opening the store, making and removing them; see store.h. */
#include "image/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "linux/instance.h"
#include "linux/remove-tree.h"
#include "linux/subvolume.h"

#define NEW_PREFIX "new."
#define OPEN_DIR   (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* ---- the store ---- */

/* Makes what is missing on the way, as a tree of root's; the images themselves are for nobody else. */
static int make_store(struct diag *d)
{
	static const char *const dirs[] = {"/var", "/var/lib", "/var/lib/zones", STORE_PATH};
	char path[4096];
	size_t i;
	int r = 0;

	for (i = 0; i < ARRAY_SIZE(dirs) && r == 0; i++) {
		r = instance_path(path, sizeof(path), "%s", dirs[i]);
		if (r == 0 && mkdir(path, i + 1 == ARRAY_SIZE(dirs) ? 0700 : 0755) < 0 &&
			errno != EEXIST)
			r = -errno;
	}
	return r < 0 ? diag_errno(d, r, "cannot make the store of images " STORE_PATH) : 0;
}

int store_open_to_read(struct store *s, struct diag *d)
{
	char path[4096];
	int r = instance_path(path, sizeof(path), STORE_PATH);

	*s = (struct store){.dir = FD_NONE, .lock = FD_NONE};
	if (r < 0)
		return diag_errno(d, r, "cannot open the store of images");
	s->dir = open(path, OPEN_DIR);
	if (s->dir < 0)
		return errno == ENOENT ? -ENOENT : diag_errno(d, -errno, "cannot open '%s'", path);
	return 0;
}

static int open_store(struct store *s, struct diag *d)
{
	int r = store_open_to_read(s, d);

	if (r < 0)
		return r;
	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->lock < 0) {
		r = diag_errno(d, -errno, "cannot open the lock of the store of images");
		store_close(s);
		return r;
	}
	return 0;
}

void store_close(struct store *s)
{
	s->lock = fd_close(s->lock);
	s->dir = fd_close(s->dir);
}

/* What programs left that were killed: nobody else holds the lock. */
static void remove_left(const struct store *s)
{
	int fd = openat(s->dir, ".", OPEN_DIR);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!stream) {
		(void)fd_close(fd);
		return;
	}
	while ((e = readdir(stream)))
		if (strncmp(e->d_name, NEW_PREFIX, strlen(NEW_PREFIX)) == 0)
			store_abort(s, e->d_name);
	(void)closedir(stream);
}

int store_open(struct store *s, struct diag *d)
{
	int r = make_store(d);

	if (r == 0)
		r = open_store(s, d);
	if (r < 0)
		return r;
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		remove_left(s);
	if (flock(s->lock, LOCK_SH) < 0) {
		r = diag_errno(d, -errno, "cannot lock the store of images");
		store_close(s);
	}
	return r;
}

int store_open_alone(struct store *s, struct diag *d)
{
	int r = open_store(s, d);

	if (r < 0)
		return r;
	if (flock(s->lock, LOCK_EX | LOCK_NB) < 0) {
		r = errno == EWOULDBLOCK
			    ? diag_set(d, -EBUSY,
				      "an installation uses the store of images; try again after it")
			    : diag_errno(d, -errno, "cannot lock the store of images");
		store_close(s);
		return r;
	}
	remove_left(s);
	return 0;
}

/* ---- images ---- */

bool store_has(const struct store *s, const char *digest)
{
	struct stat st;

	return fstatat(s->dir, STORE_HEX(digest), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

int store_begin(const struct store *s, char name[IMAGE_NAMES], int *ret_root, struct diag *d)
{
	_cleanup_close_ int dir = FD_NONE;
	int i, r = -EEXIST;

	for (i = 0; i < 100 && r == -EEXIST; i++) {
		(void)snprintf(name, IMAGE_NAMES, NEW_PREFIX "%d.%d", (int)getpid(), i);
		r = mkdirat(s->dir, name, 0700) < 0 ? -errno : 0;
	}
	if (r == 0)
		dir = openat(s->dir, name, OPEN_DIR);
	if (dir < 0 || mkdirat(dir, "users", 0700) < 0)
		return diag_errno(d, r < 0 ? r : -errno, "cannot make an image");
	r = subvolume_create(dir, "root");
	if (r == SUBVOLUME_NONE)
		r = mkdirat(dir, "root", 0755) < 0 ? -errno : 0;
	if (r < 0)
		return diag_errno(d, r, "cannot make the tree of an image");
	*ret_root = openat(dir, "root", OPEN_DIR);
	return *ret_root < 0 ? diag_errno(d, -errno, "cannot open the tree of an image") : 0;
}

int store_commit(const struct store *s, const char *name, const json_t *about, struct diag *d)
{
	const char *digest = json_string_value(json_object_get(about, "digest"));
	_cleanup_close_ int dir = openat(s->dir, name, OPEN_DIR);

	if (dir < 0 || origin_write(dir, about) < 0)
		return diag_set(d, -EIO, "cannot write what an image is");
	/* Once for the tree, its description and its folder: they are of one file system. */
	if (syncfs(dir) < 0)
		return diag_errno(d, -errno, "cannot write the image to the disk");
	if (renameat(s->dir, name, s->dir, STORE_HEX(digest)) < 0) {
		/* Another installation was faster with the same. */
		if (errno != EEXIST && errno != ENOTEMPTY)
			return diag_errno(d, -errno, "cannot put the image in place");
		store_abort(s, name);
	}
	return fsync(s->dir) < 0 ? diag_errno(d, -errno, "cannot write the store to the disk") : 0;
}

static int remove_image(const struct store *s, const char *name, struct diag *d)
{
	_cleanup_close_ int dir = openat(s->dir, name, OPEN_DIR);
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0
				       : diag_errno(d, -errno, "cannot open the image %s", name);
	(void)subvolume_destroy(dir, "root");
	r = remove_contents(dir, d);
	if (r == 0 && unlinkat(s->dir, name, AT_REMOVEDIR) < 0)
		r = diag_errno(d, -errno, "cannot remove the image %s", name);
	return r;
}

void store_abort(const struct store *s, const char *name)
{
	struct diag d = {0};

	(void)remove_image(s, name, &d);
}

/* Out of sight first: half of an image must not be found. */
int store_remove(const struct store *s, const char *digest, struct diag *d)
{
	char name[IMAGE_NAMES];

	(void)snprintf(name, sizeof(name), NEW_PREFIX "%d.gone", (int)getpid());
	if (renameat(s->dir, STORE_HEX(digest), s->dir, name) < 0)
		return diag_errno(d, -errno, "cannot remove the image %s", digest);
	return remove_image(s, name, d);
}

/* SPDX-License-Identifier: MIT */
/* Which images there are and who uses them; see store.h. */
#include "image/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "linux/instance.h"
#include "linux/openat2.h"

#define OPEN_DIR  (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define JSON_MAX  65536
#define PATH_ROOM 1024

static json_t *load(int dir, const char *name)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_free_ char *text = malloc(JSON_MAX);
	ssize_t n = fd >= 0 && text ? read(fd, text, JSON_MAX) : -1;
	json_t *o = n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;

	if (json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

/* ---- who uses an image ---- */

bool store_image_of(int zonepath, char ret_digest[DIGEST_SIZE])
{
	json_t *o = load(zonepath, IMAGE_FILE);
	const char *digest = json_string_value(json_object_get(o, "image"));
	bool found = digest && digest_valid(digest);

	if (found)
		(void)str_copy(ret_digest, DIGEST_SIZE, digest);
	json_decref(o);
	return found;
}

/* A name for a path of any length: FNV-1a. Two paths of one name would be of one zone, then of the other. */
static void user_name(const char *zonepath, char ret[17])
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *zonepath; zonepath++)
		h = (h ^ (unsigned char)*zonepath) * UINT64_C(0x100000001b3);
	(void)snprintf(ret, 17, "%016llx", (unsigned long long)h);
}

int store_hold(const struct store *s, const char *digest, const char *zonepath, struct diag *d)
{
	char path[sizeof("/users/") + DIGEST_SIZE + 17], name[17];
	_cleanup_close_ int fd = FD_NONE;

	user_name(zonepath, name);
	(void)snprintf(path, sizeof(path), "%s/users/%s", STORE_HEX(digest), name);
	/* Made anew, so that the folder's time says when an image was used last. */
	(void)unlinkat(s->dir, path, 0);
	fd = openat(s->dir, path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || dprintf(fd, "%s\n", zonepath) < 0 || fsync(fd) < 0)
		return diag_errno(d, -errno, "cannot note who uses the image %s", digest);
	return 0;
}

/* The zonepath in a file of users; NULL when the zone there does not say the same. */
static char *user_of(int users, const char *name, const char *digest)
{
	char path[PATH_ROOM] = {0}, full[2 * PATH_ROOM], says[DIGEST_SIZE];
	_cleanup_close_ int fd = openat(users, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_close_ int zonepath = FD_NONE;

	if (fd < 0 || read(fd, path, sizeof(path) - 1) <= 0)
		return NULL;
	path[strcspn(path, "\n")] = '\0';
	if (instance_path(full, sizeof(full), "%s", path) < 0)
		return NULL;
	zonepath = openat2_fd(AT_FDCWD, full, O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_MAGICLINKS);
	return zonepath >= 0 && store_image_of(zonepath, says) && streq(says, digest) ? strdup(path)
										      : NULL;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void free_names(char **names, size_t n)
{
	while (names && n)
		free(names[--n]);
	free(names);
}

/* Adds what it takes over. */
static int add_name(char ***names, size_t *n, char *name)
{
	char **grown = name ? realloc(*names, (*n + 2) * sizeof(**names)) : NULL;

	if (!grown) {
		free(name);
		return -ENOMEM;
	}
	*names = grown;
	grown[(*n)++] = name;
	grown[*n] = NULL;
	return 0;
}

static int list_users(int image, const char *digest, char ***ret, size_t *ret_n)
{
	int fd = openat(image, "users", OPEN_DIR);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	int r = 0;

	if (!stream) {
		(void)fd_close(fd);
		return -errno;
	}
	while (r == 0 && (e = readdir(stream))) {
		char *path = e->d_name[0] == '.' ? NULL : user_of(fd, e->d_name, digest);

		if (path)
			r = add_name(ret, ret_n, path);
	}
	(void)closedir(stream);
	if (*ret_n)
		qsort(*ret, *ret_n, sizeof(**ret), compare_names);
	return r;
}

/* ---- images ---- */

static int list_images(const struct store *s, char ***ret, size_t *ret_n)
{
	int fd = openat(s->dir, ".", OPEN_DIR);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	int r = 0;

	if (!stream) {
		(void)fd_close(fd);
		return -errno;
	}
	while (r == 0 && (e = readdir(stream)))
		if (strlen(e->d_name) == 64 && strspn(e->d_name, "0123456789abcdef") == 64)
			r = add_name(ret, ret_n, strdup(e->d_name));
	(void)closedir(stream);
	if (*ret_n)
		qsort(*ret, *ret_n, sizeof(**ret), compare_names);
	return r;
}

static int show_image(const struct store *s, const char *hex,
	int (*fn)(const struct store_image *image, void *arg), void *arg)
{
	_cleanup_close_ int dir = openat(s->dir, hex, OPEN_DIR);
	char digest[DIGEST_SIZE];
	struct store_image image = {.digest = digest};
	char **users = NULL;
	json_t *about;
	struct stat st;
	int r;

	if (dir < 0)
		return -errno;
	(void)snprintf(digest, sizeof(digest), "sha256:%s", hex);
	r = list_users(dir, digest, &users, &image.n_users);
	if (r == 0 && fstatat(dir, "users", &st, AT_SYMLINK_NOFOLLOW) == 0)
		image.used = st.st_mtim.tv_sec;
	image.users = (const char *const *)users;
	about = load(dir, IMAGE_FILE);
	image.about = about;
	if (r == 0)
		r = fn(&image, arg);
	json_decref(about);
	free_names(users, image.n_users);
	return r;
}

int store_each(const struct store *s, int (*fn)(const struct store_image *image, void *arg),
	void *arg, struct diag *d)
{
	char **names = NULL;
	size_t n = 0, i;
	int r = list_images(s, &names, &n);

	for (i = 0; i < n && r == 0; i++)
		r = show_image(s, names[i], fn, arg);
	free_names(names, n);
	return r < 0 && d && !d->text[0] ? diag_errno(d, r, "cannot list the images") : r;
}

static int same_size(const struct store_image *image, void *arg)
{
	const json_t *size = json_object_get(image->about, "size");

	return json_is_integer(size) &&
	       (uint64_t)json_integer_value(size) == *(const uint64_t *)arg;
}

bool store_find_size(const struct store *s, uint64_t size)
{
	return store_each(s, same_size, &size, NULL) > 0;
}

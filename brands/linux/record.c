/* SPDX-License-Identifier: MIT */
/* image.json: what a root came from; see root.h. */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "image/store.h"
#include "root.h"

json_t *root_about(const struct source *s)
{
	static const char *const kinds[] = {[SOURCE_IMAGE] = "image",
		[SOURCE_ARCHIVE] = "archive",
		[SOURCE_DIRECTORY] = "directory",
		[SOURCE_MIRROR] = "mirror",
		[SOURCE_STORED] = "store"};
	time_t now = time(NULL);
	char when[32];
	struct tm tm;
	json_t *o;

	(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	o = json_pack(
		"{s:s, s:s, s:s}", "source", kinds[s->kind], "name", s->path, "installed", when);
	if (o && s->digest[0])
		(void)json_object_set_new(o, "digest", json_string(s->digest));
	if (o && s->size)
		(void)json_object_set_new(o, "size", json_integer((json_int_t)s->size));
	if (o && s->mirror)
		(void)json_object_set_new(o, "mirror", json_string(s->mirror));
	return o;
}

int root_record(const struct new_zone *z, const struct source *s, struct diag *d)
{
	_cleanup_close_ int fd = openat(z->zonepath, IMAGE_FILE,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	json_t *o = root_about(s);
	int r;

	/* What makes the zone one of the image's users; see store.h. */
	if (o && z->how) {
		(void)json_object_set_new(o, "image", json_string(s->digest));
		(void)json_object_set_new(o, "shared", json_string(z->how));
	}
	r = fd >= 0 && o && json_dumpfd(o, fd, JSON_INDENT(2)) == 0 && write(fd, "\n", 1) == 1
		    ? 0
		    : diag_set(d, -EIO, "cannot write " IMAGE_FILE);
	json_decref(o);
	return r;
}

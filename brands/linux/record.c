/* SPDX-License-Identifier: MIT */
/* image.json: what a root came from; see root.h. */
#include "image/origin.h"
#include "root.h"

json_t *root_about(const struct source *s)
{
	static const char *const kinds[] = {[SOURCE_IMAGE] = "image",
		[SOURCE_ARCHIVE] = "archive",
		[SOURCE_DIRECTORY] = "directory",
		[SOURCE_MIRROR] = "mirror",
		[SOURCE_STORED] = "store"};
	json_t *o = origin_about(&(struct origin){
		.source = kinds[s->kind], .name = s->path, .digest = s->digest, .size = s->size});

	if (o && s->mirror)
		(void)json_object_set_new(o, "mirror", json_string(s->mirror));
	return o;
}

int root_record(const struct new_zone *z, const struct source *s, struct diag *d)
{
	json_t *o = root_about(s);
	int r;

	/* What makes the zone one of the image's users; see store.h. */
	if (o && z->how) {
		(void)json_object_set_new(o, "image", json_string(s->digest));
		(void)json_object_set_new(o, "shared", json_string(z->how));
	}
	r = origin_write(z->zonepath, o);
	json_decref(o);
	return r < 0 ? diag_set(d, r, "cannot write " IMAGE_FILE) : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The images that zones share: which there are, and removing those that no zone is made of.
 * Linux: illumos keeps none; the names of the commands are those of OmniOS's zadm.
 */
#include "zoneadm/images.h"

#include <time.h>

#include "image/store.h"
#include "zoneadm/list-format.h"

#define DAY 86400

static const char *text_of(const struct store_image *image, const char *key)
{
	const char *text = json_string_value(json_object_get(image->about, key));

	return text ? text : "";
}

static long long size_of(const struct store_image *image)
{
	return (long long)json_integer_value(json_object_get(image->about, "size"));
}

/* ---- list-images ---- */

struct listing {
	char form; /* 'p', 'j', or 0 for columns */
	size_t n;
	json_t *array;
};

static void print_columns(struct listing *l, const struct store_image *image)
{
	if (l->n++ == 0)
		(void)printf("%-71s %5s %8s %s\n", "DIGEST", "ZONES", "MIB", "NAME");
	(void)printf("%-71s %5zu %8lld %s\n", image->digest, image->n_users, size_of(image) >> 20,
		text_of(image, "name"));
}

static void print_parsable(const struct store_image *image)
{
	size_t i;

	list_print_escaped(stdout, image->digest);
	(void)printf(":%lld:", size_of(image));
	list_print_escaped(stdout, text_of(image, "installed"));
	(void)fputc(':', stdout);
	for (i = 0; i < image->n_users; i++) {
		(void)fputs(i ? "," : "", stdout);
		list_print_escaped(stdout, image->users[i]);
	}
	(void)fputc(':', stdout);
	list_print_escaped(stdout, text_of(image, "name"));
	(void)fputc('\n', stdout);
}

static int add_json(struct listing *l, const struct store_image *image)
{
	json_t *users = json_array();
	size_t i;

	for (i = 0; i < image->n_users; i++)
		(void)json_array_append_new(users, json_string(image->users[i]));
	return json_array_append_new(l->array,
		       json_pack("{s:s, s:I, s:s, s:o, s:s}", "digest", image->digest, "size",
			       (json_int_t)size_of(image), "created", text_of(image, "installed"),
			       "zonepaths", users, "name", text_of(image, "name"))) == 0
		       ? 0
		       : -ENOMEM;
}

static int print_image(const struct store_image *image, void *arg)
{
	struct listing *l = arg;

	if (l->form == 'j')
		return add_json(l, image);
	if (l->form == 'p')
		print_parsable(image);
	else
		print_columns(l, image);
	return 0;
}

int list_images_run(struct request *req)
{
	struct listing l = {0};
	struct store store;
	struct diag d = {0};
	int r;

	if (req->argc > 2 ||
		(req->argc == 2 && !streq(req->argv[1], "-p") && !streq(req->argv[1], "-j")))
		return usage_of(req);
	l.form = req->argc == 2 ? req->argv[1][1] : '\0';
	l.array = l.form == 'j' ? json_array() : NULL;
	r = store_open_to_read(&store, &d);
	if (r == 0) {
		r = store_each(&store, print_image, &l, &d);
		store_close(&store);
	}
	if (l.form == 'j' && (r == 0 || r == -ENOENT)) {
		(void)json_dumpf(l.array, stdout, JSON_INDENT(2));
		(void)fputc('\n', stdout);
	}
	json_decref(l.array);
	return r < 0 && r != -ENOENT ? complain(NULL, "%s", d.text) : EXIT_OK;
}

/* ---- vacuum ---- */

struct vacuum {
	struct store store;
	const char *only; /* a digest; NULL: all that no zone uses */
	int64_t before;	  /* and that no zone was made of since */
	bool dry, found;
	int result;
};

static int remove_unused(const struct store_image *image, void *arg)
{
	struct vacuum *v = arg;
	struct diag d = {0};

	if (v->only && !streq(v->only, image->digest))
		return 0;
	v->found = true;
	if (image->n_users) {
		if (v->only)
			v->result = complain(NULL,
				"image %s is in use: the zone at '%s'%s is made of it", v->only,
				image->users[0], image->n_users > 1 ? " (and others)" : "");
		return 0;
	}
	if (!v->only && image->used > v->before)
		return 0;
	if (!v->dry && store_remove(&v->store, image->digest, &d) < 0) {
		v->result = complain(NULL, "%s", d.text);
		return 0;
	}
	(void)printf("%s %s\n", v->dry ? "unused:" : "removed", image->digest);
	return 0;
}

static int parse_vacuum(struct request *req, struct vacuum *v)
{
	int64_t days = 0;
	char *end;
	int i;

	for (i = 1; i < req->argc; i++) {
		if (streq(req->argv[i], "-n")) {
			v->dry = true;
		} else if (streq(req->argv[i], "-d") && i + 1 < req->argc) {
			days = strtoll(req->argv[++i], &end, 10);
			if (*end || end == req->argv[i] || days < 0 || days > 36500)
				return complain(NULL, "'%s' is no number of days from 0 to 36500",
					req->argv[i]);
		} else if (digest_valid(req->argv[i]) && !v->only) {
			v->only = req->argv[i];
		} else if (req->argv[i][0] == '-') {
			return usage_of(req);
		} else {
			(void)complain(NULL,
				"'%s' is no digest of an image: sha256: and 64 hexadecimal digits",
				req->argv[i]);
			return usage_of(req);
		}
	}
	v->before = (int64_t)time(NULL) - days * DAY;
	return EXIT_OK;
}

int vacuum_run(struct request *req)
{
	struct vacuum v = {.result = EXIT_OK};
	struct diag d = {0};
	int r = parse_vacuum(req, &v);

	if (r)
		return r;
	if (geteuid() != 0)
		return complain(NULL, "only root can remove images");
	r = store_open_alone(&v.store, &d);
	if (r == 0) {
		r = store_each(&v.store, remove_unused, &v, &d);
		store_close(&v.store);
	}
	if (r < 0 && r != -ENOENT)
		return complain(NULL, "%s", d.text);
	if (v.only && !v.found)
		return complain(NULL, "no image %s is kept here", v.only);
	return v.result;
}

/* SPDX-License-Identifier: MIT */
/*
 * Reads an image layout; see oci.h. Whoever made the layout may have lied in any part of it, and
 * it may hold links: names are opened without following any, below the layout's directory.
 */
#include "image/oci.h"

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "linux/interrupt.h"
#include "linux/openat2.h"

#define JSON_MAX   (4 * 1024 * 1024)
#define LAYERS_MAX 512
#define INDEX_DEEP 4 /* an index may lead to another */

/* The names under which both OCI and older images call their parts. */
static const char *const index_types[] = {"application/vnd.oci.image.index.v1+json",
	"application/vnd.docker.distribution.manifest.list.v2+json", NULL};
static const char *const manifest_types[] = {
	OCI_MANIFEST, "application/vnd.docker.distribution.manifest.v2+json", NULL};
static const char *const layer_types[] = {OCI_LAYER_TAR,
	"application/vnd.oci.image.layer.v1.tar+gzip",
	"application/vnd.oci.image.layer.v1.tar+zstd",
	"application/vnd.docker.image.rootfs.diff.tar",
	"application/vnd.docker.image.rootfs.diff.tar.gzip", NULL};

static bool among(const char *const *names, const char *name)
{
	for (; name && *names; names++)
		if (streq(*names, name))
			return true;
	return false;
}

static void json_unrefp(json_t **o)
{
	json_decref(*o);
	*o = NULL;
}

#define _cleanup_json_ _cleanup_(json_unrefp)

/* ---- blobs ---- */

static int open_below(int dir, const char *name, struct stat *ret_st, struct diag *d)
{
	int fd = openat2_fd(dir, name, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);

	if (fd < 0)
		return diag_errno(d, fd, "the image has no '%s'", name);
	if (fstat(fd, ret_st) < 0 || !S_ISREG(ret_st->st_mode)) {
		(void)close(fd);
		return diag_set(d, -EBADMSG, "the image's '%s' is not a file", name);
	}
	return fd;
}

static int digest_of(int fd, char ret[DIGEST_SIZE])
{
	_cleanup_(digest_freep) struct digest *g = digest_new();
	_cleanup_free_ char *piece = malloc(1 << 20);
	ssize_t n;
	off_t at = 0;

	if (!g || !piece)
		return -ENOMEM;
	while ((n = pread(fd, piece, 1 << 20, at)) > 0) {
		if (interrupted())
			return -ECANCELED;
		if (digest_add(g, piece, (size_t)n) < 0)
			return -EIO;
		at += n;
	}
	return n < 0 ? -errno : digest_text(g, ret);
}

int oci_blob_open(const struct oci_image *image, const struct oci_blob *blob, struct diag *d)
{
	char name[32 + DIGEST_SIZE], digest[DIGEST_SIZE];
	struct stat st;
	int fd, r;

	(void)snprintf(name, sizeof(name), "blobs/sha256/%s", blob->digest + strlen("sha256:"));
	fd = open_below(image->dir, name, &st, d);
	if (fd < 0)
		return fd;
	if ((uint64_t)st.st_size != blob->size)
		r = diag_set(d, -EBADMSG, "%s has %lld bytes, and the image says %llu", name,
			(long long)st.st_size, (unsigned long long)blob->size);
	else
		r = digest_of(fd, digest);
	if (r == 0 && !streq(digest, blob->digest))
		r = diag_set(d, -EBADMSG, "%s has the digest %s", name, digest);
	if (r < 0) {
		(void)close(fd);
		if (r == -ECANCELED)
			return diag_set(d, r, "interrupted");
		return d->text[0] ? r : diag_errno(d, r, "cannot read %s", name);
	}
	return fd;
}

static int load_json(int fd, const char *name, json_t **ret, struct diag *d)
{
	_cleanup_free_ char *text = malloc(JSON_MAX);
	json_error_t error;
	ssize_t n;

	if (!text)
		return diag_errno(d, -ENOMEM, "cannot read the image's %s", name);
	n = pread(fd, text, JSON_MAX, 0);
	if (n < 0)
		return diag_errno(d, -errno, "cannot read the image's %s", name);
	if (n == JSON_MAX)
		return diag_set(
			d, -EBADMSG, "the image's %s is larger than %d MiB", name, JSON_MAX >> 20);
	*ret = json_loadb(text, (size_t)n, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(*ret)) {
		json_decref(*ret);
		*ret = NULL;
		return diag_set(d, -EBADMSG, "the image's %s is not JSON as it should be%s%s", name,
			error.text[0] ? ": " : "", error.text);
	}
	return 0;
}

static int load_blob(const struct oci_image *image, const struct oci_blob *blob, const char *name,
	json_t **ret, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;

	if (blob->size >= JSON_MAX)
		return diag_set(
			d, -EBADMSG, "the image's %s is larger than %d MiB", name, JSON_MAX >> 20);
	fd = oci_blob_open(image, blob, d);
	return fd < 0 ? fd : load_json(fd, name, ret, d);
}

static int take_descriptor(const json_t *o, struct oci_blob *ret, struct diag *d)
{
	const char *digest = json_string_value(json_object_get(o, "digest"));
	const json_t *size = json_object_get(o, "size");

	if (!digest || !json_is_integer(size) || json_integer_value(size) < 0)
		return diag_set(d, -EBADMSG, "a part of the image has no digest or no size");
	if (!digest_valid(digest))
		return diag_set(d, -ENOTSUP, "the digest '%.100s' is not a sha256 one", digest);
	(void)str_copy(ret->digest, sizeof(ret->digest), digest);
	ret->size = (uint64_t)json_integer_value(size);
	return 0;
}

/* ---- which image ---- */

const char *oci_architecture(void)
{
	static struct utsname u;

	if (uname(&u) < 0)
		return "";
	if (streq(u.machine, "x86_64"))
		return "amd64";
	if (streq(u.machine, "aarch64"))
		return "arm64";
	return u.machine;
}

static bool for_this_machine(const json_t *entry)
{
	const json_t *platform = json_object_get(entry, "platform");
	const char *os = json_string_value(json_object_get(platform, "os"));
	const char *arch = json_string_value(json_object_get(platform, "architecture"));

	return (!os || streq(os, "linux")) && (!arch || streq(arch, oci_architecture()));
}

static const char *tag_of(const json_t *entry)
{
	return json_string_value(
		json_object_get(json_object_get(entry, "annotations"), OCI_REF_NAME));
}

static int complain_choice(const json_t *list, size_t found, const char *tag, struct diag *d)
{
	size_t i;

	if (found == 0 && tag)
		(void)diag_set(d, -ENOENT, "the layout has no image '%s' for %s; it has:", tag,
			oci_architecture());
	else if (found == 0)
		(void)diag_set(
			d, -ENOENT, "the layout has no image for %s; it has:", oci_architecture());
	else
		(void)diag_set(d, -ENOENT, "the layout has several images; name one of:");
	for (i = 0; i < json_array_size(list); i++) {
		const char *name = tag_of(json_array_get(list, i));
		size_t used = strlen(d->text);

		(void)snprintf(d->text + used, sizeof(d->text) - used, " %.60s",
			name ? name : "(no name)");
	}
	return -ENOENT;
}

/* The one entry of an index that is meant. */
static int choose(const json_t *index, const char *tag, const json_t **ret, struct diag *d)
{
	const json_t *list = json_object_get(index, "manifests");
	size_t i, found = 0;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);
		const char *name = tag_of(entry);

		if (!for_this_machine(entry) || (tag && (!name || !streq(name, tag))))
			continue;
		found++;
		*ret = entry;
	}
	return found == 1 ? 0 : complain_choice(list, found, tag, d);
}

static int find_manifest(struct oci_image *image, const char *tag, json_t **ret, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	_cleanup_json_ json_t *index = NULL;
	struct stat st;
	int deep, r;

	fd = open_below(image->dir, "index.json", &st, d);
	if (fd < 0)
		return fd;
	r = load_json(fd, "index.json", &index, d);
	for (deep = 0; r == 0 && deep < INDEX_DEEP; deep++) {
		const json_t *entry = NULL;
		const char *type;
		json_t *next = NULL;

		/* Names are given in the outermost one only. */
		r = choose(index, deep == 0 ? tag : NULL, &entry, d);
		if (r == 0)
			r = take_descriptor(entry, &image->manifest, d);
		if (r == 0)
			r = load_blob(image, &image->manifest, "manifest", &next, d);
		if (r < 0)
			return r;
		type = json_string_value(json_object_get(entry, "mediaType"));
		if (among(manifest_types, type)) {
			*ret = next;
			return 0;
		}
		if (!among(index_types, type))
			r = diag_set(d, -ENOTSUP,
				"the image is of type '%.100s', which is not known",
				type ? type : "");
		json_decref(index); /* with entry and type */
		index = next;
	}
	return r < 0 ? r : diag_set(d, -EBADMSG, "the layout's indexes do not end");
}

/* ---- what is in it ---- */

static int take_layers(struct oci_image *image, const json_t *manifest, struct diag *d)
{
	const json_t *list = json_object_get(manifest, "layers");
	size_t i, n = json_array_size(list);
	int r;

	if (n == 0 || n > LAYERS_MAX)
		return diag_set(d, -EBADMSG, "the image has %zu layers, and 1 to %d are right", n,
			LAYERS_MAX);
	image->layers = calloc(n, sizeof(*image->layers));
	if (!image->layers)
		return diag_errno(d, -ENOMEM, "cannot read the image");
	for (i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);
		const char *type = json_string_value(json_object_get(o, "mediaType"));

		if (!among(layer_types, type))
			return diag_set(d, -ENOTSUP,
				"layer %zu is of type '%.100s', which is not known", i + 1,
				type ? type : "");
		r = take_descriptor(o, &image->layers[i], d);
		if (r < 0)
			return r;
	}
	image->n_layers = n;
	return 0;
}

/* Adds the strings of a list (or of none) behind what is there. */
static int add_strings(char ***to, const json_t *list, const char *what, struct diag *d)
{
	size_t had = 0, i, n = json_array_size(list);
	char **grown;

	while (*to && (*to)[had])
		had++;
	grown = realloc(*to, (had + n + 1) * sizeof(**to));
	if (!grown)
		return diag_errno(d, -ENOMEM, "cannot read the image");
	*to = grown;
	grown[had] = NULL;
	for (i = 0; i < n; i++) {
		const char *s = json_string_value(json_array_get(list, i));

		if (!s)
			return diag_set(
				d, -EBADMSG, "the image's %s is not a list of strings", what);
		grown[had + i] = strdup(s);
		grown[had + i + 1] = NULL;
		if (!grown[had + i])
			return diag_errno(d, -ENOMEM, "cannot read the image");
	}
	return 0;
}

/* "SIGTERM", "TERM" or a number. */
static int signal_of(const char *name)
{
	char *end;
	long n;
	int sig;

	if (!name || !*name)
		return SIGTERM;
	n = strtol(name, &end, 10);
	if (!*end)
		return n > 0 && n < NSIG ? (int)n : -EINVAL;
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (sig = 1; sig < SIGRTMIN; sig++)
		if (sigabbrev_np(sig) && streq(sigabbrev_np(sig), name))
			return sig;
	return strncmp(name, "RTMIN+", 6) == 0 ? SIGRTMIN + atoi(name + 6) : -EINVAL;
}

static int take_program(struct oci_image *image, const json_t *config, struct diag *d)
{
	struct oci_program *p = &image->program;
	const json_t *c = json_object_get(config, "config");
	const char *dir = json_string_value(json_object_get(c, "WorkingDir"));
	const char *user = json_string_value(json_object_get(c, "User"));
	const char *stop = json_string_value(json_object_get(c, "StopSignal"));
	int r = add_strings(&p->argv, json_object_get(c, "Entrypoint"), "Entrypoint", d);

	if (r == 0)
		r = add_strings(&p->argv, json_object_get(c, "Cmd"), "Cmd", d);
	if (r == 0)
		r = add_strings(&p->env, json_object_get(c, "Env"), "Env", d);
	if (r < 0)
		return r;
	p->dir = strdup(dir && *dir ? dir : "/");
	p->user = strdup(user ? user : "");
	if (!p->dir || !p->user)
		return diag_errno(d, -ENOMEM, "cannot read the image");
	if (p->dir[0] != '/')
		return diag_set(
			d, -EBADMSG, "the image's WorkingDir '%.100s' is not absolute", p->dir);
	p->stop = signal_of(stop);
	return p->stop < 0
		       ? diag_set(d, -EBADMSG, "the image's StopSignal '%.100s' is no signal", stop)
		       : 0;
}

static int take_diff_ids(struct oci_image *image, const json_t *config, struct diag *d)
{
	const json_t *list = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	size_t i;

	if (json_array_size(list) != image->n_layers)
		return diag_set(d, -EBADMSG, "the manifest has %zu layers, the configuration %zu",
			image->n_layers, json_array_size(list));
	image->diff_ids = calloc(image->n_layers, sizeof(*image->diff_ids));
	if (!image->diff_ids)
		return diag_errno(d, -ENOMEM, "cannot read the image");
	for (i = 0; i < image->n_layers; i++) {
		const char *digest = json_string_value(json_array_get(list, i));

		if (!digest || !digest_valid(digest))
			return diag_set(d, -ENOTSUP,
				"the diff_id '%.100s' of layer %zu is not a sha256 one",
				digest ? digest : "", i + 1);
		(void)str_copy(image->diff_ids[i], DIGEST_SIZE, digest);
	}
	return 0;
}

static int take_config(struct oci_image *image, const json_t *manifest, struct diag *d)
{
	_cleanup_json_ json_t *config = NULL;
	struct oci_blob blob;
	const char *os, *arch;
	int r = take_descriptor(json_object_get(manifest, "config"), &blob, d);

	if (r == 0)
		r = load_blob(image, &blob, "configuration", &config, d);
	if (r < 0)
		return r;
	os = json_string_value(json_object_get(config, "os"));
	arch = json_string_value(json_object_get(config, "architecture"));
	if ((os && !streq(os, "linux")) || (arch && !streq(arch, oci_architecture())))
		return diag_set(d, -ENOTSUP,
			"the image is for %.40s on %.40s, and this is linux on %s",
			os ? os : "linux", arch ? arch : "?", oci_architecture());
	r = take_diff_ids(image, config, d);
	return r < 0 ? r : take_program(image, config, d);
}

static int take_annotation(const json_t *manifest, const char *key, char **ret, struct diag *d)
{
	const char *text =
		json_string_value(json_object_get(json_object_get(manifest, "annotations"), key));

	if (!text)
		return 0;
	*ret = strdup(text);
	return *ret ? 0 : diag_errno(d, -ENOMEM, "cannot read the image");
}

static int check_version(int dir, struct diag *d)
{
	_cleanup_json_ json_t *o = NULL;
	_cleanup_close_ int fd = FD_NONE;
	const char *version;
	struct stat st;
	int r;

	fd = open_below(dir, "oci-layout", &st, d);
	if (fd < 0)
		return diag_set(d, -EBADMSG,
			"it is no OCI image layout: there is no file 'oci-layout' in it");
	r = load_json(fd, "oci-layout", &o, d);
	if (r < 0)
		return r;
	version = json_string_value(json_object_get(o, "imageLayoutVersion"));
	return version && strncmp(version, "1.", 2) == 0
		       ? 0
		       : diag_set(d, -ENOTSUP, "the layout's version '%.40s' is not 1.x",
				 version ? version : "");
}

int oci_open(struct oci_image *image, int dir, const char *tag, struct diag *d)
{
	_cleanup_json_ json_t *manifest = NULL;
	int r;

	*image = (struct oci_image){.dir = dir};
	r = check_version(dir, d);
	if (r == 0)
		r = find_manifest(image, tag, &manifest, d);
	if (r == 0)
		r = take_layers(image, manifest, d);
	if (r == 0)
		r = take_annotation(manifest, OCI_ZONE_CONFIG, &image->zone_config, d);
	if (r == 0)
		r = take_annotation(manifest, OCI_ZONE_UUID, &image->zone_uuid, d);
	return r < 0 ? r : take_config(image, manifest, d);
}

static void free_strings(char **list)
{
	char **s;

	for (s = list; s && *s; s++)
		free(*s);
	free(list);
}

void oci_close(struct oci_image *image)
{
	free_strings(image->program.argv);
	free_strings(image->program.env);
	free(image->program.dir);
	free(image->program.user);
	free(image->layers);
	free(image->diff_ids);
	free(image->zone_config);
	free(image->zone_uuid);
	image->dir = fd_close(image->dir);
	image->layers = NULL;
	image->diff_ids = NULL;
	image->zone_config = NULL;
	image->zone_uuid = NULL;
	image->program = (struct oci_program){0};
}

bool oci_is_system(const struct oci_image *image)
{
	static const char *const inits[] = {"/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd",
		"/usr/lib/systemd/systemd", "/init", NULL};
	char **argv = image->program.argv;

	return !argv || !argv[0] || among(inits, argv[0]);
}

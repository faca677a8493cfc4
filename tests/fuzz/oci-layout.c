/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what an OCI image says of itself. The input is four texts, each with its length in two
 * bytes before it: index.json, and three blobs to which it may lead.
 *
 * A digest that is right is not found by mutation. So a blob is filled up with blanks to a fixed size,
 * its last character says which of three it is, and in the place of SHA-256 stands a digest that is
 * this number.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/oci.h"

#define BLOB_SIZE 4096
#define BLOBS	  3

static const char marks[BLOBS] = {' ', '\t', '\n'};
static int layout = -1;

/* ---- in the place of libcrypto's ---- */

struct digest {
	char last;
};

struct digest *digest_new(void)
{
	return calloc(1, sizeof(struct digest));
}

struct digest *digest_free(struct digest *g)
{
	free(g);
	return NULL;
}

int digest_add(struct digest *g, const void *data, size_t size)
{
	if (size)
		g->last = ((const char *)data)[size - 1];
	return 0;
}

static void digest_of_blob(int n, char ret[DIGEST_SIZE])
{
	(void)snprintf(ret, DIGEST_SIZE, "sha256:%064d", n);
}

int digest_text(struct digest *g, char ret[DIGEST_SIZE])
{
	const char *mark = memchr(marks, g->last, BLOBS);

	digest_of_blob(mark ? (int)(mark - marks) : BLOBS, ret);
	return 0;
}

/* ---- the layout ---- */

static void write_file(const char *name, const void *data, size_t size)
{
	int fd = openat(layout, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	fuzz_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size, "a file of the layout");
	(void)close(fd);
}

static size_t take_text(struct fuzz_input *in, char *text, size_t room)
{
	size_t size = fuzz_byte(in);

	size |= (size_t)fuzz_byte(in) << 8;
	size = size < in->left ? size : in->left;
	size = size < room ? size : room;
	memcpy(text, in->at, size);
	in->at += size;
	in->left -= size;
	return size;
}

static void blob_name(int n, char *name, size_t room)
{
	char digest[DIGEST_SIZE];

	digest_of_blob(n, digest);
	(void)snprintf(name, room, "blobs/sha256/%s", digest + 7);
}

static void write_layout(struct fuzz_input *in)
{
	static char text[65536];
	char name[128];
	int i;

	write_file("index.json", text, take_text(in, text, sizeof(text)));
	for (i = 0; i < BLOBS; i++) {
		memset(text, ' ', BLOB_SIZE);
		(void)take_text(in, text, BLOB_SIZE - 1);
		text[BLOB_SIZE - 1] = marks[i];
		blob_name(i, name, sizeof(name));
		write_file(name, text, BLOB_SIZE);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char version[] = "{\"imageLayoutVersion\": \"1.0.0\"}";

	layout = open(fuzz_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fuzz_assert(layout >= 0 && mkdirat(layout, "blobs", 0700) == 0 &&
			    mkdirat(layout, "blobs/sha256", 0700) == 0,
		"a layout");
	write_file("oci-layout", version, sizeof(version) - 1);
	return 0;
}

static void check_strings(char *const *list)
{
	for (; list && *list; list++)
		fuzz_assert(strlen(*list) < 65536, "a string of the image");
}

static void check_image(const struct oci_image *image)
{
	size_t i;

	fuzz_assert(image->n_layers > 0 && image->layers, "an image without layers");
	for (i = 0; i < image->n_layers; i++)
		fuzz_assert(digest_valid(image->layers[i].digest), "a layer without a digest");
	fuzz_assert(image->program.dir && image->program.dir[0] == '/' && image->program.user,
		"a program without a place");
	fuzz_assert(image->program.stop > 0 && image->program.stop < 256, "a signal");
	check_strings(image->program.argv);
	check_strings(image->program.env);
	(void)oci_is_system(image);
}

static void open_blobs(const struct oci_image *image)
{
	struct diag d = {0};
	size_t i;

	for (i = 0; i < image->n_layers && i < 8; i++) {
		int fd = oci_blob_open(image, &image->layers[i], &d);

		fuzz_assert(fd >= 0 || d.text[0], "an error without a line");
		if (fd >= 0)
			(void)close(fd);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {.at = data, .left = size};
	struct oci_image image = {.dir = -1};
	struct diag d = {0};
	const char *tag = fuzz_byte(&in) % 2 ? "a" : NULL;
	int r;

	write_layout(&in);
	r = oci_open(&image, fcntl(layout, F_DUPFD_CLOEXEC, 3), tag, &d);
	fuzz_assert(r == 0 || (r < 0 && d.text[0]), "an error without a line");
	if (r == 0) {
		check_image(&image);
		open_blobs(&image);
	}
	oci_close(&image);
	fuzz_check_descriptors();
	return 0;
}

/* ---- seeds ---- */

#define ZEROS			"000000000000000000000000000000000000000000000000000000000000000"
#define BLOB(n, type)		"{\"mediaType\":\"" type "\",\"size\":4096,\"digest\":\"sha256:" ZEROS #n "\""
#define INDEX_OF(n, type, more) "{\"manifests\":[" BLOB(n, type) more "}]}"
#define ARCH			",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}"
#define TAG			",\"annotations\":{\"" OCI_REF_NAME "\":\"a\"}"
#define INDEX			"application/vnd.oci.image.index.v1+json"

static const char manifest[] =
	"{\"schemaVersion\":2,\"config\":" BLOB(1, OCI_CONFIG) "},\"layers\":[" BLOB(
		2, OCI_LAYER_TAR) "}],\"annotations\":{\"" OCI_ZONE_CONFIG "\":\"<zone/>\"}}";
static const char config[] =
	"{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
	"[\"sha256:" ZEROS
	"3\"]},\"config\":{\"Entrypoint\":[\"/bin/sh\",\"-c\"],\"Cmd\":[\"true\"],\"Env\":"
	"[\"A=b\\nc\"],\"WorkingDir\":\"/app\",\"User\":\"1:2\",\"StopSignal\":\"SIGRTMIN+3\"}}";

static void seed(const char *name, uint8_t tag, const char *const texts[1 + BLOBS])
{
	static uint8_t data[16384];
	size_t used = 1, n;
	int i;

	data[0] = tag;
	for (i = 0; i < 1 + BLOBS; i++) {
		n = strlen(texts[i]);
		data[used++] = (uint8_t)n;
		data[used++] = (uint8_t)(n >> 8);
		memcpy(data + used, texts[i], n);
		used += n;
	}
	fuzz_seed(name, data, used);
}

void fuzz_seeds(void)
{
	const char *plain = INDEX_OF(0, OCI_MANIFEST, "");

	seed("image", 0, (const char *const[]){plain, manifest, config, ""});
	seed("tag", 1,
		(const char *const[]){INDEX_OF(0, OCI_MANIFEST, ARCH TAG), manifest, config, ""});
	seed("system", 0,
		(const char *const[]){plain, manifest,
			"{\"rootfs\":{\"diff_ids\":[\"sha256:" ZEROS
			"3\"]},\"config\":{\"Cmd\":[\"/sbin/init\"],"
			"\"StopSignal\":\"9\"}}",
			""});
	seed("index", 0,
		(const char *const[]){
			INDEX_OF(2, INDEX, ""), manifest, config, INDEX_OF(0, OCI_MANIFEST, ARCH)});
	seed("loop", 0,
		(const char *const[]){
			INDEX_OF(2, INDEX, ""), manifest, config, INDEX_OF(2, INDEX, "")});
	seed("other", 0, (const char *const[]){INDEX_OF(0, "text/plain", ""), "{}", "[]", "x"});
}

/* SPDX-License-Identifier: MIT */
/*
 * An OCI layout as one tar archive; see layout-write.h.
 *
 * The layer comes first and is written once: its name is its digest, so room is left for its
 * header, which is filled in when the digest is known. The tree is read in a jail: a zone's root made
 * it.
 */
#include "image/layout-write.h"

#include <archive.h>
#include <archive_entry.h>
#include <jansson.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "image/digest.h"
#include "image/jail.h"
#include "image/oci.h"
#include "image/progress.h"
#include "linux/tree-size.h"

#define BLOCK	  512
#define READ_SIZE (1024 * 1024)

/* From so many bytes of holes on a file is written as a sparse one, which not every tool can read. */
#define HOLES_MIN (1024 * 1024)
#define HOLE_STEP ((size_t)1 << 30)

/* ---- the outer archive: plain files only, so the format is small ---- */

struct ustar {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
	char linkname[100], magic[8], uname[32], gname[32], major[8], minor[8], prefix[155];
	char pad[12];
};

_Static_assert(sizeof(struct ustar) == BLOCK, "a header of tar is one block");

static int put_all(int out, const void *data, size_t size, uint64_t at)
{
	while (size) {
		ssize_t n = pwrite(out, data, size, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data = (const char *)data + n;
		at += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

/* From 8 GiB on a size is binary, with the first bit set. */
static void set_size(struct ustar *h, uint64_t size)
{
	size_t i;

	if (size < UINT64_C(1) << 33) {
		(void)snprintf(h->size, sizeof(h->size), "%011llo", (unsigned long long)size);
		return;
	}
	for (i = sizeof(h->size) - 1; i > 0; i--, size >>= 8)
		h->size[i] = (char)(size & 0xff);
	h->size[0] = (char)0x80;
}

static int put_header(int out, uint64_t at, const char *name, uint64_t size)
{
	struct ustar h = {.type = '0', .magic = "ustar\00000"};
	const unsigned char *p = (const unsigned char *)&h;
	unsigned int sum = 0;
	size_t i;

	memcpy(h.magic, "ustar\00000", sizeof(h.magic));
	(void)str_copy(h.name, sizeof(h.name), name);
	(void)str_copy(h.mode, sizeof(h.mode), "0000644");
	(void)str_copy(h.uid, sizeof(h.uid), "0000000");
	(void)str_copy(h.gid, sizeof(h.gid), "0000000");
	(void)str_copy(h.mtime, sizeof(h.mtime), "00000000000");
	set_size(&h, size);
	memset(h.checksum, ' ', sizeof(h.checksum));
	for (i = 0; i < BLOCK; i++)
		sum += p[i];
	(void)snprintf(h.checksum, sizeof(h.checksum), "%06o", sum);
	return put_all(out, &h, sizeof(h), at);
}

/* The next multiple of a block: what is left out between is a hole, and zeros. */
static uint64_t whole_blocks(uint64_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

/* ---- the layer, in the jail ---- */

struct layer {
	int out;
	uint64_t at; /* where the next byte goes */
	struct digest *digest;
	struct progress progress; /* the parent's */
	const void *zeros;	  /* HOLE_STEP bytes, which take no memory until they are read */
	/* Shared with the parent: what became of it. */
	struct layer_end {
		char digest[DIGEST_SIZE];
		uint64_t size;
	} * end;
};

static la_ssize_t take_bytes(struct archive *a, void *arg, const void *data, size_t size)
{
	struct layer *l = arg;
	int r = put_all(l->out, data, size, l->at);

	if (r == 0)
		r = digest_add(l->digest, data, size);
	if (r < 0) {
		archive_set_error(a, -r, "%s", strerror(-r));
		return -1;
	}
	l->at += size;
	l->end->size += size;
	return (la_ssize_t)size;
}

static int failed(struct archive *a, const char *what, struct diag *d)
{
	int err = archive_errno(a);
	const char *text = archive_error_string(a);

	return diag_set(d, err > 0 && err < 4096 ? -err : -EIO, "cannot export %s: %s", what,
		text ? text : "unknown error");
}

/* Bytes of it that are in no stretch of data. */
static la_int64_t holes_of(struct archive_entry *e)
{
	la_int64_t offset, size, holes = archive_entry_size(e);

	/* None: it is data from beginning to end. */
	if (archive_entry_sparse_reset(e) == 0)
		return 0;
	while (archive_entry_sparse_next(e, &offset, &size) == ARCHIVE_OK)
		holes -= size;
	return holes;
}

/* libarchive is given a hole as zeros too, and looks at those of a sparse file no further than to count them. */
static int put_hole(struct layer *l, struct archive *to, la_int64_t size)
{
	while (size > 0) {
		la_ssize_t n = archive_write_data(
			to, l->zeros, size > (la_int64_t)HOLE_STEP ? HOLE_STEP : (size_t)size);

		if (n <= 0)
			return -EIO;
		size -= n;
	}
	return 0;
}

static int copy_data(
	struct layer *l, struct archive *from, struct archive *to, const char *name, struct diag *d)
{
	const void *block;
	la_int64_t offset, at = 0;
	size_t size;
	int r;

	while ((r = archive_read_data_block(from, &block, &size, &offset)) == ARCHIVE_OK) {
		if (put_hole(l, to, offset - at) < 0 ||
			(size && archive_write_data(to, block, size) < 0))
			return failed(to, name, d);
		at = offset + (la_int64_t)size;
	}
	/* What is missing to its size, libarchive adds: a hole where it is one. */
	return r == ARCHIVE_EOF ? 0 : failed(from, name, d);
}

static int put_entry(struct layer *l, struct archive *from, struct archive *to,
	struct archive_entry *e, struct archive_entry_linkresolver *links, struct diag *d)
{
	const char *name = archive_entry_pathname(e);
	unsigned int type = archive_entry_filetype(e);
	struct archive_entry *spare = NULL;

	if (type == AE_IFSOCK || type == AE_IFCHR || type == AE_IFBLK)
		return 0;
	if (holes_of(e) < HOLES_MIN)
		archive_entry_sparse_clear(e);
	archive_entry_linkify(links, &e, &spare);
	if (archive_write_header(to, e) < ARCHIVE_WARN)
		return failed(to, name, d);
	return archive_entry_size(e) > 0 ? copy_data(l, from, to, name, d) : 0;
}

static int put_tree(struct layer *l, struct archive *from, struct archive *to,
	struct archive_entry_linkresolver *links, struct diag *d)
{
	struct archive_entry *e = archive_entry_new();
	int r = e ? 0 : diag_errno(d, -ENOMEM, "cannot export the root");

	while (r == 0) {
		int got = archive_read_next_header2(from, e);

		if (got == ARCHIVE_EOF)
			break;
		r = got < ARCHIVE_WARN ? failed(from, "the root", d)
				       : put_entry(l, from, to, e, links, d);
		if (r == 0 && archive_read_disk_can_descend(from))
			(void)archive_read_disk_descend(from);
		archive_entry_clear(e);
	}
	archive_entry_free(e);
	return r;
}

static int open_both(struct layer *l, struct archive *from, struct archive *to, struct diag *d)
{
	if (archive_read_disk_set_symlink_physical(from) != ARCHIVE_OK ||
		archive_read_disk_set_behavior(
			from, ARCHIVE_READDISK_NO_TRAVERSE_MOUNTS | ARCHIVE_READDISK_NO_FFLAGS) !=
			ARCHIVE_OK ||
		archive_read_disk_open(from, ".") != ARCHIVE_OK)
		return failed(from, "the root", d);
	if (archive_write_set_format_pax_restricted(to) != ARCHIVE_OK ||
		archive_write_set_bytes_per_block(to, READ_SIZE) != ARCHIVE_OK ||
		archive_write_set_bytes_in_last_block(to, 1) != ARCHIVE_OK ||
		archive_write_open(to, l, NULL, take_bytes, NULL) != ARCHIVE_OK)
		return failed(to, "the root", d);
	return 0;
}

static int layer_run(void *arg, struct diag *d)
{
	struct archive_entry_linkresolver *links = archive_entry_linkresolver_new();
	struct archive *from = archive_read_disk_new(), *to = archive_write_new();
	static const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	struct layer *l = arg;
	int r = -ENOMEM;

	l->digest = digest_new();
	/* cppcheck-suppress invalidFunctionArg; it does not know MAP_ANONYMOUS */
	l->zeros = mmap(NULL, HOLE_STEP, PROT_READ, flags, -1, 0);
	if (links && from && to && l->digest && l->zeros != MAP_FAILED) {
		archive_entry_linkresolver_set_strategy(links, ARCHIVE_FORMAT_TAR);
		r = open_both(l, from, to, d);
		if (r == 0)
			r = put_tree(l, from, to, links, d);
		if (r == 0 && archive_write_close(to) != ARCHIVE_OK)
			r = failed(to, "the root", d);
		if (r == 0)
			r = digest_text(l->digest, l->end->digest);
	}
	archive_entry_linkresolver_free(links);
	(void)archive_read_free(from);
	(void)archive_write_free(to);
	l->digest = digest_free(l->digest);
	return r;
}

/* ---- what describes it ---- */

/* Appends a file and moves at behind it. */
static int put_file(int out, uint64_t *at, const char *name, const char *text)
{
	size_t size = strlen(text);
	int r = put_header(out, *at, name, size);

	if (r == 0)
		r = put_all(out, text, size, *at + BLOCK);
	*at += BLOCK + whole_blocks(size);
	return r;
}

static void blob_name(const char *digest, char ret[100])
{
	(void)snprintf(ret, 100, "blobs/sha256/%s", digest + strlen("sha256:"));
}

/* Appends it as a blob. A descriptor of it, or NULL. Takes o over. */
static json_t *put_json(int out, uint64_t *at, json_t *o, const char *type)
{
	_cleanup_(digest_freep) struct digest *g = digest_new();
	_cleanup_free_ char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	char digest[DIGEST_SIZE], name[100];

	json_decref(o);
	if (!g || !text || digest_add(g, text, strlen(text)) < 0 || digest_text(g, digest) < 0)
		return NULL;
	blob_name(digest, name);
	if (put_file(out, at, name, text) < 0)
		return NULL;
	return json_pack("{s:s, s:s, s:I}", "mediaType", type, "digest", digest, "size",
		(json_int_t)strlen(text));
}

static json_t *config_of(const struct layer_end *end)
{
	return json_pack("{s:s, s:s, s:{}, s:{s:s, s:[s]}}", "architecture", oci_architecture(),
		"os", "linux", "config", "rootfs", "type", "layers", "diff_ids", end->digest);
}

static json_t *manifest_of(
	const struct layer_end *end, json_t *config_blob, const char *config, const char *uuid)
{
	return json_pack("{s:i, s:s, s:o, s:[{s:s, s:s, s:I}], s:{s:s, s:s}}", "schemaVersion", 2,
		"mediaType", OCI_MANIFEST, "config", config_blob, "layers", "mediaType",
		OCI_LAYER_TAR, "digest", end->digest, "size", (json_int_t)end->size, "annotations",
		OCI_ZONE_CONFIG, config, OCI_ZONE_UUID, uuid);
}

static int put_description(int out, uint64_t at, const struct layer_end *end, const char *name,
	const char *config, const char *uuid)
{
	static const char zeros[2 * BLOCK];
	_cleanup_free_ char *text = NULL;
	json_t *blob, *index;
	int r;

	blob = put_json(out, &at, config_of(end), OCI_CONFIG);
	blob = blob ? put_json(out, &at, manifest_of(end, blob, config, uuid), OCI_MANIFEST) : NULL;
	if (!blob)
		return -EIO;
	(void)json_object_set_new(blob, "annotations", json_pack("{s:s}", OCI_REF_NAME, name));
	index = json_pack("{s:i, s:[o]}", "schemaVersion", 2, "manifests", blob);
	text = index ? json_dumps(index, JSON_COMPACT) : NULL;
	json_decref(index);
	r = text ? put_file(out, &at, "index.json", text) : -ENOMEM;
	if (r == 0)
		r = put_file(out, &at, "oci-layout", "{\"imageLayoutVersion\": \"1.0.0\"}");
	return r < 0 ? r : put_all(out, zeros, sizeof(zeros), at);
}

static void show(void *arg)
{
	struct layer *l = arg;

	progress_show(&l->progress, l->end->size);
}

static int write_all(struct layer *l, int root, const char *name, const char *config,
	const char *uuid, struct diag *d)
{
	char blob[100];
	int r;

	progress_begin(&l->progress, "Writing", 0);
	if (l->progress.terminal)
		l->progress.total = tree_size(root);
	r = jail_run_shown(root, layer_run, l, show, l, d);
	progress_end(&l->progress);
	if (r < 0)
		return r;
	blob_name(l->end->digest, blob);
	r = put_header(l->out, 0, blob, l->end->size);
	if (r == 0)
		r = put_description(
			l->out, BLOCK + whole_blocks(l->end->size), l->end, name, config, uuid);
	if (r == 0 && fsync(l->out) < 0)
		r = -errno;
	return r < 0 ? diag_errno(d, r, "cannot write the export") : 0;
}

int layout_write(
	int root, int out, const char *name, const char *config, const char *uuid, struct diag *d)
{
	struct layer l = {.out = out, .at = BLOCK};
	const size_t size = sizeof(*l.end);
	int r;

	/* cppcheck-suppress invalidFunctionArg; it does not know MAP_ANONYMOUS */
	l.end = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l.end == MAP_FAILED)
		return diag_errno(d, -errno, "cannot export the root");
	r = write_all(&l, root, name, config, uuid, d);
	(void)munmap(l.end, size);
	return r;
}

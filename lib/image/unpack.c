/* SPDX-License-Identifier: MIT */
/*
 * Unpacks an archive with libarchive; see unpack.h.
 *
 * That a name cannot lead out of the root is the jail's work, not ours: links of the archive are
 * followed as they are meant, inside. What is refused here is what would be wrong in a
 * zone's root: ".." in names, owners that a zone does not have, more data than announced.
 */
#include "image/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "image/layer-stream.h"
#include "linux/remove-tree.h"

#define READ_SIZE (256 * 1024)
#define WHITEOUT  ".wh."
#define OPAQUE	  ".wh..wh..opq"

struct unpacking {
	const struct unpack *what;
	struct archive *in;
	struct archive *out;
	struct archive *packed; /* what in reads from, when the digest is to be right */
	struct layer_stream stream;
	uint64_t bytes;
	uint64_t entries;
};

static int too_large(const struct unpacking *u, struct diag *d)
{
	return diag_set(d, -EFBIG, "'%s': unpacks to more than %llu MiB, which do not fit here",
		u->what->name, (unsigned long long)(u->what->bytes_max >> 20));
}

static int archive_error(struct unpacking *u, struct archive *a, const char *what, struct diag *d)
{
	const char *text = archive_error_string(a);
	int err = archive_errno(a);

	if (a == u->in && u->stream.bytes > u->what->bytes_max)
		return too_large(u, d);
	/* libarchive's own numbers (wrong format) are not the kernel's. */
	return diag_set(d, err > 0 && err < 4096 && a == u->out ? -err : -EBADMSG, "'%s': %s%s%s",
		u->what->name, what, text ? ": " : "", text ? text : "");
}

static bool takes_compressions(struct archive *a)
{
	return archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
	       archive_read_support_filter_bzip2(a) == ARCHIVE_OK &&
	       archive_read_support_filter_compress(a) == ARCHIVE_OK &&
	       archive_read_support_filter_xz(a) == ARCHIVE_OK &&
	       archive_read_support_filter_lzma(a) == ARCHIVE_OK &&
	       archive_read_support_filter_lz4(a) == ARCHIVE_OK &&
	       archive_read_support_filter_zstd(a) == ARCHIVE_OK;
}

/* The archive that is read from another one, which takes the compression away. */
static int open_digested(struct unpacking *u, struct diag *d)
{
	u->packed = archive_read_new();
	if (!u->packed)
		return diag_errno(d, -ENOMEM, "cannot read '%s'", u->what->name);
	if (!takes_compressions(u->packed) ||
		archive_read_support_format_raw(u->packed) != ARCHIVE_OK ||
		archive_read_support_format_empty(u->packed) != ARCHIVE_OK)
		return archive_error(u, u->packed, "this build of libarchive lacks a format", d);
	if (archive_read_open_fd(u->packed, u->what->fd, READ_SIZE) != ARCHIVE_OK)
		return archive_error(u, u->packed, "not an archive that can be read", d);
	return layer_stream_open(&u->stream, u->packed, u->what->bytes_max, u->in) == ARCHIVE_OK
		       ? 0
		       : archive_error(u, u->in, "not an archive that can be read", d);
}

static int open_in(struct unpacking *u, struct diag *d)
{
	u->in = archive_read_new();
	if (!u->in)
		return diag_errno(d, -ENOMEM, "cannot read '%s'", u->what->name);
	if (archive_read_support_format_tar(u->in) != ARCHIVE_OK ||
		archive_read_support_format_cpio(u->in) != ARCHIVE_OK || !takes_compressions(u->in))
		return archive_error(u, u->in, "this build of libarchive lacks a format", d);
	if (u->what->diff_id)
		return open_digested(u, d);
	if (archive_read_open_fd(u->in, u->what->fd, READ_SIZE) != ARCHIVE_OK)
		return archive_error(u, u->in, "not an archive that can be read", d);
	return 0;
}

static int open_out(struct unpacking *u, struct diag *d)
{
	u->out = archive_write_disk_new();
	if (!u->out)
		return diag_errno(d, -ENOMEM, "cannot unpack '%s'", u->what->name);
	if (archive_write_disk_set_options(
		    u->out, ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
				    ARCHIVE_EXTRACT_ACL | ARCHIVE_EXTRACT_XATTR |
				    (u->what->pass == UNPACK_LAYER ? ARCHIVE_EXTRACT_UNLINK : 0)) !=
		ARCHIVE_OK)
		return archive_error(u, u->out, "cannot unpack", d);
	return 0;
}

/* The name below the current directory; NULL for the root itself. */
static const char *relative(const char *name)
{
	while (*name == '/' || (name[0] == '.' && (name[1] == '/' || name[1] == '\0')))
		name++;
	return *name ? name : NULL;
}

static bool climbs(const char *name)
{
	for (;;) {
		size_t n = strcspn(name, "/");

		if (n == 2 && name[0] == '.' && name[1] == '.')
			return true;
		if (!name[n])
			return false;
		name += n + 1;
	}
}

/* Of the attributes only those that mean something in a zone: the rest would be the host's. */
static void keep_zone_xattrs(struct archive_entry *e)
{
	struct kept {
		char name[256];
		void *value;
		size_t size;
	} *kept = NULL;
	size_t n = 0, i, count = (size_t)archive_entry_xattr_reset(e);
	const char *name;
	const void *value;
	size_t size;

	kept = count ? calloc(count, sizeof(*kept)) : NULL;
	while (kept && n < count &&
		archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK) {
		if (!name ||
			(strncmp(name, "user.", 5) != 0 && !streq(name, "security.capability")))
			continue;
		kept[n].value = malloc(size ? size : 1);
		if (!kept[n].value || str_copy(kept[n].name, sizeof(kept[n].name), name) < 0) {
			free(kept[n].value);
			continue;
		}
		memcpy(kept[n].value, value, size);
		kept[n++].size = size;
	}
	archive_entry_xattr_clear(e);
	for (i = 0; i < n; i++) {
		archive_entry_xattr_add_entry(e, kept[i].name, kept[i].value, kept[i].size);
		free(kept[i].value);
	}
	free(kept);
}

static int check_entry(
	struct unpacking *u, struct archive_entry *e, const char *name, struct diag *d)
{
	const char *file = u->what->name;

	if (climbs(name))
		return diag_set(
			d, -EINVAL, "'%s': the name '%s' leads out of the root", file, name);
	if (archive_entry_uid(e) < 0 || archive_entry_uid(e) >= ZONE_IDS ||
		archive_entry_gid(e) < 0 || archive_entry_gid(e) >= ZONE_IDS)
		return diag_set(d, -EINVAL,
			"'%s': '%s' belongs to %lld:%lld, and a zone has the ids 0 to %d", file,
			name, (long long)archive_entry_uid(e), (long long)archive_entry_gid(e),
			ZONE_IDS - 1);
	if (++u->entries > u->what->entries_max)
		return diag_set(d, -EFBIG, "'%s': more than %llu files, which do not fit here",
			file, (unsigned long long)u->what->entries_max);
	return 0;
}

static int copy_data(struct unpacking *u, const char *name, struct diag *d)
{
	const void *block;
	size_t size;
	la_int64_t offset;

	for (;;) {
		int r = archive_read_data_block(u->in, &block, &size, &offset);

		if (r == ARCHIVE_EOF)
			return 0;
		if (r < ARCHIVE_WARN)
			return archive_error(u, u->in, "the archive is damaged or cut off", d);
		u->bytes += size;
		if (u->bytes > u->what->bytes_max)
			return too_large(u, d);
		if (archive_write_data_block(u->out, block, size, offset) < ARCHIVE_WARN)
			return archive_error(u, u->out, name, d);
	}
}

/* ---- layers ---- */

/* Takes away what a lower layer left under that name, whatever it is. */
static int take_away(const char *name, struct diag *d)
{
	_cleanup_close_ int dir = FD_NONE;
	int r;

	if (unlink(name) == 0 || errno == ENOENT || errno == ENOTDIR)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return diag_errno(d, -errno, "cannot take away '%s'", name);
	dir = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return diag_errno(d, -errno, "cannot take away '%s'", name);
	r = remove_contents(dir, d);
	if (r == 0 && rmdir(name) < 0)
		r = diag_errno(d, -errno, "cannot take away '%s'", name);
	return r;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_whiteout(const char *path)
{
	return strncmp(base_of(path), WHITEOUT, strlen(WHITEOUT)) == 0;
}

/* The opaque mark: all that lower layers have in its directory goes. */
static int empty_dir(const char *path, struct diag *d)
{
	const char *base = base_of(path);
	_cleanup_free_ char *name = strndup(path, (size_t)(base - path));
	_cleanup_close_ int dir = FD_NONE;

	if (!name)
		return -ENOMEM;
	dir = open(*name ? name : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? 0 : remove_contents(dir, d);
}

static int whiteout(const char *path, struct diag *d)
{
	const char *base = base_of(path);
	_cleanup_free_ char *target = NULL;

	if (streq(base, OPAQUE))
		return empty_dir(path, d);
	if (asprintf(&target, "%.*s%s", (int)(base - path), path, base + strlen(WHITEOUT)) < 0)
		return -ENOMEM;
	base = base_of(target);
	if (!*base || streq(base, ".") || streq(base, ".."))
		return diag_set(d, -EINVAL, "'%s' is no name that a layer can take away", path);
	return take_away(target, d);
}

/* Something else than a directory in the place of a lower layer's directory. */
static int make_room(struct archive_entry *e, const char *name, struct diag *d)
{
	struct stat st;

	if (archive_entry_filetype(e) == AE_IFDIR || lstat(name, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return take_away(name, d);
}

/* ---- one entry ---- */

static bool left_out(struct archive_entry *e)
{
	unsigned int type = archive_entry_filetype(e);

	return !archive_entry_hardlink(e) &&
	       (type == AE_IFCHR || type == AE_IFBLK || type == AE_IFSOCK);
}

static int write_entry(
	struct unpacking *u, struct archive_entry *e, const char *name, struct diag *d)
{
	int r;

	keep_zone_xattrs(e);
	r = archive_write_header(u->out, e);
	if (r < ARCHIVE_WARN)
		return archive_error(u, u->out, name, d);
	if (!archive_entry_hardlink(e) || archive_entry_size(e) > 0) {
		r = copy_data(u, name, d);
		if (r < 0)
			return r;
	}
	if (archive_write_finish_entry(u->out) < ARCHIVE_WARN)
		return archive_error(u, u->out, name, d);
	return 0;
}

static int unpack_entry(struct unpacking *u, struct archive_entry *e, struct diag *d)
{
	const char *full = archive_entry_pathname(e), *link = archive_entry_hardlink(e);
	_cleanup_free_ char *name = NULL;
	int r;

	if (!full)
		return diag_set(d, -EBADMSG, "'%s': a file without a name", u->what->name);
	r = check_entry(u, e, full, d);
	if (r < 0 || left_out(e))
		return r;
	/* The names are below the root, however they were written. */
	name = strdup(relative(full) ? relative(full) : ".");
	if (!name)
		return -ENOMEM;
	archive_entry_set_pathname(e, name);
	if (link) {
		_cleanup_free_ char *target = strdup(relative(link) ? relative(link) : ".");

		if (!target)
			return -ENOMEM;
		archive_entry_set_hardlink(e, target);
	}
	if (u->what->pass == UNPACK_WHITEOUTS)
		return is_whiteout(name) ? whiteout(name, d) : 0;
	if (u->what->pass == UNPACK_LAYER) {
		r = is_whiteout(name) ? 0 : make_room(e, name, d);
		if (r < 0 || is_whiteout(name))
			return r;
	}
	return write_entry(u, e, name, d);
}

static int unpack_all(struct unpacking *u, struct diag *d)
{
	struct archive_entry *e;
	int r;

	for (;;) {
		r = archive_read_next_header(u->in, &e);
		if (r == ARCHIVE_EOF)
			break;
		if (r < ARCHIVE_WARN)
			return archive_error(u, u->in,
				u->entries ? "the archive is damaged or cut off"
					   : "not a tar or cpio archive",
				d);
		r = unpack_entry(u, e, d);
		if (r < 0)
			return r;
	}
	/* A layer may be empty. */
	if (u->entries == 0 && u->what->pass == UNPACK_PLAIN)
		return diag_set(d, -EBADMSG, "'%s': there is nothing in it", u->what->name);
	/* Modes and times of directories are set now. */
	return archive_write_close(u->out) < ARCHIVE_WARN
		       ? archive_error(u, u->out, "cannot finish the directories", d)
		       : 0;
}

static int check_digest(struct unpacking *u, struct diag *d)
{
	char digest[DIGEST_SIZE];

	if (layer_stream_end(&u->stream, u->in, digest) != ARCHIVE_OK)
		return archive_error(u, u->in, "the archive is damaged or cut off", d);
	return streq(digest, u->what->diff_id)
		       ? 0
		       : diag_set(d, -EBADMSG,
				 "'%s': without compression it has the digest %s, not its diff_id %s",
				 u->what->name, digest, u->what->diff_id);
}

int unpack_run(void *arg, struct diag *d)
{
	struct unpacking u = {.what = arg};
	int r;

	(void)umask(0);
	r = open_in(&u, d);
	if (r == 0)
		r = open_out(&u, d);
	if (r == 0)
		r = unpack_all(&u, d);
	if (r == 0 && u.what->diff_id)
		r = check_digest(&u, d);
	(void)archive_read_free(u.in);
	(void)archive_read_free(u.packed);
	layer_stream_close(&u.stream);
	(void)archive_write_free(u.out);
	return r;
}

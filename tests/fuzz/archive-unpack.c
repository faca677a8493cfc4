/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: unpacking. The first byte of the input says whether it is a plain archive or a layer, and
 * which pass over it; the rest is the archive.
 *
 * A thread whose root is an empty tmpfs does it, as the jail's child does: whatever the names and links
 * of an archive lead to is in there, and what stays is looked at and removed after each input.
 */
#include "fuzz.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "image/unpack.h"
#include "linux/remove-tree.h"

#define BYTES_MAX (1 << 20)
#define FILES_MAX 256

static pthread_barrier_t begin, end;
static const uint8_t *input;
static size_t input_size;

/* Nothing of what an archive may not bring is there, and not more than was allowed. */
static void look_around(void)
{
	char *paths[] = {(char *)".", NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *e;
	size_t bytes = 0;

	fuzz_assert(fts != NULL, "what was unpacked");
	while ((e = fts_read(fts))) {
		if (e->fts_info == FTS_DP || !e->fts_statp)
			continue;
		fuzz_assert(!S_ISCHR(e->fts_statp->st_mode) && !S_ISBLK(e->fts_statp->st_mode) &&
				    !S_ISSOCK(e->fts_statp->st_mode),
			"a device node or a socket");
		bytes += (size_t)e->fts_statp->st_blocks * 512;
		fuzz_assert(lgetxattr(e->fts_path, "trusted.overlay.opaque", NULL, 0) < 0,
			"an attribute of the host's");
	}
	fuzz_assert(bytes <= 4 * BYTES_MAX, "more than was allowed");
	(void)fts_close(fts);
}

static void unpack(const uint8_t *data, size_t size)
{
	static const enum unpack_pass passes[] = {UNPACK_PLAIN, UNPACK_WHITEOUTS, UNPACK_LAYER};
	struct unpack u = {.name = "input", .bytes_max = BYTES_MAX, .entries_max = FILES_MAX};
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	struct diag d = {0};

	fuzz_assert(mkdir("d", 0755) == 0 && symlink("d", "link") == 0 && mkdir("d/e", 0700) == 0,
		"a lower layer");
	u.pass = passes[size ? data[0] % 3 : 0];
	/* The digest of no archive: all of it is read, and refused. */
	u.diff_id = u.pass == UNPACK_WHITEOUTS ? "sha256:" : NULL;
	u.fd = memfd_create("archive", MFD_CLOEXEC);
	fuzz_assert(dir >= 0 && u.fd >= 0, "descriptors");
	fuzz_assert(size < 2 || write(u.fd, data + 1, size - 1) == (ssize_t)size - 1, "the input");
	(void)lseek(u.fd, 0, SEEK_SET);
	r = unpack_run(&u, &d);
	fuzz_assert(r == 0 || (r < 0 && (d.text[0] || r == -ENOMEM)), "an error without a line");
	fuzz_assert(r < 0 || !u.diff_id, "a layer of another digest");
	(void)close(u.fd);
	look_around();
	fuzz_assert(remove_contents(dir, &d) == 0, d.text);
	(void)close(dir);
}

static void *work(void *arg)
{
	fuzz_assert(unshare(CLONE_FS) == 0 && chroot(fuzz_folder()) == 0 && chdir("/") == 0,
		"a root of its own");
	for (;;) {
		(void)pthread_barrier_wait(&begin);
		unpack(input, input_size);
		(void)pthread_barrier_wait(&end);
	}
	return NULL;
}

static void map_root(void)
{
	static const char *const files[] = {
		"/proc/self/setgroups", "/proc/self/uid_map", "/proc/self/gid_map"};
	unsigned int ids[] = {0, geteuid(), getegid()};
	char text[64];
	int i, fd;

	fuzz_assert(unshare(CLONE_NEWUSER) == 0, "a user namespace");
	for (i = 0; i < 3; i++) {
		(void)snprintf(text, sizeof(text), i ? "0 %u 1" : "deny", ids[i]);
		fd = open(files[i], O_WRONLY | O_CLOEXEC);
		fuzz_assert(fd >= 0 && write(fd, text, strlen(text)) > 0, files[i]);
		(void)close(fd);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	pthread_t thread;

	if (geteuid() != 0)
		map_root();
	fuzz_assert(unshare(CLONE_NEWNS) == 0 &&
			    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
			    mount("tmpfs", fuzz_folder(), "tmpfs", MS_NODEV | MS_NOEXEC,
				    "size=16m") == 0,
		"a file system of its own");
	fuzz_beginnings = 12;
	(void)pthread_barrier_init(&begin, NULL, 2);
	(void)pthread_barrier_init(&end, NULL, 2);
	fuzz_assert(pthread_create(&thread, NULL, work, NULL) == 0, "a thread");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = data;
	input_size = size;
	(void)pthread_barrier_wait(&begin);
	(void)pthread_barrier_wait(&end);
	fuzz_check_descriptors();
	return 0;
}

/* ---- seeds ---- */

struct seed_entry {
	const char *name;
	mode_t mode;
	const char *link; /* of a symbolic link; a hard link when mode is 0 */
	const char *data;
};

static void add_entry(struct archive *a, const struct seed_entry *s)
{
	struct archive_entry *e = archive_entry_new();
	size_t size = s->data ? strlen(s->data) : 0;

	archive_entry_set_pathname(e, s->name);
	archive_entry_set_mode(e, s->mode ? s->mode : S_IFREG | 0644);
	archive_entry_set_size(e, (la_int64_t)size);
	if (s->link && s->mode)
		archive_entry_set_symlink(e, s->link);
	else if (s->link)
		archive_entry_set_hardlink(e, s->link);
	archive_entry_xattr_add_entry(e, "user.kept", "yes", 3);
	archive_entry_xattr_add_entry(e, "trusted.overlay.opaque", "y", 1);
	fuzz_assert(archive_write_header(a, e) == ARCHIVE_OK, archive_error_string(a));
	if (size)
		(void)archive_write_data(a, s->data, size);
	archive_entry_free(e);
}

static void seed(const char *name, uint8_t pass, int format, int filter,
	const struct seed_entry *entries, size_t n)
{
	static uint8_t data[65536];
	struct archive *a = archive_write_new();
	size_t used, i;

	data[0] = pass;
	fuzz_assert(archive_write_set_format(a, format) == ARCHIVE_OK &&
			    archive_write_add_filter(a, filter) == ARCHIVE_OK &&
			    archive_write_open_memory(a, data + 1, sizeof(data) - 1, &used) ==
				    ARCHIVE_OK,
		archive_error_string(a));
	for (i = 0; i < n; i++)
		add_entry(a, &entries[i]);
	(void)archive_write_close(a);
	(void)archive_write_free(a);
	fuzz_seed(name, data, 1 + used);
}

void fuzz_seeds(void)
{
	static const struct seed_entry good[] = {{"a/", S_IFDIR | 0755},
		{"a/file", S_IFREG | 04755, NULL, "x"}, {"a/hard", 0, "a/file"},
		{"a/soft", S_IFLNK | 0777, "file"}, {"pipe", S_IFIFO | 0644}};
	static const struct seed_entry bad[] = {{"out", S_IFLNK | 0777, "/../../tmp"},
		{"out/file", S_IFREG | 0644, NULL, "x"}, {"/absolute", S_IFREG | 0644, NULL, "x"},
		{"disk", S_IFBLK | 0644}, {"up/../../file", S_IFREG | 0644, NULL, "x"}};
	static const struct seed_entry layer[] = {{"d/.wh.e", S_IFREG | 0644},
		{"d/.wh..wh..opq", S_IFREG | 0644}, {"link/.wh.e", S_IFREG | 0644},
		{".wh.link", S_IFREG | 0644}, {"d", S_IFREG | 0644, NULL, "x"},
		{".wh...", S_IFREG | 0644}};

	seed("tar", 0, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_NONE, good,
		ARRAY_SIZE(good));
	seed("ustar", 0, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, good, ARRAY_SIZE(good));
	seed("gnutar", 0, ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_NONE, bad, ARRAY_SIZE(bad) - 1);
	seed("cpio", 0, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_NONE, good,
		ARRAY_SIZE(good));
	seed("gzip", 0, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, good, ARRAY_SIZE(good));
	seed("zstd", 0, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, good, ARRAY_SIZE(good));
	seed("xz", 0, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, good, ARRAY_SIZE(good));
	seed("hostile", 0, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_NONE, bad,
		ARRAY_SIZE(bad));
	seed("whiteouts", 1, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, layer,
		ARRAY_SIZE(layer));
	seed("layer", 2, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, layer,
		ARRAY_SIZE(layer) - 1);
}

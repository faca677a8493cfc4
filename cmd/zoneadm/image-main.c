/* SPDX-License-Identifier: MIT */
/*
 * zone-image: what zoneadm export and import need libarchive for. Started by zoneadm-config, with
 * descriptors for everything but names; see export.c and import.c.
 *
 *	zone-image export ZONE ROOT OUT NAME CONFIG UUID
 *						     writes the tree ROOT to OUT, with the text of the file CONFIG
 *	zone-image open ZONE ARCHIVE FILE LAYOUT CONFIG UUID DIGEST
 *						     unpacks an export, whose name is FILE, into LAYOUT; the
 *						     configuration, the uuid and the image's digest go to CONFIG,
 *						     UUID and DIGEST
 *	zone-image fill ZONE LAYOUT ROOT FROM TO     unpacks the root of what was opened: that of the zone FROM, for TO
 *	zone-image another ZONE ROOT FROM TO	     what was copied from FROM is from now on another machine, TO
 *
 * Exit status 0, or 1 after one line on stderr, which is about ZONE.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "image/jail.h"
#include "image/layers.h"
#include "image/layout-write.h"
#include "image/root-file.h"
#include "image/unpack.h"
#include "linux/interrupt.h"
#include "linux/process-state.h"

#define CONFIG_MAX (1024 * 1024)

static int descriptor(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *text && !*end && n > 2 && n <= INT_MAX && fcntl((int)n, F_SETFD, FD_CLOEXEC) == 0
		       ? (int)n
		       : -EBADF;
}

static char *read_text(int fd, struct diag *d)
{
	char *text = calloc(1, CONFIG_MAX);
	ssize_t n = text ? pread(fd, text, CONFIG_MAX, 0) : -1;

	if (n > 0 && n < CONFIG_MAX)
		return text;
	(void)diag_set(d, -EINVAL, "cannot read the zone's configuration");
	free(text);
	return NULL;
}

static int do_export(char **argv, struct diag *d)
{
	int root = descriptor(argv[0]), out = descriptor(argv[1]), config = descriptor(argv[3]);
	_cleanup_free_ char *text = NULL;

	if (root < 0 || out < 0 || config < 0)
		return -EBADF;
	text = read_text(config, d);
	return text ? layout_write(root, out, argv[2], text, argv[4], d) : -EINVAL;
}

/* oci_open() takes the descriptor over. */
static int open_image(struct oci_image *image, int layout, struct diag *d)
{
	return oci_open(image, fcntl(layout, F_DUPFD_CLOEXEC, 3), NULL, d);
}

/* An export is an image, of which there is one. */
static int open_export(struct oci_image *image, int layout, struct diag *d)
{
	struct diag why = {0};
	int r = open_image(image, layout, &why);

	if (r == 0 && !image->zone_config)
		return diag_set(
			d, -EBADMSG, "it is an image, but no exported zone: use install -i");
	if (r == -EBADMSG || r == -ENOENT || r == -ENOTSUP)
		return diag_set(d, r, "it is no exported zone, or a damaged one: %s", why.text);
	*d = why;
	return r;
}

static int do_open(char **argv, struct diag *d)
{
	struct unpack u = {.fd = descriptor(argv[0]), .name = argv[1]};
	int layout = descriptor(argv[2]), config = descriptor(argv[3]);
	int uuid = descriptor(argv[4]), digest = descriptor(argv[5]), r;
	struct oci_image image = {.dir = FD_NONE};
	struct stat st;

	if (u.fd < 0 || layout < 0 || config < 0 || uuid < 0 || digest < 0 || fstat(u.fd, &st) < 0)
		return -EBADF;
	r = layers_fetch(&u, (uint64_t)st.st_size, layout, d);
	if (r == 0)
		r = open_export(&image, layout, d);
	if (r == 0 && (dprintf(config, "%s", image.zone_config) < 0 ||
			      (image.zone_uuid && dprintf(uuid, "%s", image.zone_uuid) < 0) ||
			      dprintf(digest, "%s", image.manifest.digest) < 0))
		r = diag_errno(d, -errno, "cannot write the zone's configuration");
	oci_close(&image);
	return r;
}

static int do_fill(char **argv, struct diag *d)
{
	int layout = descriptor(argv[0]), root = descriptor(argv[1]), r;
	struct root_rename name = {.from = argv[2], .to = argv[3]};
	struct oci_image image = {.dir = FD_NONE};

	if (layout < 0 || root < 0)
		return -EBADF;
	r = open_image(&image, layout, d);
	if (r == 0)
		r = layers_apply(&image, root, d);
	if (r == 0)
		r = jail_run(root, root_rename_run, &name, d);
	oci_close(&image);
	return r;
}

static int do_another(char **argv, struct diag *d)
{
	int root = descriptor(argv[0]), r;
	struct root_rename names = {.from = argv[1], .to = argv[2]};
	_cleanup_close_ int dir = FD_NONE;

	if (root < 0)
		return -EBADF;
	r = jail_run(root, root_another_run, &names, d);
	if (r < 0)
		return r;
	/* That of an overlay is good for its place only. */
	dir = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 || syncfs(dir) < 0 ? diag_errno(d, -errno, "cannot write to the disk") : 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int words;
		int (*run)(char **argv, struct diag *d);
	} verbs[] = {{"export", 5, do_export}, {"open", 6, do_open}, {"fill", 4, do_fill},
		{"another", 3, do_another}};
	struct diag d = {0};
	size_t i;
	int r = -EINVAL;

	process_begin();
	interrupt_note();
	(void)umask(022);
	for (i = 0; argc > 1 && i < ARRAY_SIZE(verbs); i++)
		if (streq(argv[1], verbs[i].name) && argc == 3 + verbs[i].words)
			r = verbs[i].run(argv + 3, &d);
	if (r == 0)
		return 0;
	(void)fprintf(stderr, "zoneadm: zone '%s': %s\n", argc > 2 ? argv[2] : "",
		d.text[0] ? d.text : strerror(-r));
	return 1;
}

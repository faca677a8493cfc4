/* SPDX-License-Identifier: MIT */
/* What makes a tree the root of a zone; see settle.h. Every path here is inside the jail. */
#include "settle.h"
#include "program.h"

#include <sys/stat.h>

#include "image/root-file.h"

#define INIT "/sbin/init"

/* Mounted on by zoneadmd, which follows no link of a zone: real directories. */
static int make_dirs(struct diag *d)
{
	static const struct {
		const char *path;
		mode_t mode;
	} dirs[] = {{"/dev", 0755}, {"/native", 0755}, {"/proc", 0555}, {"/run", 0755},
		{"/sys", 0555}, {"/tmp", 01777}, {"/etc", 0755}};
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (mkdir(dirs[i].path, 0755) == 0) {
			if (chmod(dirs[i].path, dirs[i].mode) < 0)
				return diag_errno(d, -errno, "cannot make %s", dirs[i].path);
			continue;
		}
		if (errno != EEXIST)
			return diag_errno(d, -errno, "cannot make %s", dirs[i].path);
		if (lstat(dirs[i].path, &st) < 0 || !S_ISDIR(st.st_mode))
			return diag_set(
				d, -ENOTDIR, "%s of the new root is not a directory", dirs[i].path);
	}
	/* The root itself: an archive need not have an entry for it. */
	return chmod("/", 0755) < 0 || chown("/", 0, 0) < 0
		       ? diag_errno(d, -errno, "cannot set the mode of the new root")
		       : 0;
}

static int check_init(struct diag *d)
{
	struct stat st;

	if (stat(INIT, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111))
		return 0;
	return diag_set(d, -ENOEXEC,
		"there is no program " INIT
		" in it: this brand runs whole systems, with their init");
}

int settle_image_run(void *arg, struct diag *d)
{
	const struct oci_program *program = arg;
	int r = program ? 0 : check_init(d);

	if (r == 0)
		r = make_dirs(d);
	if (r == 0)
		r = settle_inittab(d);
	return r < 0 || !program ? r : program_write(program, d);
}

int settle_zone_run(void *arg, struct diag *d)
{
	char line[256];
	int r;

	(void)snprintf(line, sizeof(line), "%s\n", (const char *)arg);
	r = root_file_write("/etc/hostname", line, d);
	return r < 0 ? r : root_forget_machine(d);
}

/* SPDX-License-Identifier: MIT */
/*
 * Postclone hook of brand linux: clone ZONE ZONEPATH [option...] SOURCE. A copy of a system is another
 * machine: it gets what systemd's rules for images ask for, and its name, if the source had its own.
 * The root is written to from a jail, since the source's root may have made any link in it.
 *
 * Exit status: 0 done; 253 wrong arguments; 254 failed.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "image/jail.h"
#include "image/overlay-root.h"
#include "image/root-file.h"
#include "linux/openat2.h"
#include "settle.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int own_namespace(struct diag *d)
{
	return unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
		       ? diag_errno(d, -errno, "cannot make a mount namespace")
		       : 0;
}

/* An overlay is put over the empty root; it goes with this process. */
static int mount_root(int zonepath, struct diag *d)
{
	_cleanup_close_ int dir = FD_NONE, mounted = FD_NONE;
	char digest[DIGEST_SIZE];
	int r = overlay_open(zonepath, &dir, digest, d);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = overlay_mount(dir, digest, FD_NONE, 0, &mounted, d);
	if (r == 0 && move_mount(mounted, "", zonepath, "root", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		r = diag_errno(d, -errno, "cannot mount the root");
	return r;
}

static int settle(const char *path, const struct root_rename *names, struct diag *d)
{
	_cleanup_close_ int zonepath = FD_NONE, root = FD_NONE;
	int r = own_namespace(d);

	if (r < 0)
		return r;
	zonepath = openat2_fd(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_MAGICLINKS);
	if (zonepath < 0)
		return diag_errno(d, zonepath, "cannot open '%s'", path);
	r = mount_root(zonepath, d);
	if (r < 0)
		return r;
	root = openat(zonepath, "root", OPEN_DIR);
	if (root < 0)
		return diag_errno(d, -errno, "cannot open the root");
	r = jail_run(root, settle_clone_run, (void *)(uintptr_t)names, d);
	return r == 0 && syncfs(root) < 0 ? diag_errno(d, -errno, "cannot write to the disk") : r;
}

int main(int argc, char **argv)
{
	struct root_rename names = {0};
	struct diag d = {0};
	int r;

	if (argc < 4) {
		(void)fputs("usage: brand-linux-clone zone zonepath source\n", stderr);
		return 253;
	}
	names.from = argv[argc - 1];
	names.to = argv[1];
	(void)umask(022);
	r = settle(argv[2], &names, &d);
	if (r == 0)
		return 0;
	(void)fprintf(stderr, "brand linux: %s\n", d.text[0] ? d.text : strerror(-r));
	return 254;
}

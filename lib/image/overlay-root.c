/* SPDX-License-Identifier: MIT */
/* Roots that are overlays; see overlay-root.h. Links no library: zoneadmd uses it. */
#include "image/overlay-root.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "linux/instance.h"
#include "linux/mountfd.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int read_digest(int dir, char ret[DIGEST_SIZE])
{
	char line[DIGEST_SIZE + 1] = {0};
	_cleanup_close_ int fd = openat(dir, "image", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	if (n < 0)
		return -errno;
	line[strcspn(line, "\n")] = '\0';
	return digest_valid(line) ? str_copy(ret, DIGEST_SIZE, line) : -EBADMSG;
}

int overlay_open(int zonepath, int *ret_dir, char ret_digest[DIGEST_SIZE], struct diag *d)
{
	_cleanup_close_ int dir = openat(zonepath, OVERLAY_DIR, OPEN_DIR);
	int r;

	if (dir < 0)
		return errno == ENOENT ? -ENOENT
				       : diag_errno(d, -errno, "cannot open the zone's overlay");
	r = read_digest(dir, ret_digest);
	if (r < 0)
		return diag_errno(d, r == -ENOENT ? -EBADMSG : r,
			"cannot read which image the zone's root is made of (" OVERLAY_DIR
			"/image)");
	*ret_dir = TAKE_FD(dir);
	return 0;
}

static int write_digest(int dir, const char *digest)
{
	_cleanup_close_ int fd =
		openat(dir, "image", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	return fd >= 0 && dprintf(fd, "%s\n", digest) > 0 ? 0 : -errno;
}

int overlay_create(int zonepath, const char *name, const char *digest, struct diag *d)
{
	_cleanup_close_ int dir = FD_NONE;

	if (mkdirat(zonepath, name, 0700) == 0)
		dir = openat(zonepath, name, OPEN_DIR);
	/* The mode of upper is that of the root. */
	if (dir < 0 || mkdirat(dir, "upper", 0755) < 0 || mkdirat(dir, "work", 0700) < 0 ||
		mkdirat(dir, "lower", 0700) < 0)
		return diag_errno(d, -errno, "cannot make an overlay in the zonepath");
	if (write_digest(dir, digest) < 0)
		return diag_errno(d, -errno, "cannot write which image the root is made of");
	return 0;
}

int overlay_image(const char *digest, struct diag *d)
{
	char path[4096];
	int fd, r = instance_path(path, sizeof(path), STORE_PATH "/%s/root", STORE_HEX(digest));

	if (r < 0)
		return diag_errno(d, r, "cannot open the image %s", digest);
	fd = open(path, OPEN_DIR);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		return diag_set(d, -ENOENT,
			"the image that its root is made of is not on this host: %s", digest);
	return diag_errno(d, -errno, "cannot open the image %s", digest);
}

int overlay_mount(
	int dir, const char *digest, int userns, uint32_t owner, int *ret_fd, struct diag *d)
{
	_cleanup_close_ int lower = overlay_image(digest, d);

	return lower < 0 ? lower : mountfd_overlay(dir, lower, userns, owner, ret_fd, d);
}

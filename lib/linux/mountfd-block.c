/* SPDX-License-Identifier: MIT */
/*
 * File systems on block devices and in image files, as detached mounts; see mountfd.h. An image gets a
 * loop device that the kernel frees when its last mount is gone, so there is nothing to undo.
 */
#include "linux/mountfd.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "linux/fs-probe.h"

#define LOOP_TRIES 32 /* another may take the free one first */

static int configure(int control, int image, bool read_only, char *name, size_t size)
{
	struct loop_config config = {.fd = (uint32_t)image,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0)};
	int number = ioctl(control, LOOP_CTL_GET_FREE), fd;

	if (number < 0)
		return -errno;
	(void)snprintf(name, size, "/dev/loop%d", number);
	fd = open(name, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, LOOP_CONFIGURE, &config) < 0) {
		number = -errno;
		(void)close(fd);
		return number;
	}
	return fd;
}

/* The loop device of an image, open: it lives until the descriptor and what is mounted from it are gone. */
static int loop_of(int image, bool read_only, char *name, size_t size, struct diag *d)
{
	_cleanup_close_ int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int i, fd = -EBUSY;

	if (control < 0)
		return diag_errno(d, -errno, "cannot open /dev/loop-control");
	for (i = 0; i < LOOP_TRIES && fd == -EBUSY; i++)
		fd = configure(control, image, read_only, name, size);
	return fd < 0 ? diag_errno(d, fd, "cannot make a loop device") : fd;
}

static int set_option(int fs, char *word, struct diag *d)
{
	char *value = strchr(word, '=');
	int r;

	if (value)
		*value++ = '\0';
	r = value ? fsconfig(fs, FSCONFIG_SET_STRING, word, value, 0)
		  : fsconfig(fs, FSCONFIG_SET_FLAG, word, NULL, 0);
	return r < 0 ? mountfd_context_error(fs, -errno, "cannot set an option", d) : 0;
}

static int mount_from(const char *type, const char *source, const struct mountfd_block *b,
	int *ret_fd, struct diag *d)
{
	_cleanup_close_ int fs = fsopen(type, FSOPEN_CLOEXEC);
	_cleanup_free_ char *list = strdup(b->options);
	char *word, *rest = NULL;
	int fd, r = 0;

	if (!list)
		return -ENOMEM;
	if (fs < 0)
		return errno == ENODEV ? diag_set(d, -ENODEV,
						 "this host's kernel has no file system type '%s', "
						 "and no module for it (modprobe %s)",
						 type, type)
				       : diag_errno(d, -errno, "cannot mount type '%s'", type);
	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) < 0 ||
		(b->read_only && fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0))
		return mountfd_context_error(fs, -errno, "cannot mount", d);
	for (word = strtok_r(list, ",", &rest); word && r == 0; word = strtok_r(NULL, ",", &rest))
		r = set_option(fs, word, d);
	if (r < 0)
		return r;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return mountfd_context_error(fs, -errno, "cannot mount", d);
	fd = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (fd < 0)
		return mountfd_context_error(fs, -errno, "cannot mount", d);
	*ret_fd = fd;
	return 0;
}

/* Of a mount that failed: what is there instead, when it is known. */
static int explain(int holds, const char *type, int err, struct diag *d)
{
	struct diag found = {0};

	return holds >= 0 && err == -EINVAL && fs_probe_check(holds, type, &found) < 0
		       ? diag_set(d, err, "%s", found.text)
		       : err;
}

static int mount_device(const char *type, const char *path, const struct mountfd_block *b,
	int *ret_fd, struct diag *d)
{
	_cleanup_close_ int device = FD_NONE;
	int r = mount_from(type, path, b, ret_fd, d);

	if (r == -EINVAL)
		device = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return explain(device, type, r, d);
}

static int mount_image(const char *type, const char *path, const struct mountfd_block *b,
	int *ret_fd, struct diag *d)
{
	_cleanup_close_ int image = FD_NONE, loop = FD_NONE;
	char name[32];
	int r;

	image = open(path, (b->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (image < 0)
		return diag_errno(d, -errno, "cannot open the image");
	loop = loop_of(image, b->read_only, name, sizeof(name), d);
	r = loop < 0 ? loop : mount_from(type, name, b, ret_fd, d);
	return loop < 0 ? r : explain(image, type, r, d);
}

int mountfd_block(
	const char *type, int special, const struct mountfd_block *b, int *ret_fd, struct diag *d)
{
	char path[64];
	struct stat st;

	if (fstat(special, &st) < 0)
		return -errno;
	if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
		return diag_set(d, -ENOTBLK, "it is neither a block device nor an image file");
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", special);
	return S_ISBLK(st.st_mode) ? mount_device(type, path, b, ret_fd, d)
				   : mount_image(type, path, b, ret_fd, d);
}

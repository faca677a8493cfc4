/* SPDX-License-Identifier: MIT */
/*
 * Makes the file system by which a zone sees the machine as its own; see view.h.
 *
 * The order matters. zsched has the connection before anybody waits for an answer by it, so that a
 * zoneview that takes the place of one that dies now finds it. We do not keep it: with the zone's
 * zsched it ends, and with it whoever waits. Then every name is looked up, once for the life
 * of the zone.
 */
#include "zoneadmd/view.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "linux/clock.h"
#include "linux/mountfd.h"
#include "zone/view-calls.h"
#include "zone/view-files.h"
#include "zone/zsched-calls.h"

#define PATIENCE_MS 3000 /* zoned may be starting a zoneview just now */
#define STEP_MS	    10

static int configure(int fs, int connection, struct diag *d)
{
	char number[16];
	const struct {
		const char *key, *value;
	} words[] = {{"source", "zoneview"}, {"fd", number}, {"rootmode", "40000"},
		{"user_id", "0"}, {"group_id", "0"}};
	static const char *const flags[] = {"allow_other", "default_permissions", "ro"};
	size_t i;

	(void)snprintf(number, sizeof(number), "%d", connection);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (fsconfig(fs, FSCONFIG_SET_STRING, words[i].key, words[i].value, 0) < 0)
			return diag_errno(
				d, -errno, "fuse does not take the option %s", words[i].key);
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (fsconfig(fs, FSCONFIG_SET_FLAG, flags[i], NULL, 0) < 0)
			return diag_errno(d, -errno, "fuse does not take the option %s", flags[i]);
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return diag_errno(d, -errno, "cannot make a fuse file system");
	return 0;
}

static int make_mount(int connection, int *ret_mount, struct diag *d)
{
	_cleanup_close_ int fs = fsopen("fuse", FSOPEN_CLOEXEC);
	int fd, r;

	if (fs < 0)
		return diag_errno(d, -errno, "this kernel has no fuse");
	r = configure(fs, connection, d);
	if (r < 0)
		return r;
	fd = fsmount(fs, FSMOUNT_CLOEXEC,
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (fd < 0)
		return diag_errno(d, -errno, "cannot mount a fuse file system");
	*ret_mount = fd;
	return 0;
}

static int have_it_served(const char *zone, int connection, struct diag *d)
{
	int64_t end = clock_now_ms() + PATIENCE_MS;
	int r;

	while ((r = view_call_serve(zone, connection)) == -ENOENT && clock_now_ms() < end)
		(void)poll(NULL, 0, STEP_MS);
	if (r == -ENOENT)
		return diag_set(d, r, "zoneview does not run");
	return r < 0 ? diag_errno(d, r, "zoneview does not serve it") : 0;
}

/* The names are known to the kernel as long as zsched has the files. */
static int hand_files(const char *zone, int mount, struct diag *d)
{
	int fds[VIEW_FILE_COUNT], i, r = 0;

	for (i = 0; i < VIEW_FILE_COUNT; i++) {
		fds[i] = r < 0 ? FD_NONE
			       : openat(mount, view_files[i].name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fds[i] < 0 && r == 0)
			r = diag_errno(d, -errno, "cannot open its file %s", view_files[i].name);
	}
	if (r == 0)
		r = zsched_call_view(zone, fds, VIEW_FILE_COUNT, d);
	for (i = 0; i < VIEW_FILE_COUNT; i++)
		(void)fd_close(fds[i]);
	return r;
}

static int make(const char *zone, int *ret_mount, struct diag *d)
{
	int connection = open("/dev/fuse", O_RDWR | O_NONBLOCK | O_CLOEXEC), r;

	if (connection < 0)
		return diag_errno(d, -errno, "cannot open /dev/fuse");
	r = make_mount(connection, ret_mount, d);
	if (r == 0)
		r = zsched_call_view(zone, &connection, 1, d);
	if (r == 0)
		r = have_it_served(zone, connection, d);
	(void)fd_close(connection);
	return r;
}

int view_make(const char *zone, struct mount_list *l, struct diag *d)
{
	_cleanup_close_ int mount = FD_NONE;
	int r = make(zone, &mount, d);

	if (r == 0)
		r = hand_files(zone, mount, d);
	if (r == 0)
		r = mount_list_add_made(l, mount, "/proc");
	if (r == 0)
		mount = FD_NONE;
	else
		(void)zsched_call_view(zone, NULL, 0, NULL);
	return r;
}

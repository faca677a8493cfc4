/* SPDX-License-Identifier: MIT */
/*
 * The directory <run>/NAME.dev, which zoneadmd binds into the zone at /dev/zones, with
 * zoned's door in it. A new zoned attaches its door in the same directory, so
 * that the zone finds it without anything being mounted again. Other daemons put
 * their doors there too.
 */
#include "zoned/zone-impl.h"

#include "linux/log.h"

#include <dirent.h>
#include <door_linux.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#define DEV_FMT "/run/zones/%s.dev"

static int zone_door = FD_NONE;
static zone_key_t dev_key;

static int create(struct zone *z, void **ret_data, struct diag *d)
{
	_cleanup_close_ int dir = FD_NONE;
	char path[PATH_MAX];
	int r = instance_path(path, sizeof(path), DEV_FMT, z->name);

	if (r < 0)
		return diag_set(d, r, "The root prefix is too long");
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return diag_errno(d, -errno, "Cannot make %s", path);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || fchmod(dir, 0755) < 0)
		return diag_errno(d, -errno, "Cannot open %s", path);
	if (door_attachat(dir, "zone_door", zone_door, 0666) < 0)
		return diag_errno(d, -errno, "Cannot attach the door in %s", path);
	return 0;
}

void zone_dev_remove(const char *name)
{
	const struct dirent *e;
	char path[PATH_MAX];
	DIR *dir;

	if (instance_path(path, sizeof(path), DEV_FMT, name) < 0)
		return;
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (!streq(e->d_name, ".") && !streq(e->d_name, ".."))
			(void)unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		(void)closedir(dir);
	if (rmdir(path) < 0 && errno != ENOENT)
		log_line(LOG_WARNING, "zone=%s Cannot remove %s: %m", name, path);
}

static void destroy(struct zone *z, void *data)
{
	char door[PATH_MAX];

	if (instance_path(door, sizeof(door), DEV_FMT "/zone_door", z->name) == 0)
		(void)door_detach(door);
	zone_dev_remove(z->name);
}

int zone_dev_init(int door)
{
	static const struct zsd_callbacks callbacks = {"dev", create, NULL, destroy};

	zone_door = door;
	return zsd_key_create(&callbacks, &dev_key);
}

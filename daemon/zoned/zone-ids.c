/* SPDX-License-Identifier: MIT */
/*
 * Which ids must rest. With the id of a zone goes its range of uids, and whoever still holds a
 * namespace of a zone that is gone has these uids in it: the id is given to nobody until its user
 * namespace, which all the others hold, has gone. Who that is zone-traces.c says.
 *
 * The handle of each id's user namespace is in <run>/ids, a slot for each id, so that the next
 * zoned knows it too: it is there from before the zone is READY, and stays until another zone gets the
 * id. Handles are good for one start of the host only, which the head names.
 *
 * Lock: none. A slot belongs to the zone of its id; one of no zone is looked at under zonehash_lock.
 */
#include "zoned/zone-impl.h"

#include "linux/log.h"
#include "linux/ns-handle.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#define IDS_FILE  INSTANCE_RUN "/ids"
#define IDS_MAGIC "zones-ids 1"
#define BOOT_ID	  "/proc/sys/kernel/random/boot_id"

struct head {
	char magic[16];
	char boot[40];
};

static struct ns_handle ids[MAX_ZONES];
static int ids_fd = FD_NONE;

static off_t place_of(zoneid_t id)
{
	return (off_t)(sizeof(struct head) + (size_t)id * sizeof(ids[0]));
}

static void store(zoneid_t id)
{
	if (ids_fd >= 0 &&
		pwrite(ids_fd, &ids[id], sizeof(ids[id]), place_of(id)) != (ssize_t)sizeof(ids[id]))
		log_line(LOG_WARNING, "Cannot write %s: %m", IDS_FILE);
}

static int read_boot(struct head *ret)
{
	_cleanup_close_ int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	*ret = (struct head){.magic = IDS_MAGIC};
	return fd < 0 || read(fd, ret->boot, sizeof(ret->boot) - 1) <= 0 ? -errno : 0;
}

/* What is not of this start of the host, or of another zoned's making, is nothing. */
static int load(int fd)
{
	struct head now, then;
	int r = read_boot(&now);

	if (r < 0)
		return r;
	if (pread(fd, &then, sizeof(then), 0) == (ssize_t)sizeof(then) &&
		memcmp(&then, &now, sizeof(now)) == 0)
		return pread(fd, ids, sizeof(ids), place_of(0)) < 0 ? -errno : 0;
	if (ftruncate(fd, 0) < 0 || pwrite(fd, &now, sizeof(now), 0) != (ssize_t)sizeof(now))
		return -errno;
	return 0;
}

int zone_ids_open(struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;
	char path[PATH_MAX];
	int r = instance_path(path, sizeof(path), IDS_FILE);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return diag_errno(d, -errno, "Cannot open %s", path);
	r = load(fd);
	if (r < 0)
		return diag_errno(d, r, "Cannot read %s", path);
	ids_fd = TAKE_FD(fd);
	return 0;
}

void zone_ids_take(zoneid_t id, int userns)
{
	ns_handle_of(userns, &ids[id]);
	store(id);
}

bool zone_ids_rest(zoneid_t id)
{
	return ns_handle_lives(&ids[id]);
}

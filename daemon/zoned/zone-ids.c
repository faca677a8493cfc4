/* SPDX-License-Identifier: MIT */
/*
 * Which ids must rest, and for whom: the credentials of a zone. With the id of a zone goes its range of uids, and
 * whoever still holds a namespace of a zone that is gone has these uids in it: the id is given to nobody
 * until its user namespace, which all the others hold, has gone. Who that is zone-traces.c says. The same
 * is true while zoned itself works for a caller, or writes to a subscriber, that it knows by the id. A zone
 * that is gone while there is one of these is on deathrow: nothing waits for it but the id.
 *
 * The handle of each id's user namespace is in <run>/ids, a slot for each id, so that the next
 * zoned knows it too, and goes on with the numbers: it is there from before the zone is READY, and stays until
 * another zone gets the id. Handles are good for one start of the host only, which the head names.
 *
 * Lock: none. A slot belongs to the zone of its id; one of no zone is looked at under zonehash_lock. The
 * counts are atomic.
 */
#include "zoned/zone-impl.h"

#include "linux/log.h"
#include "linux/ns-handle.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#define IDS_FILE  INSTANCE_RUN "/ids"
#define IDS_MAGIC "zones-ids 2"
#define BOOT_ID	  "/proc/sys/kernel/random/boot_id"

struct head {
	char magic[16];
	char boot[40];
};

struct slot {
	struct ns_handle userns;
	uint64_t uniqid;
	int64_t destroyed; /* seconds since the epoch; 0: not yet */
	char name[ZONENAME_MAX];
};

static struct slot ids[MAX_ZONES];
static atomic_uint creds[MAX_ZONES];
static int ids_fd = FD_NONE;

static off_t place_of(zoneid_t id)
{
	return (off_t)(sizeof(struct head) + (size_t)id * sizeof(ids[0]));
}

static int store(zoneid_t id)
{
	ssize_t n = sizeof(ids[id]);

	if (ids_fd >= 0)
		n = pwrite(ids_fd, &ids[id], sizeof(ids[id]), place_of(id));
	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(ids[id]) ? 0 : -ENOSPC;
}

void zone_ids_log(int r)
{
	if (r < 0)
		log_line(LOG_WARNING, "Cannot write %s: %s", IDS_FILE, strerror(-r));
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

void zone_ids_last(zoneid_t *ret_id, uint64_t *ret_uniqid)
{
	*ret_id = GLOBAL_ZONEID;
	*ret_uniqid = 0;
	for (zoneid_t id = GLOBAL_ZONEID + 1; id <= MAX_ZONEID; id++) {
		if (ids[id].uniqid <= *ret_uniqid)
			continue;
		*ret_id = id;
		*ret_uniqid = ids[id].uniqid;
	}
}

void zone_ids_take(const struct zone *z, int userns)
{
	struct slot *slot = &ids[z->id];

	*slot = (struct slot){.uniqid = z->uniqid};
	(void)str_copy(slot->name, sizeof(slot->name), z->name);
	ns_handle_of(userns, &slot->userns);
	zone_ids_log(store(z->id));
}

int zone_ids_gone(zoneid_t id)
{
	ids[id].destroyed = time(NULL);
	return store(id);
}

bool zone_ids_rest(zoneid_t id)
{
	return atomic_load(&creds[id]) > 0 || ns_handle_lives(&ids[id].userns);
}

/* ---- credentials ---- */

static bool is_of_zone(zoneid_t id)
{
	return id > GLOBAL_ZONEID && id <= MAX_ZONEID;
}

void zone_cred_hold(zoneid_t id)
{
	if (is_of_zone(id))
		(void)atomic_fetch_add(&creds[id], 1);
}

void zone_cred_rele(zoneid_t id)
{
	if (is_of_zone(id))
		(void)atomic_fetch_sub(&creds[id], 1);
}

unsigned int zone_cred_count(zoneid_t id)
{
	return is_of_zone(id) ? atomic_load(&creds[id]) : 0;
}

bool zone_ids_dead(zoneid_t id, struct zone_dead *ret)
{
	struct slot *slot = &ids[id];

	if (!slot->name[0])
		return false;
	*ret = (struct zone_dead){.id = id, .uniqid = slot->uniqid, .destroyed = slot->destroyed};
	ret->creds = zone_cred_count(id);
	ret->userns = ns_handle_lives(&slot->userns);
	(void)str_copy(ret->name, sizeof(ret->name), slot->name);
	if (ret->creds || ret->userns)
		return true;
	*slot = (struct slot){
		0}; /* that of the file is as dead, and is asked by the next zoned only */
	return false;
}

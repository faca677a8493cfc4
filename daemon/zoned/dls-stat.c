/* SPDX-License-Identifier: MIT */
/*
 * What links count; see dls-stat.h. The base of a link whose device was ever changed is in
 * <run>/zones/linkstat.<linkid>, with the device it belongs to and what had been told: a
 * zoned that was killed over the change finds another device there than the link's and goes
 * on from what was told. Without a file base is 0, the device is the link's first.
 *
 *	zones-linkstat 1 <inode of the namespace> <ifindex>
 *	<base> <last> for each counter, one line each
 *
 * Whoever is root in a zone can take away the device he was lent and put another with its
 * index there; the counters then stand still until it has counted as far.
 */
#include "zoned/mac.h"
#include "zoned/prop.h"

#include "linux/instance.h"
#include "linux/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>

#define FILE_MAGIC "zones-linkstat 1"

static void from_device(const struct nl_stats *s, uint64_t v[DLD_STAT_OF_DEVICE])
{
	v[DLD_STAT_IPACKETS64] = s->rx_packets;
	v[DLD_STAT_RBYTES64] = s->rx_bytes;
	v[DLD_STAT_IERRORS] = s->rx_errors;
	v[DLD_STAT_OPACKETS64] = s->tx_packets;
	v[DLD_STAT_OBYTES64] = s->tx_bytes;
	v[DLD_STAT_OERRORS] = s->tx_errors;
	v[DLD_STAT_MULTIRCV] = s->multicast;
	v[DLD_STAT_NORCVBUF] = s->rx_dropped;
	v[DLD_STAT_NOXMTBUF] = s->tx_dropped;
	v[DLD_STAT_COLLISIONS] = s->collisions;
	v[DLD_STAT_UNKNOWNS] = s->rx_nohandler;
}

/* ---- the file ---- */

static int file_path(char *buf, datalink_id_t id, const char *suffix)
{
	return instance_path(buf, PATH_MAX, "%s/linkstat.%u%s", INSTANCE_RUN, id, suffix);
}

static bool read_counts(FILE *f, struct dls_count *c)
{
	if (fscanf(f, FILE_MAGIC " %" SCNu64 " %d\n", &c->netns, &c->ifindex) != 2)
		return false;
	for (unsigned int i = 0; i < DLD_STAT_OF_DEVICE; i++)
		if (fscanf(f, "%" SCNu64 " %" SCNu64 "\n", &c->base[i], &c->last[i]) != 2)
			return false;
	return true;
}

static void load(datalink_id_t id, struct dls_count *ret)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PATH_MAX];

	*ret = (struct dls_count){0};
	if (file_path(path, id, "") == 0)
		f = fopen(path, "re");
	if (f && !read_counts(f, ret)) {
		log_line(LOG_WARNING, "link=%u: Counters of before cannot be read", id);
		*ret = (struct dls_count){0};
	}
	ret->loaded = true;
}

static int write_counts(const char *path, const struct dls_count *c)
{
	_cleanup_fclose_ FILE *f = NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	f = fdopen(fd, "w");
	if (!f) {
		(void)fd_close(fd);
		return -ENOMEM;
	}
	errno = 0;
	(void)fprintf(f, FILE_MAGIC " %" PRIu64 " %d\n", c->netns, c->ifindex);
	for (unsigned int i = 0; i < DLD_STAT_OF_DEVICE; i++)
		(void)fprintf(f, "%" PRIu64 " %" PRIu64 "\n", c->base[i], c->last[i]);
	if (fflush(f) != 0 || ferror(f))
		return errno ? -errno : -EIO;
	return 0;
}

/* In the perimeter: one writer. Counters that cannot be kept keep nobody from lending a link. */
static void save(datalink_id_t id, const struct dls_count *c)
{
	char path[PATH_MAX], tmp[PATH_MAX];
	int r;

	r = file_path(path, id, "");
	if (r == 0)
		r = file_path(tmp, id, ".new");
	if (r == 0) {
		r = write_counts(tmp, c);
		if (r == 0 && rename(tmp, path) < 0)
			r = -errno;
		if (r < 0)
			(void)unlink(tmp);
	}
	if (r < 0)
		log_line(LOG_WARNING, "link=%u: Cannot keep its counters: %s", id, strerror(-r));
}

void dls_stat_forget(datalink_id_t id)
{
	char path[PATH_MAX];

	if (file_path(path, id, "") == 0)
		(void)unlink(path);
}

/* Each of a killed zoned is of a link that may never be counted again. */
void dls_stat_restart(void)
{
	char path[PATH_MAX];
	const struct dirent *e;
	DIR *dir;

	if (instance_path(path, sizeof(path), "%s", INSTANCE_RUN) < 0)
		return;
	dir = opendir(path);
	if (!dir)
		return;
	while ((e = readdir(dir)))
		if (fnmatch("linkstat.*.new", e->d_name, 0) == 0)
			(void)unlinkat(dirfd(dir), e->d_name, 0);
	(void)closedir(dir);
}

/* ---- counting ---- */

static void load_once(struct devnet *dd)
{
	struct dls_count c;
	bool loaded;

	(void)pthread_mutex_lock(&dd->dd_mutex);
	loaded = dd->dd_count.loaded;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	if (loaded)
		return;
	load(dd->dd_linkid, &c);
	(void)pthread_mutex_lock(&dd->dd_mutex);
	if (!dd->dd_count.loaded)
		dd->dd_count = c;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

/* From home: a socket in the zone's namespace would hold that for some time after a halt. */
static int read_away(struct dls_view *v, const struct dls_place *at, struct nl_stats *ret)
{
	struct nl *home;
	int nsid, r = dls_view_nl(v, GLOBAL_ZONEID, &home);

	if (r == 0)
		r = mac_zone_nsid(home, at->zone, &nsid);
	return r < 0 ? r : nl_link_stats_of(home, nsid, at->ifindex, ret);
}

static int read_device(struct dls_view *v, const struct dls_place *at, struct nl_stats *ret)
{
	struct nl *nl;
	int r;

	if (!at->ifindex)
		return -ENODEV;
	if (at->zone != GLOBAL_ZONEID && read_away(v, at, ret) == 0)
		return 0;
	r = dls_view_nl(v, at->zone, &nl);
	return r < 0 ? r : nl_link_stats(nl, at->ifindex, ret);
}

/* Brings last up to what the device, which is at, counts now. */
static void count_locked(struct dls_count *c, const struct dls_place *at, const uint64_t *now)
{
	bool first = c->ifindex == 0;

	if (c->netns != at->netns || c->ifindex != at->ifindex) {
		for (unsigned int i = 0; i < DLD_STAT_OF_DEVICE; i++)
			c->base[i] = first ? 0 : c->last[i] - now[i];
		c->netns = at->netns;
		c->ifindex = at->ifindex;
	}
	for (unsigned int i = 0; i < DLD_STAT_OF_DEVICE; i++) {
		uint64_t sum = c->base[i] + now[i];

		if ((int64_t)(sum - c->last[i]) > 0)
			c->last[i] = sum;
	}
}

/* Refreshes the link's counters and copies them. */
static void count(
	struct dls_view *v, struct devnet *dd, struct dls_count *ret, struct nl_stats *ret_device)
{
	uint64_t now[DLD_STAT_OF_DEVICE];
	struct devnet_info i;
	int r;

	load_once(dd);
	dls_devnet_info(dd, &i);
	*ret_device = (struct nl_stats){0};
	r = read_device(v, &i.at, ret_device);
	from_device(ret_device, now);
	(void)pthread_mutex_lock(&dd->dd_mutex);
	if (r == 0 && dd->dd_at.netns == i.at.netns && dd->dd_at.ifindex == i.at.ifindex)
		count_locked(&dd->dd_count, &i.at, now);
	*ret = dd->dd_count;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

void dls_stat_reply(struct dls_view *v, struct devnet *dd, struct dld_linkstats_reply *ret)
{
	struct nl_stats device;
	struct devnet_info i;
	struct dls_count c;

	dls_devnet_info(dd, &i);
	ret->linkid = i.linkid;
	ret->zoneid = i.at.zone;
	count(v, dd, &c, &device);
	memcpy(ret->values, c.last, sizeof(c.last));
	(void)dls_protect_drops(i.linkid, &ret->values[DLD_STAT_MACSPOOFED]);
	ret->rx_queues = device.rx_queues;
	ret->tx_queues = device.tx_queues;
}

static void count_and_save(struct devnet *dd)
{
	_cleanup_view_ struct dls_view v = {0};
	struct nl_stats device;
	struct dls_count c;

	count(&v, dd, &c, &device);
	if (dd->dd_linkid != DATALINK_INVALID_LINKID)
		save(dd->dd_linkid, &c);
}

void dls_stat_leave(struct devnet *dd)
{
	count_and_save(dd);
}

void dls_stat_settle(struct devnet *dd)
{
	count_and_save(dd);
}

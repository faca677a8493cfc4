/* SPDX-License-Identifier: MIT */
/*
 * <run>/zones/links: what a zoned that was killed could not learn again from the
 * kernel or dlmgmtd, which device is which link. Text, one link a line, replaced
 * as a whole; mode 0600. It lives on tmpfs and ends with the devices it tells of.
 *
 * A line is written before a device is made or moved (flag "new", a target place)
 * and again afterwards, so that a zoned killed in between knows where to look.
 *
 *	zones-links 3 <inode of home>
 *	<linkid> <name> <class> <media> <owner> <transient> <flags>
 *	  <zone> <netns> <ifindex>  <to zone> <to netns> <to ifindex>  <home ifindex>
 *	  <device> <over> <port> <twin's port> <mac> <mactype> <mtu>
 *	  <what it is made of, struct dld_spec in hexadecimal digits>
 */
#include "zoned/dls-impl.h"

#include "linux/instance.h"
#include "linux/log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>

#define STATE_MAGIC  "zones-links"
#define STATE_FORMAT 3
#define STATE_FIELDS 26

static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER; /* one writer of the file */

static void write_spec(FILE *f, const struct dld_spec *spec)
{
	const uint8_t *bytes = (const uint8_t *)spec;

	(void)fputc(' ', f);
	for (size_t i = 0; i < sizeof(*spec); i++)
		(void)fprintf(f, "%02x", bytes[i]);
}

static void write_link(FILE *f, const struct devnet_info *i)
{
	(void)fprintf(f, "%u %s %u %u %d %d %u", i->linkid, i->linkname, i->class, i->media,
		(int)i->owner_zid, i->transient, i->flags);
	(void)fprintf(f, " %d %" PRIu64 " %d %d %" PRIu64 " %d %d", (int)i->at.zone, i->at.netns,
		i->at.ifindex, (int)i->to.zone, i->to.netns, i->to.ifindex, i->home_ifindex);
	(void)fprintf(f, " %s %u %d %d %02x:%02x:%02x:%02x:%02x:%02x %u %u",
		i->device[0] ? i->device : "-", i->over, i->port, i->twin_port, i->mac[0],
		i->mac[1], i->mac[2], i->mac[3], i->mac[4], i->mac[5], i->mactype, i->mtu);
	write_spec(f, &i->spec);
	(void)fputc('\n', f);
}

static int write_all(FILE *f)
{
	struct devnet **all;
	struct devnet_info i;
	size_t count;
	int r;

	r = dls_devnet_snapshot(&all, &count);
	if (r < 0)
		return r;
	(void)fprintf(f, "%s %d %" PRIu64 "\n", STATE_MAGIC, STATE_FORMAT, dls_home_inode());
	for (size_t n = 0; n < count; n++) {
		dls_devnet_info(all[n], &i);
		if (i.linkid != DATALINK_INVALID_LINKID)
			write_link(f, &i);
	}
	dls_devnet_snapshot_free(all, count);
	if (fflush(f) != 0 || ferror(f))
		return errno ? -errno : -EIO;
	return 0;
}

static int write_file(const char *path, const char *tmp)
{
	_cleanup_fclose_ FILE *f = NULL;
	int fd, r;

	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	f = fdopen(fd, "w");
	if (!f) {
		(void)fd_close(fd);
		return -ENOMEM;
	}
	errno = 0;
	r = write_all(f);
	if (r == 0 && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(tmp);
	return r;
}

int dls_state_save(void)
{
	char path[PATH_MAX], tmp[PATH_MAX];
	int r;

	r = instance_path(path, sizeof(path), "%s/links", INSTANCE_RUN);
	if (r == 0)
		r = instance_path(tmp, sizeof(tmp), "%s/links.new", INSTANCE_RUN);
	if (r == 0) {
		(void)pthread_mutex_lock(&state_lock);
		r = write_file(path, tmp);
		(void)pthread_mutex_unlock(&state_lock);
	}
	if (r < 0)
		log_line(LOG_ERR, "link: Cannot write %s/links: %s", INSTANCE_RUN, strerror(-r));
	return r;
}

/* Returns the end of it, NULL when it is none. */
static const char *read_spec(const char *text, struct dld_spec *ret)
{
	uint8_t *bytes = (uint8_t *)ret;

	if (*text++ != ' ')
		return NULL;
	for (size_t i = 0; i < sizeof(*ret); i++, text += 2)
		if (strspn(text, "0123456789abcdef") < 2 || sscanf(text, "%2hhx", &bytes[i]) != 1)
			return NULL;
	return text;
}

static int read_link(const char *line, struct devnet_info *i)
{
	int transient, end = 0, n;
	const char *rest;

	memset(i, 0, sizeof(*i));
	n = sscanf(line,
		"%" SCNu32 " %31s %" SCNu32 " %" SCNu32 " %d %d %u"
		" %d %" SCNu64 " %d %d %" SCNu64 " %d %d"
		" %15s %" SCNu32 " %d %d %hhx:%hhx:%hhx:%hhx:%hhx:%hhx %" SCNu32 " %" SCNu32 "%n",
		&i->linkid, i->linkname, &i->class, &i->media, &i->owner_zid, &transient, &i->flags,
		&i->at.zone, &i->at.netns, &i->at.ifindex, &i->to.zone, &i->to.netns,
		&i->to.ifindex, &i->home_ifindex, i->device, &i->over, &i->port, &i->twin_port,
		&i->mac[0], &i->mac[1], &i->mac[2], &i->mac[3], &i->mac[4], &i->mac[5], &i->mactype,
		&i->mtu, &end);
	rest = n == STATE_FIELDS ? read_spec(line + end, &i->spec) : NULL;
	if (!rest || *rest != '\n' || i->linkid == DATALINK_INVALID_LINKID)
		return -EBADMSG;
	i->transient = transient != 0;
	if (streq(i->device, "-"))
		i->device[0] = '\0';
	return 0;
}

int dls_state_load(int (*fn)(const struct devnet_info *i, void *arg), void *arg)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PATH_MAX], line[512];
	struct devnet_info i;
	uint64_t home;
	int r, format;

	r = instance_path(path, sizeof(path), "%s/links", INSTANCE_RUN);
	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? 0 : -errno;
	if (!fgets(line, sizeof(line), f) ||
		sscanf(line, STATE_MAGIC " %d %" SCNu64, &format, &home) != 2 ||
		format != STATE_FORMAT)
		return -EBADMSG;
	if (home != dls_home_inode()) /* of another network namespace: nothing here is meant */
		return 0;
	while (fgets(line, sizeof(line), f)) {
		r = read_link(line, &i);
		if (r == 0)
			r = fn(&i, arg);
		if (r < 0)
			return r;
	}
	return ferror(f) ? -EIO : 1;
}

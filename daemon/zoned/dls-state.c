/* SPDX-License-Identifier: MIT */
/*
 * <run>/zones/linkstate/: what a zoned that was killed could not learn again from the
 * kernel or dlmgmtd, which device is which link. A file for each link, named by its linkid,
 * replaced as a whole; mode 0600. A change costs the same however many links there are. The
 * directory lives on tmpfs and ends with the devices it tells of.
 *
 * A file is written before a device is made or moved (flag "new", a target place)
 * and again afterwards, so that a zoned killed in between knows where to look.
 *
 *	home: zones-links 4 <inode of home>
 *	LINKID: <linkid> <name> <class> <media> <owner> <transient> <flags>
 *	  <zone> <netns> <ifindex>  <to zone> <to netns> <to ifindex>  <home ifindex>
 *	  <device> <over> <port> <twin's port> <mac> <mactype> <mtu>
 *	  <what it is made of, struct dld_spec in hexadecimal digits>
 *
 * "home" is written last: without it the others say nothing.
 */
#include "zoned/dls-impl.h"

#include "linux/instance.h"
#include "linux/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>

#define STATE_MAGIC  "zones-links"
#define STATE_FORMAT 4
#define STATE_FIELDS 26
#define STATE_DIR    INSTANCE_RUN "/linkstate"
#define STATE_HOME   "home"
#define STATE_NEW    "new"

static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER; /* one writer */

static int path_of(char *buf, const char *name)
{
	return instance_path(buf, PATH_MAX, STATE_DIR "/%s", name);
}

/* The linkid that a file is named by, DATALINK_INVALID_LINKID for another file. */
static datalink_id_t id_of_name(const char *name)
{
	char *end;
	unsigned long id = strtoul(name, &end, 10);

	return *end || end == name || id > UINT32_MAX ? DATALINK_INVALID_LINKID : (datalink_id_t)id;
}

static void write_spec(FILE *f, const struct dld_spec *spec)
{
	const uint8_t *bytes = (const uint8_t *)spec;

	(void)fputc(' ', f);
	for (size_t i = 0; i < sizeof(*spec); i++)
		(void)fprintf(f, "%02x", bytes[i]);
}

static void write_link(FILE *f, const void *arg)
{
	const struct devnet_info *i = arg;

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

/* A file is there as it was, or as it is to be. state_lock is held. */
static int replace(const char *name, void (*write)(FILE *f, const void *arg), const void *arg)
{
	char path[PATH_MAX], tmp[PATH_MAX];
	FILE *f;
	int fd, r;

	r = path_of(path, name);
	if (r == 0)
		r = path_of(tmp, STATE_NEW);
	if (r < 0)
		return r;
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	f = fdopen(fd, "w");
	if (!f) {
		(void)fd_close(fd);
		return -ENOMEM;
	}
	write(f, arg);
	if (fclose(f) != 0 || rename(tmp, path) < 0)
		return -errno;
	return 0;
}

static void write_home(FILE *f, const void *arg)
{
	(void)fprintf(f, "%s %d %" PRIu64 "\n", STATE_MAGIC, STATE_FORMAT, dls_home_inode());
}

static int save_locked(datalink_id_t id)
{
	char name[16], path[PATH_MAX];
	struct devnet_info i;
	int r;

	(void)snprintf(name, sizeof(name), "%u", id);
	if (dls_devnet_info_of(id, &i) == 0)
		return replace(name, write_link, &i);
	r = path_of(path, name);
	return r == 0 && unlink(path) < 0 && errno != ENOENT ? -errno : r;
}

/* Calls fn for the linkid of each file. */
static int each_file(int (*fn)(datalink_id_t id, void *arg), void *arg)
{
	char path[PATH_MAX];
	const struct dirent *e;
	DIR *dir;
	int r;

	r = path_of(path, "");
	if (r < 0)
		return r;
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (r == 0 && (e = readdir(dir)))
		if (id_of_name(e->d_name) != DATALINK_INVALID_LINKID)
			r = fn(id_of_name(e->d_name), arg);
	(void)closedir(dir);
	return r;
}

static int drop_gone(datalink_id_t id, void *arg)
{
	struct devnet_info i;

	return dls_devnet_info_of(id, &i) < 0 ? save_locked(id) : 0;
}

static int save_all_locked(void)
{
	struct devnet **all;
	char path[PATH_MAX];
	size_t count;
	int r;

	r = path_of(path, "");
	if (r == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0)
		r = dls_devnet_snapshot(&all, &count);
	if (r < 0)
		return r;
	for (size_t n = 0; n < count && r == 0; n++)
		if (all[n]->dd_linkid != DATALINK_INVALID_LINKID)
			r = save_locked(all[n]->dd_linkid);
	dls_devnet_snapshot_free(all, count);
	if (r == 0)
		r = each_file(drop_gone, NULL);
	return r < 0 ? r : replace(STATE_HOME, write_home, NULL);
}

static int log_failure(int r)
{
	if (r < 0)
		log_line(LOG_ERR, "link: Cannot write " STATE_DIR ": %s", strerror(-r));
	return r;
}

int dls_state_save(datalink_id_t id)
{
	int r;

	if (id == DATALINK_INVALID_LINKID)
		return 0;
	(void)pthread_mutex_lock(&state_lock);
	r = save_locked(id);
	if (r == -ENOENT) /* the first one, or somebody took the directory away */
		r = save_all_locked();
	(void)pthread_mutex_unlock(&state_lock);
	return log_failure(r);
}

int dls_state_save_all(void)
{
	int r;

	(void)pthread_mutex_lock(&state_lock);
	r = save_all_locked();
	(void)pthread_mutex_unlock(&state_lock);
	return log_failure(r);
}

/* ---- reading ---- */

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

static FILE *open_file(const char *name)
{
	char path[PATH_MAX];

	return path_of(path, name) < 0 ? NULL : fopen(path, "re");
}

struct load {
	int (*fn)(const struct devnet_info *i, void *arg);
	void *arg;
};

static int load_one(datalink_id_t id, void *arg)
{
	_cleanup_fclose_ FILE *f = NULL;
	const struct load *load = arg;
	char name[16], line[512];
	struct devnet_info i;
	int r;

	(void)snprintf(name, sizeof(name), "%u", id);
	f = open_file(name);
	if (!f)
		return -errno;
	if (!fgets(line, sizeof(line), f))
		return -EBADMSG;
	r = read_link(line, &i);
	if (r == 0 && i.linkid != id)
		r = -EBADMSG;
	return r == 0 ? load->fn(&i, load->arg) : r;
}

int dls_state_load(int (*fn)(const struct devnet_info *i, void *arg), void *arg)
{
	_cleanup_fclose_ FILE *f = open_file(STATE_HOME);
	struct load load = {fn, arg};
	char line[128];
	uint64_t home;
	int r, format;

	if (!f)
		return errno == ENOENT ? 0 : -errno;
	if (!fgets(line, sizeof(line), f) ||
		sscanf(line, STATE_MAGIC " %d %" SCNu64, &format, &home) != 2 ||
		format != STATE_FORMAT)
		return -EBADMSG;
	if (home != dls_home_inode()) /* of another network namespace: nothing here is meant */
		return 0;
	r = each_file(load_one, &load);
	return r < 0 ? r : 1;
}

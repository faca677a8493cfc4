/* SPDX-License-Identifier: MIT */
/*
 * Which properties of links are set, and <run>/zones/linkprops, where a zoned that was killed
 * finds them again. Text, one property a line, replaced as a whole, mode 0600:
 *
 *	zones-linkprops 1 <inode of home>
 *	<linkid> <property> <value>
 *	<linkid> first:<property> <value that the device had before it was set>
 *	<linkid> lent:<property> <what was set before the zone that has the link asked for another; "-": nothing>
 *
 * Lock: table_lock, a leaf that is held over the writing of the file.
 */
#include "zoned/prop.h"

#include "linux/instance.h"
#include "linux/log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>

#define FIRST	    "first:"
#define LENT	    "lent:"
#define TABLE_MAGIC "zones-linkprops 1"
#define TABLE_LINE  (DLADM_PROP_VALLEN + MAXLINKATTRLEN + 32)

struct setting {
	struct setting *next;
	datalink_id_t id;
	char prop[MAXLINKATTRLEN];
	char *text;
};

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct setting *settings;

/* ---- the list; table_lock is held ---- */

static struct setting **find(datalink_id_t id, const char *prop)
{
	struct setting **at;

	for (at = &settings; *at && ((*at)->id != id || !streq((*at)->prop, prop));
		at = &(*at)->next)
		;
	return at;
}

static void setting_free(struct setting *s)
{
	if (s)
		free(s->text);
	free(s);
}

static int setting_new(datalink_id_t id, const char *prop, const char *text, struct setting **ret)
{
	struct setting *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->id = id;
	s->text = strdup(text);
	if (!s->text || str_copy(s->prop, sizeof(s->prop), prop) < 0) {
		setting_free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

/* Puts s (NULL: nothing) in the place of what *at was; returns that. */
static struct setting *replace(struct setting **at, struct setting *s)
{
	struct setting *old = *at;

	if (s)
		s->next = old ? old->next : NULL;
	*at = s ? s : old ? old->next : NULL;
	return old;
}

/* ---- the file ---- */

static int write_to(const char *tmp, const char *path)
{
	_cleanup_fclose_ FILE *f = NULL;
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	f = fdopen(fd, "w");
	if (!f) {
		(void)fd_close(fd);
		return -ENOMEM;
	}
	errno = 0;
	(void)fprintf(f, "%s %" PRIu64 "\n", TABLE_MAGIC, dls_home_inode());
	for (const struct setting *s = settings; s; s = s->next)
		(void)fprintf(f, "%" PRIu32 " %s %s\n", s->id, s->prop, s->text);
	if (fflush(f) != 0 || ferror(f) || rename(tmp, path) < 0) {
		int r = errno ? -errno : -EIO;

		(void)unlink(tmp);
		return r;
	}
	return 0;
}

static int save(void)
{
	char path[PATH_MAX], tmp[PATH_MAX];
	int r;

	r = instance_path(path, sizeof(path), "%s/linkprops", INSTANCE_RUN);
	if (r == 0)
		r = instance_path(tmp, sizeof(tmp), "%s/linkprops.new", INSTANCE_RUN);
	if (r == 0)
		r = write_to(tmp, path);
	if (r < 0)
		log_line(
			LOG_ERR, "link: Cannot write %s/linkprops: %s", INSTANCE_RUN, strerror(-r));
	return r;
}

static bool is_property(const char *name)
{
	static const char *const marks[] = {FIRST, LENT};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (strncmp(name, marks[i], strlen(marks[i])) == 0)
			name += strlen(marks[i]);
	return dladm_property_find(name) != NULL;
}

static int read_line(char *line)
{
	char prop[MAXLINKATTRLEN];
	struct setting *s;
	datalink_id_t id;
	int end = 0;
	size_t len = strlen(line);

	if (len == 0 || line[len - 1] != '\n')
		return -EBADMSG;
	line[len - 1] = '\0';
	if (sscanf(line, "%" SCNu32 " %31s %n", &id, prop, &end) != 2 || !end || !line[end] ||
		!is_property(prop))
		return -EBADMSG;
	if (setting_new(id, prop, line + end, &s) < 0)
		return -ENOMEM;
	setting_free(replace(find(id, prop), s));
	return 0;
}

int prop_table_load(void)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PATH_MAX], line[TABLE_LINE];
	uint64_t home;
	int r;

	r = instance_path(path, sizeof(path), "%s/linkprops", INSTANCE_RUN);
	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? 0 : -errno;
	if (!fgets(line, sizeof(line), f) || sscanf(line, TABLE_MAGIC " %" SCNu64, &home) != 1)
		return -EBADMSG;
	if (home != dls_home_inode()) /* of another network namespace: nothing here is meant */
		return 0;
	(void)pthread_mutex_lock(&table_lock);
	while (fgets(line, sizeof(line), f)) {
		int bad = read_line(line);

		r = r ? r : bad;
	}
	(void)pthread_mutex_unlock(&table_lock);
	return ferror(f) ? -EIO : r;
}

/* ---- for prop.c ---- */

bool prop_table_get(datalink_id_t id, const char *prop, char ret[DLADM_PROP_VALLEN])
{
	const struct setting *s;

	ret[0] = '\0';
	(void)pthread_mutex_lock(&table_lock);
	s = *find(id, prop);
	if (s)
		(void)str_copy(ret, DLADM_PROP_VALLEN, s->text);
	(void)pthread_mutex_unlock(&table_lock);
	return s != NULL;
}

int prop_table_set(datalink_id_t id, const char *prop, const char *text)
{
	struct setting *s = NULL, *old;
	int r;

	if (text) {
		r = setting_new(id, prop, text, &s);
		if (r < 0)
			return r;
	}
	(void)pthread_mutex_lock(&table_lock);
	old = replace(find(id, prop), s);
	r = s || old ? save() : 0;
	if (r < 0) { /* as it was */
		struct setting **at = s ? find(id, prop) : &settings;

		if (s) {
			(void)replace(at, NULL);
			setting_free(s);
		}
		if (old) {
			old->next = settings;
			settings = old;
		}
		old = NULL;
	}
	(void)pthread_mutex_unlock(&table_lock);
	setting_free(old);
	return r;
}

static const char *marked(const char *mark, const char *prop, char name[MAXLINKATTRLEN])
{
	(void)snprintf(name, MAXLINKATTRLEN, "%s%s", mark, prop);
	return name;
}

bool prop_table_get_first(datalink_id_t id, const char *prop, char ret[DLADM_PROP_VALLEN])
{
	char name[MAXLINKATTRLEN];

	return prop_table_get(id, marked(FIRST, prop, name), ret);
}

int prop_table_set_first(datalink_id_t id, const char *prop, const char *value)
{
	char name[MAXLINKATTRLEN];

	return prop_table_set(id, marked(FIRST, prop, name), value);
}

bool prop_table_get_lent(datalink_id_t id, const char *prop, char ret[DLADM_PROP_VALLEN])
{
	char name[MAXLINKATTRLEN];

	if (!prop_table_get(id, marked(LENT, prop, name), ret))
		return false;
	if (streq(ret, "-"))
		ret[0] = '\0';
	return true;
}

int prop_table_set_lent(datalink_id_t id, const char *prop, const char *value)
{
	char name[MAXLINKATTRLEN];

	return prop_table_set(id, marked(LENT, prop, name), value && !*value ? "-" : value);
}

bool prop_table_any(datalink_id_t id)
{
	const struct setting *s;

	(void)pthread_mutex_lock(&table_lock);
	for (s = settings; s && s->id != id; s = s->next)
		;
	(void)pthread_mutex_unlock(&table_lock);
	return s != NULL;
}

static void take_out(bool (*keep)(datalink_id_t id), datalink_id_t id)
{
	struct setting **at, *s;
	bool changed = false;

	(void)pthread_mutex_lock(&table_lock);
	for (at = &settings; (s = *at);) {
		if (keep ? keep(s->id) : s->id != id) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		setting_free(s);
		changed = true;
	}
	if (changed)
		(void)save(); /* logged; a link of that id that is made later forgets again */
	(void)pthread_mutex_unlock(&table_lock);
}

void prop_table_forget(datalink_id_t id)
{
	take_out(NULL, id);
}

void prop_table_sweep(bool (*known)(datalink_id_t id))
{
	take_out(known, DATALINK_INVALID_LINKID);
}

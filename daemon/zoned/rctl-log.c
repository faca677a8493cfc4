/* SPDX-License-Identifier: MIT */
/*
 * The global action of resource controls: a line in the system log when a zone hits one. What
 * is to be logged, and how loud, is in /etc/rctladm.conf, which is zoned's to write: it is read
 * at start, and again when rctladm -u asks for it.
 *
 * The kernel tells nobody that it refused something, it counts. So once in a second (the thread
 * of kstat-sample.c) the counts are compared with those of a second ago. A value with the action none
 * refuses nothing; for it the usage counts, and one line is written when it gets above the value.
 *
 * Lock: log_lock guards the levels and the file; what was seen of a zone is only touched by the one
 * thread. It is a leaf, except that the log itself is written under it.
 */
#include "zoned/zone-impl.h"

#include "linux/log.h"
#include "linux/sync.h"
#include "zone/rctl-text.h"

#include <inttypes.h>
#include <limits.h>

#define CONF "/etc/rctladm.conf"

static const char conf_head[] = "#\n"
				"# What happens when resource controls are hit, beside their own\n"
				"# actions. Changed by rctladm(8); rctladm -u reads it again.\n"
				"#\n";

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static int levels[RCTL_COUNT]; /* log_lock; ZONE_RCTL_LOG_OFF or a priority of syslog(3) */

static void all_off(int to[RCTL_COUNT])
{
	int i;

	for (i = 0; i < RCTL_COUNT; i++)
		to[i] = ZONE_RCTL_LOG_OFF;
}

/* ---- the file ---- */

static int parse_line(char *line, int to[RCTL_COUNT])
{
	enum zone_rctl_id id;
	char *action;

	line[strcspn(line, "#\n")] = '\0';
	line += strspn(line, " \t");
	if (!*line)
		return 0;
	action = strchr(line, '=');
	if (!action)
		return -EINVAL;
	*action++ = '\0';
	if (zone_rctl_find(line, &id) < 0 || zone_rctl_parse_log(action, &to[id]) < 0)
		return -EINVAL;
	return to[id] != ZONE_RCTL_LOG_OFF && !zone_rctl_loggable(id) ? -EINVAL : 0;
}

/* No file is no logging; a line that cannot be read leaves everything as it was. */
static int load_locked(struct diag *d)
{
	_cleanup_fclose_ FILE *f = NULL;
	_cleanup_free_ char *line = NULL;
	int read[RCTL_COUNT], n = 0, r;
	char path[PATH_MAX];
	size_t room = 0;

	all_off(read);
	r = instance_path(path, sizeof(path), CONF);
	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f && errno != ENOENT)
		return diag_errno(d, -errno, "Cannot read %s", path);
	while (f && getline(&line, &room, f) >= 0) {
		n++;
		if (parse_line(line, read) < 0)
			return diag_set(d, -EINVAL,
				"%s, line %d: not 'control=syslog=level' or 'control=none'", path,
				n);
	}
	if (f && ferror(f))
		return diag_errno(d, -EIO, "Cannot read %s", path);
	memcpy(levels, read, sizeof(levels));
	return 0;
}

static int write_conf(FILE *f)
{
	char text[ZONE_RCTL_LOG_TEXT];
	int i;

	(void)fputs(conf_head, f);
	for (i = 0; i < RCTL_COUNT; i++) {
		zone_rctl_format_log(levels[i], text);
		(void)fprintf(f, "%s=%s\n", zone_rctls[i].name, text);
	}
	return fflush(f) == 0 && fsync(fileno(f)) == 0 ? 0 : -errno;
}

static int save_locked(struct diag *d)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	FILE *f;
	int r = instance_path(path, sizeof(path), CONF);

	if (r == 0)
		r = instance_path(fresh, sizeof(fresh), CONF ".new");
	if (r < 0)
		return r;
	f = fopen(fresh, "we");
	if (!f)
		return diag_errno(d, -errno, "Cannot write %s", fresh);
	r = write_conf(f);
	(void)fclose(f);
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(fresh);
	else
		r = sync_folder_of(path);
	return r < 0 ? diag_errno(d, r, "Cannot write %s", path) : 0;
}

/* ---- calls ---- */

static int find(const struct zone_rctl_log_req *req, enum zone_rctl_id *ret, struct diag *d)
{
	if (!str_terminated(req->name, sizeof(req->name)) || zone_rctl_find(req->name, ret) < 0)
		return diag_set(d, -EINVAL, "There is no such resource control");
	return 0;
}

int serve_rctl_log_get(struct zoned_call *call)
{
	struct zone_rctl_log_reply *reply = call->reply;
	enum zone_rctl_id id;
	int r = find(call->req, &id, &call->diag);

	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&log_lock);
	reply->level = levels[id];
	(void)pthread_mutex_unlock(&log_lock);
	reply->loggable = zone_rctl_loggable(id);
	return 0;
}

static int set_locked(enum zone_rctl_id id, int level, struct diag *d)
{
	int r, old = levels[id];

	levels[id] = level;
	r = save_locked(d);
	if (r < 0)
		levels[id] = old;
	return r;
}

int serve_rctl_log_set(struct zoned_call *call)
{
	const struct zone_rctl_log_req *req = call->req;
	enum zone_rctl_id id;
	int r;

	if (req->level == ZONE_RCTL_LOG_RELOAD) {
		(void)pthread_mutex_lock(&log_lock);
		r = load_locked(&call->diag);
		(void)pthread_mutex_unlock(&log_lock);
		return r;
	}
	r = find(req, &id, &call->diag);
	if (r < 0)
		return r;
	if (req->level != ZONE_RCTL_LOG_OFF && (req->level < LOG_EMERG || req->level > LOG_DEBUG))
		return diag_set(&call->diag, -EINVAL, "There is no such level of the system log");
	if (req->level != ZONE_RCTL_LOG_OFF && !zone_rctl_loggable(id))
		return diag_set(&call->diag, -EINVAL,
			"rctl '%s': the kernel does not tell when it is hit", req->name);
	(void)pthread_mutex_lock(&log_lock);
	r = set_locked(id, req->level, &call->diag);
	(void)pthread_mutex_unlock(&log_lock);
	return r;
}

/* ---- watching ---- */

/* A value that only tells, and the usage is above it. */
static bool above_one(struct zone *z, enum zone_rctl_id id, uint64_t *ret_limit)
{
	struct zone_rctls rctls;
	uint64_t used;
	uint32_t i;

	if ((zone_rctls[id].flags & (ZRCTL_DENY_ALWAYS | ZRCTL_NO_DENY)))
		return false;
	zone_rctls_get(z, &rctls);
	for (i = 0; i < rctls.count; i++) {
		const struct zone_rctl_value *v = &rctls.values[i];

		if (v->action != ZRCTL_NONE || !streq(v->name, zone_rctls[id].name))
			continue;
		*ret_limit = v->limit;
		if (zone_rctl_usage(z, id, &used) == 0 && used > v->limit)
			return true;
	}
	return false;
}

/* What a zone's controls had a second ago, by enum zone_rctl_id; ZSD. */
struct seen {
	uint64_t refused[RCTL_COUNT];
	uint32_t known, above; /* bits of the ids */
};

static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;
static zone_key_t seen_key;

static int seen_create(struct zone *z, void **ret_data, struct diag *d)
{
	*ret_data = calloc(1, sizeof(struct seen));
	return *ret_data ? 0 : -ENOMEM;
}

static void seen_destroy(struct zone *z, void *data)
{
	(void)pthread_mutex_lock(&seen_lock); /* who looks has done */
	(void)pthread_mutex_unlock(&seen_lock);
	free(data);
}

static void look_at_locked(struct zone *z, struct seen *s, enum zone_rctl_id id, int level)
{
	struct zone_rctls rctls;
	uint64_t now, more, limit;
	uint32_t bit = 1u << id;
	bool above;

	if (zone_rctl_refused(z, id, &now) == 0) {
		more = (s->known & bit) && now > s->refused[id] ? now - s->refused[id] : 0;
		s->refused[id] = now;
		s->known |= bit;
		zone_rctls_get(z, &rctls);
		if (more)
			log_line(level,
				"zone=%s privileged rctl %s (value %" PRIu64 ") exceeded: %" PRIu64
				" more refused",
				z->name, zone_rctls[id].name, zone_rctls_limit(&rctls, id), more);
	}
	above = above_one(z, id, &limit);
	if (above && !(s->above & bit))
		log_line(level, "zone=%s privileged rctl %s (value %" PRIu64 ") exceeded", z->name,
			zone_rctls[id].name, limit);
	s->above = above ? s->above | bit : s->above & ~bit;
}

void rctl_log_look(struct zone *z)
{
	int now[RCTL_COUNT], i;
	struct seen *s;

	(void)pthread_mutex_lock(&log_lock);
	memcpy(now, levels, sizeof(now));
	(void)pthread_mutex_unlock(&log_lock);
	(void)pthread_mutex_lock(&seen_lock);
	s = zsd_get(z, seen_key);
	for (i = 0; s && i < RCTL_COUNT; i++) {
		if (now[i] != ZONE_RCTL_LOG_OFF)
			look_at_locked(z, s, (enum zone_rctl_id)i, now[i]);
		else
			s->known &= ~(1u << i); /* what is missed meanwhile is not told later */
	}
	(void)pthread_mutex_unlock(&seen_lock);
}

int rctl_log_init(void)
{
	static const struct zsd_callbacks callbacks = {
		.name = "rctl", .create = seen_create, .destroy = seen_destroy};
	struct diag d = {0};
	int r;

	(void)pthread_mutex_lock(&log_lock);
	all_off(levels);
	r = load_locked(&d);
	(void)pthread_mutex_unlock(&log_lock);
	if (r < 0)
		log_line(LOG_ERR, "Hit resource controls are not logged: %s",
			d.text[0] ? d.text : strerror(-r));
	return zsd_key_create(&callbacks, &seen_key);
}

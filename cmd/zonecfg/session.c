/* SPDX-License-Identifier: MIT */
/*
 * What the session does with the disk. A commit takes the name in the index
 * first, which only one of two sessions can do, and writes the file then; when that
 * fails the index goes back to what it was.
 */
#include "resource.h"

#include <limits.h>
#include <spawn.h>
#include <sys/wait.h>
#include <zone.h>

#include "linux/audit.h"
#include "linux/instance.h"

static void print_message(const struct session *s, const char *prefix, const char *fmt, va_list ap)
	_printf_(3, 0);

static void print_message(const struct session *s, const char *prefix, const char *fmt, va_list ap)
{
	_cleanup_free_ char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		return;
	}
	(void)fflush(stdout);
	(void)fprintf(stderr, "zonecfg: zone '%s': %s%s", s->zone, prefix, text);
	if (s->source)
		(void)fprintf(stderr, " on line %u of %s", s->line, s->source);
	(void)fputc('\n', stderr);
}

int complain(const struct session *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_message(s, "", fmt, ap);
	va_end(ap);
	return Z_ERR;
}

void warn(const struct session *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_message(s, "WARNING: ", fmt, ap);
	va_end(ap);
}

bool session_ask(const char *question)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	(void)printf("%s (y/[n])? ", question);
	(void)fflush(stdout);
	return getline(&line, &size, stdin) > 0 && (line[0] == 'y' || line[0] == 'Y');
}

void session_leave_scope(struct session *s)
{
	if (s->res != RES_NONE && res_types[s->res].kind >= 0)
		zonecfg_item_fini((enum zonecfg_kind)res_types[s->res].kind, &s->item);
	memset(&s->item, 0, sizeof(s->item));
	s->res = RES_NONE;
}

void session_fini(struct session *s)
{
	session_leave_scope(s);
	s->cfg = zonecfg_free(s->cfg);
}

/* Whether /etc/zones, or the nearest directory above it that exists, may be written. */
static void find_read_only(struct session *s)
{
	static const char *const below[] = {"/etc/zones", "/etc", "/"};
	char path[PATH_MAX];
	size_t i;

	s->read_only = false;
	for (i = 0; i < ARRAY_SIZE(below); i++) {
		if (instance_path(path, sizeof(path), "%s", below[i]) < 0)
			return;
		if (access(path, W_OK) == 0)
			return;
		if (errno != ENOENT)
			break;
	}
	s->read_only = true;
	s->why_read_only = -errno;
}

static int load_global(struct session *s)
{
	struct diag d = {0};
	int r = zonecfg_load(s->zone, &s->cfg, &d);

	if (r == Z_NO_ZONE)
		r = zonecfg_new(s->zone, &s->cfg);
	return r ? complain(s, "%s", d.text[0] ? d.text : zonecfg_strerror(r)) : Z_OK;
}

bool session_is_live(const struct session *s)
{
	char path[PATH_MAX];

	if (getzoneidbyname(s->zone) >= 0)
		return true;
	if (errno == EINVAL)
		return false;
	return instance_path(path, sizeof(path), INSTANCE_RUN "/%s.snapshot", s->zone) < 0 ||
	       access(path, F_OK) == 0;
}

int session_load(struct session *s)
{
	struct diag d = {0};
	int r;

	session_leave_scope(s);
	s->cfg = zonecfg_free(s->cfg);
	s->changed = false;
	s->uuid_changed = false;
	s->move_installed = false;
	find_read_only(s);
	if (s->global)
		return load_global(s);
	r = zone_index_find(s->zone, &s->entry);
	if (r < 0)
		return complain(s, "cannot read the index of zones: %s", zonecfg_strerror(r));
	s->in_index = r == Z_OK;
	r = zonecfg_load(s->zone, &s->cfg, &d);
	if (r == Z_NO_ZONE && !s->in_index)
		return Z_OK;
	if (r == Z_NO_ZONE)
		return complain(s, "it is in the index of zones but has no configuration file");
	if (r)
		return complain(s, "%s", d.text);
	if (!s->in_index)
		warn(s, "it has a configuration file but is not in the index of zones");
	return Z_OK;
}

static void print_problem(void *arg, int code, const char *text)
{
	const struct session *s = arg;

	if (code)
		(void)complain(s, "%s", text);
	else
		warn(s, "%s", text);
}

/* Runs "command FILE" with a shell. True when it exits 0. */
static bool run_hook(const char *command, char *file)
{
	_cleanup_free_ char *line = NULL;
	char *argv[] = {(char *)"sh", (char *)"-c", NULL, (char *)"sh", file, NULL};
	int status;
	pid_t pid;

	if (asprintf(&line, "%s \"$1\"", command) < 0) {
		line = NULL;
		return false;
	}
	argv[2] = line;
	if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The brand's own opinion: its verify_cfg hook gets the path of a file with the configuration. */
static int run_verify_hook(struct session *s, const struct brand *brand)
{
	_cleanup_free_ char *command = NULL;
	char zonepath[PATH_MAX], file[PATH_MAX];
	struct diag d = {0};
	bool ok;
	int r;

	if (!brand || !brand->hooks[BRAND_VERIFY_CFG] || s->read_only)
		return Z_OK;
	r = instance_path(zonepath, sizeof(zonepath), "%s", s->cfg->zonepath);
	if (!r)
		r = instance_path(file, sizeof(file), "/etc/zones/.%s.verify", s->zone);
	if (!r)
		r = brand_command(brand, BRAND_VERIFY_CFG, s->zone, zonepath, "root", &command);
	if (r)
		return complain(s, "verify_cfg: %s", zonecfg_strerror(r));
	r = zonecfg_save_file(s->cfg, file, &d);
	if (r)
		return complain(s, "%s", d.text);
	ok = run_hook(command, file);
	(void)unlink(file);
	return ok ? Z_OK : complain(s, "brand %s refuses this configuration", brand->name);
}

static int check_admins(struct session *s)
{
	int r = Z_OK;
	size_t i;

	for (i = 0; i < s->cfg->n_admins; i++) {
		const char *user = s->cfg->admins[i].user;

		if (!admin_known(user))
			r = complain(s, "admin user=%s: no such %s", user,
				user[0] == '%' ? "group" : "user");
	}
	return r;
}

int session_verify(struct session *s)
{
	_cleanup_(brand_freep) struct brand *brand = NULL;

	if (s->res != RES_NONE)
		return complain(s, "resource specification incomplete: 'end' or 'cancel' first");
	if (brand_verify_config(s->cfg, print_problem, s, &brand) || check_admins(s))
		return Z_ERR;
	/* it can be kept and exported, but zoneadm will refuse to run it */
	(void)brand_report_unapplied(s->cfg, Z_OK, print_problem, s);
	return run_verify_hook(s, brand);
}

/* What the index says of the configuration; the debugid is given here, where nobody else gives one. */
static int facts_of(struct session *s, struct zone_index_entry *ret)
{
	bool exclusive = s->cfg->ip_type == ZS_EXCLUSIVE;
	_cleanup_free_ char *before = s->cfg->debugid ? strdup(s->cfg->debugid) : NULL;
	uint32_t did;
	int r = zonecfg_settle_did(s->cfg, s->zone, &did);

	if (r)
		return r;
	if (before && !streq(before, s->cfg->debugid))
		warn(s, "debugid %s is another zone's: it is %u now", before, did);
	return zone_index_facts(ret, s->cfg->brand, exclusive, did);
}

static bool facts_differ(const struct zone_index_entry *a, const struct zone_index_entry *b)
{
	return a->did != b->did || !streq(a->brand, b->brand) || !streq(a->ip_type, b->ip_type);
}

/* Puts the zone into the index, or what has changed of it. */
static int commit_index(struct session *s)
{
	struct zone_index_entry e = {.state = ZONE_STATE_CONFIGURED};
	const char *uuid = s->uuid_changed ? s->uuid : NULL;
	int r = facts_of(s, &e);

	if (r)
		return r;
	if (s->in_index && (uuid || !streq(s->entry.zonepath, s->cfg->zonepath)))
		r = zone_index_modify(s->zone, -1, s->cfg->zonepath, uuid);
	if (s->in_index && !r && facts_differ(&s->entry, &e))
		r = zone_index_set_facts(
			s->zone, s->cfg->brand, s->cfg->ip_type == ZS_EXCLUSIVE, e.did);
	if (s->in_index)
		return r;
	if (uuid)
		(void)str_copy(e.uuid, sizeof(e.uuid), uuid);
	if (str_copy(e.name, sizeof(e.name), s->zone) < 0 ||
		str_copy(e.zonepath, sizeof(e.zonepath), s->cfg->zonepath) < 0)
		return Z_TOO_BIG;
	return zone_index_add(&e);
}

/* The file could not be written: the index goes back. */
static void undo_index(struct session *s)
{
	int r;

	if (s->global)
		return;
	if (s->in_index)
		r = zone_index_modify(s->zone, -1, s->entry.zonepath, s->entry.uuid);
	else
		r = zone_index_delete(s->zone);
	if (r)
		(void)complain(s, "cannot undo the change of the index: %s", zonecfg_strerror(r));
}

/* The state on disk may have moved on since the session began. */
static int check_still_there(struct session *s)
{
	struct zone_index_entry now;
	int r;

	if (s->global)
		return Z_OK;
	r = zone_index_find(s->zone, &now);
	if (r < 0)
		return complain(s, "cannot read the index of zones: %s", zonecfg_strerror(r));
	if (s->in_index && r == Z_NO_ZONE)
		return complain(s, "it was deleted by somebody else");
	if (!s->in_index && r == Z_OK)
		return complain(s, "%s", zonecfg_strerror(Z_NAME_IN_USE));
	if (s->in_index && !streq(now.zonepath, s->entry.zonepath))
		return complain(s,
			"its zonepath is %s now: nothing was saved, use 'revert' and begin again",
			now.zonepath);
	if (s->in_index && now.state > ZONE_STATE_CONFIGURED &&
		s->entry.state == ZONE_STATE_CONFIGURED)
		return complain(s, "it is %s now: nothing was saved, use 'revert' and begin again",
			zone_state_str(now.state));
	return Z_OK;
}

/* What may only happen to a zone that does not run; it may have been booted since it was asked. */
static int check_halted(struct session *s)
{
	bool rename = s->in_index && !streq(s->cfg->name, s->zone);
	struct zone_index_entry e;
	char path[PATH_MAX];

	if (!rename && !s->move_installed)
		return Z_OK;
	if (session_is_live(s))
		return complain(s, "%s cannot be changed while the zone is running: halt it first",
			rename ? "zonename" : "zonepath");
	if (!rename)
		return Z_OK;
	if (zone_index_find(s->cfg->name, &e) != Z_NO_ZONE)
		return complain(
			s, "zonename '%s': %s", s->cfg->name, zonecfg_strerror(Z_NAME_IN_USE));
	if (instance_path(path, sizeof(path), "/etc/zones/%s.xml", s->cfg->name) < 0 ||
		access(path, F_OK) == 0)
		return complain(s, "zonename '%s': there is a configuration file of that name",
			s->cfg->name);
	return Z_OK;
}

/*
 * The file of the new name is there: the index follows, and the old file goes. A crash before
 * the index changes leaves a file too many and the zone as it was.
 */
static int finish_rename(struct session *s)
{
	struct diag d = {0};
	int r;

	if (!s->in_index || streq(s->cfg->name, s->zone))
		return Z_OK;
	r = zone_index_rename(s->zone, s->cfg->name);
	if (r) {
		(void)zonecfg_destroy(s->cfg->name, &d);
		undo_index(s);
		return complain(
			s, "cannot rename it in the index of zones: %s", zonecfg_strerror(r));
	}
	if (zonecfg_destroy(s->zone, &d))
		warn(s, "%s", d.text);
	(void)str_copy(s->name, sizeof(s->name), s->cfg->name);
	s->zone = s->name;
	return Z_OK;
}

static int commit(struct session *s)
{
	_cleanup_close_ int lock = FD_NONE;
	struct diag d = {0};
	int r = session_verify(s);

	if (r)
		return r;
	lock = zonecfg_lock(&d);
	if (lock < 0)
		return complain(s, "%s", d.text);
	if (check_still_there(s) || check_halted(s))
		return Z_ERR;
	r = s->global ? Z_OK : commit_index(s);
	if (r)
		return complain(s, "cannot update the index of zones: %s", zonecfg_strerror(r));
	r = zonecfg_save(s->cfg, &d);
	if (r) {
		(void)complain(s, "%s%s", d.text,
			r == Z_CHANGED ? ": nothing was saved, use 'revert' and begin again" : "");
		undo_index(s);
		return Z_ERR;
	}
	if (finish_rename(s))
		return Z_ERR;
	s->changed = false;
	s->uuid_changed = false;
	s->move_installed = false;
	s->in_index = !s->global && zone_index_find(s->zone, &s->entry) == Z_OK;
	return Z_OK;
}

int session_commit(struct session *s)
{
	int r = commit(s);

	audit_record(AUDIT_ZONE_CONFIG, "configure", s->zone, r == Z_OK, "%s", "");
	return r;
}

static int delete_zone(struct session *s)
{
	struct diag d = {0};
	int r = zone_index_delete(s->zone);

	if (r)
		return complain(s, "cannot update the index of zones: %s", zonecfg_strerror(r));
	r = zonecfg_destroy(s->zone, &d);
	if (r) {
		(void)complain(s, "%s", d.text);
		if (s->in_index)
			(void)zone_index_add(&s->entry);
		return Z_ERR;
	}
	session_leave_scope(s);
	s->cfg = zonecfg_free(s->cfg);
	s->in_index = false;
	s->changed = false;
	return Z_OK;
}

int session_delete(struct session *s)
{
	int r = delete_zone(s);

	audit_record(AUDIT_ZONE_CONFIG, "delete", s->zone, r == Z_OK, "%s", "");
	return r;
}

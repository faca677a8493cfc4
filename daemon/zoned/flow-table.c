/* SPDX-License-Identifier: MIT */
/*
 * Which flows there are. Configured ones are in /etc/dladm/flowadm.conf, by the name of their
 * link; they become active when the link comes up and stay so until it goes. Active ones are
 * in memory and in <run>/zones/flows, in the same format with the link's id first, so that a
 * zoned that was killed has the same again, temporary ones too. Their counters are the
 * kernel's and do not notice.
 *
 * A new flow is in the rules, then in the run file, then in the configuration; each failure
 * undoes what was before it. Who is killed in between leaves a flow that is temporary.
 */
#include "zoned/flow.h"
#include "zoned/mac.h"

#include "linux/instance.h"
#include "linux/log.h"

#include <fcntl.h>
#include <limits.h>

#define RUN_MAGIC "zones-flows 1"
#define LINE_ROOM (FLOW_NAME_MAX + MAXLINKNAMELEN + FLOW_TEXT_MAX)

static pthread_mutex_t flow_lock = PTHREAD_MUTEX_INITIALIZER;
static struct flow *flows; /* by name */

/* ---- the list; flow_lock is held ---- */

static struct flow **find_locked(const char *name)
{
	struct flow **at;

	for (at = &flows; *at && strcmp((*at)->line.name, name) < 0; at = &(*at)->next)
		;
	return at;
}

static struct flow *get_locked(const char *name)
{
	struct flow *f = *find_locked(name);

	return f && streq(f->line.name, name) ? f : NULL;
}

static int insert_locked(datalink_id_t id, const struct flow_line *line)
{
	struct flow **at = find_locked(line->name), *f = malloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	*f = (struct flow){.next = *at, .linkid = id, .line = *line};
	*at = f;
	return 0;
}

static void take_out_locked(const char *name)
{
	struct flow **at = find_locked(name), *f = *at;

	if (f && streq(f->line.name, name)) {
		*at = f->next;
		free(f);
	}
}

static bool any_locked(datalink_id_t id)
{
	for (const struct flow *f = flows; f; f = f->next)
		if (f->linkid == id)
			return true;
	return false;
}

bool dls_flow_any(datalink_id_t id)
{
	bool any;

	(void)pthread_mutex_lock(&flow_lock);
	any = any_locked(id);
	(void)pthread_mutex_unlock(&flow_lock);
	return any;
}

/* ---- files; flow_lock is held ---- */

static int conf_path(char *buf)
{
	return instance_path(buf, PATH_MAX, FLOW_CONF);
}

static int conf_change(const char *name, const struct flow_line *line, struct diag *d)
{
	char path[PATH_MAX];
	int r = conf_path(path);

	if (r == 0)
		r = flow_file_change(path, name, line);
	return r < 0 ? diag_errno(d, r, "cannot write %s", FLOW_CONF) : 0;
}

static int write_run(FILE *f)
{
	char text[LINE_ROOM];
	int r = 0;

	(void)fprintf(f, RUN_MAGIC "\n");
	for (const struct flow *x = flows; x && r == 0; x = x->next) {
		r = flow_line_format(&x->line, text, sizeof(text));
		if (r == 0)
			(void)fprintf(f, "%u\t%s", x->linkid, text);
	}
	errno = 0;
	if (r == 0 && (fflush(f) != 0 || ferror(f)))
		r = errno ? -errno : -EIO;
	return r;
}

static int save_run(struct diag *d)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PATH_MAX], tmp[PATH_MAX];
	int fd, r;

	r = instance_path(path, sizeof(path), "%s/flows", INSTANCE_RUN);
	if (r == 0)
		r = instance_path(tmp, sizeof(tmp), "%s/flows.new", INSTANCE_RUN);
	if (r < 0)
		return r;
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	r = f ? write_run(f) : -errno;
	if (r == 0 && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(tmp);
	return r < 0 ? diag_errno(d, r, "cannot write %s/flows", INSTANCE_RUN) : 0;
}

static void save_run_logged(void)
{
	struct diag d = {0};

	if (save_run(&d) < 0)
		log_line(LOG_ERR, "flow: %s", d.text);
}

static int names_step(const struct flow_line *line, void *arg)
{
	return streq(line->link, arg) ? 1 : 0;
}

/* A file that cannot be read names everybody. */
static bool conf_names(const char *link)
{
	char path[PATH_MAX];
	int r = conf_path(path);

	if (r == 0)
		r = flow_file_each(path, names_step, NULL, (void *)link);
	return r != 0;
}

bool dls_flow_names(const struct devnet *dd)
{
	bool any;

	(void)pthread_mutex_lock(&flow_lock);
	any = any_locked(dd->dd_linkid) ||
	      (dd->dd_owner_zid == GLOBAL_ZONEID && conf_names(dd->dd_linkname));
	(void)pthread_mutex_unlock(&flow_lock);
	return any;
}

/* ---- where the traffic goes by ---- */

/* Nowhere: a link in a zone without an end of its own at home, which is not lent while it has flows. */
static int point_find(struct devnet *dd, struct flow_point *at)
{
	_cleanup_nl_ struct nl *home = NULL;
	bool lent = dd->dd_at.zone != GLOBAL_ZONEID;
	int port = lent ? dd->dd_twin_port : dd->dd_port;
	struct nl_link l;
	int r;

	*at = (struct flow_point){.port = port != 0};
	r = nl_open(FD_NONE, &home);
	if (r < 0)
		return r;
	if (!port && lent)
		return 0;
	r = nl_link_get(home, port ? port : dd->dd_at.ifindex, &l);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	memcpy(at->device, l.name, sizeof(at->device));
	return 0;
}

/* Puts the flows of the table that are of this link in force. */
static int apply_locked(struct devnet *dd, const char *gone, struct diag *d)
{
	struct flow_point at;
	int r = point_find(dd, &at);

	if (r < 0)
		return diag_errno(d, r, "cannot find the device of '%s'", dd->dd_linkname);
	return flow_rules_apply(dd->dd_linkid, &at, flows, gone, d);
}

static void apply_logged(struct devnet *dd, const char *gone)
{
	struct diag d = {0};

	if (apply_locked(dd, gone, &d) < 0)
		log_line(LOG_ERR, "link=%s: Flows are not in force: %s", dd->dd_linkname, d.text);
}

void dls_flow_settle(struct devnet *dd)
{
	(void)pthread_mutex_lock(&flow_lock);
	if (any_locked(dd->dd_linkid))
		apply_logged(dd, NULL);
	(void)pthread_mutex_unlock(&flow_lock);
}

/* ---- a link comes up or goes ---- */

struct attach {
	struct devnet *dd;
	unsigned int count;
};

static int attach_step(const struct flow_line *line, void *arg)
{
	struct attach *a = arg;
	int r;

	if (!streq(line->link, a->dd->dd_linkname) || get_locked(line->name))
		return 0;
	r = insert_locked(a->dd->dd_linkid, line);
	if (r == 0)
		a->count++;
	return r;
}

static void bad_line(unsigned int number, const char *why)
{
	log_line(LOG_WARNING, "flow: %s, line %u: %s", FLOW_CONF, number, why);
}

void dls_flow_attach(struct devnet *dd)
{
	struct attach a = {.dd = dd};
	char path[PATH_MAX];
	int r;

	(void)pthread_mutex_lock(&flow_lock);
	r = conf_path(path);
	if (r == 0)
		r = flow_file_each(path, attach_step, bad_line, &a);
	if (r < 0)
		log_line(LOG_ERR, "flow: Cannot read %s: %s", FLOW_CONF, strerror(-r));
	if (a.count) {
		apply_logged(dd, NULL);
		save_run_logged();
	}
	(void)pthread_mutex_unlock(&flow_lock);
}

void dls_flow_detach(datalink_id_t id)
{
	static const struct flow_point nowhere;
	struct flow **at, *f;
	bool any = false;

	(void)pthread_mutex_lock(&flow_lock);
	for (at = &flows; *at;) {
		f = *at;
		if (f->linkid != id) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		(void)flow_rules_apply(id, &nowhere, flows, f->line.name, NULL);
		free(f);
		any = true;
	}
	if (any)
		save_run_logged();
	(void)pthread_mutex_unlock(&flow_lock);
}

/* ---- changes ---- */

struct search {
	const char *name;
	struct flow_line *found;
};

static int search_step(const struct flow_line *line, void *arg)
{
	struct search *s = arg;

	if (!streq(line->name, s->name))
		return 0;
	if (s->found)
		*s->found = *line;
	return 1;
}

/* 1 when the flow is configured, 0 when not. */
static int configured(const char *name, struct flow_line *ret, struct diag *d)
{
	struct search s = {name, ret};
	char path[PATH_MAX];
	int r = conf_path(path);

	if (r == 0)
		r = flow_file_each(path, search_step, NULL, &s);
	return r < 0 ? diag_errno(d, r, "cannot read %s", FLOW_CONF) : r;
}

/* Flows of one link are told by the same attributes, each by other values. */
static int fits(datalink_id_t id, const struct flow_line *line, struct diag *d)
{
	for (const struct flow *f = flows; f; f = f->next) {
		if (f->linkid != id)
			continue;
		if (f->line.attrs.mask != line->attrs.mask)
			return diag_set(d, -EINVAL,
				"its attributes are incompatible with those of flow '%s' on this link",
				f->line.name);
		if (memcmp(&f->line.attrs, &line->attrs, sizeof(line->attrs)) == 0)
			return diag_set(
				d, -EEXIST, "flow '%s' has identical attributes", f->line.name);
	}
	return 0;
}

static int add_locked(
	struct devnet *dd, const struct flow_line *line, bool temporary, struct diag *d)
{
	int r;

	if (get_locked(line->name))
		return diag_set(d, -EEXIST, "there is a flow of that name");
	r = configured(line->name, NULL, d);
	if (r > 0)
		return diag_set(d, -EEXIST, "there is a persistent flow of that name");
	if (r == 0)
		r = fits(dd->dd_linkid, line, d);
	if (r == 0)
		r = insert_locked(dd->dd_linkid, line);
	if (r < 0)
		return r;
	r = apply_locked(dd, NULL, d);
	if (r == 0)
		r = save_run(d);
	if (r == 0 && !temporary)
		r = conf_change(line->name, line, d);
	if (r == 0)
		return 0;
	take_out_locked(line->name);
	(void)apply_locked(dd, line->name, NULL);
	save_run_logged();
	return r;
}

/* Ethernet links that traffic of one user goes over. */
static int flow_link_check(struct devnet *dd, struct diag *d)
{
	const uint32_t no = DATALINK_CLASS_ETHERSTUB | DATALINK_CLASS_BRIDGE | DATALINK_CLASS_IPTUN;

	if (dd->dd_class & no)
		return diag_set(d, -ENOTSUP, "%s has no flows", dd->dd_ops->noun);
	if (dd->dd_at.zone != GLOBAL_ZONEID && !dls_twin_has(dd))
		return diag_set(d, -ENOTSUP,
			"'%s' is in its zone as a whole: nothing outside can count its flows",
			dd->dd_linkname);
	return 0;
}

int flow_add(struct devnet *dd, const struct flow_line *line, bool temporary, struct diag *d)
{
	struct flow_line full = *line;
	int r = flow_link_check(dd, d);

	if (r < 0)
		return r;
	memcpy(full.link, dd->dd_linkname, sizeof(full.link));
	(void)pthread_mutex_lock(&flow_lock);
	r = add_locked(dd, &full, temporary, d);
	(void)pthread_mutex_unlock(&flow_lock);
	return r;
}

/*
 * Runs fn under flow_lock and in the perimeter of the link that has the flow, which is NULL when
 * the flow is not active.
 */
static int with_flow(
	const char *name, int (*fn)(struct devnet *dd, struct flow *f, void *arg), void *arg)
{
	datalink_id_t id = DATALINK_INVALID_LINKID;
	struct devnet *dd = NULL;
	struct flow *f;
	int r;

	(void)pthread_mutex_lock(&flow_lock);
	f = get_locked(name);
	if (f)
		id = f->linkid;
	(void)pthread_mutex_unlock(&flow_lock);
	if (id != DATALINK_INVALID_LINKID && dls_devnet_hold_tmp(id, &dd) == 0 &&
		dls_perim_enter(dd) < 0) {
		dls_devnet_rele_tmp(dd);
		dd = NULL;
	}
	(void)pthread_mutex_lock(&flow_lock);
	f = get_locked(name);
	if (f && (!dd || dd->dd_linkid != f->linkid))
		r = -EAGAIN; /* made, or its link gone, just now */
	else
		r = fn(f ? dd : NULL, f, arg);
	(void)pthread_mutex_unlock(&flow_lock);
	if (dd) {
		dls_perim_exit(dd);
		dls_devnet_rele_tmp(dd);
	}
	return r;
}

struct change {
	const char *name;
	const struct flow_props *props;
	uint32_t which;
	bool temporary;
	struct diag *d;
};

static int remove_step(struct devnet *dd, struct flow *f, void *arg)
{
	struct change *c = arg;
	int r = c->temporary ? 0 : configured(c->name, NULL, c->d);

	if (r < 0)
		return r;
	if (!f && r == 0)
		return -ENOENT;
	if (r > 0)
		r = conf_change(c->name, NULL, c->d);
	if (r < 0 || !f)
		return r;
	take_out_locked(c->name);
	apply_logged(dd, c->name);
	return save_run(c->d);
}

int flow_remove(const char *name, bool temporary, struct diag *d)
{
	struct change c = {.name = name, .temporary = temporary, .d = d};

	return with_flow(name, remove_step, &c);
}

static void merge(struct flow_props *to, const struct change *c)
{
	if (c->which & FLOW_MAXBW)
		to->maxbw = c->props->maxbw;
	if (c->which & FLOW_PRIORITY)
		to->priority = c->props->priority;
}

static int set_active(struct devnet *dd, struct flow *f, struct change *c)
{
	struct flow_props before = f->line.props;
	int r;

	merge(&f->line.props, c);
	r = apply_locked(dd, NULL, c->d);
	if (r == 0)
		r = save_run(c->d);
	if (r < 0) {
		f->line.props = before;
		apply_logged(dd, NULL);
	}
	return r;
}

static int set_step(struct devnet *dd, struct flow *f, void *arg)
{
	struct change *c = arg;
	struct flow_line line = {0};
	struct flow_props before;
	int conf = 0, r = 0;

	if (!c->temporary)
		conf = configured(c->name, &line, c->d);
	if (conf < 0)
		return conf;
	if (!f && !conf)
		return -ENOENT;
	if (f) {
		before = f->line.props;
		r = set_active(dd, f, c);
	}
	if (r < 0 || !conf)
		return r;
	merge(&line.props, c);
	r = conf_change(c->name, &line, c->d);
	if (r < 0 && f) {
		f->line.props = before;
		apply_logged(dd, NULL);
		save_run_logged();
	}
	return r;
}

int flow_set(const char *name, const struct flow_props *props, uint32_t which, bool temporary,
	struct diag *d)
{
	struct change c = {name, props, which, temporary, d};

	return with_flow(name, set_step, &c);
}

int flow_next(
	const char *name, bool (*visible)(datalink_id_t id, void *arg), void *arg, struct flow *ret)
{
	int r = -ENOENT;

	(void)pthread_mutex_lock(&flow_lock);
	for (const struct flow *f = flows; f && r < 0; f = f->next) {
		if (strcmp(f->line.name, name) > 0 && visible(f->linkid, arg)) {
			*ret = *f;
			ret->next = NULL;
			r = 0;
		}
	}
	(void)pthread_mutex_unlock(&flow_lock);
	return r;
}

int flow_count(const char *name, bool port, uint64_t ret[FLOW_STAT_COUNT])
{
	int r;

	(void)pthread_mutex_lock(&flow_lock);
	r = flow_rules_count(name, port, ret);
	(void)pthread_mutex_unlock(&flow_lock);
	return r;
}

/* ---- restart ---- */

static void load_line(const char *text)
{
	struct flow_line line;
	struct diag d = {0};
	struct devnet *dd;
	datalink_id_t id;
	int at = 0;

	if (sscanf(text, "%u\t%n", &id, &at) != 1 || !at ||
		flow_line_parse(text + at, &line, &d) < 0) {
		log_line(LOG_ERR, "flow: %s/flows is damaged: %s", INSTANCE_RUN, d.text);
		return;
	}
	if (dls_devnet_hold_tmp(id, &dd) < 0) /* it went while nobody looked */
		return;
	(void)str_copy(line.link, sizeof(line.link), dd->dd_linkname);
	if (!get_locked(line.name) && insert_locked(id, &line) < 0)
		log_line(LOG_ERR, "flow: %s: %s", line.name, strerror(ENOMEM));
	dls_devnet_rele_tmp(dd);
}

/* False when there is no file: the host was just started. */
static bool load_run(void)
{
	_cleanup_fclose_ FILE *f = NULL;
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX];
	size_t room = 0;

	if (instance_path(path, sizeof(path), "%s/flows", INSTANCE_RUN) == 0)
		f = fopen(path, "re");
	if (!f || getline(&text, &room, f) < 0 || !streq(text, RUN_MAGIC "\n"))
		return false;
	while (getline(&text, &room, f) >= 0)
		load_line(text);
	return true;
}

void dls_flow_restart(void)
{
	struct devnet **all;
	size_t count;
	bool again;

	(void)pthread_mutex_lock(&flow_lock);
	again = load_run();
	if (again)
		flow_rules_sweep(flows);
	(void)pthread_mutex_unlock(&flow_lock);
	if (dls_devnet_snapshot(&all, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (dls_perim_enter(all[i]) < 0)
			continue;
		if (again)
			dls_flow_settle(all[i]);
		else if (all[i]->dd_linkid != DATALINK_INVALID_LINKID)
			dls_flow_attach(all[i]);
		dls_perim_exit(all[i]);
	}
	dls_devnet_snapshot_free(all, count);
	(void)pthread_mutex_lock(&flow_lock);
	save_run_logged();
	(void)pthread_mutex_unlock(&flow_lock);
}

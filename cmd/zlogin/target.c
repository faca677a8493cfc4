/* SPDX-License-Identifier: MIT */
/*
 * Asks zoned for a zone's namespaces; see target.h. What went wrong is looked
 * for only when something did: a login costs two calls.
 */
#include "zlogin/target.h"

#include "linux/instance.h"
#include "zone/zone-calls.h"
#include "zonecfg/snapshot.h"

int target_configured(const char *zone, struct zone_index_entry *ret)
{
	int r = zone_index_find(zone, ret);

	if (r == Z_NO_ZONE)
		return complain("zone '%s' does not exist", zone);
	return r ? complain("zone '%s': cannot read the index of zones: %s", zone,
			   zonecfg_strerror(r))
		 : 0;
}

static int not_running(const char *zone)
{
	struct zone_index_entry e;
	int r = target_configured(zone, &e);

	return r ? r
		 : complain("zone '%s' is not running; its state is '%s'", zone,
			   zone_state_str(e.state));
}

/* zoned did not let us: say why as precisely as it can be known. */
static int refused(const char *zone, zoneid_t id, int err, const struct diag *d)
{
	zone_status_t status;
	zoneid_t self;

	if (zone_call_self(&self) == 0 && self != GLOBAL_ZONEID)
		return complain("must be run in the global zone");
	if (err == -EINVAL && id < 0)
		return not_running(zone);
	if (zone_call_status(id, &status) == 0 && status < ZONE_IS_BOOTING)
		return complain("zone '%s' is not running; its state is 'ready'", zone);
	if (err == -ESRCH || err == -EINVAL)
		return complain("zone '%s' is not running; it is going down", zone);
	return complain("zone '%s': %s", zone, d->text[0] ? d->text : strerror(-err));
}

static int no_zoned(void)
{
	return complain("zoned is not running; start it with 'systemctl start zoned' or by running "
			"zoned");
}

/* The brand's command for a login, which asks no password unless -P says so; %u is the user. */
static int read_login(const struct options *o, char **ret)
{
	struct zone_snapshot s;
	struct diag d = {0};
	char path[4096];
	int r = instance_path(path, sizeof(path), INSTANCE_RUN "/%s.snapshot", o->zone);

	if (r == 0)
		r = zone_snapshot_read(path, &s, &d);
	if (r < 0)
		return complain("zone '%s': cannot learn its login command: %s; -S works without",
			o->zone, d.text[0] ? d.text : strerror(-r));
	*ret = strdup(s.forcedlogin_cmd[0] && !o->password ? s.forcedlogin_cmd : s.login_cmd);
	zone_snapshot_fini(&s);
	return *ret ? 0 : complain("out of memory");
}

int target_open(const struct options *o, struct target *ret)
{
	struct diag d = {0};
	zoneid_t id = -1;
	int r;

	ret->login = NULL;
	zone_way_init(&ret->way);
	r = zone_call_lookup(o->zone, &id);
	if (r == -ENOENT || r == -ECONNREFUSED || r == -EBADF)
		return no_zoned();
	if (r == 0)
		r = zone_way_open(id, &ret->way, &d);
	if (r < 0)
		return refused(o->zone, id, r, &d);
	if ((ret->way.reply.flags & ZF_SCRATCH) && !o->safe)
		return complain(
			"zone '%s' is mounted for repair, nothing of it runs; enter it with -S",
			o->zone);
	return o->interactive && !o->utility && !o->safe ? read_login(o, &ret->login) : 0;
}

void target_close(struct target *t)
{
	zone_way_close(&t->way);
	free(t->login);
	t->login = NULL;
}

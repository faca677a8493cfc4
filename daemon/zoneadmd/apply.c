/* SPDX-License-Identifier: MIT */
/*
 * The frame of Z_APPLY; see apply.h.
 *
 * The snapshot on disk stays what the zone was made of, with the parts that were applied
 * replaced: so a link that a later configuration drops is known as one that came by the
 * configuration, and what still waits for a boot is told each time. While links
 * change it names the old and the new ones: whoever is killed in between can be followed.
 */
#include "zoneadmd/apply.h"

#include "zoneadmd/stages.h"

void apply_note(struct apply *a, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (a->dry)
		report_line(a->p->report, "%s", text);
	else
		report_note(a->p->report, text);
}

/* ---- what waits ---- */

static void later(struct apply *a, const char *what)
{
	report_line(a->p->report, "%s: takes effect at the next boot", what);
}

static const struct {
	const char *name;
	size_t offset;
} fixed[] = {
	{"brand", offsetof(struct zone_snapshot, brand)},
	{"bootargs", offsetof(struct zone_snapshot, bootargs)},
	{"limitpriv", offsetof(struct zone_snapshot, limitpriv)},
	{"hostid", offsetof(struct zone_snapshot, hostid)},
	{"fs-allowed", offsetof(struct zone_snapshot, fs_allowed)},
	{"debugid", offsetof(struct zone_snapshot, debugid)},
	{"pool", offsetof(struct zone_snapshot, pool)},
	{"dedicated-cpu", offsetof(struct zone_snapshot, dedicated_cpu)},
	{"scheduling-class", offsetof(struct zone_snapshot, sched_class)},
	{"security-flags", offsetof(struct zone_snapshot, secflags)},
};

static const char *text_at(const struct zone_snapshot *s, size_t offset)
{
	return *(const char *const *)((const char *)s + offset);
}

/* Attributes that are in a file of the zone, which its root may have made his own by now. */
static const char *const written[] = {"resolvers", "dns-domain"};

/* Of a zone on the host's stack. */
static bool nets_differ(const struct zone_snapshot *old, const struct zone_snapshot *new)
{
	size_t i;

	if (old->n_nets != new->n_nets)
		return true;
	for (i = 0; i < old->n_nets; i++)
		if (!streq(old->nets[i].physical, new->nets[i].physical) ||
			!streq(old->nets[i].address, new->nets[i].address) ||
			!streq(old->nets[i].defrouter, new->nets[i].defrouter))
			return true;
	return false;
}

static void later_all(struct apply *a)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fixed); i++)
		if (!streq(text_at(&a->p->snap, fixed[i].offset),
			    text_at(&a->want, fixed[i].offset)))
			later(a, fixed[i].name);
	for (i = 0; i < ARRAY_SIZE(written); i++)
		if (!streq(snapshot_attr(&a->p->snap, written[i]),
			    snapshot_attr(&a->want, written[i])))
			later(a, written[i]);
	if (a->p->snap.exclusive_ip != a->want.exclusive_ip)
		later(a, "ip-type");
	else if (!a->want.exclusive_ip && nets_differ(&a->p->snap, &a->want))
		later(a, "net");
}

/* ---- what is done ---- */

/* Nothing but zoneadmd and its programs read attrs and autoboot: to have them here applies them. */
int apply_store(struct apply *a, struct snapshot_net *nets, size_t n_nets, struct snapshot_fs *fss,
	size_t n_fss, struct diag *d)
{
	struct zone_snapshot s = a->p->snap;

	s.autoboot = a->want.autoboot;
	s.attrs = a->want.attrs;
	s.n_attrs = a->want.n_attrs;
	s.nets = nets;
	s.n_nets = n_nets;
	s.fss = fss;
	s.n_fss = n_fss;
	s.rctls = a->want.rctls;
	s.n_rctls = a->want.n_rctls;
	s.physcap = a->want.physcap;
	return snapshot_store(a->p, &s, d);
}

static int change_links(struct apply *a, struct diag *d)
{
	const struct zone_snapshot *old = &a->p->snap, *new = &a->want;
	_cleanup_free_ struct snapshot_net *both = NULL;
	int r;

	both = calloc(old->n_nets + new->n_nets + 1, sizeof(*both));
	if (!both)
		return -ENOMEM;
	if (old->n_nets)
		memcpy(both, old->nets, old->n_nets * sizeof(*both));
	if (new->n_nets)
		memcpy(both + old->n_nets, new->nets, new->n_nets * sizeof(*both));
	r = apply_store(a, both, old->n_nets + new->n_nets, old->fss, old->n_fss, d);
	if (r == 0)
		r = apply_links_away(a, d);
	if (r == 0)
		r = apply_links(a, d);
	return r < 0 ? r : apply_store(a, new->nets, new->n_nets, old->fss, old->n_fss, d);
}

static int run(struct platform *p, bool dry)
{
	struct apply a = {.p = p, .dry = dry};
	struct diag d = {0};
	bool links;
	int r;

	zone_snapshot_init(&a.want);
	r = snapshot_load(p, &d);
	if (r == 0)
		r = snapshot_now(p, &a.want, &d);
	if (r == 0)
		r = apply_rctls(&a, &d);
	links = p->snap.exclusive_ip && a.want.exclusive_ip;
	if (r == 0 && links && dry)
		r = apply_links_away(&a, &d);
	if (r == 0 && links)
		r = dry ? apply_links(&a, &d) : change_links(&a, &d);
	else if (r == 0 && !dry)
		r = apply_store(&a, p->snap.nets, p->snap.n_nets, p->snap.fss, p->snap.n_fss, &d);
	if (r == 0)
		r = apply_fs(&a, &d);
	if (r == 0)
		later_all(&a);
	zone_snapshot_fini(&a.want);
	return r < 0 ? report_diag(p->report, &d, r, "apply") : 0;
}

int apply_changes(struct platform *p)
{
	return run(p, false);
}

int apply_show(struct platform *p)
{
	return run(p, true);
}

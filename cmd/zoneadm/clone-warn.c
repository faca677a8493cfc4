/* SPDX-License-Identifier: MIT */
/*
 * What two zones should not share: file systems that both write, devices,
 * addresses. Only warnings: the two may never run at the same time.
 */
#include "zoneadm/clone.h"

#include "zonecfg/zonecfg.h"

static bool same(const char *a, const char *b)
{
	return a && b && streq(a, b);
}

static bool read_only(const struct zonecfg_fs *fs)
{
	size_t i;

	for (i = 0; i < fs->n_options; i++)
		if (streq(fs->options[i], "ro"))
			return true;
	return false;
}

static void warn_fs(const struct zonecfg *s, const struct zonecfg *t)
{
	size_t i, k;

	for (i = 0; i < t->n_fss; i++) {
		const struct zonecfg_fs *fs = &t->fss[i];

		for (k = 0; k < s->n_fss; k++)
			if (same(fs->special, s->fss[k].special) && !same(fs->type, "tmpfs") &&
				!(read_only(fs) && read_only(&s->fss[k])))
				(void)complain(t->name,
					"warning: fs '%s': '%s' is also a file system of zone '%s'",
					fs->dir, fs->special, s->name);
	}
}

static void warn_devices(const struct zonecfg *s, const struct zonecfg *t)
{
	size_t i, k;

	for (i = 0; i < t->n_devices; i++)
		for (k = 0; k < s->n_devices; k++)
			if (same(t->devices[i].match, s->devices[k].match))
				(void)complain(t->name,
					"warning: device '%s' is also one of zone '%s'",
					t->devices[i].match, s->name);
}

static const char *address_of(const struct zonecfg_net *net)
{
	return net->allowed_address ? net->allowed_address : net->address;
}

/* The address without its prefix length. */
static bool same_host(const char *a, const char *b)
{
	size_t n, m;

	if (!a || !b)
		return false;
	n = strcspn(a, "/");
	m = strcspn(b, "/");
	return n == m && strncasecmp(a, b, n) == 0;
}

static void warn_nets(const struct zonecfg *s, const struct zonecfg *t)
{
	size_t i, k;

	for (i = 0; i < t->n_nets; i++) {
		for (k = 0; k < s->n_nets; k++) {
			const struct zonecfg_net *a = &t->nets[i], *b = &s->nets[k];

			if (same(a->physical, b->physical) && t->ip_type == ZS_EXCLUSIVE)
				(void)complain(t->name,
					"warning: net: data link '%s' is also one of zone '%s'",
					a->physical, s->name);
			if (same_host(address_of(a), address_of(b)))
				(void)complain(t->name,
					"warning: net: address '%s' is also one of zone '%s'",
					address_of(a), s->name);
		}
	}
}

void clone_warn(const struct zonecfg *source, const struct zonecfg *target)
{
	warn_fs(source, target);
	warn_devices(source, target);
	warn_nets(source, target);
}

/* SPDX-License-Identifier: MIT */
/*
 * The stage "resolver": /etc/resolv.conf of a zone whose attributes say whom to ask for names,
 * there before its init runs, as its addresses and routes are. Without these attributes the file
 * is the zone's own.
 */
#include "zoneadmd/root-file.h"
#include "zoneadmd/stages.h"

#define HEAD "# Written at each boot of the zone: its attributes resolvers and dns-domain.\n"

const char *snapshot_attr(const struct zone_snapshot *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n_attrs; i++)
		if (streq(s->attrs[i].name, name))
			return s->attrs[i].value;
	return "";
}

static int format(const char *resolvers, const char *domain, char *text, size_t size)
{
	int used = snprintf(text, size, "%s%s%s%s", HEAD, *domain ? "search " : "", domain,
		*domain ? "\n" : "");
	size_t n;

	for (; *resolvers && used >= 0 && (size_t)used < size; resolvers += n) {
		n = strcspn(resolvers, ", ");
		if (n)
			used += snprintf(text + used, size - (size_t)used, "nameserver %.*s\n",
				(int)n, resolvers);
		n += strspn(resolvers + n, ", ");
	}
	return used < 0 || (size_t)used >= size ? -E2BIG : 0;
}

int resolver_up(struct platform *p, struct diag *d)
{
	const char *resolvers = snapshot_attr(&p->snap, "resolvers");
	const char *domain = snapshot_attr(&p->snap, "dns-domain");
	char text[2048];
	int r;

	if (!*resolvers && !*domain)
		return 0;
	r = format(resolvers, domain, text, sizeof(text));
	if (r == 0)
		r = root_file_write(p->path.root, "etc", "resolv.conf", text);
	return r < 0 ? diag_errno(d, r, "cannot write /etc/resolv.conf of the zone") : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * dladm check: do dlmgmtd's table, its two stores, zoned's table and the devices agree?
 * One line on standard output for each disagreement, exit 1 if there is any.
 *
 * What is found is looked for a second time before it is told: between two questions a
 * link can change without anything being wrong.
 */
#include "dladm-cmd.h"
#include "zone/zone-calls.h"

#include <stdarg.h>

#define CHECK_PAUSE_US 500000

static FILE *found; /* lines of one look */

static void __attribute__((format(printf, 1, 2))) disagree(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(found, fmt, ap);
	va_end(ap);
	(void)fputc('\n', found);
}

static void check_stores(void)
{
	_cleanup_free_ char *text = calloc(1, DLMGMT_CHECK_MAX);
	int r = text ? dlmgmt_call_check(text) : -ENOMEM;

	if (r < 0)
		die_status(dladm_errno2status(r), NULL, "cannot check the databases");
	(void)fputs(text, found);
}

/* The link below: what is configured against what the device is over. */
static void check_over(const struct dlmgmt_linkinfo *link, const struct dld_linkinfo_reply *info)
{
	char configured[MAXLINKNAMELEN];
	struct dlmgmt_linkinfo over;

	if (!(link->flags & DLMGMT_PERSIST) || info->over == DATALINK_INVALID_LINKID ||
		!link_attr_str(link->linkid, DLADM_ATTR_LINKOVER, configured, sizeof(configured)))
		return;
	if (dlmgmt_call_getname(info->over, &over) < 0)
		disagree("%s: its device is over link %u, which is not known", link->name,
			info->over);
	else if (!streq(over.name, configured))
		disagree("%s: its device is over %s, configured is %s", link->name, over.name,
			configured);
}

/* A link that dlmgmtd has as active. */
static void check_link(const struct dlmgmt_linkinfo *link, void *arg)
{
	struct dld_linkinfo_reply info;
	struct dlmgmt_linkinfo there;
	int r = dld_call_linkinfo(link->linkid, &info);

	if (r < 0 && r != -ENOENT)
		die_status(dladm_errno2status(r), NULL, "cannot ask zoned for %s", link->name);
	if (r < 0) {
		disagree("%s: is active, and zoned has no such link", link->name);
		return;
	}
	if (info.link_class != link->link_class)
		disagree("%s: is of class %s, zoned has it as %s", link->name,
			dladm_class2str(link->link_class), dladm_class2str(info.link_class));
	if (dlmgmt_call_getlinkid(link->name, info.zoneid, &there) < 0 ||
		there.linkid != link->linkid)
		disagree("%s: zoned has it in zone %d, dlmgmtd elsewhere", link->name,
			(int)info.zoneid);
	if (!info.device[0])
		disagree("%s: its device is gone", link->name);
	check_over(link, &info);
}

/* Links of zoned that dlmgmtd does not have as active, or by another name. */
static void check_zoned(void)
{
	char name[MAXLINKNAMELEN];
	struct dlmgmt_linkinfo link;
	datalink_id_t id = DATALINK_INVALID_LINKID;
	int r;

	while ((r = dld_call_next(id, &id, name)) == 0) {
		if (dlmgmt_call_getname(id, &link) < 0 || !(link.flags & DLMGMT_ACTIVE))
			disagree("%s: zoned has it as link %u, dlmgmtd does not", name, id);
		else if (!streq(link.name, name))
			disagree("%s: zoned calls link %u '%s'", link.name, id, name);
	}
	if (r != -ENOENT)
		die_status(dladm_errno2status(r), NULL, "cannot list the links of zoned");
}

static char *look(void)
{
	char *text = NULL;
	size_t size;

	found = open_memstream(&text, &size);
	if (!found)
		die("out of memory");
	check_stores();
	links_walk(NULL, ALL_ZONES, (uint32_t)DATALINK_CLASS_ALL, DLMGMT_ACTIVE, check_link, NULL);
	check_zoned();
	if (fclose(found) != 0)
		die("out of memory");
	return text;
}

int do_check(int argc, char *argv[])
{
	char *text;
	int r;

	if (getopt(argc, argv, "") != -1 || argc != optind)
		usage(argv[0]);
	text = look();
	if (text[0]) {
		free(text);
		(void)usleep(CHECK_PAUSE_US);
		text = look();
	}
	(void)fputs(text, stdout);
	r = text[0] ? 1 : 0;
	free(text);
	return r;
}

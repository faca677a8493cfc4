/* SPDX-License-Identifier: MIT */
/* dladm export: what is configured, in the text of illumos' datalink.conf. The file is replaced as a whole. */
#include "dladm-cmd.h"
#include "dladm/dlmgmt-text.h"

#include <limits.h>
#include <sys/stat.h>

static FILE *out;
static bool incomplete;

static int add_attr(const char *name, const struct dlmgmt_attrval *value, void *arg)
{
	struct dlmgmt_text_link *link = arg;

	if (link->count == DLMGMT_ATTRS_MAX)
		return -ENOSPC;
	(void)str_copy(link->attrs[link->count].name, MAXLINKATTRLEN, name);
	link->attrs[link->count++].value = *value;
	return 0;
}

static void export_link(const struct dlmgmt_linkinfo *info, void *arg)
{
	static struct dlmgmt_text_link link;
	struct diag d = {0};
	int r;

	link = (struct dlmgmt_text_link){.link_class = info->link_class, .media = info->media};
	(void)str_copy(link.name, sizeof(link.name), info->name);
	r = dlmgmt_call_confsnapshot(info->linkid, add_attr, &link);
	if (r == -ENOENT) /* gone meanwhile */
		return;
	if (r < 0)
		die_status(dladm_errno2status(r), NULL, "cannot read the configuration of %s",
			info->name);
	if (dlmgmt_text_write(out, &link, &d) < 0) {
		(void)fprintf(stderr, "dladm: %s: %s\n", info->name, d.text);
		incomplete = true;
	}
}

static void export_all(void)
{
	links_walk(
		NULL, ALL_ZONES, (uint32_t)DATALINK_CLASS_ALL, DLMGMT_PERSIST, export_link, NULL);
	if (fflush(out) != 0 || ferror(out))
		die("cannot write: %s", strerror(errno));
}

static void export_to_file(const char *path)
{
	char new[PATH_MAX];

	if ((size_t)snprintf(new, sizeof(new), "%s.new", path) >= sizeof(new))
		die("%s: %s", path, strerror(ENAMETOOLONG));
	(void)umask(022);
	out = fopen(new, "we");
	if (!out)
		die("cannot make %s: %s", new, strerror(errno));
	export_all();
	if (fsync(fileno(out)) < 0 || fclose(out) != 0 || rename(new, path) < 0) {
		int err = errno;

		(void)unlink(new);
		die("cannot write %s: %s", path, strerror(err));
	}
}

int do_export(int argc, char *argv[])
{
	const char *path = NULL;
	int c;

	while ((c = getopt(argc, argv, "f:")) != -1) {
		if (c != 'f')
			usage(argv[0]);
		path = optarg;
	}
	if (argc != optind)
		usage(argv[0]);
	out = stdout;
	if (path)
		export_to_file(path);
	else
		export_all();
	return incomplete ? 1 : 0;
}

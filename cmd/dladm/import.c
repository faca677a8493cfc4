/* SPDX-License-Identifier: MIT */
/*
 * dladm import: configures the links of a datalink.conf, of this host's export or of an illumos
 * host. Nothing is brought up. Lines that cannot be used are named, the others are taken; a
 * link that exists stays as it is. Exit 1 when a line was not used.
 *
 * The file is read twice: a line from before 2008 names other links by ids of the file.
 */
#include "dladm-cmd.h"
#include "dladm/dlmgmt-text.h"

#include <stdarg.h>

struct input {
	const char *name; /* for messages */
	FILE *f;
	unsigned int line;
	struct dlmgmt_text_name *names; /* of lines from before 2008 */
	size_t count;
	bool unused_lines;
};

static void __attribute__((format(printf, 2, 3)))
line_unused(struct input *in, const char *fmt, ...)
{
	va_list ap;

	in->unused_lines = true;
	(void)fprintf(stderr, "dladm: %s:%u: ", in->name, in->line);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

static void note_name(struct input *in, const struct dlmgmt_text_link *link)
{
	struct dlmgmt_text_name *more;

	if (!link->old_id)
		return;
	more = reallocarray(in->names, in->count + 1, sizeof(*more));
	if (!more)
		die("out of memory");
	in->names = more;
	more[in->count].id = link->old_id;
	(void)str_copy(more[in->count++].name, sizeof(more->name), link->name);
}

static int conf_write(uint32_t confid, const struct dlmgmt_text_link *link)
{
	const struct dlmgmt_text_attr *a = link->attrs;
	unsigned int i;
	int r = 0;

	for (i = 0; r == 0 && i < link->count; i++, a++)
		r = dlmgmt_call_setattr(
			confid, a->name, a->value.type, a->value.str, a->value.size);
	if (r == 0)
		r = dlmgmt_call_writeconf(confid);
	(void)dlmgmt_call_destroyconf(confid);
	return r;
}

static int configure(const struct dlmgmt_text_link *link)
{
	datalink_id_t id;
	uint32_t confid;
	int r;

	r = dlmgmt_call_create_linkid(
		link->name, false, link->link_class, link->media, DLMGMT_PERSIST, &id);
	if (r < 0)
		return r;
	r = dlmgmt_call_createconf(link->name, id, link->link_class, link->media, &confid);
	if (r == 0)
		r = conf_write(confid, link);
	if (r < 0)
		(void)dlmgmt_call_destroy_linkid(id, DLMGMT_PERSIST);
	return r;
}

static void import_link(struct input *in, struct dlmgmt_text_link *link)
{
	struct diag d = {0};
	int r;

	if (dlmgmt_text_upgrade(link, in->names, in->count, &d) < 0) {
		line_unused(in, "%s", d.text);
		return;
	}
	r = configure(link);
	if (r == -EACCES || r == -EPERM || r == -EBADF)
		die_status(dladm_errno2status(r), NULL, "cannot configure %s", link->name);
	if (r < 0)
		line_unused(in, "%s: %s", link->name, dladm_status2str(dladm_errno2status(r)));
}

/* use: the second time. */
static void read_all(struct input *in, bool use)
{
	static struct dlmgmt_text_link link;
	_cleanup_free_ char *line = NULL;
	struct diag d;
	size_t size = 0;
	int r;

	rewind(in->f);
	for (in->line = 1; getline(&line, &size, in->f) >= 0; in->line++) {
		r = dlmgmt_text_read(line, &link, &d);
		if (r == 0 && !use)
			note_name(in, &link);
		else if (r == 0)
			import_link(in, &link);
		else if (r < 0 && use)
			line_unused(in, "%s", d.text);
	}
	if (ferror(in->f))
		die("cannot read %s: %s", in->name, strerror(errno));
}

/* Standard input may be a pipe, which is read once only. */
static FILE *input_copy(FILE *f)
{
	FILE *copy = tmpfile();
	char buf[8192];
	size_t n;

	if (!copy)
		die("cannot make a temporary file: %s", strerror(errno));
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		if (fwrite(buf, 1, n, copy) != n)
			die("cannot write a temporary file: %s", strerror(errno));
	if (ferror(f) || fflush(copy) != 0)
		die("cannot read standard input: %s", strerror(errno));
	return copy;
}

int do_import(int argc, char *argv[])
{
	struct input in = {.name = "standard input"};
	const char *path = NULL;
	int c;

	while ((c = getopt(argc, argv, "f:")) != -1) {
		if (c != 'f')
			usage(argv[0]);
		path = optarg;
	}
	if (argc != optind)
		usage(argv[0]);
	if (path) {
		in.name = path;
		in.f = fopen(path, "re");
		if (!in.f)
			die("cannot open %s: %s", path, strerror(errno));
	} else {
		in.f = input_copy(stdin);
	}
	read_all(&in, false);
	read_all(&in, true);
	(void)fclose(in.f);
	free(in.names);
	return in.unused_lines ? 1 : 0;
}

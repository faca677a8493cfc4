/* SPDX-License-Identifier: MIT */
/* Showing and removing snapshots; see snapshots-list.h. */
#include "zoneadm/snapshots-list.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <time.h>

#include "linux/remove-tree.h"
#include "zoneadm/list-format.h"
#include "zoneadm/root-part.h"
#include "zoneadm/snapshots.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct row {
	char name[256];
	char created[32];
	const char *kind; /* how it was made */
	time_t when;
};

static int fill_row(struct row *row, int all, const char *name)
{
	_cleanup_close_ int dir = openat(all, name, OPEN_DIR);
	struct root_part p = {.dir = FD_NONE};
	struct stat st;
	struct tm tm;

	*row = (struct row){.kind = "files"};
	if (dir < 0 || fstat(dir, &st) < 0 || str_copy(row->name, sizeof(row->name), name) < 0 ||
		root_part_open(dir, &p, NULL) < 0)
		return -EIO;
	/* Its root came in then, and nothing since. */
	row->when = st.st_mtim.tv_sec;
	(void)strftime(row->created, sizeof(row->created), "%Y-%m-%dT%H:%M:%SZ",
		gmtime_r(&row->when, &tm));
	if (p.overlay)
		row->kind = "overlay";
	else if (root_part_at_once(&p))
		row->kind = "subvolume";
	root_part_close(&p);
	return 0;
}

static int compare_age(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int read_rows(int zonepath, struct row **ret, size_t *ret_n)
{
	int fd = openat(zonepath, SNAPSHOTS_DIR, OPEN_DIR);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	struct row *rows;

	if (!stream) {
		(void)fd_close(fd);
		return errno == ENOENT ? 0 : -errno;
	}
	while ((e = readdir(stream))) {
		if (e->d_name[0] == '.')
			continue;
		rows = reallocarray(*ret, *ret_n + 1, sizeof(*rows));
		if (!rows)
			break;
		*ret = rows;
		if (fill_row(&rows[*ret_n], fd, e->d_name) == 0)
			(*ret_n)++;
	}
	(void)closedir(stream);
	if (*ret_n)
		qsort(*ret, *ret_n, sizeof(**ret), compare_age);
	return 0;
}

static void print_json(const struct row *rows, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		(void)json_array_append_new(
			array, json_pack("{s:s, s:s, s:s}", "name", rows[i].name, "created",
				       rows[i].created, "kind", rows[i].kind));
	(void)json_dumpf(array, stdout, JSON_INDENT(2));
	(void)fputc('\n', stdout);
	json_decref(array);
}

int snapshots_print(const char *zone, int zonepath, char form)
{
	struct row *rows = NULL;
	size_t n = 0, i;
	int r = read_rows(zonepath, &rows, &n);

	if (r < 0)
		return complain(zone, "cannot read its snapshots: %s", strerror(-r));
	if (form == 'j')
		print_json(rows, n);
	else if (form != 'p' && n)
		(void)printf("%-24s %-20s %s\n", "NAME", "CREATED", "KIND");
	for (i = 0; i < n && form != 'j'; i++) {
		if (form != 'p') {
			(void)printf(
				"%-24s %-20s %s\n", rows[i].name, rows[i].created, rows[i].kind);
			continue;
		}
		(void)printf("%s:", rows[i].name);
		list_print_escaped(stdout, rows[i].created);
		(void)printf(":%s\n", rows[i].kind);
	}
	free(rows);
	return EXIT_OK;
}

int snapshot_remove(int all, const char *name, struct diag *d)
{
	_cleanup_close_ int dir = openat(all, name, OPEN_DIR);
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : diag_errno(d, -errno, "cannot open a snapshot");
	r = root_part_remove(dir, "root", d);
	if (r == 0)
		r = remove_contents(dir, d);
	if (r == 0 && unlinkat(all, name, AT_REMOVEDIR) < 0)
		r = diag_errno(d, -errno, "cannot remove a snapshot");
	return r;
}

void snapshots_forget(int zonepath)
{
	int fd = openat(zonepath, SNAPSHOTS_DIR, OPEN_DIR);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	struct diag d = {0};

	if (!stream) {
		(void)fd_close(fd);
		return;
	}
	while ((e = readdir(stream)))
		if (!streq(e->d_name, ".") && !streq(e->d_name, ".."))
			(void)snapshot_remove(fd, e->d_name, &d);
	(void)closedir(stream);
}

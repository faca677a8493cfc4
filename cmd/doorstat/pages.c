/* SPDX-License-Identifier: MIT */
/*
 * Finds and reads the pages of servers; see pages.h. Each is a memfd that the server holds open
 * and has mapped.
 *
 * What a hostile process can do here: call anything else by that name, and write what it likes.
 * So nothing is opened for reading before it is known to be a memfd (of the same file system as
 * one of our own), which neither blocks nor has anybody behind it; it is read(2), never mapped;
 * and it counts only for the process that has it mapped and whose number it carries, which is not
 * so for a memfd that was passed to somebody. The process is pinned by its directory in /proc.
 */
#include "pages.h"

#include "linux/cgroup.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* A process has one, or one for each copy of the library in it. */
#define PAGES_MAX 4

struct process {
	int dir; /* /proc/PID */
	pid_t pid;
	char program[16];
	char zone[64];
	ino_t seen[PAGES_MAX];
	unsigned int n_seen;
};

/* Copies what a process said, as one word of printable ASCII. */
static void copy_text(char *dst, size_t size, const char *src, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < size && i < n && src[i]; i++)
		dst[i] = isgraph((unsigned char)src[i]) ? src[i] : '?';
	dst[i] = '\0';
}

static FILE *open_proc(const struct process *p, const char *name)
{
	int fd = openat(p->dir, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopen(fd, "r");
}

/* The number that the process has in its own pid namespace; 0 when it is gone. */
static pid_t own_number(const struct process *p)
{
	_cleanup_fclose_ FILE *f = open_proc(p, "status");
	char line[256];
	pid_t pid = 0;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "NSpid:", 6) == 0) {
			line[strcspn(line, "\n")] = '\0';
			pid = (pid_t)strtol(strrchr(line, '\t') + 1, NULL, 10);
			break;
		}
	return pid;
}

/* Has the process this memfd mapped, shared? */
static bool has_mapped(const struct process *p, const struct statx *st)
{
	_cleanup_fclose_ FILE *f = open_proc(p, "maps");
	unsigned int major, minor;
	unsigned long long ino;
	char line[512], perms[5];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*x-%*x %4s %*x %x:%x %llu", perms, &major, &minor, &ino) == 4 &&
			perms[3] == 's' && ino == st->stx_ino && major == st->stx_dev_major &&
			minor == st->stx_dev_minor)
			return true;
	return false;
}

/* The device that memfds are on, asked of one of our own. */
static int memfd_device(unsigned int *ret_major, unsigned int *ret_minor)
{
	_cleanup_close_ int fd = memfd_create("doorstat", MFD_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	*ret_major = major(st.st_dev);
	*ret_minor = minor(st.st_dev);
	return 0;
}

/* Another descriptor of the same one. */
static bool is_seen(const struct process *p, ino_t ino)
{
	unsigned int i;

	for (i = 0; i < p->n_seen; i++)
		if (p->seen[i] == ino)
			return true;
	return false;
}

/*
 * A descriptor of another process, opened for reading if it is a page of its own. Until it is
 * known to be a memfd only what never asks a file system is done with it.
 */
static int open_page(struct process *p, int fds, const char *name)
{
	_cleanup_close_ int at = openat(fds, name, O_PATH | O_CLOEXEC);
	unsigned int dev_major = 0, dev_minor = 0;
	struct statx st;
	char path[32];
	int fd;

	if (at < 0 || memfd_device(&dev_major, &dev_minor) < 0)
		return FD_NONE;
	if (statx(at, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &st) < 0 ||
		st.stx_dev_major != dev_major || st.stx_dev_minor != dev_minor ||
		!S_ISREG(st.stx_mode) || is_seen(p, st.stx_ino) || !has_mapped(p, &st))
		return FD_NONE;
	p->seen[p->n_seen++] = st.stx_ino;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", at);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? FD_NONE : fd;
}

static int row_add(struct door_rows *rows, const struct door_row *row)
{
	struct door_row *more;

	if (rows->n == rows->room) {
		more = reallocarray(rows->rows, rows->room ? rows->room * 2 : 64, sizeof(*more));
		if (!more)
			return -ENOMEM;
		rows->rows = more;
		rows->room = rows->room ? rows->room * 2 : 64;
	}
	rows->rows[rows->n++] = *row;
	return 0;
}

static int take_door(struct door_rows *rows, const struct process *p, const struct stat_door *d,
	uint32_t shared_threads)
{
	const uint32_t private = 0x02; /* DOOR_PRIVATE */
	struct door_row row = {
		.pid = p->pid,
		.id = d->id,
		.attributes = d->attributes,
		.threads = d->attributes & private ? d->threads : shared_threads,
		.calls = d->calls,
		.ended = d->ended,
		.refused = d->refused,
		.unanswered = d->unanswered,
		.time_ns = d->time_ns,
		.timed = d->timed,
		.max_ns = d->max_ns,
	};

	(void)str_copy(row.program, sizeof(row.program), p->program);
	(void)str_copy(row.zone, sizeof(row.zone), p->zone);
	copy_text(row.path, sizeof(row.path), d->path, sizeof(d->path));
	return row_add(rows, &row);
}

static int take_page(struct door_rows *rows, const struct process *p, int fd)
{
	_cleanup_free_ struct stat_page *page = calloc(1, sizeof(*page));
	ssize_t n;
	int i, r = 0;

	if (!page)
		return -ENOMEM;
	n = pread(fd, page, sizeof(*page), 0);
	if (n != (ssize_t)sizeof(*page) || page->magic != STAT_MAGIC ||
		page->version != STAT_VERSION || page->pid != (uint32_t)own_number(p))
		return 0;
	for (i = 0; i < (int)STAT_DOORS && r == 0; i++)
		if (page->doors[i].id != 0)
			r = take_door(rows, p, &page->doors[i], page->threads);
	return r;
}

/* The name of its program, and the zone that it is in. */
static void describe(struct process *p)
{
	char group[PATH_MAX], comm[32] = "?";
	_cleanup_fclose_ FILE *f = open_proc(p, "comm");
	const char *rest;

	if (f && fgets(comm, sizeof(comm), f))
		comm[strcspn(comm, "\n")] = '\0';
	copy_text(p->program, sizeof(p->program), comm, sizeof(comm));
	/* zsched belongs to the host, although it is below the zone's group. */
	if (cgroup_of_pid(p->pid, group, sizeof(group)) < 0 ||
		!cgroup_zone_of(group, p->zone, sizeof(p->zone), &rest) ||
		strncmp(rest, "zone", 4) != 0)
		p->zone[0] = '\0';
}

static int read_pages(struct door_rows *rows, struct process *p, DIR *fds)
{
	const struct dirent *de;
	char link[sizeof(STAT_LINK)];
	int fd, r = 0;
	ssize_t n;

	while (r == 0 && p->n_seen < PAGES_MAX && (de = readdir(fds))) {
		n = readlinkat(dirfd(fds), de->d_name, link, sizeof(link));
		if (n != (ssize_t)strlen(STAT_LINK) || memcmp(link, STAT_LINK, (size_t)n) != 0)
			continue;
		fd = open_page(p, dirfd(fds), de->d_name);
		if (fd < 0)
			continue;
		if (p->n_seen == 1)
			describe(p);
		r = take_page(rows, p, fd);
		(void)fd_close(fd);
	}
	return r;
}

static int row_compare(const void *a, const void *b)
{
	const struct door_row *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static int read_process(struct door_rows *rows, pid_t pid)
{
	struct process p = {.pid = pid};
	_cleanup_close_ int dir = FD_NONE, fd = FD_NONE;
	char path[32];
	DIR *fds;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = p.dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	fds = fdopendir(fd);
	if (!fds)
		return -ENOMEM;
	(void)TAKE_FD(fd); /* closedir() closes it */
	r = read_pages(rows, &p, fds);
	(void)closedir(fds);
	return r;
}

int pages_read(struct door_rows *rows, pid_t pid)
{
	int r = read_process(rows, pid);

	if (rows->n)
		qsort(rows->rows, rows->n, sizeof(*rows->rows), row_compare);
	return r;
}

int pages_read_all(struct door_rows *rows)
{
	DIR *proc = opendir("/proc");
	const struct dirent *de;
	int r = 0;

	if (!proc)
		return -errno;
	while (r != -ENOMEM && (de = readdir(proc)))
		if (isdigit((unsigned char)de->d_name[0]))
			r = read_process(rows, (pid_t)strtol(de->d_name, NULL, 10));
	(void)closedir(proc);
	if (rows->n)
		qsort(rows->rows, rows->n, sizeof(*rows->rows), row_compare);
	return r == -ENOMEM ? r : 0;
}

const struct door_row *rows_find(const struct door_rows *rows, const struct door_row *like)
{
	return rows->n ? bsearch(like, rows->rows, rows->n, sizeof(*like), row_compare) : NULL;
}

void rows_free(struct door_rows *rows)
{
	free(rows->rows);
	*rows = (struct door_rows){0};
}

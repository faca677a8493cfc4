/* SPDX-License-Identifier: MIT */
/*
 * The page in which a server counts (stat-page.h). It is made with the first door and stays until
 * the process ends; its descriptor stays open, because that is how it is found.
 *
 * Nothing here can fail: a server that cannot show its doors serves them all the same.
 */
#include "door/stat.h"
#include "door/server.h"

#include <limits.h>
#include <sys/mman.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8u /* Linux 6.3 */
#endif

static struct stat_page *_Atomic page; /* doors_lock, to set it; NULL: none */
static int page_fd = FD_NONE;	       /* doors_lock */
static atomic_uint shared_threads;

/* Where doors count that have no place in the page. */
static struct stat_door nowhere;

static struct stat_page *page_map(int fd)
{
	void *p;

	if (ftruncate(fd, sizeof(struct stat_page)) < 0)
		return NULL;
	p = mmap(NULL, sizeof(struct stat_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

static void page_make(void)
{
	struct stat_page *p;
	unsigned int n;
	int fd = memfd_create(STAT_MEMFD, MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(STAT_MEMFD, MFD_CLOEXEC); /* before Linux 6.3 */
	p = fd < 0 ? NULL : page_map(fd);
	if (!p) {
		(void)fd_close(fd);
		return;
	}
	p->version = STAT_VERSION;
	p->pid = (uint32_t)getpid();
	p->magic = STAT_MAGIC;
	page_fd = fd;
	page = p;
	/* The first thread may be about to count itself. */
	do
		p->threads = n = shared_threads;
	while (n != shared_threads);
}

struct stat_door *stat_door_new(const struct handle_name *name)
{
	struct stat_door *d = NULL;
	unsigned int i;

	if (!page)
		page_make();
	for (i = 0; page && i < STAT_DOORS && !d; i++)
		if (page->doors[i].id == 0)
			d = &page->doors[i];
	if (!d) {
		if (page)
			page->not_listed++;
		return &nowhere;
	}
	memset(d, 0, sizeof(*d));
	d->last_ns = UINT32_MAX;
	d->attributes = name->attributes;
	d->id = name->id;
	return d;
}

void stat_door_free(struct stat_door *d)
{
	if (d != &nowhere)
		d->id = 0;
	else if (page && page->not_listed > 0)
		page->not_listed--;
}

/* Cuts a path that is too long at its beginning: the end tells more. */
static void set_path(struct stat_door *d, const char *path)
{
	size_t n = strlen(path), cut = n < STAT_PATH_MAX ? 0 : n - STAT_PATH_MAX + 1;

	memcpy(d->path, path + cut, n - cut + 1);
	if (cut)
		memcpy(d->path, "...", 3);
}

void stat_door_attached(door_id_t id, int file, int dir, const char *name)
{
	char link[32], path[PATH_MAX + NAME_MAX + 2];
	ssize_t n;
	unsigned int i;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", file >= 0 ? file : dir);
	n = readlink(link, path, PATH_MAX);
	if (n < 0)
		return;
	path[n] = '\0';
	if (file < 0)
		(void)snprintf(path + n, sizeof(path) - (size_t)n, "%s%s",
			n > 0 && path[n - 1] == '/' ? "" : "/", name);
	(void)pthread_mutex_lock(&doors_lock);
	/* Not further than it is: what is read of the page becomes memory. */
	for (i = 0; page && i < STAT_DOORS && page->doors[i].id != id; i++)
		;
	if (page && i < STAT_DOORS)
		set_path(&page->doors[i], path);
	(void)pthread_mutex_unlock(&doors_lock);
}

void stat_threads(struct stat_door *d, unsigned int n)
{
	struct stat_page *p = page;

	if (d) {
		d->threads = n;
		return;
	}
	atomic_store(&shared_threads, n);
	if (p)
		p->threads = n;
}

void stat_time(const struct stat_call *c)
{
	struct stat_door *d = c->door;
	uint64_t ns = stat_now_ns() - c->since, max = d->max_ns;

	atomic_fetch_add_explicit(&d->time_ns, ns * c->weight, memory_order_relaxed);
	atomic_fetch_add_explicit(&d->timed, c->weight, memory_order_relaxed);
	atomic_store_explicit(
		&d->last_ns, ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX, memory_order_relaxed);
	while (ns > max && !atomic_compare_exchange_weak(&d->max_ns, &max, ns))
		;
}

/*
 * Pointers into the page stay valid, in the frame of a procedure that forked: private
 * memory takes its place.
 */
void stat_forget(void)
{
	struct stat_page *p = page;

	if (p)
		(void)mmap(p, sizeof(*p), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	page = NULL;
	page_fd = fd_close(page_fd);
	atomic_store(&shared_threads, 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * What remains of a zone that is gone: namespaces that somebody of the host still holds, by a
 * process in them, a descriptor, or a socket. The halt does not wait for that, since the links are home and
 * every process of the zone has ended; but it says who it is. The zone's id rests as long (zone-ids.c).
 * Who holds nothing but the user namespace is not named.
 *
 * That one lives is asked of the kernel by a file handle of it, which holds nothing. Kernels
 * before 6.18 have none for namespaces, and there nothing is said.
 */
#include "zoned/zone-impl.h"

#include "linux/clock.h"
#include "linux/log.h"
#include "linux/ns-handle.h"
#include "zone/zsched-calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

/*
 * For those that are about to let go: a netlink socket of a process that was killed holds its network
 * namespace until all readers in the kernel (RCU) have gone on, some 15 ms.
 */
#define GRACE_MS  500
#define STEP_MS	  2
#define NAMED_MAX 3

/* In the order of zsched's descriptors. The user namespace, which goes later still, is not waited for. */
enum { TRACE_MNT, TRACE_NET, TRACE_COUNT };

static const struct {
	const char *file, *what;
} kinds[TRACE_COUNT] = {
	[TRACE_MNT] = {"mnt", "mount"},
	[TRACE_NET] = {"net", "network"},
};

struct zone_traces {
	struct {
		struct ns_handle handle;
		ino_t inode;
	} ns[TRACE_COUNT];
};

/* ---- does it live? ---- */

static void take_one(struct zone_traces *t, int i, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return;
	t->ns[i].inode = st.st_ino;
	ns_handle_of(fd, &t->ns[i].handle);
}

struct zone_traces *zone_traces_take(const struct zone *z)
{
	struct zone_traces *t = calloc(1, sizeof(*t));
	int fds[TRACE_COUNT] = {FD_NONE, FD_NONE}, i;

	/* One that was never given a root has no mount namespace. */
	if (t && zsched_call_getfds(z->name, ZSCHED_FD_MNT | ZSCHED_FD_NET, fds, NULL) < 0)
		(void)zsched_call_getfds(z->name, ZSCHED_FD_NET, &fds[TRACE_NET], NULL);
	if (!(z->flags & ZF_NET_EXCL)) /* the host's */
		fds[TRACE_NET] = fd_close(fds[TRACE_NET]);
	for (i = 0; i < TRACE_COUNT; i++) {
		if (fds[i] >= 0)
			take_one(t, i, fds[i]);
		(void)fd_close(fds[i]);
	}
	return t;
}

static bool lives(const struct zone_traces *t, int i)
{
	return ns_handle_lives(&t->ns[i].handle);
}

static bool any_lives(const struct zone_traces *t)
{
	return lives(t, TRACE_MNT) || lives(t, TRACE_NET);
}

/* ---- who holds it? ---- */

struct holders {
	const struct zone_traces *traces;
	bool live[TRACE_COUNT];
	unsigned int count;
	char text[ZONE_DOOR_TEXT - 64];
};

static void name_holder(struct holders *h, int proc, const char *pid, const char *how, int kind)
{
	size_t used = strlen(h->text);
	char comm[32] = "?";
	int fd = openat(proc, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, comm, sizeof(comm) - 1);

	(void)fd_close(fd);
	if (n > 0)
		comm[n - 1] = '\0';
	if (h->count++ < NAMED_MAX)
		(void)snprintf(h->text + used, sizeof(h->text) - used,
			"%sprocess %s (%s) %s its %s namespace", used ? ", " : "", pid, comm, how,
			kinds[kind].what);
}

static bool is_socket_in(int pidfd, int number, ino_t netns)
{
	_cleanup_close_ int sock = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0), ns = FD_NONE;
	struct stat st;

	if (sock < 0)
		return false;
	ns = ioctl(sock, SIOCGSKNS);
	return ns >= 0 && fstat(ns, &st) == 0 && st.st_ino == netns;
}

/* "net:[4026532001]" */
static bool is_link_to(const char *text, const char *file, ino_t inode)
{
	char want[64];

	(void)snprintf(want, sizeof(want), "%s:[%lu]", file, (unsigned long)inode);
	return streq(text, want);
}

static bool read_link(int dir, const char *name, char *buf, size_t size)
{
	ssize_t n = readlinkat(dir, name, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool look_at_fd(
	struct holders *h, int proc, int dir, int pidfd, const char *pid, const char *name)
{
	char link[256];
	int i;

	if (!read_link(dir, name, link, sizeof(link)))
		return false;
	for (i = 0; i < TRACE_COUNT; i++) {
		if (!h->live[i] || !is_link_to(link, kinds[i].file, h->traces->ns[i].inode))
			continue;
		name_holder(h, proc, pid, "has open", i);
		return true;
	}
	if (h->live[TRACE_NET] && strncmp(link, "socket:", 7) == 0 &&
		is_socket_in(pidfd, atoi(name), h->traces->ns[TRACE_NET].inode)) {
		name_holder(h, proc, pid, "has a socket in", TRACE_NET);
		return true;
	}
	return false;
}

static void look_at_fds(struct holders *h, int proc, const char *pid)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, atoi(pid), 0);
	int fd = openat(proc, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	bool found = false;

	if (!dir) {
		(void)fd_close(fd);
		return;
	}
	while (!found && (e = readdir(dir)))
		found = look_at_fd(h, proc, dirfd(dir), pidfd, pid, e->d_name);
	(void)closedir(dir);
}

static void look_at_process(struct holders *h, int proc, const char *pid)
{
	char name[16], link[64];
	int i;

	for (i = 0; i < TRACE_COUNT; i++) {
		(void)snprintf(name, sizeof(name), "ns/%s", kinds[i].file);
		if (h->live[i] && read_link(proc, name, link, sizeof(link)) &&
			is_link_to(link, kinds[i].file, h->traces->ns[i].inode)) {
			name_holder(h, proc, pid, "is in", i);
			return;
		}
	}
	look_at_fds(h, proc, pid);
}

static void find_holders(struct holders *h)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;

	while (dir && (e = readdir(dir))) {
		int proc =
			e->d_name[0] >= '1' && e->d_name[0] <= '9'
				? openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				: FD_NONE;

		if (proc >= 0)
			look_at_process(h, proc, e->d_name);
		(void)fd_close(proc);
	}
	if (dir)
		(void)closedir(dir);
}

static void describe(const struct zone_traces *t, const struct zone *z, struct diag *d)
{
	struct holders h = {.traces = t};
	int i;

	for (i = 0; i < TRACE_COUNT; i++)
		h.live[i] = lives(t, i);
	find_holders(&h);
	if (!h.count)
		(void)snprintf(h.text, sizeof(h.text), "a mount or descriptor that cannot be seen");
	(void)diag_set(d, 0, "Namespaces of zone '%s' outlive it: %s%s", z->name, h.text,
		h.count > NAMED_MAX ? ", and others" : "");
}

/* ---- a zone that is gone ---- */

void zone_traces_look(struct zone_traces *t, const struct zone *z, struct diag *d)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	int64_t end = clock_now_ms() + GRACE_MS;
	bool live;

	if (!t)
		return;
	while ((live = any_lives(t)) && clock_now_ms() < end)
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &step, NULL);
	if (live) {
		describe(t, z, d);
		log_line(LOG_WARNING, "zone=%s %s", z->name, d->text);
	}
	free(t);
}

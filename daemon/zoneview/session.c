/* SPDX-License-Identifier: MIT */
/*
 * The FUSE connections of zones; see session.h.
 *
 * The kernel keeps a connection as long as somebody has its descriptor, and that is the zone's
 * zsched. How a connection began (FUSE_INIT) a zoneview that takes over has not seen, and libfuse has room for a
 * thousand sessions in a process. So one of libfuse's takes the requests of all: it is told of a
 * beginning, whose answer nobody waits for; the real ones are answered by another that lives as long as that takes.
 *
 * What a zoneview that was killed had read and not answered, the kernel sends again when it is asked to (6.9).
 * An older kernel fails such a request with ECONNABORTED when a descriptor that was cloned for one server
 * alone is closed, and so each zoneview has its own there. Else it would never end, and its zone neither.
 *
 * Names never change, so the kernel asks for each once. The file that a zone reads is made when it reads its
 * beginning, and kept for the rest; a zone that opens more files than there is room for reads parts
 * of several moments, and no memory of ours.
 */
#define FUSE_USE_VERSION 314

#include "zoneview/session.h"

#include <door_linux.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <zone.h>

#include "linux/clock.h"
#include "zone/view-files.h"
#include "zoneview/content.h"

#define REQUEST_MAX (132 * 1024) /* room for the largest that the kernel may send */
#define WRITE_MAX   (128 * 1024) /* and so many bytes it may read at once */
#define FOREVER	    1e9		 /* seconds: what the kernel may keep of names and attributes */
#define TEXTS	    8		 /* of one zone */
#define WINDOW_MS   100
#define WINDOW_USEC 10000 /* so much of it for one zone */

#define NOTIFY_RESEND 7 /* FUSE_NOTIFY_RESEND of newer headers */
#define FIRST_FILE    (FUSE_ROOT_ID + 1)

struct text {
	uint64_t handle; /* 0: a free place */
	char *data;
	size_t size;
};

struct session {
	struct session *next;
	int fd;
	char zone[ZONENAME_MAX];
	uid_t root; /* the zone's */
	bool waits; /* for its next part of the time */
	int64_t window;
	int64_t spent_usec;
	unsigned int next_text;
	struct text texts[TEXTS];
};

static struct fuse_session *fuse; /* the one of all */
static struct session *sessions;
static struct session *current; /* whose request it is, NULL: nobody's */
static unsigned int count, waiting;
static int epoll_fd = FD_NONE;
static uint64_t last_handle;
static char request[REQUEST_MAX];

static int64_t now_usec(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* ---- what is asked ---- */

static void fill_attributes(const struct session *s, fuse_ino_t ino, struct stat *ret)
{
	*ret = (struct stat){
		.st_ino = ino,
		.st_mode = ino == FUSE_ROOT_ID ? S_IFDIR | 0555 : S_IFREG | 0444,
		.st_nlink = 1,
		.st_uid = s->root,
		.st_gid = s->root,
	};
}

static bool is_file(fuse_ino_t ino)
{
	return ino >= FIRST_FILE && ino < FIRST_FILE + VIEW_FILE_COUNT;
}

static void do_init(void *userdata, struct fuse_conn_info *conn)
{
	conn->max_write = WRITE_MAX;
}

static void do_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param e = {.attr_timeout = FOREVER, .entry_timeout = FOREVER};
	unsigned int i;

	for (i = 0; i < VIEW_FILE_COUNT && parent == FUSE_ROOT_ID; i++) {
		if (!streq(name, view_files[i].name))
			continue;
		e.ino = FIRST_FILE + i;
		fill_attributes(current, e.ino, &e.attr);
		(void)fuse_reply_entry(req, &e);
		return;
	}
	(void)fuse_reply_err(req, ENOENT);
}

static void do_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st;

	fill_attributes(current, ino, &st);
	(void)fuse_reply_attr(req, &st, FOREVER);
}

static void do_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	if (!is_file(ino)) {
		(void)fuse_reply_err(req, EISDIR);
		return;
	}
	fi->fh = ++last_handle;
	fi->direct_io = 1; /* no size, no page cache */
	fi->noflush = 1;
	(void)fuse_reply_open(req, fi);
}

static struct text *text_of(struct session *s, uint64_t handle)
{
	unsigned int i;

	for (i = 0; i < TEXTS; i++)
		if (s->texts[i].handle == handle)
			return &s->texts[i];
	return NULL;
}

static void text_free(struct text *t)
{
	free(t->data);
	*t = (struct text){0};
}

/* Makes the text anew, in the place that this handle has, a free one, or that of another. */
static struct text *text_make(struct session *s, uint64_t handle, enum view_file file, pid_t reader)
{
	struct text *t = text_of(s, handle);

	if (!t)
		t = text_of(s, 0);
	if (!t)
		t = &s->texts[s->next_text++ % TEXTS];
	text_free(t);
	if (content_make(s->zone, file, reader, &t->data, &t->size) < 0)
		return NULL;
	t->handle = handle;
	return t;
}

static void do_read(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	struct session *s = current;
	struct text *t = offset > 0 && fi->fh ? text_of(s, fi->fh) : NULL;
	size_t left;

	if (!is_file(ino) || offset < 0 || !fi->fh) {
		(void)fuse_reply_err(req, EINVAL);
		return;
	}
	if (!t)
		t = text_make(
			s, fi->fh, (enum view_file)(ino - FIRST_FILE), fuse_req_ctx(req)->pid);
	if (!t) {
		(void)fuse_reply_err(req, ENOMEM);
		return;
	}
	left = (uint64_t)offset < t->size ? t->size - (size_t)offset : 0;
	(void)fuse_reply_buf(req, left ? t->data + offset : NULL, left < size ? left : size);
}

static void do_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct session *s = current;
	struct text *t = fi->fh ? text_of(s, fi->fh) : NULL;

	if (t)
		text_free(t);
	(void)fuse_reply_err(req, 0);
}

static const struct fuse_lowlevel_ops operations = {
	.init = do_init,
	.lookup = do_lookup,
	.getattr = do_getattr,
	.open = do_open,
	.read = do_read,
	.release = do_release,
};

/* ---- a zone's part of the time ---- */

static void listen_to(struct session *s, bool on)
{
	struct epoll_event ev = {.events = on ? EPOLLIN : 0, .data.ptr = s};

	(void)epoll_ctl(epoll_fd, EPOLL_CTL_MOD, s->fd, &ev);
	s->waits = !on;
	waiting += on ? -1u : 1u;
}

static void account(struct session *s, int64_t usec)
{
	int64_t now = clock_now_ms();

	if (now - s->window >= WINDOW_MS) {
		s->window = now;
		s->spent_usec = 0;
	}
	s->spent_usec += usec;
	if (s->spent_usec >= WINDOW_USEC && !s->waits)
		listen_to(s, false);
}

int sessions_patience(void)
{
	int64_t now = clock_now_ms(), least = WINDOW_MS;
	struct session *s;

	if (!waiting)
		return -1;
	for (s = sessions; s; s = s->next) {
		int64_t left = s->window + WINDOW_MS - now;

		if (s->waits && left <= 0)
			listen_to(s, true);
		else if (s->waits && left < least)
			least = left;
	}
	return (int)least;
}

/* ---- libfuse ---- */

static void silent(enum fuse_log_level level, const char *fmt, va_list ap)
{
}

static ssize_t write_answer(int fd, struct iovec *iov, int n, void *userdata)
{
	ssize_t size = 0;
	int i;

	if (current)
		return writev(current->fd, iov, n);
	for (i = 0; i < n; i++)
		size += (ssize_t)iov[i].iov_len;
	return size;
}

/* session_serve() reads. */
static ssize_t read_nothing(int fd, void *buf, size_t size, void *userdata)
{
	errno = EIO;
	return -1;
}

static struct fuse_session *make_fuse(void)
{
	static const struct fuse_custom_io io = {.writev = write_answer, .read = read_nothing};
	char name[] = "zoneview", *argv[] = {name, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct fuse_session *f = fuse_session_new(&args, &operations, sizeof(operations), NULL);
	int fd = f ? open("/dev/null", O_RDWR | O_CLOEXEC) : FD_NONE;

	fuse_opt_free_args(&args);
	if (fd >= 0 && fuse_session_custom_io(f, &io, fd) == 0)
		return f; /* which closes fd at its end */
	(void)fd_close(fd);
	if (f)
		fuse_session_destroy(f);
	return NULL;
}

static void process(struct fuse_session *f, void *data, size_t size)
{
	struct fuse_buf buf = {.mem = data, .size = size};

	fuse_session_process_buf(f, &buf);
}

int sessions_init(int epoll)
{
	struct {
		struct fuse_in_header head;
		struct fuse_init_in init;
	} beginning = {
		.head = {.len = sizeof(beginning), .opcode = FUSE_INIT},
		.init = {.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION},
	};

	epoll_fd = epoll;
	/* Handles of a zoneview before us mean nothing to us. */
	last_handle = (uint64_t)now_usec() << 8;
	fuse_set_log_func(silent);
	fuse = make_fuse();
	if (!fuse)
		return -ENOMEM;
	process(fuse, &beginning, sizeof(beginning));
	return 0;
}

/* ---- connections ---- */

static void session_close(struct session *s)
{
	struct session **at = &sessions;
	unsigned int i;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	count--;
	waiting -= s->waits;
	(void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
	(void)fd_close(s->fd);
	for (i = 0; i < TEXTS; i++)
		text_free(&s->texts[i]);
	free(s);
}

void sessions_close(void)
{
	while (sessions)
		session_close(sessions);
	if (fuse)
		fuse_session_destroy(fuse);
	fuse = NULL;
}

unsigned int sessions_count(void)
{
	return count;
}

/* The first request of a connection. */
static void begin(size_t size)
{
	struct fuse_session *f = make_fuse();

	if (!f)
		return;
	process(f, request, size);
	fuse_session_destroy(f);
}

void session_serve(struct session *s)
{
	int64_t before = now_usec();
	ssize_t n = read(s->fd, request, sizeof(request));
	struct fuse_in_header head;

	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOENT))
		return; /* ENOENT: the request was taken back */
	if (n < (ssize_t)sizeof(head)) {
		session_close(s);
		return;
	}
	memcpy(&head, request, sizeof(head));
	current = s;
	if (head.opcode == FUSE_INIT)
		begin((size_t)n);
	else
		process(fuse, request, (size_t)n);
	current = NULL;
	account(s, now_usec() - before);
}

/* A descriptor for this process: see above. */
static int own_descriptor(int connection)
{
	struct fuse_out_header resend = {.len = sizeof(resend), .error = NOTIFY_RESEND};
	uint32_t source = (uint32_t)connection;
	int fd;

	if (write(connection, &resend, sizeof(resend)) == (ssize_t)sizeof(resend)) {
		fd = fcntl(connection, F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? -errno : fd;
	}
	fd = open("/dev/fuse", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && ioctl(fd, FUSE_DEV_IOC_CLONE, &source) == 0)
		return fd;
	source = (uint32_t)errno;
	(void)fd_close(fd);
	return -(int)source;
}

static void forget(const char *zone)
{
	struct session *s;

	for (s = sessions; s; s = s->next)
		if (streq(s->zone, zone))
			break;
	if (s)
		session_close(s);
}

int session_open(const char *zone, int connection)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct door_zone mark;
	struct session *s;
	int r = 0;

	if (door_zone_read(zone, &mark) < 0)
		return -errno;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->root = mark.uid_base;
	(void)str_copy(s->zone, sizeof(s->zone), zone);
	s->fd = own_descriptor(connection);
	if (s->fd < 0) {
		r = s->fd;
		free(s);
		return r;
	}
	forget(zone);
	s->next = sessions;
	sessions = s;
	count++;
	ev.data.ptr = s;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, s->fd, &ev) < 0) {
		r = -errno;
		session_close(s);
	}
	return r;
}

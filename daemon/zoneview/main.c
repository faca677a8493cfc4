/* SPDX-License-Identifier: MIT */
/*
 * zoneview shows each zone the machine as its own.
 *
 * What it is
 *   The FUSE server behind a few files that zsched puts over the kernel's own in a zone: the number
 *   of processors, memory, load, uptime, as the zone's caps and its control group say. One
 *   process and one thread for all zones, each of which has a file system of its own (session.c);
 *   which zone reads is known from the connection that the request came by.
 *
 * Restart story
 *   The connection belongs to the zone's zsched. zoneview asks every zsched for it when it starts, and
 *   gets that of a zone that boots from zoneadmd (VIEW_SERVE). When it is killed,
 *   zoned starts another, and readers wait as long. When zoned itself is a new one, its zoneview
 *   asks the old one to leave (VIEW_LEAVE) and takes over, so an upgrade is complete. It ends when there is neither
 *   a zoned nor a zone.
 *
 * Where its state lives
 *   In the zscheds. The run directory has zoneview.lock and zoneview_door, the instance's subtree of
 *   control groups has "zoneview", in which it is.
 */
#include <door_linux.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "linux/cgroup.h"
#include "linux/diag.h"
#include "linux/file-limit.h"
#include "linux/log.h"
#include "linux/pidfd.h"
#include "linux/process-state.h"
#include "zone/door-caller.h"
#include "zone/view-calls.h"
#include "zone/view-door.h"
#include "zone/zsched-calls.h"
#include "zoneview/session.h"

#define LOCK	     INSTANCE_RUN "/zoneview.lock"
#define TAKE_OVER_MS 5000
#define GROUP	     "zoneview"
#define STEP_MS	     5
#define FUSE_DEVICE  makedev(10, 229) /* of /dev/fuse, everywhere */

static bool leaving;
static char door_path[PATH_MAX];

/* ---- zones ---- */

static int serve_zone(const char *zone)
{
	_cleanup_close_ int connection = FD_NONE;
	struct diag d = {0};
	int r = zsched_call_getfds(zone, ZSCHED_FD_VIEW, &connection, &d);

	return r < 0 ? r : session_open(zone, connection);
}

/* Every zone that a zoneview before us served. */
static int serve_all(void)
{
	size_t suffix = strlen(ZSCHED_DOOR_SUFFIX);
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;
	int r = instance_path(path, sizeof(path), INSTANCE_RUN);

	dir = r < 0 ? NULL : opendir(path);
	if (!dir)
		return r < 0 ? r : -errno;
	while ((e = readdir(dir))) {
		size_t n = strlen(e->d_name);
		char zone[ZONENAME_MAX];

		if (n <= suffix || n - suffix >= sizeof(zone) ||
			!streq(e->d_name + n - suffix, ZSCHED_DOOR_SUFFIX))
			continue;
		memcpy(zone, e->d_name, n - suffix);
		zone[n - suffix] = '\0';
		r = serve_zone(zone);
		/* It has no view, or it is gone. */
		if (r < 0 && r != -ENOENT && r != -EBADF)
			log_line(LOG_WARNING, "zone=%s Cannot serve it: %s", zone, strerror(-r));
	}
	(void)closedir(dir);
	return 0;
}

/* ---- the door ---- */

static bool is_fuse(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == FUSE_DEVICE;
}

/* fd: what came with it, or FD_NONE. */
static int answer(const char *data, size_t size, int fd)
{
	struct view_req req;

	if (size != sizeof(req))
		return -EINVAL;
	memcpy(&req, data, sizeof(req));
	if (!str_terminated(req.zone, sizeof(req.zone)) || strchr(req.zone, '/'))
		return -EINVAL;
	switch (req.cmd) {
	case VIEW_SERVE:
		if (fd < 0)
			return serve_zone(req.zone);
		return is_fuse(fd) ? session_open(req.zone, fd) : -EINVAL;
	case VIEW_LEAVE:
		leaving = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n_desc)
{
	struct view_reply reply = {0};
	uint_t i;
	int r = door_caller_check();

	if (r == 0)
		r = answer(argp, size, n_desc ? dp[0].d_data.d_desc.d_descriptor : FD_NONE);
	reply.err = -r;
	(void)door_reply(&reply, sizeof(reply), NULL, 0);
	for (i = 0; i < n_desc; i++)
		(void)fd_close(dp[i].d_data.d_desc.d_descriptor);
}

static int attach_door(void)
{
	int fd = door_create_unthreaded(procedure, NULL, DOOR_NO_CANCEL);
	int r = fd < 0 ? -errno : instance_path(door_path, sizeof(door_path), ZONEVIEW_DOOR);

	if (r == 0 && (door_setparam(fd, DOOR_PARAM_DESC_MAX, 1) < 0 ||
			      door_attach(fd, door_path, 0600) < 0))
		r = -errno;
	if (r < 0)
		door_path[0] = '\0';
	return r;
}

/* ---- start ---- */

/* The lock lasts as long as the process. */
static int be_alone(void)
{
	struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	char path[PATH_MAX];
	int fd, i, r = instance_path(path, sizeof(path), LOCK);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	for (i = 0; i < TAKE_OVER_MS / STEP_MS; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (i % (1000 / STEP_MS) == 0)
			(void)view_call_leave();
		(void)nanosleep(&step, NULL);
	}
	(void)fd_close(fd);
	return -EBUSY;
}

/*
 * Out of the group of the service that started us, which may be stopped or started again as one
 * likes. A host where that does not work takes us for a part of it.
 */
static void leave_service(void)
{
	_cleanup_close_ int fd = FD_NONE;
	char path[PATH_MAX];

	if (cgroup_v2_path(path, sizeof(path), GROUP) < 0 ||
		(mkdir(path, 0755) < 0 && errno != EEXIST) ||
		cgroup_v2_path(path, sizeof(path), GROUP "/cgroup.procs") < 0)
		return;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		log_line(LOG_WARNING, "Cannot join the control group %s: %m", GROUP);
}

static int watch(int epoll, int fd, void *what)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = what};

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

/* The marks of what is no session in the loop. */
static char is_door, is_zoned;

static int start(int epoll, int zoned)
{
	int r = be_alone();

	leave_service();
	if (r == 0)
		r = sessions_init(epoll);
	if (r == 0)
		r = attach_door();
	if (r == 0)
		r = watch(epoll, door_pollfd(), &is_door);
	if (r == 0 && zoned >= 0)
		r = watch(epoll, zoned, &is_zoned);
	return r < 0 ? r : serve_all();
}

static void loop(int epoll, int zoned)
{
	while (!leaving && (zoned >= 0 || sessions_count() > 0)) {
		struct epoll_event ev;
		int n = epoll_wait(epoll, &ev, 1, sessions_patience());

		if (n <= 0)
			continue;
		if (ev.data.ptr == &is_zoned)
			zoned = fd_close(zoned);
		else if (ev.data.ptr == &is_door)
			(void)door_dispatch();
		else
			session_serve(ev.data.ptr);
	}
}

static void __attribute__((noreturn)) usage(void)
{
	(void)fprintf(stderr, "usage: zoneview [-R root]\n");
	exit(2);
}

static int run(void)
{
	_cleanup_close_ int epoll = epoll_create1(EPOLL_CLOEXEC);
	int zoned = pidfd_of(getppid()), r;

	/* The zone that reads a file of ours shall not look into us. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	file_limit_raise();
	log_init("zoneview", false);
	r = epoll < 0 ? -errno : start(epoll, zoned);
	if (r < 0) {
		log_line(LOG_ERR, "Cannot start: %s", strerror(-r));
		(void)fd_close(zoned);
		return 1;
	}
	loop(epoll, zoned);
	sessions_close();
	if (door_path[0])
		(void)door_detach(door_path);
	return 0;
}

int main(int argc, char **argv)
{
	const char *root = NULL;
	int c, r;

	process_begin();
	while ((c = getopt(argc, argv, "R:")) != -1) {
		if (c != 'R')
			usage();
		root = optarg;
	}
	if (optind != argc)
		usage();
	r = instance_init(root);
	if (r < 0) {
		(void)fprintf(stderr, "zoneview: root prefix '%s': %s\n",
			root ? root : getenv("ZONES_ROOT"), strerror(-r));
		return 1;
	}
	if (geteuid() != 0) {
		(void)fprintf(stderr, "zoneview: only root can run it\n");
		return 1;
	}
	return run();
}

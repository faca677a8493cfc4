/* SPDX-License-Identifier: MIT */
/*
 * zoned is to zones what the kernel is on illumos.
 *
 * What it is
 *   The zone half owns the table of zones: names and ids, status, attributes,
 *   resource controls, references, which zone has which data link. The dls half
 *   owns the network devices behind data links. What are system calls and
 *   ioctls on illumos are calls of one door here, served by many threads at once
 *   (serve.c); zones reach it at /dev/zones/zone_door and see themselves only.
 *
 * Processes
 *   One zoned for each instance (root prefix), kept so by a lock file. It
 *   starts one zsched, which makes another of itself for each zone (zsched-start.c), and one zoneview for all, by
 *   posix_spawn(): nothing forks once threads run.
 *   Its threads: those of the door, one that watches the ends of zscheds and
 *   inits (zone-watch.c), one that wakes the subscribers of events (event.c), one that
 *   samples the load of zones (kstat-sample.c), one that keeps zoneview running (view.c), one that lets the CPUs sleep
 *   again (awake.c), the dls half's listener, and this one, which waits for signals.
 *
 * Restart story
 *   zoned can be killed at any moment; zones go on. Every change of a zone that must
 *   not be forgotten is stored in the zone's zsched before it is answered
 *   (zone-record.c), and a new zoned puts its table together from the zscheds it finds
 *   (rebuild.c). What the old one had half made, or half taken away, is taken
 *   away. SIGTERM and SIGINT end zoned, not the zones.
 *
 * Where state lives
 *   In the zscheds, the control groups below "zones", and the run directory:
 *   zoned.lock, zone_door, NAME.dev/zone_door, events, ids.
 *
 * Locks, left before right:
 *   life_lock (zone) -> link perimeter -> flow_lock -> devnet lock -> links_lock ->
 *   zonehash_lock -> zone_status_lock -> zone_lock -> zsd_key_lock
 *   save_lock (zone), netns_lock and cpus_lock (zone-cpus.c) come after the devnet
 *   lock and before zonehash_lock; none of these three and links_lock is taken with
 *   another of them held. rctl_lock (zone) comes before save_lock.
 *   life_lock, rctl_lock and save_lock are held over door calls, the perimeter over upcalls
 *   and rtnetlink. The others wait for nobody but the kernel, and only leaves, each of one
 *   file, for that: the state of links, their properties and flows, the packet filter, the
 *   host's stack (zone-stack.c). The locks of events are leaves.
 */
#include "zoned/awake.h"
#include "zoned/event.h"
#include "zoned/kstat.h"
#include "zoned/serve.h"
#include "zoned/view.h"
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/file-limit.h"
#include "linux/log.h"
#include "linux/process-state.h"

#include <door_linux.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>

/* What takes part in making a zone, here or in a zsched. */
static const struct capability needed[] = {
	CAPABILITY(CAP_CHOWN),
	CAPABILITY(CAP_DAC_OVERRIDE),
	CAPABILITY(CAP_SETGID),
	CAPABILITY(CAP_SETUID),
	CAPABILITY(CAP_NET_ADMIN),
	CAPABILITY(CAP_SYS_CHROOT),
	CAPABILITY(CAP_SYS_PTRACE),
	CAPABILITY(CAP_SYS_ADMIN),
	CAPABILITY(CAP_MKNOD),
};

static void usage(void)
{
	(void)fprintf(stderr, "usage: zoned [-d] [-R root]\n");
	exit(2);
}

/* ---- becoming a daemon ---- */

/* In the parent: waits for what the child has to say, and ends with it. */
static void __attribute__((noreturn)) wait_for_child(int fd)
{
	char text[1024];
	ssize_t n, used = 0;

	while (used < (ssize_t)sizeof(text) - 1 &&
		(n = read(fd, text + used, sizeof(text) - 1 - (size_t)used)) > 0)
		used += n;
	text[used] = '\0';
	if (streq(text, "ok"))
		exit(0);
	(void)fprintf(stderr, "zoned: %s\n", used ? text : "it died while it started");
	exit(1);
}

/* Forks, before any thread. Returns in the child, with the end of the pipe that takes the result. */
static int daemonize(void)
{
	int pipes[2];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		(void)fprintf(stderr, "zoned: cannot become a daemon: %m\n");
		exit(1);
	}
	if (pid > 0) {
		(void)close(pipes[1]);
		wait_for_child(pipes[0]);
	}
	(void)close(pipes[0]);
	(void)setsid();
	return pipes[1];
}

static void tell_parent(int fd, const char *text)
{
	int null;

	if (fd < 0)
		return;
	(void)dprintf(fd, "%s", text);
	(void)close(fd);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		(void)dup2(null, 0);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		if (null > 2)
			(void)close(null);
	}
}

/* ---- start ---- */

static int make_directory(const char *path, struct diag *d)
{
	char full[PATH_MAX];
	int r = instance_path(full, sizeof(full), "%s", path);

	if (r < 0)
		return diag_set(d, r, "The root prefix is too long");
	if (mkdir(full, 0755) < 0 && errno != EEXIST)
		return diag_errno(d, -errno, "Cannot make %s", full);
	return 0;
}

/*
 * The lock lasts as long as the process; the descriptor is never closed. Who can open the
 * file can lock it, so nobody else can.
 */
static int be_alone(struct diag *d)
{
	char path[PATH_MAX], pid[32] = "";
	int fd, r;

	r = instance_path(path, sizeof(path), INSTANCE_RUN "/zoned.lock");
	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return diag_errno(d, -errno, "Cannot open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		r = -errno;
		if (read(fd, pid, sizeof(pid) - 1) > 0)
			pid[strcspn(pid, "\n")] = '\0';
		(void)close(fd);
		return r == -EWOULDBLOCK
			       ? diag_set(d, -EBUSY, "Another zoned (pid %s) serves this root", pid)
			       : diag_errno(d, r, "Cannot lock %s", path);
	}
	if (ftruncate(fd, 0) == 0)
		(void)dprintf(fd, "%d\n", (int)getpid());
	return 0;
}

/* All signals are blocked in every thread; this thread takes those that end zoned. */
static void set_up_signals(sigset_t *ending)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN); /* no child is waited for, so none becomes a zombie */
	(void)sigemptyset(ending);
	(void)sigaddset(ending, SIGTERM);
	(void)sigaddset(ending, SIGINT);
}

static int start_zones(int door, struct diag *d)
{
	int r;

	r = event_ring_open(d);
	if (r == 0)
		r = zone_ids_open(d);
	if (r < 0)
		return r;
	zone_status_init();
	r = zone_table_init();
	if (r == 0)
		r = events_start();
	if (r == 0)
		events_disk_start();
	if (r == 0)
		r = zone_netns_init();
	if (r == 0)
		r = zone_stack_init();
	if (r == 0)
		r = zone_dev_init(door);
	if (r == 0)
		r = zone_ipc_init();
	if (r == 0)
		r = rctl_log_init();
	if (r == 0)
		r = kstat_sample_start();
	if (r == 0)
		r = zone_watch_open();
	if (r == 0)
		r = awake_start();
	if (r < 0)
		return diag_errno(d, r, "Cannot start");
	r = zones_rebuild(d);
	if (r < 0)
		return r;
	r = dls_init();
	if (r < 0)
		return diag_errno(d, r, "Cannot look for network devices");
	r = zone_watch_start();
	return r < 0 ? diag_errno(d, r, "Cannot start") : 0;
}

/* Everything up to the moment when the door has its name. */
static int start(char *door_path, size_t size, struct diag *d)
{
	int door, r;

	r = process_needs(needed, ARRAY_SIZE(needed), d);
	if (r == 0)
		r = make_directory("/run", d);
	if (r == 0)
		r = make_directory(INSTANCE_RUN, d);
	if (r == 0)
		r = be_alone(d);
	if (r == 0)
		r = cgroup_provide_v2(d);
	if (r == 0)
		r = cgroup_make_parents(ZONE_GROUPS, d);
	if (r < 0)
		return r;
	zsched_starter_begin();
	door = serve_create();
	if (door < 0)
		return diag_errno(d, door, "Cannot create a door");
	r = start_zones(door, d);
	if (r < 0)
		return r;
	serve_open();
	r = instance_path(door_path, size, ZONED_DOOR);
	if (r < 0)
		return r;
	if (door_attach(door, door_path, 0666) < 0)
		return diag_errno(d, -errno, "Cannot attach the door %s", door_path);
	r = view_start();
	return r < 0 ? diag_errno(d, r, "Cannot start") : 0;
}

int main(int argc, char **argv)
{
	bool foreground = false;
	char door_path[PATH_MAX];
	const char *root = NULL;
	struct diag d = {0};
	int c, fd = FD_NONE, r, sig;
	sigset_t ending;

	while ((c = getopt(argc, argv, "dR:")) != -1) {
		if (c == 'd')
			foreground = true;
		else if (c == 'R')
			root = optarg;
		else
			usage();
	}
	if (optind != argc)
		usage();
	r = instance_init(root);
	if (r < 0) {
		(void)fprintf(stderr, "zoned: root prefix '%s': %s\n",
			root ? root : getenv("ZONES_ROOT"), strerror(-r));
		return 1;
	}
	if (geteuid() != 0) {
		(void)fprintf(stderr, "zoned: only root can run it\n");
		return 1;
	}
	process_settle(FD_NONE);
	if (!foreground)
		fd = daemonize();
	log_init("zoned", foreground);
	file_limit_raise();
	set_up_signals(&ending);
	r = start(door_path, sizeof(door_path), &d);
	if (r < 0) {
		if (foreground)
			(void)fprintf(stderr, "zoned: %s\n", d.text[0] ? d.text : strerror(-r));
		tell_parent(fd, d.text[0] ? d.text : strerror(-r));
		return 1;
	}
	tell_parent(fd, "ok");
	(void)sigwait(&ending, &sig);
	log_line(LOG_NOTICE, "Ends by signal %d; the zones go on", sig);
	(void)door_detach(door_path);
	return 0;
}

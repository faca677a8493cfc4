/* SPDX-License-Identifier: MIT */
/*
 * dlmgmtd: the authority on data links: their names, ids, owners and persistent
 * configuration. It never touches a network device; zoned does.
 *
 *   dladm, zonecfg, zoneadmd ---[door]---> dlmgmtd ---[door]---> zoned
 *                              zoned ---[door, upcalls]---^      (its lists of zones' links)
 *
 * Processes: one. The parent that daemonised only waits for the result of the
 * start. Everything that forks or drops rights happens before the door exists and
 * with it the first server thread; afterwards nothing forks. The main thread waits
 * for signals; requests run on server threads under two locks (command.h).
 *
 * State: <prefix>/etc/dladm/datalink.db holds what is configured;
 * <prefix>/run/dladm/active.db what is true until the host restarts: ids, flags,
 * the zone of each link, zones that have the door; ZONEPATH/dladm/datalink.db what a zone
 * has configured for itself. All are written before a request
 * is answered. <prefix>/run/dladm/dlmgmtd.lock makes the daemon the only one.
 *
 * Restart: everything comes back from the two databases. Doors in zones are
 * attached again at once; then zoned is asked which zones live and which links they
 * hold, and what differs follows zoned. If zoned is away, that waits until it makes
 * its first call. Only open configurations (conf ids) are lost: their clients get ENOENT.
 *
 * Rights: it becomes the user dladm where that user exists and keeps, in effect,
 *   CAP_SYS_PTRACE  to read the namespaces of callers under /proc;
 *   CAP_NET_ADMIN   so that zoned lets it change the lists of zones' links;
 * and, permitted but in effect only while it attaches its door in a zone's directory or opens
 * the folder of a zone's store,
 *   CAP_DAC_OVERRIDE, because what those are in is root's.
 */
#include "dlmgmtd/privileges.h"
#include "dlmgmtd/recover.h"
#include "dlmgmtd/server.h"
#include "dlmgmtd/store.h"
#include "dlmgmtd/zones.h"
#include "linux/cgroup.h"
#include "linux/file-limit.h"
#include "linux/instance.h"
#include "linux/log.h"
#include "linux/process-state.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define LOCK_FILE    INSTANCE_DLADM "/dlmgmtd.lock"
#define VERIFY_TRIES 30 /* one a second after somebody has called */
#define STORE_RETRY  5	/* seconds between tries to write what could not be written */

static pthread_t main_thread;
static atomic_bool asking_zoned; /* the main thread will, in a moment */

/* ---- before the door ---- */

static int must_be_global(struct diag *d)
{
	char group[PATH_MAX], zone[ZONENAME_MAX];
	const char *rest;

	if (cgroup_of_pid(getpid(), group, sizeof(group)) == 0 &&
		cgroup_zone_of(group, zone, sizeof(zone), &rest))
		return diag_set(
			d, -EPERM, "must be run in the global zone, not in zone '%s'", zone);
	return 0;
}

/* What somebody else owns cannot be written once the rights are dropped. */
static int give_file(const char *path, struct diag *d)
{
	uid_t uid;
	gid_t gid;

	privileges_identity(&uid, &gid);
	if (lchown(path, uid, gid) < 0 && errno != ENOENT && errno != EROFS)
		return diag_errno(d, -errno, "Cannot give %s to user %d", path, (int)uid);
	return 0;
}

/* Makes a directory below the prefix; only what is dlmgmtd's own is given to its user. */
static int make_dir(const char *name, bool own, struct diag *d)
{
	char path[PATH_MAX];
	int r;

	r = instance_path(path, sizeof(path), "%s", name);
	if (r < 0)
		return diag_errno(d, r, "%s", name);
	if (mkdir(path, 0755) < 0 && errno != EEXIST && errno != EROFS)
		return diag_errno(d, -errno, "Cannot make %s", path);
	return own ? give_file(path, d) : 0;
}

static int make_dirs(struct diag *d)
{
	static const struct {
		const char *name;
		bool own;
	} dirs[] = {{"/etc", false}, {"/etc/dladm", true}, {"/run", false}, {"/run/dladm", true}};
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < ARRAY_SIZE(dirs); i++)
		r = make_dir(dirs[i].name, dirs[i].own, d);
	return r;
}

/* Files that an earlier run as another user left; those it never made are no error. */
static int give_files(struct diag *d)
{
	static const char *const suffixes[] = {"", "-wal", "-journal"};
	static const char *const files[] = {STORE_PERSISTENT_PATH, STORE_ACTIVE_PATH, LOCK_FILE};
	char path[PATH_MAX];
	size_t i, j;
	int r = 0;

	for (i = 0; r == 0 && i < ARRAY_SIZE(files); i++) {
		for (j = 0; r == 0 && j < ARRAY_SIZE(suffixes); j++) {
			r = instance_path(path, sizeof(path), "%s%s", files[i], suffixes[j]);
			if (r < 0)
				return diag_errno(d, r, "%s", files[i]);
			r = give_file(path, d);
		}
	}
	return r;
}

/*
 * The descriptor stays open, and with it the lock, as long as the process lives. Who can
 * open the file can lock it, so nobody else can.
 */
static int be_the_only_one(struct diag *d)
{
	char path[PATH_MAX];
	int fd, r;

	r = instance_path(path, sizeof(path), "%s", LOCK_FILE);
	if (r < 0)
		return diag_errno(d, r, "%s", LOCK_FILE);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return diag_errno(d, -errno, "Cannot open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	r = -errno;
	(void)fd_close(fd);
	if (r == -EWOULDBLOCK)
		return diag_set(d, r, "another dlmgmtd serves %s",
			instance_root()[0] ? instance_root() : "/");
	return diag_errno(d, r, "Cannot lock %s", path);
}

/* The main thread takes them with sigwaitinfo(); server threads inherit that they are blocked. */
static void signals_block(sigset_t *ret_set)
{
	(void)sigemptyset(ret_set);
	(void)sigaddset(ret_set, SIGTERM);
	(void)sigaddset(ret_set, SIGINT);
	(void)sigaddset(ret_set, SIGUSR1);
	(void)pthread_sigmask(SIG_BLOCK, ret_set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
}

/* zoned is asked once a second as it is, however many commands come. */
static void on_command(void)
{
	if ((zones_doubted() && !atomic_load(&asking_zoned)) || store_waiting())
		(void)pthread_kill(main_thread, SIGUSR1);
}

static int start(struct diag *d)
{
	static const struct capability needed[] = {
		CAPABILITY(CAP_NET_ADMIN), CAPABILITY(CAP_SYS_PTRACE)};
	int r;

	file_limit_raise();
	r = process_needs(needed, ARRAY_SIZE(needed), d);
	if (r == 0)
		r = must_be_global(d);
	if (r == 0)
		r = make_dirs(d);
	if (r == 0)
		r = be_the_only_one(d);
	if (r == 0)
		r = give_files(d);
	if (r < 0)
		return r;
	r = privileges_drop();
	if (r < 0)
		return diag_errno(d, r, "Cannot drop rights");
	r = store_open(d);
	if (r < 0)
		return r;
	r = links_recover();
	if (r < 0)
		return diag_errno(d, r, "Cannot read the links");
	r = server_open(on_command, d);
	if (r < 0)
		return r;
	link_table_wrlock();
	r = zones_restore();
	link_table_unlock();
	return r < 0 ? diag_errno(d, r, "Cannot read the zones") : 0;
}

/* ---- serving ---- */

/* True when something could not be written yet. */
static bool write_later(void)
{
	bool waiting;

	link_table_wrlock();
	if (store_waiting())
		store_retry();
	waiting = store_waiting();
	link_table_unlock();
	return waiting;
}

static void serve_until_told(const sigset_t *set)
{
	const struct timespec second = {.tv_sec = 1}, retry = {.tv_sec = STORE_RETRY};
	int tries = VERIFY_TRIES, sig;
	bool waiting, asking;

	for (;;) {
		if (zones_doubted() && tries > 0) {
			tries--;
			(void)zones_verify();
		}
		waiting = write_later();
		asking = zones_doubted() && tries > 0;
		atomic_store(&asking_zoned, asking);
		if (asking)
			sig = sigtimedwait(set, NULL, &second);
		else if (waiting)
			sig = sigtimedwait(set, NULL, &retry);
		else
			sig = sigwaitinfo(set, NULL);
		if (sig == SIGTERM || sig == SIGINT)
			return;
		if (sig == SIGUSR1)
			tries = VERIFY_TRIES;
	}
}

/* ready_fd: where the result of the start goes ("" is success); FD_NONE in the foreground. */
static int run(int ready_fd)
{
	struct diag d = {0};
	sigset_t set;
	int r;

	main_thread = pthread_self();
	zones_doubt();
	signals_block(&set);
	r = start(&d);
	if (r < 0) {
		(void)dprintf(ready_fd >= 0 ? ready_fd : STDERR_FILENO, "dlmgmtd: %s\n", d.text);
		server_close();
		return 1;
	}
	if (ready_fd >= 0) {
		(void)dprintf(ready_fd, "ok\n");
		(void)fd_close(ready_fd);
	}
	serve_until_told(&set);

	zones_detach_all();
	server_close();
	link_table_wrlock(); /* a change in progress ends first; later ones find no store */
	store_close();
	return 0;
}

/* ---- becoming a daemon ---- */

static int std_to_null(void)
{
	_cleanup_close_ int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	if (fd < 0)
		return -errno;
	for (i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (dup2(fd, i) < 0)
			return -errno;
	return 0;
}

/* The parent's exit status and message are those of the child's start. */
static int wait_for_start(int fd, pid_t child)
{
	char text[1100];
	size_t used = 0;
	ssize_t n;

	while (used < sizeof(text) - 1) {
		n = read(fd, text + used, sizeof(text) - 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	text[used] = '\0';
	if (streq(text, "ok\n"))
		return 0;
	(void)waitpid(child, NULL, 0);
	(void)fprintf(stderr, "%s", used ? text : "dlmgmtd: ended while it started\n");
	return 1;
}

static int daemonise(void)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		(void)fprintf(stderr, "dlmgmtd: Cannot become a daemon: %s\n", strerror(errno));
		return 1;
	}
	if (pid > 0) {
		(void)fd_close(fds[1]);
		return wait_for_start(fds[0], pid);
	}
	(void)fd_close(fds[0]);
	(void)setsid();
	if (std_to_null() < 0)
		return 1;
	log_init("dlmgmtd", false);
	return run(fds[1]);
}

static int usage(void)
{
	(void)fprintf(stderr, "usage: dlmgmtd [-d] [-R root]\n");
	return 2;
}

int main(int argc, char *argv[])
{
	const char *root = NULL;
	bool foreground = false;
	int c, r;

	while ((c = getopt(argc, argv, "dR:")) != -1) {
		switch (c) {
		case 'd':
			foreground = true;
			break;
		case 'R':
			root = optarg;
			break;
		default:
			return usage();
		}
	}
	if (optind != argc)
		return usage();
	r = instance_init(root);
	if (r < 0) {
		(void)fprintf(stderr, "dlmgmtd: root '%s': %s\n",
			root ? root : getenv("ZONES_ROOT"), strerror(-r));
		return 1;
	}
	process_settle(FD_NONE);
	log_init("dlmgmtd", true);
	return foreground ? run(FD_NONE) : daemonise();
}

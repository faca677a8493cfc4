/* SPDX-License-Identifier: MIT */
/*
 * zsched holds one zone alive.
 *
 * What it is
 *   The counterpart of the kernel process that illumos makes for each zone: the
 *   parent of the zone's init, and the owner of everything that must not go away
 *   while the zone lives: its namespaces, the master of its console pty, and
 *   zoned's record of it. A small program without threads, without
 *   configuration and without opinions.
 *
 * Processes
 *   zoned starts it, once for each zone, into the group zones/NAME/zsched, which
 *   is outside the zone. Its children are short-lived (see child.c) except
 *   init. It serves zoned, zoneadmd and nobody else on its door from one poll loop, and calls
 *   zoneadmd when init ends (upcall.c).
 *
 * Restart story
 *   zsched outlives zoned and zoneadmd: when one of them comes back it finds the
 *   zone here. zsched itself is never restarted. When it dies the namespaces
 *   lose their holder; zoned sees it through a pidfd, kills what is left of the
 *   zone and declares it down.
 *
 * Where its state lives
 *   In this process, and the door file <run>/NAME.zsched_door.
 */
#include "linux/cgroup-join.h"
#include "zsched/zsched.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int parse_number(const char *s, uint64_t max, uint64_t *ret)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(s, &end, 10);
	if (errno || end == s || *end || v > max)
		return -EINVAL;
	*ret = v;
	return 0;
}

static int parse_args(struct zsched *z, int argc, char **argv, int *ret_ready)
{
	uint64_t id, uniqid, base, ready;

	z->shared_ip = argc == 7 && streq(argv[6], "shared");
	if ((argc != 6 && !z->shared_ip) || strchr(argv[1], '/') ||
		str_copy(z->name, sizeof(z->name), argv[1]) < 0 ||
		parse_number(argv[2], MAX_ZONEID, &id) < 0 ||
		parse_number(argv[3], UINT64_MAX, &uniqid) < 0 ||
		parse_number(argv[4], UINT32_MAX - ZSCHED_ID_RANGE, &base) < 0 ||
		base < ZSCHED_ID_RANGE || parse_number(argv[5], INT32_MAX, &ready) < 0)
		return -EINVAL;
	z->zoneid = (zoneid_t)id;
	z->uniqid = uniqid;
	z->uid_base = (uint32_t)base;
	*ret_ready = (int)ready;
	(void)snprintf(z->leaf, sizeof(z->leaf), "zones/%s/zone", z->name);
	(void)snprintf(z->own_group, sizeof(z->own_group), "zones/%s/zsched", z->name);
	return 0;
}

/* Nothing but SIGKILL ends zsched; SIGCHLD comes through the returned descriptor. */
static int set_up_signals(struct diag *d)
{
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2,
		SIGTSTP, SIGTTIN, SIGTTOU};
	sigset_t set;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return diag_errno(d, -errno, "Cannot block SIGCHLD");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? diag_errno(d, -errno, "Cannot wait for SIGCHLD") : fd;
}

static int attach_door(struct zsched *z, char *path, size_t size, struct diag *d)
{
	int fd = door_create_unthreaded(serve, z, DOOR_NO_CANCEL);
	int r;

	if (fd < 0)
		return diag_errno(d, -errno, "Cannot create a door");
	r = instance_path(path, size, ZSCHED_DOOR_FMT, z->name);
	if (r < 0)
		return diag_errno(d, r, "The root prefix is too long");
	if (door_attach(fd, path, 0600) < 0)
		return diag_errno(d, -errno, "Cannot attach the door %s", path);
	return 0;
}

/* Its size is sealed, so that zoned can map it without fear. */
static int make_record(struct zsched *z, struct diag *d)
{
	z->record = memfd_create(ZSCHED_RECORD_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (z->record < 0 || ftruncate(z->record, ZSCHED_RECORD_SIZE) < 0 ||
		fcntl(z->record, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return diag_errno(d, -errno, "Cannot make the memory for the zone's record");
	return 0;
}

static int set_up(struct zsched *z, char *door_path, size_t size, int *ret_signals, struct diag *d)
{
	int r;

	/* Nobody but global root may look into the keeper of a zone. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	*ret_signals = set_up_signals(d);
	if (*ret_signals < 0)
		return *ret_signals;
	r = make_record(z, d);
	if (r == 0)
		r = namespaces_make(z, d);
	return r < 0 ? r : attach_door(z, door_path, size, d);
}

/*
 * Being born into a group is free where moving into one is not, so zsched makes
 * itself a second time, as a sibling (zoned stays the parent), and the first ends.
 * Returns in the second only.
 */
static int be_born_into_group(const struct zsched *z, struct diag *d)
{
	_cleanup_close_ int group = cgroup_open_v2(z->own_group);
	struct clone_args args = {
		.flags = CLONE_PARENT | CLONE_INTO_CGROUP,
		.cgroup = (uint64_t)group,
	};
	pid_t pid;
	int r;

	if (group < 0)
		return diag_errno(d, group, "Cannot open the control group %s", z->own_group);
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return diag_errno(d, -errno, "Cannot start in the control group %s", z->own_group);
	if (pid > 0)
		_exit(0);
	r = cgroup_join_v1(z->own_group);
	return r < 0 ? diag_errno(d, r, "Cannot join the control group %s", z->own_group) : 0;
}

/* zoned starts us before our group is there, and ends us by the end of the stream if it never is. */
static void wait_for_group(int zoned)
{
	char go;
	ssize_t n;

	do
		n = read(zoned, &go, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(1);
}

static void drain(int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		;
}

/* Of two timeouts of poll(); -1 is none. */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void loop(struct zsched *z, int signals)
{
	while (!z->exiting) {
		struct pollfd p[] = {
			{.fd = door_pollfd(), .events = POLLIN},
			{.fd = signals, .events = POLLIN},
			{.fd = upcall_fd(), .events = POLLIN}, /* negative: left out */
			/* cppcheck-suppress unknownEvaluationOrder; there is nothing to order */
			[3 + CONSOLE_POLLS - 1] = {.fd = FD_NONE},
		};

		console_poll(z, &p[3]);

		if (poll(p, ARRAY_SIZE(p), sooner(upcall_timeout(), console_timeout())) < 0 &&
			errno != EINTR)
			return;
		if (p[1].revents)
			drain(signals);
		/* Always before an answer: who has seen init end shall not be told that it lives. */
		init_reap(z);
		if (p[2].revents || upcall_timeout() == 0)
			upcall_continue(z);
		if (p[0].revents)
			(void)door_dispatch();
		console_continue(z, &p[3]);
	}
}

int main(int argc, char **argv)
{
	struct zsched z = {
		.user = FD_NONE,
		.net = FD_NONE,
		.ipc = FD_NONE,
		.uts = FD_NONE,
		.cgroup = FD_NONE,
		.time = FD_NONE,
		.view = FD_NONE,
		.hostmnt = FD_NONE,
		.mnt = FD_NONE,
		.console = FD_NONE,
		.pipes = {FD_NONE, FD_NONE, FD_NONE, FD_NONE},
		.init_pidfd = FD_NONE,
		.device_rules = FD_NONE,
		.record = FD_NONE,
	};
	struct diag d = {0};
	char door_path[512] = "";
	int ready, signals = FD_NONE, i, r;

	for (i = 0; i < VIEW_FILE_COUNT; i++)
		z.files[i] = FD_NONE;
	r = parse_args(&z, argc, argv, &ready);
	if (r == 0)
		r = instance_init(NULL);
	if (r < 0) {
		(void)fprintf(stderr,
			"zsched: started by zoned only: zsched NAME ZONEID UNIQID UID_BASE READY_FD "
			"[shared]\n");
		return 2;
	}
	wait_for_group(ready);
	r = be_born_into_group(&z, &d);
	if (r == 0)
		r = set_up(&z, door_path, sizeof(door_path), &signals, &d);
	if (r < 0)
		(void)dprintf(ready, "%s\n", d.text);
	else
		(void)dprintf(ready, "ok %d\n", (int)getpid());
	(void)close(ready);
	if (r == 0)
		loop(&z, signals);
	console_finish(&z);
	if (door_path[0])
		(void)door_detach(door_path);
	free(z.devices);
	return r < 0;
}

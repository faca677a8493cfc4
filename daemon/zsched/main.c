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
 *   zoned starts this program once, as the starter (starter.c), which makes of
 *   itself one process for each zone, born into the group zones/NAME/zsched, which
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
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/signalfd.h>

/* SIGCHLD comes through the returned descriptor. */
static int set_up_signals(struct diag *d)
{
	sigset_t set;
	int fd;

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

/* The child of the namespaces may still be there. */
static int set_up(struct zsched *z, struct namespaces *ns, char *door_path, size_t size,
	int *ret_signals, struct diag *d)
{
	int r;

	r = cgroup_join_v1(z->own_group);
	if (r < 0)
		return diag_errno(d, r, "Cannot join the control group %s", z->own_group);
	*ret_signals = set_up_signals(d);
	if (*ret_signals < 0)
		return *ret_signals;
	r = namespaces_begin(z, ns, d);
	/* Meanwhile. Who finds the door waits: nothing is served before the loop. */
	if (r == 0)
		r = make_record(z, d);
	if (r == 0)
		r = attach_door(z, door_path, size, d);
	if (r == 0)
		r = namespaces_take(z, ns, d);
	if (r < 0)
		namespaces_end(ns);
	return r;
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
	struct namespaces ns = {.sock = FD_NONE};
	int zoned, signals = FD_NONE, i, r;
	struct diag d = {0};
	char door_path[512] = "";

	for (i = 0; i < VIEW_FILE_COUNT; i++)
		z.files[i] = FD_NONE;
	if (!starter_begin(argc, argv) || instance_init(NULL) < 0) {
		(void)fprintf(stderr, "zsched: started by zoned only: zsched -s ROOM\n");
		return 2;
	}
	zoned = starter_wait(&z);
	r = set_up(&z, &ns, door_path, sizeof(door_path), &signals, &d);
	starter_answer(&z, zoned, r, &d);
	namespaces_end(&ns); /* its end can take a while, when others want the CPU */
	if (r == 0)
		loop(&z, signals);
	console_finish(&z);
	if (door_path[0])
		(void)door_detach(door_path);
	free(z.devices);
	return r < 0;
}

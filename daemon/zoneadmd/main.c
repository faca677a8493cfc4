/* SPDX-License-Identifier: MIT */
/*
 * zoneadmd: one for each zone that is ready or running.
 *
 * Jobs. It builds the zone's virtual platform and takes it down (platform.c has the stages),
 * starts its init, and serves a door to those who want its state changed: zoneadm,
 * and zsched when the zone halts or reboots itself. It decides nothing about a live
 * zone and holds nothing of it.
 *
 *	zoneadm --door--> zoneadmd --door--> zoned	the zone, its limits, its links
 *	zsched  --door-->     |   \--door--> zsched	file systems, as descriptors
 *	(halt, reboot)        |    \-door--> dlmgmtd	names of links
 *	                      +-- posix_spawn --> brand hooks
 *
 * Where state lives: the zone's configuration in /etc/zones; what it was when the zone was made
 * ready in <run>/NAME.snapshot; everything about the live zone in zoned and zsched.
 * Here there is none: each command looks everything up again.
 *
 * Restart. That is why it can be killed at any moment without harm to the zone, and why
 * the next one needs no recovery: each stage of the platform can be undone from any half
 * state, and a bring-up that was cut short is known by the brand's name that the zone
 * does not have yet. zsched repeats what it has to say until a zoneadmd answers.
 *
 * Life. zoneadm starts it when it needs it, with a descriptor (-r) that is told when the
 * door is there, whoever serves it. Started by hand it forks, and the parent exits then: 0, or 1
 * after a message. It goes when the zone is installed again.
 *
 * Order of the start: options, checks, fork, lock, door (threads from here on: no more
 * fork, programs only through posix_spawn), who waits told.
 *
 * It also serves the zone's console (console.c), from which it may be killed as well.
 *
 * Linux: the pty of the console is zsched's, not this daemon's.
 */
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "linux/instance.h"
#include "linux/log.h"
#include "linux/messages.h"
#include "linux/process-state.h"
#include "zone/zoneadmd-calls.h"
#include "zoneadmd/exclusive.h"
#include "zoneadmd/server.h"
#include "zoneadmd/state.h"
#include "zonecfg/rules.h"

struct options {
	const char *zone;
	const char *root;
	bool debug; /* stay in the foreground, log to stderr */
	int report; /* where the outcome is told, without a fork; FD_NONE: by the exit of a parent */
};

static struct exclusive unique = {.fd = FD_NONE};

static int usage(void)
{
	(void)fputs("usage: zoneadmd -z zone [-R root] [-d | -r descriptor]\n"
		    "Started by zoneadm(8) when it is needed.\n",
		stderr);
	return 2;
}

static int complain(const char *zone, const char *text)
{
	(void)fprintf(stderr, "zoneadmd: zone '%s': %s\n", zone, text);
	return 1;
}

/* An open descriptor, which no program that we run gets. */
static bool parse_descriptor(const char *text, int *ret)
{
	uint64_t number;

	if (zonecfg_parse_u64(text, &number) || number <= STDERR_FILENO || number > INT_MAX ||
		fcntl((int)number, F_SETFD, FD_CLOEXEC) < 0)
		return false;
	*ret = (int)number;
	return true;
}

static bool parse(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "z:R:dr:")) != -1) {
		switch (c) {
		case 'z':
			o->zone = optarg;
			break;
		case 'R':
			o->root = optarg;
			break;
		case 'd':
			o->debug = true;
			break;
		case 'r':
			if (!parse_descriptor(optarg, &o->report))
				return false;
			break;
		default:
			return false;
		}
	}
	return o->zone && optind == argc && !(o->debug && o->report >= 0);
}

/* What can be said before anything is touched. */
static int check_zone(const char *zone, struct diag *d)
{
	struct zone_index_entry entry;
	int r;

	if (geteuid() != 0)
		return diag_set(d, -EPERM, "must be run as root");
	if (streq(zone, GLOBAL_ZONENAME))
		return diag_set(d, -EINVAL, "cannot manage the global zone");
	r = zone_index_find(zone, &entry);
	if (r)
		return diag_set(d, -ENOENT, "%s", zonecfg_strerror(r));
	if (entry.state < ZONE_STATE_INCOMPLETE)
		return diag_set(d, -EINVAL, "cannot manage a zone in state '%s'",
			zone_state_str(entry.state));
	return 0;
}

static int make_run_dir(struct diag *d)
{
	char path[4096];
	int r;

	r = instance_path(path, sizeof(path), INSTANCE_RUN);
	if (r < 0)
		return diag_errno(d, r, "cannot name the run directory");
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return diag_errno(d, -errno, "cannot make '%s'", path);
	return 0;
}

/* A door without a server beside a live zone: somebody killed the last zoneadmd. */
static void tell_recovery(const char *zone, struct diag *d)
{
	struct zone_now now;

	if (!unique.stale || zone_now_get(zone, &now, NULL) < 0 || now.id < 0)
		return;
	(void)diag_set(d, 0,
		"WARNING: the zone is in state '%s' but had no zoneadmd; started one to recover",
		zone_state_str(now.state));
}

static int start(const char *zone, struct diag *d)
{
	/* One that lacks a right would be in the way of everybody who comes later and has it. */
	static const struct capability needed[] = {
		CAPABILITY(CAP_NET_ADMIN), CAPABILITY(CAP_SYS_PTRACE), CAPABILITY(CAP_SYS_ADMIN)};
	int r = process_needs(needed, ARRAY_SIZE(needed), d);

	if (!r)
		r = make_run_dir(d);
	if (!r)
		r = exclusive_take(zone, &unique, d);
	if (r)
		return r;
	tell_recovery(zone, d);
	r = server_start(zone, d);
	if (r == 0)
		exclusive_ready(&unique);
	return r;
}

/* The child's standard descriptors and session are nobody else's. */
static int detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || (getsid(0) != getpid() && setsid() < 0) || dup2(null, STDIN_FILENO) < 0 ||
		dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		return -errno;
	if (null > STDERR_FILENO)
		(void)close(null);
	return 0;
}

static int parent(pid_t pid, int in, const char *zone)
{
	int r = zoneadmd_outcome_read(zone, in);

	if (r) /* it does not stay: leave nothing that still runs */
		(void)waitpid(pid, NULL, 0);
	return r < 0 ? 1 : 0;
}

/* The daemon. out: who waits for it. */
static int serve(int out, const char *zone)
{
	struct zoneadmd_outcome o = {0};

	log_init("zoneadmd", false);
	o.r = detach();
	if (o.r == 0)
		o.r = start(zone, &o.diag);
	else
		(void)diag_errno(&o.diag, o.r, "cannot leave the session");
	/* if nobody waits any more, a client may come nevertheless */
	if (write(out, &o, sizeof(o)) != (ssize_t)sizeof(o) && errno != EPIPE)
		return 1;
	(void)close(out);
	if (o.r)
		return o.r < 0 ? 1 : 0;
	server_wait();
	return 0;
}

static int daemonise(const char *zone)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return complain(zone, strerror(errno));
	pid = fork();
	if (pid < 0)
		return complain(zone, strerror(errno));
	if (pid > 0) {
		(void)close(fds[1]);
		return parent(pid, fds[0], zone);
	}
	(void)close(fds[0]);
	return serve(fds[1], zone);
}

static int foreground(const char *zone)
{
	struct diag d = {0};
	int r;

	log_init("zoneadmd", true);
	r = start(zone, &d);
	if (d.text[0])
		(void)complain(zone, d.text);
	if (r)
		return r < 0 ? 1 : 0;
	server_wait();
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {.report = FD_NONE};
	struct diag d = {0};
	int r;

	if (!parse(argc, argv, &o))
		return usage();
	process_settle(o.report);
	messages_init(false);
	r = instance_init(o.root);
	if (r < 0)
		return complain(o.zone, "the root prefix must be an absolute, existing directory");
	if (check_zone(o.zone, &d) < 0)
		return complain(o.zone, d.text);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	/* one heap for all threads: an idle daemon's memory is what many zones pay for */
	(void)mallopt(M_ARENA_MAX, 1);
	if (o.report >= 0)
		return serve(o.report, o.zone);
	return o.debug ? foreground(o.zone) : daemonise(o.zone);
}

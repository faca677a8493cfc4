/* SPDX-License-Identifier: MIT */
/*
 * The init of a sparse zone: process 1 of its pid namespace, a static program that
 * needs nothing but the kernel.
 *
 * At start it brings the loopback interface up, makes what /run needs, and runs /etc/rc.zone, if that
 * is there and executable (not with boot argument -s). Then it reaps what the
 * zone's processes leave to it and waits for a signal that says how the zone
 * ends:
 *
 *	SIGTERM, SIGPWR, SIGRTMIN+3 (halt), SIGRTMIN+4	power off
 *	SIGINT, SIGRTMIN+5				reboot
 *
 * Every process gets SIGTERM, has GRACE_SECONDS, and gets SIGKILL; then
 * reboot(2) ends the pid namespace, which zsched sees as halt or reboot. There is no
 * sync(2): it would wait for the file systems of the whole host.
 *
 * Called as reboot, poweroff, halt or shutdown (the links in /native/bin) it is
 * that command: it signals process 1, or with -f calls reboot(2) itself. What reboot is given
 * besides are boot arguments for the next boot, left where zsched reads them.
 *
 * All signals stay blocked and are taken with sigtimedwait(2): the kernel drops
 * a signal to process 1 that is neither blocked nor handled.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RC_SCRIPT     "/etc/rc.zone"
#define REBOOT_DIR    "/run/systemd"
#define REBOOT_ARGS   REBOOT_DIR "/reboot-param" /* where systemd leaves them, too */
#define GRACE_SECONDS 5
#define KILL_SECONDS  2
#define DEFAULT_PATH  "PATH=/native/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum ending {
	END_NONE,
	END_HALT,
	END_POWEROFF,
	END_REBOOT,
};

/* ---- process 1 ---- */

/* One line on the console, which zoneadmd's clients see and logs keep. */
static void say(const char *text)
{
	int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)dprintf(fd, "zones-init: %s\r\n", text);
	(void)close(fd);
}

static void loopback_up(void)
{
	struct ifreq req = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (ioctl(fd, SIOCGIFFLAGS, &req) == 0 && !(req.ifr_flags & IFF_UP)) {
		req.ifr_flags |= IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &req) < 0)
			say("Cannot bring the loopback interface up");
	}
	(void)close(fd);
}

/* /run is empty at every boot; programs expect these two in it. */
static void prepare_run(void)
{
	int fd;

	if (mkdir("/run/lock", 01777) == 0)
		(void)chmod("/run/lock", 01777);
	fd = open("/run/utmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0)
		(void)close(fd);
}

/* Who am I: a child of process 1 that becomes the script. */
static void exec_rc(void)
{
	static char path[] = DEFAULT_PATH, home[] = "HOME=/root", term[] = "TERM=linux";
	char *const env[] = {path, home, term, NULL};
	char *const argv[] = {(char *)RC_SCRIPT, NULL};
	char *const shell[] = {(char *)"sh", (char *)RC_SCRIPT, NULL};
	sigset_t none;
	int in, out;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
	in = open("/dev/null", O_RDONLY);
	out = open("/dev/console", O_WRONLY | O_NOCTTY);
	if (in >= 0)
		(void)dup2(in, STDIN_FILENO);
	if (out >= 0) {
		(void)dup2(out, STDOUT_FILENO);
		(void)dup2(out, STDERR_FILENO);
	}
	(void)close_range(3, ~0U, 0);
	(void)execve(RC_SCRIPT, argv, env);
	if (errno == ENOEXEC)
		(void)execve("/bin/sh", shell, env);
	say("Cannot run " RC_SCRIPT);
	_exit(127);
}

static void run_rc(void)
{
	pid_t pid;

	if (access(RC_SCRIPT, X_OK) < 0) {
		say("There is no " RC_SCRIPT " to run and no login here: use zlogin");
		return;
	}
	pid = fork();
	if (pid == 0)
		exec_rc();
	if (pid < 0)
		say("Cannot make a process for " RC_SCRIPT);
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static enum ending ending_of(int sig)
{
	if (sig == SIGTERM || sig == SIGPWR || sig == SIGRTMIN + 4)
		return END_POWEROFF;
	if (sig == SIGRTMIN + 3)
		return END_HALT;
	if (sig == SIGINT || sig == SIGRTMIN + 5)
		return END_REBOOT;
	return END_NONE;
}

static enum ending wait_for_ending(const sigset_t *all)
{
	enum ending end = END_NONE;

	while (end == END_NONE) {
		int sig = sigwaitinfo(all, NULL);

		if (sig == SIGCHLD)
			reap();
		else if (sig > 0)
			end = ending_of(sig);
	}
	return end;
}

static long elapsed_ms(const struct timespec *since)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

/*
 * Until no other process is in the zone, but not longer than that. A process that was
 * started from outside is reaped there, so SIGCHLD alone does not tell.
 */
static bool wait_for_all(const sigset_t *child, long ms)
{
	const struct timespec tick = {.tv_nsec = 20 * 1000 * 1000};
	struct timespec start;

	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		reap();
		if (kill(-1, 0) < 0 && errno == ESRCH)
			return true;
		if (elapsed_ms(&start) >= ms)
			return false;
		(void)sigtimedwait(child, NULL, &tick);
	}
}

static void end_everybody(void)
{
	sigset_t child;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)kill(-1, SIGTERM);
	(void)kill(-1, SIGCONT);
	if (wait_for_all(&child, GRACE_SECONDS * 1000L))
		return;
	say("Some processes did not end; killing them");
	(void)kill(-1, SIGKILL);
	(void)wait_for_all(&child, KILL_SECONDS * 1000L);
}

static int reboot_call(enum ending end)
{
	switch (end) {
	case END_REBOOT:
		return reboot(RB_AUTOBOOT);
	case END_HALT:
		return reboot(RB_HALT_SYSTEM);
	case END_POWEROFF:
	case END_NONE:
		break;
	}
	return reboot(RB_POWER_OFF);
}

static bool single_user(char **argv)
{
	for (argv++; *argv; argv++)
		if (strcmp(*argv, "-s") == 0)
			return true;
	return false;
}

static int init_main(char **argv)
{
	enum ending end;
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	if (chdir("/") < 0)
		say("Cannot change to the directory /");
	(void)umask(022);
	loopback_up();
	prepare_run();
	if (single_user(argv))
		say("Single-user boot: " RC_SCRIPT " is not run");
	else
		run_rc();
	end = wait_for_ending(&all);
	say(end == END_REBOOT ? "The zone reboots" : "The zone goes down");
	end_everybody();
	(void)reboot_call(end);
	/* Without the right to reboot, the end of process 1 is the end of the zone all the same. */
	return EXIT_SUCCESS;
}

/* ---- the commands ---- */

static int usage(const char *name)
{
	if (strcmp(name, "shutdown") == 0)
		(void)fprintf(stderr, "usage: shutdown [-h | -P | -r] [now | +0]\n");
	else
		(void)fprintf(stderr, "usage: %s [-f]%s\n", name,
			strcmp(name, "reboot") == 0 ? " [-- boot-argument...]" : "");
	return 2;
}

/* What the command line asks for; END_NONE when it cannot be read. */
static enum ending parse_command(const char *name, int argc, char **argv, bool *ret_force)
{
	bool shutdown = strcmp(name, "shutdown") == 0;
	enum ending end = strcmp(name, "reboot") == 0 ? END_REBOOT
			  : strcmp(name, "halt") == 0 ? END_HALT
						      : END_POWEROFF;
	int c;

	*ret_force = false;
	while ((c = getopt(argc, argv, shutdown ? "hPr" : "f")) != -1) {
		if (c == 'f')
			*ret_force = true;
		else if (c == 'r')
			end = END_REBOOT;
		else if (c != 'h' && c != 'P')
			return END_NONE;
	}
	if (shutdown && optind < argc &&
		(strcmp(argv[optind], "now") == 0 || strcmp(argv[optind], "+0") == 0))
		optind++;
	/* "reboot now" is not what it looks like; boot arguments come after "--" only. */
	if (strcmp(name, "reboot") == 0 && strcmp(argv[optind - 1], "--") == 0)
		return end;
	return optind == argc ? end : END_NONE;
}

/* One line with all words; an earlier one goes. */
static int leave_boot_args(char **words)
{
	FILE *f;

	if (unlink(REBOOT_ARGS) < 0 && errno != ENOENT)
		return -1;
	if (!*words)
		return 0;
	if (mkdir(REBOOT_DIR, 0755) < 0 && errno != EEXIST)
		return -1;
	f = fopen(REBOOT_ARGS, "wxe");
	if (!f)
		return -1;
	for (; *words; words++)
		(void)fprintf(f, "%s%s", *words, words[1] ? " " : "\n");
	return fclose(f);
}

static int signal_of(enum ending end)
{
	if (end == END_REBOOT)
		return SIGINT;
	return end == END_HALT ? SIGRTMIN + 3 : SIGTERM;
}

static int command_main(const char *name, int argc, char **argv)
{
	bool force;
	enum ending end = parse_command(name, argc, argv, &force);
	sigset_t term;
	int r;

	if (end == END_NONE)
		return usage(name);
	/* What it asks for ends it too; it shall say first that it has succeeded. */
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	r = end == END_REBOOT ? leave_boot_args(argv + optind) : 0;
	if (r == 0)
		r = force ? reboot_call(end) : kill(1, signal_of(end));
	if (r < 0) {
		(void)fprintf(stderr, "%s: %s\n", name,
			errno == EPERM || errno == EACCES ? "only root can do that"
							  : strerror(errno));
		return 1;
	}
	return 0;
}

static bool is_command(const char *name)
{
	return strcmp(name, "reboot") == 0 || strcmp(name, "poweroff") == 0 ||
	       strcmp(name, "halt") == 0 || strcmp(name, "shutdown") == 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : "zones-init";
	const char *slash = strrchr(name, '/');

	if (slash)
		name = slash + 1;
	if (is_command(name))
		return command_main(name, argc, argv);
	if (getpid() != 1) {
		(void)fprintf(stderr,
			"zones-init: it is the first process of a zone and not started by hand; "
			"use reboot, poweroff, halt or shutdown\n");
		return 1;
	}
	return init_main(argv);
}

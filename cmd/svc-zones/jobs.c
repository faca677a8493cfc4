/* SPDX-License-Identifier: MIT */
/* Jobs of the zones service; see jobs.h. This process has no threads: it may fork. */
#include "svc-zones/jobs.h"

#include "linux/clock.h"
#include "linux/diag.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define READY_POLL_MS 200

static sigset_t child_ended;

void jobs_init(void)
{
	(void)sigemptyset(&child_ended);
	(void)sigaddset(&child_ended, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child_ended, NULL);
}

/* A program starts without what this one blocks. Returns its pid or a negative errno. */
static pid_t run(char *const argv[], const char *output)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid;
	int r;

	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (output) {
		(void)posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY, 0);
		(void)posix_spawn_file_actions_adddup2(&actions, 1, 2);
	}
	r = posix_spawnp(&pid, argv[0], &actions, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attr);
	return r != 0 ? -r : pid;
}

/* Runs a program to its end. Returns whether it succeeded. */
static bool succeeds(char *const argv[], const char *output)
{
	pid_t pid = run(argv, output);
	int status;

	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* In a process of its own. Returns its exit status. */
static int start_zone(const struct plan_zone *z)
{
	char *boot[] = {(char *)"zoneadm", (char *)"-z", (char *)z->name, (char *)"boot", NULL};
	char *look[] = {(char *)"zlogin", (char *)"-S", (char *)z->name, (char *)"test",
		(char *)"-e", z->ready_file, NULL};
	int64_t end = clock_now_ms() + (int64_t)z->ready_timeout * 1000;

	if (!succeeds(boot, NULL))
		return 1;
	while (z->ready_file && !succeeds(look, "/dev/null")) {
		if (clock_now_ms() >= end) {
			(void)fprintf(stderr,
				"svc-zones: zone '%s': %s is not there after %u seconds\n", z->name,
				z->ready_file, z->ready_timeout);
			return 1;
		}
		(void)usleep(READY_POLL_MS * 1000);
	}
	return 0;
}

static int begin(struct plan_zone *z, pid_t pid)
{
	if (pid < 0)
		return pid;
	z->step = STEP_RUNS;
	z->pid = pid;
	return 0;
}

int job_start(struct plan_zone *z)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)sigprocmask(SIG_UNBLOCK, &child_ended, NULL);
		_exit(start_zone(z));
	}
	return begin(z, pid < 0 ? -errno : pid);
}

int job_zoneadm(struct plan_zone *z, const char *word)
{
	char *argv[] = {(char *)"zoneadm", (char *)"-z", z->name, (char *)word, NULL};

	return begin(z, run(argv, NULL));
}

/* Takes one ended job, if there is one. */
static bool reap(const struct plan *p)
{
	struct plan_zone *z;
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	if (pid <= 0)
		return false;
	z = plan_find_pid(p, pid);
	if (z)
		z->step = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? STEP_DONE : STEP_FAILED;
	return true;
}

bool job_wait(const struct plan *p, int64_t end)
{
	while (!reap(p)) {
		int64_t left = end < 0 ? 3600000 : end - clock_now_ms();
		struct timespec ts = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};

		if (left <= 0)
			return false;
		(void)sigtimedwait(&child_ended, NULL, &ts);
	}
	return true;
}

void jobs_cancel(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct plan_zone *z = &p->zones[i];

		if (z->step != STEP_RUNS)
			continue;
		(void)kill(z->pid, SIGTERM);
		while (waitpid(z->pid, NULL, 0) < 0 && errno == EINTR)
			;
		z->step = STEP_WAITS;
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Programs with posix_spawn(3); see run.h.
 *
 * The end of a program is the end of its process, seen by its pidfd, and not of
 * the pipe: a hook may leave something running in the background that still
 * holds it. What the pipe has at that moment is read, then it is closed.
 */
#include "zoneadmd/run.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "linux/clock.h"
#include "linux/pidfd.h"

#define LINE_MAX_KEPT 512
#define KILL_AFTER_MS 1000

struct output {
	struct report *report;
	char line[LINE_MAX_KEPT];
	size_t used;
};

static void output_flush(struct output *o)
{
	if (!o->used)
		return;
	o->line[o->used] = '\0';
	report_line(o->report, "%s", o->line);
	o->used = 0;
}

static void output_add(struct output *o, const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (data[i] == '\n' || o->used == sizeof(o->line) - 1)
			output_flush(o);
		if (data[i] != '\n' && data[i] != '\0')
			o->line[o->used++] = data[i];
	}
}

/* Reads what is there. False at the end of the pipe. */
static bool output_read(struct output *o, int fd)
{
	char buf[512];
	ssize_t n;

	for (;;) {
		n = read(fd, buf, sizeof(buf));
		if (n > 0)
			output_add(o, buf, (size_t)n);
		else if (n == 0)
			return false;
		else if (errno != EINTR)
			return errno == EAGAIN;
	}
}

/* Signals as a program expects them, and the three descriptors. */
static int spawn(char *const argv[], char *const envp[], int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int r;

	(void)sigemptyset(&none);
	(void)sigfillset(&usual);
	r = posix_spawnattr_init(&attr);
	if (r)
		return -r;
	r = posix_spawn_file_actions_init(&files);
	if (r) {
		(void)posix_spawnattr_destroy(&attr);
		return -r;
	}
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &usual);
	r = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (!r)
		r = posix_spawn_file_actions_addopen(
			&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!r)
		r = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (!r)
		r = posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	if (!r)
		r = posix_spawn(ret_pid, argv[0], &files, &attr, argv, envp ? envp : environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return -r;
}

/* A program that takes too long is asked to end, and ended a second later. */
struct limit {
	int64_t until; /* of clock_now_ms(), 0: none */
	int sig;       /* the next to be sent */
};

static int limit_timeout(const struct limit *l)
{
	int64_t left = l->until - clock_now_ms();

	if (!l->until)
		return -1;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static void limit_enforce(struct limit *l, int pidfd)
{
	if (!l->until || clock_now_ms() < l->until)
		return;
	(void)pidfd_signal(pidfd, l->sig);
	l->sig = SIGKILL;
	l->until += KILL_AFTER_MS;
}

/* Passes on what the program prints until its process has ended. */
static int collect(pid_t pid, int in, int64_t until, struct report *report)
{
	_cleanup_close_ int pidfd = pidfd_of(pid);
	struct pollfd fds[2] = {{.fd = pidfd, .events = POLLIN}, {.fd = in, .events = POLLIN}};
	struct limit limit = {.until = until, .sig = SIGTERM};
	struct output o = {.report = report};

	if (pidfd < 0)
		return pidfd;
	while (!(fds[0].revents & POLLIN)) {
		if (poll(fds, 2, limit_timeout(&limit)) < 0 && errno != EINTR)
			return -errno;
		limit_enforce(&limit, pidfd);
		if (fds[1].revents && !output_read(&o, in))
			fds[1].fd = -1;
	}
	if (fds[1].fd >= 0)
		(void)output_read(&o, in);
	output_flush(&o);
	return 0;
}

static int wait_for(pid_t pid, const char *what, struct report *report)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	report_line(report, "%s was ended by signal %d", what, WTERMSIG(status));
	return -EINTR;
}

static int run(char *const argv[], char *const envp[], int64_t until, struct report *report)
{
	_cleanup_close_ int in = FD_NONE, out = FD_NONE;
	int pipefd[2], r;
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return report_diag(report, NULL, -errno, "cannot make a pipe");
	in = pipefd[0];
	out = pipefd[1];
	if (fcntl(in, F_SETFL, O_NONBLOCK) < 0)
		return report_diag(report, NULL, -errno, "cannot prepare a pipe");
	r = spawn(argv, envp, out, &pid);
	if (r < 0) {
		report_line(report, "cannot run %s: %s", argv[0], strerror(-r));
		return r;
	}
	(void)fd_close(TAKE_FD(out));
	r = collect(pid, in, until, report);
	if (r < 0)
		report_line(report, "cannot follow %s: %s", argv[0], strerror(-r));
	return wait_for(pid, argv[0], report);
}

int run_program(char *const argv[], struct report *report)
{
	return run(argv, NULL, 0, report);
}

int run_program_with(char *const argv[], char *const envp[], struct report *report)
{
	return run(argv, envp, 0, report);
}

int run_program_until(char *const argv[], int64_t until, struct report *report)
{
	return run(argv, NULL, until, report);
}

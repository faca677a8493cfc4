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
	int (*add)(void *arg, const char *line); /* takes the lines; NULL: they are reported */
	void *arg;
	int r; /* of add */
	char line[LINE_MAX_KEPT];
	size_t used;
};

static void output_flush(struct output *o)
{
	if (!o->used)
		return;
	o->line[o->used] = '\0';
	if (!o->add)
		report_line(o->report, "%s", o->line);
	else if (o->r == 0)
		o->r = o->add(o->arg, o->line);
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
static int spawn(char *const argv[], char *const envp[], int out, int err, pid_t *ret_pid)
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
		r = posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
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

/* One end of a pipe for what the program prints, and where it goes. */
struct stream {
	int in, out;
	struct output o;
};

#define STREAM_NONE                                                                                \
	{                                                                                          \
		.in = FD_NONE, .out = FD_NONE                                                      \
	}

static void stream_close(struct stream *s)
{
	(void)fd_close(TAKE_FD(s->in));
	(void)fd_close(TAKE_FD(s->out));
}

static int stream_open(struct stream *s, struct report *report)
{
	int pipefd[2];

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return report_diag(report, NULL, -errno, "cannot make a pipe");
	s->in = pipefd[0];
	s->out = pipefd[1];
	s->o.report = report;
	if (fcntl(s->in, F_SETFL, O_NONBLOCK) < 0)
		return report_diag(report, NULL, -errno, "cannot prepare a pipe");
	return 0;
}

/* Passes on what the program prints until its process has ended. */
static int collect(pid_t pid, struct stream *first, struct stream *second, int64_t until)
{
	_cleanup_close_ int pidfd = pidfd_of(pid);
	struct stream *streams[] = {first, second};
	struct pollfd fds[] = {{.fd = pidfd, .events = POLLIN}, {.fd = first->in, .events = POLLIN},
		{.fd = second->in, .events = POLLIN}};
	struct limit limit = {.until = until, .sig = SIGTERM};
	size_t i;

	if (pidfd < 0)
		return pidfd;
	while (!(fds[0].revents & POLLIN)) {
		if (poll(fds, ARRAY_SIZE(fds), limit_timeout(&limit)) < 0 && errno != EINTR)
			return -errno;
		limit_enforce(&limit, pidfd);
		for (i = 0; i < ARRAY_SIZE(streams); i++)
			if (fds[i + 1].revents && !output_read(&streams[i]->o, streams[i]->in))
				fds[i + 1].fd = -1;
	}
	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		if (fds[i + 1].fd >= 0)
			(void)output_read(&streams[i]->o, streams[i]->in);
		output_flush(&streams[i]->o);
	}
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

/* The words go to first; complaints to second, or to first where second is not open. */
static int run(char *const argv[], char *const envp[], int64_t until, struct stream *first,
	struct stream *second)
{
	struct report *report = first->o.report;
	pid_t pid;
	int r;

	r = spawn(argv, envp, first->out, second->out >= 0 ? second->out : first->out, &pid);
	if (r < 0) {
		report_line(report, "cannot run %s: %s", argv[0], strerror(-r));
		return r;
	}
	(void)fd_close(TAKE_FD(first->out));
	(void)fd_close(TAKE_FD(second->out));
	r = collect(pid, first, second, until);
	if (r < 0)
		report_line(report, "cannot follow %s: %s", argv[0], strerror(-r));
	return wait_for(pid, argv[0], report);
}

static int run_reported(
	char *const argv[], char *const envp[], int64_t until, struct report *report)
{
	struct stream all = STREAM_NONE, none = STREAM_NONE;
	int r = stream_open(&all, report);

	if (r == 0)
		r = run(argv, envp, until, &all, &none);
	stream_close(&all);
	return r;
}

int run_program(char *const argv[], struct report *report)
{
	return run_reported(argv, NULL, 0, report);
}

int run_program_with(char *const argv[], char *const envp[], struct report *report)
{
	return run_reported(argv, envp, 0, report);
}

int run_program_until(char *const argv[], int64_t until, struct report *report)
{
	return run_reported(argv, NULL, until, report);
}

int run_program_lines(char *const argv[], char *const envp[],
	int (*add)(void *arg, const char *line), void *arg, struct report *report)
{
	struct stream words = STREAM_NONE, complaints = STREAM_NONE;
	int r = stream_open(&words, report);

	words.o.add = add;
	words.o.arg = arg;
	if (r == 0)
		r = stream_open(&complaints, report);
	if (r == 0)
		r = run(argv, envp, 0, &words, &complaints);
	stream_close(&words);
	stream_close(&complaints);
	return words.o.r ? words.o.r : r;
}

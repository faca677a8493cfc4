/* SPDX-License-Identifier: MIT */
/*
 * Runs what was allowed. It is root's program with nothing of the user's but his words and his
 * streams: the environment is zoned's, with his kind of terminal and his language. He cannot
 * signal it, trace it or see its memory; the signals he sends come by the socket, and when he
 * hangs up it gets SIGHUP, as if its line were cut.
 */
#include "zone-delegate/delegate.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "linux/instance.h"
#include "linux/pidfd.h"

/* Whatever else a program may be sent, it is not from here. */
static bool signal_allowed(int sig)
{
	return sig == SIGINT || sig == SIGQUIT || sig == SIGTERM || sig == SIGHUP ||
	       sig == SIGWINCH;
}

static int start(const struct command *c, pid_t *ret_pid, struct diag *d)
{
	char path[PATH_MAX];
	posix_spawnattr_t attr;
	int r = instance_program(path, sizeof(path), c->argv[0]);

	if (r < 0)
		return diag_errno(d, r, "cannot name %s", c->argv[0]);
	r = posix_spawnattr_init(&attr);
	if (r)
		return diag_errno(d, -r, "cannot run %s", c->argv[0]);
	/* a group of its own, which signals are for; the session stays this one, without a terminal */
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	r = posix_spawn(ret_pid, path, NULL, &attr, c->argv, environ);
	(void)posix_spawnattr_destroy(&attr);
	return r ? diag_errno(d, -r, "cannot run %s", path) : 0;
}

static void set_surroundings(const struct delegate_request *req)
{
	if (req->term[0])
		(void)setenv("TERM", req->term, 1);
	if (req->locale[0])
		(void)setenv("LC_ALL", req->locale, 1);
}

/* Not reaped yet, so the number means the child, and so does that of its group. */
static void pass_signal(pid_t pid, int sig)
{
	if (kill(-pid, sig) < 0)
		(void)kill(pid, sig);
}

/* What comes by the socket. False: he hung up. */
static bool hear(pid_t pid)
{
	struct delegate_signal s;
	ssize_t n = recv(SOCKET_FD, &s, sizeof(s), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0) {
		pass_signal(pid, SIGHUP);
		return false;
	}
	if (n == (ssize_t)sizeof(s) && signal_allowed(s.sig))
		pass_signal(pid, s.sig);
	return true;
}

static void follow(pid_t pid, int pidfd)
{
	struct pollfd p[2] = {{.fd = pidfd, .events = POLLIN}, {.fd = SOCKET_FD, .events = POLLIN}};

	while (!(p[0].revents & POLLIN)) {
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[1].revents && !hear(pid))
			p[1].fd = -1;
	}
}

int work(const struct command *c, const struct delegate_request *req, struct diag *d)
{
	_cleanup_close_ int pidfd = FD_NONE;
	struct delegate_end end = {0};
	int status, r;
	pid_t pid;

	set_surroundings(req);
	r = start(c, &pid, d);
	if (r < 0)
		return r;
	pidfd = pidfd_of(pid);
	if (pidfd >= 0)
		follow(pid, pidfd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return diag_errno(d, -errno, "lost %s", c->argv[0]);
	end.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	(void)send(SOCKET_FD, &end, sizeof(end), MSG_NOSIGNAL);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* A root from a directory, and from a Debian mirror; see source.h. */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "image/progress.h"
#include "linux/copy-tree.h"
#include "linux/interrupt.h"
#include "linux/tree-size.h"
#include "source.h"

static int path_of(int fd, char *ret, size_t size)
{
	char self[64];
	ssize_t n;

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	n = readlink(self, ret, size - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return 0;
}

/* The copy would hold itself. */
static int check_apart(const struct source *s, int from, int root, struct diag *d)
{
	char source[PATH_MAX], target[PATH_MAX];
	size_t n;
	int r = path_of(from, source, sizeof(source));

	if (r == 0)
		r = path_of(root, target, sizeof(target));
	if (r < 0)
		return diag_errno(d, r, "cannot look at '%s'", s->path);
	n = streq(source, "/") ? 0 : strlen(source);
	if (strncmp(source, target, n) == 0 && (target[n] == '/' || target[n] == '\0'))
		return diag_set(d, -EINVAL, "'%s' holds the zonepath itself", s->path);
	return 0;
}

/* How far the copy is. */
struct copying {
	struct progress progress;
	uint64_t done;
};

static void show(void *arg, uint64_t bytes)
{
	struct copying *c = arg;

	c->done += bytes;
	progress_show(&c->progress, c->done);
}

int source_directory(struct source *s, int root, struct diag *d)
{
	struct copying c = {0};
	const struct copy_how how = {.cancelled = interrupted, .copied = show, .arg = &c};
	_cleanup_close_ int from = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (from < 0)
		return diag_errno(d, -errno, "cannot open the directory '%s'", s->path);
	r = check_apart(s, from, root, d);
	if (r < 0)
		return r;
	progress_begin(&c.progress, "Copying", 0);
	if (c.progress.terminal)
		c.progress.total = tree_size(from);
	r = copy_tree(from, root, &how, d);
	progress_end(&c.progress);
	return r == -ECANCELED ? diag_set(d, r, "interrupted") : r;
}

/* A shell of which a signal ends no more than itself: what it started goes with it, and is gone then. */
static void end_group(pid_t pid)
{
	pid_t r;

	(void)kill(-pid, SIGKILL);
	do
		r = waitpid(-pid, NULL, 0);
	while (r > 0 || (r < 0 && errno == EINTR));
}

static int wait_debootstrap(pid_t pid, const char *suite, struct diag *d)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGTERM};
	struct sigaction act;
	int status, r = 0;
	size_t i;

	/* They must end a wait. */
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		(void)sigaction(signals[i], NULL, &act);
		act.sa_flags &= ~SA_RESTART;
		(void)sigaction(signals[i], &act, NULL);
	}
	while (!interrupted() && waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			r = diag_errno(d, -errno, "lost debootstrap");
			break;
		}
	}
	end_group(pid);
	if (interrupted())
		return diag_set(d, -ECANCELED, "interrupted");
	if (r < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return r;
	return diag_set(d, -EIO, "debootstrap could not make '%s'", suite);
}

/*
 * Its messages go where ours go. It is a group of its own, of whose processes we become the parent; it
 * asks nothing, and would be stopped if it read from a terminal.
 */
static int start_debootstrap(char **argv, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int r;

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	r = posix_spawn_file_actions_init(&files);
	if (r)
		return r;
	r = posix_spawnattr_init(&attr);
	if (r == 0) {
		r = posix_spawn_file_actions_addopen(
			&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		if (r == 0)
			r = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
		if (r == 0)
			r = posix_spawnp(ret_pid, argv[0], &files, &attr, argv, environ);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	return r;
}

/* Without a key that signed it a mirror is nobody's: debootstrap on its own would only warn. */
int source_mirror(struct source *s, int root, struct diag *d)
{
	char target[PATH_MAX];
	char *argv[] = {(char *)"debootstrap", (char *)"--variant=minbase",
		(char *)"--force-check-gpg",
		(char *)"--include=systemd-sysv,libpam-systemd,dbus,iproute2", (char *)s->path,
		target, (char *)s->mirror, NULL};
	pid_t pid;
	int r = path_of(root, target, sizeof(target));

	if (r < 0)
		return diag_errno(d, r, "cannot look at the zonepath");
	r = start_debootstrap(argv, &pid);
	if (r == ENOENT)
		return diag_set(d, -r, "debootstrap is not installed on this host");
	if (r)
		return diag_errno(d, -r, "cannot run debootstrap");
	return wait_debootstrap(pid, s->path, d);
}

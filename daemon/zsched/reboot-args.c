/* SPDX-License-Identifier: MIT */
/*
 * The boot arguments of a reboot from inside. reboot(2) has no room for them in a pid
 * namespace, so they come from the file where systemd's "reboot ARGUMENT" leaves them, and that
 * of the sparse brand too.
 *
 * The file is the zone's, and so is every name on the way to it. It is read by a child in the
 * zone's namespaces with the rights of the zone's root, which sees nothing there that the zone
 * does not; only a regular file of tmpfs counts, which nobody can make wait; and the child has
 * READ_SECONDS. Nobody in the zone can change it meanwhile: with init all of them have ended.
 */
#include "linux/openat2.h"
#include "linux/plain-file.h"
#include "zsched/zsched.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define REBOOT_ARGS  "/run/systemd/reboot-param"
#define READ_SECONDS 5u

struct job {
	const struct zsched *z;
	int pipe[2]; /* holds more than BOOTARGS_MAX */
};

static int open_file(void)
{
	int fd = plain_file_open(AT_FDCWD, REBOOT_ARGS, RESOLVE_NO_SYMLINKS);
	struct statfs fs;

	if (fd >= 0 && (fstatfs(fd, &fs) < 0 || fs.f_type != TMPFS_MAGIC)) {
		(void)close(fd);
		return -EINVAL;
	}
	return fd;
}

/* Who am I: the zone's root in the zone's user and mount namespace. */
static int read_child(void *arg, int sock, struct diag *d)
{
	const struct job *j = arg;
	_cleanup_close_ int fd = FD_NONE;
	char text[BOOTARGS_MAX];
	ssize_t n;

	(void)alarm(READ_SECONDS);
	if (setns(j->z->user, CLONE_NEWUSER) < 0 || setns(j->z->mnt, CLONE_NEWNS) < 0 ||
		setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return -errno;
	fd = open_file();
	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return -errno;
	return write(j->pipe[1], text, (size_t)n) == n ? 0 : -EIO;
}

/* One line of printable characters, no longer than boot arguments may be. */
static bool usable(char *text)
{
	const char *c;

	text[strcspn(text, "\n")] = '\0';
	for (c = text; *c; c++)
		if (*c != '\t' && (*c < ' ' || *c > '~'))
			return false;
	return true;
}

void reboot_args_read(const struct zsched *z, char ret[BOOTARGS_MAX])
{
	struct job j = {.z = z};
	struct diag d = {0};
	ssize_t n = 0;

	ret[0] = '\0';
	if (z->mnt < 0 || pipe2(j.pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return;
	if (child_run(read_child, NULL, &j, &d) == 0)
		n = read(j.pipe[0], ret, BOOTARGS_MAX);
	(void)close(j.pipe[0]);
	(void)close(j.pipe[1]);
	/* What fills it does not end in it. */
	if (n <= 0 || n == BOOTARGS_MAX) {
		ret[0] = '\0';
		return;
	}
	ret[n] = '\0';
	if (strlen(ret) != (size_t)n || !usable(ret))
		ret[0] = '\0';
}

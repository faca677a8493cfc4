/* SPDX-License-Identifier: MIT */
/* Files of a root, written from within; see root-file.h. */
#include "image/root-file.h"

#include <fcntl.h>
#include <sys/stat.h>

#define HOSTNAME "/etc/hostname"

int root_file_write(const char *path, const char *text, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;

	if (unlink(path) < 0 && errno != ENOENT)
		return diag_errno(d, -errno, "cannot replace %s of the new root", path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || fchmod(fd, 0644) < 0 ||
		write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return diag_errno(d, -errno, "cannot write %s of the new root", path);
	return 0;
}

/* True when the file is one, and has the line and no more. */
static bool says(const char *path, const char *line)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[256];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return streq(text, line) && strlen(line) + 1 >= (size_t)n;
}

int root_rename_run(void *arg, struct diag *d)
{
	const struct root_rename *name = arg;
	char line[256];

	if (!says(HOSTNAME, name->from))
		return 0;
	(void)snprintf(line, sizeof(line), "%s\n", name->to);
	return root_file_write(HOSTNAME, line, d);
}

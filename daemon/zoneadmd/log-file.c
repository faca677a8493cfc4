/* SPDX-License-Identifier: MIT */
/* Logs of a zone that do not grow without end; see log-file.h. */
#include "zoneadmd/log-file.h"

#include <fcntl.h>
#include <sys/stat.h>

int log_dir_open(int zonepath)
{
	int fd;

	(void)mkdirat(zonepath, "logs", 0700);
	fd = openat(zonepath, "logs", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? FD_NONE : fd;
}

static void open_file(struct log_file *l)
{
	struct stat st;

	l->fd = openat(l->dir, l->name,
		O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	l->size = l->fd >= 0 && fstat(l->fd, &st) == 0 ? st.st_size : 0;
}

void log_file_open(struct log_file *l, int zonepath)
{
	log_file_close(l);
	l->dir = log_dir_open(zonepath);
	if (l->dir >= 0)
		open_file(l);
}

void log_file_close(struct log_file *l)
{
	l->fd = fd_close(l->fd);
	l->dir = fd_close(l->dir);
}

static void rotate(struct log_file *l)
{
	char old[64];

	(void)snprintf(old, sizeof(old), "%s.0", l->name);
	l->fd = fd_close(l->fd);
	(void)renameat(l->dir, l->name, l->dir, old);
	open_file(l);
}

void log_file_write(struct log_file *l, const char *data, size_t size)
{
	ssize_t n;

	if (l->fd < 0)
		return;
	n = write(l->fd, data, size);
	l->size += n > 0 ? n : 0;
	if (l->size >= l->max)
		rotate(l);
}

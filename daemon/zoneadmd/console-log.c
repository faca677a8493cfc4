/* SPDX-License-Identifier: MIT */
/* The log of a zone's console; see console-log.h. Only the thread of console.c calls this. */
#include "zoneadmd/console-log.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "zoneadmd/zonepath.h"
#include "zonecfg/index.h"

#define NAME	 "console.log"
#define NAME_OLD "console.log.0"
#define TAIL	 4096

static int dir = FD_NONE; /* <zonepath>/logs */
static int log_fd = FD_NONE;
static off_t size_now;

static int open_dir(const char *zone)
{
	_cleanup_close_ int path = FD_NONE;
	struct zone_index_entry entry;
	int fd;

	if (zone_index_find(zone, &entry) || zonepath_open_quick(entry.zonepath, &path) < 0)
		return FD_NONE;
	(void)mkdirat(path, "logs", 0700);
	fd = openat(path, "logs", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? FD_NONE : fd;
}

static void open_file(void)
{
	struct stat st;

	log_fd = openat(dir, NAME,
		O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	size_now = log_fd >= 0 && fstat(log_fd, &st) == 0 ? st.st_size : 0;
}

void console_log_open(const char *zone)
{
	console_log_close();
	dir = open_dir(zone);
	if (dir >= 0)
		open_file();
}

void console_log_close(void)
{
	log_fd = fd_close(log_fd);
	dir = fd_close(dir);
}

static void rotate(void)
{
	log_fd = fd_close(log_fd);
	(void)renameat(dir, NAME, dir, NAME_OLD);
	open_file();
}

void console_log_write(const char *data, size_t size)
{
	char plain[4096];
	size_t i, n = 0;

	for (i = 0; i < size && log_fd >= 0; i++) {
		if (data[i] != '\r')
			plain[n++] = data[i];
		if (n == sizeof(plain) || (n && i + 1 == size)) {
			ssize_t written = write(log_fd, plain, n);

			size_now += written > 0 ? written : 0;
			n = 0;
		}
	}
	if (size_now >= CONSOLE_LOG_MAX)
		rotate();
}

void console_log_tail(const char *zone, struct ring *r)
{
	_cleanup_close_ int logs = open_dir(zone);
	_cleanup_close_ int fd = FD_NONE;
	char data[TAIL];
	struct stat st;
	ssize_t n, i;

	if (logs < 0)
		return;
	fd = openat(logs, NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	n = pread(fd, data, sizeof(data), st.st_size > TAIL ? st.st_size - TAIL : 0);
	for (i = 0; i < n; i++) {
		if (data[i] == '\n')
			ring_append(r, "\r", 1);
		ring_append(r, &data[i], 1);
	}
}

/* SPDX-License-Identifier: MIT */
/* The log of a zone's console; see console-log.h. Only the thread of console.c calls this. */
#include "zoneadmd/console-log.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "zoneadmd/log-file.h"
#include "zoneadmd/zonepath.h"
#include "zonecfg/index.h"

#define NAME "console.log"
#define TAIL 4096

static struct log_file log_file = {
	.name = NAME, .max = CONSOLE_LOG_MAX, .dir = FD_NONE, .fd = FD_NONE};

static int open_zonepath(const char *zone)
{
	struct zone_index_entry entry;
	int fd;

	if (zone_index_find(zone, &entry) || zonepath_open_quick(entry.zonepath, &fd) < 0)
		return FD_NONE;
	return fd;
}

void console_log_open(const char *zone)
{
	_cleanup_close_ int path = open_zonepath(zone);

	console_log_close();
	if (path >= 0)
		log_file_open(&log_file, path);
}

void console_log_close(void)
{
	log_file_close(&log_file);
}

void console_log_write(const char *data, size_t size)
{
	char plain[4096];
	size_t i, n = 0;

	for (i = 0; i < size; i++) {
		if (data[i] != '\r')
			plain[n++] = data[i];
		if (n == sizeof(plain) || (n && i + 1 == size)) {
			log_file_write(&log_file, plain, n);
			n = 0;
		}
	}
}

void console_log_tail(const char *zone, struct ring *r)
{
	_cleanup_close_ int path = open_zonepath(zone);
	_cleanup_close_ int logs = path < 0 ? FD_NONE : log_dir_open(path);
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

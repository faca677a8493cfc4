/* SPDX-License-Identifier: MIT */
/*
 * Plain files; see plain-file.h. What is read counts, not what stat says: files of /proc have no size and may
 * have no end, and others grow meanwhile.
 */
#include "linux/plain-file.h"

#include <sys/stat.h>

#include "linux/openat2.h"

#define PIECE 4096u

int plain_file_open(int dirfd, const char *path, uint64_t resolve)
{
	int fd = openat2_fd(
		dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, resolve | RESOLVE_NO_MAGICLINKS);
	struct stat st;

	/* How a socket and a device without a driver answer. */
	if (fd == -ENXIO || fd == -ENODEV)
		return -EINVAL;
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		(void)close(fd);
		return -EINVAL;
	}
	return fd;
}

/* Room for more, and for the NUL. */
static int grow(char **text, size_t *size)
{
	size_t more = *size ? *size * 2 : PIECE;
	char *bigger = realloc(*text, more + 1);

	if (!bigger)
		return -ENOMEM;
	*text = bigger;
	*size = more;
	return 0;
}

int plain_file_text(int dirfd, const char *path, uint64_t resolve, size_t max, char **ret_text,
	size_t *ret_size)
{
	_cleanup_close_ int fd = plain_file_open(dirfd, path, resolve);
	_cleanup_free_ char *text = NULL;
	size_t size = 0, at = 0;
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	do {
		r = at == size ? grow(&text, &size) : 0;
		if (r < 0)
			return r;
		n = read(fd, text + at, size - at);
		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
		if (at > max)
			return -EFBIG;
	} while (n != 0);
	text[at] = '\0';
	*ret_text = TAKE_PTR(text);
	if (ret_size)
		*ret_size = at;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Whole files: read with a limit, replaced as one step (file.h). A reader sees
 * the old file or the new one, also after a power cut, because the data is on
 * disk before the name points to it.
 */
#include "zonecfg/file.h"

#include "linux/sync.h"

#include <fcntl.h>
#include <limits.h>

/* So often a file that changes while it is read is read again, 10 ms apart. */
#define READ_TRIES 50

/* Reads until size bytes or the end; the file may have changed since fstat. */
static ssize_t read_full(int fd, char *buf, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, buf + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static void make_stamp(const struct stat *st, struct file_stamp *ret_stamp)
{
	*ret_stamp = (struct file_stamp){
		.dev = st->st_dev, .ino = st->st_ino, .size = st->st_size, .mtime = st->st_mtim};
}

int file_stamp(const char *path, struct file_stamp *ret_stamp)
{
	struct stat st = {0};

	if (lstat(path, &st) < 0 && errno != ENOENT)
		return -errno;
	make_stamp(&st, ret_stamp);
	return 0;
}

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime.tv_sec == b->mtime.tv_sec && a->mtime.tv_nsec == b->mtime.tv_nsec;
}

/* Reads what is there now. -EAGAIN: somebody wrote into it meanwhile. */
static int read_once(const char *path, size_t max, char **ret_data, struct file_stamp *ret_stamp)
{
	_cleanup_close_ int fd = FD_NONE;
	_cleanup_free_ char *data = NULL;
	struct file_stamp before;
	struct stat st;
	ssize_t n;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		return -EFBIG;
	make_stamp(&st, &before);
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		return -ENOMEM;
	n = read_full(fd, data, (size_t)st.st_size);
	if (n < 0)
		return (int)n;
	if (fstat(fd, &st) < 0)
		return -errno;
	make_stamp(&st, ret_stamp);
	if (n != st.st_size || !file_stamp_equal(&before, ret_stamp))
		return -EAGAIN;
	data[n] = '\0';
	*ret_data = TAKE_PTR(data);
	return 0;
}

int file_read(const char *path, size_t max, char **ret_data, size_t *ret_size,
	struct file_stamp *ret_stamp)
{
	struct file_stamp stamp;
	int i, r = -EAGAIN;

	for (i = 0; i < READ_TRIES && r == -EAGAIN; i++) {
		if (i)
			(void)usleep(10000);
		r = read_once(path, max, ret_data, &stamp);
	}
	if (r == -EAGAIN)
		return -EBUSY;
	if (r < 0)
		return r;
	*ret_size = (size_t)stamp.size;
	if (ret_stamp)
		*ret_stamp = stamp;
	return 0;
}

int file_lock(const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	_cleanup_close_ int fd = FD_NONE;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (fcntl(fd, F_OFD_SETLKW, &lock) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return TAKE_FD(fd);
}

static int write_full(int fd, const char *data, size_t size)
{
	ssize_t n;

	while (size) {
		n = write(fd, data, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Fills an open temporary file and, when it is to last, puts it on disk. */
static int fill(int fd, mode_t mode, const char *data, size_t size, bool durable)
{
	int r = write_full(fd, data, size);

	if (r < 0)
		return r;
	if (fchmod(fd, mode) < 0 || (durable && fsync(fd) < 0))
		return -errno;
	return 0;
}

/* -EAGAIN when path is not the version that is to be replaced. */
static int check_stamp(const char *path, const struct file_stamp *only)
{
	struct file_stamp now;
	int r = only ? file_stamp(path, &now) : 0;

	return r < 0 || !only || file_stamp_equal(only, &now) ? r : -EAGAIN;
}

static int replace(const char *path, mode_t mode, const char *data, size_t size, bool durable,
	const struct file_stamp *only)
{
	_cleanup_close_ int fd = FD_NONE;
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX], tmp[PATH_MAX + 20];
	int r;

	if (!slash || slash == path)
		return -EINVAL;
	if ((size_t)(slash - path) >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	(void)snprintf(tmp, sizeof(tmp), "%s/zonecfg.XXXXXX", dir);

	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fill(fd, mode, data, size, durable);
	if (!r)
		r = check_stamp(path, only);
	if (!r && rename(tmp, path) < 0)
		r = -errno;
	if (r) {
		(void)unlink(tmp);
		return r;
	}
	return durable ? sync_folder_of(path) : 0;
}

int file_replace(
	const char *path, mode_t mode, const char *data, size_t size, const struct file_stamp *only)
{
	return replace(path, mode, data, size, true, only);
}

int file_replace_volatile(const char *path, mode_t mode, const char *data, size_t size)
{
	return replace(path, mode, data, size, false, NULL);
}

int file_mkdirs(const char *path)
{
	char buf[PATH_MAX], *p;
	int r;

	/* nearly always it is there */
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return 0;
	r = str_copy(buf, sizeof(buf), path);
	if (r < 0)
		return r;
	for (p = strchr(buf + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(buf, 0755) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	if (mkdir(buf, 0755) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

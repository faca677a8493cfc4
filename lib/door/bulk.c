/* SPDX-License-Identifier: MIT */
/*
 * Sealed memory for what is too large for a message. The kernel copies it in on one side and, where
 * the other does not map it, out on the other, so bad addresses are errors and not signals.
 *
 * Only memory of the kernel's own file system for that is taken: reading a file of any other could
 * wait for whoever serves it, and huge pages end a reader when there are none left.
 */
#include "door/bulk.h"
#include "door/memory.h"

#include <door_linux.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define BLOCK 512 /* of st_blocks */

/* A file that may not become this large would end the process with SIGXFSZ. */
static bool may_write(size_t size)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) < 0 || size <= limit.rlim_cur;
}

int bulk_new(const void *data, size_t size)
{
	_cleanup_close_ int fd = FD_NONE;
	size_t done = 0;
	ssize_t n;

	if (!may_write(size))
		return -E2BIG;
	fd = memory_new("door-data");
	if (fd < 0)
		return fd == -ENOMEM ? -EAGAIN : TAKE_FD(fd);
	while (done < size) {
		n = write(fd, (const char *)data + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && errno == EFAULT ? -EFAULT : -EAGAIN;
		done += (size_t)n;
	}
	return memory_seal(fd, MEMORY_SEALS | F_SEAL_WRITE) < 0 ? -EAGAIN : TAKE_FD(fd);
}

int bulk_size(int fd, size_t *ret_size)
{
	struct stat st;

	if (!memory_is_sealed(fd, MEMORY_SEALS | F_SEAL_WRITE) || fstat(fd, &st) < 0 ||
		st.st_size <= DOOR_DATA_LIMIT || st.st_blocks < st.st_size / BLOCK)
		return -EINVAL;
	*ret_size = (size_t)st.st_size;
	return 0;
}

int bulk_copy(int fd, void *to, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = pread(fd, (char *)to + done, size - done, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && errno == EFAULT ? -EFAULT : -EINVAL;
		done += (size_t)n;
	}
	return 0;
}

static void *new_memory(size_t size)
{
	/* cppcheck-suppress invalidFunctionArg; no file behind it */
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int bulk_read(int fd, size_t size, char **ret)
{
	void *p = new_memory(size);
	int r;

	if (p == MAP_FAILED)
		return -EAGAIN;
	r = bulk_copy(fd, p, size);
	if (r < 0) {
		(void)munmap(p, size);
		return r == -EFAULT ? -EAGAIN : r;
	}
	*ret = p;
	return 0;
}

int bulk_map(int fd, size_t size, size_t room, char **ret)
{
	void *p = new_memory(room);

	if (p == MAP_FAILED)
		return -EOVERFLOW;
	if (mmap(p, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) {
		(void)munmap(p, room);
		return -EOVERFLOW;
	}
	*ret = p;
	return 0;
}

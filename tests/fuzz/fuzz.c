/* SPDX-License-Identifier: MIT */
/* From inputs to messages with descriptors, and a count of these. */
#include "fuzz.h"

#include "../unit/folder.h"

#include "door/bulk.h"
#include "linux/util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WATCHED	    512 /* descriptors below this number are counted */
#define COME_AND_GO 16
#define SETTLE_MS   20000
#define MANY_FDS    253 /* the kernel takes no more in one message */

static uint8_t huge[FUZZ_HUGE];

unsigned int fuzz_beginnings = 48;

/* What is on disk is not what is looked at here, and to wait for it takes most of the time. */
int fsync(int fd)
{
	return 0;
}

int fdatasync(int fd)
{
	return 0;
}

void fuzz_assert(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

uint8_t fuzz_byte(struct fuzz_input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

int fuzz_bulk(void)
{
	static uint8_t bytes[FUZZ_BULK];
	static int fd = -1;

	if (fd >= 0)
		return fd;
	memset(bytes, FUZZ_BULK_BYTE, sizeof(bytes));
	fd = bulk_new(bytes, sizeof(bytes));
	fuzz_assert(fd >= 0, "sealed memory");
	return fd;
}

/* One descriptor of each kind, made once. */
static const int *some_fds(size_t *ret_n)
{
	static int fds[6];
	static bool made;
	int pair[2];

	*ret_n = ARRAY_SIZE(fds);
	if (made)
		return fds;
	made = true;
	fds[0] = memfd_create("fuzz", MFD_CLOEXEC);
	fds[1] = open("/dev/null", O_RDWR | O_CLOEXEC);
	fds[2] = open("/", O_PATH | O_CLOEXEC);
	fuzz_assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
	fds[3] = pair[0];
	fds[4] = pair[1];
	fds[5] = fuzz_bulk();
	fuzz_assert(fds[0] >= 0 && fds[1] >= 0 && fds[2] >= 0, "descriptors");
	return fds;
}

bool fuzz_next(struct fuzz_input *in, const int first[FUZZ_FIRST_MASK + 1], struct fuzz_message *m)
{
	size_t i, n, kind, kinds, length;
	const int *some = some_fds(&kinds);

	if (in->left < FUZZ_HEAD)
		return false;
	m->how = fuzz_byte(in);
	m->n_fds = 0;
	if (first[m->how & FUZZ_FIRST_MASK] >= 0)
		m->fds[m->n_fds++] = first[m->how & FUZZ_FIRST_MASK];
	kind = m->how / FUZZ_KIND;
	kind = kind == 0 ? 0 : kinds - kind;
	n = fuzz_byte(in) % (FUZZ_FDS + 1);
	for (i = 0; i < n; i++)
		m->fds[m->n_fds++] = some[(i + kind) % kinds];
	length = fuzz_byte(in);
	length |= (size_t)fuzz_byte(in) << 8;
	if (length > in->left) {
		/* What is there, and zeros. */
		memset(huge, 0, sizeof(huge));
		memcpy(huge, in->at, in->left);
		m->bytes = huge;
		m->size = sizeof(huge);
		in->left = 0;
		return true;
	}
	memcpy(huge, in->at, length);
	m->bytes = huge;
	m->size = length;
	in->at += length;
	in->left -= length;
	return true;
}

bool fuzz_send(int sock, const struct fuzz_message *m)
{
	static union {
		struct cmsghdr align;
		char space[CMSG_SPACE(MANY_FDS * sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = m->bytes, .iov_len = m->size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (m->n_fds > 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(m->n_fds * sizeof(int));
		c = &control.align;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(m->n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), m->fds, m->n_fds * sizeof(int));
	}
	return sendmsg(sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

size_t fuzz_capture(int sock, uint8_t *buf, size_t used, size_t room, uint8_t how, int *ret_fd)
{
	static union {
		struct cmsghdr align;
		char space[CMSG_SPACE(MANY_FDS * sizeof(int))];
	} control;
	uint8_t *head = buf + used;
	struct iovec iov = {.iov_base = head + FUZZ_HEAD, .iov_len = room - used - FUZZ_HEAD};
	struct msghdr m = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	size_t i, n = 0, first = ret_fd != NULL;
	ssize_t size = recvmsg(sock, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *c;
	int fd;

	fuzz_assert(size >= 0, "a real message");
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (i == 0 && ret_fd)
				*ret_fd = fd;
			else
				(void)close(fd);
		}
	}
	head[0] = how;
	head[1] = (uint8_t)(n > first ? n - first : 0);
	head[2] = (uint8_t)size;
	head[3] = (uint8_t)(size >> 8);
	return used + FUZZ_HEAD + (size_t)size;
}

size_t fuzz_put(
	uint8_t *buf, size_t used, uint8_t how, uint8_t more, const void *bytes, size_t size)
{
	uint8_t *head = buf + used;

	head[0] = how;
	head[1] = more;
	head[2] = (uint8_t)size;
	head[3] = (uint8_t)(size >> 8);
	memcpy(head + FUZZ_HEAD, bytes, size);
	return used + FUZZ_HEAD + size;
}

/* Says what is open. */
static void list_descriptors(void)
{
	char path[64], target[128];
	ssize_t n;
	int fd;

	for (fd = 0; fd < WATCHED; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		if (n >= 0)
			fprintf(stderr, "fuzz: descriptor %d is %.*s\n", fd, (int)n, target);
	}
}

static int open_descriptors(void)
{
	struct pollfd now[WATCHED];
	size_t kinds;
	int i, n = 0;

	(void)some_fds(&kinds); /* they stay */
	for (i = 0; i < WATCHED; i++)
		now[i] = (struct pollfd){.fd = i};
	fuzz_assert(poll(now, WATCHED, 0) >= 0, "poll");
	for (i = 0; i < WATCHED; i++)
		n += !(now[i].revents & POLLNVAL);
	return n;
}

void fuzz_check_descriptors(void)
{
	static int before = -1;
	int now = open_descriptors();

	if (before >= 0 && now > before)
		list_descriptors();
	fuzz_assert(before < 0 || now <= before, "a descriptor was left open");
	fuzz_assert(before < 0 || now >= before, "a descriptor was closed that is in use");
	before = now;
}

void fuzz_settle_descriptors(void)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	static int before = -1;
	int i;

	if (before < 0)
		before = open_descriptors();
	for (i = 0; open_descriptors() > before + COME_AND_GO; i++) {
		if (i == SETTLE_MS) {
			list_descriptors();
			fuzz_assert(false, "descriptors were left open");
		}
		(void)nanosleep(&moment, NULL);
	}
}

const char *fuzz_seed_folder;

void fuzz_seed(const char *name, const uint8_t *data, size_t size)
{
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", fuzz_seed_folder, name);
	f = fopen(path, "w");
	fuzz_assert(f && fwrite(data, 1, size, f) == size && fclose(f) == 0, path);
}

static char folder[256];

static void remove_folder(void)
{
	/* A target may have mounted something there, for itself. */
	(void)umount2(folder, MNT_DETACH);
	(void)folder_remove(folder);
}

const char *fuzz_folder(void)
{
	if (folder[0])
		return folder;
	fuzz_assert(folder_make(folder, sizeof(folder), "fuzz") == 0, "a folder");
	(void)atexit(remove_folder);
	return folder;
}

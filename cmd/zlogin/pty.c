/* SPDX-License-Identifier: MIT */
/*
 * Terminals of interactive sessions; see pty.h. The zone's root arranges /dev,
 * so the master is opened without following links and must be of a devpts.
 */
#include "zlogin/pty.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/socket.h>
#include <sys/vfs.h>

#include "linux/openat2.h"

int pty_open(const struct winsize *size, int *ret_master, int *ret_slave)
{
	_cleanup_close_ int master = openat2_fd(AT_FDCWD, "/dev/pts/ptmx", O_RDWR | O_NOCTTY, 0,
		RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	_cleanup_close_ int slave = FD_NONE;
	struct statfs fs;
	int unlock = 0;

	if (master < 0)
		return master;
	if (fstatfs(master, &fs) < 0)
		return -errno;
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return -ENOTTY;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -errno;
	/* By the master and not by name: nothing can be put in between. */
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -errno;
	if (size->ws_row && ioctl(slave, TIOCSWINSZ, size) < 0)
		return -errno;
	*ret_master = TAKE_FD(master);
	*ret_slave = TAKE_FD(slave);
	return 0;
}

int pty_become(int slave)
{
	int fd;

	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return -errno;
	for (fd = 0; fd < 3; fd++)
		if (dup2(slave, fd) < 0)
			return -errno;
	return 0;
}

union control {
	char buffer[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int pty_send(int sock, int master)
{
	union control control = {0};
	char byte = '\0';
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buffer,
		.msg_controllen = sizeof(control.buffer),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &master, sizeof(int));
	return sendmsg(sock, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int pty_receive(int sock, int *ret_master, char *ret_text, size_t size)
{
	union control control = {0};
	struct iovec iov = {.iov_base = ret_text, .iov_len = size - 1};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buffer,
		.msg_controllen = sizeof(control.buffer),
	};
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	ret_text[n > 0 ? n : 0] = '\0';
	c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
		c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -ECANCELED;
	memcpy(ret_master, CMSG_DATA(c), sizeof(int));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Terminals of interactive sessions; see pty.h. The zone's root arranges /dev,
 * so the master is opened without following links and must be of a devpts.
 */
#include "zlogin/pty.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "linux/fd-message.h"
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

int pty_send(int sock, int master)
{
	return fd_message_send(sock, "", 1, &master, 1, 0);
}

int pty_receive(int sock, int *ret_master, char *ret_text, size_t size)
{
	int master = FD_NONE;
	ssize_t n = fd_message_receive(sock, ret_text, size - 1, &master, 1);

	ret_text[n > 0 ? n : 0] = '\0';
	if (master < 0)
		return -ECANCELED;
	*ret_master = master;
	return 0;
}

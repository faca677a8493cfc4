/* SPDX-License-Identifier: MIT */
/*
 * Stands before socket(2) and write(2) where no audit system can be read: records of other namespaces than the
 * first ones are not the kernel's to keep, and those of the machine that tests run on are not ours. What
 * programs would send to the kernel becomes a line of the file AUDIT_CAPTURE. To be preloaded.
 */
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int audit = -1; /* one at a time */

int socket(int domain, int type, int protocol)
{
	const char *path = getenv("AUDIT_CAPTURE");

	if (domain != AF_NETLINK || protocol != NETLINK_AUDIT || !path)
		return (int)syscall(SYS_socket, domain, type, protocol);
	audit = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	return audit;
}

ssize_t write(int fd, const void *buf, size_t size)
{
	const struct nlmsghdr *head = buf;

	if (fd < 0 || fd != audit)
		return syscall(SYS_write, fd, buf, size);
	audit = -1;
	(void)dprintf(fd, "type=%d %s\n", head->nlmsg_type, (const char *)NLMSG_DATA(head));
	return (ssize_t)size;
}

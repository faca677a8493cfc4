/* SPDX-License-Identifier: MIT */
/*
 * System calls on process descriptors, by number where the C library or its
 * headers do not have them yet. A kernel without a call answers ENOTTY, EINVAL
 * or ENOPROTOOPT; all three become -EOPNOTSUPP here.
 */
#include "linux/pidfd.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define INFO_CREDS  (1ull << 1)
#define INFO_CGROUP (1ull << 2)

/* struct pidfd_info of the kernel, first published version: its size is part of the request. */
struct info {
	uint64_t mask;
	uint64_t cgroupid;
	uint32_t pid, tgid, ppid;
	uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};

#define GET_USER_NAMESPACE _IO(0xff, 9)
#define GET_INFO	   _IOWR(0xff, 11, struct info)

static int unsupported(int error)
{
	switch (error) {
	case ENOTTY:
	case EINVAL:
	case ENOSYS:
	case ENOPROTOOPT:
		return -EOPNOTSUPP;
	default:
		return -error;
	}
}

int pidfd_of(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

int pidfd_of_peer(int sock)
{
	int fd = FD_NONE;
	socklen_t size = sizeof(fd);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) == 0)
		return fd;
	/* EINVAL: the kernel knows the option, and the process has been waited for. */
	return errno == EINVAL ? -ESRCH : unsupported(errno);
}

int pidfd_signal(int pidfd, int sig)
{
	return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) < 0 ? -errno : 0;
}

int pidfd_check(int pidfd)
{
	/* Signal 0 is only a check; without the right to send it the process still exists. */
	int r = pidfd_signal(pidfd, 0);

	return r == -EPERM ? 0 : r;
}

int pidfd_get_ids(int pidfd, struct pidfd_ids *ret)
{
	struct info info = {.mask = INFO_CREDS | INFO_CGROUP};

	if (ioctl(pidfd, GET_INFO, &info) < 0)
		return unsupported(errno);
	if (!(info.mask & INFO_CREDS))
		return -ESRCH;
	*ret = (struct pidfd_ids){
		.pid = (pid_t)info.tgid,
		.ruid = info.ruid,
		.euid = info.euid,
		.suid = info.suid,
		.rgid = info.rgid,
		.egid = info.egid,
		.sgid = info.sgid,
		.tid = (pid_t)info.pid,
		.cgroup = info.mask & INFO_CGROUP ? info.cgroupid : 0,
	};
	return 0;
}

static int namespace_by_path(int pidfd, pid_t pid, ino_t *ret)
{
	struct stat st;
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	if (stat(path, &st) < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	/* Still there, so the number meant this process all the time. */
	r = pidfd_check(pidfd);
	if (r < 0)
		return r;
	*ret = st.st_ino;
	return 0;
}

int pidfd_user_namespace(int pidfd, pid_t pid, ino_t *ret)
{
	_cleanup_close_ int ns = FD_NONE;
	struct stat st;
	int r;

	ns = ioctl(pidfd, GET_USER_NAMESPACE, 0);
	if (ns < 0) {
		r = unsupported(errno);
		return r == -EOPNOTSUPP ? namespace_by_path(pidfd, pid, ret) : r;
	}
	if (fstat(ns, &st) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

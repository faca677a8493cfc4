/* SPDX-License-Identifier: MIT */
/*
 * How many System V IPC objects the zone may have. The kernel's limits of an ipc namespace
 * are what counts, so while one is set the zone may make no ipc namespace of its own (the one it
 * has was made by the host's root, and counts for him).
 *
 * Before 6.6 the limits are written by the host's root, since then by the root that owns the
 * namespace; the child tries as the first, and goes on as the second.
 */
#include "zsched/zsched.h"

#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <sched.h>

static int write_text(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int write_number(const char *path, uint64_t n)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRIu64 "\n", n);
	return write_text(path, text);
}

/* Of the four numbers of semaphores the last one counts sets. */
static int write_sem(uint64_t sets)
{
	static const char path[] = "/proc/sys/kernel/sem";
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	int a, b, c;
	char text[96];

	if (!f)
		return -errno;
	if (fscanf(f, "%d %d %d", &a, &b, &c) != 3)
		return -EIO;
	(void)snprintf(text, sizeof(text), "%d %d %d %" PRIu64 "\n", a, b, c, sets);
	return write_text(path, text);
}

static int write_limits(const struct zsched_ipc_req *req)
{
	int r = write_number("/proc/sys/kernel/shmmni", req->shm_ids);

	if (r == 0)
		r = write_number("/proc/sys/kernel/shmall", req->shm_pages);
	if (r == 0)
		r = write_number("/proc/sys/kernel/msgmni", req->msg_ids);
	return r == 0 ? write_sem(req->sem_ids) : r;
}

struct job {
	const struct zsched *z;
	const struct zsched_ipc_req *req;
};

/* Who am I: the host's root, then the zone's, in the zone's ipc namespace and nothing else of it. */
static int ipc_child(void *arg, int sock, struct diag *d)
{
	const struct job *j = arg;
	int r;

	if (setns(j->z->ipc, CLONE_NEWIPC) < 0)
		return diag_errno(d, -errno, "Cannot enter the zone's ipc namespace");
	r = write_limits(j->req);
	if (setns(j->z->user, CLONE_NEWUSER) < 0 || setgroups(0, NULL) < 0 ||
		setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return diag_errno(d, -errno, "Cannot enter the zone's user namespace");
	if (r == -EACCES || r == -EPERM)
		r = write_limits(j->req);
	if (r == 0)
		r = write_number(
			"/proc/sys/user/max_ipc_namespaces", j->req->bounded ? 0 : INT32_MAX);
	return r < 0 ? diag_errno(d, r, "Cannot limit the zone's System V IPC") : 0;
}

int ipc_limit(const struct zsched *z, const struct zsched_ipc_req *req, struct diag *d)
{
	struct job j = {z, req};

	return child_run(ipc_child, NULL, &j, d);
}

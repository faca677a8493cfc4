/* SPDX-License-Identifier: MIT */
/*
 * Who is calling? Everything comes from the kernel:
 *
 *   the message        pid and real ids at the moment of sending
 *   the reply socket   pid, effective ids and groups when the call was made
 *   a pidfd            the process itself, whatever happens to its number
 *   PIDFD_GET_INFO     its ids now (6.13)
 *   /proc/PID/status   its ids and effective capabilities now
 *   /proc/PID/cgroup   its zone; user namespace through the pidfd
 *
 * A process can change between these. It can drop root, or execute a set-uid program,
 * and keep its number and pidfd. So they are compared, and any disagreement means no
 * rights; capabilities read here only ever take rights away. What was read under
 * /proc/PID belongs to the right process because the pidfd still names a live one
 * afterwards.
 *
 * Kernels before 6.5 cannot give the pidfd of a socket's other side. There it is
 * opened by number and the other end must still be open after that, and the ids the same.
 */
#include "door/cred.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/stat.h>

struct cred_process {
	atomic_uint refs;
	int pidfd;
};

/* The lines of /proc/PID/status that matter. */
struct status {
	unsigned int uid[3], gid[3]; /* real, effective, saved */
	priv_set_t caps[CRED_SETS];
	bool has_uid, has_gid, has_caps[CRED_SETS];
	char *groups; /* the whole line, owned */
};

static void status_end(struct status *s)
{
	free(s->groups);
	s->groups = NULL;
}

#define _cleanup_status_ _cleanup_(status_end)

static void parse_caps(const char *line, struct status *s)
{
	static const char *const names[CRED_SETS] = {
		[CRED_EFFECTIVE] = "CapEff:",
		[CRED_PERMITTED] = "CapPrm:",
		[CRED_INHERITABLE] = "CapInh:",
		[CRED_LIMIT] = "CapBnd:",
	};
	size_t i, n;

	for (i = 0; i < CRED_SETS; i++) {
		n = strlen(names[i]);
		if (strncmp(line, names[i], n) == 0)
			s->has_caps[i] = sscanf(line + n, "%" SCNx64, &s->caps[i].ps_caps) == 1;
	}
}

/* Takes the line of the groups over. */
static void parse_line(char **line, struct status *s)
{
	if (sscanf(*line, "Uid: %u %u %u", &s->uid[0], &s->uid[1], &s->uid[2]) == 3)
		s->has_uid = true;
	else if (sscanf(*line, "Gid: %u %u %u", &s->gid[0], &s->gid[1], &s->gid[2]) == 3)
		s->has_gid = true;
	else if (strncmp(*line, "Groups:", 7) == 0 && !s->groups)
		s->groups = TAKE_PTR(*line);
	else
		parse_caps(*line, s);
}

static bool has_all_caps(const struct status *s)
{
	size_t i;

	for (i = 0; i < CRED_SETS; i++)
		if (!s->has_caps[i])
			return false;
	return true;
}

/* The caller ends s, also after an error. */
static int read_status(pid_t pid, struct status *s)
{
	_cleanup_fclose_ FILE *f = NULL;
	_cleanup_free_ char *line = NULL;
	char path[64];
	size_t size = 0;

	memset(s, 0, sizeof(*s));
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (getline(&line, &size, f) > 0) {
		parse_line(&line, s);
		if (!line)
			size = 0;
	}
	return s->has_uid && s->has_gid && has_all_caps(s) ? 0 : -ESRCH;
}

static int read_groups(struct ucred_s *cred, int sock)
{
	socklen_t size = 0;

	/* Asking with no room tells how much is needed. */
	if (getsockopt(sock, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) < 0 && errno != ERANGE)
		return 0;
	if (size == 0 || size > CRED_GROUPS_MAX * sizeof(gid_t)) {
		cred->n_groups = size == 0 ? 0 : -1;
		return 0;
	}
	cred->groups = malloc(size);
	if (!cred->groups)
		return -ENOMEM;
	if (getsockopt(sock, SOL_SOCKET, SO_PEERGROUPS, cred->groups, &size) == 0)
		cred->n_groups = (int)(size / sizeof(gid_t));
	return 0;
}

static bool other_end_open(int sock)
{
	struct pollfd p = {.fd = sock};

	return poll(&p, 1, 0) == 0;
}

/* A pidfd of the caller. Returns it, -ESRCH, -EMFILE, ... */
static int open_pidfd(int sock, pid_t pid)
{
	_cleanup_close_ int fd = FD_NONE;

	fd = pidfd_of_peer(sock);
	if (fd != -EOPNOTSUPP)
		return TAKE_FD(fd);
	if (pid <= 0)
		return -ESRCH;
	fd = pidfd_of(pid);
	if (fd >= 0 && !other_end_open(sock))
		return -ESRCH;
	return TAKE_FD(fd);
}

/* Does /proc number processes as this process sees them? Otherwise its numbers mean others. */
static bool proc_is_ours(void)
{
	char text[32];
	ssize_t n = readlink("/proc/self", text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	return strtol(text, NULL, 10) == getpid();
}

int cred_pidfd(int sock, const struct ucred *sender, const struct ucred *peer)
{
	_cleanup_close_ int fd = FD_NONE;
	_cleanup_status_ struct status s = {.groups = NULL};

	fd = open_pidfd(sock, peer->pid);
	if (fd < 0)
		return TAKE_FD(fd);
	if (!proc_is_ours())
		return -ESRCH;
	/* Found by number it must also have the ids of the caller. */
	if (read_status(peer->pid, &s) < 0 || pidfd_check(fd) < 0 || s.uid[0] != sender->uid ||
		s.uid[1] != peer->uid)
		return -ESRCH;
	return TAKE_FD(fd);
}

/* The groups of a status line, "Groups:\t1 2 3 ". */
static int parse_groups(struct ucred_s *cred, const char *line)
{
	const char *at = line + strlen("Groups:");
	unsigned int group;
	int n, used;

	for (n = 0; sscanf(at, "%u%n", &group, &used) == 1; n++)
		at += used;
	if (n > 0) {
		cred->groups = calloc((size_t)n, sizeof(gid_t));
		if (!cred->groups)
			return -ENOMEM;
	}
	cred->n_groups = n;
	at = line + strlen("Groups:");
	for (n = 0; sscanf(at, "%u%n", &group, &used) == 1; n++) {
		cred->groups[n] = group;
		at += used;
	}
	return 0;
}

static bool ids_are(const struct ucred_s *cred, int r, const struct pidfd_ids *now)
{
	return r == 0 && now->pid == cred->pid && now->ruid == cred->ruid &&
	       now->euid == cred->euid && now->suid == cred->suid && now->rgid == cred->rgid &&
	       now->egid == cred->egid && now->sgid == cred->sgid;
}

/* Do the ids of now agree with those of the call? Fills the saved ids and
 * capabilities, and for the caller of a channel the groups. */
static bool ids_agree(struct ucred_s *cred, int pidfd)
{
	_cleanup_status_ struct status s = {.groups = NULL};
	struct pidfd_ids now;
	int r;

	if (read_status(cred->tid, &s) < 0 || pidfd_check(pidfd) < 0)
		return false;
	memcpy(cred->caps, s.caps, sizeof(cred->caps));
	cred->has_caps = true;
	cred->suid = s.uid[2];
	cred->sgid = s.gid[2];
	cred->has_saved = true;
	if (s.uid[0] != cred->ruid || s.uid[1] != cred->euid || s.gid[0] != cred->rgid ||
		s.gid[1] != cred->egid)
		return false;
	r = pidfd_get_ids(pidfd, &now);
	if (r != -EOPNOTSUPP && !ids_are(cred, r, &now))
		return false;
	return !cred->process || !s.groups || parse_groups(cred, s.groups) == 0;
}

static ino_t own_user_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) < 0 ? 0 : st.st_ino;
}

static void judge(struct ucred_s *cred, int pidfd)
{
	ino_t wanted, userns;
	bool agree;

	if (!proc_is_ours())
		return;
	agree = ids_agree(cred, pidfd);
	cred_read_zone(cred, 0, own_user_namespace(), &wanted);
	/* The last look: whatever was read by number was read from this process. */
	if (pidfd_user_namespace(pidfd, cred->tid, &userns) < 0 || pidfd_check(pidfd) < 0)
		return;
	cred->consistent = agree && wanted != 0 && userns == wanted;
}

int cred_process_new(int pidfd, struct cred_process **ret)
{
	struct cred_process *p = malloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	atomic_init(&p->refs, 1);
	p->pidfd = pidfd;
	*ret = p;
	return 0;
}

void cred_process_put(struct cred_process *p)
{
	if (!p || atomic_fetch_sub(&p->refs, 1) > 1)
		return;
	(void)fd_close(p->pidfd);
	free(p);
}

int cred_process_fd(const struct cred_process *p)
{
	return p->pidfd;
}

void cred_collect_ids(struct ucred_s *cred, const struct pidfd_ids *ids, struct cred_process *p)
{
	ino_t userns;

	cred_clear(cred);
	atomic_fetch_add(&p->refs, 1);
	cred->process = p;
	cred->pid = ids->pid;
	cred->tid = ids->tid;
	cred->ruid = ids->ruid;
	cred->euid = ids->euid;
	cred->suid = ids->suid;
	cred->rgid = ids->rgid;
	cred->egid = ids->egid;
	cred->sgid = ids->sgid;
	cred->has_saved = true;
	cred_read_zone(cred, ids->cgroup, 0, &userns);
	if (cred->zone < 0)
		cred_settle(cred);
}

void cred_settle(const struct ucred_s *cred)
{
	struct ucred_s *c = (struct ucred_s *)cred;

	if (!c->process || c->settled)
		return;
	c->settled = true;
	judge(c, c->process->pidfd);
}

int cred_collect(
	struct ucred_s *cred, int sock, const struct ucred *sender, const struct ucred *peer)
{
	_cleanup_close_ int pidfd = FD_NONE;
	int r;

	cred_clear(cred);
	cred->pid = cred->tid = peer->pid;
	cred->ruid = sender->uid;
	cred->rgid = sender->gid;
	cred->euid = peer->uid;
	cred->egid = peer->gid;
	r = read_groups(cred, sock);
	if (r < 0)
		return r;
	if (cred->pid <= 0)
		return 0;
	pidfd = open_pidfd(sock, cred->pid);
	if (pidfd >= 0)
		judge(cred, pidfd);
	return pidfd == -EMFILE || pidfd == -ENFILE ? -EAGAIN : 0;
}

int cred_collect_pid(struct ucred_s *cred, pid_t pid)
{
	_cleanup_status_ struct status s = {.groups = NULL};
	_cleanup_close_ int pidfd = FD_NONE;
	int r;

	cred_clear(cred);
	if (!proc_is_ours())
		return -EACCES;
	pidfd = pidfd_of(pid);
	if (pidfd < 0)
		return pidfd == -EINVAL || pidfd == -ENOENT ? -ESRCH : pidfd;
	r = read_status(pid, &s);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	cred->pid = cred->tid = pid;
	cred->ruid = s.uid[0];
	cred->euid = s.uid[1];
	cred->rgid = s.gid[0];
	cred->egid = s.gid[1];
	if (s.groups) {
		r = parse_groups(cred, s.groups);
		if (r < 0)
			return r;
	}
	judge(cred, pidfd);
	return pidfd_check(pidfd);
}

void cred_clear(struct ucred_s *cred)
{
	free(cred->groups);
	cred_process_put(cred->process);
	memset(cred, 0, sizeof(*cred));
	cred->n_groups = -1;
	cred->zone = -1;
}

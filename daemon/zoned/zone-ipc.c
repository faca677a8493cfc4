/* SPDX-License-Identifier: MIT */
/*
 * The controls of System V IPC.
 *
 *   zone.max-shm-ids     kernel.shmmni
 *   zone.max-shm-memory  kernel.shmall, in pages
 *   zone.max-sem-ids     the last number of kernel.sem
 *   zone.max-msg-ids     kernel.msgmni
 *
 * They are limits of the zone's ipc namespace, which zsched sets; in the zone /proc/sys is
 * read-only. While there is one the zone's users cannot make ipc namespaces, where it would not
 * hold. What exists is read here, by a thread that enters the namespace for a moment.
 *
 * They are zone-specific data: the limits are set when the zone is made or found, and the namespace
 * is open from the first question on until the zone has been shut down.
 *
 * Lock: ipc_lock guards the descriptors, as netns_lock those of zone-netns.c.
 *
 * Linux: no id beyond the 32768 that the kernel has room for, whatever the control allows.
 */
#include "zoned/zone-impl.h"

#include "linux/log.h"
#include "zone/zsched-calls.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

/* The kernel's own values for a new namespace. */
#define SHM_IDS	  4096u
#define SHM_PAGES (UINT64_MAX - (1u << 24))
#define SEM_IDS	  32000u
#define MSG_IDS	  32000u
#define IDS_MAX	  32768u

static const enum zone_rctl_id controls[] = {
	RCTL_MAX_SHM_IDS, RCTL_MAX_SHM_MEMORY, RCTL_MAX_SEM_IDS, RCTL_MAX_MSG_IDS};

bool zone_rctl_is_ipc(enum zone_rctl_id id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (controls[i] == id)
			return true;
	return false;
}

static uint64_t ids(const struct zone_rctls *rctls, enum zone_rctl_id id, uint64_t usual)
{
	uint64_t n = zone_rctls_limit(rctls, id);

	if (n == UINT64_MAX)
		return usual;
	return n < IDS_MAX ? n : IDS_MAX;
}

int zone_ipc_apply(const struct zone *z, const struct zone_rctls *rctls, bool live, struct diag *d)
{
	uint64_t bytes = zone_rctls_limit(rctls, RCTL_MAX_SHM_MEMORY);
	struct zsched_ipc_req req = {
		.shm_ids = ids(rctls, RCTL_MAX_SHM_IDS, SHM_IDS),
		.shm_pages = SHM_PAGES,
		.sem_ids = ids(rctls, RCTL_MAX_SEM_IDS, SEM_IDS),
		.msg_ids = ids(rctls, RCTL_MAX_MSG_IDS, MSG_IDS),
	};
	size_t i;

	if (bytes != UINT64_MAX)
		req.shm_pages = bytes / (uint64_t)sysconf(_SC_PAGESIZE);
	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (zone_rctls_limit(rctls, controls[i]) != UINT64_MAX)
			req.bounded = 1;
	return req.bounded || live ? zsched_call_ipc(z->name, &req, d) : 0;
}

/* ---- what a zone has ---- */

struct ipc {
	int fd;	   /* ipc_lock; its namespace, FD_NONE until somebody asks */
	bool over; /* ipc_lock; it has been shut down */
};

static pthread_mutex_t ipc_lock = PTHREAD_MUTEX_INITIALIZER;
static zone_key_t ipc_key;

static int create(struct zone *z, void **ret_data, struct diag *d)
{
	struct ipc *ipc = malloc(sizeof(*ipc));
	struct diag failed = {0};
	int r;

	if (!ipc)
		return -ENOMEM;
	*ipc = (struct ipc){.fd = FD_NONE};
	r = zone_ipc_apply(z, &z->rctls, false, &failed);
	/* One that runs already, under a former zoned, is not ended for that. */
	if (r < 0 && zone_status_get(z) < ZONE_IS_READY) {
		free(ipc);
		return diag_set(d, r, "%s", failed.text);
	}
	if (r < 0)
		log_line(LOG_WARNING,
			"zone=%s Its limits of System V IPC may not be those stored: %s", z->name,
			failed.text);
	*ret_data = ipc;
	return 0;
}

static int let_go(struct zone *z, void *data, struct diag *d)
{
	struct ipc *ipc = data;

	(void)pthread_mutex_lock(&ipc_lock);
	ipc->fd = fd_close(ipc->fd);
	ipc->over = true;
	(void)pthread_mutex_unlock(&ipc_lock);
	return 0;
}

static void destroy(struct zone *z, void *data)
{
	(void)let_go(z, data, NULL);
	(void)pthread_mutex_lock(&ipc_lock); /* who found it there has done with it */
	(void)pthread_mutex_unlock(&ipc_lock);
	free(data);
}

int zone_ipc_init(void)
{
	static const struct zsd_callbacks callbacks = {"ipc", create, let_go, destroy};

	return zsd_key_create(&callbacks, &ipc_key);
}

/*
 * The zone keeps a descriptor that was got for it, if it has none. A copy of its own then, -EAGAIN when there
 * is none; -ENXIO: it has been shut down.
 */
static int keep_and_copy(struct zone *z, int *fresh, int *ret_fd)
{
	struct ipc *ipc;
	int r = 0;

	(void)pthread_mutex_lock(&ipc_lock);
	ipc = zsd_get(z, ipc_key);
	if (!ipc || ipc->over)
		r = -ENXIO;
	else if (ipc->fd < 0)
		ipc->fd = TAKE_FD(*fresh);
	if (r == 0 && ipc->fd < 0)
		r = -EAGAIN;
	if (r == 0) {
		*ret_fd = fcntl(ipc->fd, F_DUPFD_CLOEXEC, 3);
		r = *ret_fd < 0 ? -errno : 0;
	}
	(void)pthread_mutex_unlock(&ipc_lock);
	return r;
}

/* A copy of the descriptor of the zone's namespace, which the caller closes; -ENXIO. */
static int open_namespace(struct zone *z, int *ret_fd)
{
	_cleanup_close_ int fresh = FD_NONE;
	int r = keep_and_copy(z, &fresh, ret_fd);

	if (r == -EAGAIN) {
		r = zsched_call_getfds(z->name, ZSCHED_FD_IPC, &fresh, NULL);
		if (r == 0)
			r = keep_and_copy(z, &fresh, ret_fd);
	}
	return r;
}

/* ---- what exists ---- */

struct look {
	int ns;
	struct zone_ipc_usage *result;
	int err;
};

/* Lines of /proc/sysvipc: a head, then one for each object; the size is the fourth word of shm. */
static int read_file(const char *file, uint64_t *ret_count, uint64_t *ret_bytes)
{
	_cleanup_fclose_ FILE *f = fopen(file, "re");
	char line[512];
	uint64_t size;

	if (!f)
		return -errno;
	*ret_count = 0;
	if (ret_bytes)
		*ret_bytes = 0;
	if (!fgets(line, sizeof(line), f))
		return 0;
	while (fgets(line, sizeof(line), f)) {
		(*ret_count)++;
		if (ret_bytes && sscanf(line, "%*s %*s %*s %lu", &size) == 1)
			*ret_bytes += size;
	}
	return 0;
}

/* Its own thread, for one that has entered a namespace is of no use for anything else. */
static void *look(void *arg)
{
	struct look *l = arg;

	l->err = setns(l->ns, CLONE_NEWIPC) < 0 ? -errno : 0;
	if (l->err == 0)
		l->err =
			read_file("/proc/sysvipc/shm", &l->result->shm_ids, &l->result->shm_memory);
	if (l->err == 0)
		l->err = read_file("/proc/sysvipc/sem", &l->result->sem_ids, NULL);
	if (l->err == 0)
		l->err = read_file("/proc/sysvipc/msg", &l->result->msg_ids, NULL);
	return NULL;
}

int zone_ipc_look(struct zone *z, struct zone_ipc_usage *ret)
{
	_cleanup_close_ int ns = FD_NONE;
	struct look l = {.result = ret};
	pthread_t thread;
	int r = open_namespace(z, &ns);

	if (r < 0)
		return r;
	l.ns = ns;
	r = pthread_create(&thread, NULL, look, &l);
	if (r)
		return -r;
	(void)pthread_join(thread, NULL);
	return l.err;
}

int zone_ipc_usage(struct zone *z, enum zone_rctl_id id, uint64_t *ret)
{
	struct zone_ipc_usage u;
	int r;

	if (!zone_rctl_is_ipc(id))
		return -EOPNOTSUPP;
	r = zone_ipc_look(z, &u);
	if (r < 0)
		return r;
	*ret = id == RCTL_MAX_SHM_IDS	   ? u.shm_ids
	       : id == RCTL_MAX_SHM_MEMORY ? u.shm_memory
	       : id == RCTL_MAX_SEM_IDS	   ? u.sem_ids
					   : u.msg_ids;
	return 0;
}

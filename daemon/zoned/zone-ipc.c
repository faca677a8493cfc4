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
 * Linux: no id beyond the 32768 that the kernel has room for, whatever the control allows.
 */
#include "zoned/zone-impl.h"

#include "zone/zsched-calls.h"

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

/* ---- what exists ---- */

struct look {
	int ns;
	const char *file;
	bool bytes; /* sum of the sizes instead of the number */
	uint64_t result;
	int err;
};

/* Lines of /proc/sysvipc: a head, then one for each object; the size is the fourth word of shm. */
static int read_file(struct look *l)
{
	_cleanup_fclose_ FILE *f = fopen(l->file, "re");
	char line[512];
	uint64_t size;

	if (!f)
		return -errno;
	if (!fgets(line, sizeof(line), f))
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (!l->bytes)
			l->result++;
		else if (sscanf(line, "%*s %*s %*s %lu", &size) == 1)
			l->result += size;
	}
	return 0;
}

/* Its own thread, for one that has entered a namespace is of no use for anything else. */
static void *look(void *arg)
{
	struct look *l = arg;

	l->err = setns(l->ns, CLONE_NEWIPC) < 0 ? -errno : read_file(l);
	return NULL;
}

int zone_ipc_usage(const struct zone *z, enum zone_rctl_id id, uint64_t *ret)
{
	_cleanup_close_ int ns = FD_NONE;
	struct look l = {.bytes = id == RCTL_MAX_SHM_MEMORY};
	pthread_t thread;
	int r;

	if (!zone_rctl_is_ipc(id))
		return -EOPNOTSUPP;
	l.file = id == RCTL_MAX_SEM_IDS	  ? "/proc/sysvipc/sem"
		 : id == RCTL_MAX_MSG_IDS ? "/proc/sysvipc/msg"
					  : "/proc/sysvipc/shm";
	r = zsched_call_getfds(z->name, ZSCHED_FD_IPC, &ns, NULL);
	if (r < 0)
		return r;
	l.ns = ns;
	r = pthread_create(&thread, NULL, look, &l);
	if (r)
		return -r;
	(void)pthread_join(thread, NULL);
	if (l.err == 0)
		*ret = l.result;
	return l.err;
}

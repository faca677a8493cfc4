/* SPDX-License-Identifier: MIT */
/*
 * The network namespace of each zone, as zone-specific data: a descriptor got from zsched
 * when the zone is made, given up when it has been shut down. While zoned has it the
 * namespace lives, even when zsched dies without warning, so that links can be
 * brought home from it.
 *
 * Lock: netns_lock guards the descriptors. It is taken before zone_lock and nothing else is
 * held with it; who has found the data under it can use them until he lets go.
 */
#include "zoned/zone-impl.h"

#include "zone/zsched-calls.h"

#include <fcntl.h>

struct netns {
	int fd; /* netns_lock; FD_NONE after shutdown */
};

static pthread_mutex_t netns_lock = PTHREAD_MUTEX_INITIALIZER;
static zone_key_t netns_key;

static int create(struct zone *z, void **ret_data, struct diag *d)
{
	struct netns *n = malloc(sizeof(*n));
	int fds[2], r; /* in the order of the bits: user, net */

	if (!n)
		return -ENOMEM;
	r = zsched_call_getfds(z->name, ZSCHED_FD_USER | ZSCHED_FD_NET, fds, d);
	if (r < 0) {
		free(n);
		return r;
	}
	zone_ids_take(z, fds[0]);
	(void)fd_close(fds[0]);
	n->fd = fds[1];
	if (!(z->flags & ZF_NET_EXCL)) /* the host's, into which nothing is to be looked for it */
		n->fd = fd_close(n->fd);
	*ret_data = n;
	return 0;
}

static int let_go(struct zone *z, void *data, struct diag *d)
{
	struct netns *n = data;

	(void)pthread_mutex_lock(&netns_lock);
	n->fd = fd_close(n->fd);
	(void)pthread_mutex_unlock(&netns_lock);
	return 0;
}

static void destroy(struct zone *z, void *data)
{
	(void)let_go(z, data, NULL);
	free(data);
}

/* The links, which rest on the namespace: before it is given up they come home. */
static int bring_home(struct zone *z, void *data, struct diag *d)
{
	_cleanup_close_ int netns = FD_NONE;

	if (zone_netns_dup(z, &netns) < 0)
		netns = FD_NONE;
	return dls_zone_shutdown(z->id, netns, d);
}

int zone_netns_init(void)
{
	static const struct zsd_callbacks netns = {"netns", create, let_go, destroy};
	static const struct zsd_callbacks links = {.name = "dls", .shutdown = bring_home};
	zone_key_t dls_key;
	int r = zsd_key_create(&netns, &netns_key);

	return r < 0 ? r : zsd_key_create(&links, &dls_key);
}

int zone_netns_dup(struct zone *z, int *ret_fd)
{
	struct netns *n;
	int fd = -ENXIO;

	(void)pthread_mutex_lock(&netns_lock);
	n = zsd_get(z, netns_key);
	if (n && n->fd >= 0) {
		fd = fcntl(n->fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			fd = -errno;
	}
	(void)pthread_mutex_unlock(&netns_lock);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int zone_netns_fd(zoneid_t id, int *ret_fd)
{
	struct zone *z = zone_hold_by_id(id, ZONE_IS_READY, ZONE_IS_EMPTY, ZONE_REF_DLS);
	int r;

	if (!z)
		return -ENXIO;
	r = zone_netns_dup(z, ret_fd);
	zone_rele(z, ZONE_REF_DLS);
	return r;
}

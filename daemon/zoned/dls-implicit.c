/* SPDX-License-Identifier: MIT */
/*
 * Implicit tunnels: who holds one of the names ip.tun<n>, ip6.tun<n> and ip.6to4tun<n>, which no
 * link has, makes a tunnel of that name. It goes with its last hold: that of a zone that has it,
 * of a link over it, or of a process that asked for the name.
 *
 * Linux: on illumos the hold of a process is its open device. Here it is the reading end of
 * a pipe that it got; when the last copy of that is closed, the kernel tells us at the other end.
 *
 * Such a link is not deleted where its last hold is given up, in somebody's perimeter, but by the
 * watcher; one with an address stays until that is gone.
 *
 * Lock: holds_lock guards the list of pipes, a leaf; dd_mutex guards the counts.
 */
#include "zoned/mac.h"

#include "dladm/dladm.h"
#include "linux/log.h"

#include <fcntl.h>
#include <sys/epoll.h>

#define HOLDS_MAX    256
#define CREATE_TRIES 3 /* when another one makes it, or it goes, at the same time */

struct pipe_hold {
	struct pipe_hold *next;
	struct devnet *dd;
	int fd; /* the end that is written to, by nobody */
};

static pthread_mutex_t holds_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pipe_hold *holds;
static size_t nholds;
static int ears = FD_NONE; /* epoll */

/* ---- making one ---- */

static uint32_t media_of(uint32_t type)
{
	if (type == IPTUN_TYPE_6TO4)
		return DL_6TO4;
	return type == IPTUN_TYPE_IPV6 ? DL_IPV6 : DL_IPV4;
}

static int make(const char *name, uint32_t type, datalink_id_t *ret, struct diag *d)
{
	struct dls_link_args args = {.mactype = VNIC_MAC_ADDR_TYPE_AUTO};
	enum dlmgmt_was was;
	int r = dls_mgmt_create(name, 0, DATALINK_CLASS_IPTUN, media_of(type), false, ret, &was);

	if (r < 0)
		return r;
	args.spec.tunnel.type = type;
	r = dls_link_create(*ret, DATALINK_CLASS_IPTUN, &args, GLOBAL_ZONEID, d);
	if (r < 0)
		(void)dls_mgmt_destroy(*ret, false);
	return r;
}

/* Counts a hold, of a link that is temporarily held. implicit: it was just made for that. */
static int hold(struct devnet *dd, bool implicit)
{
	int r = 0;

	(void)pthread_mutex_lock(&dd->dd_mutex);
	if (dd->dd_flags & DD_CONDEMNED) {
		r = -ENOENT;
	} else {
		dd->dd_holds++;
		dd->dd_flags |= implicit ? DD_IMPLICIT : 0;
	}
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	return r;
}

static int hold_once(const char *name, uint32_t type, struct devnet **ret, struct diag *d)
{
	datalink_id_t id;
	bool fresh = false;
	int r = dls_mgmt_get_linkid(name, &id);

	if (r == -ENOENT && type) {
		fresh = true;
		r = make(name, type, &id, d);
	}
	if (r == 0)
		r = dls_devnet_hold_tmp(id, ret);
	if (r < 0)
		return r;
	r = hold(*ret, fresh);
	dls_devnet_rele_tmp(*ret);
	if (r == 0 && fresh)
		(void)dls_state_save((*ret)->dd_linkid); /* that it is implicit */
	return r;
}

int dls_devnet_hold_by_name(const char *name, struct devnet **ret, struct diag *d)
{
	uint32_t type = dladm_implicit_iptun(name);
	int r = -EEXIST;

	for (int i = 0; i < CREATE_TRIES && (r == -EEXIST || r == -ENOENT); i++) {
		r = hold_once(name, type, ret, d);
		if (!type)
			break;
	}
	return r;
}

/* ---- the end of it ---- */

void dls_devnet_rele_by_name(struct devnet *dd)
{
	bool last;

	(void)pthread_mutex_lock(&dd->dd_mutex);
	dd->dd_holds--;
	last = dls_implicit_unheld(dd);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	if (last)
		dls_watch_kick();
}

bool dls_implicit_unheld(struct devnet *dd)
{
	if (!(dd->dd_flags & DD_IMPLICIT) || dd->dd_holds || dd->dd_ref != 1)
		return false;
	dd->dd_flags |= DD_UNHELD;
	dls_devnet_unfinished();
	return true;
}

void dls_implicit_restart(struct devnet *dd)
{
	(void)pthread_mutex_lock(&dd->dd_mutex);
	(void)dls_implicit_unheld(dd);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
}

bool dls_implicit_end(datalink_id_t id)
{
	struct diag d = {0};
	struct devnet *dd;
	bool unheld;
	int r;

	if (dls_devnet_hold_tmp(id, &dd) < 0)
		return false;
	(void)pthread_mutex_lock(&dd->dd_mutex);
	dd->dd_flags &= ~DD_UNHELD;
	unheld = dls_implicit_unheld(dd);
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	dls_devnet_rele_tmp(dd);
	if (!unheld)
		return false;
	r = dls_link_delete(id, &d);
	if (r == 0)
		(void)dls_mgmt_destroy(id, false);
	else if (r != -ENOENT)
		log_debug("link", "%u: still used: %s", id, d.text);
	return r < 0 && r != -ENOENT;
}

/* ---- holds of processes ---- */

int dls_implicit_ear(void)
{
	(void)pthread_mutex_lock(&holds_lock);
	if (ears < 0)
		ears = epoll_create1(EPOLL_CLOEXEC);
	(void)pthread_mutex_unlock(&holds_lock);
	return ears;
}

/* Takes over dd's hold and the descriptor, or neither. */
static int remember(struct devnet *dd, int fd)
{
	struct pipe_hold *h = malloc(sizeof(*h));
	struct epoll_event ev = {.data.ptr = h}; /* EPOLLERR is always told */
	int r = 0;

	if (!h)
		return -ENOMEM;
	*h = (struct pipe_hold){.dd = dd, .fd = fd};
	(void)dls_implicit_ear();
	(void)pthread_mutex_lock(&holds_lock);
	if (nholds == HOLDS_MAX)
		r = -EMFILE;
	else if (epoll_ctl(ears, EPOLL_CTL_ADD, fd, &ev) < 0)
		r = -errno;
	if (r == 0) {
		h->next = holds;
		holds = h;
		nholds++;
	}
	(void)pthread_mutex_unlock(&holds_lock);
	if (r < 0)
		free(h);
	return r;
}

static void forget(struct pipe_hold *h)
{
	struct pipe_hold **at;

	(void)pthread_mutex_lock(&holds_lock);
	for (at = &holds; *at != h; at = &(*at)->next)
		;
	*at = h->next;
	nholds--;
	(void)pthread_mutex_unlock(&holds_lock);
	(void)fd_close(h->fd);
	dls_devnet_rele_by_name(h->dd);
	free(h);
}

void dls_implicit_hear(void)
{
	struct epoll_event ev;

	while (ears >= 0 && epoll_wait(ears, &ev, 1, 0) == 1)
		forget(ev.data.ptr);
}

int dls_hold_command(struct zoned_call *call)
{
	const struct dld_hold_req *req = call->req;
	struct dld_hold_reply *reply = call->reply;
	struct devnet *dd;
	int ends[2], r;

	if (call->zoneid != GLOBAL_ZONEID)
		return diag_set(&call->diag, -EPERM, "only the global zone can do this");
	if (!str_terminated(req->name, sizeof(req->name)) || !dladm_valid_linkname(req->name))
		return diag_set(&call->diag, -EINVAL, "invalid link name");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	r = dls_devnet_hold_by_name(req->name, &dd, &call->diag);
	if (r == 0) {
		r = remember(dd, ends[1]);
		if (r < 0)
			dls_devnet_rele_by_name(dd);
	}
	if (r < 0) {
		(void)fd_close(ends[0]);
		(void)fd_close(ends[1]);
		return r;
	}
	reply->linkid = dd->dd_linkid;
	call->fds[call->nfds++] = ends[0];
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * door_ucred(3C), door_cred(3C), ucred_get(3C), door_client_pidfd(), door_client_gone() and the questions of <ucred.h>. Who is root is
 * decided in cred.c; here it is only looked at.
 */
#include "door/address.h"
#include "door/cred.h"
#include "door/server.h"

#include <poll.h>
#include <ucred.h>

static int fail(int r)
{
	errno = -r;
	return -1;
}

/* Is there a caller, and are the ids of c those that it has in this call? */
static int identify(struct served_call *c)
{
	if (c && c->channel)
		return served_channel_identify(c);
	return c && c->reply >= 0 ? 0 : -EINVAL;
}

/* The socket that the caller has made for this call, or for its channel when that is as good. */
static int socket_of(const struct served_call *c)
{
	if (!c->channel)
		return c->reply;
	return c->proof >= 0 ? c->proof : c->channel->fd;
}

int door_ucred(ucred_t **info)
{
	struct served_call *c = served_call_current;
	ucred_t *cred;
	int r;

	if (!address_writable(info, sizeof(*info)))
		return fail(-EFAULT);
	cred = *info;
	r = identify(c);
	if (r < 0)
		return fail(r);
	if (!cred) {
		cred = calloc(1, sizeof(*cred));
		if (!cred)
			return fail(-ENOMEM);
	}
	if (c->channel && c->checked)
		cred_collect_ids(cred, &c->ids, served_channel_process(c));
	else
		r = cred_collect(cred, socket_of(c), &c->sender, &c->peer);
	if (r < 0) {
		if (cred != *info)
			ucred_free(cred);
		return fail(r);
	}
	*info = cred;
	return 0;
}

int door_cred(door_cred_t *info)
{
	struct served_call *c = served_call_current;
	int r;

	if (!address_writable(info, sizeof(*info)))
		return fail(-EFAULT);
	r = identify(c);
	if (r < 0)
		return fail(r);
	*info = (door_cred_t){
		.dc_euid = c->peer.uid,
		.dc_egid = c->peer.gid,
		.dc_ruid = c->sender.uid,
		.dc_rgid = c->sender.gid,
		.dc_pid = c->peer.pid,
	};
	return 0;
}

ucred_t *ucred_get(pid_t pid)
{
	ucred_t *cred;
	int r;

	if (pid != P_MYID && pid <= 0) {
		errno = ESRCH;
		return NULL;
	}
	cred = calloc(1, sizeof(*cred));
	if (!cred) {
		errno = EAGAIN;
		return NULL;
	}
	r = cred_collect_pid(cred, pid == P_MYID ? getpid() : pid);
	if (r < 0) {
		ucred_free(cred);
		errno = r == -ENOMEM ? EAGAIN : -r;
		return NULL;
	}
	return cred;
}

int door_client_pidfd(void)
{
	struct served_call *c = served_call_current;
	int r = identify(c);

	if (r < 0)
		return fail(r);
	r = cred_pidfd(socket_of(c), &c->sender, &c->peer);
	return r < 0 ? fail(r) : r;
}

int door_client_gone(void)
{
	const struct served_call *c = served_call_current;
	struct pollfd p = {.events = POLLRDHUP};

	if (!c || (!c->channel && c->reply < 0))
		return fail(-EINVAL);
	p.fd = c->channel ? c->channel->fd : c->reply;
	return poll(&p, 1, 0) == 1;
}

void ucred_free(ucred_t *uc)
{
	if (!uc)
		return;
	cred_clear(uc);
	free(uc);
}

size_t ucred_size(void)
{
	return sizeof(ucred_t);
}

pid_t ucred_getpid(const ucred_t *uc)
{
	return uc->pid > 0 ? uc->pid : fail(-EINVAL);
}

uid_t ucred_geteuid(const ucred_t *uc)
{
	return uc->euid;
}

uid_t ucred_getruid(const ucred_t *uc)
{
	return uc->ruid;
}

uid_t ucred_getsuid(const ucred_t *uc)
{
	return uc->has_saved ? uc->suid : (uid_t)fail(-EINVAL);
}

gid_t ucred_getegid(const ucred_t *uc)
{
	return uc->egid;
}

gid_t ucred_getrgid(const ucred_t *uc)
{
	return uc->rgid;
}

gid_t ucred_getsgid(const ucred_t *uc)
{
	return uc->has_saved ? uc->sgid : (gid_t)fail(-EINVAL);
}

int ucred_getgroups(const ucred_t *uc, const gid_t **groups)
{
	cred_settle(uc);
	if (uc->n_groups < 0)
		return fail(-EINVAL);
	*groups = uc->groups;
	return uc->n_groups;
}

zoneid_t ucred_getzoneid(const ucred_t *uc)
{
	return uc->zone >= 0 ? uc->zone : fail(-EINVAL);
}

projid_t ucred_getprojid(const ucred_t *uc)
{
	return fail(-EINVAL);
}

const priv_set_t *ucred_getprivset(const ucred_t *uc, priv_ptype_t set)
{
	static const char *const names[CRED_SETS] = {
		[CRED_EFFECTIVE] = PRIV_EFFECTIVE,
		[CRED_PERMITTED] = PRIV_PERMITTED,
		[CRED_INHERITABLE] = PRIV_INHERITABLE,
		[CRED_LIMIT] = PRIV_LIMIT,
	};
	size_t i;

	cred_settle(uc);
	for (i = 0; set && uc->consistent && uc->has_caps && i < CRED_SETS; i++)
		if (streq(names[i], set))
			return &uc->caps[i];
	errno = EINVAL;
	return NULL;
}

int ucred_is_zone_root(const ucred_t *uc)
{
	cred_settle(uc);
	return uc->consistent && uc->zone >= 0 && uc->euid == uc->root;
}

int ucred_has_cap(const ucred_t *uc, int cap)
{
	return cap >= 0 && cap < 64 && ucred_is_zone_root(uc) && uc->has_caps &&
	       (uc->caps[CRED_EFFECTIVE].ps_caps >> cap & 1);
}

int ucred_is_zsched(const ucred_t *uc, const char *zonename)
{
	return ucred_is_zone_root(uc) && uc->zone == GLOBAL_ZONEID && zonename[0] != '\0' &&
	       streq(uc->zsched_of, zonename);
}

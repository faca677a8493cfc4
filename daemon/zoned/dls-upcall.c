/* SPDX-License-Identifier: MIT */
/*
 * Upcalls of the dls half to dlmgmtd, with the rules of the kernel's: three
 * tries, two seconds apart when the door says EAGAIN; a revoked door (dlmgmtd was
 * started again) is opened anew; EINTR is returned at once, because the operation
 * behind the upcall may be half done there; a reply of another size than the
 * command's is no reply; without a dlmgmtd the answer is EBADF.
 *
 * Linux: dlmgmtd does not hand us its door, we open it by its path when we need it.
 */
#include "zoned/dls-impl.h"

#include "dladm/dlmgmt-door.h"
#include "linux/instance.h"
#include "linux/log.h"

#include <door.h>
#include <door_linux.h>
#include <limits.h>
#include <sys/mman.h>
#include <time.h>

#define UPCALL_TRIES 3
#define UPCALL_PAUSE 2 /* seconds */

/* dlmgmtd's door, shared by the calls that are under way. */
struct upcall_door {
	int fd;
	unsigned int refs;
};

static pthread_mutex_t mgmt_lock = PTHREAD_MUTEX_INITIALIZER; /* the two below; leaf */
static struct upcall_door *mgmt_door;

static void door_unref_locked(struct upcall_door *dh)
{
	if (dh && --dh->refs == 0) {
		(void)fd_close(dh->fd);
		free(dh);
	}
}

static void door_rele(struct upcall_door *dh)
{
	(void)pthread_mutex_lock(&mgmt_lock);
	door_unref_locked(dh);
	(void)pthread_mutex_unlock(&mgmt_lock);
}

static bool door_is_revoked(const struct upcall_door *dh)
{
	door_info_t info;

	return door_info(dh->fd, &info) < 0 || (info.di_attributes & DOOR_REVOKED);
}

static int door_open_new(struct upcall_door **ret)
{
	char path[PATH_MAX];
	struct upcall_door *dh = NULL;

	if (instance_path(path, sizeof(path), "%s", DLMGMT_DOOR) < 0)
		return -ENAMETOOLONG;
	dh = calloc(1, sizeof(*dh));
	if (!dh)
		return -ENOMEM;
	dh->fd = door_open(path);
	if (dh->fd < 0) {
		int r = errno == EAGAIN || errno == EINTR ? -errno : -EBADF;

		free(dh);
		return r;
	}
	dh->refs = 1;
	*ret = dh;
	return 0;
}

/* A live door with a reference for the caller. */
static int door_hold(struct upcall_door **ret)
{
	int r = 0;

	(void)pthread_mutex_lock(&mgmt_lock);
	if (mgmt_door && door_is_revoked(mgmt_door)) {
		door_unref_locked(mgmt_door);
		mgmt_door = NULL;
	}
	if (!mgmt_door)
		r = door_open_new(&mgmt_door);
	if (r == 0) {
		mgmt_door->refs++;
		*ret = mgmt_door;
	}
	(void)pthread_mutex_unlock(&mgmt_lock);
	return r;
}

/* One door call; 0 and the reply in rbuf, or the door's errno, or a reply that is none. */
static int call_once(
	const struct upcall_door *dh, const void *arg, size_t asize, void *rbuf, size_t rsize)
{
	door_arg_t da = {
		.data_ptr = (char *)arg,
		.data_size = asize,
		.rbuf = rbuf,
		.rsize = rsize,
	};

	if (door_call(dh->fd, &da) < 0)
		return -errno;
	for (uint_t i = 0; i < da.desc_num; i++)
		(void)fd_close(da.desc_ptr[i].d_data.d_desc.d_descriptor);
	if (da.rbuf != rbuf) {
		(void)munmap(da.rbuf, da.rsize);
		return -ENOSPC;
	}
	if (da.data_size != rsize)
		return -EINVAL;
	if (da.data_ptr != rbuf)
		memmove(rbuf, da.data_ptr, rsize);
	return 0;
}

/* What one failed try means for the next one. dh is NULL when the door did not open. */
static bool try_again(int r, const struct upcall_door *dh, int tries)
{
	if (tries >= UPCALL_TRIES)
		return false;
	if (r == -EAGAIN) {
		(void)nanosleep(&(struct timespec){.tv_sec = UPCALL_PAUSE}, NULL);
		return true;
	}
	return dh && r != -EINTR && r != -ENOSPC && r != -EINVAL && door_is_revoked(dh);
}

static int upcall(const void *arg, size_t asize, void *rbuf, size_t rsize)
{
	struct upcall_door *dh;
	int r, tries = 0;
	bool again;

	do {
		dh = NULL;
		r = door_hold(&dh);
		if (r == 0)
			r = call_once(dh, arg, asize, rbuf, rsize);
		again = r < 0 && try_again(r, dh, ++tries);
		door_rele(dh);
	} while (again);
	if (r == 0)
		return -(int)*(const uint32_t *)rbuf; /* lr_err */
	if (r != -EINTR && r != -EBADF)
		log_line(LOG_WARNING, "link: Upcall %u to dlmgmtd failed: %s",
			*(const uint32_t *)arg, strerror(-r));
	return r;
}

int dls_mgmt_create(const char *devname, uint64_t phyinst, uint32_t class, uint32_t media,
	bool persist, datalink_id_t *ret, enum dlmgmt_was *ret_was)
{
	struct dlmgmt_dls_create_req req = {
		.ld_cmd = DLMGMT_CMD_DLS_CREATE,
		.ld_class = class,
		.ld_media = media,
		.ld_persist = persist,
		.ld_phyinst = phyinst,
	};
	struct dlmgmt_dls_create_reply rep;
	int r;

	if (str_copy(req.ld_devname, sizeof(req.ld_devname), devname) < 0)
		return -EINVAL;
	r = upcall(&req, sizeof(req), &rep, sizeof(rep));
	if (r < 0)
		return r;
	*ret = rep.lr_linkid;
	*ret_was = (enum dlmgmt_was)rep.lr_was;
	return 0;
}

int dls_mgmt_destroy(datalink_id_t id, bool persist)
{
	struct dlmgmt_dls_destroy_req req = {
		.ld_cmd = DLMGMT_CMD_DLS_DESTROY,
		.ld_linkid = id,
		.ld_persist = persist,
	};
	struct dlmgmt_reply rep;

	return upcall(&req, sizeof(req), &rep, sizeof(rep));
}

int dls_mgmt_get_linkid(const char *name, datalink_id_t *ret)
{
	struct dlmgmt_getlinkid_req req = {
		.ld_cmd = DLMGMT_CMD_GETLINKID, .ld_zoneid = GLOBAL_ZONEID};
	struct dlmgmt_link_reply rep;
	int r;

	if (str_copy(req.ld_link, sizeof(req.ld_link), name) < 0)
		return -EINVAL;
	r = upcall(&req, sizeof(req), &rep, sizeof(rep));
	if (r == 0)
		*ret = rep.lr_linkid;
	return r;
}

int dls_mgmt_get_linkinfo(datalink_id_t id, struct dls_linkinfo *ret)
{
	struct dlmgmt_linkid_req req = {.ld_cmd = DLMGMT_CMD_GETNAME, .ld_linkid = id};
	struct dlmgmt_getname_reply rep;
	int r;

	r = upcall(&req, sizeof(req), &rep, sizeof(rep));
	if (r < 0)
		return r;
	if (!str_terminated(rep.lr_link, sizeof(rep.lr_link)) || strlen(rep.lr_link) <= 1)
		return -EINVAL;
	memcpy(ret->name, rep.lr_link, sizeof(ret->name));
	ret->class = rep.lr_class;
	ret->media = rep.lr_media;
	ret->flags = rep.lr_flags;
	return 0;
}

int dls_mgmt_get_next(datalink_id_t id, uint32_t class, uint32_t flags, datalink_id_t *ret)
{
	struct dlmgmt_getnext_req req = {
		.ld_cmd = DLMGMT_CMD_GETNEXT,
		.ld_linkid = id,
		.ld_class = class,
		.ld_flags = flags,
		.ld_dmedia = DATALINK_ANY_MEDIATYPE,
	};
	struct dlmgmt_link_reply rep;
	int r;

	r = upcall(&req, sizeof(req), &rep, sizeof(rep));
	if (r < 0 && r != -ENOENT)
		return r;
	*ret = r == 0 ? rep.lr_linkid : DATALINK_INVALID_LINKID;
	return 0;
}

int dls_mgmt_remap(datalink_id_t id, const char *name)
{
	struct dlmgmt_remapid_req req = {.ld_cmd = DLMGMT_CMD_REMAP_LINKID, .ld_linkid = id};
	struct dlmgmt_reply rep;

	if (str_copy(req.ld_link, sizeof(req.ld_link), name) < 0)
		return -EINVAL;
	return upcall(&req, sizeof(req), &rep, sizeof(rep));
}

int dls_mgmt_setzoneid(datalink_id_t id, zoneid_t zone)
{
	struct dlmgmt_setzoneid_req req = {
		.ld_cmd = DLMGMT_CMD_SETZONEID,
		.ld_linkid = id,
		.ld_zoneid = zone,
	};
	struct dlmgmt_reply rep;

	return upcall(&req, sizeof(req), &rep, sizeof(rep));
}

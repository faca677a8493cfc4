/* SPDX-License-Identifier: MIT */
/*
 * The calls of a zone's life: create, boot, shutdown, destroy. Everything that
 * comes with a request is checked here, before anything is made.
 */
#include "zoned/awake.h"
#include "zoned/zone-impl.h"

#include "linux/mounts.h"
#include "linux/pidfd.h"

#include <ctype.h>
#include <door_linux.h>
#include <limits.h>
#include <linux/capability.h>
#include <sys/stat.h>

#define CAP_BIT(c) (UINT64_C(1) << (c))

static bool name_char(char c, bool first)
{
	if (isascii((unsigned char)c) && isalnum((unsigned char)c))
		return true;
	return !first && (c == '-' || c == '_' || c == '.');
}

static int check_name(const char *name, struct diag *d)
{
	size_t i;

	if (!name[0] || streq(name, GLOBAL_ZONENAME))
		return diag_set(d, -EINVAL, "'%s' cannot be the name of a zone", name);
	for (i = 0; name[i]; i++)
		if (!name_char(name[i], i == 0))
			return diag_set(d, -EINVAL,
				"'%s' cannot be the name of a zone: letters, digits, '-', '_', "
				"'.', the first a letter or digit",
				name);
	return 0;
}

/*
 * A root that the caller names is looked up from zoned's: who has another one, by chroot(2)
 * or in a mount namespace with another root, would get a place that he did not mean.
 */
static int check_caller_root(const struct zoned_call *call, int32_t *ret_exterr, struct diag *d)
{
	_cleanup_close_ int pidfd = door_client_pidfd();
	struct stat his, ours;
	char path[64];

	if (pidfd < 0)
		return -errno;
	(void)snprintf(path, sizeof(path), "/proc/%d/root", (int)ucred_getpid(call->cred));
	if (stat(path, &his) < 0 || pidfd_check(pidfd) < 0 || stat("/", &ours) < 0)
		return diag_set(d, -ESRCH, "The root directory of the caller cannot be seen");
	if (his.st_dev == ours.st_dev && his.st_ino == ours.st_ino)
		return 0;
	*ret_exterr = ZE_CHROOTED;
	return diag_set(d, -EOPNOTSUPP,
		"A zone cannot be created by a process whose root directory is not zoned's");
}

struct below {
	const char *root;
	char first[256]; /* "" until one is found */
};

static int note_mount(const char *point, void *arg)
{
	struct below *b = arg;

	if (streq(point, b->root)) /* the zone's own file system */
		return 0;
	(void)snprintf(b->first, sizeof(b->first), "%s", point);
	return 1;
}

/* What the host has mounted in there, the zone would have without being asked. */
static int check_mounts(const struct zone *z, int32_t *ret_exterr, struct diag *d)
{
	struct below b = {.root = z->root};
	int r = mounts_below(z->root, note_mount, &b);

	if (r < 0)
		return diag_errno(d, r, "Cannot read the table of mounts");
	if (!b.first[0])
		return 0;
	*ret_exterr = ZE_AREMOUNTS;
	return diag_set(d, -EBUSY, "%s is mounted below the root %s", b.first, z->root);
}

/* The place it really is, so that two names of one directory are seen as one. */
static int resolve_root(struct zone *z, const char *root, struct diag *d)
{
	char real[PATH_MAX];
	struct stat st;

	if (root[0] != '/')
		return diag_set(d, -EINVAL, "The root '%s' is not an absolute path", root);
	if (!realpath(root, real) || stat(real, &st) < 0)
		return diag_errno(d, -errno, "The root %s", root);
	if (!S_ISDIR(st.st_mode))
		return diag_errno(d, -ENOTDIR, "The root %s", root);
	if (real[1] == '\0')
		return diag_set(d, -EINVAL, "The root of a zone cannot be /");
	if (str_copy(z->root, sizeof(z->root), real) < 0)
		return diag_set(d, -ENAMETOOLONG, "The root %s is too long", real);
	return 0;
}

static int check_request(const struct zoned_call *call)
{
	const struct zone_create_req *req = call->req;

	if (req->nrctls > ZONE_RCTLS_MAX ||
		call->req_size != sizeof(*req) + req->nrctls * sizeof(req->rctls[0]))
		return -EINVAL;
	if (!str_terminated(req->name, sizeof(req->name)) ||
		!str_terminated(req->root, sizeof(req->root)) ||
		!str_terminated(req->limitpriv, sizeof(req->limitpriv)))
		return -ENAMETOOLONG;
	return 0;
}

static int fill(struct zone *z, const struct zone_create_req *req, struct diag *d)
{
	int r = check_name(req->name, d);

	if (r < 0)
		return r;
	if (req->flags & ~(ZF_NET_EXCL | ZF_SCRATCH))
		return diag_set(d, -EINVAL, "Unknown flags 0x%x", req->flags);
	if (req->did < 0)
		return diag_set(d, -EINVAL, "The debugid %d is not a number from 1 on", req->did);
	r = zone_rctls_check(req->rctls, req->nrctls, d);
	if (r < 0)
		return r;
	zone_rctls_take(&z->rctls, req->rctls, req->nrctls);
	r = zone_rctls_enforceable(&z->rctls, d);
	if (r == 0)
		r = zone_limitpriv_parse(req->limitpriv, &z->caps, d);
	if (r == 0)
		r = resolve_root(z, req->root, d);
	if (r < 0)
		return r;
	(void)str_copy(z->name, sizeof(z->name), req->name);
	z->flags = req->flags;
	z->did = req->did;
	if (!(z->flags & ZF_NET_EXCL)) /* what they are for is the host's */
		z->caps &= ~(CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_NET_RAW));
	return 0;
}

int serve_zone_create(struct zoned_call *call)
{
	struct zone_create_reply *reply = call->reply;
	struct zone *z;
	int r = check_request(call);

	if (r < 0)
		return r;
	awake_extend();
	r = zone_new(&z);
	if (r < 0)
		return r;
	r = check_caller_root(call, &reply->exterr, &call->diag);
	if (r == 0)
		r = fill(z, call->req, &call->diag);
	if (r == 0)
		r = check_mounts(z, &reply->exterr, &call->diag);
	if (r == 0)
		r = zone_table_add(z, &call->diag);
	if (r < 0) {
		zone_free(z);
		return r;
	}
	reply->zoneid = z->id;
	reply->uniqid = z->uniqid;
	r = zone_bring_up(z, &call->diag);
	if (r < 0)
		(void)zone_table_remove(z);
	return r;
}

/* The zone of a request about one that is not the global one, held. */
static int find(const struct zoned_call *call, zone_status_t from, struct zone **ret)
{
	const struct zone_id_req *req = call->req;

	if (req->zoneid <= GLOBAL_ZONEID || req->zoneid > MAX_ZONEID)
		return -EINVAL;
	*ret = zone_hold_by_id(req->zoneid, from, ZONE_IS_DEAD, ZONE_REF_CALL);
	return *ret ? 0 : -EINVAL;
}

int serve_zone_boot(struct zoned_call *call)
{
	struct zone *z;
	int r = find(call, ZONE_IS_UNINITIALIZED, &z);

	if (r < 0)
		return r;
	awake_extend();
	r = zone_boot(z, &call->diag);
	zone_rele(z, ZONE_REF_CALL);
	return r;
}

/* Linux: on illumos the global zone goes down by uadmin(2). */
int serve_host_down(struct zoned_call *call)
{
	zone_shutdown_global();
	return 0;
}

int serve_zone_shutdown(struct zoned_call *call)
{
	struct zone *z;
	int r = find(call, ZONE_IS_READY, &z);

	if (r < 0)
		return r;
	awake_extend();
	r = zone_shutdown(z, &call->diag);
	zone_rele(z, ZONE_REF_CALL);
	return r;
}

int serve_zone_destroy(struct zoned_call *call)
{
	struct zone_reply *reply = call->reply;
	int32_t exterr;
	struct zone *z;
	int r = find(call, ZONE_IS_UNINITIALIZED, &z);

	if (r < 0)
		return r;
	/*
	 * They do not hold the zone, but the next one could not be made; while this one is here, halt
	 * says so. Linux: zoneadmd unmounts none of them, they were never the zone's.
	 */
	r = check_mounts(z, &exterr, &call->diag);
	if (r < 0) {
		zone_rele(z, ZONE_REF_CALL);
		return r;
	}
	awake_extend();
	r = zone_destroy(z, ZONE_REF_CALL, &call->diag);
	/* Done, and there may be something to say. */
	if (r == 0)
		(void)str_copy(reply->text, sizeof(reply->text), call->diag.text);
	return r;
}

/* SPDX-License-Identifier: MIT */
/*
 * zone_getattr() and zone_setattr(). A value that is longer than the caller's
 * room is cut and its whole size told. Attributes can be set up to READY; the brand
 * and the network data of a link only once. Those of a running zone: zone-net.c.
 */
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/cpu-set.h"
#include "zone/confine.h"
#include "zone/zsched-door.h"

/* ---- get ---- */

static int answer(struct zoned_call *call, const void *value, size_t size)
{
	const struct zone_getattr_req *req = call->req;
	struct zone_getattr_reply *reply = call->reply;
	size_t n = size < req->bufsize ? size : req->bufsize;

	if (n)
		memcpy(reply->data, value, n);
	reply->size = (uint32_t)size;
	call->reply_size = sizeof(*reply) + n;
	return 0;
}

static int answer_str(struct zoned_call *call, const char *s)
{
	return answer(call, s, strlen(s) + 1);
}

/* The field of struct zone_attrs that a string attribute is. */
static char *string_field(struct zone_attrs *a, uint32_t attr, size_t *ret_size)
{
	switch (attr) {
	case ZONE_ATTR_INITNAME:
		*ret_size = sizeof(a->initname);
		return a->initname;
	case ZONE_ATTR_BOOTARGS:
		*ret_size = sizeof(a->bootargs);
		return a->bootargs;
	case ZONE_ATTR_BRAND:
		*ret_size = sizeof(a->brand);
		return a->brand;
	case ZONE_ATTR_FS_ALLOWED:
		*ret_size = sizeof(a->fs_allowed);
		return a->fs_allowed;
	case ZONE_ATTR_SCHED_CLASS:
		*ret_size = sizeof(a->sched_class);
		return a->sched_class;
	default:
		return NULL;
	}
}

static int get_string(struct zoned_call *call, struct zone *z, uint32_t attr)
{
	size_t size;
	int r;

	(void)pthread_mutex_lock(&z->lock);
	r = answer_str(call, string_field(&z->attrs, attr, &size));
	(void)pthread_mutex_unlock(&z->lock);
	return r;
}

static int get_initpid(struct zoned_call *call, struct zone *z)
{
	pid_t pid;

	(void)pthread_mutex_lock(&z->lock);
	pid = z->init_pid;
	(void)pthread_mutex_unlock(&z->lock);
	return pid ? answer(call, &pid, sizeof(pid)) : -ESRCH;
}

/*
 * Without one of its own a zone has the host's, which may be looked up in the network: nothing is locked
 * then. A part of it is of no use to anybody.
 */
static int get_hostid(struct zoned_call *call, struct zone *z)
{
	const struct zone_getattr_req *req = call->req;
	bool own;
	uint32_t id;

	if (req->bufsize != sizeof(id))
		return -EINVAL;
	(void)pthread_mutex_lock(&z->lock);
	own = z->attrs.has_hostid;
	id = z->attrs.hostid;
	(void)pthread_mutex_unlock(&z->lock);
	if (!own)
		id = (uint32_t)gethostid();
	return answer(call, &id, sizeof(id));
}

/* Linux: the CPUs that it can run on, of whatever pool; empty where the host holds nobody to CPUs. */
static int get_cpus(struct zoned_call *call, struct zone *z)
{
	_cleanup_free_ char *text = NULL;
	char group[ZONE_GROUP_MAX] = "";
	struct cpu_set cpus;
	size_t size;
	FILE *f;
	int r;

	if (z->id != GLOBAL_ZONEID)
		zone_group(z, "zone", group);
	r = cgroup_get_cpus(group, &cpus);
	if (r == -EOPNOTSUPP || r == -ENOENT)
		return answer_str(call, "");
	if (r < 0)
		return r;
	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	cpu_set_print(&cpus, f);
	return fclose(f) == 0 ? answer_str(call, text) : -ENOMEM;
}

/* What processes of the zone start with; all of them where nothing else is said. */
static uint32_t secflags_locked(const struct zone *z)
{
	return z->attrs.has_secflags ? z->attrs.secflags : ZONE_SECFLAGS_ALL;
}

static int get_secflags(struct zoned_call *call, struct zone *z)
{
	uint32_t flags;

	(void)pthread_mutex_lock(&z->lock);
	flags = secflags_locked(z);
	(void)pthread_mutex_unlock(&z->lock);
	return answer(call, &flags, sizeof(flags));
}

/* Linux: TS, IA and FSS are all the kernel's usual class, with the shares of the control group. */
uint32_t zone_start_flags(struct zone *z)
{
	uint32_t flags = 0;

	(void)pthread_mutex_lock(&z->lock);
	if (streq(z->attrs.sched_class, "FX"))
		flags |= ZONE_START_BATCH;
	if (streq(z->attrs.sched_class, "RT"))
		flags |= ZONE_START_RT;
	if (!(secflags_locked(z) & ZONE_SECFLAG_ASLR))
		flags |= ZONE_START_NO_ASLR;
	(void)pthread_mutex_unlock(&z->lock);
	return flags;
}

/* The bit of the policy that an attribute is. */
static uint32_t policy_bit(uint32_t attr)
{
	switch (attr) {
	case ZONE_ATTR_INITRESTART0:
		return ZSCHED_INIT_RESTART0;
	case ZONE_ATTR_INITREBOOT:
		return ZSCHED_INIT_REBOOT;
	default:
		return ZSCHED_INIT_NORESTART;
	}
}

static int get_policy(struct zoned_call *call, struct zone *z, uint32_t attr)
{
	int v;

	(void)pthread_mutex_lock(&z->lock);
	v = (z->attrs.init_policy & policy_bit(attr)) != 0;
	(void)pthread_mutex_unlock(&z->lock);
	return answer(call, &v, sizeof(v));
}

static struct zone_dl *find_link_locked(struct zone *z, datalink_id_t link)
{
	struct zone_dl *dl;

	for (dl = z->links; dl && dl->id != link; dl = dl->next)
		;
	return dl;
}

static bool is_net_type(uint32_t type)
{
	return type == ZONE_NETWORK_ADDRESS || type == ZONE_NETWORK_DEFROUTER;
}

static char *net_field(struct zone_dl *dl, uint32_t type)
{
	return type == ZONE_NETWORK_ADDRESS ? dl->address : dl->router;
}

static int net_get(struct zone *z, datalink_id_t link, uint32_t type, struct zone_net_data *ret)
{
	struct zone_dl *dl;
	const char *value;
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	ret->type = type;
	ret->linkid = link;
	if (!is_net_type(type))
		return -EINVAL;
	(void)pthread_mutex_lock(&z->lock);
	dl = find_link_locked(z, link);
	value = dl ? net_field(dl, type) : NULL;
	if (!dl)
		r = -ENXIO;
	else if (!value[0])
		r = -ENOENT;
	else
		(void)str_copy(ret->value, sizeof(ret->value), value);
	(void)pthread_mutex_unlock(&z->lock);
	return r;
}

static int get_network(struct zoned_call *call, struct zone *z)
{
	const struct zone_getattr_req *req = call->req;
	struct zone_net_data data;
	int r;

	if (z->id == GLOBAL_ZONEID)
		return -EINVAL;
	if (req->bufsize < sizeof(data))
		return -ENOBUFS;
	r = net_get(z, req->linkid, req->nettype, &data);
	return r < 0 ? r : answer(call, &data, sizeof(data));
}

int zone_network_get(
	zoneid_t id, datalink_id_t link, enum zone_net_type type, struct zone_net_data *ret)
{
	struct zone *z = zone_hold_by_id(id, ZONE_IS_READY, ZONE_IS_DOWN, ZONE_REF_DLS);
	int r;

	if (!z)
		return -ENOENT;
	r = net_get(z, link, type, ret);
	zone_rele(z, ZONE_REF_DLS);
	return r == -ENXIO ? -ENOENT : r;
}

bool zone_is_ready(zoneid_t id)
{
	struct zone *z = zone_hold_by_id(id, ZONE_IS_READY, ZONE_IS_READY, ZONE_REF_DLS);

	if (z)
		zone_rele(z, ZONE_REF_DLS);
	return z != NULL;
}

static int get(struct zoned_call *call, struct zone *z)
{
	const struct zone_getattr_req *req = call->req;
	zone_status_t status;
	int frozen;

	switch (req->attr) {
	case ZONE_ATTR_ROOT:
		return answer_str(call, call->zoneid == GLOBAL_ZONEID ? z->root : "/");
	case ZONE_ATTR_NAME:
		return answer_str(call, z->name);
	case ZONE_ATTR_STATUS:
		status = zone_status_get(z);
		return answer(call, &status, sizeof(status));
	case ZONE_ATTR_PRIVSET:
		return answer(call, &z->caps, sizeof(z->caps));
	case ZONE_ATTR_UNIQID:
		return answer(call, &z->uniqid, sizeof(z->uniqid));
	case ZONE_ATTR_FLAGS:
		return answer(call, &z->flags, sizeof(z->flags));
	case ZONE_ATTR_DID:
		return answer(call, &z->did, sizeof(z->did));
	case ZONE_ATTR_INITPID:
		return get_initpid(call, z);
	case ZONE_ATTR_HOSTID:
		return get_hostid(call, z);
	case ZONE_ATTR_INITNORESTART:
	case ZONE_ATTR_INITRESTART0:
	case ZONE_ATTR_INITREBOOT:
		return get_policy(call, z, req->attr);
	case ZONE_ATTR_FROZEN:
		frozen = zone_is_frozen(z);
		return answer(call, &frozen, sizeof(frozen));
	case ZONE_ATTR_NETWORK:
		return get_network(call, z);
	case ZONE_ATTR_INITNAME:
	case ZONE_ATTR_BOOTARGS:
	case ZONE_ATTR_BRAND:
	case ZONE_ATTR_FS_ALLOWED:
	case ZONE_ATTR_SCHED_CLASS:
		return get_string(call, z, req->attr);
	case ZONE_ATTR_SECFLAGS:
		return get_secflags(call, z);
	case ZONE_ATTR_POOLID:
		return get_cpus(call, z);
	default:
		return -EINVAL;
	}
}

int serve_zone_getattr(struct zoned_call *call)
{
	const struct zone_getattr_req *req = call->req;
	struct zone *z;
	int r;

	if (req->bufsize > ZONE_DATA_MAX)
		return -EINVAL;
	z = zone_hold_by_id(req->zoneid, ZONE_IS_INITIALIZED, ZONE_IS_DEAD, ZONE_REF_CALL);
	if (!z)
		return -EINVAL;
	r = zone_visible(call, z) ? get(call, z) : -EINVAL;
	zone_rele(z, ZONE_REF_CALL);
	return r;
}

/* ---- set ---- */

/* Those of zonecfg; which of them this host can give is seen when the zone is booted. */
static bool is_sched_class(const char *name)
{
	static const char *const known[] = {"TS", "IA", "FSS", "FX", "FP", "RT"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(name, known[i]))
			return true;
	return false;
}

static int set_string(
	struct zone *z, const struct zone_setattr_req *req, struct zone_attrs *a, struct diag *d)
{
	size_t size = 0;
	char *field = string_field(a, req->attr, &size);

	if (req->size == 0 || memchr(req->data, '\0', req->size) != req->data + req->size - 1)
		return diag_set(d, -EINVAL, "The value is not one string");
	if (req->size > size)
		return diag_set(
			d, -ENAMETOOLONG, "The value is too long; at most %zu bytes", size - 1);
	if (req->attr == ZONE_ATTR_BRAND && field[0])
		return diag_set(d, -EINVAL, "The brand of zone '%s' was set already", z->name);
	if (req->attr == ZONE_ATTR_BRAND && !req->data[0])
		return diag_set(d, -EINVAL, "The name of a brand cannot be empty");
	if (req->attr == ZONE_ATTR_INITNAME && req->data[0] != '/')
		return diag_set(d, -EINVAL, "The path of init must be absolute");
	if (req->attr == ZONE_ATTR_SCHED_CLASS && !is_sched_class(req->data))
		return diag_set(d, -EINVAL, "'%s' is no scheduling class", req->data);
	memcpy(field, req->data, req->size);
	return 0;
}

static int set_hostid(const struct zone_setattr_req *req, struct zone_attrs *a)
{
	if (req->size != sizeof(a->hostid))
		return -EINVAL;
	memcpy(&a->hostid, req->data, sizeof(a->hostid));
	a->has_hostid = true;
	return 0;
}

static int set_secflags(const struct zone_setattr_req *req, struct zone_attrs *a)
{
	uint32_t flags;

	if (req->size != sizeof(flags))
		return -EINVAL;
	memcpy(&flags, req->data, sizeof(flags));
	if (flags & ~ZONE_SECFLAGS_ALL)
		return -EINVAL;
	a->secflags = flags;
	a->has_secflags = true;
	return 0;
}

static int set_policy(const struct zone_setattr_req *req, struct zone_attrs *a)
{
	int v;

	if (req->size != sizeof(v))
		return -EINVAL;
	memcpy(&v, req->data, sizeof(v));
	if (v)
		a->init_policy |= policy_bit(req->attr);
	else
		a->init_policy &= ~policy_bit(req->attr);
	return 0;
}

/* What illumos has and cannot be held here, and what is the zone's from its creation on. */
static int refuse(uint32_t attr, struct diag *d)
{
	switch (attr) {
	case ZONE_ATTR_SLBL:
		return diag_set(d, -EINVAL, "A label cannot be set: this host has none");
	case ZONE_ATTR_APP_SVC_CT:
		return diag_set(d, -EINVAL, "A contract cannot be set: this host has none");
	case ZONE_ATTR_SCHED_FIXEDHI:
		return diag_set(d, -EINVAL,
			"A fixed high priority cannot be set: the scheduling class RT is above the others");
	case ZONE_ATTR_DID:
		return diag_set(d, -EINVAL, "The debugid of a zone is that of its creation");
	default:
		return diag_set(d, -EINVAL, "There is no attribute %u that can be set", attr);
	}
}

static int set_attrs(
	struct zone *z, const struct zone_setattr_req *req, struct zone_attrs *a, struct diag *d)
{
	switch (req->attr) {
	case ZONE_ATTR_INITNAME:
	case ZONE_ATTR_BOOTARGS:
	case ZONE_ATTR_BRAND:
	case ZONE_ATTR_FS_ALLOWED:
	case ZONE_ATTR_SCHED_CLASS:
		return set_string(z, req, a, d);
	case ZONE_ATTR_SECFLAGS:
		return set_secflags(req, a);
	case ZONE_ATTR_HOSTID:
		return set_hostid(req, a);
	case ZONE_ATTR_INITNORESTART:
	case ZONE_ATTR_INITRESTART0:
	case ZONE_ATTR_INITREBOOT:
		return set_policy(req, a);
	default:
		return refuse(req->attr, d);
	}
}

/* Memory and record change together, or neither does. */
static int set_plain(struct zone *z, const struct zone_setattr_req *req, struct diag *d)
{
	_cleanup_free_ struct zone_attrs *old = malloc(sizeof(*old));
	int r;

	if (!old)
		return -ENOMEM;
	(void)pthread_mutex_lock(&z->lock);
	*old = z->attrs;
	r = set_attrs(z, req, &z->attrs, d);
	(void)pthread_mutex_unlock(&z->lock);
	if (r < 0)
		return r;
	r = zone_save(z, d);
	if (r < 0) {
		(void)pthread_mutex_lock(&z->lock);
		z->attrs = *old;
		(void)pthread_mutex_unlock(&z->lock);
	}
	return r;
}

static int net_set(struct zone *z, const struct zone_net_data *data, struct diag *d)
{
	struct zone_dl *dl;
	char *field;
	int r = 0;

	if (!is_net_type(data->type) || !data->value[0])
		return diag_set(d, -EINVAL, "Unknown type of network data, or no value");
	(void)pthread_mutex_lock(&z->lock);
	dl = find_link_locked(z, data->linkid);
	field = dl ? net_field(dl, data->type) : NULL;
	if (!dl)
		r = diag_set(d, -ENXIO, "Zone '%s' does not have link %u", z->name, data->linkid);
	else if (field[0])
		r = diag_set(d, -EINVAL, "The link's network data were set already");
	else
		(void)str_copy(field, sizeof(dl->address), data->value);
	(void)pthread_mutex_unlock(&z->lock);
	return r;
}

static void net_unset(struct zone *z, const struct zone_net_data *data)
{
	struct zone_dl *dl;
	char *field;

	(void)pthread_mutex_lock(&z->lock);
	dl = find_link_locked(z, data->linkid);
	field = dl ? net_field(dl, data->type) : NULL;
	if (field)
		field[0] = '\0';
	(void)pthread_mutex_unlock(&z->lock);
}

static int set_network(struct zone *z, const struct zone_setattr_req *req, struct diag *d)
{
	struct zone_net_data data;
	int r;

	if (req->size != sizeof(data))
		return -EINVAL;
	memcpy(&data, req->data, sizeof(data));
	if (!str_terminated(data.value, sizeof(data.value)))
		return -EINVAL;
	if (data.type == ZONE_NETWORK_SHARED)
		return zone_stack_add(z, data.value, d);
	r = net_set(z, &data, d);
	if (r < 0)
		return r;
	r = zone_save(z, d);
	if (r < 0)
		net_unset(z, &data);
	return r;
}

int serve_zone_setattr(struct zoned_call *call)
{
	const struct zone_setattr_req *req = call->req;
	struct zone *z;
	int r;

	if (req->size > ZONE_DATA_MAX || call->req_size != sizeof(*req) + req->size)
		return -EINVAL;
	if (req->zoneid == GLOBAL_ZONEID)
		return diag_set(&call->diag, -EINVAL, "The global zone has no attributes to set");
	z = zone_hold_by_id(req->zoneid, ZONE_IS_INITIALIZED, ZONE_IS_DEAD, ZONE_REF_CALL);
	if (!z)
		return -EINVAL;
	if (req->attr == ZONE_ATTR_FROZEN)
		r = zone_freeze_set(z, req, &call->diag);
	else if (zone_status_get(z) == ZONE_IS_RUNNING && req->attr == ZONE_ATTR_NETWORK)
		r = zone_network_change(z, req, &call->diag);
	else if (zone_status_get(z) > ZONE_IS_READY)
		r = diag_set(&call->diag, -EINVAL,
			"Zone '%s' is %s; attributes can be set until it is booted", z->name,
			zone_status_name(zone_status_get(z)));
	else if (req->attr == ZONE_ATTR_NETWORK)
		r = set_network(z, req, &call->diag);
	else if (req->attr == ZONE_ATTR_POOLID || req->attr == ZONE_ATTR_DEDICATED_CPU)
		r = zone_cpus_set(z, req, &call->diag);
	else
		r = set_plain(z, req, &call->diag);
	zone_rele(z, ZONE_REF_CALL);
	return r;
}

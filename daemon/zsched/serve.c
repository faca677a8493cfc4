/* SPDX-License-Identifier: MIT */
/*
 * zsched's door: sizes and rights are checked here, before anything of a
 * request is read; the work is elsewhere. Runs on the one thread, from
 * door_dispatch().
 */
#include "zone/confine.h"
#include "zone/door-caller.h"
#include "zsched/zsched.h"

#include <fcntl.h>
#include <sys/stat.h>

struct request {
	struct zsched *z;
	const void *data;
	size_t size;
	door_desc_t *desc;
	uint_t ndesc;
	void *reply; /* zeroed, of the size of any of them; starts with struct zsched_reply */
	size_t reply_size;
	door_desc_t out[16];
	uint_t nout;
	struct diag diag;
};

static int serve_getinfo(struct request *rq)
{
	struct zsched_info_reply *rep = rq->reply;
	const struct zsched *z = rq->z;

	rep->version = ZSCHED_VERSION;
	rep->zoneid = z->zoneid;
	rep->uniqid = z->uniqid;
	rep->userns_inode = z->userns_inode;
	rep->uid_base = z->uid_base;
	rep->built = z->built;
	rep->init_pid = z->init_pid;
	rep->init_status = z->init_status;
	rep->init_ended = z->init_ended;
	rep->init_next = z->init_next;
	rep->stdio = z->stdio;
	(void)str_copy(rep->name, sizeof(rep->name), z->name);
	rq->reply_size = sizeof(*rep);
	return 0;
}

static int serve_getfds(struct request *rq)
{
	const struct zsched_fds_req *req = rq->data;
	struct zsched_fds_reply *rep = rq->reply;
	const struct zsched *z = rq->z;
	const int fds[] = {z->user, z->mnt, z->net, z->ipc, z->uts, z->cgroup, z->init_pidfd,
		z->hostmnt, z->console, z->view, z->nheld ? z->held[0] : FD_NONE, z->record};
	unsigned int i;

	if (req->mask >> ARRAY_SIZE(fds))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		if (!(req->mask & (1u << i)))
			continue;
		if (fds[i] < 0)
			return (1u << i) == ZSCHED_FD_INIT ? -ESRCH : -ENOENT;
		rq->out[rq->nout].d_attributes = DOOR_DESCRIPTOR;
		rq->out[rq->nout++].d_data.d_desc.d_descriptor = fds[i];
	}
	rep->mask = req->mask;
	rq->reply_size = sizeof(*rep);
	return 0;
}

static int check_build(const struct zsched_build_req *req, const struct request *rq)
{
	uint32_t i;

	if (req->count == 0 || req->count > ZSCHED_MOUNTS_MAX || rq->ndesc != req->count ||
		rq->size != sizeof(*req) + req->count * sizeof(req->mounts[0]) ||
		!str_terminated(req->nodename, sizeof(req->nodename)))
		return -EINVAL;
	for (i = 0; i < req->count; i++) {
		const struct zsched_mount *m = &req->mounts[i];

		if (!str_terminated(m->target, sizeof(m->target)) || m->target[0] != '/' ||
			m->make > 2)
			return -EINVAL;
		if ((i == 0) != (m->target[1] == '\0'))
			return -EINVAL; /* the first is the root, and only the first */
	}
	return 0;
}

static int check_open(struct request *rq)
{
	return rq->z->closed ? diag_set(&rq->diag, -ESHUTDOWN, "The zone is shutting down") : 0;
}

static int serve_build(struct request *rq)
{
	const struct zsched_build_req *req = rq->data;
	int fds[ZSCHED_MOUNTS_MAX];
	uint32_t i;
	int r = check_build(req, rq);

	if (r < 0)
		return r;
	if (rq->z->built)
		return -EALREADY;
	r = check_open(rq);
	if (r < 0)
		return r;
	for (i = 0; i < req->count; i++)
		fds[i] = rq->desc[i].d_data.d_desc.d_descriptor;
	return build_root(rq->z, req, fds, &rq->diag);
}

static int check_fs(const struct request *rq, uint_t ndesc)
{
	const struct zsched_fs_req *req = rq->data;

	if (rq->ndesc != ndesc || req->make > 2 ||
		!str_terminated(req->target, sizeof(req->target)) || req->target[0] != '/' ||
		req->target[1] == '\0')
		return -EINVAL;
	return rq->z->built ? 0 : -ENOENT;
}

/* One at a time, here: a mount that comes before this is done, one that comes after it is refused. */
static int serve_close(struct request *rq)
{
	rq->z->closed = true;
	return 0;
}

static int serve_mount(struct request *rq)
{
	int r = check_fs(rq, 1);

	if (r == 0)
		r = check_open(rq);
	return r < 0 ? r
		     : change_add(
			       rq->z, rq->data, rq->desc[0].d_data.d_desc.d_descriptor, &rq->diag);
}

static int serve_unmount(struct request *rq)
{
	int r = check_fs(rq, 0);

	return r < 0 ? r : change_remove(rq->z, rq->data, &rq->diag);
}

static int serve_boot(struct request *rq)
{
	const struct zsched_boot_req *req = rq->data;
	struct zsched_boot_reply *rep = rq->reply;
	int r;

	if (!str_terminated(req->initname, sizeof(req->initname)) || req->initname[0] != '/' ||
		!str_terminated(req->bootargs, sizeof(req->bootargs)) ||
		req->envsize > sizeof(req->env) ||
		(req->envsize && req->env[req->envsize - 1] != '\0') ||
		(req->start & ~ZONE_START_ALL) ||
		(req->policy &
			~(ZSCHED_INIT_NORESTART | ZSCHED_INIT_REBOOT | ZSCHED_INIT_RESTART0)))
		return -EINVAL;
	if (!rq->z->built)
		return diag_set(&rq->diag, -EINVAL, "The zone's root has not been built");
	if (rq->z->init_pid)
		return -EBUSY;
	rq->z->init_policy = req->policy;
	r = boot_init(rq->z, req, &rq->diag);
	if (r < 0 && rq->z->init_ended)
		init_give_up(rq->z);
	rep->init_pid = rq->z->init_pid;
	rq->reply_size = sizeof(*rep);
	if (rq->z->init_pidfd >= 0) {
		rq->out[0].d_attributes = DOOR_DESCRIPTOR;
		rq->out[0].d_data.d_desc.d_descriptor = rq->z->init_pidfd;
		rq->nout = 1;
	}
	return r;
}

static int serve_exit(struct request *rq)
{
	if (rq->z->init_pid)
		return -EBUSY;
	rq->z->exiting = true;
	return 0;
}

static int serve_console(struct request *rq)
{
	int fd;

	if (rq->ndesc != 1)
		return -EINVAL;
	if (rq->z->console < 0)
		return -ENOENT;
	fd = fcntl(rq->desc[0].d_data.d_desc.d_descriptor, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -errno;
	console_attach(fd);
	return 0;
}

static int serve_view(struct request *rq)
{
	int fds[DOOR_DESC_LIMIT];
	uint_t i;

	for (i = 0; i < rq->ndesc && i < ARRAY_SIZE(fds); i++)
		fds[i] = rq->desc[i].d_data.d_desc.d_descriptor;
	return view_keep(rq->z, fds, rq->ndesc);
}

static bool device_ok(const struct zsched_device *dev)
{
	return str_terminated(dev->name, sizeof(dev->name)) && dev->name[0] &&
	       dev->name[0] != '/' && !strstr(dev->name, "..") &&
	       (S_ISCHR(dev->mode) || S_ISBLK(dev->mode));
}

static int serve_devices(struct request *rq)
{
	const struct zsched_devices_req *req = rq->data;
	struct zsched_devices_req *copy;
	uint32_t i;
	int rules = FD_NONE;

	if (req->count > ZSCHED_DEVICES_MAX || rq->ndesc > 1 ||
		rq->size != sizeof(*req) + req->count * sizeof(req->devices[0]))
		return -EINVAL;
	for (i = 0; i < req->count; i++)
		if (!device_ok(&req->devices[i]))
			return -EINVAL;
	if (rq->z->built)
		return -EALREADY;
	copy = malloc(rq->size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, req, rq->size);
	if (rq->ndesc)
		rules = fcntl(rq->desc[0].d_data.d_desc.d_descriptor, F_DUPFD_CLOEXEC, 3);
	if (rq->ndesc && rules < 0) {
		free(copy);
		return -EMFILE;
	}
	free(rq->z->devices);
	rq->z->devices = copy;
	(void)fd_close(rq->z->device_rules);
	rq->z->device_rules = rules;
	return 0;
}

/* They live as long as this process, whatever becomes of zoned. */
static int serve_hold(struct request *rq)
{
	struct zsched *z = rq->z;
	int fd;

	if (rq->ndesc == 0 || rq->ndesc > ZSCHED_HELD_MAX)
		return -EINVAL;
	if (z->nheld)
		return -EALREADY;
	while (z->nheld < rq->ndesc) {
		fd = fcntl(rq->desc[z->nheld].d_data.d_desc.d_descriptor, F_DUPFD_CLOEXEC, 3);
		if (fd < 0) {
			fd = -errno;
			while (z->nheld)
				(void)fd_close(z->held[--z->nheld]);
			return fd;
		}
		z->held[z->nheld++] = fd;
	}
	return 0;
}

static int serve_ipc(struct request *rq)
{
	return ipc_limit(rq->z, rq->data, &rq->diag);
}

static const struct command {
	uint32_t cmd;
	size_t size;
	bool array; /* may be longer; the handler checks by how much */
	int (*handler)(struct request *rq);
} commands[] = {
	{ZSCHED_GETINFO, sizeof(struct zsched_req), false, serve_getinfo},
	{ZSCHED_GETFDS, sizeof(struct zsched_fds_req), false, serve_getfds},
	{ZSCHED_BUILD, sizeof(struct zsched_build_req), true, serve_build},
	{ZSCHED_BOOT, sizeof(struct zsched_boot_req), false, serve_boot},
	{ZSCHED_EXIT, sizeof(struct zsched_req), false, serve_exit},
	{ZSCHED_IPC, sizeof(struct zsched_ipc_req), false, serve_ipc},
	{ZSCHED_VIEW, sizeof(struct zsched_req), false, serve_view},
	{ZSCHED_CONSOLE, sizeof(struct zsched_req), false, serve_console},
	{ZSCHED_MOUNT, sizeof(struct zsched_fs_req), false, serve_mount},
	{ZSCHED_UNMOUNT, sizeof(struct zsched_fs_req), false, serve_unmount},
	{ZSCHED_DEVICES, sizeof(struct zsched_devices_req), true, serve_devices},
	{ZSCHED_HOLD, sizeof(struct zsched_req), false, serve_hold},
	{ZSCHED_CLOSE, sizeof(struct zsched_req), false, serve_close},
};

static const struct command *find_command(const void *data, size_t size)
{
	uint32_t cmd;
	size_t i;

	if (size < sizeof(cmd))
		return NULL;
	memcpy(&cmd, data, sizeof(cmd));
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		if (c->cmd == cmd)
			return size == c->size || (c->array && size > c->size) ? c : NULL;
	}
	return NULL;
}

void serve(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n_desc)
{
	union {
		struct zsched_reply head;
		struct zsched_info_reply info;
		struct zsched_fds_reply fds;
		struct zsched_boot_reply boot;
	} reply = {0};
	struct request rq = {.z = cookie,
		.data = argp,
		.size = size,
		.desc = dp,
		.ndesc = n_desc,
		.reply = &reply};
	const struct command *c;
	uint_t i;
	int r;

	rq.reply_size = sizeof(reply.head);
	r = door_caller_check();
	if (r == 0) {
		c = find_command(argp, size);
		r = c ? c->handler(&rq) : -EINVAL;
	}
	if (r < 0) {
		rq.reply_size = sizeof(reply.head);
		rq.nout = 0;
		reply.head.err = -r;
		(void)snprintf(reply.head.text, sizeof(reply.head.text), "%.*s",
			(int)sizeof(reply.head.text) - 1, rq.diag.text);
	}
	(void)door_reply(&reply, rq.reply_size, rq.out, rq.nout);
	for (i = 0; i < n_desc; i++)
		(void)fd_close(dp[i].d_data.d_desc.d_descriptor);
}

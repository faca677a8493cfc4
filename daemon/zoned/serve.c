/* SPDX-License-Identifier: MIT */
/*
 * The dispatcher of zoned's door. In this order, for every call: the request is
 * long enough to hold a number; the number is known; the size is the command's; the
 * caller's credentials come from the kernel; its zone is known; its rights suffice; then the
 * handler runs, on this server thread. Nothing else of a request is read before that.
 *
 * door_return() does not come back, so everything it needs is on this stack and
 * everything else is given up before.
 */
#include "zoned/serve.h"
#include "zoned/dls-commands.h"

#include <door.h>
#include <door_linux.h>
#include <linux/capability.h>
#include <pthread.h>

/* Room for the largest reply: all zones there can be. */
#define REPLY_MAX (sizeof(struct zone_list_reply) + MAX_ZONES * sizeof(zoneid_t))

_Static_assert(REPLY_MAX >= sizeof(struct zone_getattr_reply) + ZONE_DATA_MAX,
	"the largest attribute fits the largest reply");

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER; /* leaf */
static pthread_cond_t gate_cv = PTHREAD_COND_INITIALIZER;
static bool gate_open; /* gate_lock */

void serve_open(void)
{
	(void)pthread_mutex_lock(&gate_lock);
	gate_open = true;
	(void)pthread_cond_broadcast(&gate_cv);
	(void)pthread_mutex_unlock(&gate_lock);
}

static void wait_until_open(void)
{
	(void)pthread_mutex_lock(&gate_lock);
	while (!gate_open)
		(void)pthread_cond_wait(&gate_cv, &gate_lock);
	(void)pthread_mutex_unlock(&gate_lock);
}

static const struct zoned_command *find_in(const struct zoned_command *table, uint32_t cmd)
{
	for (; table->handler; table++)
		if (table->cmd == cmd)
			return table;
	return NULL;
}

static const struct zoned_command *find_command(const void *req, size_t size)
{
	const struct zoned_command *c;
	uint32_t cmd;

	if (size < sizeof(cmd))
		return NULL;
	memcpy(&cmd, req, sizeof(cmd));
	c = find_in(zone_commands, cmd);
	if (!c)
		c = find_in(stat_commands, cmd);
	if (!c)
		c = find_in(flow_commands, cmd);
	if (!c)
		c = find_in(dls_commands, cmd);
	if (!c)
		c = find_in(dls_class_commands, cmd);
	if (!c)
		c = find_in(dls_prop_commands, cmd);
	if (!c || size < c->req_size || (size > c->req_size && !c->req_array))
		return NULL;
	return c;
}

static int check_rights(const struct zoned_call *call, enum zoned_needs needs)
{
	switch (needs) {
	case NEEDS_NOTHING:
		return 0;
	case NEEDS_CONFIG:
		return zoned_call_is_global_root(call) && ucred_has_cap(call->cred, CAP_SYS_ADMIN)
			       ? 0
			       : -EPERM;
	case NEEDS_NETADMIN:
		return ucred_is_zone_root(call->cred) && ucred_has_cap(call->cred, CAP_NET_ADMIN)
			       ? 0
			       : -EPERM;
	}
	return -EPERM;
}

static int serve_one(struct zoned_call *call)
{
	const struct zoned_command *c = find_command(call->req, call->req_size);
	ucred_t *cred = NULL;
	int r;

	if (!c)
		return -EINVAL;
	call->reply_size = c->reply_size;
	if (door_ucred(&cred) < 0)
		return -errno;
	call->cred = cred;
	call->zoneid = ucred_getzoneid(cred);
	zone_cred_hold(call->zoneid);
	/* To whom nothing is visible an answer would say that there is nothing. */
	r = call->zoneid < 0 ? -ESRCH : check_rights(call, c->needs);
	if (r == 0)
		r = c->handler(call);
	if (r < 0)
		call->reply_size = c->reply_size;
	zone_cred_rele(call->zoneid);
	ucred_free(cred);
	call->cred = NULL;
	return r;
}

static void drop_fds(struct zoned_call *call)
{
	while (call->nfds)
		(void)fd_close(call->fds[--call->nfds]);
}

static void fill_error(struct zoned_call *call, int err)
{
	struct zone_reply *head = call->reply;

	drop_fds(call);
	head->err = -err;
	(void)snprintf(head->text, sizeof(head->text), "%.*s", (int)sizeof(head->text) - 1,
		call->diag.text);
	head->text[strcspn(head->text, "\n")] = '\0';
}

static void serve(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n_desc)
{
	union {
		struct zone_reply head;
		char bytes[REPLY_MAX];
	} reply;
	struct zoned_call call = {
		.req = argp,
		.req_size = size,
		.reply = &reply,
		.reply_max = sizeof(reply),
		.reply_size = sizeof(reply.head),
	};
	door_desc_t out[ZONED_CALL_FDS];
	unsigned int i;
	int r;

	memset(&reply, 0, sizeof(reply));
	wait_until_open();
	r = serve_one(&call);
	if (r < 0)
		fill_error(&call, r);
	for (i = 0; i < call.nfds; i++) {
		out[i].d_attributes = DOOR_DESCRIPTOR | DOOR_RELEASE;
		out[i].d_data.d_desc.d_descriptor = call.fds[i];
	}
	(void)door_return(reply.bytes, call.reply_size, call.nfds ? out : NULL, call.nfds);
	/* The client could not take it; tell it that much. */
	r = -errno;
	call.reply_size = sizeof(reply.head);
	fill_error(&call, r);
	(void)door_return(reply.bytes, call.reply_size, NULL, 0);
}

int serve_create(void)
{
	_cleanup_close_ int fd = door_create(serve, NULL, DOOR_REFUSE_DESC | DOOR_NO_CANCEL);

	/* Everybody may call: nobody is to send more than any request has. */
	if (fd < 0 || door_setparam(fd, DOOR_PARAM_DATA_MAX, DOOR_DATA_LIMIT) < 0)
		return -errno;
	return TAKE_FD(fd);
}

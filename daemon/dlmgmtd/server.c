/* SPDX-License-Identifier: MIT */
/*
 * The door procedure: finds the command, learns from the caller's credentials who
 * it is, and runs it. door_return() does not come back, so that nothing here may
 * be in allocated memory when it is called.
 */
#include "dlmgmtd/server.h"
#include "dlmgmtd/command.h"
#include "linux/instance.h"

#include <door.h>
#include <door_linux.h>
#include <limits.h>
#include <sys/capability.h>

static int door = FD_NONE;
static void (*command_seen)(void);

/* Rights are read from /proc, which takes fifty times as long as everything else here. */
static int caller_identify(bool with_rights, struct caller *ret)
{
	ucred_t *cred = NULL;
	int r = 0;

	if (door_ucred(&cred) < 0)
		return -errno;
	ret->zoneid = ucred_getzoneid(cred);
	ret->uid = ucred_geteuid(cred);
	ret->privileged = with_rights && ucred_has_cap(cred, CAP_NET_ADMIN) == 1;
	if (ret->zoneid < GLOBAL_ZONEID)
		r = -EACCES;
	ucred_free(cred);
	return r;
}

/*
 * The reply is on the stack, because door_return() does not come back. A link may grow between
 * two runs, but never above DLMGMT_SNAPSHOT_MAX.
 */
static void run_and_return(
	const struct command *command, const struct caller *caller, const void *request)
{
	union command_reply fixed;
	size_t size = sizeof(fixed);
	void *reply = &fixed;

	while (!command_run(command, caller, request, reply, &size))
		reply = __builtin_alloca(size);
	if (command_seen)
		command_seen();
	(void)door_return(reply, size, NULL, 0);
}

static void serve(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	const struct command *command = command_find(argp, arg_size);
	union command_request request;
	uint32_t err = EINVAL;
	struct caller caller;
	int r;

	if (command) {
		r = caller_identify(!(command->flags & ASKS_NO_RIGHTS), &caller);
		if (r == 0) {
			memcpy(&request, argp, arg_size);
			run_and_return(command, &caller, &request);
		}
		err = (uint32_t)-r;
	}
	(void)door_return((char *)&err, sizeof(err), NULL, 0);
}

int server_open(void (*on_command)(void), struct diag *d)
{
	char path[PATH_MAX];
	int r;

	r = instance_path(path, sizeof(path), "%s", DLMGMT_DOOR);
	if (r < 0)
		return diag_errno(d, r, "%s", DLMGMT_DOOR);
	command_seen = on_command;
	door = door_create(serve, NULL, DOOR_REFUSE_DESC | DOOR_NO_CANCEL);
	if (door < 0 || door_setparam(door, DOOR_PARAM_DATA_MAX, DOOR_DATA_LIMIT) < 0)
		return diag_errno(d, -errno, "Cannot make a door");
	if (door_attach(door, path, 0666) < 0)
		return diag_errno(d, -errno, "Cannot attach the door at %s", path);
	return 0;
}

int server_door(void)
{
	return door;
}

void server_close(void)
{
	char path[PATH_MAX];

	if (door < 0)
		return;
	if (instance_path(path, sizeof(path), "%s", DLMGMT_DOOR) == 0)
		(void)door_detach(path);
	(void)door_revoke(door); /* closes it */
	door = FD_NONE;
}

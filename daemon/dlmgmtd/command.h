/* SPDX-License-Identifier: MIT */
/*
 * The table of dlmgmtd's commands and what every handler gets.
 *
 * Locks, in order: conf table, link table, both reader/writer. The dispatcher
 * takes those that the table names and holds them until the handler returns, so
 * no handler takes or drops one. The link table's may be held over a call to
 * zoned (SETZONEID and what else changes a zone's list of links): zoned serves those
 * without its perimeter and without calling back.
 */
#pragma once

#include "dladm/dlmgmt-door.h"
#include "linux/util.h"

/* Who calls, from the credentials of the door call. */
struct caller {
	zoneid_t zoneid;
	uid_t uid;
	bool privileged; /* root of its zone with CAP_NET_ADMIN; false where nobody asks */
};

/*
 * req has exactly the command's request size, reply its reply size, zeroed.
 * Returns 0 or a negative errno, which becomes the reply's first word. Runs on a
 * server thread.
 */
typedef int command_fn(const struct caller *caller, const void *req, void *reply);

/*
 * A command whose reply has no fixed size. *size is the room in reply; when that is not
 * enough the handler sets it to what it needs and returns -ENOSPC, otherwise to what it
 * filled.
 */
typedef int command_variable_fn(
	const struct caller *caller, const void *req, void *reply, size_t *size);

enum command_flags {
	LOCK_CONF_READ = 1 << 0,
	LOCK_CONF_WRITE = 1 << 1,
	LOCK_LINK_READ = 1 << 2,
	LOCK_LINK_WRITE = 1 << 3,
	ASKS_NO_RIGHTS = 1 << 4, /* the handler does not look at caller->privileged */
};

struct command {
	enum dlmgmt_cmd cmd;
	size_t req_size;
	size_t reply_size; /* at most sizeof(union command_reply); of a variable one the smallest */
	unsigned int flags;
	command_fn *handler;
	command_variable_fn *variable; /* instead of handler */
};

union command_request { /* the largest ones */
	uint32_t cmd;
	struct dlmgmt_setattr_req setattr;
	struct dlmgmt_dls_create_req dls_create;
};

union command_reply {
	uint32_t err;
	struct dlmgmt_getattr_reply getattr;
	struct dlmgmt_linkprop_getnext_reply getnext;
};

/*
 * The command that a request of that size asks for; NULL when the size is not
 * exactly its own, the number is unknown, or there are no bytes for a number.
 */
const struct command *command_find(const void *req, size_t size);

/*
 * Runs it with its locks held and fills the reply, which has *size bytes of room, at least
 * reply_size. Returns true, *size is the reply's; or false when *size is what the
 * command would need: run it again with that much, nothing has happened.
 */
bool command_run(const struct command *command, const struct caller *caller, const void *req,
	void *reply, size_t *size);

/* Handlers: calls-dls.c */
command_fn call_dls_create, call_dls_getattr, call_dls_destroy, call_dls_update;
command_fn call_linkprop_init, call_setzoneid;
/* calls-link.c */
command_fn call_getname, call_getlinkid, call_getnext;
command_fn call_create_linkid, call_destroy_linkid, call_remap_linkid, call_up_linkid;
/* calls-conf.c */
command_fn call_createconf, call_readconf, call_writeconf, call_destroyconf, call_removeconf;
command_fn call_setattr, call_unsetattr, call_getattr, call_linkprop_getnext;
command_variable_fn call_getconfsnapshot;
/* calls-link.c */
command_variable_fn call_check, call_getlinks;
/* zones.c */
command_fn call_zoneboot, call_zonehalt;

/* SPDX-License-Identifier: MIT */
/*
 * The switching table of dlmgmtd and the dispatcher; see command.h. What is
 * common to all commands is done here: number and size before anything is read,
 * locks in their order, an empty reply, the errno.
 */
#include "dlmgmtd/command.h"
#include "dlmgmtd/conf-table.h"
#include "dlmgmtd/link-table.h"

#define COMMAND(number, req, reply, flags, handler)                                                \
	{                                                                                          \
		DLMGMT_CMD_##number, sizeof(struct dlmgmt_##req), sizeof(struct dlmgmt_##reply),   \
			flags, handler, NULL                                                       \
	}

#define LOOK_UP (LOCK_LINK_READ | ASKS_NO_RIGHTS)

static const struct command commands[] = {
	COMMAND(DLS_CREATE, dls_create_req, dls_create_reply, LOCK_LINK_WRITE, call_dls_create),
	COMMAND(DLS_GETATTR, dls_getattr_req, getattr_reply, LOOK_UP, call_dls_getattr),
	COMMAND(DLS_DESTROY, dls_destroy_req, reply, LOCK_LINK_WRITE, call_dls_destroy),
	COMMAND(GETNAME, linkid_req, getname_reply, LOOK_UP, call_getname),
	COMMAND(GETLINKID, getlinkid_req, link_reply, LOOK_UP, call_getlinkid),
	COMMAND(GETNEXT, getnext_req, link_reply, LOOK_UP, call_getnext),
	{DLMGMT_CMD_GETLINKS, sizeof(struct dlmgmt_getlinks_req),
		sizeof(struct dlmgmt_getlinks_reply), LOOK_UP, NULL, call_getlinks},
	COMMAND(DLS_UPDATE, dls_update_req, update_reply, LOCK_LINK_WRITE, call_dls_update),
	COMMAND(LINKPROP_INIT, linkid_req, linkprop_init_reply, LOCK_LINK_READ, call_linkprop_init),
	COMMAND(SETZONEID, setzoneid_req, reply, LOCK_LINK_WRITE, call_setzoneid),
	COMMAND(CREATE_LINKID, createid_req, linkid_reply, LOCK_LINK_WRITE, call_create_linkid),
	COMMAND(DESTROY_LINKID, destroyid_req, reply, LOCK_LINK_WRITE, call_destroy_linkid),
	COMMAND(REMAP_LINKID, remapid_req, reply, LOCK_LINK_WRITE, call_remap_linkid),
	COMMAND(UP_LINKID, linkid_req, reply, LOCK_LINK_WRITE, call_up_linkid),
	COMMAND(CREATECONF, createconf_req, confid_reply, LOCK_CONF_WRITE, call_createconf),
	COMMAND(READCONF, linkid_req, confid_reply, LOCK_CONF_WRITE | LOCK_LINK_READ,
		call_readconf),
	COMMAND(WRITECONF, confid_req, reply, LOCK_CONF_WRITE | LOCK_LINK_WRITE, call_writeconf),
	COMMAND(DESTROYCONF, confid_req, reply, LOCK_CONF_WRITE, call_destroyconf),
	COMMAND(REMOVECONF, linkid_req, reply, LOCK_LINK_WRITE, call_removeconf),
	COMMAND(SETATTR, setattr_req, reply, LOCK_CONF_WRITE, call_setattr),
	COMMAND(UNSETATTR, attr_req, reply, LOCK_CONF_WRITE, call_unsetattr),
	COMMAND(GETATTR, attr_req, getattr_reply, LOCK_CONF_READ, call_getattr),
	COMMAND(LINKPROP_GETNEXT, linkprop_getnext_req, linkprop_getnext_reply, LOCK_CONF_READ,
		call_linkprop_getnext),
	{DLMGMT_CMD_GETCONFSNAPSHOT, sizeof(struct dlmgmt_linkid_req),
		sizeof(struct dlmgmt_snapshot_reply), LOOK_UP, NULL, call_getconfsnapshot},
	{DLMGMT_CMD_CHECK, sizeof(struct dlmgmt_check_req), sizeof(struct dlmgmt_reply),
		LOCK_LINK_WRITE, NULL, call_check},
	COMMAND(ZONEBOOT, zone_req, reply, LOCK_LINK_WRITE, call_zoneboot),
	COMMAND(ZONEHALT, zone_req, reply, LOCK_LINK_WRITE, call_zonehalt),
};

const struct command *command_find(const void *req, size_t size)
{
	uint32_t number;
	size_t i;

	if (!req || size < sizeof(number))
		return NULL;
	memcpy(&number, req, sizeof(number));
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].cmd == number)
			return commands[i].req_size == size ? &commands[i] : NULL;
	return NULL;
}

static void locks_take(unsigned int locks)
{
	if (locks & LOCK_CONF_WRITE)
		conf_table_wrlock();
	else if (locks & LOCK_CONF_READ)
		conf_table_rdlock();
	if (locks & LOCK_LINK_WRITE)
		link_table_wrlock();
	else if (locks & LOCK_LINK_READ)
		link_table_rdlock();
}

static void locks_drop(unsigned int locks)
{
	if (locks & (LOCK_LINK_READ | LOCK_LINK_WRITE))
		link_table_unlock();
	if (locks & (LOCK_CONF_READ | LOCK_CONF_WRITE))
		conf_table_unlock();
}

bool command_run(const struct command *command, const struct caller *caller, const void *req,
	void *reply, size_t *size)
{
	size_t room = *size;
	uint32_t err;
	int r;

	*size = command->variable ? room : command->reply_size;
	memset(reply, 0, *size);
	locks_take(command->flags);
	if (command->variable)
		r = command->variable(caller, req, reply, size);
	else
		r = command->handler(caller, req, reply);
	locks_drop(command->flags);
	if (r == -ENOSPC && *size > room)
		return false;
	if (r < 0 && command->variable)
		*size = command->reply_size;
	err = (uint32_t)-r;
	memcpy(reply, &err, sizeof(err));
	return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * zoneadm-config: the half of zoneadm that reads configurations and brands:
 * list, monitor, verify, and all changes of what is on disk. Started by zoneadm with
 * zoneadm's own arguments; see main.c.
 */
#include "linux/audit.h"
#include "zoneadm/attach.h"
#include "zoneadm/clone.h"
#include "zoneadm/command.h"
#include "zoneadm/images.h"
#include "zoneadm/install.h"
#include "zoneadm/list.h"
#include "zoneadm/monitor.h"
#include "zoneadm/move.h"
#include "zoneadm/snapshots.h"
#include "zoneadm/transfer.h"
#include "zoneadm/verify.h"

static const struct runner runners[] = {
	{"list", list_run},
	{"monitor", monitor_run},
	{"verify", verify_run},
	{"install", install_run},
	{"uninstall", uninstall_run},
	{"sysboot", sysboot_run},
	{"mark", mark_run},
	{"detach", detach_run},
	{"attach", attach_run},
	{"move", move_run},
	{"clone", clone_run},
	{"snapshot", snapshot_run},
	{"rollback", rollback_run},
	{"export", export_run},
	{"import", import_run},
	{"list-images", list_images_run},
	{"vacuum", vacuum_run},
	{0},
};

int main(int argc, char **argv)
{
	struct request req;
	int r;

	command_start();
	r = request_parse(&req, argc, argv);
	if (!r)
		r = subcommand_of(&req);
	if (r)
		return r;
	if (!(req.sub->flags & SUB_CONFIG))
		return complain(
			NULL, "zoneadm-config does not know '%s'; use zoneadm", req.sub->name);
	r = subcommand_run(runners, &req);
	if (req.acts)
		audit_record(AUDIT_ZONE_STATE, req.sub->name, req.zone, r == EXIT_OK, "%s", "");
	return r;
}

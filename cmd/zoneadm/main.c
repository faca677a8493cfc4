/* SPDX-License-Identifier: MIT */
/*
 * zoneadm: administers zones.
 *
 * It is two programs. This one has what talks to a zone's daemon: mount, unmount, ready, boot,
 * halt, shutdown, reboot, apply, freeze, thaw, wait. Everything that reads configurations (list, verify, install
 * and so on) is zoneadm-config, which this one becomes by exec with the same
 * arguments, so that booting a zone does not load an XML library.
 */
#include "zoneadm/boot.h"
#include "zoneadm/command.h"
#include "zoneadm/monitor.h"

#include "linux/conventions.h"
#include "linux/instance.h"

static const struct runner runners[] = {
	{"mount", mount_run},
	{"unmount", unmount_run},
	{"ready", ready_run},
	{"boot", boot_run},
	{"halt", halt_run},
	{"reboot", reboot_run},
	{"shutdown", shutdown_run},
	{"apply", apply_run},
	{"freeze", freeze_run},
	{"thaw", thaw_run},
	{"wait", wait_run},
	{0},
};

static int become_config(char **argv)
{
	char path[4096];
	int r = instance_program(path, sizeof(path), "zoneadm-config");

	if (r < 0)
		return complain(NULL, "the path of zoneadm-config is too long");
	command_hand_over();
	(void)execv(path, argv);
	return complain(NULL, "cannot run %s: %s", path, strerror(errno));
}

static int help_run(const struct request *req)
{
	return req->argc > 2 ? usage_of(req) : help_print(req->argv[1]);
}

int main(int argc, char **argv)
{
	struct request req;
	int r;

	command_start();
	if (help_asked(argc, argv))
		return stdout_done(help_print(NULL), EXIT_ERR);
	r = request_parse(&req, argc, argv);
	if (!r)
		r = subcommand_of(&req);
	if (r)
		return r;
	if (streq(req.sub->name, "help"))
		return stdout_done(help_run(&req), EXIT_ERR);
	if (req.sub->flags & SUB_CONFIG)
		return become_config(argv);
	return subcommand_run(runners, &req);
}

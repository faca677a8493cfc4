/* SPDX-License-Identifier: MIT */
/* The subcommands of zoneadm: names, usage, help, and what each needs. */
#include "zoneadm/command.h"

const struct subcommand subcommands[] = {
	{
		.name = "help",
		.usage = "[subcommand]",
		.help = "Print help for all subcommands or for one.",
	},
	{
		.name = "list",
		.usage = "[-c] [-i] [-n] [-j | -p | -v]",
		.help = "Print the running zones.\n"
			"  -c  all configured zones\n"
			"  -i  all installed zones\n"
			"  -n  leave out the global zone\n"
			"  -j  for programs: JSON with the names of -p\n"
			"  -p  for programs: zoneid:zonename:state:zonepath:uuid:brand:ip-type:did\n"
			"  -v  verbose: id, name, state, path, brand and ip-type in columns\n"
			"With -z or -u, print that zone in whatever state it is; -c, -i and -n are\n"
			"refused then. -j, -p and -v exclude each other.",
		.flags = SUB_CONFIG,
	},
	{
		.name = "monitor",
		.usage = "[-j] [-s number]",
		.help = "Print what happens to zones, as it happens, until interrupted. With -z or -u,\n"
			"only what happens to that zone; in a zone, what happens to it.\n"
			"  -j  for programs: one JSON object on each line\n"
			"  -s  start behind the event of that number, 0 for all that are still known",
		.flags = SUB_CONFIG,
	},
	{
		.name = "wait",
		.usage = "-s state [-t seconds]",
		.help = "Wait until the zone has reached a state: configured, incomplete, installed, ready,\n"
			"running, shutting_down or mounted.\n"
			"  -t  give up after so many seconds",
		.flags = SUB_NEEDS_ZONE,
	},
	{
		.name = "verify",
		.usage = "",
		.help = "Check whether the zone, as configured, can be installed and booted on this\n"
			"host. Every problem is one line.",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "install",
		.usage = "[brand options]",
		.help = "Install the configured zone: verify it, make its zonepath, and have its brand\n"
			"fill it. An interrupted install leaves the zone incomplete; uninstall it then.\n"
			"'install -?' tells what the zone's brand takes.",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "uninstall",
		.usage = "[-F] [brand options]",
		.help = "Remove everything below the zone's zonepath; the configuration stays.\n"
			"  -F  do not ask",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "detach",
		.usage = "[-n | brand options]",
		.help = "Detach the halted zone from this host: its files stay, with a manifest among them,\n"
			"and the zone becomes configured. It can be attached again here or elsewhere.\n"
			"  -n  change nothing, print the manifest; needs no rights",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG | SUB_DRY | SUB_DRY_ZONE,
	},
	{
		.name = "attach",
		.usage = "[-F | -n manifest | brand options]",
		.help = "Make the detached zone at the zonepath of this configured zone installed.\n"
			"  -F  without any check and any hook of the brand\n"
			"  -n  change nothing, say whether a zone with that manifest (-: standard input)\n"
			"      could live on this host; no zone need be configured",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG | SUB_DRY,
	},
	{
		.name = "clone",
		.usage = "[-m copy] [-s snapshot] [brand options] source",
		.help = "Install the configured zone as a copy of the halted zone source, by the fastest\n"
			"way that the file system has. What fails or is interrupted leaves nothing.\n"
			"  -m copy      share no blocks with the source\n"
			"  -s snapshot  as the source was at that snapshot",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "snapshot",
		.usage = "[-p | -j | -d snapshot | snapshot]",
		.help = "Keep the root of the halted zone as it is now, under a name; of a live zone too where\n"
			"the root is a btrfs subvolume. Without a name, list the zone's snapshots.\n"
			"  -p  for programs: name:created:kind\n"
			"  -j  for programs: JSON with those names\n"
			"  -d  remove the snapshot of that name",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "rollback",
		.usage = "snapshot",
		.help = "Make the root of the halted zone what it was at that snapshot. The snapshot stays.",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "export",
		.usage = "[-s snapshot] file",
		.help = "Write the halted zone, its root and its configuration, to a file that must not be there:\n"
			"an OCI image archive.\n"
			"  -s  the root as it was at that snapshot; the zone may be live",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "import",
		.usage = "[-F] [-p zonepath] file",
		.help = "Make and install a zone of a file that export wrote, here or elsewhere, after its digests\n"
			"and its configuration were found right.\n"
			"  -F  also if its configuration asks for file systems, devices, datasets or\n"
			"      privileges of the host\n"
			"  -p  at that zonepath instead of the one it had",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG | SUB_NEW_ZONE,
	},
	{
		.name = "list-images",
		.usage = "[-p | -j]",
		.help = "List the images that are kept for zones, each once, and how many zones are made of it.\n"
			"  -p  for programs: digest:bytes:created:zonepaths:name\n"
			"  -j  for programs: JSON with those names",
		.flags = SUB_CONFIG,
	},
	{
		.name = "vacuum",
		.usage = "[-n] [-d days] [digest]",
		.help = "Remove the images that no zone is made of, or that one.\n"
			"  -n  remove nothing, print which\n"
			"  -d  only those of which no zone was made for so many days",
		.flags = SUB_CONFIG,
	},
	{
		.name = "move",
		.usage = "newpath",
		.help = "Move the halted zone to another zonepath, which must be empty or not be there.\n"
			"On another file system everything is copied; what fails is taken back.",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "mark",
		.usage = "[-F] incomplete | configured | installed",
		.help = "Set the state of a zone that is not live, whatever its files are like.\n"
			"  -F  do not ask; only marking it incomplete is never asked",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "mount",
		.usage = "[-f]",
		.help = "Make a place to repair the halted zone in: the host's /usr, the zone's root at /a,\n"
			"nothing of the zone runs. Enter it with zlogin -S.\n"
			"  -f  even if it is incomplete",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{
		.name = "unmount",
		.usage = "",
		.help = "End everything in the mounted zone and take the place away.",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{
		.name = "ready",
		.usage = "[-X]",
		.help = "Make the zone's virtual platform (file systems, network, limits) without\n"
			"starting any process in it. A running zone is halted first.\n"
			"  -X  hooks of the brand are told to say more",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{
		.name = "boot",
		.usage = "[-f] [-s] [-X] [-- bootargs]",
		.help = "Boot the zone. The boot arguments win over those of the configuration.\n"
			"  -f  even if it is incomplete\n"
			"  -s  single user, the same as -- -s\n"
			"  -X  hooks of the brand are told to say more",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{
		.name = "sysboot",
		.usage = "",
		.help = "Run the sysboot hook of the zone's brand. The service of zones does so at the start of the\n"
			"host, for each installed zone that does not boot by itself.",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES | SUB_CONFIG,
	},
	{
		.name = "apply",
		.usage = "[-n]",
		.help = "Bring the running zone to its configuration as it is now: resource controls, data\n"
			"links, addresses and default routers, attrs. For what a running zone cannot\n"
			"change there is a line.\n"
			"  -n  change nothing, print the differences",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{
		.name = "freeze",
		.usage = "",
		.help = "Stop everything in the running zone where it is, until thaw. It stays running, keeps\n"
			"its memory, and can be halted.",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{
		.name = "thaw",
		.usage = "",
		.help = "Let a frozen zone go on.",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{
		.name = "halt",
		.usage = "[-X]",
		.help = "Kill everything in the zone and take its virtual platform down. Nothing in\n"
			"the zone is asked to shut down first.\n"
			"  -X  hooks of the brand are told to say more",
		.in_zone = "halt(8)",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{
		.name = "reboot",
		.usage = "[-X] [-- bootargs]",
		.help = "Verify, halt and boot the running zone.\n"
			"  -X  hooks of the brand are told to say more",
		.in_zone = "reboot(8)",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{
		.name = "shutdown",
		.usage = "[-r [-- bootargs]]",
		.help = "Run the shutdown command of the zone's brand in the running zone and wait until\n"
			"it is down, for 60 seconds or those of its attr shutdown-timeout.\n"
			"  -r  boot it again afterwards",
		.in_zone = "shutdown(8)",
		.flags = SUB_NEEDS_ZONE | SUB_CHANGES,
	},
	{0},
};

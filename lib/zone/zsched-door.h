/* SPDX-License-Identifier: MIT */
/*
 * The protocol of zsched's door, <run>/<zone>.zsched_door (mode 0600): what
 * zoned, zoneadmd and nobody else ask the process that holds a zone alive.
 *
 * zsched is single-threaded and answers at once: no call here waits for the
 * zone. Requests have exactly the size of their structure (plus the bytes or
 * entries their count says); replies start with an errno and a line of text.
 * Only global root is served.
 */
#pragma once

#include <zone.h>

#define ZSCHED_DOOR_FMT	   "/run/zones/%s.zsched_door" /* below the prefix, %s the zone */
#define ZSCHED_DOOR_SUFFIX ".zsched_door"
#define ZSCHED_VERSION	   1
#define ZSCHED_TEXT	   256
#define ZSCHED_RECORD_NAME "zones-record"
#define ZSCHED_RECORD_SIZE (96 * 1024) /* of the memory for zoned's record */
#define ZSCHED_MOUNTS_MAX  48
#define ZSCHED_ENV_MAX	   2048
#define ZSCHED_HELD_MAX	   32
#define ZSCHED_DEVICES_MAX 64
#define ZSCHED_ID_RANGE	   65536u /* uids and gids of a zone's map */

enum zsched_cmd {
	ZSCHED_GETINFO = 1, /* zsched_req -> zsched_info_reply */
	ZSCHED_GETFDS =
		4, /* zsched_fds_req -> zsched_fds_reply, descriptors in the order of the bits */
	ZSCHED_BUILD, /* zsched_build_req and detached mounts -> zsched_reply. Once, before BOOT. EALREADY */
	ZSCHED_BOOT, /* zsched_boot_req -> zsched_boot_reply and a pidfd of init. EBUSY while an init lives */
	ZSCHED_EXIT, /* zsched_req -> zsched_reply, then zsched ends. EBUSY while an init lives */
	ZSCHED_IPC,  /* zsched_ipc_req -> zsched_reply: limits of the ipc namespace */
	ZSCHED_VIEW, /* zsched_req and descriptors (lib/zone/view-files.h) to keep -> zsched_reply:
		      the connection of the zone's view (the file system itself is the mount on /proc
		      in BUILD); then, before BUILD, an open file for each of its files; or none: let go */
	ZSCHED_CONSOLE, /* zsched_req and a socket (lib/zone/console.h) -> zsched_reply. ENOENT before BUILD */
	ZSCHED_MOUNT, /* zsched_fs_req and a detached mount -> zsched_reply. ENOENT before BUILD; ESHUTDOWN */
	ZSCHED_UNMOUNT, /* zsched_fs_req -> zsched_reply. EBUSY; ENOENT: it is not mounted there */
	ZSCHED_DEVICES, /* zsched_devices_req, and a descriptor to keep that holds the zone to them, or none ->
			   zsched_reply. Before BUILD, the last one counts. EALREADY */
	ZSCHED_HOLD, /* zsched_req and 1 to ZSCHED_HELD_MAX descriptors -> zsched_reply. Once. EALREADY */
	ZSCHED_CLOSE, /* zsched_req -> zsched_reply: the zone goes down, MOUNT and BUILD are refused */
};

struct zsched_req {
	uint32_t cmd;
	uint32_t pad;
};

struct zsched_reply {
	int32_t err;
	int32_t pad;
	char text[ZSCHED_TEXT];
};

struct zsched_info_reply {
	struct zsched_reply head;
	uint32_t version;
	zoneid_t zoneid;
	uint64_t uniqid;
	uint64_t userns_inode;
	uint32_t uid_base;
	uint32_t built;	     /* BUILD has been done */
	int32_t init_pid;    /* as the global zone sees it; 0 = none lives */
	int32_t init_status; /* wait(2) status of the last init that ended */
	uint32_t init_ended; /* how many have ended */
	uint32_t init_next;  /* what follows the last that ended: enum zsched_next */
	uint32_t stdio;	     /* as BUILD said */
	uint32_t pad;
	char name[ZONENAME_MAX];
};

/* Bits of GETFDS; the reply carries the descriptors in this order. */
enum zsched_fd {
	ZSCHED_FD_USER = 1 << 0,
	ZSCHED_FD_MNT = 1 << 1, /* the zone's; ENOENT before BUILD */
	ZSCHED_FD_NET = 1 << 2,
	ZSCHED_FD_IPC = 1 << 3,
	ZSCHED_FD_UTS = 1 << 4,
	ZSCHED_FD_CGROUP = 1 << 5,
	ZSCHED_FD_INIT = 1 << 6,    /* pidfd of init; ESRCH when there is none */
	ZSCHED_FD_HOSTMNT = 1 << 7, /* the host-owned mount namespace behind the zone's */
	ZSCHED_FD_CONSOLE = 1 << 8, /* master of the console pty; ENOENT before BUILD */
	ZSCHED_FD_VIEW = 1 << 9,    /* the connection of the zone's view; ENOENT: it has none */
	ZSCHED_FD_HELD = 1 << 10,   /* the first that HOLD brought; ENOENT without */
	ZSCHED_FD_RECORD =
		1
		<< 11, /* memory for zoned's record of the zone: zeroed, of constant size; opaque here */
};

struct zsched_fds_req {
	uint32_t cmd;
	uint32_t mask;
};

struct zsched_fds_reply {
	struct zsched_reply head;
	uint32_t mask; /* those that came */
	uint32_t pad;
};

/*
 * One mount of the zone's root, in the order they are made. Its descriptor is a
 * detached mount (open_tree or fsmount), idmapped and with its flags already
 * set. The first one has target "/" and is the root.
 */
struct zsched_mount {
	char target
		[256]; /* absolute inside the zone; resolved below its root, no symlink leaves it */
	uint32_t make; /* 0: target must exist; 1: make a directory; 2: make an empty file */
	uint32_t pad;
};

struct zsched_build_req {
	uint32_t cmd;
	uint32_t count; /* of mounts and of descriptors, at most ZSCHED_MOUNTS_MAX */
	uint32_t stdio; /* STDIO_* of lib/zone/console.h */
	uint32_t pad;
	char nodename[ZONENAME_MAX];
	struct zsched_mount mounts[];
};

/* One file system of a zone whose root has been built. */
struct zsched_fs_req {
	uint32_t cmd;
	uint32_t make; /* as in zsched_mount */
	uint64_t dev;  /* which it is: st_dev and st_ino of its root; ino 0 is a tmpfs */
	uint64_t ino;
	char target[256];
};

#define ZSCHED_FS_ANY UINT64_MAX /* ino for UNMOUNT: whatever is mounted there */

/* A node of the zone's /dev, beside those that every zone has. */
struct zsched_device {
	char name[128]; /* below /dev; may have directories in it */
	uint32_t mode;	/* S_IFCHR or S_IFBLK, and the permissions */
	uint32_t pad;
	uint64_t rdev;
};

struct zsched_devices_req {
	uint32_t cmd;
	uint32_t count; /* at most ZSCHED_DEVICES_MAX */
	struct zsched_device devices[];
};

/* Limits of System V IPC, as the kernel's sysctls of these meanings; bounded: no ipc namespace inside. */
struct zsched_ipc_req {
	uint32_t cmd;
	uint32_t bounded;
	uint64_t shm_ids, shm_pages, sem_ids, msg_ids;
};

/* What is done when init ends other than by reboot(2); without any of these it is started again. */
#define ZSCHED_INIT_NORESTART 0x1u /* the zone halts */
#define ZSCHED_INIT_REBOOT    0x2u /* the zone reboots */
#define ZSCHED_INIT_RESTART0  0x4u /* anything but exit 0 halts the zone */

enum zsched_next {
	ZSCHED_NEXT_HALT,
	ZSCHED_NEXT_REBOOT,
	ZSCHED_NEXT_RESTART, /* zoned boots init again, in the zone as it is */
};

struct zsched_boot_req {
	uint32_t cmd;
	uint32_t envsize;
	uint32_t policy;	     /* ZSCHED_INIT_*, for the init that this starts */
	uint32_t start;		     /* ZONE_START_*, see confine.h */
	uint64_t caps;		     /* capability bounding mask, zone_caps_default() */
	char initname[ZONEROOT_MAX]; /* absolute inside the zone */
	char bootargs[BOOTARGS_MAX]; /* split at white space into init's arguments */
	char env[ZSCHED_ENV_MAX];    /* envsize bytes of NUL-terminated NAME=value */
};

struct zsched_boot_reply {
	struct zsched_reply head;
	int32_t init_pid;
	uint32_t pad;
};

/*
 * How zoned starts it. `zsched -s ROOM`, in its own session, with a SOCK_SEQPACKET socket as its descriptor 3 and null as
 * 0 to 2, is the starter: it has no zone, answers nothing, and ends with the stream. Each zsched_start_req brings another
 * such socket along, and becomes one process more, a child of zoned like the starter, which is the zsched of that zone.
 * It is born into the groups zones/NAME/zsched, makes the user, net, ipc, uts and cgroup namespaces, attaches its
 * door, answers on the socket that was brought and closes it. With the answer come, unless it is an error, two descriptors: a
 * pidfd of this zsched, and that of ZSCHED_FD_RECORD. An end without an answer is the death of either process.
 * ROOM is ZSCHED_ROOM characters that mean nothing: the arguments of each show the zone, "zsched NAME ZONEID", in their place.
 */
#define ZSCHED_STARTER_FD 3
#define ZSCHED_ROOM	  (ZONENAME_MAX + 16)

struct zsched_start_req {
	uint32_t version; /* ZSCHED_VERSION */
	zoneid_t zoneid;
	uint64_t uniqid;
	uint32_t uid_base;
	uint32_t shared_ip; /* no net namespace: the zone is in the host's */
	char name[ZONENAME_MAX];
};

struct zsched_start_reply {
	struct zsched_reply head;
	int32_t pid;
	uint32_t pad;
	uint64_t userns_inode;
};

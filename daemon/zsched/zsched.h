/* SPDX-License-Identifier: MIT */
/*
 * What the files of zsched share: the one zone it holds and the steps of its life.
 * The process is single-threaded; nothing here needs a lock.
 */
#pragma once

#include "linux/diag.h"
#include "linux/instance.h"
#include "zone/view-files.h"
#include "zone/zsched-door.h"

#include <door_linux.h>
#include <poll.h>
#include <time.h>

/* Both ends of each, so that a pipe outlives its init; FD_NONE: none. */
struct stdio_pipes {
	int in_read, in_write; /* in_write is closed after an end */
	int out_read, out_write;
};

struct zsched {
	char name[ZONENAME_MAX];
	char leaf[ZONENAME_MAX + 16];	   /* "zones/NAME/zone" */
	char own_group[ZONENAME_MAX + 16]; /* "zones/NAME/zsched" */
	zoneid_t zoneid;
	uint64_t uniqid;
	uint32_t uid_base;
	uint64_t userns_inode;

	/* What keeps the zone alive; FD_NONE until made. */
	int user, net, ipc, uts, cgroup;
	int time;	/* made with the first init; FD_NONE as well where the kernel has none */
	int hostmnt;	/* host-owned mount namespace, the master of the zone's */
	int mnt;	/* the zone's own mount namespace */
	int console;	/* master of the console pty */
	uint32_t stdio; /* STDIO_* */
	struct stdio_pipes pipes; /* init's standard streams, when they are no terminal */
	bool built;
	bool shared_ip; /* net is the host's */

	/* What holds a zone on the host's stack; first the map. zoned's, opaque here. */
	unsigned int nheld;
	int held[ZSCHED_HELD_MAX];

	int view;		    /* connection of the zone's view, FD_NONE: it has none */
	int files[VIEW_FILE_COUNT]; /* of the view: the kernel forgets no name of theirs */

	pid_t init_pid; /* 0 when none lives */
	int init_pidfd;
	int init_status;
	unsigned int init_ended;
	uint32_t init_policy; /* ZSCHED_INIT_*, of the last init */
	enum zsched_next init_next;

	struct zsched_devices_req *devices; /* NULL: none but those of every zone */
	int device_rules; /* what holds the zone to them; FD_NONE: only the nodes */

	int record; /* memory for zoned's record of the zone */
	bool exiting;
	bool closed; /* the zone goes down */
};

/*
 * starter.c: the process that makes all zscheds. starter_begin(): this is it; false when it was not started as one.
 * starter_wait() returns in each zsched, a process of its own, with what zoned said of the zone in z, in the zone's
 * group zones/NAME/zsched, and returns the socket where zoned waits for an answer. In the starter it never returns.
 * starter_answer(): how it went, 0 or a negative errno; closes the socket.
 */
bool starter_begin(int argc, char **argv);
int starter_wait(struct zsched *z);
void starter_answer(const struct zsched *z, int zoned, int err, const struct diag *d);

/*
 * namespaces.c: makes user, net, ipc, uts and cgroup namespaces. namespaces_begin() has a child do it, namespaces_take() waits until
 * it is done and opens them. namespaces_end(): the child, if there is one, is no more.
 */
struct namespaces {
	pid_t child; /* 0: none */
	int sock;
};
int namespaces_begin(const struct zsched *z, struct namespaces *ret, struct diag *d);
int namespaces_take(struct zsched *z, const struct namespaces *ns, struct diag *d);
void namespaces_end(struct namespaces *ns);

/* build.c: assembles the root from detached mounts, fds[i] for req->mounts[i] (closed by the caller). */
int build_root(
	struct zsched *z, const struct zsched_build_req *req, const int *fds, struct diag *d);

/* change.c: a file system for a zone that has its root, and one that it has goes. -ENOENT: not there. */
int change_add(const struct zsched *z, const struct zsched_fs_req *req, int fd, struct diag *d);
int change_remove(const struct zsched *z, const struct zsched_fs_req *req, struct diag *d);

/* boot.c: starts init; returns when it has been executed. */
int boot_init(struct zsched *z, const struct zsched_boot_req *req, struct diag *d);

/* end.c: init has ended, if it has; what follows it begins. */
void init_reap(struct zsched *z);

/* end.c: init cannot be started again: the zone halts. */
void init_give_up(struct zsched *z);

/*
 * reboot-args.c: the boot arguments that the zone left for its reboot, "" when there are none
 * that could be used. For a zone whose init has ended; may take some seconds.
 */
void reboot_args_read(const struct zsched *z, char ret[BOOTARGS_MAX]);

/* view.c: what a zone sees of the machine. view_keep() takes copies of what is handed over, view_let_go() closes. */
int view_keep(struct zsched *z, const int *fds, unsigned int n);
void view_let_go(struct zsched *z);

/*
 * time.c: the zone's own time. time_look(): it is now. time_open_offsets(): before the process that makes
 * init leaves the host's mounts; *ret_fd is untouched when there is nothing to set. time_enter():
 * in that process, whose children have the zone's time from then on, which begins at start
 * or goes on. time_keep(): keeps it for the next init.
 */
struct zone_start {
	struct timespec monotonic, boot;
};
void time_look(struct zone_start *ret);
int time_open_offsets(const struct zsched *z, int *ret_fd);
int time_enter(const struct zsched *z, int offsets, const struct zone_start *start);
void time_keep(struct zsched *z, pid_t init, const struct zone_start *start);

/* ipc.c: sets the limits of the zone's System V IPC. */
int ipc_limit(const struct zsched *z, const struct zsched_ipc_req *req, struct diag *d);

/* serve.c: the door procedure; cookie is the struct zsched. */
void serve(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n_desc);

/*
 * upcall.c: telling zoneadmd that init ended, and what follows: a halt, or a reboot with these
 * boot arguments ("" = those of the configuration). upcall_start() begins, upcall_fd() is
 * what the loop polls (FD_NONE: nothing to wait for), upcall_timeout() how many
 * milliseconds until the next try (-1: none is due), upcall_continue() goes on.
 */
void upcall_start(struct zsched *z, int wait_status, enum zsched_next next, const char *bootargs);
int upcall_fd(void);
int upcall_timeout(void);
void upcall_continue(struct zsched *z);

/*
 * console.c: the pty of the console. console_open() begins to serve z->console. console_attach()
 * takes over a socket of zoneadmd, instead of the one before. console_poll() tells what
 * to wait for and console_timeout() how long at most (-1: as long as it takes), console_continue() goes on when it came; neither blocks. console_finish():
 * zoneadmd gets what is left.
 */
int console_open(const struct zsched *z, struct diag *d);
void console_attach(int fd);
int console_timeout(void);
#define CONSOLE_POLLS 4
void console_poll(const struct zsched *z, struct pollfd ret[CONSOLE_POLLS]);
void console_continue(struct zsched *z, const struct pollfd p[CONSOLE_POLLS]);
void console_finish(const struct zsched *z);

/*
 * stdio.c: pipes for the standard streams of init. stdio_open() makes them and gives them to the zone, once.
 * stdio_begin(): an init is about to start. stdio_write(): what fits is taken, the rest is
 * kept; false while there is a rest. stdio_eof(): the reader finds an end, until there is more.
 */
int stdio_open(struct zsched *z, struct diag *d);
int stdio_begin(struct stdio_pipes *s);
bool stdio_write(struct stdio_pipes *s, const char *data, size_t size);
bool stdio_behind(void);
void stdio_eof(struct stdio_pipes *s);
void stdio_forget(void);
void stdio_close(struct stdio_pipes *s);

/*
 * child.c: work that needs other namespaces runs in a child. child_run() forks,
 * runs fn there and returns what it returned (0 or a negative errno, its diag
 * with it), or -EIO when the child died. Meanwhile parent() (may be NULL) runs
 * on our side and talks with the child over the socket pair; an error of its
 * own kills the child and is what child_run() returns.
 */
typedef int child_fn(void *arg, int sock, struct diag *d);
typedef int child_parent_fn(void *arg, pid_t pid, int sock, struct diag *d);
int child_run(child_fn *fn, child_parent_fn *parent, void *arg, struct diag *d);

/* Child side: tells the parent that a point is reached and waits until it says go on. */
int child_sync(int sock);
/* Child side: hands a descriptor over (a copy; ours stays open). */
int child_send_fd(int sock, int fd);
/* Child side: hands a number over. */
int child_send_int(int sock, int value);

/*
 * Parent side of these. -ECANCELED when the child gave up instead: parent()
 * returns that and child_run() tells the child's own error.
 */
int child_wait_sync(int sock);
int child_go_on(int sock);
int child_recv_fd(int sock, int *ret_fd);
int child_recv_int(int sock, int *ret_value);

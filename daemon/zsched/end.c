/* SPDX-License-Identifier: MIT */
/*
 * The end of init. Either the zone goes down or is booted again, which is zoneadmd's work, or
 * only init is started again, which is zoned's: the status and the limits of the zone, and its
 * events, are there. So zoned sees the end for itself, asks what follows, and sends another BOOT.
 *
 * Linux: with process 1 the kernel ends every other process of the pid namespace. What is kept
 * over a restart of init is the zone: its id, network, ipc, mounts, console and limits.
 */
#include "zone/init-next.h"
#include "zsched/zsched.h"

#include <sys/wait.h>

void init_reap(struct zsched *z)
{
	char bootargs[BOOTARGS_MAX] = "";
	int status;

	if (!z->init_pid || waitpid(z->init_pid, &status, WNOHANG) != z->init_pid)
		return;
	z->init_pid = 0;
	z->init_pidfd = fd_close(z->init_pidfd);
	z->init_status = status;
	z->init_ended++;
	z->init_next = zone_init_next(status, z->init_policy);
	if (z->init_next == ZSCHED_NEXT_RESTART)
		return;
	if (z->init_next == ZSCHED_NEXT_REBOOT && WIFSIGNALED(status))
		reboot_args_read(z, bootargs);
	upcall_start(z, status, z->init_next, bootargs);
}

void init_give_up(struct zsched *z)
{
	z->init_next = ZSCHED_NEXT_HALT;
	upcall_start(z, z->init_status, ZSCHED_NEXT_HALT, "");
}

/* SPDX-License-Identifier: MIT */
/*
 * Telling zoneadmd that init has ended: the upcall that illumos' kernel makes
 * from its kernel thread. It says HALT or REBOOT with the zone's uniqid and
 * init's wait status, and is repeated every second until a zoneadmd has
 * answered, whoever it is by then: zoneadmd may be dead, and may be killed
 * while it works on it.
 *
 * The event loop never blocks here: the call is made in two halves.
 */
#include "linux/clock.h"
#include "zone/zoneadmd-door.h"
#include "zsched/zsched.h"

#include <signal.h>
#include <sys/wait.h>

#define RETRY_MS 1000

static struct zone_cmd_arg arg;
static bool pending;
static int call = FD_NONE; /* the call that is under way */
static int64_t next_try;   /* monotonic milliseconds */

static void upcall_try(const struct zsched *z)
{
	door_arg_t door = {.data_ptr = (char *)&arg, .data_size = sizeof(arg)};
	_cleanup_close_ int fd = FD_NONE;
	char path[512];

	next_try = clock_now_ms() + RETRY_MS;
	if (instance_path(path, sizeof(path), ZONEADMD_DOOR_FMT, z->name) < 0)
		return;
	fd = door_open(path);
	if (fd < 0)
		return;
	call = door_call_begin(fd, &door);
	if (call < 0)
		call = FD_NONE;
}

void upcall_start(struct zsched *z, int wait_status, enum zsched_next next, const char *bootargs)
{
	memset(&arg, 0, sizeof(arg));
	arg.uniqid = z->uniqid;
	arg.status = wait_status;
	arg.cmd = next == ZSCHED_NEXT_REBOOT ? Z_REBOOT : Z_HALT;
	(void)str_copy(arg.bootbuf, sizeof(arg.bootbuf), bootargs);
	(void)str_copy(arg.locale, sizeof(arg.locale), "C");
	pending = true;
	/*
	 * Killed from outside: that is zoned halting the zone, nearly always. Give it
	 * the time to finish, and tell only if nobody came.
	 */
	if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL)
		next_try = clock_now_ms() + RETRY_MS;
	else
		upcall_try(z);
}

int upcall_fd(void)
{
	return call;
}

int upcall_timeout(void)
{
	int64_t left;

	if (!pending || call >= 0)
		return -1;
	left = next_try - clock_now_ms();
	return left < 0 ? 0 : (int)left;
}

void upcall_continue(struct zsched *z)
{
	char result[sizeof(struct zone_cmd_rval)];
	door_arg_t door = {.rbuf = result, .rsize = sizeof(result)};

	if (!pending)
		return;
	if (call < 0) {
		if (clock_now_ms() >= next_try)
			upcall_try(z);
		return;
	}
	/* An answer ends it. A server that died during the call does not: try the next one. */
	if (door_call_finish(TAKE_FD(call), &door) == 0)
		pending = false;
	else
		next_try = clock_now_ms() + RETRY_MS;
}

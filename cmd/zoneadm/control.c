/* SPDX-License-Identifier: MIT */
/*
 * The client of zoneadmd's door; see control.h.
 *
 * A daemon that has nothing left to do ends. A client may therefore find no
 * door, a dead one, a door that dies under the call (EBADF), or a reply of no
 * bytes ("I am going, ask again"): each time it starts a daemon and asks again,
 * for a bounded time. One that is going has its name for a little longer.
 */
#include "zoneadm/control.h"

#include <door_linux.h>
#include <locale.h>
#include <sys/mman.h>

#include "linux/clock.h"
#include "zone/zoneadmd-calls.h"
#include "zoneadm/command.h"
#include "zoneadm/lock.h"

#define CONTROL_MS   10000
#define CONTROL_STEP 5 /* ms between two tries */

/* The daemon must not believe for the rest of its life that the lock is held. */
static int start_without_lock(const char *zone)
{
	_cleanup_free_ char *held = NULL;
	const char *value = getenv(LOCK_ENVIRONMENT);
	int r;

	if (value && !(held = strdup(value)))
		return -ENOMEM;
	(void)unsetenv(LOCK_ENVIRONMENT);
	r = zoneadmd_start(zone);
	if (held && setenv(LOCK_ENVIRONMENT, held, 1) < 0 && r == 0)
		r = -errno;
	return r;
}

static int start_daemon(const char *zone)
{
	int r = start_without_lock(zone);

	if (r == 0)
		return 0;
	if (r == -ECHILD)
		(void)complain(zone, "zoneadmd did not start");
	else
		(void)complain(zone, "cannot start zoneadmd: %s", strerror(-r));
	return -ECANCELED;
}

/* A door of the daemon, which is started when needed. -ECANCELED after a message, or another negative errno. */
static int open_or_start(const char *zone)
{
	_cleanup_lock_ int lock = FD_NONE;
	int fd = zoneadmd_open(zone);
	int r;

	if (fd != -ENOENT)
		return fd;
	r = lock_take(zone, &lock);
	if (r < 0)
		return r;
	/* Another zoneadm may have started it while we waited. */
	fd = zoneadmd_open(zone);
	if (fd != -ENOENT)
		return fd;
	r = start_daemon(zone);
	return r < 0 ? r : zoneadmd_open(zone);
}

/* 0 and *rval filled; -EAGAIN: the daemon is going away, ask again; another negative errno. */
static int call_once(int fd, const struct zone_cmd_arg *arg, struct zone_cmd_rval *rval)
{
	door_arg_t da = {
		.data_ptr = (char *)(uintptr_t)arg,
		.data_size = sizeof(*arg),
		.rbuf = (char *)rval,
		.rsize = sizeof(*rval),
	};
	size_t size;

	if (door_call(fd, &da) < 0)
		return errno == EBADF ? -EAGAIN : -errno;
	size = da.data_size;
	/* A result that does not fit comes in memory of its own; ours always fits. */
	if (da.rbuf != (char *)rval)
		(void)munmap(da.rbuf, da.rsize);
	if (size == 0)
		return -EAGAIN;
	if (da.rbuf != (char *)rval || size != sizeof(*rval))
		return -EBADMSG;
	return str_terminated(rval->errbuf, sizeof(rval->errbuf)) ? 0 : -EBADMSG;
}

static int fill_argument(
	struct zone_cmd_arg *arg, enum zoneadmd_cmd cmd, const char *bootargs, bool debug)
{
	const char *locale = setlocale(LC_MESSAGES, NULL);

	*arg = (struct zone_cmd_arg){.cmd = cmd, .debug = debug};
	/* A locale with a name that long is none of libc's. */
	if (str_copy(arg->locale, sizeof(arg->locale), locale ? locale : "C") < 0)
		(void)str_copy(arg->locale, sizeof(arg->locale), "C");
	return bootargs ? str_copy(arg->bootbuf, sizeof(arg->bootbuf), bootargs) : 0;
}

static int call_failed(const char *zone, int err)
{
	if (err == -ECANCELED)
		return EXIT_ERR;
	if (err == -EINTR)
		return complain(zone, "zoneadmd died while it worked on the request; the state of "
				      "the zone is shown by 'zoneadm list -v', and the request "
				      "can be made again");
	return complain(zone, "cannot call zoneadmd: %s", strerror(-err));
}

/* EXIT_OK and rval filled, or EXIT_ERR after a message. */
static int call(const char *zone, enum zoneadmd_cmd cmd, const char *bootargs, bool debug,
	struct zone_cmd_rval *rval)
{
	static struct zone_cmd_arg arg;
	const int64_t end = clock_now_ms() + CONTROL_MS;
	int r = fill_argument(&arg, cmd, bootargs, debug);

	if (r < 0)
		return complain(zone, "boot argument list too long");
	for (;;) {
		_cleanup_close_ int fd = open_or_start(zone);

		r = fd < 0 ? fd : call_once(fd, &arg, rval);
		if ((r != -EAGAIN && r != -ENOENT) || clock_now_ms() >= end)
			break;
		(void)usleep(CONTROL_STEP * 1000);
	}
	return r < 0 ? call_failed(zone, r) : EXIT_OK;
}

int control_call(const char *zone, enum zoneadmd_cmd cmd, const char *bootargs)
{
	return control_call_debug(zone, cmd, bootargs, false);
}

int control_call_debug(const char *zone, enum zoneadmd_cmd cmd, const char *bootargs, bool debug)
{
	static struct zone_cmd_rval rval;
	int r = call(zone, cmd, bootargs, debug, &rval);

	if (r)
		return r;
	complain_lines(zone, rval.errbuf);
	return rval.rval == 0 ? EXIT_OK : EXIT_ERR;
}

int control_show(const char *zone, enum zoneadmd_cmd cmd)
{
	static struct zone_cmd_rval rval;
	int r = call(zone, cmd, NULL, false, &rval);

	if (r)
		return r;
	if (rval.rval == 0)
		return fputs(rval.errbuf, stdout) == EOF || fflush(stdout) == EOF
			       ? complain(zone, "cannot write: %s", strerror(errno))
			       : EXIT_OK;
	complain_lines(zone, rval.errbuf);
	return EXIT_ERR;
}

int control_notify(const char *zone, enum zoneadmd_cmd cmd)
{
	static struct zone_cmd_rval rval;
	static struct zone_cmd_arg arg;
	_cleanup_close_ int fd = zoneadmd_open(zone);
	int r;

	if (fd == -ENOENT)
		return EXIT_OK;
	r = fd < 0 ? fd : fill_argument(&arg, cmd, NULL, false);
	if (r == 0)
		r = call_once(fd, &arg, &rval);
	/* It was on its way out, or it ended instead of answering: that is what was asked. */
	if (r == -EAGAIN || r == -EINTR)
		return EXIT_OK;
	if (r < 0)
		return call_failed(zone, r);
	complain_lines(zone, rval.errbuf);
	return rval.rval == 0 ? EXIT_OK : EXIT_ERR;
}

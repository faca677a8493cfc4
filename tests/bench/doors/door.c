/* SPDX-License-Identifier: MIT */
/*
 * The door: plain, with the credentials of the caller asked for in each call, and with
 * its privileges as well. The library makes the threads.
 */
#include "bench.h"

#include <door.h>
#include <door_linux.h>
#include <stdio.h>
#include <unistd.h>

static int handle;

static void path_of_door(char buf[96])
{
	(void)snprintf(buf, 96, "%s/door", bench.folder);
}

static void prepare(void)
{
}

static void serve_with(door_server_procedure_t *proc)
{
	char path[96];
	int fd = door_create(proc, NULL, 0);

	path_of_door(path);
	if (fd < 0 || door_attach(fd, path, 0600) < 0)
		die("door");
}

static _Noreturn void reply(const char *arg)
{
	char buf[REPLY_SIZE];

	answer(arg, buf);
	(void)door_return(buf, reply_size(), NULL, 0);
	die("door_return");
}

static void proc_plain(void *cookie, char *arg, size_t size, door_desc_t *desc, uint_t n)
{
	reply(arg);
}

/* Keeps the compiler from leaving a question out. */
static volatile long asked;

static void proc_ucred(void *cookie, char *arg, size_t size, door_desc_t *desc, uint_t n)
{
	static _Thread_local ucred_t *uc;

	if (door_ucred(&uc) < 0)
		die("door_ucred");
	asked = (long)ucred_geteuid(uc) + (long)ucred_getegid(uc) + ucred_getzoneid(uc);
	reply(arg);
}

static void proc_privs(void *cookie, char *arg, size_t size, door_desc_t *desc, uint_t n)
{
	static _Thread_local ucred_t *uc;
	const priv_set_t *set;

	if (door_ucred(&uc) < 0)
		die("door_ucred");
	set = ucred_getprivset(uc, PRIV_EFFECTIVE);
	if (!set)
		die("ucred_getprivset");
	asked = (long)ucred_geteuid(uc) + (long)ucred_getegid(uc) + ucred_getzoneid(uc) +
		(long)set->ps_caps;
	reply(arg);
}

static void serve_plain(void)
{
	serve_with(proc_plain);
}

static void serve_ucred(void)
{
	serve_with(proc_ucred);
}

static void serve_privs(void)
{
	serve_with(proc_privs);
}

static void open_door(unsigned int client)
{
	char path[96];

	path_of_door(path);
	handle = door_open(path);
	if (handle < 0)
		die("door_open");
}

static void call(const char *arg, char *result)
{
	door_arg_t d = {
		.data_ptr = bench.size ? (char *)arg : NULL,
		.data_size = bench.size,
		.rbuf = result,
		.rsize = REPLY_SIZE,
	};

	if (door_call(handle, &d) < 0)
		die("door_call");
	if (d.data_size != reply_size() || d.rbuf != result)
		die("result of the door");
}

static void remove_name(void)
{
	char path[96];

	path_of_door(path);
	(void)unlink(path);
}

const struct transport transport_door = {
	"door", prepare, serve_plain, open_door, call, remove_name};
const struct transport transport_door_ucred = {
	"door-ucred", prepare, serve_ucred, open_door, call, remove_name};
const struct transport transport_door_privs = {
	"door-ucred-privs", prepare, serve_privs, open_door, call, remove_name};

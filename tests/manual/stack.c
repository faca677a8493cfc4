/* SPDX-License-Identifier: MIT */
/*
 * door_return() does not come back, so nothing of the procedure is freed before its result is
 * sent: it may lie on the stack, from alloca(), or be the argument itself. Arguments stay until then,
 * whatever else the thread does.
 */
#include "check.h"

#include <alloca.h>

static int own;

static void large(size_t n)
{
	char *p = alloca(n); /* cppcheck-suppress allocaCalled */

	memset(p, 'a', n);
	door_return(p, n, NULL, 0);
}

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	char rbuf[64];

	if (argp[0] == 'l') {
		large(40000);
	} else if (argp[0] == 'n') {
		/* a call in between does not touch the argument */
		ask(own, "echo", rbuf, sizeof(rbuf));
		CHECK(strcmp(argp, "nested") == 0 && strcmp(rbuf, "echo") == 0);
	}
	door_return(argp, arg_size, NULL, 0);
}

int main(int argc, char **argv)
{
	static char rbuf[40000];
	door_arg_t arg = {"l", 2, NULL, 0, rbuf, sizeof(rbuf)};
	int i;

	own = door_create(server, NULL, 0);
	CHECK(own >= 0);
	for (i = 0; i < 500; i++) { /* a stack that grew with each call would end here */
		arg = (door_arg_t){"l", 2, NULL, 0, rbuf, sizeof(rbuf)};
		CHECK(door_call(own, &arg) == 0);
		CHECK(arg.data_size == sizeof(rbuf) && rbuf[0] == 'a' && rbuf[39999] == 'a');
	}
	ask(own, "nested", rbuf, sizeof(rbuf));
	CHECK(strcmp(rbuf, "nested") == 0);
	return done();
}

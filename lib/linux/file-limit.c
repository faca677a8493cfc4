/* SPDX-License-Identifier: MIT */
/*
 * The soft limit of open descriptors; see file-limit.h. A server of doors gives a
 * share of it to its clients, so that a low one is soon used up by one of them; and who passes
 * descriptors may not when its user has more than that in sockets, whichever process put
 * them there. Programs that use select(2) rely on the low one, so it is not passed on.
 */
#include "linux/file-limit.h"

#include <sys/resource.h>

#define USUAL 1024

static void set_soft(rlim_t wish)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return;
	l.rlim_cur = wish < l.rlim_max ? wish : l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

void file_limit_raise(void)
{
	set_soft(RLIM_INFINITY);
}

void file_limit_usual(void)
{
	set_soft(USUAL);
}

/* SPDX-License-Identifier: MIT */
/*
 * attack FILE PID SOCKET: runs in a zone and tries to get out of it, or to reach past it.
 *
 * FILE, PID and SOCKET are of the host (struct outside). Each attempt is made by a child of its own
 * and has a line: "refused NAME: ERRNO", "ESCAPED
 * NAME". Exit status 0 when nothing escaped; 2 for usage. Static, so that it needs nothing of a zone.
 */
#include "attack.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define LIMIT 20 /* seconds for one attempt */

struct outside outside;

static const struct {
	const char *group;
	const struct attempt *attempts;
} groups[] = {
	{"kernel", attempts_kernel},
	{"files", attempts_files},
	{"mounts", attempts_mounts},
	{"processes", attempts_processes},
	{"network", attempts_network},
	{"doors", attempts_doors},
};

/* The child tells the result through a pipe: its exit status has no room for an errno. */
static int run(const struct attempt *a)
{
	int pipes[2], r = -EIO;
	pid_t pid;

	if (pipe(pipes) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		(void)alarm(LIMIT);
		r = a->fn();
		_exit(write(pipes[1], &r, sizeof(r)) != sizeof(r));
	}
	(void)close(pipes[1]);
	if (read(pipes[0], &r, sizeof(r)) != sizeof(r))
		r = -ECANCELED; /* killed: that is a refusal as well */
	(void)close(pipes[0]);
	(void)waitpid(pid, NULL, 0);
	return r;
}

int main(int argc, char **argv)
{
	unsigned int escaped = 0, count = 0;
	const struct attempt *a;
	size_t i;

	if (argc != 4) {
		(void)fputs("usage: attack FILE PID SOCKET\n", stderr);
		return 2;
	}
	outside = (struct outside){argv[1], (pid_t)atoi(argv[2]), argv[3]};
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		for (a = groups[i].attempts; a->name; a++) {
			int r = run(a);

			count++;
			if (r >= 0) {
				escaped++;
				(void)printf("ESCAPED %s/%s\n", groups[i].group, a->name);
			} else {
				(void)printf("refused %s/%s: %s\n", groups[i].group, a->name,
					strerrorname_np(-r));
			}
			(void)fflush(stdout);
		}
	}
	(void)printf("%u attempts, %u escaped\n", count, escaped);
	return escaped != 0;
}

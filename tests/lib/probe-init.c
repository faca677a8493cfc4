/* SPDX-License-Identifier: MIT */
/*
 * probe-init: init of a zone in tests that need no userland. Static.
 *
 *	probe-init [children N] [exit STATUS]
 *
 * Makes N children that ignore SIGTERM, then waits for ever (reaping), or exits.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(void)
{
	(void)signal(SIGTERM, SIG_IGN);
	for (;;)
		(void)pause();
}

int main(int argc, char **argv)
{
	int i, n;

	for (i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "exit") == 0)
			return atoi(argv[i + 1]);
		if (strcmp(argv[i], "children") == 0)
			for (n = atoi(argv[i + 1]); n > 0; n--)
				if (fork() == 0)
					child();
	}
	for (;;)
		if (waitpid(-1, NULL, 0) < 0)
			(void)pause();
}

/* SPDX-License-Identifier: MIT */
/* A program that uses <zone.h> as the manual says: which zones there are, and a child in one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zone.h>

static int show(zoneid_t id, void *arg)
{
	char name[ZONENAME_MAX];

	if (getzonenamebyid(id, name, sizeof(name)) < 0)
		return 0; /* gone meanwhile */
	printf("%s %s\n", (const char *)arg, name);
	return 0;
}

static int inside(void *arg)
{
	char name[64];
	zoneid_t id;

	if (gethostname(name, sizeof(name)) < 0)
		return 1;
	id = getzoneid();
	printf("in %s as %d, %s\n", name, (int)getuid(),
		id == *(zoneid_t *)arg ? "the same zone" : strerror(errno));
	return fflush(stdout) == 0 ? 7 : 1;
}

int main(int argc, char **argv)
{
	int status = 0;
	zoneid_t id;
	pid_t pid;

	if (argc != 2 || zone_walk(show, "there is") < 0)
		return 2;
	(void)fflush(stdout);
	id = getzoneidbyname(argv[1]);
	pid = id < 0 ? -1 : zone_enter(id, inside, &id);
	if (pid < 0) {
		printf("%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 2;
	printf("it ended with %d\n", WEXITSTATUS(status));
	return 0;
}

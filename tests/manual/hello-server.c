/* SPDX-License-Identifier: MIT */
/*
 * A server as one writes it from the illumos manual: nothing in here is of Linux. Its
 * procedure answers with what each call of the manual tells it.
 */
#include <door.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stropts.h>
#include <sys/stat.h>
#include <ucred.h>
#include <unistd.h>

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	char reply[128];
	ucred_t *uc = NULL;
	door_info_t info;
	door_cred_t cred;
	int fd, i;

	if (argp == DOOR_UNREF_DATA) {
		printf("unreferenced\n");
		fflush(stdout);
		door_return(NULL, 0, NULL, 0);
	}
	if (arg_size == 0 || argp[arg_size - 1] != '\0')
		door_return(NULL, 0, NULL, 0);
	if (strcmp(argp, "who") == 0) {
		if (door_ucred(&uc) < 0 || door_cred(&cred) < 0)
			door_return(NULL, 0, NULL, 0);
		snprintf(reply, sizeof(reply), "%ld %ld %ld %d", (long)ucred_getpid(uc),
			(long)ucred_geteuid(uc), (long)cred.dc_pid, (int)ucred_getzoneid(uc));
		ucred_free(uc);
	} else if (strcmp(argp, "info") == 0) {
		if (door_info(DOOR_QUERY, &info) < 0)
			door_return(NULL, 0, NULL, 0);
		snprintf(reply, sizeof(reply), "%s", info.di_data ? "cookie" : "none");
	} else if (strcmp(argp, "read") == 0 && n_desc == 1) {
		fd = dp[0].d_data.d_desc.d_descriptor;
		i = read(fd, reply, sizeof(reply) - 1);
		reply[i < 0 ? 0 : i] = '\0';
		close(fd);
	} else if (strcmp(argp, "large") == 0) {
		/* as the manual says: what is on this stack lives until door_return() */
		char *large = alloca(50000); /* cppcheck-suppress allocaCalled */

		memset(large, 'L', 50000);
		door_return(large, 50000, NULL, 0);
	} else if (strcmp(argp, "open") == 0) {
		door_desc_t desc;

		memset(&desc, 0, sizeof(desc));
		desc.d_data.d_desc.d_descriptor = open("/dev/null", O_RDWR);
		desc.d_attributes = DOOR_DESCRIPTOR | DOOR_RELEASE;
		door_return(NULL, 0, &desc, 1);
	} else {
		snprintf(reply, sizeof(reply), "hello %s", argp);
	}
	door_return(reply, strlen(reply) + 1, NULL, 0);
}

int main(int argc, char **argv)
{
	static int cookie;
	int fd, did;

	did = door_create(server, &cookie, DOOR_UNREF);
	if (did < 0) {
		perror("door_create");
		return 1;
	}
	fd = open(argv[1], O_CREAT | O_RDWR, 0644);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	close(fd);
	fdetach(argv[1]);
	if (fattach(did, argv[1]) < 0) {
		perror("fattach");
		return 1;
	}
	printf("serving\n");
	fflush(stdout);
	for (;;)
		pause();
}

/* SPDX-License-Identifier: MIT */
/* Starting zone-image; see image-run.h. */
#include "zoneadm/image-run.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "linux/instance.h"
#include "linux/interrupt.h"
#include "zoneadm/command.h"

#define WORDS_MAX 6

static int spawn(pid_t *ret_pid, char *const *argv, const int *fds, size_t n_fds)
{
	posix_spawn_file_actions_t actions;
	char path[4096];
	size_t i;
	int r = instance_program(path, sizeof(path), "zone-image");

	if (r < 0)
		return r;
	r = posix_spawn_file_actions_init(&actions);
	if (r)
		return -r;
	/* Onto themselves: they stay open. No number of our choice could meet another of them. */
	for (i = 0; i < n_fds && !r; i++)
		r = posix_spawn_file_actions_adddup2(&actions, fds[i], fds[i]);
	if (!r)
		r = posix_spawn(ret_pid, path, &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* A signal to us alone is passed on. */
static int wait_end(pid_t pid)
{
	bool told = false;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (interrupted() && !told) {
			(void)kill(pid, SIGTERM);
			told = true;
		}
		(void)usleep(20000);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_OK : EXIT_ERR;
}

int image_run(const char *zone, const char *verb, const char *const *words, size_t n_words,
	const int *fds)
{
	char numbers[IMAGE_FDS][16];
	char *argv[WORDS_MAX + 4] = {(char *)"zone-image", (char *)verb, (char *)zone};
	size_t i, n = 0;
	pid_t pid;
	int r;

	for (i = 0; i < n_words && i < WORDS_MAX; i++) {
		argv[3 + i] = (char *)words[i];
		if (words[i] || n == IMAGE_FDS)
			continue;
		(void)snprintf(numbers[n], sizeof(numbers[n]), "%d", fds[n]);
		argv[3 + i] = numbers[n++];
	}
	r = spawn(&pid, argv, fds, n);
	if (r < 0)
		return complain(zone, "cannot run zone-image: %s", strerror(-r));
	return wait_end(pid);
}

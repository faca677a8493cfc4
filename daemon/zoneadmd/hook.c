/* SPDX-License-Identifier: MIT */
/* Brand hooks; see hook.h. The words are the shell's arguments, so that nothing in them is read as code. */
#include "zoneadmd/hook.h"

#include "linux/instance.h"
#include "zoneadmd/run.h"

#define WORDS_MAX 4

int hook_run(struct platform *p, const char *command, const char *const *words)
{
	char *argv[4 + WORDS_MAX + 1] = {(char *)"/bin/sh", (char *)"-c", NULL, (char *)"sh"};
	_cleanup_(zone_environ_freep) char **envp = NULL;
	_cleanup_free_ char *line = NULL;
	size_t i;
	int r;

	if (!p->have_snap || !command[0])
		return 0;
	for (i = 0; words && words[i] && i < WORDS_MAX; i++)
		argv[4 + i] = (char *)(uintptr_t)words[i];
	if (asprintf(&line, "%s%s", command, i ? " \"$@\"" : "") < 0) {
		line = NULL;
		return -ENOMEM;
	}
	argv[2] = line;
	r = zone_snapshot_environ(&p->snap, p->debug, &envp);
	if (r == 0)
		r = run_program_with(argv, envp, p->report);
	return r > 0 ? -ECANCELED : r;
}

int hook_run_change(struct platform *p, const char *command, int state, int cmd)
{
	const char *root = instance_root();
	char numbers[2][12];
	const char *words[] = {numbers[0], numbers[1], root[0] ? root : NULL, NULL};

	(void)snprintf(numbers[0], sizeof(numbers[0]), "%d", state);
	(void)snprintf(numbers[1], sizeof(numbers[1]), "%d", cmd);
	return hook_run(p, command, words);
}

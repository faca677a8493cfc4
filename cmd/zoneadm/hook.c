/* SPDX-License-Identifier: MIT */
/* Runs brand hooks by /bin/sh -c; see hook.h. */
#include "zoneadm/hook.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "linux/instance.h"
#include "zoneadm/command.h"

/* Appends one argument, quoted for the shell. */
static int append_quoted(FILE *f, const char *arg)
{
	if (fputs(" '", f) < 0)
		return -ENOMEM;
	for (; *arg; arg++)
		if ((*arg == '\'' ? fputs("'\\''", f) : fputc(*arg, f)) < 0)
			return -ENOMEM;
	return fputc('\'', f) < 0 ? -ENOMEM : 0;
}

static int with_arguments(const char *command, int argc, char *const *argv, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int i, r = 0;

	if (!f)
		return -ENOMEM;
	if (fputs(command, f) < 0)
		r = -ENOMEM;
	for (i = 0; i < argc && r == 0; i++)
		r = append_quoted(f, argv[i]);
	if (fclose(f) != 0)
		r = -ENOMEM;
	if (r == 0)
		*ret = TAKE_PTR(text);
	return r;
}

/* mask: what the hook has blocked; defaults: what zoneadm alone ignores. */
static int spawn_shell(
	pid_t *ret_pid, char *command, const sigset_t *mask, const sigset_t *defaults)
{
	char *argv[] = {(char *)"sh", (char *)"-c", command, NULL};
	posix_spawnattr_t attr;
	int r = posix_spawnattr_init(&attr);

	if (r)
		return -r;
	r = posix_spawnattr_setsigdefault(&attr, defaults);
	if (!r)
		r = posix_spawnattr_setsigmask(&attr, mask);
	if (!r)
		r = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	if (!r)
		r = posix_spawn(ret_pid, "/bin/sh", NULL, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
	return -r;
}

/* The exit code; HOOK_FATAL with a message when it has none. */
static int wait_shell(pid_t pid, const char *zone, const char *what)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno == EINTR)
			continue;
		(void)complain(zone, "lost the brand's %s hook: %s", what, strerror(errno));
		return HOOK_FATAL;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	(void)complain(zone, "the brand's %s hook was ended by signal %d (%s)", what,
		WTERMSIG(status), strsignal(WTERMSIG(status)));
	return HOOK_FATAL;
}

/* The hook that runs. What ends zoneadm is for the hook, which cleans up; zoneadm follows it. */
static volatile pid_t running;

static void pass_on(int sig)
{
	(void)kill(running, sig);
}

static int run_command(char *command, const char *zone, const char *what)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, pass = {.sa_handler = pass_on};
	struct sigaction old_int, old_quit, old_term;
	sigset_t term, old_mask, defaults;
	pid_t pid = 0;
	int r;

	(void)sigaction(SIGINT, &ignore, &old_int);
	(void)sigaction(SIGQUIT, &ignore, &old_quit);
	/* What our caller ignores the hook ignores too. */
	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGXFSZ);
	if (!command_outlives_line())
		(void)sigaddset(&defaults, SIGHUP);
	if (old_int.sa_handler != SIG_IGN)
		(void)sigaddset(&defaults, SIGINT);
	if (old_quit.sa_handler != SIG_IGN)
		(void)sigaddset(&defaults, SIGQUIT);
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, &old_mask);
	r = spawn_shell(&pid, command, &old_mask, &defaults);
	running = pid;
	(void)sigaction(SIGTERM, r < 0 ? NULL : &pass, &old_term);
	(void)sigprocmask(SIG_SETMASK, &old_mask, NULL);
	if (r < 0) {
		(void)complain(zone, "cannot run the brand's %s hook: %s", what, strerror(-r));
		r = HOOK_FATAL;
	} else {
		r = wait_shell(pid, zone, what);
	}
	(void)sigaction(SIGINT, &old_int, NULL);
	(void)sigaction(SIGQUIT, &old_quit, NULL);
	(void)sigaction(SIGTERM, &old_term, NULL);
	return r;
}

int hook_run(const struct brand *brand, enum brand_hook hook, const struct zone_index_entry *e,
	int argc, char *const *argv)
{
	_cleanup_free_ char *command = NULL, *full = NULL;
	const char *what = brand_hook_name(hook);
	char zonepath[4096];
	int r = instance_path(zonepath, sizeof(zonepath), "%s", e->zonepath);

	if (r == 0)
		r = brand_command(brand, hook, e->name, zonepath, NULL, &command);
	if (r == 0 && !command)
		return HOOK_NONE;
	if (r == 0)
		r = with_arguments(command, argc, argv, &full);
	if (r) {
		(void)complain(e->name, "brand '%s': its %s hook cannot be used: %s", brand->name,
			what, zonecfg_strerror(r));
		return HOOK_FATAL;
	}
	return run_command(full, e->name, what);
}

int hook_check_options(const struct request *req, const struct brand *brand,
	const enum brand_hook *hooks, int first)
{
	if (req->argc <= first)
		return EXIT_OK;
	for (; *hooks != BRAND_HOOK_COUNT; hooks++)
		if (brand->hooks[*hooks])
			return EXIT_OK;
	(void)complain(req->zone, "brand '%s' takes no %s option '%s'", brand->name, req->sub->name,
		req->argv[first]);
	return usage_of(req);
}

int hook_brand(const struct zone_index_entry *e, struct brand **ret_brand)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	struct diag d = {0};
	int r = zonecfg_load(e->name, &cfg, &d);

	if (!r)
		r = cfg->brand ? brand_open(cfg->brand, ret_brand, &d) : Z_BRAND_ERROR;
	return r ? complain(e->name, "%s", d.text[0] ? d.text : zonecfg_strerror(r)) : EXIT_OK;
}

int hook_passes(const struct brand *brand, enum brand_hook hook, const struct zone_index_entry *e,
	int argc, char *const *argv)
{
	int r = hook_run(brand, hook, e, argc, argv);

	if (r == HOOK_NONE || r == 0)
		return EXIT_OK;
	return complain(e->name, "the brand's %s hook failed", brand_hook_name(hook));
}

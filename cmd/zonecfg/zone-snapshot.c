/* SPDX-License-Identifier: MIT */
/*
 * zone-snapshot NAME FILE: reads the configuration of a zone and its brand,
 * verifies them, and writes the flat form (zonecfg/snapshot.h) to FILE. zoneadmd starts it when
 * a zone is readied, so that the daemon itself never loads an XML library; what
 * is wrong goes to stderr, which zoneadmd passes to its client. A brand with a query hook is asked
 * here for the datasets that it gives the zone.
 */
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "brand/brand.h"
#include "linux/instance.h"
#include "zonecfg/list.h"

/* Runs a command with a shell; what it prints can be read from the stream. NULL: errno. */
static FILE *shell_read(char *command, char **envp, pid_t *ret_pid)
{
	char *argv[] = {(char *)"sh", (char *)"-c", command, NULL};
	_cleanup_close_ int in = FD_NONE, out = FD_NONE;
	posix_spawn_file_actions_t files;
	int ends[2], r;
	FILE *f;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	in = ends[0];
	out = ends[1];
	r = posix_spawn_file_actions_init(&files);
	if (!r) {
		r = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
		if (!r)
			r = posix_spawn(ret_pid, "/bin/sh", &files, NULL, argv, envp);
		(void)posix_spawn_file_actions_destroy(&files);
	}
	errno = r;
	f = r ? NULL : fdopen(in, "r");
	if (f)
		(void)TAKE_FD(in);
	return f;
}

/* zoneadmd and zoneadm say which zone it is about. */
static void print_problem(void *arg, int code, const char *text)
{
	(void)arg;
	(void)fprintf(stderr, "%s%s\n", code ? "" : "WARNING: ", text);
}

/* The warnings have been said already. */
static void print_error(void *arg, int code, const char *text)
{
	if (code)
		print_problem(arg, code, text);
}

/* A dataset that the brand gives the zone, besides those of the configuration. */
static int add_dataset(struct zonecfg *cfg, const char *name)
{
	int r = list_grow(&cfg->datasets, &cfg->n_datasets, sizeof(*cfg->datasets));

	return r ? r : zonecfg_set_string(&cfg->datasets[cfg->n_datasets - 1].name, name);
}

/* Runs "COMMAND datasets": a name on each line. */
static int read_datasets(struct zonecfg *cfg, char *command, char **envp, struct diag *d)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_fclose_ FILE *in = NULL;
	int status = 0, r = Z_OK;
	size_t room = 0;
	ssize_t n;
	pid_t pid;

	in = shell_read(command, envp, &pid);
	if (!in)
		return diag_errno(d, -errno, "cannot run the brand's query hook");
	while (!r && (n = getline(&line, &room, in)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (*line)
			r = add_dataset(cfg, line);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!r && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		r = diag_set(d, Z_BRAND_ERROR, "the brand's query hook failed");
	return r;
}

/* What the brand has an opinion of only when it is asked. */
static int ask_brand(
	struct zonecfg *cfg, const struct brand *brand, const char *uuid, struct diag *d)
{
	bool debug = streq(getenv(ZONE_ENV_DEBUG) ? getenv(ZONE_ENV_DEBUG) : "", "1");
	_cleanup_(zone_environ_freep) char **envp = NULL;
	_cleanup_free_ char *line = NULL;
	struct brand_snapshot bs;
	int r;

	if (!brand->hooks[BRAND_QUERY])
		return Z_OK;
	r = brand_snapshot_init(&bs, cfg, brand, uuid, d);
	if (r)
		return r;
	r = zone_snapshot_environ(&bs.s, debug, &envp);
	if (!r && asprintf(&line, "%s datasets", bs.s.query) < 0) {
		line = NULL;
		r = -ENOMEM;
	}
	brand_snapshot_fini(&bs);
	if (!r)
		r = read_datasets(cfg, line, envp, d);
	return r ? r : brand_verify(cfg, print_error, NULL, NULL);
}

/*
 * A zone from before there were debugids has none, and one whose files were copied by hand has another
 * zone's. The zone boots in any case.
 */
static void repair_did(struct zonecfg *cfg, const struct zone_index_entry *entry)
{
	_cleanup_free_ char *before = cfg->debugid ? strdup(cfg->debugid) : NULL;
	struct diag d = {0};
	uint32_t did = 0;
	int r = zonecfg_settle_did(cfg, entry->name, &did);

	if (r == Z_OK && did == entry->did && before && streq(before, cfg->debugid))
		return;
	r = zonecfg_repair_did(cfg, &did, &d);
	if (r)
		(void)fprintf(stderr, "WARNING: its debugid cannot be saved: %s\n", d.text);
	else if (before && !streq(before, cfg->debugid))
		(void)fprintf(stderr, "debugid %s is another zone's: it is %u now\n", before, did);
}

static int snapshot(const char *name, const char *file, struct diag *d)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	_cleanup_(brand_freep) struct brand *brand = NULL;
	struct zone_index_entry entry;
	struct brand_snapshot bs;
	int r;

	r = zonecfg_load(name, &cfg, d);
	if (r)
		return r;
	r = brand_verify(cfg, print_problem, NULL, &brand);
	if (r)
		return r;
	r = zone_index_find(name, &entry);
	if (r)
		return diag_set(d, r, "no line in the index: %s", zonecfg_strerror(r));
	if (!streq(entry.zonepath, cfg->zonepath))
		return diag_set(d, Z_INVALID_DOCUMENT,
			"zonepath is %s in the configuration but %s in the index", cfg->zonepath,
			entry.zonepath);
	repair_did(cfg, &entry);
	r = ask_brand(cfg, brand, entry.uuid, d);
	if (!r)
		r = zonecfg_verify_datasets(cfg, print_problem, NULL);
	if (!r)
		r = brand_snapshot_init(&bs, cfg, brand, entry.uuid, d);
	if (r)
		return r;
	r = zone_snapshot_write(file, &bs.s, d);
	brand_snapshot_fini(&bs);
	return r;
}

int main(int argc, char *argv[])
{
	struct diag d = {0};
	int r;

	if (argc != 3 || argv[2][0] != '/') {
		(void)fputs("usage: zone-snapshot NAME /FILE\n", stderr);
		return 2;
	}
	r = instance_init(NULL);
	if (r < 0) {
		(void)fprintf(stderr, "ZONES_ROOT: %s\n", strerror(-r));
		return 1;
	}
	if (snapshot(argv[1], argv[2], &d) == Z_OK)
		return 0;
	if (d.text[0])
		(void)fprintf(stderr, "%s\n", d.text);
	return 1;
}

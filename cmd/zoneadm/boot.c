/* SPDX-License-Identifier: MIT */
/*
 * mount, unmount, ready, boot, halt, shutdown, reboot and apply. The daemon holds the table of what is possible
 * in which state; here stands only what needs no daemon: a zone that is not
 * installed, a zonepath that is not safe, and, before a reboot, the
 * configuration as a whole.
 */
#include "zoneadm/boot.h"

#include <spawn.h>
#include <sys/wait.h>

#include "linux/instance.h"
#include "linux/messages.h"
#include "zoneadm/control.h"
#include "zoneadm/state.h"
#include "zoneadm/zonepath.h"

int bootargs_join(int n, char *const *argv, char ret_args[BOOTARGS_MAX])
{
	size_t used = 0;
	int i;

	ret_args[0] = '\0';
	for (i = 0; i < n; i++) {
		int m = snprintf(
			ret_args + used, BOOTARGS_MAX - used, "%s%s", i ? " " : "", argv[i]);

		if (m < 0 || (size_t)m >= BOOTARGS_MAX - used)
			return -E2BIG;
		used += (size_t)m;
	}
	return 0;
}

/* What follows the options up to argv[first]: nothing, or "--" and boot arguments. EXIT_OK or EXIT_*. */
static int parse_bootargs(struct request *req, int first, char ret_args[BOOTARGS_MAX])
{
	if (first < req->argc) {
		if (!streq(req->argv[first], "--")) {
			(void)complain(NULL, "'%s' takes no argument '%s'", req->argv[0],
				req->argv[first]);
			return usage_of(req);
		}
		first++;
	}
	if (bootargs_join(req->argc - first, req->argv + first, ret_args) < 0)
		return complain(req->zone,
			"boot argument list too long; at most %d bytes are possible",
			BOOTARGS_MAX - 1);
	return EXIT_OK;
}

static int get_state_id(const struct request *req, zone_state_t *ret, zoneid_t *ret_id)
{
	int r = state_get(&req->entry, ret, ret_id);

	return r < 0 ? complain(req->zone, "cannot ask zoned for its state: %s", strerror(-r))
		     : EXIT_OK;
}

static int get_state(const struct request *req, zone_state_t *ret)
{
	return get_state_id(req, ret, NULL);
}

/* The same where a live zone is as good as one that is installed: then the index knows, and zoned is not asked. */
static int get_state_quick(const struct request *req, zone_state_t *ret)
{
	if (req->entry.state < ZONE_STATE_INSTALLED)
		return get_state(req, ret);
	*ret = req->entry.state;
	return EXIT_OK;
}

static int refuse_state(const struct request *req, zone_state_t state, const char *instead)
{
	return complain(req->zone, "%s operation is invalid for zones in state '%s'; %s",
		req->argv[0], zone_state_str(state), message(instead));
}

/* Installed or further (forced: or incomplete), with a zonepath that nobody but root can have touched. */
static int check_installed(const struct request *req, bool forced)
{
	zone_state_t state;
	int r = get_state_quick(req, &state);

	if (r)
		return r;
	if (state == ZONE_STATE_CONFIGURED)
		return refuse_state(req, state, "install it first");
	if (state == ZONE_STATE_INCOMPLETE && !forced)
		return refuse_state(req, state, "uninstall it, then install it again");
	return zonepath_check_boot(req->zone, req->entry.zonepath);
}

int mount_run(struct request *req)
{
	bool force = req->argc > 1 && streq(req->argv[1], "-f");
	int r;

	if (req->argc > 1 + force)
		return usage_of(req);
	r = check_installed(req, force);
	return r ? r : control_call(req->zone, force ? Z_FORCEMOUNT : Z_MOUNT, NULL);
}

/* Takes a platform down: nothing else is in the way of that than that there can be none. */
static int take_down(struct request *req, enum zoneadmd_cmd cmd, bool debug, const char *why_not)
{
	zone_state_t state;
	int r = get_state_quick(req, &state);

	if (r)
		return r;
	if (state < ZONE_STATE_INSTALLED)
		return refuse_state(req, state, why_not);
	return control_call_debug(req->zone, cmd, NULL, debug);
}

int unmount_run(struct request *req)
{
	int r = no_arguments(req);

	return r ? r : take_down(req, Z_UNMOUNT, false, N_("it has nothing to unmount"));
}

/* Nothing but perhaps -X. EXIT_OK or EXIT_USAGE. */
static int debug_only(const struct request *req, bool *ret)
{
	*ret = req->argc == 2 && streq(req->argv[1], "-X");
	return *ret ? EXIT_OK : no_arguments(req);
}

int ready_run(struct request *req)
{
	bool debug;
	int r = debug_only(req, &debug);

	if (!r)
		r = check_installed(req, false);
	return r ? r : control_call_debug(req->zone, Z_READY, NULL, debug);
}

/* "-s" in front of the others, as if it were one of them. EXIT_OK or EXIT_ERR after a message. */
static int add_single_user(const struct request *req, char args[BOOTARGS_MAX])
{
	char with[BOOTARGS_MAX];
	int n = snprintf(with, sizeof(with), "-s %s", args);

	if (n < 0 || (size_t)n >= sizeof(with))
		return complain(req->zone, "boot argument list too long");
	memcpy(args, with, (size_t)n + 1);
	return EXIT_OK;
}

int boot_run(struct request *req)
{
	bool single = false, force = false, debug = false;
	char args[BOOTARGS_MAX];
	int first, r;

	for (first = 1; first < req->argc; first++) {
		if (streq(req->argv[first], "-s"))
			single = true;
		else if (streq(req->argv[first], "-f"))
			force = true;
		else if (streq(req->argv[first], "-X"))
			debug = true;
		else
			break;
	}
	r = parse_bootargs(req, first, args);
	if (!r && single)
		r = add_single_user(req, args);
	if (!r)
		r = check_installed(req, force);
	return r ? r : control_call_debug(req->zone, force ? Z_FORCEBOOT : Z_BOOT, args, debug);
}

int halt_run(struct request *req)
{
	bool debug;
	int r = debug_only(req, &debug);

	return r ? r : take_down(req, Z_HALT, debug, N_("it has nothing to halt"));
}

/* zoneadm-config -z zone verify, which says itself what is wrong. */
static int verify_configuration(struct request *req)
{
	char program[4096];
	char *argv[] = {(char *)"zoneadm", (char *)"-z", req->entry.name, (char *)"verify", NULL};
	pid_t pid;
	int status;
	int r = instance_program(program, sizeof(program), "zoneadm-config");

	if (r == 0)
		r = -posix_spawn(&pid, program, NULL, NULL, argv, environ);
	if (r < 0)
		return complain(req->zone, "cannot run %s: %s", program, strerror(-r));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return complain(req->zone, "lost %s: %s", program, strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_ERR;
}

int reboot_run(struct request *req)
{
	bool debug = req->argc > 1 && streq(req->argv[1], "-X");
	char args[BOOTARGS_MAX];
	zone_state_t state;
	int r = parse_bootargs(req, 1 + debug, args);

	if (!r)
		r = get_state(req, &state);
	if (r)
		return r;
	if (state <= ZONE_STATE_READY || state == ZONE_STATE_MOUNTED)
		return refuse_state(req, state, "boot it");
	r = verify_configuration(req);
	return r ? r : control_call_debug(req->zone, Z_REBOOT, args, debug);
}

int apply_run(struct request *req)
{
	bool dry = req->argc > 1 && streq(req->argv[1], "-n");
	zone_state_t state;
	int r;

	if (req->argc > 1 + dry)
		return usage_of(req);
	r = get_state(req, &state);
	if (r)
		return r;
	if (state != ZONE_STATE_RUNNING)
		return refuse_state(
			req, state, "only a running zone differs from its configuration");
	return dry ? control_show(req->zone, Z_APPLY_SHOW) : control_call(req->zone, Z_APPLY, NULL);
}

/* Asks the zone to end, and boots it again with -r: then what makes that impossible is said first. */
int shutdown_run(struct request *req)
{
	bool again = req->argc > 1 && streq(req->argv[1], "-r");
	char args[BOOTARGS_MAX];
	zone_state_t state;
	zoneid_t id;
	int r;

	r = again ? parse_bootargs(req, 2, args) : no_arguments(req);
	if (!r)
		r = get_state_id(req, &state, &id);
	if (r)
		return r;
	if (state < ZONE_STATE_RUNNING || state == ZONE_STATE_MOUNTED)
		return refuse_state(req, state, "only a running zone can be shut down");
	r = freeze_check(req, id);
	if (!r && again)
		r = verify_configuration(req);
	if (!r)
		r = control_call(req->zone, Z_SHUTDOWN, NULL);
	return r || !again ? r : control_call(req->zone, Z_BOOT, args);
}

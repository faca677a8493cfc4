/* SPDX-License-Identifier: MIT */
/*
 * Brands: a directory <prefix>/usr/lib/brand/NAME, or $ZONES_BRANDS/NAME, or
 * /usr/lib/brand/NAME, whichever is first to hold a config.xml.
 *
 * config.xml, the elements of illumos's brand DTD that we read:
 *
 *	<brand name="sparse">
 *	  <modname>sparse</modname>		name of the system-call profile; may be empty
 *	  <initname>/usr/lib/zones-init</initname>  init, a path inside the zone; required
 *	  <restartinit>false</restartinit>	what follows the end of init: true (the default) starts
 *						it again in place, false halts the zone, 0 starts it
 *						again only after exit status 0, reboot reboots the zone
 *	  <login_cmd>, <forcedlogin_cmd>	commands inside the zone for zlogin; %z, %u; login_cmd required
 *	  <user_cmd>				command inside the zone that prints the passwd line of %u
 *	  <install>, <installopts>		command on the host, and the option letters it takes
 *	  <boot> <sysboot> <halt> <shutdown> <verify_cfg> <verify_adm> <preuninstall>
 *	  <uninstall> <preattach> <attach> <postattach> <predetach> <detach> <postdetach>
 *	  <preclone> <clone> <postclone> <presnap> <postsnap> <validatesnap> <postinstall>
 *	  <query> <prestatechange> <poststatechange>	commands on the host (shutdown: inside the zone)
 *	  <privilege set="default|required|prohibited" name="..." ip-type="..."/>
 *	</brand>
 *
 * platform.xml (may be missing):
 *
 *	<platform name="sparse" allow-exclusive-ip="true">
 *	  <global_mount special= directory= type= opt=/>
 *			made before the zone runs; directory is below the zone's root
 *	  <mount special= directory= type= opt=/>
 *			the same, for file systems of the zone's own namespaces (proc, sysfs)
 *	  <device match= name= ip-type=/>
 *	  <symlink source= target=/>
 *	</platform>
 *
 * Tokens in commands: %z zone name, %R zonepath (absolute on the host), %B the
 * brand's directory (absolute on the host), %u user, %% a percent sign. Any other is an
 * error. Values are quoted for the shell when they need it. In platform.xml %R is
 * the host path of the zone's *root*, nothing is quoted, and %u is not known.
 * Commands are for /bin/sh -c; hooks that take arguments get them appended.
 *
 * Linux: illumos has no %B; its hooks have fixed absolute paths.
 */
#pragma once

#include "zonecfg/snapshot.h"
#include "zonecfg/zonecfg.h"

enum brand_hook {
	BRAND_INSTALL,
	BRAND_POSTINSTALL,
	BRAND_BOOT,
	BRAND_SYSBOOT,
	BRAND_HALT,
	BRAND_SHUTDOWN,
	BRAND_VERIFY_CFG,
	BRAND_VERIFY_ADM,
	BRAND_PREUNINSTALL,
	BRAND_UNINSTALL,
	BRAND_PREATTACH,
	BRAND_ATTACH,
	BRAND_POSTATTACH,
	BRAND_PREDETACH,
	BRAND_DETACH,
	BRAND_POSTDETACH,
	BRAND_PRECLONE,
	BRAND_CLONE,
	BRAND_POSTCLONE,
	BRAND_PRESNAP,
	BRAND_POSTSNAP,
	BRAND_VALIDATESNAP,
	BRAND_QUERY,
	BRAND_PRESTATECHANGE,
	BRAND_POSTSTATECHANGE,
	BRAND_LOGIN_CMD,
	BRAND_FORCEDLOGIN_CMD,
	BRAND_USER_CMD,
	BRAND_HOOK_COUNT
};

struct brand_mount {
	bool global;
	char *special;
	char *dir;
	char *type;
	char *opt;
};

struct brand_device {
	char *match;
	char *name;
	char *ip_type; /* only for this ip-type; NULL = always */
};

struct brand_symlink {
	char *source;
	char *target;
};

struct brand_privilege {
	char *set;
	char *name;
	char *ip_type; /* only for this ip-type; NULL = always */
};

struct brand {
	char *name;
	char *dir; /* absolute on the host */
	char *modname;
	char *initname;
	char *restartinit; /* "true", "false", "0" or "reboot" */
	char *installopts;
	char *hooks[BRAND_HOOK_COUNT]; /* not expanded; NULL when the brand has none */
	bool allow_exclusive_ip;
	struct brand_mount *mounts;
	size_t n_mounts;
	struct brand_device *devices;
	size_t n_devices;
	struct brand_symlink *symlinks;
	size_t n_symlinks;
	struct brand_privilege *privileges;
	size_t n_privileges;
};

/* The element name of a hook: "install", "prestatechange". */
const char *brand_hook_name(enum brand_hook hook);

/* A brand of illumos, SmartOS, OmniOS or Solaris by its name, whether this host has it or not. */
bool brand_is_foreign(const char *name);
/* The directory of a brand, see above. Z_OK, Z_BRAND_ERROR (none), or a negative errno. */
int brand_find(const char *name, char *ret_dir, size_t size);

/* Reads config.xml and platform.xml. Z_OK, Z_BRAND_ERROR or a negative errno; d gets one line. */
int brand_open(const char *name, struct brand **ret_brand, struct diag *d);
/* Releases everything. Takes NULL, returns NULL. */
struct brand *brand_free(struct brand *brand);

static inline void brand_freep(struct brand **brand)
{
	*brand = brand_free(*brand);
}

/*
 * A hook's command with its tokens expanded, malloc'd. zonepath: absolute on the
 * host. user: NULL leaves %u as it is. Z_OK with NULL when the brand has no such hook,
 * Z_BRAND_ERROR for
 * an unknown token, -ENOMEM.
 */
int brand_command(const struct brand *brand, enum brand_hook hook, const char *zone,
	const char *zonepath, const char *user, char **ret_command);

/* What the tokens of a text stand for. */
struct brand_tokens {
	const char *zone;
	const char *root; /* %R */
	const char *dir;  /* %B */
	const char *user; /* NULL: the text will be expanded again, %u and %% stay */
	bool quote;	  /* for a shell */
};
/* Expands a text, malloc'd. Z_OK, Z_BRAND_ERROR (unknown token), -ENOMEM. */
int brand_expand(const char *text, const struct brand_tokens *tokens, char **ret_text);

/* True when an ip-type attribute of the brand's files (NULL: any) means such a zone. */
bool brand_ip_type_matches(const char *attribute, enum zonecfg_iptype type);

/*
 * zonecfg_verify(), and what needs the brand: it exists, or is a foreign one, and its files can be
 * read, it allows the ip-type, limitpriv has what it requires and not what it prohibits. Does not
 * run the verify_cfg hook. ret_brand (may be NULL): the brand when it could be opened,
 * else NULL.
 */
int brand_verify_config(
	const struct zonecfg *cfg, zonecfg_report_fn report, void *arg, struct brand **ret_brand);
/* zonecfg_report_unapplied(), and a brand that only other systems have. */
bool brand_report_unapplied(
	const struct zonecfg *cfg, int code, zonecfg_report_fn report, void *arg);
/*
 * The same for a zone that is to run: what this release cannot apply is a problem too, with
 * code Z_NOT_APPLIED.
 */
int brand_verify(
	const struct zonecfg *cfg, zonecfg_report_fn report, void *arg, struct brand **ret_brand);

/* Parts of a snapshot that strings were made for. */
struct brand_snapshot {
	struct zone_snapshot s;
	char **made; /* strings that s points to */
	size_t n_made;
};

/*
 * The snapshot of a verified configuration. cfg and brand must outlive it. Z_OK,
 * Z_BRAND_ERROR, -ENOMEM, -E2BIG; d gets one line.
 */
int brand_snapshot_init(struct brand_snapshot *bs, const struct zonecfg *cfg,
	const struct brand *brand, const char *uuid, struct diag *d);
void brand_snapshot_fini(struct brand_snapshot *bs);

/* What brand_freeze() needs of whoever freezes. */
struct brand_freeze {
	zonecfg_report_fn report; /* what is wrong, line by line; code Z_OK: a warning */
	/*
	 * Runs the brand's query hook by /bin/sh -c with that environment, and gives each line of its output to add,
	 * until that says no (negative errno, returned). 0; 1 when it failed; a negative errno when it cannot run,
	 * which has been said.
	 */
	int (*query)(void *arg, const char *command, char *const envp[],
		int (*add)(void *add_arg, const char *line), void *add_arg);
	void *arg;  /* of both */
	bool debug; /* as in zone_snapshot_environ() */
};

/*
 * The snapshot of a zone as its configuration is now, for a zone that is to run. A debugid that is missing, or
 * is another zone's, is repaired. The caller releases ret by zone_snapshot_fini(); it is as after zone_snapshot_init()
 * on failure, when how->report has told what is wrong, or d does, which may stay empty. 0, another code of zonecfg.h, or a negative
 * errno. May block: for the lock of the configurations, and for the hook.
 */
int brand_freeze(const char *zone, const struct brand_freeze *how, struct zone_snapshot *ret,
	struct diag *d);

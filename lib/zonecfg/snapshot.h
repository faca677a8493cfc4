/* SPDX-License-Identifier: MIT */
/*
 * The flat form of a validated configuration, with what is needed of the brand:
 * <prefix>/run/zones/NAME.snapshot, made by zoneadmd when the zone is readied (brand_freeze())
 * and read by all that ask about a live zone. No XML library here.
 *
 * Form: the first line is "zones-snapshot 1", the last line "end". Between them
 * key=value lines of the zone, then sections "[net]", "[fs]", "[rctl]",
 * "[attr]", "[mount]", "[device]", "[dataset]", "[symlink]", "[privilege]", each with its own keys. In
 * a value
 * "\\" is a backslash, "\n" a newline, "\xHH" any other byte below 0x20 or 0x7f.
 * A key that is unknown or comes twice, a bad number, a missing required key or a
 * missing last line make the whole file invalid.
 *
 * Strings are never NULL: one that is not set is "". They live as long as the
 * snapshot and are read-only.
 */
#pragma once

#include "linux/diag.h"

#define SNAPSHOT_FILE_MAX (1024 * 1024) /* bytes */

struct snapshot_prop {
	const char *name;
	const char *value;
};

struct snapshot_net {
	const char *physical;
	const char *address;
	const char *allowed_address;
	const char *defrouter;
	const char *global_nic;
	const char *mac_addr;
	const char *vlan_id;
	struct snapshot_prop *props;
	size_t n_props;
};

struct snapshot_fs {
	const char *dir;
	const char *special;
	const char *raw;
	const char *type;
	const char **options;
	size_t n_options;
};

struct snapshot_rctl_value {
	bool privileged; /* else basic */
	bool deny;	 /* else none */
	uint64_t limit;
};

struct snapshot_rctl {
	const char *name; /* zone.max-lwps; cpu-cap, max-swap ... are here too */
	struct snapshot_rctl_value *values;
	size_t n_values;
};

struct snapshot_attr {
	const char *name;
	const char *type;
	const char *value;
};

/* From the brand's platform.xml; tokens are expanded, %R as the host path of the zone's root. */
struct snapshot_mount {
	bool global; /* made from outside, before the zone runs */
	const char *special;
	const char *dir;
	const char *type;
	const char *opt;
};

struct snapshot_device {
	const char *match;
	const char *name; /* inside the zone, or "" for the same */
	bool configured;  /* a device resource, not one of the brand's */
};

/* "tank/data": the subvolume /tank/data of the host. */
struct snapshot_dataset {
	const char *name;
};

struct snapshot_symlink {
	const char *source;
	const char *target;
};

/* A privilege of the brand: set is default, required or prohibited. */
struct snapshot_privilege {
	const char *set;
	const char *name;
};

struct zone_snapshot {
	/* the zone */
	const char *name;
	const char *zonepath; /* relative to the prefix */
	const char *uuid;
	const char *brand;
	bool autoboot;
	const char *bootargs;
	const char *pool;
	const char *dedicated_cpu; /* "MIN-MAX IMPORTANCE", or "" */
	const char *limitpriv;
	const char *sched_class;
	bool exclusive_ip;
	const char *hostid; /* hexadecimal, or "" */
	const char *fs_allowed;
	const char
		*secflags; /* those that processes start with: "aslr,noexecstack", "none", or "" */
	const char *debugid;
	uint64_t physcap; /* bytes, 0 = none */

	/* the brand; commands have their tokens expanded except %u, and are for /bin/sh -c */
	const char *brand_dir; /* absolute on the host */
	const char *modname;
	const char *initname;
	const char *login_cmd;
	const char *forcedlogin_cmd;
	const char *user_cmd;
	const char *restartinit; /* "true", "false", "0" or "reboot", see lib/brand/brand.h */
	const char *boot;
	const char *sysboot;
	const char *halt;
	const char *shutdown;
	const char *query;
	const char *prestatechange;
	const char *poststatechange;

	struct snapshot_net *nets;
	size_t n_nets;
	struct snapshot_fs *fss;
	size_t n_fss;
	struct snapshot_rctl *rctls;
	size_t n_rctls;
	struct snapshot_attr *attrs;
	size_t n_attrs;
	struct snapshot_mount *mounts;
	size_t n_mounts;
	struct snapshot_device *devices;
	size_t n_devices;
	struct snapshot_dataset *datasets;
	size_t n_datasets;
	struct snapshot_symlink *symlinks;
	size_t n_symlinks;
	struct snapshot_privilege *privileges;
	size_t n_privileges;

	char *text; /* the file, which the strings point into; NULL when made in memory */
};

/* An empty snapshot: every string "". No memory is held. */
void zone_snapshot_init(struct zone_snapshot *s);
/*
 * Releases the lists and the text; strings set by hand are the caller's. Leaves it as
 * after init.
 */
void zone_snapshot_fini(struct zone_snapshot *s);

/*
 * Reads path. 0; -ENOENT; -EBADMSG (not a valid snapshot); -EFBIG; -ENOMEM; another
 * negative errno. Opens without
 * following a symlink; d gets one line naming file and line. s is as after init on failure.
 */
int zone_snapshot_read(const char *path, struct zone_snapshot *s, struct diag *d);
/* The same from memory; text need not be terminated, is copied. */
int zone_snapshot_parse(const char *text, size_t size, struct zone_snapshot *s, struct diag *d);
/* Writes 0600: temporary file beside path, rename; not for ever, so no fsync. 0 or a negative errno. */
int zone_snapshot_write(const char *path, const struct zone_snapshot *s, struct diag *d);
/*
 * The text in malloc'd memory, terminated. 0, -ENOMEM, or -EFBIG when it would not be
 * readable again.
 */
int zone_snapshot_format(const struct zone_snapshot *s, char **ret_text, size_t *ret_size);

/* Set to 1 in the environment of brand hooks by "zoneadm ... -X", else empty. */
#define ZONE_ENV_DEBUG "_ZONEADMD_brand_debug"

/*
 * The environment of a brand's hook: that of this process, and as on SmartOS ZONE_ENV_DEBUG, _ZONECFG_uuid,
 * _ZONECFG_did, _ZONECFG_net_resources and _ZONECFG_device_resources (names with blanks between),
 * _ZONECFG_net_LINK_PROPERTY, _ZONECFG_device_MATCH_match and _ZONECFG_attr_NAME. What cannot be
 * in a shell's name is an underscore there. Terminated by NULL; the caller frees it with
 * zone_environ_free(). 0, -E2BIG, -ENOMEM.
 */
int zone_snapshot_environ(const struct zone_snapshot *s, bool debug, char ***ret_vars);
/* Takes NULL, returns NULL. */
char **zone_environ_free(char **vars);

static inline void zone_environ_freep(char ***vars)
{
	*vars = zone_environ_free(*vars);
}

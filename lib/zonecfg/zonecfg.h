/* SPDX-License-Identifier: MIT */
/*
 * A zone's configuration in memory, and its file <prefix>/etc/zones/NAME.xml in
 * the form of illumos (DTD zonecfg.dtd.1).
 *
 * Everything the DTD has is kept: what has no member of its own here stays in
 * `others` and is written back as it was. All strings are owned by the handle
 * (malloc), NULL when not set. A zonepath is relative to the instance's prefix:
 * the directory in the file system is instance_root() + zonepath.
 *
 * Functions return Z_OK, a positive Z_*, or a negative errno (zonecfg/status.h).
 * Nothing here logs. Not thread safe per handle. Functions that touch files may block on
 * them.
 */
#pragma once

#include "linux/diag.h"
#include "zonecfg/file.h"
#include "zonecfg/index.h"
#include "zonecfg/rules.h"
#include "zonecfg/status.h"

enum zonecfg_iptype {
	ZS_SHARED,
	ZS_EXCLUSIVE,
};

struct zonecfg_prop {
	char *name;
	char *value;
};

struct zonecfg_net {
	char *physical;
	char *address;
	char *allowed_address;
	char *defrouter;
	char *global_nic;
	char *mac_addr;
	char *vlan_id;
	struct zonecfg_prop *props; /* net-attr */
	size_t n_props;
};

struct zonecfg_fs {
	char *dir;
	char *special;
	char *raw;
	char *type;
	char **options;
	size_t n_options;
};

struct zonecfg_rctl_value {
	char *priv;
	char *limit;
	char *action;
};

struct zonecfg_rctl {
	char *name;
	struct zonecfg_rctl_value *values;
	size_t n_values;
};

struct zonecfg_attr {
	char *name;
	char *type;
	char *value;
};

/* A device of the host, or all that a pattern below /dev matches. */
struct zonecfg_device {
	char *match;
	struct zonecfg_prop *props; /* net-attr */
	size_t n_props;
};

struct zonecfg_dataset {
	char *name;
};

/* dedicated-cpu: <pset>, and <tmp_pool> for the importance. */
struct zonecfg_pset {
	char *ncpu_min;
	char *ncpu_max;
};

struct zonecfg_tmp_pool {
	char *importance;
};

struct zonecfg_admin {
	char *user;
	char *auths;
};

/* Lists of flags; NULL is none for lower, all for upper, and lower for default. */
struct zonecfg_security_flags {
	char *lower;
	char *default_flags;
	char *upper;
};

/* A legacy element of the DTD that has no structure of its own. */
struct zonecfg_other {
	char *tag;
	struct zonecfg_prop *attrs;
	size_t n_attrs;
};

struct zonecfg {
	char *name;
	char *zonepath;
	char *brand;
	bool autoboot;
	char *bootargs;
	char *pool;
	char *limitpriv;
	char *sched_class;
	enum zonecfg_iptype ip_type;
	char *hostid;
	char *fs_allowed;
	char *debugid;
	char *version;	  /* of the file */
	uint64_t physcap; /* capped-memory physical in bytes, 0 = none */

	struct zonecfg_net *nets;
	size_t n_nets;
	struct zonecfg_fs *fss;
	size_t n_fss;
	struct zonecfg_rctl *rctls;
	size_t n_rctls;
	struct zonecfg_attr *attrs;
	size_t n_attrs;
	struct zonecfg_device *devices;
	size_t n_devices;
	struct zonecfg_dataset *datasets;
	size_t n_datasets;
	struct zonecfg_pset *psets; /* at most one, as zonecfg_verify() checks */
	size_t n_psets;
	struct zonecfg_tmp_pool *tmp_pools; /* the same */
	size_t n_tmp_pools;
	struct zonecfg_admin *admins;
	size_t n_admins;
	struct zonecfg_security_flags *secflags; /* the same */
	size_t n_secflags;
	struct zonecfg_other *others;
	size_t n_others;

	char *loaded;		 /* the zone that zonecfg_load() read it as; NULL: from elsewhere */
	struct file_stamp stamp; /* the version of its file */
};

/* A blank configuration with this name (copied). Z_OK or -ENOMEM. */
int zonecfg_new(const char *name, struct zonecfg **ret_cfg);
/* Releases everything. Takes NULL, returns NULL. */
struct zonecfg *zonecfg_free(struct zonecfg *cfg);

/* The kinds of resources that have structures. */
enum zonecfg_kind {
	ZONECFG_FS,   /* struct zonecfg_fs */
	ZONECFG_NET,  /* struct zonecfg_net */
	ZONECFG_RCTL, /* struct zonecfg_rctl */
	ZONECFG_ATTR, /* struct zonecfg_attr */
	ZONECFG_DEVICE,
	ZONECFG_DATASET,
	ZONECFG_PSET,
	ZONECFG_TMP_POOL,
	ZONECFG_ADMIN,
	ZONECFG_SECURITY_FLAGS,
	ZONECFG_KIND_COUNT
};
/* Number of resources of a kind, and one of them: borrowed until the list changes. */
size_t zonecfg_count(const struct zonecfg *cfg, enum zonecfg_kind kind);
void *zonecfg_item(const struct zonecfg *cfg, enum zonecfg_kind kind, size_t index);
/* Appends a resource, moving the content of item into it (empty then). Z_OK, -E2BIG, -ENOMEM. */
int zonecfg_append(struct zonecfg *cfg, enum zonecfg_kind kind, void *item);
/* Releases what the resource at index holds and moves the content of item into it. */
void zonecfg_replace(struct zonecfg *cfg, enum zonecfg_kind kind, size_t index, void *item);
/* Removes and releases the resource at index. */
void zonecfg_remove(struct zonecfg *cfg, enum zonecfg_kind kind, size_t index);
/* Releases the content of a resource in the caller's storage; it is empty (all NULL) then. */
void zonecfg_item_fini(enum zonecfg_kind kind, void *item);
/* A deep copy into the caller's empty storage. Z_OK or -ENOMEM (dst is empty then). */
int zonecfg_item_copy(enum zonecfg_kind kind, void *dst, const void *src);
/* The structure's size. */
size_t zonecfg_item_size(enum zonecfg_kind kind);

/* Lists inside a resource. The strings are copied. Z_OK, Z_DUPLICATE, -E2BIG, -ENOMEM. */
int zonecfg_fs_add_option(struct zonecfg_fs *fs, const char *option);
int zonecfg_rctl_add_value(
	struct zonecfg_rctl *rctl, const char *priv, const char *limit, const char *action);
int zonecfg_add_prop(
	struct zonecfg_prop **props, size_t *count, const char *name, const char *value);
/* Removes what the arguments name. Z_OK or Z_NO_ENTRY. */
int zonecfg_fs_remove_option(struct zonecfg_fs *fs, const char *option);
int zonecfg_rctl_remove_value(
	struct zonecfg_rctl *rctl, const char *priv, const char *limit, const char *action);
int zonecfg_remove_prop(struct zonecfg_prop *props, size_t *count, const char *name);

/* Replaces a string of a structure; value NULL or "" clears. Z_OK or -ENOMEM (unchanged). */
int zonecfg_set_string(char **field, const char *value);

static inline void zonecfg_freep(struct zonecfg **cfg)
{
	*cfg = zonecfg_free(*cfg);
}

/* The configuration of the global zone, which has limits and administrators but no zonepath. */
static inline bool zonecfg_is_global(const struct zonecfg *cfg)
{
	return streq(cfg->name, GLOBAL_ZONENAME);
}

/*
 * Reads <prefix>/etc/zones/NAME.xml. Z_OK, Z_NO_ZONE (no file), Z_BOGUS_ZONE_NAME,
 * Z_INVALID_DOCUMENT,
 * Z_EMPTY_DOCUMENT, Z_WRONG_DOC_TYPE, Z_TOO_BIG, or a negative errno. d (may be NULL)
 * gets one line that
 * names the file and what is wrong with it.
 */
int zonecfg_load(const char *name, struct zonecfg **ret_cfg, struct diag *d);
/* The same for any file; the zone's name is the one in the file. */
int zonecfg_load_file(const char *path, struct zonecfg **ret_cfg, struct diag *d);
/*
 * A template by name: the file <prefix>/etc/zones/NAME.xml, or, if it is
 * missing, the built-in SUNWdefault or SUNWblank. The result gets zonename as
 * its name and no zonepath. Z_NO_ZONE when there is no such template.
 */
int zonecfg_load_template(
	const char *template, const char *zonename, struct zonecfg **ret_cfg, struct diag *d);

/*
 * The configuration that a detached zone has with it, <prefix><zonepath>/SUNWdetached.xml, for a
 * zone of this name. Z_NO_ZONE when there is none, Z_INVALID_PROPERTY for a bad zonepath.
 */
int zonecfg_load_detached(
	const char *zonepath, const char *zonename, struct zonecfg **ret_cfg, struct diag *d);

/*
 * Taken by who writes configurations, from before it looks at what is on disk until it is done. A
 * descriptor, closed to give the lock back, or a negative errno. Not to be taken twice.
 */
int zonecfg_lock(struct diag *d);
/*
 * Writes <prefix>/etc/zones/NAME.xml, 0644: temporary file, fsync, rename. Does
 * not touch the index. Z_OK, Z_BOGUS_ZONE_NAME, Z_CHANGED when the file that it was loaded from is
 * another one now, or a negative errno. Under zonecfg_lock().
 */
int zonecfg_save(struct zonecfg *cfg, struct diag *d);
/* Writes to any path in the same way. */
int zonecfg_save_file(const struct zonecfg *cfg, const char *path, struct diag *d);
/* Removes <prefix>/etc/zones/NAME.xml. A missing file is success. */
int zonecfg_destroy(const char *name, struct diag *d);

/*
 * Receives every problem: code Z_* and one sentence that names the resource,
 * without the zone's name. Code Z_OK is a warning.
 */
typedef void (*zonecfg_report_fn)(void *arg, int code, const char *text);
/*
 * Checks everything that can be known from the configuration alone (features
 * 2.3) and reports all problems. What needs the brand is in brand_verify()
 * ("brand/brand.h"), which calls this. Z_OK, the first problem's code, or -ENOMEM.
 */
int zonecfg_verify(const struct zonecfg *cfg, zonecfg_report_fn report, void *arg);

/*
 * Sees to it that the configuration has a debugid, and that no other zone in the index has it: its own, else that
 * of the zone's line in the index, else a new one. zone: its name in the index, which may not have it
 * yet. Under zonecfg_lock(); nothing is written. Z_OK or a negative errno.
 */
int zonecfg_settle_did(struct zonecfg *cfg, const char *zone, uint32_t *ret_did);
/*
 * The same for a zone that is as it was loaded, and saved, with its line in the index. Takes the lock; d gets one
 * line. Z_OK, Z_CHANGED, or a negative errno.
 */
int zonecfg_repair_did(struct zonecfg *cfg, uint32_t *ret_did, struct diag *d);

/* What other zones have already: datasets that an installed one has. Z_OK, or Z_INCOMPATIBLE after a report. */
int zonecfg_verify_datasets(const struct zonecfg *cfg, zonecfg_report_fn report, void *arg);
/*
 * Reports with this code, by name, everything in a valid configuration that this release has
 * no means to apply: a zone that asks for it must not run without it. True when there was any.
 */
bool zonecfg_report_unapplied(
	const struct zonecfg *cfg, int code, zonecfg_report_fn report, void *arg);

/* Finding by key; NULL when there is none. Valid until the list changes. */
struct zonecfg_rctl *zonecfg_find_rctl(const struct zonecfg *cfg, const char *name);
struct zonecfg_fs *zonecfg_find_fs(const struct zonecfg *cfg, const char *dir);
struct zonecfg_attr *zonecfg_find_attr(const struct zonecfg *cfg, const char *name);
/* Index of the first resource of a kind whose key (its first string) is this; SIZE_MAX: none. */
size_t zonecfg_find(const struct zonecfg *cfg, enum zonecfg_kind kind, const char *key);

/*
 * An alias is a property that stands for one value of one rctl (privileged,
 * limit, deny or none).
 */
enum zonecfg_alias {
	ALIAS_MAX_LWPS,
	ALIAS_MAX_PROCESSES,
	ALIAS_MAX_SHM_MEMORY,
	ALIAS_MAX_SHM_IDS,
	ALIAS_MAX_MSG_IDS,
	ALIAS_MAX_SEM_IDS,
	ALIAS_CPU_SHARES,
	ALIAS_ZFS_IO_PRIORITY,
	ALIAS_MAX_SWAP,	  /* capped-memory swap */
	ALIAS_MAX_LOCKED, /* capped-memory locked */
	ALIAS_CPU_CAP,	  /* capped-cpu ncpus, percent of one CPU */
	ALIAS_COUNT
};
/* The property name ("max-lwps") and the rctl name ("zone.max-lwps"). */
const char *zonecfg_alias_name(enum zonecfg_alias alias);
const char *zonecfg_alias_rctl(enum zonecfg_alias alias);
/* Z_OK, Z_NO_ENTRY, or Z_ALIAS_DISALLOW when the rctl is not in the shape of the alias. */
int zonecfg_alias_get(const struct zonecfg *cfg, enum zonecfg_alias alias, uint64_t *ret_limit);
/*
 * Z_OK, Z_ALIAS_DISALLOW, Z_TOO_BIG (above the system value), Z_INVALID_PROPERTY (below
 * the smallest), -ENOMEM.
 */
int zonecfg_alias_set(struct zonecfg *cfg, enum zonecfg_alias alias, uint64_t limit);
/* Z_OK, Z_NO_ENTRY or Z_ALIAS_DISALLOW. */
int zonecfg_alias_clear(struct zonecfg *cfg, enum zonecfg_alias alias);

/* SPDX-License-Identifier: MIT */
/*
 * One run of zonecfg: the zone, the configuration being edited, the scope, and
 * where commands come from. Every part of the command works on this.
 */
#pragma once

#include "brand/brand.h"
#include "lexer.h"

/* Resource types that can be edited; their tables are in resource-types.c, in the order of info. */
enum res {
	RES_NONE, /* the global scope */
	RES_FS,
	RES_NET,
	RES_DEVICE,
	RES_DEDICATED_CPU,
	RES_CAPPED_CPU,
	RES_CAPPED_MEMORY,
	RES_ATTR,
	RES_DATASET,
	RES_ADMIN,
	RES_RCTL,
	RES_SECURITY_FLAGS,
	RES_COUNT
};

/* dedicated-cpu, capped-cpu and capped-memory while they are edited; 0 is not set. */
struct limits {
	uint64_t ncpus; /* percent of one CPU */
	uint64_t physical;
	uint64_t swap;
	uint64_t locked;
	uint64_t ncpu_min; /* dedicated CPUs */
	uint64_t ncpu_max;
	uint64_t importance;
	bool has_importance; /* 0 is a value of it */
};

struct session {
	const char *zone; /* as it is on disk; cfg->name when it is being renamed */
	char name[ZONENAME_MAX];
	bool global; /* the global zone: always there, not in the index, not to be deleted */
	struct zonecfg *cfg; /* NULL: there is none, create comes first */
	struct zone_index_entry entry;
	bool in_index;	     /* entry is valid: the zone is configured */
	bool changed;	     /* cfg differs from the file */
	bool move_installed; /* set -F zonepath was given */
	bool uuid_changed;   /* uuid is the one that commit gives the zone; "" takes it away */
	char uuid[ZONE_UUID_MAX];
	bool read_only;	   /* why_read_only says why */
	int why_read_only; /* negative errno */
	bool interactive;  /* commands come from a terminal */
	bool may_ask;	   /* it, or the commands are arguments and there is a terminal to ask on */
	const char *source; /* name of the command file, for messages; NULL without one */
	unsigned line;	    /* in it */
	bool done;	    /* exit was given */

	enum res res;	 /* scope */
	size_t selected; /* index of the resource that is edited; SIZE_MAX: a new one */
	union {
		struct zonecfg_net net;
		struct zonecfg_fs fs;
		struct zonecfg_rctl rctl;
		struct zonecfg_attr attr;
		struct zonecfg_device device;
		struct zonecfg_dataset dataset;
		struct zonecfg_admin admin;
		struct zonecfg_security_flags secflags;
		struct limits limits;
	} item; /* of the scope */
};

#define SELECTED_NEW SIZE_MAX

/* Says what is wrong, with the place in the command file, on stderr. Returns Z_ERR. */
int complain(const struct session *s, const char *fmt, ...) _printf_(2, 3);
/* The same without making it an error. */
void warn(const struct session *s, const char *fmt, ...) _printf_(2, 3);

#define Z_ERR	1
#define Z_USAGE 2

/* Asks a yes/no question on the terminal; no is the default. */
bool session_ask(const char *question);

/* Loads what is on disk, or notes that there is nothing. Z_OK or Z_ERR (said). */
int session_load(struct session *s);
/* True when the zone is ready, running or between; as zoned says, or, without it, its snapshot. */
bool session_is_live(const struct session *s);
/* Verifies, then writes the file and the index. Z_OK or Z_ERR (said). */
int session_commit(struct session *s);
/* Verifies only, and reports all problems. Z_OK or Z_ERR. */
int session_verify(struct session *s);
/* Removes the zone from disk. Z_OK or Z_ERR (said). */
int session_delete(struct session *s);
/* Leaves a resource scope and forgets what was edited there. */
void session_leave_scope(struct session *s);
void session_fini(struct session *s);

/* One command. Z_OK or Z_ERR (said). In commands.c. */
int command_run(struct session *s, const struct command_line *c);
/* All commands of a line or a text, up to the first error. In commands.c. */
int command_run_text(struct session *s, const char *text);
/* Subcommand names for completion; NULL behind the last. */
const char *command_name(size_t i);
/* What help says about a subcommand. False: there is no such. */
bool command_describe(const char *name, const char **ret_usage, const char **ret_text);
/* Says how a subcommand (which exists) is used. Returns Z_ERR. */
int command_usage(const struct session *s, const char *name);

/* SPDX-License-Identifier: MIT */
/*
 * What zoneadm and zoneadm-config share: the command line's global part, the
 * table of subcommands, the operator's messages, and the checks that stand in
 * front of every subcommand.
 */
#pragma once

#include "linux/diag.h"
#include "zonecfg/index.h"

/* Exit codes (illumos Z_OK, Z_ERR, Z_USAGE). */
enum zoneadm_exit {
	EXIT_OK = 0,
	EXIT_ERR = 1,
	EXIT_USAGE = 2,
};

enum subcommand_flags {
	SUB_NEEDS_ZONE = 1 << 0, /* works on one existing zone */
	SUB_CHANGES = 1 << 1,	 /* root, or who has the right; never on the global zone */
	SUB_CONFIG = 1 << 2,	 /* reads configurations: done by zoneadm-config */
	SUB_DRY = 1 << 3,	 /* with -n as its first word it changes nothing: for everybody */
	SUB_DRY_ZONE = 1 << 4,	 /* ... and even then it is about an existing zone */
	SUB_NEW_ZONE = 1 << 5,	 /* with SUB_NEEDS_ZONE: the zone that -z names is made by it */
};

struct subcommand {
	const char *name;
	const char *usage;   /* what follows "zoneadm -z zone NAME" */
	const char *help;    /* a few lines */
	const char *in_zone; /* what a zone's root uses instead, NULL: the global zone */
	unsigned int flags;
};

/* One invocation. Strings belong to main's argv. */
struct request {
	const char *zone; /* -z, NULL when not given */
	const char *uuid; /* -u, NULL when not given or empty */
	const char *root; /* -R */
	int argc;
	char **argv;		      /* the subcommand and what follows it */
	const struct subcommand *sub; /* valid after subcommand_of() */
	/* The zone that is meant, valid after request_resolve(). */
	struct zone_index_entry entry;
	bool acts; /* it has come so far that it would change something: it goes on record */
};

/* All subcommands; the last one has no name. */
extern const struct subcommand subcommands[];

/* What one of the two programs can run itself; the last one has no name. */
struct runner {
	const char *name;
	int (*run)(struct request *req);
};

/*
 * One line "zoneadm: zone 'NAME': text" (zone NULL: "zoneadm: text") on stderr.
 * Returns EXIT_ERR, so that `return complain(z, "...")` reads well.
 */
int complain(const char *zone, const char *fmt, ...) _printf_(2, 3);
/* Every line of text as one such line; nothing for an empty text. */
void complain_lines(const char *zone, const char *text);

/* Sane surroundings: what process_begin() says, locale, umask, SIGHUP, working directory. */
void command_start(void);
/* Whether the caller ignores SIGHUP, as nohup(1) does: then what zoneadm starts ignores it too. */
bool command_outlives_line(void);
/* Before another program of zoneadm's goes on in our place: SIGHUP is as it was. */
void command_hand_over(void);

/*
 * The global options of argv and the rest into req; sets the instance. EXIT_OK,
 * or what to exit with after a message.
 */
int request_parse(struct request *req, int argc, char **argv);

/*
 * Everything that stands before a subcommand: it is possible here (zoned runs,
 * we are in the global zone), and the zone exists (req->entry).
 * EXIT_OK, or what to exit with after a message.
 */
int request_admit(struct request *req);
/* Fills req->entry from -u and -z. EXIT_OK or EXIT_ERR after a message. */
int request_resolve(struct request *req);

/* NULL when there is none of that name. */
const struct subcommand *subcommand_find(const char *name);
/* Finds req->sub. EXIT_OK, or EXIT_USAGE after a message and the usage. */
int subcommand_of(struct request *req);
/*
 * Admits and runs req->sub, which must be one of the runners; for who is not root, root's zoneadm
 * does what changes something. Returns the exit code.
 */
int subcommand_run(const struct runner *runners, struct request *req);

/* Prints how the subcommand of req is used on stderr; returns EXIT_USAGE. */
int usage_of(const struct request *req);
/* EXIT_OK when the subcommand has no arguments, else what it is used like and EXIT_USAGE. */
int no_arguments(const struct request *req);
/* zoneadm help [sub]: on stdout. */
int help_print(const char *name);

/* SPDX-License-Identifier: MIT */
/*
 * The frame around every subcommand; see command.h.
 *
 * Linux: -R names an instance (its own daemons, zones and cgroups), not only an
 * alternate root to look at, so every subcommand honours it.
 */
#include "zoneadm/command.h"

#include <signal.h>
#include <sys/stat.h>

#include "linux/conventions.h"
#include "linux/instance.h"
#include "linux/messages.h"
#include "linux/process-state.h"
#include "zone/delegate.h"
#include "zone/zone-calls.h"

int complain(const char *zone, const char *fmt, ...)
{
	va_list ap;

	if (zone)
		(void)fprintf(stderr, "zoneadm: zone '%s': ", zone);
	else
		(void)fputs("zoneadm: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, message(fmt), ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return EXIT_ERR;
}

void complain_lines(const char *zone, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n)
			(void)complain(zone, "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static struct sigaction hangup; /* as it was */

void command_start(void)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	process_begin();
	messages_init(true);
	(void)umask(022);
	(void)sigaction(SIGHUP, &ignore, &hangup);
	/* Nothing here may keep a file system busy. */
	if (chdir("/") < 0)
		(void)complain(NULL, "cannot change to the directory /: %s", strerror(errno));
}

bool command_outlives_line(void)
{
	return hangup.sa_handler == SIG_IGN;
}

void command_hand_over(void)
{
	(void)sigaction(SIGHUP, &hangup, NULL);
}

static bool uuid_valid(const char *s)
{
	size_t i;

	for (i = 0; s[i]; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? s[i] != '-' : !strchr("0123456789abcdefABCDEF", s[i]))
			return false;
	}
	return i == ZONE_UUID_MAX - 1;
}

int request_parse(struct request *req, int argc, char **argv)
{
	int c, r;

	*req = (struct request){0};
	while ((c = getopt(argc, argv, "+:R:u:z:")) != -1) {
		switch (c) {
		case 'R':
			req->root = optarg;
			break;
		case 'u':
			/* An empty uuid is what a script has for a zone without one. */
			req->uuid = *optarg ? optarg : NULL;
			break;
		case 'z':
			req->zone = optarg;
			break;
		case ':':
			(void)complain(NULL, "option -%c needs an argument", optopt);
			return EXIT_USAGE;
		default:
			(void)complain(
				NULL, "unknown option -%c; 'zoneadm help' lists them", optopt);
			return EXIT_USAGE;
		}
	}
	if (req->uuid && !uuid_valid(req->uuid))
		return complain(NULL, "'%s' is not a valid UUID", req->uuid);
	if (req->root && req->root[0] != '/')
		return complain(NULL, "root '%s' must be an absolute path", req->root);
	r = instance_init(req->root);
	if (r < 0)
		return complain(NULL, "cannot use root '%s': %s",
			req->root ? req->root : getenv("ZONES_ROOT"), strerror(-r));
	req->argc = argc - optind;
	req->argv = argv + optind;
	return EXIT_OK;
}

/* The zone that -u and -z name. */
int request_resolve(struct request *req)
{
	int r = Z_NO_ZONE;

	/* A UUID that matches wins over the name: zones may be renamed. */
	if (req->uuid)
		r = zone_index_find_uuid(req->uuid, &req->entry);
	if (r == Z_NO_ZONE && req->zone)
		r = zone_index_find(req->zone, &req->entry);
	if (r == Z_NO_ZONE && !req->zone)
		return complain(NULL, "no zone has the UUID %s", req->uuid);
	if (r)
		return complain(req->zone, "%s", zonecfg_strerror(r));
	req->zone = req->entry.name;
	return EXIT_OK;
}

static int refuse_in_zone(const struct subcommand *sub)
{
	if (sub->in_zone)
		return complain(NULL, "'%s' works in the global zone only; here, use %s", sub->name,
			sub->in_zone);
	return complain(NULL, "'%s' must be run in the global zone", sub->name);
}

/* zoned answers, and says that we are in the global zone. */
static int admit_place(const struct subcommand *sub)
{
	zoneid_t self;
	int r = zone_call_self(&self);

	if (r == -EACCES || r == -EPERM)
		return complain(NULL, "'%s' is for root only", sub->name);
	if (r == -EBADF || r == -ENOENT || r == -ECONNREFUSED)
		return complain(NULL, "zoned is not running; start it with 'systemctl start "
				      "zoned' or by running zoned");
	if (r < 0)
		return complain(NULL, "cannot ask zoned: %s", strerror(-r));
	return self == GLOBAL_ZONEID ? EXIT_OK : refuse_in_zone(sub);
}

static bool reserved_name(const char *zone)
{
	return streq(zone, GLOBAL_ZONENAME) || strncmp(zone, "SUNW", 4) == 0;
}

/* The flags of the subcommand as it is called here. */
static unsigned int flags_of(const struct request *req)
{
	unsigned int flags = req->sub->flags;

	if (!(flags & SUB_DRY) || req->argc < 2 || !streq(req->argv[1], "-n"))
		return flags;
	flags &= ~(unsigned int)SUB_CHANGES;
	return flags & SUB_DRY_ZONE ? flags : flags & ~(unsigned int)SUB_NEEDS_ZONE;
}

int request_admit(struct request *req)
{
	const struct subcommand *sub = req->sub;
	unsigned int flags = flags_of(req);
	zoneid_t self;
	int r;

	if (!(flags & SUB_NEEDS_ZONE))
		return EXIT_OK;
	if (!req->zone && !req->uuid) {
		if (zone_call_self(&self) == 0 && self != GLOBAL_ZONEID)
			return refuse_in_zone(sub);
		(void)complain(NULL, "'%s' needs a zone: zoneadm -z zone %s", sub->name, sub->name);
		return EXIT_USAGE;
	}
	if (req->zone && reserved_name(req->zone))
		return complain(req->zone, "%s operation is invalid for this zone: its name is %s",
			sub->name,
			streq(req->zone, GLOBAL_ZONENAME) ? "that of the host" : "reserved");
	r = admit_place(sub);
	if (r)
		return r;
	if (flags & SUB_NEW_ZONE)
		return req->zone ? EXIT_OK
				 : complain(NULL, "'%s' needs a name: zoneadm -z zone %s",
					   sub->name, sub->name);
	return request_resolve(req);
}

/* A user who is not root: root's zoneadm does it, if he has the right over the zone. */
static int delegate(const struct request *req)
{
	_cleanup_free_ struct delegate_request *ask = NULL;
	int code = EXIT_ERR, r = delegate_request_new(req->argv, &ask);
	struct diag d = {0};

	if (r < 0)
		return complain(req->zone, "cannot ask: %s", strerror(-r));
	ask->program = DELEGATE_ZONEADM;
	(void)str_copy(ask->zone, sizeof(ask->zone), req->zone);
	r = delegate_run(ask, &code, &d);
	return r < 0 ? complain(req->zone, "%s", d.text) : code;
}

const struct subcommand *subcommand_find(const char *name)
{
	const struct subcommand *sub;

	for (sub = subcommands; sub->name; sub++)
		if (streq(sub->name, name))
			return sub;
	return NULL;
}

static void print_usage(FILE *f, const char *lead, const struct subcommand *sub)
{
	(void)fprintf(f, "%szoneadm %s%s%s%s\n", lead,
		sub->flags & SUB_NEEDS_ZONE ? "-z zone " : "", sub->name, *sub->usage ? " " : "",
		sub->usage);
}

static void print_all(FILE *f)
{
	const struct subcommand *sub;

	(void)fprintf(f, "usage: zoneadm [-R root] [-z zone] [-u uuid] subcommand [options]\n");
	for (sub = subcommands; sub->name; sub++)
		print_usage(f, "       ", sub);
}

static int unknown_subcommand(const char *name)
{
	(void)complain(NULL, "unknown subcommand '%s'; 'zoneadm help' lists them", name);
	return EXIT_USAGE;
}

int subcommand_of(struct request *req)
{
	req->sub = req->argc ? subcommand_find(req->argv[0]) : NULL;
	if (req->sub)
		return EXIT_OK;
	if (req->argc)
		return unknown_subcommand(req->argv[0]);
	(void)complain(NULL, "a subcommand is missing");
	print_all(stderr);
	return EXIT_USAGE;
}

int usage_of(const struct request *req)
{
	print_usage(stderr, "usage: ", req->sub);
	return EXIT_USAGE;
}

int no_arguments(const struct request *req)
{
	if (req->argc == 1)
		return EXIT_OK;
	(void)complain(NULL, "'%s' takes no argument '%s'", req->argv[0], req->argv[1]);
	return usage_of(req);
}

int help_print(const char *name)
{
	const struct subcommand *sub;

	if (!name) {
		print_all(stdout);
		return EXIT_OK;
	}
	sub = subcommand_find(name);
	if (!sub)
		return unknown_subcommand(name);
	print_usage(stdout, "", sub);
	(void)printf("\n%s\n", sub->help);
	return EXIT_OK;
}

int subcommand_run(const struct runner *runners, struct request *req)
{
	int r = request_admit(req);

	if (r)
		return r;
	if ((flags_of(req) & SUB_CHANGES) && geteuid() != 0)
		return delegate(req);
	while (!streq(runners->name, req->sub->name))
		runners++;
	return runners->run(req);
}

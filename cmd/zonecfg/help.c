/* SPDX-License-Identifier: MIT */
/*
 * help. Subcommands, resources and what their properties may be come from the tables that
 * are used to run and check them; only what a property is for is written here.
 */
#include "help.h"

#include <signal.h>

#include "property.h"
#include "resource.h"

struct text {
	const char *name;
	const char *text;
};

static const struct text properties[] = {
	{"zonename", "The zone's name; setting it renames a zone that is not running."},
	{"zonepath", "Directory of the zone; its root is root/ in it."},
	{"brand", "What kind of zone it is."},
	{"autoboot", "Whether the zone boots with the host: true or false."},
	{"bootargs", "Arguments for the boot of the zone when none are given."},
	{"pool", "The resource pool that the zone is bound to."},
	{"limitpriv", "Upper bound of the zone's privileges."},
	{"scheduling-class", "How the zone's processes are scheduled."},
	{"ip-type", "exclusive for a network stack of its own, or shared."},
	{"hostid", "The host id that the zone sees."},
	{"fs-allowed", "Types of file systems that the zone may mount."},
	{"uuid", "The zone's uuid; no other zone may have it."},
	{"debugid", "A number for tools of the host; no other zone may have it."},
	{"max-lwps", "Largest number of threads in the zone; alias of zone.max-lwps."},
	{"max-processes", "Largest number of processes; alias of zone.max-processes."},
	{"max-shm-memory", "Bytes of shared memory; alias of zone.max-shm-memory."},
	{"max-shm-ids", "Number of shared memory segments; alias of zone.max-shm-ids."},
	{"max-msg-ids", "Number of message queues; alias of zone.max-msg-ids."},
	{"max-sem-ids", "Number of semaphore sets; alias of zone.max-sem-ids."},
	{"cpu-shares", "The zone's share of the CPUs; alias of zone.cpu-shares."},
	{"zfs-io-priority", "The zone's share of ZFS I/O; alias of zone.zfs-io-priority."},
};

static const struct text resources[] = {
	{"fs", "A file system that is mounted in the zone."},
	{"net", "A data link of the zone, or, with shared ip-type, an address on one of the host."},
	{"device", "Devices of the host that the zone gets."},
	{"dedicated-cpu", "CPUs that only this zone uses. Excludes pool, cpu-shares, capped-cpu."},
	{"capped-cpu", "How much of the CPUs the zone may use; the rctl zone.cpu-cap."},
	{"capped-memory", "How much memory the zone may use; at least one of them."},
	{"attr", "A note about the zone, of any name."},
	{"dataset", "A btrfs subvolume of the host that the zone manages itself."},
	{"admin", "A user, or %group, who may administer the zone."},
	{"rctl", "A resource control."},
	{"security-flags", "Security flags of the zone's processes: lower, default, upper bound."},
};

static const char *find_text(const struct text *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (streq(list[i].name, name))
			return list[i].text;
	}
	return NULL;
}

void help_command_line(FILE *out)
{
	(void)fputs("usage: zonecfg {-z ZONE | -u UUID}\n"
		    "       zonecfg {-z ZONE | -u UUID} SUBCOMMAND [; SUBCOMMAND ...]\n"
		    "       zonecfg {-z ZONE | -u UUID} -f FILE\n"
		    "       zonecfg help [TOPIC]\n",
		out);
}

static void show_subcommands(FILE *out)
{
	const char *usage, *text;
	size_t i;

	(void)fputs("Subcommands:\n", out);
	for (i = 0; command_name(i); i++) {
		(void)command_describe(command_name(i), &usage, &text);
		(void)fprintf(out, "  %s\n", usage);
	}
}

static void show_properties(FILE *out)
{
	const char *text;
	size_t i;

	(void)fputs("Properties of the zone:\n", out);
	for (i = 0; property_name(i); i++) {
		text = find_text(properties, ARRAY_SIZE(properties), property_name(i));
		(void)fprintf(out, "  %-18s%s\n", property_name(i), text ? text : "");
	}
}

static void show_resources(FILE *out)
{
	const struct res_type *t;
	size_t i, k;

	(void)fputs("Resources and their properties (* is required):\n", out);
	for (i = RES_NONE + 1; i < RES_COUNT; i++) {
		t = &res_types[i];
		(void)fprintf(out, "  %s:", t->name);
		for (k = 0; k < t->n_props; k++)
			(void)fprintf(out, "%s %s%s", k ? "," : "", t->props[k].name,
				t->props[k].required ? "*" : "");
		(void)fputc('\n', out);
	}
}

static void show_syntax(FILE *out)
{
	(void)fputs("A command ends at a semicolon or at the end of its line. A word that begins\n"
		    "with # starts a comment. Blanks around = mean nothing.\n"
		    "Values:\n"
		    "  text                  \"text with blanks or ;\"\n"
		    "  (name=value,...)      a value of rctl, or a property of net or device\n"
		    "  [value,...]           a list; [] is empty\n"
		    "In double quotes a backslash stands before a quote or a backslash.\n",
		out);
}

static void show_name(FILE *out)
{
	(void)fputs(
		"A zone's name has 1 to 63 letters, digits, '-', '_' and '.', beginning with a\n"
		"letter or digit, and not with SUNW. \"global\" is the host itself.\n",
		out);
}

static void show_all(FILE *out)
{
	help_command_line(out);
	show_subcommands(out);
	show_properties(out);
	show_resources(out);
	(void)fputs("See also: help usage | subcommands | properties | resources | syntax | name,\n"
		    "help SUBCOMMAND, help RESOURCE, help PROPERTY, SUBCOMMAND -?\n",
		out);
}

static void show_resource(FILE *out, const struct res_type *t)
{
	const struct res_prop *p;
	size_t i;

	(void)fprintf(
		out, "%s: %s\n", t->name, find_text(resources, ARRAY_SIZE(resources), t->name));
	for (i = 0; i < t->n_props; i++) {
		p = &t->props[i];
		(void)fprintf(out, "  %s%s: %s\n", p->name, p->required ? " (required)" : "",
			p->expected);
	}
	if (t->single)
		(void)fputs("There is at most one.\n", out);
}

static const struct {
	const char *name;
	void (*show)(FILE *out);
} topics[] = {
	{"usage", help_command_line},
	{"subcommands", show_subcommands},
	{"subcommand", show_subcommands},
	{"properties", show_properties},
	{"resources", show_resources},
	{"syntax", show_syntax},
	{"name", show_name},
};

/* A property of resources: what it may be in each that has it. Z_OK or Z_NO_ENTRY. */
static int show_res_prop(FILE *out, const char *name)
{
	const struct res_prop *p;
	int r = Z_NO_ENTRY;
	size_t i;

	for (i = RES_NONE + 1; i < RES_COUNT; i++) {
		p = res_prop_find((enum res)i, name);
		if (!p)
			continue;
		(void)fprintf(out, "%s of %s%s: %s\n", name, res_types[i].name,
			p->required ? " (required)" : "", p->expected);
		r = Z_OK;
	}
	return r;
}

const char *help_topic(size_t i)
{
	return i < ARRAY_SIZE(topics) ? topics[i].name : NULL;
}

/* One topic by its name. Z_OK or Z_NO_ENTRY. */
static int show_topic(FILE *out, const char *name)
{
	const char *usage, *text, *expected;
	enum res res = res_find(name);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(topics); i++) {
		if (streq(topics[i].name, name)) {
			topics[i].show(out);
			(void)show_res_prop(out, name);
			return Z_OK;
		}
	}
	if (command_describe(name, &usage, &text)) {
		(void)fprintf(out, "usage: %s\n%s\n", usage, text);
		return Z_OK;
	}
	if (res != RES_NONE) {
		show_resource(out, &res_types[res]);
		return Z_OK;
	}
	text = find_text(properties, ARRAY_SIZE(properties), name);
	if (!text)
		return show_res_prop(out, name);
	expected = property_expected(name);
	(void)fprintf(out, "%s: %s\n", name, text);
	if (expected)
		(void)fprintf(out, "Its value is %s.\n", expected);
	return Z_OK;
}

/* The pager, or NULL when there is none to use. */
static FILE *open_pager(void)
{
	const char *pager = getenv("PAGER");

	if (!pager || !*pager || !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		return NULL;
	(void)fflush(stdout);
	return popen(pager, "we");
}

int help_show(char *const *words, size_t n)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	FILE *pager;
	int r;

	if (n > 1)
		return Z_INVAL;
	if (n == 1 && streq(words[0], "-?"))
		return show_topic(stdout, "help");
	if (n == 1)
		return show_topic(stdout, words[0]);
	pager = open_pager();
	if (!pager) {
		show_all(stdout);
		return Z_OK;
	}
	/* the reader may leave before the end */
	(void)sigaction(SIGPIPE, &ignore, &old);
	show_all(pager);
	r = pclose(pager);
	(void)sigaction(SIGPIPE, &old, NULL);
	/* a pager that could not be started must not swallow the text */
	if (r < 0 || (WIFEXITED(r) && WEXITSTATUS(r) == 127))
		show_all(stdout);
	return Z_OK;
}

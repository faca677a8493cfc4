/* SPDX-License-Identifier: MIT */
/*
 * doorstat: the doors that the processes of this host, or of this zone, serve, with what
 * happens on them: totals, or rates over an interval.
 *
 * Linux: illumos has no such command; options and output follow its newer ones (-p, -o, -j).
 */
#include "pages.h"

#include "dladm/columns.h"
#include "linux/conventions.h"
#include "linux/instance.h"

#include <ctype.h>
#include <door_linux.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <zone.h>

struct options {
	const char *fields, *zone, *path;
	bool parsable, json;
	pid_t pid;
	unsigned int interval, count; /* seconds; 0: one report of totals; 0: without end */
	uint64_t id;		      /* of the door at path */
};

enum {
	PID,
	PROGRAM,
	ZONE,
	THR,
	BUSY,
	CALLS,
	ERRORS,
	TIME,
	MAX,
	DOOR,
	ATTR,
	REFUSED,
	UNANSWERED,
	ID,
	COLUMNS
};
#define DEFAULT_COLUMNS ATTR

static const struct column table[COLUMNS + 1] = {
	[PID] = {"PID", 8, COLUMN_NUMBER},
	[PROGRAM] = {"PROGRAM", 16},
	[ZONE] = {"ZONE", 10},
	[THR] = {"THR", 5, COLUMN_NUMBER},
	[BUSY] = {"BUSY", 5, COLUMN_NUMBER},
	[CALLS] = {"CALLS", 11, COLUMN_NUMBER},
	[ERRORS] = {"ERRORS", 7, COLUMN_NUMBER},
	[TIME] = {"TIME", 9, COLUMN_NUMBER},
	[MAX] = {"MAX", 10, COLUMN_NUMBER},
	[DOOR] = {"DOOR", 24},
	[ATTR] = {"ATTR", 20},
	[REFUSED] = {"REFUSED", 8, COLUMN_NUMBER},
	[UNANSWERED] = {"UNANSWERED", 11, COLUMN_NUMBER},
	[ID] = {"ID", 17},
};

static const struct {
	uint32_t bit;
	const char *name;
} attributes[] = {
	{DOOR_UNREF, "unref"},
	{DOOR_UNREF_MULTI, "unref_multi"},
	{DOOR_PRIVATE, "private"},
	{DOOR_REFUSE_DESC, "refuse_desc"},
	{DOOR_NO_CANCEL, "no_cancel"},
	{DOOR_NO_DEPLETION_CB, "no_depletion_cb"},
	{DOOR_PRIVCREATE, "privcreate"},
};

static const char usage_text[] =
	"usage: doorstat [-p | -j] [-o field[,...]] [-P pid] [-z zone] [path] [interval [count]]\n";

static void _printf_(1, 2) __attribute__((noreturn)) usage(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("doorstat: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n%s", usage_text);
	exit(2);
}

static unsigned int number(const char *what, const char *text)
{
	unsigned long v = 0;
	char *end = NULL;

	if (isdigit((unsigned char)text[0]))
		v = strtoul(text, &end, 10);
	if (!end || *end || v == 0 || v > INT_MAX)
		usage("invalid %s '%s': a number from 1 on", what, text);
	return (unsigned int)v;
}

static void read_options(int argc, char *argv[], struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "pjo:P:z:")) != -1)
		switch (c) {
		case 'p':
			o->parsable = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'o':
			o->fields = optarg;
			break;
		case 'P':
			o->pid = (pid_t)number("process", optarg);
			break;
		case 'z':
			o->zone = optarg;
			break;
		default:
			(void)fputs(usage_text, stderr);
			exit(2);
		}
	if (o->parsable && o->json)
		usage("the options -j and -p exclude each other");
	argv += optind;
	if (*argv && strchr(*argv, '/'))
		o->path = *argv++;
	if (*argv)
		o->interval = number("interval", *argv++);
	if (*argv)
		o->count = number("count", *argv++);
	if (*argv)
		usage("it takes no argument '%s'", *argv);
}

/* The id of the door that path is, or that is over that file. */
static uint64_t door_at(const char *path)
{
	_cleanup_close_ int fd = FD_NONE;
	struct door_info info;
	struct stat st;

	if (stat(path, &st) < 0)
		die("%s: %s", path, strerror(errno));
	if (S_ISSOCK(st.st_mode))
		fd = door_open(path);
	else if (S_ISREG(st.st_mode))
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	else
		die("%s: not a door", path);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	if (door_info(fd, &info) < 0 || info.di_target < 0)
		die("%s: nobody serves a door there", path);
	return info.di_uniquifier;
}

/* In a zone all that can be seen is of the zone; the host is what is in none. */
static const char *own_zone(void)
{
	static char name[ZONENAME_MAX];
	zoneid_t id = getzoneid();

	if (id < 0 || getzonenamebyid(id, name, sizeof(name)) < 0)
		(void)str_copy(name, sizeof(name), GLOBAL_ZONENAME);
	return name;
}

static bool selected(const struct options *o, const struct door_row *row)
{
	return (!o->path || row->id == o->id) && (!o->zone || streq(row->zone, o->zone));
}

static void take(const struct options *o, const char *zone, struct door_rows *rows)
{
	size_t i, n = 0;
	int r = o->pid ? pages_read(rows, o->pid) : pages_read_all(rows);

	if (r < 0 && o->pid)
		die("process %d: %s", (int)o->pid, strerror(-r));
	if (r < 0)
		die("cannot read /proc: %s", strerror(-r));
	for (i = 0; i < rows->n; i++) {
		if (!rows->rows[i].zone[0])
			(void)str_copy(rows->rows[i].zone, sizeof(rows->rows[i].zone), zone);
		if (selected(o, &rows->rows[i]))
			rows->rows[n++] = rows->rows[i];
	}
	rows->n = n;
}

static void attributes_text(uint32_t bits, char *buf, size_t size)
{
	size_t i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (bits & attributes[i].bit)
			n += (size_t)snprintf(
				buf + n, size - n, "%s%s", n ? "," : "", attributes[i].name);
}

/* What a page says may be nonsense: no difference is negative. */
static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void format_rate(char buf[32], uint64_t now, uint64_t then, double seconds)
{
	if (seconds > 0)
		(void)snprintf(buf, 32, "%.1f", (double)less(now, then) / seconds);
	else
		(void)snprintf(buf, 32, "%llu", (unsigned long long)now);
}

/* Microseconds. */
static void format_time(char buf[32], uint64_t ns, uint64_t calls)
{
	if (calls)
		(void)snprintf(buf, 32, "%.2f", (double)ns / (double)calls / 1000);
	else
		buf[0] = '\0';
}

/* seconds: since then; 0: totals. */
static void show(
	struct columns *c, const struct door_row *now, const struct door_row *then, double seconds)
{
	char text[COLUMNS][32] = {0}, attr[128];
	const char *values[COLUMNS];
	int i;

	(void)snprintf(text[PID], 32, "%d", (int)now->pid);
	(void)snprintf(text[THR], 32, "%u", now->threads);
	(void)snprintf(text[BUSY], 32, "%llu", (unsigned long long)less(now->calls, now->ended));
	format_rate(text[CALLS], now->calls, then->calls, seconds);
	format_rate(text[REFUSED], now->refused, then->refused, seconds);
	format_rate(text[UNANSWERED], now->unanswered, then->unanswered, seconds);
	format_rate(text[ERRORS], now->refused + now->unanswered, then->refused + then->unanswered,
		seconds);
	format_time(text[TIME], less(now->time_ns, then->time_ns), less(now->timed, then->timed));
	format_time(text[MAX], now->max_ns, now->timed ? 1 : 0);
	(void)snprintf(text[ID], 32, "%016llx", (unsigned long long)now->id);
	attributes_text(now->attributes, attr, sizeof(attr));
	for (i = 0; i < COLUMNS; i++)
		values[i] = text[i];
	values[PROGRAM] = now->program;
	values[ZONE] = now->zone;
	values[DOOR] = now->path;
	values[ATTR] = attr;
	columns_print(c, values);
}

static void report(struct columns *c, const struct door_rows *now, const struct door_rows *then,
	double seconds)
{
	static const struct door_row none;
	const struct door_row *old;
	size_t i;

	c->header_done = false;
	for (i = 0; i < now->n; i++) {
		old = rows_find(then, &now->rows[i]);
		show(c, &now->rows[i], old ? old : &none, seconds);
	}
	columns_end(c);
	if (fflush(stdout) != 0)
		die("cannot write: %s", strerror(errno));
}

static double now_seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char *argv[])
{
	struct door_rows rows[2] = {0}; /* now and then, in turns */
	struct options o = {0};
	struct columns c;
	struct diag d = {0};
	double at, before;
	const char *zone;
	unsigned int i;

	if (help_asked(argc, argv)) {
		(void)fputs(usage_text, usage_to());
		return usage_status(2);
	}
	read_options(argc, argv, &o);
	if (columns_init(&c, table, DEFAULT_COLUMNS, o.fields,
		    o.json	 ? COLUMNS_JSON
		    : o.parsable ? COLUMNS_PARSABLE
				 : COLUMNS_TABLE,
		    &d) < 0)
		die("%s", d.text);
	if (instance_init(NULL) < 0)
		die("cannot use the root '%s'", getenv("ZONES_ROOT"));
	if (o.path)
		o.id = door_at(o.path);
	zone = own_zone();
	take(&o, zone, &rows[0]);
	if (!o.interval)
		report(&c, &rows[0], &rows[1], 0);
	before = now_seconds();
	for (i = 1; o.interval && (!o.count || i <= o.count); i++) {
		(void)sleep(o.interval);
		rows_free(&rows[i % 2]);
		take(&o, zone, &rows[i % 2]);
		at = now_seconds();
		report(&c, &rows[i % 2], &rows[(i + 1) % 2], at - before);
		before = at;
	}
	rows_free(&rows[0]);
	rows_free(&rows[1]);
	return 0;
}

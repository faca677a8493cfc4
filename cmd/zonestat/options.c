/* SPDX-License-Identifier: MIT */
/* The command line of zonestat. */
#include "zonestat/zonestat.h"
#include "linux/conventions.h"

#define LIVE_INTERVAL 2 /* seconds */
#define NUMBER_MAX    1000000000

static void __attribute__((noreturn)) usage(void)
{
	(void)fprintf(usage_to(),
		"usage: zonestat [-z zone,...] [-r resource,...] [-n name,...] [-T u|d|i]\n"
		"                [-R total|average|high,... [-q]] [-p [-P line,...] | -j]\n"
		"                [-S name|used|cap|pcap|shr|pshru,...] interval [duration [report]]\n"
		"       zonestat -i [-z zone,...] [interval]\n");
	exit(usage_status(2));
}

static void __attribute__((noreturn)) refuse(const char *what, const char *why)
{
	(void)fprintf(stderr, "zonestat: %s: %s\n", what, why);
	exit(2);
}

/* Calls fn with each word of a comma list, which is cut apart in place. */
static void each_word(struct options *o, char *list, void (*fn)(struct options *o, char *word))
{
	char *save = NULL, *word = strtok_r(list, ",", &save);

	if (!word)
		refuse("a list", "it is empty");
	for (; word; word = strtok_r(NULL, ",", &save))
		fn(o, word);
}

static void add_name(const char ***names, size_t *n, const char *word)
{
	const char **more = reallocarray(*names, *n + 1, sizeof(*more));

	if (!more)
		refuse(word, strerror(ENOMEM));
	more[(*n)++] = word;
	*names = more;
}

static void add_zone(struct options *o, char *word)
{
	add_name(&o->zones, &o->n_zones, word);
}

static void add_member(struct options *o, char *word)
{
	int i;

	for (i = 0; i < RES_COUNT && !streq(kinds[i].member, word); i++)
		;
	if (i == RES_COUNT)
		refuse(word, "a name is pset_default, mem_default, vm_default or system-limit");
	add_name(&o->members, &o->n_members, word);
}

static void add_range(struct options *o, int from, int to)
{
	for (; from <= to; from++)
		o->wanted[from] = true;
}

static void add_resource(struct options *o, char *word)
{
	static const struct {
		const char *name;
		int from, to;
	} nicknames[] = {{"memory", RES_PHYSICAL, RES_LOCKED}, {"psets", RES_CPU, RES_CPU},
		{"default-pset", RES_CPU, RES_CPU}, {"limits", RES_PROCESSES, RES_LWPS},
		{"limits", RES_LOFI, RES_LOFI}, {"sysv", RES_SHM_MEMORY, RES_MSG_IDS},
		{"all", 0, RES_COUNT - 1}};
	bool found = false;
	size_t i;

	if (streq(word, "summary") || streq(word, "all"))
		found = o->summary = true;
	for (i = 0; i < ARRAY_SIZE(nicknames); i++) {
		if (!streq(nicknames[i].name, word))
			continue;
		add_range(o, nicknames[i].from, nicknames[i].to);
		found = true;
	}
	for (i = 0; i < RES_COUNT; i++) {
		if (!streq(kinds[i].name, word))
			continue;
		o->wanted[i] = true;
		found = true;
	}
	if (!found)
		refuse(word, "there is no such resource");
}

static void add_report(struct options *o, char *word)
{
	if (streq(word, "total"))
		o->reports[REPORT_TOTAL] = true;
	else if (streq(word, "average"))
		o->reports[REPORT_AVERAGE] = true;
	else if (streq(word, "high"))
		o->reports[REPORT_HIGH] = true;
	else
		refuse(word, "a report is total, average or high");
}

static void add_line(struct options *o, char *word)
{
	static const char *const names[] = {
		"resource", "total", "system", "zones", "header", "footer"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names) && !streq(names[i], word); i++)
		;
	if (i == ARRAY_SIZE(names))
		refuse(word, "a line is resource, total, system, zones, header or footer");
	o->lines |= 1u << i;
}

static void add_sort(struct options *o, char *word)
{
	static const char *const names[] = {"name", "used", "cap", "pcap", "shr", "pshru"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i], word))
			break;
	if (i == ARRAY_SIZE(names))
		refuse(word, "sort by name, used, cap, pcap, shr or pshru");
	if (o->n_sort == SORT_COUNT)
		refuse(word, "there are too many columns");
	o->sort[o->n_sort++] = (enum sort)i;
}

static unsigned long parse_number(const char *s, const char *p, char **ret_end)
{
	unsigned long n = strtoul(p, ret_end, 10);

	if (n > NUMBER_MAX)
		refuse(s, "it is too large");
	return n;
}

/* [nh][nm][ns], or seconds alone. */
static double parse_time(const char *s)
{
	const char *p = s, *units = "hms";
	double sum = 0;
	char *end;

	while (*p) {
		const char *unit;
		unsigned long n;

		if (*p < '0' || *p > '9')
			refuse(s, "a time is written [nh][nm][ns]");
		n = parse_number(s, p, &end);
		unit = strchr(units, *end ? *end : 's');
		if (!unit)
			refuse(s, "a time is written [nh][nm][ns]");
		sum += (double)n * (*unit == 'h' ? 3600 : *unit == 'm' ? 60 : 1);
		units = unit + 1;
		p = *end ? end + 1 : end;
	}
	if (sum == 0)
		refuse(s, "a time cannot be zero");
	return sum;
}

/* A number alone counts intervals. */
static double parse_count(const struct options *o, const char *s)
{
	char *end;
	unsigned long n;

	if (streq(s, "inf"))
		return INFINITY;
	if (!*s || s[strspn(s, "0123456789")])
		return parse_time(s);
	n = parse_number(s, s, &end);
	if (n == 0)
		refuse(s, "a number of intervals cannot be zero");
	return (double)n * o->interval;
}

static void parse_operands(struct options *o, int argc, char **argv)
{
	if (o->live && argc == 0) {
		o->interval = LIVE_INTERVAL;
		o->duration = INFINITY;
		return;
	}
	if (argc < 1 || argc > 3)
		usage();
	o->interval = streq(argv[0], "default") ? 5 : parse_time(argv[0]);
	o->duration = argc > 1 ? parse_count(o, argv[1]) : INFINITY;
	o->period = argc > 2 ? parse_count(o, argv[2]) : 0;
}

static void check(const struct options *o)
{
	bool reports =
		o->reports[REPORT_TOTAL] || o->reports[REPORT_AVERAGE] || o->reports[REPORT_HIGH];

	if (o->live && (o->parsable || o->json || o->quiet || reports))
		refuse("-i", "it does not go with -p, -j, -q and -R");
	if (o->json && (o->parsable || o->lines || o->stamp))
		refuse("-j", "it does not go with -p, -P and -T");
	if ((o->quiet || o->period > 0) && !reports)
		refuse(o->quiet ? "-q" : "a report period", "it needs reports: -R");
	if (o->lines && !o->parsable)
		refuse("-P", "it needs -p");
	if (o->stamp == 'd' && o->parsable)
		refuse("-T d", "it does not go with -p");
}

/* Letters with a list; false for another one. */
static bool parse_list(struct options *o, int c)
{
	switch (c) {
	case 'z':
		each_word(o, optarg, add_zone);
		return true;
	case 'r':
		each_word(o, optarg, add_resource);
		return true;
	case 'n':
		each_word(o, optarg, add_member);
		return true;
	case 'R':
		each_word(o, optarg, add_report);
		return true;
	case 'S':
		each_word(o, optarg, add_sort);
		return true;
	case 'P':
		each_word(o, optarg, add_line);
		return true;
	default:
		return false;
	}
}

void options_parse(struct options *o, int argc, char **argv)
{
	int c, i;

	*o = (struct options){0};
	if (help_asked(argc, argv))
		usage();
	while ((c = getopt(argc, argv, "iz:r:n:R:P:T:S:qpj")) != -1) {
		if (c == 'i')
			o->live = true;
		else if (c == 'q')
			o->quiet = true;
		else if (c == 'p')
			o->parsable = true;
		else if (c == 'j')
			o->json = true;
		else if (c == 'T' && strlen(optarg) == 1 && strchr("udi", *optarg))
			o->stamp = *optarg;
		else if (!parse_list(o, c))
			usage();
	}
	parse_operands(o, argc - optind, argv + optind);
	check(o);
	if (!o->lines)
		o->lines = LINE_ALL;
	if (o->n_sort == 0)
		o->sort[o->n_sort++] = SORT_USED;
	for (i = 0; i < RES_COUNT && !o->wanted[i]; i++)
		;
	if (i == RES_COUNT)
		o->summary = true;
}

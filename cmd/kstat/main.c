/* SPDX-License-Identifier: MIT */
/*
 * kstat: prints statistics of zoned by name. In a zone it shows those of that zone.
 *
 * Linux: the statistics are zoned's, not the kernel's: those of zones and of their links.
 */
#include "kstat/kstat-cmd.h"
#include "linux/conventions.h"
#include "linux/instance.h"

#include <limits.h>
#include <time.h>

enum { EXIT_MATCHED, EXIT_NONE, EXIT_USAGE, EXIT_FATAL };

struct options {
	struct format format;
	char stamp; /* 0, 'u', 'd' */
	long interval, count;
	struct selection *selections;
	size_t n;
};

struct round {
	const struct options *o;
	unsigned int matched;
	bool first;
};

static void __attribute__((noreturn)) usage(void)
{
	(void)fprintf(usage_to(),
		"usage: kstat [-Cjlpq] [-T u|d] [-c class] [-m module] [-i instance] [-n name] "
		"[-s statistic] [interval [count]]\n"
		"       kstat [-Cjlpq] [-T u|d] [-c class] module:instance:name:statistic... "
		"[interval [count]]\n");
	exit(usage_status(EXIT_USAGE));
}

static void __attribute__((noreturn)) refuse(const char *what, const char *why)
{
	(void)fprintf(stderr, "kstat: %s: %s\n", what, why);
	exit(EXIT_USAGE);
}

static void parse_into(struct pattern *p, const char *s)
{
	char why[128];

	if (pattern_parse(p, s, why, sizeof(why)) < 0)
		refuse(s, why);
}

/* Letters that say how to print; false for another one. */
static bool parse_format(struct options *o, int c)
{
	struct format *f = &o->format;

	switch (c) {
	case 'C':
		f->parsable = f->colon = true;
		return true;
	case 'j':
		f->json = true;
		return true;
	case 'l':
		f->list = true;
		return true;
	case 'p':
		f->parsable = true;
		return true;
	case 'q':
		f->quiet = true;
		return true;
	case 'T':
		if (!streq(optarg, "u") && !streq(optarg, "d"))
			refuse(optarg, "the time is u or d");
		o->stamp = optarg[0];
		return true;
	default:
		return false;
	}
}

/* True when one of -m, -i, -n and -s was given. */
static bool parse_options(int argc, char **argv, struct options *o, struct selection *s)
{
	bool named = false;
	int c;

	while ((c = getopt(argc, argv, "CjlpqT:c:m:i:n:s:")) != -1) {
		named |= c == 'm' || c == 'i' || c == 'n' || c == 's';
		if (c == 'c')
			parse_into(&s->kclass, optarg);
		else if (c == 'm')
			parse_into(&s->module, optarg);
		else if (c == 'i')
			parse_into(&s->instance, optarg);
		else if (c == 'n')
			parse_into(&s->name, optarg);
		else if (c == 's')
			parse_into(&s->stat, optarg);
		else if (!parse_format(o, c))
			usage();
	}
	if (o->format.json && (o->format.parsable || o->format.list || o->stamp))
		refuse("-j", "it does not go with -C, -l, -p and -T");
	return named;
}

static bool is_number(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

static long parse_number(const char *s)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (errno || *end || n < 1 || n > INT_MAX)
		refuse(s, "the interval and the count are numbers from 1");
	return n;
}

/* The operands: selections, then perhaps an interval and a count. */
static void parse_operands(
	int argc, char **argv, struct options *o, const struct selection *base, bool named)
{
	char why[128];
	int i, end = argc;

	while (end > 0 && argc - end < 2 && is_number(argv[end - 1]))
		end--;
	if (end < argc)
		o->interval = parse_number(argv[end]);
	if (end + 1 < argc)
		o->count = parse_number(argv[end + 1]);
	if (end && named)
		usage();
	o->selections = calloc((size_t)end + 1, sizeof(*o->selections));
	if (!o->selections)
		refuse("selections", strerror(ENOMEM));
	for (i = 0; i < end; i++) {
		o->selections[o->n].kclass = base->kclass;
		if (selection_parse(&o->selections[o->n++], argv[i], why, sizeof(why)) < 0)
			refuse(argv[i], why);
	}
	if (end == 0)
		o->selections[o->n++] = *base;
}

/* A kstat is printed once for each selection that it matches. */
static void one(const struct kstat *k, void *arg)
{
	struct round *r = arg;
	size_t i;

	for (i = 0; i < r->o->n; i++) {
		const struct selection *s = &r->o->selections[i];

		if (match_kstat(s, k))
			r->matched += print_kstat(&r->o->format, s, k, &r->first);
	}
}

/* The kinds that can match, so that the others are not counted in vain. */
static unsigned int kinds_of(const struct options *o)
{
	static const struct {
		const char *module;
		enum kstat_kind kind;
	} kinds[] = {{"zones", KSTAT_ZONES}, {"memory_cap", KSTAT_MEMORY_CAP}, {"caps", KSTAT_CAPS},
		{"caps", KSTAT_SYSV}, {"zone_vfs", KSTAT_ZONE_VFS}, {"link", KSTAT_LINK},
		{"deathrow", KSTAT_DEATHROW}};
	unsigned int all = 0;
	size_t i, k;

	for (i = 0; i < o->n; i++)
		for (k = 0; k < ARRAY_SIZE(kinds); k++)
			if (match_module(&o->selections[i], kinds[k].module))
				all |= kinds[k].kind;
	return all;
}

static void print_stamp(const struct options *o)
{
	time_t now = time(NULL);
	char text[64] = "";
	struct tm tm;

	if (!o->stamp || o->format.quiet)
		return;
	if (o->stamp == 'u')
		(void)snprintf(text, sizeof(text), "%lld", (long long)now);
	else if (localtime_r(&now, &tm))
		(void)strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm);
	(void)printf("%s\n", text);
}

static int print_all(const struct options *o)
{
	struct round round = {.o = o, .first = true};
	int r;

	print_stamp(o);
	print_begin(&o->format);
	r = kstat_each(kinds_of(o), one, &round);
	print_end(&o->format);
	if (r < 0) {
		(void)fprintf(stderr, "kstat: %s\n", daemon_error("zoned", r));
		return EXIT_FATAL;
	}
	r = stdout_done(0, EXIT_FATAL);
	return r ? r : round.matched ? EXIT_MATCHED : EXIT_NONE;
}

int main(int argc, char **argv)
{
	static struct options o = {.count = LONG_MAX}; /* of the program: never freed */
	struct selection base = {0};
	bool named;
	long i;
	int r;

	if (help_asked(argc, argv))
		usage();
	named = parse_options(argc, argv, &o, &base);
	parse_operands(argc - optind, argv + optind, &o, &base, named);
	r = instance_init(NULL);
	if (r < 0) {
		(void)fprintf(stderr, "kstat: cannot use the root '%s': %s\n", getenv("ZONES_ROOT"),
			strerror(-r));
		return EXIT_FATAL;
	}
	r = print_all(&o);
	for (i = 1; o.interval && i < o.count && r != EXIT_FATAL; i++) {
		(void)sleep((unsigned int)o.interval);
		r = print_all(&o);
	}
	return r;
}

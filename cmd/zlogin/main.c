/* SPDX-License-Identifier: MIT */
/*
 * zlogin: enters a zone. No daemon stands between: zoned hands out the zone's
 * namespaces, and zlogin goes in.
 *
 *	  outside				   inside
 *	zlogin parent   <-- pipes or pty master -->  child: cgroup, namespaces,
 *	terminal, signals				identity, confinement, program
 *
 * The console and init's standard streams are served by zoneadmd; zlogin -C and -I are its
 * clients and enter nothing. For a user who is not root another zlogin, which is, does the work (delegated-mode.c).
 */
#include <fcntl.h>

#include "linux/conventions.h"
#include "linux/instance.h"
#include "linux/messages.h"
#include "linux/process-state.h"
#include "zlogin/target.h"

int complain(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("zlogin: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, message(fmt), ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return ZLOGIN_FAILED;
}

static int usage(void)
{
	(void)fprintf(usage_to(),
		"usage: zlogin [-EnPQS] [-e char] [-l user] zone\n"
		"       zlogin -C [-dEQ] [-e char] zone\n"
		"       zlogin -I [-dENQ] [-e char] zone\n"
		"       zlogin [-EinQS] [-e char] [-l user] zone utility [argument...]\n");
	return usage_status(2);
}

/* 0, or the exit code after a message. */
static int take_option(struct options *o, int c)
{
	switch (c) {
	case 'C':
		o->console = true;
		return 0;
	case 'd':
		o->disconnect = true;
		return 0;
	case 'E':
		o->escape = -1;
		return 0;
	case 'e':
		o->escape = (unsigned char)optarg[0];
		if (optarg[0] && !optarg[1])
			return 0;
		(void)complain("the escape character must be one character, not '%s'", optarg);
		return usage();
	case 'I':
		o->standalone = true;
		return 0;
	case 'N':
		o->no_eof = true;
		return 0;
	case 'i':
		o->interactive = true;
		return 0;
	case 'l':
		o->user = optarg;
		return 0;
	case 'n':
		o->no_stdin = true;
		return 0;
	case 'P':
		o->password = true;
		return 0;
	case 'Q':
		o->quiet = true;
		return 0;
	case 'S':
		o->safe = true;
		return 0;
	case ':':
		(void)complain("option -%c needs an argument", optopt);
		return usage();
	default:
		(void)complain("unknown option -%c", optopt);
		return usage();
	}
}

/* What does not go together with the standard streams of init. True after a message. */
static bool bad_standalone(const struct options *o, int words)
{
	if (o->no_eof && !o->standalone)
		(void)complain("-N is for the standard streams of init: give -I too");
	else if (!o->standalone)
		return false;
	else if (o->console || o->safe || o->user || o->interactive || o->no_stdin || o->password)
		(void)complain("-I excludes -C, -i, -l, -n, -P and -S: it is no login");
	else if (words)
		(void)complain("-I takes no utility: it connects to the one that is init");
	else
		return false;
	return true;
}

/* What does not go together. 0, or the exit code after a message. */
static int check_combination(const struct options *o, int words)
{
	if (bad_standalone(o, words))
		return usage();
	if (o->safe && o->user)
		(void)complain("-S and -l exclude each other: safe mode knows no users");
	else if (o->password && (o->safe || o->console || o->interactive || words))
		(void)complain("-P is for a login: it excludes -C, -i, -S and a utility");
	else if (o->disconnect && !o->console && !o->standalone)
		(void)complain("-d is for the console: give -C too");
	else if (o->console && (o->safe || o->user || o->interactive || o->no_stdin))
		(void)complain("-C excludes -i, -l, -n and -S: the console is no login");
	else if (o->console && words)
		(void)complain("-C takes no utility: the console shows what the zone runs");
	else
		return 0;
	return usage();
}

/* As one would type it for ssh: no utility begins with '-', and a shell would say something odd. */
static int refuse_late_option(const char *zone, const char *word)
{
	(void)complain("zone '%s': '%s' is no utility; options stand before the zone", zone, word);
	return usage();
}

static int parse_options(struct options *o, int argc, char **argv)
{
	int c, r;

	*o = (struct options){.escape = '~'};
	while ((c = getopt(argc, argv, "+:CdEe:Iil:NnPQS")) != -1) {
		r = take_option(o, c);
		if (r)
			return r;
	}
	if (optind == argc)
		return usage();
	if (optind + 1 < argc && argv[optind + 1][0] == '-')
		return refuse_late_option(argv[optind], argv[optind + 1]);
	r = check_combination(o, argc - optind - 1);
	if (r)
		return r;
	if (!o->user)
		o->user = "root";
	o->zone = argv[optind];
	o->utility = optind + 1 < argc ? argv + optind + 1 : NULL;
	if (!o->utility && isatty(STDIN_FILENO))
		o->interactive = true;
	return 0;
}

static int check(const struct options *o)
{
	if (streq(o->zone, GLOBAL_ZONENAME))
		return complain("zone 'global': this is the global zone; zlogin enters others");
	if (strlen(o->zone) >= ZONENAME_MAX || strchr(o->zone, '/'))
		return complain("'%s' is not a valid zone name", o->zone);
	if (o->password && !o->interactive)
		return complain("zone '%s': a login with a password needs a terminal", o->zone);
	return 0;
}

/* The child counts on descriptors 0 to 2 being taken. */
static int fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 3);
	if (fd < 0)
		return complain("cannot open /dev/null: %s", strerror(errno));
	(void)close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o;
	struct target t;
	int r;

	r = fill_standard();
	process_begin();
	messages_init(true);
	if (help_asked(argc, argv))
		return usage();
	if (!r)
		r = parse_options(&o, argc, argv);
	if (!r)
		r = check(&o);
	if (r)
		return r;
	if (instance_init(NULL) < 0)
		return complain("cannot use the root '%s'", getenv("ZONES_ROOT"));
	if (geteuid() != 0)
		return delegated_mode(&o);
	if (o.console || o.standalone)
		return console_mode(&o);
	r = target_open(&o, &t);
	if (!r)
		r = o.interactive ? interactive_mode(&o, &t) : command_mode(&o, &t);
	target_close(&t);
	return r;
}

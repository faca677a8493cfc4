/* SPDX-License-Identifier: MIT */
/*
 * zonecfg(8): the configuration of a zone. Commands come from the arguments, a
 * file, or standard input. Only a terminal is a conversation, in which an error is followed by the
 * next command; everywhere else the first error ends the run and nothing is saved.
 */
#include <getopt.h>

#include "complete.h"
#include "help.h"
#include "linux/conventions.h"
#include "linux/instance.h"
#include "session.h"
#include "shell.h"

static int usage(void)
{
	help_command_line(stderr);
	return Z_USAGE;
}

/* zonecfg help [TOPIC], which needs no zone. */
static int help(char *const *words, size_t n)
{
	int r = help_show(words, n);

	if (r == Z_INVAL)
		return usage();
	if (r)
		(void)fprintf(stderr, "zonecfg: help: nothing is known about '%s'; see 'help'\n",
			words[0]);
	return r ? Z_ERR : Z_OK;
}

/* What is left to save at the end of a run without errors. */
static int finish(struct session *s)
{
	if (s->done)
		return Z_OK;
	if (s->res != RES_NONE)
		return complain(s, "resource specification incomplete: 'end' is missing");
	return s->changed ? session_commit(s) : Z_OK;
}

/* Longer than any command; what never ends is not a command file. */
#define LINE_SIZE (64 * 1024)

/* The next line, terminated. 1; 0 at the end; Z_ERR as -Z_ERR, said. */
static int read_line(struct session *s, FILE *in, char *line)
{
	size_t n = 0;
	int c;

	while ((c = getc_unlocked(in)) != EOF) {
		if (c == '\0')
			return -complain(s, "NUL byte");
		if (n == LINE_SIZE - 1)
			return -complain(s, "a line of more than %d bytes", LINE_SIZE);
		line[n++] = (char)c;
		if (c == '\n')
			break;
	}
	line[n] = '\0';
	return n > 0;
}

static int run_stream(struct session *s, FILE *in, const char *name)
{
	static char line[LINE_SIZE];
	int r;

	s->source = name;
	for (s->line = 1; !s->done; s->line++) {
		r = read_line(s, in, line);
		if (r == 0)
			break;
		r = r < 0 ? -r : command_run_text(s, line);
		if (r)
			return r;
	}
	if (ferror(in))
		return complain(s, "%s: %s", name, strerror(errno));
	if (s->line > 1)
		s->line--;
	return finish(s);
}

static int run_file(struct session *s, const char *name)
{
	_cleanup_fclose_ FILE *in = NULL;

	if (streq(name, "-"))
		return run_stream(s, stdin, "standard input");
	in = fopen(name, "re");
	if (!in)
		return complain(s, "%s: %s", name, strerror(errno));
	return run_stream(s, in, name);
}

/* The arguments are one text: a semicolon may be inside one of them or be one itself. */
static int run_arguments(struct session *s, char *const *argv, int argc)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int i, r;

	if (!out)
		return complain(s, "%s", strerror(errno));
	for (i = 0; i < argc; i++)
		(void)fprintf(out, "%s%s", i ? " " : "", argv[i]);
	if (fclose(out) == EOF)
		return complain(s, "%s", strerror(ENOMEM));
	s->may_ask = isatty(STDIN_FILENO);
	r = command_run_text(s, text);
	return r ? r : finish(s);
}

static int run_terminal(struct session *s)
{
	s->interactive = s->may_ask = true;
	if (!s->cfg)
		(void)printf("%s: %s\nUse 'create' to begin configuring a new zone.\n", s->zone,
			zonecfg_strerror(Z_NO_ZONE));
	if (s->read_only)
		(void)printf("Read-only: %s\n", strerror(-s->why_read_only));
	return shell_run(s);
}

/* The zone's name from -z or -u; -u wins when it is not empty. */
static int find_zone(const char *name, const char *uuid, char *buf, size_t size)
{
	struct zone_index_entry e;
	int r;

	if (uuid && *uuid) {
		r = zone_index_find_uuid(uuid, &e);
		if (r && !name) {
			(void)fprintf(
				stderr, "zonecfg: uuid '%s': %s\n", uuid, zonecfg_strerror(r));
			return Z_ERR;
		}
		if (!r)
			return str_copy(buf, size, e.name) < 0 ? Z_ERR : Z_OK;
	}
	if (!name || zonecfg_check_filename(name) || str_copy(buf, size, name) < 0) {
		(void)fprintf(stderr,
			"zonecfg: '%s' is not a valid zone name; expected 1 to 63 letters, digits, "
			"'-', '_', '.', beginning with a letter or digit, not SUNW*\n",
			name ? name : "");
		return Z_ERR;
	}
	return Z_OK;
}

struct options {
	const char *zone;
	const char *uuid;
	const char *file;
	const char *root;
	const char *complete; /* for completions/zonecfg */
};

static int parse_options(int argc, char *argv[], struct options *o)
{
	int opt;

	while ((opt = getopt(argc, argv, "+z:u:f:R:c:?")) >= 0) {
		switch (opt) {
		case 'z':
			o->zone = optarg;
			break;
		case 'u':
			o->uuid = optarg;
			break;
		case 'f':
			o->file = optarg;
			break;
		case 'c':
			o->complete = optarg;
			break;
		case 'R':
			o->root = optarg;
			break;
		default:
			return usage();
		}
	}
	if (!o->zone && !(o->uuid && *o->uuid))
		return usage();
	return o->file && optind < argc ? usage() : Z_OK;
}

static int run(struct session *s, const struct options *o, char **argv, int argc)
{
	int r;

	if (argc >= 1 && streq(argv[0], "help"))
		return help(argv + 1, (size_t)argc - 1);
	r = session_load(s);
	if (o->complete) {
		complete_print(s, o->complete);
		return Z_OK;
	}
	/* A file that cannot be read is still allowed to be deleted or written again. */
	if (r && !(argc > 0 && (strncmp(argv[0], "delete", 6) == 0 ||
				       strncmp(argv[0], "create", 6) == 0)))
		return r;
	if (o->file)
		return run_file(s, o->file);
	if (argc)
		return run_arguments(s, argv, argc);
	if (isatty(STDIN_FILENO))
		return run_terminal(s);
	return run_file(s, "-");
}

int main(int argc, char *argv[])
{
	struct options o = {0};
	struct session s = {0};
	char name[ZONENAME_MAX];
	int r;

	if (help_asked(argc, argv))
		return stdout_done(help(NULL, 0), Z_ERR);
	if (argc >= 2 && streq(argv[1], "help"))
		return stdout_done(help(argv + 2, (size_t)argc - 2), Z_ERR);
	r = parse_options(argc, argv, &o);
	if (r)
		return r;
	r = instance_init(o.root);
	if (r < 0) {
		(void)fprintf(
			stderr, "zonecfg: %s: %s\n", o.root ? o.root : "ZONES_ROOT", strerror(-r));
		return Z_ERR;
	}
	if (find_zone(o.zone, o.uuid, name, sizeof(name)))
		return Z_ERR;
	s.zone = name;
	s.global = streq(name, GLOBAL_ZONENAME);
	r = run(&s, &o, argv + optind, argc - optind);
	session_fini(&s);
	return stdout_done(r, Z_ERR);
}

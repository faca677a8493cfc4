/* SPDX-License-Identifier: MIT */
/* What in the arguments of a subcommand is not like its usage; see usage.h. */
#include "dladm/usage.h"
#include "linux/util.h"

#define OPERANDS_MAX 4

struct shape {
	char missing[64]; /* the first required option that is not there, with its argument */
	char operands[OPERANDS_MAX][64];
	int required, optional;
	bool unclear; /* alternatives */
};

/* Options with more letters than one ("-tl") are looked into; an argument that looks like one is taken for it. */
static bool has_option(char letter, char *const *argv)
{
	for (int i = 1; i < optind; i++)
		if (argv[i][0] == '-' && strchr(argv[i] + 1, letter))
			return true;
	return false;
}

/* A word outside of brackets. Returns the word behind it that belongs to it, or the one it was given. */
static char *take_word(struct shape *s, char *word, char **rest, char *const *argv)
{
	char *next;

	if (streq(word, "|") || word[0] == '{') {
		s->unclear = true;
	} else if (word[0] == '-') {
		next = strtok_r(NULL, " ", rest);
		if (!s->missing[0] && !has_option(word[1], argv))
			(void)snprintf(
				s->missing, sizeof(s->missing), "%s %s", word, next ? next : "");
		return next;
	} else if (s->required < OPERANDS_MAX) {
		(void)str_copy(s->operands[s->required++], sizeof(s->operands[0]), word);
	}
	return word;
}

static void shape_of(const char *text, char *const *argv, struct shape *s)
{
	char copy[512], *rest = NULL, *word;
	int depth = 0;

	*s = (struct shape){0};
	if (str_copy(copy, sizeof(copy), text) < 0)
		s->unclear = true;
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (depth == 0 && word[0] == '[' && word[1] != '-' && word[1] != '[')
			s->optional++;
		else if (depth == 0 && word[0] != '[')
			word = take_word(s, word, &rest, argv);
		for (; word && *word; word++)
			depth += (*word == '[') - (*word == ']');
	}
}

void usage_why(const char *program, const char *name, const char *text, int argc, char *const *argv)
{
	int given = argc - optind;
	char option[8];
	struct shape s;

	shape_of(text, argv, &s);
	(void)snprintf(option, sizeof(option), "-%c ", optopt);
	if (optopt)
		(void)fprintf(stderr, "%s: %s: %s -%c\n", program, name,
			strstr(text, option) ? "an argument is missing behind"
					     : "there is no option",
			optopt);
	else if (s.unclear || given < 0)
		return;
	else if (s.missing[0])
		(void)fprintf(stderr, "%s: %s: '%s' is missing\n", program, name, s.missing);
	else if (given < s.required)
		(void)fprintf(
			stderr, "%s: %s: '%s' is missing\n", program, name, s.operands[given]);
	else if (given > s.required + s.optional)
		(void)fprintf(stderr, "%s: %s: '%s' is too much\n", program, name,
			argv[optind + s.required + s.optional]);
}

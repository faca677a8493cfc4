/* SPDX-License-Identifier: MIT */
/*
 * The filter for boot arguments of illumos zoneadmd, with its own small option
 * parser: getopt(3) keeps its place in globals and reorders its arguments.
 *
 * Linux: an option without its value is refused; illumos passes it to init as an unknown one.
 */
#include "zoneadmd/bootargs.h"

#define BLANK " \t\n"

struct parse {
	struct bootargs *out;
	char *rest; /* of strtok_r */
};

/* Appends a word. "-sss" becomes "-s -s -s": the result can be longer than what came. */
static int append(char *buf, const char *prefix, const char *word)
{
	size_t used = strlen(buf), room = BOOTARGS_MAX - used;
	int n = snprintf(buf + used, room, "%s%s%s", used ? " " : "", prefix, word);

	return n < 0 || (size_t)n >= room ? -E2BIG : 0;
}

/* The value of an option: the rest of its word or the next one. NULL when there is none. */
static char *option_value(struct parse *p, char *rest_of_word)
{
	return *rest_of_word ? rest_of_word : strtok_r(NULL, BLANK, &p->rest);
}

static int take_init(struct bootargs *out, const char *value)
{
	if (!value || value[0] != '/')
		return -EINVAL;
	return str_copy(out->initname, sizeof(out->initname), value) < 0 ? -E2BIG : 0;
}

static int take_value(struct bootargs *out, const char *letter, const char *value)
{
	int r;

	if (!value)
		return -EINVAL;
	r = append(out->args, "-", letter);
	return r < 0 ? r : append(out->args, "", value);
}

static int take_unknown(struct bootargs *out, const char *letter)
{
	int r = append(out->args, "-", letter);

	return r < 0 ? r : append(out->unknown, "-", letter);
}

/* One word of options: "-s", "-sm", "-mverbose". */
static int take_options(struct parse *p, char *word)
{
	struct bootargs *out = p->out;
	char letter[2] = "";
	int r = 0;

	for (word++; *word && r == 0; word++) {
		letter[0] = *word;
		switch (*word) {
		case 'f':
			break;
		case 's':
			r = append(out->args, "-", letter);
			break;
		case 'i':
			return take_init(out, option_value(p, word + 1));
		case 'm':
			return take_value(out, letter, option_value(p, word + 1));
		default:
			r = take_unknown(out, letter);
		}
	}
	return r;
}

int bootargs_parse(const char *text, struct bootargs *ret)
{
	struct parse p = {.out = ret};
	char copy[BOOTARGS_MAX], *word;
	bool first = true;
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	if (str_copy(copy, sizeof(copy), text) < 0)
		return -E2BIG;
	word = strtok_r(copy, BLANK, &p.rest);
	while (word && r == 0) {
		if (word[0] == '-' && word[1])
			r = take_options(&p, word);
		else if (!first)
			r = append(ret->unknown, "", word);
		first = false;
		word = strtok_r(NULL, BLANK, &p.rest);
	}
	return r;
}

/* SPDX-License-Identifier: MIT */
/* The words of the command language; see lexer.h. */
#include "lexer.h"

#define BLANKS " \t\r"

void command_line_fini(struct command_line *c)
{
	size_t i;

	for (i = 0; i < c->n_words; i++)
		free(c->words[i]);
	c->n_words = 0;
}

void value_list_fini(struct value_list *v)
{
	size_t i;

	for (i = 0; i < v->n; i++) {
		free(v->names[i]);
		free(v->values[i]);
	}
	v->n = 0;
}

/* The end of a quoted string that begins at p, behind its last quote; NULL when it has none. */
static const char *skip_quoted(const char *p)
{
	for (p++; *p && *p != '\n'; p++) {
		if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		else if (*p == '"')
			return p + 1;
	}
	return NULL;
}

/* True when the blanks at p only stand around an equals sign. */
static bool blanks_around_equals(const char *p, bool behind_equals)
{
	p += strspn(p, BLANKS);
	return *p == '=' || (behind_equals && *p && !strchr(";\n#", *p));
}

/* Copies one word to out. Returns what follows, or NULL with d set. */
static const char *take_word(const char *p, FILE *out, struct diag *d)
{
	const char *end;
	char last = 0;
	int depth = 0;

	for (; *p && *p != '\n'; p++) {
		if (*p == '"') {
			end = skip_quoted(p);
			if (!end)
				goto unterminated;
			(void)fwrite(p, 1, (size_t)(end - p), out);
			p = end - 1;
			last = '"';
			continue;
		}
		if (strchr(BLANKS, *p)) {
			if (!depth && !blanks_around_equals(p, last == '='))
				break;
			continue;
		}
		if (*p == ';' && !depth)
			break;
		if ((*p == '(' || *p == '[') && (depth || last == '=' || !last))
			depth++;
		else if ((*p == ')' || *p == ']') && depth)
			depth--;
		last = *p;
		(void)fputc(*p, out);
	}
	if (!depth)
		return p;
unterminated:
	(void)diag_set(d, -EINVAL, "%s without an end", depth ? "parenthesis or bracket" : "quote");
	return NULL;
}

static int add_word(const char **p, struct command_line *c, struct diag *d)
{
	_cleanup_free_ char *word = NULL;
	const char *end;
	size_t size;
	FILE *out;

	if (c->n_words == COMMAND_WORDS_MAX)
		return diag_set(d, -EINVAL, "more than %d words", COMMAND_WORDS_MAX);
	out = open_memstream(&word, &size);
	if (!out)
		return diag_errno(d, -errno, "cannot read the command");
	end = take_word(*p, out, d);
	if (fclose(out) == EOF)
		return diag_errno(d, -ENOMEM, "cannot read the command");
	if (!end)
		return -EINVAL;
	*p = end;
	c->words[c->n_words++] = TAKE_PTR(word);
	return 0;
}

int lexer_next(const char **p, struct command_line *ret_command, struct diag *d)
{
	struct command_line c = {.n_words = 0};
	int r;

	for (;;) {
		*p += strspn(*p, BLANKS);
		if (**p == '#')
			*p += strcspn(*p, "\n");
		if (!**p)
			break;
		if (**p == ';' || **p == '\n') {
			(*p)++;
			if (c.n_words)
				break;
			continue;
		}
		r = add_word(p, &c, d);
		if (r) {
			command_line_fini(&c);
			return r;
		}
	}
	*ret_command = c;
	return 0;
}

int lexer_split(const char *word, char **ret_name, const char **ret_value)
{
	const char *eq = word + strcspn(word, "=\"([");
	char *name;

	if (*eq != '=' || eq == word)
		return -EINVAL;
	name = strndup(word, (size_t)(eq - word));
	if (!name)
		return -ENOMEM;
	*ret_name = name;
	*ret_value = eq + 1;
	return 0;
}

/* Takes the quotes off n bytes of text. */
static int unquote(const char *raw, size_t n, char **ret_text)
{
	char *text = malloc(n + 1), *out = text;
	const char *end = raw + n;
	bool inside = false;

	if (!text)
		return -ENOMEM;
	for (; raw < end; raw++) {
		if (*raw == '"') {
			inside = !inside;
			continue;
		}
		if (inside && *raw == '\\' && raw + 1 < end && (raw[1] == '"' || raw[1] == '\\'))
			raw++;
		*out++ = *raw;
	}
	*out = '\0';
	*ret_text = text;
	return 0;
}

int lexer_simple(const char *raw, char **ret_text)
{
	if (*raw == '(' || *raw == '[')
		return -EINVAL;
	return unquote(raw, strlen(raw), ret_text);
}

/* The end of one part of a list: a comma or the closing character at its own level. */
static const char *part_end(const char *p, char close)
{
	while (*p && *p != ',' && *p != close) {
		if (*p == '"')
			p = skip_quoted(p);
		else
			p++;
		if (!p)
			return NULL;
	}
	return *p ? p : NULL;
}

/* One "value", or "name=value" when named, of n bytes. */
static int add_part(struct value_list *v, const char *part, size_t n, bool named)
{
	const char *eq = named ? memchr(part, '=', n) : NULL;
	int r;

	if (v->n == COMMAND_WORDS_MAX || n == 0 || (named && (!eq || eq == part)))
		return -EINVAL;
	v->names[v->n] = NULL;
	if (eq) {
		v->names[v->n] = strndup(part, (size_t)(eq - part));
		if (!v->names[v->n])
			return -ENOMEM;
		n -= (size_t)(eq + 1 - part);
		part = eq + 1;
	}
	r = unquote(part, n, &v->values[v->n]);
	if (r) {
		free(v->names[v->n]);
		return r;
	}
	v->n++;
	return 0;
}

/* Everything between raw[0] and the closing character, which must be last. */
static int take_parts(const char *raw, char close, bool named, struct value_list *ret_list)
{
	struct value_list v = {.n = 0};
	const char *p = raw + 1, *end;
	int r = 0;

	if (*p == close && !p[1] && !named) {
		*ret_list = v;
		return 0;
	}
	for (;; p = end + 1) {
		end = part_end(p, close);
		r = end ? add_part(&v, p, (size_t)(end - p), named) : -EINVAL;
		if (r || *end == close)
			break;
	}
	if (!r && end[1])
		r = -EINVAL;
	if (r)
		value_list_fini(&v);
	else
		*ret_list = v;
	return r;
}

int lexer_list(const char *raw, struct value_list *ret_list)
{
	int r;

	if (*raw == '[')
		return take_parts(raw, ']', false, ret_list);
	ret_list->n = 0;
	ret_list->names[0] = NULL;
	r = lexer_simple(raw, &ret_list->values[0]);
	if (!r)
		ret_list->n = 1;
	return r;
}

int lexer_complex(const char *raw, struct value_list *ret_list)
{
	return *raw == '(' ? take_parts(raw, ')', true, ret_list) : -EINVAL;
}

void lexer_quote(FILE *out, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+:@%!";

	if (*value && strspn(value, plain) == strlen(value)) {
		(void)fputs(value, out);
		return;
	}
	(void)fputc('"', out);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			(void)fputc('\\', out);
		(void)fputc(*value, out);
	}
	(void)fputc('"', out);
}

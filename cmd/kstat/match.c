/* SPDX-License-Identifier: MIT */
/* Which statistics are meant: shell patterns and regular expressions. */
#include "kstat/kstat-cmd.h"

#include <fnmatch.h>

static int compile(struct pattern *p, const char *s, size_t n, char *text, size_t size)
{
	char expression[256];
	int r;

	if (n >= sizeof(expression)) {
		(void)snprintf(text, size, "the regular expression is too long");
		return -EINVAL;
	}
	memcpy(expression, s, n);
	expression[n] = '\0';
	r = regcomp(&p->regex, expression, REG_EXTENDED | REG_NOSUB);
	if (r) {
		(void)regerror(r, &p->regex, text, size);
		return -EINVAL;
	}
	p->is_regex = true;
	return 0;
}

int pattern_parse(struct pattern *p, const char *s, char *text, size_t size)
{
	size_t n = strlen(s);

	*p = (struct pattern){0};
	if (n >= 2 && s[0] == '/' && s[n - 1] == '/')
		return compile(p, s + 1, n - 2, text, size);
	if (n)
		p->glob = s;
	return 0;
}

/* The next part of an operand; a regular expression may contain colons. */
static char *next_part(char **at)
{
	char *part = *at, *end;

	if (!part)
		return NULL;
	if (part[0] == '/')
		end = strstr(part + 1, "/:");
	else
		end = strchr(part, ':');
	if (end && *end == '/')
		end++;
	*at = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return part;
}

int selection_parse(struct selection *s, char *operand, char *text, size_t size)
{
	struct pattern *const parts[] = {&s->module, &s->instance, &s->name, &s->stat};
	char *at = operand;
	size_t i;
	int r = 0;

	for (i = 0; i < ARRAY_SIZE(parts) && at && r == 0; i++)
		r = pattern_parse(parts[i], next_part(&at), text, size);
	if (r == 0 && at) {
		(void)snprintf(text, size, "it has more than four parts");
		r = -EINVAL;
	}
	return r;
}

static bool matches(const struct pattern *p, const char *s)
{
	if (p->is_regex)
		return regexec(&p->regex, s, 0, NULL, 0) == 0;
	return !p->glob || fnmatch(p->glob, s, 0) == 0;
}

bool match_module(const struct selection *s, const char *module)
{
	return matches(&s->module, module);
}

bool match_kstat(const struct selection *s, const struct kstat *k)
{
	char instance[16];

	(void)snprintf(instance, sizeof(instance), "%d", k->instance);
	return match_module(s, k->module) && matches(&s->instance, instance) &&
	       matches(&s->name, k->name) && matches(&s->kclass, k->kclass);
}

bool match_stat(const struct selection *s, const char *stat)
{
	return matches(&s->stat, stat);
}

/* SPDX-License-Identifier: MIT */
/*
 * The interactive shell on libedit. A wrong command is said and the next one is read; the
 * end of input is exit, with commit.
 */
#include "shell.h"

#include <histedit.h>
#include <signal.h>

#include "complete.h"
#include "resource.h"

/* libedit gives its callbacks no pointer of ours for the prompt. */
static struct session *current;

static char *prompt(EditLine *el)
{
	static char text[ZONENAME_MAX + 40];

	(void)snprintf(text, sizeof(text), "zonecfg:%s%s%s> ", current->zone,
		current->res == RES_NONE ? "" : ":",
		current->res == RES_NONE ? "" : res_types[current->res].name);
	return text;
}

/*
 * Completes as far as all candidates agree; when that is no further than what is there, shows
 * them.
 */
static unsigned char complete(EditLine *el, int ch)
{
	static struct candidates c;
	const LineInfo *info = el_line(el);
	char rest[CANDIDATE_SIZE + 1];
	size_t same, i;

	complete_find(current, info->buffer, (size_t)(info->cursor - info->buffer), &c);
	same = complete_common(&c);
	if (!c.n)
		return CC_ERROR;
	if (c.n > 1 && same == c.typed) {
		(void)putchar('\n');
		for (i = 0; i < c.n; i++)
			(void)printf("%s%s", i ? "  " : "", c.names[i]);
		(void)putchar('\n');
		(void)fflush(stdout);
		return CC_REDISPLAY;
	}
	(void)snprintf(rest, sizeof(rest), "%.*s%c", (int)(same - c.typed), c.names[0] + c.typed,
		c.n == 1 ? c.tail : '\0');
	if (*rest && el_insertstr(el, rest) < 0)
		return CC_ERROR;
	return CC_REFRESH;
}

/* ^C, which is a key here and no signal: drops the line, not what was done before it. */
static unsigned char discard(EditLine *el, int ch)
{
	const LineInfo *info = el_line(el);

	(void)el_cursor(el, (int)(info->lastchar - info->cursor));
	el_deletestr(el, (int)(info->lastchar - info->buffer));
	(void)printf("^C\n");
	(void)fflush(stdout);
	return CC_REDISPLAY;
}

static void loop(struct session *s, EditLine *el, History *h)
{
	HistEvent event;
	const char *line;
	int n;

	while (!s->done) {
		line = el_gets(el, &n);
		if (!line || n <= 0) {
			(void)putchar('\n');
			return;
		}
		if (n > 1)
			(void)history(h, &event, H_ENTER, line);
		(void)command_run_text(s, line);
		(void)fflush(stdout);
	}
}

/* The end of input: what is left is committed. */
static int finish(struct session *s)
{
	if (s->done || !s->changed)
		return Z_OK;
	if (s->res != RES_NONE) {
		(void)complain(s, "resource specification incomplete: nothing was saved");
		return Z_ERR;
	}
	return session_commit(s);
}

int shell_run(struct session *s)
{
	EditLine *el = el_init("zonecfg", stdin, stdout, stderr);
	History *h = history_init();
	HistEvent event;

	if (!el || !h) {
		(void)complain(s, "the terminal cannot be used");
		if (h)
			history_end(h);
		if (el)
			el_end(el);
		return Z_ERR;
	}
	current = s;
	(void)history(h, &event, H_SETSIZE, 500);
	(void)el_set(el, EL_PROMPT, prompt);
	(void)el_set(el, EL_EDITOR, "emacs");
	(void)el_set(el, EL_SIGNAL, 1);
	(void)el_set(el, EL_HIST, history, h);
	(void)el_set(el, EL_ADDFN, "complete", "completes a word", complete);
	(void)el_set(el, EL_BIND, "^I", "complete", NULL);
	(void)el_set(el, EL_ADDFN, "discard", "drops the line", discard);
	(void)el_set(el, EL_SETTY, "-d", "-isig", NULL);
	(void)el_set(el, EL_BIND, "^C", "discard", NULL);
	loop(s, el, h);
	history_end(h);
	el_end(el);
	return finish(s);
}

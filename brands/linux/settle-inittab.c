/* SPDX-License-Identifier: MIT */
/*
 * /etc/inittab of a root with sysvinit or busybox: a zone has no virtual terminals, but a console. The
 * first line that asks for a name on tty1 does so on the console instead; the others are left out,
 * where init would start them again and again. Runs in the jail.
 */
#include "settle.h"

#include "image/root-file.h"
#include "linux/openat2.h"
#include "linux/plain-file.h"

#define INITTAB	    "/etc/inittab"
#define INITTAB_MAX 65536

/* A line that runs a getty on a virtual terminal; the terminal's name is the last one in it. */
static bool asks_on_terminal(const char *line)
{
	const char *tty = strstr(line, "getty");

	while (tty && (tty = strstr(tty + 1, "tty")))
		if (tty[-1] == ' ' && tty[3] >= '1' && tty[3] <= '9')
			return line[0] != '#';
	return false;
}

/* Every ttyN becomes console: busybox has it as the line's first field as well. */
static void put_on_console(FILE *f, const char *line)
{
	const char *p = line;

	while (*p) {
		bool word = p == line || p[-1] == ' ' || p[-1] == '/';

		if (word && strncmp(p, "tty", 3) == 0 && p[3] >= '1' && p[3] <= '9') {
			(void)fputs("console", f);
			p += 3 + strspn(p + 3, "0123456789");
		} else {
			(void)fputc(*p++, f);
		}
	}
}

static bool rewrite(char *text, FILE *f)
{
	bool found = false;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (!text && !*line)
			break;
		if (!asks_on_terminal(line))
			(void)fputs(line, f);
		else if (found)
			(void)fprintf(f, "#%s", line);
		else
			put_on_console(f, line);
		found = found || asks_on_terminal(line);
		(void)fputc('\n', f);
	}
	return found;
}

int settle_inittab(struct diag *d)
{
	_cleanup_free_ char *text = NULL, *changed = NULL;
	size_t size;
	bool found;
	FILE *f;
	int r;

	/* What is no plain file, or too large for one, is left as it is. */
	r = plain_file_text(AT_FDCWD, INITTAB, RESOLVE_NO_SYMLINKS, INITTAB_MAX, &text, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	f = open_memstream(&changed, &size);
	if (!f)
		return -ENOMEM;
	found = rewrite(text, f);
	if (fclose(f) != 0)
		return -ENOMEM;
	return found ? root_file_write(INITTAB, changed, d) : 0;
}

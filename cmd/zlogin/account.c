/* SPDX-License-Identifier: MIT */
/*
 * Users of a zone and the environment they get; see account.h. Everything read
 * here belongs to the zone; the process that reads it does too, already.
 */
#include "zlogin/account.h"

#include <ctype.h>
#include <fcntl.h>

#include "linux/plain-file.h"

#define ENV_MAX	     10
#define ACCOUNTS_MAX (16u << 20)

struct environment {
	char *vars[ENV_MAX + 1];
	size_t n;
};

/* Adds NAME=value. A variable for which there is no memory is left out. */
static void env_add(struct environment *e, const char *name, const char *value)
{
	char *var;

	if (e->n < ENV_MAX && asprintf(&var, "%s=%s", name, value) >= 0)
		e->vars[e->n++] = var;
}

bool account_parse(const char *line, const char *user, struct account *ret)
{
	char *fields[7], *rest;
	size_t i, n = strlen(user);

	*ret = (struct account){0};
	if (strncmp(line, user, n) != 0 || line[n] != ':' ||
		str_copy(ret->line, sizeof(ret->line), line) < 0)
		return false;
	rest = ret->line;
	rest[strcspn(rest, "\n")] = '\0';
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		fields[i] = strsep(&rest, ":");
		if (!fields[i])
			return false;
	}
	ret->name = fields[0];
	ret->home = *fields[5] ? fields[5] : "/";
	ret->shell = *fields[6] ? fields[6] : "/bin/sh";
	return true;
}

bool account_find(const char *path, const char *user, struct account *ret)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	char line[ACCOUNT_LINE];
	bool whole = true;
	size_t size;

	if (plain_file_text(AT_FDCWD, path, 0, ACCOUNTS_MAX, &text, &size) == 0)
		f = fmemopen(text, size, "r");
	while (f && fgets(line, sizeof(line), f)) {
		bool begins = whole;

		/* The rest of a line that is too long is no line. */
		whole = strchr(line, '\n') != NULL;
		if (begins && account_parse(line, user, ret))
			return true;
	}
	return false;
}

char *words_join(char *const *words)
{
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	for (i = 0; words[i]; i++)
		(void)fprintf(f, "%s%s", i ? " " : "", words[i]);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static bool plain_name(const char *user)
{
	size_t i;

	for (i = 0; user[i]; i++)
		if (!isalnum((unsigned char)user[i]) && !(i && strchr("._-$", user[i])) &&
			user[i] != '_')
			return false;
	return i > 0 && !strchr(user, '$');
}

char *login_expand(const char *command, const char *user)
{
	char *text = NULL;
	size_t size;
	FILE *f;

	if (!plain_name(user))
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	for (; *command; command++) {
		bool token = command[0] == '%' && (command[1] == 'u' || command[1] == '%');

		if (token)
			command++;
		if (token && *command == 'u')
			(void)fputs(user, f);
		else
			(void)fputc(*command, f);
	}
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static _Noreturn void exec_or_fail(char *const *argv, const char *file)
{
	int code;

	(void)execvp(file, argv);
	code = errno == ENOENT ? 127 : 126;
	(void)dprintf(STDERR_FILENO, "zlogin: cannot run '%s': %s\n", file, strerror(errno));
	_exit(code);
}

static void account_environment(struct environment *e, const struct account *a)
{
	char mail[ACCOUNT_LINE + 16];

	env_add(e, "LOGNAME", a->name);
	env_add(e, "USER", a->name);
	env_add(e, "HOME", a->home);
	env_add(e, "SHELL", a->shell);
	(void)snprintf(mail, sizeof(mail), "/var/mail/%s", a->name);
	env_add(e, "MAIL", mail);
}

static _Noreturn void exec_safe(const struct options *o)
{
	char *const shell[] = {(char *)"/bin/sh", NULL};

	exec_or_fail(o->utility ? o->utility : shell, o->utility ? o->utility[0] : shell[0]);
}

/* The utility, or a login shell when there is none and input is no terminal. */
static _Noreturn void exec_shell(const struct account *a, char *command)
{
	char *const run[] = {(char *)a->shell, (char *)"-c", command, NULL};
	char *const login[] = {(char *)"-sh", NULL};

	exec_or_fail(command ? run : login, a->shell);
}

static _Noreturn void exec_su(const char *user, char *command)
{
	char *const run[] = {(char *)"su", (char *)user, (char *)"-c", command, NULL};
	char *const login[] = {(char *)"su", (char *)"-", (char *)user, NULL};

	exec_or_fail(command ? run : login, "/bin/su");
}

static _Noreturn void exec_login(const char *login, const char *user)
{
	char *line = login_expand(login, user);
	char *const argv[] = {(char *)"sh", (char *)"-c", line, NULL};

	if (!line) {
		(void)dprintf(STDERR_FILENO, "zlogin: '%s' is not a user name\n", user);
		_exit(ZLOGIN_FAILED);
	}
	exec_or_fail(argv, "/bin/sh");
}

_Noreturn void account_exec(const struct options *o, const char *login, const char *term)
{
	static struct account root = {.name = "root", .home = "/", .shell = "/bin/sh"};
	static struct environment env;
	struct account found, *a = &root;
	char *command = NULL;

	env_add(&env, "PATH", ZLOGIN_PATH);
	if (term && *term)
		env_add(&env, "TERM", term);
	if (o->safe) {
		env_add(&env, "HOME", "/");
		env_add(&env, "SHELL", "/bin/sh");
		environ = env.vars;
		exec_safe(o);
	}
	if (account_find("/etc/passwd", o->user, &found))
		a = &found;
	if (a == &found || streq(o->user, "root"))
		account_environment(&env, a);
	environ = env.vars;
	if (o->utility && o->interactive)
		exec_or_fail(o->utility, o->utility[0]);
	if (login)
		exec_login(login, o->user);
	if (o->utility && !(command = words_join(o->utility)))
		_exit(126);
	if (!streq(o->user, "root"))
		exec_su(o->user, command);
	exec_shell(a, command);
}

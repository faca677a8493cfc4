/* SPDX-License-Identifier: MIT */
/*
 * What a zone of brand linux needs of us, whatever is in its root: a static program that is
 * called by four names of /native.
 *
 *	init		process 1: becomes /sbin/init, or the program of an application image
 *	poweroff	what "zoneadm shutdown" runs: asks the init, or that program, to end
 *	passwd USER	prints the user's line; by getent where there is one
 *	login ...	/bin/login, or a shell where there is none
 *
 * The application becomes process 1 itself. The kernel drops a signal that process 1 has no
 * handler for, so poweroff does not wait for ever: after STOP_SECONDS it ends the zone
 * as reboot(2) does.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/plain-file.h"
#include "program.h"
#include "zone/init-tell.h"

#define LINES_MAX    4096
#define GROUPS_MAX   256
#define STOP_SECONDS 10
#define PROGRAM_MAX  (1u << 20)
#define ACCOUNTS_MAX (16u << 20)

struct program {
	char *text; /* the strings below are in it */
	char *argv[LINES_MAX];
	char *env[LINES_MAX];
	size_t n_argv, n_env;
	uid_t uid;
	gid_t gid;
	gid_t groups[GROUPS_MAX];
	size_t n_groups;
	char *dir;
	int stop;
};

static struct program program = {.stop = SIGTERM};
static bool launching; /* zsched waits to hear */

/* The boot fails with it. */
static void tell(const char *what, const char *about)
{
	struct init_error e = {.err = -errno};

	(void)snprintf(e.what, sizeof(e.what), "%s", what);
	(void)snprintf(e.about, sizeof(e.about), "%s", about);
	if (e.what[0] >= 'a' && e.what[0] <= 'z')
		e.what[0] = (char)(e.what[0] - 'a' + 'A');
	(void)send(INIT_TELL_FD, &e, sizeof(e), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void __attribute__((noreturn)) fail(const char *what, const char *about)
{
	int err = errno;

	if (launching)
		tell(what, about);
	errno = err;
	(void)fprintf(stderr, "%s '%s': %s\n", what, about, strerror(errno));
	exit(127);
}

/* ---- the file ---- */

/* False: there is none, and the zone has an init. The zone's root may have put anything there. */
static bool load(void)
{
	int r = plain_file_text(AT_FDCWD, PROGRAM_FILE, 0, PROGRAM_MAX, &program.text, NULL);

	if (r < 0 && r != -ENOENT) {
		errno = -r;
		fail("cannot read", PROGRAM_FILE);
	}
	return r == 0;
}

static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\\' && s[1]) {
			s++;
			*to++ = *s == 'n' ? '\n' : *s;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static void take_user(char *value)
{
	char *end;

	program.uid = (uid_t)strtoul(value, &end, 10);
	program.gid = (gid_t)strtoul(end, &end, 10);
	program.groups[program.n_groups++] = program.gid; /* as initgroups(3) does */
	while (*end == ' ' && program.n_groups < GROUPS_MAX)
		program.groups[program.n_groups++] = (gid_t)strtoul(end, &end, 10);
}

static void take_line(char *word, char *value)
{
	unescape(value);
	if (strcmp(word, "user") == 0)
		take_user(value);
	else if (strcmp(word, "dir") == 0)
		program.dir = value;
	else if (strcmp(word, "stop") == 0)
		program.stop = atoi(value);
	else if (strcmp(word, "env") == 0 && program.n_env < LINES_MAX - 1)
		program.env[program.n_env++] = value;
	else if (strcmp(word, "arg") == 0 && program.n_argv < LINES_MAX - 1)
		program.argv[program.n_argv++] = value;
}

static void parse(void)
{
	char *save = NULL, *line, *value;

	for (line = strtok_r(program.text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		value = strchr(line, ' ');
		if (!value)
			continue;
		*value++ = '\0';
		take_line(line, value);
	}
}

/* ---- init ---- */

static const char *env_of(const char *name)
{
	size_t n = strlen(name), i;

	for (i = 0; i < program.n_env; i++)
		if (strncmp(program.env[i], name, n) == 0 && program.env[i][n] == '=')
			return program.env[i] + n + 1;
	return NULL;
}

/* What the image does not say: where programs are, and that this is a zone. */
static void default_env(void)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		    zone[] = "container=zones", home[] = "HOME=/root", elsewhere[] = "HOME=/";

	if (!env_of("PATH"))
		program.env[program.n_env++] = path;
	if (!env_of("HOME") && program.n_env < LINES_MAX - 2)
		program.env[program.n_env++] = program.uid == 0 ? home : elsewhere;
	if (!env_of("container") && program.n_env < LINES_MAX - 1)
		program.env[program.n_env++] = zone;
}

/* The console may be opened again as /dev/stdout, as images do for their logs, also by who is not root. */
static void lend_console(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (isatty(fd) && fchown(fd, program.uid, (gid_t)-1) < 0)
			return;
}

static int run_program(void)
{
	parse();
	if (program.n_argv == 0) {
		errno = ENOENT;
		fail("no program in", PROGRAM_FILE);
	}
	program.n_env = program.n_env > LINES_MAX - 4 ? LINES_MAX - 4 : program.n_env;
	default_env();
	lend_console();
	if (setgroups(program.n_groups, program.groups) < 0 || setgid(program.gid) < 0 ||
		setuid(program.uid) < 0)
		fail("cannot become the user of", program.argv[0]);
	if (program.dir && chdir(program.dir) < 0)
		fail("cannot enter", program.dir);
	environ = program.env;
	(void)execvp(program.argv[0], program.argv);
	fail("cannot execute", program.argv[0]);
}

static int be_init(char **argv)
{
	launching = getpid() == 1 && fcntl(INIT_TELL_FD, F_SETFD, FD_CLOEXEC) == 0;
	if (load())
		return run_program();
	argv[0] = (char *)"/sbin/init";
	(void)execv(argv[0], argv);
	fail("cannot execute", argv[0]);
}

/* ---- the other names ---- */

static int power_off(char **argv)
{
	int i;

	if (!load()) {
		argv[0] = (char *)"/sbin/poweroff";
		(void)execv(argv[0], argv);
		fail("cannot execute", argv[0]);
	}
	parse();
	if (kill(1, program.stop) < 0)
		fail("cannot send a signal to", "1");
	/* When process 1 ends, so does this one. */
	for (i = 0; i < STOP_SECONDS; i++)
		(void)sleep(1);
	(void)reboot(RB_POWER_OFF);
	fail("cannot end", "the zone");
}

static int passwd_line(char **argv)
{
	char *const getent[] = {(char *)"getent", (char *)"passwd", argv[1], NULL};
	char line[1024], *text;
	size_t n, size;
	FILE *f;

	if (!argv[1])
		return 2;
	(void)execv("/usr/bin/getent", getent);
	if (plain_file_text(AT_FDCWD, "/etc/passwd", 0, ACCOUNTS_MAX, &text, &size) < 0)
		return 2;
	f = fmemopen(text, size, "r");
	n = strlen(argv[1]);
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, argv[1], n) != 0 || line[n] != ':')
			continue;
		(void)fputs(line, stdout);
		return 0;
	}
	return 2;
}

static int log_in(char **argv)
{
	char *const shell[] = {(char *)"-sh", NULL};

	(void)execv("/bin/login", argv);
	(void)execv("/usr/bin/login", argv);
	(void)execv("/bin/sh", shell);
	fail("cannot execute", "/bin/sh");
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? basename(argv[0]) : "";

	if (strcmp(name, "init") == 0)
		return be_init(argv);
	if (strcmp(name, "poweroff") == 0)
		return power_off(argv);
	if (strcmp(name, "passwd") == 0)
		return passwd_line(argv);
	if (strcmp(name, "login") == 0)
		return log_in(argv);
	(void)fprintf(stderr, "%s: called by a name that it does not know\n", name);
	return 127;
}

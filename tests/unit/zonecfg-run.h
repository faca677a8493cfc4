/* SPDX-License-Identifier: MIT */
/*
 * Running the command zonecfg in a tree of its own, with a brand and a zone. The program is
 * the argument of the test: call programs_from() first.
 */
#pragma once

#include "zonecfg-tree.h"

#include <sys/wait.h>

#include "brand/brand.h"
#include "zonecfg/index.h"

#define XML   "/etc/zones/web.xml"
#define INDEX "/etc/zones/index"

static const char *zonecfg;
static char out[65536]; /* stdout and stderr of the last run, or what freeze() was told */

static inline void read_all(int fd)
{
	size_t used = 0;
	ssize_t n;

	while (used < sizeof(out) - 1) {
		n = read(fd, out + used, sizeof(out) - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	out[used] = '\0';
}

/* Runs a program with input on its standard input; returns its exit status. */
static inline int run_program(const char *program, const char *input, uid_t uid, char *const *argv)
{
	int to[2], from[2], status;
	pid_t pid;

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(to[0], 0);
		(void)dup2(from[1], 1);
		(void)dup2(from[1], 2);
		if (uid && setresuid(uid, uid, uid) < 0)
			_exit(99);
		(void)execv(program, argv);
		_exit(98);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	if (input)
		assert_int_equal(write(to[1], input, strlen(input)), (ssize_t)strlen(input));
	(void)close(to[1]);
	read_all(from[0]);
	(void)close(from[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define RUN(...)                                                                                   \
	run_program(zonecfg, NULL, 0, (char *const[]){(char *)"zonecfg", __VA_ARGS__, NULL})
#define CFG(zone, commands) RUN((char *)"-z", (char *)(zone), (char *)(commands))

static inline void has(const char *text)
{
	if (!strstr(out, text))
		fail_msg("expected '%s' in '%s'", text, out);
}

static inline void expect(const char *zone, const char *commands, int code, const char *text)
{
	int r = CFG(zone, commands);

	if (r != code)
		fail_msg("'%s': exit %d, expected %d: %s", commands, r, code, out);
	has(text);
}

#define WEB                                                                                        \
	"create -F -b; set brand=sparse; set zonepath=/zones/web; set ip-type=exclusive; "         \
	"add net; set physical=web0; set allowed-address=10.10.0.2/24; "                           \
	"set defrouter=10.10.0.1; end; "                                                           \
	"add rctl; set name=zone.max-lwps; add value "                                             \
	"(priv=privileged,limit=200,action=deny); end; "                                           \
	"add capped-memory; set physical=128M; end; add capped-cpu; set ncpus=0.5; end; "          \
	"add attr; set name=a; set type=string; set value=1; end; "                                \
	"add fs; set dir=/data; set special=/srv; set type=none; add options [ro,nodev]; end; "    \
	"verify; commit"

static inline void make_brand(void)
{
	tree_mkdir("/usr/lib/brand/sparse");
	tree_write("/usr/lib/brand/sparse/config.xml",
		"<brand name=\"sparse\"><initname>/init</initname>"
		"<login_cmd>/bin/login</login_cmd></brand>");
}

static inline int setup(void **state)
{
	if (tree_make(state))
		return -1;
	make_brand();
	return 0;
}

static inline int make_web(void **state)
{
	int r;

	(void)zone_index_delete("web");
	(void)unlink(tree_path(XML));
	r = CFG("web", WEB);
	if (r)
		print_error("%s\n", out);
	return r;
}

/* Refused: exit 1, the text in one line, and nothing changed on disk. */
static inline void refused(const char *commands, const char *text)
{
	char *xml = strdup(tree_read(XML)), *index = strdup(tree_read(INDEX));

	expect("web", commands, 1, text);
	if (strncmp(out, "zonecfg: zone 'web': ", 21) != 0 ||
		strchr(out, '\n') != strrchr(out, '\n'))
		fail_msg("'%s': not one line: %s", commands, out);
	assert_string_equal(xml, tree_read(XML));
	assert_string_equal(index, tree_read(INDEX));
	free(xml);
	free(index);
}

static inline void freeze_told(void *arg, int code, const char *text)
{
	size_t used = strlen(out);

	(void)snprintf(out + used, sizeof(out) - used, "%s%s\n", code ? "" : "WARNING: ", text);
}

/* What stands before every boot: the snapshot of a zone, and in out what it says, the error at last. */
static inline int freeze(const char *zone, struct zone_snapshot *ret)
{
	const struct brand_freeze how = {.report = freeze_told};
	struct diag d = {0};
	int r;

	out[0] = '\0';
	r = brand_freeze(zone, &how, ret, &d);
	if (d.text[0])
		freeze_told(NULL, r, d.text);
	return r;
}

/* Sets the program; false after a message when it was not given. */
static inline bool programs_from(int argc, char *argv[])
{
	if (argc < 2) {
		(void)fprintf(stderr, "usage: %s ZONECFG\n", argv[0]);
		return false;
	}
	zonecfg = argv[1];
	return true;
}

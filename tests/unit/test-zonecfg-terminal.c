/* SPDX-License-Identifier: MIT */
/* zonecfg on a terminal: prompts, completion, errors that are followed by the next command. */
#include "zonecfg-run.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>

/*
 * Collects what the terminal shows until it ends with text and stays so, or, when text is NULL,
 * until the terminal closes. False after a minute.
 */
static bool await(int fd, size_t *used, const char *text)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t n = text ? strlen(text) : 0;
	ssize_t got;

	while (poll(&p, 1, 60000) > 0 && *used < sizeof(out) - 1) {
		got = read(fd, out + *used, sizeof(out) - 1 - *used);
		if (got <= 0)
			return !text;
		*used += (size_t)got;
		out[*used] = '\0';
		/* what is typed is drawn again behind the prompt: it must have come to rest */
		if (text && *used >= n && streq(out + *used - n, text) && poll(&p, 1, 60) == 0)
			return true;
	}
	return false;
}

struct talk {
	const char *prompt;
	const char *line;
};

/* Types each line when the terminal ends with its prompt, up to the end of zonecfg. */
static int converse(const char *zone, const struct talk *talk, size_t n)
{
	size_t used = 0, i;
	bool ok = true;
	int fd, status;
	pid_t pid = forkpty(&fd, NULL, NULL, NULL);

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)setenv("TERM", "dumb", 1);
		(void)setenv("PAGER", "sed s/^/PAGED:/", 1);
		/* libedit never frees the names of the functions that were added to it */
		(void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		(void)execl(zonecfg, "zonecfg", "-z", zone, NULL);
		_exit(98);
	}
	for (i = 0; i < n && ok; i++) {
		ok = await(fd, &used, talk[i].prompt);
		if (ok && write(fd, talk[i].line, strlen(talk[i].line)) < 0)
			ok = false;
	}
	ok = ok && await(fd, &used, NULL);
	if (!ok)
		(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(fd);
	if (!ok)
		fail_msg("step %zu: %s", i, out);
	return status;
}

/* A conversation: prompts, an error that is followed by the next command, end of input. */
static void a_terminal_is_a_conversation(void **state)
{
	static const struct talk talk[] = {
		{"web> ", "set nonsense=1\n"},
		{"web> ", "add net\n"},
		{"web:net> ", "cancel\n"},
		{"web> ", "set pool=p9\n"},
		{"web> ", "help\n"},
		{"web> ", "\004"},
	};

	if (converse("web", talk, ARRAY_SIZE(talk)))
		fail_msg("%s", out);
	has("no such property 'nonsense'");
	has("PAGED:Subcommands:");
	assert_non_null(strstr(tree_read(XML), "pool=\"p9\""));
}

/* The tab key: subcommands, resources, properties, values, and the candidates when several. */
static void a_terminal_completes(void **state)
{
	static const struct talk talk[] = {
		{"web> ", "sel\t"},
		{"select ", "att\t"},
		{"attr ", "na\t"},
		{"name=", "\t"},
		{"name=a", "\n"},
		{"web:attr> ", "set ty\t"},
		{"set type=", "bo\t"},
		{"set type=boolean", "; set value=true; end\n"},
		{"web> ", "ad\t"},
		{"add ", "dev\t"},
		{"add device ", "\n"},
		{"web:device> ", "set m\t"},
		{"set match=", "x; add pr\t"},
		{"add property ", "(name=a,value=b); end\n"},
		{"web> ", "set br\t"},
		{"set brand=", "sp\t"},
		{"set brand=sparse", "; set autob\t"},
		{"set autoboot=", "t\t"},
		{"set autoboot=true", "\n"},
		{"web> ", "add capped-\t"},
		{"add capped-", "m\t"},
		{"add capped-memory ", "\025"},
		{"web> ", "exit\n"},
	};

	if (converse("web", talk, ARRAY_SIZE(talk)))
		fail_msg("%s", out);
	has("capped-cpu  capped-memory");
	assert_non_null(strstr(tree_read(XML), "type=\"boolean\" value=\"true\""));
	assert_non_null(strstr(tree_read(XML), "<device match=\"x\""));
	assert_non_null(strstr(tree_read(XML), "autoboot=\"true\""));
}

/* Options, templates, files, list entries, values behind a comma, topics of help. */
static void everything_completes(void **state)
{
	static const struct talk talk[] = {
		{"web> ", "create -\t"},
		{"create -", "F -t SUNWb\t"},
		{"create -F -t SUNWblank ", "\025revert -\t"},
		{"revert -F ", "\025help sy\t"},
		{"help syntax ", "\025set limitpriv=def\t"},
		{"set limitpriv=default", ",sys_ti\t"},
		{"set limitpriv=default,sys_time", ",!file_dac_re\t"},
		{"sys_time,!file_dac_read", "\025help phys\t"},
		{"help physical ", "\025set fs-allowed=ext4,tm\t"},
		{"set fs-allowed=ext4,tmpfs", "\025set zonepath=/us\t"},
		{"set zonepath=/usr/", "li\t"},
		{"set zonepath=/usr/lib", "\025clear sched\t"},
		{"clear scheduling-class ", "\025info boot\t"},
		{"info bootargs ", "\025remove -F at\t"},
		{"remove -F attr ", "\025select fs dir=/d\t"},
		{"select fs dir=/data", "\n"},
		{"web:fs> ", "add op\t"},
		{"add options ", "nod\t"},
		{"add options nodev", "i\t"},
		{"add options nodevices ", "\025remove options n\t"},
		{"remove options nodev ", "\025clear r\t"},
		{"clear raw ", "\025cancel; select net\n"},
		{"web:net> ", "add property (name=promisc-f\t"},
		{"add property (name=promisc-filtered,value=", "of\t"},
		{"(name=promisc-filtered,value=off)", "\n"},
		{"web:net> ", "remove property (\t"},
		{"remove property (name=promisc-filtered) ", "\n"},
		{"web:net> ", "cancel; add admin\n"},
		{"web:admin> ", "set user=roo\t"},
		{"set user=root", "; set auths=login,ma\t"},
		{"set auths=login,manage", "; end; remove -F admin; add rctl\n"},
		{"web:rctl> ", "set name=zone.max-sw\t"},
		{"set name=zone.max-swap", "; add value \t"},
		{"add value (priv=privileged,limit=", "5,action=deny)\n"},
		{"web:rctl> ", "remove value \t"},
		{"(priv=privileged,limit=5,action=deny) ", "\025cancel; exit\n"},
	};

	if (converse("web", talk, ARRAY_SIZE(talk)))
		fail_msg("%s", out);
	has("-F  -a  -b  -t  -X");
}

/* Of the global zone only what it has is offered. */
static void the_global_zone_completes(void **state)
{
	static const struct talk talk[] = {
		{"global> ", "set \t"},
		{"set ", "\025add \t"},
		{"add ", "\025exit\n"},
	};

	if (converse("global", talk, ARRAY_SIZE(talk)))
		fail_msg("%s", out);
	has("pool  scheduling-class  max-lwps");
	has("dedicated-cpu  capped-cpu  capped-memory  admin  rctl  security-flags");
	assert_null(strstr(out, "zonepath"));
}

/* Every question: no is the answer of who just types return. */
static void questions(void **state)
{
	static const struct talk talk[] = {
		{"web> ", "delete\n"},
		{"delete zone web (y/[n])? ", "\n"},
		{"web> ", "create -b\n"},
		{"Zone already exists; overwrite it (y/[n])? ", "n\n"},
		{"web> ", "add attr; set name=b; set type=int; set value=2; end\n"},
		{"web> ", "remove attr\n"},
		{"remove 2 attr resources (y/[n])? ", "\n"},
		{"web> ", "revert\n"},
		{"last committed configuration (y/[n])? ", "\n"},
		{"web> ", "info attr name=b\n"},
		{"web> ", "revert\n"},
		{"last committed configuration (y/[n])? ", "y\n"},
		{"web> ", "info attr name=b\n"},
		{"web> ", "set pool=p; add dedicated-cpu; set ncpus=1; end; exit\n"},
		{"Not saved; really quit (y/[n])? ", "\n"},
		{"web> ", "exit\n"},
		{"Not saved; really quit (y/[n])? ", "y\n"},
	};
	static const struct talk yes[] = {
		{"web> ", "add attr; set name=b; set type=int; set value=2; end\n"},
		{"web> ", "remove attr\n"},
		{"remove 2 attr resources (y/[n])? ", "y\n"},
		{"web> ", "commit\n"},
		{"web> ", "create -b\n"},
		{"Zone already exists; overwrite it (y/[n])? ", "y\n"},
		{"web> ", "info brand\n"},
		{"web> ", "delete\n"},
		{"delete zone web (y/[n])? ", "y\n"},
		{"web> ", "info\n"},
		{"web> ", "add net\n"},
		{"web> ", "exit\n"},
	};
	char *before = strdup(tree_read(XML));

	if (converse("web", talk, ARRAY_SIZE(talk)))
		fail_msg("%s", out);
	has("value: 2");
	has("info attr: No such entry");
	assert_string_equal(before, tree_read(XML));
	free(before);
	if (converse("web", yes, ARRAY_SIZE(yes)))
		fail_msg("%s", out);
	has("web: No such zone configured");
	assert_false(tree_exists(XML));
}

/* The end of input inside a resource: what is half made is not saved, and the exit status says so. */
static void the_end_in_a_resource(void **state)
{
	static const struct talk talk[] = {
		{"web> ", "set pool=p9; add net\n"},
		{"web:net> ", "\004"},
	};

	assert_int_not_equal(converse("web", talk, ARRAY_SIZE(talk)), 0);
	has("resource specification incomplete: nothing was saved");
	assert_null(strstr(tree_read(XML), "p9"));
}

static void a_new_zone_on_a_terminal(void **state)
{
	static const struct talk talk[] = {
		{"fresh> ", "info\n"},
		{"fresh> ", "create; set zonepath=/zones/fresh\n"},
		{"fresh> ", "exit\n"},
	};

	if (converse("fresh", talk, ARRAY_SIZE(talk)))
		fail_msg("%s", out);
	has("fresh: No such zone configured\r\nUse 'create' to begin configuring a new zone.");
	expect("fresh", "delete -F", 0, "");
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_terminal_is_a_conversation, make_web),
		cmocka_unit_test_setup(a_terminal_completes, make_web),
		cmocka_unit_test_setup(everything_completes, make_web),
		cmocka_unit_test_setup(the_global_zone_completes, make_web),
		cmocka_unit_test_setup(questions, make_web),
		cmocka_unit_test_setup(the_end_in_a_resource, make_web),
		cmocka_unit_test_setup(a_new_zone_on_a_terminal, make_web),
	};

	if (!programs_from(argc, argv))
		return 2;
	return cmocka_run_group_tests(tests, setup, tree_remove);
}

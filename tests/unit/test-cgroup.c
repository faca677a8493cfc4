/* SPDX-License-Identifier: MIT */
/* Control groups of an instance, with real groups in a subtree of this test's own. */
#include "linux/cgroup-control.h"
#include "linux/instance.h"

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static pid_t spawn_sleeper(const char *group)
{
	char path[PATH_MAX + 32], dir[PATH_MAX];
	pid_t pid = fork();
	FILE *f;

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGTERM, SIG_IGN);
		for (;;)
			(void)pause();
	}
	assert_int_equal(cgroup_v2_path(dir, sizeof(dir), group), 0);
	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fprintf(f, "%d\n", (int)pid) > 0);
	assert_int_equal(fclose(f), 0);
	return pid;
}

static void reap(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static bool exists(const char *group)
{
	char path[PATH_MAX];

	assert_int_equal(cgroup_v2_path(path, sizeof(path), group), 0);
	return access(path, F_OK) == 0;
}

/* Reads the first line of a limit, wherever it is. */
static void read_limit(const char *group, enum cgroup_controller c, const char *file, char *buf)
{
	char path[PATH_MAX + 64], dir[PATH_MAX];
	FILE *f;

	if (cgroup_is_v2(group, c))
		assert_int_equal(cgroup_v2_path(dir, sizeof(dir), group), 0);
	else
		assert_int_equal(cgroup_v1_path(dir, sizeof(dir), c, group), 0);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(buf, 64, f));
	buf[strcspn(buf, "\n")] = '\0';
	(void)fclose(f);
}

static void test_make_and_remove(void **state)
{
	struct diag d = {0};

	assert_int_equal(cgroup_make("zones/a", &d), 0);
	assert_true(exists("zones/a"));
	assert_int_equal(cgroup_make("zones/a", &d), -EEXIST);
	assert_non_null(strstr(d.text, "zones/a"));
	assert_true(exists("zones/a"));
	assert_int_equal(cgroup_make("zones/none/a", &d), -ENOENT);
	assert_int_equal(cgroup_make("zones/a/b", &d), 0);
	assert_int_equal(cgroup_make("zones/a/b/c", &d), 0);
	assert_int_equal(cgroup_remove("zones/a", &d), 0);
	assert_false(exists("zones/a"));
	assert_int_equal(cgroup_remove("zones/a", &d), 0);
}

/* Made in one hierarchy only, by somebody else: the rest is made again, nothing stays. */
static void test_make_is_undone(void **state)
{
	char path[PATH_MAX];
	struct diag d;

	if (cgroup_v1_path(path, sizeof(path), CGROUP_PIDS, "zones/half") < 0)
		skip();
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(cgroup_make("zones/half", &d), -EEXIST);
	assert_false(exists("zones/half"));
	assert_int_equal(cgroup_remove("zones/half", &d), 0);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void test_kill(void **state)
{
	pid_t a, b;

	assert_int_equal(cgroup_make("zones/k", NULL), 0);
	assert_int_equal(cgroup_make("zones/k/deep", NULL), 0);
	assert_int_equal(cgroup_populated("zones/k"), 0);
	assert_int_equal(cgroup_wait_empty("zones/k", 0), 0);
	a = spawn_sleeper("zones/k");
	b = spawn_sleeper("zones/k/deep");
	assert_int_equal(cgroup_populated("zones/k"), 1);
	assert_int_equal(cgroup_wait_empty("zones/k", 30), -ETIMEDOUT);
	assert_int_equal(cgroup_kill("zones/k"), 0);
	assert_int_equal(cgroup_wait_empty("zones/k", 5000), 0);
	reap(a);
	reap(b);
	assert_int_equal(cgroup_remove("zones/k", NULL), 0);
	assert_int_equal(cgroup_kill("zones/k"), 0);
	assert_int_equal(cgroup_populated("zones/k"), 0);
	assert_int_equal(cgroup_wait_empty("zones/k", 1000), 0);
}

static void test_freeze(void **state)
{
	pid_t p;

	assert_int_equal(cgroup_freeze("zones/f", true, 1000), -ENOENT);
	assert_false(cgroup_frozen("zones/f"));
	assert_int_equal(cgroup_make("zones/f", NULL), 0);
	assert_int_equal(cgroup_make("zones/f/deep", NULL), 0);
	p = spawn_sleeper("zones/f/deep");
	assert_int_equal(cgroup_freeze("zones/f", true, 5000), 0);
	assert_true(cgroup_frozen("zones/f"));
	assert_false(cgroup_frozen("zones/f/deep")); /* by its parent */
	assert_int_equal(cgroup_freeze("zones/f", false, 5000), 0);
	assert_false(cgroup_frozen("zones/f"));
	assert_int_equal(cgroup_freeze("zones/f", true, 5000), 0);
	assert_int_equal(cgroup_kill("zones/f"), 0);
	assert_int_equal(cgroup_wait_empty("zones/f", 5000), 0);
	reap(p);
	assert_int_equal(cgroup_remove("zones/f", NULL), 0);
}

static void test_remove_names_who_is_there(void **state)
{
	char who[128], text[64], letter;
	struct diag d = {0};
	pid_t pid;

	assert_int_equal(cgroup_make("zones/busy", NULL), 0);
	assert_int_equal(cgroup_make("zones/busy/zone", NULL), 0);
	/* The name is the zone's choice; a terminal must not obey it. */
	(void)prctl(PR_SET_NAME, "bad\033[2J");
	pid = spawn_sleeper("zones/busy/zone");
	(void)snprintf(text, sizeof(text), "%d (bad?[2J, ", (int)pid);
	assert_int_equal(cgroup_remove("zones/busy", &d), -EBUSY);
	assert_non_null(strstr(d.text, text));
	cgroup_describe("zones/busy", who, sizeof(who));
	assert_int_equal(strncmp(who, text, strlen(text)), 0);
	letter = who[strlen(text)];
	assert_non_null(strchr("RSD", letter));
	if (letter == 'S') /* what it waits in has a name, where the kernel tells it */
		assert_true(strncmp(who + strlen(text) + 1, " in ", 4) == 0 ||
			    who[strlen(text) + 1] == ')');
	assert_true(who[strlen(who) - 1] == ')');
	cgroup_describe("zones/busy", who, 6); /* no room: nothing, but an end */
	assert_string_equal(who, "");
	assert_int_equal(cgroup_kill("zones/busy"), 0);
	assert_int_equal(cgroup_wait_empty("zones/busy", 5000), 0);
	reap(pid);
	cgroup_describe("zones/busy", who, sizeof(who));
	assert_string_equal(who, "");
	assert_int_equal(cgroup_remove("zones/busy", NULL), 0);
}

static void test_limits(void **state)
{
	const struct cgroup_setting pids = {CGROUP_PIDS, "pids.max", "33", "pids.max", "33"};
	const struct cgroup_setting nowhere = {CGROUP_PIDS, "pids.fun", "1", "pids.fun", "1"};
	const struct cgroup_setting unnamed = {CGROUP_PIDS, NULL, NULL, NULL, NULL};
	char buf[64];
	int r;

	assert_int_equal(cgroup_make("zones/l", NULL), 0);
	r = cgroup_set("zones/l", &pids);
	if (r != -EOPNOTSUPP) {
		assert_int_equal(r, 0);
		read_limit("zones/l", CGROUP_PIDS, "pids.max", buf);
		assert_string_equal(buf, "33");
	}
	assert_int_equal(cgroup_set("zones/l", &nowhere), -EOPNOTSUPP);
	assert_int_equal(cgroup_set("zones/l", &unnamed), -EOPNOTSUPP);
	assert_int_equal(cgroup_remove("zones/l", NULL), 0);
}

static void test_delegate(void **state)
{
	char path[PATH_MAX], file[PATH_MAX + 32];
	struct stat st;
	int n;

	assert_int_equal(cgroup_make("zones/d", NULL), 0);
	assert_int_equal(cgroup_delegate("zones/d", 12345, 12346), 0);
	assert_int_equal(cgroup_v2_path(path, sizeof(path), "zones/d"), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 12346);
	(void)snprintf(file, sizeof(file), "%s/cgroup.procs", path);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	(void)snprintf(file, sizeof(file), "%s/cgroup.kill", path);
	if (stat(file, &st) == 0)
		assert_int_equal(st.st_uid, 0);
	assert_int_equal(cgroup_delegate("zones/none", 1, 1), -ENOENT);
	/* It cannot be made so deep that it could not be removed again. */
	for (n = 0; n < 100; n++) {
		size_t len = strlen(path);

		(void)snprintf(path + len, sizeof(path) - len, "/d");
		if (mkdir(path, 0755) < 0)
			break;
	}
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(cgroup_remove("zones/d", NULL), 0);
}

static void test_names_of_groups(void **state)
{
	char group[PATH_MAX], name[64], tiny[4];
	const char *rest;

	(void)snprintf(group, sizeof(group), "%s/zones/web/zone/a", instance_cgroup());
	assert_true(cgroup_zone_of(group, name, sizeof(name), &rest));
	assert_string_equal(name, "web");
	assert_string_equal(rest, "zone/a");
	assert_false(cgroup_zone_of(group, tiny, 3, &rest));
	assert_false(cgroup_zone_of("zones/web/zone", name, sizeof(name), &rest));
	assert_false(cgroup_zone_of("", name, sizeof(name), &rest));
	(void)snprintf(group, sizeof(group), "%sx/zones/web/zone", instance_cgroup());
	assert_false(cgroup_zone_of(group, name, sizeof(name), &rest));
}

static int tear_down(void **state)
{
	char path[PATH_MAX];
	int c;

	(void)cgroup_kill("zones");
	(void)cgroup_wait_empty("zones", 5000);
	(void)cgroup_remove("zones", NULL);
	if (cgroup_v2_path(path, sizeof(path), "") == 0)
		(void)rmdir(path);
	for (c = 0; c < CGROUP_CONTROLLER_COUNT; c++)
		if (cgroup_v1_path(path, sizeof(path), (enum cgroup_controller)c, "") == 0)
			(void)rmdir(path);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_and_remove),
		cmocka_unit_test(test_make_is_undone),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_freeze),
		cmocka_unit_test(test_remove_names_who_is_there),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_delegate),
		cmocka_unit_test(test_names_of_groups),
	};
	char name[64];
	int r;

	(void)snprintf(name, sizeof(name), "zones-unit-%d", (int)getpid());
	(void)setenv("ZONES_CGROUP", name, 1);
	if (geteuid() != 0 || !cgroup_v2_mount() || cgroup_make_parents("zones", NULL) < 0)
		return 77;
	r = cmocka_run_group_tests(tests, NULL, tear_down);
	return r;
}

/* SPDX-License-Identifier: MIT */
/* Brands: where they are found, what their files may hold, and how commands are expanded. */
#include "zonecfg-tree.h"

#include "brand/brand.h"

#define DIR "/usr/lib/brand/sparse"
#define MIN "<initname>/init</initname><login_cmd>/bin/login</login_cmd>"

static struct brand *open_brand(const char *config, const char *platform)
{
	struct brand *b = NULL;
	struct diag d = {0};

	tree_mkdir(DIR);
	tree_write(DIR "/config.xml", config);
	(void)unlink(tree_path(DIR "/platform.xml"));
	if (platform)
		tree_write(DIR "/platform.xml", platform);
	if (brand_open("sparse", &b, &d))
		fail_msg("%s", d.text);
	return b;
}

static void refused(const char *config, const char *platform, const char *why)
{
	struct brand *b = NULL;
	struct diag d = {0};

	tree_mkdir(DIR);
	tree_write(DIR "/config.xml", config);
	(void)unlink(tree_path(DIR "/platform.xml"));
	if (platform)
		tree_write(DIR "/platform.xml", platform);
	assert_int_equal(brand_open("sparse", &b, &d), Z_BRAND_ERROR);
	if (!strstr(d.text, why))
		fail_msg("expected '%s', got '%s'", why, d.text);
	assert_null(b);
}

static void lookup(void **state)
{
	char dir[PATH_MAX];

	assert_int_equal(brand_find("nosuch", dir, sizeof(dir)), Z_BRAND_ERROR);
	assert_int_equal(brand_find("../../etc", dir, sizeof(dir)), Z_BRAND_ERROR);
	tree_mkdir("/brands/other");
	tree_write("/brands/other/config.xml", "");
	assert_int_equal(brand_find("other", dir, sizeof(dir)), Z_BRAND_ERROR);
	assert_int_equal(setenv("ZONES_BRANDS", tree_path("/brands"), 1), 0);
	assert_int_equal(brand_find("other", dir, sizeof(dir)), Z_OK);
	assert_string_equal(dir, tree_path("/brands/other"));
	/* the prefix comes first */
	tree_mkdir("/usr/lib/brand/other");
	tree_write("/usr/lib/brand/other/config.xml", "");
	assert_int_equal(brand_find("other", dir, sizeof(dir)), Z_OK);
	assert_string_equal(dir, tree_path("/usr/lib/brand/other"));
	assert_int_equal(unsetenv("ZONES_BRANDS"), 0);
}

static void files_are_read(void **state)
{
	struct brand *b = open_brand(
		"<brand name=\"sparse\"><modname></modname><initname> /usr/lib/zones-init\n</initname>"
		"<login_cmd>/bin/login -f %u</login_cmd><restartinit>false</restartinit>"
		"<install>%B/install %z %R</install><installopts>a:h</installopts><halt/>"
		"<privilege set=\"default\" name=\"proc_fork\"/></brand>",
		"<platform name=\"sparse\" allow-exclusive-ip=\"false\">"
		"<global_mount special=\"%R/dev\" directory=\"/dev\" type=\"tmpfs\" opt=\"ro\"/>"
		"<mount special=\"proc\" directory=\"/proc\" type=\"proc\"/>"
		"<device match=\"null\"/><device match=\"net\" ip-type=\"exclusive\"/>"
		"<symlink source=\"/proc/self/fd\" target=\"/dev/fd\"/></platform>");

	assert_null(b->modname);
	assert_string_equal(b->initname, "/usr/lib/zones-init");
	assert_string_equal(b->restartinit, "false");
	assert_false(b->allow_exclusive_ip);
	assert_string_equal(b->installopts, "a:h");
	assert_null(b->hooks[BRAND_HALT]);
	assert_int_equal(b->n_mounts, 2);
	assert_true(b->mounts[0].global && !b->mounts[1].global);
	assert_int_equal(b->n_devices, 2);
	assert_int_equal(b->n_symlinks, 1);
	assert_int_equal(b->n_privileges, 1);
	(void)brand_free(b);
	b = open_brand("<brand name=\"sparse\">" MIN "</brand>", NULL);
	assert_null(b->restartinit);
	assert_true(b->allow_exclusive_ip);
	(void)brand_free(b);
}

static void wrong_files_are_refused(void **state)
{
	const char *ok = "<brand name=\"sparse\">" MIN "</brand>";

	refused("", NULL, "config.xml: the file is empty");
	refused("<brand", NULL, "not well-formed");
	refused("<zone/>", NULL, "the first element is <zone>");
	refused("<brand name=\"other\">" MIN "</brand>", NULL, "this is the brand 'other'");
	refused("<brand name=\"sparse\"/>", NULL, "<initname> must be an absolute path");
	refused("<brand name=\"sparse\"><initname>init</initname></brand>", NULL, "<initname>");
	refused("<brand name=\"sparse\"><initname>/init</initname></brand>", NULL,
		"no <login_cmd>");
	refused("<brand name=\"sparse\">" MIN "<instal/></brand>", NULL,
		"unknown element <instal>");
	refused("<brand name=\"sparse\">" MIN MIN "</brand>", NULL, "a second <initname>");
	refused("<brand name=\"sparse\">" MIN "<restartinit>no</restartinit></brand>", NULL,
		"restartinit must be");
	refused("<brand name=\"sparse\">" MIN "<privilege set=\"x\" name=\"y\"/></brand>", NULL,
		"privilege set 'x'");
	refused("<brand name=\"sparse\">" MIN "<privilege set=\"default\"/></brand>", NULL,
		"<privilege> without attribute 'name'");
	refused(ok, "<platform/>", "<platform> without attribute 'name'");
	refused(ok, "<platform name=\"sparse\" allow-exclusive-ip=\"1\"/>", "allow-exclusive-ip");
	refused(ok, "<platform name=\"sparse\"><mount/></platform>", "<mount> without attribute");
	refused(ok,
		"<platform name=\"sparse\"><mount special=\"a\" directory=\"../x\" type=\"t\"/></platform>",
		"not an absolute path");
	refused(ok, "<platform name=\"sparse\"><x/></platform>", "unknown element <x>");
	refused(ok, "<platform name=\"sparse\"><device match=\"a\" mode=\"1\"/></platform>",
		"<device> has no attribute 'mode'");
}

static void expands(const char *text, const char *user, const char *expected)
{
	const struct brand_tokens t = {.zone = "web",
		.root = "/zo'nes/100% web",
		.dir = "/b",
		.user = user,
		.quote = true};
	_cleanup_free_ char *result = NULL;

	assert_int_equal(brand_expand(text, &t, &result), expected ? Z_OK : Z_BRAND_ERROR);
	if (expected)
		assert_string_equal(result, expected);
}

static void commands_are_expanded(void **state)
{
	expands("%B/x %z", "root", "/b/x web");
	expands("a %R b", "root", "a '/zo'\\''nes/100% web' b");
	expands("login %u", "j;rm", "login 'j;rm'");
	expands("100%%", "root", "100%");
	expands("%x", "root", NULL);
	expands("a %", "root", NULL);
	expands("", "root", "");
	/* what is left for a second time stays, and what was put in does not change then */
	expands("%u %% %R", NULL, "%u %% '/zo'\\''nes/100%% web'");
}

static void a_snapshot_has_what_the_brand_says(void **state)
{
	struct zonecfg *cfg = NULL;
	struct brand_snapshot bs;
	struct brand *b = open_brand("<brand name=\"sparse\">" MIN
				     "<boot>%B/boot %z</boot></brand>",
		"<platform name=\"sparse\"><global_mount special=\"%R/x\" directory=\"/x\" type=\"none\"/>"
		"<device match=\"null\" ip-type=\"shared\"/></platform>");
	char text[PATH_MAX + 64];

	assert_int_equal(zonecfg_new("web", &cfg), Z_OK);
	assert_int_equal(zonecfg_set_string(&cfg->zonepath, "/zones/web"), Z_OK);
	cfg->ip_type = ZS_EXCLUSIVE;
	assert_int_equal(zonecfg_alias_set(cfg, ALIAS_CPU_CAP, 50), Z_OK);
	assert_int_equal(brand_snapshot_init(&bs, cfg, b, "", NULL), Z_OK);
	(void)snprintf(text, sizeof(text), "%s" DIR "/boot web", tree_root);
	assert_string_equal(bs.s.boot, text);
	(void)snprintf(text, sizeof(text), "%s/zones/web/root/x", tree_root);
	assert_string_equal(bs.s.mounts[0].special, text);
	assert_int_equal(bs.s.n_devices, 0);
	assert_int_equal(bs.s.rctls[0].values[0].limit, 50);
	assert_string_equal(bs.s.halt, "");
	brand_snapshot_fini(&bs);
	free(b->hooks[BRAND_BOOT]);
	b->hooks[BRAND_BOOT] = strdup("%Q");
	assert_int_equal(brand_snapshot_init(&bs, cfg, b, "", NULL), Z_BRAND_ERROR);
	(void)zonecfg_free(cfg);
	(void)brand_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup),
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(wrong_files_are_refused),
		cmocka_unit_test(commands_are_expanded),
		cmocka_unit_test(a_snapshot_has_what_the_brand_says),
	};

	return cmocka_run_group_tests(tests, tree_make, tree_remove);
}

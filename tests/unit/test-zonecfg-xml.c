/* SPDX-License-Identifier: MIT */
/* Configuration files: nothing of a file is lost, and what is wrong with one is said with its line. */
#include "zonecfg-tree.h"

#include "zonecfg/zonecfg.h"

#define DTD  "<!DOCTYPE zone PUBLIC \"-//x//EN\" \"file:///x.dtd\">"
#define ZONE "<zone name=\"web\" zonepath=\"/zones/web\" brand=\"sparse\">"

/* As a zone was exported on illumos, with everything the DTD has. */
static const char whole[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<!DOCTYPE zone PUBLIC \"-//Sun Microsystems Inc//DTD Zones//EN\" "
	"\"file:///usr/share/lib/xml/dtd/zonecfg.dtd.1\">\n"
	"<!-- a comment -->\n"
	"<zone name=\"web\" zonepath=\"/zones/web\" autoboot=\"true\" ip-type=\"exclusive\"\n"
	"  hostid=\"1a2b\" pool=\"p\" limitpriv=\"default\" bootargs=\"-v &quot;&lt;&amp;&gt;\"\n"
	"  brand=\"lx\" debugid=\"7\" scheduling-class=\"FSS\" fs-allowed=\"nfs\" version=\"1\">\n"
	"  <filesystem special=\"/srv\" raw=\"/dev/r\" directory=\"/data\" type=\"none\">\n"
	"    <fsoption name=\"ro\"/><fsoption name=\"nodev\"/>\n"
	"  </filesystem>\n"
	"  <network allowed-address=\"10.0.0.2/24\" defrouter=\"10.0.0.1\" global-nic=\"auto\"\n"
	"    mac-addr=\"2:8:20:0:0:1\" physical=\"net0\" vlan-id=\"3\">\n"
	"    <net-attr name=\"a\" value=\"\"/>\n"
	"  </network>\n"
	"  <device match=\"/dev/x\"><net-attr name=\"k\" value=\"v\"/></device>\n"
	"  <rctl name=\"zone.max-swap\"><rctl-value priv=\"privileged\" limit=\"1\" action=\"deny\"/>"
	"<rctl-value priv=\"basic\" limit=\"2\" action=\"none\"/></rctl>\n"
	"  <attr name=\"comment\" type=\"string\" value=\"caf\xc3\xa9&#10;two\"/>\n"
	"  <dataset name=\"rpool/x\"/><tmp_pool importance=\"3\"/>\n"
	"  <pset ncpu_min=\"1\" ncpu_max=\"2\"/><mcap physcap=\"1073741824\"/>\n"
	"  <admin user=\"joe\" auths=\"login\"/>\n"
	"  <security-flags lower=\"\" default=\"aslr\" upper=\"all\"/>\n"
	"  <inherited-pkg-dir directory=\"/lib\"/><deleted-device match=\"/dev/y\"/>\n"
	"  <package name=\"p\" version=\"1\"/><patch id=\"1\"/>\n"
	"  <dev-perm name=\"x\" uid=\"0\" gid=\"0\" mode=\"600\" acl=\"\"/>\n"
	"</zone>\n";

static void check_whole(const struct zonecfg *cfg)
{
	assert_string_equal(cfg->name, "web");
	assert_string_equal(cfg->bootargs, "-v \"<&>");
	assert_string_equal(cfg->debugid, "7");
	assert_true(cfg->autoboot);
	assert_int_equal(cfg->ip_type, ZS_EXCLUSIVE);
	assert_true(cfg->physcap == 1 << 30);
	assert_int_equal(cfg->n_fss, 1);
	assert_string_equal(cfg->fss[0].options[1], "nodev");
	assert_string_equal(cfg->nets[0].global_nic, "auto");
	assert_string_equal(cfg->nets[0].props[0].value, "");
	assert_int_equal(cfg->rctls[0].n_values, 2);
	assert_string_equal(cfg->rctls[0].values[1].priv, "basic");
	assert_string_equal(cfg->attrs[0].value, "caf\xc3\xa9\ntwo");
	assert_string_equal(cfg->devices[0].match, "/dev/x");
	assert_string_equal(cfg->devices[0].props[0].value, "v");
	assert_string_equal(cfg->datasets[0].name, "rpool/x");
	assert_string_equal(cfg->tmp_pools[0].importance, "3");
	assert_string_equal(cfg->psets[0].ncpu_max, "2");
	assert_string_equal(cfg->admins[0].auths, "login");
	assert_null(cfg->secflags[0].lower);
	assert_string_equal(cfg->secflags[0].default_flags, "aslr");
	assert_int_equal(cfg->n_others, 5);
	assert_string_equal(cfg->others[4].attrs[4].name, "acl");
}

static void nothing_is_lost(void **state)
{
	struct zonecfg *cfg = NULL;
	struct diag d = {0};
	struct stat st;
	char *first;

	tree_write("/etc/zones/web.xml", whole);
	if (zonecfg_load("web", &cfg, &d))
		fail_msg("%s", d.text);
	check_whole(cfg);
	assert_int_equal(zonecfg_save(cfg, &d), Z_OK);
	cfg = zonecfg_free(cfg);
	assert_int_equal(zonecfg_load("web", &cfg, &d), Z_OK);
	check_whole(cfg);
	first = strdup(tree_read("/etc/zones/web.xml"));
	assert_int_equal(zonecfg_save(cfg, &d), Z_OK);
	assert_string_equal(first, tree_read("/etc/zones/web.xml"));
	assert_non_null(
		strstr(first, "<!DOCTYPE zone PUBLIC \"-//Sun Microsystems Inc//DTD Zones//EN\" "
			      "\"file:///usr/share/lib/xml/dtd/zonecfg.dtd.1\">"));
	assert_int_equal(stat(tree_path("/etc/zones/web.xml"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	free(first);
	(void)zonecfg_free(cfg);
}

static void refused(const char *text, int code, const char *why)
{
	struct zonecfg *cfg = NULL;
	struct diag d = {0};
	int r;

	tree_write("/etc/zones/web.xml", text);
	r = zonecfg_load("web", &cfg, &d);
	if (r != code || !strstr(d.text, why) || strchr(d.text, '\n'))
		fail_msg("expected %d '%s', got %d '%s'", code, why, r, d.text);
	assert_null(cfg);
}

static void wrong_files_are_refused(void **state)
{
	refused("", Z_EMPTY_DOCUMENT, "web.xml: the file is empty");
	refused("   \n", Z_INVALID_DOCUMENT, "web.xml: line 2: not well-formed");
	refused("nonsense", Z_INVALID_DOCUMENT, "line 1: not well-formed");
	refused("<brand name=\"web\"/>", Z_WRONG_DOC_TYPE, "the first element is <brand>");
	refused(ZONE "\n<nonsense/></zone>", Z_INVALID_DOCUMENT,
		"line 2: unknown element <nonsense>");
	refused(ZONE "text</zone>", Z_INVALID_DOCUMENT, "text where an element should be");
	refused("<zone name=\"web\" colour=\"red\"/>", Z_INVALID_DOCUMENT,
		"<zone> has no attribute 'colour'");
	refused("<zone/>", Z_INVALID_DOCUMENT, "<zone> without attribute 'name'");
	refused("<zone name=\"other\"/>", Z_INVALID_DOCUMENT, "the configuration of zone 'other'");
	refused("<zone name=\"web\" autoboot=\"maybe\"/>", Z_INVALID_DOCUMENT,
		"autoboot is 'maybe'");
	refused("<zone name=\"web\" ip-type=\"some\"/>", Z_INVALID_DOCUMENT, "ip-type is 'some'");
	refused(ZONE "<network/></zone>", Z_INVALID_DOCUMENT,
		"<network> without attribute 'physical'");
	refused(ZONE "<network physical=\"a\"><fsoption name=\"x\"/></network></zone>",
		Z_INVALID_DOCUMENT, "<fsoption> does not belong in <network>");
	refused(ZONE "<attr name=\"a\" type=\"string\" value=\"v\"><x/></attr></zone>",
		Z_INVALID_DOCUMENT, "<x> does not belong in <attr>");
	refused(ZONE "<dataset name=\"a\"><net-attr/></dataset></zone>", Z_INVALID_DOCUMENT,
		"<net-attr> does not belong in <dataset>");
	refused(ZONE "<device><net-attr/></device></zone>", Z_INVALID_DOCUMENT,
		"<device> without attribute 'match'");
	refused(ZONE "<device match=\"x\"><net-attr name=\"a\"/></device></zone>",
		Z_INVALID_DOCUMENT, "<net-attr> without attribute 'value'");
	refused(ZONE "<admin user=\"joe\"/></zone>", Z_INVALID_DOCUMENT,
		"<admin> without attribute 'auths'");
	refused(ZONE "<pset ncpu_min=\"1\"/></zone>", Z_INVALID_DOCUMENT,
		"<pset> without attribute 'ncpu_max'");
	refused(ZONE "<security-flags middle=\"x\"/></zone>", Z_INVALID_DOCUMENT,
		"<security-flags> has no attribute 'middle'");
	refused(ZONE "<patch id=\"1\"><x/></patch></zone>", Z_INVALID_DOCUMENT,
		"<x> does not belong in <patch>");
	refused(ZONE "<mcap/></zone>", Z_INVALID_DOCUMENT, "<mcap> must have");
	refused(ZONE "<mcap physcap=\"64M\"/></zone>", Z_INVALID_DOCUMENT, "physcap is '64M'");
	refused(ZONE "<mcap physcap=\"0\"/></zone>", Z_INVALID_DOCUMENT, "physcap is '0'");
	refused(ZONE "<mcap physcap=\"1\"/><mcap physcap=\"2\"/></zone>", Z_INVALID_DOCUMENT,
		"a second <mcap>");
	refused("<!DOCTYPE zone [<!ENTITY a \"b\">]><zone name=\"web\" pool=\"&a;\"/>",
		Z_INVALID_DOCUMENT, "declarations inside the document");
	refused("<zone name=\"web\" pool=\"a\xff\"/>", Z_INVALID_DOCUMENT, "not well-formed");
	refused("<zone name=\"web\" pool=\"&a;\"/>", Z_INVALID_DOCUMENT, "undefined entity");
	refused(DTD "<zone name=\"web\"\npool=\"&amp;&a;\"/>", Z_INVALID_DOCUMENT,
		"line 1: not well-formed: undefined entity");
	refused(DTD ZONE "\n&a;</zone>", Z_INVALID_DOCUMENT,
		"line 2: not well-formed: undefined entity");
}

/* Deeper than whoever walks through them has a stack for. */
static void elements_have_a_depth(void **state)
{
	char text[65 * sizeof("<zone>")], *p = text;
	int i;

	for (i = 0; i < 65; i++)
		p = stpcpy(p, "<zone>");
	refused(text, Z_INVALID_DOCUMENT, "more than 64 elements in each other");
}

/* A file that was cut anywhere is refused with one line. */
static void every_cut_is_refused(void **state)
{
	struct zonecfg *cfg = NULL;
	struct diag d;
	size_t i;

	for (i = 0; i + 2 < sizeof(whole); i++) {
		memset(&d, 0, sizeof(d));
		tree_write_bytes("/etc/zones/web.xml", whole, i);
		assert_int_not_equal(zonecfg_load("web", &cfg, &d), Z_OK);
		assert_non_null(strstr(d.text, "web.xml"));
		assert_null(strchr(d.text, '\n'));
	}
}

static void sizes_and_kinds_of_files(void **state)
{
	size_t size = 4 * 1024 * 1024 + 1;
	char *big = calloc(1, size);
	struct zonecfg *cfg = NULL;
	struct diag d = {0};

	assert_non_null(big);
	memset(big, ' ', size);
	tree_write_bytes("/etc/zones/web.xml", big, size);
	assert_int_equal(zonecfg_load("web", &cfg, &d), Z_TOO_BIG);
	free(big);
	(void)unlink(tree_path("/etc/zones/web.xml"));
	assert_int_equal(zonecfg_load("web", &cfg, &d), Z_NO_ZONE);
	assert_int_equal(zonecfg_load("../web", &cfg, &d), Z_BOGUS_ZONE_NAME);
	assert_int_equal(symlink("/etc/passwd", tree_path("/etc/zones/web.xml")), 0);
	assert_int_equal(zonecfg_load("web", &cfg, &d), -ELOOP);
	(void)unlink(tree_path("/etc/zones/web.xml"));
	assert_int_equal(mkfifo(tree_path("/etc/zones/web.xml"), 0600), 0);
	assert_int_equal(zonecfg_load("web", &cfg, &d), -EINVAL);
	assert_int_equal(zonecfg_destroy("web", &d), Z_OK);
	assert_int_equal(zonecfg_destroy("web", &d), Z_OK);
	assert_null(cfg);
}

static void too_many_elements(void **state)
{
	size_t i;
	char *text = malloc(1 << 20), *p = text;

	assert_non_null(text);
	p = stpcpy(p, ZONE);
	for (i = 0; i < 4097; i++)
		p = stpcpy(p, "<network physical=\"a\"/>");
	(void)stpcpy(p, "</zone>");
	refused(text, Z_INVALID_DOCUMENT, "more than 4096 <network>");
	free(text);
}

static void templates(void **state)
{
	struct zonecfg *cfg = NULL;
	struct diag d = {0};

	assert_int_equal(zonecfg_load_template("SUNWdefault", "new", &cfg, &d), Z_OK);
	assert_string_equal(cfg->name, "new");
	assert_string_equal(cfg->brand, "sparse");
	assert_int_equal(cfg->ip_type, ZS_EXCLUSIVE);
	cfg = zonecfg_free(cfg);
	assert_int_equal(zonecfg_load_template("SUNWblank", "new", &cfg, &d), Z_OK);
	assert_null(cfg->brand);
	cfg = zonecfg_free(cfg);
	assert_int_equal(zonecfg_load_template("nosuch", "new", &cfg, &d), Z_NO_ZONE);
	assert_int_equal(zonecfg_load_template("../x", "new", &cfg, &d), Z_NO_ZONE);
	/* a file wins over what is built in, and a zone can be a template */
	tree_write("/etc/zones/SUNWdefault.xml",
		"<zone name=\"SUNWdefault\" zonepath=\"/x\" brand=\"mine\" debugid=\"4\"/>");
	assert_int_equal(zonecfg_load_template("SUNWdefault", "new", &cfg, &d), Z_OK);
	assert_string_equal(cfg->brand, "mine");
	assert_null(cfg->zonepath);
	assert_null(cfg->debugid);
	(void)zonecfg_free(cfg);
}

/* A save that fails leaves the old file and nothing else. */
static void a_failed_save_changes_nothing(void **state)
{
	struct zonecfg *cfg = NULL;
	struct diag d = {0};

	assert_int_equal(zonecfg_new("web", &cfg), Z_OK);
	tree_mkdir("/etc/zones/dir.xml");
	assert_int_equal(zonecfg_save_file(cfg, tree_path("/etc/zones/dir.xml"), &d), -EISDIR);
	assert_int_equal(zonecfg_save_file(cfg, tree_path("/etc/none/web.xml"), &d), -ENOENT);
	assert_int_equal(rmdir(tree_path("/etc/zones/dir.xml")), 0);
	(void)unlink(tree_path("/etc/zones/web.xml"));
	(void)unlink(tree_path("/etc/zones/SUNWdefault.xml"));
	assert_int_equal(rmdir(tree_path("/etc/zones")), 0); /* no temporary file is left */
	tree_mkdir("/etc/zones");
	(void)zonecfg_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(wrong_files_are_refused),
		cmocka_unit_test(elements_have_a_depth),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(sizes_and_kinds_of_files),
		cmocka_unit_test(too_many_elements),
		cmocka_unit_test(templates),
		cmocka_unit_test(a_failed_save_changes_nothing),
	};

	return cmocka_run_group_tests(tests, tree_make, tree_remove);
}

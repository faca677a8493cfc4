/* SPDX-License-Identifier: MIT */
/* The rules of a configuration as a whole: each is broken once, and all problems are reported. */
#include "zonecfg-tree.h"

#include "brand/brand.h"
#include "zone/rctl.h"

#include <inttypes.h>

#define CONFIG                                                                                     \
	"<brand name=\"sparse\"><initname>/init</initname><login_cmd>/bin/login %u</login_cmd>"    \
	"<privilege set=\"default\" name=\"proc_fork\"/>"                                          \
	"<privilege set=\"required\" name=\"proc_fork\"/>"                                         \
	"<privilege set=\"prohibited\" name=\"sys_time\" ip-type=\"shared\"/></brand>"

static char reported[8192];
static int problems, warnings;
static bool to_run; /* verify what zoneadm does */

static void report(void *arg, int code, const char *text)
{
	if (code)
		problems++;
	else
		warnings++;
	(void)strcat(strcat(reported, text), "\n");
}

static int setup(void **state)
{
	if (tree_make(state))
		return -1;
	tree_mkdir("/usr/lib/brand/sparse");
	tree_write("/usr/lib/brand/sparse/config.xml", CONFIG);
	return 0;
}

/* A zone with these attributes and elements, verified. Returns the first code. */
static int verify(const char *attributes, const char *elements)
{
	struct zonecfg *cfg = NULL;
	struct diag d = {0};
	char text[4096];
	int r;

	reported[0] = '\0';
	problems = warnings = 0;
	(void)snprintf(text, sizeof(text), "<zone name=\"web\" %s>%s</zone>", attributes, elements);
	tree_write("/etc/zones/web.xml", text);
	if (zonecfg_load("web", &cfg, &d))
		fail_msg("%s", d.text);
	r = to_run ? brand_verify(cfg, report, NULL, NULL)
		   : brand_verify_config(cfg, report, NULL, NULL);
	(void)zonecfg_free(cfg);
	return r;
}

#define BASE   "zonepath=\"/zones/web\" brand=\"sparse\" "
#define EXCL   BASE "ip-type=\"exclusive\" "
#define SHARED BASE "ip-type=\"shared\" "

static void expect(const char *attributes, const char *elements, int code, const char *why)
{
	int r = verify(attributes, elements);

	if (r != code || problems != 1 || !strstr(reported, why))
		fail_msg("expected %d '%s', got %d (%d problems): %s", code, why, r, problems,
			reported);
}

static void expect_good(const char *attributes, const char *elements)
{
	if (verify(attributes, elements) || problems)
		fail_msg("%s", reported);
}

static void properties(void **state)
{
	expect_good(BASE, "");
	expect("brand=\"sparse\"", "", Z_REQD_PROPERTY_MISSING, "zonepath is not set");
	expect("zonepath=\"/zones/web\"", "", Z_REQD_PROPERTY_MISSING, "brand is not set");
	expect("zonepath=\"zones\" brand=\"sparse\"", "", Z_INVALID_PROPERTY, "zonepath 'zones'");
	expect("zonepath=\"/z\" brand=\"nosuch\"", "", Z_BRAND_ERROR,
		"brand 'nosuch': no such brand");
	expect("zonepath=\"/z\" brand=\"../x\"", "", Z_INVALID_PROPERTY, "brand '../x'");
	expect(BASE "pool=\"SUNWx\"", "", Z_INVALID_PROPERTY, "pool 'SUNWx'");
	expect(BASE "hostid=\"xyz\"", "", Z_INVALID_PROPERTY, "hostid 'xyz'");
	expect(BASE "fs-allowed=\",\"", "", Z_INVALID_PROPERTY, "fs-allowed ','");
	expect(BASE "scheduling-class=\"XX\"", "", Z_INVALID_PROPERTY, "scheduling-class 'XX'");
	expect(BASE "limitpriv=\"default,nosuch\"", "", Z_PRIV_UNKNOWN, "'nosuch'");
	expect(BASE "limitpriv=\"default,zone\"", "", Z_PRIV_PROHIBITED, "'zone'");
}

static void all_problems_are_reported(void **state)
{
	int r = verify(
		"pool=\"SUNWx\" hostid=\"-\"", "<rctl name=\"x\"/><network physical=\"a:1\"/>");

	assert_int_equal(r, Z_REQD_PROPERTY_MISSING);
	assert_int_equal(problems, 8);
}

static void brand_privileges(void **state)
{
	expect_good(EXCL "limitpriv=\"default,sys_time\"", "");
	expect(SHARED "limitpriv=\"default,sys_time\"", "", Z_PRIV_PROHIBITED, "'sys_time'");
	expect(EXCL "limitpriv=\"default,!proc_fork\"", "", Z_PRIV_REQUIRED, "'proc_fork'");
	expect(EXCL "limitpriv=\"sys_time\"", "", Z_PRIV_REQUIRED, "'proc_fork'");
	expect_good(EXCL "limitpriv=\"default,-proc_fork,PRIV_PROC_FORK\"", "");
}

static void net_rules(void **state)
{
	expect_good(EXCL, "<network physical=\"web0\" allowed-address=\"10.0.0.2/24\" "
			  "defrouter=\"10.0.0.1\"/>");
	expect_good(SHARED, "<network physical=\"eth0\" address=\"10.0.0.2/24\"/>");
	expect(EXCL, "<network physical=\"web:0\"/>", Z_INVALID_PROPERTY, "not a valid link name");
	expect(EXCL, "<network physical=\"web\"/>", Z_INVALID_PROPERTY, "not a valid link name");
	expect(SHARED, "<network physical=\"eth0:1\" address=\"10.0.0.2\"/>", Z_INVALID_PROPERTY,
		"not a valid link name");
	expect(EXCL, "<network physical=\"web0\" address=\"10.0.0.2/24\"/>", Z_INCOMPATIBLE,
		"address cannot be set for an exclusive-IP zone");
	expect(SHARED, "<network physical=\"eth0\"/>", Z_REQD_PROPERTY_MISSING,
		"address is required");
	expect(SHARED,
		"<network physical=\"eth0\" address=\"10.0.0.2\" allowed-address=\"10.0.0.2\"/>",
		Z_INCOMPATIBLE, "allowed-address cannot be set");
	expect(EXCL, "<network physical=\"web0\" allowed-address=\"300.0.0.1\"/>",
		Z_INVALID_PROPERTY, "allowed-address '300.0.0.1'");
	expect(EXCL, "<network physical=\"web0\" allowed-address=\"host\"/>", Z_INVALID_PROPERTY,
		"allowed-address 'host'");
	expect(EXCL, "<network physical=\"web0\" defrouter=\"10.0.0.1\"/>", Z_INCOMPATIBLE,
		"defrouter needs an allowed-address");
	expect(EXCL, "<network physical=\"web0\" allowed-address=\"10.0.0.2\" defrouter=\"gw\"/>",
		Z_INVALID_PROPERTY, "defrouter 'gw'");
	expect(EXCL, "<network physical=\"web0\" mac-addr=\"1:2:3:4:5:6\"/>", Z_INVALID_PROPERTY,
		"mac-addr");
	expect(EXCL, "<network physical=\"web0\" vlan-id=\"4095\"/>", Z_INVALID_PROPERTY,
		"vlan-id");
	expect(EXCL, "<network physical=\"web0\" global-nic=\"a b\"/>", Z_INVALID_PROPERTY,
		"global-nic");
	expect(EXCL, "<network physical=\"web0\" vlan-id=\"0\"/>", Z_INVALID_PROPERTY,
		"vlan-id '0' is not a number from 1 to 4094");
	expect(EXCL, "<network physical=\"web0\" mac-addr=\"1:0:5e:0:0:1\"/>", Z_INVALID_PROPERTY,
		"is not a unicast MAC address");
	expect(EXCL, "<network physical=\"web0\" allowed-address=\"10.0.0.2/33\"/>",
		Z_INVALID_PROPERTY, "allowed-address '10.0.0.2/33' is not a valid address");
	expect(EXCL, "<network physical=\"web0\" allowed-address=\"fd00::2/129\"/>",
		Z_INVALID_PROPERTY, "allowed-address 'fd00::2/129'");
	expect(SHARED, "<network physical=\"eth0\" address=\"fd00::2\"/>", Z_INVALID_PROPERTY,
		"address 'fd00::2' is not a valid address");
}

static void nets_of_one_link(void **state)
{
	/* the router of one, the address of the other */
	expect_good(EXCL, "<network physical=\"web0\" allowed-address=\"10.0.0.2/24\"/>"
			  "<network physical=\"web0\" allowed-address=\"10.0.0.3/24\" "
			  "defrouter=\"10.0.0.1\"/>");
	expect(EXCL,
		"<network physical=\"web0\" allowed-address=\"10.0.0.2/24\"/>"
		"<network physical=\"web0\"/>",
		Z_INCOMPATIBLE, "one has an allowed-address and another has none");
	expect(EXCL, "<network physical=\"web0\"/><network physical=\"web0\"/>", Z_DUPLICATE,
		"more than one like it");
	expect(SHARED,
		"<network physical=\"a0\" address=\"10.0.0.2\"/>"
		"<network physical=\"b0\" address=\"10.0.0.2\"/>",
		Z_DUPLICATE, "address 10.0.0.2 twice");
	assert_int_equal(verify(EXCL, "<network physical=\"web0\" allowed-address=\"10.0.0.2\" "
				      "defrouter=\"10.0.0.2/24\"/>"),
		Z_OK);
	assert_int_equal(warnings, 1);
	/* beside every network of the link: the zone would not boot */
	assert_int_equal(verify(EXCL, "<network physical=\"web0\" allowed-address=\"10.0.0.2\" "
				      "defrouter=\"10.0.0.1\"/>"),
		Z_OK);
	assert_int_equal(warnings, 1);
	expect_good(EXCL, "<network physical=\"web0\" allowed-address=\"10.0.0.2/23\" "
			  "defrouter=\"10.0.1.9\"/>");
	expect_good(EXCL, "<network physical=\"web0\" allowed-address=\"fd00::2/64\" "
			  "defrouter=\"fe80::1\"/>");
}

#define FS(dir, special, type, rest)                                                               \
	"<filesystem directory=\"" dir "\" special=\"" special "\" type=\"" type "\"" rest ">"

static void fs_rules(void **state)
{
	static const char *const standard[] = {FS("/dev", "/srv", "none", "") "</filesystem>",
		FS("/sys", "/srv", "none", "") "</filesystem>",
		FS("/proc", "/srv", "none", "") "</filesystem>",
		FS("/proc/sys", "/srv", "none", "") "</filesystem>"};
	size_t i;

	expect_good(BASE, FS("/data", "/srv", "none", "") "<fsoption name=\"ro\"/></filesystem>");
	expect(BASE, FS("data", "/srv", "none", "") "</filesystem>", Z_INVALID_PROPERTY,
		"dir must be an absolute path");
	expect(BASE, FS("/", "/srv", "none", "") "</filesystem>", Z_INVALID_PROPERTY,
		"dir must be an absolute path");
	expect(BASE, FS("/a/../..", "/srv", "none", "") "</filesystem>", Z_INVALID_PROPERTY,
		"dir must be an absolute path");
	expect(BASE, FS("/data", "", "none", "") "</filesystem>", Z_INVALID_PROPERTY, "special ''");
	expect(BASE, FS("/data", "/srv", "proc", "") "</filesystem>", Z_INVALID_PROPERTY,
		"type 'proc'");
	expect_good(BASE, FS("/dev/shm", "/srv", "none", "") "</filesystem>");
	expect_good(BASE, FS("/process", "/srv", "none", "") "</filesystem>");
	for (i = 0; i < ARRAY_SIZE(standard); i++)
		expect(BASE, standard[i], Z_INVALID_PROPERTY, "every zone has its own file system");
	expect(BASE, FS("/data", "/srv", "nfs3", "") "</filesystem>", Z_INVALID_PROPERTY,
		"type 'nfs3'");
	expect(BASE, FS("/data", "/srv", "none", " raw=\"r\"") "</filesystem>", Z_INVALID_PROPERTY,
		"raw must be an absolute path");
	expect(BASE,
		FS("/d", "/a", "none", "") "</filesystem>" FS(
			"/d", "/b", "none", "") "</filesystem>",
		Z_DUPLICATE, "more than one fs");
	expect(BASE,
		FS("/d", "/a", "none",
			"") "<fsoption name=\"ro\"/><fsoption name=\"ro\"/></filesystem>",
		Z_DUPLICATE, "option 'ro' twice");
	expect(BASE, FS("/d", "/a", "none", "") "<fsoption name=\"\"/></filesystem>",
		Z_INVALID_PROPERTY, "option '' is not valid");
	expect(BASE, FS("/d", "/a", "none", "") "<fsoption name=\"r&#10;o\"/></filesystem>",
		Z_INVALID_PROPERTY, "is not valid");
	expect(BASE, FS("/d", "/a", "autofs", "") "</filesystem>", Z_INVALID_PROPERTY,
		"file system type 'autofs' cannot be used in a zone");
	expect(BASE, FS("/d", "/a", "mntfs", "") "</filesystem>", Z_INVALID_PROPERTY,
		"file system type 'mntfs' cannot be used in a zone");
}

#define RCTL(name, priv, limit, action)                                                            \
	"<rctl name=\"" name "\"><rctl-value priv=\"" priv "\" limit=\"" limit                     \
	"\" action=\"" action "\"/></rctl>"

static void rctl_rules(void **state)
{
	expect_good(BASE, RCTL("zone.max-lwps", "privileged", "200", "deny"));
	expect_good(BASE, RCTL("zone.max-lwps", "privileged", "200", "none"));
	expect(BASE, RCTL("project.x", "privileged", "200", "deny"), Z_INVALID_PROPERTY,
		"must begin with 'zone.'");
	expect(BASE, "<rctl name=\"zone.max-lwps\"/>", Z_REQD_PROPERTY_MISSING, "no value");
	expect(BASE, RCTL("zone.max-lwps", "basic", "200", "deny"), Z_INVALID_PROPERTY,
		"priv must be privileged");
	expect(BASE, RCTL("zone.max-lwps", "root", "200", "deny"), Z_INVALID_PROPERTY,
		"is not valid");
	expect(BASE, RCTL("zone.max-lwps", "privileged", "abc", "deny"), Z_INVALID_PROPERTY,
		"is not valid");
	expect(BASE, RCTL("zone.max-lwps", "privileged", "4294967296", "deny"), Z_TOO_BIG,
		"above the largest");
	expect(BASE, RCTL("zone.max-lwps", "privileged", "200", "signal=KILL"), Z_INVALID_PROPERTY,
		"action must be none or deny");
	expect(BASE, RCTL("zone.cpu-shares", "privileged", "5", "deny"), Z_INVALID_PROPERTY,
		"action must be none");
	expect(BASE, RCTL("zone.max-swap", "privileged", "5", "none"), Z_INVALID_PROPERTY,
		"action must be deny");
	expect(BASE,
		RCTL("zone.max-swap", "privileged", "5", "deny")
			RCTL("zone.max-swap", "privileged", "6", "deny"),
		Z_DUPLICATE, "more than one rctl");
	assert_int_equal(verify(BASE, RCTL("zone.new-one", "privileged", "5", "deny")), Z_OK);
	assert_int_equal(warnings, 1);
}

/* Each control against each of its rules; and what is told of it here is what zoned holds it to. */
static void every_rctl(void **state)
{
	char xml[256], said[96];
	int i, k;

	for (i = 0; i < RCTL_COUNT; i++) {
		const struct zone_rctl *c = &zone_rctls[i];
		const struct zonecfg_rctl_rule *rule = zonecfg_rctl_rule(c->name);
		const char *action = c->flags & ZRCTL_NO_DENY ? "none" : "deny";
		const struct {
			const char *priv, *action;
			uint64_t limit;
			const char *wrong;
		} tries[] = {
			{"privileged", action, c->max, NULL},
			{"privileged", action, c->min, NULL},
			{"basic", action, c->max, "priv must be privileged"},
			{"system", action, c->max, "is not valid"},
			{"privileged", "none", c->max,
				c->flags & ZRCTL_DENY_ALWAYS ? "action must be deny" : NULL},
			{"privileged", "deny", c->max,
				c->flags & ZRCTL_NO_DENY ? "action must be none" : NULL},
			{"privileged", "signal=KILL", c->max, "action must be none or deny"},
			{"privileged", action, c->max + 1, c->max + 1 ? "above the largest" : NULL},
			{"privileged", action, c->min - 1, c->min ? "below the smallest" : NULL},
		};

		assert_non_null(rule);
		assert_true(rule->max == c->max && rule->least == c->min);
		for (k = 0; k < (int)ARRAY_SIZE(tries); k++) {
			if (k >= 7 && !tries[k].wrong)
				continue;
			(void)snprintf(xml, sizeof(xml), RCTL("%s", "%s", "%" PRIu64, "%s"),
				c->name, tries[k].priv, tries[k].limit, tries[k].action);
			(void)snprintf(said, sizeof(said), "rctl %s: ", c->name);
			if (!tries[k].wrong) {
				expect_good(BASE, xml);
				continue;
			}
			assert_int_not_equal(verify(BASE, xml), Z_OK);
			assert_non_null(strstr(reported, said));
			assert_non_null(strstr(reported, tries[k].wrong));
		}
	}
}

#define ATTR(name, type, value) "<attr name=\"" name "\" type=\"" type "\" value=\"" value "\"/>"

static void attr_rules(void **state)
{
	expect_good(BASE, ATTR("a", "string", "") ATTR("b", "uint", "7"));
	expect(BASE, ATTR("zonex", "string", "v"), Z_INVALID_PROPERTY, "attr zonex");
	expect(BASE, ATTR("a", "text", "v"), Z_INVALID_PROPERTY, "type must be");
	expect(BASE, ATTR("a", "uint", "-1"), Z_INVALID_PROPERTY, "not a valid uint");
	expect(BASE, ATTR("a", "uint", "1") ATTR("a", "uint", "2"), Z_DUPLICATE,
		"more than one attr");
	expect(BASE, ATTR("-a", "string", "v"), Z_INVALID_PROPERTY, "attr -a: a name has letters");
	expect(BASE, ATTR("a", "int", "1.5"), Z_INVALID_PROPERTY, "'1.5' is not a valid int");
	expect(BASE, ATTR("a", "boolean", "yes"), Z_INVALID_PROPERTY,
		"'yes' is not a valid boolean");
	expect_good(EXCL, ATTR("resolvers", "string", "10.0.0.1,fd00::1")
				  ATTR("dns-domain", "string", "example.com"));
	expect(EXCL, ATTR("resolvers", "string", "10.0.0.1,"), Z_INVALID_PROPERTY,
		"attr resolvers: '10.0.0.1,' is not a list of addresses");
	expect(EXCL, ATTR("resolvers", "string", "dns.example.com"), Z_INVALID_PROPERTY,
		"is not a list of addresses");
	expect(EXCL, ATTR("dns-domain", "string", "a b"), Z_INVALID_PROPERTY,
		"attr dns-domain: 'a b' is not a domain name");
	expect(EXCL, ATTR("zlog-mode", "string", "g"), Z_INVALID_PROPERTY, "attr zlog-mode: 'g'");
	expect(EXCL, ATTR("zlog-mode", "string", "gtn"), Z_INVALID_PROPERTY,
		"a log inside the zone (n) is not there");
}

static void combinations(void **state)
{
	expect(BASE "scheduling-class=\"TS\"", RCTL("zone.cpu-shares", "privileged", "5", "none"),
		Z_INCOMPATIBLE, "scheduling-class FSS only");
	expect_good(BASE "scheduling-class=\"FSS\"",
		RCTL("zone.cpu-shares", "privileged", "5", "none"));
	expect(BASE,
		"<pset ncpu_min=\"1\" ncpu_max=\"1\"/>" RCTL(
			"zone.cpu-shares", "privileged", "5", "none"),
		Z_INCOMPATIBLE, "dedicated-cpu and cpu-shares");
	expect(BASE,
		"<pset ncpu_min=\"1\" ncpu_max=\"1\"/>" RCTL(
			"zone.cpu-cap", "privileged", "5", "deny"),
		Z_INCOMPATIBLE, "dedicated-cpu and capped-cpu");
	expect(BASE "pool=\"p\"", "<pset ncpu_min=\"1\" ncpu_max=\"1\"/>", Z_INCOMPATIBLE,
		"dedicated-cpu and pool");
	expect(BASE, "<mcap physcap=\"1048575\"/>", Z_INVALID_PROPERTY, "at least 1M");
	expect(BASE,
		"<mcap physcap=\"1048576\"/>" RCTL(
			"zone.max-locked-memory", "privileged", "1048577", "deny"),
		Z_INCOMPATIBLE, "locked is larger than physical");
}

static void host_resources(void **state)
{
	expect_good(BASE, "<device match=\"/dev/sound/*\"/><device match=\"tty?\"/>");
	expect(BASE, "<device match=\"/etc/x\"/>", Z_INVALID_PROPERTY, "pattern below /dev");
	expect(BASE, "<device match=\"/dev/../x\"/>", Z_INVALID_PROPERTY, "pattern below /dev");
	expect(BASE, "<device match=\"a\"/><device match=\"a\"/>", Z_DUPLICATE,
		"device match=a: more than one");
	expect_good(BASE, "<dataset name=\"rpool/data/a-b.c\"/>");
	expect(BASE, "<dataset name=\"rpool//x\"/>", Z_INVALID_PROPERTY, "dataset name=rpool//x");
	expect(BASE, "<dataset name=\"a\"/><dataset name=\"a\"/>", Z_DUPLICATE, "dataset name=a");
	expect_good(BASE, "<pset ncpu_min=\"1\" ncpu_max=\"2\"/><tmp_pool importance=\"0\"/>");
	expect(BASE, "<pset ncpu_min=\"3\" ncpu_max=\"2\"/>", Z_INVALID_PROPERTY, "ncpus '3-2'");
	expect(BASE, "<pset ncpu_min=\"0\" ncpu_max=\"2\"/>", Z_INVALID_PROPERTY, "ncpus '0-2'");
	expect(BASE, "<tmp_pool importance=\"1\"/>", Z_REQD_PROPERTY_MISSING,
		"ncpus not specified");
	expect(BASE, "<pset ncpu_min=\"1\" ncpu_max=\"2\"/><tmp_pool importance=\"-\"/>",
		Z_INVALID_PROPERTY, "importance '-'");
	expect(BASE, "<pset ncpu_min=\"1\" ncpu_max=\"2\"/><pset ncpu_min=\"1\" ncpu_max=\"2\"/>",
		Z_DUPLICATE, "dedicated-cpu: more than one");
	expect_good(BASE, "<admin user=\"joe\" auths=\"login,manage,clonefrom\"/>");
	expect(BASE, "<admin user=\"a:b\" auths=\"login\"/>", Z_INVALID_PROPERTY, "user=a:b");
	expect(BASE, "<admin user=\"joe\" auths=\"boot\"/>", Z_INVALID_PROPERTY, "auths 'boot'");
	expect(BASE, "<admin user=\"joe\" auths=\"login,login\"/>", Z_INVALID_PROPERTY, "auths");
	expect(BASE, "<admin user=\"a\" auths=\"login\"/><admin user=\"a\" auths=\"login\"/>",
		Z_DUPLICATE, "admin user=a");
	expect(BASE "debugid=\"0\"", "", Z_INVALID_PROPERTY, "debugid '0'");
}

static void security_flags(void **state)
{
	expect_good(BASE, "<security-flags lower=\"none\" default=\"aslr\" upper=\"all\"/>");
	expect_good(BASE, "<security-flags lower=\"aslr\"/>");
	expect(BASE, "<security-flags lower=\"nonsense\"/>", Z_INVALID_PROPERTY,
		"lower 'nonsense'");
	expect(BASE, "<security-flags lower=\"all\" default=\"all,!aslr\"/>", Z_INCOMPATIBLE,
		"default must have all of lower");
	expect(BASE, "<security-flags default=\"aslr\" upper=\"noexecstack\"/>", Z_INCOMPATIBLE,
		"upper must have all of default");
	expect(BASE, "<security-flags lower=\"aslr\"/><security-flags/>", Z_DUPLICATE,
		"security-flags: more than one");
}

/* What cannot be applied may be configured, but zoneadm names it and refuses. */
static void unapplied(const char *attributes, const char *elements, const char *what)
{
	expect_good(attributes, elements);
	to_run = true;
	expect(attributes, elements, Z_NOT_APPLIED, what);
	assert_non_null(strstr(reported, "this release cannot apply it"));
	to_run = false;
}

#define PROP(name, value)                                                                          \
	"<network physical=\"a0\"><net-attr name=\"" name "\" value=\"" value "\"/></network>"

static void properties_of_links(void **state)
{
	to_run = true;
	expect_good(EXCL, PROP("mtu", "9000"));
	expect_good(EXCL, PROP("protection", "ip-nospoof,mac-nospoof"));
	expect_good(EXCL, "<network physical=\"a0\" global-nic=\"auto\" mac-addr=\"2:8:20:0:0:1\""
			  " vlan-id=\"3\"/>");
	to_run = false;
	expect(EXCL,
		"<network physical=\"a0\" allowed-address=\"10.0.0.1/8\" global-nic=\"b0\"/>"
		"<network physical=\"a0\" allowed-address=\"10.0.0.2/8\" global-nic=\"c0\"/>",
		Z_INCOMPATIBLE, "global-nic 'c0' is not that of the first resource");
	expect(EXCL, PROP("mtu", "0"), Z_INVALID_PROPERTY,
		"'0' is not a valid value of property mtu");
	expect(EXCL, PROP("maxbw", "1K"), Z_INVALID_PROPERTY, "value of property maxbw");
	expect(EXCL, PROP("protection", "all"), Z_INVALID_PROPERTY,
		"possible are mac-nospoof,restricted");
	expect(EXCL, PROP("state", "up"), Z_INVALID_PROPERTY, "property state cannot be set");
	expect(EXCL, PROP("zone", "x"), Z_INVALID_PROPERTY, "property zone cannot be set");
	expect(EXCL,
		"<network physical=\"a0\"><net-attr name=\"mtu\" value=\"1400\"/>"
		"<net-attr name=\"mtu\" value=\"1300\"/></network>",
		Z_DUPLICATE, "property mtu is given more than once");
}

static void what_cannot_be_applied(void **state)
{
	to_run = true;
	expect_good(EXCL, "<network physical=\"web0\"/>");
	expect_good(SHARED, "<network physical=\"web0\" address=\"10.0.0.1/24\"/>");
	expect_good(EXCL "scheduling-class=\"FX\"", "<device match=\"/dev/x\"/>");
	expect_good(EXCL "pool=\"p\"", "");
	expect_good(EXCL "fs-allowed=\"tmpfs,fuse.sshfs,overlay\"", "");
	expect_good(EXCL, "<pset ncpu_min=\"1\" ncpu_max=\"2\"/>");
	expect_good(EXCL "limitpriv=\"default,!net_access\"", "<dataset name=\"a/b\"/>");
	expect_good(EXCL, "<security-flags lower=\"aslr\" default=\"all\" upper=\"all\"/>");
	to_run = false;
	to_run = true;
	expect_good(EXCL "limitpriv=\"default,proc_fork,-net_rawaccess,!PRIV_SYS_TIME\"", "");
	to_run = false;
	unapplied(EXCL "limitpriv=\"default,dtrace_proc\"", "", "limitpriv dtrace_proc");
	unapplied(EXCL "limitpriv=\"default,!file_read\"", "", "limitpriv !file_read");
	unapplied(EXCL "limitpriv=\"proc_fork\"", "", "limitpriv without default");
	unapplied(EXCL, RCTL("zone.zfs-io-priority", "privileged", "5", "none"),
		"rctl zone.zfs-io-priority");
	unapplied(EXCL, RCTL("zone.max-processes", "privileged", "100", "deny"),
		"rctl zone.max-processes without a zone.max-lwps of at most as much");
	unapplied(EXCL,
		RCTL("zone.max-locked-memory", "privileged", "100", "deny")
			RCTL("zone.max-swap", "privileged", "101", "deny"),
		"rctl zone.max-locked-memory without a zone.max-swap of at most as much");
	to_run = true;
	expect_good(EXCL, RCTL("zone.max-processes", "privileged", "100", "none"));
	expect_good(EXCL, RCTL("zone.max-locked-memory", "privileged", "100", "deny")
				  RCTL("zone.max-swap", "privileged", "100", "deny"));
	to_run = false;
	unapplied(EXCL "scheduling-class=\"FP\"", "", "scheduling-class FP");
	unapplied(EXCL "scheduling-class=\"RT\"", RCTL("zone.cpu-cap", "privileged", "50", "deny"),
		"scheduling-class RT together with capped-cpu");
	unapplied(EXCL, "<device match=\"/dev/x\"><net-attr name=\"a\" value=\"b\"/></device>",
		"device match=/dev/x: property a");
	unapplied(EXCL "fs-allowed=\"tmpfs,ext4\"", "", "fs-allowed ext4");
	unapplied(EXCL "fs-allowed=\"-\"", "", "fs-allowed -");
	unapplied(EXCL, "<security-flags upper=\"aslr\"/>", "security-flags upper=aslr");
	unapplied(EXCL, "<security-flags lower=\"noexecstack\" default=\"all\"/>",
		"security-flags lower=noexecstack");
	unapplied(EXCL, "<inherited-pkg-dir directory=\"/lib\"/>", "inherited-pkg-dir");
	unapplied(EXCL, "<network physical=\"a0\" mac-addr=\"2:8:20:0:0:1\"/>",
		"mac-addr without global-nic");
	unapplied(EXCL, "<network physical=\"a0\" vlan-id=\"3\"/>", "vlan-id without global-nic");
	unapplied(EXCL, PROP("cpus", "1"), "property cpus (the CPU time");
	unapplied(EXCL, PROP("gateway", "10.0.0.1"), "property gateway (no link has one");
}

static void aliases(void **state)
{
	struct zonecfg *cfg = NULL;
	uint64_t limit;
	int i;

	assert_int_equal(zonecfg_new("web", &cfg), Z_OK);
	for (i = 0; i < ALIAS_COUNT; i++) {
		assert_non_null(zonecfg_rctl_rule(zonecfg_alias_rctl((enum zonecfg_alias)i)));
		assert_int_equal(zonecfg_alias_clear(cfg, (enum zonecfg_alias)i), Z_NO_ENTRY);
		assert_int_equal(zonecfg_alias_set(cfg, (enum zonecfg_alias)i, 1000), Z_OK);
	}
	assert_int_equal(cfg->n_rctls, ALIAS_COUNT);
	assert_int_equal(zonecfg_alias_set(cfg, ALIAS_MAX_LWPS, 99), Z_INVALID_PROPERTY);
	assert_int_equal(zonecfg_alias_set(cfg, ALIAS_CPU_SHARES, 65536), Z_TOO_BIG);
	assert_int_equal(zonecfg_alias_set(cfg, ALIAS_MAX_LWPS, 100), Z_OK);
	assert_int_equal(zonecfg_alias_get(cfg, ALIAS_MAX_LWPS, &limit), Z_OK);
	assert_int_equal(limit, 100);
	assert_string_equal(zonecfg_find_rctl(cfg, "zone.cpu-shares")->values[0].action, "none");
	assert_int_equal(zonecfg_alias_clear(cfg, ALIAS_MAX_LWPS), Z_OK);
	assert_int_equal(zonecfg_alias_get(cfg, ALIAS_MAX_LWPS, &limit), Z_NO_ENTRY);
	/* an rctl of another shape is nobody's alias */
	assert_int_equal(zonecfg_rctl_add_value(
				 zonecfg_find_rctl(cfg, "zone.max-swap"), "basic", "7", "none"),
		Z_OK);
	assert_int_equal(zonecfg_alias_get(cfg, ALIAS_MAX_SWAP, &limit), Z_ALIAS_DISALLOW);
	assert_int_equal(zonecfg_alias_set(cfg, ALIAS_MAX_SWAP, 1), Z_ALIAS_DISALLOW);
	assert_int_equal(zonecfg_alias_clear(cfg, ALIAS_MAX_SWAP), Z_ALIAS_DISALLOW);
	(void)zonecfg_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(properties),
		cmocka_unit_test(all_problems_are_reported),
		cmocka_unit_test(brand_privileges),
		cmocka_unit_test(net_rules),
		cmocka_unit_test(nets_of_one_link),
		cmocka_unit_test(fs_rules),
		cmocka_unit_test(rctl_rules),
		cmocka_unit_test(every_rctl),
		cmocka_unit_test(attr_rules),
		cmocka_unit_test(combinations),
		cmocka_unit_test(host_resources),
		cmocka_unit_test(security_flags),
		cmocka_unit_test(properties_of_links),
		cmocka_unit_test(what_cannot_be_applied),
		cmocka_unit_test(aliases),
	};

	return cmocka_run_group_tests(tests, setup, tree_remove);
}

/* SPDX-License-Identifier: MIT */
/*
 * Every rule of a configuration that test-zonecfg-command.c does not break is broken here: one line
 * of message, exit 1, and neither the file nor the index changes.
 */
#include "zonecfg-run.h"

struct rule {
	const char *commands;
	const char *message;
};

static void break_all(const struct rule *rules, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		refused(rules[i].commands, rules[i].message);
}

static void names_and_paths(void **state)
{
	static const struct rule rules[] = {
		{"set zonename=-web", "zonename '-web': Invalid zone name"},
		{"set zonename=SUNWweb", "zonename 'SUNWweb': Invalid zone name"},
		{"set zonename=a234567890123456789012345678901234567890123456789012345678901234",
			"Invalid zone name"},
		{"set zonename=\"a b\"", "zonename 'a b': Invalid zone name"},
		{"set zonepath=/", "zonepath '/'"},
		{"set zonepath=/a/", "zonepath '/a/'"},
		{"set zonepath=//a", "zonepath '//a'"},
		{"set zonepath=/a,b", "zonepath '/a,b'"},
		{"set zonepath=\"\"", "required property"},
		{"set brand=", "required property"},
		{"set brand=a/b", "brand 'a/b'"},
		{"clear brand", "required property"},
		{"clear ip-type", "required property"},
		{"set bootargs=\"\xff\"", "bootargs '\xff'"},
		{"set fs-allowed=a,,b", "fs-allowed 'a,,b'"},
		{"set fs-allowed=ufs,-", "fs-allowed 'ufs,-'"},
		{"set limitpriv=a,default", "limitpriv 'a': Unknown privilege"},
		{"set limitpriv=sys_time,default", "limitpriv 'default'"},
		{"set limitpriv=default,-", "limitpriv ''"},
		{"set hostid=FFFFFFFF", "hostid 'FFFFFFFF'"},
		{"set hostid=\" 1\"", "hostid ' 1'"},
		{"set hostid=0x", "hostid '0x'"},
		{"set uuid=12345678-9abc-def0-1234_56789abcdef0", "expected 8-4-4-4-12"},
		{"set autoboot=[true]", "autoboot: expected a simple value"},
		{"clear nothing-like-it", "no such property"},
	};

	break_all(rules, ARRAY_SIZE(rules));
}

static void aliases(void **state)
{
	static const struct rule rules[] = {
		{"set max-lwps=2147483648", "max-lwps '2147483648': Value too big"},
		{"set max-lwps=18446744073709551616", "Value too big"},
		{"set max-lwps=-1", "max-lwps '-1'"},
		{"set max-processes=99", "expected a number from 100"},
		{"set max-msg-ids=16777217", "max-msg-ids '16777217': Value too big"},
		{"set max-sem-ids=16777217", "max-sem-ids '16777217': Value too big"},
		{"set max-shm-ids=16777217", "max-shm-ids '16777217': Value too big"},
		{"set max-shm-memory=99999999999999999999T", "max-shm-memory"},
		{"set zfs-io-priority=0", "zfs-io-priority '0'"},
		{"set scheduling-class=FX; set cpu-shares=5", "cpu-shares works with"},
	};

	break_all(rules, ARRAY_SIZE(rules));
	/* written by hand in another shape: the alias does not touch it */
	expect("web",
		"select rctl name=zone.max-lwps; add value "
		"(priv=privileged,limit=300,action=none); end",
		0, "");
	refused("set max-lwps=400", "max-lwps: the rctl zone.max-lwps was written by hand");
	refused("clear max-lwps", "An rctl set by hand already uses this name");
	expect("web", "info max-lwps", 0, "");
	assert_string_equal(out, "");
	expect("web", "info rctl", 0,
		"rctl:\n\tname: zone.max-lwps\n"
		"\tvalue: (priv=privileged,limit=200,action=deny)\n"
		"\tvalue: (priv=privileged,limit=300,action=none)\n");
	expect("web", "set max-shm-memory=64M; info max-shm-memory", 0, "[max-shm-memory: 64M]\n");
	expect("web", "clear max-shm-memory; clear max-shm-memory; clear autoboot", 0, "");
}

static void values_of_rctls(void **state)
{
#define RCTL(name, value) "add rctl; set name=" name "; add value " value "; end"
	static const struct rule rules[] = {
		{RCTL("zone.max-swap", "(priv=privileged,limit=1,action=none)"),
			"rctl zone.max-swap: action must be deny"},
		{RCTL("zone.cpu-shares", "(priv=privileged,limit=1,action=deny)"),
			"rctl zone.cpu-shares: action must be none"},
		{RCTL("zone.max-lofi", "(priv=privileged,limit=1,action=signal=KILL)"),
			"rctl zone.max-lofi: action must be none or deny"},
		{RCTL("zone.cpu-shares", "(priv=privileged,limit=65536,action=none)"),
			"limit 65536 is above the largest, 65535"},
		{RCTL("zone.max-swap", "(priv=system,limit=1,action=deny)"), "priv=system"},
		{RCTL("zone.max-swap", "(priv=privileged,limit=1,action=kill)"), "action=kill"},
		{RCTL("zone.max-swap", "(priv=privileged,limit=1,action=signal=)"), "is not valid"},
		{RCTL("zone.max-swap", "(priv=privileged,limit=1)"), "expected (priv="},
		{RCTL("zone.max-swap", "(priv=privileged,limit=1,action=deny,limit=2)"),
			"expected (priv="},
		{RCTL("zone.max-swap", "[1,2]"), "expected (name=value,...)"},
		{"add rctl; set name=zone.", "name 'zone.'"},
		{"add rctl; set name=zone.-x", "name 'zone.-x'"},
		{"add rctl; set name=zone.X", "name 'zone.X'"},
		{"add rctl; clear value", "required property"},
		{"add rctl; clear name", "required property"},
		{"add rctl; add value (priv=privileged,limit=1,action=deny); "
		 "add value (priv=privileged,limit=1,action=deny)",
			"Already exists"},
		{"select rctl name=zone.max-lwps; remove value "
		 "(priv=privileged,limit=7,action=deny)",
			"No such entry"},
	};

	break_all(rules, ARRAY_SIZE(rules));
	expect("web", RCTL("zone.max-nonsense", "(priv=privileged,limit=1,action=deny)"), 0,
		"WARNING: rctl zone.max-nonsense: unknown, it will be ignored");
}

static void lists(void **state)
{
	static const struct rule rules[] = {
		{"select fs dir=/data; add options (a=b)",
			"options: expected a word or [word,word]"},
		{"select fs dir=/data; add options [a", "without an end"},
		{"select fs dir=/data; set options=[rw,\"\"]", "mount options without commas"},
		{"select fs dir=/data; add dir x", "'dir' is no list; use set or clear"},
		{"select fs dir=/data; add nothing x", "fs has no property 'nothing'"},
		{"select fs dir=/data; remove nothing x", "fs has no property 'nothing'"},
		{"select fs dir=/data; clear nothing", "fs has no property 'nothing'"},
		{"select fs dir=/data; clear type", "required property"},
		{"select fs dir=/data; set dir=", "required property"},
		{"select fs dir=/data; set dir=[/x]", "dir: expected a simple value"},
		{"select fs dir=/data; add options", "usage: add PROPERTY VALUE"},
		{"select fs dir=/data; remove options", "usage: remove PROPERTY VALUE"},
		{"select fs dir=/data; set options=ro; select fs", "in a resource"},
		{"add fs; set type=autofs", "type 'autofs'"},
		{"add fs; set type=mntfs", "type 'mntfs'"},
		{"add fs; set type=nfs4", "type 'nfs4'"},
		{"add fs; set special=", "required property"},
		{"add fs; set raw=/a/../b", "raw '/a/../b'"},
		{"add net; add property (name=\"\",value=x)", "expected (name=NAME,value=VALUE)"},
		{"add net; add property (name=\"a\x01\",value=x)", "control characters"},
		{"add net; add property (name=a,value=b,more=c)", "expected (name=NAME"},
		{"add net; add property (name)", "expected (name=value,...)"},
		{"add net; add property (name=a,value=b", "without an end"},
		{"add net; add property (name=a,value=b); add property (name=a,value=c)",
			"Already exists"},
		{"add net; set property=x", "is a list; use add and remove"},
	};

	break_all(rules, ARRAY_SIZE(rules));
	expect("web",
		"select fs dir=/data; remove options ro; add options [rw,noexec]; end; info fs", 0,
		"options: [nodev,rw,noexec]");
	expect("web", "select fs dir=/data; set options=[]; end; info fs", 0, "options: []");
	expect("web", "select fs dir=/data; set options=[ro]; clear options; info; end", 0,
		"options: []");
}

static void addresses(void **state)
{
#define NET "select net physical=web0; set "
	static const struct rule rules[] = {
		{NET "allowed-address=10.0.0.1/33", "allowed-address '10.0.0.1/33'"},
		{NET "allowed-address=10.0.0.1/", "allowed-address '10.0.0.1/'"},
		{NET "allowed-address=10.1", "allowed-address '10.1'"},
		{NET "allowed-address=0.0.0.0/0", "allowed-address '0.0.0.0/0'"},
		{NET "allowed-address=224.0.0.1", "allowed-address '224.0.0.1'"},
		{NET "allowed-address=255.255.255.255", "allowed-address '255.255.255.255'"},
		{NET "allowed-address=fd00::1/129", "allowed-address 'fd00::1/129'"},
		{NET "allowed-address=::/0", "allowed-address '::/0'"},
		{NET "allowed-address=ff02::1/64", "allowed-address 'ff02::1/64'"},
		{NET "allowed-address=::ffff:10.0.0.1/120", "allowed-address '::ffff"},
		{NET "defrouter=10.0.0.300", "defrouter '10.0.0.300'"},
		{NET "defrouter=fd00::x", "defrouter 'fd00::x'"},
		{NET "address=-host", "address '-host'"},
		{NET "address=a..b", "address 'a..b'"},
		{NET "address=10.0", "address '10.0'"},
		{NET "address=host/33", "address 'host/33'"},
		{NET "mac-addr=0:0:0:0:0:0", "mac-addr '0:0:0:0:0:0'"},
		{NET "mac-addr=2:8:20:1:2", "mac-addr '2:8:20:1:2'"},
		{NET "mac-addr=2:8:20:1:2:333", "mac-addr '2:8:20:1:2:333'"},
		{NET "mac-addr=2:8:20:1:2:g", "mac-addr '2:8:20:1:2:g'"},
		{NET "vlan-id=0", "vlan-id '0'"},
		{NET "vlan-id=x", "vlan-id 'x'"},
		{NET "global-nic=tag/x", "global-nic 'tag/x'"},
		{NET "global-nic=tag/16777216", "global-nic 'tag/16777216'"},
		{NET "physical=0net0", "physical '0net0'"},
		{NET "physical=net00", "physical 'net00'"},
		{NET "physical=a234567890123456789012345678901", "physical"},
		{"add net; set physical=web0; set allowed-address=10.10.0.2/24; end",
			"more than one like it"},
		{"add net; set physical=web0; end", "another has none"},
		{"add net; set physical=web1; set allowed-address=10.10.0.3/24; "
		 "set defrouter=10.10.0.1; set address=10.10.0.3/24; end",
			"address cannot be set for an exclusive-IP zone"},
	};

	break_all(rules, ARRAY_SIZE(rules));
	expect("web", NET "defrouter=10.10.0.1/24; end", 0,
		"WARNING: net physical=web0: the prefix length of defrouter is ignored");
	/* several of one link share a router */
	expect("web", "add net; set physical=web0; set allowed-address=10.10.0.9/24; end; verify",
		0, "");
	expect("web", "set ip-type=shared", 1,
		"allowed-address cannot be set for a shared-IP zone");
	has("address is required for a shared-IP zone");
	assert_non_null(strstr(tree_read(XML), "ip-type=\"exclusive\""));
}

static void of_the_host(void **state)
{
	static const struct rule rules[] = {
		{"add device; set match=/dev/", "match '/dev/'"},
		{"add device; set match=", "required property"},
		{"add device; clear match", "required property"},
		{"add dataset; set name=pool/", "name 'pool/'"},
		{"add dataset; set name=pool/..", "name 'pool/..'"},
		{"add dataset; set name=mirror/a", "name 'mirror/a'"},
		{"add dataset; set name=c0t0d0", "name 'c0t0d0'"},
		{"add dataset; set name=/pool", "name '/pool'"},
		{"add dedicated-cpu; set ncpus=99999999999", "ncpus '99999999999': Value too big"},
		{"add dedicated-cpu; set ncpus=1-2-3", "ncpus '1-2-3'"},
		{"add dedicated-cpu; end", "ncpus not specified"},
		{"add dedicated-cpu; clear ncpus", "required property"},
		{"add dedicated-cpu; set importance=x", "importance 'x'"},
		{"add admin; set user=\"a b\"", "user 'a b'"},
		{"add admin; set user=root; set auths=login,login", "auths 'login,login'"},
		{"add admin; set user=root; set auths=login,", "auths 'login,'"},
		{"add admin; clear auths", "required property"},
		{"add security-flags; set upper=-none", "upper '-none'"},
		{"add security-flags; set default=aslr,,all", "default 'aslr,,all'"},
		{"add capped-cpu; end", "capped-cpu already exists"},
		{"select capped-cpu; clear ncpus", "required property"},
		{"select capped-cpu; set ncpus=99999999999", "ncpus '99999999999': Value too big"},
		{"select capped-memory; set locked=5", "locked '5'"},
		{"select capped-memory; set swap=0M", "swap '0M'"},
		{"select capped-memory; clear physical; end", "nothing specified"},
		{"add attr; set name=\"\"", "required property"},
		{"add attr; set name=_x", "name '_x'"},
		{"add attr; set name=b; set type=boolean; set value=yes; end",
			"not a valid boolean"},
		{"add attr; set name=b; set type=int; set value=1.5; end", "not a valid int"},
		{"add attr; set name=b; set type=int; set value=-9223372036854775809; end",
			"not a valid int"},
		{"add attr; set name=b; set type=uint; set value=18446744073709551616; end",
			"not a valid uint"},
		{"add attr; set name=b; set type=string; set value=\"a\x02\"", "value 'a\x02'"},
	};

	break_all(rules, ARRAY_SIZE(rules));
	expect("web", "add attr; set name=empty; set type=string; set value=\"\"; end; info attr",
		0, "value: \"\"");
	expect("web", "info attr name=empty; add attr; info", 1, "name not specified");
}

/* A file from elsewhere may hold what no command would take: all of it is named at once. */
static void everything_is_named_at_once(void **state)
{
	char *before;

	tree_write(XML,
		"<zone name=\"web\" zonepath=\"x\" brand=\"sparse\" ip-type=\"exclusive\" "
		"hostid=\"x\" pool=\"SUNWx\" fs-allowed=\",\" debugid=\"0\" bootargs=\"&#9;\" "
		"scheduling-class=\"XX\" limitpriv=\"default,nosuch\">"
		"<filesystem directory=\"/\" special=\"\" raw=\"x\" type=\"proc\">"
		"<fsoption name=\"\"/></filesystem>"
		"<network physical=\"x:1\" address=\"1\" allowed-address=\"2\" defrouter=\"3\" "
		"mac-addr=\"4\" vlan-id=\"0\" global-nic=\":\"/>"
		"<rctl name=\"x\"/><attr name=\"-\" type=\"x\" value=\"y\"/>"
		"<device match=\"/etc\"/><dataset name=\"1\"/><pset ncpu_min=\"2\" ncpu_max=\"1\"/>"
		"<tmp_pool importance=\"x\"/><admin user=\"-\" auths=\"x\"/>"
		"<security-flags lower=\"x\"/></zone>");
	before = strdup(tree_read(XML));
	expect("web", "verify", 1, "zonepath 'x'");
	has("hostid 'x'");
	has("pool 'SUNWx'");
	has("fs-allowed ','");
	has("debugid '0'");
	has("bootargs");
	has("scheduling-class 'XX'");
	has("limitpriv: 'nosuch': Unknown privilege");
	has("dir must be an absolute path below /");
	has("special '' is not valid");
	has("raw must be an absolute path");
	has("file system type 'proc' cannot be used");
	has("option '' is not valid");
	has("physical is not a valid link name");
	has("address '1' is not a valid address");
	has("allowed-address '2' is not");
	has("defrouter '3' is not");
	has("mac-addr '4' is not");
	has("vlan-id '0' is not");
	has("global-nic ':' is not");
	has("rctl x: the name must begin with 'zone.'");
	has("rctl x: no value");
	has("attr -: a name has");
	has("type must be int");
	has("device match=/etc: match must be");
	has("dataset name=1: not the name");
	has("ncpus '2-1' is not valid");
	has("importance 'x' is no number");
	has("admin user=-: not a user's name");
	has("auths 'x' are not a list");
	has("lower 'x' is not valid");
	assert_string_equal(before, tree_read(XML));
	free(before);
}

static void words_of_the_language(void **state)
{
	static char longest[1 << 20];
	static const struct rule rules[] = {
		{"a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o "
		 "p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z",
			"words"},
		{"remove nonsense", "no such resource type 'nonsense'"},
		{"select nonsense", "no such resource type 'nonsense'"},
		{"select net physical", "expected property=value"},
		{"select net physical=[a]", "physical: expected a simple value"},
		{"select fs options=ro", "cannot choose by 'options'"},
		{"remove net nonsense=1", "cannot choose by 'nonsense'"},
		{"select net; create -b", "create: in a resource"},
		{"add net; delete -F", "delete: in a resource"},
		{"add net; export", "export: in a resource"},
		{"add net; revert", "revert: in a resource"},
		{"add net; exit", "exit: in a resource"},
		{"export -f /nonexistent/file", "export: /nonexistent/file: No such file"},
		{"export -f /dev/full", "export: /dev/full: No space left on device"},
		{"create -t", "usage: create"},
		{"set \"autoboot\"=true", "usage: set"},
		{"info net physical=nosuch0", "No such entry"},
	};

	break_all(rules, ARRAY_SIZE(rules));
	tree_write("/empty", "");
	expect("fresh", "set autoboot=true", 1, "fresh: No such zone configured");
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/empty")), 0);
	tree_write_bytes("/cmd", "set autoboot=true\0\n", 19);
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/cmd")), 1);
	has("NUL byte on line 1 of");
	assert_int_equal(RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)"/dev/zero"), 1);
	has("NUL byte on line 1 of /dev/zero");
	memset(longest, 'x', sizeof(longest));
	tree_write_bytes("/cmd", longest, sizeof(longest));
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/cmd")), 1);
	has("a line of more than 65536 bytes on line 1 of");
	/* as long as it may be */
	memset(longest, ' ', sizeof(longest));
	(void)snprintf(longest + 65000, 18, "set autoboot=true");
	longest[65017] = ' ';
	tree_write_bytes("/cmd", longest, 65535);
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/cmd")), 0);
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/etc")), 1);
	has("Is a directory");
	tree_write("/cmd", "info");
	assert_int_equal(
		RUN((char *)"-z", (char *)"fresh", (char *)"-f", (char *)tree_path("/cmd")), 1);
	has("No such zone configured on line 1 of");
	assert_int_equal(RUN((char *)"-u", (char *)"1234", (char *)"info"), 1);
	has("uuid '1234': No such zone configured");
	assert_int_equal(RUN((char *)"-R", (char *)"relative", (char *)"-z", (char *)"web"), 1);
	has("zonecfg: relative: ");
}

/* exit -F leaves what cannot be saved; the exit status is then 0. */
static void leaving_anyway(void **state)
{
	char *before = strdup(tree_read(XML));

	refused("select net physical=web0; set physical=web5; exit",
		"exit: in a resource; 'end' or 'cancel' first");
	expect("web", "add dedicated-cpu; set ncpus=1; end; exit -F", 0,
		"dedicated-cpu and capped-cpu exclude each other");
	assert_string_equal(before, tree_read(XML));
	expect("web", "set autoboot=true; add net; exit -F", 0,
		"resource specification incomplete");
	assert_string_equal(before, tree_read(XML));
	free(before);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(names_and_paths, make_web),
		cmocka_unit_test_setup(aliases, make_web),
		cmocka_unit_test_setup(values_of_rctls, make_web),
		cmocka_unit_test_setup(lists, make_web),
		cmocka_unit_test_setup(addresses, make_web),
		cmocka_unit_test_setup(of_the_host, make_web),
		cmocka_unit_test_setup(words_of_the_language, make_web),
		cmocka_unit_test_setup(leaving_anyway, make_web),
		cmocka_unit_test_setup(everything_is_named_at_once, make_web),
	};

	if (!programs_from(argc, argv))
		return 2;
	return cmocka_run_group_tests(tests, setup, tree_remove);
}

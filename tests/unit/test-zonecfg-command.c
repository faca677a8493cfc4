/* SPDX-License-Identifier: MIT */
/*
 * The command zonecfg as a person uses it, and the snapshot of what it wrote. A wrong value is
 * refused with one line and exit 1, and neither the file nor the index changes.
 * The programs are the arguments of this test.
 */
#include "zonecfg-run.h"

static void usage_is_2(void **state)
{
	assert_int_equal(
		run_program(zonecfg, NULL, 0, (char *const[]){(char *)"zonecfg", NULL}), 2);
	has("usage:");
	assert_int_equal(RUN((char *)"-Q"), 2);
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)"x", (char *)"y"), 2);
	assert_int_equal(RUN((char *)"help"), 0);
	has("allowed-address");
}

static void bad_zone_names(void **state)
{
	static const char *const names[] = {"", "-web", "a b", "../x", "SUNWx", "a:b"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_not_equal(CFG(names[i], "create; commit"), 0);
		has("not a valid zone name");
	}
	expect("nozone", "info", 1, "zonecfg: nozone: No such zone configured\n");
}

#define HELP(...) RUN((char *)"help", __VA_ARGS__)

/* Every word of the overview has help of its own. */
static void help_for_every_word(void **state)
{
	static const char *const words[] = {"add", "cancel", "clear", "commit", "create", "delete",
		"end", "exit", "export", "help", "info", "remove", "revert", "select", "set",
		"verify", "fs", "net", "device", "dedicated-cpu", "capped-cpu", "capped-memory",
		"attr", "dataset", "admin", "rctl", "security-flags", "zonename", "zonepath",
		"brand", "autoboot", "bootargs", "pool", "limitpriv", "scheduling-class", "ip-type",
		"hostid", "fs-allowed", "uuid", "debugid", "max-lwps", "max-processes",
		"max-shm-memory", "max-shm-ids", "max-msg-ids", "max-sem-ids", "cpu-shares",
		"zfs-io-priority"};
	char word[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		assert_int_equal(RUN((char *)"help"), 0);
		(void)snprintf(word, sizeof(word), "  %s", words[i]);
		has(word);
		if (HELP((char *)words[i]))
			fail_msg("%s: %s", words[i], out);
		has(words[i]);
		assert_null(strstr(out, "(null)"));
		assert_true(strlen(out) > strlen(words[i]) + 10);
	}
	/* those of resources as well */
	static const char *const props[] = {"dir", "special", "raw", "type", "options", "physical",
		"address", "allowed-address", "defrouter", "global-nic", "mac-addr", "vlan-id",
		"property", "match", "ncpus", "importance", "physical", "swap", "locked", "name",
		"value", "user", "auths", "lower", "default", "upper"};

	for (i = 0; i < ARRAY_SIZE(props); i++) {
		(void)snprintf(word, sizeof(word), "%s of ", props[i]);
		assert_int_equal(HELP((char *)props[i]), 0);
		has(word);
		assert_null(strstr(out, "(null)"));
	}
	assert_int_equal(HELP((char *)"physical"), 0);
	has("physical of net (required): the name of a link\nphysical of capped-memory: a number");
	assert_int_equal(HELP((char *)"usage"), 0);
	has("usage: zonecfg {-z ZONE");
	assert_int_equal(HELP((char *)"subcommands"), 0);
	has("  create [-F] [-a ZONEPATH");
	assert_int_equal(HELP((char *)"resources"), 0);
	has("  device: match*, property\n");
	assert_int_equal(HELP((char *)"properties"), 0);
	has("  limitpriv         Upper bound");
	assert_int_equal(HELP((char *)"syntax"), 0);
	has("(name=value,...)");
	assert_int_equal(HELP((char *)"name"), 0);
	has("1 to 63 letters");
	assert_int_equal(HELP((char *)"-?"), 0);
	has("usage: help [TOPIC]");
	assert_int_equal(HELP((char *)"nonsense"), 1);
	has("zonecfg: help: nothing is known about 'nonsense'");
	assert_int_equal(HELP((char *)"add", (char *)"set"), 2);
	has("usage: zonecfg");
}

static void usage_of_the_right_subcommand(void **state)
{
	refused("set x", "usage: set PROPERTY=VALUE");
	refused("clear", "usage: clear PROPERTY");
	refused("create -q", "usage: create [-F] [-a ZONEPATH | -b | -t TEMPLATE] | create -X");
	refused("create -t", "usage: create");
	refused("delete -q", "usage: delete [-F]");
	refused("export -f", "usage: export [-f FILE]");
	refused("verify now", "usage: verify");
	refused("commit now", "usage: commit");
	refused("revert now", "usage: revert [-F]");
	refused("exit now", "usage: exit [-F]");
	refused("select", "usage: select RESOURCE");
	refused("remove", "usage: remove [-F] RESOURCE");
	refused("add", "usage: add RESOURCE");
	refused("add net; end now", "usage: end");
	refused("add net; cancel now", "usage: cancel");
	refused("add net; help a b", "usage: help [TOPIC]");
	refused("help nonsense; set autoboot=true", "nothing is known about 'nonsense'");
	expect("web", "add -?", 0, "usage: add RESOURCE | add PROPERTY VALUE\nBegins a resource");
	expect("nozone", "set -?", 0, "usage: set PROPERTY=VALUE");
	expect("nozone", "help net", 0, "physical (required): the name of a link");
}

static void global_properties(void **state)
{
	refused("set autoboot=maybe", "autoboot 'maybe'");
	refused("set zonepath=relative", "zonepath 'relative'");
	refused("set zonepath=/a/../b", "expected an absolute path");
	refused("set brand=nosuch", "brand 'nosuch'");
	refused("set pool=SUNWx", "pool 'SUNWx'");
	refused("set hostid=xyz", "hostid 'xyz'");
	refused("set hostid=123456789", "hostid '123456789': Value too big");
	refused("set limitpriv=default,nosuch", "limitpriv 'nosuch': Unknown privilege");
	refused("set limitpriv=default,zone", "limitpriv 'zone': Privilege not allowed");
	refused("set scheduling-class=XX", "scheduling-class 'XX'");
	refused("set fs-allowed=,", "fs-allowed ','");
	refused("set ip-type=some", "ip-type 'some'");
	refused("set bootargs=\"a\x01\"", "bootargs");
	refused("set max-lwps=99", "max-lwps '99'");
	refused("set max-processes=x", "max-processes 'x'");
	refused("set cpu-shares=0", "cpu-shares '0'");
	refused("set cpu-shares=65536", "cpu-shares '65536': Value too big");
	refused("set max-shm-memory=1X", "max-shm-memory '1X'");
	refused("set zfs-io-priority=16385", "zfs-io-priority '16385'");
	refused("set max-shm-ids=x", "max-shm-ids 'x'");
	refused("set max-msg-ids=-1", "max-msg-ids '-1'");
	refused("set max-sem-ids=1.5", "max-sem-ids '1.5'");
	refused("set max-lwps=4294967296", "max-lwps '4294967296': Value too big");
	refused("set zfs-io-priority=0", "zfs-io-priority '0'");
	refused("set hostid=ffffffff", "hostid 'ffffffff'");
	refused("set hostid=\" 1\"", "hostid ' 1'");
	refused("set fs-allowed=a,,b", "fs-allowed 'a,,b'");
	refused("set zonename=SUNWx", "zonename 'SUNWx'");
	refused("set zonename=-a", "zonename '-a'");
	refused("clear brand", "required property");
	refused("set zonename=a/b", "zonename 'a/b': Invalid zone name");
	refused("set zonename=global", "zonename 'global'");
	refused("clear zonename", "required property");
	refused("set -F autoboot=true", "-F is for zonepath only");
	refused("set -F", "usage: set");
	refused("set nonsense=1", "no such property 'nonsense'");
	refused("clear zonepath", "required property");
	refused("clear nonsense", "no such property 'nonsense'");
	refused("set autoboot", "usage: set PROPERTY=VALUE");
	refused("set pool=(a=b)", "expected a simple value");
}

static void net_properties(void **state)
{
	refused("add net; set physical=net:0; end", "physical 'net:0'");
	refused("add net; set physical=web; end", "physical 'web'");
	refused("add net; set address=300.1.1.1", "address '300.1.1.1'");
	refused("add net; set allowed-address=host", "allowed-address 'host'");
	refused("add net; set allowed-address=fd00::1", "allowed-address 'fd00::1'");
	refused("add net; set defrouter=gw", "defrouter 'gw'");
	refused("add net; set mac-addr=1:2:3:4:5:6", "mac-addr");
	refused("add net; set vlan-id=4095", "vlan-id '4095'");
	refused("add net; set global-nic=a:b", "global-nic 'a:b'");
	refused("add net; end", "physical not specified: resource specification incomplete");
	refused("add net; set physical=b0; set defrouter=10.0.0.1; end",
		"defrouter needs an allowed-address");
	refused("add net; set physical=b0; set address=10.0.0.1; end",
		"address cannot be set for an exclusive-IP zone");
	refused("add net; add property (name=x)", "expected (name=NAME,value=VALUE)");
	refused("add net; add property x", "expected (name=value,...)");
	refused("add net; set nonsense=1", "net has no property 'nonsense'");
	refused("add net; clear physical", "required property");
	refused("select net physical=web0; set physical=web0; remove property (name=x); end",
		"No such entry");
}

static void fs_properties(void **state)
{
	refused("add fs; set dir=x", "dir 'x'");
	refused("add fs; set dir=/", "dir '/'");
	refused("add fs; set raw=x", "raw 'x'");
	refused("add fs; set type=proc", "type 'proc'");
	refused("add fs; set type=nfs", "type 'nfs'");
	refused("add fs; set dir=/x; end", "special not specified");
	refused("add fs; set dir=/data; set special=/x; set type=none; end",
		"one with this dir exists");
	refused("select fs dir=/data; add options ro; end", "options 'ro': Already exists");
	refused("select fs dir=/data; remove options rw; end", "options 'rw': No such entry");
	refused("select fs dir=/data; set options=[a,a]; end", "Already exists");
	refused("add fs; clear dir", "required property");
	refused("add fs; clear type", "required property");
	refused("select fs dir=/data; clear special", "required property");
	refused("add fs; add options \"a,b\"", "without commas");
}

static void rctl_and_attr_properties(void **state)
{
	refused("add rctl; set name=project.x", "name 'project.x'");
	refused("add rctl; add value (priv=privileged,limit=abc,action=deny)", "limit=abc");
	refused("add rctl; add value (priv=root,limit=1,action=deny)", "priv=root");
	refused("add rctl; add value (limit=1,action=deny)", "expected (priv=");
	refused("add rctl; add value 5", "expected (name=value,...)");
	refused("add rctl; add value (priv=privileged", "without an end");
	refused("add rctl; set name=zone.max-swap; end", "value not specified");
	refused("add rctl; add value (priv=privileged,limit=1,action=deny); end",
		"name not specified");
	refused("add rctl; set name=zone.max-lwps; add value "
		"(priv=privileged,limit=1,action=deny); end",
		"one with this name exists");
	refused("add rctl; set name=zone.max-swap; add value "
		"(priv=basic,limit=1,action=deny); end",
		"priv must be privileged");
	refused("add rctl; set value=1", "is a list");
	refused("add attr; set name=zonex", "name 'zonex'");
	refused("add attr; set type=text", "type 'text'");
	refused("add attr; set name=b; set type=uint; set value=-1; end", "not a valid uint");
	refused("add attr; set name=a; set type=uint; set value=1; end",
		"one with this name exists");
	refused("add attr; set name=b; set type=int; set value=1.5; end", "not a valid int");
	refused("add attr; set name=b; set type=boolean; set value=yes; end",
		"not a valid boolean");
	refused("add attr; set name=.b", "name '.b'");
	refused("add attr; clear name", "required property");
	refused("add attr; set name=b; set type=uint; end", "value not specified");
}

static void capped_resources(void **state)
{
	refused("add capped-cpu", "capped-cpu already exists");
	refused("add capped-memory", "capped-memory already exists");
	refused("select capped-cpu; set ncpus=0", "ncpus '0'");
	refused("select capped-cpu; set ncpus=0.001", "ncpus '0.001'");
	refused("select capped-memory; set physical=12", "physical '12'");
	refused("select capped-memory; set physical=1K", "physical '1K'");
	refused("select capped-memory; set swap=x", "swap 'x'");
	refused("select capped-memory; set locked=129M; end", "locked is larger than physical");
	refused("remove capped-memory; add capped-memory; end", "nothing specified");
	expect("web",
		"remove capped-cpu; add rctl; set name=zone.cpu-cap; "
		"add value (priv=privileged,limit=1,action=deny); "
		"add value (priv=privileged,limit=2,action=deny); end",
		0, "");
	refused("add capped-cpu", "the rctl zone.cpu-cap was written by hand");
	expect("web",
		"select rctl name=zone.cpu-cap; remove value "
		"(priv=privileged,limit=1,action=deny); end; info capped-cpu",
		0, "[ncpus: 0.02]");
}

static void host_resources(void **state)
{
	refused("add device; set match=/etc/passwd", "match '/etc/passwd'");
	refused("add device; set match=/dev/a/../b", "expected a pattern below /dev");
	refused("add device; end", "match not specified");
	refused("add device; set match=a; add property (name=x,value=1); "
		"add property (name=x,value=2)",
		"Already exists");
	refused("add device; set match=a; end; add device; set match=a; end",
		"device: one with this match exists");
	refused("add dataset; set name=a@b", "name 'a@b'");
	refused("add dataset; set name=a@b", "expected the path of a btrfs subvolume");
	refused("add dataset; set name=1a", "name '1a'");
	refused("add dataset; set name=a; end; add dataset; set name=a; end",
		"with this name exists");
	refused("add dataset; end", "name not specified");
	refused("add dedicated-cpu; set ncpus=0", "ncpus '0'");
	refused("add dedicated-cpu; set ncpus=2-1", "ncpus '2-1'");
	refused("add dedicated-cpu; set ncpus=1-", "ncpus '1-'");
	refused("add dedicated-cpu; set ncpus=1.5", "ncpus '1.5'");
	refused("add dedicated-cpu; set importance=-1", "importance '-1'");
	refused("add dedicated-cpu; set importance=1; end", "ncpus not specified");
	refused("add dedicated-cpu; set ncpus=1; end; add dedicated-cpu",
		"dedicated-cpu already exists");
	refused("add admin; set user=%no-such-group", "user '%no-such-group': No such entry");
	refused("add admin; set user=%", "user '%'");
	refused("add admin; set user=root; set auths=login,login", "auths 'login,login'");
	refused("add dedicated-cpu; set ncpus=1; clear ncpus", "required property");
	refused("add admin; set user=no-such-user-here", "user 'no-such-user-here': No such entry");
	refused("add admin; set user=root; set auths=boot", "auths 'boot'");
	refused("add admin; set user=root; end", "auths not specified");
	refused("add admin; set user=root; set auths=login; end; add admin; set user=root; "
		"set auths=manage; end",
		"admin: one with this user exists");
	refused("add security-flags; set lower=nonsense", "lower 'nonsense'");
	refused("add security-flags; end", "at least one of lower, default, upper");
	refused("add security-flags; add lower aslr", "is no list");
	refused("add security-flags; set lower=all; set default=none; end",
		"default must have all of lower");
	refused("add security-flags; set default=all; set upper=aslr; end",
		"upper must have all of default");
	refused("add security-flags; set lower=none; end; add security-flags",
		"security-flags already exists");
}

static void dedicated_cpu_excludes(void **state)
{
	int r = CFG("web", "add dedicated-cpu; set ncpus=1; end");

	assert_int_equal(r, 1);
	has("dedicated-cpu and capped-cpu exclude each other");
	assert_null(strstr(tree_read(XML), "<pset"));
	expect("web", "remove capped-cpu; set pool=p; add dedicated-cpu; set ncpus=1; end", 1,
		"dedicated-cpu and pool exclude each other");
	expect("web", "remove capped-cpu; set cpu-shares=5; add dedicated-cpu; set ncpus=1; end", 1,
		"dedicated-cpu and cpu-shares exclude each other");
	assert_null(strstr(tree_read(XML), "<pset"));
}

#define UUID "12345678-9abc-def0-1234-56789abcdef0"

static void ids(void **state)
{
	refused("set uuid=1234", "uuid '1234'");
	refused("set debugid=0", "debugid '0'");
	refused("set debugid=x", "debugid 'x'");
	refused("set debugid=2147483648", "debugid '2147483648': Value too big");
	expect("web", "set uuid=" UUID "; set debugid=7; info uuid", 0, "uuid: " UUID);
	assert_non_null(strstr(tree_read(INDEX), "web:configured:/zones/web:" UUID));
	expect("web", "info debugid", 0, "debugid: 7\n");
	expect("other", "create -b; set uuid=" UUID, 1, "zone 'web' has it already");
	expect("other", "create -b; set debugid=07", 1, "zone 'web' has it already");
	assert_int_equal(RUN((char *)"-u", (char *)UUID, (char *)"info", (char *)"zonename"), 0);
	has("zonename: web");
	expect("web", "clear uuid; clear debugid", 0, "");
	assert_null(strstr(tree_read(INDEX), UUID));
	/* one is given at commit, the line's own again */
	expect("web", "info debugid", 0, "debugid: 7\n");
	assert_non_null(strstr(tree_read(INDEX), "web:configured:/zones/web::sparse:excl:7\n"));
	expect("web", "export", 0, "create -b");
	assert_null(strstr(out, "debugid"));
}

/* No zone was ever there. */
static int make_nothing(void **state)
{
	return tree_remove(state) < 0 ? -1 : setup(state);
}

/* Nobody needs to give one, and no two zones have the same, however they came. */
static void every_zone_has_a_debugid(void **state)
{
	const char *file = "/etc/zones/copied.xml";

	expect("web", "create -b; set zonepath=/zones/web; set brand=sparse; set ip-type=exclusive",
		0, "");
	expect("db", "create -b; set zonepath=/zones/db; set brand=sparse; set ip-type=exclusive",
		0, "");
	expect("web", "info debugid", 0, "debugid: 1\n");
	expect("db", "info debugid", 0, "debugid: 2\n");
	assert_non_null(strstr(tree_read(INDEX), "db:configured:/zones/db::sparse:excl:2\n"));
	/* what the index says of a zone follows the configuration */
	expect("db", "set ip-type=shared", 0, "");
	assert_non_null(strstr(tree_read(INDEX), "db:configured:/zones/db::sparse:shared:2\n"));
	expect("db",
		"create -F -b; set zonepath=/zones/db; set brand=sparse; set ip-type=exclusive", 0,
		"");
	expect("db", "info debugid", 0, "debugid: 2\n");
	tree_write(file, "<zone name=\"copied\" zonepath=\"/zones/copied\" brand=\"sparse\" "
			 "ip-type=\"exclusive\" debugid=\"2\"/>");
	expect("copied", "create -X", 0, "WARNING: debugid 2 is another zone's: it is 3 now");
	expect("copied", "info debugid", 0, "debugid: 3\n");
	/* the last number there is, and the first free one */
	expect("copied", "set debugid=2147483647", 0, "");
	expect("web", "delete -F", 0, "");
	expect("new", "create -b; set zonepath=/zones/new; set brand=sparse; set ip-type=exclusive",
		0, "");
	expect("new", "info debugid", 0, "debugid: 1\n");
	expect("db", "delete -F", 0, "");
	expect("copied", "delete -F", 0, "");
	expect("new", "delete -F", 0, "");
}

#define EVERYTHING                                                                                 \
	"remove capped-cpu; add device; set match=/dev/snd/*; "                                    \
	"add property (name=a,value=\"b c\"); end; "                                               \
	"add dedicated-cpu; set ncpus=1-2; set importance=0; end; "                                \
	"add dataset; set name=rpool/data; end; "                                                  \
	"add admin; set user=root; set auths=login,manage; end; "                                  \
	"add security-flags; set lower=none; set default=aslr; set upper=all; end"

static void host_resources_come_back(void **state)
{
	char *first;

	expect("web", EVERYTHING, 0,
		"WARNING: device match=/dev/snd/*: property a: this release cannot apply it");
	expect("web", "info", 0,
		"\ndevice:\n\tmatch: \"/dev/snd/*\"\n\tproperty: (name=a,value=\"b c\")\n"
		"dedicated-cpu:\n\tncpus: 1-2\n\timportance: 0\ncapped-memory:\n");
	has("dataset:\n\tname: rpool/data\nadmin:\n\tuser: root\n\tauths: \"login,manage\"\n"
	    "security-flags:\n\tlower: none\n\tdefault: aslr\n\tupper: all\n");
	first = strdup(tree_read(XML));
	assert_int_equal(RUN((char *)"-z", (char *)"web", (char *)"export", (char *)"-f",
				 (char *)tree_path("/exp")),
		0);
	expect("web", "delete -F", 0, "");
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/exp")), 0);
	assert_string_equal(first, tree_read(XML));
	free(first);
	expect("web",
		"select device match=/dev/snd/*; clear property; set match=/dev/null; end; "
		"select dedicated-cpu; set ncpus=3; clear importance; end; "
		"select admin user=root; set auths=manage; end; "
		"select security-flags; clear lower; clear default; end; remove dataset",
		0, "");
	expect("web", "info dedicated-cpu", 0, "dedicated-cpu:\n\tncpus: 3\n");
	assert_null(strstr(out, "importance"));
	has("ncpus: 3");
	expect("web", "info dataset", 0, "");
	assert_string_equal(out, "");
	expect("web", "remove device; remove dedicated-cpu; remove admin; remove security-flags", 0,
		"");
	assert_string_equal(out, "");
}

static void scopes_and_words(void **state)
{
	refused("nonsense", "unknown subcommand 'nonsense'");
	refused("end", "end: not in a resource");
	refused("cancel", "cancel: not in a resource");
	refused("add nonsense", "no such resource type 'nonsense'");
	refused("add net; commit", "commit: in a resource");
	refused("add net; add net", "usage: add PROPERTY VALUE");
	refused("add net; verify", "resource specification incomplete");
	refused("add net; set physical=b0", "'end' is missing");
	refused("select attr name=nope", "select attr: No such entry");
	refused("select attr colour=red", "cannot choose by 'colour'");
	refused("remove attr name=nope", "remove attr: No such entry");
	refused("info nonsense", "no such resource or property");
	refused("set pool=\"a", "quote without an end");
	refused("set autoboot=true; set pool=SUNWx; commit", "pool 'SUNWx'");
	refused("create -b", "already exists: use -F");
	refused("create -b -t x", "exclude each other");
	refused("create -F -t nosuch", "no such template");
	refused("delete", "use -F to delete without asking");
	expect("web", "remove -F attr name=nope", 0, "");
	expect("web", "add attr; set name=b; set type=int; set value=2; end", 0, "");
	refused("remove attr", "2 resources match: use -F");
	refused("select attr", "More than one resource matches");
	expect("web", "remove -F attr; info attr", 0, "");
	assert_string_equal(out, "");
}

static void a_file_stops_at_its_first_error(void **state)
{
	char *xml = strdup(tree_read(XML));

	tree_write(
		"/cmd", "# comment\nset autoboot=true\n\nset pool=\"p\"; set nonsense=1\ncommit\n");
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/cmd")), 1);
	has("no such property 'nonsense' on line 4 of ");
	assert_string_equal(xml, tree_read(XML));
	free(xml);
	tree_write("/cmd", "set autoboot = true # comment\nadd net\n");
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/cmd")), 1);
	has("'end' is missing on line 2 of ");
	tree_write("/cmd", "set autoboot = true # comment");
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/cmd")), 0);
	has("");
	assert_non_null(strstr(tree_read(XML), "autoboot=\"true\""));
	assert_int_equal(RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)"/nonexistent"), 1);
	has("/nonexistent: No such file");
}

static void standard_input_commits_at_its_end(void **state)
{
	char *const argv[] = {(char *)"zonecfg", (char *)"-z", (char *)"web", NULL};

	assert_int_equal(run_program(zonecfg, "set bootargs=p1\ninfo bootargs\n", 0, argv), 0);
	assert_string_equal(out, "bootargs: p1\n");
	assert_non_null(strstr(tree_read(XML), "bootargs=\"p1\""));
	assert_int_equal(run_program(zonecfg, "set bootargs=p2\nset x=1\n", 0, argv), 1);
	has("on line 2 of standard input");
	assert_non_null(strstr(tree_read(XML), "bootargs=\"p1\""));
	assert_int_equal(
		run_program(zonecfg, "set bootargs=p2\nrevert\nexit\nset x=1\n", 0, argv), 0);
	assert_non_null(strstr(tree_read(XML), "bootargs=\"p1\""));
}

static void export_makes_it_again(void **state)
{
	char *first;

	expect("web",
		"set bootargs=\"-v \\\"x\\\\ ; # y\"; set max-shm-memory=1.5G; select net physical=web0; "
		"add property (name=\"a=b\",value=\"c,d )\"); set mac-addr=2:8:20:A:B:C; end; "
		"select capped-memory; set swap=1025.5K; end; set limitpriv=default,!proc_info",
		0, "");
	first = strdup(tree_read(XML));
	assert_non_null(strstr(first, "mac-addr=\"02:08:20:0a:0b:0c\""));
	assert_int_equal(RUN((char *)"-z", (char *)"web", (char *)"export", (char *)"-f",
				 (char *)tree_path("/exp")),
		0);
	assert_int_equal(strncmp(tree_read("/exp"), "create -b\n", 10), 0);
	expect("web", "delete -F", 0, "");
	assert_false(tree_exists(XML));
	assert_int_equal(
		RUN((char *)"-z", (char *)"web", (char *)"-f", (char *)tree_path("/exp")), 0);
	assert_string_equal(first, tree_read(XML));
	free(first);
}

static void info_formats(void **state)
{
	expect("web", "info", 0, "zonename: web\nzonepath: /zones/web\nbrand: sparse\n");
	has("\nfs-allowed: \nuuid: \n[max-lwps: 200]\nfs:\n\tdir: /data\n\tspecial: /srv\n"
	    "\traw not specified\n\ttype: none\n\toptions: [ro,nodev]\nnet:\n"
	    "\taddress not specified\n\tallowed-address: 10.10.0.2/24\n\tdefrouter: 10.10.0.1\n");
	has("\ncapped-cpu:\n\t[ncpus: 0.50]\ncapped-memory:\n\tphysical: 128M\nattr:\n");
	expect("web", "info zonepath", 0, "zonepath: /zones/web\n");
	expect("web", "info rctl", 0, "");
	assert_string_equal(out, "");
	expect("web", "info attr name=a", 0, "attr:\n\tname: a\n\ttype: string\n\tvalue: 1\n");
	refused("info attr name=b", "No such entry");
}

static void info_for_programs(void **state)
{
	expect("web",
		"set bootargs=\"a \\\"b\\\\\"; add device; set match=x; add property (name=k,value=v); "
		"end; info -j",
		0,
		"{\"zonename\":\"web\",\"autoboot\":false,\"zonepath\":\"/zones/web\","
		"\"brand\":\"sparse\",\"bootargs\":\"a \\\"b\\\\\",\"pool\":null,");
	has("\"uuid\":null,\"debugid\":\"1\",\"max-lwps\":200,\"max-processes\":null,");
	has("\"fs\":[{\"dir\":\"/data\",\"special\":\"/srv\",\"raw\":null,\"type\":\"none\","
	    "\"options\":[\"ro\",\"nodev\"]}],\"net\":[{\"address\":null,");
	has("\"device\":[{\"match\":\"x\",\"property\":[{\"name\":\"k\",\"value\":\"v\"}]}],"
	    "\"dedicated-cpu\":null,\"capped-cpu\":{\"ncpus\":0.50},"
	    "\"capped-memory\":{\"physical\":134217728,\"swap\":null,\"locked\":null},");
	has("\"rctl\":[{\"name\":\"zone.cpu-cap\",\"value\":[{\"priv\":\"privileged\",\"limit\":50,"
	    "\"action\":\"deny\"}]},{\"name\":\"zone.max-lwps\",");
	has("\"security-flags\":null}\n");
	refused("info -j net", "no such resource or property '-j'");
	expect("global", "info -j", 0, "{\"zonename\":\"global\",\"pool\":null,");
	assert_null(strstr(out, "zonepath"));
}

static void what_is_installed_stays_where_it_is(void **state)
{
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_INSTALLED), Z_OK);
	refused("set zonepath=/zones/other",
		"zonepath cannot be changed when the zone is installed");
	refused("delete -F", "the zone is installed: uninstall it first");
	refused("create -F -b", "the zone is installed: uninstall it first");
	expect("web", "set zonepath=/zones/web; set autoboot=true", 0, "");
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_INCOMPLETE), Z_OK);
	expect("web", "delete -F", 0, "");
	assert_false(tree_exists(XML));
	assert_null(strstr(tree_read(INDEX), "\nweb:"));
}

static void zonepath_moves_in_the_index_too(void **state)
{
	expect("web", "set zonepath=/zones/other", 0, "");
	assert_non_null(strstr(tree_read(INDEX), "web:configured:/zones/other:"));
	/* the file cannot be written: the index goes back */
	assert_int_equal(unlink(tree_path(XML)), 0);
	tree_mkdir(XML);
	expect("web", "create -F -b; set brand=sparse; set zonepath=/zones/third", 1, "");
	assert_non_null(strstr(tree_read(INDEX), "web:configured:/zones/other:"));
	assert_int_equal(rmdir(tree_path(XML)), 0);
	expect("web", "info", 1, "has no configuration file");
	expect("web", "create -F -b; set brand=sparse; set zonepath=/zones/web", 0, "");
}

/* The file of a new zone cannot be written: its name is free again. */
static void a_new_zone_is_all_or_nothing(void **state)
{
	tree_mkdir("/etc/zones/new.xml");
	expect("new", "create -F -b; set brand=sparse; set zonepath=/zones/new", 1, "");
	assert_null(strstr(tree_read(INDEX), "new:"));
	assert_int_equal(rmdir(tree_path("/etc/zones/new.xml")), 0);
	expect("new", "create -b; set brand=sparse; commit", 1, "zonepath is not set");
	assert_false(tree_exists("/etc/zones/new.xml"));
	assert_null(strstr(tree_read(INDEX), "new:"));
	expect("new", "create; info brand", 1, "brand: sparse");
}

static void make_brand_with(const char *verify_cfg)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
		"<brand name=\"sparse\"><initname>/init</initname>"
		"<login_cmd>/bin/login</login_cmd><verify_cfg>%s</verify_cfg></brand>",
		verify_cfg);
	tree_write("/usr/lib/brand/sparse/config.xml", text);
}

static void a_name_can_change(void **state)
{
	char *xml = strdup(tree_read(XML)), *at;

	expect("other", "create; set zonepath=/zones/other", 0, "");
	refused("set zonename=other", "zonename 'other': Zone name already in use");
	expect("other", "delete -F", 0, "");
	tree_write("/etc/zones/other.xml", "<zone name=\"other\"/>");
	refused("set zonename=other", "there is a configuration file of that name");
	assert_int_equal(unlink(tree_path("/etc/zones/other.xml")), 0);
	/* ready or further: there is a snapshot, and here nobody else to ask */
	tree_write("/run/zones/web.snapshot", "");
	refused("set zonename=other", "zonename cannot be changed while the zone is running");
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_INSTALLED), Z_OK);
	refused("set -F zonepath=/zones/x", "zonepath cannot be changed while the zone is running");
	assert_int_equal(unlink(tree_path("/run/zones/web.snapshot")), 0);
	expect("web", "set zonename=other; info zonename; commit; info zonename; set autoboot=true",
		0, "zonename: other\nzonename: other\n");
	assert_false(tree_exists(XML));
	assert_null(strstr(tree_read(INDEX), "\nweb:"));
	assert_non_null(strstr(tree_read(INDEX), "other:installed:/zones/web:"));
	assert_non_null(strstr(tree_read("/etc/zones/other.xml"), "autoboot=\"true\""));
	expect("other", "set zonename=web; set autoboot=false", 0, "");
	assert_string_equal(xml, tree_read(XML));
	/* booted by somebody between set and commit */
	at = strdup(tree_read(INDEX));
	tree_mkdir("/zones/web");
	make_brand_with("touch %R/../../run/zones/web.snapshot; true");
	expect("web", "set zonename=other", 1, "while the zone is running");
	assert_string_equal(at, tree_read(INDEX));
	assert_string_equal(xml, tree_read(XML));
	assert_false(tree_exists("/etc/zones/other.xml"));
	make_brand();
	assert_int_equal(unlink(tree_path("/run/zones/web.snapshot")), 0);
	free(at);
	free(xml);
	/* a new zone may be called otherwise before it is there */
	expect("new", "create; set zonepath=/zones/new; set zonename=newer", 0, "");
	assert_false(tree_exists("/etc/zones/new.xml"));
	expect("newer", "delete -F", 0, "");
}

static void what_is_installed_can_be_said_to_be_elsewhere(void **state)
{
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_INSTALLED), Z_OK);
	expect("web", "set -F zonepath=/zones/elsewhere", 0, "");
	assert_non_null(strstr(tree_read(INDEX), "web:installed:/zones/elsewhere:"));
	assert_non_null(strstr(tree_read(XML), "zonepath=\"/zones/elsewhere\""));
	refused("set -F zonepath=relative", "zonepath 'relative'");
}

static void a_detached_zone_comes_back(void **state)
{
	char *xml = strdup(tree_read(XML)), path[] = "/zones/web";

	tree_mkdir(path);
	expect("web", "delete -F", 0, "");
	expect("web", "create -a /zones/web", 1, "/zones/web: no detached zone is there");
	expect("web", "create -a zones/web", 1, "cannot be a zonepath");
	expect("web", "create -a /zones/web -b", 1, "exclude each other");
	tree_write("/zones/web/SUNWdetached.xml", "<zone name=");
	expect("web", "create -a /zones/web", 1, "SUNWdetached.xml: line 1: not well-formed");
	tree_write("/zones/web/SUNWdetached.xml", xml);
	expect("web", "create -a /zones/web", 0, "");
	assert_string_equal(xml, tree_read(XML));
	expect("moved", "create -a /zones/web; info zonename; cancel", 1, "zonename: moved");
	free(xml);
	assert_int_equal(unlink(tree_path("/zones/web/SUNWdetached.xml")), 0);
}

static void a_file_can_be_adopted(void **state)
{
	char *xml = strdup(tree_read(XML));

	refused("create -X", "it is in the index of zones already");
	refused("create -X -b", "exclude each other");
	assert_int_equal(zone_index_delete("web"), Z_OK);
	expect("web", "create -X", 0, "is not in the index of zones");
	assert_non_null(strstr(tree_read(INDEX), "web:configured:/zones/web:"));
	assert_string_equal(xml, tree_read(XML));
	assert_int_equal(zone_index_delete("web"), Z_OK);
	tree_write(XML, "<zone name=\"web\" brand=\"sparse\" ip-type=\"exclusive\"/>");
	expect("web", "create -X", 1, "zonepath is not set");
	assert_null(strstr(tree_read(INDEX), "\nweb:"));
	expect("nofile", "create -X", 1, "it has no configuration file");
	free(xml);
}

#define GLOBAL_XML "/etc/zones/global.xml"

static void the_global_zone(void **state)
{
	static const struct {
		const char *commands, *why;
	} no[] = {
		{"set zonepath=/x", "the global zone has no property 'zonepath'"},
		{"set zonename=x", "the global zone has no property 'zonename'"},
		{"clear autoboot", "the global zone has no property 'autoboot'"},
		{"set nonsense=1", "the global zone has no property 'nonsense'"},
		{"add net", "the global zone has no net resources"},
		{"add fs", "the global zone has no fs resources"},
		{"add device", "the global zone has no device resources"},
		{"add dataset", "the global zone has no dataset resources"},
		{"add attr", "the global zone has no attr resources"},
		{"create -b", "the global zone is always there"},
		{"delete -F", "the global zone cannot be deleted"},
		{"set cpu-shares=0", "cpu-shares '0'"},
		{"add dedicated-cpu; set ncpus=1; end; set pool=p", "dedicated-cpu and pool"},
	};
	char *index = strdup(tree_read(INDEX)), *first;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(no); i++)
		expect("global", no[i].commands, 1, no[i].why);
	assert_false(tree_exists(GLOBAL_XML));
	expect("global",
		"set cpu-shares=20; set max-lwps=5000; add capped-memory; set physical=1G; end; "
		"add admin; set user=root; set auths=login; end; "
		"add security-flags; set lower=aslr; end",
		0, "WARNING: rctl zone.cpu-shares: this release cannot apply it");
	has("WARNING: capped-memory: this release");
	first = strdup(tree_read(GLOBAL_XML));
	assert_non_null(strstr(first, "<zone name=\"global\""));
	assert_string_equal(index, tree_read(INDEX));
	expect("global", "info", 0,
		"zonename: global\npool: \nscheduling-class: \n[max-lwps: 5000]\n[cpu-shares: 20]\n"
		"capped-memory:\n\tphysical: 1G\nadmin:\n");
	assert_int_equal(RUN((char *)"-z", (char *)"global", (char *)"export", (char *)"-f",
				 (char *)tree_path("/exp")),
		0);
	assert_int_equal(unlink(tree_path(GLOBAL_XML)), 0);
	assert_int_equal(
		RUN((char *)"-z", (char *)"global", (char *)"-f", (char *)tree_path("/exp")), 0);
	assert_string_equal(first, tree_read(GLOBAL_XML));
	expect("global", "clear cpu-shares; add dedicated-cpu; set ncpus=1; end", 0,
		"WARNING: dedicated-cpu: this release");
	tree_write(GLOBAL_XML, "<zone name=\"global\" zonepath=\"/\"><network physical=\"a0\" "
			       "address=\"10.0.0.1\"/></zone>");
	expect("global", "verify", 1, "the global zone cannot have zonepath");
	has("the global zone cannot have net resources");
	assert_int_equal(unlink(tree_path(GLOBAL_XML)), 0);
	free(first);
	free(index);
}

/* A file that cannot be read can still be replaced or removed. */
static void a_broken_file_is_no_dead_end(void **state)
{
	tree_write(XML, "<zone name=\"web\" ");
	refused("info", "web.xml: line 1: not well-formed");
	refused("set autoboot=true", "web.xml: line 1: not well-formed");
	expect("web", "create -F; set zonepath=/zones/web", 0, "");
	expect("web", "info brand", 0, "brand: sparse");
	tree_write(XML, "");
	expect("web", "delete -F", 0, "");
	assert_false(tree_exists(XML));
}

/* Somebody installs the zone while a session has it open. */
static void what_happens_meanwhile_is_noticed(void **state)
{
	tree_mkdir("/zones/web");
	tree_write("/usr/lib/brand/sparse/config.xml",
		"<brand name=\"sparse\"><initname>/init</initname><login_cmd>/bin/login</login_cmd>"
		"<verify_cfg>sed -i s/web:configured/web:installed/ %R/../../etc/zones/index; true"
		"</verify_cfg></brand>");
	expect("web", "set autoboot=true", 1, "it is installed now: nothing was saved");
	assert_null(strstr(tree_read(XML), "autoboot=\"true\""));
	make_brand();
}

static void without_rights_it_only_shows(void **state)
{
	char *const set[] = {
		(char *)"zonecfg", (char *)"-z", (char *)"web", (char *)"set autoboot=true", NULL};
	char *const info[] = {(char *)"zonecfg", (char *)"-z", (char *)"web", (char *)"info", NULL};
	uid_t uid = getuid() ? 0 : 65534;
	int r;

	if (getuid())
		assert_int_equal(chmod(tree_path("/etc/zones"), 0555), 0);
	r = run_program(zonecfg, NULL, uid, info);
	if (r >= 98)
		skip();
	assert_int_equal(r, 0);
	has("zonepath: /zones/web");
	assert_int_equal(run_program(zonecfg, NULL, uid, set), 1);
	has("set: cannot write the configuration: Permission denied");
	assert_int_equal(chmod(tree_path("/etc/zones"), 0755), 0);
}

static void the_brand_may_refuse(void **state)
{
	tree_write("/usr/lib/brand/sparse/config.xml",
		"<brand name=\"sparse\"><initname>/init</initname><login_cmd>/bin/login</login_cmd>"
		"<verify_cfg>! grep -q bootargs=.no</verify_cfg></brand>");
	refused("set bootargs=no", "brand sparse refuses this configuration");
	expect("web", "set bootargs=yes; commit", 0, "");
	assert_false(tree_exists("/etc/zones/.web.verify"));
	assert_int_equal(unlink(tree_path("/usr/lib/brand/sparse/config.xml")), 0);
	refused("set autoboot=true", "no such brand");
}

/* Refused, with nothing to be released. */
static void not_frozen(const char *zone, const char *text)
{
	struct zone_snapshot s;

	assert_int_not_equal(freeze(zone, &s), 0);
	assert_null(s.text);
	has(text);
}

static void snapshots(void **state)
{
	struct zone_snapshot s;

	if (freeze("web", &s))
		fail_msg("%s", out);
	assert_string_equal(s.name, "web");
	assert_string_equal(s.initname, "/init");
	assert_int_equal(s.n_nets, 1);
	assert_int_equal(s.n_rctls, 2);
	assert_true(s.physcap == 128 << 20);
	zone_snapshot_fini(&s);
	not_frozen("nozone", "No such zone configured");
	assert_int_equal(zone_index_modify("web", -1, "/zones/other", NULL), Z_OK);
	not_frozen(
		"web", "zonepath is /zones/web in the configuration but /zones/other in the index");
	assert_int_equal(zone_index_modify("web", -1, "/zones/web", NULL), Z_OK);
	expect("web", "set scheduling-class=FP", 0, "WARNING: scheduling-class FP");
	not_frozen("web", "scheduling-class FP: this release cannot apply it");
	tree_write(XML, "<zone name=\"web\" brand=\"nosuch\"/>");
	not_frozen("web", "zonepath is not set");
	has("no such brand");
	tree_write(XML, "<zone name=\"web\" bra");
	not_frozen("web", "not well-formed");
}

/* A snapshot where it cannot be written is one line; one that can is the same when it is read. */
static void snapshots_are_files(void **state)
{
	struct zone_snapshot s, back;
	struct diag d = {0};

	assert_int_equal(freeze("web", &s), 0);
	assert_int_equal(zone_snapshot_write(tree_path("/run/zones/web.snapshot"), &s, &d), 0);
	assert_int_equal(zone_snapshot_read(tree_path("/run/zones/web.snapshot"), &back, &d), 0);
	assert_string_equal(back.zonepath, s.zonepath);
	zone_snapshot_fini(&back);
	assert_int_equal(zone_snapshot_write(tree_path("/none/x"), &s, &d), -ENOENT);
	assert_non_null(strstr(d.text, "cannot write"));
	zone_snapshot_fini(&s);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage_is_2),
		cmocka_unit_test(bad_zone_names),
		cmocka_unit_test(help_for_every_word),
		cmocka_unit_test_setup(usage_of_the_right_subcommand, make_web),
		cmocka_unit_test_setup(global_properties, make_web),
		cmocka_unit_test_setup(net_properties, make_web),
		cmocka_unit_test_setup(fs_properties, make_web),
		cmocka_unit_test_setup(rctl_and_attr_properties, make_web),
		cmocka_unit_test_setup(capped_resources, make_web),
		cmocka_unit_test_setup(host_resources, make_web),
		cmocka_unit_test_setup(dedicated_cpu_excludes, make_web),
		cmocka_unit_test_setup(host_resources_come_back, make_web),
		cmocka_unit_test_setup(ids, make_web),
		cmocka_unit_test_setup(every_zone_has_a_debugid, make_nothing),
		cmocka_unit_test_setup(scopes_and_words, make_web),
		cmocka_unit_test_setup(a_file_stops_at_its_first_error, make_web),
		cmocka_unit_test_setup(standard_input_commits_at_its_end, make_web),
		cmocka_unit_test_setup(export_makes_it_again, make_web),
		cmocka_unit_test_setup(info_formats, make_web),
		cmocka_unit_test_setup(info_for_programs, make_web),
		cmocka_unit_test_setup(what_is_installed_stays_where_it_is, make_web),
		cmocka_unit_test_setup(zonepath_moves_in_the_index_too, make_web),
		cmocka_unit_test_setup(a_new_zone_is_all_or_nothing, make_web),
		cmocka_unit_test_setup(a_name_can_change, make_web),
		cmocka_unit_test_setup(what_is_installed_can_be_said_to_be_elsewhere, make_web),
		cmocka_unit_test_setup(a_detached_zone_comes_back, make_web),
		cmocka_unit_test_setup(a_file_can_be_adopted, make_web),
		cmocka_unit_test_setup(the_global_zone, make_web),
		cmocka_unit_test_setup(a_broken_file_is_no_dead_end, make_web),
		cmocka_unit_test_setup(what_happens_meanwhile_is_noticed, make_web),
		cmocka_unit_test_setup(without_rights_it_only_shows, make_web),
		cmocka_unit_test_setup(snapshots, make_web),
		cmocka_unit_test_setup(snapshots_are_files, make_web),
		cmocka_unit_test_setup(the_brand_may_refuse, make_web),
	};

	if (!programs_from(argc, argv))
		return 2;
	return cmocka_run_group_tests(tests, setup, tree_remove);
}

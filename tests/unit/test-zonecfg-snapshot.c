/* SPDX-License-Identifier: MIT */
/* The flat snapshot: what goes in comes out, and every way to break the text is refused. */
#include "zonecfg-tree.h"

#include "zonecfg/snapshot.h"

#define HEAD                                                                                       \
	"zones-snapshot 1\nname=web\nzonepath=/zones/web\nbrand=sparse\nbrand-dir=/b\n"            \
	"initname=/init\n"

static void good(const char *text)
{
	struct diag d = {0};
	struct zone_snapshot s;

	if (zone_snapshot_parse(text, strlen(text), &s, &d))
		fail_msg("refused: %s", d.text);
	zone_snapshot_fini(&s);
}

static void bad_bytes(const char *text, size_t size, const char *why)
{
	struct diag d = {0};
	struct zone_snapshot s;

	assert_int_equal(zone_snapshot_parse(text, size, &s, &d), -EBADMSG);
	if (!strstr(d.text, why))
		fail_msg("expected '%s', got '%s'", why, d.text);
	assert_null(s.text);
}

static void bad(const char *text, const char *why)
{
	bad_bytes(text, strlen(text), why);
}

static void round_trip(void **state)
{
	struct snapshot_prop prop = {"na=me", "va\\l\nue"};
	struct snapshot_net nets[2];
	const char *options[] = {"ro", "nodev"};
	struct snapshot_fs fs = {"/data", "/srv\x01x", "", "none", options, 2};
	struct snapshot_rctl_value value = {true, true, UINT64_MAX};
	struct snapshot_rctl rctl = {"zone.max-swap", &value, 1};
	struct snapshot_attr attr = {"comment", "string", ""};
	struct snapshot_mount mount = {true, "/dev", "/dev", "tmpfs", ""};
	struct snapshot_device device = {"null", "", false};
	struct snapshot_symlink link = {"/proc/self/fd", "/dev/fd"};
	struct snapshot_privilege priv = {"default", "proc_fork"};
	struct zone_snapshot s, back;
	struct diag d = {0};

	zone_snapshot_init(&s);
	memset(nets, 0, sizeof(nets));
	nets[0] = (struct snapshot_net){"web0", "", "10.0.0.2/24", "", "", "", "", &prop, 1};
	nets[1] = (struct snapshot_net){"web1", "", "", "", "", "", "7", NULL, 0};
	s.name = "web";
	s.zonepath = "/zones/w=b";
	s.brand = "sparse";
	s.brand_dir = "/b";
	s.initname = "/init";
	s.bootargs = " -v [net] # = ";
	s.boot = "/b/boot 'it'\\''s'";
	s.exclusive_ip = true;
	s.physcap = 1ULL << 40;
	s.nets = nets;
	s.n_nets = 2;
	s.fss = &fs;
	s.n_fss = 1;
	s.rctls = &rctl;
	s.n_rctls = 1;
	s.attrs = &attr;
	s.n_attrs = 1;
	s.mounts = &mount;
	s.n_mounts = 1;
	s.devices = &device;
	s.n_devices = 1;
	s.symlinks = &link;
	s.n_symlinks = 1;
	s.privileges = &priv;
	s.n_privileges = 1;

	assert_int_equal(zone_snapshot_write(tree_path("/run/zones/web.snapshot"), &s, &d), 0);
	assert_int_equal(zone_snapshot_read(tree_path("/run/zones/web.snapshot"), &back, &d), 0);
	assert_string_equal(back.zonepath, s.zonepath);
	assert_string_equal(back.bootargs, s.bootargs);
	assert_string_equal(back.boot, s.boot);
	assert_string_equal(back.halt, "");
	assert_true(back.exclusive_ip);
	assert_false(back.autoboot);
	assert_true(back.physcap == s.physcap);
	assert_int_equal(back.n_nets, 2);
	assert_string_equal(back.nets[0].allowed_address, "10.0.0.2/24");
	assert_string_equal(back.nets[0].props[0].name, prop.name);
	assert_string_equal(back.nets[0].props[0].value, prop.value);
	assert_string_equal(back.nets[1].vlan_id, "7");
	assert_string_equal(back.fss[0].special, fs.special);
	assert_int_equal(back.fss[0].n_options, 2);
	assert_string_equal(back.fss[0].options[1], "nodev");
	assert_true(back.rctls[0].values[0].limit == UINT64_MAX);
	assert_true(back.rctls[0].values[0].deny && back.rctls[0].values[0].privileged);
	assert_string_equal(back.attrs[0].value, "");
	assert_true(back.mounts[0].global);
	assert_string_equal(back.devices[0].match, "null");
	assert_string_equal(back.symlinks[0].target, "/dev/fd");
	assert_string_equal(back.privileges[0].name, "proc_fork");
	zone_snapshot_fini(&back);
}

static void the_file_is_private(void **state)
{
	struct stat st;

	assert_int_equal(stat(tree_path("/run/zones/web.snapshot"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void broken_texts_are_refused(void **state)
{
	good(HEAD "end\n");
	bad("", "cut short");
	bad("zones-snapshot 2\nend\n", "not a snapshot of this version");
	bad("zones-snapshot 1\nend\n", "required key missing");
	bad(HEAD, "cut short");
	bad(HEAD "end", "line without an end");
	bad(HEAD "end\nmore\n", "text after the end");
	bad(HEAD "nonsense\nend\n", "no key=value");
	bad(HEAD "unknown=1\nend\n", "unknown key");
	bad(HEAD "name=again\nend\n", "key comes twice");
	bad(HEAD "autoboot=yes\nend\n", "neither true nor false");
	bad(HEAD "physcap=-1\nend\n", "bad number");
	bad(HEAD "physcap=\nend\n", "bad number");
	bad(HEAD "physcap=18446744073709551616\nend\n", "bad number");
	bad(HEAD "pool=a\\qb\nend\n", "bad escape");
	bad(HEAD "pool=a\\x0\nend\n", "bad escape");
	bad(HEAD "pool=a\\x00\nend\n", "bad escape");
	bad(HEAD "pool=a\\\nend\n", "bad escape");
	bad(HEAD "[unknown]\nend\n", "unknown section");
	bad(HEAD "[net\nend\n", "bad section line");
	bad(HEAD "[]\nend\n", "bad section line");
	bad(HEAD "[net]\nend\n", "required key missing");
	bad(HEAD "[net]\nphysical=\nend\n", "required key missing");
	bad(HEAD "[net]\n[net]\nphysical=a\nend\n", "required key missing");
	bad(HEAD "[net]\nphysical=a\noption=ro\nend\n", "unknown key");
	bad(HEAD "[net]\nphysical=a\nproperty-name=x\nend\n", "property without a value");
	bad(HEAD "[net]\nphysical=a\nproperty-value=x\nend\n", "must alternate");
	bad(HEAD "[net]\nphysical=a\nproperty-name=x\nproperty-name=y\nend\n", "must alternate");
	bad(HEAD "[rctl]\nname=zone.x\nend\n", "rctl without a value");
	bad(HEAD "[rctl]\nname=zone.x\nvalue=privileged\nend\n", "bad rctl value");
	bad(HEAD "[rctl]\nname=zone.x\nvalue=root,1,deny\nend\n", "bad rctl privilege");
	bad(HEAD "[rctl]\nname=zone.x\nvalue=basic,x,deny\nend\n", "bad rctl limit");
	bad(HEAD "[rctl]\nname=zone.x\nvalue=basic,1,kill\nend\n", "bad rctl action");
	bad_bytes(HEAD "pool=a\0b\nend\n", sizeof(HEAD "pool=a\0b\nend\n") - 1, "NUL byte");
}

/* Every beginning of a valid file is invalid. */
static void every_cut_is_refused(void **state)
{
	const char *text = tree_read("/run/zones/web.snapshot");
	struct zone_snapshot s;
	size_t i, n = strlen(text);

	assert_true(n > 100);
	for (i = 0; i < n; i++)
		assert_int_equal(zone_snapshot_parse(text, i, &s, NULL), -EBADMSG);
}

static void sizes_are_limited(void **state)
{
	struct zone_snapshot s;
	char *big = malloc(SNAPSHOT_FILE_MAX + 1), *p;
	int i;

	assert_non_null(big);
	memset(big, 'x', SNAPSHOT_FILE_MAX + 1);
	assert_int_equal(zone_snapshot_parse(big, SNAPSHOT_FILE_MAX + 1, &s, NULL), -EFBIG);
	tree_write_bytes("/run/zones/big", big, SNAPSHOT_FILE_MAX + 1);
	assert_int_equal(zone_snapshot_read(tree_path("/run/zones/big"), &s, NULL), -EFBIG);
	p = stpcpy(big, HEAD);
	for (i = 0; i < 5000; i++)
		p = stpcpy(p, "[net]\nphysical=a0\n");
	p = stpcpy(p, "end\n");
	bad_bytes(big, (size_t)(p - big), "too many sections");
	free(big);
	assert_int_equal(zone_snapshot_read(tree_path("/run/zones/none"), &s, NULL), -ENOENT);
	assert_int_equal(zone_snapshot_read(tree_path("/run/zones"), &s, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(the_file_is_private),
		cmocka_unit_test(broken_texts_are_refused),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(sizes_are_limited),
	};

	return cmocka_run_group_tests(tests, tree_make, tree_remove);
}

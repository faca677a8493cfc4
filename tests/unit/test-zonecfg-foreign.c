/* SPDX-License-Identifier: MIT */
/*
 * Configurations as illumos, SmartOS and OmniOS write them (tests/unit/foreign): they are read,
 * what Linux has no word for is named, nothing is lost, and export makes the same again.
 */
#include "zonecfg-run.h"

static const char *folder;

static const struct foreign {
	const char *system;
	const char *zone;
	const char *brand;
	const char *complaints[16]; /* of zone-snapshot, which stands before every boot */
} systems[] = {
	{"illumos", "mail", "ipkg",
		{"ip-type shared:", "scheduling-class FSS:", "limitpriv dtrace_proc:",
			"limitpriv dtrace_user:", "device match=/dev/sound/*:",
			"dataset name=rpool/export/mail-data:", "admin user=root:",
			"security-flags:"}},
	{"smartos", "5b2cd3a1-0f44-4a0b-9d6a-3c8c1f2e7b90", "joyent-minimal",
		{"limitpriv -file_link_any:", "net physical=net0: property gateway (",
			"net physical=net0: property nic_tag (", "device match=/dev/zvol/rdsk",
			"rctl zone.zfs-io-priority:", "dataset name=zones/5b2cd3a1"}},
	{"omnios", "deb12", "bhyve",
		{"device match=/dev/zvol/rdsk/rpool/deb12/root:", "dedicated-cpu:",
			"security-flags:"}},
};

static char *read_foreign(const struct foreign *f, const char *suffix)
{
	char path[PATH_MAX];
	char *text = calloc(1, 16384);
	FILE *in;

	(void)snprintf(path, sizeof(path), "%s/%s.%s", folder, f->system, suffix);
	in = fopen(path, "re");
	assert_non_null(in);
	assert_non_null(text);
	assert_true(fread(text, 1, 16383, in) > 0);
	(void)fclose(in);
	return text;
}

static void xml_name(const struct foreign *f, char *buf, size_t size)
{
	(void)snprintf(buf, size, "/etc/zones/%s.xml", f->zone);
}

/* The brand, which on this host is only a name. */
static void make_foreign_brand(const struct foreign *f)
{
	char path[64], text[512];

	(void)snprintf(path, sizeof(path), "/usr/lib/brand/%s", f->brand);
	tree_mkdir(path);
	(void)snprintf(text, sizeof(text),
		"<brand name=\"%s\"><initname>/sbin/init</initname>"
		"<login_cmd>/usr/bin/login</login_cmd></brand>",
		f->brand);
	(void)strcat(path, "/config.xml");
	tree_write(path, text);
	(void)snprintf(path, sizeof(path), "/usr/lib/brand/%s/platform.xml", f->brand);
	(void)snprintf(text, sizeof(text), "<platform name=\"%s\" allow-exclusive-ip=\"true\"/>",
		f->brand);
	tree_write(path, text);
}

static void remove_foreign_brand(const struct foreign *f)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/usr/lib/brand/%s/config.xml", f->brand);
	(void)unlink(tree_path(path));
}

static void check_complaints(const struct foreign *f)
{
	char *const argv[] = {
		(char *)"zone-snapshot", (char *)f->zone, (char *)tree_path("/run/zones/x"), NULL};
	size_t i;

	assert_int_equal(run_program(zone_snapshot, NULL, 0, argv), 1);
	for (i = 0; i < ARRAY_SIZE(f->complaints) && f->complaints[i]; i++)
		has(f->complaints[i]);
	has("this release cannot apply it");
	assert_false(tree_exists("/run/zones/x"));
}

/* Exports the zone, deletes it and makes it again. */
static void check_round_trip(const struct foreign *f, const char *xml)
{
	char *file = strdup(tree_path("/exp"));
	char *const export[] = {(char *)"zonecfg", (char *)"-z", (char *)f->zone, (char *)"export",
		(char *)"-f", file, NULL};
	char *const again[] = {
		(char *)"zonecfg", (char *)"-z", (char *)f->zone, (char *)"-f", file, NULL};
	char *first = strdup(tree_read(xml)), *debugid = strstr(first, " debugid=\"42\"");

	/* an id of the zone that was, which export leaves out */
	if (debugid)
		(void)memmove(debugid, debugid + 13, strlen(debugid + 13) + 1);
	assert_int_equal(run_program(zonecfg, NULL, 0, export), 0);
	expect(f->zone, "delete -F", 0, "");
	if (run_program(zonecfg, NULL, 0, again))
		fail_msg("%s: %s", f->system, out);
	assert_string_equal(first, tree_read(xml));
	free(first);
	free(file);
}

/* What is in overlay networks has a name that no link here can have. */
static void without_overlay(char *text)
{
	char *name = strstr(text, "sdc_overlay/1234567");

	if (name)
		(void)memmove(name + 11, name + 19, strlen(name + 19) + 1);
}

static void files_load_and_export(void **state)
{
	const struct foreign *f;
	char *text, xml[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(systems); i++) {
		f = &systems[i];
		text = read_foreign(f, "xml");
		xml_name(f, xml, sizeof(xml));
		tree_write(xml, text);
		expect(f->zone, "create -X", 1, f->brand);
		has("no such brand");
		make_foreign_brand(f);
		if (strstr(text, "sdc_overlay/")) {
			expect(f->zone, "create -X", 1,
				"global-nic 'sdc_overlay/1234567' is not a valid link name");
			without_overlay(text);
			tree_write(xml, text);
		}
		expect(f->zone, "create -X", 0, "this release cannot apply it");
		check_complaints(f);
		check_round_trip(f, xml);
		expect(f->zone, "delete -F", 0, "");
		remove_foreign_brand(f);
		free(text);
	}
}

static void command_files_are_taken(void **state)
{
	const struct foreign *f;
	char *text, xml[64];
	size_t i;
	int r;

	for (i = 0; i < ARRAY_SIZE(systems); i++) {
		f = &systems[i];
		text = read_foreign(f, "cfg");
		tree_write("/cmd", text);
		free(text);
		make_foreign_brand(f);
		r = RUN((char *)"-z", (char *)f->zone, (char *)"-f", (char *)tree_path("/cmd"));
		if (r)
			fail_msg("%s: %s", f->system, out);
		xml_name(f, xml, sizeof(xml));
		check_round_trip(f, xml);
		expect(f->zone, "delete -F", 0, "");
		remove_foreign_brand(f);
		/* the brand is unknown: the line is named and nothing is kept */
		r = RUN((char *)"-z", (char *)f->zone, (char *)"-f", (char *)tree_path("/cmd"));
		assert_int_equal(r, 1);
		has("on line 3 of");
		assert_false(tree_exists(xml));
	}
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_load_and_export),
		cmocka_unit_test(command_files_are_taken),
	};

	if (!programs_from(argc, argv) || argc != 4)
		return 2;
	folder = argv[3];
	return cmocka_run_group_tests(tests, setup, tree_remove);
}

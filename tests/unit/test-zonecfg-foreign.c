/* SPDX-License-Identifier: MIT */
/*
 * Configurations as illumos, SmartOS and OmniOS write them (tests/unit/foreign): they are read,
 * what Linux has no word for is named, nothing is lost, and export makes the same again.
 */
#include "zonecfg-run.h"

static const char *folder;

static const struct foreign {
	const char *file; /* of this name, .xml and .cfg */
	const char *zone;
	const char *brand;	    /* NULL: one that this host has */
	const char *complaints[16]; /* of brand_freeze(), which stands before every boot */
} systems[] = {
	{"illumos", "mail", "ipkg", {"limitpriv dtrace_proc:", "limitpriv dtrace_user:"}},
	{"smartos", "5b2cd3a1-0f44-4a0b-9d6a-3c8c1f2e7b90", "joyent-minimal",
		{"limitpriv -file_link_any:", "net physical=net0: property gateway (",
			"net physical=net0: property nic_tag (", "device match=/dev/zvol/rdsk",
			"rctl zone.zfs-io-priority:"}},
	{"lx", "8a6f1c2e-77d0-4e33-b1a5-0c9d4f6e2b18", "lx",
		{"net physical=net0: global-nic sdc_overlay/6215237:",
			"property allow_ip_spoofing (", "rctl zone.zfs-io-priority:"}},
	{"joyent", "moray0", "joyent",
		{"limitpriv dtrace_user:", "property blocked_outgoing_ports (",
			"rctl zone.cpu-baseline:"}},
	{"kvm", "win2019", "kvm", {"property vmnic ("}},
	{"omnios", "deb12", "bhyve", {NULL}},
	{"bhyve", "deb12", "bhyve", {"brand bhyve:"}},
	{"lipkg", "build-r151046", "lipkg", {"limitpriv dtrace_user:"}},
	{"sparse", "www", NULL, {"rctl zone.max-processes without a zone.max-lwps"}},
	{"solaris10", "ora10", "native", {"inherited-pkg-dir:"}},
};

static char *read_foreign(const struct foreign *f, const char *suffix)
{
	char path[PATH_MAX];
	char *text = calloc(1, 16384);
	FILE *in;

	(void)snprintf(path, sizeof(path), "%s/%s.%s", folder, f->file, suffix);
	in = fopen(path, "re");
	if (!in) {
		free(text);
		return NULL;
	}
	assert_non_null(text);
	assert_true(fread(text, 1, 16383, in) > 0);
	(void)fclose(in);
	return text;
}

static void xml_name(const struct foreign *f, char *buf, size_t size)
{
	(void)snprintf(buf, size, "/etc/zones/%s.xml", f->zone);
}

static void check_complaints(const struct foreign *f)
{
	struct zone_snapshot s;
	char brand[64];
	bool any = f->brand || f->complaints[0];
	size_t i;

	assert_int_equal(freeze(f->zone, &s) != 0, any);
	for (i = 0; i < ARRAY_SIZE(f->complaints) && f->complaints[i]; i++)
		has(f->complaints[i]);
	if (f->brand) {
		(void)snprintf(
			brand, sizeof(brand), "brand %s: this release cannot apply it", f->brand);
		has(brand);
	}
	assert_string_equal(s.name, any ? "" : f->zone);
	zone_snapshot_fini(&s);
}

/* An id of the zone that was, which export leaves out. */
static void without_debugid(char *xml)
{
	char *id = strstr(xml, " debugid=\"");
	size_t n = id ? strcspn(id + 10, "\"") + 11 : 0;

	if (id)
		(void)memmove(id, id + n, strlen(id + n) + 1);
}

/* Exports the zone, deletes it and makes it again. */
static void check_round_trip(const struct foreign *f, const char *xml)
{
	char *file = strdup(tree_path("/exp"));
	char *const export[] = {(char *)"zonecfg", (char *)"-z", (char *)f->zone, (char *)"export",
		(char *)"-f", file, NULL};
	char *const again[] = {
		(char *)"zonecfg", (char *)"-z", (char *)f->zone, (char *)"-f", file, NULL};
	char *first = strdup(tree_read(xml)), *second;

	without_debugid(first);
	assert_int_equal(run_program(zonecfg, NULL, 0, export), 0);
	expect(f->zone, "delete -F", 0, "");
	if (run_program(zonecfg, NULL, 0, again))
		fail_msg("%s: %s", f->file, out);
	second = strdup(tree_read(xml));
	without_debugid(second);
	assert_string_equal(first, second);
	free(second);
	free(first);
	free(file);
}

/* Elements that no command makes are named by export, and a commit keeps them. */
static void check_kept(const struct foreign *f, const char *xml)
{
	char *first = strdup(tree_read(xml));

	expect(f->zone, "export", 0, "export leaves out 9 resources that zonecfg cannot add");
	expect(f->zone, "info", 0, "inherited-pkg-dir:\n\tdirectory: /lib\n");
	has("patch:\n\tid: 118833-36\n");
	has("dev-perm:\n\tname: null\n\tuid: 0\n\tgid: 3\n\tmode: 666\n\tacl: \"\"\n");
	expect(f->zone, "set bootargs=x; commit; clear bootargs; commit", 0, "");
	assert_string_equal(first, tree_read(xml));
	free(first);
}

static void files_load_and_export(void **state)
{
	const struct foreign *f;
	char *text, xml[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(systems); i++) {
		f = &systems[i];
		text = read_foreign(f, "xml");
		assert_non_null(text);
		xml_name(f, xml, sizeof(xml));
		tree_write(xml, text);
		expect(f->zone, "create -X", 0,
			f->brand || f->complaints[0] ? "this release cannot apply it" : "");
		check_complaints(f);
		if (strstr(text, "inherited-pkg-dir"))
			check_kept(f, xml);
		else
			check_round_trip(f, xml);
		expect(f->zone, "delete -F", 0, "");
		free(text);
	}
}

static void command_files_are_taken(void **state)
{
	const struct foreign *f;
	size_t i, taken = 0;
	char *text, xml[64];
	int r;

	for (i = 0; i < ARRAY_SIZE(systems); i++) {
		f = &systems[i];
		text = read_foreign(f, "cfg");
		if (!text)
			continue;
		tree_write("/cmd", text);
		free(text);
		r = RUN((char *)"-z", (char *)f->zone, (char *)"-f", (char *)tree_path("/cmd"));
		if (r)
			fail_msg("%s: %s", f->file, out);
		xml_name(f, xml, sizeof(xml));
		check_round_trip(f, xml);
		expect(f->zone, "delete -F", 0, "");
		taken++;
	}
	assert_int_equal(taken, 5);
}

/* A name that is no brand anywhere is a mistake; it is named with its line, and nothing is kept. */
static void a_misspelt_brand(void **state)
{
	tree_write("/cmd", "create -b\nset zonepath=/zones/lx\nset brand=lxx\n");
	assert_int_equal(
		RUN((char *)"-z", (char *)"typo", (char *)"-f", (char *)tree_path("/cmd")), 1);
	has("brand 'lxx': No such brand");
	has("on line 3 of");
	assert_false(tree_exists("/etc/zones/typo.xml"));
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_load_and_export),
		cmocka_unit_test(command_files_are_taken),
		cmocka_unit_test(a_misspelt_brand),
	};

	if (!programs_from(argc, argv) || argc != 3)
		return 2;
	folder = argv[2];
	return cmocka_run_group_tests(tests, setup, tree_remove);
}

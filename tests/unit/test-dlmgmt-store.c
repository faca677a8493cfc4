/* SPDX-License-Identifier: MIT */
/* The databases of dlmgmtd: what is written comes back, also after SIGKILL; what is damaged is refused. */
#include "dlmgmtd/recover.h"
#include "dlmgmtd/store.h"
#include "linux/instance.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <cmocka.h>

#include "folder.h"

static char root[64];

static void path_of(const char *name, char path[128])
{
	(void)snprintf(path, 128, "%s%s", root, name);
}

static int delete_row(enum store which, datalink_id_t id)
{
	const struct link link = {.id = id};

	return store_delete(which, &link);
}

static int setup(void **state)
{
	static const char *const dirs[] = {"/etc", "/etc/dladm", "/run", "/run/dladm"};
	char path[128];
	size_t i;

	if (folder_make(root, sizeof(root), "store") < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		path_of(dirs[i], path);
		if (mkdir(path, 0755) < 0)
			return -1;
	}
	return instance_init(root);
}

static int teardown(void **state)
{
	store_close();
	link_table_clear();
	return folder_remove(root);
}

static void open_store(void)
{
	struct diag d = {0};

	if (store_open(&d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(links_recover(), 0);
}

/* As a restart of the daemon. */
static void reopen(void)
{
	store_close();
	link_table_clear();
	open_store();
}

static struct link *add(const char *name, uint32_t flags, zoneid_t zoneid, bool on_loan)
{
	struct link_spec spec = {.name = name,
		.class = DATALINK_CLASS_VNIC,
		.media = DL_ETHER,
		.flags = flags,
		.zoneid = zoneid,
		.on_loan = on_loan};
	struct link *link = NULL;

	assert_int_equal(link_create(&spec, &link), 0);
	assert_int_equal(link_attrs_set_str(&link->attrs, "linkover", "stub0"), 0);
	assert_int_equal(link_attrs_set_u64(&link->attrs, "maddrtype", 2), 0);
	link->configured = (flags & DLMGMT_PERSIST) != 0;
	store_begin();
	if (flags & DLMGMT_PERSIST)
		assert_int_equal(store_put(STORE_PERSISTENT, link), 0);
	assert_int_equal(store_put(STORE_ACTIVE, link), 0);
	assert_int_equal(store_end(0), 0);
	return link;
}

static void check(const char *name, datalink_id_t id, uint32_t flags, zoneid_t zoneid, bool on_loan)
{
	struct link *link = link_by_name(name, zoneid);

	assert_non_null(link);
	assert_int_equal(link->id, id);
	assert_int_equal(link->flags, flags);
	assert_int_equal(link->zoneid, zoneid);
	assert_int_equal(link->on_loan, on_loan);
	assert_int_equal(link->class, DATALINK_CLASS_VNIC);
	assert_int_equal(link->media, DL_ETHER);
	assert_int_equal(link->attrs.count, 2);
	assert_string_equal(link->attrs.first->name, "linkover");
	assert_true(link_attrs_equal(&link->attrs, "linkover", "stub0", 6));
	assert_int_equal(link_attrs_find(&link->attrs, "maddrtype")->type, DLADM_TYPE_UINT64);
}

static void everything_comes_back(void **state)
{
	datalink_id_t ids[4];

	open_store();
	ids[0] = add("both0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false)->id;
	ids[1] = add("temp0", DLMGMT_ACTIVE | DLMGMT_TRANSIENT, 0, false)->id;
	ids[2] = add("conf0", DLMGMT_PERSIST, 0, false)->id;
	ids[3] = add("lent0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 5, true)->id;
	reopen();
	check("both0", ids[0], DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	check("temp0", ids[1], DLMGMT_ACTIVE | DLMGMT_TRANSIENT, 0, false);
	check("conf0", ids[2], DLMGMT_PERSIST, 0, false);
	check("lent0", ids[3], DLMGMT_ACTIVE | DLMGMT_PERSIST, 5, true);

	assert_int_equal(delete_row(STORE_ACTIVE, ids[0]), 0);
	assert_int_equal(delete_row(STORE_ACTIVE, ids[1]), 0);
	assert_int_equal(delete_row(STORE_PERSISTENT, ids[3]), 0);
	reopen();
	check("both0", ids[0], DLMGMT_PERSIST, 0, false);
	assert_null(link_by_name("temp0", 0));
	check("lent0", ids[3], DLMGMT_ACTIVE, 5, true);
}

static void rename_and_change(void **state)
{
	struct link *link;

	open_store();
	link = add("web0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	assert_int_equal(link_rename(link, "web7"), 0);
	link_attrs_unset(&link->attrs, "linkover");
	assert_int_equal(store_put(STORE_PERSISTENT, link), 0);
	assert_int_equal(store_put(STORE_ACTIVE, link), 0);
	reopen();
	assert_null(link_by_name("web0", 0));
	link = link_by_name("web7", 0);
	assert_non_null(link);
	assert_int_equal(link->attrs.count, 1);
}

/* The child dies with both databases open; each change that returned is there. */
static void sigkill_loses_nothing(void **state)
{
	char name[MAXLINKNAMELEN];
	int fds[2], status;
	unsigned int i, last = 0;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		open_store();
		for (i = 1;; i++) {
			(void)snprintf(name, sizeof(name), "x%u", i);
			(void)add(name, DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
			if (write(fds[1], &i, sizeof(i)) < 0)
				_exit(1);
		}
	}
	(void)close(fds[1]);
	while (last < 50 && read(fds[0], &i, sizeof(i)) == sizeof(i))
		last = i;
	assert_int_equal(last, 50);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(fds[0]);

	reopen();
	for (i = 1; i <= last; i++) {
		(void)snprintf(name, sizeof(name), "x%u", i);
		check(name, i, DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	}
}

static void expect_refused(const char *in_text)
{
	struct diag d = {0};

	assert_true(store_open(&d) < 0);
	if (!strstr(d.text, in_text) || !strstr(d.text, root) || strchr(d.text, '\n'))
		fail_msg("'%s' does not name the file and '%s' in one line", d.text, in_text);
}

static void remove_file(const char *name, const char *suffix)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s%s%s", root, name, suffix);
	(void)unlink(path);
}

static bool file_exists(const char *name, const char *suffix)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s%s%s", root, name, suffix);
	return access(path, F_OK) == 0;
}

/* As after a restart of the host. */
static void forget_active(void)
{
	remove_file(STORE_ACTIVE_PATH, "");
	remove_file(STORE_ACTIVE_PATH, "-wal");
}

static void add_many(unsigned int count, uint32_t flags)
{
	char name[MAXLINKNAMELEN];
	unsigned int i;

	for (i = 1; i <= count; i++) {
		(void)snprintf(name, sizeof(name), "x%u", i);
		(void)add(name, flags, 0, false);
	}
}

static void check_many(unsigned int count, uint32_t flags)
{
	char name[MAXLINKNAMELEN];
	unsigned int i;

	for (i = 1; i <= count; i++) {
		(void)snprintf(name, sizeof(name), "x%u", i);
		check(name, i, flags, 0, false);
	}
	assert_null(link_next(count));
}

/* Ways in which a file of 200 links is damaged, and what its refusal says. */
static void cut_to_nothing(const char *path)
{
	assert_int_equal(truncate(path, 0), 0);
}

static void cut_in_half(const char *path)
{
	assert_int_equal(truncate(path, 8192), 0);
}

static void fill_file(const char *path, off_t at, int how)
{
	char bytes[16384];
	size_t i;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(how ? (int)(i * 7 + i / 256 * 31 + 5) : 0);
	assert_int_equal(pwrite(fd, bytes, sizeof(bytes), at), sizeof(bytes));
	(void)close(fd);
}

static void zero_all(const char *path)
{
	fill_file(path, 0, 0);
}

static void zero_inside(const char *path)
{
	fill_file(path, 4096, 0);
}

static void random_all(const char *path)
{
	fill_file(path, 0, 1);
}

static void random_inside(const char *path)
{
	fill_file(path, 4096, 1);
}

static const struct damage {
	void (*make)(const char *path);
	const char *text;
} damages[] = {
	{cut_to_nothing, "is empty"},
	{cut_in_half, "malformed"},
	{zero_all, "not a database"},
	{zero_inside, "damaged"},
	{random_all, "not a database"},
	{random_inside, "damaged"},
};

static void each_damage(void (*test)(const struct damage *damage))
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(damages); i++) {
		open_store();
		add_many(200, DLMGMT_PERSIST);
		store_close();
		test(&damages[i]);
		store_close();
		link_table_clear();
		remove_file(STORE_PERSISTENT_PATH, "");
		remove_file(STORE_PERSISTENT_PATH, STORE_DAMAGED_SUFFIX);
		forget_active();
	}
}

static void refuses(const struct damage *damage)
{
	struct stat before, after;
	char path[128];

	forget_active();
	path_of(STORE_PERSISTENT_PATH, path);
	damage->make(path);
	assert_int_equal(stat(path, &before), 0);
	expect_refused(damage->text);
	assert_int_equal(stat(path, &after), 0); /* left as it was */
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_false(file_exists(STORE_PERSISTENT_PATH, STORE_DAMAGED_SUFFIX));
}

static void damaged_is_refused(void **state)
{
	each_damage(refuses);
}

static void makes_again(const struct damage *damage)
{
	char path[128];

	path_of(STORE_PERSISTENT_PATH, path);
	damage->make(path);
	reopen();
	check_many(200, DLMGMT_PERSIST);
	assert_true(file_exists(STORE_PERSISTENT_PATH, STORE_DAMAGED_SUFFIX));
	store_close();
	forget_active();
	reopen(); /* what was made again is on disk */
	check_many(200, DLMGMT_PERSIST);
}

static void damaged_is_made_again_from_the_active_one(void **state)
{
	each_damage(makes_again);
}

#define FEW 20 /* that stay in the log */

/* The child dies with both open. */
static void die_with_many(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		open_store();
		add_many(FEW, DLMGMT_ACTIVE | DLMGMT_PERSIST);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* SQLite takes a log whose end is bad as one that was cut by a crash. */
static void lost_changes_come_back(void **state)
{
	char path[128];
	struct stat st;

	die_with_many();
	path_of(STORE_PERSISTENT_PATH "-wal", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 2), 0);
	reopen();
	check_many(FEW, DLMGMT_ACTIVE | DLMGMT_PERSIST);
	assert_true(file_exists(STORE_PERSISTENT_PATH, STORE_DAMAGED_SUFFIX));
	store_close();
	forget_active();
	reopen();
	check_many(FEW, DLMGMT_PERSIST);
}

/* Not even the first change is left. */
static void lost_log_comes_back(void **state)
{
	die_with_many();
	remove_file(STORE_PERSISTENT_PATH, "-wal");
	reopen();
	check_many(FEW, DLMGMT_ACTIVE | DLMGMT_PERSIST);
	assert_true(file_exists(STORE_PERSISTENT_PATH, STORE_DAMAGED_SUFFIX));
}

static void damaged_active_is_refused(void **state)
{
	char path[128];

	open_store();
	add_many(200, DLMGMT_ACTIVE);
	store_close();
	path_of(STORE_ACTIVE_PATH, path);
	assert_int_equal(truncate(path, 8192), 0);
	expect_refused("active.db");
}

/* dlmgmtd died when only the persistent store knew. */
static void renamed_in_one_store(void **state)
{
	struct link *link;

	open_store();
	link = add("web0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	(void)add("old0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	(void)add("temp0", DLMGMT_ACTIVE, 0, false);
	assert_int_equal(link_rename(link, "shop0"), 0);
	assert_int_equal(store_put(STORE_PERSISTENT, link), 0);
	assert_int_equal(delete_row(STORE_PERSISTENT, 2), 0);
	reopen();
	check("shop0", 1, DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	check("old0", 2, DLMGMT_ACTIVE, 0, false);
	check("temp0", 3, DLMGMT_ACTIVE, 0, false);
	assert_null(link_by_name("web0", 0));
	reopen();
	check("shop0", 1, DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	check("old0", 2, DLMGMT_ACTIVE, 0, false);
}

static const char *disagreements(void)
{
	static char text[4096];
	struct store_report report = {.text = text, .size = sizeof(text)};

	text[0] = '\0';
	assert_int_equal(store_check(&report), 0);
	return text;
}

static void check_finds(const char *line)
{
	if (!strstr(disagreements(), line))
		fail_msg("'%s' is not in: %s", line, disagreements());
}

static void disagreements_are_found(void **state)
{
	struct link *both, *down;

	open_store();
	both = add("both0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	down = add("down0", DLMGMT_PERSIST, 0, false);
	(void)add("lent0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 5, true);
	assert_string_equal(disagreements(), "");

	assert_int_equal(link_rename(both, "other0"), 0);
	check_finds("datalink.db: link 1 is 'both0' in the file and 'other0' in the table\n");
	check_finds("active.db: link 1 is 'both0' in the file");
	assert_int_equal(link_rename(both, "both0"), 0);
	assert_int_equal(link_attrs_set_u64(&both->attrs, "maddrtype", 1), 0);
	check_finds("datalink.db: both0: the configuration differs\n");
	assert_int_equal(link_attrs_set_u64(&both->attrs, "maddrtype", 2), 0);
	assert_int_equal(link_move(both, 7), 0);
	check_finds("active.db: both0: in zone 0, in the table in zone 7\n");
	assert_int_equal(link_move(both, 0), 0);
	both->media = DL_OTHER;
	check_finds("datalink.db: both0: class or medium differs\n");
	both->media = DL_ETHER;
	assert_string_equal(disagreements(), "");

	link_destroy(down);
	check_finds("datalink.db: down0: link 2 is in the file, not in the table\n");
	assert_int_equal(delete_row(STORE_PERSISTENT, 2), 0);
	assert_int_equal(delete_row(STORE_ACTIVE, 2), 0);
	assert_string_equal(disagreements(), "");
	assert_int_equal(delete_row(STORE_PERSISTENT, 1), 0);
	check_finds("datalink.db: 1 links are in the table, not in the file\n");
	assert_int_equal(delete_row(STORE_ACTIVE, 3), 0);
	check_finds("active.db: 1 links are in the table, not in the file\n");
}

/* Nested changes are one. */
static void changes_are_whole(void **state)
{
	struct link *a, *b;

	open_store();
	a = add("a0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	b = add("b0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	store_begin();
	assert_int_equal(delete_row(STORE_PERSISTENT, a->id), 0);
	store_begin();
	assert_int_equal(delete_row(STORE_ACTIVE, b->id), 0);
	assert_int_equal(store_end(-EIO), -EIO);
	assert_int_equal(store_put(STORE_ACTIVE, a), 0);
	assert_int_equal(store_end(0), -EIO);
	assert_false(store_waiting());
	reopen();
	check("a0", 1, DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	check("b0", 2, DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
}

static void unopenable_is_refused(void **state)
{
	char path[128];

	path_of(STORE_PERSISTENT_PATH, path);
	assert_int_equal(mkdir(path, 0755), 0);
	expect_refused("Is a directory");
	assert_int_equal(rmdir(path), 0);
	open_store();
}

static void sql(const char *name, const char *text)
{
	char path[128];
	sqlite3 *db;

	path_of(name, path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

static void newer_format_is_refused(void **state)
{
	open_store();
	store_close();
	sql(STORE_PERSISTENT_PATH, "PRAGMA user_version = 2");
	expect_refused("newer version");
}

static void earlier_boot_is_forgotten(void **state)
{
	open_store();
	(void)add("both0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	(void)add("temp0", DLMGMT_ACTIVE, 0, false);
	store_close();
	sql(STORE_ACTIVE_PATH, "UPDATE boot SET id = 'another'");
	reopen();
	assert_null(link_by_name("temp0", 0));
	check("both0", 1, DLMGMT_PERSIST, 0, false);
}

/* A configuration that was brought from elsewhere has ids that other links have here. */
static void foreign_ids(void **state)
{
	open_store();
	(void)add("a0", DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false); /* 1 */
	(void)add("b0", DLMGMT_PERSIST, 0, false);		   /* 2 */
	(void)add("c0", DLMGMT_ACTIVE, 0, false);		   /* 3 */
	store_close();
	sql(STORE_PERSISTENT_PATH,
		"PRAGMA foreign_keys = ON; UPDATE link SET id = id + 100; UPDATE link SET id = 1"
		" WHERE name = 'b0'; UPDATE link SET id = 3 WHERE name = 'a0'");
	reopen();
	check("a0", 1, DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	check("b0", 4, DLMGMT_PERSIST, 0, false);
	check("c0", 3, DLMGMT_ACTIVE, 0, false);
	reopen();
	check("a0", 1, DLMGMT_ACTIVE | DLMGMT_PERSIST, 0, false);
	check("b0", 4, DLMGMT_PERSIST, 0, false);
}

static void bad_rows_are_left_out(void **state)
{
	open_store();
	(void)add("good0", DLMGMT_PERSIST, 0, false);
	store_close();
	sql(STORE_PERSISTENT_PATH, "INSERT INTO link VALUES(7, 'no number', 8, 4, 2, 0, 0);"
				   "INSERT INTO link VALUES(8, 'class0', 12, 4, 2, 0, 0);"
				   "INSERT INTO attr VALUES(1, 'half', 2, x'0102')");
	reopen();
	check("good0", 1, DLMGMT_PERSIST, 0, false);
	assert_null(link_by_name("class0", 0));
}

static struct zone_record seen;
static int seen_count;

static int see_zone(const struct zone_record *zone)
{
	seen = *zone;
	seen_count++;
	return 0;
}

static void zones_come_back(void **state)
{
	struct zone_record zone = {
		.zoneid = 3, .uniqid = UINT64_MAX - 1, .door = true, .name = "web"};

	open_store();
	assert_int_equal(store_put_zone(&zone), 0);
	zone.zoneid = 4;
	assert_int_equal(store_put_zone(&zone), 0);
	assert_int_equal(store_delete_zone(4), 0);
	store_close();
	open_store();
	seen_count = 0;
	assert_int_equal(store_load_zones(see_zone), 0);
	assert_int_equal(seen_count, 1);
	assert_int_equal(seen.zoneid, 3);
	assert_true(seen.uniqid == UINT64_MAX - 1);
	assert_true(seen.door);
	assert_string_equal(seen.name, "web");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_comes_back),
		TEST(rename_and_change),
		TEST(sigkill_loses_nothing),
		TEST(damaged_is_refused),
		TEST(damaged_is_made_again_from_the_active_one),
		TEST(lost_changes_come_back),
		TEST(lost_log_comes_back),
		TEST(damaged_active_is_refused),
		TEST(renamed_in_one_store),
		TEST(changes_are_whole),
		TEST(disagreements_are_found),
		TEST(unopenable_is_refused),
		TEST(newer_format_is_refused),
		TEST(earlier_boot_is_forgotten),
		TEST(foreign_ids),
		TEST(bad_rows_are_left_out),
		TEST(zones_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

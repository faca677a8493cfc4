/* SPDX-License-Identifier: MIT */
/*
 * The power fails while dlmgmtd changes what is configured, and after its reply. What is on the disk
 * then is modelled from what was synced: of a file what it held at its last fsync, of a directory the
 * names that it had at its last. What was written and not synced is there in part, or not at all.
 *
 * After each sync of a change, and after its reply, the disk is put together in four ways and
 * dlmgmtd started on it: it starts, and has what was configured before or after the change; after
 * the reply nothing but what is after it.
 */
#include "dlmgmtd/command.h"
#include "dlmgmtd/link-table.h"
#include "dlmgmtd/recover.h"
#include "dlmgmtd/store.h"
#include "linux/instance.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <cmocka.h>

#include "folder.h"

#define ZONE	   5
#define FILES_MAX  64
#define NAMES_MAX  64
#define IMAGES_MAX 128
#define BLOCK	   512

static const struct caller root_caller = {.zoneid = GLOBAL_ZONEID, .privileged = true};
static const struct caller zone_caller = {.zoneid = ZONE, .uid = 100000, .privileged = true};

/* ---- the disk ---- */

struct content {
	char *data;
	size_t size;
};

struct synced_file {
	ino_t inode;
	struct content synced;
};

struct synced_name {
	ino_t directory, inode;
	char name[64];
};

static struct synced_file files[FILES_MAX];
static struct synced_name names[NAMES_MAX];
static size_t n_files, n_names;

static const char *const folders[] = {"/etc/dladm", "/zp", "/zp/dladm"}; /* parents first */

/* A disk as it could be: "" as name ends it. */
struct image {
	struct image_file {
		char path[80]; /* below the root */
		bool folder;
		struct content content;
	} files[FILES_MAX];
	size_t count;
};

static struct image images[IMAGES_MAX];
static size_t n_images;

static char root[64];	 /* of the one that runs */
static bool is_modelled; /* it runs on the disk that fails, not on one that is put together */
static bool is_watching; /* a sync makes images */

static struct content read_whole(const char *path)
{
	struct content c = {0};
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return c;
	c.data = malloc((size_t)st.st_size + 1);
	assert_non_null(c.data);
	c.size = (size_t)read(fd, c.data, (size_t)st.st_size);
	(void)close(fd);
	return c;
}

static struct synced_file *file_of(ino_t inode)
{
	for (size_t i = 0; i < n_files; i++)
		if (files[i].inode == inode)
			return &files[i];
	return NULL;
}

static void file_synced(int fd, ino_t inode)
{
	struct synced_file *f = file_of(inode);
	char path[64];

	if (!f) {
		assert_true(n_files < FILES_MAX);
		f = &files[n_files++];
		*f = (struct synced_file){.inode = inode};
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	free(f->synced.data);
	f->synced = read_whole(path);
}

static void forget_names(ino_t directory)
{
	size_t kept = 0;

	for (size_t i = 0; i < n_names; i++)
		if (names[i].directory != directory)
			names[kept++] = names[i];
	n_names = kept;
}

static void folder_synced(int fd, ino_t inode)
{
	DIR *dir = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *e;

	assert_non_null(dir);
	forget_names(inode);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		assert_true(n_names < NAMES_MAX);
		names[n_names].directory = inode;
		names[n_names].inode = e->d_ino;
		(void)snprintf(
			names[n_names].name, sizeof(names[n_names].name), "%.63s", e->d_name);
		n_names++;
	}
	(void)closedir(dir);
}

/* ---- what it could be after a failure ---- */

static unsigned int dice;

static bool toss(void)
{
	dice = dice * 1103515245u + 12345u;
	return (dice >> 16) & 1;
}

/* What was synced; torn: of what was written since, some blocks. */
static struct content survivor(const char *path, ino_t inode, bool torn)
{
	const struct synced_file *f = file_of(inode);
	struct content now = read_whole(path), c = {0};
	size_t size = f ? f->synced.size : 0;

	if (torn && now.size > size)
		size = now.size;
	c.data = calloc(1, size + 1);
	assert_non_null(c.data);
	c.size = size;
	if (f)
		memcpy(c.data, f->synced.data, f->synced.size);
	for (size_t at = 0; torn && at < now.size; at += BLOCK)
		if (toss())
			memcpy(c.data + at, now.data + at,
				now.size - at < BLOCK ? now.size - at : BLOCK);
	free(now.data);
	return c;
}

static void image_add(struct image *image, const char *path, ino_t inode, bool folder, bool torn)
{
	char real[160];
	struct image_file *f = &image->files[image->count++];

	assert_true(image->count < FILES_MAX);
	(void)snprintf(f->path, sizeof(f->path), "%s", path);
	f->folder = folder;
	f->content = (struct content){0};
	(void)snprintf(real, sizeof(real), "%s%s", root, path);
	if (!folder)
		f->content = survivor(real, inode, torn);
}

static bool name_is_synced(ino_t directory, const char *name, ino_t inode)
{
	for (size_t i = 0; i < n_names; i++)
		if (names[i].directory == directory && names[i].inode == inode &&
			strcmp(names[i].name, name) == 0)
			return true;
	return false;
}

static bool has_folder(const struct image *image, const char *path)
{
	for (size_t i = 0; i < image->count; i++)
		if (image->files[i].folder && strcmp(image->files[i].path, path) == 0)
			return true;
	return false;
}

/*
 * early: names that were made and not synced are there as well. A name that was taken away and not
 * synced is there again, with what its file held when that was synced.
 */
static void image_folder(struct image *image, const char *folder, bool torn, bool early)
{
	char path[320], real[160];
	struct dirent *e;
	struct stat st, there;
	DIR *dir;

	(void)snprintf(real, sizeof(real), "%s%s", root, folder);
	dir = opendir(real);
	if (!dir)
		return;
	assert_int_equal(fstat(dirfd(dir), &there), 0);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.' || fstatat(dirfd(dir), e->d_name, &st, 0) < 0)
			continue;
		if (!early && !name_is_synced(there.st_ino, e->d_name, st.st_ino))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%.60s", folder, e->d_name);
		image_add(image, path, st.st_ino, S_ISDIR(st.st_mode), torn);
	}
	(void)closedir(dir);
	for (size_t i = 0; i < n_names; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", real, names[i].name);
		if (names[i].directory != there.st_ino || access(path, F_OK) == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i].name);
		image_add(image, path, names[i].inode, false, false);
	}
}

static void take_images(void)
{
	for (int way = 0; way < 4; way++) {
		struct image *image = &images[n_images++];

		assert_true(n_images < IMAGES_MAX);
		image->count = 0;
		for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
			if (i < 2 || has_folder(image, folders[i]))
				image_folder(image, folders[i], way & 1, way & 2);
	}
}

static int synced(int fd)
{
	struct stat st;

	if (!is_modelled)
		return 0;
	if (fstat(fd, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode))
		folder_synced(fd, st.st_ino);
	else
		file_synced(fd, st.st_ino);
	if (is_watching)
		take_images();
	return 0;
}

/* In the place of the C library's, for SQLite too. */
int fsync(int fd)
{
	return synced(fd);
}

int fdatasync(int fd)
{
	return synced(fd);
}

/* ---- dlmgmtd ---- */

static void make_root(const char *const *dirs, size_t n)
{
	char path[160];

	assert_int_equal(folder_make(root, sizeof(root), "power"), 0);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	assert_int_equal(instance_init(root), 0);
}

static void make_new_root(void)
{
	static const char *const dirs[] = {"/etc", "/etc/dladm", "/run", "/run/dladm", "/zp"};

	make_root(dirs, ARRAY_SIZE(dirs));
}

static void begin(void)
{
	char zonepath[80];
	struct diag d = {0};

	if (store_open(&d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(links_recover(), 0);
	(void)snprintf(zonepath, sizeof(zonepath), "%s/zp", root);
	if (store_zone_open(ZONE, zonepath, &d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(links_recover_zone(ZONE), 0);
}

static void end(void)
{
	store_close();
	link_table_clear();
	assert_int_equal(folder_remove(root), 0);
}

static char *dump(void)
{
	const struct link_attr *attr;
	const struct link *link;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	for (link = link_next(0); link; link = link_next(link->id)) {
		if (!link->configured)
			continue;
		(void)fprintf(f, "%d %s", (int)link->zoneid, link->name);
		for (attr = link->attrs.first; attr; attr = attr->next)
			(void)fprintf(f, " %s=%.*s", attr->name, (int)attr->size, attr->value);
		(void)fputc('\n', f);
	}
	(void)fclose(f);
	return text;
}

static int run(const struct caller *caller, const void *req, size_t req_size, void *reply)
{
	const struct command *command = command_find(req, req_size);
	size_t size = sizeof(union command_reply);

	assert_non_null(command);
	assert_true(command_run(command, caller, req, reply, &size));
	return -(int)*(uint32_t *)reply;
}

#define RUN(caller, ...)                                                                           \
	({                                                                                         \
		__typeof__(__VA_ARGS__) request = __VA_ARGS__;                                     \
		run(caller, &request, sizeof(request), &reply);                                    \
	})

static union command_reply reply;

static uint32_t confid_of_reply(void)
{
	return ((struct dlmgmt_confid_reply *)&reply)->lr_confid;
}

static void open_conf(const struct caller *caller, const char *name, uint32_t *ret)
{
	const struct link *link = link_by_name(name, caller->zoneid);
	struct dlmgmt_setattr_req set = {.ld_cmd = DLMGMT_CMD_SETATTR,
		.ld_type = DLADM_TYPE_STR,
		.ld_attrsz = 6,
		.ld_attr = "linkover",
		.ld_attrval = "stub0"};

	assert_non_null(link);
	assert_int_equal(RUN(caller, (struct dlmgmt_linkid_req){.ld_cmd = DLMGMT_CMD_READCONF,
					     .ld_linkid = link->id}),
		0);
	*ret = set.ld_confid = confid_of_reply();
	assert_int_equal(run(caller, &set, sizeof(set), &reply), 0);
}

static void create(const struct caller *caller, const char *name)
{
	struct dlmgmt_createid_req req = {.ld_cmd = DLMGMT_CMD_CREATE_LINKID,
		.ld_class = DATALINK_CLASS_VNIC,
		.ld_media = DL_ETHER,
		.ld_flags = DLMGMT_PERSIST};

	(void)str_copy(req.ld_link, sizeof(req.ld_link), name);
	assert_int_equal(run(caller, &req, sizeof(req), &reply), 0);
}

static int write_conf(const struct caller *caller, uint32_t confid)
{
	return RUN(caller,
		(struct dlmgmt_confid_req){.ld_cmd = DLMGMT_CMD_WRITECONF, .ld_confid = confid});
}

static void configure(const struct caller *caller, const char *name)
{
	uint32_t confid;

	create(caller, name);
	open_conf(caller, name, &confid);
	assert_int_equal(write_conf(caller, confid), 0);
}

/* ---- changes ---- */

static uint32_t confid;

static void prepare_global(void)
{
	configure(&root_caller, "stub0");
	configure(&root_caller, "vnic0");
}

static void prepare_new(void)
{
	prepare_global();
	create(&root_caller, "new0");
	open_conf(&root_caller, "new0", &confid);
}

static int do_write(void)
{
	return write_conf(&root_caller, confid);
}

static int rename_as(const struct caller *caller)
{
	struct dlmgmt_remapid_req req = {.ld_cmd = DLMGMT_CMD_REMAP_LINKID,
		.ld_linkid = link_by_name("stub0", caller->zoneid)->id,
		.ld_link = "core0"};

	return run(caller, &req, sizeof(req), &reply);
}

static int do_rename(void)
{
	return rename_as(&root_caller);
}

static int destroy_as(const struct caller *caller)
{
	return RUN(caller, (struct dlmgmt_destroyid_req){.ld_cmd = DLMGMT_CMD_DESTROY_LINKID,
				   .ld_linkid = link_by_name("vnic0", caller->zoneid)->id,
				   .ld_flags = DLMGMT_PERSIST});
}

static int do_destroy(void)
{
	return destroy_as(&root_caller);
}

/* The first of a zone makes its folder and its database. */
static void prepare_zones_first(void)
{
	create(&zone_caller, "new0");
	open_conf(&zone_caller, "new0", &confid);
}

static int do_zone_write(void)
{
	return write_conf(&zone_caller, confid);
}

static void prepare_zone(void)
{
	configure(&zone_caller, "stub0");
	configure(&zone_caller, "vnic0");
}

static int do_zone_rename(void)
{
	return rename_as(&zone_caller);
}

static int do_zone_destroy(void)
{
	return destroy_as(&zone_caller);
}

/* ---- tests ---- */

/* Puts the disk there and starts on it. Returns what is configured. */
static char *start_on(const struct image *image)
{
	char path[160], *text;

	is_modelled = false;
	make_new_root();
	for (size_t i = 0; i < image->count; i++) {
		const struct image_file *f = &image->files[i];

		(void)snprintf(path, sizeof(path), "%s%s", root, f->path);
		if (f->folder) {
			assert_int_equal(mkdir(path, 0700), 0);
			continue;
		}
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, f->content.data, f->content.size), f->content.size);
		(void)close(fd);
	}
	begin();
	text = dump();
	end();
	return text;
}

static void images_free(void)
{
	for (size_t i = 0; i < n_images; i++)
		for (size_t k = 0; k < images[i].count; k++)
			free(images[i].files[k].content.data);
	n_images = 0;
}

static void disk_new(void)
{
	for (size_t i = 0; i < n_files; i++)
		free(files[i].synced.data);
	n_files = n_names = 0;
	is_modelled = true;
}

static void fail_in(void (*prepare)(void), int (*change)(void))
{
	char *before, *after, *now;
	size_t during;

	disk_new();
	make_new_root();
	begin();
	prepare();
	before = dump();
	is_watching = true;
	assert_int_equal(change(), 0);
	is_watching = false;
	during = n_images;
	assert_true(during > 0);
	take_images();
	after = dump();
	assert_string_not_equal(before, after);
	end();
	for (size_t i = 0; i < n_images; i++) {
		now = start_on(&images[i]);
		if (strcmp(now, after) != 0 && (i >= during || strcmp(now, before) != 0))
			fail_msg("image %zu of %zu, way %zu:\n%s--- instead of\n%s--- or\n%s", i,
				n_images, i % 4, now, after, i < during ? before : "nothing else");
		free(now);
	}
	images_free();
	free(before);
	free(after);
}

static void configuring(void **state)
{
	fail_in(prepare_new, do_write);
}

static void renaming(void **state)
{
	fail_in(prepare_global, do_rename);
}

static void destroying(void **state)
{
	fail_in(prepare_global, do_destroy);
}

static void the_first_of_a_zone(void **state)
{
	fail_in(prepare_zones_first, do_zone_write);
}

static void renaming_in_a_zone(void **state)
{
	fail_in(prepare_zone, do_zone_rename);
}

static void destroying_in_a_zone(void **state)
{
	fail_in(prepare_zone, do_zone_destroy);
}

/* The test itself: what was not synced is gone. */
static void what_is_not_synced_is_lost(void **state)
{
	char path[160], *now;
	struct content c;
	int fd;

	disk_new();
	make_new_root();
	begin();
	prepare_global();
	(void)snprintf(path, sizeof(path), "%s/etc/dladm/extra", root);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "lost", 4), 4);
	take_images();
	assert_false(has_folder(&images[0], "/zp/dladm"));
	for (size_t k = 0; k < images[0].count; k++)
		assert_string_not_equal(images[0].files[k].path, "/etc/dladm/extra");
	assert_int_equal(fsync(fd), 0);
	(void)close(fd);
	c = read_whole(path);
	assert_int_equal(c.size, 4);
	free(c.data);
	end();
	now = start_on(&images[0]);
	assert_non_null(strstr(now, "vnic0"));
	free(now);
	images_free();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_synced_is_lost),
		cmocka_unit_test(configuring),
		cmocka_unit_test(renaming),
		cmocka_unit_test(destroying),
		cmocka_unit_test(the_first_of_a_zone),
		cmocka_unit_test(renaming_in_a_zone),
		cmocka_unit_test(destroying_in_a_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

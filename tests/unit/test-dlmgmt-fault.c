/* SPDX-License-Identifier: MIT */
/*
 * Each changing command of dlmgmtd with a fault at its Nth access to a file or its Nth
 * allocation, N from 1 until the command runs through: it has happened or it has not, the table
 * says the same as the reply, and a restart finds what the table said. The faults come from
 * below SQLite, from its allocator, from our own calloc(), where a zone's folder is made, and from
 * zoned, which is a few lines here: what is lent is in its zone's list when the table says so.
 * The same holds for what a zone configures in a store of its own.
 */
#include "dlmgmtd/command.h"
#include "dlmgmtd/link-table.h"
#include "dlmgmtd/recover.h"
#include "dlmgmtd/store.h"
#include "dlmgmtd/zones.h"
#include "linux/instance.h"
#include "zone/zone-calls.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <cmocka.h>

#include "folder.h"

enum fault {
	FAULT_ENOSPC,
	FAULT_EIO,
	FAULT_SQLITE_MEMORY,
	FAULT_OWN_MEMORY,
	FAULT_COUNT, /* of those that opening a store can meet */
	FAULT_ZONED = FAULT_COUNT,
};

static struct {
	bool armed;
	bool lasting; /* all from the Nth on fail, not that one alone */
	enum fault kind;
	unsigned int at, seen;
} faults;

static bool strike(enum fault kind)
{
	if (!faults.armed || faults.kind != kind)
		return false;
	faults.seen++;
	return faults.lasting ? faults.seen >= faults.at : faults.seen == faults.at;
}

/* ---- the folder of a zone ---- */

int __real_mkdirat(int dir, const char *path, mode_t mode);
int __wrap_mkdirat(int dir, const char *path, mode_t mode);
int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_mkdirat(int dir, const char *path, mode_t mode)
{
	if (!strike(FAULT_ENOSPC))
		return __real_mkdirat(dir, path, mode);
	errno = ENOSPC;
	return -1;
}

int __wrap_fsync(int fd)
{
	if (!strike(FAULT_EIO))
		return __real_fsync(fd);
	errno = EIO;
	return -1;
}

/* ---- zoned ---- */

#define BORROWER 7 /* the zone that lives */
#define IDS	 64

static zoneid_t listed[IDS]; /* which zone's list has the link, GLOBAL_ZONEID = none */

int __wrap_zone_call_check_datalink(zoneid_t *id, datalink_id_t link);
int __wrap_zone_call_add_datalink(zoneid_t id, datalink_id_t link);
int __wrap_zone_call_del_datalink(zoneid_t id, datalink_id_t link);
int __wrap_zone_call_getattr(
	zoneid_t id, enum zone_attr attr, void *buf, size_t size, size_t *ret_size);

int __wrap_zone_call_check_datalink(zoneid_t *id, datalink_id_t link)
{
	if (strike(FAULT_ZONED))
		return -ENOMEM;
	if (listed[link] == GLOBAL_ZONEID)
		return -ENXIO;
	*id = listed[link];
	return 0;
}

int __wrap_zone_call_add_datalink(zoneid_t id, datalink_id_t link)
{
	if (strike(FAULT_ZONED))
		return -ENOMEM;
	if (id != BORROWER)
		return -ENXIO;
	if (listed[link] == id)
		return -EEXIST;
	listed[link] = id;
	return 0;
}

int __wrap_zone_call_del_datalink(zoneid_t id, datalink_id_t link)
{
	if (strike(FAULT_ZONED))
		return -ENOMEM;
	if (id != BORROWER || listed[link] != id)
		return -ENXIO;
	listed[link] = GLOBAL_ZONEID;
	return 0;
}

int __wrap_zone_call_list(zoneid_t **ret_ids, uint32_t *ret_count);
int __wrap_zone_call_list_datalink(zoneid_t id, datalink_id_t **ret_ids, uint32_t *ret_count);

int __wrap_zone_call_list(zoneid_t **ret_ids, uint32_t *ret_count)
{
	*ret_ids = malloc(2 * sizeof(**ret_ids));
	assert_non_null(*ret_ids);
	(*ret_ids)[0] = GLOBAL_ZONEID;
	(*ret_ids)[1] = BORROWER;
	*ret_count = 2;
	return 0;
}

int __wrap_zone_call_list_datalink(zoneid_t id, datalink_id_t **ret_ids, uint32_t *ret_count)
{
	*ret_ids = malloc(IDS * sizeof(**ret_ids));
	assert_non_null(*ret_ids);
	*ret_count = 0;
	for (datalink_id_t link = 0; link < IDS; link++)
		if (listed[link] == id)
			(*ret_ids)[(*ret_count)++] = link;
	return 0;
}

int __wrap_zone_call_getattr(
	zoneid_t id, enum zone_attr attr, void *buf, size_t size, size_t *ret_size)
{
	const uint64_t uniqid = 70;

	if (strike(FAULT_ZONED))
		return -ENOMEM;
	if (id != BORROWER)
		return -ENXIO;
	if (attr == ZONE_ATTR_UNIQID) {
		memcpy(buf, &uniqid, *ret_size = sizeof(uniqid));
		return 0;
	}
	*ret_size = (size_t)snprintf(
			    buf, size, "%s", attr == ZONE_ATTR_NAME ? "web" : "/zones/web/root") +
		    1;
	return 0;
}

/* ---- below SQLite ---- */

struct shim_file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct shim_file *)file)->real;
}

static int shim_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int shim_read(sqlite3_file *file, void *buf, int n, sqlite3_int64 at)
{
	if (strike(FAULT_EIO))
		return SQLITE_IOERR_READ;
	return real_of(file)->pMethods->xRead(real_of(file), buf, n, at);
}

static int shim_write(sqlite3_file *file, const void *buf, int n, sqlite3_int64 at)
{
	if (strike(FAULT_ENOSPC))
		return SQLITE_FULL;
	if (strike(FAULT_EIO))
		return SQLITE_IOERR_WRITE;
	return real_of(file)->pMethods->xWrite(real_of(file), buf, n, at);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	if (strike(FAULT_EIO))
		return SQLITE_IOERR_TRUNCATE;
	return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static unsigned int syncs;

/* A process does not lose what it did not sync, so that is only counted. */
static int shim_sync(sqlite3_file *file, int flags)
{
	if (strike(FAULT_EIO))
		return SQLITE_IOERR_FSYNC;
	syncs++;
	return SQLITE_OK;
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	if (strike(FAULT_EIO))
		return SQLITE_IOERR_FSTAT;
	return real_of(file)->pMethods->xFileSize(real_of(file), ret);
}

static int shim_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int shim_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int shim_check_lock(sqlite3_file *file, int *ret)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret);
}

static int shim_control(sqlite3_file *file, int op, void *arg)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int shim_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int shim_device(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

/* Version 1: without shared memory, which exclusive locking does not need. */
static const sqlite3_io_methods shim_methods = {
	.iVersion = 1,
	.xClose = shim_close,
	.xRead = shim_read,
	.xWrite = shim_write,
	.xTruncate = shim_truncate,
	.xSync = shim_sync,
	.xFileSize = shim_size,
	.xLock = shim_lock,
	.xUnlock = shim_unlock,
	.xCheckReservedLock = shim_check_lock,
	.xFileControl = shim_control,
	.xSectorSize = shim_sector,
	.xDeviceCharacteristics = shim_device,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret)
{
	struct shim_file *shim = (struct shim_file *)file;
	int rc;

	shim->base.pMethods = NULL;
	if (strike(FAULT_EIO))
		return SQLITE_CANTOPEN;
	shim->real = (sqlite3_file *)(shim + 1);
	rc = real_vfs->xOpen(real_vfs, name, shim->real, flags, ret);
	if (rc == SQLITE_OK)
		shim->base.pMethods = &shim_methods;
	return rc;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	if (strike(FAULT_EIO))
		return SQLITE_IOERR_DELETE;
	return real_vfs->xDelete(real_vfs, name, sync);
}

static sqlite3_vfs shim_vfs;

/* ---- allocators ---- */

static sqlite3_mem_methods real_memory;

static void *shim_malloc(int n)
{
	return strike(FAULT_SQLITE_MEMORY) ? NULL : real_memory.xMalloc(n);
}

static void *shim_realloc(void *p, int n)
{
	return strike(FAULT_SQLITE_MEMORY) ? NULL : real_memory.xRealloc(p, n);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	return strike(FAULT_OWN_MEMORY) ? NULL : __real_calloc(n, size);
}

static int shims_install(void **state)
{
	sqlite3_mem_methods memory;

	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK)
		return -1;
	memory = real_memory;
	memory.xMalloc = shim_malloc;
	memory.xRealloc = shim_realloc;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) != SQLITE_OK ||
		sqlite3_initialize() != SQLITE_OK)
		return -1;
	real_vfs = sqlite3_vfs_find(NULL);
	shim_vfs = *real_vfs;
	shim_vfs.zName = "shim";
	shim_vfs.szOsFile = (int)sizeof(struct shim_file) + real_vfs->szOsFile;
	shim_vfs.xOpen = shim_open;
	shim_vfs.xDelete = shim_delete;
	return sqlite3_vfs_register(&shim_vfs, 1) == SQLITE_OK ? 0 : -1;
}

/* ---- a daemon without a door ---- */

#define ZONE 5

/* Root, of whatever zone the test is about just now. */
static struct caller caller = {.zoneid = GLOBAL_ZONEID, .privileged = true};
static char root[64];
static union command_reply reply;

static int run(const void *req, size_t req_size)
{
	const struct command *command = command_find(req, req_size);
	size_t size = sizeof(reply);

	assert_non_null(command);
	assert_true(command_run(command, &caller, req, &reply, &size));
	return -(int)reply.err;
}

#define RUN(...)                                                                                   \
	({                                                                                         \
		__typeof__(__VA_ARGS__) request = __VA_ARGS__;                                     \
		run(&request, sizeof(request));                                                    \
	})

static int open_zone(struct diag *d)
{
	char zonepath[80];

	(void)snprintf(zonepath, sizeof(zonepath), "%s/zp", root);
	return store_zone_open(ZONE, zonepath, d);
}

static void start_global(void)
{
	struct diag d = {0};

	if (store_open(&d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(links_recover(), 0);
}

static void start_store(void)
{
	struct diag d = {0};

	start_global();
	if (open_zone(&d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(links_recover_zone(ZONE), 0);
}

static datalink_id_t id_of(const char *name)
{
	const struct link *link = link_by_name(name, caller.zoneid);

	assert_non_null(link);
	return link->id;
}

static uint32_t open_conf(const char *name)
{
	assert_int_equal(RUN((struct dlmgmt_linkid_req){
				 .ld_cmd = DLMGMT_CMD_READCONF, .ld_linkid = id_of(name)}),
		0);
	return ((struct dlmgmt_confid_reply *)&reply)->lr_confid;
}

static void set_attr(uint32_t confid, const char *name, const char *value)
{
	struct dlmgmt_setattr_req req = {.ld_cmd = DLMGMT_CMD_SETATTR,
		.ld_confid = confid,
		.ld_type = DLADM_TYPE_STR,
		.ld_attrsz = (uint32_t)strlen(value) + 1};

	(void)str_copy(req.ld_attr, sizeof(req.ld_attr), name);
	(void)str_copy(req.ld_attrval, sizeof(req.ld_attrval), value);
	assert_int_equal(run(&req, sizeof(req)), 0);
}

static int write_conf(uint32_t confid)
{
	return RUN((struct dlmgmt_confid_req){.ld_cmd = DLMGMT_CMD_WRITECONF, .ld_confid = confid});
}

static int create_link(const char *name, uint32_t flags)
{
	struct dlmgmt_createid_req req = {.ld_cmd = DLMGMT_CMD_CREATE_LINKID,
		.ld_class = DATALINK_CLASS_VNIC,
		.ld_media = DL_ETHER,
		.ld_flags = flags};

	(void)str_copy(req.ld_link, sizeof(req.ld_link), name);
	return run(&req, sizeof(req));
}

static void configured_link(const char *name, uint32_t flags, const char *over)
{
	uint32_t confid;

	assert_int_equal(create_link(name, flags), 0);
	confid = open_conf(name);
	set_attr(confid, "linkover", over);
	assert_int_equal(write_conf(confid), 0);
}

static int find_nic(uint64_t instance)
{
	return RUN((struct dlmgmt_dls_create_req){.ld_cmd = DLMGMT_CMD_DLS_CREATE,
		.ld_class = DATALINK_CLASS_PHYS,
		.ld_media = DL_ETHER,
		.ld_persist = 1,
		.ld_phyinst = instance,
		.ld_devname = "eth0"});
}

static void world_make(void)
{
	static const char *const dirs[] = {"/etc", "/etc/dladm", "/run", "/run/dladm", "/zp"};
	char path[128];
	size_t i;

	assert_int_equal(folder_make(root, sizeof(root), "fault"), 0);
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	assert_int_equal(instance_init(root), 0);
	memset(listed, 0, sizeof(listed));
	start_store();
	configured_link("stub0", DLMGMT_ACTIVE | DLMGMT_PERSIST, "none0");
	configured_link("web0", DLMGMT_ACTIVE | DLMGMT_PERSIST, "stub0");
	configured_link("down0", DLMGMT_PERSIST, "stub0");
	assert_int_equal(create_link("temp0", DLMGMT_ACTIVE), 0);
	assert_int_equal(find_nic(1), 0);
}

static void world_end(void)
{
	struct dlmgmt_zone_req end = {.ld_cmd = DLMGMT_CMD_ZONEHALT, .ld_zoneid = BORROWER};

	caller.zoneid = GLOBAL_ZONEID;
	assert_int_equal(run(&end, sizeof(end)), 0); /* what is known of it is in memory too */
	store_close();
	link_table_clear();
	assert_int_equal(folder_remove(root), 0);
}

/* Everything that is to survive a restart of the daemon, or only what is configured. */
static char *dump(bool configured_only)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	const struct link_attr *attr;
	const struct link *link;

	assert_non_null(f);
	for (link = link_next(0); link; link = link_next(link->id)) {
		if (configured_only ? !link->configured
				    : !link->configured && !(link->flags & DLMGMT_ACTIVE))
			continue;
		(void)fprintf(f, "%u %d %s %x", link->id,
			(int)(configured_only ? link_owner(link) : link->zoneid), link->name,
			link->class);
		if (!configured_only)
			(void)fprintf(f, " %d", (link->flags & DLMGMT_ACTIVE) != 0);
		(void)fprintf(f, " %d:", link->configured);
		for (attr = link->attrs.first; attr; attr = attr->next)
			(void)fprintf(f, " %s=%.*s", attr->name,
				attr->type == DLADM_TYPE_STR ? (int)attr->size : 1, attr->value);
		(void)fputc('\n', f);
	}
	(void)fclose(f);
	return text;
}

/* What `dladm check` tells of the stores: nothing, however the dlmgmtd before ended. */
static void check_stores(void)
{
	char text[4096] = "";
	struct store_report report = {.text = text, .size = sizeof(text)};

	assert_int_equal(store_check(&report), 0);
	assert_string_equal(text, "");
}

static void restart(void)
{
	store_close();
	link_table_clear();
	start_store();
	check_stores();
}

/* ---- commands ---- */

static uint32_t confid;

static void no_preparation(void)
{
}

static void prepare_writeconf(void)
{
	confid = open_conf("web0");
	set_attr(confid, "mtu", "9000");
	set_attr(confid, "linkover", "other0");
}

static int do_create(void)
{
	return create_link("new0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
}

static int do_writeconf(void)
{
	return write_conf(confid);
}

static int do_rename(void)
{
	return RUN((struct dlmgmt_remapid_req){.ld_cmd = DLMGMT_CMD_REMAP_LINKID,
		.ld_linkid = id_of("stub0"),
		.ld_link = "core0"});
}

static int do_removeconf(void)
{
	return RUN((struct dlmgmt_linkid_req){
		.ld_cmd = DLMGMT_CMD_REMOVECONF, .ld_linkid = id_of("web0")});
}

static int destroy(const char *name, uint32_t flags)
{
	return RUN((struct dlmgmt_destroyid_req){
		.ld_cmd = DLMGMT_CMD_DESTROY_LINKID, .ld_linkid = id_of(name), .ld_flags = flags});
}

static int do_destroy(void)
{
	return destroy("web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
}

static int do_destroy_active(void)
{
	return destroy("web0", DLMGMT_ACTIVE);
}

static int do_destroy_temporary(void)
{
	return destroy("temp0", DLMGMT_ACTIVE);
}

static int do_up(void)
{
	return RUN((struct dlmgmt_linkid_req){
		.ld_cmd = DLMGMT_CMD_UP_LINKID, .ld_linkid = id_of("down0")});
}

static void remove_nic(void)
{
	assert_int_equal(destroy("eth0", DLMGMT_ACTIVE), 0);
}

static void forget_nic(void)
{
	assert_int_equal(destroy("eth0", DLMGMT_ACTIVE | DLMGMT_PERSIST), 0);
}

static int do_find_nic(void)
{
	return find_nic(2);
}

static int do_update_nic(void)
{
	return RUN((struct dlmgmt_dls_update_req){
		.ld_cmd = DLMGMT_CMD_DLS_UPDATE, .ld_media = DL_ETHER, .ld_devname = "eth0"});
}

static void other_medium(void)
{
	link_by_name("eth0", GLOBAL_ZONEID)->media = DL_OTHER;
}

/* What a zone has of the global zone. */

static int lend(const char *name, zoneid_t zone)
{
	return RUN((struct dlmgmt_setzoneid_req){
		.ld_cmd = DLMGMT_CMD_SETZONEID, .ld_linkid = id_of(name), .ld_zoneid = zone});
}

static void prepare_lent(void)
{
	assert_int_equal(lend("web0", BORROWER), 0);
}

/* Its list has it from before. */
static void prepare_listed(void)
{
	listed[id_of("down0")] = BORROWER;
}

static void prepare_listed_nic(void)
{
	remove_nic();
	listed[id_of("eth0")] = BORROWER;
}

static int do_lend(void)
{
	return lend("web0", BORROWER);
}

static int do_take_home(void)
{
	return lend("web0", GLOBAL_ZONEID);
}

/* What a zone configures for itself: what is active in a zone, zoned knows. The first makes folder and database. */

static void prepare_zones_first(void)
{
	caller.zoneid = ZONE;
	assert_int_equal(create_link("web0", DLMGMT_PERSIST), 0);
	prepare_writeconf();
}

static void prepare_zone(void)
{
	caller.zoneid = ZONE;
	configured_link("stub0", DLMGMT_PERSIST, "none0");
	configured_link("web0", DLMGMT_PERSIST, "stub0");
}

static void prepare_zones_writeconf(void)
{
	prepare_zone();
	prepare_writeconf();
}

static int do_zones_destroy(void)
{
	return destroy("web0", DLMGMT_PERSIST);
}

#define LENDINGS 6u /* of these, which ask zoned */

static const struct operation {
	const char *name;
	void (*prepare)(void);
	int (*run)(void);
} operations[] = {
	{"create", no_preparation, do_create},
	{"writeconf", prepare_writeconf, do_writeconf},
	{"rename", no_preparation, do_rename},
	{"removeconf", no_preparation, do_removeconf},
	{"destroy", no_preparation, do_destroy},
	{"destroy active", no_preparation, do_destroy_active},
	{"destroy temporary", no_preparation, do_destroy_temporary},
	{"up", no_preparation, do_up},
	{"new NIC", forget_nic, do_find_nic},
	{"known NIC", remove_nic, do_find_nic},
	{"medium", other_medium, do_update_nic},
	{"lend", no_preparation, do_lend},
	{"take home", prepare_lent, do_take_home},
	{"destroy lent", prepare_lent, do_destroy},
	{"destroy lent active", prepare_lent, do_destroy_active},
	{"up in a zone's list", prepare_listed, do_up},
	{"known NIC in a zone's list", prepare_listed_nic, do_find_nic},
	{"first in a zone", prepare_zones_first, do_writeconf},
	{"writeconf in a zone", prepare_zones_writeconf, do_writeconf},
	{"rename in a zone", prepare_zone, do_rename},
	{"removeconf in a zone", prepare_zone, do_removeconf},
	{"destroy in a zone", prepare_zone, do_zones_destroy},
};

/* ---- tests ---- */

static void check_same(const char *what, const struct operation *op, char *expected, char *got)
{
	if (!streq(expected, got))
		fail_msg("%s, fault %d at %u%s: %s:\n%s--- instead of\n%s", op->name, faults.kind,
			faults.at, faults.lasting ? " and on" : "", what, got, expected);
	free(expected);
	free(got);
}

/* zoned's lists have what the table says, and no link that is not there. */
static void check_lists(const struct operation *op)
{
	const struct link *link;

	if (zones_doubted()) /* as the main thread does then */
		assert_int_equal(zones_verify(), 0);
	for (datalink_id_t id = 1; id < IDS; id++) {
		link = link_by_id(id, GLOBAL_ZONEID);
		if (link && !(link->flags & DLMGMT_ACTIVE)) /* what it was before it is up */
			continue;
		if ((link && link->zoneid == BORROWER) != (listed[id] == BORROWER))
			fail_msg("%s, fault %d at %u%s: list and table differ about %u", op->name,
				faults.kind, faults.at, faults.lasting ? " and on" : "", id);
	}
}

/* What is on disk when the active store is lost as well, as by the end of the host. */
static void check_disk(const struct operation *op, char *configured)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s%s", root, STORE_ACTIVE_PATH);
	store_close();
	link_table_clear();
	(void)unlink(path);
	start_store();
	check_same("after the end of the host", op, configured, dump(true));
}

/* One run. Returns false when the fault was not reached. */
static bool run_once(const struct operation *op, char *after)
{
	char *before, *now;
	int r;

	world_make();
	op->prepare();
	before = dump(false);
	faults.seen = 0;
	faults.armed = true;
	r = op->run();
	faults.armed = false;

	check_lists(op);
	now = dump(false);
	check_same("the table", op, strdup(r < 0 ? before : after), strdup(now));
	free(before);
	if (faults.at % 2) /* otherwise as if it was killed before it could write what it owes */
		store_retry();
	else if (store_waiting())
		faults.seen |= 0x10000;
	if (faults.seen & 0x10000) {
		free(now);
		now = dump(true);
		restart();
		check_same("configured after a restart", op, now, dump(true));
	} else {
		restart();
		check_same("after a restart", op, now, dump(false));
	}
	if (!faults.lasting)
		check_disk(op, dump(true));
	world_end();
	return (faults.seen & 0xffff) >= faults.at;
}

static char *expected_after(const struct operation *op)
{
	char *after;

	world_make();
	op->prepare();
	assert_int_equal(op->run(), 0);
	after = dump(false);
	world_end();
	return after;
}

static void each_operation(enum fault kind, bool lasting)
{
	unsigned int reached = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		char *after = expected_after(&operations[i]);

		faults.kind = kind;
		faults.lasting = lasting;
		faults.at = 1;
		while (run_once(&operations[i], after)) {
			/* What lasts hits all that follows anyway. */
			faults.at += lasting ? 1 + faults.at / 4 : 1;
			reached++;
		}
		free(after);
	}
	assert_true(reached >= (kind == FAULT_ZONED ? LENDINGS : ARRAY_SIZE(operations)));
}

/* As when a zone boots, once with the fault and again without. False when it was not reached. */
static bool boot_zone_twice(const char *expected)
{
	struct diag d = {0};
	char *got;
	int r;

	store_close();
	link_table_clear();
	start_global();
	faults.seen = 0;
	faults.armed = true;
	r = open_zone(&d);
	if (r < 0)
		assert_true(d.text[0]);
	else
		r = links_recover_zone(ZONE);
	faults.armed = false;
	if (r < 0 && open_zone(&d) < 0)
		fail_msg("%s", d.text);
	if (r < 0)
		assert_int_equal(links_recover_zone(ZONE), 0);
	got = dump(false);
	if (!streq(expected, got))
		fail_msg("fault %d at %u, %d:\n%s--- instead of\n%s", faults.kind, faults.at, r,
			got, expected);
	free(got);
	check_stores();
	return faults.seen >= faults.at;
}

/* A zone's store that cannot be opened or read is refused, never taken for an empty one. */
static void a_zones_store_is_not_emptied(void **state)
{
	char *expected;

	faults.lasting = false;
	for (enum fault kind = 0; kind < FAULT_COUNT; kind++) {
		world_make();
		prepare_zone();
		expected = dump(false);
		faults.kind = kind;
		faults.at = 1;
		while (boot_zone_twice(expected))
			faults.at++;
		print_message("fault %d: %u times\n", kind, faults.at - 1);
		assert_true(faults.at > 1);
		free(expected);
		world_end();
	}
}

static void no_space(void **state)
{
	each_operation(FAULT_ENOSPC, false);
	each_operation(FAULT_ENOSPC, true);
}

static void broken_disk(void **state)
{
	each_operation(FAULT_EIO, false);
	each_operation(FAULT_EIO, true);
}

static void no_memory_for_sqlite(void **state)
{
	each_operation(FAULT_SQLITE_MEMORY, false);
	each_operation(FAULT_SQLITE_MEMORY, true);
}

static void no_memory(void **state)
{
	each_operation(FAULT_OWN_MEMORY, false);
	each_operation(FAULT_OWN_MEMORY, true);
}

/* Of a zoned that only says no: nobody has died over it. */
static void zoned_refuses(void **state)
{
	each_operation(FAULT_ZONED, false);
	each_operation(FAULT_ZONED, true);
}

/* Nothing is answered before it is synced; what is only active is not synced at all. */
static void replies_follow_syncs(void **state)
{
	world_make();
	syncs = 0;
	assert_int_equal(create_link("new0", DLMGMT_ACTIVE), 0);
	assert_int_equal(syncs, 0);
	configured_link("new1", DLMGMT_ACTIVE | DLMGMT_PERSIST, "stub0");
	assert_true(syncs >= 1);
	syncs = 0;
	assert_int_equal(do_rename(), 0);
	assert_true(syncs >= 1);
	syncs = 0;
	assert_int_equal(do_removeconf(), 0);
	assert_true(syncs >= 1);
	world_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_follow_syncs),
		cmocka_unit_test(a_zones_store_is_not_emptied),
		cmocka_unit_test(no_space),
		cmocka_unit_test(broken_disk),
		cmocka_unit_test(no_memory_for_sqlite),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(zoned_refuses),
	};

	return cmocka_run_group_tests(tests, shims_install, NULL);
}

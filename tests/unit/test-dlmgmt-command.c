/* SPDX-License-Identifier: MIT */
/*
 * The commands of dlmgmtd from the dispatcher down, without a door: sizes, rights,
 * what each zone sees, generations, limits. No zoned runs here; what needs one
 * is in test-dlmgmt-door.
 */
#include "dlmgmtd/command.h"
#include "dlmgmtd/conf-table.h"
#include "dlmgmtd/link-table.h"
#include "dlmgmtd/recover.h"
#include "dlmgmtd/store.h"
#include "linux/instance.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <cmocka.h>

#include "folder.h"

#define ZONE_A 3
#define ZONE_B 4

static const struct caller root_caller = {.zoneid = GLOBAL_ZONEID, .uid = 0, .privileged = true};
static const struct caller user = {.zoneid = GLOBAL_ZONEID, .uid = 1000};
static const struct caller other_user = {.zoneid = GLOBAL_ZONEID, .uid = 1001};
static const struct caller zone_a = {.zoneid = ZONE_A, .uid = 100000, .privileged = true};
static const struct caller zone_b = {.zoneid = ZONE_B, .uid = 200000, .privileged = true};

static char root[64];
static union command_reply reply;

static int setup(void **state)
{
	static const char *const dirs[] = {"/etc", "/etc/dladm", "/run", "/run/dladm"};
	char path[128];
	struct diag d;
	size_t i;

	if (folder_make(root, sizeof(root), "command") < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		if (mkdir(path, 0755) < 0)
			return -1;
	}
	return instance_init(root) < 0 || store_open(&d) < 0 ? -1 : links_recover();
}

static int teardown(void **state)
{
	store_close();
	link_table_clear();
	return folder_remove(root);
}

static int run(const struct caller *caller, const void *req, size_t req_size)
{
	const struct command *command = command_find(req, req_size);
	size_t size = sizeof(reply);

	if (!command)
		return -EINVAL;
	memset(&reply, 0xff, sizeof(reply));
	assert_true(command_run(command, caller, req, &reply, &size));
	return -(int)reply.err;
}

#define RUN(caller, ...)                                                                           \
	({                                                                                         \
		__typeof__(__VA_ARGS__) request = __VA_ARGS__;                                     \
		run(caller, &request, sizeof(request));                                            \
	})

/* ---- short forms ---- */

static datalink_id_t create(const struct caller *caller, const char *name, uint32_t flags)
{
	struct dlmgmt_createid_req req = {.ld_cmd = DLMGMT_CMD_CREATE_LINKID,
		.ld_class = DATALINK_CLASS_VNIC,
		.ld_media = DL_ETHER,
		.ld_flags = flags};

	(void)str_copy(req.ld_link, sizeof(req.ld_link), name);
	assert_int_equal(run(caller, &req, sizeof(req)), 0);
	return ((struct dlmgmt_linkid_reply *)&reply)->lr_linkid;
}

static int create_error(const struct caller *caller, const char *name, uint32_t flags)
{
	struct dlmgmt_createid_req req = {.ld_cmd = DLMGMT_CMD_CREATE_LINKID,
		.ld_class = DATALINK_CLASS_VNIC,
		.ld_media = DL_ETHER,
		.ld_flags = flags};

	(void)str_copy(req.ld_link, sizeof(req.ld_link), name);
	return run(caller, &req, sizeof(req));
}

static int by_id(const struct caller *caller, enum dlmgmt_cmd cmd, datalink_id_t id)
{
	return RUN(caller, (struct dlmgmt_linkid_req){.ld_cmd = cmd, .ld_linkid = id});
}

static int lookup(const struct caller *caller, const char *name, zoneid_t zoneid)
{
	struct dlmgmt_getlinkid_req req = {.ld_cmd = DLMGMT_CMD_GETLINKID, .ld_zoneid = zoneid};

	(void)str_copy(req.ld_link, sizeof(req.ld_link), name);
	return run(caller, &req, sizeof(req));
}

static int destroy(const struct caller *caller, datalink_id_t id, uint32_t flags)
{
	return RUN(caller,
		(struct dlmgmt_destroyid_req){
			.ld_cmd = DLMGMT_CMD_DESTROY_LINKID, .ld_linkid = id, .ld_flags = flags});
}

static uint32_t readconf(const struct caller *caller, datalink_id_t id)
{
	assert_int_equal(by_id(caller, DLMGMT_CMD_READCONF, id), 0);
	return ((struct dlmgmt_confid_reply *)&reply)->lr_confid;
}

static int conf(const struct caller *caller, enum dlmgmt_cmd cmd, uint32_t confid)
{
	return RUN(caller, (struct dlmgmt_confid_req){.ld_cmd = cmd, .ld_confid = confid});
}

static int setattr(
	const struct caller *caller, uint32_t confid, const char *name, const char *value)
{
	struct dlmgmt_setattr_req req = {.ld_cmd = DLMGMT_CMD_SETATTR,
		.ld_confid = confid,
		.ld_type = DLADM_TYPE_STR,
		.ld_attrsz = (uint32_t)strlen(value) + 1};

	(void)str_copy(req.ld_attr, sizeof(req.ld_attr), name);
	(void)str_copy(req.ld_attrval, sizeof(req.ld_attrval), value);
	return run(caller, &req, sizeof(req));
}

static int getattr(const struct caller *caller, enum dlmgmt_cmd cmd, uint32_t id, const char *name)
{
	struct dlmgmt_attr_req req = {.ld_cmd = cmd, .ld_confid = id}; /* DLS_GETATTR is alike */

	(void)str_copy(req.ld_attr, sizeof(req.ld_attr), name);
	return run(caller, &req, sizeof(req));
}

/* A NIC that zoned found. */
static int dls_create(const struct caller *caller, const char *device, uint32_t class, bool persist,
	uint64_t instance)
{
	struct dlmgmt_dls_create_req req = {.ld_cmd = DLMGMT_CMD_DLS_CREATE,
		.ld_class = class,
		.ld_media = DL_ETHER,
		.ld_persist = persist,
		.ld_phyinst = instance};

	(void)str_copy(req.ld_devname, sizeof(req.ld_devname), device);
	return run(caller, &req, sizeof(req));
}

static datalink_id_t last_id(void)
{
	return ((struct dlmgmt_linkid_reply *)&reply)->lr_linkid;
}

static const char *name_of(datalink_id_t id)
{
	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_GETNAME, id), 0);
	return ((struct dlmgmt_getname_reply *)&reply)->lr_link;
}

/* As SETZONEID leaves it. */
static void lend(datalink_id_t id, zoneid_t zoneid)
{
	assert_int_equal(link_move(link_by_id(id, GLOBAL_ZONEID), zoneid), 0);
}

/* ---- tests ---- */

/* Any number, any size: only the exact pairs are found, and nothing beyond the request is read. */
static void sizes(void **state)
{
	union command_request req;
	unsigned int found = 0;
	uint32_t cmd;
	size_t size;
	char *exact;

	assert_null(command_find(NULL, 0));
	for (cmd = 0; cmd < 300; cmd++) {
		for (size = 0; size <= sizeof(req) + 8; size++) {
			exact = malloc(size ? size : 1);
			assert_non_null(exact);
			memset(exact, 0, size);
			memcpy(exact, &cmd, size < 4 ? size : 4);
			if (command_find(exact, size)) {
				assert_true(size >= 4);
				assert_true(command_find(exact, size)->reply_size <= sizeof(reply));
				found++;
			}
			free(exact);
		}
	}
	assert_int_equal(found, 27);
}

static void rights(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	uint32_t confid;

	assert_int_equal(create_error(&user, "web1", DLMGMT_ACTIVE), -EACCES);
	assert_int_equal(dls_create(&user, "eth0", DATALINK_CLASS_PHYS, false, 0), -EACCES);
	assert_int_equal(destroy(&user, id, DLMGMT_ACTIVE), -EACCES);
	assert_int_equal(destroy(&user, 99, DLMGMT_ACTIVE), -ENOENT);
	assert_int_equal(by_id(&user, DLMGMT_CMD_UP_LINKID, id), -EACCES);
	assert_int_equal(by_id(&user, DLMGMT_CMD_REMOVECONF, id), -EACCES);
	assert_int_equal(by_id(&user, DLMGMT_CMD_LINKPROP_INIT, id), -EACCES);
	assert_int_equal(
		RUN(&user, (struct dlmgmt_dls_destroy_req){.ld_cmd = DLMGMT_CMD_DLS_DESTROY,
				   .ld_linkid = id}),
		-EACCES);
	assert_int_equal(RUN(&user, (struct dlmgmt_remapid_req){.ld_cmd = DLMGMT_CMD_REMAP_LINKID,
					    .ld_linkid = id,
					    .ld_link = "a0"}),
		-EACCES);
	assert_int_equal(RUN(&user, (struct dlmgmt_setzoneid_req){.ld_cmd = DLMGMT_CMD_SETZONEID,
					    .ld_linkid = id,
					    .ld_zoneid = 1}),
		-EACCES);
	assert_int_equal(RUN(&user, (struct dlmgmt_createconf_req){.ld_cmd = DLMGMT_CMD_CREATECONF,
					    .ld_link = "a0"}),
		-EACCES);
	assert_int_equal(
		RUN(&user, (struct dlmgmt_zone_req){.ld_cmd = DLMGMT_CMD_ZONEBOOT, .ld_zoneid = 1}),
		-EACCES);
	assert_int_equal(
		RUN(&user, (struct dlmgmt_zone_req){.ld_cmd = DLMGMT_CMD_ZONEHALT, .ld_zoneid = 1}),
		-EACCES);

	/* looking is free; a configuration that was opened can be looked at and closed, not changed */
	assert_int_equal(by_id(&user, DLMGMT_CMD_GETNAME, id), 0);
	confid = readconf(&user, id);
	assert_int_equal(setattr(&user, confid, "a", "b"), -EACCES);
	assert_int_equal(conf(&user, DLMGMT_CMD_WRITECONF, confid), -EACCES);
	assert_int_equal(conf(&other_user, DLMGMT_CMD_DESTROYCONF, confid), -EACCES);
	assert_int_equal(conf(&user, DLMGMT_CMD_DESTROYCONF, confid), 0);
	assert_int_equal(conf(&user, DLMGMT_CMD_DESTROYCONF, confid), -ENOENT);
}

static void zones_see_their_own(void **state)
{
	datalink_id_t home = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	datalink_id_t lent = create(&root_caller, "web1", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	struct dlmgmt_getnext_req next = {.ld_cmd = DLMGMT_CMD_GETNEXT,
		.ld_class = DATALINK_CLASS_ALL,
		.ld_flags = DLMGMT_ACTIVE};

	lend(lent, ZONE_A);
	assert_int_equal(lookup(&root_caller, "web1", ALL_ZONES), 0);
	assert_int_equal(lookup(&root_caller, "web1", ZONE_A), 0);
	assert_int_equal(lookup(&root_caller, "web1", ZONE_B), -ENOENT);
	assert_int_equal(lookup(&zone_a, "web1", ALL_ZONES), 0);
	assert_int_equal(lookup(&zone_a, "web1", ZONE_A), 0);
	assert_int_equal(lookup(&zone_a, "web0", GLOBAL_ZONEID), -ENOENT);
	assert_int_equal(lookup(&zone_a, "web0", ALL_ZONES), -ENOENT);
	assert_int_equal(lookup(&zone_b, "web1", ZONE_A), -ENOENT);
	assert_int_equal(by_id(&zone_a, DLMGMT_CMD_GETNAME, lent), 0);
	assert_int_equal(by_id(&zone_a, DLMGMT_CMD_GETNAME, home), -ENOENT);
	assert_int_equal(by_id(&zone_b, DLMGMT_CMD_GETNAME, lent), -ENOENT);

	assert_int_equal(run(&zone_b, &next, sizeof(next)), -ENOENT);
	assert_int_equal(run(&zone_a, &next, sizeof(next)), 0);
	assert_int_equal(((struct dlmgmt_link_reply *)&reply)->lr_linkid, lent);
	next.ld_linkid = lent;
	assert_int_equal(run(&zone_a, &next, sizeof(next)), -ENOENT);
	next.ld_linkid = home;
	assert_int_equal(run(&root_caller, &next, sizeof(next)), 0); /* on loan is seen at home */
	assert_int_equal(((struct dlmgmt_link_reply *)&reply)->lr_linkid, lent);
}

static void next_filters(void **state)
{
	struct dlmgmt_getnext_req req = {.ld_cmd = DLMGMT_CMD_GETNEXT,
		.ld_class = DATALINK_CLASS_VNIC,
		.ld_flags = DLMGMT_ACTIVE};
	datalink_id_t persistent = create(&root_caller, "a0", DLMGMT_PERSIST);

	(void)create(&root_caller, "a1", DLMGMT_ACTIVE);
	assert_int_equal(run(&user, &req, sizeof(req)), 0);
	assert_int_equal(((struct dlmgmt_link_reply *)&reply)->lr_linkid, persistent + 1);
	req.ld_class = DATALINK_CLASS_PHYS;
	assert_int_equal(run(&user, &req, sizeof(req)), -ENOENT);
	req.ld_class = DATALINK_CLASS_ALL;
	req.ld_dmedia = DL_OTHER;
	assert_int_equal(run(&user, &req, sizeof(req)), -ENOENT);
	req.ld_dmedia = DL_ETHER;
	req.ld_flags = DLMGMT_PERSIST;
	assert_int_equal(run(&user, &req, sizeof(req)), 0);
	assert_int_equal(((struct dlmgmt_link_reply *)&reply)->lr_linkid, persistent);
}

/* What a zone borrowed it may look at and use, no more. */
/* GETLINKS into a buffer of its own: the ids of one reply. Returns how many. */
static uint32_t list(const struct caller *caller, zoneid_t zoneid, uint32_t flags,
	datalink_id_t above, datalink_id_t ids[DLMGMT_LINKS_MAX])
{
	struct dlmgmt_getlinks_req req = {.ld_cmd = DLMGMT_CMD_GETLINKS,
		.ld_zoneid = zoneid,
		.ld_linkid = above,
		.ld_class = DATALINK_CLASS_VNIC,
		.ld_flags = flags};
	static struct {
		struct dlmgmt_getlinks_reply head;
		struct dlmgmt_link links[DLMGMT_LINKS_MAX];
	} all;
	const struct command *command = command_find(&req, sizeof(req));
	size_t size = sizeof(all) - 1;
	uint32_t i;

	assert_non_null(command);
	assert_false(command_run(command, caller, &req, &all, &size));
	assert_int_equal(size, sizeof(all));
	assert_true(command_run(command, caller, &req, &all, &size));
	assert_int_equal(all.head.lr_err, 0);
	assert_int_equal(size, sizeof(all.head) + all.head.lr_count * sizeof(all.links[0]));
	for (i = 0; i < all.head.lr_count; i++) {
		assert_true(all.links[i].linkid > (i ? all.links[i - 1].linkid : above));
		assert_string_equal(all.links[i].name, link_by_id(all.links[i].linkid, 0)->name);
		assert_true(all.links[i].flags & flags);
		ids[i] = all.links[i].linkid;
	}
	return all.head.lr_count;
}

static void many_links(void **state)
{
	static datalink_id_t ids[DLMGMT_LINKS_MAX];
	datalink_id_t home = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	datalink_id_t lent = create(&root_caller, "web1", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	struct link_spec spec = {.name = "own0",
		.class = DATALINK_CLASS_VNIC,
		.media = DL_ETHER,
		.flags = DLMGMT_ACTIVE,
		.zoneid = ZONE_A};
	char name[MAXLINKNAMELEN];
	struct link *link;
	datalink_id_t own;

	assert_int_equal(link_create(&spec, &link), 0);
	own = link->id;

	/* who sees what: as by name, and nobody but the global zone names a zone */
	lend(lent, ZONE_A);
	assert_int_equal(list(&user, ALL_ZONES, DLMGMT_ACTIVE, 0, ids), 2);
	assert_int_equal(ids[0], home);
	assert_int_equal(ids[1], lent);
	assert_int_equal(list(&user, ZONE_A, DLMGMT_ACTIVE, 0, ids), 2);
	assert_int_equal(ids[0], lent);
	assert_int_equal(ids[1], own);
	assert_int_equal(list(&user, ZONE_A, DLMGMT_PERSIST, 0, ids), 1);
	assert_int_equal(list(&user, ZONE_B, DLMGMT_ACTIVE, 0, ids), 0);
	assert_int_equal(list(&zone_a, ALL_ZONES, DLMGMT_ACTIVE, 0, ids), 2);
	assert_int_equal(ids[0], lent);
	assert_int_equal(list(&zone_a, ZONE_A, DLMGMT_ACTIVE, lent, ids), 1);
	assert_int_equal(ids[0], own);
	assert_int_equal(list(&zone_b, ALL_ZONES, DLMGMT_ACTIVE, 0, ids), 0);
	assert_int_equal(list(&zone_b, ZONE_A, DLMGMT_ACTIVE, 0, ids), 0);
	assert_int_equal(list(&zone_b, GLOBAL_ZONEID, DLMGMT_ACTIVE, 0, ids), 0);

	/* more than a reply holds */
	spec.name = name;
	spec.zoneid = GLOBAL_ZONEID;
	for (uint32_t i = 0; i < DLMGMT_LINKS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "many%u", i);
		assert_int_equal(link_create(&spec, &link), 0);
	}
	assert_int_equal(list(&user, ALL_ZONES, DLMGMT_ACTIVE, 0, ids), DLMGMT_LINKS_MAX);
	assert_int_equal(list(&user, ALL_ZONES, DLMGMT_ACTIVE, ids[DLMGMT_LINKS_MAX - 1], ids), 2);
	assert_int_equal(list(&user, ALL_ZONES, DLMGMT_ACTIVE, ids[1], ids), 0);
}

static void borrowed_is_not_owned(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);

	lend(id, ZONE_A);
	assert_int_equal(destroy(&zone_a, id, DLMGMT_ACTIVE), -EACCES);
	assert_int_equal(by_id(&zone_a, DLMGMT_CMD_REMOVECONF, id), -EACCES);
	assert_int_equal(by_id(&zone_a, DLMGMT_CMD_READCONF, id), -EACCES);
	assert_int_equal(
		RUN(&zone_a, (struct dlmgmt_dls_destroy_req){.ld_cmd = DLMGMT_CMD_DLS_DESTROY,
				     .ld_linkid = id}),
		-EACCES);
	assert_int_equal(RUN(&zone_a, (struct dlmgmt_remapid_req){.ld_cmd = DLMGMT_CMD_REMAP_LINKID,
					      .ld_linkid = id,
					      .ld_link = "a0"}),
		-EACCES);
	assert_int_equal(RUN(&zone_a, (struct dlmgmt_setzoneid_req){.ld_cmd = DLMGMT_CMD_SETZONEID,
					      .ld_linkid = id,
					      .ld_zoneid = ZONE_B}),
		-EACCES);
	assert_int_equal(RUN(&zone_a, (struct dlmgmt_zone_req){.ld_cmd = DLMGMT_CMD_ZONEHALT,
					      .ld_zoneid = ZONE_B}),
		-EACCES);
	assert_int_equal(
		RUN(&zone_b, (struct dlmgmt_dls_destroy_req){.ld_cmd = DLMGMT_CMD_DLS_DESTROY,
				     .ld_linkid = id}),
		-ENOENT);
	/* without a zoned no zone's list can be changed, so nothing is made */
	assert_true(create_error(&zone_a, "x0", DLMGMT_ACTIVE) < 0);
	assert_int_equal(lookup(&zone_a, "x0", ALL_ZONES), -ENOENT);
}

static void bad_names(void **state)
{
	struct dlmgmt_createid_req create_req = {.ld_cmd = DLMGMT_CMD_CREATE_LINKID,
		.ld_class = DATALINK_CLASS_VNIC,
		.ld_flags = DLMGMT_ACTIVE};
	struct dlmgmt_getlinkid_req get = {.ld_cmd = DLMGMT_CMD_GETLINKID};
	struct dlmgmt_dls_create_req dls = {
		.ld_cmd = DLMGMT_CMD_DLS_CREATE, .ld_class = DATALINK_CLASS_PHYS};
	struct dlmgmt_remapid_req remap = {.ld_cmd = DLMGMT_CMD_REMAP_LINKID, .ld_linkid = 1};
	struct dlmgmt_attr_req attr = {.ld_cmd = DLMGMT_CMD_DLS_GETATTR, .ld_confid = 1};

	(void)create(&root_caller, "a0", DLMGMT_ACTIVE);
	memset(create_req.ld_link, '1', sizeof(create_req.ld_link));
	create_req.ld_link[0] = 'a'; /* 32 bytes, no NUL */
	assert_int_equal(run(&root_caller, &create_req, sizeof(create_req)), -EINVAL);
	create_req.ld_prefix = 1;
	assert_int_equal(run(&root_caller, &create_req, sizeof(create_req)), -EINVAL);
	memset(get.ld_link, 'a', sizeof(get.ld_link));
	assert_int_equal(run(&root_caller, &get, sizeof(get)), -EINVAL);
	memset(dls.ld_devname, 'a', sizeof(dls.ld_devname));
	assert_int_equal(run(&root_caller, &dls, sizeof(dls)), -EINVAL);
	memset(remap.ld_link, '1', sizeof(remap.ld_link));
	assert_int_equal(run(&root_caller, &remap, sizeof(remap)), -EINVAL);
	memset(attr.ld_attr, 'a', sizeof(attr.ld_attr));
	assert_int_equal(run(&root_caller, &attr, sizeof(attr)), -EINVAL);

	assert_int_equal(create_error(&root_caller, "", DLMGMT_ACTIVE), -EINVAL);
	assert_int_equal(create_error(&root_caller, "web", DLMGMT_ACTIVE), -EINVAL);
	assert_int_equal(create_error(&root_caller, "../x0", DLMGMT_ACTIVE), -EINVAL);
	assert_int_equal(dls_create(&root_caller, "", DATALINK_CLASS_PHYS, false, 0), -EINVAL);
	assert_int_equal(dls_create(&root_caller, "a/b", DATALINK_CLASS_PHYS, false, 0), -EINVAL);
	assert_int_equal(dls_create(&root_caller, "noid", DATALINK_CLASS_VNIC, false, 0), -EINVAL);
}

static void generations(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	uint32_t first = readconf(&root_caller, id), second = readconf(&root_caller, id);

	assert_int_equal(setattr(&root_caller, first, "linkover", "stub0"), 0);
	assert_int_equal(setattr(&root_caller, second, "linkover", "stub1"), 0);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, first), 0);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, second), -EAGAIN);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, first), -EAGAIN);
	assert_int_equal(getattr(&user, DLMGMT_CMD_DLS_GETATTR, id, "linkover"), 0);
	assert_string_equal(reply.getattr.lr_attrval, "stub0");

	second = readconf(&root_caller, id);
	assert_int_equal(getattr(&root_caller, DLMGMT_CMD_UNSETATTR, second, "linkover"), 0);
	assert_int_equal(getattr(&root_caller, DLMGMT_CMD_GETATTR, second, "linkover"), -ENOENT);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, second), 0);
	assert_int_equal(getattr(&user, DLMGMT_CMD_DLS_GETATTR, id, "linkover"), -ENOENT);
}

static void confs_belong_to_zones(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	uint32_t confid = readconf(&root_caller, id);

	assert_int_equal(setattr(&zone_a, confid, "a", "b"), -ENOENT);
	assert_int_equal(getattr(&zone_a, DLMGMT_CMD_GETATTR, confid, "a"), -ENOENT);
	assert_int_equal(conf(&zone_a, DLMGMT_CMD_WRITECONF, confid), -ENOENT);
	assert_int_equal(conf(&zone_a, DLMGMT_CMD_DESTROYCONF, confid), -ENOENT);
}

/* One who opens without end loses his own oldest, nobody else's. */
static void conf_limit(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	uint32_t mine = readconf(&root_caller, id), first = readconf(&user, id);
	int i;

	for (i = 0; i < CONFS_PER_OWNER_MAX; i++)
		(void)readconf(&user, id);
	assert_int_equal(getattr(&user, DLMGMT_CMD_GETATTR, first, "x"), -ENOENT);
	assert_int_equal(conf(&user, DLMGMT_CMD_DESTROYCONF, first), -ENOENT);
	assert_int_equal(conf(&user, DLMGMT_CMD_DESTROYCONF, first + 1), 0);
	assert_int_equal(setattr(&root_caller, mine, "linkover", "stub0"), 0);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, mine), 0);
}

/* One after the other, of a configuration of the caller's zone only. */
static void attributes_one_by_one(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	struct dlmgmt_linkprop_getnext_req req = {.ld_cmd = DLMGMT_CMD_LINKPROP_GETNEXT};

	req.ld_confid = readconf(&root_caller, id);
	assert_int_equal(run(&user, &req, sizeof(req)), -ENOENT);
	assert_int_equal(setattr(&root_caller, req.ld_confid, "linkover", "stub0"), 0);
	assert_int_equal(setattr(&root_caller, req.ld_confid, "mtu", "9000"), 0);
	assert_int_equal(run(&user, &req, sizeof(req)), 0);
	assert_string_equal(reply.getnext.lr_attr, "linkover");
	assert_string_equal(reply.getnext.lr_attrval, "stub0");
	(void)strcpy(req.ld_last_attr, "linkover");
	assert_int_equal(run(&user, &req, sizeof(req)), 0);
	assert_string_equal(reply.getnext.lr_attr, "mtu");
	assert_int_equal(reply.getnext.lr_attrsz, 5);
	assert_int_equal(run(&zone_a, &req, sizeof(req)), -ENOENT);
	(void)strcpy(req.ld_last_attr, "mtu");
	assert_int_equal(run(&user, &req, sizeof(req)), -ENOENT);
	(void)strcpy(req.ld_last_attr, "unknown");
	assert_int_equal(run(&user, &req, sizeof(req)), -ENOENT);
	memset(req.ld_last_attr, 'a', sizeof(req.ld_last_attr));
	assert_int_equal(run(&user, &req, sizeof(req)), -EINVAL);
	req.ld_confid++;
	assert_int_equal(run(&root_caller, &req, sizeof(req)), -ENOENT);
}

/* Too little room: how much it takes is told, and nothing else. */
static void snapshots(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	datalink_id_t temp = create(&root_caller, "tmp0", DLMGMT_ACTIVE);
	struct dlmgmt_linkid_req req = {.ld_cmd = DLMGMT_CMD_GETCONFSNAPSHOT, .ld_linkid = id};
	const struct command *command = command_find(&req, sizeof(req));
	uint32_t confid = readconf(&root_caller, id);
	_cleanup_free_ char *buf = malloc(DLMGMT_SNAPSHOT_MAX);
	struct dlmgmt_snapshot_attr *attr;
	char name[MAXLINKATTRLEN], value[MAXLINKATTRVALLEN];
	size_t size = sizeof(reply), needed;
	int i;

	assert_non_null(buf);
	assert_int_equal(by_id(&user, DLMGMT_CMD_GETCONFSNAPSHOT, temp), -ENOENT);
	assert_int_equal(by_id(&user, DLMGMT_CMD_GETCONFSNAPSHOT, id), 0);
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (i = 0; i < LINK_ATTRS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "attr%d", i);
		assert_int_equal(setattr(&root_caller, confid, name, value), 0);
	}
	assert_int_equal(setattr(&root_caller, confid, "more", value), -ENOSPC);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, confid), 0);

	assert_false(command_run(command, &user, &req, &reply, &size));
	assert_int_equal(size, DLMGMT_SNAPSHOT_MAX);
	needed = size;
	assert_true(command_run(command, &user, &req, buf, &size));
	assert_int_equal(size, needed);
	assert_int_equal(((struct dlmgmt_snapshot_reply *)buf)->lr_count, LINK_ATTRS_MAX);
	attr = (void *)(buf + size - sizeof(*attr) - sizeof(value));
	assert_string_equal(attr->name, "attr59");
	assert_int_equal(attr->size, sizeof(value));
	assert_string_equal((char *)(attr + 1), value);

	lend(id, ZONE_A);
	assert_int_equal(by_id(&zone_a, DLMGMT_CMD_GETCONFSNAPSHOT, id), -EACCES);
	assert_int_equal(by_id(&zone_b, DLMGMT_CMD_GETCONFSNAPSHOT, id), -ENOENT);
}

static void writeconf_needs_the_link(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE);
	struct dlmgmt_createconf_req req = {.ld_cmd = DLMGMT_CMD_CREATECONF,
		.ld_linkid = id,
		.ld_class = DATALINK_CLASS_VNIC,
		.ld_media = DL_ETHER,
		.ld_link = "web0"};
	uint32_t confid;

	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_READCONF, id), -ENOENT);
	assert_int_equal(run(&root_caller, &req, sizeof(req)), 0);
	confid = ((struct dlmgmt_confid_reply *)&reply)->lr_confid;
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, confid), -EINVAL);
	assert_int_equal(destroy(&root_caller, id, DLMGMT_ACTIVE), 0);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, confid), -ENOENT);

	id = create(&root_caller, "web0", DLMGMT_PERSIST);
	req.ld_linkid = id;
	req.ld_class = DATALINK_CLASS_ETHERSTUB;
	assert_int_equal(run(&root_caller, &req, sizeof(req)), 0);
	confid = ((struct dlmgmt_confid_reply *)&reply)->lr_confid;
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, confid), -ENOENT);
}

static void destroying(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);

	assert_int_equal(destroy(&root_caller, id, 0), -ENOENT);
	assert_int_equal(destroy(&root_caller, id, DLMGMT_ACTIVE), 0);
	assert_int_equal(destroy(&root_caller, id, DLMGMT_ACTIVE), -ENOENT);
	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_GETNAME, id), 0);
	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_UP_LINKID, id), 0);
	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_UP_LINKID, id), -EINVAL);
	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_REMOVECONF, id), 0);
	assert_int_equal(destroy(&root_caller, id, DLMGMT_ACTIVE | DLMGMT_PERSIST), 0);
	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_GETNAME, id), -ENOENT);
}

static void devices(void **state)
{
	datalink_id_t eth;

	assert_int_equal(dls_create(&root_caller, "eth0", DATALINK_CLASS_PHYS, true, 7), 0);
	eth = last_id();
	assert_string_equal(name_of(eth), "eth0");
	assert_int_equal(dls_create(&root_caller, "eth0", DATALINK_CLASS_PHYS, true, 7), 0);
	assert_int_equal(last_id(), eth);

	/* gone and back in another slot: the same link */
	assert_int_equal(
		RUN(&root_caller, (struct dlmgmt_dls_destroy_req){.ld_cmd = DLMGMT_CMD_DLS_DESTROY,
					  .ld_linkid = eth}),
		0);
	assert_int_equal(dls_create(&root_caller, "eth0", DATALINK_CLASS_PHYS, true, 9), 0);
	assert_int_equal(last_id(), eth);
	assert_int_equal(getattr(&user, DLMGMT_CMD_DLS_GETATTR, eth, "phyinst"), 0);
	assert_int_equal(reply.getattr.lr_attrval[0], 9);

	/* a device whose name is taken, or is no link name */
	(void)create(&root_caller, "eth1", DLMGMT_ACTIVE);
	assert_int_equal(dls_create(&root_caller, "eth1", DATALINK_CLASS_PHYS, false, 1), 0);
	assert_string_equal(name_of(last_id()), "net0");
	assert_int_equal(dls_create(&root_caller, "br-lan", DATALINK_CLASS_PHYS, false, 1), 0);
	assert_string_equal(name_of(last_id()), "net1");
	assert_int_equal(dls_create(&root_caller, "br-lan", DATALINK_CLASS_PHYS, false, 1), 0);
	assert_string_equal(name_of(last_id()), "net1");
	assert_int_equal(dls_create(&root_caller, "eth1", DATALINK_CLASS_VNIC, false, 0), -EEXIST);
}

static void media_updates(void **state)
{
	struct dlmgmt_dls_update_req req = {
		.ld_cmd = DLMGMT_CMD_DLS_UPDATE, .ld_media = DL_OTHER, .ld_devname = "eth0"};
	struct dlmgmt_update_reply *r = (void *)&reply;

	assert_int_equal(run(&root_caller, &req, sizeof(req)), -ENOENT);
	assert_int_equal(dls_create(&root_caller, "eth0", DATALINK_CLASS_PHYS, false, 1), 0);
	assert_int_equal(run(&root_caller, &req, sizeof(req)), -EEXIST);
	assert_int_equal(r->lr_media, DL_ETHER);
	req.ld_media = DL_ETHER;
	assert_int_equal(run(&user, &req, sizeof(req)), -EACCES);
	assert_int_equal(run(&root_caller, &req, sizeof(req)), 0);
	assert_int_equal(
		RUN(&root_caller, (struct dlmgmt_remapid_req){.ld_cmd = DLMGMT_CMD_REMAP_LINKID,
					  .ld_linkid = r->lr_linkid,
					  .ld_link = "net5"}),
		0);
	req.ld_novanity = 1;
	assert_int_equal(run(&root_caller, &req, sizeof(req)), -EEXIST);
}

static void renaming(void **state)
{
	datalink_id_t stub = create(&root_caller, "stub0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	datalink_id_t vnic = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	struct dlmgmt_remapid_req req = {
		.ld_cmd = DLMGMT_CMD_REMAP_LINKID, .ld_linkid = stub, .ld_link = "web0"};
	uint32_t confid = readconf(&root_caller, vnic);

	assert_int_equal(setattr(&root_caller, confid, "linkover", "stub0"), 0);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, confid), 0);
	assert_int_equal(run(&root_caller, &req, sizeof(req)), -EEXIST);
	(void)strcpy(req.ld_link, "core0");
	assert_int_equal(run(&root_caller, &req, sizeof(req)), 0);
	assert_string_equal(name_of(stub), "core0");
	assert_int_equal(lookup(&root_caller, "stub0", ALL_ZONES), -ENOENT);
	assert_int_equal(getattr(&user, DLMGMT_CMD_DLS_GETATTR, vnic, "linkover"), 0);
	assert_string_equal(reply.getattr.lr_attrval, "core0");
}

static void prefixes(void **state)
{
	struct dlmgmt_createid_req req = {.ld_cmd = DLMGMT_CMD_CREATE_LINKID,
		.ld_class = DATALINK_CLASS_VNIC,
		.ld_prefix = 1,
		.ld_flags = DLMGMT_ACTIVE,
		.ld_link = "vnic"};

	(void)create(&root_caller, "vnic0", DLMGMT_ACTIVE);
	assert_int_equal(run(&root_caller, &req, sizeof(req)), 0);
	assert_string_equal(name_of(last_id()), "vnic1");
}

static void properties_to_load(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	struct dlmgmt_linkprop_init_reply *r = (void *)&reply;
	uint32_t confid = readconf(&root_caller, id);

	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_LINKPROP_INIT, 99), -ENOENT);
	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_LINKPROP_INIT, id), 0);
	assert_int_equal(r->lr_flags, 0);
	assert_int_equal(setattr(&root_caller, confid, "mtu", "9000"), 0);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, confid), 0);
	assert_int_equal(by_id(&root_caller, DLMGMT_CMD_LINKPROP_INIT, id), 0);
	assert_int_equal(r->lr_flags, 1);
}

/* Everything that was answered is there after a restart. */
static void restart(void **state)
{
	datalink_id_t id = create(&root_caller, "web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	datalink_id_t temp = create(&root_caller, "tmp0", DLMGMT_ACTIVE);
	uint32_t confid = readconf(&root_caller, id);
	struct diag d;

	assert_int_equal(setattr(&root_caller, confid, "linkover", "stub0"), 0);
	assert_int_equal(conf(&root_caller, DLMGMT_CMD_WRITECONF, confid), 0);
	assert_int_equal(dls_create(&root_caller, "br-lan", DATALINK_CLASS_PHYS, false, 7), 0);

	store_close();
	link_table_clear();
	assert_int_equal(store_open(&d), 0);
	assert_int_equal(links_recover(), 0);
	assert_string_equal(name_of(id), "web0");
	assert_string_equal(name_of(temp), "tmp0");
	assert_int_equal(dls_create(&root_caller, "br-lan", DATALINK_CLASS_PHYS, false, 7), 0);
	assert_string_equal(name_of(last_id()), "net0");
	assert_int_equal(getattr(&user, DLMGMT_CMD_DLS_GETATTR, id, "linkover"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sizes),
		TEST(rights),
		TEST(zones_see_their_own),
		TEST(next_filters),
		TEST(many_links),
		TEST(borrowed_is_not_owned),
		TEST(bad_names),
		TEST(generations),
		TEST(confs_belong_to_zones),
		TEST(conf_limit),
		TEST(attributes_one_by_one),
		TEST(snapshots),
		TEST(writeconf_needs_the_link),
		TEST(destroying),
		TEST(devices),
		TEST(media_updates),
		TEST(renaming),
		TEST(prefixes),
		TEST(properties_to_load),
		TEST(restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: requests to dlmgmtd, from the dispatcher down to its databases. Callers are root and a
 * user of the global zone, and root of two zones, one of which has borrowed a link. An input is a
 * row of requests: who, which command, and its bytes behind the number.
 *
 * After each request table and stores agree, and no zone was told of a link that is not its; after
 * each input dlmgmtd starts again and has the same links.
 */
#include "fuzz.h"

#include "dlmgmtd/command.h"
#include "dlmgmtd/conf-table.h"
#include "dlmgmtd/link-table.h"
#include "dlmgmtd/recover.h"
#include "dlmgmtd/store.h"
#include "linux/instance.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ZONE_A	     3
#define ZONE_B	     4
#define REQUESTS_MAX 48
#define OTHER_SIZE   4u /* in the byte that says who: one byte less than the command's size */

static const struct caller callers[] = {
	{.zoneid = GLOBAL_ZONEID, .uid = 0, .privileged = true},
	{.zoneid = GLOBAL_ZONEID, .uid = 1000},
	{.zoneid = ZONE_A, .uid = 100000, .privileged = true},
	{.zoneid = ZONE_B, .uid = 200000, .privileged = true},
};

static struct {
	uint32_t cmd;
	size_t size;
} kinds[64];
static size_t n_kinds;

static void find_kinds(void)
{
	static uint8_t bytes[sizeof(union command_request)];

	for (uint32_t cmd = 0; cmd < 256; cmd++) {
		memcpy(bytes, &cmd, sizeof(cmd));
		for (size_t size = sizeof(cmd); size <= sizeof(bytes); size++) {
			if (!command_find(bytes, size))
				continue;
			kinds[n_kinds].cmd = cmd;
			kinds[n_kinds++].size = size;
		}
	}
}

static void begin(void)
{
	struct diag d;

	fuzz_assert(store_open(&d) == 0, d.text);
	fuzz_assert(links_recover() == 0, "links_recover");
}

static void end(void)
{
	store_close();
	link_table_clear();
}

/* Two links of the global zone, of which zone A has one. */
static void furnish(void)
{
	struct link_spec spec = {.name = "own0",
		.class = DATALINK_CLASS_VNIC,
		.media = DL_ETHER,
		.flags = DLMGMT_ACTIVE,
		.zoneid = GLOBAL_ZONEID};
	struct link *link;

	fuzz_assert(link_create(&spec, &link) == 0 && store_put(STORE_ACTIVE, link) == 0, "own0");
	spec.name = "lent0";
	fuzz_assert(link_create(&spec, &link) == 0 && link_move(link, ZONE_A) == 0 &&
			    store_put(STORE_ACTIVE, link) == 0,
		"lent0");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const dirs[] = {"/etc", "/etc/dladm", "/run", "/run/dladm"};
	const char *folder = fuzz_folder();
	char path[300];

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", folder, dirs[i]);
		fuzz_assert(mkdir(path, 0755) == 0, path);
	}
	fuzz_assert(instance_init(folder) == 0, "instance_init");
	find_kinds();
	return 0;
}

static void check_stores(void)
{
	static char text[DLMGMT_CHECK_MAX];
	struct store_report report = {.text = text, .size = sizeof(text)};

	text[0] = '\0';
	fuzz_assert(store_check(&report) == 0 && !text[0], text);
}

/* The id that a reply names, 0 when it names none. */
static datalink_id_t told(const struct command *command, const void *reply)
{
	switch (command->cmd) {
	case DLMGMT_CMD_GETLINKID:
	case DLMGMT_CMD_GETNEXT:
	case DLMGMT_CMD_DLS_UPDATE:
	case DLMGMT_CMD_DLS_CREATE:
	case DLMGMT_CMD_CREATE_LINKID:
		return ((const struct dlmgmt_linkid_reply *)reply)->lr_linkid;
	default:
		return DATALINK_INVALID_LINKID;
	}
}

static void run(const struct caller *caller, const void *request, size_t size)
{
	const struct command *command = command_find(request, size);
	static _Alignas(8) char reply[DLMGMT_SNAPSHOT_MAX + DLMGMT_CHECK_MAX + 64];
	size_t room = sizeof(union command_reply);
	const struct link *link;
	datalink_id_t id;
	uint32_t err;

	if (!command)
		return;
	while (!command_run(command, caller, request, reply, &room))
		fuzz_assert(room <= sizeof(reply), "a reply larger than any");
	memcpy(&err, reply, sizeof(err));
	fuzz_assert(err < 4096 && room <= sizeof(reply) && room >= sizeof(err), "a reply");
	id = told(command, reply);
	if (caller->zoneid != GLOBAL_ZONEID && id != DATALINK_INVALID_LINKID) {
		link = link_by_id(id, GLOBAL_ZONEID);
		fuzz_assert(link && link_visible(link, caller->zoneid), "a foreign link is told");
	}
}

static unsigned int count_links(void)
{
	unsigned int n = 0;

	for (const struct link *link = link_next(0); link; link = link_next(link->id))
		n += link->configured || (link->flags & DLMGMT_ACTIVE);
	return n;
}

/* Configurations that were opened, and links. */
static void sweep(void)
{
	struct link *link;
	struct conf *conf;

	for (uint32_t id = 0; id <= 2 * REQUESTS_MAX; id++)
		for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
			while ((conf = conf_find(id, &callers[i])))
				conf_destroy(conf);
	while ((link = link_next(0))) {
		struct dlmgmt_destroyid_req req = {.ld_cmd = DLMGMT_CMD_DESTROY_LINKID,
			.ld_linkid = link->id,
			.ld_flags = DLMGMT_ACTIVE | DLMGMT_PERSIST};

		link->flags |= DLMGMT_ACTIVE;
		run(&callers[0], &req, sizeof(req));
	}
	check_stores();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {.at = data, .left = size};
	union command_request request;
	unsigned int links;

	begin();
	furnish();
	for (int n = 0; n < REQUESTS_MAX && in.left > 0; n++) {
		uint8_t who = fuzz_byte(&in);
		size_t kind = fuzz_byte(&in) % n_kinds;
		size_t left = kinds[kind].size - sizeof(uint32_t);

		memset(&request, 0, sizeof(request));
		request.cmd = kinds[kind].cmd;
		left = left < in.left ? left : in.left;
		memcpy((uint8_t *)&request + sizeof(uint32_t), in.at, left);
		in.at += left;
		in.left -= left;
		run(&callers[who % ARRAY_SIZE(callers)], &request,
			kinds[kind].size - (who & OTHER_SIZE ? 1 : 0));
		check_stores();
	}
	links = count_links();
	end();
	begin();
	fuzz_assert(count_links() == links, "a restart has other links");
	check_stores();
	sweep();
	end();
	return 0;
}

/* ---- seeds ---- */

static uint8_t seed[8192];
static size_t seed_size;

static void say(uint8_t who, const void *request, size_t size)
{
	size_t kind = 0;

	while (kinds[kind].cmd != *(const uint32_t *)request)
		kind++;
	seed[seed_size++] = who;
	seed[seed_size++] = (uint8_t)kind;
	memcpy(seed + seed_size, (const char *)request + sizeof(uint32_t), size - sizeof(uint32_t));
	seed_size += size - sizeof(uint32_t);
}

#define SAY(who, ...)                                                                              \
	do {                                                                                       \
		__typeof__(__VA_ARGS__) req = __VA_ARGS__;                                         \
		say(who, &req, sizeof(req));                                                       \
	} while (0)

static void save(const char *name)
{
	fuzz_seed(name, seed, seed_size);
	seed_size = 0;
}

static void say_configure(uint8_t who, datalink_id_t id, uint32_t confid)
{
	SAY(who, (struct dlmgmt_createid_req){.ld_cmd = DLMGMT_CMD_CREATE_LINKID,
			 .ld_class = DATALINK_CLASS_VNIC,
			 .ld_media = DL_ETHER,
			 .ld_flags = DLMGMT_PERSIST,
			 .ld_link = "vnic0"});
	SAY(who, (struct dlmgmt_createconf_req){.ld_cmd = DLMGMT_CMD_CREATECONF,
			 .ld_linkid = id,
			 .ld_class = DATALINK_CLASS_VNIC,
			 .ld_media = DL_ETHER,
			 .ld_link = "vnic0"});
	SAY(who, (struct dlmgmt_setattr_req){.ld_cmd = DLMGMT_CMD_SETATTR,
			 .ld_confid = confid,
			 .ld_type = DLADM_TYPE_STR,
			 .ld_attrsz = 5,
			 .ld_attr = "linkover",
			 .ld_attrval = "own0"});
	SAY(who, (struct dlmgmt_confid_req){.ld_cmd = DLMGMT_CMD_WRITECONF, .ld_confid = confid});
	SAY(who, (struct dlmgmt_confid_req){.ld_cmd = DLMGMT_CMD_DESTROYCONF, .ld_confid = confid});
}

static void say_each_with_id(uint8_t who, datalink_id_t id)
{
	static const uint32_t cmds[] = {DLMGMT_CMD_GETNAME, DLMGMT_CMD_LINKPROP_INIT,
		DLMGMT_CMD_UP_LINKID, DLMGMT_CMD_READCONF, DLMGMT_CMD_GETCONFSNAPSHOT,
		DLMGMT_CMD_REMOVECONF};

	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++)
		SAY(who, (struct dlmgmt_linkid_req){.ld_cmd = cmds[i], .ld_linkid = id});
}

void fuzz_seeds(void)
{
	for (uint8_t who = 0; who < (uint8_t)ARRAY_SIZE(callers); who++) {
		char name[32];

		say_configure(who, 3, 1);
		SAY(who, (struct dlmgmt_remapid_req){.ld_cmd = DLMGMT_CMD_REMAP_LINKID,
				 .ld_linkid = who == 0 ? 1 : 2,
				 .ld_link = "other7"});
		say_each_with_id(who, 3);
		SAY(who, (struct dlmgmt_getnext_req){.ld_cmd = DLMGMT_CMD_GETNEXT,
				 .ld_class = DATALINK_CLASS_ALL,
				 .ld_flags = DLMGMT_ACTIVE | DLMGMT_PERSIST});
		(void)snprintf(name, sizeof(name), "configure-%d", who);
		save(name);
		SAY(who, (struct dlmgmt_dls_create_req){.ld_cmd = DLMGMT_CMD_DLS_CREATE,
				 .ld_class = DATALINK_CLASS_PHYS,
				 .ld_media = DL_ETHER,
				 .ld_persist = 1,
				 .ld_phyinst = 7,
				 .ld_devname = "eth7"});
		SAY(who, (struct dlmgmt_dls_update_req){.ld_cmd = DLMGMT_CMD_DLS_UPDATE,
				 .ld_media = DL_ETHER,
				 .ld_devname = "eth7"});
		SAY(who, (struct dlmgmt_setzoneid_req){.ld_cmd = DLMGMT_CMD_SETZONEID,
				 .ld_linkid = 2,
				 .ld_zoneid = GLOBAL_ZONEID});
		SAY(who, (struct dlmgmt_zone_req){
				 .ld_cmd = DLMGMT_CMD_ZONEHALT, .ld_zoneid = ZONE_A});
		SAY(who, (struct dlmgmt_check_req){.ld_cmd = DLMGMT_CMD_CHECK});
		(void)snprintf(name, sizeof(name), "dls-%d", who);
		save(name);
	}
}

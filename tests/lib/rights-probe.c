/* SPDX-License-Identifier: MIT */
/*
 * rights-probe: makes every request about links there is, to dlmgmtd and to zoned, as somebody who
 * may not change anything, and says what should not have been answered.
 *
 *	rights-probe WHO PREFIX LINKID ZONEID CONFID
 *	rights-probe open PREFIX LINKID		opens a configuration, prints its id
 *
 *	WHO	user		of the global zone: looks, changes nothing
 *		borrower	in the zone that has the link: looks at that link alone
 *		stranger	nobody who knows of the link
 *
 * The doors are those below PREFIX, or where there are none, those of the zone. Ids of links have
 * SECRET_ID in their upper bits, and names begin with SECRET_NAME, but for what the caller may know: so
 * that either is found in any answer. Exit status 0 when all is as it should be.
 */
#include "dladm/dlmgmt-door.h"
#include "linux/util.h"
#include "zone/dld-door.h"
#include "zone/flow-door.h"
#include "zone/stat-door.h"
#include "zone/zone-door.h"

#include <door.h>
#include <door_linux.h>
#include <limits.h>

#define SECRET_ID   0x51ec0000u
#define SECRET_NAME "secret"

enum what {
	LOOKS, /* at one link */
	WALKS, /* over all that are visible */
	LISTS, /* those; there may be none */
	CHANGES,
};

enum who { USER, BORROWER, STRANGER };

struct question {
	const char *text;
	bool zoned;
	enum what what;
	size_t size;
	union {
		uint32_t cmd;
		struct dlmgmt_dls_create_req dls_create;
		struct dlmgmt_dls_getattr_req dls_getattr;
		struct dlmgmt_dls_destroy_req dls_destroy;
		struct dlmgmt_linkid_req linkid;
		struct dlmgmt_getlinkid_req getlinkid;
		struct dlmgmt_getnext_req getnext;
		struct dlmgmt_getlinks_req getlinks;
		struct dlmgmt_dls_update_req dls_update;
		struct dlmgmt_setzoneid_req setzoneid;
		struct dlmgmt_createid_req createid;
		struct dlmgmt_destroyid_req destroyid;
		struct dlmgmt_remapid_req remapid;
		struct dlmgmt_createconf_req createconf;
		struct dlmgmt_confid_req confid;
		struct dlmgmt_setattr_req setattr;
		struct dlmgmt_attr_req attr;
		struct dlmgmt_linkprop_getnext_req linkprop;
		struct dlmgmt_check_req check;
		struct dlmgmt_zone_req zone;
		struct zone_datalink_req datalink;
		struct zone_list_datalink_req list_datalink;
		struct dld_link_req link;
		struct dld_links_req links;
		struct dld_vnic_req vnic;
		struct dld_setzone_req setzone;
		struct dld_rename_req rename;
		struct dld_setmtu_req setmtu;
		struct dld_getprop_req getprop;
		struct dld_setprop_req setprop;
		struct dld_create_req create;
		struct dld_modify_req modify;
		struct dld_ports_req ports;
		struct dld_fdb_req fdb;
		struct dld_target_req target;
		struct flow_add_req flow_add;
		struct flow_remove_req flow_remove;
		struct flow_setprop_req flow_setprop;
		struct flow_next_req flow_next;
	};
};

static enum who who;
static datalink_id_t id;
static zoneid_t zone;
static uint32_t confid;
static int doors[2]; /* dlmgmtd's, zoned's */
static unsigned int asked, wrong;

static int open_door(const char *prefix, const char *outside, const char *inside)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s%s", prefix, outside);
	fd = door_open(path);
	return fd < 0 ? door_open(inside) : fd;
}

static void complain(const struct question *q, const char *why, uint32_t err)
{
	printf("%s (%u at %s): %s, errno %u\n", q->text, q->cmd, q->zoned ? "zoned" : "dlmgmtd",
		why, err);
	wrong++;
}

/* Whether something in the answer is not the caller's to know. */
static bool tells(const char *answer, size_t size)
{
	uint32_t word;

	for (size_t i = 4; i + sizeof(word) <= size; i += 4) {
		memcpy(&word, answer + i, sizeof(word));
		if ((word & 0xffff0000u) == SECRET_ID && !(who == BORROWER && word == id))
			return true;
	}
	return memmem(answer, size, SECRET_NAME, strlen(SECRET_NAME)) != NULL;
}

static bool may(enum what what)
{
	return what != CHANGES && who != STRANGER;
}

static void ask(const struct question *q)
{
	static _Alignas(8) char buf[DOOR_DATA_LIMIT];
	door_arg_t arg = {.data_ptr = (char *)&q->cmd,
		.data_size = q->size,
		.rbuf = buf,
		.rsize = sizeof(buf)};
	int32_t err = 0;

	asked++;
	if (door_call(doors[q->zoned], &arg) < 0) {
		complain(q, "no answer", (uint32_t)errno);
		return;
	}
	if (arg.data_size >= sizeof(err))
		memcpy(&err, arg.data_ptr, sizeof(err));
	err = err < 0 ? -err : err;
	if (err == EINVAL && q->what == CHANGES)
		complain(q, "looked at before the rights", EINVAL);
	if (err == 0 && q->what != LISTS && !may(q->what))
		complain(q, "was done", 0);
	if (who != USER && tells(arg.data_ptr, arg.data_size))
		complain(q, "tells what the caller cannot know", (uint32_t)err);
}

#define ASK(z, w, member, command, ...)                                                            \
	do {                                                                                       \
		struct question q = {.text = #command,                                             \
			.zoned = (z),                                                              \
			.what = (w),                                                               \
			.size = sizeof(q.member),                                                  \
			.member = {__VA_ARGS__}};                                                  \
		q.cmd = (command);                                                                 \
		ask(&q);                                                                           \
	} while (0)
#define DLMGMT(...) ASK(false, __VA_ARGS__)
#define ZONED(...)  ASK(true, __VA_ARGS__)

static void ask_upcalls(void)
{
	DLMGMT(CHANGES, dls_create, DLMGMT_CMD_DLS_CREATE, .ld_class = DATALINK_CLASS_PHYS,
		.ld_media = DL_ETHER, .ld_devname = "eth77");
	DLMGMT(LOOKS, dls_getattr, DLMGMT_CMD_DLS_GETATTR, .ld_linkid = id, .ld_attr = "linkover");
	DLMGMT(CHANGES, dls_destroy, DLMGMT_CMD_DLS_DESTROY, .ld_linkid = id, .ld_persist = 1);
	DLMGMT(LOOKS, linkid, DLMGMT_CMD_GETNAME, .ld_linkid = id);
	for (int n = -1; n <= 1; n++)
		DLMGMT(LOOKS, getlinkid, DLMGMT_CMD_GETLINKID, .ld_zoneid = n < 0 ? -1 : n * zone,
			.ld_link = SECRET_NAME "0");
	for (datalink_id_t n = 0; n < 8; n++)
		DLMGMT(WALKS, getnext, DLMGMT_CMD_GETNEXT, .ld_linkid = n ? SECRET_ID + n - 1 : 0,
			.ld_class = DATALINK_CLASS_ALL, .ld_flags = DLMGMT_ACTIVE | DLMGMT_PERSIST);
	DLMGMT(LISTS, getlinks, DLMGMT_CMD_GETLINKS, .ld_zoneid = -1,
		.ld_class = DATALINK_CLASS_ALL, .ld_flags = DLMGMT_ACTIVE | DLMGMT_PERSIST);
	DLMGMT(LISTS, getlinks, DLMGMT_CMD_GETLINKS, .ld_zoneid = GLOBAL_ZONEID,
		.ld_class = DATALINK_CLASS_ALL, .ld_flags = DLMGMT_ACTIVE | DLMGMT_PERSIST);
	DLMGMT(CHANGES, dls_update, DLMGMT_CMD_DLS_UPDATE, .ld_media = DL_ETHER,
		.ld_devname = "eth78");
	DLMGMT(who == BORROWER ? LOOKS : CHANGES, linkid, DLMGMT_CMD_LINKPROP_INIT,
		.ld_linkid = id);
	DLMGMT(CHANGES, setzoneid, DLMGMT_CMD_SETZONEID, .ld_linkid = id);
}

static void ask_library(void)
{
	static const uint32_t flags = DLMGMT_ACTIVE | DLMGMT_PERSIST;

	DLMGMT(CHANGES, setzoneid, DLMGMT_CMD_SETZONEID, .ld_linkid = SECRET_ID, .ld_zoneid = zone);
	if (who != STRANGER && who != BORROWER) /* root of a zone makes its own */
		DLMGMT(CHANGES, createid, DLMGMT_CMD_CREATE_LINKID, .ld_class = DATALINK_CLASS_VNIC,
			.ld_media = DL_ETHER, .ld_flags = flags, .ld_link = "made0");
	DLMGMT(CHANGES, destroyid, DLMGMT_CMD_DESTROY_LINKID, .ld_linkid = id, .ld_flags = flags);
	DLMGMT(CHANGES, remapid, DLMGMT_CMD_REMAP_LINKID, .ld_linkid = id, .ld_link = "other0");
	DLMGMT(CHANGES, linkid, DLMGMT_CMD_UP_LINKID, .ld_linkid = id);
	if (who == USER) {
		DLMGMT(CHANGES, createconf, DLMGMT_CMD_CREATECONF, .ld_linkid = id,
			.ld_class = DATALINK_CLASS_VNIC, .ld_media = DL_ETHER, .ld_link = "made0");
		DLMGMT(LOOKS, linkid, DLMGMT_CMD_READCONF, .ld_linkid = id);
		DLMGMT(LOOKS, linkid, DLMGMT_CMD_GETCONFSNAPSHOT, .ld_linkid = id);
	} else {
		DLMGMT(CHANGES, linkid, DLMGMT_CMD_READCONF, .ld_linkid = id);
		DLMGMT(CHANGES, linkid, DLMGMT_CMD_GETCONFSNAPSHOT, .ld_linkid = id);
	}
	DLMGMT(CHANGES, linkid, DLMGMT_CMD_REMOVECONF, .ld_linkid = id);
	DLMGMT(CHANGES, check, DLMGMT_CMD_CHECK);
	DLMGMT(CHANGES, zone, DLMGMT_CMD_ZONEBOOT, .ld_zoneid = zone);
	DLMGMT(CHANGES, zone, DLMGMT_CMD_ZONEHALT, .ld_zoneid = zone);
}

/* Of one that root of the global zone has opened. */
static void ask_configuration(void)
{
	enum what look = who == USER ? LOOKS : CHANGES;

	DLMGMT(look, attr, DLMGMT_CMD_GETATTR, .ld_confid = confid, .ld_attr = "linkover");
	DLMGMT(look, linkprop, DLMGMT_CMD_LINKPROP_GETNEXT, .ld_confid = confid);
	DLMGMT(CHANGES, setattr, DLMGMT_CMD_SETATTR, .ld_confid = confid, .ld_type = DLADM_TYPE_STR,
		.ld_attrsz = 2, .ld_attr = "linkover", .ld_attrval = "x");
	DLMGMT(CHANGES, attr, DLMGMT_CMD_UNSETATTR, .ld_confid = confid, .ld_attr = "linkover");
	DLMGMT(CHANGES, confid, DLMGMT_CMD_WRITECONF, .ld_confid = confid);
	if (who != USER || geteuid() != 0) /* who opened it may close it, and that was root */
		DLMGMT(CHANGES, confid, DLMGMT_CMD_DESTROYCONF, .ld_confid = confid);
}

static void ask_links(void)
{
	ZONED(CHANGES, link, DLD_ETHERSTUB_CREATE, .linkid = id);
	ZONED(CHANGES, vnic, DLD_VNIC_CREATE, .linkid = id, .over = SECRET_ID + 1);
	ZONED(CHANGES, create, DLD_CREATE, .linkid = id, .over = SECRET_ID + 1);
	ZONED(CHANGES, link, DLD_DELETE, .linkid = id);
	ZONED(LOOKS, link, DLD_LINKINFO, .linkid = id);
	ZONED(CHANGES, link, DLD_LINKINFO, .linkid = SECRET_ID + 0x7777);
	ZONED(LOOKS, link, DLD_KNOWN, .linkid = id);
	ZONED(CHANGES, link, DLD_RENAMED, .linkid = id);
	ZONED(CHANGES, setzone, DLD_SETZONE, .linkid = id, .zoneid = GLOBAL_ZONEID);
	for (datalink_id_t n = 0; n < 8; n++)
		ZONED(WALKS, link, DLD_NEXT, .linkid = n ? SECRET_ID + n - 1 : 0);
	ZONED(LISTS, links, DLD_LINKS, .what = DLD_LINKINFO);
	ZONED(LISTS, links, DLD_LINKS, .what = DLD_LINKSTATS);
	ZONED(CHANGES, rename, DLD_RENAME, .linkid = id, .name = "other0");
	if (who != BORROWER) /* root of the zone sets the mtu of what it has */
		ZONED(CHANGES, setmtu, DLD_SETMTU, .linkid = id, .mtu = 1300);
	ZONED(LOOKS, getprop, DLD_GETPROP, .linkid = id, .prop = "maxbw");
	ZONED(LOOKS, link, DLD_GETPROPS, .linkid = id);
	ZONED(CHANGES, setprop, DLD_SETPROP, .linkid = id, .prop = "maxbw", .value = "1G");
	ZONED(CHANGES, modify, DLD_MODIFY, .linkid = id);
	ZONED(CHANGES, ports, DLD_ADD_PORTS, .linkid = id, .nports = 1, .ports = {SECRET_ID});
	ZONED(CHANGES, ports, DLD_REMOVE_PORTS, .linkid = id, .nports = 1, .ports = {SECRET_ID});
	ZONED(LOOKS, link, DLD_DETAILS, .linkid = id);
	ZONED(LOOKS, fdb, DLD_FDB, .linkid = id);
	ZONED(CHANGES, target, DLD_SET_TARGET, .linkid = id);
	ZONED(LOOKS, link, DLD_LINKSTATS, .linkid = id);
}

static void ask_zones(void)
{
	ZONED(CHANGES, flow_add, FLOW_ADD, .linkid = id, .flags = FLOW_TEMPORARY, .name = "flow1",
		.attrs = {.mask = FLOW_TRANSPORT, .transport = 6});
	ZONED(CHANGES, flow_remove, FLOW_REMOVE, .name = "webflow");
	ZONED(CHANGES, flow_setprop, FLOW_SETPROP, .which = FLOW_MAXBW, .name = "webflow");
	ZONED(WALKS, flow_next, FLOW_NEXT, .name = "");
	ZONED(CHANGES, datalink, ZONE_ADD_DATALINK, .zoneid = zone, .linkid = id);
	ZONED(CHANGES, datalink, ZONE_DEL_DATALINK, .zoneid = zone, .linkid = id);
	ZONED(LOOKS, datalink, ZONE_CHECK_DATALINK, .zoneid = ALL_ZONES, .linkid = id);
}

static int open_conf(void)
{
	struct dlmgmt_linkid_req req = {.ld_cmd = DLMGMT_CMD_READCONF, .ld_linkid = id};
	struct dlmgmt_confid_reply reply;
	door_arg_t arg = {.data_ptr = (char *)&req,
		.data_size = sizeof(req),
		.rbuf = (char *)&reply,
		.rsize = sizeof(reply)};

	if (door_call(doors[0], &arg) < 0 || arg.data_size != sizeof(reply))
		return 1;
	memcpy(&reply, arg.data_ptr, sizeof(reply));
	printf("%u\n", reply.lr_confid);
	return reply.lr_err != 0;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	doors[0] = open_door(argv[2], DLMGMT_DOOR, DLMGMT_DOOR_IN);
	doors[1] = open_door(argv[2], "/run/zones/zone_door", "/dev/zones/zone_door");
	if (doors[0] < 0 || doors[1] < 0) {
		printf("no door: %s\n", strerror(errno));
		return 1;
	}
	id = (datalink_id_t)strtoul(argv[3], NULL, 0);
	if (streq(argv[1], "open"))
		return open_conf();
	if (argc != 6)
		return 2;
	who = streq(argv[1], "user") ? USER : streq(argv[1], "borrower") ? BORROWER : STRANGER;
	zone = (zoneid_t)strtol(argv[4], NULL, 0);
	confid = (uint32_t)strtoul(argv[5], NULL, 0);
	ask_upcalls();
	ask_library();
	ask_configuration();
	ask_links();
	ask_zones();
	printf("%u questions, %u wrong answers\n", asked, wrong);
	return wrong > 0;
}

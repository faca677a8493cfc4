/* SPDX-License-Identifier: MIT */
/*
 * The real dlmgmtd behind its door, in an instance of its own: requests that are
 * wrong, callers without rights, restarts after SIGKILL, and how it and a zoned
 * keep each other's lists of links. The zoned is this process: a door at its place
 * that serves the few commands that dlmgmtd uses, and fails when told to.
 *
 *	test-dlmgmt-door DLMGMTD
 */
#include "dladm/dladm.h"
#include "linux/instance.h"
#include "zone/zone-door.h"

#include <door.h>
#include <door_linux.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <cmocka.h>

#include "folder.h"

#define ZONE_WEB 3
#define ZONE_DB	 4

static const char *dlmgmtd;
static const char *self;
static char root[PATH_MAX];
static pid_t daemon_pid = -1;

/* ---- the zoned of the test ---- */

struct fake_zone {
	zoneid_t id;
	uint64_t uniqid;
	const char *name;
	datalink_id_t links[8];
	uint32_t count;
};

static pthread_mutex_t fake_lock = PTHREAD_MUTEX_INITIALIZER;
static struct fake_zone fake_zones[2];
static int fake_add_error, fake_add_once;
static int fake_door = FD_NONE;

union fake_reply {
	struct zone_reply head;
	struct zone_id_reply id;
	char bytes[2048];
};

static struct fake_zone *fake_find(zoneid_t id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fake_zones); i++)
		if (fake_zones[i].id && fake_zones[i].id == id)
			return &fake_zones[i];
	return NULL;
}

static int fake_index(const struct fake_zone *zone, datalink_id_t link)
{
	uint32_t i;

	for (i = 0; i < zone->count; i++)
		if (zone->links[i] == link)
			return (int)i;
	return -1;
}

static size_t fake_getattr(const struct zone_getattr_req *req, union fake_reply *ret)
{
	struct zone_getattr_reply *reply = (void *)ret;
	const struct fake_zone *zone = fake_find(req->zoneid);

	if (!zone) {
		reply->head.err = EINVAL;
		return sizeof(reply->head);
	}
	if (req->attr == ZONE_ATTR_NAME) {
		reply->size = (uint32_t)strlen(zone->name) + 1;
		memcpy(reply->data, zone->name, reply->size);
	} else if (req->attr == ZONE_ATTR_ROOT) {
		reply->size = (uint32_t)snprintf((char *)reply->data, 200, "%s/root", root) + 1;
	} else {
		reply->size = sizeof(zone->uniqid);
		memcpy(reply->data, &zone->uniqid, sizeof(zone->uniqid));
	}
	return sizeof(*reply) + reply->size;
}

static size_t fake_datalink(const struct zone_datalink_req *req, union fake_reply *ret)
{
	struct fake_zone *zone = fake_find(req->zoneid);
	size_t i;
	int at;

	if (req->cmd == ZONE_CHECK_DATALINK && req->zoneid == ALL_ZONES) {
		ret->head.err = ENXIO;
		for (i = 0; i < ARRAY_SIZE(fake_zones); i++) {
			if (fake_zones[i].id && fake_index(&fake_zones[i], req->linkid) >= 0) {
				ret->head.err = 0;
				ret->id.zoneid = fake_zones[i].id;
			}
		}
		return sizeof(ret->id);
	}
	at = zone ? fake_index(zone, req->linkid) : -1;
	if (!zone) {
		ret->head.err = ENXIO;
	} else if (req->cmd == ZONE_ADD_DATALINK) {
		if (fake_add_error) {
			ret->head.err = fake_add_error;
			if (fake_add_once)
				fake_add_error = 0;
		} else if (at >= 0) {
			ret->head.err = EEXIST;
		} else {
			zone->links[zone->count++] = req->linkid;
		}
	} else if (at < 0) {
		ret->head.err = ENXIO;
	} else if (req->cmd == ZONE_DEL_DATALINK) {
		zone->links[at] = zone->links[--zone->count];
	}
	return sizeof(ret->head);
}

static size_t fake_lists(
	const struct zone_list_datalink_req *req, size_t size, union fake_reply *ret)
{
	struct zone_list_datalink_reply *reply = (void *)ret; /* both lists look alike */
	uint32_t max = size == sizeof(*req) ? req->max : ((const struct zone_list_req *)req)->max;
	const struct fake_zone *zone;
	uint32_t list[8] = {GLOBAL_ZONEID};
	size_t i;

	if (req->cmd == ZONE_LIST) {
		reply->count = 1;
		for (i = 0; i < ARRAY_SIZE(fake_zones); i++)
			if (fake_zones[i].id)
				list[reply->count++] = (uint32_t)fake_zones[i].id;
	} else {
		zone = fake_find(req->zoneid);
		if (!zone) {
			reply->head.err = ENXIO;
			return sizeof(reply->head);
		}
		reply->count = zone->count;
		memcpy(list, zone->links, sizeof(zone->links));
	}
	if (max > reply->count)
		max = reply->count;
	memcpy(reply->ids, list, max * sizeof(list[0]));
	return sizeof(*reply) + max * sizeof(list[0]);
}

static void fake_serve(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	union {
		uint32_t cmd;
		char bytes[256];
	} req = {0};
	union fake_reply reply = {0};
	size_t n_reply = sizeof(reply.head);

	memcpy(&req, argp, size < sizeof(req) ? size : sizeof(req));
	(void)pthread_mutex_lock(&fake_lock);
	switch (req.cmd) {
	case ZONE_GETATTR:
		n_reply = fake_getattr((void *)&req, &reply);
		break;
	case ZONE_LIST:
	case ZONE_LIST_DATALINK:
		n_reply = fake_lists((void *)&req, size, &reply);
		break;
	case ZONE_ADD_DATALINK:
	case ZONE_DEL_DATALINK:
	case ZONE_CHECK_DATALINK:
		n_reply = fake_datalink((void *)&req, &reply);
		break;
	default:
		reply.head.err = EINVAL;
	}
	(void)pthread_mutex_unlock(&fake_lock);
	(void)door_return((char *)&reply, n_reply, NULL, 0);
}

static void path_of(const char *name, char path[PATH_MAX])
{
	assert_int_equal(instance_path(path, PATH_MAX, "%s", name), 0);
}

static void zoned_start(void)
{
	char path[PATH_MAX];

	path_of(ZONED_DOOR, path);
	fake_door = door_create(fake_serve, NULL, DOOR_REFUSE_DESC);
	assert_true(fake_door >= 0);
	assert_int_equal(door_attach(fake_door, path, 0666), 0);
}

static void zoned_stop(void)
{
	char path[PATH_MAX];

	if (fake_door < 0)
		return;
	path_of(ZONED_DOOR, path);
	(void)door_detach(path);
	(void)door_revoke(fake_door);
	fake_door = FD_NONE;
}

/* How the next additions to a zone's list fail: with err, only the first one or all. */
static void fake_fail(int err, int once)
{
	(void)pthread_mutex_lock(&fake_lock);
	fake_add_error = err;
	fake_add_once = once;
	(void)pthread_mutex_unlock(&fake_lock);
}

/* A zone is another one of the same id, or none when id is 0; it has one link or none. */
static void fake_change(int at, zoneid_t id, uint64_t uniqid, datalink_id_t link)
{
	(void)pthread_mutex_lock(&fake_lock);
	fake_zones[at].id = id;
	fake_zones[at].uniqid = uniqid;
	fake_zones[at].links[0] = link;
	fake_zones[at].count = link != DATALINK_INVALID_LINKID;
	(void)pthread_mutex_unlock(&fake_lock);
}

static bool zone_has(zoneid_t id, datalink_id_t link)
{
	const struct fake_zone *zone;
	bool has;

	(void)pthread_mutex_lock(&fake_lock);
	zone = fake_find(id);
	has = zone && fake_index(zone, link) >= 0;
	(void)pthread_mutex_unlock(&fake_lock);
	return has;
}

/* ---- the daemon ---- */

static int make_dir(const char *name)
{
	char path[PATH_MAX];

	(void)instance_path(path, sizeof(path), "%s", name);
	return mkdir(path, 0755);
}

/* In the foreground, so that its pid is known; ready when its door answers. */
static void daemon_start(void)
{
	char *argv[] = {(char *)dlmgmtd, (char *)"-d", (char *)"-R", root, NULL};
	int i;

	assert_int_equal(posix_spawn(&daemon_pid, dlmgmtd, NULL, NULL, argv, environ), 0);
	for (i = 0; i < 200 && dlmgmt_call_open() < 0; i++)
		(void)poll(NULL, 0, 10);
	assert_int_equal(dlmgmt_call_open(), 0);
}

static int daemon_stop(int sig)
{
	int status = 0;

	if (daemon_pid < 0)
		return 0;
	(void)kill(daemon_pid, sig);
	(void)waitpid(daemon_pid, &status, 0);
	daemon_pid = -1;
	dlmgmt_call_close();
	return status;
}

static void daemon_kill_and_restart(void)
{
	(void)daemon_stop(SIGKILL);
	daemon_start();
}

static int setup(void **state)
{
	char made[] = "test-dlmgmt-door.XXXXXX";

	if (!mkdtemp(made) || !realpath(made, root) || instance_init(root) < 0 ||
		make_dir("/run") < 0 || make_dir("/run/zones") < 0 ||
		make_dir("/run/zones/web.dev") < 0)
		return -1;
	memset(fake_zones, 0, sizeof(fake_zones));
	fake_zones[0] = (struct fake_zone){.id = ZONE_WEB, .uniqid = 100, .name = "web"};
	fake_zones[1] = (struct fake_zone){.id = ZONE_DB, .uniqid = 101, .name = "db"};
	fake_add_error = fake_add_once = 0;
	zoned_start();
	daemon_start();
	return 0;
}

static int teardown(void **state)
{
	(void)daemon_stop(SIGTERM);
	zoned_stop();
	return folder_remove(root);
}

static datalink_id_t create(const char *name, uint32_t flags)
{
	datalink_id_t id = 0;

	assert_int_equal(
		dlmgmt_call_create_linkid(name, false, DATALINK_CLASS_VNIC, DL_ETHER, flags, &id),
		0);
	return id;
}

/* ---- a configuration as a whole ---- */

static int count_attr(const char *name, const struct dlmgmt_attrval *value, void *arg)
{
	unsigned int *count = arg;
	char expected[MAXLINKATTRLEN];

	(void)snprintf(expected, sizeof(expected), "attr%u", (*count)++);
	assert_string_equal(name, expected);
	assert_int_equal(value->type, DLADM_TYPE_STR);
	assert_int_equal(value->size, MAXLINKATTRVALLEN);
	return 0;
}

static int stop_at_once(const char *name, const struct dlmgmt_attrval *value, void *arg)
{
	return -ECANCELED;
}

/* 60 KB do not fit in the reply that the daemon tries first. */
static void large_snapshot(void **state)
{
	datalink_id_t id = create("web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	char name[MAXLINKATTRLEN], value[MAXLINKATTRVALLEN];
	struct dlmgmt_attrval got;
	uint32_t confid;
	unsigned int i, count = 0;

	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(dlmgmt_call_confsnapshot(id, count_attr, &count), 0);
	assert_int_equal(dlmgmt_call_readconf(id, &confid), 0);
	for (i = 0; i < DLMGMT_ATTRS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "attr%u", i);
		assert_int_equal(dlmgmt_call_setattr_str(confid, name, value), 0);
	}
	assert_int_equal(dlmgmt_call_writeconf(confid), 0);
	assert_int_equal(dlmgmt_call_confsnapshot(id, count_attr, &count), 0);
	assert_int_equal(count, DLMGMT_ATTRS_MAX);
	assert_int_equal(dlmgmt_call_confsnapshot(id, stop_at_once, NULL), -ECANCELED);
	assert_int_equal(dlmgmt_call_confsnapshot(id + 1, count_attr, &count), -ENOENT);

	assert_int_equal(dlmgmt_call_linkprop_getnext(confid, "attr58", name, &got), 0);
	assert_string_equal(name, "attr59");
	assert_string_equal(got.str, value);
	assert_int_equal(dlmgmt_call_linkprop_getnext(confid, name, name, &got), -ENOENT);
}

/* ---- requests that are wrong ---- */

/* The first word of the reply to size bytes that begin with cmd; the reply's size in *ret. */
static uint32_t raw(uint32_t cmd, size_t size, size_t *ret)
{
	char path[PATH_MAX], reply[4096];
	_cleanup_close_ int door = FD_NONE;
	_cleanup_free_ char *request = calloc(1, size + 4);
	door_arg_t arg = {
		.data_ptr = request, .data_size = size, .rbuf = reply, .rsize = sizeof(reply)};
	uint32_t err;

	assert_non_null(request);
	memcpy(request, &cmd, size < 4 ? size : 4);
	path_of(DLMGMT_DOOR, path);
	door = door_open(path);
	assert_true(door >= 0);
	assert_int_equal(door_call(door, &arg), 0);
	assert_true(arg.data_size >= sizeof(err));
	memcpy(&err, arg.data_ptr, sizeof(err));
	*ret = arg.data_size;
	return err;
}

static void wrong_sizes(void **state)
{
	static const struct {
		uint32_t cmd;
		size_t size;
	} right[] = {
		{DLMGMT_CMD_DLS_CREATE, sizeof(struct dlmgmt_dls_create_req)},
		{DLMGMT_CMD_DLS_GETATTR, sizeof(struct dlmgmt_dls_getattr_req)},
		{DLMGMT_CMD_DLS_DESTROY, sizeof(struct dlmgmt_dls_destroy_req)},
		{DLMGMT_CMD_GETNAME, sizeof(struct dlmgmt_linkid_req)},
		{DLMGMT_CMD_GETLINKID, sizeof(struct dlmgmt_getlinkid_req)},
		{DLMGMT_CMD_GETNEXT, sizeof(struct dlmgmt_getnext_req)},
		{DLMGMT_CMD_DLS_UPDATE, sizeof(struct dlmgmt_dls_update_req)},
		{DLMGMT_CMD_LINKPROP_INIT, sizeof(struct dlmgmt_linkid_req)},
		{DLMGMT_CMD_SETZONEID, sizeof(struct dlmgmt_setzoneid_req)},
		{DLMGMT_CMD_CREATE_LINKID, sizeof(struct dlmgmt_createid_req)},
		{DLMGMT_CMD_DESTROY_LINKID, sizeof(struct dlmgmt_destroyid_req)},
		{DLMGMT_CMD_REMAP_LINKID, sizeof(struct dlmgmt_remapid_req)},
		{DLMGMT_CMD_CREATECONF, sizeof(struct dlmgmt_createconf_req)},
		{DLMGMT_CMD_READCONF, sizeof(struct dlmgmt_linkid_req)},
		{DLMGMT_CMD_WRITECONF, sizeof(struct dlmgmt_confid_req)},
		{DLMGMT_CMD_UP_LINKID, sizeof(struct dlmgmt_linkid_req)},
		{DLMGMT_CMD_SETATTR, sizeof(struct dlmgmt_setattr_req)},
		{DLMGMT_CMD_UNSETATTR, sizeof(struct dlmgmt_attr_req)},
		{DLMGMT_CMD_REMOVECONF, sizeof(struct dlmgmt_linkid_req)},
		{DLMGMT_CMD_DESTROYCONF, sizeof(struct dlmgmt_confid_req)},
		{DLMGMT_CMD_GETATTR, sizeof(struct dlmgmt_attr_req)},
		{DLMGMT_CMD_GETCONFSNAPSHOT, sizeof(struct dlmgmt_linkid_req)},
		{DLMGMT_CMD_CHECK, sizeof(struct dlmgmt_check_req)},
		{DLMGMT_CMD_GETLINKS, sizeof(struct dlmgmt_getlinks_req)},
		{DLMGMT_CMD_LINKPROP_GETNEXT, sizeof(struct dlmgmt_linkprop_getnext_req)},
		{DLMGMT_CMD_ZONEBOOT, sizeof(struct dlmgmt_zone_req)},
		{DLMGMT_CMD_ZONEHALT, sizeof(struct dlmgmt_zone_req)},
	};
	static const uint32_t unknown[] = {0, 10, 127, 146, 1000, UINT32_MAX};
	size_t i, size, got;

	for (i = 0; i < ARRAY_SIZE(right); i++) {
		for (size = 0; size <= right[i].size + 4; size += size < 4 ? 1 : 4) {
			if (size == right[i].size)
				continue;
			assert_int_equal(raw(right[i].cmd, size, &got), EINVAL);
			assert_int_equal(got, 4);
		}
	}
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		for (size = 4; size < 80; size += 4)
			assert_int_equal(raw(unknown[i], size, &got), EINVAL);
		assert_int_equal(raw(unknown[i], DOOR_DATA_LIMIT, &got), EINVAL);
	}
}

/* More than any request has does not get as far as the daemon. */
static void too_much(void **state)
{
	static char request[DOOR_DATA_LIMIT + 1];
	door_arg_t arg = {.data_ptr = request, .data_size = sizeof(request)};
	_cleanup_close_ int door = FD_NONE;
	char path[PATH_MAX];

	path_of(DLMGMT_DOOR, path);
	door = door_open(path);
	assert_true(door >= 0);
	assert_int_equal(door_call(door, &arg), -1);
	assert_int_equal(errno, ENOBUFS);
}

/* Every command once, as the client library sends it. */
static void every_command(void **state)
{
	struct dlmgmt_linkinfo info;
	struct dlmgmt_linkinfo *all;
	struct dlmgmt_attrval value;
	datalink_id_t eth, web, other;
	uint32_t confid, media;
	size_t count;
	bool props;

	assert_int_equal(
		dlmgmt_call_dls_create("eth0", DATALINK_CLASS_PHYS, DL_ETHER, true, 1, 2, &eth), 0);
	assert_int_equal(dlmgmt_call_dls_getattr(eth, "devname", &value), 0);
	assert_string_equal(value.str, "eth0");
	assert_int_equal(dlmgmt_call_dls_update("eth0", DL_ETHER, false, &other, &media), 0);
	assert_int_equal(other, eth);
	assert_int_equal(dlmgmt_call_dls_update("eth0", DL_OTHER, false, &other, &media), -EEXIST);
	assert_int_equal(media, DL_ETHER);
	assert_int_equal(dlmgmt_call_linkprop_init(eth, &props), 0);
	assert_false(props);

	web = create("web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);
	assert_int_equal(dlmgmt_call_getlinkid("web0", ALL_ZONES, &info), 0);
	assert_int_equal(info.linkid, web);
	assert_int_equal(info.link_class, DATALINK_CLASS_VNIC);
	assert_int_equal(dlmgmt_call_getnext(eth, DATALINK_CLASS_ALL, DLMGMT_ACTIVE, 0, &info), 0);
	assert_string_equal(info.name, "web0");
	assert_int_equal(
		dlmgmt_call_getnext(web, DATALINK_CLASS_ALL, DLMGMT_ACTIVE, 0, &info), -ENOENT);

	assert_int_equal(
		dlmgmt_call_getlinks(ALL_ZONES, DATALINK_CLASS_ALL, DLMGMT_ACTIVE, &all, &count),
		0);
	assert_int_equal(count, 2);
	assert_int_equal(all[0].linkid, eth);
	assert_int_equal(all[0].link_class, DATALINK_CLASS_PHYS);
	assert_string_equal(all[1].name, "web0");
	assert_int_equal(all[1].flags, DLMGMT_ACTIVE | DLMGMT_PERSIST);
	free(all);

	assert_int_equal(
		dlmgmt_call_createconf("web0", web, DATALINK_CLASS_VNIC, DL_ETHER, &confid), 0);
	assert_int_equal(dlmgmt_call_setattr_str(confid, "linkover", "eth0"), 0);
	assert_int_equal(dlmgmt_call_setattr_u64(confid, "maddrtype", 2), 0);
	assert_int_equal(dlmgmt_call_unsetattr(confid, "maddrtype"), 0);
	assert_int_equal(dlmgmt_call_getattr(confid, "maddrtype", &value), -ENOENT);
	assert_int_equal(dlmgmt_call_writeconf(confid), 0);
	assert_int_equal(dlmgmt_call_writeconf(confid), -EAGAIN);
	assert_int_equal(dlmgmt_call_destroyconf(confid), 0);
	assert_int_equal(dlmgmt_call_readconf(web, &confid), 0);
	assert_int_equal(dlmgmt_call_getattr(confid, "linkover", &value), 0);
	assert_string_equal(value.str, "eth0");
	assert_int_equal(dlmgmt_call_destroyconf(confid), 0);

	assert_int_equal(dlmgmt_call_remap_linkid(web, "db0"), 0);
	assert_int_equal(dlmgmt_call_getname(web, &info), 0);
	assert_string_equal(info.name, "db0");
	assert_int_equal(dlmgmt_call_destroy_linkid(web, DLMGMT_ACTIVE), 0);
	assert_int_equal(dlmgmt_call_up_linkid(web), 0);
	assert_int_equal(dlmgmt_call_setzoneid(web, ZONE_WEB), 0);
	assert_int_equal(dlmgmt_call_setzoneid(web, GLOBAL_ZONEID), 0);
	assert_int_equal(dlmgmt_call_destroy_linkid(web, DLMGMT_ACTIVE), 0);
	assert_int_equal(dlmgmt_call_removeconf(web), 0);
	assert_int_equal(dlmgmt_call_destroy_linkid(web, DLMGMT_PERSIST), 0);
	assert_int_equal(dlmgmt_call_dls_destroy(eth, true), 0);
	assert_int_equal(dlmgmt_call_getname(eth, &info), -ENOENT);
	assert_int_equal(dlmgmt_call_zoneboot(ZONE_WEB), 0);
	assert_int_equal(dlmgmt_call_zonehalt(ZONE_WEB), 0);
	assert_int_equal(dlmgmt_call_zoneboot(GLOBAL_ZONEID), -EINVAL);
	assert_int_equal(dlmgmt_call_zonehalt(GLOBAL_ZONEID), -EINVAL);
}

/* Runs in a process of its own (see main): what nobody may do. */
static int as_nobody(datalink_id_t id)
{
	struct dlmgmt_linkinfo info;
	datalink_id_t made;
	int failed = 0;

	if (setresuid(65534, 65534, 65534) < 0)
		return 100;
	failed += dlmgmt_call_getname(id, &info) != 0;
	failed += dlmgmt_call_create_linkid("x0", false, DATALINK_CLASS_VNIC, DL_ETHER,
			  DLMGMT_ACTIVE, &made) != -EACCES;
	failed += dlmgmt_call_destroy_linkid(id, DLMGMT_ACTIVE) != -EACCES;
	failed += dlmgmt_call_setzoneid(id, ZONE_WEB) != -EACCES;
	failed += dlmgmt_call_remap_linkid(id, "x1") != -EACCES;
	failed += dlmgmt_call_zonehalt(ZONE_WEB) != -EACCES;
	failed += dlmgmt_call_zoneboot(ZONE_WEB) != -EACCES;
	return failed;
}

static void without_rights(void **state)
{
	char id[16];
	char *argv[] = {(char *)self, (char *)"--as-nobody", id, root, NULL};
	int status;
	pid_t pid;

	(void)snprintf(id, sizeof(id), "%u", create("web0", DLMGMT_ACTIVE));
	assert_int_equal(chmod(root, 0755), 0);
	assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- zones ---- */

static void expect_zone(datalink_id_t id, const char *name, zoneid_t zoneid)
{
	struct dlmgmt_linkinfo info;

	assert_int_equal(dlmgmt_call_getlinkid(name, zoneid, &info), 0);
	assert_int_equal(info.linkid, id);
	assert_int_equal(zone_has(ZONE_WEB, id), zoneid == ZONE_WEB);
	assert_int_equal(zone_has(ZONE_DB, id), zoneid == ZONE_DB);
	if (zoneid == GLOBAL_ZONEID) {
		assert_int_equal(dlmgmt_call_getlinkid(name, ZONE_WEB, &info), -ENOENT);
		assert_int_equal(dlmgmt_call_getlinkid(name, ZONE_DB, &info), -ENOENT);
	}
}

static void lending(void **state)
{
	datalink_id_t id = create("web0", DLMGMT_ACTIVE), made;

	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_WEB), 0);
	expect_zone(id, "web0", ZONE_WEB);
	assert_int_equal(dlmgmt_call_create_linkid("web0", false, DATALINK_CLASS_VNIC, DL_ETHER,
				 DLMGMT_ACTIVE, &made),
		-EEXIST);
	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_DB), 0);
	expect_zone(id, "web0", ZONE_DB);
	assert_int_equal(dlmgmt_call_setzoneid(id, GLOBAL_ZONEID), 0);
	expect_zone(id, "web0", GLOBAL_ZONEID);

	assert_int_equal(dlmgmt_call_setzoneid(id, 77), -ENXIO);
	expect_zone(id, "web0", GLOBAL_ZONEID);
	assert_int_equal(dlmgmt_call_setzoneid(id, -1), -EINVAL);
	assert_int_equal(dlmgmt_call_setzoneid(99, ZONE_WEB), -ENOENT);
	id = create("conf0", DLMGMT_PERSIST);
	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_WEB), -EINVAL);
}

/* A zoned that was killed over the change has the link in its list already. */
static void lending_what_zoned_has(void **state)
{
	datalink_id_t id = create("web0", DLMGMT_ACTIVE);
	struct fake_zone *zone = fake_find(ZONE_WEB);

	(void)pthread_mutex_lock(&fake_lock);
	if (zone)
		zone->links[zone->count++] = id;
	(void)pthread_mutex_unlock(&fake_lock);
	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_WEB), 0);
	expect_zone(id, "web0", ZONE_WEB);
}

/* A lending that fails half way leaves everything where it was. */
static void lending_is_rolled_back(void **state)
{
	datalink_id_t id = create("web0", DLMGMT_ACTIVE);

	fake_fail(EPERM, 0);
	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_WEB), -EPERM);
	expect_zone(id, "web0", GLOBAL_ZONEID);
	fake_fail(0, 0);

	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_WEB), 0);
	fake_fail(EPERM, 1);
	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_DB), -EPERM);
	expect_zone(id, "web0", ZONE_WEB);

	zoned_stop();
	assert_true(dlmgmt_call_setzoneid(id, ZONE_DB) < 0);
	zoned_start();
	expect_zone(id, "web0", ZONE_WEB);
}

static int door_in_web(void)
{
	char path[PATH_MAX];
	int fd, r;

	path_of("/run/zones/web.dev/dlmgmt_door", path);
	fd = door_open(path);
	r = fd < 0 ? -errno : 0;
	(void)fd_close(fd);
	return r;
}

static void boot_and_halt(void **state)
{
	datalink_id_t id = create("web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);

	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_WEB), 0);
	assert_int_equal(dlmgmt_call_zoneboot(ZONE_WEB), 0);
	assert_int_equal(door_in_web(), 0);
	assert_int_equal(dlmgmt_call_zoneboot(ZONE_WEB), 0); /* init restarted */
	assert_int_equal(door_in_web(), 0);
	assert_int_equal(dlmgmt_call_zoneboot(ZONE_DB), -ENOENT); /* has no directory */
	assert_int_equal(dlmgmt_call_zoneboot(9), -EINVAL);	  /* zoned's answer */

	assert_int_equal(dlmgmt_call_zonehalt(ZONE_WEB), 0);
	assert_int_equal(door_in_web(), -ENOENT);
	expect_zone(id, "web0", GLOBAL_ZONEID); /* what was borrowed is at home, not lost */
	assert_int_equal(dlmgmt_call_zonehalt(ZONE_WEB), 0);
}

/* A zone that went without a word, and the same zone up again under another id. */
static void boot_after_a_crash(void **state)
{
	datalink_id_t id = create("web0", DLMGMT_ACTIVE | DLMGMT_PERSIST);

	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_WEB), 0);
	assert_int_equal(dlmgmt_call_zoneboot(ZONE_WEB), 0);
	fake_change(0, ZONE_WEB + 6, 300, DATALINK_INVALID_LINKID);
	assert_int_equal(dlmgmt_call_zoneboot(ZONE_WEB + 6), 0);
	assert_int_equal(door_in_web(), 0);
	expect_zone(id, "web0", GLOBAL_ZONEID);
	assert_int_equal(
		dlmgmt_call_zonehalt(ZONE_WEB), 0); /* comes late: nothing of the new one's */
	assert_int_equal(door_in_web(), 0);
}

/* ---- restart ---- */

static void sigkill(void **state)
{
	datalink_id_t id = create("web0", DLMGMT_ACTIVE | DLMGMT_PERSIST), eth, again, temp;
	struct dlmgmt_linkinfo info;
	struct dlmgmt_attrval value;
	uint32_t confid;

	assert_int_equal(dlmgmt_call_readconf(id, &confid), 0);
	assert_int_equal(dlmgmt_call_setattr_str(confid, "linkover", "stub0"), 0);
	assert_int_equal(dlmgmt_call_writeconf(confid), 0);
	temp = create("tmp0", DLMGMT_ACTIVE | DLMGMT_TRANSIENT);
	assert_int_equal(
		dlmgmt_call_dls_create("eth0", DATALINK_CLASS_PHYS, DL_ETHER, false, 1, 2, &eth),
		0);
	assert_int_equal(dlmgmt_call_setzoneid(id, ZONE_WEB), 0);
	assert_int_equal(dlmgmt_call_zoneboot(ZONE_WEB), 0);

	daemon_kill_and_restart();
	expect_zone(id, "web0", ZONE_WEB);
	assert_int_equal(dlmgmt_call_getname(id, &info), 0);
	assert_int_equal(info.flags, DLMGMT_ACTIVE | DLMGMT_PERSIST);
	assert_int_equal(dlmgmt_call_dls_getattr(id, "linkover", &value), 0);
	assert_int_equal(dlmgmt_call_getname(temp, &info), 0);
	assert_int_equal(info.flags, DLMGMT_ACTIVE | DLMGMT_TRANSIENT);
	assert_int_equal(
		dlmgmt_call_dls_create("eth0", DATALINK_CLASS_PHYS, DL_ETHER, false, 1, 2, &again),
		0);
	assert_int_equal(again, eth);
	assert_int_equal(door_in_web(), 0);
	assert_int_equal(dlmgmt_call_destroyconf(confid), -ENOENT);

	/* the client library finds the new daemon by itself */
	(void)kill(daemon_pid, SIGKILL);
	(void)waitpid(daemon_pid, NULL, 0);
	assert_int_equal(dlmgmt_call_getname(id, &info), -EBADF);
	daemon_start();
	assert_int_equal(dlmgmt_call_getname(id, &info), 0);
}

/* Waits until the link is where zoned has it. */
static void await_zone(const char *name, zoneid_t zoneid)
{
	struct dlmgmt_linkinfo info;
	int i;

	for (i = 0; i < 300; i++) {
		if (zoneid == GLOBAL_ZONEID) {
			if (dlmgmt_call_getlinkid(name, ZONE_WEB, &info) == -ENOENT &&
				dlmgmt_call_getlinkid(name, ZONE_DB, &info) == -ENOENT)
				return;
		} else if (dlmgmt_call_getlinkid(name, zoneid, &info) == 0) {
			return;
		}
		(void)poll(NULL, 0, 10);
	}
	fail_msg("%s did not come to zone %d", name, zoneid);
}

/* What changed while it was dead follows zoned. */
static void verify_after_restart(void **state)
{
	datalink_id_t a = create("a0", DLMGMT_ACTIVE), b = create("b0", DLMGMT_ACTIVE);
	datalink_id_t c = create("c0", DLMGMT_ACTIVE);

	assert_int_equal(dlmgmt_call_setzoneid(a, ZONE_WEB), 0);
	assert_int_equal(dlmgmt_call_setzoneid(b, ZONE_DB), 0);
	assert_int_equal(dlmgmt_call_zoneboot(ZONE_WEB), 0);
	(void)daemon_stop(SIGKILL);

	/* web went and another zone has its id; db lost b0 and got c0 */
	fake_change(0, ZONE_WEB, 200, DATALINK_INVALID_LINKID);
	fake_change(1, ZONE_DB, 101, c);
	daemon_start();
	await_zone("c0", ZONE_DB);
	await_zone("a0", GLOBAL_ZONEID);
	await_zone("b0", GLOBAL_ZONEID);
	assert_int_equal(door_in_web(), -ENOENT);
}

/* Without zoned the loans stand; they are checked when it makes itself heard. */
static void verify_when_zoned_comes(void **state)
{
	datalink_id_t a = create("a0", DLMGMT_ACTIVE), eth;
	struct dlmgmt_linkinfo info;

	assert_int_equal(dlmgmt_call_setzoneid(a, ZONE_WEB), 0);
	assert_int_equal(dlmgmt_call_zoneboot(ZONE_WEB), 0);
	(void)daemon_stop(SIGKILL);
	zoned_stop();
	daemon_start();
	assert_int_equal(dlmgmt_call_getlinkid("a0", ZONE_WEB, &info), 0);
	assert_int_equal(door_in_web(), 0);

	fake_change(0, 0, 0, DATALINK_INVALID_LINKID);
	zoned_start();
	assert_int_equal(
		dlmgmt_call_dls_create("eth0", DATALINK_CLASS_PHYS, DL_ETHER, false, 1, 2, &eth),
		0);
	await_zone("a0", GLOBAL_ZONEID);
}

static int run_dlmgmtd(char *out, size_t size)
{
	char *argv[] = {(char *)dlmgmtd, (char *)"-R", root, NULL};
	posix_spawn_file_actions_t actions;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[1], STDERR_FILENO);
	assert_int_equal(posix_spawn(&pid, dlmgmtd, &actions, NULL, argv, environ), 0);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(fds[1]);
	n = read(fds[0], out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	(void)close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void starts_that_fail(void **state)
{
	char text[1024], path[PATH_MAX];
	int fd, status;

	assert_int_equal(run_dlmgmtd(text, sizeof(text)), 1);
	assert_non_null(strstr(text, "another dlmgmtd serves"));

	status = daemon_stop(SIGTERM);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	path_of("/etc/dladm/datalink.db", path);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, "rubbish rubbish rubbish", 23), 23);
	(void)close(fd);
	path_of("/run/dladm/active.db", path); /* nothing to make it again from */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(run_dlmgmtd(text, sizeof(text)), 1);
	assert_non_null(strstr(text, "datalink.db: file is not a database"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1); /* one line */
}

/* ---- many at once ---- */

static void *client(void *arg)
{
	char name[MAXLINKNAMELEN];
	datalink_id_t id;
	long base = (long)arg, i, failed = 0;

	for (i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "t%ld_%ld", base, i);
		failed += dlmgmt_call_create_linkid(name, false, DATALINK_CLASS_VNIC, DL_ETHER,
				  DLMGMT_ACTIVE, &id) != 0;
		failed += dlmgmt_call_setzoneid(id, GLOBAL_ZONEID) != 0;
		failed += dlmgmt_call_destroy_linkid(id, DLMGMT_ACTIVE) != 0;
	}
	return (void *)failed;
}

static void many_clients(void **state)
{
	struct dlmgmt_linkinfo info;
	pthread_t threads[4];
	void *failed;
	long i;

	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, client, (void *)i), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(
		dlmgmt_call_getnext(0, DATALINK_CLASS_ALL, DLMGMT_ACTIVE, 0, &info), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		TEST(wrong_sizes),
		TEST(too_much),
		TEST(large_snapshot),
		TEST(every_command),
		TEST(without_rights),
		TEST(lending),
		TEST(lending_what_zoned_has),
		TEST(lending_is_rolled_back),
		TEST(boot_and_halt),
		TEST(boot_after_a_crash),
		TEST(sigkill),
		TEST(verify_after_restart),
		TEST(verify_when_zoned_comes),
		TEST(starts_that_fail),
		TEST(many_clients),
	};

	if (argc == 4 && streq(argv[1], "--as-nobody"))
		return instance_init(argv[3]) < 0
			       ? 101
			       : as_nobody((datalink_id_t)strtoul(argv[2], NULL, 10));
	if (argc != 2)
		return 2;
	if (geteuid() != 0)
		return 77; /* its callers have to be root */
	self = argv[0];
	dlmgmtd = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}

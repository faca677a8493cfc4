/* SPDX-License-Identifier: MIT */
/*
 * The door commands of zoned's dls half, as the dispatcher calls them: who may,
 * who sees what, which numbers are refused. The devices are real ones in
 * namespaces of the test.
 */
#include "dls-world.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define STUB  1
#define VNIC  2
#define STUB2 3

/* Two answers and not quite a third. */
#define LINKS_ROOM (sizeof(struct dld_links_reply) + 2 * INFO_SIZE + INFO_SIZE - 1)
#define INFO_SIZE  (sizeof(struct dld_linkinfo_reply) - sizeof(struct zone_reply))

static char text[1024];

/* Calls a command as root of a zone. */
static int call(zoneid_t zone, uint32_t cmd, const void *req, size_t size, void *reply)
{
	struct zoned_call c = {
		.req = req, .req_size = size, .zoneid = zone, .reply = reply, .diag = {""}};
	const struct zoned_command *t;
	int r;

	for (t = dls_commands; t->handler && t->cmd != cmd; t++)
		continue;
	assert_non_null(t->handler);
	assert_int_equal(t->req_size, size);
	c.reply_size = t->reply_size;
	c.reply_max = cmd == DLD_LINKS ? LINKS_ROOM : t->reply_size;
	memset(reply, 0, c.reply_max);
	r = t->handler(&c);
	memcpy(text, c.diag.text, sizeof(text));
	return r;
}

static int link_call(zoneid_t zone, uint32_t cmd, datalink_id_t id, void *reply)
{
	const struct dld_link_req req = {cmd, id};

	return call(zone, cmd, &req, sizeof(req), reply);
}

static int vnic(zoneid_t zone, datalink_id_t id, struct dld_linkinfo_reply *reply)
{
	const struct dld_vnic_req req = {
		.cmd = DLD_VNIC_CREATE,
		.linkid = id,
		.over = STUB,
		.mac_type = VNIC_MAC_ADDR_TYPE_AUTO,
	};

	return call(zone, req.cmd, &req, sizeof(req), reply);
}

static int setzone(zoneid_t caller, datalink_id_t id, zoneid_t zone)
{
	const struct dld_setzone_req req = {DLD_SETZONE, id, zone};
	struct zone_reply reply;

	return call(caller, req.cmd, &req, sizeof(req), &reply);
}

static int setmtu(zoneid_t caller, datalink_id_t id, uint32_t mtu)
{
	const struct dld_setmtu_req req = {DLD_SETMTU, id, mtu};
	struct zone_reply reply;

	return call(caller, req.cmd, &req, sizeof(req), &reply);
}

static void test_commands(void **state)
{
	struct dld_linkinfo_reply i;
	struct zone_reply rep;

	/* to a zone the global zone's links are not there */
	assert_int_equal(link_call(WORLD_ZONE, DLD_ETHERSTUB_CREATE, STUB, &rep), -ENOENT);
	assert_int_equal(link_call(0, DLD_ETHERSTUB_CREATE, STUB, &rep), 0);
	assert_int_equal(vnic(WORLD_ZONE, VNIC, &i), -ENOENT);
	assert_int_equal(vnic(0, VNIC, &i), 0);
	assert_int_equal(i.linkid, VNIC);
	assert_int_equal(i.over, STUB);
	assert_int_equal(i.mac[0], 0x02);
	assert_string_equal(i.device, "web0");

	assert_int_equal(link_call(0, DLD_LINKINFO, STUB, &i), 0);
	assert_int_equal(i.link_class, DATALINK_CLASS_ETHERSTUB);
	assert_int_equal(i.state, LINK_STATE_UP);
	assert_int_equal(i.mtu, 1500);
	assert_int_equal(i.over, 0);
	assert_int_equal(link_call(0, DLD_LINKINFO, 9, &i), -ENOENT);

	/* what a zone does not have is not there */
	assert_int_equal(link_call(WORLD_ZONE, DLD_LINKINFO, VNIC, &i), -ENOENT);
	assert_int_equal(link_call(WORLD_ZONE, DLD_DELETE, VNIC, &rep), -ENOENT);
	assert_int_equal(link_call(WORLD_ZONE, DLD_KNOWN, VNIC, &rep), -ENOENT);
	assert_int_equal(link_call(0, DLD_KNOWN, VNIC, &rep), 0);
	assert_int_equal(link_call(0, DLD_KNOWN, 9, &rep), -ENOENT);
	assert_int_equal(link_call(WORLD_ZONE, DLD_RENAMED, VNIC, &rep), -EPERM);
	assert_int_equal(link_call(0, DLD_RENAMED, VNIC, &rep), 0);
	assert_int_equal(link_call(0, DLD_RENAMED, 9, &rep), -ENOENT);
	assert_int_equal(setmtu(WORLD_ZONE, VNIC, 1400), -ENOENT);
	assert_int_equal(setzone(WORLD_ZONE, VNIC, WORLD_ZONE), -ENOENT);

	assert_int_equal(setzone(0, VNIC, 9000), -EINVAL);
	assert_int_equal(setzone(0, VNIC, -1), -EINVAL);
	assert_int_equal(setzone(0, VNIC, WORLD_ZONE), 0);
	assert_int_equal(link_call(WORLD_ZONE, DLD_LINKINFO, VNIC, &i), 0);
	assert_int_equal(i.zoneid, WORLD_ZONE);
	assert_string_equal(i.device, "web0");
	assert_int_equal(link_call(WORLD_ZONE, DLD_KNOWN, VNIC, &rep), 0);
	assert_int_equal(link_call(4, DLD_LINKINFO, VNIC, &i), -ENOENT);
	assert_int_equal(link_call(WORLD_ZONE, DLD_DELETE, VNIC, &rep), -EPERM);
	assert_int_equal(setzone(WORLD_ZONE, VNIC, 0), -EPERM);
	assert_int_equal(link_call(0, DLD_DELETE, VNIC, &rep), -EBUSY);

	/* mtu: of the zone's own link, within what is below it; 0 is the default */
	assert_int_equal(setmtu(WORLD_ZONE, VNIC, 1400), 0);
	assert_int_equal(link_call(0, DLD_LINKINFO, VNIC, &i), 0);
	assert_int_equal(i.mtu, 1400);
	assert_int_equal(i.mtu_default, 1500);
	assert_int_equal(setmtu(WORLD_ZONE, VNIC, 1501), -EINVAL);
	assert_non_null(strstr(text, "between 68 and 1500"));
	assert_int_equal(setmtu(0, VNIC, 67), -EINVAL);
	assert_int_equal(setmtu(0, VNIC, 0), 0);
	assert_int_equal(setmtu(0, STUB, 9000), 0);
	assert_int_equal(setmtu(WORLD_ZONE, VNIC, 9000), 0);
	assert_int_equal(setmtu(0, STUB, 0), 0);

	assert_int_equal(setzone(0, VNIC, 0), 0);
	assert_int_equal(link_call(0, DLD_DELETE, VNIC, &rep), 0);
	assert_int_equal(link_call(0, DLD_DELETE, STUB, &rep), 0);
	assert_int_equal(link_call(0, DLD_DELETE, STUB, &rep), -ENOENT);
}

/* What LINKS tells a zone about links above an id. Returns how many there were. */
static uint32_t links(zoneid_t zone, datalink_id_t above, struct dld_linkinfo_reply ret[2])
{
	const struct dld_links_req req = {DLD_LINKS, DLD_LINKINFO, above};
	static char buf[LINKS_ROOM];
	struct dld_links_reply *reply = (void *)buf;

	assert_int_equal(call(zone, DLD_LINKS, &req, sizeof(req), buf), 0);
	assert_in_range(reply->count, 0, 2);
	for (uint32_t i = 0; i < reply->count; i++)
		memcpy(&ret[i].head + 1, reply->entries + i * INFO_SIZE, INFO_SIZE);
	return reply->count;
}

/* Many at once are what each is alone; a zone learns of no link but its own, not even a number. */
static void test_links(void **state)
{
	const struct dld_links_req wrong = {DLD_LINKS, DLD_NEXT, 0};
	struct dld_linkinfo_reply all[2], one;
	static char buf[LINKS_ROOM];
	struct zone_reply rep;

	assert_int_equal(links(0, 0, all), 0);
	assert_int_equal(call(0, DLD_LINKS, &wrong, sizeof(wrong), buf), -EINVAL);
	assert_int_equal(link_call(0, DLD_ETHERSTUB_CREATE, STUB, &rep), 0);
	assert_int_equal(vnic(0, VNIC, &one), 0);
	assert_int_equal(link_call(0, DLD_ETHERSTUB_CREATE, STUB2, &rep), 0);

	assert_int_equal(links(0, 0, all), 2);
	assert_int_equal(all[0].linkid, STUB);
	assert_int_equal(all[1].linkid, VNIC);
	assert_int_equal(all[1].over, STUB);
	assert_int_equal(link_call(0, DLD_LINKINFO, VNIC, &one), 0);
	assert_memory_equal(&one.head + 1, &all[1].head + 1, INFO_SIZE);
	assert_int_equal(links(0, VNIC, all), 1);
	assert_int_equal(all[0].linkid, STUB2);
	assert_int_equal(links(0, STUB2, all), 0);

	assert_int_equal(links(WORLD_ZONE, 0, all), 0);
	assert_int_equal(setzone(0, VNIC, WORLD_ZONE), 0);
	assert_int_equal(links(WORLD_ZONE, 0, all), 1);
	assert_int_equal(all[0].linkid, VNIC);
	assert_int_equal(all[0].over, DLD_HIDDEN);
	assert_int_equal(link_call(WORLD_ZONE, DLD_LINKINFO, VNIC, &one), 0);
	assert_int_equal(one.over, DLD_HIDDEN);
	assert_int_equal(links(4, 0, all), 0);
	assert_int_equal(links(0, STUB, all), 2);
	assert_int_equal(all[0].over, STUB);
	assert_string_equal(all[0].device, "web0"); /* in the zone */

	assert_int_equal(setzone(0, VNIC, 0), 0);
	assert_int_equal(link_call(0, DLD_DELETE, VNIC, &rep), 0);
	assert_int_equal(link_call(0, DLD_DELETE, STUB, &rep), 0);
	assert_int_equal(link_call(0, DLD_DELETE, STUB2, &rep), 0);
}

static void test_without_dlmgmtd(void **state)
{
	struct zone_reply rep;

	world.dlmgmtd_lives = false;
	assert_int_equal(link_call(0, DLD_ETHERSTUB_CREATE, STUB, &rep), -EBADF);
	assert_string_equal(text, "dlmgmtd does not answer");
	world.dlmgmtd_lives = true;
}

static void test_table_ends(void **state)
{
	size_t n = 0;

	while (dls_commands[n].handler) {
		assert_true(dls_commands[n].req_size >= 2 * sizeof(uint32_t));
		assert_true(dls_commands[n].reply_size >= sizeof(struct zone_reply));
		n++;
	}
	assert_int_equal(n, 12);
}

static int make(void **state)
{
	int r = world_make(state);

	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(VNIC, "web0", DATALINK_CLASS_VNIC, 1);
	world_link(STUB2, "stub1", DATALINK_CLASS_ETHERSTUB, 1);
	return r < 0 ? r : dls_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_ends),
		cmocka_unit_test(test_without_dlmgmtd),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_links),
	};

	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, make, world_end);
}

/* SPDX-License-Identifier: MIT */
/*
 * zoned's dls half under many threads at once: each makes, lends, takes home and
 * destroys, on links of its own and on one that all fight for, while others ask
 * and the watcher listens. Afterwards nothing is left and nothing was lost. And a
 * bridge that is full.
 */
#include "dls-world.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define STUB	1
#define SHARED	2
#define WORKERS 4
#define ROUNDS	6

static const struct dls_link_args over_stub = {
	.over = STUB,
	.mactype = VNIC_MAC_ADDR_TYPE_AUTO,
};

static atomic_bool stop;

static void *work(void *arg)
{
	datalink_id_t mine = (datalink_id_t)(intptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		assert_int_equal(
			dls_link_create(mine, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, NULL),
			0);
		assert_int_equal(world_setzone(mine, WORLD_ZONE, NULL), 0);
		(void)world_setzone(SHARED, i % 2 ? WORLD_ZONE : GLOBAL_ZONEID, NULL);
		assert_int_equal(dls_link_delete(STUB, NULL), -EBUSY);
		assert_int_equal(dls_link_delete(mine, NULL), -EBUSY);
		assert_int_equal(world_setzone(mine, GLOBAL_ZONEID, NULL), 0);
		assert_int_equal(dls_link_delete(mine, NULL), 0);
		(void)dls_link_delete(SHARED, NULL);
		(void)dls_link_create(SHARED, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, NULL);
	}
	return NULL;
}

static void *look(void *arg)
{
	struct dld_linkinfo_reply rep;
	struct dld_link_req req = {DLD_LINKINFO, SHARED};
	const struct zoned_command *t = dls_commands;

	while (t->cmd != DLD_LINKINFO)
		t++;
	while (!atomic_load(&stop)) {
		struct zoned_call c = {.req = &req, .req_size = sizeof(req), .reply = &rep};

		memset(&rep, 0, sizeof(rep));
		(void)t->handler(&c);
		req.linkid = req.linkid % 7 + 1;
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t workers[WORKERS], looker;
	struct diag d = {0};
	struct nl *nl;
	struct nl_link l;

	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(SHARED, "web0", DATALINK_CLASS_VNIC, 1);
	assert_int_equal(
		dls_link_create(STUB, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d), 0);
	assert_int_equal(
		dls_link_create(SHARED, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, &d), 0);
	for (int i = 0; i < WORKERS; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "vnic%d", i);
		world_link((datalink_id_t)i + 3, name, DATALINK_CLASS_VNIC, 1);
	}
	assert_int_equal(pthread_create(&looker, NULL, look, NULL), 0);
	for (intptr_t i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_create(&workers[i], NULL, work, (void *)(i + 3)), 0);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_join(workers[i], NULL), 0);
	atomic_store(&stop, true);
	assert_int_equal(pthread_join(looker, NULL), 0);

	assert_int_equal(dls_zone_shutdown(WORLD_ZONE, world.zone, &d), 0);
	(void)dls_link_delete(SHARED, &d);
	assert_int_equal(dls_link_delete(STUB, &d), 0);
	assert_int_equal(nl_open(world.home, &nl), 0);
	assert_int_equal(nl_link_get_name(nl, "stub0", &l), -ENODEV);
	assert_int_equal(nl_link_get_name(nl, "vp2", &l), -ENODEV);
	for (int i = 0; i < WORKERS; i++) {
		char port[16];

		(void)snprintf(port, sizeof(port), "vp%d", i + 3);
		assert_int_equal(nl_link_get_name(nl, port, &l), -ENODEV);
	}
	nl = nl_close(nl);
}

/* The bridge is filled with strangers' ports: ours is one too many, and says so. */
static void test_full(void **state)
{
	const uint8_t mac[6] = {2, 1, 1, 1, 1, 1};
	struct devnet_info info;
	struct devnet *dd;
	struct diag d = {0};
	int near, port, r = 0, n = 0;
	struct nl *nl;

	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(SHARED, "web0", DATALINK_CLASS_VNIC, 1);
	assert_int_equal(
		dls_link_create(STUB, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d), 0);
	assert_int_equal(dls_devnet_hold_tmp(STUB, &dd), 0);
	dls_devnet_info(dd, &info);
	dls_devnet_rele_tmp(dd);
	assert_int_equal(nl_open(world.home, &nl), 0);
	while (r == 0 && n < DLS_PORT_LIMIT + 1) {
		char a[16], b[16];

		(void)snprintf(a, sizeof(a), "a%d", n);
		(void)snprintf(b, sizeof(b), "b%d", n);
		r = nl_veth_create(nl, a, mac, b, info.at.ifindex, 1500, &near, &port);
		if (r == 0)
			n++;
	}
	assert_int_equal(r, -EXFULL);
	assert_int_equal(n, DLS_PORT_LIMIT);
	assert_int_equal(
		dls_link_create(SHARED, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, &d),
		-ENOSPC);
	assert_non_null(strstr(d.text, "1023"));
	assert_int_equal(dls_devnet_hold_tmp(SHARED, &dd), -ENOENT);
	nl = nl_close(nl);
}

static int make(void **state)
{
	int r = world_make(state);

	return r < 0 ? r : dls_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_full),
	};

	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
		return 77;
	(void)alarm(280);
	return cmocka_run_group_tests(tests, make, world_end);
}

/* SPDX-License-Identifier: MIT */
/*
 * Implicit tunnels: they come with the first hold of their name and go with the last, whoever
 * that is. The device is a vxlan, which any kernel here has; what a tunnel's own driver makes is
 * tested in the virtual machine of tests/vm.
 */
#include "dls-world.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "dladm/dladm.h"

static struct mac_ops test_ops;
static bool driver_fails;

static int test_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	struct nl_kind k = {.name = "vxlan", .tunnel = {.family = AF_INET, .port = 4789}};
	int r;

	if (driver_fails)
		return diag_set(d, -EOPNOTSUPP, "the kernel has no IPv4 tunnels");
	k.tunnel.vni = dd->dd_linkid;
	r = mac_kind_create(dd, name, &k, 0, "vxlan", home, d);
	if (r < 0)
		return r;
	*ret_ifindex = dd->dd_to.ifindex;
	*ret_port = 0;
	return 0;
}

const struct mac_ops *__real_mac_of_class(uint32_t class);
const struct mac_ops *__wrap_mac_of_class(uint32_t class);

const struct mac_ops *__wrap_mac_of_class(uint32_t class)
{
	return class == DATALINK_CLASS_IPTUN ? &test_ops : __real_mac_of_class(class);
}

static void setup_ops(void)
{
	test_ops = mac_iptun;
	test_ops.create = test_create;
	test_ops.get_spec = NULL;
	memset(test_ops.kinds, 0, sizeof(test_ops.kinds));
	test_ops.kinds[0] = "vxlan";
}

/* The world gives a link that dlmgmtd makes the first id from 10 on. */
#define TUNNEL 10

static bool device_there(const char *name)
{
	_cleanup_nl_ struct nl *nl = NULL;
	struct nl_link l;

	CHECK(nl_open(FD_NONE, &nl) == 0);
	return nl_link_get_name(nl, name, &l) == 0;
}

/* The watcher's thread does it. */
static bool gone_soon(datalink_id_t id)
{
	struct devnet *dd;

	for (int i = 0; i < 1000; i++) {
		if (dls_devnet_hold_tmp(id, &dd) == 0)
			dls_devnet_rele_tmp(dd);
		else if (!world.active[id])
			return true;
		usleep(10000);
	}
	return false;
}

static void start(void)
{
	setup_ops();
	CHECK(dls_init() == 0);
}

static void names(void **state)
{
	assert_int_equal(dladm_implicit_iptun("ip.tun0"), IPTUN_TYPE_IPV4);
	assert_int_equal(dladm_implicit_iptun("ip6.tun17"), IPTUN_TYPE_IPV6);
	assert_int_equal(dladm_implicit_iptun("ip.6to4tun0"), IPTUN_TYPE_6TO4);
	assert_int_equal(dladm_implicit_iptun("ip.tun"), 0);
	assert_int_equal(dladm_implicit_iptun("ip.tun01"), 0);
	assert_int_equal(dladm_implicit_iptun("ip.tunx0"), 0);
	assert_int_equal(dladm_implicit_iptun("ip.tun4294967295"), 0);
	assert_int_equal(dladm_implicit_iptun("tun0"), 0);
	assert_int_equal(dladm_implicit_iptun("ip4.tun0"), 0);
	assert_int_equal(dladm_implicit_iptun(""), 0);
}

static void child_two_holds(void)
{
	struct devnet *dd, *same;

	start();
	CHECK(!device_there("ip.tun0"));
	CHECK(dls_devnet_hold_by_name("ip.tun0", &dd, NULL) == 0);
	CHECK(dd->dd_linkid == TUNNEL && dd->dd_class == DATALINK_CLASS_IPTUN);
	CHECK(dd->dd_spec.tunnel.type == IPTUN_TYPE_IPV4);
	CHECK(device_there("ip.tun0"));
	CHECK(dls_devnet_hold_by_name("ip.tun0", &same, NULL) == 0 && same == dd);
	CHECK(dls_link_delete(TUNNEL, NULL) == -EBUSY); /* while it is held */
	dls_devnet_rele_by_name(dd);
	usleep(50000);
	CHECK(device_there("ip.tun0"));
	dls_devnet_rele_by_name(same);
	CHECK(gone_soon(TUNNEL));
	CHECK(!device_there("ip.tun0"));
	/* And again. */
	CHECK(dls_devnet_hold_by_name("ip.tun0", &dd, NULL) == 0);
	CHECK(device_there("ip.tun0"));
}

static void child_other_names(void)
{
	struct devnet *dd;

	start();
	CHECK(dls_devnet_hold_by_name("web0", &dd, NULL) == -ENOENT);
	CHECK(dls_devnet_hold_by_name("ip.tun", &dd, NULL) == -ENOENT);
	world.dlmgmtd_lives = false;
	CHECK(dls_devnet_hold_by_name("ip.tun0", &dd, NULL) == -EBADF);
	world.dlmgmtd_lives = true;
	/* A link that is not implicit is held as well, and stays. */
	world_link(2, "ip.tun1", DATALINK_CLASS_IPTUN, DLMGMT_ACTIVE | DLMGMT_PERSIST);
	CHECK(dls_link_create(2, DATALINK_CLASS_IPTUN,
		      &(struct dls_link_args){.spec.tunnel.type = IPTUN_TYPE_IPV6}, GLOBAL_ZONEID,
		      NULL) == 0);
	CHECK(dls_devnet_hold_by_name("ip.tun1", &dd, NULL) == 0 && dd->dd_linkid == 2);
	CHECK(dls_link_delete(2, NULL) == -EBUSY);
	dls_devnet_rele_by_name(dd);
	usleep(50000);
	CHECK(device_there("ip.tun1"));
	CHECK(dls_link_delete(2, NULL) == 0);
}

/* Nothing is left of one that the kernel cannot make. */
static void child_driver_fails(void)
{
	struct diag d = {0};
	struct devnet *dd;

	start();
	driver_fails = true;
	CHECK(dls_devnet_hold_by_name("ip.tun0", &dd, &d) == -EOPNOTSUPP);
	CHECK(strstr(d.text, "no IPv4 tunnels"));
	CHECK(!world.active[TUNNEL]);
	driver_fails = false;
	CHECK(dls_devnet_hold_by_name("ip.tun0", &dd, &d) == 0);
}

/* A zone's hold is one too, and outlives that of who asked for it. */
static void child_zone_holds(void)
{
	struct devnet *dd;

	start();
	CHECK(dls_devnet_hold_by_name("ip.tun0", &dd, NULL) == 0);
	CHECK(dls_devnet_setzid(dd, WORLD_ZONE, NULL) == 0);
	dls_devnet_rele_by_name(dd);
	usleep(50000);
	CHECK(world.active[TUNNEL]);
	CHECK(dls_devnet_hold_tmp(TUNNEL, &dd) == 0);
	CHECK(dd->dd_at.zone == WORLD_ZONE);
	CHECK(dls_devnet_setzid(dd, GLOBAL_ZONEID, NULL) == 0);
	dls_devnet_rele_tmp(dd);
	CHECK(gone_soon(TUNNEL));
}

/* One that is used at home stays until it is not. */
static void child_used(void)
{
	_cleanup_nl_ struct nl *nl = NULL;
	struct nl_addr a;
	struct devnet *dd;
	int ifindex;

	start();
	CHECK(dls_devnet_hold_by_name("ip.tun0", &dd, NULL) == 0);
	ifindex = dd->dd_at.ifindex;
	CHECK(nl_open(FD_NONE, &nl) == 0 && nl_addr_parse("10.1.1.1/24", &a) == 0);
	CHECK(nl_addr_add(nl, ifindex, &a) == 0);
	dls_devnet_rele_by_name(dd);
	usleep(50000);
	CHECK(device_there("ip.tun0"));
	CHECK(nl_link_delete(nl, ifindex) == 0); /* behind our back, at last */
	CHECK(gone_soon(TUNNEL));
}

static struct dld_hold_reply reply;

static int ask(const char *name, zoneid_t zone, struct zoned_call *call)
{
	static struct dld_hold_req req;

	memset(&req, 0, sizeof(req));
	memset(&reply, 0, sizeof(reply));
	(void)snprintf(req.name, sizeof(req.name), "%s", name);
	*call = (struct zoned_call){.req = &req, .reply = &reply, .zoneid = zone};
	return dls_hold_command(call);
}

/* What a process has of it is a descriptor, whose copies count. */
static void child_descriptor(void)
{
	struct zoned_call call;
	int copy;

	start();
	CHECK(ask("ip6.tun3", WORLD_ZONE, &call) == -EPERM && call.nfds == 0);
	CHECK(ask("a:b", GLOBAL_ZONEID, &call) == -EINVAL);
	CHECK(ask("none0", GLOBAL_ZONEID, &call) == -ENOENT && call.nfds == 0);
	CHECK(!world.active[TUNNEL]);
	CHECK(ask("ip6.tun3", GLOBAL_ZONEID, &call) == 0 && call.nfds == 1);
	CHECK(reply.linkid == TUNNEL);
	copy = dup(call.fds[0]);
	close(call.fds[0]);
	usleep(50000);
	CHECK(world.active[TUNNEL] && device_there("ip6.tun3"));
	close(copy);
	CHECK(gone_soon(TUNNEL));
}

static void child_restart_first(void)
{
	struct devnet *dd;

	start();
	CHECK(dls_devnet_hold_by_name("ip.tun0", &dd, NULL) == 0);
	_exit(0); /* as if killed: the hold is nobody's any more */
}

static void child_restart_second(void)
{
	start();
	CHECK(gone_soon(TUNNEL));
	CHECK(!device_there("ip.tun0"));
}

#define RUN(child) assert_int_equal(world_run(child), 0)

static void last_hold(void **state)
{
	RUN(child_two_holds);
}

static void other_names(void **state)
{
	RUN(child_other_names);
}

static void kernel_without(void **state)
{
	RUN(child_driver_fails);
}

static void zone(void **state)
{
	RUN(child_zone_holds);
}

static void used(void **state)
{
	RUN(child_used);
}

static void descriptor(void **state)
{
	RUN(child_descriptor);
}

static void restart(void **state)
{
	RUN(child_restart_first);
	world_link(TUNNEL, "ip.tun0", DATALINK_CLASS_IPTUN, DLMGMT_ACTIVE);
	RUN(child_restart_second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test_setup_teardown(last_hold, world_make, world_end),
		cmocka_unit_test_setup_teardown(other_names, world_make, world_end),
		cmocka_unit_test_setup_teardown(kernel_without, world_make, world_end),
		cmocka_unit_test_setup_teardown(zone, world_make, world_end),
		cmocka_unit_test_setup_teardown(used, world_make, world_end),
		cmocka_unit_test_setup_teardown(descriptor, world_make, world_end),
		cmocka_unit_test_setup_teardown(restart, world_make, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

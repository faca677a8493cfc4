/* SPDX-License-Identifier: MIT */
/*
 * What lib/linux puts into the real kernel, read back: ports of bridges, tunnels' settings, token
 * buckets, queues of NICs. Each test in a network namespace of its own.
 */
#include "linux/brport.h"
#include "linux/ethnl.h"
#include "linux/rtnl-kind.h"
#include "linux/tc.h"

#include <linux/ethtool.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <cmocka.h>

static const uint8_t mac_a[6] = {2, 8, 0x20, 1, 2, 3}, mac_b[6] = {2, 8, 0x20, 1, 2, 4};
static struct nl *nl;

static int enter(void **state)
{
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	return nl_open(FD_NONE, &nl);
}

static int leave(void **state)
{
	nl = nl_close(nl);
	return 0;
}

/* What tc(8) says of a device. */
static void qdisc_of(const char *device, char *buf, size_t size)
{
	char cmd[64];
	FILE *f;
	size_t n;

	(void)snprintf(cmd, sizeof(cmd), "tc qdisc show dev %s", device);
	f = popen(cmd, "re");
	assert_non_null(f);
	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	(void)pclose(f);
}

static void bridge_keeps_its_times(void **state)
{
	struct nl_kind k = {.name = "bridge",
		.bridge = {.stp = true,
			.priority = 4096,
			.max_age = 1200,
			.hello_time = 300,
			.forward_delay = 900}};
	struct nl_kind now;

	assert_int_equal(
		nl_kind_create(
			nl, &(struct nl_new){.name = "br0", .ifindex = 77, .netns = FD_NONE}, &k),
		0);
	assert_int_equal(nl_kind_get(nl, 77, &now), 0);
	assert_string_equal(now.name, "bridge");
	assert_true(now.bridge.stp);
	assert_int_equal(now.bridge.priority, 4096);
	assert_int_equal(now.bridge.max_age, 1200);
	assert_int_equal(now.bridge.hello_time, 300);
	assert_int_equal(now.bridge.forward_delay, 900);
	k.bridge.hello_time = 200;
	k.bridge.priority = 8192;
	assert_int_equal(nl_kind_change(nl, 77, &k), 0);
	assert_int_equal(nl_kind_get(nl, 77, &now), 0);
	assert_int_equal(now.bridge.hello_time, 200);
	assert_int_equal(now.bridge.priority, 8192);
	k.bridge.forward_delay = 3100; /* more than 30 s */
	assert_true(nl_kind_change(nl, 77, &k) < 0);
	assert_true(strlen(nl_text(nl)) > 0);
	assert_int_equal(nl_kind_get(nl, 78, &now), -ENODEV);
	assert_int_equal(nl_kind_change(nl, 77, &(struct nl_kind){.name = "none"}), -EOPNOTSUPP);
}

static void vxlan_keeps_its_ends(void **state)
{
	struct nl_kind k = {.name = "vxlan",
		.tunnel = {.family = AF_INET,
			.vni = 4711,
			.port = 4790,
			.hop_limit = 9,
			.local = {127, 0, 0, 1},
			.remote = {127, 0, 0, 2}}};
	struct nl_new new = {.name = "vx0", .ifindex = 78, .netns = FD_NONE};
	struct nl_kind now;
	int r = nl_kind_create(nl, &new, &k);

	if (r == -EOPNOTSUPP)
		skip();
	assert_int_equal(r, 0);
	assert_int_equal(nl_kind_get(nl, 78, &now), 0);
	assert_int_equal(now.tunnel.vni, 4711);
	assert_int_equal(now.tunnel.port, 4790);
	assert_int_equal(now.tunnel.hop_limit, 9);
	assert_memory_equal(now.tunnel.local, k.tunnel.local, 16);
	assert_memory_equal(now.tunnel.remote, k.tunnel.remote, 16);
	new.name = "vx1";
	new.ifindex = 79;
	assert_int_equal(nl_kind_create(nl, &new, &k), -EEXIST);
}

static void ports_of_a_bridge(void **state)
{
	struct nl_brport p;
	int br, port, end;

	assert_int_equal(nl_bridge_create(nl, "br0", mac_a, &br), 0);
	assert_int_equal(nl_veth_create(nl, "v0", mac_b, "p0", br, 1500, &end, &port), 0);
	assert_int_equal(nl_brport_get(nl, end, &p), -EOPNOTSUPP); /* in none */
	assert_int_equal(nl_brport_get(nl, port, &p), 0);
	assert_int_equal(p.priority, 32);
	assert_true(p.forward);
	assert_int_equal(nl_brport_set_priority(nl, port, 63), 0);
	assert_int_equal(nl_brport_set_cost(nl, port, 65535), 0);
	assert_int_equal(nl_brport_set_forward(nl, port, false), 0);
	assert_int_equal(nl_brport_get(nl, port, &p), 0);
	assert_int_equal(p.priority, 63);
	assert_int_equal(p.cost, 65535);
	assert_false(p.forward);
	assert_int_equal(nl_brport_set_forward(nl, port, true), 0);
	assert_int_equal(nl_brport_get(nl, port, &p), 0);
	assert_true(p.forward);
	assert_true(nl_brport_set_priority(nl, port, 64) < 0);
	assert_true(nl_brport_set_cost(nl, port, 65536) < 0);
	assert_true(nl_brport_set_cost(nl, end, 1) < 0);
}

static void token_buckets(void **state)
{
	char text[512];
	int end, port;

	assert_int_equal(nl_veth_create(nl, "v0", mac_b, "p0", 0, 1500, &end, &port), 0);
	assert_int_equal(nl_tbf_clear(nl, end), 0); /* none there */
	assert_int_equal(nl_tbf_set(nl, end, 8000000), 0);
	qdisc_of("v0", text, sizeof(text));
	assert_non_null(strstr(text, "tbf"));
	assert_non_null(strstr(text, "rate 8Mbit"));
	assert_int_equal(
		nl_tbf_set(nl, end, UINT64_C(50000000000)), 0); /* more than 32 bits of bytes */
	qdisc_of("v0", text, sizeof(text));
	assert_non_null(strstr(text, "rate 50Gbit"));
	assert_int_equal(nl_tbf_clear(nl, end), 0);
	qdisc_of("v0", text, sizeof(text));
	assert_null(strstr(text, "tbf"));
	assert_int_equal(nl_tbf_set(nl, 12345, 8000000), -ENODEV);
}

static void queues_of_a_nic(void **state)
{
	struct ethnl_channels c;
	struct ethnl_pause p;
	struct ethnl_link l;
	struct nl_link dev;
	struct nl *eth;

	assert_int_equal(
		system("ip link add v0 numrxqueues 3 numtxqueues 3 type veth peer name p0"), 0);
	assert_int_equal(nl_link_get_name(nl, "v0", &dev), 0);
	assert_int_equal(ethnl_open(FD_NONE, &eth), 0);
	assert_int_equal(ethnl_channels_get(eth, dev.ifindex, &c), 0);
	assert_int_equal(c.rx_max, 3);
	assert_int_equal(c.combined_max, 0);
	c.rx = 2;
	c.tx = 1;
	assert_int_equal(ethnl_channels_set(eth, dev.ifindex, &c), 0);
	assert_int_equal(ethnl_channels_get(eth, dev.ifindex, &c), 0);
	assert_int_equal(c.rx, 2);
	assert_int_equal(c.tx, 1);
	c.rx = 4;
	assert_int_equal(ethnl_channels_set(eth, dev.ifindex, &c), -EINVAL);
	assert_true(strlen(nl_text(eth)) > 0);
	assert_int_equal(ethnl_link_get(eth, dev.ifindex, &l), 0);
	assert_int_equal(l.speed, 10000);
	assert_int_equal(l.duplex, DUPLEX_FULL);
	assert_int_equal(l.nmodes, 0);
	assert_int_equal(ethnl_pause_get(eth, dev.ifindex, &p), -EOPNOTSUPP);
	assert_int_equal(ethnl_link_get(eth, 12345, &l), -ENODEV);
	(void)nl_close(eth);
}

static void check_one_queue(struct nl *eth, int ifindex)
{
	struct ethnl_channels c;

	assert_int_equal(ethnl_channels_get(eth, ifindex, &c), 0);
	assert_int_equal(c.rx_max, 1);
	assert_int_equal(c.tx_max, 1);
}

static void a_pair_has_one_queue(void **state)
{
	static const struct nl_birth b = {.name = "v1",
		.mac = mac_a,
		.mtu = 1500,
		.netns = FD_NONE,
		.ifindex = 78,
		.port = "p1",
		.port_ifindex = 79};
	int port, end;
	struct nl *eth;

	assert_int_equal(ethnl_open(FD_NONE, &eth), 0);
	assert_int_equal(nl_veth_create(nl, "v0", mac_b, "p0", 0, 1500, &end, &port), 0);
	check_one_queue(eth, end);
	check_one_queue(eth, port);
	assert_int_equal(nl_veth_create_in(nl, &b), 0);
	check_one_queue(eth, 78);
	check_one_queue(eth, 79);
	(void)nl_close(eth);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bridge_keeps_its_times, enter, leave),
		cmocka_unit_test_setup_teardown(vxlan_keeps_its_ends, enter, leave),
		cmocka_unit_test_setup_teardown(ports_of_a_bridge, enter, leave),
		cmocka_unit_test_setup_teardown(token_buckets, enter, leave),
		cmocka_unit_test_setup_teardown(queues_of_a_nic, enter, leave),
		cmocka_unit_test_setup_teardown(a_pair_has_one_queue, enter, leave),
	};

	if (unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * rtnetlink against the real kernel, in network namespaces that the test makes:
 * one for the whole program ("home"), one beside it ("zone"). Needs the right to
 * make them; without it the test is skipped.
 */
#include "linux/uppers.h"
#include "linux/rtnl.h"

#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <cmocka.h>

static const uint8_t mac_a[6] = {0x02, 0x08, 0x20, 1, 2, 3};
static const uint8_t mac_b[6] = {0x02, 0x08, 0x20, 1, 2, 4};

struct world {
	struct nl *home;
	int home_ns;
	int zone_ns;
};

/* A second network namespace, by entering it and coming back. */
static int netns_make(void)
{
	int home = netns_self(), fd;

	assert_true(home >= 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	fd = netns_self();
	assert_true(fd >= 0);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
	return fd;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->home_ns = netns_make();
	assert_int_equal(setns(w->home_ns, CLONE_NEWNET), 0);
	w->zone_ns = netns_make();
	assert_int_equal(nl_open(FD_NONE, &w->home), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	w->home = nl_close(w->home);
	close(w->home_ns);
	close(w->zone_ns);
	free(w);
	return 0;
}

static void test_bridge(void **state)
{
	struct world *w = *state;
	struct nl_link l;
	int ifindex, again;

	assert_int_equal(nl_bridge_create(w->home, "stub0", mac_a, &ifindex), 0);
	assert_int_equal(nl_link_get(w->home, ifindex, &l), 0);
	assert_string_equal(l.name, "stub0");
	assert_string_equal(l.kind, "bridge");
	assert_memory_equal(l.mac, mac_a, 6);
	assert_int_equal(l.flags & IFF_UP, 0);
	assert_int_equal(nl_link_set_flags(w->home, ifindex, IFF_UP, IFF_UP), 0);
	assert_int_equal(nl_link_get_name(w->home, "stub0", &l), 0);
	assert_int_equal(l.ifindex, ifindex);
	assert_true(l.flags & IFF_UP);

	assert_int_equal(nl_bridge_create(w->home, "stub0", mac_a, &again), -EEXIST);
	assert_true(strlen(nl_text(w->home)) > 0);
	assert_int_equal(nl_link_delete(w->home, ifindex), 0);
	assert_int_equal(nl_link_delete(w->home, ifindex), -ENODEV);
	assert_int_equal(nl_link_get(w->home, ifindex, &l), -ENODEV);
	assert_int_equal(nl_link_delete(w->home, 0), -ENODEV);
}

static void test_veth_in_bridge(void **state)
{
	struct world *w = *state;
	struct nl_link l;
	int stub, near, port;

	assert_int_equal(nl_bridge_create(w->home, "stub0", mac_b, &stub), 0);
	assert_int_equal(
		nl_veth_create(w->home, "web0", mac_a, "vp7", stub, 1500, &near, &port), 0);
	assert_int_equal(nl_link_get(w->home, near, &l), 0);
	assert_string_equal(l.name, "web0");
	assert_memory_equal(l.mac, mac_a, 6);
	assert_int_equal(l.master, 0);
	assert_int_equal(l.link, port);
	assert_int_equal(l.link_nsid, -1);
	assert_int_equal(nl_link_get(w->home, port, &l), 0);
	assert_string_equal(l.name, "vp7");
	assert_int_equal(l.master, stub);
	/* one end goes with the other */
	assert_int_equal(nl_link_delete(w->home, port), 0);
	assert_int_equal(nl_link_get(w->home, near, &l), -ENODEV);
}

/* What is over a device, without the list of all. */
static void test_uppers(void **state)
{
	struct world *w = *state;
	int stub, near, port;
	bool found;

	assert_int_equal(nl_bridge_create(w->home, "stub0", mac_b, &stub), 0);
	assert_int_equal(
		nl_veth_create(w->home, "web0", mac_a, "vp7", stub, 1500, &near, &port), 0);
	assert_int_equal(device_has_uppers("vp7", port, &found), 0);
	assert_true(found);
	assert_int_equal(device_has_uppers("web0", near, &found), 0);
	assert_false(found); /* the other end is not over it */
	assert_int_equal(device_has_uppers("stub0", stub, &found), 0);
	assert_false(found);
	assert_int_equal(device_has_uppers("web0", port, &found), -EOPNOTSUPP);
	assert_int_equal(device_has_uppers("none0", port, &found), -EOPNOTSUPP);
	assert_int_equal(nl_link_set_master(w->home, port, 0), 0);
	assert_int_equal(device_has_uppers("vp7", port, &found), 0);
	assert_false(found);
}

static int count_kind(const struct nl_link *l, void *arg)
{
	assert_string_equal(l->kind, "veth");
	(*(int *)arg)++;
	return 0;
}

static int stop_at_first(const struct nl_link *l, void *arg)
{
	(*(int *)arg)++;
	return 7;
}

/* Of one kind, and of none that the kernel lacks, however many there are of others. */
static void test_each_of_kind(void **state)
{
	struct world *w = *state;
	int n = 0, ifindex, port;
	char name[IFNAMSIZ], end[IFNAMSIZ];

	assert_int_equal(nl_bridge_create(w->home, "stub0", mac_b, &ifindex), 0);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "web%d", i);
		(void)snprintf(end, sizeof(end), "vp%d", i);
		assert_int_equal(
			nl_veth_create(w->home, name, mac_a, end, 0, 1500, &ifindex, &port), 0);
	}
	assert_int_equal(nl_link_each_of_kind("veth", count_kind, &n), 0);
	assert_int_equal(n, 40);
	n = 0;
	assert_int_equal(nl_link_each_of_kind("veth", stop_at_first, &n), 7);
	assert_int_equal(n, 1);
	assert_int_equal(nl_link_each_of_kind("nosuchkind", count_kind, &n), -EOPNOTSUPP);
	assert_int_equal(n, 1);
}

static void test_kernel_text(void **state)
{
	struct world *w = *state;
	int stub, r;

	assert_int_equal(nl_bridge_create(w->home, "stub0", mac_a, &stub), 0);
	r = nl_link_set_mtu(w->home, stub, 10);
	assert_int_equal(r, -EINVAL);
	/* the kernel's own sentence, not strerror's */
	assert_string_not_equal(nl_text(w->home), strerror(EINVAL));
	assert_int_equal(nl_link_set_mtu(w->home, stub, 9000), 0);
}

static void test_move(void **state)
{
	struct world *w = *state;
	_cleanup_nl_ struct nl *zone = NULL;
	struct nl_link l;
	int near, port, nsid, other, other_port;
	struct nl_stats there, from_home;

	assert_int_equal(nl_veth_create(w->home, "web0", mac_a, "vp7", 0, 1500, &near, &port), 0);
	assert_int_equal(nl_open(w->zone_ns, &zone), 0);
	assert_int_equal(nl_link_move(w->home, near, w->zone_ns, 4711), 0);
	assert_int_equal(nl_link_get(w->home, near, &l), -ENODEV);
	assert_int_equal(nl_link_get(zone, 4711, &l), 0);
	assert_string_equal(l.name, "web0");
	assert_memory_equal(l.mac, mac_a, 6);
	assert_true(l.link_nsid >= 0);

	/* the end at home tells where its peer is */
	assert_int_equal(nl_nsid_get(w->home, w->zone_ns, &nsid), 0);
	assert_int_equal(nl_link_get(w->home, port, &l), 0);
	assert_int_equal(l.link, 4711);
	assert_int_equal(l.link_nsid, nsid);

	/* and what the peer counts can be asked from there */
	assert_int_equal(nl_link_stats(zone, 4711, &there), 0);
	assert_int_equal(nl_link_stats_of(w->home, nsid, 4711, &from_home), 0);
	assert_memory_equal(&there, &from_home, sizeof(there));
	assert_int_equal(nl_link_stats_of(w->home, nsid, 4712, &from_home), -ENODEV);

	/* neither a taken index nor a taken name moves anything */
	assert_int_equal(
		nl_veth_create(w->home, "db0", mac_b, "vp8", 0, 1500, &other, &other_port), 0);
	assert_int_equal(nl_link_move(w->home, other, w->zone_ns, 4711), -EBUSY);
	assert_int_equal(nl_link_set_name(w->home, other, "web0"), 0);
	assert_int_equal(nl_link_move(w->home, other, w->zone_ns, 4712), -EEXIST);
	assert_int_equal(nl_link_get(w->home, other, &l), 0);

	/* and back, under an index that was asked for */
	assert_int_equal(nl_link_set_name(zone, 4711, "tmp0"), 0);
	assert_int_equal(nl_link_move(zone, 4711, w->home_ns, 999), 0);
	assert_int_equal(nl_link_get(w->home, 999, &l), 0);
	assert_string_equal(l.name, "tmp0");
}

/* Born elsewhere: nothing is moved, nothing is half there after a failure. */
static void test_birth(void **state)
{
	struct world *w = *state;
	_cleanup_nl_ struct nl *zone = NULL;
	struct nl_birth b = {"web0", mac_a, 1400, w->zone_ns, 700, 0, "vz7-%d", 701};
	struct nl_link l;
	int br;

	assert_int_equal(nl_bridge_create(w->home, "stub0", NULL, &br), 0);
	assert_int_equal(nl_open(w->zone_ns, &zone), 0);
	b.lower = br;
	assert_int_equal(nl_veth_create_in(w->home, &b), 0);
	assert_int_equal(nl_link_get(zone, 700, &l), 0);
	assert_string_equal(l.name, "web0");
	assert_memory_equal(l.mac, mac_a, 6);
	assert_int_equal(l.mtu, 1400);
	assert_int_equal(nl_link_get(w->home, 701, &l), 0);
	assert_string_equal(l.name, "vz7-0");
	assert_true(l.master == br && l.link == 700 && (l.flags & IFF_UP));

	/* a taken port index, name and index */
	assert_int_equal(nl_veth_create_in(w->home, &b), -EEXIST);
	b.port_ifindex = 703;
	b.ifindex = 702;
	assert_int_equal(nl_veth_create_in(w->home, &b), -EEXIST);
	b.name = "db0";
	b.ifindex = 700;
	assert_int_equal(nl_veth_create_in(w->home, &b), -EBUSY);
	assert_int_equal(nl_link_get(w->home, 703, &l), -ENODEV);
	b.ifindex = 702;
	assert_int_equal(nl_veth_create_in(w->home, &b), 0);
	assert_int_equal(nl_link_get_name(w->home, "vz7-1", &l), 0);

	b = (struct nl_birth){"mv0", mac_b, 0, w->zone_ns, 704, l.ifindex, NULL, 0};
	assert_int_equal(nl_link_set_master(w->home, l.ifindex, 0), 0);
	assert_int_equal(nl_macvlan_create_in(w->home, &b), 0);
	assert_int_equal(nl_link_get(zone, 704, &l), 0);
	assert_string_equal(l.kind, "macvlan");
	assert_true(l.link == b.lower && l.link_nsid >= 0);
	assert_int_equal(nl_link_get_name(w->home, "mv0", &l), -ENODEV);
}

static void test_altnames(void **state)
{
	struct world *w = *state;
	const char *name = "a_name_of_31_characters_is_fine";
	struct nl_link l;
	int stub;

	assert_int_equal(strlen(name), 31);
	assert_int_equal(nl_bridge_create(w->home, "dl5", mac_a, &stub), 0);
	assert_int_equal(nl_altname_add(w->home, stub, name), 0);
	assert_int_equal(nl_altname_add(w->home, stub, "short"), 0);
	assert_int_equal(nl_altname_add(w->home, stub, "short"), -EEXIST);
	assert_int_equal(nl_link_get_name(w->home, name, &l), 0);
	assert_int_equal(l.ifindex, stub);
	assert_int_equal(nl_link_get_name(w->home, "short", &l), 0);
	for (int i = 0; i < 300; i++) {
		char many[100];

		(void)snprintf(many, sizeof(many), "%d%080d", i, i);
		assert_int_equal(nl_altname_add(w->home, stub, many), 0);
	}
	assert_int_equal(nl_altname_clear(w->home, stub), 0);
	assert_int_equal(nl_altname_clear(w->home, stub), 0);
	assert_int_equal(nl_link_get_name(w->home, "short", &l), -ENODEV);
	assert_int_equal(nl_link_get_name(w->home, name, &l), -ENODEV);
}

static int count_addr(const struct nl_addr *a, void *arg)
{
	(*(int *)arg)++;
	return 0;
}

static void test_addresses(void **state)
{
	struct world *w = *state;
	struct nl_addr a, gw, bad;
	int near, port, n = 0;
	bool route;

	assert_int_equal(nl_addr_parse("10.0.0.256/24", &bad), -EINVAL);
	assert_int_equal(nl_addr_parse("10.0.0.2/33", &bad), -EINVAL);
	assert_int_equal(nl_addr_parse("10.0.0.2/", &bad), -EINVAL);
	assert_int_equal(nl_addr_parse("10.0.0.2/-1", &bad), -EINVAL);
	assert_int_equal(nl_addr_parse("fd00::1/129", &bad), -EINVAL);
	assert_int_equal(nl_addr_parse("", &bad), -EINVAL);

	assert_int_equal(nl_veth_create(w->home, "web0", mac_a, "vp7", 0, 1500, &near, &port), 0);
	assert_int_equal(nl_link_set_flags(w->home, port, IFF_UP, IFF_UP), 0);
	assert_int_equal(nl_link_set_flags(w->home, near, IFF_UP, IFF_UP), 0);
	assert_int_equal(nl_addr_parse("10.0.0.2/24", &a), 0);
	assert_int_equal(nl_addr_parse("10.0.0.1", &gw), 0);
	assert_int_equal(gw.prefix_len, 32);
	assert_true(nl_route_add_default(w->home, near, &gw) < 0); /* not reachable yet */
	assert_int_equal(nl_addr_add(w->home, near, &a), 0);
	assert_int_equal(nl_addr_add(w->home, near, &a), -EEXIST);
	assert_int_equal(nl_addr_each(w->home, port, count_addr, &n), 0);
	n = 0;
	assert_int_equal(nl_route_on(w->home, near, &route), 0);
	assert_false(route); /* the kernel's own do not count */
	assert_int_equal(nl_route_add_default(w->home, near, &gw), 0);
	assert_int_equal(nl_route_on(w->home, near, &route), 0);
	assert_true(route);
	assert_int_equal(nl_addr_parse("fd00::2/64", &a), 0);
	assert_int_equal(nl_addr_add(w->home, near, &a), 0);
	assert_int_equal(nl_addr_each(w->home, near, count_addr, &n), 0);
	assert_true(n >= 2);
}

/* What comes from the kernel, for libmnl too. */
static size_t received;

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);

	if (n > 0)
		received += (size_t)n;
	return n;
}

static size_t told_of_device(struct nl *nl, int ifindex)
{
	bool route;
	int n = 0;

	received = 0;
	assert_int_equal(nl_addr_each(nl, ifindex, count_addr, &n), 0);
	assert_true(n == 2);
	assert_int_equal(nl_route_on(nl, ifindex, &route), 0);
	assert_true(route);
	assert_true(received > 0);
	return received;
}

/* Of other devices and what they have the kernel tells nothing. */
static void test_addresses_of_many(void **state)
{
	struct world *w = *state;
	struct nl_addr a, a6, other;
	int near, port, more, far;
	char name[2][IFNAMSIZ];
	size_t alone;

	assert_int_equal(nl_addr_parse("10.0.0.2/24", &a), 0);
	assert_int_equal(nl_addr_parse("fd00::2/64", &a6), 0);
	assert_int_equal(nl_veth_create(w->home, "web0", mac_a, "vp7", 0, 1500, &near, &port), 0);
	assert_int_equal(nl_link_set_flags(w->home, near, IFF_UP, IFF_UP), 0);
	assert_int_equal(nl_addr_add(w->home, near, &a), 0);
	assert_int_equal(nl_addr_add(w->home, near, &a6), 0);
	assert_int_equal(nl_addr_parse("10.0.0.1", &other), 0);
	assert_int_equal(nl_route_add_default(w->home, near, &other), 0);
	alone = told_of_device(w->home, near);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(name[0], sizeof(name[0]), "web%d", i + 1);
		(void)snprintf(name[1], sizeof(name[1]), "vp%d", i + 8);
		assert_int_equal(
			nl_veth_create(w->home, name[0], mac_b, name[1], 0, 1500, &more, &far), 0);
		assert_int_equal(nl_link_set_flags(w->home, more, IFF_UP, IFF_UP), 0);
		other = a;
		other.v4.s_addr = htonl(0x0a010002u + ((unsigned int)i << 8));
		assert_int_equal(nl_addr_add(w->home, more, &other), 0);
		other = a6;
		other.v6.s6_addr[7] = (uint8_t)(i + 1);
		assert_int_equal(nl_addr_add(w->home, more, &other), 0);
	}
	assert_int_equal(told_of_device(w->home, near), alone);
	/* one that is gone has nothing */
	assert_int_equal(nl_link_delete(w->home, near), 0);
	more = 0;
	assert_int_equal(nl_addr_each(w->home, near, count_addr, &more), 0);
	assert_int_equal(more, 0);
}

struct events {
	int seen, gone, last_gone;
};

static void on_seen(const struct nl_link *l, void *arg)
{
	((struct events *)arg)->seen++;
}

static void on_gone(int ifindex, void *arg)
{
	struct events *e = arg;

	e->gone++;
	e->last_gone = ifindex;
}

static void test_listen(void **state)
{
	struct world *w = *state;
	_cleanup_nl_ struct nl *ear = NULL;
	struct events e = {0};
	int stub, near, port, fd;

	assert_int_equal(nl_open(w->home_ns, &ear), 0);
	fd = nl_listen(ear);
	assert_true(fd >= 0);
	assert_int_equal(nl_read(ear, on_seen, on_gone, &e), -EAGAIN);
	assert_int_equal(nl_bridge_create(w->home, "stub0", mac_b, &stub), 0);
	assert_int_equal(
		nl_veth_create(w->home, "web0", mac_a, "vp7", stub, 1500, &near, &port), 0);
	while (nl_read(ear, on_seen, on_gone, &e) == 0)
		continue;
	assert_true(e.seen >= 3);
	/* a port that leaves its bridge has not gone */
	assert_int_equal(nl_link_set_master(w->home, port, 0), 0);
	while (nl_read(ear, on_seen, on_gone, &e) == 0)
		continue;
	assert_int_equal(e.gone, 0);
	assert_int_equal(nl_link_delete(w->home, stub), 0);
	while (nl_read(ear, on_seen, on_gone, &e) == 0)
		continue;
	assert_int_equal(e.gone, 1);
	assert_int_equal(e.last_gone, stub);
}

static void test_clear(void **state)
{
	struct world *w = *state;
	int near, port;

	assert_int_equal(nl_veth_create(w->home, "web0", mac_a, "vp7", 0, 1500, &near, &port), 0);
	assert_int_equal(nl_link_clear_tc(w->home, near), 0);
	assert_int_equal(nl_link_clear_xdp(w->home, near), 0);
	assert_int_equal(nl_link_set_flags(w->home, near, IFF_UP, IFF_UP), 0);
	assert_int_equal(nl_link_clear_tc(w->home, near), 0);
}

static int count_link(const struct nl_link *l, void *arg)
{
	int *n = arg;

	return ++*n == 1 ? 0 : 77;
}

static void test_walk_ends(void **state)
{
	struct world *w = *state;
	int near, port, n = 0;

	assert_int_equal(nl_veth_create(w->home, "web0", mac_a, "vp7", 0, 1500, &near, &port), 0);
	assert_int_equal(nl_link_each(w->home, count_link, &n), 77);
	assert_int_equal(n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bridge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_veth_in_bridge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_uppers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_of_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kernel_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_move, setup, teardown),
		cmocka_unit_test_setup_teardown(test_birth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_altnames, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses_of_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_listen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_ends, setup, teardown),
	};

	/* An ordinary user owns the namespaces of a user namespace of his own. */
	if (geteuid() != 0 && unshare(CLONE_NEWUSER) < 0)
		return 77;
	if (unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Links of zoned's dls half against the real kernel: making, destroying, lending
 * to a zone, coming home from a zone whose root did what he liked, and a zoned that
 * was killed. Each test runs in a process of its own, a "restart" is a second one.
 */
#include "dls-world.h"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define STUB 1
#define VNIC 2
#define DB   3

static const struct dls_link_args over_stub = {
	.over = STUB,
	.mactype = VNIC_MAC_ADDR_TYPE_AUTO,
};

static struct nl *nl_home(void)
{
	static struct nl *nl;

	if (!nl)
		CHECK(nl_open(world.home, &nl) == 0);
	return nl;
}

static struct nl *nl_zone(void)
{
	static struct nl *nl;

	if (!nl)
		CHECK(nl_open(world.zone, &nl) == 0);
	return nl;
}

static void stub_and_vnic(void)
{
	struct diag d = {0};

	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(VNIC, "web0", DATALINK_CLASS_VNIC, 1);
	CHECK(dls_init() == 0);
	CHECK(dls_link_create(STUB, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d) == 0);
	CHECK(dls_link_create(VNIC, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, &d) == 0);
}

static struct devnet_info info_of(datalink_id_t id)
{
	struct devnet_info i;
	struct devnet *dd;

	CHECK(dls_devnet_hold_tmp(id, &dd) == 0);
	dls_devnet_info(dd, &i);
	dls_devnet_rele_tmp(dd);
	return i;
}

/* ---- making and destroying ---- */

static void make_and_destroy(void)
{
	struct diag d = {0};
	struct devnet_info i;
	struct nl_link l;

	stub_and_vnic();
	CHECK(nl_link_get_name(nl_home(), "stub0", &l) == 0);
	CHECK(streq(l.kind, "bridge") && (l.flags & IFF_UP));
	i = info_of(VNIC);
	CHECK(nl_link_get(nl_home(), i.at.ifindex, &l) == 0);
	CHECK(streq(l.name, "web0") && streq(l.kind, "veth") && !(l.flags & IFF_UP));
	CHECK(memcmp(l.mac, (uint8_t[]){0x02, 0x08, 0x20}, 3) == 0);
	CHECK(nl_link_get_name(nl_home(), "vp2", &l) == 0);
	CHECK(l.ifindex == i.port && (l.flags & IFF_UP));

	/* twice the same id; no such id; the wrong class; over nothing; over a vnic */
	CHECK(dls_link_create(STUB, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d) == -EEXIST);
	CHECK(dls_link_create(9, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d) == -ENOENT);
	CHECK(dls_link_create(VNIC, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d) == -EINVAL);
	world_link(DB, "db0", DATALINK_CLASS_VNIC, 1);
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC,
		      &(struct dls_link_args){.over = 7, .mactype = VNIC_MAC_ADDR_TYPE_AUTO},
		      GLOBAL_ZONEID, &d) == -ENOENT);
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC,
		      &(struct dls_link_args){.over = VNIC, .mactype = VNIC_MAC_ADDR_TYPE_AUTO},
		      GLOBAL_ZONEID, &d) == -EINVAL);

	/* a used address, and none at all */
	struct dls_link_args fixed = {.over = STUB, .mactype = VNIC_MAC_ADDR_TYPE_FIXED};
	memcpy(fixed.mac, i.mac, 6);
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC, &fixed, GLOBAL_ZONEID, &d) == -EADDRINUSE);
	CHECK(strstr(d.text, "MAC address is already in use"));
	fixed.mac[0] |= 1;
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC, &fixed, GLOBAL_ZONEID, &d) == -EINVAL);
	memcpy(fixed.mac, (uint8_t[]){2, 8, 0x20, 0, 0, 9}, 6);
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC, &fixed, GLOBAL_ZONEID, &d) == 0);
	CHECK(memcmp(info_of(DB).mac, fixed.mac, 6) == 0);
	CHECK(dls_link_delete(DB, &d) == 0);

	CHECK(dls_link_delete(STUB, &d) == -EBUSY);
	CHECK(dls_link_delete(VNIC, &d) == 0);
	CHECK(dls_link_delete(VNIC, &d) == -ENOENT);
	CHECK(dls_link_delete(STUB, &d) == 0);
	CHECK(nl_link_get_name(nl_home(), "vp2", &l) == -ENODEV);
	CHECK(nl_link_get_name(nl_home(), "stub0", &l) == -ENODEV);
}

/* dlmgmtd takes the id of a link back while it is made. */
static void deleted_while_made(void)
{
	struct diag d = {0};
	struct devnet_info i;
	struct nl_link l;

	stub_and_vnic();
	world_link(DB, "db0", DATALINK_CLASS_VNIC, 1);
	world.deleted = DB;
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, &d) == -ENOENT);
	CHECK(strstr(d.text, "'db0' was deleted meanwhile"));
	CHECK(dls_devnet_info_of(DB, &i) == -ENOENT);
	CHECK(nl_link_get_name(nl_home(), "db0", &l) == -ENODEV);
	/* it holds nothing below */
	CHECK(dls_link_delete(VNIC, &d) == 0 && dls_link_delete(STUB, &d) == 0);
}

static void names(void)
{
	struct diag d = {0};
	struct nl_link l;
	int ifindex;

	world_link(STUB, "a_stub_with_a_long_name0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(VNIC, "web0", DATALINK_CLASS_VNIC, 1);
	CHECK(nl_bridge_create(nl_home(), "web0", NULL, &ifindex) == 0);
	CHECK(dls_init() == 0);
	CHECK(dls_link_create(STUB, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_link_get_name(nl_home(), "a_stub_with_a_long_name0", &l) == 0);
	CHECK(streq(l.name, "dl1"));
	/* the host has a device of that name: ours takes another */
	CHECK(dls_link_create(VNIC, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_link_get(nl_home(), info_of(VNIC).at.ifindex, &l) == 0);
	CHECK(streq(l.name, "dl2"));
	CHECK(nl_link_get(nl_home(), ifindex, &l) == 0 && streq(l.kind, "bridge"));
}

static void holds(void)
{
	struct diag d = {0};
	struct nl_addr a;
	struct devnet_info i;
	int ifindex;

	stub_and_vnic();
	i = info_of(VNIC);
	CHECK(nl_addr_parse("10.9.0.1/24", &a) == 0);
	CHECK(nl_addr_add(nl_home(), i.at.ifindex, &a) == 0);
	CHECK(dls_link_delete(VNIC, &d) == -EBUSY);
	CHECK(strstr(d.text, "address"));
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == -EBUSY);
	CHECK(dls_link_delete(VNIC, &d) == -EBUSY);
	/* a stranger's bridge over a vnic, a stranger's macvlan */
	world_link(DB, "db0", DATALINK_CLASS_VNIC, 1);
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_bridge_create(nl_home(), "br7", NULL, &ifindex) == 0);
	CHECK(nl_link_set_master(nl_home(), info_of(DB).at.ifindex, ifindex) == 0);
	CHECK(dls_link_delete(DB, &d) == -EBUSY);
	CHECK(nl_link_delete(nl_home(), ifindex) == 0);
	CHECK(nl_macvlan_create(nl_home(), "mv0", NULL, info_of(DB).at.ifindex, &ifindex) == 0);
	CHECK(dls_link_delete(DB, &d) == -EBUSY);
	CHECK(nl_link_delete(nl_home(), ifindex) == 0);
	CHECK(dls_link_delete(DB, &d) == 0);
}

static void route_holds(void)
{
	struct nl_addr gateway;
	struct diag d = {0};
	int ifindex;

	stub_and_vnic();
	ifindex = info_of(VNIC).at.ifindex;
	CHECK(nl_addr_parse("fe80::1", &gateway) == 0);
	CHECK(nl_link_set_flags(nl_home(), ifindex, IFF_UP, IFF_UP) == 0);
	CHECK(nl_route_add_default(nl_home(), ifindex, &gateway) == 0);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == -EBUSY);
	CHECK(strstr(d.text, "route"));
	/* the kernel takes it away, and makes none over what is down */
	CHECK(nl_link_set_flags(nl_home(), ifindex, 0, IFF_UP) == 0);
	CHECK(nl_route_remove_default(nl_home(), ifindex, &gateway) == -ESRCH);
	CHECK(nl_route_add_default(nl_home(), ifindex, &gateway) == -ENETDOWN);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	CHECK(world_setzone(VNIC, GLOBAL_ZONEID, &d) == 0);
	CHECK(dls_link_delete(VNIC, &d) == 0 && dls_link_delete(STUB, &d) == 0);
}

/* ---- lending ---- */

/* vz<linkid>-<number> */
static bool is_port_of(datalink_id_t id, const char *name)
{
	unsigned int of, n;
	int end = 0;

	return sscanf(name, "vz%u-%u%n", &of, &n, &end) == 2 && !name[end] && of == id;
}

static bool has_no_ip6(const char *device)
{
	_cleanup_close_ int fd = FD_NONE;
	char path[128], value = 0;

	if (access("/proc/sys/net/ipv6", F_OK) < 0)
		return true;
	(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", device);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, &value, 1) == 1 && value == '1';
}

static void lend(void)
{
	struct diag d = {0};
	struct devnet_info i, was;
	struct nl_link l;

	stub_and_vnic();
	was = info_of(VNIC);
	CHECK(world_setzone(STUB, WORLD_ZONE, &d) == -ENOTSUP);
	CHECK(world_setzone(VNIC, 5, &d) == -ENXIO);
	CHECK(info_of(VNIC).at.zone == GLOBAL_ZONEID);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	i = info_of(VNIC);
	CHECK(i.at.zone == WORLD_ZONE && world.owner[VNIC] == WORLD_ZONE);
	CHECK(nl_link_get(nl_zone(), i.at.ifindex, &l) == 0);
	CHECK(streq(l.name, "web0") && memcmp(l.mac, was.mac, 6) == 0);
	/* its port is in the bridge; what stays at home is down */
	CHECK(nl_link_get(nl_home(), i.twin_port, &l) == 0 && is_port_of(VNIC, l.name));
	CHECK(has_no_ip6(l.name) && has_no_ip6("vp2"));
	CHECK(l.master == info_of(STUB).at.ifindex && (l.flags & IFF_UP));
	CHECK(nl_link_get(nl_home(), was.at.ifindex, &l) == 0);
	CHECK(streq(l.name, "vh2") && !(l.flags & IFF_UP));
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == -ENODEV);
	CHECK(dls_link_delete(VNIC, &d) == -EBUSY);
	CHECK(dls_link_delete(STUB, &d) == -EBUSY);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0); /* where it is already */

	CHECK(world_setzone(VNIC, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_link_get_name(nl_zone(), "web0", &l) == -ENODEV);
	CHECK(nl_link_get(nl_home(), i.twin_port, &l) == -ENODEV);
	i = info_of(VNIC);
	CHECK(i.at.zone == GLOBAL_ZONEID && i.at.ifindex == was.at.ifindex);
	CHECK(nl_link_get(nl_home(), i.at.ifindex, &l) == 0 && streq(l.name, "web0"));
	CHECK(dls_link_delete(VNIC, &d) == 0);
}

static void lend_rolls_back(void)
{
	struct diag d = {0};
	struct devnet_info was, i;
	struct nl_link l;

	stub_and_vnic();
	was = info_of(VNIC);
	world.setzoneid_err = -EEXIST;
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == -EEXIST);
	i = info_of(VNIC);
	CHECK(i.at.zone == GLOBAL_ZONEID && i.at.ifindex == was.at.ifindex);
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == 0 && l.ifindex == was.at.ifindex);
	world.dlmgmtd_lives = false;
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == -EBADF);
	CHECK(strstr(d.text, "dlmgmtd"));
	world.dlmgmtd_lives = true;
	world.setzoneid_err = 0;
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	/* and the way home */
	world.setzoneid_err = -EEXIST;
	CHECK(world_setzone(VNIC, GLOBAL_ZONEID, &d) == -EEXIST);
	CHECK(info_of(VNIC).at.zone == WORLD_ZONE);
	CHECK(nl_link_get(nl_zone(), info_of(VNIC).at.ifindex, &l) == 0 && streq(l.name, "web0"));
	world.setzoneid_err = 0;
	CHECK(world_setzone(VNIC, GLOBAL_ZONEID, &d) == 0);
	CHECK(dls_link_delete(VNIC, &d) == 0);
}

static void hostile_zone(void)
{
	const uint8_t evil[6] = {0x02, 6, 6, 6, 6, 6};
	struct diag d = {0};
	struct devnet_info was, i;
	struct nl_addr a;
	struct nl_link l;
	int br, taken;

	stub_and_vnic();
	was = info_of(VNIC);
	/* the name is taken there already, and the wanted index too */
	CHECK(nl_bridge_create(nl_zone(), "web0", NULL, &taken) == 0);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	i = info_of(VNIC);
	CHECK(i.at.ifindex != taken);
	CHECK(nl_link_get(nl_zone(), i.at.ifindex, &l) == 0 && streq(l.name, "dl2"));

	/* root in the zone: another name and address, alternative names, up, in a bridge */
	CHECK(nl_link_set_name(nl_zone(), i.at.ifindex, "eth0") == 0);
	CHECK(nl_link_set_mac(nl_zone(), i.at.ifindex, evil) == 0);
	CHECK(nl_altname_add(nl_zone(), i.at.ifindex, "lo_of_the_host") == 0);
	CHECK(nl_altname_add(nl_zone(), i.at.ifindex, "stub0") == 0);
	CHECK(nl_link_set_mtu(nl_zone(), i.at.ifindex, 600) == 0);
	CHECK(nl_link_set_flags(
		      nl_zone(), i.at.ifindex, IFF_UP | IFF_PROMISC, IFF_UP | IFF_PROMISC) == 0);
	CHECK(nl_addr_parse("10.9.0.2/24", &a) == 0);
	CHECK(nl_addr_add(nl_zone(), i.at.ifindex, &a) == 0);
	CHECK(nl_bridge_create(nl_zone(), "br0", NULL, &br) == 0);
	CHECK(nl_link_set_master(nl_zone(), i.at.ifindex, br) == 0);

	CHECK(world_setzone(VNIC, GLOBAL_ZONEID, &d) == -EBUSY); /* in use there */
	/* meanwhile somebody at home took its name */
	CHECK(nl_bridge_create(nl_home(), "web0", NULL, &br) == 0);
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	i = info_of(VNIC);
	CHECK(i.at.zone == GLOBAL_ZONEID && i.at.ifindex == was.at.ifindex);
	CHECK(nl_link_get(nl_home(), i.at.ifindex, &l) == 0);
	CHECK(streq(l.name, "dl2") && memcmp(l.mac, was.mac, 6) == 0);
	CHECK(l.mtu == 1500 && !(l.flags & (IFF_UP | IFF_PROMISC)) && l.master == 0);
	CHECK(nl_link_get_name(nl_home(), "lo_of_the_host", &l) == -ENODEV);
	CHECK(world.owner[VNIC] == GLOBAL_ZONEID);
	CHECK(dls_link_delete(VNIC, &d) == 0);
	CHECK(dls_link_delete(STUB, &d) == 0);
}

/* Deleted by the zone's root; taken further into a namespace of his own; the zone's namespace gone. */
static void lost_in_zone(void)
{
	struct diag d = {0};
	struct devnet_info was, i;
	struct nl_link l;
	int deeper;

	stub_and_vnic();
	was = info_of(VNIC);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	CHECK(nl_link_delete(nl_zone(), info_of(VNIC).at.ifindex) == 0);
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	i = info_of(VNIC);
	CHECK(i.at.zone == GLOBAL_ZONEID);
	CHECK(nl_link_get(nl_home(), i.at.ifindex, &l) == 0);
	CHECK(streq(l.name, "web0") && memcmp(l.mac, was.mac, 6) == 0);

	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	deeper = world_netns();
	CHECK(nl_link_move(nl_zone(), info_of(VNIC).at.ifindex, deeper, 0) == 0);
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	i = info_of(VNIC);
	CHECK(nl_link_get(nl_home(), i.at.ifindex, &l) == 0 && memcmp(l.mac, was.mac, 6) == 0);
	CHECK(streq(l.name, "web0") && l.link == i.port && l.link_nsid == -1);

	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	world.zone_lives = false;
	CHECK(dls_zone_shutdown(WORLD_ZONE, FD_NONE, &d) == 0);
	i = info_of(VNIC);
	CHECK(i.at.zone == GLOBAL_ZONEID);
	CHECK(nl_link_get(nl_home(), i.at.ifindex, &l) == 0 && memcmp(l.mac, was.mac, 6) == 0);
	CHECK(dls_zone_shutdown(WORLD_ZONE, FD_NONE, &d) == 0); /* again: nothing to do */
	CHECK(dls_link_delete(VNIC, &d) == 0);
}

static void transient(void)
{
	struct diag d = {0};
	struct devnet *dd;
	struct nl_link l;

	stub_and_vnic();
	world_link(DB, "db0", DATALINK_CLASS_VNIC, 5); /* active, transient */
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, &d) == 0);
	CHECK(world_setzone(DB, WORLD_ZONE, &d) == 0);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	CHECK(dls_devnet_hold_tmp(DB, &dd) == -ENOENT);
	CHECK(nl_link_get_name(nl_home(), "vp3", &l) == -ENODEV);
	CHECK(!world.active[DB] && world.active[VNIC]);
}

static int count_addr(const struct nl_addr *a, void *arg)
{
	(*(int *)arg)++;
	return 0;
}

static void boot(void)
{
	struct diag d = {0};
	struct devnet_info i;
	struct nl_link l;
	bool route = false;
	int n = 0;

	stub_and_vnic();
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	(void)strcpy(world.address, "10.9.0.2/24,fd09::2/64");
	(void)strcpy(world.router, "10.9.0.1");
	CHECK(dls_zone_boot(WORLD_ZONE, world.zone, &d) == 0);
	i = info_of(VNIC);
	CHECK(nl_link_get_name(nl_zone(), "lo", &l) == 0 && (l.flags & IFF_UP));
	CHECK(nl_link_get(nl_zone(), i.at.ifindex, &l) == 0 && (l.flags & IFF_UP) && l.carrier);
	CHECK(nl_addr_each(nl_zone(), i.at.ifindex, count_addr, &n) == 0 && n >= 2);
	CHECK(nl_route_on(nl_zone(), i.at.ifindex, &route) == 0 && route);
	CHECK(dls_zone_boot(WORLD_ZONE, world.zone, &d) == 0); /* a reboot finds all of it there */
	(void)strcpy(world.address, "10.9.0.2/99");
	CHECK(dls_zone_boot(WORLD_ZONE, world.zone, &d) == -EINVAL);
	CHECK(strstr(d.text, "10.9.0.2/99"));
}

/* ---- killed and started again ---- */

static void before_kill(void)
{
	struct diag d = {0};

	stub_and_vnic();
	world_link(DB, "db0", DATALINK_CLASS_VNIC, 1);
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, &d) == 0);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
}

static void after_kill(void)
{
	struct diag d = {0};
	struct devnet_info i;
	struct nl_link l;

	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(VNIC, "web0", DATALINK_CLASS_VNIC, 1);
	world_link(DB, "db0", DATALINK_CLASS_VNIC, 1);
	world_link(5, "gone0", DATALINK_CLASS_VNIC, 1);
	world.owner[VNIC] = WORLD_ZONE;
	CHECK(dls_init() == 0);
	i = info_of(VNIC);
	CHECK(i.at.zone == WORLD_ZONE && i.over == STUB);
	CHECK(nl_link_get(nl_zone(), i.at.ifindex, &l) == 0 && memcmp(l.mac, i.mac, 6) == 0);
	CHECK(info_of(DB).at.zone == GLOBAL_ZONEID);
	CHECK(!world.active[5]); /* what has no device is not active */
	CHECK(world.active[STUB] && world.active[VNIC] && world.active[DB]);
	CHECK(dls_link_delete(STUB, &d) == -EBUSY);
	CHECK(dls_link_delete(VNIC, &d) == -EBUSY);
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	CHECK(dls_link_delete(VNIC, &d) == 0);
	CHECK(dls_link_delete(DB, &d) == 0);
	CHECK(dls_link_delete(STUB, &d) == 0);
}

/* Somebody removed the state file. */
static void after_kill_without_file(void)
{
	struct diag d = {0};
	struct devnet *dd;
	struct nl_link l;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/run/zones/linkstate/home", world.dir);
	CHECK(unlink(path) == 0);
	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(VNIC, "web0", DATALINK_CLASS_VNIC, 1);
	world_link(DB, "db0", DATALINK_CLASS_VNIC, 1);
	world_link(5, "gone0", DATALINK_CLASS_VNIC, 1);
	world.owner[VNIC] = WORLD_ZONE;
	CHECK(dls_init() == 0);
	CHECK(info_of(VNIC).at.zone == WORLD_ZONE && info_of(VNIC).over == STUB);
	CHECK(info_of(DB).at.zone == GLOBAL_ZONEID && info_of(DB).over == STUB);
	CHECK(dls_devnet_hold_tmp(5, &dd) == -ENOENT);
	CHECK(world.active[5]); /* not known to be gone */
	CHECK(dls_link_delete(STUB, &d) == -EBUSY);
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == 0);
	CHECK(l.ifindex == info_of(VNIC).at.ifindex);
	CHECK(dls_link_delete(VNIC, &d) == 0);
	CHECK(dls_link_delete(DB, &d) == 0);
	CHECK(dls_link_delete(STUB, &d) == 0);
}

/* dlmgmtd is away, the zone is gone, and somebody deleted a vnic. */
static void after_kill_alone(void)
{
	struct diag d = {0};
	struct devnet_info i;
	struct devnet *dd;
	struct nl_link l;

	world.dlmgmtd_lives = false;
	world.zone_lives = false;
	CHECK(nl_link_get_name(nl_home(), "db0", &l) == 0);
	CHECK(nl_link_delete(nl_home(), l.ifindex) == 0);
	CHECK(dls_init() == 0);
	i = info_of(VNIC);
	CHECK(i.at.zone == GLOBAL_ZONEID);
	CHECK(nl_link_get(nl_home(), i.at.ifindex, &l) == 0 && streq(l.name, "web0"));
	CHECK(dls_devnet_hold_tmp(DB, &dd) == -ENOENT);
	CHECK(dls_link_delete(VNIC, &d) == 0);
	CHECK(dls_link_delete(STUB, &d) == 0);
}

/* The state file of a zoned that died in the middle of making and of moving. */
static void write_cut_off(void)
{
	struct devnet *dd;
	struct diag d = {0};

	stub_and_vnic();
	world_link(DB, "db0", DATALINK_CLASS_VNIC, 1);
	CHECK(dls_link_create(DB, DATALINK_CLASS_VNIC, &over_stub, GLOBAL_ZONEID, &d) == 0);
	CHECK(dls_devnet_hold_tmp(DB, &dd) == 0);
	dls_devnet_set_flag(dd, DD_INITIALIZING, true); /* not finished */
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	CHECK(dls_devnet_hold_tmp(VNIC, &dd) == 0);
	CHECK(dls_perim_enter(dd) == 0); /* and never left: the watcher must not interfere */
	struct dls_place at = dd->dd_at;
	dls_devnet_set_place(dd, (struct dls_place){0, dls_home_inode(), dd->dd_home_ifindex});
	dls_devnet_set_target(dd, at);
	CHECK(dls_state_save_all() == 0);
}

/* Nobody was told of the move: it is taken back. */
static void read_cut_off(void)
{
	struct diag d = {0};
	struct devnet *dd;
	struct nl_link l;

	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(VNIC, "web0", DATALINK_CLASS_VNIC, 1);
	world.owner[VNIC] = GLOBAL_ZONEID;
	CHECK(dls_init() == 0);
	CHECK(dls_devnet_hold_tmp(DB, &dd) == -ENOENT);
	CHECK(nl_link_get_name(nl_home(), "db0", &l) == -ENODEV);
	CHECK(nl_link_get_name(nl_home(), "vp3", &l) == -ENODEV);
	CHECK(info_of(VNIC).at.zone == GLOBAL_ZONEID);
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == 0);
	CHECK(l.ifindex == info_of(VNIC).at.ifindex);
	CHECK(dls_link_delete(VNIC, &d) == 0);
	CHECK(dls_link_delete(STUB, &d) == 0);
}

/* Everybody was told: it stays, under its right name. */
static void read_cut_off_late(void)
{
	struct diag d = {0};
	struct nl_link l;

	CHECK(world.owner[VNIC] == WORLD_ZONE);
	CHECK(nl_link_get_name(nl_zone(), "web0", &l) == 0);
	CHECK(nl_link_set_name(nl_zone(), l.ifindex, "zl12345678") == 0);
	CHECK(dls_init() == 0);
	CHECK(info_of(VNIC).at.zone == WORLD_ZONE);
	CHECK(nl_link_get_name(nl_zone(), "web0", &l) == 0);
	CHECK(dls_link_delete(VNIC, &d) == -EBUSY);
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	CHECK(dls_link_delete(VNIC, &d) == 0);
	CHECK(dls_link_delete(STUB, &d) == 0);
}

/* Killed on the way home: cut off, and at home still hidden. */
static void write_cut_off_home(void)
{
	struct devnet *dd;

	stub_and_vnic();
	CHECK(world_setzone(VNIC, WORLD_ZONE, NULL) == 0);
	CHECK(dls_devnet_hold_tmp(VNIC, &dd) == 0);
	CHECK(dls_perim_enter(dd) == 0);
	CHECK(nl_link_set_master(nl_home(), dd->dd_twin_port, 0) == 0);
	dls_devnet_set_target(dd, (struct dls_place){0, dls_home_inode(), dd->dd_home_ifindex});
	CHECK(dls_state_save_all() == 0);
}

static void read_cut_off_home(void)
{
	struct diag d = {0};
	struct nl_link l;

	CHECK(dls_init() == 0);
	/* the zone's list has it: it gets it again, in working order */
	CHECK(info_of(VNIC).at.zone == WORLD_ZONE);
	CHECK(nl_link_get_name(nl_zone(), "web0", &l) == 0);
	CHECK(nl_link_get(nl_home(), info_of(VNIC).twin_port, &l) == 0 && l.master);
	CHECK(dls_link_delete(VNIC, &d) == -EBUSY);
	CHECK(world_setzone(VNIC, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == 0);
	CHECK(dls_link_delete(VNIC, &d) == 0);
	CHECK(dls_link_delete(STUB, &d) == 0);
}

/* ---- NICs ---- */

static bool eventually(bool (*test)(void))
{
	for (int i = 0; i < 60; i++) {
		if (test())
			return true;
		usleep(50 * 1000);
	}
	return false;
}

static bool nic_there(void)
{
	struct devnet *dd;

	if (dls_devnet_hold_tmp(10, &dd) < 0)
		return false;
	dls_devnet_rele_tmp(dd);
	return true;
}

static bool nic_gone(void)
{
	return !nic_there() && !world.active[10];
}

static bool nic_renamed(void)
{
	return streq(info_of(10).device, "wan0");
}

static bool stub_gone(void)
{
	struct devnet *dd;

	if (dls_devnet_hold_tmp(STUB, &dd) < 0)
		return !world.active[STUB];
	dls_devnet_rele_tmp(dd);
	return false;
}

static int setmtu(datalink_id_t id, uint32_t mtu)
{
	const struct dld_setmtu_req req = {.cmd = DLD_SETMTU, .linkid = id, .mtu = mtu};
	const struct zoned_command *t = dls_commands;
	struct zone_reply reply;
	struct zoned_call c = {.req = &req, .req_size = sizeof(req), .reply = &reply};

	while (t->cmd != DLD_SETMTU)
		t++;
	return t->handler(&c);
}

static int left_ports[2];

static bool twins_gone(void)
{
	struct nl_link l;

	return nl_link_get(nl_home(), left_ports[0], &l) == -ENODEV &&
	       nl_link_get(nl_home(), left_ports[1], &l) == -ENODEV;
}

/* The namespace outlives its zone: the twin is out of the bridge at once, and goes soon. */
static void twin_left_behind(void)
{
	struct diag d = {0};
	struct devnet_info i;
	char first[IFNAMSIZ];
	struct nl_link l;

	stub_and_vnic();
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	i = info_of(VNIC);
	CHECK(setmtu(VNIC, 1400) == 0);
	CHECK(nl_link_get(nl_zone(), i.at.ifindex, &l) == 0 && l.mtu == 1400);
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	left_ports[0] = i.twin_port;
	CHECK(nl_link_get(nl_home(), i.twin_port, &l) == 0 && l.master == 0);
	(void)str_copy(first, sizeof(first), l.name);
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == 0 && l.mtu == 1400);
	/* lent again while it is there still */
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	left_ports[1] = info_of(VNIC).twin_port;
	CHECK(nl_link_get(nl_home(), left_ports[1], &l) == 0 && is_port_of(VNIC, l.name));
	CHECK(!streq(l.name, first));
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	CHECK(dls_link_delete(VNIC, &d) == 0 && dls_link_delete(STUB, &d) == 0);
	CHECK(eventually(twins_gone));
	CHECK(!nic_there()); /* a veth into another namespace, but not one of the host's */
}

static bool hidden_forgotten(void)
{
	return info_of(VNIC).home_ifindex == 0;
}

/* The host's root deletes the device at home while a zone has the link. */
static void hidden_deleted(void)
{
	struct diag d = {0};
	struct devnet_info was;
	struct nl_link l;

	stub_and_vnic();
	was = info_of(VNIC);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	CHECK(nl_link_delete(nl_home(), was.at.ifindex) == 0);
	CHECK(eventually(hidden_forgotten));
	CHECK(nl_link_get_name(nl_zone(), "web0", &l) == 0);
	CHECK(world_setzone(VNIC, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_link_get_name(nl_zone(), "web0", &l) == -ENODEV);
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == 0 && memcmp(l.mac, was.mac, 6) == 0);
	CHECK(l.link == info_of(VNIC).port);
	CHECK(dls_link_delete(VNIC, &d) == 0 && dls_link_delete(STUB, &d) == 0);
}

static void nics(void)
{
	const uint8_t mac[6] = {0x02, 1, 1, 1, 1, 1};
	const struct dls_link_args over_nic = {.over = 10, .mactype = VNIC_MAC_ADDR_TYPE_RANDOM};
	struct diag d = {0};
	struct devnet_info mv;
	struct nl_link l;
	int far, near, deeper;

	/* to this namespace a veth with its other end elsewhere is a NIC */
	deeper = world_netns();
	CHECK(nl_veth_create(nl_home(), "eth7", mac, "far", 0, 1500, &near, &far) == 0);
	CHECK(nl_link_move(nl_home(), far, deeper, 0) == 0);
	world.dlmgmtd_lives = false;
	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(VNIC, "web0", DATALINK_CLASS_VNIC, 1);
	CHECK(dls_init() == 0);
	CHECK(!nic_there()); /* INITIALIZING: nobody sees it */
	world.dlmgmtd_lives = true;
	CHECK(eventually(nic_there));
	CHECK(info_of(10).at.ifindex == near && info_of(10).class == DATALINK_CLASS_PHYS);
	CHECK(dls_link_delete(10, &d) == -ENOTSUP);

	CHECK(dls_link_create(VNIC, DATALINK_CLASS_VNIC, &over_nic, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == 0 && streq(l.kind, "macvlan"));
	CHECK(world_setzone(10, WORLD_ZONE, &d) == -EBUSY); /* a vnic over it */
	mv = info_of(VNIC);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == -ENODEV);
	CHECK(nl_link_get_name(nl_zone(), "web0", &l) == 0 && streq(l.kind, "veth"));
	CHECK(memcmp(l.mac, mv.mac, 6) == 0);
	CHECK(nl_link_set_flags(nl_home(), near, IFF_UP, IFF_UP) == 0);
	CHECK(nl_link_set_flags(nl_zone(), l.ifindex, IFF_UP, IFF_UP) == 0);
	CHECK(world_setzone(VNIC, GLOBAL_ZONEID, &d) == -EBUSY);
	CHECK(dls_zone_shutdown(WORLD_ZONE, world.zone, &d) == 0);
	CHECK(nl_link_get(nl_zone(), l.ifindex, &l) == 0 && !l.carrier);
	CHECK(info_of(VNIC).at.ifindex == mv.at.ifindex);
	CHECK(nl_link_set_flags(nl_home(), mv.at.ifindex, IFF_UP, IFF_UP) == 0);
	CHECK(nl_link_set_flags(nl_home(), mv.at.ifindex, 0, IFF_UP) == 0);
	CHECK(nl_link_delete(nl_zone(), l.ifindex) == 0);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) == 0);
	CHECK(world_setzone(VNIC, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_link_get_name(nl_zone(), "web0", &l) == -ENODEV);
	CHECK(dls_link_delete(VNIC, &d) == 0);

	CHECK(nl_link_set_name(nl_home(), near, "wan0") == 0);
	CHECK(eventually(nic_renamed));
	CHECK(world_setzone(10, WORLD_ZONE, &d) == 0);
	CHECK(nl_link_get_name(nl_zone(), "eth7", &l) == 0);
	CHECK(nl_link_set_mac(nl_zone(), l.ifindex, (uint8_t[]){2, 2, 2, 2, 2, 2}) == 0);
	CHECK(world_setzone(10, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_link_get_name(nl_home(), "wan0", &l) == 0 && memcmp(l.mac, mac, 6) == 0);
	CHECK(nic_there());
	CHECK(nl_link_delete(nl_home(), near) == 0);
	CHECK(eventually(nic_gone));

	/* a link of ours that somebody deletes */
	CHECK(dls_link_create(STUB, DATALINK_CLASS_ETHERSTUB, NULL, GLOBAL_ZONEID, &d) == 0);
	CHECK(nl_link_delete(nl_home(), info_of(STUB).at.ifindex) == 0);
	CHECK(eventually(stub_gone));
}

/* A NIC that died with its zone, and comes back by itself; one whose name no link can have. */
static void nic_comes_back(void)
{
	const uint8_t mac[6] = {0x02, 1, 1, 1, 1, 1};
	struct diag d = {0};
	struct nl *there;
	struct nl_link l;
	int far, near, deeper;

	world.zone = world_netns(); /* one that only this process keeps alive */
	deeper = world_netns();
	CHECK(nl_veth_create(nl_home(), "wan", mac, "far", 0, 1500, &near, &far) == 0);
	CHECK(nl_link_move(nl_home(), far, deeper, 0) == 0);
	CHECK(dls_init() == 0);
	CHECK(eventually(nic_there));
	CHECK(streq(info_of(10).linkname, "net0") && streq(info_of(10).device, "wan"));
	CHECK(nl_link_get_name(nl_home(), "net0", &l) == 0 && streq(l.name, "wan"));

	CHECK(world_setzone(10, WORLD_ZONE, &d) == 0);
	world.zone_lives = false;
	world.zone = fd_close(world.zone);
	CHECK(dls_zone_shutdown(WORLD_ZONE, FD_NONE, &d) == 0);
	CHECK(info_of(10).at.zone == GLOBAL_ZONEID && info_of(10).at.ifindex == 0);

	CHECK(nl_open(deeper, &there) == 0);
	CHECK(nl_veth_create(there, "wan", mac, "far1", 0, 1500, &near, &far) == 0);
	CHECK(nl_link_move(there, near, world.home, 4000) == 0);
	near = 4000;
	for (int i = 0; i < 60 && nl_link_get_name(nl_home(), "net0", &l) < 0; i++)
		usleep(50 * 1000);
	CHECK(nl_link_get_name(nl_home(), "net0", &l) == 0 && l.ifindex == near);
	CHECK(info_of(10).at.ifindex == near);
	CHECK(world_setzone(10, WORLD_ZONE, &d) == -ENXIO);
}

static bool vnic_away(void)
{
	return info_of(VNIC).at.ifindex == 0;
}

static bool vnic_back(void)
{
	return info_of(VNIC).at.ifindex != 0;
}

/* The host's root moves a vnic away by hand, and back. */
static void moved_by_hand(void)
{
	int deeper = world_netns(), ifindex;
	struct diag d = {0};
	struct nl *there;
	struct nl_link l;

	stub_and_vnic();
	ifindex = info_of(VNIC).at.ifindex;
	CHECK(nl_link_move(nl_home(), ifindex, deeper, 700) == 0);
	CHECK(eventually(vnic_away));
	CHECK(world.active[VNIC]);
	CHECK(world_setzone(VNIC, WORLD_ZONE, &d) < 0);
	CHECK(info_of(VNIC).at.zone == GLOBAL_ZONEID);
	CHECK(nl_open(deeper, &there) == 0);
	CHECK(nl_link_move(there, 700, world.home, 701) == 0);
	CHECK(eventually(vnic_back));
	CHECK(info_of(VNIC).at.ifindex == 701);
	CHECK(nl_link_move(nl_home(), 701, deeper, 700) == 0);
	CHECK(eventually(vnic_away));
	CHECK(dls_link_delete(VNIC, &d) == 0); /* by its port */
	CHECK(nl_link_get(there, 700, &l) == -ENODEV);
	CHECK(dls_link_delete(STUB, &d) == 0);
}

#define TEST(name)                                                                                 \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		assert_int_equal(world_run(name), 0);                                              \
	}

TEST(make_and_destroy)
TEST(deleted_while_made)
TEST(names)
TEST(holds)
TEST(route_holds)
TEST(lend)
TEST(lend_rolls_back)
TEST(hostile_zone)
TEST(lost_in_zone)
TEST(transient)
TEST(boot)
TEST(twin_left_behind)
TEST(hidden_deleted)
TEST(nics)
TEST(nic_comes_back)
TEST(moved_by_hand)

static void test_restart(void **state)
{
	assert_int_equal(world_run(before_kill), 0);
	assert_int_equal(world_run(after_kill), 0);
}

static void test_restart_alone(void **state)
{
	assert_int_equal(world_run(before_kill), 0);
	assert_int_equal(world_run(after_kill_alone), 0);
}

static void test_restart_without_file(void **state)
{
	assert_int_equal(world_run(before_kill), 0);
	assert_int_equal(world_run(after_kill_without_file), 0);
}

static void test_restart_cut_off(void **state)
{
	assert_int_equal(world_run(write_cut_off), 0);
	assert_int_equal(world_run(read_cut_off), 0);
	assert_int_equal(world_run(write_cut_off), 0);
	assert_int_equal(world_run(read_cut_off_late), 0);
	assert_int_equal(world_run(write_cut_off_home), 0);
	assert_int_equal(world_run(read_cut_off_home), 0);
}

/* zoned died before it could answer, and who asked for the vnic has told dlmgmtd to forget it. */
static void read_forgotten(void)
{
	struct devnet *dd;
	struct nl_link l;

	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	CHECK(dls_init() == 0);
	CHECK(dls_devnet_hold_tmp(VNIC, &dd) == -ENOENT);
	CHECK(nl_link_get_name(nl_home(), "web0", &l) == -ENODEV);
	CHECK(info_of(STUB).at.ifindex != 0);
}

static void test_restart_forgotten(void **state)
{
	assert_int_equal(world_run(stub_and_vnic), 0);
	assert_int_equal(world_run(read_forgotten), 0);
}

#define UNIT(t) cmocka_unit_test_setup_teardown(t, world_make, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_make_and_destroy),
		UNIT(test_deleted_while_made),
		UNIT(test_names),
		UNIT(test_holds),
		UNIT(test_route_holds),
		UNIT(test_lend),
		UNIT(test_lend_rolls_back),
		UNIT(test_hostile_zone),
		UNIT(test_lost_in_zone),
		UNIT(test_transient),
		UNIT(test_boot),
		UNIT(test_restart),
		UNIT(test_restart_alone),
		UNIT(test_restart_without_file),
		UNIT(test_restart_cut_off),
		UNIT(test_restart_forgotten),
		UNIT(test_twin_left_behind),
		UNIT(test_hidden_deleted),
		UNIT(test_nics),
		UNIT(test_nic_comes_back),
		UNIT(test_moved_by_hand),
	};

	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

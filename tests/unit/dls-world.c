/* SPDX-License-Identifier: MIT */
/* The dls half's neighbours in its tests; see dls-world.h. */
#include "dls-world.h"
#include "folder.h"
#include "zoned/prop.h"

#include "dladm/dlmgmt-door.h"
#include "linux/instance.h"

#include <ctype.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct world_state *world_now;

static struct {
	char name[MAXLINKNAMELEN];
	uint32_t class;
	uint32_t flags;
} links[16];

static char devices[16][MAXLINKNAMELEN];

void world_link(datalink_id_t id, const char *name, uint32_t class, uint32_t flags)
{
	(void)snprintf(links[id].name, sizeof(links[id].name), "%s", name);
	links[id].class = class;
	links[id].flags = flags;
	world.active[id] = true;
}

int world_netns(void)
{
	int home = netns_self(), fd;

	if (home < 0 || unshare(CLONE_NEWNET) < 0)
		abort();
	fd = netns_self();
	if (fd < 0 || setns(home, CLONE_NEWNET) < 0)
		abort();
	close(home);
	return fd;
}

static void *shared_memory(size_t size)
{
	_cleanup_close_ int fd = memfd_create("world", MFD_CLOEXEC);
	void *p;

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return NULL;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

int world_make(void **state)
{
	char path[128];

	if (!world_now && !(world_now = shared_memory(sizeof(world))))
		return -1;
	memset(&world, 0, sizeof(world));
	memset(links, 0, sizeof(links));
	memset(devices, 0, sizeof(devices));
	if (folder_make(world.dir, sizeof(world.dir), "dls") < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/run", world.dir);
	(void)mkdir(path, 0755);
	(void)snprintf(path, sizeof(path), "%s/run/zones", world.dir);
	(void)mkdir(path, 0755);
	world.home = world_netns();
	world.zone = world_netns();
	if (setns(world.home, CLONE_NEWNET) < 0)
		return -1;
	world.zone_lives = true;
	world.dlmgmtd_lives = true;
	return instance_init(world.dir);
}

int world_end(void **state)
{
	(void)fd_close(world.home);
	(void)fd_close(world.zone);
	return folder_remove(world.dir);
}

static pid_t start(void (*test)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)alarm(120);
		test();
		_exit(0);
	}
	return pid;
}

int world_run(void (*test)(void))
{
	pid_t pid = start(test);
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

int world_run_killed(void (*test)(void), unsigned int us)
{
	pid_t pid = start(test);
	int status;

	if (pid < 0)
		return -1;
	(void)usleep(us);
	(void)kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

/* ---- zone half ---- */

int zone_netns_fd(zoneid_t id, int *ret_fd)
{
	int fd;

	if (id != WORLD_ZONE || !world.zone_lives)
		return -ENXIO;
	fd = dup(world.zone);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int zone_datalink_owner(datalink_id_t link, zoneid_t *ret_id)
{
	if (link >= 16 || world.owner[link] == GLOBAL_ZONEID)
		return -ENXIO;
	*ret_id = world.owner[link];
	return 0;
}

bool zone_is_ready(zoneid_t id)
{
	return id == WORLD_ZONE;
}

int zone_network_get(
	zoneid_t id, datalink_id_t link, enum zone_net_type type, struct zone_net_data *ret)
{
	const char *value = type == ZONE_NETWORK_ADDRESS ? world.address : world.router;

	if (id != WORLD_ZONE || link != 2 || !value[0])
		return -ENOENT;
	(void)snprintf(ret->value, sizeof(ret->value), "%s", value);
	return 0;
}

/* ---- dlmgmtd ---- */

int dls_mgmt_create(const char *devname, uint64_t phyinst, uint32_t class, uint32_t media,
	bool persist, datalink_id_t *ret, enum dlmgmt_was *ret_was)
{
	if (!world.dlmgmtd_lives)
		return -EBADF;
	for (datalink_id_t id = 10; id < 16; id++) {
		if (links[id].name[0] && !streq(devices[id], devname))
			continue;
		*ret_was = links[id].name[0] ? DLMGMT_WAS_KNOWN : DLMGMT_WAS_NEW;
		(void)snprintf(devices[id], sizeof(devices[id]), "%s", devname);
		/* a device can have a name that no link can have */
		world_link(id,
			isdigit((unsigned char)devname[strlen(devname) - 1]) ? devname : "net0",
			class, DLMGMT_ACTIVE | (persist ? DLMGMT_PERSIST : 0));
		*ret = id;
		return 0;
	}
	return -ENOSPC;
}

int dls_mgmt_remap(datalink_id_t id, const char *name)
{
	if (!world.dlmgmtd_lives)
		return -EBADF;
	for (datalink_id_t other = 0; other < 16; other++)
		if (streq(links[other].name, name))
			return -EEXIST;
	(void)snprintf(links[id].name, sizeof(links[id].name), "%s", name);
	return world.remap_err;
}

int dls_mgmt_destroy(datalink_id_t id, bool persist)
{
	if (!world.dlmgmtd_lives)
		return -EBADF;
	world.active[id] = false;
	return 0;
}

int dls_mgmt_get_linkid(const char *name, datalink_id_t *ret)
{
	if (!world.dlmgmtd_lives)
		return -EBADF;
	for (datalink_id_t id = 0; id < 16; id++)
		if (world.active[id] && streq(links[id].name, name)) {
			*ret = id;
			return 0;
		}
	return -ENOENT;
}

int dls_mgmt_get_linkinfo(datalink_id_t id, struct dls_linkinfo *ret)
{
	if (!world.dlmgmtd_lives)
		return -EBADF;
	if (id >= 16 || !links[id].name[0])
		return -ENOENT;
	memcpy(ret->name, links[id].name, sizeof(ret->name));
	ret->class = links[id].class;
	ret->media = DL_ETHER;
	ret->flags = links[id].flags;
	if (id == world.deleted)
		links[id].name[0] = '\0';
	return 0;
}

int dls_mgmt_get_next(datalink_id_t id, uint32_t class, uint32_t flags, datalink_id_t *ret)
{
	if (!world.dlmgmtd_lives)
		return -EBADF;
	*ret = DATALINK_INVALID_LINKID;
	for (datalink_id_t i = id + 1; i < 16; i++) {
		if (world.active[i] && (links[i].class & class)) {
			*ret = i;
			return 0;
		}
	}
	return 0;
}

int dls_mgmt_setzoneid(datalink_id_t id, zoneid_t zone)
{
	if (!world.dlmgmtd_lives)
		return -EBADF;
	if (world.setzoneid_err)
		return world.setzoneid_err;
	world.owner[id] = zone;
	return 0;
}

int prop_upcall_any(datalink_id_t id, bool *ret)
{
	*ret = false;
	return world.dlmgmtd_lives ? 0 : -EBADF;
}

int prop_upcall_get(datalink_id_t id, const char *prop, char ret[DLADM_PROP_VALLEN])
{
	return -ENOENT;
}

/* ---- what tests of links ask ---- */

int world_setzone(datalink_id_t id, zoneid_t zone, struct diag *d)
{
	struct devnet *dd;
	int r;

	r = dls_devnet_hold_tmp(id, &dd);
	if (r < 0)
		return r;
	r = dls_devnet_setzid(dd, zone, d);
	dls_devnet_rele_tmp(dd);
	return r;
}

/* What the kernel makes by itself, some with the module of a tunnel. */
static bool is_kernels(const struct nl_link *l)
{
	return streq(l->name, "lo") || streq(l->name, "sit0") || streq(l->name, "ip6tnl0");
}

/* A switch between two simnets belongs to the two whose hidden ends are in it. */
static bool is_switch(const struct nl_link *l)
{
	struct devnet_info i = {0};
	struct devnet *dd;
	unsigned int id;

	if (sscanf(l->name, "vsim%u", &id) != 1 || dls_devnet_hold_tmp(id, &dd) < 0)
		return false;
	dls_devnet_info(dd, &i);
	dls_devnet_rele_tmp(dd);
	return i.class == DATALINK_CLASS_SIMNET && i.spec.peer > id;
}

static int home_known(const struct nl_link *l, void *arg)
{
	struct devnet *dd;

	if (is_kernels(l) || is_switch(l))
		return 0;
	dd = dls_devnet_hold_by_ifindex(l->ifindex);
	if (!dd) {
		fprintf(stderr, "%s (%d) at home is nobody's\n", l->name, l->ifindex);
		return 1;
	}
	dls_devnet_rele_tmp(dd);
	return 0;
}

static int zone_known(const struct nl_link *l, void *arg)
{
	struct devnet_info i;
	struct devnet *dd;

	if (is_kernels(l))
		return 0;
	for (datalink_id_t id = 1; id < 16; id++) {
		if (dls_devnet_hold_tmp(id, &dd) < 0)
			continue;
		dls_devnet_info(dd, &i);
		dls_devnet_rele_tmp(dd);
		if (i.at.zone == WORLD_ZONE && i.at.ifindex == l->ifindex)
			return 0;
	}
	fprintf(stderr, "%s (%d) in the zone is nobody's\n", l->name, l->ifindex);
	return 1;
}

/* True when fn is 0 for each. */
static bool each_device(int netns, int (*fn)(const struct nl_link *l, void *arg), void *arg)
{
	_cleanup_nl_ struct nl *nl = NULL;

	CHECK(nl_open(netns, &nl) == 0);
	return nl_link_each(nl, fn, arg) == 0;
}

static bool all_known(void)
{
	return each_device(world.home, home_known, NULL) &&
	       each_device(world.zone, zone_known, NULL);
}

/* What came home a moment ago is somebody's when its events have been read. */
void world_check_known(void)
{
	CHECK(EVENTUALLY(all_known()));
}

static int count(const struct nl_link *l, void *arg)
{
	if (!is_kernels(l))
		(*(int *)arg)++;
	return 0;
}

int world_devices(void)
{
	int n = 0;

	CHECK(each_device(world.home, count, &n) && each_device(world.zone, count, &n));
	return n;
}

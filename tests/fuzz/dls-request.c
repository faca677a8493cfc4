/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: requests to zoned's dls half (links of every class, properties, flows, statistics),
 * behind the dispatcher, with the real kernel in network namespaces of this process. An input is a
 * row of requests: who, which command, and its bytes behind the number.
 *
 * After each input all links that came to be can be removed, and with them every device.
 */
#include "fuzz.h"

#include "../unit/dls-world.h"
#include "zoned/dls-commands.h"
#include "zoned/flow.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUESTS_MAX 12
#define LINKS	     9 /* ids that dlmgmtd knows; what is above is for NICs */
#define FROM_ZONE    1u
#define OTHER_SIZE   2u

static const struct zoned_command *const tables[] = {
	dls_commands, dls_class_commands, dls_prop_commands, flow_commands, stat_commands};

static const struct zoned_command *commands[64];
static size_t n_commands;
static bool able; /* network namespaces can be made here */

static void know_links(void)
{
	static const struct {
		const char *name;
		uint32_t class;
	} links[LINKS] = {
		{"stub0", DATALINK_CLASS_ETHERSTUB},
		{"vnic0", DATALINK_CLASS_VNIC},
		{"vnic1", DATALINK_CLASS_VNIC},
		{"a_name_that_is_quite_long_000", DATALINK_CLASS_VNIC},
		{"sim0", DATALINK_CLASS_SIMNET},
		{"sim1", DATALINK_CLASS_SIMNET},
		{"br0", DATALINK_CLASS_BRIDGE},
		{"ovl0", DATALINK_CLASS_OVERLAY},
		{"tun0", DATALINK_CLASS_IPTUN},
	};

	for (datalink_id_t i = 0; i < LINKS; i++)
		world_link(i + 1, links[i].name, links[i].class, DLMGMT_ACTIVE);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[300];

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (const struct zoned_command *c = tables[t]; c->handler; c++)
			commands[n_commands++] = c;
	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
		return 0;
	able = true;
	fuzz_beginnings = 4; /* devices take their time to go */
	fuzz_assert(setenv("TMPDIR", fuzz_folder(), 1) == 0, "TMPDIR");
	fuzz_assert(world_make(NULL) == 0, "world_make");
	(void)snprintf(path, sizeof(path), "%s/etc", world.dir);
	fuzz_assert(mkdir(path, 0755) == 0, path);
	know_links();
	fuzz_assert(dls_init() == 0, "dls_init");
	return 0;
}

/* A hold ends with its descriptor, as soon as the watcher has heard of it. */
static void end_hold(struct zoned_call *call)
{
	const struct dld_hold_reply *reply = call->reply;
	struct devnet *dd;
	bool held = true;

	(void)close(call->fds[0]);
	while (held && dls_devnet_hold_tmp(reply->linkid, &dd) == 0) {
		(void)pthread_mutex_lock(&dd->dd_mutex);
		held = dd->dd_holds || (dd->dd_flags & DD_IMPLICIT);
		(void)pthread_mutex_unlock(&dd->dd_mutex);
		dls_devnet_rele_tmp(dd);
		(void)usleep(100);
	}
}

static void run(zoneid_t zone, const struct zoned_command *c, const void *request)
{
	static _Alignas(16) char reply[65536];
	struct zoned_call call = {.req = request,
		.req_size = c->req_size,
		.zoneid = zone,
		.reply = reply,
		.reply_max = sizeof(reply),
		.reply_size = c->reply_size};
	int r;

	memset(reply, 0, c->reply_size);
	r = c->handler(&call);
	fuzz_assert(r <= 0 && r > -4096 && call.reply_size <= sizeof(reply) &&
			    call.nfds == (c->cmd == DLD_HOLD && r == 0),
		"a reply");
	if (call.nfds)
		end_hold(&call);
	fuzz_assert(memchr(call.diag.text, '\0', sizeof(call.diag.text)) != NULL, "a text");
}

static int not_lo(const struct nl_link *l, void *arg)
{
	if (l->flags & IFF_LOOPBACK)
		return 0;
	fprintf(stderr, "fuzz: device %s\n", l->name);
	return 1;
}

/* Out of bridges, and out of its zone. */
static void free_link(datalink_id_t id)
{
	_cleanup_nl_ struct nl *nl = NULL;
	struct devnet *dd;
	struct diag d = {0};

	if (dls_devnet_hold_tmp(id, &dd) < 0)
		return;
	if (dls_nl_open(dd->dd_at.zone, &nl) == 0) {
		(void)nl_link_set_flags(nl, dd->dd_at.ifindex, 0, IFF_UP);
		(void)nl_link_set_master(nl, dd->dd_at.ifindex, 0);
	}
	if (dls_devnet_setzid(dd, GLOBAL_ZONEID, &d) < 0)
		fuzz_assert(false, d.text);
	dls_devnet_rele_tmp(dd);
}

static void remove_flows(void)
{
	struct flow_next_reply next = {0};
	struct flow_remove_req take = {.cmd = FLOW_REMOVE};
	struct flow_next_req req = {.cmd = FLOW_NEXT};

	for (;;) {
		struct zoned_call call = {.req = &req, .reply = &next};
		const struct zoned_command *c = flow_commands;

		while (c->cmd != FLOW_NEXT)
			c++;
		if (c->handler(&call) < 0)
			return;
		memcpy(take.name, next.name, sizeof(take.name));
		for (c = flow_commands; c->cmd != FLOW_REMOVE; c++)
			;
		run(GLOBAL_ZONEID, c, &take);
	}
}

static void sweep(void)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct devnet *dd;
	struct diag d = {0};

	remove_flows();
	for (datalink_id_t id = 1; id <= LINKS; id++)
		free_link(id);
	for (int i = 0; i < LINKS; i++) /* those below others follow them */
		for (datalink_id_t id = LINKS; id > 0; id--)
			(void)dls_link_delete(id, &d);
	for (datalink_id_t id = 1; id <= LINKS; id++)
		fuzz_assert(dls_devnet_hold_tmp(id, &dd) < 0, d.text);
	/* Its twin in a zone goes a moment later. */
	while (dls_twin_reap())
		(void)usleep(1000);
	fuzz_assert(nl_open(FD_NONE, &home) == 0, "nl_open");
	fuzz_assert(nl_link_each(home, not_lo, NULL) == 0, "a device is left");
	know_links();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {.at = data, .left = size};

	if (!able)
		return 0;
	for (int n = 0; n < REQUESTS_MAX && in.left > 0; n++) {
		uint8_t how = fuzz_byte(&in);
		const struct zoned_command *c = commands[fuzz_byte(&in) % n_commands];
		size_t left = c->req_size - sizeof(uint32_t);
		uint8_t *request = calloc(1, c->req_size);

		fuzz_assert(request != NULL, "memory");
		memcpy(request, &c->cmd, sizeof(c->cmd));
		left = left < in.left ? left : in.left;
		memcpy(request + sizeof(uint32_t), in.at, left);
		in.at += left;
		in.left -= left;
		run(how & FROM_ZONE ? WORLD_ZONE : GLOBAL_ZONEID, c, request);
		free(request);
	}
	sweep();
	return 0;
}

/* ---- seeds ---- */

static uint8_t seed[8192];
static size_t seed_size;

static void say(uint8_t how, const void *request, size_t size)
{
	size_t kind = 0;

	while (commands[kind]->cmd != *(const uint32_t *)request)
		kind++;
	seed[seed_size++] = how;
	seed[seed_size++] = (uint8_t)kind;
	memcpy(seed + seed_size, (const char *)request + sizeof(uint32_t), size - sizeof(uint32_t));
	seed_size += size - sizeof(uint32_t);
}

#define SAY(how, ...)                                                                              \
	do {                                                                                       \
		__typeof__(__VA_ARGS__) req = __VA_ARGS__;                                         \
		say(how, &req, sizeof(req));                                                       \
	} while (0)

static void save(const char *name)
{
	fuzz_seed(name, seed, seed_size);
	seed_size = 0;
}

static void say_vnics(void)
{
	SAY(0, (struct dld_link_req){.cmd = DLD_ETHERSTUB_CREATE, .linkid = 1});
	SAY(0, (struct dld_vnic_req){.cmd = DLD_VNIC_CREATE,
		       .linkid = 2,
		       .over = 1,
		       .mac_type = VNIC_MAC_ADDR_TYPE_AUTO});
	SAY(0, (struct dld_create_req){.cmd = DLD_CREATE,
		       .linkid = 4,
		       .over = 1,
		       .mac_type = VNIC_MAC_ADDR_TYPE_FIXED,
		       .mac = {2, 8, 0x20, 1, 2, 3}});
}

void fuzz_seeds(void)
{
	if (!able)
		return;
	say_vnics();
	SAY(0, (struct dld_setzone_req){.cmd = DLD_SETZONE, .linkid = 2, .zoneid = WORLD_ZONE});
	SAY(FROM_ZONE, (struct dld_link_req){.cmd = DLD_LINKINFO, .linkid = 2});
	SAY(FROM_ZONE, (struct dld_link_req){.cmd = DLD_KNOWN, .linkid = 2});
	SAY(0, (struct dld_link_req){.cmd = DLD_RENAMED, .linkid = 2});
	SAY(FROM_ZONE, (struct dld_link_req){.cmd = DLD_NEXT});
	SAY(FROM_ZONE, (struct dld_link_req){.cmd = DLD_DELETE, .linkid = 2});
	SAY(0, (struct dld_link_req){.cmd = DLD_LINKSTATS, .linkid = 2});
	SAY(0, (struct dld_setzone_req){.cmd = DLD_SETZONE, .linkid = 2});
	save("lend");
	say_vnics();
	SAY(0, (struct dld_setmtu_req){.cmd = DLD_SETMTU, .linkid = 2, .mtu = 1400});
	SAY(0, (struct dld_rename_req){.cmd = DLD_RENAME, .linkid = 2, .name = "vnic7"});
	SAY(0, (struct dld_setprop_req){
		       .cmd = DLD_SETPROP, .linkid = 4, .prop = "maxbw", .value = "10M"});
	SAY(0, (struct dld_setprop_req){.cmd = DLD_SETPROP,
		       .linkid = 4,
		       .prop = "protection",
		       .value = "mac-nospoof"});
	SAY(0, (struct dld_getprop_req){.cmd = DLD_GETPROP, .linkid = 4, .prop = "maxbw"});
	SAY(0, (struct dld_getprops_req){.cmd = DLD_GETPROPS, .linkid = 4, .from = 3});
	SAY(0, (struct dld_hold_req){.cmd = DLD_HOLD, .name = "vnic0"});
	SAY(0, (struct dld_hold_req){.cmd = DLD_HOLD, .name = "ip.tun0"});
	save("properties");
	say_vnics();
	SAY(0, (struct flow_add_req){.cmd = FLOW_ADD,
		       .linkid = 2,
		       .flags = FLOW_TEMPORARY,
		       .name = "web",
		       .attrs = {.mask = FLOW_TRANSPORT | FLOW_LOCAL_PORT,
			       .transport = 6,
			       .local_port = 80},
		       .props = {.maxbw = 10000000}});
	SAY(0, (struct flow_next_req){.cmd = FLOW_NEXT});
	SAY(0, (struct flow_setprop_req){.cmd = FLOW_SETPROP,
		       .flags = FLOW_TEMPORARY,
		       .which = FLOW_MAXBW,
		       .name = "web",
		       .props = {.maxbw = 20000000}});
	SAY(0, (struct flow_remove_req){
		       .cmd = FLOW_REMOVE, .flags = FLOW_TEMPORARY, .name = "web"});
	save("flows");
	SAY(0, (struct dld_create_req){.cmd = DLD_CREATE, .linkid = 5});
	SAY(0, (struct dld_create_req){.cmd = DLD_CREATE, .linkid = 6});
	SAY(0, (struct dld_modify_req){.cmd = DLD_MODIFY, .linkid = 5, .spec.peer = 6});
	SAY(0, (struct dld_create_req){.cmd = DLD_CREATE,
		       .linkid = 7,
		       .spec.bridge = {32768, 20, 2, 15},
		       .nports = 1,
		       .ports = {5}});
	SAY(0, (struct dld_ports_req){
		       .cmd = DLD_REMOVE_PORTS, .linkid = 7, .nports = 1, .ports = {5}});
	SAY(0, (struct dld_link_req){.cmd = DLD_DETAILS, .linkid = 7});
	SAY(0, (struct dld_fdb_req){.cmd = DLD_FDB, .linkid = 7});
	save("simnets");
	SAY(0, (struct dld_create_req){.cmd = DLD_CREATE,
		       .linkid = 8,
		       .spec.tunnel = {.type = OVERLAY_VXLAN,
			       .family = 2,
			       .vnetid = 7,
			       .local = {127, 0, 0, 1}}});
	SAY(0, (struct dld_target_req){.cmd = DLD_SET_TARGET,
		       .linkid = 8,
		       .family = 2,
		       .mac = {2},
		       .address = {10, 0, 0, 1}});
	SAY(0, (struct dld_link_req){.cmd = DLD_DETAILS, .linkid = 8});
	SAY(0, (struct dld_link_req){.cmd = DLD_DELETE, .linkid = 8});
	save("overlay");
}

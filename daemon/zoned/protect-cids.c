/* SPDX-License-Identifier: MIT */
/*
 * Loads cids.bpf.c, which is part of this program, for each link with dhcp-nospoof, and has the kernel's
 * classifier of packets run it; see protect-cids.h. A change loads it anew, with maps that are
 * complete before it takes the other's place; only the map that counts goes on from one to the next.
 *
 * The queue that holds classifiers (clsact) is left where it was made: it does nothing, and
 * somebody else's may have come into it.
 */
#include "zoned/protect-cids.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>

#include "zoned/cids.h"

#define CLASSIFIER_HANDLE 0x5a4cu /* "ZL" */
#define CLASSIFIER_FIRST  1	  /* before others of the host */
#define MAPS_MAX	  8

/* The object file. */
static const unsigned char cids_object[] __attribute__((aligned(8))) = {
#include "cids-object.inc"
};

/* ---- what the link may use ---- */

static int add(struct bpf_object *o, const char *map, const void *key)
{
	static const uint8_t yes = 1;
	int fd = bpf_object__find_map_fd_by_name(o, map);

	if (fd < 0)
		return fd;
	return bpf_map_update_elem(fd, key, &yes, BPF_ANY) < 0 ? -errno : 0;
}

static int add_cid(struct bpf_object *o, const char *text)
{
	struct cids_key key = {0};
	int n = dladm_cid_parse(text, key.id);

	if (n < 0)
		return n;
	key.len = (uint16_t)n;
	return add(o, "cids_list", &key);
}

static int fill(struct bpf_object *o, const struct link_wish *w)
{
	static const struct cids_key any;
	char list[DLADM_PROP_VALLEN], *next = list, *item;
	int r = w->any_cid ? add(o, "cids_list", &any) : 0;

	memcpy(list, w->cids, sizeof(list));
	while (r == 0 && (item = strsep(&next, ",")))
		r = *item ? add_cid(o, item) : 0;
	for (size_t i = 0; i < w->nmacs && r == 0; i++)
		r = add(o, "cids_macs", w->macs[i]);
	return r;
}

/* ---- where it is ---- */

static struct bpf_tc_hook hook_of(int ifindex, bool port)
{
	return (struct bpf_tc_hook){.sz = sizeof(struct bpf_tc_hook),
		.ifindex = ifindex,
		.attach_point = port ? BPF_TC_INGRESS : BPF_TC_EGRESS};
}

static struct bpf_tc_opts ours(void)
{
	return (struct bpf_tc_opts){.sz = sizeof(struct bpf_tc_opts),
		.handle = CLASSIFIER_HANDLE,
		.priority = CLASSIFIER_FIRST};
}

/* What is not there is not taken away: none of ours, or no such device any more. */
static void detach(int ifindex, bool port)
{
	struct bpf_tc_hook hook = hook_of(ifindex, port);
	struct bpf_tc_opts opts = ours();

	(void)bpf_tc_detach(&hook, &opts);
}

static int map_named(const __u32 *ids, __u32 count, const char *name)
{
	for (__u32 i = 0; i < count; i++) {
		struct bpf_map_info info = {0};
		__u32 len = sizeof(info);
		int fd = bpf_map_get_fd_by_id(ids[i]);

		if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &len) == 0 &&
			streq(info.name, name))
			return fd;
		if (fd >= 0)
			(void)fd_close(fd);
	}
	return FD_NONE;
}

/* The count of the program that an earlier zoned put there. */
static int drops_at(int ifindex, bool port)
{
	struct bpf_tc_hook hook = hook_of(ifindex, port);
	struct bpf_tc_opts opts = ours();
	__u32 ids[MAPS_MAX] = {0}, len;
	struct bpf_prog_info info = {.nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids};
	int fd, drops = FD_NONE;

	if (bpf_tc_query(&hook, &opts) < 0)
		return FD_NONE;
	fd = bpf_prog_get_fd_by_id(opts.prog_id);
	len = sizeof(info);
	if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &len) == 0)
		drops = map_named(
			ids, info.nr_map_ids < MAPS_MAX ? info.nr_map_ids : MAPS_MAX, "cids_drops");
	if (fd >= 0)
		(void)fd_close(fd);
	return drops;
}

/* ---- loading ---- */

/* What was opened is the caller's to close, also of a failure. */
static int load(struct protect_cids *c, const struct link_wish *w, struct bpf_object **ret)
{
	struct bpf_object *o;
	int r;

	o = bpf_object__open_mem(cids_object, sizeof(cids_object), NULL);
	if (!o)
		return -errno;
	*ret = o;
	r = c->drops == FD_NONE
		    ? 0
		    : bpf_map__reuse_fd(bpf_object__find_map_by_name(o, "cids_drops"), c->drops);
	if (r == 0)
		r = bpf_object__load(o);
	if (r == 0)
		r = fill(o, w);
	if (r == 0 && c->drops == FD_NONE) {
		int fd =
			fcntl(bpf_object__find_map_fd_by_name(o, "cids_drops"), F_DUPFD_CLOEXEC, 3);

		r = fd < 0 ? -errno : 0;
		c->drops = fd < 0 ? FD_NONE : fd;
	}
	return r;
}

static int attach(struct bpf_object *o, const struct link_point *at)
{
	struct bpf_tc_hook hook = hook_of(at->ifindex, at->port);
	struct bpf_tc_opts opts = ours();
	int r = bpf_tc_hook_create(&hook);

	if (r < 0 && r != -EEXIST)
		return r;
	opts.flags = BPF_TC_F_REPLACE;
	opts.prog_fd = bpf_program__fd(bpf_object__find_program_by_name(o, "cids_check"));
	return bpf_tc_attach(&hook, &opts);
}

static int put(struct protect_cids *c, const struct link_point *at, const struct link_wish *w,
	struct diag *d)
{
	struct bpf_object *o = NULL;
	int r;

	if (c->unknown && c->drops == FD_NONE)
		c->drops = drops_at(at->ifindex, at->port);
	r = load(c, w, &o);
	if (r == 0)
		r = attach(o, at);
	bpf_object__close(o);
	if (r == -ENOMEM)
		return diag_errno(d, r, "dhcp-nospoof");
	if (r < 0)
		return diag_set(d, -EOPNOTSUPP,
			"dhcp-nospoof: this host's kernel does not look at the client ids of '%s' "
			"(it needs BPF programs as classifiers of packets): %s",
			at->device, strerror(-r));
	return 0;
}

/* ---- for protect.c ---- */

int protect_cids_apply(struct protect_cids *c, const struct link_point *at,
	const struct link_wish *w, struct diag *d)
{
	bool asks = w->protection & DLADM_PROTECT_DHCP_NOSPOOF;
	bool moved = c->ifindex && (c->ifindex != at->ifindex || c->port != at->port);
	int r;

	(void)libbpf_set_print(NULL); /* what it means that something fails is said here */
	r = asks ? put(c, at, w, d) : 0;
	if (r < 0)
		return r;
	if (moved)
		detach(c->ifindex, c->port);
	if (c->unknown && at->uplink) /* where it was before it was lent */
		detach(at->uplink, false);
	if (!asks && (c->unknown || c->ifindex) && at->ifindex)
		detach(at->ifindex, at->port);
	c->ifindex = asks ? at->ifindex : 0;
	c->port = at->port;
	c->unknown = false;
	return 0;
}

uint64_t protect_cids_drops(const struct protect_cids *c)
{
	static const __u32 zero;
	uint64_t n = 0;

	if (c->drops == FD_NONE || bpf_map_lookup_elem(c->drops, &zero, &n) < 0)
		return 0;
	return n;
}

void protect_cids_forget(struct protect_cids *c)
{
	if (c->ifindex)
		detach(c->ifindex, c->port);
	if (c->drops != FD_NONE)
		(void)fd_close(c->drops);
	*c = (struct protect_cids){.drops = FD_NONE};
}

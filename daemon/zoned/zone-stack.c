/* SPDX-License-Identifier: MIT */
/*
 * Zones with ip-type shared: what each has on the host's network stack, and what holds it to that.
 *
 * The programs that hold it (stack.h) come before the zone is READY and are its zsched's from then on. Its
 * addresses are put on the host's devices one by one, while it is READY, and taken away when its
 * processes have ended. They are in the file NAME.stack of the run directory before they are
 * on the device, so that whoever finds the zone gone can take them away too: the record of a zone goes
 * with its zsched.
 *
 * Sockets that have no address yet get one from the route that they take. The ids of a zone are its
 * own, so a rule leads them to a table with routes that name the zone's addresses first: the
 * networks of the addresses, and the zone's router when it has one.
 */
#include "zoned/stack.h"
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"
#include "linux/cgroup-join.h"
#include "linux/log.h"
#include "linux/rtnl.h"
#include "zone/zsched-calls.h"

#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>

#define STACK_FILE    INSTANCE_RUN "/%s.stack"
#define TABLE_FIRST   0x7a000000u /* + the zone's id */
#define RULE_PRIORITY 20000	  /* behind the local table, before main */
#define LOOP_FIRST    64
#define LIST_MAX      (2 * STACK_ADDRS_MAX)

/* One address, as it was asked for. */
struct entry {
	char device[IFNAMSIZ];
	struct nl_addr address;
	struct nl_addr router; /* family 0: none */
	char text[192];
};

/* What the file has. */
struct list {
	zoneid_t id;
	uint32_t uid_base;
	unsigned int count;
	struct entry entries[LIST_MAX];
};

static pthread_mutex_t stack_lock = PTHREAD_MUTEX_INITIALIZER; /* files and devices; a leaf */

/* ---- the file ---- */

static bool parse_entry(const char *text, struct entry *ret)
{
	char address[64], router[64];
	struct entry e = {0};
	int n = sscanf(text, "%15s %63s %63s", e.device, address, router);

	if (n < 2 || nl_addr_parse(address, &e.address) < 0 ||
		(n == 3 && nl_addr_parse(router, &e.router) < 0) ||
		str_copy(e.text, sizeof(e.text), text) < 0)
		return false;
	if (n == 3 && e.router.family != e.address.family)
		return false;
	*ret = e;
	return true;
}

/* -ENOENT: there is none. A file that cannot be read to its end says what it says up to there. */
static int list_read(const char *name, struct list *l)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PATH_MAX], line[256];
	int r = instance_path(path, sizeof(path), STACK_FILE, name);

	*l = (struct list){0};
	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (!fgets(line, sizeof(line), f) || sscanf(line, "%d %" SCNu32, &l->id, &l->uid_base) != 2)
		return -EBADMSG;
	while (l->count < LIST_MAX && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (parse_entry(line, &l->entries[l->count]))
			l->count++;
	}
	return 0;
}

static int list_write(const char *name, const struct list *l)
{
	char path[PATH_MAX], next[PATH_MAX + 8];
	unsigned int i;
	FILE *f;
	int r = instance_path(path, sizeof(path), STACK_FILE, name);

	if (r < 0)
		return r;
	(void)snprintf(next, sizeof(next), "%s.new", path);
	f = fopen(next, "we");
	if (!f)
		return -errno;
	(void)fprintf(f, "%d %" PRIu32 "\n", l->id, l->uid_base);
	for (i = 0; i < l->count; i++)
		(void)fprintf(f, "%s\n", l->entries[i].text);
	r = ferror(f) ? -EIO : 0;
	if (fclose(f) != 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(next, path) < 0)
		r = -errno;
	return r;
}

/* ---- devices, routes, rules ---- */

/* fn of the network of an address, and of the way to its router. */
static int each_route(struct nl *nl, const struct list *l, const struct entry *e, int ifindex,
	int (*fn)(struct nl *nl, const struct nl_route *route))
{
	struct nl_route route = {.table = TABLE_FIRST + (uint32_t)l->id,
		.ifindex = ifindex,
		.to = e->address,
		.source = &e->address};
	uint8_t whole = e->address.family == AF_INET ? 32 : 128;
	uint8_t *p = (uint8_t *)&route.to.v4;
	unsigned int bit;
	int r = 0;

	for (bit = e->address.prefix_len; bit < whole; bit++)
		p[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	if (e->address.prefix_len < whole)
		r = fn(nl, &route);
	if (e->router.family && (r == 0 || r == -EEXIST || r == -ESRCH)) {
		route.to = (struct nl_addr){.family = e->address.family};
		route.gateway = &e->router;
		r = fn(nl, &route);
	}
	return r;
}

static struct nl_uid_rule rule_of(const struct list *l, int family)
{
	return (struct nl_uid_rule){.family = family,
		.first = l->uid_base,
		.last = l->uid_base + ZONE_UID_RANGE - 1,
		.table = TABLE_FIRST + (uint32_t)l->id,
		.priority = RULE_PRIORITY};
}

static int put_up(struct nl *nl, const struct list *l, const struct entry *e, int ifindex)
{
	struct nl_uid_rule rule = rule_of(l, e->address.family);
	int r = nl_addr_add(nl, ifindex, &e->address);

	if (r == 0)
		r = nl_uid_rule_add(nl, &rule);
	if (r == 0 || r == -EEXIST)
		r = each_route(nl, l, e, ifindex, nl_route_add);
	return r == -EEXIST ? 0 : r;
}

static void take_down(struct nl *nl, const struct list *l, const struct entry *e)
{
	struct nl_link link;

	if (nl_link_get_name(nl, e->device, &link) < 0)
		return; /* the device has gone, and with it what was on it */
	(void)each_route(nl, l, e, link.ifindex, nl_route_remove);
	(void)nl_addr_remove(nl, link.ifindex, &e->address);
}

static void take_all_down(const struct list *l)
{
	static const int families[] = {AF_INET, AF_INET6};
	_cleanup_nl_ struct nl *nl = NULL;
	struct nl_uid_rule rule;
	unsigned int i;

	if (nl_open(FD_NONE, &nl) < 0)
		return;
	for (i = 0; i < l->count; i++)
		take_down(nl, l, &l->entries[i]);
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		rule = rule_of(l, families[i]);
		(void)nl_uid_rule_remove(nl, &rule);
	}
}

static bool same_address(const struct nl_addr *a, const struct nl_addr *b)
{
	return a->family == b->family &&
	       memcmp(&a->v4, &b->v4, a->family == AF_INET ? sizeof(a->v4) : sizeof(a->v6)) == 0;
}

static int is_same(const struct nl_addr *a, void *arg)
{
	return same_address(a, arg);
}

/* The device, when nobody on this stack has the address. */
static int find_place(struct nl *nl, struct entry *e, int *ret_ifindex, struct diag *d)
{
	struct nl_link link;
	int r = nl_link_get_name(nl, e->device, &link);

	if (r == -ENODEV)
		return diag_set(d, r, "There is no network interface '%s'", e->device);
	if (r == 0)
		r = nl_addr_each(nl, 0, is_same, &e->address);
	if (r > 0)
		return diag_set(d, -EEXIST,
			"The address of '%s' is in use on this host; give the zone one of its own",
			e->text);
	if (r < 0)
		return diag_set(d, r, "'%s': %s", e->text, nl_text(nl));
	*ret_ifindex = link.ifindex;
	return 0;
}

/* ---- what the programs know ---- */

static int open_group(const struct zone *z, struct diag *d)
{
	char group[ZONE_GROUP_MAX];
	int dir;

	zone_group(z, "zone", group);
	dir = cgroup_open_v2(group);
	return dir < 0 ? diag_errno(d, dir, "Cannot open the control group of zone '%s'", z->name)
		       : dir;
}

/* Their map, and the group that it knows the zone by. */
struct programs {
	int map, group;
};

/* Not under stack_lock: a zsched may take its time. */
static int programs_open(const struct zone *z, struct programs *ret, struct diag *d)
{
	*ret = (struct programs){FD_NONE, open_group(z, d)};
	return ret->group < 0 ? ret->group
			      : zsched_call_getfds(z->name, ZSCHED_FD_HELD, &ret->map, d);
}

static void programs_close(struct programs *p)
{
	p->map = fd_close(p->map);
	p->group = fd_close(p->group);
}

static int tell(const struct programs *p, const struct list *l, struct diag *d)
{
	struct stack_conf conf;
	unsigned int i;
	int r = stack_get_conf(p->map, p->group, &conf);

	if (r < 0)
		return r;
	conf.n4 = conf.n6 = 0;
	for (i = 0; i < l->count; i++) {
		const struct nl_addr *a = &l->entries[i].address;

		if (a->family == AF_INET && conf.n4 < STACK_ADDRS_MAX)
			conf.v4[conf.n4++] = a->v4.s_addr;
		else if (a->family == AF_INET6 && conf.n6 < STACK_ADDRS_MAX)
			memcpy(conf.v6[conf.n6++], &a->v6, sizeof(a->v6));
		else
			return diag_set(
				d, -E2BIG, "More than %d addresses of a kind", STACK_ADDRS_MAX);
	}
	return stack_set_conf(p->map, p->group, &conf);
}

/* ---- one more address ---- */

static int add_to(const struct zone *z, const struct programs *p, struct list *l,
	const struct entry *wanted, struct diag *d)
{
	struct entry *e = &l->entries[l->count];
	_cleanup_nl_ struct nl *nl = NULL;
	int ifindex = 0, r;

	*e = *wanted;
	r = nl_open(FD_NONE, &nl);
	if (r < 0)
		return r;
	r = find_place(nl, e, &ifindex, d);
	if (r < 0)
		return r;
	l->count++;
	r = list_write(z->name, l);
	if (r == 0) {
		r = put_up(nl, l, e, ifindex);
		if (r < 0)
			(void)diag_set(
				d, r, "Cannot give '%s' to the zone: %s", e->text, nl_text(nl));
	}
	if (r == 0)
		r = tell(p, l, d);
	if (r < 0) {
		take_down(nl, l, e);
		l->count--;
		(void)list_write(z->name, l);
	}
	return r;
}

static int add(const struct zone *z, const struct programs *p, struct list *l,
	const struct entry *e, struct diag *d)
{
	unsigned int i;
	int r = list_read(z->name, l);

	if (r == -ENOENT)
		r = 0;
	if (r < 0)
		return r;
	l->id = z->id;
	l->uid_base = z->uid_base;
	for (i = 0; i < l->count; i++)
		if (streq(l->entries[i].text, e->text))
			return 0;
	if (l->count == LIST_MAX)
		return diag_set(d, -E2BIG, "The zone has too many addresses");
	return add_to(z, p, l, e, d);
}

int zone_stack_add(struct zone *z, const char *value, struct diag *d)
{
	_cleanup_free_ struct list *l = malloc(sizeof(*l));
	struct programs p;
	struct entry e;
	int r;

	if (!l)
		return -ENOMEM;
	if (z->flags & ZF_NET_EXCL)
		return diag_set(d, -EINVAL, "Zone '%s' has a network stack of its own", z->name);
	if (!parse_entry(value, &e))
		return diag_set(d, -EINVAL, "'%s' is not a device, an address and a router", value);
	r = programs_open(z, &p, d);
	if (r == 0) {
		(void)pthread_mutex_lock(&stack_lock);
		r = add(z, &p, l, &e, d);
		(void)pthread_mutex_unlock(&stack_lock);
	}
	programs_close(&p);
	return r < 0 && !d->text[0] ? diag_errno(d, r, "Cannot give '%s' to the zone", value) : r;
}

void zone_stack_remove(const char *name)
{
	_cleanup_free_ struct list *l = malloc(sizeof(*l));
	char path[PATH_MAX];

	if (!l || instance_path(path, sizeof(path), STACK_FILE, name) < 0)
		return;
	(void)pthread_mutex_lock(&stack_lock);
	if (list_read(name, l) == 0)
		take_all_down(l);
	(void)unlink(path);
	(void)pthread_mutex_unlock(&stack_lock);
}

/* ---- with the zone ---- */

static int hold(struct zone *z, struct diag *d)
{
	struct stack_conf conf = {.uid_base = z->uid_base};
	_cleanup_close_ int group = open_group(z, d);
	struct stack_fds set;
	int r;

	conf.loopback = htonl(0x7f000000u | (uint32_t)(LOOP_FIRST + z->id / 256) << 16 |
			      (uint32_t)(z->id % 256) << 8);
	if (z->caps & (UINT64_C(1) << CAP_NET_BIND_SERVICE))
		conf.flags |= STACK_LOW_PORTS;
	if (group < 0)
		return group;
	r = stack_attach(group, &conf, &set, d);
	if (r < 0)
		return r;
	r = zsched_call_hold(z->name, set.fds, set.count, d);
	stack_fds_close(&set);
	return r;
}

/* A zone that a former zoned made is held already. */
static int create(struct zone *z, void **ret_data, struct diag *d)
{
	_cleanup_close_ int map = FD_NONE;
	int r;

	if (z->flags & ZF_NET_EXCL)
		return 0;
	r = zsched_call_getfds(z->name, ZSCHED_FD_HELD, &map, d);
	return r == -ENOENT ? hold(z, d) : r;
}

/* Its processes have ended. */
static int shut_down(struct zone *z, void *data, struct diag *d)
{
	if (!(z->flags & ZF_NET_EXCL))
		zone_stack_remove(z->name);
	return 0;
}

static void destroy(struct zone *z, void *data)
{
	(void)shut_down(z, data, NULL);
}

int zone_stack_init(void)
{
	static const struct zsd_callbacks callbacks = {"stack", create, shut_down, destroy};
	zone_key_t key;

	return zsd_key_create(&callbacks, &key);
}

int serve_stack_check(struct zoned_call *call)
{
	return stack_supported(&call->diag);
}

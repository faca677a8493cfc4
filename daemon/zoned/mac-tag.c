/* SPDX-License-Identifier: MIT */
/*
 * VLANs below vnics: a vnic with a VLAN identifier is a macvlan over an 8021q device of its
 * lower link, vv<linkid>.<vid> in hexadecimal digits. That is hidden, one for all vnics of the
 * same identifier, and made and removed in the lower link's perimeter.
 *
 * It follows the lower device up and down by itself.
 *
 * Linux: not over an etherstub. The bridge has no carrier without ports, and these vnics are none.
 */
#include "zoned/mac.h"

#include "linux/log.h"

static void tag_name(const struct devnet *lower, uint32_t vid, char name[static IFNAMSIZ])
{
	(void)snprintf(name, IFNAMSIZ, "vv%x.%x", lower->dd_linkid, vid);
}

bool mac_tag_is(const struct nl_link *l)
{
	unsigned int id, vid;
	int end = 0;

	return streq(l->kind, "vlan") && sscanf(l->name, "vv%x.%x%n", &id, &vid, &end) == 2 &&
	       !l->name[end];
}

int mac_tag_enter(struct devnet *lower, uint32_t vid, struct nl *home, struct mac_lower *below,
	struct diag *d)
{
	const struct nl_kind k = {.name = "vlan", .vlan.id = (uint16_t)vid};
	struct nl_new new = {.lower = below->ifindex, .netns = FD_NONE};
	char name[IFNAMSIZ];
	struct nl_link l;
	int r;

	if (below->class == DATALINK_CLASS_ETHERSTUB)
		return diag_set(d, -ENOTSUP,
			"vnics in a VLAN need a wire, and '%s' is an etherstub",
			lower->dd_linkname);
	tag_name(lower, vid, name);
	r = nl_link_get_name(home, name, &l);
	if (r == -ENODEV) {
		new.name = name;
		r = nl_kind_create(home, &new, &k);
		if (r == -EOPNOTSUPP)
			return diag_set(d, r, "the kernel has no 8021q");
		if (r == 0)
			r = nl_link_get_name(home, name, &l);
	}
	if (r == 0 && (!mac_tag_is(&l) || l.link != below->ifindex))
		r = -EEXIST;
	if (r < 0)
		return diag_set(d, r == -EEXIST ? -EBUSY : r, "cannot make VLAN %u over '%s': %s",
			vid, lower->dd_linkname, nl_text(home));
	/* -ENETDOWN: it comes up with what is below it. */
	(void)nl_link_set_flags(home, l.ifindex, IFF_UP, IFF_UP);
	*below = (struct mac_lower){DATALINK_CLASS_VLAN, l.ifindex, l.mtu};
	return 0;
}

static int is_upper(const struct nl_link *l, void *arg)
{
	const int *ifindex = arg;

	return l->link == *ifindex && l->link_nsid == -1;
}

/*
 * The device at home of every vnic over it is there, also while a zone has a twin of it. When the
 * devices cannot be read, it is taken for used.
 */
static void remove_unused(struct nl *home, int ifindex, const char *name)
{
	if (nl_link_each(home, is_upper, &ifindex) == 0 && nl_link_delete(home, ifindex) < 0)
		log_line(LOG_WARNING, "link: Cannot remove %s: %s", name, nl_text(home));
}

void mac_tag_reap(struct devnet *lower, uint32_t vid, struct nl *home)
{
	char name[IFNAMSIZ];
	struct nl_link l;

	tag_name(lower, vid, name);
	if (nl_link_get_name(home, name, &l) == 0 && mac_tag_is(&l))
		remove_unused(home, l.ifindex, name);
}

struct tags {
	struct nl_link *all;
	size_t n;
};

static int tag_step(const struct nl_link *l, void *arg)
{
	struct tags *tags = arg;
	struct nl_link *more;

	if (!mac_tag_is(l))
		return 0;
	more = reallocarray(tags->all, tags->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	tags->all = more;
	tags->all[tags->n++] = *l;
	return 0;
}

void mac_tag_sweep(struct nl *home)
{
	struct tags tags = {0};

	if (nl_link_each(home, tag_step, &tags) == 0) {
		for (size_t i = 0; i < tags.n; i++)
			remove_unused(home, tags.all[i].ifindex, tags.all[i].name);
	}
	free(tags.all);
}

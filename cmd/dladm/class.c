/* SPDX-License-Identifier: MIT */
/* Making, deleting and bringing up links that attributes describe; see class.h. */
#include "class.h"
#include "links.h"

#define CONF_TRIES 5

const struct link_class *class_of(uint32_t id)
{
	static const struct link_class *const classes[] = {&class_vlan, &class_aggr, &class_bridge,
		&class_simnet, &class_iptun, &class_overlay};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (classes[i]->id == id)
			return classes[i];
	}
	return NULL;
}

void class_die(const char *verb, const char *name, int err, const struct diag *d)
{
	dladm_status_t status = dladm_errno2status(err);

	die_status(status, d, "cannot %s '%s'", verb, name);
}

/* ---- attributes ---- */

static struct attr *attr_find(const struct attrs *a, const char *name)
{
	for (size_t i = 0; i < a->count; i++) {
		if (streq(a->items[i].name, name))
			return (struct attr *)&a->items[i];
	}
	return NULL;
}

static struct attr *attr_new(struct attrs *a, const char *name)
{
	struct attr *attr = attr_find(a, name);

	if (!attr) {
		if (a->count == ATTRS_MAX)
			die("too many attributes");
		attr = &a->items[a->count++];
	}
	*attr = (struct attr){.name = name};
	return attr;
}

void attr_set(struct attrs *a, const char *name, const char *text)
{
	struct attr *attr = attr_new(a, name);

	if (str_copy(attr->text, sizeof(attr->text), text) < 0)
		die("%s is too long", name);
}

void attr_set_number(struct attrs *a, const char *name, uint64_t number)
{
	struct attr *attr = attr_new(a, name);

	attr->is_number = true;
	attr->number = number;
}

const char *attr_get(const struct attrs *a, const char *name)
{
	const struct attr *attr = attr_find(a, name);

	return attr && !attr->is_number ? attr->text : NULL;
}

bool attr_number(const struct attrs *a, const char *name, uint64_t *ret)
{
	const struct attr *attr = attr_find(a, name);

	if (!attr || !attr->is_number)
		return false;
	*ret = attr->number;
	return true;
}

void class_attrs_read(const struct link_class *c, datalink_id_t linkid, struct attrs *ret)
{
	struct dlmgmt_attrval value;

	ret->count = 0;
	for (const char *const *name = c->attrs; *name; name++) {
		if (dlmgmt_call_dls_getattr(linkid, *name, &value) < 0)
			continue;
		if (value.type == DLADM_TYPE_UINT64)
			attr_set_number(ret, *name, value.u64);
		else if (value.type == DLADM_TYPE_STR)
			attr_set(ret, *name, value.str);
	}
}

static int conf_fill(const struct link_class *c, uint32_t confid, const struct attrs *a)
{
	int r = 0;

	for (const char *const *name = c->attrs; *name && r == 0; name++) {
		const struct attr *attr = attr_find(a, *name);

		if (!attr)
			r = dlmgmt_call_unsetattr(confid, *name);
		else if (attr->is_number)
			r = dlmgmt_call_setattr_u64(confid, *name, attr->number);
		else
			r = dlmgmt_call_setattr_str(confid, *name, attr->text);
		if (r == -ENOENT && !attr) /* it never had that */
			r = 0;
	}
	return r;
}

static int conf_finish(const struct link_class *c, uint32_t confid, const struct attrs *a)
{
	int r = conf_fill(c, confid, a);

	if (r == 0)
		r = dlmgmt_call_writeconf(confid);
	(void)dlmgmt_call_destroyconf(confid);
	return r;
}

int class_attrs_write(const struct link_class *c, datalink_id_t linkid, const struct attrs *a)
{
	uint32_t confid;
	int r, tries = 0;

	do {
		r = dlmgmt_call_readconf(linkid, &confid);
		if (r == 0)
			r = conf_finish(c, confid, a);
	} while (r == -EAGAIN && ++tries < CONF_TRIES);
	return r;
}

static bool has_attr(const struct link_class *c, const char *name)
{
	for (const char *const *n = c->attrs; *n; n++) {
		if (streq(*n, name))
			return true;
	}
	return false;
}

/* ---- other links ---- */

int class_link(const char *name, bool persistent, datalink_id_t *ret, struct diag *d)
{
	struct dlmgmt_linkinfo link;
	int r;

	if (!dladm_valid_linkname(name))
		return diag_set(d, -EINVAL, "'%s' is not the name of a link", name);
	r = dlmgmt_call_getlinkid(name, ALL_ZONES, &link);
	if (r == 0 && !(link.flags & DLMGMT_ACTIVE))
		r = -ENOENT;
	if (r < 0)
		return diag_set(d, r, "link '%s' is not there", name);
	if (persistent && !(link.flags & DLMGMT_PERSIST))
		return diag_set(d, -EINVAL, "'%s' is temporary: %s", name,
			dladm_status2str(DLADM_STATUS_PERSIST_ON_TEMP));
	*ret = link.linkid;
	return 0;
}

void port_names_add(struct port_names *p, const char *name)
{
	link_name_check(name);
	for (size_t i = 0; i < p->count; i++) {
		if (streq(p->names[i], name))
			die("link '%s' is there twice", name);
	}
	if (p->count == DLD_PORTS_MAX)
		die("more than %d links in one", DLD_PORTS_MAX);
	p->names[p->count++] = name;
}

void port_names_join(const struct port_names *p, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < p->count; i++) {
		if (used + strlen(p->names[i]) + 2 > size)
			die("the names of the links are too long together");
		used += (size_t)snprintf(buf + used, size - used, "%s:", p->names[i]);
	}
}

/* ---- create ---- */

static bool mac_to_keep(const struct link_class *c, const struct dld_linkinfo_reply *made)
{
	return has_attr(c, DLADM_ATTR_MACADDR) && made->mac_type != VNIC_MAC_ADDR_TYPE_UNKNOWN;
}

static int conf_create(
	const struct link_class *c, const struct dlmgmt_linkinfo *link, const struct attrs *a)
{
	uint32_t confid;
	int r = dlmgmt_call_createconf(
		link->name, link->linkid, link->link_class, link->media, &confid);

	return r < 0 ? r : conf_finish(c, confid, a);
}

/* Fills link->linkid. 0, or a negative errno with nothing left behind. */
static int create(const struct link_class *c, struct dlmgmt_linkinfo *link, struct attrs *a,
	struct dld_create_req *req, struct diag *d)
{
	struct dld_linkinfo_reply made = {0};
	char mac[DLADM_MAC_STRLEN];
	int r;

	r = dlmgmt_call_create_linkid(
		link->name, false, link->link_class, link->media, link->flags, &link->linkid);
	if (r < 0)
		return r;
	req->linkid = link->linkid;
	r = dld_call_create(req, &made, d);
	if (r < 0) {
		(void)dlmgmt_call_destroy_linkid(link->linkid, link->flags);
		return r;
	}
	if (mac_to_keep(c, &made))
		attr_set(a, DLADM_ATTR_MACADDR, dladm_mac2str(made.mac, mac, sizeof(mac)));
	if (link->flags & DLMGMT_PERSIST)
		r = conf_create(c, link, a);
	if (r < 0) {
		(void)dld_call_delete(link->linkid, NULL);
		(void)dlmgmt_call_destroy_linkid(link->linkid, link->flags);
	}
	return r;
}

void class_create(const struct link_class *c, const char *name, uint32_t media, struct attrs *a,
	bool temporary, struct dlmgmt_linkinfo *ret)
{
	struct dlmgmt_linkinfo link = {
		.link_class = c->id,
		.media = media,
		.flags = DLMGMT_ACTIVE | (temporary ? 0 : DLMGMT_PERSIST),
	};
	struct dld_create_req req = {0};
	struct diag d = {0};
	int r;

	link_name_check(name);
	(void)str_copy(link.name, sizeof(link.name), name);
	r = c->build(a, !temporary, &req, &d);
	if (r == 0)
		r = create(c, &link, a, &req, &d);
	if (r < 0)
		class_die("create", name, r, &d);
	if (ret)
		*ret = link;
}

void class_lookup(
	const struct link_class *c, const char *verb, const char *name, struct dlmgmt_linkinfo *ret)
{
	int r;

	link_name_check(name);
	r = dlmgmt_call_getlinkid(name, ALL_ZONES, ret);
	if (r < 0)
		class_die(verb, name, r, NULL);
	if (ret->link_class != c->id)
		die("cannot %s '%s': it is of class %s", verb, name,
			dladm_class2str(ret->link_class));
}

/* ---- delete ---- */

int class_delete(int argc, char *argv[], const struct link_class *c)
{
	struct dlmgmt_linkinfo link;
	dladm_status_t status;
	bool temporary = false;
	struct diag d = {0};
	int opt;

	while ((opt = getopt(argc, argv, "t")) != -1) {
		if (opt != 't')
			usage(argv[0]);
		temporary = true;
	}
	if (argc - optind != 1)
		usage(argv[0]);
	class_lookup(c, "delete", argv[optind], &link);
	if (!temporary && link_configured_above(&link))
		die_status(DLADM_STATUS_LINKBUSY, NULL,
			"cannot delete '%s': links are configured over it", link.name);
	status = link_delete(&link, temporary, &d);
	if (status != DLADM_STATUS_OK)
		die_status(status, &d, "cannot delete '%s'", link.name);
	return 0;
}

/* ---- up ---- */

/* The links of "over" or "a:b:" first; what is not there is told when the link itself is made. */
static void below_up(const struct link_class *c, const struct attrs *a)
{
	const char *list = c->below ? attr_get(a, c->below) : NULL;
	struct dlmgmt_linkinfo link;
	char name[MAXLINKNAMELEN];
	size_t n;

	for (; list && *list; list += n + (list[n] == ':')) {
		n = strcspn(list, ":");
		(void)snprintf(name, sizeof(name), "%.*s", (int)n, list);
		if (n > 0 && dlmgmt_call_getlinkid(name, ALL_ZONES, &link) == 0 &&
			link_is_down(&link))
			(void)class_link_up(&link);
	}
}

static int up(const struct link_class *c, const struct dlmgmt_linkinfo *link, struct diag *d)
{
	struct dld_create_req req = {.linkid = link->linkid};
	struct dld_linkinfo_reply made;
	struct attrs a;
	int r;

	class_attrs_read(c, link->linkid, &a);
	below_up(c, &a);
	r = c->build(&a, true, &req, d);
	if (r == 0)
		r = dlmgmt_call_up_linkid(link->linkid);
	if (r < 0)
		return r;
	r = dld_call_create(&req, &made, d);
	if (r < 0) {
		(void)dlmgmt_call_destroy_linkid(link->linkid, DLMGMT_ACTIVE);
		return r;
	}
	return c->brought_up ? c->brought_up(link, d) : 0;
}

bool class_link_up(const struct dlmgmt_linkinfo *link)
{
	const struct link_class *c = class_of(link->link_class);
	struct diag d = {0};
	int r;

	if (!c) {
		if (!(link->link_class & (DATALINK_CLASS_VNIC | DATALINK_CLASS_ETHERSTUB)))
			return false;
		link_up(link);
		return link_up_status() == 0;
	}
	r = up(c, link, &d);
	if (r < 0)
		link_up_warn(link, dladm_errno2status(r), &d);
	else
		link_up_mtu(link);
	return r == 0;
}

/* Asks again: it may have come up for another one meanwhile. */
static void up_inactive(const struct dlmgmt_linkinfo *link, void *arg)
{
	if (link_is_down(link))
		(void)class_link_up(link);
}

int class_up(int argc, char *argv[], const struct link_class *c)
{
	if (argc > 2)
		usage(argv[0]);
	links_walk(argv[1], ALL_ZONES, c->id, DLMGMT_PERSIST, up_inactive, NULL);
	return link_up_status();
}

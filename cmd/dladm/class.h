/* SPDX-License-Identifier: MIT */
/*
 * What the classes of links have in common that are described by attributes: a subcommand
 * collects the attributes that the configuration will have, the class makes of them what
 * zoned is asked for, and the same is done when the configured link is brought up at boot.
 */
#pragma once

#include "dladm-cmd.h"
#include "zone/dld-calls.h"

#define ATTRS_MAX 12

struct attr {
	const char *name;
	bool is_number;
	uint64_t number;
	char text[MAXLINKATTRVALLEN];
};

struct attrs {
	size_t count;
	struct attr items[ATTRS_MAX];
};

/* A name that is there already gets the new value. */
void attr_set(struct attrs *a, const char *name, const char *text);
void attr_set_number(struct attrs *a, const char *name, uint64_t number);
/* NULL and false when it is not there. */
const char *attr_get(const struct attrs *a, const char *name);
bool attr_number(const struct attrs *a, const char *name, uint64_t *ret);

struct link_class {
	uint32_t id; /* DATALINK_CLASS_* */
	const char *noun;
	const char *const *attrs; /* names of all that its configuration can have; ends with NULL */

	/*
	 * Fills what is not zero of the request. 0, or a negative errno and a line in d.
	 * The links that it names have to be there, and configured when persistent is.
	 */
	int (*build)(
		const struct attrs *a, bool persistent, struct dld_create_req *req, struct diag *d);

	/* Names in an attribute that have to be up before it: "over" or "a:b:". NULL: none. */
	const char *below;

	/* Behind the making of a configured link at boot. NULL: nothing. */
	int (*brought_up)(const struct dlmgmt_linkinfo *link, struct diag *d);
};

extern const struct link_class class_vlan, class_aggr, class_bridge, class_simnet, class_iptun,
	class_overlay;

/* NULL: etherstubs, vnics and what is never made. */
const struct link_class *class_of(uint32_t id);

/* Id of a link that another is made of; -ENOENT and the like with a line. */
int class_link(const char *name, bool persistent, datalink_id_t *ret, struct diag *d);

/* Reads the configuration of a link. */
void class_attrs_read(const struct link_class *c, datalink_id_t linkid, struct attrs *ret);
/* Makes a the configuration, but for what others set there. 0 or a negative errno. */
int class_attrs_write(const struct link_class *c, datalink_id_t linkid, const struct attrs *a);

/*
 * Makes a link: id, device, configuration; dies when that fails, with nothing left behind.
 * The address that it got becomes part of the configuration where the class has macaddr.
 */
void class_create(const struct link_class *c, const char *name, uint32_t media, struct attrs *a,
	bool temporary, struct dlmgmt_linkinfo *ret);

/* The link of a name and of this class; dies when there is none. */
void class_lookup(const struct link_class *c, const char *verb, const char *name,
	struct dlmgmt_linkinfo *ret);

/* delete-CLASS [-t] link */
int class_delete(int argc, char *argv[], const struct link_class *c);
/* up-CLASS [link] */
int class_up(int argc, char *argv[], const struct link_class *c);

/* "dladm: cannot VERB 'NAME': WHY": zoned's line when it sent one, else the status of the errno. */
__attribute__((noreturn)) void class_die(
	const char *verb, const char *name, int err, const struct diag *d);

/* Brings up a configured link of any class, what is below it first. True when it is up. */
bool class_link_up(const struct dlmgmt_linkinfo *link);

/* Links of -l, at most DLD_PORTS_MAX; dies when there are more or one is there twice. */
struct port_names {
	const char *names[DLD_PORTS_MAX];
	size_t count;
};
void port_names_add(struct port_names *p, const char *name);
/* As an attribute: "a:b:". */
void port_names_join(const struct port_names *p, char *buf, size_t size);

/* SPDX-License-Identifier: MIT */
/*
 * Flows in words: names, attributes and properties as flowadm takes and shows them and
 * flowadm.conf keeps them, and what they may be. Pure functions, save those of the file.
 */
#pragma once

#include "dladm/datalink.h"
#include "linux/diag.h"
#include "zone/flow-door.h"

#define FLOW_TEXT_MAX 256 /* of all attributes and properties of a flow */
#define FLOW_CONF     "/etc/dladm/flowadm.conf"

/* Letters, digits, '_', '.' and '-', a letter first, up to 127 of them. */
bool flow_name_valid(const char *name);

/* One "name=value" into the attributes. -EINVAL with a line in d, also when it is there already. */
int flow_attr_parse(const char *text, struct flow_attrs *attrs, struct diag *d);

/* What goes together, also of attributes that came over a door. -EINVAL with a line in d. */
int flow_attrs_check(const struct flow_attrs *attrs, struct diag *d);

/* The value of one attribute; "" when it has none. */
void flow_attr_format(const struct flow_attrs *attrs, enum flow_attr attr, char *buf, size_t size);
const char *flow_attr_name(enum flow_attr attr);

/* -EINVAL: no such property. */
int flow_prop_find(const char *name, enum flow_prop *ret);
const char *flow_prop_name(enum flow_prop prop);

/* One "name=value" into the properties, which is added to which. */
int flow_prop_parse(const char *text, struct flow_props *props, uint32_t *which, struct diag *d);
int flow_props_check(const struct flow_props *props, struct diag *d);
void flow_prop_format(const struct flow_props *props, enum flow_prop prop, char *buf, size_t size);

/* ---- flow-file.c ---- */

/* A flow of the file: "name TAB link TAB attr=value;...;prop=value;...;" */
struct flow_line {
	char name[FLOW_NAME_MAX];
	char link[MAXLINKNAMELEN];
	struct flow_attrs attrs;
	struct flow_props props;
};

/* -EINVAL for what is no flow, comments and blank lines too. */
int flow_line_parse(const char *text, struct flow_line *ret, struct diag *d);
/* With the newline. -ENAMETOOLONG. */
int flow_line_format(const struct flow_line *line, char *buf, size_t size);

/*
 * Calls fn for each flow of the file; a non-zero return of fn ends the calls and is returned. bad, if
 * not NULL, is called for lines that are none and no comment either. No file is no flow.
 */
int flow_file_each(const char *path, int (*fn)(const struct flow_line *line, void *arg),
	void (*bad)(unsigned int number, const char *why), void *arg);

/*
 * Replaces the flow of that name, or takes it out (line NULL), and leaves every other line as it is.
 * On disk when it returns; on failure the file is as it was.
 */
int flow_file_change(const char *path, const char *name, const struct flow_line *line);

/* SPDX-License-Identifier: MIT */
/*
 * Lines of datalink.conf; see dlmgmt-text.h. They come from other hosts and from editors:
 * everything is checked, nothing is guessed.
 *
 * A vnic's kind of MAC address counts from 0 in the file and from 1 here.
 */
#include "dladm/dlmgmt-text.h"
#include "dladm/dladm.h"

#include <inttypes.h>

#define IPTUN_CLASS_BEFORE_2008 0x60u
#define KNOWN_CLASSES		((uint32_t)(DATALINK_CLASS_ALL & ~DATALINK_CLASS_PART))

static const char *const references[] = {DLADM_ATTR_LINKOVER, "simnetpeer"};

/* The part up to a separator, which must be there; moves behind it. -E2BIG: it does not fit. */
static int take(const char **at, char separator, char *ret, size_t size)
{
	const char *end = strchr(*at, separator);
	size_t n = end ? (size_t)(end - *at) : 0;

	if (!end)
		return -EINVAL;
	if (n >= size)
		return -E2BIG;
	memcpy(ret, *at, n);
	ret[n] = '\0';
	*at = end + 1;
	return 0;
}

/* Decimal, all of it. */
static bool read_number(const char *text, uint64_t *ret)
{
	char *end;

	if (!is_digit(text[0]) && text[0] != '-')
		return false;
	errno = 0;
	*ret = text[0] == '-' ? (uint64_t)strtoll(text, &end, 10) : strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool read_value(const char *type, const char *text, struct dlmgmt_attrval *ret)
{
	if (streq(type, "string")) {
		ret->type = DLADM_TYPE_STR;
		ret->size = (uint32_t)strlen(text) + 1;
		return str_copy(ret->str, sizeof(ret->str), text) == 0;
	}
	if (streq(type, "boolean")) {
		ret->type = DLADM_TYPE_BOOLEAN;
		ret->size = 1;
		ret->boolean = text[0] == '1';
		return streq(text, "0") || streq(text, "1");
	}
	ret->type = DLADM_TYPE_UINT64;
	ret->size = sizeof(uint64_t);
	return streq(type, "int") && read_number(text, &ret->u64);
}

/* class, media and name are the link's own, everything else is kept. */
static int attr_keep(struct dlmgmt_text_link *link, const struct dlmgmt_text_attr *attr)
{
	const bool number = attr->value.type == DLADM_TYPE_UINT64;

	if (streq(attr->name, "class") || streq(attr->name, "media")) {
		if (!number || attr->value.u64 > UINT32_MAX)
			return -EINVAL;
		*(streq(attr->name, "class") ? &link->link_class : &link->media) =
			(uint32_t)attr->value.u64;
		return 0;
	}
	if (streq(attr->name, "name") && link->old_id)
		return number ? -EINVAL : str_copy(link->name, sizeof(link->name), attr->value.str);
	if (link->count == DLMGMT_ATTRS_MAX)
		return -ENOSPC;
	link->attrs[link->count] = *attr;
	if (streq(attr->name, DLADM_ATTR_MADDRTYPE) && number)
		link->attrs[link->count].value.u64++;
	link->count++;
	return 0;
}

static int read_attr(const char **at, struct dlmgmt_text_link *link, struct diag *d)
{
	struct dlmgmt_text_attr attr = {0};
	char type[16], value[MAXLINKATTRVALLEN];
	unsigned int i;
	int r;

	if (take(at, '=', attr.name, sizeof(attr.name)) < 0 || !attr.name[0])
		return diag_set(d, -EINVAL, "no attribute where one is expected");
	r = take(at, ',', type, sizeof(type)) < 0 ? -EINVAL : take(at, ';', value, sizeof(value));
	if (r == -E2BIG)
		return diag_set(d, -EINVAL, "the value of attribute '%s' is too long", attr.name);
	if (r < 0)
		return diag_set(d, -EINVAL, "attribute '%s' has no type, value and ';'", attr.name);
	if (!read_value(type, value, &attr.value))
		return diag_set(d, -EINVAL, "attribute '%s': '%s' is no value of type '%s'",
			attr.name, value, type);
	for (i = 0; i < link->count; i++)
		if (streq(link->attrs[i].name, attr.name))
			return diag_set(d, -EINVAL, "attribute '%s' is there twice", attr.name);
	r = attr_keep(link, &attr);
	if (r == -ENOSPC)
		return diag_set(d, -EINVAL, "more than %d attributes", DLMGMT_ATTRS_MAX);
	return r < 0 ? diag_set(d, -EINVAL, "attribute '%s' cannot have that value", attr.name) : 0;
}

static int check_link(struct dlmgmt_text_link *link, struct diag *d)
{
	const uint32_t class = link->link_class;

	if (link->old_id && class == IPTUN_CLASS_BEFORE_2008)
		link->link_class = DATALINK_CLASS_IPTUN;
	else if (!class)
		return diag_set(d, -EINVAL, "no class");
	else if ((class & (class - 1)) || (class & ~KNOWN_CLASSES))
		return diag_set(d, -EINVAL, "class %u cannot be used here", class);
	if (!link->media)
		return diag_set(d, -EINVAL, "no medium");
	if (!dladm_valid_linkname(link->name))
		return diag_set(d, -EINVAL, "'%s' is no name of a link", link->name);
	return 0;
}

int dlmgmt_text_read(const char *line, struct dlmgmt_text_link *ret, struct diag *d)
{
	char copy[65536], key[MAXLINKNAMELEN];
	const char *at = copy;
	uint64_t id = 0;
	int r = 0;

	line += strspn(line, " \t");
	if (*line == '#' || *line == '\n' || !*line)
		return 1;
	if (str_copy(copy, sizeof(copy), line) < 0)
		return diag_set(d, -EINVAL, "too long");
	copy[strcspn(copy, "\r\n")] = '\0';
	*ret = (struct dlmgmt_text_link){0};
	r = take(&at, '\t', key, sizeof(key));
	if (r == -E2BIG)
		return diag_set(
			d, -EINVAL, "the name has more than %d characters", MAXLINKNAMELEN - 1);
	if (r < 0)
		return diag_set(d, -EINVAL, "no name with a tabulator behind it");
	if (is_digit(key[0])) {
		if (!read_number(key, &id) || id == 0 || id > UINT32_MAX)
			return diag_set(d, -EINVAL, "'%s' is no id of a link", key);
		ret->old_id = (uint32_t)id;
	} else {
		(void)str_copy(ret->name, sizeof(ret->name), key);
	}
	while (r == 0 && *at)
		r = read_attr(&at, ret, d);
	return r < 0 ? r : check_link(ret, d);
}

/* ---- from before 2008 ---- */

static const char *name_of(uint64_t id, const struct dlmgmt_text_name *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (names[i].id == id)
			return names[i].name;
	return NULL;
}

static void set_string(struct dlmgmt_attrval *value, const char *text)
{
	value->type = DLADM_TYPE_STR;
	(void)str_copy(value->str, sizeof(value->str), text);
	value->size = (uint32_t)strlen(value->str) + 1;
}

/* "1.2." becomes "e1000g0:e1000g1:". */
static int upgrade_ports(
	struct dlmgmt_attrval *value, const struct dlmgmt_text_name *names, size_t count)
{
	char list[MAXLINKATTRVALLEN] = "", *next, *one;
	const char *name;
	uint64_t id;
	size_t used = 0;

	for (one = strtok_r(value->str, ".", &next); one; one = strtok_r(NULL, ".", &next)) {
		name = read_number(one, &id) ? name_of(id, names, count) : NULL;
		if (!name || used + strlen(name) + 2 > sizeof(list))
			return -ENOENT;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s:", name);
	}
	set_string(value, list);
	return 0;
}

static int upgrade_attr(
	struct dlmgmt_text_attr *attr, const struct dlmgmt_text_name *names, size_t count)
{
	const char *name;
	size_t i;

	if (streq(attr->name, "portnames") && attr->value.type == DLADM_TYPE_STR)
		return upgrade_ports(&attr->value, names, count);
	for (i = 0; i < ARRAY_SIZE(references); i++) {
		if (!streq(attr->name, references[i]) || attr->value.type != DLADM_TYPE_UINT64)
			continue;
		name = name_of(attr->value.u64, names, count);
		if (!name)
			return -ENOENT;
		set_string(&attr->value, name);
	}
	return 0;
}

int dlmgmt_text_upgrade(struct dlmgmt_text_link *link, const struct dlmgmt_text_name *names,
	size_t count, struct diag *d)
{
	unsigned int i;

	for (i = 0; link->old_id && i < link->count; i++)
		if (upgrade_attr(&link->attrs[i], names, count) < 0)
			return diag_set(d, -ENOENT, "attribute '%s' names a link that is not there",
				link->attrs[i].name);
	return 0;
}

/* ---- writing ---- */

static void write_attr(FILE *f, const struct dlmgmt_text_attr *attr)
{
	const struct dlmgmt_attrval *value = &attr->value;

	if (value->type == DLADM_TYPE_STR)
		(void)fprintf(f, "%s=string,%s;", attr->name, value->str);
	else if (value->type == DLADM_TYPE_BOOLEAN)
		(void)fprintf(f, "%s=boolean,%d;", attr->name, value->boolean != 0);
	else
		(void)fprintf(f, "%s=int,%" PRIu64 ";", attr->name,
			value->u64 - (streq(attr->name, DLADM_ATTR_MADDRTYPE) ? 1 : 0));
}

int dlmgmt_text_write(FILE *f, const struct dlmgmt_text_link *link, struct diag *d)
{
	unsigned int i;

	for (i = 0; i < link->count; i++)
		if (strpbrk(link->attrs[i].name, "=;\n\t") ||
			(link->attrs[i].value.type == DLADM_TYPE_STR &&
				strpbrk(link->attrs[i].value.str, ";\n\r")))
			return diag_set(d, -EINVAL, "attribute '%s' cannot be written as text",
				link->attrs[i].name);
	(void)fprintf(
		f, "%s\tclass=int,%u;media=int,%u;", link->name, link->link_class, link->media);
	for (i = 0; i < link->count; i++)
		write_attr(f, &link->attrs[i]);
	(void)fputc('\n', f);
	return 0;
}

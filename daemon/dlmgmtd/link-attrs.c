/* SPDX-License-Identifier: MIT */
/* Attribute lists; see link-attrs.h. A link has fewer than ten, so a list is searched from its start. */
#include "dlmgmtd/link-attrs.h"
#include "dladm/dladm.h"

static struct link_attr **attr_place(const struct link_attrs *attrs, const char *name)
{
	struct link_attr **place = (struct link_attr **)&attrs->first;

	while (*place && !streq((*place)->name, name))
		place = &(*place)->next;
	return place;
}

static bool value_valid(uint32_t type, const void *value, size_t size)
{
	switch (type) {
	case DLADM_TYPE_STR:
		return size > 0 && size <= MAXLINKATTRVALLEN &&
		       memchr(value, '\0', size) == (const char *)value + size - 1;
	case DLADM_TYPE_BOOLEAN:
		return size == 1 && *(const uint8_t *)value <= 1;
	case DLADM_TYPE_UINT64:
		return size == sizeof(uint64_t);
	}
	return false;
}

int link_attrs_set(
	struct link_attrs *attrs, const char *name, uint32_t type, const void *value, size_t size)
{
	size_t name_len = strnlen(name, MAXLINKATTRLEN);
	struct link_attr **place, *attr, *old;

	if (name_len == 0 || name_len >= MAXLINKATTRLEN || !value_valid(type, value, size))
		return -EINVAL;
	place = attr_place(attrs, name);
	old = *place;
	if (!old && attrs->count >= LINK_ATTRS_MAX)
		return -ENOSPC;

	attr = calloc(1, sizeof(*attr) + size);
	if (!attr)
		return -ENOMEM;
	memcpy(attr->name, name, name_len);
	attr->type = type;
	attr->size = (uint32_t)size;
	memcpy(attr->value, value, size);

	attr->next = old ? old->next : NULL;
	*place = attr;
	if (old)
		free(old);
	else
		attrs->count++;
	return 0;
}

int link_attrs_set_u64(struct link_attrs *attrs, const char *name, uint64_t value)
{
	return link_attrs_set(attrs, name, DLADM_TYPE_UINT64, &value, sizeof(value));
}

int link_attrs_set_str(struct link_attrs *attrs, const char *name, const char *value)
{
	return link_attrs_set(attrs, name, DLADM_TYPE_STR, value, strlen(value) + 1);
}

void link_attrs_unset(struct link_attrs *attrs, const char *name)
{
	struct link_attr **place = attr_place(attrs, name), *attr = *place;

	if (!attr)
		return;
	*place = attr->next;
	free(attr);
	attrs->count--;
}

const struct link_attr *link_attrs_find(const struct link_attrs *attrs, const char *name)
{
	return *attr_place(attrs, name);
}

bool link_attrs_equal(
	const struct link_attrs *attrs, const char *name, const void *value, size_t size)
{
	const struct link_attr *attr = link_attrs_find(attrs, name);

	return attr && attr->size == size && memcmp(attr->value, value, size) == 0;
}

bool link_attr_names(const char *name)
{
	static const char *const names[] = {
		DLADM_ATTR_LINKOVER, "simnetpeer", "bridge", "portnames"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(name, names[i]))
			return true;
	return false;
}

int link_attrs_dup(const struct link_attrs *attrs, struct link_attrs *ret)
{
	const struct link_attr *attr;
	int r;

	for (attr = attrs->first; attr; attr = attr->next) {
		r = link_attrs_set(ret, attr->name, attr->type, attr->value, attr->size);
		if (r < 0) {
			link_attrs_fini(ret);
			return r;
		}
	}
	return 0;
}

void link_attrs_fini(struct link_attrs *attrs)
{
	struct link_attr *attr;

	while ((attr = attrs->first)) {
		attrs->first = attr->next;
		free(attr);
	}
	attrs->count = 0;
}

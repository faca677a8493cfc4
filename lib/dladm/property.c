/* SPDX-License-Identifier: MIT */
/* The table of link properties; see property.h. The order is that of show-linkprop. */
#include "dladm/property.h"

#define PHYS DATALINK_CLASS_PHYS
#define VNIC DATALINK_CLASS_VNIC
#define ALL  DATALINK_CLASS_ALL
#define RW   DLADM_PROP_WRITABLE
#define LIST (DLADM_PROP_WRITABLE | DLADM_PROP_LIST)

/* clang-format off */
static const struct dladm_property properties[] = {
	{"zone", ALL, RW | DLADM_PROP_TEMPORARY, "", "", NULL},
	{"state", ALL, 0, "up", "up,down", NULL},
	{"mtu", ALL, RW, NULL, NULL, NULL},
	{"maxbw", ALL, RW, "", "", dladm_check_maxbw},
	{"priority", ALL, RW, "high", "low,medium,high", dladm_check_priority},
	{"protection", ALL, LIST, "", "mac-nospoof,restricted,ip-nospoof,dhcp-nospoof",
		dladm_check_protection},
	{"allowed-ips", ALL, LIST, "", "", dladm_check_net},
	{"promisc-filtered", VNIC, RW, "on", "off,on", dladm_check_onoff},
	{"secondary-macs", VNIC, LIST, "", "", dladm_check_mac},
	{"speed", PHYS, 0, NULL, "", NULL},
	{"duplex", PHYS, 0, NULL, "half,full", NULL},
};
/* clang-format on */

const struct dladm_property *dladm_property_at(unsigned int index)
{
	return index < ARRAY_SIZE(properties) ? &properties[index] : NULL;
}

const struct dladm_property *dladm_property_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(properties); i++)
		if (streq(properties[i].name, name))
			return &properties[i];
	return NULL;
}

/* Adds one value to a list that does not have it. */
static dladm_status_t list_add(char *list, const char *value)
{
	size_t n = strlen(value), used = strlen(list), len;
	const char *at;

	for (at = list; *at; at += len + (at[len] == ',')) {
		len = strcspn(at, ",");
		if (len == n && strncmp(at, value, n) == 0)
			return DLADM_STATUS_OK;
	}
	if (used + n + 2 > DLADM_PROP_VALLEN)
		return DLADM_STATUS_TOOSMALL;
	(void)snprintf(list + used, DLADM_PROP_VALLEN - used, "%s%s", used ? "," : "", value);
	return DLADM_STATUS_OK;
}

dladm_status_t dladm_property_check(
	const struct dladm_property *prop, const char *text, char out[DLADM_PROP_VALLEN])
{
	unsigned int max = prop->flags & DLADM_PROP_LIST ? DLADM_PROP_VALUES : 1, count = 0;
	char copy[DLADM_PROP_VALLEN], one[DLADM_PROP_VALLEN], list[DLADM_PROP_VALLEN] = "";
	dladm_status_t status = DLADM_STATUS_OK;
	char *next = copy, *item;

	if (str_copy(copy, sizeof(copy), text) < 0)
		return DLADM_STATUS_BADVALCNT;
	while (status == DLADM_STATUS_OK && (item = strsep(&next, ","))) {
		if (++count > max)
			return DLADM_STATUS_BADVALCNT;
		if (!prop->check)
			(void)str_copy(one, sizeof(one), item);
		else
			status = prop->check(item, one);
		if (status == DLADM_STATUS_OK)
			status = list_add(list, one);
	}
	if (status == DLADM_STATUS_OK)
		(void)str_copy(out, DLADM_PROP_VALLEN, list);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* The table of link properties; see property.h. The order is that of show-linkprop. */
#include "dladm/property.h"

#define PHYS DATALINK_CLASS_PHYS
#define VNIC DATALINK_CLASS_VNIC
#define ALL  DATALINK_CLASS_ALL
#define RW   DLADM_PROP_WRITABLE
#define LIST (DLADM_PROP_WRITABLE | DLADM_PROP_LIST)
#define DEV  DLADM_PROP_DEVICE
/* What can be a port of a bridge. */
#define PORT                                                                                       \
	(DATALINK_CLASS_PHYS | DATALINK_CLASS_AGGR | DATALINK_CLASS_SIMNET | DATALINK_CLASS_OVERLAY)

/* What a NIC tells the other end that it can do, and what of that an administrator lets it tell. */
#define CAPS(mode)                                                                                 \
	{"adv_" mode "_cap", PHYS, DEV, NULL, "0,1", NULL},                                        \
	{                                                                                          \
		"en_" mode "_cap", PHYS, DEV | RW, NULL, "0,1", dladm_check_bit                    \
	}

/* clang-format off */
static const struct dladm_property properties[] = {
	{"zone", ALL, RW | DLADM_PROP_TEMPORARY, "", "", NULL},
	{"state", ALL, 0, "up", "up,down,unknown", NULL},
	{"mtu", ALL, RW, NULL, NULL, NULL},
	{"maxbw", ALL, RW, "", "", dladm_check_maxbw},
	{"priority", ALL, RW, "high", "low,medium,high", dladm_check_priority},
	{"protection", ALL, LIST, "", "mac-nospoof,restricted,ip-nospoof,dhcp-nospoof",
		dladm_check_protection},
	{"allowed-ips", ALL, LIST, "", "", dladm_check_net},
	{"allowed-dhcp-cids", ALL, LIST, "", "", dladm_check_cid},
	{"allow-all-dhcp-cids", ALL, RW, "false", "true,false", dladm_check_truefalse},
	{"dynamic-methods", ALL, LIST, "", "dhcpv4,dhcpv6,slaac", dladm_check_dynamic},
	{"learned-ips", ALL, DEV, "", "", NULL},
	{"promisc-filtered", VNIC, RW, "on", "off,on", dladm_check_onoff},
	{"secondary-macs", VNIC, LIST, "", "", dladm_check_mac},
	{"speed", PHYS, 0, NULL, "", NULL},
	{"duplex", PHYS, 0, NULL, "half,full", NULL},
	{"flowctrl", PHYS, DEV | RW, NULL, "no,tx,rx,bi,auto", dladm_check_flowctrl},
	{"adv_autoneg_cap", PHYS, DEV | RW, NULL, "0,1", dladm_check_bit},
	CAPS("100gfdx"), CAPS("50gfdx"), CAPS("40gfdx"), CAPS("25gfdx"), CAPS("10gfdx"),
	CAPS("5000fdx"), CAPS("2500fdx"), CAPS("1000fdx"), CAPS("1000hdx"), CAPS("100fdx"),
	CAPS("100hdx"), CAPS("10fdx"), CAPS("10hdx"),
	{"rxrings", PHYS, DEV | RW, NULL, NULL, dladm_check_rings},
	{"rxrings-available", PHYS, DEV, NULL, "", NULL},
	{"txrings", PHYS, DEV | RW, NULL, NULL, dladm_check_rings},
	{"txrings-available", PHYS, DEV, NULL, "", NULL},
	{"forward", PORT, DEV | RW, "1", "0,1", dladm_check_bit},
	{"stp_priority", PORT, DEV | RW, "128", "0-252", dladm_check_stp_priority},
	{"stp_cost", PORT, DEV | RW, "auto", "auto,1-65535", dladm_check_stp_cost},
	{"hoplimit", DATALINK_CLASS_IPTUN, DEV | RW, "64", "1-255", dladm_check_hoplimit},
	{"encaplimit", DATALINK_CLASS_IPTUN, DEV | RW, "4", "0-254", dladm_check_encaplimit},
};

static const struct {
	const char *name, *why;
} missing[] = {
	{"stp", "the kernel's spanning tree is of the whole bridge"},
	{"stp_edge", "the kernel's spanning tree has no edge ports"},
	{"stp_p2p", "the kernel's spanning tree has no rapid transitions"},
	{"stp_mcheck", "the kernel's spanning tree has no rapid transitions"},
	{"default_tag", "the bridges here do not look at VLANs; use create-vlan"},
	{"learn_limit", "the kernel has no such limit of a port"},
	{"learn_decay", "the kernel has no such limit of a port"},
	{"tagmode", "the kernel tags frames of a VLAN only"},
	{"cpus", "the CPU time of a zone is bounded by its capped-cpu"},
	{"cpus-effective", "the CPU time of a zone is bounded by its capped-cpu"},
	{"pool", "there are no pools"},
	{"pool-effective", "there are no pools"},
	{"rxrings-effective", "rxrings is what is in effect"},
	{"txrings-effective", "txrings is what is in effect"},
	{"rxhwclnt-available", "links do not share queues here"},
	{"txhwclnt-available", "links do not share queues here"},
	{"autopush", "there are no STREAMS modules"},
	{"adv_fec_cap", "error correction cannot be set; the driver chooses it"},
	{"en_fec_cap", "error correction cannot be set; the driver chooses it"},
	{"media", "the kernel does not tell; see speed and duplex"},
	{"channel", "wireless links are not managed"},
	{"powermode", "wireless links are not managed"},
	{"radio", "wireless links are not managed"},
	{"linkmode", "InfiniBand links are not managed"},
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

const char *dladm_property_missing(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(missing); i++)
		if (streq(missing[i].name, name))
			return missing[i].why;
	return NULL;
}

bool dladm_property_is_zoned(const struct dladm_property *prop)
{
	return prop->check || (prop->flags & DLADM_PROP_DEVICE);
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

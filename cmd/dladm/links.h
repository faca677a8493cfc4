/* SPDX-License-Identifier: MIT */
/* What etherstubs and vnics (links.c) and the other classes (class.c) share. */
#pragma once

#include "dladm-cmd.h"

/* Ends a link: device, id, and unless temporary is set the configuration. */
dladm_status_t link_delete(const struct dlmgmt_linkinfo *link, bool temporary, struct diag *d);

/* True when a configured link that is not up would miss this one. */
bool link_configured_above(const struct dlmgmt_linkinfo *link);

/*
 * True when a configured link is to be brought up. One that dlmgmtd has as active and zoned has not, which
 * lost its device with its own files, is taken as down in dlmgmtd first.
 */
bool link_is_down(const struct dlmgmt_linkinfo *link);

/* Brings up a configured etherstub or vnic, what is below it first. */
void link_up(const struct dlmgmt_linkinfo *link);

/* "dladm: cannot bring up NAME: ..."; the subcommand will exit 1. */
void link_up_warn(const struct dlmgmt_linkinfo *link, dladm_status_t status, const struct diag *d);

/* What an up- subcommand exits with. */
int link_up_status(void);

/* The configured mtu; warns when the device does not take it. */
void link_up_mtu(const struct dlmgmt_linkinfo *link);

/* The VLAN identifier of -v; dies when it is none. */
uint64_t vid_option(const char *text);

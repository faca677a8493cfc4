/* SPDX-License-Identifier: MIT */
/* What the door commands of the dls half share. */
#pragma once

#include "zoned/dls-impl.h"

/* Commands of dld-door.h (dls-class-commands.c); ends with handler NULL. */
extern const struct zoned_command dls_class_commands[];

/* Properties (prop-commands.c); ends with handler NULL. */
extern const struct zoned_command dls_prop_commands[];

/* -EPERM and a line for a caller in a zone. */
int dls_need_global(struct zoned_call *call);

/* -EPERM and a line unless the caller's zone made the link. */
int dls_need_owner(struct zoned_call *call, const struct devnet *dd);

/* Temporarily holds a link that the caller sees; anything else is -ENOENT. */
int dls_hold_visible(struct zoned_call *call, datalink_id_t id, struct devnet **ret);

/* What dls_view_linkinfo() tells the global zone. */
void dls_fill_linkinfo(struct devnet *dd, struct dld_linkinfo_reply *ret);

/* In the perimeter; mtu 0: back to the default. -EINVAL when it is out of range. */
int dls_link_set_mtu(struct devnet *dd, uint32_t mtu, struct diag *d);

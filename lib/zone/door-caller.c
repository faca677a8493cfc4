/* SPDX-License-Identifier: MIT */
/* Who calls; see door-caller.h. */
#include "zone/door-caller.h"

#include <linux/capability.h>

#include "door.h"
#include "ucred.h"

int door_caller_check(void)
{
	ucred_t *cred = NULL;
	bool ok;

	if (door_ucred(&cred) < 0)
		return -errno;
	ok = ucred_getzoneid(cred) == GLOBAL_ZONEID && ucred_is_zone_root(cred) &&
	     ucred_has_cap(cred, CAP_SYS_ADMIN);
	ucred_free(cred);
	return ok ? 0 : -EPERM;
}

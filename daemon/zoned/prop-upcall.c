/* SPDX-License-Identifier: MIT */
/* What dlmgmtd has of a link's properties. */
#include "zoned/prop.h"

#include "dladm/dlmgmt-calls.h"

int prop_upcall_any(datalink_id_t id, bool *ret)
{
	return dlmgmt_call_linkprop_init(id, ret);
}

int prop_upcall_get(datalink_id_t id, const char *prop, char ret[DLADM_PROP_VALLEN])
{
	struct dlmgmt_attrval value;
	int r = dlmgmt_call_dls_getattr(id, prop, &value);

	if (r < 0)
		return r;
	if (value.type != DLADM_TYPE_STR || !str_terminated(value.str, sizeof(value.str)))
		return -EBADMSG;
	return str_copy(ret, DLADM_PROP_VALLEN, value.str);
}

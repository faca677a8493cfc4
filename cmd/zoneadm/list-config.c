/* SPDX-License-Identifier: MIT */
/* What zoneadm list says of a zone that is not live, from its configuration; see list-rows.h. */
#include "zoneadm/command.h"
#include "zoneadm/list-rows.h"
#include "zonecfg/zonecfg.h"

void list_row_config(struct list_row *row)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	struct diag d = {0};
	int r = zonecfg_load(row->name, &cfg, &d);

	if (r == Z_NO_ZONE) {
		(void)complain(row->name, "its configuration file is missing");
		return;
	}
	if (r) {
		complain_lines(row->name, d.text[0] ? d.text : zonecfg_strerror(r));
		return;
	}
	row->exclusive = cfg->ip_type == ZS_EXCLUSIVE;
	if (cfg->brand)
		(void)str_copy(row->brand, sizeof(row->brand), cfg->brand);
}

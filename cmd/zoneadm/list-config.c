/* SPDX-License-Identifier: MIT */
/* The parts of zoneadm list that read configurations; see list.h and list-rows.h. */
#include "zoneadm/command.h"
#include "zoneadm/list-rows.h"
#include "zoneadm/list.h"
#include "zoneadm/verify.h"
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

/* A configuration that cannot be read is for verify to name. A hook that lists its zone is not asked again. */
int list_ask_brand(const struct request *req, const char *name)
{
	static const char asked[] = "_ZONEADM_LIST";
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	_cleanup_(brand_freep) struct brand *brand = NULL;
	struct request of = *req;
	struct diag d = {0};
	int r;

	of.zone = name;
	if (getenv(asked) || zone_index_find(name, &of.entry) != Z_OK ||
		zonecfg_load(name, &cfg, &d) != Z_OK || !cfg->brand ||
		brand_open(cfg->brand, &brand, &d) != Z_OK)
		return EXIT_OK;
	(void)setenv(asked, name, 1);
	r = verify_hook(brand, &of);
	(void)unsetenv(asked);
	return r;
}

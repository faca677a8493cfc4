/* SPDX-License-Identifier: MIT */
/* The commands of the zone half: number, rights, sizes, handler. serve.c enforces the first three. */
#include "zoned/event.h"
#include "zoned/kstat.h"
#include "zoned/zone-impl.h"

/* Data links: illumos asks for PRIV_SYS_DL_CONFIG, which dlmgmtd has without being root; its handlers check. */
const struct zoned_command zone_commands[] = {
	{ZONE_CREATE, NEEDS_CONFIG, sizeof(struct zone_create_req), true,
		sizeof(struct zone_create_reply), serve_zone_create},
	{ZONE_DESTROY, NEEDS_CONFIG, sizeof(struct zone_id_req), false, sizeof(struct zone_reply),
		serve_zone_destroy},
	{ZONE_GETATTR, NEEDS_NOTHING, sizeof(struct zone_getattr_req), false,
		sizeof(struct zone_getattr_reply), serve_zone_getattr},
	{ZONE_ENTER, NEEDS_CONFIG, sizeof(struct zone_id_req), false,
		sizeof(struct zone_enter_reply), serve_zone_enter},
	{ZONE_LIST, NEEDS_NOTHING, sizeof(struct zone_list_req), false,
		sizeof(struct zone_list_reply), serve_zone_list},
	{ZONE_SHUTDOWN, NEEDS_CONFIG, sizeof(struct zone_id_req), false, sizeof(struct zone_reply),
		serve_zone_shutdown},
	{ZONE_LOOKUP, NEEDS_NOTHING, sizeof(struct zone_lookup_req), false,
		sizeof(struct zone_id_reply), serve_zone_lookup},
	{ZONE_BOOT, NEEDS_CONFIG, sizeof(struct zone_id_req), false, sizeof(struct zone_reply),
		serve_zone_boot},
	{ZONE_VERSION_GET, NEEDS_NOTHING, sizeof(uint32_t), false, sizeof(struct zone_id_reply),
		serve_zone_version},
	{ZONE_SETATTR, NEEDS_CONFIG, sizeof(struct zone_setattr_req), true,
		sizeof(struct zone_reply), serve_zone_setattr},
	{ZONE_ADD_DATALINK, NEEDS_NOTHING, sizeof(struct zone_datalink_req), false,
		sizeof(struct zone_reply), serve_add_datalink},
	{ZONE_DEL_DATALINK, NEEDS_NOTHING, sizeof(struct zone_datalink_req), false,
		sizeof(struct zone_reply), serve_del_datalink},
	{ZONE_CHECK_DATALINK, NEEDS_NOTHING, sizeof(struct zone_datalink_req), false,
		sizeof(struct zone_id_reply), serve_check_datalink},
	{ZONE_LIST_DATALINK, NEEDS_NOTHING, sizeof(struct zone_list_datalink_req), false,
		sizeof(struct zone_list_datalink_reply), serve_list_datalink},
	{ZONE_EVENTS_READ, NEEDS_NOTHING, sizeof(struct zone_events_read_req), false,
		sizeof(struct zone_events_read_reply), serve_events_read},
	{ZONE_EVENTS_SUBSCRIBE, NEEDS_NOTHING, sizeof(uint32_t), false, sizeof(struct zone_reply),
		serve_events_subscribe},
	{ZONE_RCTL_GET, NEEDS_NOTHING, sizeof(struct zone_rctl_get_req), false,
		sizeof(struct zone_rctl_get_reply), serve_rctl_get},
	{ZONE_RCTL_SET, NEEDS_CONFIG, sizeof(struct zone_rctl_set_req), false,
		sizeof(struct zone_reply), serve_rctl_set},
	{KSTAT_READ, NEEDS_NOTHING, sizeof(struct kstat_read_req), false,
		sizeof(struct kstat_read_reply), serve_kstat_read},
	{0},
};

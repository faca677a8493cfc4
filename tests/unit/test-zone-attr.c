/* SPDX-License-Identifier: MIT */
/* Attributes of zones: what is asked of the host for one holds up nobody. */
#include "zoned/zone-impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#define HOSTID 0x12345678

static struct zone *global;
static bool was_locked;

/* The C library's may look the host's name up in the network, which takes as long as it takes. */
long gethostid(void)
{
	was_locked = pthread_mutex_trylock(&global->lock) != 0;
	if (!was_locked)
		(void)pthread_mutex_unlock(&global->lock);
	return HOSTID;
}

static int set_up(void **state)
{
	zone_status_init();
	if (zone_table_init() < 0)
		return -1;
	global = zone_hold_by_id(GLOBAL_ZONEID, ZONE_IS_RUNNING, ZONE_IS_RUNNING, ZONE_REF_CALL);
	return global ? 0 : -1;
}

static void test_hostid_of_the_host(void **state)
{
	struct {
		struct zone_getattr_reply head;
		uint32_t id;
	} reply = {0};
	struct zone_getattr_req req = {
		.zoneid = GLOBAL_ZONEID, .attr = ZONE_ATTR_HOSTID, .bufsize = sizeof(reply.id)};
	struct zoned_call call = {.req = &req,
		.req_size = sizeof(req),
		.zoneid = GLOBAL_ZONEID,
		.reply = &reply,
		.reply_max = sizeof(reply)};
	uint32_t id;

	assert_int_equal(serve_zone_getattr(&call), 0);
	memcpy(&id, reply.head.data, sizeof(id));
	assert_int_equal(id, HOSTID);
	assert_false(was_locked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostid_of_the_host),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}

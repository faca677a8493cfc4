/* SPDX-License-Identifier: MIT */
/*
 * The state files of zoned with a fault at the Nth write of one, N from 1 until the change runs
 * through: a full file system, a broken one, no memory. zoned then ends as if it was killed. The
 * next one finds each link where the answer said that it is, knows every device, and can end all.
 */
#include "dls-world.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <cmocka.h>

enum { STUB = 1, VNIC, OVERLAY, LAST = OVERLAY };
enum fault { FAULT_ENOSPC, FAULT_EIO, FAULT_ENOMEM, FAULT_COUNT };

struct step {
	const char *name;
	int (*run)(datalink_id_t id);
	datalink_id_t id;
};

/* What the processes of one run share. */
static struct shared {
	bool armed;
	bool lasting; /* all from the Nth on fail, not that one alone */
	enum fault kind;
	int at, seen;
	const struct step *step;
	int result;
} * now;

static bool strike(enum fault kind)
{
	if (!now || !now->armed || now->kind != kind)
		return false;
	now->seen++;
	return now->lasting ? now->seen >= now->at : now->seen == now->at;
}

int __real_fclose(FILE *f);
int __wrap_fclose(FILE *f);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
FILE *__real_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode);

/* What was buffered does not fit. */
int __wrap_fclose(FILE *f)
{
	int r = __real_fclose(f);

	if (!strike(FAULT_ENOSPC))
		return r;
	errno = ENOSPC;
	return EOF;
}

int __wrap_rename(const char *from, const char *to)
{
	if (!strike(FAULT_EIO))
		return __real_rename(from, to);
	errno = EIO;
	return -1;
}

FILE *__wrap_fdopen(int fd, const char *mode)
{
	if (!strike(FAULT_ENOMEM))
		return __real_fdopen(fd, mode);
	errno = ENOMEM;
	return NULL;
}

/* ---- changes ---- */

static const uint32_t classes[] = {
	[STUB] = DATALINK_CLASS_ETHERSTUB,
	[VNIC] = DATALINK_CLASS_VNIC,
	[OVERLAY] = DATALINK_CLASS_OVERLAY,
};

static int create(datalink_id_t id)
{
	struct dls_link_args a = {.mactype = VNIC_MAC_ADDR_TYPE_AUTO};
	struct diag d = {0};

	if (id == VNIC)
		a.over = STUB;
	if (id == OVERLAY)
		a.spec.tunnel = (struct dld_tunnel){
			.type = OVERLAY_VXLAN, .family = AF_INET, .remote = {10, 0, 0, 1}};
	return dls_link_create(id, classes[id], &a, GLOBAL_ZONEID, &d);
}

static int lend(datalink_id_t id)
{
	return world_setzone(id, WORLD_ZONE, NULL);
}

static int bring_home(datalink_id_t id)
{
	return world_setzone(id, GLOBAL_ZONEID, NULL);
}

static int destroy(datalink_id_t id)
{
	struct diag d = {0};

	return dls_link_delete(id, &d);
}

static int end_zone(datalink_id_t id)
{
	struct diag d = {0};

	return dls_zone_shutdown(WORLD_ZONE, world.zone, &d);
}

/* Each is done after those before it; the fault is in one of them. */
static const struct step steps[] = {
	{"create an etherstub", create, STUB},
	{"create a vnic", create, VNIC},
	{"lend a vnic", lend, VNIC},
	{"bring a vnic home", bring_home, VNIC},
	{"create an overlay", create, OVERLAY},
	{"lend an overlay", lend, OVERLAY},
	{"bring an overlay home", bring_home, OVERLAY},
	{"lend a vnic again", lend, VNIC},
	{"lend an overlay again", lend, OVERLAY},
	{"end the zone", end_zone, 0},
	{"destroy an overlay", destroy, OVERLAY},
	{"destroy a vnic", destroy, VNIC},
	{"destroy an etherstub", destroy, STUB},
};

static void up_to_the_fault(void)
{
	CHECK(dls_init() == 0);
	for (const struct step *s = steps; s < now->step; s++)
		CHECK(s->run(s->id) == 0);
	now->seen = 0;
	now->armed = true;
	now->result = now->step->run(now->step->id);
	now->armed = false;
}

/* ---- the zoned after it ---- */

struct place {
	bool there;
	zoneid_t zone;
};

/* As the answers told. */
static void expect(struct place ret[LAST + 1])
{
	memset(ret, 0, sizeof(*ret) * (LAST + 1));
	for (const struct step *s = steps; s <= now->step; s++) {
		if (s == now->step && now->result < 0 && s->run != end_zone)
			return;
		if (s->run == create)
			ret[s->id] = (struct place){true, GLOBAL_ZONEID};
		else if (s->run == destroy)
			ret[s->id].there = false;
		else if (s->run == end_zone)
			ret[VNIC].zone = ret[OVERLAY].zone = GLOBAL_ZONEID;
		else
			ret[s->id].zone = s->run == lend ? WORLD_ZONE : GLOBAL_ZONEID;
	}
}

static bool is_as(datalink_id_t id, struct place p, bool last)
{
	struct devnet_info i = {0};
	struct devnet *dd;
	bool there = dls_devnet_hold_tmp(id, &dd) == 0;

	if (there) {
		dls_devnet_info(dd, &i);
		dls_devnet_rele_tmp(dd);
	}
	if (there == p.there &&
		(!there || (i.at.ifindex && i.at.zone == p.zone && world.owner[id] == p.zone)))
		return true;
	if (last)
		fprintf(stderr, "link %u: there %d (%d), device %d in zone %d (%d), owner %d\n", id,
			there, p.there, i.at.ifindex, (int)i.at.zone, (int)p.zone,
			(int)world.owner[id]);
	return false;
}

static void next_zoned(void)
{
	struct place places[LAST + 1];
	int r;

	expect(places);
	/* Its end goes on: who could not end it tries again, and finds it gone when he could. */
	if (now->step->run == end_zone && now->result == 0)
		world.zone_lives = false;
	CHECK(dls_init() == 0);
	if (now->step->run == end_zone && now->result < 0)
		CHECK(end_zone(0) == 0);
	/* the watcher tells dlmgmtd */
	for (datalink_id_t id = STUB; id <= LAST; id++)
		CHECK(EVENTUALLY(is_as(id, places[id], false)) || is_as(id, places[id], true));
	CHECK(end_zone(0) == 0);
	for (datalink_id_t id = LAST; id >= STUB; id--) {
		r = destroy(id);
		CHECK(r == 0 || r == -ENOENT);
		CHECK(world.owner[id] == GLOBAL_ZONEID);
	}
	/* what came home from the zone the watcher takes away */
	CHECK(EVENTUALLY(world_devices() == 0));
}

/* ---- tests ---- */

/* Returns false when the fault was not reached. */
static bool run_once(void)
{
	bool reached;

	assert_int_equal(world_make(NULL), 0);
	world_link(STUB, "stub0", DATALINK_CLASS_ETHERSTUB, 1);
	world_link(VNIC, "web0", DATALINK_CLASS_VNIC, 1);
	world_link(OVERLAY, "over0", DATALINK_CLASS_OVERLAY, 1);
	assert_int_equal(world_run(up_to_the_fault), 0);
	reached = now->seen >= now->at;
	if (world_run(next_zoned) != 0)
		fail_msg("%s, fault %d at %d%s, which answered %d", now->step->name, now->kind,
			now->at, now->lasting ? " and on" : "", now->result);
	assert_int_equal(world_end(NULL), 0);
	return reached;
}

static void each_step(enum fault kind, int ways)
{
	int reached = 0;

	now->kind = kind;
	for (int lasting = 0; lasting < ways; lasting++)
		for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
			now->lasting = lasting;
			now->step = &steps[i];
			for (now->at = 1; run_once(); now->at++)
				reached++;
		}
	print_message("%d faults\n", reached);
	assert_true(reached >= (int)ARRAY_SIZE(steps));
}

static void test_full(void **state)
{
	each_step(FAULT_ENOSPC, 2);
}

static void test_broken(void **state)
{
	each_step(FAULT_EIO, 1);
}

static void test_no_memory(void **state)
{
	each_step(FAULT_ENOMEM, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_no_memory),
	};

	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
		return 77;
	/* cppcheck-suppress invalidFunctionArg; it does not know MAP_ANONYMOUS */
	now = mmap(NULL, sizeof(*now), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (now == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

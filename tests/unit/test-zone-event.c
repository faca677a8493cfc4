/* SPDX-License-Identifier: MIT */
/*
 * The ring of zone events: order, only real changes, what a new zoned finds, gaps. Each test
 * that needs a zoned of its own runs it in a child, for a ring is opened once.
 */
#include "linux/instance.h"
#include "zone/event.h"
#include "zoned/event.h"
#include "zoned/zone-impl.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "folder.h"

static char root[64];
static struct zone_events_read_reply *reply;

static void remove_ring(void)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/run/zones/events", root);
	(void)unlink(path);
}

static void post(zoneid_t id, uint64_t uniqid, zone_status_t status)
{
	struct zone_event who = {.zoneid = id, .uniqid = uniqid};

	(void)snprintf(who.zonename, sizeof(who.zonename), "z%d", id);
	event_post_status(&who, status);
}

static uint32_t read_from(uint64_t after, uint32_t max, uint64_t uniqid)
{
	event_ring_read(after, max, uniqid, reply);
	return reply->count;
}

/* Runs fn as a zoned that finds the ring as the one before it left it. */
static void as_zoned(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (event_ring_open(NULL) < 0)
			_exit(2);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		assert_int_equal(WTERMSIG(status), SIGKILL);
	else
		assert_int_equal(WEXITSTATUS(status), 0);
}

/* In a child cmocka's jumps lead nowhere. */
#define must(x)                                                                                    \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			(void)fprintf(stderr, "line %d: %s\n", __LINE__, #x);                      \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static void live_once(void)
{
	zone_status_t s;

	must(read_from(0, 64, 0) == 0);
	for (s = ZONE_IS_UNINITIALIZED; s <= ZONE_IS_FREE; s++)
		post(1, 100, s);
	must(read_from(0, 64, 0) == 6);
	must(reply->position == 6 && !reply->more);
	must(reply->events[0].oldstate == ZEV_UNINITIALIZED);
	must(reply->events[0].newstate == ZEV_INITIALIZED);
	must(reply->events[1].newstate == ZEV_READY);
	must(reply->events[2].oldstate == ZEV_READY && reply->events[2].newstate == ZEV_RUNNING);
	must(reply->events[3].newstate == ZEV_SHUTTING_DOWN);
	must(reply->events[4].newstate == ZEV_UNINITIALIZED);
	must(reply->events[5].newstate == ZEV_FREE);
	must(reply->events[5].seq == 6 && reply->events[5].uniqid == 100);
	must(streq(reply->events[5].zonename, "z1") && reply->events[5].when > 0);
}

static void test_only_real_changes(void **state)
{
	remove_ring();
	as_zoned(live_once);
}

static void begin(void)
{
	post(1, 100, ZONE_IS_INITIALIZED);
	post(1, 100, ZONE_IS_READY);
	post(2, 200, ZONE_IS_INITIALIZED);
	(void)kill(getpid(), SIGKILL);
}

static bool one_lives(zoneid_t id, uint64_t uniqid)
{
	return id == 1 && uniqid == 100;
}

static void go_on(void)
{
	must(read_from(1, 64, 0) == 2);
	must(reply->events[0].seq == 2 && reply->events[1].seq == 3);
	event_ring_settle(one_lives);
	must(read_from(3, 64, 0) == 1); /* zone 2 went away meanwhile */
	must(reply->events[0].seq == 4 && reply->events[0].zoneid == 2);
	must(reply->events[0].oldstate == ZEV_INITIALIZED);
	must(reply->events[0].newstate == ZEV_FREE);
	post(1, 100, ZONE_IS_READY); /* was told already */
	must(read_from(4, 64, 0) == 0);
	post(2, 201, ZONE_IS_INITIALIZED); /* another zone of that id */
	must(read_from(4, 64, 0) == 1 && reply->events[0].oldstate == ZEV_UNINITIALIZED);
	event_ring_settle(one_lives);
	event_ring_settle(one_lives);
	must(read_from(5, 64, 0) == 1);
}

static void test_outlives_zoned(void **state)
{
	remove_ring();
	as_zoned(begin);
	as_zoned(go_on);
}

static void overrun(void)
{
	uint64_t i, n;

	for (i = 0; i < 5000; i++) {
		struct zone_event who = {.zoneid = 1, .uniqid = 100 + i % 2, .zonename = "web"};

		event_post_init(&who, (uint32_t)i);
	}
	must(read_from(10, 3, 0) == 3);
	must(reply->events[0].event_class == ZEV_GAP);
	must(reply->events[0].first == 11 && reply->events[0].seq == 5000 - 4096);
	must(reply->events[1].seq == 5000 - 4096 + 1);
	must(reply->more && reply->position == reply->events[2].seq);
	/* Nothing is lost exactly at the edge, one is before it. */
	must(read_from(5000 - 4096, 1, 0) == 1 && reply->events[0].seq == 5000 - 4096 + 1);
	must(read_from(5000 - 4096 - 1, 1, 0) == 1 && reply->events[0].event_class == ZEV_GAP);
	must(reply->events[0].first == reply->events[0].seq);
	/* Everything, in pieces, each once. */
	for (i = 5000 - 4096, n = 0; read_from(i, 100, 0) > 0; i = reply->position) {
		must(reply->events[0].seq == i + 1);
		n += reply->count;
	}
	must(n == 4096 && i == 5000);
	/* One zone's only; the position goes on over the others'. */
	for (i = 5000 - 4096, n = 0; i < 5000; i = reply->position)
		n += read_from(i, 100, 101);
	must(n == 2048);
	/* Numbers of a series that is gone. */
	must(read_from(5001, 1, 0) == 1 && reply->events[0].event_class == ZEV_GAP);
	must(reply->events[0].first == 0 && reply->position == 5000 - 4096);
	/* Only the position. */
	must(read_from(UINT64_MAX, 0, 0) == 0 && reply->position == 5000);
}

static void test_gaps(void **state)
{
	remove_ring();
	as_zoned(overrun);
}

static void broken(void)
{
	must(read_from(0, 64, 0) == 0);
	post(1, 100, ZONE_IS_INITIALIZED);
	must(read_from(0, 64, 0) == 1 && reply->events[0].seq == 1);
}

/* Breaks the file at an offset; a ring that is not one of ours is begun anew. */
static void break_at(off_t at, size_t n)
{
	static const char bytes[256] = {[0 ... 255] = 0x77};
	char path[128];
	FILE *f;

	as_zoned(begin);
	(void)snprintf(path, sizeof(path), "%s/run/zones/events", root);
	f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	as_zoned(broken);
	remove_ring();
}

static void test_broken_rings(void **state)
{
	char path[128];

	remove_ring();
	break_at(0, 4);	    /* magic */
	break_at(4, 4);	    /* version */
	break_at(8, 8);	    /* next */
	break_at(16, 8);    /* oldest */
	break_at(144, 120); /* the first event */
	as_zoned(begin);
	(void)snprintf(path, sizeof(path), "%s/run/zones/events", root);
	assert_int_equal(truncate(path, 100), 0);
	as_zoned(broken);
}

/* The global zone has no events, nor has what is no zone. */
static void strange(void)
{
	post(GLOBAL_ZONEID, 1, ZONE_IS_SHUTTING_DOWN);
	post(MAX_ZONEID + 1, 1, ZONE_IS_RUNNING);
	must(read_from(0, 64, 0) == 0);
	post(MAX_ZONEID, 1, ZONE_IS_RUNNING);
	must(read_from(0, 64, 0) == 1);
}

static void test_ids(void **state)
{
	remove_ring();
	as_zoned(strange);
}

static int set_up(void **state)
{
	char path[128];

	if (folder_make(root, sizeof(root), "event") < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/run", root);
	(void)mkdir(path, 0755);
	(void)snprintf(path, sizeof(path), "%s/run/zones", root);
	(void)mkdir(path, 0755);
	reply = calloc(1, sizeof(*reply) + ZONE_EVENTS_MAX * sizeof(reply->events[0]));
	return reply ? instance_init(root) : -1;
}

static int tear_down(void **state)
{
	free(reply);
	return folder_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_real_changes),
		cmocka_unit_test(test_outlives_zoned),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_broken_rings),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

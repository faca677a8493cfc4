/* SPDX-License-Identifier: MIT */
/*
 * Zone-specific data: order and failures of callbacks, keys that come and go while zones live, and
 * both racing each other. Meant for the thread sanitizer as well (make check-tsan).
 */
#include "zoned/zone-impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cmocka.h>

static struct zone *new_zone(const char *name)
{
	struct zone *z;

	assert_int_equal(zone_new(&z), 0);
	(void)str_copy(z->name, sizeof(z->name), name);
	(void)snprintf(z->root, sizeof(z->root), "/%s", name);
	assert_int_equal(zone_table_add(z, NULL), 0);
	return z;
}

static int set_up(void **state)
{
	zone_status_init();
	return zone_table_init();
}

/* ---- one zone, a few keys ---- */

static struct {
	int created, shut_down, destroyed;
	int create_fails, shutdown_fails;
} first, second;

static int create_first(struct zone *z, void **ret_data, struct diag *d)
{
	first.created++;
	*ret_data = &first;
	return first.create_fails;
}

static int create_second(struct zone *z, void **ret_data, struct diag *d)
{
	assert_int_equal(first.created, 1); /* in the order of the keys */
	second.created++;
	return second.create_fails;
}

static int shut_down_first(struct zone *z, void *data, struct diag *d)
{
	assert_ptr_equal(data, &first);
	assert_int_equal(second.shut_down, second.created);
	first.shut_down++;
	return 0;
}

static int shut_down_second(struct zone *z, void *data, struct diag *d)
{
	if (second.shutdown_fails)
		return second.shutdown_fails;
	second.shut_down++;
	return 0;
}

static void destroy_first(struct zone *z, void *data)
{
	assert_ptr_equal(data, &first);
	assert_int_equal(second.destroyed, second.created - (second.create_fails ? 1 : 0));
	first.destroyed++;
}

static void destroy_second(struct zone *z, void *data)
{
	second.destroyed++;
}

static const struct zsd_callbacks one = {"one", create_first, shut_down_first, destroy_first};
static const struct zsd_callbacks two = {"two", create_second, shut_down_second, destroy_second};
static const struct zsd_callbacks none = {.name = "none"};

static int reset(void **state)
{
	memset(&first, 0, sizeof(first));
	memset(&second, 0, sizeof(second));
	return 0;
}

static void test_life_of_a_zone(void **state)
{
	zone_key_t key, other, third;
	struct zone *z;

	assert_int_equal(zsd_key_create(&one, &key), 0);
	assert_int_equal(zsd_key_create(&two, &other), 0);
	assert_int_equal(zsd_key_create(&none, &third), 0);
	z = new_zone("web");
	assert_int_equal(zsd_configure(z), 0);
	assert_null(zsd_get(z, key));
	assert_int_equal(zsd_create_all(z, NULL), 0);
	assert_int_equal(zsd_create_all(z, NULL), 0); /* nothing is needed any more */
	assert_int_equal(first.created, 1);
	assert_ptr_equal(zsd_get(z, key), &first);
	assert_int_equal(zsd_set(z, third, &third), 0);
	assert_ptr_equal(zsd_get(z, third), &third);
	assert_int_equal(zsd_set(z, third + 1, NULL), -EINVAL);

	second.shutdown_fails = -EBUSY; /* the next one tries again */
	assert_int_equal(zsd_shutdown_all(z, NULL), -EBUSY);
	assert_int_equal(first.shut_down, 0);
	second.shutdown_fails = 0;
	assert_int_equal(zsd_shutdown_all(z, NULL), 0);
	assert_int_equal(zsd_shutdown_all(z, NULL), 0);
	assert_int_equal(first.shut_down, 1);
	assert_int_equal(second.shut_down, 1);
	zsd_destroy_all(z);
	zsd_destroy_all(z);
	assert_int_equal(first.destroyed, 1);
	assert_int_equal(second.destroyed, 1);
	assert_null(zsd_get(z, key));
	(void)zone_table_remove(z);
	assert_int_equal(zsd_key_delete(third), 0);
	assert_int_equal(zsd_key_delete(other), 0);
	assert_int_equal(zsd_key_delete(key), 0);
	assert_int_equal(first.destroyed, 1);
	assert_int_equal(zsd_key_delete(key), -EINVAL);
}

static void test_a_creation_that_fails_is_undone(void **state)
{
	zone_key_t key, other;
	struct zone *z;

	assert_int_equal(zsd_key_create(&one, &key), 0);
	assert_int_equal(zsd_key_create(&two, &other), 0);
	second.create_fails = -ENOSPC;
	z = new_zone("web");
	assert_int_equal(zsd_configure(z), 0);
	assert_int_equal(zsd_create_all(z, NULL), -ENOSPC);
	assert_int_equal(first.destroyed, 0);
	zsd_destroy_all(z);
	assert_int_equal(first.destroyed, 1);
	assert_int_equal(second.destroyed, 0);
	(void)zone_table_remove(z);
	assert_int_equal(zsd_key_delete(key), 0);
	assert_int_equal(zsd_key_delete(other), 0);
}

static void test_a_key_comes_and_goes(void **state)
{
	struct zone *z = new_zone("web"), *early = new_zone("early"), *late = new_zone("late");
	zone_key_t key = 0, old;

	assert_int_equal(zsd_configure(z), 0);
	assert_int_equal(zsd_create_all(z, NULL), 0);
	assert_int_equal(zsd_configure(late), 0);
	assert_int_equal(zsd_shutdown_all(late, NULL), 0);
	assert_int_equal(zsd_key_create(&one, &key), 0);
	/* In the one that exists; not where none exist yet, nor where they are gone. */
	assert_int_equal(first.created, 1);
	assert_ptr_equal(zsd_get(z, key), &first);
	assert_null(zsd_get(early, key));
	assert_null(zsd_get(late, key));
	assert_int_equal(zsd_set(late, key, &first), -EINVAL);

	assert_int_equal(zsd_key_delete(key), 0);
	assert_int_equal(first.shut_down, 1);
	assert_int_equal(first.destroyed, 1);
	assert_null(zsd_get(z, key));
	assert_int_equal(zsd_set(z, key, &first), -EINVAL);

	/* A number never comes again, and a key that cannot be made leaves nothing. */
	old = key;
	assert_int_equal(zsd_key_create(&none, &key), 0);
	assert_true(key > old);
	assert_int_equal(zsd_key_delete(key), 0);
	first.create_fails = -ENOSPC;
	assert_int_equal(zsd_key_create(&one, &key), -ENOSPC);
	assert_int_equal(first.destroyed, 1);
	assert_int_equal(zsd_key_delete(key + 1), -EINVAL);
	assert_null(z->zsd);
	zsd_destroy_all(z);
	(void)zone_table_remove(z);
	(void)zone_table_remove(early);
	(void)zone_table_remove(late);
}

/* A zone that asked for nothing but the place of its entries: what is not created is not destroyed. */
static void test_what_was_never_created(void **state)
{
	zone_key_t key;
	struct zone *z;

	assert_int_equal(zsd_key_create(&one, &key), 0);
	z = new_zone("web");
	assert_int_equal(zsd_configure(z), 0);
	assert_int_equal(zsd_key_delete(key), 0);
	assert_int_equal(zsd_create_all(z, NULL), 0);
	assert_int_equal(first.created + first.shut_down + first.destroyed, 0);
	(void)zone_table_remove(z);
}

/* ---- races ---- */

#define ZONE_THREADS 3
#define KEY_THREADS  3
#define ROUNDS	     300

/* cmocka's own checks work in the thread of the test only. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			(void)fprintf(stderr, "line %d: %s\n", __LINE__, #condition);              \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static atomic_int alive, calls;
static struct zone *idle; /* lives all the time */

/* What a key has in a zone; freed by the destroy callback, so that a late one is seen. */
struct datum {
	atomic_int inside;
	int shut_down;
	struct zone *zone;
};

static struct datum *enter(void *data, struct zone *z)
{
	struct datum *t = data;

	CHECK(t);
	CHECK(t->zone == z);
	CHECK(atomic_fetch_add(&t->inside, 1) == 0); /* one callback at a time */
	return t;
}

static int race_create(struct zone *z, void **ret_data, struct diag *d)
{
	struct datum *t = calloc(1, sizeof(*t));

	CHECK(t);
	t->zone = z;
	/* No lock is held: these would hang. */
	CHECK(!zsd_get(z, UINT32_MAX));
	(void)zone_status_get(z);
	if (atomic_fetch_add(&calls, 1) % 7 == 0) {
		free(t);
		return -ENOSPC;
	}
	(void)atomic_fetch_add(&alive, 1);
	*ret_data = t;
	return 0;
}

static int race_shutdown(struct zone *z, void *data, struct diag *d)
{
	struct datum *t = enter(data, z);
	int r = t->shut_down++ == 0 && atomic_fetch_add(&calls, 1) % 5 == 0 ? -EBUSY : 0;

	CHECK(t->shut_down <= 2); /* the second because the first failed */
	(void)atomic_fetch_sub(&t->inside, 1);
	return r;
}

static void race_destroy(struct zone *z, void *data)
{
	free(enter(data, z));
	(void)atomic_fetch_sub(&alive, 1);
}

static void *zones_come_and_go(void *arg)
{
	char name[ZONENAME_MAX];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct zone *z;

		(void)snprintf(name, sizeof(name), "zone%d", (int)(intptr_t)arg);
		CHECK(zone_new(&z) == 0);
		(void)str_copy(z->name, sizeof(z->name), name);
		(void)snprintf(z->root, sizeof(z->root), "/%s", name);
		CHECK(zone_table_add(z, NULL) == 0);
		CHECK(zsd_configure(z) == 0);
		if (zsd_create_all(z, NULL) == 0) {
			(void)zone_status_advance(z, ZONE_IS_EMPTY);
			while (zsd_shutdown_all(z, NULL) < 0)
				;
			(void)zone_status_advance(z, ZONE_IS_DEAD);
		}
		zsd_destroy_all(z);
		(void)zone_table_remove(z);
	}
	return NULL;
}

static void *keys_come_and_go(void *arg)
{
	static const struct zsd_callbacks callbacks = {
		"race", race_create, race_shutdown, race_destroy};
	zone_key_t key;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (zsd_key_create(&callbacks, &key) < 0)
			continue;
		CHECK(zsd_get(idle, key));
		CHECK(zsd_key_delete(key) == 0);
	}
	return NULL;
}

static void test_races(void **state)
{
	pthread_t zones[ZONE_THREADS], keys[KEY_THREADS];
	intptr_t i;

	idle = new_zone("idle");
	assert_int_equal(zsd_configure(idle), 0);
	for (i = 0; i < ZONE_THREADS; i++)
		assert_int_equal(pthread_create(&zones[i], NULL, zones_come_and_go, (void *)i), 0);
	for (i = 0; i < KEY_THREADS; i++)
		assert_int_equal(pthread_create(&keys[i], NULL, keys_come_and_go, NULL), 0);
	for (i = 0; i < ZONE_THREADS; i++)
		(void)pthread_join(zones[i], NULL);
	for (i = 0; i < KEY_THREADS; i++)
		(void)pthread_join(keys[i], NULL);
	assert_int_equal(atomic_load(&alive), 0);
	assert_null(idle->zsd);
	assert_true(atomic_load(&calls) > ROUNDS);
	(void)zone_table_remove(idle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_life_of_a_zone, reset),
		cmocka_unit_test_setup(test_a_creation_that_fails_is_undone, reset),
		cmocka_unit_test_setup(test_a_key_comes_and_goes, reset),
		cmocka_unit_test_setup(test_what_was_never_created, reset),
		cmocka_unit_test(test_races),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}

/* SPDX-License-Identifier: MIT */
/* zoned's record of a zone: what goes in comes out, and nothing else is taken for one. */
#include "zone/zsched-door.h"
#include "zoned/zone-impl.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define RECORD_MAX (48 * 1024)

#define DID_FIELD 4
/* pool, of 1-2; three numbers of dedicated */
#define LAST_FIELDS (4 + 3 + 8 + 8 + 8)
/* sched_class, of FSS; secflags, has_secflags */
#define FIELDS_BEFORE (4 + 3 + 4 + 4)

static struct zone *zone_of(const char *name)
{
	struct zone *z;

	assert_int_equal(zone_new(&z), 0);
	(void)str_copy(z->name, sizeof(z->name), name);
	return z;
}

static struct zone *full_zone(void)
{
	struct zone *z = zone_of("web");
	int i;

	(void)str_copy(z->root, sizeof(z->root), "/zones/web/root");
	z->flags = ZF_NET_EXCL;
	z->caps = 0x123456789abcu;
	z->rctls.count = 2;
	(void)str_copy(z->rctls.values[0].name, sizeof(z->rctls.values[0].name), "zone.max-lwps");
	z->rctls.values[0].limit = 77;
	z->rctls.values[0].priv = ZRCTL_PRIVILEGED;
	(void)str_copy(z->rctls.values[1].name, sizeof(z->rctls.values[1].name), "zone.max-swap");
	z->rctls.values[1].limit = UINT64_MAX;
	z->rctls.values[1].action = ZRCTL_DENY;
	(void)str_copy(z->attrs.bootargs, sizeof(z->attrs.bootargs), "-s -v");
	(void)str_copy(z->attrs.brand, sizeof(z->attrs.brand), "sparse");
	(void)str_copy(z->attrs.fs_allowed, sizeof(z->attrs.fs_allowed), "tmpfs");
	z->attrs.has_hostid = true;
	z->attrs.hostid = 0xdeadbeef;
	(void)str_copy(z->attrs.sched_class, sizeof(z->attrs.sched_class), "FSS");
	z->attrs.secflags = ZONE_SECFLAG_ASLR;
	z->attrs.has_secflags = true;
	(void)str_copy(z->attrs.pool, sizeof(z->attrs.pool), "1-2");
	z->did = 4711;
	z->attrs.dedicated = (struct zone_dedicated_cpu){2, 3, 7};
	z->attrs.init_policy = ZSCHED_INIT_NORESTART | ZSCHED_INIT_RESTART0;
	for (i = 3; i > 0; i--) {
		struct zone_dl *dl = calloc(1, sizeof(*dl));

		assert_non_null(dl);
		dl->id = (datalink_id_t)i;
		(void)snprintf(dl->address, sizeof(dl->address), "10.0.0.%d/24", i);
		if (i == 2)
			(void)str_copy(dl->router, sizeof(dl->router), "10.0.0.254");
		dl->next = z->links;
		z->links = dl;
	}
	return z;
}

static void write_record(struct zone *z, void **data, size_t *size)
{
	*data = malloc(RECORD_MAX);
	assert_non_null(*data);
	assert_int_equal(zone_record_write(z, ZONE_IS_RUNNING, *data, RECORD_MAX, size), 0);
}

static void test_round_trip(void **state)
{
	struct zone *a = full_zone(), *b = zone_of("");
	const struct zone_dl *dl;
	void *data;
	size_t size;

	write_record(a, &data, &size);
	assert_int_equal(zone_record_read(b, data, size), 0);
	assert_int_equal(b->status, ZONE_IS_RUNNING);
	assert_string_equal(b->name, "web");
	assert_string_equal(b->root, a->root);
	assert_int_equal(b->flags, a->flags);
	assert_true(b->caps == a->caps);
	assert_int_equal(b->rctls.count, 2);
	assert_memory_equal(&b->rctls, &a->rctls, sizeof(a->rctls));
	assert_string_equal(b->attrs.initname, "/sbin/init");
	assert_string_equal(b->attrs.bootargs, "-s -v");
	assert_string_equal(b->attrs.brand, "sparse");
	assert_string_equal(b->attrs.fs_allowed, "tmpfs");
	assert_true(
		b->attrs.has_hostid && b->attrs.hostid == 0xdeadbeef && b->attrs.init_policy == 5);
	assert_string_equal(b->attrs.sched_class, "FSS");
	assert_true(b->attrs.has_secflags && b->attrs.secflags == ZONE_SECFLAG_ASLR);
	assert_string_equal(b->attrs.pool, "1-2");
	assert_int_equal(b->did, a->did);
	assert_memory_equal(&b->attrs.dedicated, &a->attrs.dedicated, sizeof(a->attrs.dedicated));
	dl = b->links;
	assert_int_equal(dl->id, 1);
	assert_string_equal(dl->address, "10.0.0.1/24");
	assert_int_equal(dl->next->id, 2);
	assert_string_equal(dl->next->router, "10.0.0.254");
	assert_int_equal(dl->next->next->id, 3);
	assert_null(dl->next->next->next);
	free(data);
	zone_free(a);
	zone_free(b);
}

static bool is_whole(size_t n, size_t size)
{
	size -= DID_FIELD;
	return n == size || n == size - LAST_FIELDS || n == size - LAST_FIELDS - FIELDS_BEFORE;
}

/*
 * Every shorter one, and one with a byte too many. Without its end, which has the fields that came
 * last, it is one of an older zoned.
 */
static void test_cut_records(void **state)
{
	struct zone *a = full_zone(), *b;
	char *data, *longer;
	size_t size, n;
	uint32_t claim;

	write_record(a, (void **)&data, &size);
	for (n = 0; n < size; n++) {
		char *part = malloc(n ? n : 1); /* of its own, so that reading past it is seen */

		assert_non_null(part);
		memcpy(part, data, n);
		claim = (uint32_t)n;
		if (n >= 12)
			memcpy(part + 8, &claim, sizeof(claim));
		b = zone_of("");
		assert_int_equal(zone_record_read(b, part, n), is_whole(n, size) ? 0 : -EBADMSG);
		zone_free(b);
		free(part);
	}
	longer = calloc(1, size + 1);
	assert_non_null(longer);
	memcpy(longer, data, size);
	claim = (uint32_t)size + 1;
	memcpy(longer + 8, &claim, sizeof(claim));
	b = zone_of("");
	assert_int_equal(zone_record_read(b, longer, size + 1), -EBADMSG);
	zone_free(b);
	free(longer);
	free(data);
	zone_free(a);
}

/* One byte wrong, wherever it is: refused or read, never a crash or a string without an end. */
static void test_bent_records(void **state)
{
	struct zone *a = full_zone(), *b;
	unsigned char *data;
	size_t size, n;

	write_record(a, (void **)&data, &size);
	for (n = 0; n < size; n++) {
		data[n] ^= 0xff;
		b = zone_of("");
		if (zone_record_read(b, data, size) == 0) {
			assert_true(str_terminated(b->root, sizeof(b->root)));
			assert_true(b->rctls.count <= ZONE_RCTLS_MAX);
		}
		zone_free(b);
		data[n] ^= 0xff;
	}
	for (n = 0; n < 8; n++) { /* magic and version */
		data[n] ^= 1;
		b = zone_of("");
		assert_int_equal(zone_record_read(b, data, size), -EBADMSG);
		zone_free(b);
		data[n] ^= 1;
	}
	free(data);
	zone_free(a);
}

static void test_full_record(void **state)
{
	struct zone *z = full_zone();
	char *data = malloc(RECORD_MAX);
	size_t size, i;
	int r = 0;

	assert_non_null(data);

	for (i = 0; i < 100 && r == 0; i++) {
		struct zone_dl *dl = calloc(1, sizeof(*dl));

		assert_non_null(dl);
		dl->id = 100 + (datalink_id_t)i;
		memset(dl->address, '1', sizeof(dl->address) - 1);
		memset(dl->router, '1', sizeof(dl->router) - 1);
		dl->next = z->links;
		z->links = dl;
		r = zone_record_write(z, ZONE_IS_READY, data, RECORD_MAX, &size);
	}
	assert_int_equal(r, -E2BIG);
	assert_true(i > 40);
	free(data);
	zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cut_records),
		cmocka_unit_test(test_bent_records),
		cmocka_unit_test(test_full_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

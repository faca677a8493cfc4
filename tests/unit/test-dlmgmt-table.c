/* SPDX-License-Identifier: MIT */
/* Link names, attributes and the link table of dlmgmtd: each rule, and what breaks it. */
#include "dladm/dladm.h"
#include "dlmgmtd/link-table.h"

#include <setjmp.h>
#include <cmocka.h>

#define ZONE_A 3
#define ZONE_B 4

static struct link *add(const char *name, zoneid_t zoneid)
{
	struct link_spec spec = {.name = name,
		.class = DATALINK_CLASS_VNIC,
		.media = DL_ETHER,
		.flags = DLMGMT_ACTIVE,
		.zoneid = zoneid};
	struct link *link = NULL;

	assert_int_equal(link_create(&spec, &link), 0);
	return link;
}

static int add_error(const char *name, uint32_t class, uint32_t flags)
{
	struct link_spec spec = {.name = name, .class = class, .media = DL_ETHER, .flags = flags};
	struct link *link = NULL;

	return link_create(&spec, &link);
}

static int clear(void **state)
{
	link_table_clear();
	return 0;
}

static void names(void **state)
{
	static const char *const good[] = {
		"a0", "net0", "web_1.2", "_0", "x4294967294", "abcdefghijklmnopqrstuvwxyzabcd0"};
	static const char *const bad[] = {"", "web", "0", "1a0", "a00", "a01", "a4294967295",
		"a99999999999", "a-0", "a/0", "a 0", "ä0", "abcdefghijklmnopqrstuvwxyzabcde0",
		"a0\n"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		if (!dladm_valid_linkname(good[i]))
			fail_msg("'%s' is a link name", good[i]);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (dladm_valid_linkname(bad[i]))
			fail_msg("'%s' is no link name", bad[i]);
	assert_true(dladm_valid_linkprefix("net"));
	assert_false(dladm_valid_linkprefix("net0"));
	assert_false(dladm_valid_linkprefix(""));
	assert_false(dladm_valid_linkprefix("0net"));
}

static void macs(void **state)
{
	uint8_t mac[DLADM_MAC_LEN];
	char text[DLADM_MAC_STRLEN];

	assert_int_equal(dladm_str2mac("2:8:20:a:bB:0c", mac), 6);
	assert_string_equal(dladm_mac2str(mac, text, sizeof(text)), "2:8:20:a:bb:c");
	assert_int_equal(dladm_str2mac("2:8:20", mac), 3);
	assert_int_equal(dladm_str2mac("", mac), -EINVAL);
	assert_int_equal(dladm_str2mac("2:", mac), -EINVAL);
	assert_int_equal(dladm_str2mac("2::3", mac), -EINVAL);
	assert_int_equal(dladm_str2mac("123:1", mac), -EINVAL);
	assert_int_equal(dladm_str2mac("1:2:3:4:5:6:7", mac), -EINVAL);
	assert_int_equal(dladm_str2mac("g:2", mac), -EINVAL);
}

static void status_texts(void **state)
{
	int i;

	for (i = 0; i < DLADM_STATUS_COUNT; i++)
		assert_string_not_equal(dladm_status2str((dladm_status_t)i), "unknown error");
	assert_string_equal(dladm_status2str(DLADM_STATUS_COUNT), "unknown error");
	assert_string_equal(dladm_status2str(dladm_errno2status(-EEXIST)), "object already exists");
	assert_string_equal(dladm_status2str(dladm_errno2status(EBUSY)), "link busy");
	assert_int_equal(dladm_errno2status(0), DLADM_STATUS_OK);
	assert_int_equal(dladm_errno2status(ELOOP), DLADM_STATUS_FAILED);
}

static void attributes(void **state)
{
	struct link_attrs attrs = {0}, copy = {0};
	char name[MAXLINKATTRLEN + 4], big[MAXLINKATTRVALLEN + 1];
	unsigned int i;

	assert_int_equal(link_attrs_set_str(&attrs, "linkover", "net0"), 0);
	assert_int_equal(link_attrs_set_u64(&attrs, "mtu", 1500), 0);
	assert_int_equal(link_attrs_set_str(&attrs, "linkover", "stub0"), 0);
	assert_int_equal(attrs.count, 2);
	assert_string_equal(attrs.first->name, "linkover"); /* kept its place */
	assert_string_equal(attrs.first->value, "stub0");

	/* names and values that do not fit */
	assert_int_equal(link_attrs_set_str(&attrs, "", "x"), -EINVAL);
	memset(name, 'n', sizeof(name));
	assert_int_equal(link_attrs_set(&attrs, name, DLADM_TYPE_STR, "x", 2), -EINVAL);
	memset(big, 'v', sizeof(big));
	big[MAXLINKATTRVALLEN] = '\0';
	assert_int_equal(link_attrs_set_str(&attrs, "big", big), -EINVAL);
	assert_int_equal(link_attrs_set(&attrs, "str", DLADM_TYPE_STR, "abc", 3), -EINVAL);
	assert_int_equal(link_attrs_set(&attrs, "str", DLADM_TYPE_STR, "a\0b", 4), -EINVAL);
	assert_int_equal(link_attrs_set(&attrs, "str", DLADM_TYPE_STR, "", 0), -EINVAL);
	assert_int_equal(link_attrs_set(&attrs, "num", DLADM_TYPE_UINT64, "1234", 4), -EINVAL);
	assert_int_equal(link_attrs_set(&attrs, "flag", DLADM_TYPE_BOOLEAN, "\2", 1), -EINVAL);
	assert_int_equal(link_attrs_set(&attrs, "what", 77, "x", 2), -EINVAL);
	assert_int_equal(attrs.count, 2);

	assert_int_equal(link_attrs_dup(&attrs, &copy), 0);
	link_attrs_unset(&attrs, "linkover");
	link_attrs_unset(&attrs, "linkover");
	assert_null(link_attrs_find(&attrs, "linkover"));
	assert_true(link_attrs_equal(&copy, "linkover", "stub0", 6));
	assert_false(link_attrs_equal(&copy, "linkover", "stub1", 6));

	for (i = attrs.count; i < LINK_ATTRS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "a%u", i);
		assert_int_equal(link_attrs_set_u64(&attrs, name, i), 0);
	}
	assert_int_equal(link_attrs_set_u64(&attrs, "more", 1), -ENOSPC);
	assert_int_equal(link_attrs_set_u64(&attrs, "a5", 1), 0); /* replacing is no more */
	link_attrs_fini(&attrs);
	link_attrs_fini(&copy);
}

static void creation(void **state)
{
	struct link_spec spec = {
		.id = 9, .name = "web1", .class = DATALINK_CLASS_VNIC, .flags = DLMGMT_PERSIST};
	struct link *link;

	link = add("web0", GLOBAL_ZONEID);
	assert_int_equal(link->id, 1);
	assert_int_equal(add_error("web0", DATALINK_CLASS_VNIC, DLMGMT_ACTIVE), -EEXIST);
	assert_int_equal(add_error("web", DATALINK_CLASS_VNIC, DLMGMT_ACTIVE), -EINVAL);
	assert_int_equal(add_error("web9", 0, DLMGMT_ACTIVE), -EINVAL);
	assert_int_equal(
		add_error("web9", DATALINK_CLASS_VNIC | DATALINK_CLASS_PHYS, DLMGMT_ACTIVE),
		-EINVAL);
	assert_int_equal(add_error("web9", 0x400, DLMGMT_ACTIVE), -EINVAL);
	assert_int_equal(add_error("web9", DATALINK_CLASS_VNIC, 0), -EINVAL);
	assert_int_equal(add_error("web9", DATALINK_CLASS_VNIC, 0x80), -EINVAL);
	assert_int_equal(
		add_error("web9", DATALINK_CLASS_VNIC, DLMGMT_PERSIST | DLMGMT_TRANSIENT), -EINVAL);

	assert_int_equal(link_create(&spec, &link), 0);
	spec.name = "web2";
	assert_int_equal(link_create(&spec, &link), -EEXIST); /* the id */
	assert_int_equal(add("web3", GLOBAL_ZONEID)->id, 10);
}

static void ids_wrap(void **state)
{
	struct link_spec spec = {.id = DATALINK_MAX_LINKID,
		.name = "last0",
		.class = DATALINK_CLASS_VNIC,
		.flags = DLMGMT_ACTIVE};
	struct link *link;

	(void)add("a0", GLOBAL_ZONEID); /* id 1 */
	assert_int_equal(link_create(&spec, &link), 0);
	assert_int_equal(add("a1", GLOBAL_ZONEID)->id, 2);
}

static void visibility(void **state)
{
	struct link *global = add("web0", GLOBAL_ZONEID), *lent = add("web1", GLOBAL_ZONEID);
	struct link *own = add("web0", ZONE_A); /* the same name in another zone */

	assert_int_equal(link_move(lent, ZONE_A), 0);
	assert_true(lent->on_loan);

	assert_ptr_equal(link_by_name("web0", GLOBAL_ZONEID), global);
	assert_ptr_equal(link_by_name("web0", ZONE_A), own);
	assert_ptr_equal(link_by_name("web1", GLOBAL_ZONEID), lent); /* taken at home */
	assert_ptr_equal(link_by_name("web1", ZONE_A), lent);
	assert_null(link_by_name("web1", ZONE_B));
	assert_null(link_by_name("web0", ZONE_B));

	assert_ptr_equal(link_by_id(own->id, GLOBAL_ZONEID), own);
	assert_ptr_equal(link_by_id(lent->id, ZONE_A), lent);
	assert_null(link_by_id(global->id, ZONE_A));
	assert_null(link_by_id(lent->id, ZONE_B));
	assert_null(link_by_id(77, GLOBAL_ZONEID));

	assert_true(link_visible(lent, GLOBAL_ZONEID));
	assert_false(link_visible(own, GLOBAL_ZONEID));
	assert_int_equal(link_count_own(ZONE_A), 1);
}

/* How many links the end of a zone finds. */
static unsigned int count_of(zoneid_t zoneid)
{
	unsigned int count = 0;
	struct link *link;

	for (link = link_first_of(zoneid); link; link = link_next_of(link)) {
		assert_int_equal(link->zoneid, zoneid);
		count++;
	}
	return count;
}

static void of_a_zone(void **state)
{
	struct link *own = add("web0", ZONE_A), *lent = add("web1", GLOBAL_ZONEID);

	(void)add("web2", ZONE_A);
	(void)add("web0", ZONE_A + 512); /* in the same bucket */
	assert_int_equal(count_of(ZONE_A), 2);
	assert_int_equal(link_move(lent, ZONE_A), 0);
	assert_int_equal(count_of(ZONE_A), 3);
	assert_int_equal(link_move(lent, ZONE_B), 0);
	assert_int_equal(count_of(ZONE_A), 2);
	assert_int_equal(count_of(ZONE_B), 1);
	assert_int_equal(link_move(lent, GLOBAL_ZONEID), 0);
	assert_int_equal(count_of(ZONE_B), 0);
	link_destroy(own);
	assert_int_equal(count_of(ZONE_A), 1);
	assert_int_equal(count_of(ZONE_A + 512), 1);
}

static void moves(void **state)
{
	struct link *link = add("web0", GLOBAL_ZONEID);

	(void)add("web0", ZONE_A);
	assert_int_equal(link_move(link, ZONE_A), -EEXIST);
	assert_int_equal(link->zoneid, GLOBAL_ZONEID);
	assert_false(link->on_loan);

	assert_int_equal(link_move(link, ZONE_B), 0);
	assert_int_equal(link_move(link, ZONE_A), -EEXIST);
	assert_int_equal(link->zoneid, ZONE_B);
	assert_int_equal(link_move(link, ZONE_B + 1), 0);
	assert_null(link_by_name("web0", ZONE_B));
	assert_int_equal(link_move(link, GLOBAL_ZONEID), 0);
	assert_false(link->on_loan);
	assert_null(link_by_name("web0", ZONE_B + 1));
	assert_ptr_equal(link_by_name("web0", GLOBAL_ZONEID), link);
}

/* One that left its name at home to others takes it again where it can, and is lost<n> where not. */
static void names_of_links_that_come_home(void **state)
{
	static const char *const names[] = {"web0", "lost0", "lost1"};
	struct link *link, *other;
	size_t i;

	(void)add("lost0", ZONE_B); /* of no zone that matters */
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		link = add("web0", GLOBAL_ZONEID);
		link->flags |= DLMGMT_TRANSIENT;
		assert_int_equal(link_move(link, ZONE_A), 0);
		other = i ? add("web0", GLOBAL_ZONEID) : NULL;
		assert_int_equal(link_move(link, GLOBAL_ZONEID), 0);
		assert_string_equal(link->name, names[i]);
		assert_ptr_equal(link_by_name(names[i], GLOBAL_ZONEID), link);
		assert_null(link_by_name("web0", ZONE_A));
		link_destroy(i ? other : link);
	}
}

static void renames(void **state)
{
	struct link *link = add("web0", GLOBAL_ZONEID);

	(void)add("web1", GLOBAL_ZONEID);
	(void)add("db0", ZONE_A);
	assert_int_equal(link_rename(link, "web"), -EINVAL);
	assert_int_equal(link_rename(link, "web1"), -EEXIST);
	assert_int_equal(link_rename(link, "web7"), 0);
	assert_null(link_by_name("web0", GLOBAL_ZONEID));

	assert_int_equal(link_move(link, ZONE_A), 0);
	assert_int_equal(link_rename(link, "web1"), -EEXIST); /* taken at home */
	assert_int_equal(link_rename(link, "db0"), -EEXIST);  /* taken there */
	assert_string_equal(link->name, "web7");
	assert_int_equal(link_rename(link, "web8"), 0);
	assert_ptr_equal(link_by_name("web8", GLOBAL_ZONEID), link);
	assert_ptr_equal(link_by_name("web8", ZONE_A), link);
	assert_null(link_by_name("web7", ZONE_A));
}

static void generated_names(void **state)
{
	char name[MAXLINKNAMELEN];

	(void)add("net0", GLOBAL_ZONEID);
	(void)add("net2", GLOBAL_ZONEID);
	assert_int_equal(link_name_generate("net", GLOBAL_ZONEID, name), 0);
	assert_string_equal(name, "net1");
	assert_int_equal(link_name_generate("net", ZONE_A, name), 0);
	assert_string_equal(name, "net0");
	assert_int_equal(link_name_generate("net0", GLOBAL_ZONEID, name), -EINVAL);
	assert_int_equal(link_name_generate("abcdefghijklmnopqrstuvwxyzabcde", 0, name), -EINVAL);
	(void)add("abcdefghijklmnopqrstuvwxyzabcd0", GLOBAL_ZONEID);
	while (link_name_generate("abcdefghijklmnopqrstuvwxyzabcd", 0, name) == 0)
		(void)add(name, GLOBAL_ZONEID);
	assert_string_equal(name, "abcdefghijklmnopqrstuvwxyzabcd1"); /* ten do not fit */
}

/* Every link in order, also while there are many and some go. */
static void walks(void **state)
{
	struct link *link;
	datalink_id_t last = 0;
	unsigned int i, count = 0;
	char name[MAXLINKNAMELEN];

	for (i = 0; i < 2000; i++) {
		(void)snprintf(name, sizeof(name), "vnic%u", i);
		(void)add(name, GLOBAL_ZONEID);
	}
	for (i = 0; i < 2000; i += 3) {
		(void)snprintf(name, sizeof(name), "vnic%u", i);
		link_destroy(link_by_name(name, GLOBAL_ZONEID));
	}
	for (link = link_next(0); link; link = link_next(link->id)) {
		assert_true(link->id > last);
		last = link->id;
		count++;
	}
	assert_int_equal(count, 2000 - 667);
	assert_null(link_next(last));
}

static void zone_limit(void **state)
{
	struct link_spec spec = {
		.class = DATALINK_CLASS_VNIC, .flags = DLMGMT_ACTIVE, .zoneid = ZONE_A};
	struct link *link;
	char name[MAXLINKNAMELEN];
	unsigned int i;

	spec.name = name;
	for (i = 0; i < LINKS_PER_ZONE_MAX; i++) {
		(void)snprintf(name, sizeof(name), "x%u", i);
		assert_int_equal(link_create(&spec, &link), 0);
	}
	(void)snprintf(name, sizeof(name), "x%u", i);
	assert_int_equal(link_create(&spec, &link), -ENOSPC);
	spec.zoneid = ZONE_B;
	assert_int_equal(link_create(&spec, &link), 0);
}

/* Whatever was removed, renamed and lent in between, each link is found under its id and names, and no other. */
static void many(void **state)
{
	enum { COUNT = 3000 };
	static struct link *links[COUNT];
	char name[MAXLINKNAMELEN];
	unsigned int seed = 1, i, n;

	for (n = 0; n < 40000; n++) {
		i = (unsigned int)rand_r(&seed) % COUNT;
		(void)snprintf(name, sizeof(name), "n%u", i);
		if (!links[i]) {
			links[i] = add(name, GLOBAL_ZONEID);
		} else if (n % 5 == 0) {
			assert_int_equal(link_move(links[i], n % 2 ? GLOBAL_ZONEID : ZONE_A), 0);
		} else if (n % 5 == 1) {
			(void)snprintf(name, sizeof(name), "r%u", i);
			(void)link_rename(links[i], name); /* has it, perhaps */
		} else {
			link_destroy(links[i]);
			links[i] = NULL;
		}
	}
	for (i = 0, n = 0; i < COUNT; i++) {
		(void)snprintf(name, sizeof(name), "n%u", i);
		if (!links[i] || !streq(links[i]->name, name))
			assert_null(link_by_name(name, GLOBAL_ZONEID));
		if (!links[i])
			continue;
		n++;
		assert_ptr_equal(link_by_id(links[i]->id, GLOBAL_ZONEID), links[i]);
		assert_ptr_equal(link_by_name(links[i]->name, GLOBAL_ZONEID), links[i]);
		assert_ptr_equal(link_by_name(links[i]->name, ZONE_A),
			links[i]->zoneid == ZONE_A ? links[i] : NULL);
	}
	for (struct link *link = link_next(0), *next; link; link = next, n--) {
		next = link_next(link->id);
		assert_true(!next || next->id > link->id);
	}
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(macs),
		cmocka_unit_test(status_texts),
		cmocka_unit_test(attributes),
		cmocka_unit_test_setup_teardown(creation, clear, clear),
		cmocka_unit_test_setup_teardown(ids_wrap, clear, clear),
		cmocka_unit_test_setup_teardown(visibility, clear, clear),
		cmocka_unit_test_setup_teardown(of_a_zone, clear, clear),
		cmocka_unit_test_setup_teardown(moves, clear, clear),
		cmocka_unit_test_setup_teardown(renames, clear, clear),
		cmocka_unit_test_setup_teardown(names_of_links_that_come_home, clear, clear),
		cmocka_unit_test_setup_teardown(generated_names, clear, clear),
		cmocka_unit_test_setup_teardown(walks, clear, clear),
		cmocka_unit_test_setup_teardown(zone_limit, clear, clear),
		cmocka_unit_test_setup_teardown(many, clear, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

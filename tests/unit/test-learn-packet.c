/* SPDX-License-Identifier: MIT */
/*
 * What a link learns of a frame: addresses from answers to its own questions, and of nothing that it
 * says itself; whatever is cut off, too long or lies is nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "zoned/learn.h"

#define ALL (DLADM_DYNAMIC_DHCPV4 | DLADM_DYNAMIC_DHCPV6 | DLADM_DYNAMIC_SLAAC)

static const uint8_t mac[6] = {2, 8, 0x20, 1, 2, 3};

struct frame {
	uint8_t b[1600];
	size_t n;
};

static void put(struct frame *f, const void *p, size_t n)
{
	memcpy(f->b + f->n, p, n);
	f->n += n;
}

static void zeros(struct frame *f, size_t n)
{
	memset(f->b + f->n, 0, n);
	f->n += n;
}

static void put16(struct frame *f, size_t at, size_t v)
{
	f->b[at] = (uint8_t)(v >> 8);
	f->b[at + 1] = (uint8_t)v;
}

static void put32(struct frame *f, uint32_t v)
{
	v = htonl(v);
	put(f, &v, 4);
}

static size_t learn(struct learn_state *st, bool from_link, const struct frame *f,
	struct learned ret[LEARN_MAX])
{
	/* a copy of exactly its size, so that a sanitizer sees who reads behind it */
	uint8_t *copy = malloc(f->n ? f->n : 1);
	size_t n;

	assert_non_null(copy);
	memcpy(copy, f->b, f->n);
	n = learn_packet(st, ALL, mac, from_link, copy, f->n, ret);
	free(copy);
	return n;
}

/* ---- DHCP ---- */

static struct frame dhcp(bool ask, uint8_t type, uint32_t xid, const char *address, uint32_t lease)
{
	static const uint8_t ether[14] = {[12] = 8};
	struct frame f = {.n = 0};
	uint8_t option[] = {53, 1, type, 0, 51, 4};
	size_t udp;

	put(&f, ether, 14);
	put(&f, (uint8_t[]){0x46, 0, 0, 0, 0, 0, 0, 0, 64, 17}, 10); /* a header with an option */
	zeros(&f, 14);
	udp = f.n;
	zeros(&f, 8);
	put16(&f, udp, ask ? 68 : 67);
	put16(&f, udp + 2, ask ? 67 : 68);
	put(&f, (uint8_t[]){ask ? 1 : 2, 1, 6, 0}, 4);
	put32(&f, xid);
	zeros(&f, 20);
	if (inet_pton(AF_INET, address, f.b + f.n - (ask ? 16 : 12)) != 1)
		fail();
	put(&f, mac, 6);
	zeros(&f, 10 + 192);
	put(&f, (uint8_t[]){99, 130, 83, 99}, 4);
	put(&f, option, sizeof(option));
	put32(&f, lease);
	put(&f, "\xff", 1);
	put16(&f, udp + 4, f.n - udp);
	put16(&f, 14 + 2, f.n - 14);
	return f;
}

static void an_address_comes_from_an_answer_to_a_question(void **state)
{
	struct frame ask = dhcp(true, 3, 7, "0.0.0.0", 0), ack = dhcp(false, 5, 7, "10.1.2.3", 90);
	struct frame release = dhcp(true, 7, 9, "10.1.2.3", 0);
	struct learn_state st = {0};
	struct learned got[LEARN_MAX];

	assert_int_equal(learn(&st, false, &ack, got), 0); /* nobody asked */
	assert_int_equal(learn(&st, true, &ask, got), 0);
	assert_int_equal(learn(&st, true, &ack, got), 0); /* its own word */
	assert_int_equal(learn(&st, false, &ack, got), 1);
	assert_int_equal(got[0].family, AF_INET);
	assert_int_equal(got[0].seconds, 90);
	assert_memory_equal(got[0].addr, "\x0a\x01\x02\x03", 4);
	assert_int_equal(learn(&st, true, &release, got), 1);
	assert_int_equal(got[0].seconds, 0);
	assert_int_equal(learn_packet(&st, DLADM_DYNAMIC_DHCPV6, mac, false, ack.b, ack.n, got), 0);
}

static void what_lies_is_nothing(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *what;
	} lies[] = {{12, 0x86, "type"}, {14, 0x56, "version"}, {14, 0x44, "header"},
		{17, 255, "length"}, {20, 0x20, "fragment"}, {23, 6, "protocol"}, {39, 69, "port"},
		{38 + 4 + 4, 1, "request"}, {38 + 8 + 2, 7, "hardware"}, {46 + 28, 9, "client"},
		{46 + 236, 0, "cookie"}, {46 + 242, 6, "nak"}, {46 + 7, 8, "question"},
		{46 + 16, 224, "multicast"}, {46 + 16, 127, "loopback"},
		{46 + 245, 3, "size of the lease"}};
	struct frame ask = dhcp(true, 1, 7, "0.0.0.0", 0);
	struct learn_state st = {0};
	struct learned got[LEARN_MAX];

	assert_int_equal(learn(&st, true, &ask, got), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		struct frame ack = dhcp(false, 5, 7, "10.1.2.3", 90);

		assert_int_equal(learn(&st, false, &ack, got), 1);
		ack.b[lies[i].at] = lies[i].value;
		if (learn(&st, false, &ack, got) != 0)
			fail_msg("a wrong %s was taken", lies[i].what);
	}
}

/* Each length of each kind of frame, with each byte turned round: nothing is read behind its end. */
static void torture(struct frame f)
{
	struct learned got[LEARN_MAX];
	struct frame x;

	for (size_t n = 0; n <= f.n; n++) {
		struct learn_state st = {.dhcp4 = {7}, .dhcp6 = {7}, .n4 = 1, .n6 = 1};

		x = f;
		x.n = n;
		(void)learn(&st, false, &x, got);
		(void)learn(&st, true, &x, got);
		if (n == f.n)
			break;
		x = f;
		x.b[n] ^= 0xff;
		assert_true(learn(&st, false, &x, got) <= LEARN_MAX);
		(void)learn(&st, true, &x, got);
	}
}

/* ---- IPv6 ---- */

static struct frame ip6(uint8_t proto)
{
	static const uint8_t ether[14] = {[12] = 0x86, [13] = 0xdd};
	struct frame f = {.n = 0};

	put(&f, ether, 14);
	put(&f, (uint8_t[]){0x60, 0, 0, 0, 0, 0, proto, 255}, 8);
	zeros(&f, 32);
	return f;
}

static void end6(struct frame *f)
{
	put16(f, 18, f->n - 54);
}

static struct frame dhcp6(bool ask, uint8_t type, const char *address, uint32_t valid)
{
	struct frame f = ip6(17);

	zeros(&f, 8);
	put16(&f, 54, ask ? 546 : 547);
	put16(&f, 56, ask ? 547 : 546);
	put(&f, (uint8_t[]){type, 0, 0, 7, 0, 1, 0, 2, 9, 9}, 10); /* a client's id first */
	put(&f, (uint8_t[]){0, 3, 0, 12 + 28}, 4);
	zeros(&f, 12);
	put(&f, (uint8_t[]){0, 5, 0, 24}, 4);
	zeros(&f, 16);
	assert_int_equal(inet_pton(AF_INET6, address, f.b + f.n - 16), 1);
	put32(&f, valid);
	put32(&f, valid);
	put16(&f, 58, f.n - 54);
	end6(&f);
	return f;
}

static void dhcp6_gives_and_takes(void **state)
{
	struct frame ask = dhcp6(true, 3, "::", 0), reply = dhcp6(false, 7, "fd00::5", 60);
	struct frame mine = dhcp6(true, 9, "fd00::5", 0), local = dhcp6(false, 7, "fe80::5", 60);
	struct learn_state st = {0};
	struct learned got[LEARN_MAX];

	assert_int_equal(learn(&st, false, &reply, got), 0);
	assert_int_equal(learn(&st, true, &ask, got), 0);
	assert_int_equal(learn(&st, true, &reply, got), 0);
	assert_int_equal(learn(&st, false, &reply, got), 1);
	assert_int_equal(got[0].family, AF_INET6);
	assert_int_equal(got[0].seconds, 60);
	assert_int_equal(got[0].addr[15], 5);
	assert_int_equal(learn(&st, false, &local, got), 0);
	assert_int_equal(learn(&st, true, &mine, got), 1);
	assert_int_equal(got[0].seconds, 0);
	torture(reply);
	torture(mine);
	torture(dhcp(false, 5, 7, "10.1.2.3", 90));
	torture(dhcp(true, 4, 7, "10.1.2.3", 90));
}

static struct frame advertisement(uint8_t prefix_len, uint8_t flags, uint32_t valid)
{
	struct frame f = ip6(58);

	put(&f, (uint8_t[]){134, 0}, 2);
	zeros(&f, 14);
	put(&f, (uint8_t[]){1, 1, 0, 0, 0, 0, 0, 0}, 8);
	put(&f, (uint8_t[]){3, 4, prefix_len, flags}, 4);
	put32(&f, valid);
	zeros(&f, 8);
	put(&f, (uint8_t[]){0xfd, 0, 0, 9, 0, 0, 0, 0}, 8);
	zeros(&f, 8);
	end6(&f);
	return f;
}

static void a_prefix_and_the_mac_address_are_one(void **state)
{
	static const uint8_t want[16] = {
		0xfd, 0, 0, 9, 0, 0, 0, 0, 0, 8, 0x20, 0xff, 0xfe, 1, 2, 3};
	struct frame f = advertisement(64, 0xc0, 9000);
	struct learn_state st = {0};
	struct learned got[LEARN_MAX];

	assert_int_equal(learn(&st, false, &f, got), 1);
	assert_memory_equal(got[0].addr, want, 16);
	assert_int_equal(got[0].seconds, 9000);
	assert_int_equal(learn(&st, true, &f, got), 0); /* it is no router for itself */
	torture(f);
	f.b[21] = 254; /* it passed a router */
	assert_int_equal(learn(&st, false, &f, got), 0);
	f = advertisement(64, 0x80, 9000); /* not for addresses */
	assert_int_equal(learn(&st, false, &f, got), 0);
	f = advertisement(60, 0xc0, 9000);
	assert_int_equal(learn(&st, false, &f, got), 0);
	f = advertisement(64, 0xc0, 0); /* systems keep it for two hours */
	assert_int_equal(learn(&st, false, &f, got), 1);
	assert_int_equal(got[0].seconds, 7200);
	f = advertisement(64, 0xc0, 9000);
	f.b[54 + 16 + 1] = 0; /* an option without a length ends it */
	assert_int_equal(learn(&st, false, &f, got), 0);
}

static void old_questions_are_forgotten(void **state)
{
	struct frame ack = dhcp(false, 5, 1, "10.1.2.3", 90);
	struct learn_state st = {0};
	struct learned got[LEARN_MAX];

	for (uint32_t i = 1; i <= LEARN_ASKED; i++) {
		struct frame ask = dhcp(true, 1, i, "0.0.0.0", 0);

		(void)learn(&st, true, &ask, got);
		assert_int_equal(learn(&st, false, &ack, got), 1);
	}
	{
		struct frame ask = dhcp(true, 1, 99, "0.0.0.0", 0);

		(void)learn(&st, true, &ask, got);
	}
	assert_int_equal(learn(&st, false, &ack, got), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_comes_from_an_answer_to_a_question),
		cmocka_unit_test(what_lies_is_nothing),
		cmocka_unit_test(dhcp6_gives_and_takes),
		cmocka_unit_test(a_prefix_and_the_mac_address_are_one),
		cmocka_unit_test(old_questions_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: frames of a link that learns addresses, which root of a zone and whoever is on its network
 * write byte by byte. The input is a row of them: a byte that says who sent it, and two with its length. What
 * is learned has to be an address that somebody can have.
 */
#include "fuzz.h"

#include "zoned/learn.h"

#include <stdlib.h>
#include <string.h>

#define ALL	  (DLADM_DYNAMIC_DHCPV4 | DLADM_DYNAMIC_DHCPV6 | DLADM_DYNAMIC_SLAAC)
#define FROM_LINK 1u

static const uint8_t mac[6] = {2, 8, 0x20, 1, 2, 3};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

static void check(const struct learned *l)
{
	const uint8_t *a = l->addr;

	fuzz_assert(l->family == AF_INET || l->family == AF_INET6, "a family");
	if (l->family == AF_INET)
		fuzz_assert(a[0] != 0 && a[0] != 127 && a[0] < 224, "an address of nobody");
	else
		fuzz_assert(a[0] != 0xff && a[0] != 0 && a[0] != 0xfe, "an address of nobody");
}

/* A copy of exactly its size, so that a sanitizer sees who reads behind it. */
static void hear(struct learn_state *st, bool from_link, const uint8_t *frame, size_t size)
{
	struct learned found[LEARN_MAX];
	uint8_t *copy = malloc(size ? size : 1);
	size_t n;

	fuzz_assert(copy != NULL, "malloc");
	memcpy(copy, frame, size);
	n = learn_packet(st, ALL, mac, from_link, copy, size, found);
	fuzz_assert(n <= LEARN_MAX, "more than there is room for");
	for (size_t i = 0; i < n; i++) {
		check(&found[i]);
		fuzz_assert(!from_link || found[i].seconds == 0, "the link gave itself an address");
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {.at = data, .left = size};
	struct learn_state st = {0};

	while (in.left) {
		bool from_link = fuzz_byte(&in) & FROM_LINK;
		size_t n = fuzz_byte(&in);

		n |= (size_t)fuzz_byte(&in) << 8;
		n = n < in.left ? n : in.left;
		hear(&st, from_link, in.at, n);
		in.at += n;
		in.left -= n;
	}
	return 0;
}

/* ---- seeds: a question and its answer ---- */

struct row {
	uint8_t b[2048];
	size_t n, start; /* of the frame that is being written */
};

static void put(struct row *r, const void *p, size_t n)
{
	memcpy(r->b + r->n, p, n);
	r->n += n;
}

static void zeros(struct row *r, size_t n)
{
	memset(r->b + r->n, 0, n);
	r->n += n;
}

static void begin(struct row *r, bool from_link, uint16_t type)
{
	put(r, (uint8_t[]){from_link, 0, 0}, 3);
	r->start = r->n;
	zeros(r, 12);
	put(r, (uint8_t[]){(uint8_t)(type >> 8), (uint8_t)type}, 2);
}

static void set16(struct row *r, size_t at, size_t v)
{
	r->b[at] = (uint8_t)(v >> 8);
	r->b[at + 1] = (uint8_t)v;
}

static void end(struct row *r)
{
	size_t n = r->n - r->start;

	r->b[r->start - 2] = (uint8_t)n;
	r->b[r->start - 1] = (uint8_t)(n >> 8);
}

static void udp(struct row *r, uint16_t from, uint16_t to, size_t payload)
{
	size_t at = r->n;

	zeros(r, 8);
	set16(r, at, from);
	set16(r, at + 2, to);
	set16(r, at + 4, 8 + payload);
}

static void dhcp4(struct row *r, bool ask, uint8_t type)
{
	const uint8_t options[] = {53, 1, type, 51, 4, 0, 0, 0x0e, 0x10, 50, 4, 10, 0, 0, 9, 255};
	const size_t payload = 240 + sizeof(options);
	size_t at;

	begin(r, ask, 0x0800);
	at = r->n;
	put(r, (uint8_t[]){0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17}, 10);
	zeros(r, 10);
	set16(r, at + 2, 20 + 8 + payload);
	udp(r, ask ? 68 : 67, ask ? 67 : 68, payload);
	at = r->n;
	zeros(r, 240);
	memcpy(r->b + at, (uint8_t[]){ask ? 1 : 2, 1, 6, 0, 1, 2, 3, 4}, 8);
	memcpy(r->b + at + 16, (uint8_t[]){10, 0, 0, 9}, 4);
	memcpy(r->b + at + 28, mac, sizeof(mac));
	memcpy(r->b + at + 236, (uint8_t[]){99, 130, 83, 99}, 4);
	put(r, options, sizeof(options));
	end(r);
}

static void ip6(struct row *r, uint8_t proto, size_t payload)
{
	size_t at = r->n;

	zeros(r, 40);
	r->b[at] = 0x60;
	set16(r, at + 4, payload);
	r->b[at + 6] = proto;
	r->b[at + 7] = 255;
}

static void dhcp6(struct row *r, bool ask, uint8_t type)
{
	static const uint8_t address[16] = {0xfd, 0x77, [15] = 9};
	const size_t payload = 4 + 16 + 28;

	begin(r, ask, 0x86dd);
	ip6(r, 17, 8 + payload);
	udp(r, ask ? 546 : 547, ask ? 547 : 546, payload);
	put(r, (uint8_t[]){type, 1, 2, 3, 0, 3, 0, 40}, 8);
	zeros(r, 12);
	put(r, (uint8_t[]){0, 5, 0, 24}, 4);
	put(r, address, sizeof(address));
	put(r, (uint8_t[]){0, 0, 7, 8, 0, 0, 14, 16}, 8);
	end(r);
}

static void router(struct row *r)
{
	static const uint8_t prefix[16] = {0xfd, 0x77};

	begin(r, false, 0x86dd);
	ip6(r, 58, 16 + 32);
	put(r, (uint8_t[]){134, 0}, 2);
	zeros(r, 14);
	put(r, (uint8_t[]){3, 4, 64, 0xc0, 0, 0, 0x0e, 0x10, 0, 0, 7, 8, 0, 0, 0, 0}, 16);
	put(r, prefix, sizeof(prefix));
	end(r);
}

void fuzz_seeds(void)
{
	static struct row r;

	dhcp4(&r, true, 3);
	dhcp4(&r, false, 5);
	dhcp4(&r, true, 7);
	dhcp4(&r, true, 4);
	fuzz_seed("dhcp", r.b, r.n);
	r.n = 0;
	dhcp6(&r, true, 3);
	dhcp6(&r, false, 7);
	dhcp6(&r, true, 8);
	fuzz_seed("dhcp6", r.b, r.n);
	r.n = 0;
	router(&r);
	fuzz_seed("router", r.b, r.n);
	dhcp4(&r, true, 1);
	dhcp4(&r, false, 5);
	dhcp6(&r, true, 1);
	dhcp6(&r, false, 7);
	fuzz_seed("all", r.b, r.n);
}

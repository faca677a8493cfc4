/* SPDX-License-Identifier: MIT */
/* Client ids of DHCP as text, for allowed-dhcp-cids; see dladm_cid_parse() in property.h. */
#include "dladm/property.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

enum { DUID_LLT = 1, DUID_EN = 2, DUID_LL = 3 };

struct bytes {
	uint8_t *p;
	size_t n;
};

static int put(struct bytes *b, uint8_t value)
{
	if (b->n == DLADM_CID_MAX)
		return -E2BIG;
	b->p[b->n++] = value;
	return 0;
}

static int put_number(struct bytes *b, uint32_t value, unsigned int size)
{
	int r = 0;

	while (r == 0 && size--)
		r = put(b, (uint8_t)(value >> size * 8));
	return r;
}

/* A decimal number and the '.' behind it, as so many bytes. */
static int put_decimal(struct bytes *b, const char **text, unsigned int size)
{
	const char *end = *text;
	uint64_t value = 0;

	for (; isdigit((unsigned char)*end) && value <= UINT32_MAX; end++)
		value = value * 10 + (uint64_t)(*end - '0');
	if (end == *text || *end != '.' || value >> size * 8)
		return -EINVAL;
	*text = end + 1;
	return put_number(b, (uint32_t)value, size);
}

static int digit(char c)
{
	const char *const digits = "0123456789abcdef", *at;

	at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
	return at ? (int)(at - digits) : -EINVAL;
}

static int put_hex(struct bytes *b, const char *text)
{
	int r = *text ? 0 : -EINVAL;

	for (; r == 0 && *text; text += 2)
		r = digit(text[0]) < 0 || digit(text[1]) < 0
			    ? -EINVAL
			    : put(b, (uint8_t)(digit(text[0]) * 16 + digit(text[1])));
	return r;
}

/* A hardware address: bytes of one digit or two, ':' between them. */
static int put_address(struct bytes *b, const char *text)
{
	for (;;) {
		int value = digit(*text), r;

		if (value < 0)
			return value;
		if (digit(*++text) >= 0)
			value = value * 16 + digit(*text++);
		r = put(b, (uint8_t)value);
		if (r < 0 || !*text)
			return r;
		if (*text++ != ':')
			return -EINVAL;
	}
}

static int put_duid(struct bytes *b, const char *text)
{
	int r = put_decimal(b, &text, 2);

	if (r < 0)
		return r;
	switch (b->p[0] << 8 | b->p[1]) {
	case DUID_LLT:
		r = put_decimal(b, &text, 2);
		if (r == 0)
			r = put_decimal(b, &text, 4);
		return r < 0 ? r : put_address(b, text);
	case DUID_EN:
		r = put_decimal(b, &text, 4);
		return r < 0 ? r : put_hex(b, text);
	case DUID_LL:
		r = put_decimal(b, &text, 2);
		return r < 0 ? r : put_address(b, text);
	default:
		return put_hex(b, text);
	}
}

static bool is_duid(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n && text[n] == '.';
}

static bool is_hex(const char *text)
{
	return text[0] == '0' && tolower((unsigned char)text[1]) == 'x' && text[2];
}

int dladm_cid_parse(const char *text, uint8_t ret[DLADM_CID_MAX])
{
	struct bytes b = {ret, 0};
	int r = 0;

	if (!*text)
		return -EINVAL;
	if (is_duid(text))
		r = put_duid(&b, text);
	else if (is_hex(text))
		r = put_hex(&b, text + 2);
	else
		for (; r == 0 && *text; text++)
			r = isgraph((unsigned char)*text) ? put(&b, (uint8_t)*text) : -EINVAL;
	return r < 0 ? r : (int)b.n;
}

/* ---- as it is kept ---- */

static void print_hex(const uint8_t *p, size_t n, char *out)
{
	for (; n; n--, out += 2)
		(void)snprintf(out, 3, "%02x", *p++);
}

static void print_address(const uint8_t *p, size_t n, char *out)
{
	for (; n; n--)
		out += snprintf(out, 4, "%x%s", *p++, n > 1 ? ":" : "");
}

static uint32_t number(const uint8_t *p, unsigned int size)
{
	uint32_t value = 0;

	while (size--)
		value = value << 8 | *p++;
	return value;
}

static void print_duid(const uint8_t *p, size_t n, char *out)
{
	uint32_t type = number(p, 2);

	out += snprintf(out, 8, "%" PRIu32 ".", type);
	if (type == DUID_LLT) {
		out += snprintf(
			out, 24, "%" PRIu32 ".%" PRIu32 ".", number(p + 2, 2), number(p + 4, 4));
		print_address(p + 8, n - 8, out);
	} else if (type == DUID_EN) {
		out += snprintf(out, 16, "%" PRIu32 ".", number(p + 2, 4));
		print_hex(p + 6, n - 6, out);
	} else if (type == DUID_LL) {
		out += snprintf(out, 16, "%" PRIu32 ".", number(p + 2, 2));
		print_address(p + 4, n - 4, out);
	} else {
		print_hex(p + 2, n - 2, out);
	}
}

dladm_status_t dladm_check_cid(const char *text, char *out)
{
	uint8_t id[DLADM_CID_MAX];
	int n = dladm_cid_parse(text, id);

	if (n < 0)
		return n == -E2BIG ? DLADM_STATUS_TOOSMALL : DLADM_STATUS_BADVAL;
	if (is_duid(text)) {
		print_duid(id, (size_t)n, out);
	} else if (is_hex(text)) {
		(void)strcpy(out, "0x");
		print_hex(id, (size_t)n, out + 2);
	} else {
		(void)str_copy(out, DLADM_PROP_VALLEN, text);
	}
	return DLADM_STATUS_OK;
}

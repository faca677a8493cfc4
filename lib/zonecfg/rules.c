/* SPDX-License-Identifier: MIT */
/*
 * Rules for names, words and numbers (rules.h). The rules for addresses are in
 * rules-net.c, those for resource controls and privileges in rules-rctl.c and rules-priv.c.
 *
 * Character classes are spelled out and never taken from the locale: a file
 * that is valid for one user must be valid for all.
 */
#include "zonecfg/rules.h"

#include <limits.h>

#define VALUE_MAX 8192 /* bytes of an attr's value, with the NUL */

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(char c)
{
	return is_alpha(c) || is_digit(c);
}

/* True when every character of s is a letter, a digit, or one of extra. */
static bool only_word(const char *s, const char *extra)
{
	for (; *s; s++) {
		if (!is_alnum(*s) && !strchr(extra, *s))
			return false;
	}
	return true;
}

int zonecfg_check_zonename(const char *name)
{
	if (!is_alnum(name[0]) || strlen(name) >= ZONENAME_MAX || !only_word(name, "-_."))
		return Z_BOGUS_ZONE_NAME;
	if (streq(name, GLOBAL_ZONENAME) || strncmp(name, "SUNW", 4) == 0)
		return Z_BOGUS_ZONE_NAME;
	return Z_OK;
}

int zonecfg_check_filename(const char *name)
{
	return streq(name, GLOBAL_ZONENAME) ? Z_OK : zonecfg_check_zonename(name);
}

int zonecfg_check_path(const char *path)
{
	const char *p = path;
	size_t n;

	int r = zonecfg_check_text(path, PATH_MAX);

	if (r)
		return r;
	if (*p != '/')
		return Z_INVALID_PROPERTY;
	while (*p) {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return Z_INVALID_PROPERTY;
		p += n;
	}
	return Z_OK;
}

int zonecfg_check_zonepath(const char *path)
{
	size_t n = strlen(path);
	int r = zonecfg_check_path(path);

	if (r)
		return r;
	if (n >= 1024)
		return Z_TOO_BIG;
	/* The index cannot hold a quote, and mount options neither a comma nor a backslash. */
	if (n < 2 || path[n - 1] == '/' || strstr(path, "//") || strpbrk(path, "\"\\,"))
		return Z_INVALID_PROPERTY;
	return Z_OK;
}

int zonecfg_check_brandname(const char *name)
{
	if (!is_alnum(name[0]) || strlen(name) > 63 || !only_word(name, "-_"))
		return Z_INVALID_PROPERTY;
	return Z_OK;
}

int zonecfg_check_linkname(const char *name)
{
	size_t n = strlen(name), digits = 0;
	uint64_t unit;

	if (n >= MAXLINKNAME)
		return Z_TOO_BIG;
	if (!is_alpha(name[0]) || !only_word(name, "_."))
		return Z_INVALID_PROPERTY;
	while (is_digit(name[n - 1 - digits]))
		digits++;
	if (!digits || (digits > 1 && name[n - digits] == '0'))
		return Z_INVALID_PROPERTY;
	if (zonecfg_parse_u64(name + n - digits, &unit) || unit > 4294967294U)
		return Z_INVALID_PROPERTY;
	return Z_OK;
}

/* Length of the UTF-8 sequence at p, or 0 when it is none (overlong and surrogates included). */
static size_t utf8_length(const unsigned char *p)
{
	size_t n = *p < 0x80 ? 1 : (*p & 0xe0) == 0xc0 ? 2 : (*p & 0xf0) == 0xe0 ? 3 : 4;
	size_t i;

	if (*p >= 0xf5 || (*p >= 0x80 && *p < 0xc2))
		return 0;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

int zonecfg_check_text(const char *text, size_t max)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n;

	if (strlen(text) >= max)
		return Z_TOO_BIG;
	for (; *p; p += n) {
		n = utf8_length(p);
		if (!n || *p < 0x20 || *p == 0x7f)
			return Z_INVALID_PROPERTY;
	}
	return Z_OK;
}

int zonecfg_parse_bool(const char *text, bool *ret_value)
{
	if (!streq(text, "true") && !streq(text, "false"))
		return Z_INVALID_PROPERTY;
	*ret_value = text[0] == 't';
	return Z_OK;
}

int zonecfg_parse_u64(const char *text, uint64_t *ret_value)
{
	uint64_t v = 0;

	if (!*text)
		return Z_INVALID_PROPERTY;
	for (; *text; text++) {
		if (!is_digit(*text))
			return Z_INVALID_PROPERTY;
		if (__builtin_mul_overflow(v, 10U, &v) ||
			__builtin_add_overflow(v, (unsigned)(*text - '0'), &v))
			return Z_TOO_BIG;
	}
	*ret_value = v;
	return Z_OK;
}

int zonecfg_parse_hostid(const char *text, uint32_t *ret_hostid)
{
	const char *p = text;
	uint32_t v = 0;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	if (!*p)
		return Z_INVALID_PROPERTY;
	if (strlen(p) > 8)
		return Z_TOO_BIG;
	for (; *p; p++) {
		if (hex_digit(*p) < 0)
			return Z_INVALID_PROPERTY;
		v = v << 4 | (uint32_t)hex_digit(*p);
	}
	if (v == UINT32_MAX)
		return Z_INVALID_PROPERTY;
	*ret_hostid = v;
	return Z_OK;
}

int zonecfg_check_fs_allowed(const char *list)
{
	const char *p = list;
	size_t n;

	if (*p == '-')
		p += p[1] == ',' ? 2 : 1;
	if (!*p)
		return *list == '-' ? Z_OK : Z_INVALID_PROPERTY;
	if (!only_word(p, "_-.,"))
		return Z_INVALID_PROPERTY;
	for (;; p += n + 1) {
		n = strcspn(p, ",");
		if (n == 0 || n > 31 || !is_alnum(*p))
			return Z_INVALID_PROPERTY;
		if (!p[n])
			return Z_OK;
	}
}

int zonecfg_check_sched_class(const char *name)
{
	static const char *const known[] = {"TS", "IA", "FSS", "FX", "FP", "RT"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (streq(name, known[i]))
			return Z_OK;
	}
	return Z_INVALID_PROPERTY;
}

int zonecfg_check_pool(const char *name)
{
	if (strlen(name) > 255)
		return Z_TOO_BIG;
	if (!is_alnum(name[0]) || !only_word(name, "-_.") || strncmp(name, "SUNW", 4) == 0)
		return Z_INVALID_PROPERTY;
	return Z_OK;
}

/* Binary logarithm of a unit, -1 for none of ours. */
static int unit_shift(char c)
{
	switch (c) {
	case 'k':
	case 'K':
		return 10;
	case 'm':
	case 'M':
		return 20;
	case 'g':
	case 'G':
		return 30;
	case 't':
	case 'T':
		return 40;
	default:
		return -1;
	}
}

/*
 * Takes "123.45" apart: the whole part, and the fraction as frac / scale. At
 * most 18 digits of fraction count. Returns what follows, or NULL.
 */
static const char *parse_decimal(const char *p, uint64_t *whole, uint64_t *frac, uint64_t *scale)
{
	const char *start = p;

	*whole = *frac = 0;
	*scale = 1;
	for (; is_digit(*p); p++) {
		if (*whole > (UINT64_MAX - 9) / 10)
			return NULL;
		*whole = *whole * 10 + (uint64_t)(*p - '0');
	}
	if (p == start)
		return NULL;
	if (*p != '.')
		return p;
	start = ++p;
	for (; is_digit(*p); p++) {
		if (p - start >= 18)
			continue;
		*frac = *frac * 10 + (uint64_t)(*p - '0');
		*scale *= 10;
	}
	return p == start ? NULL : p;
}

int zonecfg_parse_size(const char *text, bool suffix_required, uint64_t *ret_bytes)
{
	uint64_t whole, frac, scale;
	unsigned __int128 bytes;
	const char *end;
	int shift = 0;

	end = parse_decimal(text, &whole, &frac, &scale);
	if (!end)
		return Z_INVALID_PROPERTY;
	if (*end) {
		shift = unit_shift(*end);
		if (shift < 0 || end[1])
			return Z_INVALID_PROPERTY;
	} else if (suffix_required || frac) {
		return Z_INVALID_PROPERTY;
	}
	bytes = ((unsigned __int128)whole << shift) + ((unsigned __int128)frac << shift) / scale;
	if (bytes > UINT64_MAX)
		return Z_TOO_BIG;
	*ret_bytes = (uint64_t)bytes;
	return Z_OK;
}

void zonecfg_format_size(uint64_t bytes, char *buf, size_t size)
{
	static const char units[] = "TGMK";
	uint64_t rest;
	size_t i, n;

	for (i = 0; i < 4; i++) {
		if (bytes && bytes % (1ULL << (40 - 10 * i)) == 0) {
			(void)snprintf(buf, size, "%llu%c",
				(unsigned long long)(bytes >> (40 - 10 * i)), units[i]);
			return;
		}
	}
	/* 1/1024 has ten decimals: this is exact. */
	rest = (bytes & 1023) * 9765625;
	(void)snprintf(buf, size, "%llu.%010llu", (unsigned long long)(bytes >> 10),
		(unsigned long long)rest);
	n = strlen(buf);
	while (n > 2 && buf[n - 1] == '0' && buf[n - 2] != '.')
		n--;
	if (n + 1 < size)
		(void)str_copy(buf + n, size - n, "K");
}

int zonecfg_parse_ncpus(const char *text, uint64_t *ret_percent)
{
	uint64_t whole, frac, scale, percent;
	const char *end = parse_decimal(text, &whole, &frac, &scale);

	if (!end || *end)
		return Z_INVALID_PROPERTY;
	if (whole > INT_MAX / 100)
		return Z_TOO_BIG;
	percent = whole * 100;
	percent += (uint64_t)(((unsigned __int128)frac * 100 + scale / 2) / scale);
	/* Anything below a hundredth would round to no cap or to a cap nobody asked for. */
	if (whole == 0 && (unsigned __int128)frac * 100 < scale)
		return Z_INVALID_PROPERTY;
	*ret_percent = percent;
	return Z_OK;
}

int zonecfg_check_physical(const char *name, bool exclusive)
{
	if (exclusive)
		return zonecfg_check_linkname(name);
	if (strlen(name) >= MAXLINKNAME)
		return Z_TOO_BIG;
	return is_alpha(name[0]) && only_word(name, "-_.@") ? Z_OK : Z_INVALID_PROPERTY;
}

int zonecfg_check_global_nic(const char *name)
{
	const char *slash = strchr(name, '/');
	char link[MAXLINKNAME];
	uint64_t vnetid;

	if (!slash)
		return zonecfg_check_physical(name, false);
	if ((size_t)(slash - name) >= sizeof(link))
		return Z_TOO_BIG;
	(void)snprintf(link, sizeof(link), "%.*s", (int)(slash - name), name);
	return zonecfg_parse_u64(slash + 1, &vnetid) || vnetid > 16777215
		       ? Z_INVALID_PROPERTY
		       : zonecfg_check_physical(link, false);
}

int zonecfg_check_fstype(const char *type)
{
	static const char *const refused[] = {"proc", "mntfs", "autofs"};
	size_t i;

	if (!is_alnum(type[0]) || strlen(type) > 31 || !only_word(type, "-_."))
		return Z_INVALID_PROPERTY;
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		if (streq(type, refused[i]))
			return Z_INVALID_PROPERTY;
	}
	return strncmp(type, "nfs", 3) == 0 ? Z_INVALID_PROPERTY : Z_OK;
}

int zonecfg_check_attr_name(const char *name)
{
	if (strlen(name) > 255)
		return Z_TOO_BIG;
	if (!is_alnum(name[0]) || !only_word(name, "-_.") || strncmp(name, "zone", 4) == 0)
		return Z_INVALID_PROPERTY;
	return Z_OK;
}

int zonecfg_check_attr_type(const char *type)
{
	static const char *const known[] = {"int", "uint", "boolean", "string"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (streq(type, known[i]))
			return Z_OK;
	}
	return Z_INVALID_PROPERTY;
}

int zonecfg_check_attr_value(const char *type, const char *value)
{
	uint64_t number;
	bool flag;

	if (streq(type, "string"))
		return zonecfg_check_text(value, VALUE_MAX);
	if (streq(type, "boolean"))
		return zonecfg_parse_bool(value, &flag);
	if (streq(type, "uint"))
		return zonecfg_parse_u64(value, &number);
	if (streq(type, "int")) {
		bool minus = *value == '-';
		int r = zonecfg_parse_u64(value + minus, &number);

		if (r)
			return r;
		return number > (uint64_t)INT64_MAX + minus ? Z_TOO_BIG : Z_OK;
	}
	return Z_INVALID_PROPERTY;
}

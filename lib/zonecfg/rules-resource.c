/* SPDX-License-Identifier: MIT */
/* Rules for devices, datasets, dedicated CPUs, administrators, security flags and ids (rules.h). */
#include "zonecfg/rules.h"

#include <limits.h>

static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

int zonecfg_check_match(const char *match)
{
	char path[1024];

	if (!*match || (*match == '/' && (strncmp(match, "/dev/", 5) != 0 || !match[5])))
		return Z_INVALID_PROPERTY;
	if (strlen(match) >= sizeof(path) - 5)
		return Z_TOO_BIG;
	(void)snprintf(path, sizeof(path), "%s%s", *match == '/' ? "" : "/dev/", match);
	return zonecfg_check_path(path);
}

/* The names that ZFS keeps for itself. */
static bool pool_is_reserved(const char *pool, size_t n)
{
	static const char *const words[] = {"log", "mirror", "raidz", "spare", "draid"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (strncmp(pool, words[i], strlen(words[i])) != 0)
			continue;
		/* "log" alone; of the others everything that begins so */
		if (i > 0 || n == 3)
			return true;
	}
	return pool[0] == 'c' && pool[1] >= '0' && pool[1] <= '9';
}

int zonecfg_check_dataset(const char *name)
{
	const char *p = name;
	size_t n, valid;

	if (strlen(name) > 255)
		return Z_TOO_BIG;
	if (!strchr(alnum, *name) || (*name >= '0' && *name <= '9') ||
		pool_is_reserved(name, strcspn(name, "/")))
		return Z_INVALID_PROPERTY;
	for (;; p += n + 1) {
		n = strcspn(p, "/");
		for (valid = 0; valid < n; valid++) {
			if (!strchr(alnum, p[valid]) && !strchr("-_.: ", p[valid]))
				return Z_INVALID_PROPERTY;
		}
		if (!n || (n <= 2 && strspn(p, ".") >= n) || p[n - 1] == ' ')
			return Z_INVALID_PROPERTY;
		if (!p[n])
			return Z_OK;
	}
}

int zonecfg_parse_cpu_range(const char *text, uint64_t *ret_min, uint64_t *ret_max)
{
	const char *hyphen = strchr(text, '-');
	uint64_t min, max;
	char first[24];
	int r;

	if (hyphen && (size_t)(hyphen - text) >= sizeof(first))
		return Z_TOO_BIG;
	(void)snprintf(first, sizeof(first), "%.*s",
		hyphen ? (int)(hyphen - text) : (int)sizeof(first) - 1, text);
	r = zonecfg_parse_u64(first, &min);
	max = min;
	if (!r)
		r = zonecfg_parse_u64(hyphen ? hyphen + 1 : text, &max);
	if (r)
		return r;
	if (max > INT_MAX)
		return Z_TOO_BIG;
	if (min < 1 || min > max)
		return Z_INVALID_PROPERTY;
	*ret_min = min;
	*ret_max = max;
	return Z_OK;
}

int zonecfg_check_user(const char *user)
{
	size_t n = strlen(user);

	if (n > 32)
		return Z_TOO_BIG;
	if (!user[*user == '%'] || user[*user == '%'] == '-' || strcspn(user, ":,/ \t\n\"'") != n)
		return Z_INVALID_PROPERTY;
	return zonecfg_check_text(user, 33);
}

/* Position of the n bytes at p in words, -1 when they are none of them. */
static int find_word(const char *const *words, size_t count, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strlen(words[i]) == n && strncmp(words[i], p, n) == 0)
			return (int)i;
	}
	return -1;
}

int zonecfg_check_auths(const char *auths)
{
	static const char *const known[] = {"login", "manage", "clonefrom"};
	const char *p = auths;
	unsigned int seen = 0;
	size_t n;
	int i;

	for (;; p += n + 1) {
		n = strcspn(p, ",");
		i = find_word(known, ARRAY_SIZE(known), p, n);
		if (i < 0 || (seen & 1U << i))
			return Z_INVALID_PROPERTY;
		seen |= 1U << i;
		if (!p[n])
			return Z_OK;
	}
}

int zonecfg_parse_security_flags(const char *text, unsigned int *ret_mask)
{
	static const char *const known[] = {"aslr", "forbidnullmap", "noexecstack", "all", "none"};
	const unsigned int all = 7;
	unsigned int mask = 0, bits;
	const char *p = text;
	bool removed;
	size_t n;
	int i;

	for (;; p += n + 1) {
		removed = *p == '-' || *p == '!';
		p += removed;
		n = strcspn(p, ",");
		i = find_word(known, ARRAY_SIZE(known), p, n);
		if (i < 0 || (removed && i == 4))
			return Z_INVALID_PROPERTY;
		bits = i < 3 ? 1U << i : i == 3 ? all : 0;
		mask = removed ? mask & ~bits : i == 4 ? 0 : mask | bits;
		if (!p[n])
			break;
	}
	*ret_mask = mask;
	return Z_OK;
}

int zonecfg_check_debugid(const char *text)
{
	uint64_t id;
	int r = zonecfg_parse_u64(text, &id);

	if (!r && id > INT_MAX)
		return Z_TOO_BIG;
	return r || !id ? Z_INVALID_PROPERTY : Z_OK;
}

int zonecfg_check_uuid(const char *text)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	size_t i;

	if (strlen(text) != 36)
		return Z_INVALID_PROPERTY;
	for (i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-'
							    : !strchr(hex, text[i]))
			return Z_INVALID_PROPERTY;
	}
	return Z_OK;
}

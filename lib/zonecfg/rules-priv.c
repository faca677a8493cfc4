/* SPDX-License-Identifier: MIT */
/* limitpriv: the form of the list, and that each word of it is a privilege a zone may have. */
#include "zone/privilege.h"
#include "zonecfg/rules.h"

static int check_privilege(const char *name, bool removed)
{
	const struct privilege *p = privilege_find(name);

	if (!p)
		return Z_PRIV_UNKNOWN;
	return p->prohibited && !removed ? Z_PRIV_PROHIBITED : Z_OK;
}

int zonecfg_check_limitpriv(const char *list, char *ret_bad, size_t size)
{
	const char *p = list;
	char token[64];
	bool removed;
	size_t n;
	int r;

	for (;; p += n + 1) {
		n = strcspn(p, ",");
		removed = *p == '-' || *p == '!';
		(void)snprintf(token, sizeof(token), "%.*s", (int)(n < 63 ? n : 63), p);
		(void)snprintf(ret_bad, size, "%s", token + removed);
		if (n == 0 || n >= sizeof(token) || n == (size_t)removed)
			return Z_INVALID_PROPERTY;
		if (streq(token, "default"))
			r = p == list ? Z_OK : Z_INVALID_PROPERTY;
		else
			r = check_privilege(token + removed, removed);
		if (r)
			return r;
		if (!p[n])
			return Z_OK;
	}
}

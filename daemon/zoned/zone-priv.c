/* SPDX-License-Identifier: MIT */
/*
 * limitpriv as a capability bounding set. A list starts from "default" and takes
 * privileges away ("!net_rawaccess" or "-net_rawaccess"); what it adds must be in the
 * default already, for nothing else would be the zone's own.
 *
 * Linux: what neither a capability nor the filter of system calls holds cannot be taken away, and a
 * list that tries to is refused. What no zone has is taken away already.
 */
#include "zoned/zone-impl.h"

#include "zone/confine.h"
#include "zone/privilege.h"

static int apply_word(const char *word, uint64_t *caps, struct diag *d)
{
	bool removed = word[0] == '!' || word[0] == '-';
	const struct privilege *p = privilege_find(word + removed);

	if (p && p->kind == PRIVILEGE_ABSENT)
		return removed ? 0
			       : diag_set(d, -EINVAL,
					 "limitpriv: '%s' cannot be given to a zone on Linux",
					 word);
	if (p && p->kind != PRIVILEGE_CAPABILITY)
		p = NULL;
	if (removed && !p)
		return diag_set(d, -EINVAL, "limitpriv: '%s' cannot be taken away on Linux",
			word + removed);
	if (removed)
		*caps &= ~p->caps;
	else if (p)
		*caps |= p->caps;
	return 0;
}

int zone_limitpriv_parse(const char *list, uint64_t *ret_caps, struct diag *d)
{
	uint64_t caps = zone_caps_default();
	char copy[ZONEROOT_MAX], *save = NULL, *word;
	int r;

	if (str_copy(copy, sizeof(copy), list) < 0)
		return diag_set(d, -EINVAL, "limitpriv is too long");
	word = strtok_r(copy, ",", &save);
	if (word && !streq(word, "default"))
		return diag_set(d, -EINVAL, "limitpriv: the list must start with 'default'");
	while (word && (word = strtok_r(NULL, ",", &save))) {
		r = apply_word(word, &caps, d);
		if (r < 0)
			return r;
	}
	*ret_caps = caps;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Languages; see messages.h. A translation is data of root's, checked when it is built (msgfmt --check). */
#include "linux/messages.h"

#include <limits.h>

#include "linux/instance.h"

#define DOMAIN "zones"

void messages_init(bool of_user)
{
	char path[PATH_MAX];

	if (of_user)
		(void)setlocale(LC_ALL, "");
	if (instance_program(path, sizeof(path), "../../share/locale") == 0)
		(void)bindtextdomain(DOMAIN, path);
	(void)bind_textdomain_codeset(DOMAIN, "UTF-8");
	(void)textdomain(DOMAIN);
}

locale_t messages_as(const char *locale)
{
	locale_t l = (locale_t)0;

	/* a path would be a file that somebody else wrote */
	if (!streq(locale, "C") && !streq(locale, "POSIX") && !strchr(locale, '/'))
		l = newlocale(LC_MESSAGES_MASK, locale, (locale_t)0);
	return l ? uselocale(l) : (locale_t)0;
}

void messages_back(locale_t before)
{
	if (before)
		freelocale(uselocale(before));
}

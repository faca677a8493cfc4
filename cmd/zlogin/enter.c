/* SPDX-License-Identifier: MIT */
/* The way into a zone (lib/zone/enter.h) for a child that tells its parent what it could not do. */
#include "zlogin/enter.h"

#include <signal.h>
#include <sys/prctl.h>

_Noreturn void enter_fail(int report, const char *zone, const char *fmt, ...)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "zlogin: zone '%s': ", zone);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	(void)strcat(text, "\n");
	/* Nobody can be told when this fails. */
	(void)!write(report, text, strlen(text));
	_exit(ZLOGIN_FAILED);
}

void enter_zone(const struct target *t, int report)
{
	struct diag d = {0};

	if (zone_way_take(&t->way, &d) < 0)
		enter_fail(report, t->way.reply.name, "%s", d.text);
	(void)close_range(3, ~0U, 0);
}

void enter_confine(const struct target *t, int report)
{
	struct diag d = {0};

	/* Without its zlogin the program is like one whose line was cut. */
	(void)prctl(PR_SET_PDEATHSIG, SIGHUP, 0, 0, 0);
	if (zone_way_confine(&t->way, &d) < 0)
		enter_fail(report, t->way.reply.name, "%s", d.text);
}

/* SPDX-License-Identifier: MIT */
/* Values as text, for tables, programs and the live view alike. */
#include "zonestat/zonestat.h"

struct text text_percent(double part, double whole)
{
	struct text t = {"-"};

	if (!isnan(part) && !isnan(whole) && whole > 0)
		(void)snprintf(t.s, sizeof(t.s), "%.2f%%", 100 * part / whole);
	return t;
}

struct text text_amount(bool parsable, enum resource res, double v)
{
	static const char letters[] = "KMGTPE";
	struct text t = {"-"};
	int i = 0;

	if (isnan(v))
		return t;
	if (res == RES_CPU)
		(void)snprintf(t.s, sizeof(t.s), "%.2f", v);
	else if (!kinds[res].bytes)
		(void)snprintf(t.s, sizeof(t.s), "%.0f", v);
	else if (parsable)
		(void)snprintf(t.s, sizeof(t.s), "%.0fK", v / 1024);
	else {
		for (v /= 1024; v >= 1024 && i < 5; i++)
			v /= 1024;
		(void)snprintf(t.s, sizeof(t.s), "%.1f%c", v, letters[i]);
	}
	return t;
}

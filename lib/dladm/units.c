/* SPDX-License-Identifier: MIT */
/* Numbers for people; see units.h. */
#include "dladm/units.h"

#include <inttypes.h>
#include <stdio.h>

void units_format(uint64_t value, char unit, char *buf, size_t size)
{
	static const char letters[] = "KMGTP";
	uint64_t scale = 1;
	size_t i;

	if (unit == 'R' || (!unit && value < 1000)) {
		(void)snprintf(buf, size, "%" PRIu64, value);
		return;
	}
	for (i = 0; letters[i]; i++) {
		scale *= 1000;
		/* 999,995 would be shown as 1000.00K */
		if (unit ? letters[i] == unit
			 : !letters[i + 1] || value < scale * 1000 - scale / 200)
			break;
	}
	(void)snprintf(buf, size, "%.2f%c", (double)value / (double)scale, letters[i]);
}

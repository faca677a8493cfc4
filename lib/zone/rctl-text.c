/* SPDX-License-Identifier: MIT */
/* Numbers with suffixes; see rctl-text.h. */
#include "zone/rctl-text.h"

#include <inttypes.h>
#include <syslog.h>

static const char suffixes[] = "KMGTPE";

static long double scale_of(const struct zone_rctl *c)
{
	return c->unit == ZRCTL_BYTES ? 1024 : 1000;
}

/* Consumes a suffix; 0 when what follows is not one of the unit's. */
static long double factor(const struct zone_rctl *c, const char *text)
{
	const char *s = *text ? strchr(suffixes, *text & ~0x20) : NULL;
	long double f = 1;

	if (s) {
		for (f = scale_of(c); s > suffixes; s--)
			f *= scale_of(c);
		text++;
	}
	if (c->unit == ZRCTL_BYTES && (*text & ~0x20) == 'B')
		text++;
	return *text ? 0 : f;
}

int zone_rctl_parse(const struct zone_rctl *c, const char *text, uint64_t *ret)
{
	long double v, f;
	size_t n = strspn(text, "0123456789.");
	char *end;

	if (n == 0 || text[0] == '.')
		return -EINVAL;
	f = factor(c, text + n);
	if (f == 0)
		return -EINVAL;
	errno = 0;
	if (f == 1 && !memchr(text, '.', n)) { /* exactly */
		*ret = strtoull(text, &end, 10);
		return errno ? -ERANGE : 0;
	}
	v = strtold(text, &end);
	if (end != text + n)
		return -EINVAL;
	v *= f;
	if (v >= 18446744073709551616.0L)
		return -ERANGE;
	*ret = (uint64_t)v;
	return 0;
}

void zone_rctl_format(const struct zone_rctl *c, uint64_t value, char buf[32])
{
	const char *b = c->unit == ZRCTL_BYTES ? "B" : "";
	long double v = (long double)value;
	int i = -1;

	while (v >= scale_of(c)) {
		v /= scale_of(c);
		i++;
	}
	if (i < 0)
		(void)snprintf(buf, 32, "%" PRIu64 "%s", value, b);
	else
		(void)snprintf(buf, 32, "%.*Lf%c%s",
			v < 9.995L   ? 2
			: v < 99.95L ? 1
				     : 0,
			v, suffixes[i], b);
}

static const char *const log_levels[] = {
	[LOG_EMERG] = "emerg",
	[LOG_ALERT] = "alert",
	[LOG_CRIT] = "crit",
	[LOG_ERR] = "err",
	[LOG_WARNING] = "warning",
	[LOG_NOTICE] = "notice",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

int zone_rctl_parse_log(const char *text, int *ret_level)
{
	size_t i;

	if (streq(text, "none") || streq(text, "syslog")) {
		*ret_level = streq(text, "none") ? ZONE_RCTL_LOG_OFF : LOG_NOTICE;
		return 0;
	}
	if (strncmp(text, "syslog=", 7) != 0)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(log_levels); i++) {
		if (streq(text + 7, log_levels[i])) {
			*ret_level = (int)i;
			return 0;
		}
	}
	return -EINVAL;
}

void zone_rctl_format_log(int level, char buf[ZONE_RCTL_LOG_TEXT])
{
	if (level == ZONE_RCTL_LOG_OFF)
		(void)snprintf(buf, ZONE_RCTL_LOG_TEXT, "none");
	else
		(void)snprintf(buf, ZONE_RCTL_LOG_TEXT, "syslog=%s", log_levels[level]);
}

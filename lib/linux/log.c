/* SPDX-License-Identifier: MIT */
/* The logger of the daemons; see log.h. Safe to call from any thread: a line is one write. */
#include "linux/log.h"

#include <time.h>

static const char *log_ident = "zones";
static bool log_to_stderr = true;

void log_init(const char *ident, bool to_stderr)
{
	log_ident = ident;
	log_to_stderr = to_stderr;
	if (!to_stderr)
		openlog(ident, LOG_PID, LOG_DAEMON);
}

static void log_v(int priority, const char *fmt, va_list ap)
{
	char line[2048];
	int saved = errno;

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	if (log_to_stderr)
		(void)dprintf(STDERR_FILENO, "%s: %s\n", log_ident, line);
	else
		syslog(priority, "%s", line);
	errno = saved;
}

void log_line(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_v(priority, fmt, ap);
	va_end(ap);
}

static bool log_debug_wanted(const char *component)
{
	const char *list = getenv("ZONE_DEBUG");
	size_t n = strlen(component);

	while (list && *list) {
		size_t len = strcspn(list, ",");

		if ((len == n && strncmp(list, component, n) == 0) ||
			(len == 3 && strncmp(list, "all", 3) == 0))
			return true;
		list += len + (list[len] == ',');
	}
	return false;
}

void log_debug(const char *component, const char *fmt, ...)
{
	va_list ap;

	if (!log_debug_wanted(component))
		return;
	va_start(ap, fmt);
	log_v(LOG_DEBUG, fmt, ap);
	va_end(ap);
}

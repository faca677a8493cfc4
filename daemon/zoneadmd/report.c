/* SPDX-License-Identifier: MIT */
/*
 * Lines to the caller, to the daemon's log and to platform.log; see report.h.
 *
 * The zone's log is below the zonepath, outside the zone's root: nothing in the
 * zone can reach it. Each line is one write with O_APPEND, so that lines of a
 * daemon that was killed are whole.
 */
#include "zoneadmd/report.h"

#include <time.h>

#include "linux/log.h"
#include "linux/messages.h"

void report_init(struct report *r, char *text, size_t size)
{
	*r = (struct report){.text = text,
		.size = size,
		.platform_log = {.name = "platform.log",
			.max = PLATFORM_LOG_MAX,
			.dir = FD_NONE,
			.fd = FD_NONE}};
	if (text)
		text[0] = '\0';
}

void report_fini(struct report *r)
{
	log_file_close(&r->platform_log);
}

void report_open_platform_log(struct report *r, int zonepath_fd)
{
	if (r->platform_log.fd < 0)
		log_file_open(&r->platform_log, zonepath_fd);
}

static void platform_write(struct report *r, const char *text)
{
	char line[1280], when[32];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	if (r->platform_log.fd < 0)
		return;
	if (!gmtime_r(&now, &tm) || !strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm))
		when[0] = '\0';
	n = snprintf(line, sizeof(line), "%s %s\n", when, text);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line)) {
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	/* a full disk must not keep a zone from being halted */
	log_file_write(&r->platform_log, line, (size_t)n);
}

static void report_text(struct report *r, const char *text)
{
	int n;

	platform_write(r, text);
	if (!r->text) {
		log_line(LOG_ERR, "%s", text);
		return;
	}
	n = snprintf(r->text + r->used, r->size - r->used, "%s\n", text);
	if (n > 0)
		r->used += (size_t)n < r->size - r->used ? (size_t)n : r->size - r->used - 1;
}

void report_line(struct report *r, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), message(fmt), ap);
	va_end(ap);
	report_text(r, text);
}

int report_diag(struct report *r, const struct diag *d, int err, const char *what)
{
	if (d && d->text[0])
		report_text(r, d->text);
	else
		report_line(r, "%s: %s", message(what), strerror(err < 0 ? -err : err));
	return err;
}

void report_note(struct report *r, const char *text)
{
	platform_write(r, text);
}

void report_stage(struct report *r, const char *stage, const char *what)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "stage=%s: %s", stage, what);
	platform_write(r, text);
}

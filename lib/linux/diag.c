/* SPDX-License-Identifier: MIT */
/* Operator text that travels with an error; see diag.h. Truncates rather than fails. */
#include "linux/diag.h"

#include "linux/messages.h"

static void diag_vappend(struct diag *d, const char *fmt, va_list ap)
{
	size_t used = strlen(d->text);

	if (used && used + 2 < sizeof(d->text)) {
		d->text[used++] = '\n';
		d->text[used] = '\0';
	}
	(void)vsnprintf(d->text + used, sizeof(d->text) - used, message(fmt), ap);
}

int diag_set(struct diag *d, int err, const char *fmt, ...)
{
	va_list ap;

	if (!d)
		return err;
	d->text[0] = '\0';
	va_start(ap, fmt);
	diag_vappend(d, fmt, ap);
	va_end(ap);
	return err;
}

int diag_add(struct diag *d, int err, const char *fmt, ...)
{
	va_list ap;

	if (!d)
		return err;
	va_start(ap, fmt);
	diag_vappend(d, fmt, ap);
	va_end(ap);
	return err;
}

int diag_errno(struct diag *d, int err, const char *fmt, ...)
{
	va_list ap;
	size_t used;

	if (!d)
		return err;
	d->text[0] = '\0';
	va_start(ap, fmt);
	diag_vappend(d, fmt, ap);
	va_end(ap);
	used = strlen(d->text);
	(void)snprintf(d->text + used, sizeof(d->text) - used, ": %s", strerror(-err));
	return err;
}

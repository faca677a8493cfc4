/* SPDX-License-Identifier: MIT */
/* Notices of the console in words; see console-notice.h. */
#include "zlogin/console-notice.h"

#include "linux/util.h"

static const char *words(const struct console_notice *n)
{
	switch (n->event) {
	case CONSOLE_BOOTING:
		return n->bootargs[0] ? _("NOTICE: Zone booting up with arguments: %s")
				      : _("NOTICE: Zone booting up");
	case CONSOLE_READIED:
		return _("NOTICE: Zone readied");
	case CONSOLE_REBOOTING:
		return n->bootargs[0] ? _("NOTICE: Zone rebooting with arguments: %s")
				      : _("NOTICE: Zone rebooting");
	case CONSOLE_HALTED:
		return n->closes ? _("NOTICE: Zone halted.  Disconnecting...")
				 : _("NOTICE: Zone halted");
	case CONSOLE_BOOT_FAILED:
		return n->closes ? _("NOTICE: Zone boot failed.  Disconnecting...")
				 : _("NOTICE: Zone boot failed");
	case CONSOLE_UNINSTALLING:
		return _("NOTICE: Zone is being uninstalled.  Disconnecting...");
	default:
		return _("NOTICE: Zone changed");
	}
}

void notice_text(const struct console_notice *n, char *ret_text, size_t size)
{
	const char *text = words(n), *arg = strstr(text, "%s");

	/* A translation is data: only its first %s means something. */
	if (arg)
		(void)snprintf(ret_text, size, "%.*s%.*s%s", (int)(arg - text), text,
			(int)sizeof(n->bootargs) - 1, n->bootargs, arg + 2);
	else
		(void)snprintf(ret_text, size, "%s", text);
}

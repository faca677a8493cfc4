/* SPDX-License-Identifier: MIT */
/* What zoneadmd tells the client of a console, in the client's language. */
#pragma once

#include <libintl.h>

#include "zone/console.h"

#define _(text) gettext(text)

/* One line without brackets and newline. */
void notice_text(const struct console_notice *n, char *ret_text, size_t size);

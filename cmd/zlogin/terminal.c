/* SPDX-License-Identifier: MIT */
/* The operator's terminal; see terminal.h. The signals that end zlogin come as bytes of a descriptor, not as deaths. */
#include "zlogin/terminal.h"

#include <termios.h>

static struct termios saved;
static bool raw;

void terminal_raw(void)
{
	static bool registered;
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &saved) < 0)
		return;
	if (!registered)
		registered = atexit(terminal_restore) == 0;
	t = saved;
	cfmakeraw(&t);
	raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &t) == 0;
}

void terminal_restore(void)
{
	if (raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	raw = false;
}

/* SPDX-License-Identifier: MIT */
/* Noting signals; see interrupt.h. */
#include "zoneadm/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t noted;

static void on_signal(int sig)
{
	noted = sig;
}

void interrupt_note(void)
{
	struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGQUIT, &act, NULL);
}

bool interrupted(void)
{
	return noted != 0;
}

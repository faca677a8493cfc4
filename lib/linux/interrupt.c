/* SPDX-License-Identifier: MIT */
/* Noting signals; see interrupt.h. */
#include "linux/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t noted;

static void on_signal(int sig)
{
	noted = sig;
}

void interrupt_note(void)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, old;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		/* By zoneadm from its start (SIGHUP), by nohup(1), or for a job in the background. */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		(void)sigaction(signals[i], &act, NULL);
	}
}

bool interrupted(void)
{
	return noted != 0;
}

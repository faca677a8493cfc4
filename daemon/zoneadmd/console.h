/* SPDX-License-Identifier: MIT */
/*
 * The console server: a thread that carries bytes between the zone's zsched, the log
 * <zonepath>/logs/console.log and one zlogin -C (lib/zone/console.h). It takes no lock of the
 * commands', so that the console goes on while they work. Every function here is safe from any thread.
 */
#pragma once

#include "linux/diag.h"
#include "zone/console.h"

/*
 * Makes the socket and starts the thread; a live zone's console is taken over. zone is kept.
 * left: called when the client has gone, from the thread; must not block. 0 or a negative errno.
 */
int console_start(const char *zone, void (*left)(void), struct diag *d);

#define CONSOLE_ASK (-1)

/*
 * Takes over the console of a zone that is built. stdio is what BUILD said (STDIO_*), or CONSOLE_ASK where zsched
 * has to be asked. 0 or a negative errno with a line in d.
 */
int console_attach(int stdio, struct diag *d);

/* Tells the client; bootargs may be NULL. Does not wait until he has been told. */
void console_notice(enum console_event event, const char *bootargs);

/* True while there is a client: then the daemon stays. */
bool console_in_use(void);

/* Tells the client what is left to tell, takes the socket's name away, ends the thread. Waits for it. */
void console_stop(void);

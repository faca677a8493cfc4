/* SPDX-License-Identifier: MIT */
/* The clients' side of the console server, for its thread alone. None of this blocks. */
#pragma once

#include <poll.h>

#include "linux/diag.h"
#include "linux/ring.h"
#include "zone/console.h"

#define CLIENT_WAITING 4		    /* connections that have not said who they are */
#define CLIENT_POLLS   (CLIENT_WAITING + 2) /* and the listener, and the client */

/* Makes the zone's socket. left: see console_start(). 0 or a negative errno with a line in d. */
int client_listen(const char *zone, void (*left)(void), struct diag *d);
/* Takes the socket's name away and closes everything. */
void client_close(void);

/* What to wait for: CLIENT_POLLS entries; negative descriptors are skipped. hold: not for what the client says. */
void client_poll(const struct ring *r, bool hold, struct pollfd ret[CLIENT_POLLS]);

/*
 * Goes on with what poll() said. A connection may become the client: he gets the last lines of the
 * ring, or, when he had been connected before, what came after `fresh`. What the client says to
 * the zone goes to forward(), one message; NULL: not now.
 */
void client_continue(const struct ring *r, uint64_t fresh, const struct pollfd p[CLIENT_POLLS],
	void (*forward)(const void *message, size_t size));
/* Sends the client what of the ring and of the notices fits. */
void client_send(const struct ring *r);

/* Tells a client of the standard streams, this one and those to come, what they are: STDIO_*. */
void client_mode(uint32_t mode);

/* A notice for the client, in its place in the stream. */
void client_notice(const struct ring *r, enum console_event event, const char *bootargs);

/* The client, while there is one, has not been sent everything yet. */
bool client_behind(const struct ring *r);
/* Milliseconds that more output should wait for the client, who is far behind and takes some; -1: none. */
int client_patience(const struct ring *r);

/* Safe from any thread. */
bool client_connected(void);

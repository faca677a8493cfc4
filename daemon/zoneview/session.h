/* SPDX-License-Identifier: MIT */
/*
 * The FUSE connections that zoneview serves, one for each zone. A zone can have as many
 * requests under way as it has threads; zoneview takes one of each zone in turn, keeps a bounded
 * number of texts for it, and lets a zone wait that has had its part of the time.
 */
#pragma once

#include "linux/util.h"

/* Before any other; epoll: the loop's, data.ptr of its events is what session_serve() takes. */
int sessions_init(int epoll);

/*
 * Serves the connection of a zone from now on, in the place of one that there may be of an
 * earlier zone of that name. The connection is that of the zone's zsched and stays open there.
 * 0 or a negative errno.
 */
int session_open(const char *zone, int connection);

/* One request; ends the session when the zone is gone. */
struct session;
void session_serve(struct session *s);

/* How many ms until a zone that waits is served again, -1 when none waits; -> epoll_wait(). */
int sessions_patience(void);

unsigned int sessions_count(void);
void sessions_close(void);

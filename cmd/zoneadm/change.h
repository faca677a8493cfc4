/* SPDX-License-Identifier: MIT */
/* What subcommands that change a zone on disk have in common. */
#pragma once

#include "zoneadm/command.h"

/*
 * Takes the zone's lock and reads what the zone is now: nobody else works on it until
 * *ret_lock is released (_cleanup_lock_), not even a change that was made while we waited is
 * missed. Sets req->acts. EXIT_OK or EXIT_ERR after a message.
 */
int change_begin(struct request *req, int *ret_lock, zone_state_t *ret_state);

/* EXIT_OK when state is wanted, else the refusal by name, with what to do about a live zone. */
int change_check_state(const struct request *req, zone_state_t state, zone_state_t wanted);

/* Nothing is mounted below the zone's root. EXIT_OK, or EXIT_ERR after a line for each mount. */
int change_check_mounts(const struct request *req);

/*
 * Asks whether to do what (a verb) to the zone, the default being no. Without a terminal: a
 * refusal that names how to force it. EXIT_OK to go on; *ret_declined: the operator said no, which
 * is no error.
 */
int change_confirm(
	const struct request *req, const char *what, const char *force, bool *ret_declined);

/* Sets the state in the index. EXIT_OK, or EXIT_ERR after a message. */
int index_state(const char *zone, zone_state_t state);

/* SPDX-License-Identifier: MIT */
/* The client's side of zone/delegate-door.h: a command that an ordinary user has started. */
#pragma once

#include "linux/diag.h"
#include "zone/delegate-door.h"

/*
 * A request with these words (NULL-terminated, may be NULL) for the caller to fill in further:
 * zeroed but for n_words, size, words and the surroundings of this process (term, locale).
 * *ret is malloc'd. 0, -E2BIG, -ENOMEM.
 */
int delegate_request_new(char *const *words, struct delegate_request **ret);

/*
 * Has it done, with the standard streams and the signals of this process. 0 and what it exited
 * with; a negative errno with a line: it was refused, or it ended nobody knows how. Blocks.
 */
int delegate_run(const struct delegate_request *req, int *ret_code, struct diag *d);

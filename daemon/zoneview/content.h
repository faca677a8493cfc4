/* SPDX-License-Identifier: MIT */
/* The text of a file, for a zone, at this moment. */
#pragma once

#include "linux/util.h"
#include "zone/view-files.h"

/* reader: who asks, as the host numbers it. *ret is allocated. 0 or -ENOMEM. */
int content_make(const char *zone, enum view_file file, pid_t reader, char **ret, size_t *ret_size);

/* SPDX-License-Identifier: MIT */
/* What the two files of zonemetrics share: the page that is served. */
#pragma once

#include "linux/util.h"

#define PAGE_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/*
 * What there is of all zones at this moment, as OpenMetrics text, to be freed. When zoned does not
 * run the page says that and nothing else. -ENOMEM. Blocks while zoned answers.
 */
int page_make(char **ret_text, size_t *ret_size);

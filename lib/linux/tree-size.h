/* SPDX-License-Identifier: MIT */
/* How much there is to do in a tree. */
#pragma once

#include "linux/util.h"

/*
 * Bytes of data in the files below a directory, without holes, each file once; does not cross mounts.
 * For those who show how far they are: what cannot be looked at is left out.
 */
uint64_t tree_size(int dir);

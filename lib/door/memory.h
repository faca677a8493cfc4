/* SPDX-License-Identifier: MIT */
/* Memory that two processes share or pass: files without a name (memfd) that are sealed. */
#pragma once

#include "linux/util.h"

#include <fcntl.h>

#ifndef F_GET_SEALS
#define F_ADD_SEALS   1033
#define F_GET_SEALS   1034
#define F_SEAL_SEAL   0x0001
#define F_SEAL_SHRINK 0x0002
#define F_SEAL_GROW   0x0004
#define F_SEAL_WRITE  0x0008
#endif

/* Its size stays what it is, so that who maps it does not get SIGBUS. */
#define MEMORY_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW)

/* An empty one, close-on-exec, to be filled and sealed. Returns it or a negative errno. */
int memory_new(const char *name);
/* Returns 0 or a negative errno. */
int memory_seal(int fd, int seals);
/* Has it these seals, and is it of ordinary pages? Safe for any descriptor; does not block. */
bool memory_is_sealed(int fd, int seals);

/* SPDX-License-Identifier: MIT */
/* The rights that dlmgmtd runs with; see main.c for the list and the reasons. */
#pragma once

#include "linux/util.h"

#include <sys/types.h>

#define DLADM_USER "dladm"

/* Who dlmgmtd becomes and its files belong to: DLADM_USER, or who it is where that user is not. */
void privileges_identity(uid_t *ret_uid, gid_t *ret_gid);

/* Becomes that user with the few capabilities left. Before threads. 0 or a negative errno. */
int privileges_drop(void);

/* Lets the calling thread write where it is not the owner, and ends it. */
int privileges_raise(void);
void privileges_lower(void);

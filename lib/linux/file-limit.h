/* SPDX-License-Identifier: MIT */
/* How many descriptors a process may have: the soft limit, which it may choose below the hard one. */
#pragma once

/* As many as there may be, for a server of many clients. Nothing changes when that fails. */
void file_limit_raise(void);

/* The usual 1024, or the hard limit where that is less: for programs that are not ours. */
void file_limit_usual(void);

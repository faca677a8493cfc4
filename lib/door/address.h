/* SPDX-License-Identifier: MIT */
/*
 * May a program's pointer be used? Where the library copies by itself, and no system call does,
 * a bad one has to be found first: EFAULT, as the manual says, and not SIGSEGV.
 *
 * What lies on the stack of this thread above the caller needs no question, and that is what
 * small calls have. For the rest the kernel is asked, page by page: a system call for each. The
 * answer holds as long as no other thread takes the memory away.
 */
#pragma once

#include "linux/util.h"

/* size may be 0: then every pointer is good. Brings pages in, else does not block. */
bool address_readable(const void *p, size_t size);
bool address_writable(const void *p, size_t size);

/* s up to its NUL, of which no more than max bytes are wanted. */
bool address_is_string(const char *s, size_t max);

/* Where a function could be, which is told by no more than that something is there. */
#define address_is_code(fn) address_readable((const void *)(uintptr_t)(fn), 1)

/*
 * Finds out where this thread's stack is; until then nothing counts as on it. Not for signal
 * handlers: may use malloc. Cheap from the second time on.
 */
void address_learn_stack(void);

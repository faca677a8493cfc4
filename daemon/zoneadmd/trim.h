/* SPDX-License-Identifier: MIT */
/*
 * Memory that only a command needs, given back when it is over: this process stays as long as the
 * zone, and most of that time waits.
 */
#pragma once

/* The pages of this thread's stack below its caller's: a boot goes deeper than all that follows. */
void trim_stack(void);

/*
 * What is free of the heap; and the pages of code and constants, which are the kernel's copy of files, and come
 * back from there when they are needed. Any other thread may run meanwhile. Blocks for some ten microseconds.
 */
void trim_heap_and_code(void);

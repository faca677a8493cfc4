/* SPDX-License-Identifier: MIT */
/*
 * For who makes a child without fork(3), by clone3(2), and runs on in it: what libdoor does at a fork. Without
 * it the child has its parent's channels, and a call of it is one of its parent's to the server.
 */
#pragma once

/* Before it, by the thread that does it; may wait for calls that are being begun. */
void fork_begin(void);
/* After it, in the parent (also when there is no child) and in the child. */
void fork_end_parent(void);
void fork_end_child(void);

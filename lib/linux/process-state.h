/* SPDX-License-Identifier: MIT */
/*
 * What a process has from whoever started it, and nobody said a word about: signals that are ignored or blocked,
 * descriptors, limits, a priority, processors. A command shall work with whatever it was; what outlives its caller,
 * and what goes into a zone, shall have nothing of him.
 */
#pragma once

/*
 * At the very start of a program. Who closed one of the three standard streams has it closed for us too, but its
 * number is taken: no file that we open becomes what messages are written to. Children can be waited for, no signal
 * is blocked, a file that would be too large is an error and no death, and there is room for our stack.
 * Signals that the caller ignores stay ignored: nohup(1).
 */
void process_begin(void);

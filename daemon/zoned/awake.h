/* SPDX-License-Identifier: MIT */
/*
 * The host's CPUs do not sleep while a zone comes or goes.
 */
#pragma once

/*
 * Starts the thread that lets the CPUs sleep again. 0, or -errno. Once, before anything else of this
 * file; does not block.
 */
int awake_start(void);

/*
 * Keeps the CPUs of the host out of every sleep that they wake from slowly, from now until 50 ms
 * after the last call. Does nothing where the kernel does not offer it, or before awake_start().
 * Any thread; does not block.
 */
void awake_extend(void);

/* SPDX-License-Identifier: MIT */
/* Runs zone-image (image-main.c), which loads the libraries for archives. */
#pragma once

#include "linux/util.h"

#define IMAGE_FDS 5

/*
 * Runs it with a verb and its words; a word NULL stands for the next of the descriptors (3 or more),
 * which it gets under the same number. Waits until it ends, also when we were interrupted: then it ends soon, having said so.
 * EXIT_OK, or EXIT_ERR after its message or ours.
 */
int image_run(const char *zone, const char *verb, const char *const *words, size_t n_words,
	const int *fds);

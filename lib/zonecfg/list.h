/* SPDX-License-Identifier: MIT */
/*
 * Growing arrays kept as a pointer and a count, as the structures of a
 * configuration have them. The room is never less than the count rounded up to a power of
 * two, so that no third member is needed. Internal to lib/zonecfg and lib/brand.
 */
#pragma once

#include "linux/util.h"

#define LIST_MAX 4096 /* entries; nothing that a person configures comes near */

/* Appends a zeroed entry. list is the address of the pointer. 0, -E2BIG or -ENOMEM. */
static inline int list_grow(void *list, size_t *count, size_t elem_size)
{
	void **p = list;
	void *grown;

	if (*count >= LIST_MAX)
		return -E2BIG;
	if ((*count & (*count - 1)) == 0) {
		grown = reallocarray(*p, *count ? 2 * *count : 1, elem_size);
		if (!grown)
			return -ENOMEM;
		*p = grown;
	}
	memset((char *)*p + *count * elem_size, 0, elem_size);
	(*count)++;
	return 0;
}

/* Closes the gap of an entry whose content has been released or moved. */
static inline void list_drop(void *list, size_t *count, size_t elem_size, size_t index)
{
	char *base = *(char **)list;

	memmove(base + index * elem_size, base + (index + 1) * elem_size,
		(*count - index - 1) * elem_size);
	(*count)--;
}

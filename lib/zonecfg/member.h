/* SPDX-License-Identifier: MIT */
/* Members of a structure by their offset, for code that works from tables. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The address of the member at offset. What is const stays so by the caller's discipline. */
static inline void *member_at(const void *base, size_t offset)
{
	return (void *)((uintptr_t)base + offset);
}

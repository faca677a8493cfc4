/* SPDX-License-Identifier: MIT */
/* Numbers for people: "12.35K", in powers of 1000 as dlstat and flowstat of illumos show them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * unit: 'R' the number itself, one of KMGTP that unit, 0 the one that leaves fewer than
 * four digits before the point; below 1000 the number itself.
 */
void units_format(uint64_t value, char unit, char *buf, size_t size);

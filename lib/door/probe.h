/* SPDX-License-Identifier: MIT */
/*
 * USDT probes of the provider "libdoor": a nop each, which perf and bpftrace can turn into a
 * trap. docs/doors.md lists them with their arguments. Built without <sys/sdt.h> (Debian:
 * systemtap-sdt-dev) there are none.
 */
#pragma once

#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#define PROBE3(name, a, b, c)	 DTRACE_PROBE3(libdoor, name, a, b, c)
#define PROBE4(name, a, b, c, d) DTRACE_PROBE4(libdoor, name, a, b, c, d)
#else
#define PROBE3(name, a, b, c)	 ((void)(a), (void)(b), (void)(c))
#define PROBE4(name, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

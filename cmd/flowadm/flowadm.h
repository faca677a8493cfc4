/* SPDX-License-Identifier: MIT */
/* What the subcommands of flowadm share; each returns an exit status. */
#pragma once

#include "dladm/columns.h"
#include "dladm/dladm.h"
#include "dladm/flow.h"
#include "linux/conventions.h"

/*
 * "flowadm: <text>: <zoned's line, or else what the errno means>"; exits 1.
 */
__attribute__((noreturn)) void die_call(int err, const struct diag *d, const char *fmt, ...)
	_printf_(3, 4);

/* "usage: flowadm <line of the subcommand>", exits 1 as flowadm does on illumos. */
__attribute__((noreturn)) void usage(const char *subcommand);

/* A link by its name, in the zone of -z (NULL: the caller's own). Dies when there is none. */
void link_lookup(const char *name, const char *zone, struct dlmgmt_linkinfo *ret);

int do_add_flow(int argc, char *argv[]);
int do_remove_flow(int argc, char *argv[]);
int do_set_flowprop(int argc, char *argv[]);
int do_reset_flowprop(int argc, char *argv[]);
int do_show_flow(int argc, char *argv[]);
int do_show_flowprop(int argc, char *argv[]);

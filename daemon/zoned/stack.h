/* SPDX-License-Identifier: MIT */
/*
 * Holding a zone with ip-type shared to its own addresses on the host's network stack, by programs
 * in the kernel (stack.bpf.c). They are loaded once, attached to the control group of each such zone, and
 * hold it as long as the descriptors live, which its zsched keeps.
 */
#pragma once

#include "linux/diag.h"
#include <linux/types.h>

#include "zoned/stack-conf.h"

#define STACK_FDS_MAX 32

/* The map of struct stack_conf first, then what holds each program. */
struct stack_fds {
	unsigned int count;
	int fds[STACK_FDS_MAX];
};

/*
 * Attaches the programs to a control group, an open directory. -EOPNOTSUPP with the reason when
 * the host's kernel cannot hold a zone. Blocks while the kernel checks the programs, the first time.
 */
int stack_attach(int group, const struct stack_conf *conf, struct stack_fds *ret, struct diag *d);
void stack_fds_close(struct stack_fds *fds);

/* Could it be done? The same answer and reason, without a group; the first time it blocks as well. */
int stack_supported(struct diag *d);

/* Changes what the programs know of the zone of a group. map: the first descriptor of the set. 0 or a negative errno. */
int stack_set_conf(int map, int group, const struct stack_conf *conf);
int stack_get_conf(int map, int group, struct stack_conf *ret);

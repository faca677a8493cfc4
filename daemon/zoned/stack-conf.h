/* SPDX-License-Identifier: MIT */
/*
 * What the programs for zones on the host's stack know of one: what their map has for the zone's control
 * group. Shared by zoned and stack.bpf.c.
 */
#pragma once

#define STACK_ADDRS_MAX 16 /* of each family */
#define STACK_LOW_PORTS 0x1u

/*
 * All addresses in network order. Zone N has 127.(64 + N / 256).(N % 256).0/24 of the loopback
 * network; in the zone these are 127.0.0.0/24.
 */
struct stack_conf {
	__u32 loopback;
	__u32 uid_base; /* of the zone's range of ids */
	__u32 flags;	/* STACK_LOW_PORTS: its root binds ports below 1024 */
	__u32 n4, n6;
	__u32 v4[STACK_ADDRS_MAX];
	__u32 v6[STACK_ADDRS_MAX][4];
};

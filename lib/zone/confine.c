/* SPDX-License-Identifier: MIT */
/*
 * Confinement of a zone's processes: the capability set and the system-call
 * filter, which the build made from syscall-list.h. See confine.h.
 */
#include "zone/confine.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40
#endif

#define CAP_BIT(c) (UINT64_C(1) << (c))

uint64_t zone_caps_default(void)
{
	/*
	 * Over its own user namespace a zone's root may do nearly everything.
	 * What is missing either reaches the host whatever the namespace says,
	 * or has no use but to attack it.
	 */
	const uint64_t never =
		CAP_BIT(CAP_SYS_MODULE) | CAP_BIT(CAP_SYS_RAWIO) | CAP_BIT(CAP_MAC_ADMIN) |
		CAP_BIT(CAP_MAC_OVERRIDE) | CAP_BIT(CAP_SYS_TIME) | CAP_BIT(CAP_SYSLOG) |
		CAP_BIT(CAP_WAKE_ALARM) | CAP_BIT(CAP_BLOCK_SUSPEND) | CAP_BIT(CAP_SYS_PACCT) |
		CAP_BIT(CAP_PERFMON) | CAP_BIT(CAP_BPF) | CAP_BIT(CAP_CHECKPOINT_RESTORE);

	return (CAP_BIT(CAP_CHECKPOINT_RESTORE + 1) - 1) & ~never;
}

static int drop_bounding(uint64_t mask)
{
	int cap;

	for (cap = 0; cap < 64; cap++) {
		int r = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (r < 0)
			break; /* beyond the last capability of this kernel */
		if (r == 1 && !(mask & CAP_BIT(cap)) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

int zone_confine_caps(uint64_t mask)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	int i, r;

	r = drop_bounding(mask);
	if (r < 0)
		return r;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	for (i = 0; i < 2; i++) {
		uint32_t half = (uint32_t)(mask >> (32 * i));

		data[i].permitted &= half;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

int zone_confine_syscalls(void)
{
	static struct sock_filter program[] = {
#include "syscall-filter.inc"
	};
	const struct sock_fprog prog = {.len = ARRAY_SIZE(program), .filter = program};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0 ? -errno : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Confinement of a zone's processes: the capability set and the system-call
 * filter, which the build made from syscall-list.h. See confine.h.
 */
#include "zone/confine.h"
#include "zone/privilege.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40
#endif

#define CAP_BIT(c) (UINT64_C(1) << (c))

#if defined(__x86_64__)
#define NATIVE_ARCH   AUDIT_ARCH_X86_64
#define COMPAT_SOCKET 359
#elif defined(__aarch64__)
#define NATIVE_ARCH   AUDIT_ARCH_AARCH64
#define COMPAT_SOCKET 281
#endif
#define ARG0_LOW offsetof(struct seccomp_data, args[0]) /* both are little-endian */

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

	return ((CAP_BIT(CAP_CHECKPOINT_RESTORE + 1) - 1) & ~never) | PRIVILEGE_FILTERED;
}

int zone_start_as(uint32_t how)
{
	struct sched_param lowest = {0};
	int policy = SCHED_OTHER, view;

	if (how & ZONE_START_RT) {
		policy = SCHED_RR;
		lowest.sched_priority = sched_get_priority_min(SCHED_RR);
	} else if (how & ZONE_START_BATCH) {
		policy = SCHED_BATCH;
	}
	if (policy != SCHED_OTHER && sched_setscheduler(0, policy, &lowest) < 0)
		return -errno;
	view = how & ZONE_START_NO_ASLR ? personality(0xffffffffu) : 0;
	if (how & ZONE_START_NO_ASLR &&
		(view < 0 || personality((unsigned long)view | ADDR_NO_RANDOMIZE) < 0))
		return -errno;
	return 0;
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

static int add_filter(struct sock_filter *program, size_t len)
{
	const struct sock_fprog prog = {.len = (unsigned short)len, .filter = program};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0 ? -errno : 0;
}

/*
 * Sockets of the families unix and netlink only. 32-bit programs have another number for the call, and
 * none of their sockets: telling their families apart is not worth a second table.
 */
static int refuse_networks(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 3, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, COMPAT_SOCKET, 6, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG0_LOW),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return add_filter(program, ARRAY_SIZE(program));
}

int zone_confine_syscalls(uint64_t mask)
{
	static struct sock_filter program[] = {
#include "syscall-filter.inc"
	};
	static struct sock_filter no_fork[] = {
#include "fork-filter.inc"
	};
	int r = 0;

	/* All run, and the stricter one wins; the large one may refuse the next seccomp(2) one day. */
	if (!(mask & PRIVILEGE_NET_ACCESS))
		r = refuse_networks();
	if (r == 0 && !(mask & PRIVILEGE_PROC_FORK))
		r = add_filter(no_fork, ARRAY_SIZE(no_fork));
	return r < 0 ? r : add_filter(program, ARRAY_SIZE(program));
}

/* SPDX-License-Identifier: MIT */
/*
 * What a zone's processes give up: each case runs in a child that enters a user
 * namespace of its own, so that it has the rights to confine itself, and tells
 * the result with its exit status.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "zone/confine.h"

#define HAS(mask, cap) (((mask) >> (cap)) & 1)

/* Runs fn in a child with a user namespace; returns its exit status, 77 when there are no user namespaces. */
static int in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER) < 0 ? 77 : fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect_in_child(int (*fn)(void))
{
	int r = in_child(fn);

	if (r == 77)
		skip();
	assert_int_equal(r, 0);
}

static void default_caps_leave_out_what_reaches_the_host(void **state)
{
	uint64_t caps = zone_caps_default();

	assert_false(HAS(caps, CAP_SYS_MODULE));
	assert_false(HAS(caps, CAP_SYS_RAWIO));
	assert_false(HAS(caps, CAP_MAC_ADMIN));
	assert_false(HAS(caps, CAP_SYS_TIME));
	assert_false(HAS(caps, CAP_SYSLOG));
	assert_true(HAS(caps, CAP_SYS_BOOT)); /* reboot(2) inside reaches zsched */
	assert_true(HAS(caps, CAP_NET_ADMIN));
	assert_true(HAS(caps, CAP_SYS_ADMIN));
	assert_true(HAS(caps, CAP_SETUID));
}

static int caps_child(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	uint64_t mask = zone_caps_default() & ~(UINT64_C(1) << CAP_NET_RAW), effective;
	int cap;

	if (zone_confine_caps(mask) < 0)
		return 1;
	if (syscall(SYS_capget, &head, data) < 0)
		return 2;
	effective = data[0].effective | (uint64_t)data[1].effective << 32;
	if (effective & ~mask || !HAS(effective, CAP_SYS_ADMIN))
		return 3;
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1 && !HAS(mask, cap))
			return 4;
	return 0;
}

static void caps_outside_the_mask_are_gone(void **state)
{
	expect_in_child(caps_child);
}

/* The call fails with this errno and nothing else. */
#define FAILS(call, error) ((call) == -1 && errno == (error))

static int syscalls_child(void)
{
	if (zone_confine_syscalls(zone_caps_default()) < 0)
		return 1;
	if (!FAILS(syscall(SYS_kexec_load, 0, 0, NULL, 0), EPERM))
		return 2;
	if (!FAILS(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM))
		return 3;
	if (!FAILS(syscall(SYS_init_module, NULL, 0, ""), EPERM))
		return 4;
	if (!FAILS(syscall(SYS_bpf, 0, NULL, 0), EPERM))
		return 5;
	if (!FAILS(syscall(4000), ENOSYS)) /* nobody knows it */
		return 6;
	if (!FAILS(socket(40 /* AF_VSOCK */, SOCK_STREAM, 0), ENOSYS))
		return 7;
	if (!FAILS(socket(38 /* AF_ALG */, SOCK_SEQPACKET, 0), ENOSYS) ||
		!FAILS(socket(44 /* AF_XDP */, SOCK_RAW, 0), ENOSYS) ||
		socket(AF_NETLINK, SOCK_RAW, 0) < 0 || socket(AF_INET6, SOCK_STREAM, 0) < 0)
		return 10;
	if (personality(0xffffffffu) < 0 || !FAILS(personality(ADDR_NO_RANDOMIZE), ENOSYS))
		return 8;
	if (getpid() <= 0 || unshare(CLONE_NEWUTS) < 0)
		return 9;
	return 0;
}

static void refused_calls_fail_and_the_others_work(void **state)
{
	expect_in_child(syscalls_child);
}

#if defined(__x86_64__)
/* A system call as a 32-bit program makes it: the result or a negative errno. */
static long compat_call(long nr, long a, long b, long c)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
}

/* socketcall(2) has its arguments in memory, where a filter cannot see the family. */
static int compat_socket_child(void)
{
	uint32_t *args = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (args == MAP_FAILED || compat_call(20 /* getpid */, 0, 0, 0) != getpid())
		return 77; /* this kernel has no 32-bit calls */
	args[0] = 40;	   /* AF_VSOCK */
	args[1] = SOCK_STREAM;
	if (zone_confine_syscalls(zone_caps_default()) < 0)
		return 1;
	if (compat_call(102 /* socketcall */, 1 /* socket */, (long)args, 0) != -ENOSYS)
		return 2;
	if (compat_call(359 /* socket */, 40, SOCK_STREAM, 0) != -ENOSYS)
		return 3;
	if (compat_call(359, AF_UNIX, SOCK_STREAM, 0) < 0)
		return 4;
	return compat_call(20, 0, 0, 0) == getpid() ? 0 : 5;
}

static void no_way_around_the_rule_for_sockets(void **state)
{
	expect_in_child(compat_socket_child);
}
#endif

static int filter_stays_child(void)
{
	int status;
	pid_t pid;

	if (zone_confine_syscalls(zone_caps_default()) < 0)
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(FAILS(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM) ? 0 : 2);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static void the_filter_is_inherited(void **state)
{
	expect_in_child(filter_stays_child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_caps_leave_out_what_reaches_the_host),
		cmocka_unit_test(caps_outside_the_mask_are_gone),
		cmocka_unit_test(refused_calls_fail_and_the_others_work),
		cmocka_unit_test(the_filter_is_inherited),
#if defined(__x86_64__)
		cmocka_unit_test(no_way_around_the_rule_for_sockets),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

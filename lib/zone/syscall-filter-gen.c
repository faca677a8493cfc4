/* SPDX-License-Identifier: MIT */
/*
 * Build-time program: turns the list of system calls into the BPF program that
 * confine.c installs, printed as C initialisers; with the argument "fork" what is installed besides
 * for a zone without that privilege. Done here once, so that no
 * boot pays for it and zsched needs no libseccomp.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <unistd.h>

#include "zone/syscall-list.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define I386_SOCKETCALL 102

static void check(int r, const char *what)
{
	if (r < 0 && r != -EEXIST) {
		(void)fprintf(stderr, "syscall-filter-gen: %s: %s\n", what, strerror(-r));
		exit(1);
	}
}

/* A name that this libseccomp or architecture does not know is left to the default action. */
static void add_list(scmp_filter_ctx ctx, uint32_t action, const char *const *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		int nr = seccomp_syscall_resolve_name(names[i]);

		if (nr != __NR_SCMP_ERROR)
			check(seccomp_rule_add(ctx, action, nr, 0), names[i]);
	}
}

/* personality(2) only between Linux and the 32-bit and old-uname views of it, as engines allow. */
static void add_personality(scmp_filter_ctx ctx)
{
	static const unsigned int views[] = {
		PER_LINUX, PER_LINUX32, UNAME26, PER_LINUX32 | UNAME26, 0xffffffffu};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(views); i++)
		check(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(personality), 1,
			      SCMP_A0(SCMP_CMP_EQ, views[i])),
			"personality");
}

/*
 * Sockets of families that network namespaces hold. Others are outside of them (a virtual machine's
 * to its hypervisor, the kernel's ciphers), or parts of the kernel that nobody in a zone needs.
 */
static void add_sockets(scmp_filter_ctx ctx)
{
	static const unsigned int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		check(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
			      SCMP_A0(SCMP_CMP_EQ, families[i])),
			"socket");
}

static void add_arches(scmp_filter_ctx ctx)
{
#if defined(__x86_64__)
	check(seccomp_arch_add(ctx, SCMP_ARCH_X86), "x86");
#elif defined(__aarch64__)
	check(seccomp_arch_add(ctx, SCMP_ARCH_ARM), "arm");
#else
	(void)ctx;
#endif
}

#define REFUSE(nr)	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (nr))
#define LOAD(field)	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))

/*
 * What runs before libseccomp's program: no socketcall(2) makes a socket, because a
 * filter cannot see which kind, and it would be the way around the rule for
 * socket(2). libseccomp has no words for this: its rule for socket(2) allows it.
 */
static void print_socketcall_refused(void)
{
#if defined(__x86_64__)
	static const struct sock_filter program[] = {
		LOAD(arch),
		UNLESS(AUDIT_ARCH_I386, 5),
		LOAD(nr),
		UNLESS(I386_SOCKETCALL, 3),
		LOAD(args[0]),
		UNLESS(SYS_SOCKET, 1),
		REFUSE(ENOSYS),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(program); i++)
		(void)printf("{0x%04x, %u, %u, 0x%08x},\n", program[i].code, program[i].jt,
			program[i].jf, program[i].k);
#endif
}

static void print_program(FILE *f)
{
	struct sock_filter insn;

	while (fread(&insn, sizeof(insn), 1, f) == 1)
		(void)printf("{0x%04x, %u, %u, 0x%08x},\n", insn.code, insn.jt, insn.jf, insn.k);
}

/* What a zone may call. */
static scmp_filter_ctx allowed_calls(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));

	if (!ctx)
		check(-ENOMEM, "start");
	check(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)), "badarch");
	add_arches(ctx);
	add_list(ctx, SCMP_ACT_ALLOW, syscalls_allowed, ARRAY_SIZE(syscalls_allowed));
	add_list(ctx, SCMP_ACT_ERRNO(EPERM), syscalls_refused, ARRAY_SIZE(syscalls_refused));
	add_personality(ctx);
	add_sockets(ctx);
	return ctx;
}

/*
 * Threads, and no processes. A filter cannot look into clone3(2)'s arguments; C libraries take clone(2)
 * when it is not there.
 */
static scmp_filter_ctx no_processes(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (!ctx)
		check(-ENOMEM, "start");
	check(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW), "badarch");
	add_arches(ctx);
	add_list(ctx, SCMP_ACT_ERRNO(EPERM), (const char *const[]){"fork", "vfork"}, 2);
	check(seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
		      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)),
		"clone");
	check(seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
	return ctx;
}

int main(int argc, char **argv)
{
	bool fork = argc > 1 && strcmp(argv[1], "fork") == 0;
	scmp_filter_ctx ctx = fork ? no_processes() : allowed_calls();
	FILE *f = tmpfile();

	if (!f)
		check(-ENOMEM, "start");
	check(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimize");
	check(seccomp_export_bpf(ctx, fileno(f)), "export");
	rewind(f);
	if (!fork)
		print_socketcall_refused();
	print_program(f);
	seccomp_release(ctx);
	(void)fclose(f);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Attempts: system calls that reach the whole host, whatever namespace the caller is in. */
#include "attack.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <time.h>

#define CALL(name, ...)                                                                            \
	static int name(void)                                                                      \
	{                                                                                          \
		return tried(syscall(__VA_ARGS__));                                                \
	}

CALL(kexec_load, SYS_kexec_load, 0UL, 0UL, NULL, 0UL)
CALL(kexec_file_load, SYS_kexec_file_load, 0, -1, 0UL, "", 0UL)
CALL(init_module_empty, SYS_init_module, "", 0UL, "")
CALL(finit_module, SYS_finit_module, 0, "", 0)
CALL(delete_module, SYS_delete_module, "loop", O_NONBLOCK)
CALL(perf_of_everything, SYS_perf_event_open,
	(&(struct perf_event_attr){.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(struct perf_event_attr),
		.config = PERF_COUNT_SW_CPU_CLOCK}),
	-1, 0, -1, 0UL)
CALL(perf_of_itself, SYS_perf_event_open,
	(&(struct perf_event_attr){.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(struct perf_event_attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.exclude_kernel = 1}),
	0, -1, -1, 0UL)
CALL(bpf_map, SYS_bpf, BPF_MAP_CREATE,
	(&(union bpf_attr){
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1}),
	sizeof(union bpf_attr))
CALL(bpf_prog_by_id, SYS_bpf, BPF_PROG_GET_NEXT_ID, (&(union bpf_attr){0}), sizeof(union bpf_attr))
CALL(keyring_of_session, SYS_keyctl, 0 /* GET_KEYRING_ID */, -3, 1)
CALL(keyring_of_user, SYS_keyctl, 0, -4, 1)
CALL(add_key_to_user, SYS_add_key, "user", "attack", "x", 1UL, -4)
CALL(request_key, SYS_request_key, "user", "attack", NULL, -4)
CALL(userfaultfd, SYS_userfaultfd, O_CLOEXEC)
CALL(io_uring_setup, SYS_io_uring_setup, 1, (char[256]){0})
CALL(io_uring_enter, SYS_io_uring_enter, 0, 0, 0, 0, NULL, 0UL)
CALL(io_uring_register, SYS_io_uring_register, -1, 20, NULL, 0)
CALL(accounting, SYS_acct, "/tmp/acct")
CALL(swap_on, SYS_swapon, "/tmp/acct", 0)
CALL(swap_off, SYS_swapoff, "/tmp/acct")
CALL(quota, SYS_quotactl, 0x800003U << 8, NULL, 0, NULL)
CALL(quota_of_descriptor, SYS_quotactl_fd, 0, 0x800007U << 8, 0, NULL)
CALL(set_time, SYS_settimeofday, (&(struct timeval){.tv_sec = 1}), NULL)
CALL(set_timezone, SYS_settimeofday, NULL, (&(struct timezone){0}))
CALL(set_clock, SYS_clock_settime, CLOCK_REALTIME, (&(struct timespec){.tv_sec = 1}))
CALL(adjust_time, SYS_adjtimex, (&(struct timex){.modes = ADJ_TICK, .tick = 10000}))
CALL(adjust_clock, SYS_clock_adjtime, CLOCK_REALTIME,
	(&(struct timex){.modes = ADJ_TICK, .tick = 10000}))
CALL(read_log, SYS_syslog, 3, (char[64]){0}, 64)
CALL(clear_log, SYS_syslog, 5, NULL, 0)
CALL(silence_console, SYS_syslog, 6, NULL, 0)
CALL(reboot_cad_on, SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_ON,
	0)
CALL(reboot_cad_off, SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF,
	0)
CALL(reboot_kexec, SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, 0)
CALL(reboot_suspend, SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
	LINUX_REBOOT_CMD_SW_SUSPEND, 0)
CALL(lookup_dcookie, 212, 0UL, (char[64]){0}, 64UL)
CALL(no_address_randomisation, SYS_personality, (unsigned long)ADDR_NO_RANDOMIZE)
CALL(realtime_scheduling, SYS_sched_setscheduler, 0, SCHED_FIFO,
	(&(struct sched_param){.sched_priority = 1}))
CALL(io_priority_realtime, SYS_ioprio_set, 1, 0, 1 << 13)
CALL(fanotify_permission, SYS_fanotify_init, 4 /* FAN_CLASS_CONTENT */, O_RDONLY)
CALL(raise_files_limit, SYS_prlimit64, 0, RLIMIT_NOFILE,
	(&(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}), NULL)
CALL(device_disk, SYS_mknodat, AT_FDCWD, "/tmp/disk", S_IFBLK | 0600, makedev(8, 0))
CALL(device_mem, SYS_mknodat, AT_FDCWD, "/tmp/mem", S_IFCHR | 0600, makedev(1, 1))
CALL(device_kmsg, SYS_mknodat, AT_FDCWD, "/tmp/kmsg", S_IFCHR | 0600, makedev(1, 11))
CALL(device_fuse, SYS_mknodat, AT_FDCWD, "/tmp/fuse", S_IFCHR | 0600, makedev(10, 229))
CALL(capability_module, SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_MODULE, 0, 0)

#if defined(__x86_64__)
CALL(port_level, SYS_iopl, 3)
CALL(port_one, SYS_ioperm, 0x80, 1, 1)

/* The same calls as a 32-bit program makes them. */
static int compat(long nr, long a, long b, long c)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	return r < 0 ? (int)r : 0;
}

static int compat_keyctl(void)
{
	return compat(288, 0, -3, 1);
}

static int compat_module(void)
{
	return compat(128, 0, 0, 0);
}

static int compat_bpf(void)
{
	return compat(357, BPF_PROG_GET_NEXT_ID, 0, 0);
}

static int compat_stime(void)
{
	return compat(25, 0, 0, 0);
}

/* The x32 numbers of the same calls. */
CALL(x32_keyctl, 0x40000000 + 250, 0, -3, 1)
CALL(x32_module, 0x40000000 + 175, "", 0UL, "")
#endif

static int higher_priority(void)
{
	return setpriority(PRIO_PROCESS, 0, -20) < 0 ? -errno : 0;
}

static int open_by_handle(void)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount, dir;

	if (name_to_handle_at(AT_FDCWD, "/usr", &u.handle, &mount, 0) < 0 && errno != EOPNOTSUPP)
		return -errno;
	dir = open("/usr", O_RDONLY | O_DIRECTORY);
	return tried(open_by_handle_at(dir, &u.handle, O_RDONLY));
}

/* A program may ask to see what others want to open. */
static int watch_whole_mount(void)
{
	int fd = (int)syscall(SYS_fanotify_init, 0x200 /* FAN_REPORT_FID */, O_RDONLY);

	if (fd < 0)
		return -errno;
	return tried(syscall(
		SYS_fanotify_mark, fd, 0x101 /* ADD, FILESYSTEM */, 0x20ULL, AT_FDCWD, "/usr"));
}

#define ATTEMPT(fn)                                                                                \
	{                                                                                          \
#fn, fn                                                                            \
	}

const struct attempt attempts_kernel[] = {ATTEMPT(kexec_load), ATTEMPT(kexec_file_load),
	ATTEMPT(init_module_empty), ATTEMPT(finit_module), ATTEMPT(delete_module),
	ATTEMPT(perf_of_everything), ATTEMPT(perf_of_itself), ATTEMPT(bpf_map),
	ATTEMPT(bpf_prog_by_id), ATTEMPT(keyring_of_session), ATTEMPT(keyring_of_user),
	ATTEMPT(add_key_to_user), ATTEMPT(request_key), ATTEMPT(userfaultfd),
	ATTEMPT(io_uring_setup), ATTEMPT(io_uring_enter), ATTEMPT(io_uring_register),
	ATTEMPT(accounting), ATTEMPT(swap_on), ATTEMPT(swap_off), ATTEMPT(quota),
	ATTEMPT(quota_of_descriptor), ATTEMPT(set_time), ATTEMPT(set_timezone), ATTEMPT(set_clock),
	ATTEMPT(adjust_time), ATTEMPT(adjust_clock), ATTEMPT(read_log), ATTEMPT(clear_log),
	ATTEMPT(silence_console), ATTEMPT(reboot_cad_on), ATTEMPT(reboot_cad_off),
	ATTEMPT(reboot_kexec), ATTEMPT(reboot_suspend), ATTEMPT(lookup_dcookie),
	ATTEMPT(no_address_randomisation), ATTEMPT(realtime_scheduling),
	ATTEMPT(io_priority_realtime), ATTEMPT(higher_priority), ATTEMPT(fanotify_permission),
	ATTEMPT(watch_whole_mount), ATTEMPT(raise_files_limit), ATTEMPT(device_disk),
	ATTEMPT(device_mem), ATTEMPT(device_kmsg), ATTEMPT(device_fuse), ATTEMPT(capability_module),
	ATTEMPT(open_by_handle),
#if defined(__x86_64__)
	ATTEMPT(port_level), ATTEMPT(port_one), ATTEMPT(compat_keyctl), ATTEMPT(compat_module),
	ATTEMPT(compat_bpf), ATTEMPT(compat_stime), ATTEMPT(x32_keyctl), ATTEMPT(x32_module),
#endif
	{NULL, NULL}};

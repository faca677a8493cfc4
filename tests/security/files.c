/* SPDX-License-Identifier: MIT */
/* Attempts: files through which the kernel tells of the host, or is told. */
#include "attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int writes(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : tried(write(fd, text, strlen(text)));
}

/* Nothing to read is no way out either. */
static int reads(const char *path)
{
	char buf[64];
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, sizeof(buf));
	return n < 0 ? -errno : n == 0 ? -ENODATA : 0;
}

#define WRITE(name, path, text)                                                                    \
	static int name(void)                                                                      \
	{                                                                                          \
		return writes(path, text);                                                         \
	}
#define READ(name, path)                                                                           \
	static int name(void)                                                                      \
	{                                                                                          \
		return reads(path);                                                                \
	}

WRITE(core_pattern, "/proc/sys/kernel/core_pattern", "|/tmp/x")
WRITE(modprobe_path, "/proc/sys/kernel/modprobe", "/tmp/x")
WRITE(hotplug_path, "/proc/sys/kernel/hotplug", "/tmp/x")
WRITE(uevent_helper, "/sys/kernel/uevent_helper", "/tmp/x")
WRITE(sysctl_panic, "/proc/sys/kernel/panic", "1")
WRITE(sysctl_sysrq, "/proc/sys/kernel/sysrq", "1")
WRITE(sysctl_pid_max, "/proc/sys/kernel/pid_max", "400")
WRITE(sysctl_kptr, "/proc/sys/kernel/kptr_restrict", "0")
WRITE(sysctl_ptrace, "/proc/sys/kernel/yama/ptrace_scope", "0")
WRITE(sysctl_userns, "/proc/sys/user/max_user_namespaces", "1")
WRITE(sysctl_suid_dumpable, "/proc/sys/fs/suid_dumpable", "2")
WRITE(sysctl_protected_links, "/proc/sys/fs/protected_symlinks", "0")
WRITE(sysctl_file_max, "/proc/sys/fs/file-max", "10")
WRITE(sysctl_overcommit, "/proc/sys/vm/overcommit_memory", "2")
WRITE(sysctl_mmap_min, "/proc/sys/vm/mmap_min_addr", "0")
WRITE(drop_caches, "/proc/sys/vm/drop_caches", "3")
WRITE(shmmax, "/proc/sys/kernel/shmmax", "1")
WRITE(binfmt_register, "/proc/sys/fs/binfmt_misc/register", ":x:M::x::/tmp/x:")
WRITE(sysrq_trigger, "/proc/sysrq-trigger", "h")
WRITE(irq_affinity, "/proc/irq/default_smp_affinity", "1")
WRITE(mtrr, "/proc/mtrr", "base=0x0 size=0x1000 type=uncachable")
WRITE(pci_config, "/proc/bus/pci/00/00.0", "x")
WRITE(power_state, "/sys/power/state", "mem")
WRITE(module_parameter, "/sys/module/printk/parameters/time", "N")
WRITE(transparent_hugepages, "/sys/kernel/mm/transparent_hugepage/enabled", "never")
WRITE(ksm_run, "/sys/kernel/mm/ksm/run", "1")
WRITE(cpu_offline, "/sys/devices/system/cpu/cpu1/online", "0")
WRITE(pci_rescan, "/sys/bus/pci/rescan", "1")
WRITE(disk_scheduler, "/sys/block/vda/queue/scheduler", "none")
WRITE(firmware_timeout, "/sys/class/firmware/timeout", "1")
WRITE(profiling, "/sys/kernel/profiling", "1")
WRITE(kmsg_device, "/dev/kmsg", "x")
WRITE(oom_immunity, "/proc/self/oom_score_adj", "-1000")
WRITE(own_uid_map, "/proc/self/uid_map", "0 0 1")
WRITE(init_oom, "/proc/1/oom_score_adj", "-1000")
WRITE(usr_file, "/usr/bin/env", "x")

READ(kcore, "/proc/kcore")
READ(kmsg, "/proc/kmsg")
READ(keys, "/proc/keys")
READ(timer_list, "/proc/timer_list")
READ(sched_debug, "/sys/kernel/debug/sched/debug")
READ(interrupts, "/proc/interrupts")
READ(acpi_tables, "/sys/firmware/acpi/tables/DSDT")
READ(dmi_serial, "/sys/class/dmi/id/product_serial")
READ(energy, "/sys/class/powercap/intel-rapl:0/energy_uj")
READ(memory_device, "/dev/mem")
READ(vmallocinfo, "/proc/vmallocinfo")
READ(slabinfo, "/proc/slabinfo")
READ(pagetypeinfo, "/proc/pagetypeinfo")
READ(kernel_config_tracing, "/sys/kernel/tracing/trace")

/* What the host lends to zones, the same for all of them. */
static int native_file(void)
{
	return tried(open("/native/made", O_WRONLY | O_CREAT, 0755));
}

/* Groups that a nested root has given up. */
static int groups_from_nested(void)
{
	int r = become_nested_root();

	return r < 0 ? r : writes("/proc/self/setgroups", "allow");
}

/* Addresses of the kernel; zeros tell nothing. */
static int kernel_addresses(void)
{
	char buf[17] = "";
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, buf, 16) != 16)
		return fd < 0 ? -errno : -ENODATA;
	return strspn(buf, "0") == 16 ? -EPERM : 0;
}

/* Where frames of memory are, for attacks on the memory itself. */
static int physical_addresses(void)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)&entry / 4096 * 8)) !=
		sizeof(entry))
		return -ENODATA;
	return entry & ((UINT64_C(1) << 55) - 1) ? 0 : -EPERM;
}

#define ATTEMPT(fn)                                                                                \
	{                                                                                          \
#fn, fn                                                                            \
	}

const struct attempt attempts_files[] = {ATTEMPT(core_pattern), ATTEMPT(modprobe_path),
	ATTEMPT(hotplug_path), ATTEMPT(uevent_helper), ATTEMPT(sysctl_panic), ATTEMPT(sysctl_sysrq),
	ATTEMPT(sysctl_pid_max), ATTEMPT(sysctl_kptr), ATTEMPT(sysctl_ptrace),
	ATTEMPT(sysctl_userns), ATTEMPT(sysctl_suid_dumpable), ATTEMPT(sysctl_protected_links),
	ATTEMPT(sysctl_file_max), ATTEMPT(sysctl_overcommit), ATTEMPT(sysctl_mmap_min),
	ATTEMPT(drop_caches), ATTEMPT(shmmax), ATTEMPT(binfmt_register), ATTEMPT(sysrq_trigger),
	ATTEMPT(irq_affinity), ATTEMPT(mtrr), ATTEMPT(pci_config), ATTEMPT(power_state),
	ATTEMPT(module_parameter), ATTEMPT(transparent_hugepages), ATTEMPT(ksm_run),
	ATTEMPT(cpu_offline), ATTEMPT(pci_rescan), ATTEMPT(disk_scheduler),
	ATTEMPT(firmware_timeout), ATTEMPT(profiling), ATTEMPT(kmsg_device), ATTEMPT(oom_immunity),
	ATTEMPT(own_uid_map), ATTEMPT(groups_from_nested), ATTEMPT(init_oom), ATTEMPT(usr_file),
	ATTEMPT(native_file), ATTEMPT(kcore), ATTEMPT(kmsg), ATTEMPT(keys), ATTEMPT(timer_list),
	ATTEMPT(sched_debug), ATTEMPT(interrupts), ATTEMPT(acpi_tables), ATTEMPT(dmi_serial),
	ATTEMPT(energy), ATTEMPT(memory_device), ATTEMPT(vmallocinfo), ATTEMPT(slabinfo),
	ATTEMPT(pagetypeinfo), ATTEMPT(kernel_config_tracing), ATTEMPT(kernel_addresses),
	ATTEMPT(physical_addresses), {NULL, NULL}};

/* SPDX-License-Identifier: MIT */
/*
 * Process 1 of the virtual machine that tests/vm/run starts: loads the modules it was given, makes
 * a root of the host's file system (read-only, through 9p) with a layer in memory over it, and
 * runs the script whose path follows "vm.script=" on the kernel's command line. What
 * that says goes to one virtio port, its exit status to another. The first disk is at /disk then, /usr is
 * the second, and "vm.cgroup=" says how control groups are mounted: v2, hybrid (as systemd's, the controllers in v1), v1 (no
 * v2 at all). With "vm.disk" there the root is the first disk instead, and its init takes over. Linked
 * statically.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* Which number the device has depends on its place among all of them. */
#define OUT_PORT    "/dev/vport*p1"
#define STATUS_PORT "/dev/vport*p2"
#define PORT_TRIES  1000 /* of 10 ms */

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	fprintf(stderr, "vm-init: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(err));
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void mount_at(
	const char *what, const char *at, const char *type, unsigned long flags, const char *data)
{
	(void)mkdir(at, 0755);
	if (mount(what, at, type, flags, data) < 0)
		fail("mount %s at %s", what, at);
}

/* One file name a line, in the order of their needs. */
static void load_modules(void)
{
	FILE *f = fopen("/modules.order", "re");
	char path[256];
	int fd;

	if (!f)
		fail("modules.order");
	while (fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		fd = open(path, O_RDONLY | O_CLOEXEC);
		/* ENODEV: for a faster machine than this, and another does the same. */
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST &&
				      errno != ENODEV))
			fail("module %s", path);
		close(fd);
	}
	fclose(f);
}

/* What follows a name on the kernel's command line; NULL when it is not there. */
static char *argument(const char *name)
{
	static char line[4096];
	FILE *f = fopen("/proc/cmdline", "re");
	char *save = NULL, *word;
	size_t n = strlen(name);

	if (!f || !fgets(line, sizeof(line), f))
		fail("/proc/cmdline");
	fclose(f);
	for (word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		if (strncmp(word, name, n) == 0)
			return strdup(word + n);
	}
	return NULL;
}

static char *needed(const char *name)
{
	char *value = argument(name);

	errno = EINVAL;
	if (!value)
		fail("%s on the command line", name);
	return value;
}

static void enter_root(void)
{
	if (chdir("/new") < 0 || mount("/new", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
		chdir("/") < 0)
		fail("change of root");
}

/* A system of its own: nothing of this one remains but the modules that are loaded. */
static void __attribute__((noreturn)) boot_disk(void)
{
	mount_at("/dev/vda", "/new", "ext4", 0, NULL);
	if (umount2("/proc", MNT_DETACH) < 0 || umount2("/dev", MNT_DETACH) < 0)
		fail("umount");
	enter_root();
	execl("/sbin/init", "init", (char *)NULL);
	fail("/sbin/init");
}

static void make_root(const char *modules)
{
	char path[1024];

	mount_at("root", "/lower", "9p", MS_RDONLY,
		"trans=virtio,version=9p2000.L,msize=512000,cache=loose");
	mount_at("tmpfs", "/rw", "tmpfs", 0, "mode=755");
	if (mkdir("/rw/upper", 0755) < 0 || mkdir("/rw/work", 0755) < 0)
		fail("/rw");
	mount_at("overlay", "/new", "overlay", 0,
		"lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work");
	/* /usr from a disk: what comes through 9p cannot be idmapped. */
	mount_at("/dev/vdb", "/new/usr", "ext4", MS_RDONLY, NULL);
	(void)snprintf(path, sizeof(path), "/lower%s", modules);
	if (mount(path, "/new/usr/lib/modules", NULL, MS_BIND, NULL) < 0)
		fail("bind %s", path);
	enter_root();
}

/* A hierarchy for each controller, which v2 then lacks. */
static void mount_v1(void)
{
	static const char *const controllers[] = {
		"cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"};
	char at[64];

	mount_at("tmpfs", "/sys/fs/cgroup", "tmpfs", 0, "mode=755");
	for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++) {
		(void)snprintf(at, sizeof(at), "/sys/fs/cgroup/%s", controllers[i]);
		mount_at("cgroup", at, "cgroup", 0, controllers[i]);
	}
}

static void mount_cgroups(const char *how)
{
	if (strcmp(how, "v2") == 0) {
		mount_at("cgroup2", "/sys/fs/cgroup", "cgroup2", 0,
			"nsdelegate,memory_recursiveprot");
		return;
	}
	mount_v1();
	if (strcmp(how, "hybrid") == 0)
		mount_at("cgroup2", "/sys/fs/cgroup/unified", "cgroup2", 0, "nsdelegate");
}

static void mount_system(void)
{
	mount_at("proc", "/proc", "proc", 0, NULL);
	mount_at("sysfs", "/sys", "sysfs", 0, NULL);
	mount_at("devtmpfs", "/dev", "devtmpfs", 0, "mode=755");
	mount_at("devpts", "/dev/pts", "devpts", 0, "gid=5,mode=620,ptmxmode=666");
	mount_at("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777");
	mount_at("mqueue", "/dev/mqueue", "mqueue", 0, NULL);
	mount_at("tmpfs", "/run", "tmpfs", 0, "mode=755");
	mount_at("tmpfs", "/tmp", "tmpfs", 0, "mode=1777");
	mount_at("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	mount_at("bpf", "/sys/fs/bpf", "bpf", 0, "mode=700");
	mount_at("/dev/vda", "/disk", "ext4", 0, NULL);
	mount_cgroups(needed("vm.cgroup="));
	(void)symlink("/proc/self/fd", "/dev/fd");
	(void)symlink("/proc/self/fd/0", "/dev/stdin");
	(void)symlink("/proc/self/fd/1", "/dev/stdout");
	(void)symlink("/proc/self/fd/2", "/dev/stderr");
	/* Opened, it loads its module. */
	(void)mkdir("/dev/net", 0755);
	(void)mknod("/dev/net/tun", S_IFCHR | 0666, makedev(10, 200));
}

/* The ports come when the console's driver has found them. */
static int port_open(const char *pattern)
{
	int fd = -1;

	errno = ENOENT;
	for (int i = 0; i < PORT_TRIES && fd < 0; i++) {
		glob_t found = {0};

		if (glob(pattern, 0, NULL, &found) == 0)
			fd = open(found.gl_pathv[0], O_WRONLY | O_CLOEXEC);
		globfree(&found);
		if (fd < 0)
			(void)usleep(10 * 1000);
	}
	if (fd < 0)
		fail("%s", pattern);
	return fd;
}

static pid_t start(const char *script)
{
	static char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
		"LC_ALL=C.UTF-8", NULL};
	pid_t pid = fork();
	int out, null;

	if (pid != 0)
		return pid;
	out = port_open(OUT_PORT);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)setsid();
	if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		fail("output");
	execle("/bin/bash", "bash", script, (char *)NULL, env);
	fail("%s", script);
}

int main(void)
{
	char *disk, *script, *modules, text[16];
	int status = 0, code, port;
	pid_t pid, ended;

	mount_at("proc", "/proc", "proc", 0, NULL);
	mount_at("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	load_modules();
	disk = argument("vm.disk");
	if (disk)
		boot_disk();
	script = needed("vm.script=");
	modules = needed("vm.modules=");
	make_root(modules);
	mount_system();
	pid = start(script);
	if (pid < 0)
		fail("fork");
	do {
		ended = wait(&status);
	} while (ended != pid && (ended > 0 || errno == EINTR));
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	port = port_open(STATUS_PORT);
	(void)snprintf(text, sizeof(text), "%d\n", code);
	if (write(port, text, strlen(text)) < 0)
		fail("%s", STATUS_PORT);
	close(port);
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}

/* SPDX-License-Identifier: MIT */
/*
 * Who a server takes its caller for. Each case is a process that makes itself into
 * something (another user, root of a user namespace, a member of a zone's cgroup, any mix
 * of them), calls, and compares what the server found out.
 *
 * Everything runs twice: with what this kernel has, and with a system-call filter on the
 * server that takes away what came after 6.1 (SO_PEERPIDFD, ioctls on a pidfd).
 */
#include "door-test.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define CGROUP	 "/sys/fs/cgroup"
#define UNIFIED	 "/sys/fs/cgroup/unified"
#define ZONE_UID 2000000u
#define ZONE_ID	 7
#define USER	 1234u

struct found {
	pid_t pid;
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	int n_groups;
	gid_t groups[4];
	zoneid_t zone;
	bool root, sys_admin, net_admin, zsched, other_zsched;
};

/* Shared between the processes: a slow call, which waits until it may go on, and what it found. */
static struct slow_call {
	atomic_bool entered, may_go_on, looked;
	struct found found;
} * last;

static bool comes_true(atomic_bool *what)
{
	for (int i = 0; i < 5000 && !atomic_load(what); i++)
		(void)usleep(2000);
	return atomic_load(what);
}

static bool with_cgroup, old_kernel;
static char group_root[192];
static pid_t server;

static void look(struct found *f)
{
	const gid_t *groups = NULL;
	ucred_t *uc = NULL;

	memset(f, 0, sizeof(*f));
	if (door_ucred(&uc) < 0) {
		f->pid = -errno;
		return;
	}
	f->pid = ucred_getpid(uc);
	f->ruid = ucred_getruid(uc);
	f->euid = ucred_geteuid(uc);
	f->suid = ucred_getsuid(uc);
	f->rgid = ucred_getrgid(uc);
	f->egid = ucred_getegid(uc);
	f->sgid = ucred_getsgid(uc);
	f->n_groups = ucred_getgroups(uc, &groups);
	if (f->n_groups > 0 && f->n_groups <= 4)
		memcpy(f->groups, groups, (size_t)f->n_groups * sizeof(gid_t));
	f->zone = ucred_getzoneid(uc);
	f->root = ucred_is_zone_root(uc);
	f->sys_admin = ucred_has_cap(uc, CAP_SYS_ADMIN);
	f->net_admin = ucred_has_cap(uc, CAP_NET_ADMIN);
	f->zsched = ucred_is_zsched(uc, "web");
	f->other_zsched = ucred_is_zsched(uc, "we") || ucred_is_zsched(uc, "");
	ucred_free(uc);
}

static void procedure(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	struct found f;

	if (size) {
		atomic_store(&last->entered, true);
		(void)comes_true(&last->may_go_on);
		look(&last->found);
		atomic_store(&last->looked, true);
	}
	look(&f);
	(void)door_return((char *)&f, sizeof(f), NULL, 0);
}

/* Makes the calls of newer kernels fail as they do on 6.1. */
static int pretend_old_kernel(void)
{
#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(k, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip)
#define RETURN(k)	BPF_STMT(BPF_RET | BPF_K, k)
	struct sock_filter code[] = {
		LOAD(nr),
		UNLESS(SYS_getsockopt, 3),
		LOAD(args[2]),
		UNLESS(77, 1),
		RETURN(SECCOMP_RET_ERRNO | ENOPROTOOPT),
		LOAD(nr),
		UNLESS(SYS_ioctl, 5),
		LOAD(args[1]),
		UNLESS(0xff09, 1),
		RETURN(SECCOMP_RET_ERRNO | ENOTTY),
		UNLESS(0xc040ff0b, 1),
		RETURN(SECCOMP_RET_ERRNO | ENOTTY),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

static struct found call(int fd)
{
	struct found f = {.pid = -1};
	door_arg_t arg = {.rbuf = (char *)&f, .rsize = sizeof(f)};

	if (door_call(fd, &arg) < 0 || arg.data_size != sizeof(f) || arg.rbuf != (char *)&f)
		f.pid = -1;
	return f;
}

static struct found call_as_now(void)
{
	int fd = door_open(test_path);
	struct found f = call(fd);

	(void)close(fd);
	return f;
}

/* Runs a case in a process of its own: 0 right, otherwise the line that was not. */
#define MUST(what)                                                                                 \
	do {                                                                                       \
		if (!(what))                                                                       \
			return __LINE__;                                                           \
	} while (0)

static void run_case(int (*fn)(void))
{
	int line[2], result = -1;
	pid_t pid;

	assert_return_code(pipe(line), errno);
	pid = fork();
	if (pid == 0) {
		result = fn();
		(void)write(line[1], &result, sizeof(result));
		_exit(0);
	}
	(void)close(line[1]);
	(void)read(line[0], &result, sizeof(result));
	(void)close(line[0]);
	assert_int_equal(exit_status(pid), 0);
	if (result != 0)
		fail_msg("line %d", result);
}

static int become(uid_t uid)
{
	return setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid) ? -1 : 0;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -1;
	r = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	(void)close(fd);
	return r;
}

/* A new user namespace that maps its root to outside. Written from outside, as zsched does it. */
static int new_userns(uid_t outside, unsigned int count)
{
	char path[64], text[64];
	int made[2], status;
	pid_t pid, self = getpid();
	char byte;

	if (pipe(made) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		bool ok = read(made[0], &byte, 1) == 1;

		(void)snprintf(text, sizeof(text), "0 %u %u", outside, count);
		(void)snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)self);
		ok = ok && write_file(path, text) == 0;
		(void)snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)self);
		_exit(ok && write_file(path, text) == 0 ? 0 : 1);
	}
	if (unshare(CLONE_NEWUSER) < 0 || write(made[1], "", 1) != 1 ||
		waitpid(pid, &status, 0) != pid || status != 0)
		return -1;
	(void)close(made[0]);
	(void)close(made[1]);
	if (setresgid(0, 0, 0) || setresuid(0, 0, 0))
		return -1;
	/* Who changed its ids owns its own /proc files again only when dumpable. */
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int join_group(const char *rel)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s/cgroup.procs", group_root, rel);
	return write_file(path, "0");
}

static ino_t own_userns(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) < 0 ? 0 : st.st_ino;
}

static int mark(ino_t userns)
{
	return door_zone_mark("web", ZONE_ID, 99, ZONE_UID, userns);
}

/* --- the cases --- */

static int case_self(void)
{
	struct found f = call_as_now();
	bool root = geteuid() == 0;

	MUST(f.pid == getpid());
	MUST(f.ruid == getuid() && f.euid == geteuid() && f.suid == geteuid());
	MUST(f.rgid == getgid() && f.egid == getegid() && f.sgid == getegid());
	MUST(f.zone == GLOBAL_ZONEID);
	MUST(f.root == root && f.sys_admin == root);
	MUST(!f.zsched && !f.other_zsched);
	return 0;
}

static int case_user(void)
{
	const gid_t groups[] = {7, 8, 9};
	struct found f;

	MUST(setgroups(3, groups) == 0);
	MUST(setresgid(USER, USER + 1, USER + 2) == 0);
	MUST(setresuid(USER, USER + 1, USER + 2) == 0);
	f = call_as_now();
	MUST(f.pid == getpid());
	MUST(f.ruid == USER && f.euid == USER + 1 && f.suid == USER + 2);
	MUST(f.rgid == USER && f.egid == USER + 1 && f.sgid == USER + 2);
	MUST(f.n_groups == 3 && f.groups[0] == 7 && f.groups[1] == 8 && f.groups[2] == 9);
	MUST(f.zone == GLOBAL_ZONEID);
	MUST(!f.root && !f.sys_admin);
	return 0;
}

/* Root by its effective id alone, as a set-uid program is. */
static int case_effective_root(void)
{
	struct found f;

	MUST(setresuid(USER, 0, USER) == 0);
	f = call_as_now();
	MUST(f.ruid == USER && f.euid == 0 && f.suid == USER);
	MUST(f.root && f.sys_admin);
	MUST(setresuid(0, USER, 0) == 0);
	f = call_as_now();
	MUST(f.ruid == 0 && f.euid == USER && !f.root && !f.sys_admin);
	return 0;
}

static int case_without_capability(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	struct found f;

	MUST(syscall(SYS_capget, &head, data) == 0);
	data[0].effective &= ~(1u << CAP_NET_ADMIN);
	MUST(syscall(SYS_capset, &head, data) == 0);
	f = call_as_now();
	MUST(f.root && f.sys_admin && !f.net_admin);
	return 0;
}

/* `unshare -r` of root and of a user: root in there, nothing here. */
static int case_nested_root(void)
{
	struct found f;

	MUST(new_userns(0, 1) == 0);
	MUST(geteuid() == 0);
	f = call_as_now();
	MUST(f.pid == getpid() && f.euid == 0 && f.zone == GLOBAL_ZONEID);
	MUST(!f.root && !f.sys_admin);
	return 0;
}

static int case_nested_user(void)
{
	struct found f;
	char text[32];

	if (geteuid() == 0)
		MUST(become(USER) == 0);
	(void)snprintf(text, sizeof(text), "0 %u 1", geteuid());
	/* A process that changed its ids cannot write its map; a program started anew can. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	MUST(unshare(CLONE_NEWUSER) == 0);
	MUST(write_file("/proc/self/uid_map", text) == 0);
	MUST(geteuid() == 0);
	f = call_as_now();
	MUST(f.pid == getpid() && f.euid != 0 && !f.root && !f.sys_admin);
	return 0;
}

/* In a pid namespace of its own: known by the number that the server sees. */
static int case_pid_namespace(void)
{
	struct found f;
	int up[2];
	pid_t pid;

	MUST(pipe(up) == 0);
	MUST(unshare(CLONE_NEWPID) == 0);
	pid = fork();
	if (pid == 0) {
		f = call_as_now();
		(void)write(up[1], &f, sizeof(f));
		_exit(0);
	}
	MUST(read(up[0], &f, sizeof(f)) == sizeof(f));
	MUST(waitpid(pid, NULL, 0) == pid);
	MUST(f.pid == pid && f.zone == GLOBAL_ZONEID && f.root && f.sys_admin);
	return 0;
}

/* The server is in an inner pid namespace, without a /proc of it: nobody has rights. */
static int case_inner_server(void)
{
	int ready[2], door, status, up;
	struct found f;
	char path[128], byte;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/inner", test_dir);
	MUST(pipe(ready) == 0);
	MUST(unshare(CLONE_NEWPID) == 0);
	pid = fork();
	if (pid == 0) {
		door = door_create(procedure, NULL, 0);
		if (door < 0 || door_attach(door, path, 0600) < 0)
			_exit(1);
		(void)write(ready[1], "", 1);
		(void)sleep(20);
		_exit(0);
	}
	MUST(read(ready[0], &byte, 1) == 1);
	up = door_open(path);
	(void)unlink(path);
	f = call(up);
	(void)kill(pid, SIGKILL);
	MUST(waitpid(pid, &status, 0) == pid);
	/* ucred_getpid() is an error: we have no number in there. */
	MUST(f.pid == -1 && f.n_groups >= 0 && f.euid == 0 && f.zone == -1);
	MUST(!f.root && !f.sys_admin && !f.zsched);
	return 0;
}

static int case_drops_root(void)
{
	int fd = door_open(test_path);

	MUST(call(fd).root);
	MUST(become(USER) == 0);
	MUST(!call(fd).root);
	MUST(call(fd).euid == USER);
	return 0;
}

/* A descriptor shows who holds it now, not who opened it. */
static int case_passed_on(void)
{
	int fd = door_open(test_path), status;
	pid_t pid = fork();

	if (pid == 0) {
		struct found f;

		if (become(USER) < 0)
			_exit(1);
		f = call(fd);
		_exit(f.pid == getpid() && f.ruid == USER && f.euid == USER && !f.root ? 0 : 2);
	}
	MUST(waitpid(pid, &status, 0) == pid && status == 0);
	MUST(call(fd).pid == getpid() && call(fd).root);
	return 0;
}

/* The caller is gone when the server asks: it may be known, but has no rights. */
static int case_gone(void)
{
	int fd = door_open(test_path), status;
	char slow = 's';
	pid_t pid;

	memset(last, 0, sizeof(*last));
	pid = fork();
	if (pid == 0) {
		(void)door_call_begin(fd, &(door_arg_t){.data_ptr = &slow, .data_size = 1});
		_exit(comes_true(&last->entered) ? 0 : 1);
	}
	MUST(waitpid(pid, &status, 0) == pid && status == 0);
	atomic_store(&last->may_go_on, true);
	MUST(comes_true(&last->looked));
	MUST(last->found.pid == pid && !last->found.root && !last->found.sys_admin);
	return 0;
}

/* The caller drops root while the server works for it. */
static int case_changes_in_call(void)
{
	int fd = door_open(test_path), c;
	struct found f;
	door_arg_t arg = {.rbuf = (char *)&f, .rsize = sizeof(f)};
	char slow = 's';

	memset(last, 0, sizeof(*last));
	c = door_call_begin(fd, &(door_arg_t){.data_ptr = &slow, .data_size = 1});
	MUST(comes_true(&last->entered));
	MUST(become(USER) == 0);
	atomic_store(&last->may_go_on, true);
	MUST(door_call_finish(c, &arg) == 0);
	MUST(f.pid == getpid() && f.euid == 0 && !f.root && !f.sys_admin);
	return 0;
}

static int case_moved_into_zone(void)
{
	struct found f;

	MUST(mark(12345) == 0);
	MUST(join_group("zones/web/zone") == 0);
	f = call_as_now();
	MUST(f.pid == getpid() && f.euid == 0 && f.zone == ZONE_ID);
	MUST(!f.root && !f.sys_admin && !f.zsched);
	/* Not with the zone's uid 0 either, in the host's user namespace. */
	MUST(become(ZONE_UID) == 0);
	f = call_as_now();
	MUST(f.euid == ZONE_UID && f.zone == ZONE_ID && !f.root);
	return 0;
}

static int case_zone_without_mark(void)
{
	struct found f;

	MUST(join_group("zones/bare/zone") == 0);
	f = call_as_now();
	MUST(f.pid == getpid() && f.zone == -1 && !f.root && !f.sys_admin);
	return 0;
}

static int case_zone_root(void)
{
	struct found f;

	MUST(join_group("zones/web/zone/sub") == 0);
	MUST(new_userns(ZONE_UID, 65536) == 0);
	f = call_as_now();
	MUST(f.zone == ZONE_ID && f.euid == ZONE_UID && !f.root); /* not this one's namespace */
	return 0;
}

/*
 * A process with the user namespace of the marked zone, in a group or (NULL) in none. The
 * mark is written by its parent, which then lets it go on.
 */
static int in_marked_zone(const char *group, int (*inside)(void))
{
	int up[2], down[2], line = -1;
	ino_t userns = 0;
	pid_t pid;
	char byte;

	MUST(pipe(up) == 0 && pipe(down) == 0);
	pid = fork();
	if (pid == 0) {
		/* Nobody lets it go on when the parent has failed: then it reads the end. */
		(void)close(down[1]);
		if ((group && join_group(group) < 0) || new_userns(ZONE_UID, 65536) < 0)
			_exit(1);
		userns = own_userns();
		(void)write(up[1], &userns, sizeof(userns));
		if (read(down[0], &byte, 1) != 1)
			_exit(1);
		line = inside();
		(void)write(up[1], &line, sizeof(line));
		_exit(0);
	}
	(void)close(up[1]);
	MUST(read(up[0], &userns, sizeof(userns)) == sizeof(userns));
	MUST(mark(userns) == 0);
	(void)write(down[1], "", 1);
	MUST(read(up[0], &line, sizeof(line)) == sizeof(line));
	(void)waitpid(pid, NULL, 0);
	return line;
}

static int inside_root(void)
{
	struct found f = call_as_now();

	MUST(f.pid > 0 && f.zone == ZONE_ID && f.euid == ZONE_UID && f.ruid == ZONE_UID);
	MUST(f.root && f.sys_admin && f.net_admin && !f.zsched);
	/* A user of the zone. */
	MUST(become(5) == 0);
	f = call_as_now();
	MUST(f.zone == ZONE_ID && f.euid == ZONE_UID + 5 && !f.root && !f.net_admin);
	return 0;
}

static int inside_nested(void)
{
	struct found f;

	/* Identical ids as seen from the host, another user namespace. */
	MUST(new_userns(0, 65536) == 0);
	f = call_as_now();
	MUST(f.zone == ZONE_ID && f.euid == ZONE_UID && !f.root && !f.sys_admin);
	return 0;
}

/* The zone's uid 0 and user namespace, and zones/web, but not its leaf. */
static int inside_beside(void)
{
	struct found f = call_as_now();

	MUST(f.zone == ZONE_ID && f.euid == ZONE_UID && !f.root && !f.sys_admin && !f.zsched);
	return 0;
}

/* The same in no zone's cgroup, as nsenter from outside would be. */
static int inside_no_group(void)
{
	struct found f = call_as_now();

	MUST(f.zone == GLOBAL_ZONEID && f.euid == ZONE_UID && !f.root && !f.sys_admin);
	return 0;
}

static int case_marked_root(void)
{
	return in_marked_zone("zones/web/zone", inside_root);
}

static int case_marked_root_deep(void)
{
	return in_marked_zone("zones/web/zone/sub", inside_root);
}

static int case_marked_nested(void)
{
	return in_marked_zone("zones/web/zone", inside_nested);
}

static int case_marked_beside(void)
{
	return in_marked_zone("zones/web/other", inside_beside);
}

static int case_marked_no_group(void)
{
	return in_marked_zone(NULL, inside_no_group);
}

static int case_zsched(void)
{
	struct found f;

	MUST(mark(12345) == 0);
	MUST(join_group("zones/web/zsched") == 0);
	f = call_as_now();
	MUST(f.zone == GLOBAL_ZONEID && f.root && f.zsched && !f.other_zsched);
	MUST(become(USER) == 0);
	f = call_as_now();
	MUST(f.zone == GLOBAL_ZONEID && !f.root && !f.zsched);
	return 0;
}

static int case_zsched_userns(void)
{
	struct found f;

	MUST(join_group("zones/web/zsched") == 0);
	MUST(new_userns(0, 65536) == 0);
	f = call_as_now();
	MUST(f.euid == 0 && !f.root && !f.zsched);
	return 0;
}

/* --- fixtures --- */

static void need_root(void)
{
	if (geteuid() != 0)
		skip();
}

static void need_cgroup(void)
{
	if (!with_cgroup)
		skip();
}

#define CASE(name, need)                                                                           \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		need;                                                                              \
		run_case(case_##name);                                                             \
	}

CASE(self, (void)state)
CASE(user, need_root())
CASE(effective_root, need_root())
CASE(without_capability, need_root())
CASE(nested_root, need_root())
CASE(nested_user, (void)state)
CASE(pid_namespace, need_root())
CASE(inner_server, need_root())
CASE(drops_root, need_root())
CASE(passed_on, need_root())
CASE(gone, (void)state)
CASE(changes_in_call, need_root())
CASE(moved_into_zone, need_cgroup())
CASE(zone_without_mark, need_cgroup())
CASE(zone_root, need_cgroup())
CASE(marked_root, need_cgroup())
CASE(marked_root_deep, need_cgroup())
CASE(marked_nested, need_cgroup())
CASE(marked_beside, need_cgroup())
CASE(marked_no_group, need_cgroup())
CASE(zsched, need_cgroup())
CASE(zsched_userns, need_cgroup())

static void test_mark(void **state)
{
	static const char *const wrong[] = {"", "7", "7 99 5", "7 99 5 ", "7 99 5 6 ", "7 99 5 6x",
		"-7 99 5 6", "0 99 5 6", "7 0 5 6", "7  99 5 6", "7 99 4294967295 6",
		"99999999999999999999 1 1 1"};
	struct door_zone zone;
	char path[256], text[64];
	size_t i;

	need_cgroup();
	assert_return_code(door_zone_mark("web", ZONE_ID, UINT64_MAX, ZONE_UID, 4026531837), errno);
	assert_return_code(door_zone_read("web", &zone), errno);
	assert_int_equal(zone.id, ZONE_ID);
	assert_true(zone.uniqid == UINT64_MAX);
	assert_int_equal(zone.uid_base, ZONE_UID);
	assert_int_equal(zone.userns_inode, 4026531837);
	assert_int_equal(door_zone_mark("nozone", ZONE_ID, 1, 0, 0), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(door_zone_read("nozone", &zone), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(door_zone_read("bare", &zone), -1);
	assert_int_equal(errno, ENODATA);
	assert_int_equal(door_zone_mark("web/zone", ZONE_ID, 1, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_zone_mark("..", ZONE_ID, 1, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_zone_mark("", ZONE_ID, 1, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(door_zone_mark("web", GLOBAL_ZONEID, 1, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	(void)snprintf(path, sizeof(path), "%s/zones/web", group_root);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s", wrong[i]);
		assert_return_code(setxattr(path, DOOR_ZONE_XATTR, text, strlen(text), 0), errno);
		assert_int_equal(door_zone_read("web", &zone), -1);
		assert_int_equal(errno, ENODATA);
	}
}

static const char *const groups[] = {"", "/zones", "/zones/web", "/zones/web/zone",
	"/zones/web/zone/sub", "/zones/web/other", "/zones/web/zsched", "/zones/bare",
	"/zones/bare/zone"};

static void remove_groups(void)
{
	char path[256];
	size_t i, tries;

	for (i = sizeof(groups) / sizeof(groups[0]); i-- > 0;) {
		(void)snprintf(path, sizeof(path), "%s%s", group_root, groups[i]);
		for (tries = 0; rmdir(path) < 0 && errno == EBUSY && tries < 100; tries++)
			(void)usleep(10000);
	}
}

/* Groups of our own, where this host lets us make them. */
static bool make_groups(void)
{
	struct stat st;
	char path[256], name[64];
	size_t i;

	if (geteuid() != 0)
		return false;
	(void)snprintf(name, sizeof(name), "test-door-ucred-%d", (int)getpid());
	(void)setenv("ZONES_CGROUP", name, 1);
	(void)snprintf(group_root, sizeof(group_root), "%s/%s",
		stat(CGROUP "/cgroup.procs", &st) == 0 ? CGROUP : UNIFIED, name);
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", group_root, groups[i]);
		if (mkdir(path, 0755) < 0) {
			remove_groups();
			return false;
		}
	}
	return true;
}

static void serve_or_exit(int ready)
{
	int fd;

	if (old_kernel && pretend_old_kernel() < 0)
		_exit(1);
	fd = door_create(procedure, NULL, DOOR_NO_CANCEL);
	if (fd < 0 || door_attach(fd, test_path, 0666) < 0)
		_exit(1);
	(void)write(ready, "", 1);
	(void)alarm(60);
	for (;;)
		(void)pause();
}

static int set_up(void **state)
{
	int ready[2];
	char byte;

	if (make_test_dir(state) < 0 || pipe(ready) < 0)
		return -1;
	server = fork();
	if (server == 0)
		serve_or_exit(ready[1]);
	(void)close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return -1;
	(void)close(ready[0]);
	return 0;
}

static int tear_down(void **state)
{
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	return remove_test_dir(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_self),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_effective_root),
		cmocka_unit_test(test_without_capability),
		cmocka_unit_test(test_nested_root),
		cmocka_unit_test(test_nested_user),
		cmocka_unit_test(test_pid_namespace),
		cmocka_unit_test(test_inner_server),
		cmocka_unit_test(test_drops_root),
		cmocka_unit_test(test_passed_on),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_changes_in_call),
		cmocka_unit_test(test_moved_into_zone),
		cmocka_unit_test(test_zone_without_mark),
		cmocka_unit_test(test_zone_root),
		cmocka_unit_test(test_marked_root),
		cmocka_unit_test(test_marked_root_deep),
		cmocka_unit_test(test_marked_nested),
		cmocka_unit_test(test_marked_beside),
		cmocka_unit_test(test_marked_no_group),
		cmocka_unit_test(test_zsched),
		cmocka_unit_test(test_zsched_userns),
		cmocka_unit_test(test_mark),
	};
	int failed;

	(void)alarm(60);
	/* cppcheck-suppress invalidFunctionArg; it does not know MAP_ANONYMOUS */
	last = mmap(NULL, sizeof(*last), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (last == MAP_FAILED)
		return 1;
	with_cgroup = make_groups();
	failed = cmocka_run_group_tests_name("this kernel", tests, set_up, tear_down);
	old_kernel = true;
	failed += cmocka_run_group_tests_name("Linux 6.1", tests, set_up, tear_down);
	if (with_cgroup)
		remove_groups();
	return failed;
}

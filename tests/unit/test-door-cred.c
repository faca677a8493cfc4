/* SPDX-License-Identifier: MIT */
/*
 * ucred_get(3C), the sets of ucred_getprivset(3C), ucred_getprojid(3C) and door_cred(3C):
 * what they tell, and each errno.
 */
#include "door-test.h"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static void check_own(ucred_t *uc)
{
	gid_t mine[128];
	const gid_t *groups = NULL;
	int n = getgroups(128, mine);

	assert_int_equal(ucred_getpid(uc), getpid());
	assert_int_equal(ucred_getruid(uc), getuid());
	assert_int_equal(ucred_geteuid(uc), geteuid());
	assert_int_equal(ucred_getsuid(uc), geteuid());
	assert_int_equal(ucred_getrgid(uc), getgid());
	assert_int_equal(ucred_getegid(uc), getegid());
	assert_int_equal(ucred_getsgid(uc), getegid());
	assert_int_equal(ucred_getgroups(uc, &groups), n);
	if (n > 0)
		assert_memory_equal(groups, mine, (size_t)n * sizeof(gid_t));
	assert_int_equal(ucred_getzoneid(uc), GLOBAL_ZONEID);
	assert_int_equal(!!ucred_is_zone_root(uc), geteuid() == 0);
	assert_true(ucred_size() > 0);
	errno = 0;
	assert_int_equal(ucred_getprojid(uc), -1);
	assert_int_equal(errno, EINVAL);
	ucred_free(uc);
}

static void test_own(void **state)
{
	ucred_t *uc = ucred_get(P_MYID);

	assert_non_null(uc);
	check_own(uc);
	uc = ucred_get(getpid());
	assert_non_null(uc);
	check_own(uc);
	ucred_free(NULL);
}

static void test_no_process(void **state)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(exit_status(pid), 0);
	errno = 0;
	assert_null(ucred_get(pid));
	assert_int_equal(errno, ESRCH);
	errno = 0;
	assert_null(ucred_get(0));
	assert_int_equal(errno, ESRCH);
	errno = 0;
	assert_null(ucred_get(-2));
	assert_int_equal(errno, ESRCH);
}

/* A child that makes itself into something and waits; returns its pid. */
static pid_t start_child(int (*become)(void), int *ret_stop)
{
	int ready[2], stop[2];
	char byte = 1;
	pid_t pid;

	assert_return_code(pipe(ready), errno);
	assert_return_code(pipe(stop), errno);
	pid = fork();
	if (pid == 0) {
		(void)close(stop[1]);
		byte = (char)(become() < 0);
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		(void)write(ready[1], &byte, 1);
		(void)read(stop[0], &byte, 1);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 0);
	(void)close(ready[0]);
	(void)close(ready[1]);
	(void)close(stop[0]);
	*ret_stop = stop[1];
	return pid;
}

static void end_child(pid_t pid, int stop)
{
	(void)close(stop);
	assert_int_equal(exit_status(pid), 0);
}

static int become_user(void)
{
	const gid_t groups[] = {7, 8, 9};

	return setgroups(3, groups) || setresgid(1001, 1002, 1003) || setresuid(2001, 2002, 2003)
		       ? -1
		       : 0;
}

static void test_other_process(void **state)
{
	const gid_t *groups = NULL;
	ucred_t *uc;
	pid_t pid;
	int stop;

	if (geteuid() != 0)
		skip();
	pid = start_child(become_user, &stop);
	uc = ucred_get(pid);
	assert_non_null(uc);
	assert_int_equal(ucred_getruid(uc), 2001);
	assert_int_equal(ucred_geteuid(uc), 2002);
	assert_int_equal(ucred_getsuid(uc), 2003);
	assert_int_equal(ucred_getrgid(uc), 1001);
	assert_int_equal(ucred_getegid(uc), 1002);
	assert_int_equal(ucred_getsgid(uc), 1003);
	assert_int_equal(ucred_getgroups(uc, &groups), 3);
	assert_int_equal(groups[2], 9);
	assert_false(ucred_is_zone_root(uc));
	end_child(pid, stop);
	/* A snapshot stays. */
	assert_int_equal(ucred_getpid(uc), pid);
	ucred_free(uc);
}

/* Effective without one capability, permitted with it, nothing inheritable, bounded. */
static int shape_caps(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT, 0, 0, 0) < 0 ||
		syscall(SYS_capget, &head, data) < 0)
		return -1;
	data[0].effective &= ~(1u << CAP_NET_ADMIN);
	data[0].permitted |= 1u << CAP_NET_ADMIN;
	data[0].inheritable = 1u << CAP_NET_RAW;
	data[1].inheritable = 0;
	return (int)syscall(SYS_capset, &head, data);
}

static uint64_t caps_of(const ucred_t *uc, priv_ptype_t set)
{
	const priv_set_t *p = ucred_getprivset(uc, set);

	assert_non_null(p);
	return p->ps_caps;
}

static void test_privsets(void **state)
{
	ucred_t *uc;
	pid_t pid;
	int stop;

	if (geteuid() != 0)
		skip();
	pid = start_child(shape_caps, &stop);
	uc = ucred_get(pid);
	assert_non_null(uc);
	assert_true(caps_of(uc, PRIV_EFFECTIVE) >> CAP_SYS_ADMIN & 1);
	assert_false(caps_of(uc, PRIV_EFFECTIVE) >> CAP_NET_ADMIN & 1);
	assert_true(caps_of(uc, PRIV_PERMITTED) >> CAP_NET_ADMIN & 1);
	assert_int_equal(caps_of(uc, PRIV_INHERITABLE), UINT64_C(1) << CAP_NET_RAW);
	assert_false(caps_of(uc, PRIV_LIMIT) >> CAP_SYS_BOOT & 1);
	assert_true(caps_of(uc, PRIV_LIMIT) >> CAP_NET_ADMIN & 1);
	assert_true(ucred_has_cap(uc, CAP_SYS_ADMIN));
	assert_false(ucred_has_cap(uc, CAP_NET_ADMIN));
	errno = 0;
	assert_null(ucred_getprivset(uc, "effective"));
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_null(ucred_getprivset(uc, NULL));
	assert_int_equal(errno, EINVAL);
	ucred_free(uc);
	end_child(pid, stop);
}

static int become_nested_root(void)
{
	return unshare(CLONE_NEWUSER);
}

/* All capabilities of a user namespace of its own are none here. */
static void test_nested_privsets(void **state)
{
	ucred_t *uc;
	pid_t pid;
	int stop;

#if defined(__SANITIZE_THREAD__)
	skip(); /* its own thread keeps a process from making a user namespace */
#endif
	if (geteuid() != 0)
		skip();
	pid = start_child(become_nested_root, &stop);
	uc = ucred_get(pid);
	assert_non_null(uc);
	errno = 0;
	assert_null(ucred_getprivset(uc, PRIV_EFFECTIVE));
	assert_int_equal(errno, EINVAL);
	assert_false(ucred_is_zone_root(uc));
	ucred_free(uc);
	end_child(pid, stop);
}

struct told {
	int cred, error;
	door_cred_t c;
	int ucred_fault, cred_fault;
};

static void tell(void *cookie, char *argp, size_t size, door_desc_t *dp, uint_t n)
{
	struct told t = {.cred = 0};

	t.cred_fault = door_cred(NULL) == -1 ? errno : 0;
	t.ucred_fault = door_ucred(NULL) == -1 ? errno : 0;
	t.cred = door_cred(&t.c);
	(void)door_return((char *)&t, sizeof(t), NULL, 0);
}

/* Calls as somebody else: status 0 when the server found that out. */
static int call_as_user(void)
{
	struct told t;
	door_arg_t arg = {.rbuf = (char *)&t, .rsize = sizeof(t)};
	int fd = door_open(test_path);

	if (setresgid(1001, 1002, 1003) || setresuid(2001, 2002, 2003))
		return 1;
	if (door_call(fd, &arg) < 0 || t.cred != 0)
		return 2;
	return t.c.dc_pid == getpid() && t.c.dc_ruid == 2001 && t.c.dc_euid == 2002 &&
			       t.c.dc_rgid == 1001 && t.c.dc_egid == 1002
		       ? 0
		       : 3;
}

static void test_door_cred(void **state)
{
	struct told t;
	door_arg_t arg = {.rbuf = (char *)&t, .rsize = sizeof(t)};
	pid_t server = start_server(tell, 0, 0600), pid;
	int fd = door_open(test_path);
	door_cred_t c;

	assert_return_code(door_call(fd, &arg), errno);
	assert_int_equal(t.cred, 0);
	assert_int_equal(t.c.dc_pid, getpid());
	assert_int_equal(t.c.dc_euid, geteuid());
	assert_int_equal(t.c.dc_rgid, getgid());
	assert_int_equal(t.cred_fault, EFAULT);
	assert_int_equal(t.ucred_fault, EFAULT);
	errno = 0;
	assert_int_equal(door_cred(&c), -1);
	assert_int_equal(errno, EINVAL);
	if (geteuid() == 0) {
		pid = fork();
		if (pid == 0)
			_exit(call_as_user());
		assert_int_equal(exit_status(pid), 0);
	}
	(void)close(fd);
	stop_process(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_no_process),
		cmocka_unit_test(test_other_process),
		cmocka_unit_test(test_privsets),
		cmocka_unit_test(test_nested_privsets),
		cmocka_unit_test(test_door_cred),
	};

	(void)alarm(30);
	return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}

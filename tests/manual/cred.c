/* SPDX-License-Identifier: MIT */
/* door_cred(), door_ucred(), ucred_get(): who calls, now. Run as root. */
#include "check.h"

#include <grp.h>

struct who {
	pid_t pid, cred_pid;
	uid_t euid, ruid, suid, cred_euid;
	gid_t egid, rgid, sgid, cred_egid;
	zoneid_t zone;
	int groups;
};

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	static __thread ucred_t *uc; /* used again by the next call */
	const gid_t *groups;
	door_cred_t cred;
	struct who who;

	CHECK(door_ucred(&uc) == 0 && uc != NULL);
	CHECK(door_cred(&cred) == 0);
	FAILS(door_cred(NULL), EFAULT);
	FAILS(door_ucred(NULL), EFAULT);
	who = (struct who){ucred_getpid(uc), cred.dc_pid, ucred_geteuid(uc), ucred_getruid(uc),
		ucred_getsuid(uc), cred.dc_euid, ucred_getegid(uc), ucred_getrgid(uc),
		ucred_getsgid(uc), cred.dc_egid, ucred_getzoneid(uc), ucred_getgroups(uc, &groups)};
	door_return((char *)&who, sizeof(who), NULL, 0);
}

static void setup(const char *path)
{
	publish(door_create(server, NULL, 0), path);
	CHECK(chmod(path, 0666) == 0);
}

static void check_seen(int fd, uid_t uid, gid_t gid)
{
	struct who who;
	door_arg_t arg = {NULL, 0, NULL, 0, (char *)&who, sizeof(who)};

	CHECK(door_call(fd, &arg) == 0);
	CHECK(who.pid == getpid() && who.cred_pid == getpid());
	CHECK(who.euid == uid && who.ruid == uid && who.cred_euid == uid);
	CHECK(who.egid == gid && who.rgid == gid && who.cred_egid == gid);
	CHECK(who.suid == uid && who.sgid == gid);
	CHECK(who.zone == GLOBAL_ZONEID);
	CHECK(who.groups >= 0);
}

int main(int argc, char **argv)
{
	pid_t pid = start_server(setup, argv[1]), child;
	int fd = open_door(argv[1]);
	const gid_t *groups;
	door_cred_t cred;
	ucred_t *uc = NULL;

	check_seen(fd, 0, 0);
	child = fork();
	if (child == 0) {
		check_seen(fd, 0, 0);
		CHECK(setgroups(0, NULL) == 0 && setgid(1234) == 0 && setuid(4321) == 0);
		/* The same descriptor, another caller. */
		check_seen(fd, 4321, 1234);
		_exit(0);
	}
	join_child(child);
	check_seen(fd, 0, 0);
	/* No call, no caller. */
	FAILS(door_cred(&cred), EINVAL);
	FAILS(door_ucred(&uc), EINVAL);
	CHECK(uc == NULL);
	uc = ucred_get(P_MYID);
	CHECK(uc != NULL && ucred_getpid(uc) == getpid() && ucred_geteuid(uc) == 0);
	CHECK(ucred_getgroups(uc, &groups) >= 0 && ucred_size() > 0);
	CHECK(ucred_getprivset(uc, PRIV_EFFECTIVE) != NULL);
	ucred_free(uc);
	uc = ucred_get(pid);
	CHECK(uc != NULL && ucred_getpid(uc) == pid);
	ucred_free(uc);
	stop_server(pid);
	errno = 0;
	CHECK(ucred_get(pid) == NULL && errno == ESRCH);
	return done();
}

/* SPDX-License-Identifier: MIT */
/*
 * Rights of dlmgmtd. Capabilities belong to threads: what is dropped before the
 * first thread starts is dropped for all, and what one thread raises for a moment
 * no other has.
 */
#include "dlmgmtd/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>

static const cap_value_t kept_effective[] = {CAP_NET_ADMIN, CAP_SYS_PTRACE};
static const cap_value_t kept_permitted[] = {CAP_NET_ADMIN, CAP_SYS_PTRACE, CAP_DAC_OVERRIDE};
static const cap_value_t raised[] = {CAP_DAC_OVERRIDE};

void privileges_identity(uid_t *ret_uid, gid_t *ret_gid)
{
	struct passwd pw, *found = NULL;
	char buf[4096];

	*ret_uid = geteuid();
	*ret_gid = getegid();
	if (*ret_uid != 0 || getpwnam_r(DLADM_USER, &pw, buf, sizeof(buf), &found) != 0 || !found)
		return;
	*ret_uid = pw.pw_uid;
	*ret_gid = pw.pw_gid;
}

static int user_change(void)
{
	uid_t uid;
	gid_t gid;

	privileges_identity(&uid, &gid);
	if (uid == geteuid())
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
		setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	return 0;
}

/* Those of the list that this process has: in a container it may be fewer. */
static int cap_set_add(cap_t set, cap_t have, cap_flag_t flag, const cap_value_t *list, int count)
{
	cap_flag_value_t has;
	int i;

	for (i = 0; i < count; i++) {
		if (cap_get_flag(have, list[i], CAP_PERMITTED, &has) < 0)
			return -errno;
		if (has == CAP_SET && cap_set_flag(set, flag, 1, &list[i], CAP_SET) < 0)
			return -errno;
	}
	return 0;
}

int privileges_drop(void)
{
	cap_t have, set;
	int r;

	r = user_change();
	if (r < 0)
		return r;
	have = cap_get_proc();
	set = cap_init();
	if (!have || !set)
		r = -ENOMEM;
	if (r == 0)
		r = cap_set_add(
			set, have, CAP_PERMITTED, kept_permitted, ARRAY_SIZE(kept_permitted));
	if (r == 0)
		r = cap_set_add(
			set, have, CAP_EFFECTIVE, kept_effective, ARRAY_SIZE(kept_effective));
	if (r == 0 && cap_set_proc(set) < 0)
		r = -errno;
	(void)cap_free(have);
	(void)cap_free(set);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	return r;
}

static int raised_set(cap_flag_value_t value)
{
	cap_flag_value_t has = CAP_CLEAR;
	cap_t set = cap_get_proc();
	int r = 0;

	if (!set)
		return -errno;
	(void)cap_get_flag(set, raised[0], CAP_PERMITTED, &has);
	if (has == CAP_SET &&
		(cap_set_flag(set, CAP_EFFECTIVE, 1, raised, value) < 0 || cap_set_proc(set) < 0))
		r = -errno;
	(void)cap_free(set);
	return r;
}

int privileges_raise(void)
{
	return raised_set(CAP_SET);
}

void privileges_lower(void)
{
	(void)raised_set(CAP_CLEAR);
}

/* SPDX-License-Identifier: MIT */
/*
 * User credentials of a process, with the names of illumos ucred_get(3C).
 * An ucred_t is a snapshot: it does not change when the process does. Of a caller (door_ucred(3C))
 * groups and rights may be looked at when they are first asked for; a caller whose ids have changed
 * by then, or that is gone, has none.
 */
#ifndef ZONES_UCRED_H
#define ZONES_UCRED_H

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ucred_s ucred_t;
typedef int zoneid_t;

#ifndef GLOBAL_ZONEID
#define GLOBAL_ZONEID 0
#endif

/* Linux: there are no projects; ucred_getprojid() always fails. */
typedef int projid_t;

/* This process, for ucred_get(). */
#ifndef P_MYID
#define P_MYID ((pid_t)-1)
#endif

/*
 * Linux: a set of privileges is a set of capabilities, bit n for capability n of
 * <linux/capability.h>. The limit set is the bounding set.
 */
typedef struct priv_set {
	uint64_t ps_caps;
} priv_set_t;
typedef const char *priv_ptype_t;

#define PRIV_EFFECTIVE	 "Effective"
#define PRIV_PERMITTED	 "Permitted"
#define PRIV_INHERITABLE "Inheritable"
#define PRIV_LIMIT	 "Limit"

/*
 * Credentials of a process, now; P_MYID for the calling one. The caller frees them with
 * ucred_free(). Returns NULL and sets errno: ESRCH no such process, EACCES it cannot be examined,
 * EAGAIN no memory, EMFILE, ENFILE. Does not block.
 */
ucred_t *ucred_get(pid_t pid);
void ucred_free(ucred_t *uc);
/* Bytes of an ucred_t, without its groups. */
size_t ucred_size(void);

/* Each returns -1 and sets errno EINVAL when the snapshot does not hold the value. */
pid_t ucred_getpid(const ucred_t *uc);
uid_t ucred_geteuid(const ucred_t *uc);
uid_t ucred_getruid(const ucred_t *uc);
uid_t ucred_getsuid(const ucred_t *uc);
gid_t ucred_getegid(const ucred_t *uc);
gid_t ucred_getrgid(const ucred_t *uc);
gid_t ucred_getsgid(const ucred_t *uc);
int ucred_getgroups(const ucred_t *uc, const gid_t **groups);

/*
 * The zone whose cgroup the process is in, GLOBAL_ZONEID when it is in none.
 * ucred ids are those of the server's user namespace.
 */
zoneid_t ucred_getzoneid(const ucred_t *uc);

/* Linux: -1 and EINVAL. */
projid_t ucred_getprojid(const ucred_t *uc);

/*
 * A set of capabilities, part of the snapshot: PRIV_EFFECTIVE, PRIV_PERMITTED,
 * PRIV_INHERITABLE or PRIV_LIMIT. NULL and EINVAL for another name, and when the ids, the user
 * namespace and the zone of the process do not belong together: its capabilities
 * would then be rights over something else.
 *
 * Linux: to be shown, not to decide upon. They were read after the call, and a set-uid program
 * that the caller has executed since has more. Decide with ucred_has_cap().
 */
const priv_set_t *ucred_getprivset(const ucred_t *uc, priv_ptype_t set);

/*
 * Linux: illumos asks ucred_getprivset(); here rights are decided in one place.
 *
 * True when the process is root of the zone that ucred_getzoneid() names: for
 * the global zone uid 0 in the server's own user namespace and in no zone's
 * cgroup; for another zone its mapped uid 0 in exactly its user namespace. A
 * process whose cgroup and user namespace disagree is root of nothing.
 */
int ucred_is_zone_root(const ucred_t *uc);

/* Linux: true when ucred_is_zone_root() and the capability (CAP_NET_ADMIN, ...) is effective. */
int ucred_has_cap(const ucred_t *uc, int cap);

/*
 * Linux: the kernel caller of the seeds. True when the process is global root and
 * sits in <cgroup>/zones/<zonename>/zsched: nothing but zsched of that zone does.
 */
int ucred_is_zsched(const ucred_t *uc, const char *zonename);

#ifdef __cplusplus
}
#endif
#endif

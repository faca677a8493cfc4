/* SPDX-License-Identifier: MIT */
/*
 * What each user holds of this server, counted, so that none can use up what others need.
 * An account lasts while anything is counted for it.
 *
 * Lock: doors_lock, for all but what a call counts for, which threads at channels change.
 */
#include "door/server.h"

#include <sys/resource.h>

struct account {
	LIST_ENTRY(account) link;
	uid_t key;
	unsigned int refs;
	unsigned int handles, channels;
	atomic_uint calls;
	atomic_size_t bulk; /* bytes */
};

static LIST_HEAD(, account) accounts = LIST_HEAD_INITIALIZER(accounts);
static unsigned int all_handles;  /* of limited users; a channel counts as two */
static unsigned int all_channels; /* of all users */
static atomic_size_t all_bulk;	  /* of limited users */

/*
 * The ids of a zone, 65,536 in a row from a multiple of that, count as one user: with a share
 * for each, one zone could take everything that all of them have together.
 */
static uid_t key_of(uid_t user)
{
	return user < ACCOUNT_UIDS ? user : user - user % ACCOUNT_UIDS;
}

int account_get_locked(uid_t user, struct account **ret)
{
	struct account *a;

	*ret = NULL;
	if (user == 0 || user == geteuid())
		return 0;
	LIST_FOREACH(a, &accounts, link)
	if (a->key == key_of(user))
		break;
	if (!a) {
		a = calloc(1, sizeof(*a));
		if (!a)
			return -ENOMEM;
		a->key = key_of(user);
		LIST_INSERT_HEAD(&accounts, a, link);
	}
	*ret = account_ref_locked(a);
	return 0;
}

struct account *account_ref_locked(struct account *a)
{
	if (a)
		a->refs++;
	return a;
}

void account_put_locked(struct account *a)
{
	if (!a || --a->refs > 0)
		return;
	LIST_REMOVE(a, link);
	free(a);
}

/* A part of the descriptors that this process may have. */
static bool descriptors_left(unsigned int used, unsigned int numerator)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && used < limit.rlim_cur / 4 * numerator;
}

bool account_may_open_locked(const struct account *a)
{
	if (!a)
		return true;
	return a->handles < (a->key < ACCOUNT_UIDS ? HANDLES_PER_USER : HANDLES_PER_ZONE) &&
	       descriptors_left(all_handles, 3);
}

void account_handles_locked(struct account *a, int n)
{
	if (!a)
		return;
	a->handles += (unsigned int)n;
	all_handles += (unsigned int)n;
}

bool account_add_channel_locked(struct account *a)
{
	unsigned int most;

	/* Who gets none uses sockets: the descriptors are for handles first. */
	if (!descriptors_left(2 * all_channels, 1))
		return false;
	if (a) {
		most = a->key < ACCOUNT_UIDS ? CHANNELS_PER_USER : CHANNELS_PER_ZONE;
		if (a->channels >= most || !descriptors_left(all_handles + 1, 3))
			return false;
		a->channels++;
		all_handles += 2;
	}
	all_channels++;
	return true;
}

void account_drop_channel_locked(struct account *a)
{
	all_channels--;
	if (a) {
		a->channels--;
		all_handles -= 2;
	}
}

bool account_begin_call(struct account *a)
{
	if (!a)
		return true;
	if (atomic_fetch_add(&a->calls, 1) < CALLS_PER_USER)
		return true;
	atomic_fetch_sub(&a->calls, 1);
	return false;
}

void account_end_call(struct account *a)
{
	if (a)
		atomic_fetch_sub(&a->calls, 1);
}

/* What the arguments of all limited users may have. */
static size_t bulk_of_all(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (size_t)pages / 4 * (size_t)size : BULK_PER_USER;
}

bool account_begin_bulk(struct account *a, size_t size)
{
	bool fits;

	if (!a)
		return true;
	if (size > BULK_PER_USER)
		return false;
	fits = atomic_fetch_add(&a->bulk, size) + size <= BULK_PER_USER;
	fits = atomic_fetch_add(&all_bulk, size) + size <= bulk_of_all() && fits;
	if (!fits)
		account_end_bulk(a, size);
	return fits;
}

void account_end_bulk(struct account *a, size_t size)
{
	if (!a)
		return;
	atomic_fetch_sub(&a->bulk, size);
	atomic_fetch_sub(&all_bulk, size);
}

void account_forget(void)
{
	struct account *a;

	while ((a = LIST_FIRST(&accounts))) {
		LIST_REMOVE(a, link);
		free(a);
	}
	all_handles = all_channels = 0;
	atomic_store(&all_bulk, 0);
}

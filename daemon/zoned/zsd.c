/* SPDX-License-Identifier: MIT */
/*
 * Zone-specific data; see zsd.h. Each key has a state in each zone, so that a
 * callback runs once although no lock is held while it runs: who moves the state from
 * NEEDED to INPROGRESS is the one to call it.
 *
 * Lock: zsd_key_lock guards the table of keys and the states; the data are under
 * the zone's zone_lock, which is taken before it.
 */
#include "zoned/zone-impl.h"

static pthread_mutex_t zsd_key_lock = PTHREAD_MUTEX_INITIALIZER;
static const struct zsd_callbacks *zsd_keys[ZSD_KEYS_MAX]; /* zsd_key_lock */
static unsigned int zsd_count;				   /* zsd_key_lock; only grows */

int zsd_key_create(const struct zsd_callbacks *callbacks, unsigned int *ret_key)
{
	int r = 0;

	(void)pthread_mutex_lock(&zsd_key_lock);
	if (zsd_count == ZSD_KEYS_MAX) {
		r = -ENOSPC;
	} else {
		zsd_keys[zsd_count] = callbacks;
		*ret_key = zsd_count++;
	}
	(void)pthread_mutex_unlock(&zsd_key_lock);
	return r;
}

static void *data_get(struct zone *z, unsigned int key)
{
	void *data;

	(void)pthread_mutex_lock(&z->lock);
	data = z->zsd[key];
	(void)pthread_mutex_unlock(&z->lock);
	return data;
}

static void data_set(struct zone *z, unsigned int key, void *data)
{
	(void)pthread_mutex_lock(&z->lock);
	z->zsd[key] = data;
	(void)pthread_mutex_unlock(&z->lock);
}

void *zsd_get(struct zone *z, unsigned int key)
{
	return data_get(z, key);
}

void zsd_configure(struct zone *z)
{
	unsigned int i;

	(void)pthread_mutex_lock(&zsd_key_lock);
	for (i = 0; i < zsd_count; i++)
		z->zsd_flags[i] = ZSD_CREATE_NEEDED;
	(void)pthread_mutex_unlock(&zsd_key_lock);
}

/* Moves a key of the zone from one state to another; NULL when it is not in the first. */
static const struct zsd_callbacks *claim(
	struct zone *z, unsigned int key, uint8_t from, uint8_t clear, uint8_t set)
{
	const struct zsd_callbacks *k = NULL;

	(void)pthread_mutex_lock(&zsd_key_lock);
	if (key < zsd_count && (z->zsd_flags[key] & from)) {
		z->zsd_flags[key] = (uint8_t)((z->zsd_flags[key] & ~clear) | set);
		k = zsd_keys[key];
	}
	(void)pthread_mutex_unlock(&zsd_key_lock);
	return k;
}

static void settle(struct zone *z, unsigned int key, uint8_t clear, uint8_t set)
{
	(void)pthread_mutex_lock(&zsd_key_lock);
	z->zsd_flags[key] = (uint8_t)((z->zsd_flags[key] & ~clear) | set);
	(void)pthread_mutex_unlock(&zsd_key_lock);
}

int zsd_create_all(struct zone *z, struct diag *d)
{
	unsigned int i;
	int r = 0;

	for (i = 0; i < ZSD_KEYS_MAX && r == 0; i++) {
		const struct zsd_callbacks *k =
			claim(z, i, ZSD_CREATE_NEEDED, ZSD_CREATE_NEEDED, ZSD_CREATE_INPROGRESS);
		void *data = NULL;

		if (!k)
			continue;
		r = k->create(z, &data, d);
		if (r == 0)
			data_set(z, i, data);
		settle(z, i, ZSD_CREATE_INPROGRESS, r == 0 ? ZSD_CREATE_COMPLETED : 0);
	}
	if (r < 0)
		zsd_destroy_all(z);
	return r;
}

void zsd_shutdown_all(struct zone *z)
{
	unsigned int i;

	for (i = 0; i < ZSD_KEYS_MAX; i++) {
		const struct zsd_callbacks *k =
			claim(z, i, ZSD_CREATE_COMPLETED, 0, ZSD_SHUTDOWN_INPROGRESS);

		if (!k)
			continue;
		if (k->shutdown)
			k->shutdown(z, data_get(z, i));
		settle(z, i, ZSD_SHUTDOWN_INPROGRESS, 0);
	}
}

void zsd_destroy_all(struct zone *z)
{
	unsigned int i;

	/* In reverse: a later subsystem may rest on an earlier one. */
	for (i = ZSD_KEYS_MAX; i-- > 0;) {
		const struct zsd_callbacks *k = claim(
			z, i, ZSD_CREATE_COMPLETED, ZSD_CREATE_COMPLETED, ZSD_DESTROY_INPROGRESS);
		void *data;

		if (!k)
			continue;
		data = data_get(z, i);
		data_set(z, i, NULL); /* nobody finds them from now on */
		k->destroy(z, data);
		settle(z, i, ZSD_DESTROY_INPROGRESS, ZSD_DESTROY_COMPLETED);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Zone-specific data; see zsd.h. Each key has an entry in each zone with a state for each of the
 * three callbacks, so that each runs once although no lock is held while it runs: who moves
 * NEEDED to INPROGRESS is the one to call it, and everybody else waits until he is done.
 *
 * Keys that come and go meet zones that come and go like this. A new key is in the list of
 * keys before zones are looked at, and a new zone is in the table before it looks at the list: whoever
 * comes second makes the entry. Who deletes a key and who destroys a zone both mark what
 * needs to be destroyed; one of them does it. Only who deletes the key takes an entry out of a
 * zone that still lives, when nothing of it is in progress.
 *
 * Lock: zsd_key_lock guards the list of keys; the entries are under the zone's zone_lock, which
 * is taken before it, and zsd_cv goes with that one.
 */
#include "zoned/zone-impl.h"

enum zsd_op { OP_CREATE, OP_SHUTDOWN, OP_DESTROY };

/* The three states of an operation; none of them: nobody has asked for it. */
#define NEEDED(op)     (0x01u << (3 * (op)))
#define INPROGRESS(op) (0x02u << (3 * (op)))
#define COMPLETED(op)  (0x04u << (3 * (op)))
#define ALL(op)	       (NEEDED(op) | INPROGRESS(op) | COMPLETED(op))
#define ANY_INPROGRESS (INPROGRESS(OP_CREATE) | INPROGRESS(OP_SHUTDOWN) | INPROGRESS(OP_DESTROY))

struct zsd_entry {
	struct zsd_entry *next; /* newest key first */
	zone_key_t key;
	const struct zsd_callbacks *callbacks;
	uint32_t flags;
	void *data;
};

struct zsd_key {
	struct zsd_key *next; /* newest first */
	zone_key_t key;
	const struct zsd_callbacks *callbacks;
};

static pthread_mutex_t zsd_key_lock = PTHREAD_MUTEX_INITIALIZER;
static struct zsd_key *zsd_keys; /* zsd_key_lock */
static zone_key_t zsd_last_key;	 /* zsd_key_lock */

/* ---- entries of a zone; zone_lock is held ---- */

static struct zsd_entry *find_locked(const struct zone *z, zone_key_t key)
{
	struct zsd_entry *e;

	for (e = z->zsd; e && e->key != key; e = e->next)
		;
	return e;
}

static int add_locked(struct zone *z, zone_key_t key, const struct zsd_callbacks *callbacks)
{
	struct zsd_entry **at = &z->zsd, *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->key = key;
	e->callbacks = callbacks;
	e->flags = NEEDED(OP_CREATE);
	while (*at && (*at)->key > key)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	return 0;
}

/* The entry when nothing is in progress with it; NULL when it is gone. The lock is let go meanwhile. */
static struct zsd_entry *settled_locked(struct zone *z, zone_key_t key)
{
	struct zsd_entry *e;

	while ((e = find_locked(z, key)) && (e->flags & ANY_INPROGRESS))
		(void)pthread_cond_wait(&z->zsd_cv, &z->lock);
	return e;
}

/*
 * What was never created needs neither of the others, and is not created any more. What is
 * destroyed is not shut down: a shutdown that failed may be tried again after that.
 */
static void mark_locked(struct zone *z, zone_key_t key, enum zsd_op op)
{
	struct zsd_entry *e = settled_locked(z, key);

	if (!e)
		return;
	e->flags &= ~NEEDED(OP_CREATE);
	if ((e->flags & COMPLETED(OP_CREATE)) && !(e->flags & (ALL(op) | ALL(OP_DESTROY))))
		e->flags |= NEEDED(op);
}

/* ---- callbacks ---- */

static int call(struct zone *z, struct zsd_entry *e, enum zsd_op op, void **data, struct diag *d)
{
	const struct zsd_callbacks *c = e->callbacks;

	if (op == OP_CREATE)
		return c->create ? c->create(z, data, d) : 0;
	if (op == OP_SHUTDOWN)
		return c->shutdown ? c->shutdown(z, *data, d) : 0;
	if (c->destroy)
		c->destroy(z, *data);
	return 0;
}

/* Runs a callback if it is needed; waits for who runs it already. */
static int run_locked(struct zone *z, zone_key_t key, enum zsd_op op, struct diag *d)
{
	struct zsd_entry *e = settled_locked(z, key);
	void *data;
	int r;

	if (!e || !(e->flags & NEEDED(op)))
		return 0;
	e->flags = (e->flags & ~NEEDED(op)) | INPROGRESS(op);
	data = e->data;
	if (op == OP_DESTROY)
		e->data = NULL; /* nobody finds them from now on */
	(void)pthread_mutex_unlock(&z->lock);
	r = call(z, e, op, &data, d);
	(void)pthread_mutex_lock(&z->lock);
	if (op == OP_CREATE && r == 0)
		e->data = data;
	e->flags = (e->flags & ~INPROGRESS(op)) | (r == 0 ? COMPLETED(op) : 0);
	(void)pthread_cond_broadcast(&z->zsd_cv);
	return r;
}

/* ---- keys ---- */

static int for_all_zones(
	zone_key_t key, int (*fn)(struct zone *z, zone_key_t key, const void *arg), const void *arg)
{
	struct zone *z = NULL;
	zoneid_t from = GLOBAL_ZONEID;
	int r = 0;

	while (r == 0 && (z = zone_hold_next(from, ZONE_REF_ZSD))) {
		from = z->id + 1;
		(void)pthread_mutex_lock(&z->lock);
		r = fn(z, key, arg);
		(void)pthread_mutex_unlock(&z->lock);
		zone_rele(z, ZONE_REF_ZSD);
	}
	return r;
}

static int create_in(struct zone *z, zone_key_t key, const void *callbacks)
{
	int r = 0;

	if (!z->zsd_open) /* it will look at the list itself, or is going */
		return 0;
	if (!find_locked(z, key))
		r = add_locked(z, key, callbacks);
	return r < 0 ? r : run_locked(z, key, OP_CREATE, NULL);
}

static int delete_in(struct zone *z, zone_key_t key, const void *arg)
{
	struct zsd_entry **at, *e;

	mark_locked(z, key, OP_SHUTDOWN);
	(void)run_locked(z, key, OP_SHUTDOWN, NULL);
	mark_locked(z, key, OP_DESTROY);
	(void)run_locked(z, key, OP_DESTROY, NULL);
	e = settled_locked(z, key);
	for (at = &z->zsd; e && *at != e; at = &(*at)->next)
		;
	if (e) {
		*at = e->next;
		free(e);
	}
	return 0;
}

int zsd_key_create(const struct zsd_callbacks *callbacks, zone_key_t *ret_key)
{
	struct zsd_key *k = calloc(1, sizeof(*k));
	zone_key_t key;
	int r;

	if (!k)
		return -ENOMEM;
	k->callbacks = callbacks;
	(void)pthread_mutex_lock(&zsd_key_lock);
	key = k->key = ++zsd_last_key;
	k->next = zsd_keys;
	zsd_keys = k;
	(void)pthread_mutex_unlock(&zsd_key_lock);
	r = for_all_zones(key, create_in, callbacks);
	if (r < 0)
		(void)zsd_key_delete(key);
	else
		*ret_key = key;
	return r;
}

int zsd_key_delete(zone_key_t key)
{
	struct zsd_key **at, *k;

	(void)pthread_mutex_lock(&zsd_key_lock);
	for (at = &zsd_keys; *at && (*at)->key != key; at = &(*at)->next)
		;
	k = *at;
	if (k)
		*at = k->next;
	(void)pthread_mutex_unlock(&zsd_key_lock);
	if (!k)
		return -EINVAL;
	free(k);
	return for_all_zones(key, delete_in, NULL);
}

/* ---- data ---- */

void *zsd_get(struct zone *z, zone_key_t key)
{
	const struct zsd_entry *e;
	void *data;

	(void)pthread_mutex_lock(&z->lock);
	e = find_locked(z, key);
	data = e ? e->data : NULL;
	(void)pthread_mutex_unlock(&z->lock);
	return data;
}

int zsd_set(struct zone *z, zone_key_t key, void *data)
{
	struct zsd_entry *e;

	(void)pthread_mutex_lock(&z->lock);
	e = find_locked(z, key);
	if (e)
		e->data = data;
	(void)pthread_mutex_unlock(&z->lock);
	return e ? 0 : -EINVAL;
}

/* ---- the life of a zone ---- */

int zsd_configure(struct zone *z)
{
	const struct zsd_key *k;
	int r = 0;

	(void)pthread_mutex_lock(&z->lock);
	(void)pthread_mutex_lock(&zsd_key_lock);
	for (k = zsd_keys; k && r == 0; k = k->next)
		r = add_locked(z, k->key, k->callbacks);
	z->zsd_open = true;
	(void)pthread_mutex_unlock(&zsd_key_lock);
	(void)pthread_mutex_unlock(&z->lock);
	return r;
}

/* The key of the zone that comes next after one, or 0. */
static zone_key_t older_locked(const struct zone *z, zone_key_t key)
{
	const struct zsd_entry *e;

	for (e = z->zsd; e && e->key >= key; e = e->next)
		;
	return e ? e->key : 0;
}

static zone_key_t newer_locked(const struct zone *z, zone_key_t key)
{
	const struct zsd_entry *e;
	zone_key_t found = 0;

	for (e = z->zsd; e && e->key > key; e = e->next)
		found = e->key;
	return found;
}

int zsd_create_all(struct zone *z, struct diag *d)
{
	zone_key_t key = 0;
	int r = 0;

	(void)pthread_mutex_lock(&z->lock);
	while (r == 0 && (key = newer_locked(z, key)))
		r = run_locked(z, key, OP_CREATE, d);
	(void)pthread_mutex_unlock(&z->lock);
	return r;
}

int zsd_shutdown_all(struct zone *z, struct diag *d)
{
	zone_key_t key = UINT32_MAX;
	int r = 0;

	(void)pthread_mutex_lock(&z->lock);
	z->zsd_open = false;
	while (r == 0 && (key = older_locked(z, key))) {
		mark_locked(z, key, OP_SHUTDOWN);
		r = run_locked(z, key, OP_SHUTDOWN, d);
	}
	(void)pthread_mutex_unlock(&z->lock);
	return r;
}

void zsd_destroy_all(struct zone *z)
{
	zone_key_t key = UINT32_MAX;

	(void)pthread_mutex_lock(&z->lock);
	z->zsd_open = false;
	while ((key = older_locked(z, key))) {
		mark_locked(z, key, OP_DESTROY);
		(void)run_locked(z, key, OP_DESTROY, NULL);
	}
	(void)pthread_mutex_unlock(&z->lock);
}

void zsd_free(struct zone *z)
{
	while (z->zsd) {
		struct zsd_entry *e = z->zsd;

		z->zsd = e->next;
		free(e);
	}
}

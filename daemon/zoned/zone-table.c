/* SPDX-License-Identifier: MIT */
/*
 * The table of zones: names, ids, roots and references.
 *
 * Locks: zonehash_lock guards the two tables and the counters; a zone cannot appear
 * or go away while it is held. References are under the zone's zone_lock, taken
 * after it. zone_destroy_cv is signalled, under zonehash_lock, when a zone's last
 * reference goes. Nothing is logged under zonehash_lock: every call needs it, and the log may
 * be slow.
 */
#include "zoned/zone-impl.h"

#include "linux/clock.h"
#include "linux/log.h"

#define NAME_CHAINS 1024

unsigned int zone_refs_log_ms = 60000;

static pthread_mutex_t zonehash_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t zone_destroy_cv;
static struct zone *by_id[MAX_ZONEID + 1]; /* zonehash_lock */
static struct zone *by_name[NAME_CHAINS];  /* zonehash_lock; chains of zone->next */
static unsigned int zone_count;
static zoneid_t last_id;
static uint64_t last_uniqid;

static const char *const ref_names[ZONE_REF_COUNT] = {
	[ZONE_REF_CALL] = "calls",
	[ZONE_REF_DLS] = "dls",
	[ZONE_REF_WATCH] = "watch",
	[ZONE_REF_KSTAT] = "kstat",
	[ZONE_REF_EVENT] = "events",
	[ZONE_REF_ZSD] = "zsd",
};

int zone_new(struct zone **ret)
{
	struct zone *z = calloc(1, sizeof(*z));

	if (!z)
		return -ENOMEM;
	z->zsched = FD_NONE;
	z->init = FD_NONE;
	(void)str_copy(z->attrs.initname, sizeof(z->attrs.initname), ZONE_INITNAME);
	(void)pthread_mutex_init(&z->life_lock, NULL);
	(void)pthread_mutex_init(&z->rctl_lock, NULL);
	(void)pthread_mutex_init(&z->save_lock, NULL);
	(void)pthread_mutex_init(&z->lock, NULL);
	(void)pthread_cond_init(&z->zsd_cv, NULL);
	*ret = z;
	return 0;
}

void zone_free(struct zone *z)
{
	if (!z)
		return;
	while (z->links) {
		struct zone_dl *dl = z->links;

		z->links = dl->next;
		free(dl);
	}
	zsd_free(z);
	zone_record_unmap(z);
	(void)fd_close(z->zsched);
	(void)fd_close(z->init);
	(void)pthread_mutex_destroy(&z->life_lock);
	(void)pthread_mutex_destroy(&z->rctl_lock);
	(void)pthread_mutex_destroy(&z->save_lock);
	(void)pthread_mutex_destroy(&z->lock);
	(void)pthread_cond_destroy(&z->zsd_cv);
	free(z);
}

/* ---- the two tables; zonehash_lock is held ---- */

static struct zone **chain_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (const char *p = name; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	return &by_name[hash % NAME_CHAINS];
}

static void insert_locked(struct zone *z)
{
	struct zone **chain = chain_of(z->name);

	by_id[z->id] = z;
	z->next = *chain;
	*chain = z;
	zone_count++;
}

static void remove_locked(struct zone *z)
{
	struct zone **at;

	for (at = chain_of(z->name); *at != z; at = &(*at)->next)
		;
	*at = z->next;
	by_id[z->id] = NULL;
	zone_count--;
}

int zone_table_init(void)
{
	pthread_condattr_t attr;
	struct zone *z;
	int r = zone_new(&z);

	if (r < 0)
		return r;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&zone_destroy_cv, &attr);
	(void)pthread_condattr_destroy(&attr);
	z->id = GLOBAL_ZONEID;
	z->uniqid = 1; /* less than any realtime */
	z->caps = UINT64_MAX;
	z->init_pid = 1;
	(void)str_copy(z->name, sizeof(z->name), GLOBAL_ZONENAME);
	(void)str_copy(z->root, sizeof(z->root), "/");
	z->status = ZONE_IS_RUNNING;
	zone_ids_last(&last_id, &last_uniqid);
	if (last_uniqid < z->uniqid)
		last_uniqid = z->uniqid;
	insert_locked(z);
	return 0;
}

/* ---- finding ---- */

static struct zone *find_id_locked(zoneid_t id)
{
	return id >= GLOBAL_ZONEID && id <= MAX_ZONEID ? by_id[id] : NULL;
}

static struct zone *find_name_locked(const char *name)
{
	struct zone *z;

	for (z = *chain_of(name); z && !streq(z->name, name); z = z->next)
		;
	return z;
}

/* One root is the other's or lies in it. */
static bool roots_overlap(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), n = na < nb ? na : nb;

	if (strncmp(a, b, n) != 0)
		return false;
	return na == nb || (na < nb ? b : a)[n] == '/';
}

static struct zone *find_overlap_locked(const char *root)
{
	for (zoneid_t id = GLOBAL_ZONEID + 1; id <= MAX_ZONEID; id++)
		if (by_id[id] && roots_overlap(by_id[id]->root, root))
			return by_id[id];
	return NULL;
}

static struct zone *hold_if(struct zone *z, zone_status_t from, zone_status_t to, enum zone_ref ref)
{
	zone_status_t status;

	if (!z)
		return NULL;
	status = zone_status_get(z);
	if (status < from || status > to)
		return NULL;
	zone_hold(z, ref);
	return z;
}

struct zone *zone_hold_by_id(zoneid_t id, zone_status_t from, zone_status_t to, enum zone_ref ref)
{
	struct zone *z;

	(void)pthread_mutex_lock(&zonehash_lock);
	z = hold_if(find_id_locked(id), from, to, ref);
	(void)pthread_mutex_unlock(&zonehash_lock);
	return z;
}

struct zone *zone_hold_by_name(const char *name, zone_status_t from, zone_status_t to)
{
	struct zone *z;

	(void)pthread_mutex_lock(&zonehash_lock);
	z = hold_if(find_name_locked(name), from, to, ZONE_REF_CALL);
	(void)pthread_mutex_unlock(&zonehash_lock);
	return z;
}

static bool is_below(const char *path, const char *root)
{
	size_t n = strlen(root);

	return strncmp(path, root, n) == 0 && (!path[n] || path[n] == '/');
}

/* The zonepath, of which the root is the last component; a root in / has none. */
static bool is_in_zonepath(const char *path, const char *root)
{
	char zonepath[ZONEROOT_MAX];

	(void)str_copy(zonepath, sizeof(zonepath), root);
	*strrchr(zonepath, '/') = '\0';
	return zonepath[0] && is_below(path, zonepath);
}

static struct zone *hold_where_locked(
	const char *path, bool (*is_there)(const char *path, const char *root))
{
	struct zone *z = NULL;
	zoneid_t id;

	for (id = GLOBAL_ZONEID + 1; id <= MAX_ZONEID && !z; id++)
		if (by_id[id] && is_there(path, by_id[id]->root))
			z = hold_if(by_id[id], ZONE_IS_READY, ZONE_IS_DOWN, ZONE_REF_CALL);
	return z;
}

struct zone *zone_hold_by_path(const char *path, bool any)
{
	struct zone *z;

	(void)pthread_mutex_lock(&zonehash_lock);
	z = hold_where_locked(path, is_below);
	if (!z && any)
		z = hold_where_locked(path, is_in_zonepath);
	if (!z) {
		z = by_id[GLOBAL_ZONEID];
		zone_hold(z, ZONE_REF_CALL);
	}
	(void)pthread_mutex_unlock(&zonehash_lock);
	return z;
}

struct zone *zone_hold_next(zoneid_t from, enum zone_ref ref)
{
	struct zone *z = NULL;

	(void)pthread_mutex_lock(&zonehash_lock);
	while (!z && from <= MAX_ZONEID)
		z = find_id_locked(from++);
	if (z)
		zone_hold(z, ref);
	(void)pthread_mutex_unlock(&zonehash_lock);
	return z;
}

int zones_walk(
	zone_status_t from, zone_status_t to, int (*fn)(struct zone *z, void *arg), void *arg)
{
	int r = 0;

	(void)pthread_mutex_lock(&zonehash_lock);
	for (zoneid_t id = GLOBAL_ZONEID; id <= MAX_ZONEID && r == 0; id++) {
		struct zone *z = by_id[id];
		zone_status_t status;

		if (!z)
			continue;
		status = zone_status_get(z);
		if (status >= from && status <= to)
			r = fn(z, arg);
	}
	(void)pthread_mutex_unlock(&zonehash_lock);
	return r;
}

/* ---- references ---- */

void zone_hold(struct zone *z, enum zone_ref ref)
{
	(void)pthread_mutex_lock(&z->lock);
	z->refs++;
	z->subsys_refs[ref]++;
	(void)pthread_mutex_unlock(&z->lock);
}

/* Returns whether that could be written, for end(). */
static int take_out_locked(struct zone *z)
{
	int r = zone_ids_gone(z->id);

	remove_locked(z);
	(void)pthread_cond_broadcast(&zone_destroy_cv);
	return r;
}

/* It is out of the table, and nobody has it. */
static void end(struct zone *z, int written)
{
	zone_ids_log(written);
	(void)zone_status_advance(z, ZONE_IS_FREE);
	zone_free(z);
}

void zone_rele(struct zone *z, enum zone_ref ref)
{
	bool last;
	int r = 0;

	(void)pthread_mutex_lock(&zonehash_lock);
	(void)pthread_mutex_lock(&z->lock);
	z->subsys_refs[ref]--;
	last = --z->refs == 0;
	(void)pthread_mutex_unlock(&z->lock);
	if (last)
		(void)pthread_cond_broadcast(&zone_destroy_cv);
	last = last && z->abandoned;
	if (last)
		r = take_out_locked(z);
	(void)pthread_mutex_unlock(&zonehash_lock);
	if (last)
		end(z, r);
}

static unsigned int refs_of(struct zone *z, char *text, size_t size)
{
	unsigned int refs;
	size_t used = 0;
	int i;

	text[0] = '\0';
	(void)pthread_mutex_lock(&z->lock);
	refs = z->refs;
	for (i = 0; i < ZONE_REF_COUNT; i++) {
		int n;

		if (!z->subsys_refs[i])
			continue;
		n = snprintf(text + used, size - used, "%s%s: %u", used ? ", " : "", ref_names[i],
			z->subsys_refs[i]);
		used += n > 0 && (size_t)n < size - used ? (size_t)n : 0;
	}
	(void)pthread_mutex_unlock(&z->lock);
	return refs;
}

/* Drops the lock meanwhile; only who removes the zone calls it, and so it stays. */
static void log_refs_locked(struct zone *z, unsigned int refs, const char *who)
{
	(void)pthread_mutex_unlock(&zonehash_lock);
	log_line(LOG_WARNING,
		"zone=%s Destroyed, but still held %u times [%s] and by %u credentials", z->name,
		refs, who, zone_cred_count(z->id));
	(void)pthread_mutex_lock(&zonehash_lock);
}

/* Until something of the table changes, or it is time to look whether the caller is there. */
static void wait_locked(void)
{
	struct timespec look = clock_in_ms(ZONE_LOOK_MS);

	(void)pthread_cond_timedwait(&zone_destroy_cv, &zonehash_lock, &look);
}

int zone_table_remove(struct zone *z)
{
	int64_t log_at = clock_now_ms() + zone_refs_log_ms;
	unsigned int refs;
	char who[128];
	int r;

	(void)pthread_mutex_lock(&zonehash_lock);
	while ((refs = refs_of(z, who, sizeof(who))) > 0) {
		if (zone_caller_gone()) {
			z->abandoned = true;
			(void)pthread_mutex_unlock(&zonehash_lock);
			return -EINTR;
		}
		if (clock_now_ms() >= log_at) {
			log_refs_locked(z, refs, who);
			log_at = INT64_MAX;
			continue; /* it may have been let go meanwhile */
		}
		wait_locked();
	}
	r = take_out_locked(z);
	(void)pthread_mutex_unlock(&zonehash_lock);
	end(z, r);
	return 0;
}

int zone_table_wait_removed(zoneid_t id, uint64_t uniqid)
{
	const struct zone *z;
	int r = 0;

	(void)pthread_mutex_lock(&zonehash_lock);
	while (r == 0 && (z = find_id_locked(id)) && z->uniqid == uniqid) {
		wait_locked();
		r = zone_caller_gone() ? -EINTR : 0;
	}
	(void)pthread_mutex_unlock(&zonehash_lock);
	return r;
}

void zone_deathrow_walk(void (*fn)(const struct zone_dead *dead, void *arg), void *arg)
{
	struct zone_dead dead;
	zoneid_t id;

	(void)pthread_mutex_lock(&zonehash_lock);
	for (id = GLOBAL_ZONEID + 1; id <= MAX_ZONEID; id++)
		if (!by_id[id] && zone_ids_dead(id, &dead))
			fn(&dead, arg);
	(void)pthread_mutex_unlock(&zonehash_lock);
}

/* ---- adding ---- */

/*
 * The next id after the last one given, so that an id rests before it comes again; not one of which
 * a namespace still lives, for that has the uids of the id.
 */
static zoneid_t alloc_id_locked(int *ret_resting)
{
	zoneid_t id = last_id, found = -1;
	int tries;

	for (tries = 0; found < 0 && tries < MAX_ZONEID; tries++) {
		id = id == MAX_ZONEID ? 1 : id + 1;
		if (find_id_locked(id))
			continue;
		if (zone_ids_rest(id))
			(*ret_resting)++;
		else
			found = last_id = id;
	}
	return found;
}

/* Realtime does not repeat itself but can be set back; a zone that lives is always below. */
static uint64_t alloc_uniqid_locked(void)
{
	struct timespec ts;
	uint64_t now;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	now = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	last_uniqid = now > last_uniqid ? now : last_uniqid + 1;
	return last_uniqid;
}

static int check_new_locked(const struct zone *z, struct diag *d)
{
	struct zone *other = find_name_locked(z->name);
	zone_status_t status;

	if (other) {
		status = zone_status_get(other);
		return diag_set(d,
			status == ZONE_IS_READY || status == ZONE_IS_RUNNING ? -EEXIST : -EBUSY,
			"Zone '%s' exists and is %s", z->name, zone_status_name(status));
	}
	other = find_overlap_locked(z->root);
	if (other)
		return diag_set(d, -EBUSY, "The root %s overlaps %s of zone '%s'", z->root,
			other->root, other->name);
	if (zone_count >= MAX_ZONES)
		return diag_set(
			d, -ENOMEM, "There are %u zones, the most there can be", zone_count);
	return 0;
}

int zone_table_add(struct zone *z, struct diag *d)
{
	int r, resting = 0;

	(void)pthread_mutex_lock(&zonehash_lock);
	r = check_new_locked(z, d);
	if (r == 0) {
		z->id = alloc_id_locked(&resting);
		if (z->id < 0)
			r = diag_set(d, -ENFILE,
				"No zone id is free: namespaces of zones that are gone still live");
	}
	if (r == 0) {
		z->uniqid = alloc_uniqid_locked();
		z->uid_base = ZONE_UID_FIRST + (uint32_t)z->id * ZONE_UID_RANGE;
		z->status = ZONE_IS_UNINITIALIZED;
		insert_locked(z);
	}
	(void)pthread_mutex_unlock(&zonehash_lock);
	if (resting)
		log_line(LOG_NOTICE,
			"%d zone ids are passed over: somebody has a namespace of theirs still",
			resting);
	return r;
}

int zone_table_restore(struct zone *z)
{
	int r = 0;

	(void)pthread_mutex_lock(&zonehash_lock);
	if (find_id_locked(z->id) || find_name_locked(z->name)) {
		r = -EEXIST;
	} else {
		insert_locked(z);
		if (z->uniqid > last_uniqid) {
			last_id = z->id;
			last_uniqid = z->uniqid;
		}
	}
	(void)pthread_mutex_unlock(&zonehash_lock);
	return r;
}

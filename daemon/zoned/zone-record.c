/* SPDX-License-Identifier: MIT */
/*
 * zoned's record of a zone, in memory that the zone's zsched keeps so that a new zoned finds
 * everything again: to store it costs no call. Numbers in the machine's order (it never leaves the machine),
 * strings as a length and bytes:
 *
 *   magic, version, size of the whole
 *   status, flags, caps, name, root
 *   count and rctls: name, priv, action, limit
 *   initname, bootargs, brand, fs_allowed, hostid, has_hostid, init_policy
 *   count and links: id, address, router
 *   sched_class, secflags, has_secflags
 *   pool, dedicated: min, max, importance
 *   did
 * Each of the last three lines may be missing, as an older zoned wrote it.
 *
 * A field is never changed or removed without a new version.
 */
#include "zoned/zone-impl.h"

#include "linux/log.h"
#include "zone/zsched-calls.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define RECORD_MAGIC   0x5a6f6e65u
#define RECORD_VERSION 1u
#define SIZE_AT	       8 /* of the size of the whole */

/* ---- writing ---- */

struct writer {
	char *data;
	size_t size, used;
	bool full;
};

static void put(struct writer *w, const void *p, size_t n)
{
	if (w->full || n > w->size - w->used) {
		w->full = true;
		return;
	}
	memcpy(w->data + w->used, p, n);
	w->used += n;
}

static void put_u32(struct writer *w, uint32_t v)
{
	put(w, &v, sizeof(v));
}

static void put_u64(struct writer *w, uint64_t v)
{
	put(w, &v, sizeof(v));
}

static void put_str(struct writer *w, const char *s)
{
	size_t n = strlen(s);

	put_u32(w, (uint32_t)n);
	put(w, s, n);
}

static void put_rctls(struct writer *w, const struct zone_rctls *rctls)
{
	uint32_t i;

	put_u32(w, rctls->count);
	for (i = 0; i < rctls->count; i++) {
		put_str(w, rctls->values[i].name);
		put_u32(w, rctls->values[i].priv);
		put_u32(w, rctls->values[i].action);
		put_u64(w, rctls->values[i].limit);
	}
}

static void put_attrs(struct writer *w, const struct zone_attrs *a)
{
	put_str(w, a->initname);
	put_str(w, a->bootargs);
	put_str(w, a->brand);
	put_str(w, a->fs_allowed);
	put_u32(w, a->hostid);
	put_u32(w, a->has_hostid);
	put_u32(w, a->init_policy);
}

static void put_start(struct writer *w, const struct zone_attrs *a)
{
	put_str(w, a->sched_class);
	put_u32(w, a->secflags);
	put_u32(w, a->has_secflags);
}

static void put_cpus(struct writer *w, const struct zone_attrs *a)
{
	put_str(w, a->pool);
	put_u64(w, a->dedicated.min);
	put_u64(w, a->dedicated.max);
	put_u64(w, a->dedicated.importance);
}

static void put_links(struct writer *w, const struct zone *z)
{
	const struct zone_dl *dl;
	uint32_t n = 0;

	for (dl = z->links; dl; dl = dl->next)
		n++;
	put_u32(w, n);
	for (dl = z->links; dl; dl = dl->next) {
		put_u32(w, dl->id);
		put_str(w, dl->address);
		put_str(w, dl->router);
	}
}

int zone_record_write(
	struct zone *z, zone_status_t status, void *data, size_t max, size_t *ret_size)
{
	struct writer w = {.data = data, .size = max};
	uint32_t size;

	put_u32(&w, RECORD_MAGIC);
	put_u32(&w, RECORD_VERSION);
	put_u32(&w, 0);
	put_u32(&w, status);
	put_u32(&w, z->flags);
	put_u64(&w, z->caps);
	put_str(&w, z->name);
	put_str(&w, z->root);
	(void)pthread_mutex_lock(&z->lock);
	put_rctls(&w, &z->rctls);
	put_attrs(&w, &z->attrs);
	put_links(&w, z);
	put_start(&w, &z->attrs);
	put_cpus(&w, &z->attrs);
	put_u32(&w, (uint32_t)z->did);
	(void)pthread_mutex_unlock(&z->lock);
	if (w.full)
		return -E2BIG;
	size = (uint32_t)w.used;
	memcpy(w.data + SIZE_AT, &size, sizeof(size));
	*ret_size = w.used;
	return 0;
}

/* ---- the memory ---- */

/*
 * Of the two records the one that counts is never written to. So whenever zoned is killed the
 * last one that it had finished is there.
 */
struct record_memory {
	_Atomic uint32_t last; /* 0: none was stored; 1 or 2: this one counts */
	uint32_t pad;
	char records[2][(ZSCHED_RECORD_SIZE - 8) / 2];
};
static_assert(sizeof(struct record_memory) == ZSCHED_RECORD_SIZE, "the memory is used as a whole");

int zone_record_map(struct zone *z, const char *name, int fd, struct diag *d)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW;
	struct stat st;
	void *p;

	if (fstat(fd, &st) < 0 || st.st_size != ZSCHED_RECORD_SIZE ||
		(fcntl(fd, F_GET_SEALS) & seals) != seals)
		return diag_set(
			d, -EBADMSG, "The memory for the record of zone '%s' is not sealed", name);
	p = mmap(NULL, ZSCHED_RECORD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return diag_errno(d, -errno, "Cannot map the record of zone '%s'", name);
	z->record = p;
	return 0;
}

void zone_record_unmap(struct zone *z)
{
	if (z->record)
		(void)munmap(z->record, ZSCHED_RECORD_SIZE);
	z->record = NULL;
}

static int store(struct zone *z, zone_status_t status, struct diag *d)
{
	struct record_memory *m = z->record;
	uint32_t other = m && m->last == 1 ? 2 : 1;
	size_t size;
	int r;

	if (!m) /* it has no zsched yet, or no more */
		return -EBADF;
	r = zone_record_write(z, status, m->records[other - 1], sizeof(m->records[0]), &size);
	if (r < 0)
		return diag_set(d, r, "The record of zone '%s' is full", z->name);
	m->last = other;
	return 0;
}

/*
 * status < 0: what it is when its turn comes. That a zone goes down is told zsched at the same time,
 * which does the mounts: those that have begun are done when this returns, and no other comes.
 */
static int save(struct zone *z, int status, struct diag *d)
{
	int r;

	(void)pthread_mutex_lock(&z->save_lock);
	if (status < 0)
		status = (int)zone_status_get(z);
	r = store(z, (zone_status_t)status, d);
	if (r == 0 && status >= (int)ZONE_IS_SHUTTING_DOWN && !z->told_closed)
		z->told_closed = zsched_call_close(z->name, NULL) == 0;
	(void)pthread_mutex_unlock(&z->save_lock);
	return r;
}

int zone_save(struct zone *z, struct diag *d)
{
	return save(z, -1, d);
}

int zone_save_as(struct zone *z, zone_status_t status, struct diag *d)
{
	return save(z, (int)status, d);
}

void zone_save_logged(struct zone *z)
{
	struct diag d = {0};
	int r = zone_save(z, &d);

	if (r < 0 && r != -EBADF) /* a zsched that is dead has no use for it */
		log_line(LOG_WARNING, "zone=%s Cannot store the record: %s", z->name,
			d.text[0] ? d.text : strerror(-r));
}

/* ---- reading ---- */

struct reader {
	const char *data;
	size_t left;
	bool bad;
};

static void get(struct reader *rd, void *p, size_t n)
{
	if (rd->bad || n > rd->left) {
		rd->bad = true;
		memset(p, 0, n);
		return;
	}
	memcpy(p, rd->data, n);
	rd->data += n;
	rd->left -= n;
}

static uint32_t get_u32(struct reader *rd)
{
	uint32_t v;

	get(rd, &v, sizeof(v));
	return v;
}

static uint64_t get_u64(struct reader *rd)
{
	uint64_t v;

	get(rd, &v, sizeof(v));
	return v;
}

static void get_str(struct reader *rd, char *buf, size_t size)
{
	uint32_t n = get_u32(rd);

	if (n >= size) {
		rd->bad = true;
		n = 0;
	}
	get(rd, buf, n);
	buf[n] = '\0';
	if (strlen(buf) != n)
		rd->bad = true;
}

static void get_rctls(struct reader *rd, struct zone_rctls *rctls)
{
	uint32_t i, n = get_u32(rd);

	if (n > ZONE_RCTLS_MAX) {
		rd->bad = true;
		return;
	}
	for (i = 0; i < n; i++) {
		struct zone_rctl_value *v = &rctls->values[i];

		get_str(rd, v->name, sizeof(v->name));
		v->priv = get_u32(rd);
		v->action = get_u32(rd);
		v->limit = get_u64(rd);
	}
	rctls->count = n;
}

static void get_attrs(struct reader *rd, struct zone_attrs *a)
{
	get_str(rd, a->initname, sizeof(a->initname));
	get_str(rd, a->bootargs, sizeof(a->bootargs));
	get_str(rd, a->brand, sizeof(a->brand));
	get_str(rd, a->fs_allowed, sizeof(a->fs_allowed));
	a->hostid = get_u32(rd);
	a->has_hostid = get_u32(rd) != 0;
	a->init_policy = get_u32(rd);
}

static void get_start(struct reader *rd, struct zone_attrs *a)
{
	if (!rd->left)
		return;
	get_str(rd, a->sched_class, sizeof(a->sched_class));
	a->secflags = get_u32(rd);
	a->has_secflags = get_u32(rd) != 0;
}

static void get_cpus(struct reader *rd, struct zone_attrs *a)
{
	if (!rd->left)
		return;
	get_str(rd, a->pool, sizeof(a->pool));
	a->dedicated.min = get_u64(rd);
	a->dedicated.max = get_u64(rd);
	a->dedicated.importance = get_u64(rd);
	if (a->dedicated.min > a->dedicated.max)
		rd->bad = true;
}

static int get_links(struct reader *rd, struct zone *z)
{
	struct zone_dl **at = &z->links;
	uint32_t n;

	for (n = get_u32(rd); n && !rd->bad; n--) {
		struct zone_dl *dl = calloc(1, sizeof(*dl));

		if (!dl)
			return -ENOMEM;
		*at = dl;
		at = &dl->next;
		dl->id = get_u32(rd);
		get_str(rd, dl->address, sizeof(dl->address));
		get_str(rd, dl->router, sizeof(dl->router));
	}
	return 0;
}

int zone_record_read(struct zone *z, const void *data, size_t size)
{
	struct reader rd = {.data = data, .left = size};
	uint32_t status;
	int r;

	if (get_u32(&rd) != RECORD_MAGIC || get_u32(&rd) != RECORD_VERSION || get_u32(&rd) != size)
		return -EBADMSG;
	status = get_u32(&rd);
	z->flags = get_u32(&rd);
	z->caps = get_u64(&rd);
	get_str(&rd, z->name, sizeof(z->name));
	get_str(&rd, z->root, sizeof(z->root));
	get_rctls(&rd, &z->rctls);
	get_attrs(&rd, &z->attrs);
	r = get_links(&rd, z);
	if (r < 0)
		return r;
	get_start(&rd, &z->attrs);
	get_cpus(&rd, &z->attrs);
	if (rd.left)
		z->did = (int32_t)get_u32(&rd);
	if (rd.bad || rd.left || status > ZONE_IS_DEAD)
		return -EBADMSG;
	z->status = (zone_status_t)status;
	return 0;
}

int zone_record_load(struct zone *z)
{
	const struct record_memory *m = z->record;
	uint32_t last = m->last, size;
	const char *data;

	if (last == 0)
		return -ENODATA;
	if (last > ARRAY_SIZE(m->records))
		return -EBADMSG;
	data = m->records[last - 1];
	memcpy(&size, data + SIZE_AT, sizeof(size));
	return size > sizeof(m->records[0]) ? -EBADMSG : zone_record_read(z, data, size);
}

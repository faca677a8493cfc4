/* SPDX-License-Identifier: MIT */
/*
 * The packet filter of links: our table in the netdev family of nftables, at the ends of
 * links that are at home. Root in a zone sees neither. The kernel keeps table and counts
 * when zoned dies; the next zoned takes the table over.
 *
 * Lock: filter_lock, a leaf that is held over one exchange with the kernel.
 */
#include "zoned/prop.h"

#include "linux/instance.h"
#include "linux/log.h"

const char *const protect_reason_names[PROTECT_REASONS] = {
	"mac-nospoof", "restricted", "ip-nospoof", "dhcp-nospoof"};

static pthread_mutex_t filter_lock = PTHREAD_MUTEX_INITIALIZER;
static struct nft *filter; /* NULL until it is needed */

/* Links that have rules. */
struct ruled {
	struct ruled *next;
	datalink_id_t id;
};
static struct ruled *ruled;

/* ---- which links; filter_lock is held ---- */

static struct ruled **find(datalink_id_t id)
{
	struct ruled **at;

	for (at = &ruled; *at && (*at)->id != id; at = &(*at)->next)
		;
	return at;
}

static int remember(datalink_id_t id)
{
	struct ruled *x;

	if (*find(id))
		return 0;
	x = malloc(sizeof(*x));
	if (!x)
		return -ENOMEM;
	*x = (struct ruled){ruled, id};
	ruled = x;
	return 0;
}

static void forget(datalink_id_t id)
{
	struct ruled **at = find(id), *x = *at;

	if (x)
		*at = x->next;
	free(x);
}

/* ---- names ---- */

/* Instances on one host do not see each other. */
static void table_name(char *buf, size_t size)
{
	const char *root = instance_root();
	uint32_t hash = 2166136261u;

	for (const char *p = root; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	if (*root)
		(void)snprintf(buf, size, "zones-%08x", hash);
	else
		(void)snprintf(buf, size, "zones");
}

#define CHAINS 9

static void chain_names(datalink_id_t id, struct protect_names *c, const char *all[CHAINS])
{
	static const char *const kinds[CHAINS] = {
		"tx", "rx", "mac", "type", "arp", "ip4", "ip6", "nd", "dhcp"};
	char(*names)[16] = (void *)c;

	for (size_t i = 0; i < CHAINS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%s%u", kinds[i], id);
		all[i] = names[i];
	}
}

void protect_counter_name(datalink_id_t id, enum protect_reason reason, char ret[static 48])
{
	(void)snprintf(ret, 48, "%u.%s", id, protect_reason_names[reason]);
}

/* ---- changes; filter_lock is held ---- */

static int filter_open(struct diag *d)
{
	char table[64];
	int r;

	if (filter)
		return 0;
	table_name(table, sizeof(table));
	r = nft_open(table, &filter);
	return r < 0 ? diag_errno(d, r, "this kernel's nftables cannot be used") : 0;
}

static void counters(datalink_id_t id, void (*fn)(struct nft *n, const char *name))
{
	char name[48];

	for (unsigned int i = 0; i < PROTECT_REASONS; i++) {
		protect_counter_name(id, i, name);
		fn(filter, name);
	}
}

static bool asks(const struct link_wish *w, const struct protect_ways *ways)
{
	return w->protection || w->priority >= 0 || ways->tx_forward || ways->rx_forward;
}

static int apply_locked(const struct link_point *at, const struct link_wish *w,
	const struct protect_ways *ways, struct diag *d)
{
	struct protect_names names;
	const char *all[CHAINS];
	bool had = *find(at->linkid) != NULL;
	int r;

	if (!had && !asks(w, ways))
		return 0;
	r = filter_open(d);
	if (r == 0)
		r = remember(at->linkid);
	if (r < 0)
		return r;
	chain_names(at->linkid, &names, all);
	nft_begin(filter);
	nft_chains_remove(filter, all, CHAINS);
	counters(at->linkid, nft_counter);
	if (asks(w, ways))
		protect_rules(filter, &names, at, w, ways);
	r = nft_commit(filter, d);
	if (r < 0 && !had)
		forget(at->linkid);
	return r;
}

int protect_apply(const struct link_point *at, const struct link_wish *w,
	const struct protect_ways *ways, struct diag *d)
{
	int r;

	(void)pthread_mutex_lock(&filter_lock);
	r = apply_locked(at, w, ways, d);
	(void)pthread_mutex_unlock(&filter_lock);
	return r;
}

static void remove_locked(datalink_id_t id)
{
	struct protect_names names;
	const char *all[CHAINS];
	struct diag d = {0};

	if (filter_open(&d) == 0) {
		chain_names(id, &names, all);
		nft_begin(filter);
		nft_chains_remove(filter, all, CHAINS);
		counters(id, nft_counter_remove);
		if (nft_commit(filter, &d) == 0) {
			forget(id);
			return;
		}
	}
	log_line(LOG_WARNING, "link=%u: %s", id, d.text);
}

void protect_forget(datalink_id_t id)
{
	(void)pthread_mutex_lock(&filter_lock);
	if (*find(id))
		remove_locked(id);
	(void)pthread_mutex_unlock(&filter_lock);
}

/* ---- what is there ---- */

static int counter_seen(const char *name, uint64_t packets, uint64_t bytes, void *arg)
{
	datalink_id_t id;

	return sscanf(name, "%u.", &id) == 1 ? remember(id) : 0;
}

/* Every link with rules has counters. */
void protect_restart(bool (*known)(datalink_id_t id))
{
	struct ruled *x, *next;
	int r;

	(void)pthread_mutex_lock(&filter_lock);
	r = filter_open(NULL);
	if (r == 0)
		r = nft_counter_each(filter, counter_seen, NULL);
	for (x = ruled; x; x = next) {
		next = x->next;
		if (!known(x->id))
			remove_locked(x->id);
	}
	(void)pthread_mutex_unlock(&filter_lock);
	if (r < 0) /* whoever asks for protection is told */
		log_line(LOG_NOTICE, "link: No packet filter: %s", strerror(-r));
}

struct drops {
	datalink_id_t id;
	uint64_t *count;
};

static int drops_step(const char *name, uint64_t packets, uint64_t bytes, void *arg)
{
	const struct drops *x = arg;
	char mine[48];

	for (unsigned int i = 0; i < PROTECT_REASONS; i++) {
		protect_counter_name(x->id, i, mine);
		if (streq(mine, name))
			x->count[i] = packets;
	}
	return 0;
}

int dls_protect_drops(datalink_id_t id, uint64_t ret[PROTECT_REASONS])
{
	uint64_t count[PROTECT_REASONS] = {0};
	struct drops x = {id, count};
	int r = 0;

	(void)pthread_mutex_lock(&filter_lock);
	if (*find(id))
		r = nft_counter_each(filter, drops_step, &x);
	(void)pthread_mutex_unlock(&filter_lock);
	if (r == 0)
		memcpy(ret, count, sizeof(count));
	return r;
}

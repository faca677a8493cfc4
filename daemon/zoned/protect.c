/* SPDX-License-Identifier: MIT */
/*
 * The packet filter of links: our table in the netdev family of nftables, at the ends of
 * links that are at home. Root in a zone sees neither. The kernel keeps table and counts
 * when zoned dies; the next zoned takes the table over.
 *
 * What is in a message of DHCP the filter cannot search: protect-cids.c has a program for that.
 *
 * Lock: filter_lock, a leaf that is held over exchanges with the kernel.
 */
#include "zoned/protect-cids.h"

#include "linux/instance.h"
#include "linux/log.h"

#include <arpa/inet.h>

const char *const protect_reason_names[PROTECT_REASONS] = {
	"mac-nospoof", "restricted", "ip-nospoof", "dhcp-nospoof"};

static pthread_mutex_t filter_lock = PTHREAD_MUTEX_INITIALIZER;
static struct nft *filter; /* NULL until it is needed */

/* Links that have rules. */
struct ruled {
	struct ruled *next;
	datalink_id_t id;
	bool learns; /* has the sets of learned addresses, or may have them from before */
	struct protect_cids cids;
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

/* seen: it has rules of an earlier zoned. */
static int remember(datalink_id_t id, bool seen)
{
	struct ruled *x;

	if (*find(id))
		return 0;
	x = malloc(sizeof(*x));
	if (!x)
		return -ENOMEM;
	*x = (struct ruled){ruled, id, true, {.unknown = seen, .drops = FD_NONE}};
	ruled = x;
	return 0;
}

static bool learns(datalink_id_t id)
{
	const struct ruled *x = *find(id);

	return x && x->learns;
}

static void set_learns(datalink_id_t id, bool yes)
{
	struct ruled *x = *find(id);

	if (x)
		x->learns = yes;
}

static void forget(datalink_id_t id)
{
	struct ruled **at = find(id), *x = *at;

	if (x) {
		*at = x->next;
		protect_cids_forget(&x->cids);
	}
	free(x);
}

/* ---- names ---- */

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

void protect_set_name(datalink_id_t id, int family, char ret[static 16])
{
	(void)snprintf(ret, 16, "%s%u", family == AF_INET ? "dyn4" : "dyn6", id);
}

/* ---- changes; filter_lock is held ---- */

static int filter_open(struct diag *d)
{
	char table[64];
	int r;

	if (filter)
		return 0;
	instance_name(table, sizeof(table), "zones");
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

static void sets(datalink_id_t id, void (*fn)(struct nft *n, const char *name, size_t size))
{
	char name[16];

	protect_set_name(id, AF_INET, name);
	fn(filter, name, 4);
	protect_set_name(id, AF_INET6, name);
	fn(filter, name, 16);
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
		r = remember(at->linkid, false);
	if (r < 0)
		return r;
	chain_names(at->linkid, &names, all);
	nft_begin(filter);
	nft_chains_remove(filter, all, CHAINS);
	counters(at->linkid, nft_counter);
	if (w->dynamic)
		sets(at->linkid, nft_set);
	else if (learns(at->linkid))
		sets(at->linkid, nft_set_remove);
	if (asks(w, ways))
		protect_rules(filter, &names, at, w, ways);
	r = nft_commit(filter, d);
	if (r == 0)
		r = protect_cids_apply(&(*find(at->linkid))->cids, at, w, d);
	if (r < 0 && !had)
		forget(at->linkid);
	else if (r == 0)
		set_learns(at->linkid, w->dynamic != 0);
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
		sets(id, nft_set_remove);
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

/* ---- addresses that were learned ---- */

static int learned_locked(datalink_id_t id, int family, const uint8_t *addr, uint32_t seconds)
{
	size_t size = family == AF_INET ? 4 : 16;
	char name[16];

	if (!learns(id))
		return 0; /* it has just stopped to learn */
	protect_set_name(id, family, name);
	nft_begin(filter);
	if (seconds)
		nft_set_add(filter, name, addr, size, seconds);
	else
		nft_set_del(filter, name, addr, size);
	return nft_commit(filter, NULL);
}

int protect_learned(datalink_id_t id, int family, const uint8_t *addr, uint32_t seconds)
{
	int r;

	(void)pthread_mutex_lock(&filter_lock);
	r = learned_locked(id, family, addr, seconds);
	(void)pthread_mutex_unlock(&filter_lock);
	return r;
}

static int list_step(const void *key, size_t size, void *arg)
{
	char text[INET6_ADDRSTRLEN], *list = arg;
	size_t used = strlen(list);

	if (!inet_ntop(size == 4 ? AF_INET : AF_INET6, key, text, sizeof(text)) ||
		used + strlen(text) + 2 > DLADM_PROP_VALLEN)
		return 1;
	(void)snprintf(list + used, DLADM_PROP_VALLEN - used, "%s%s", used ? "," : "", text);
	return 0;
}

int protect_learned_list(datalink_id_t id, char ret[DLADM_PROP_VALLEN])
{
	char name[16];
	int r = -ENOENT;

	ret[0] = '\0';
	(void)pthread_mutex_lock(&filter_lock);
	if (learns(id)) {
		protect_set_name(id, AF_INET, name);
		r = nft_set_each(filter, name, 4, list_step, ret);
		protect_set_name(id, AF_INET6, name);
		if (r == 0)
			r = nft_set_each(filter, name, 16, list_step, ret);
	}
	(void)pthread_mutex_unlock(&filter_lock);
	return r > 0 ? 0 : r;
}

/* ---- what is there ---- */

static int counter_seen(const char *name, uint64_t packets, uint64_t bytes, void *arg)
{
	datalink_id_t id;

	return sscanf(name, "%u.", &id) == 1 ? remember(id, true) : 0;
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

int dls_protect_drops(datalink_id_t id, uint64_t ret[PROTECT_REASONS])
{
	char name[48];
	int r = 0;

	memset(ret, 0, sizeof(*ret) * PROTECT_REASONS);
	(void)pthread_mutex_lock(&filter_lock);
	for (unsigned int i = 0; i < PROTECT_REASONS && r == 0 && *find(id); i++) {
		protect_counter_name(id, i, name);
		r = nft_counter_get(filter, name, &ret[i]);
	}
	if (r == 0 && *find(id))
		ret[PROTECT_DHCP_NOSPOOF] += protect_cids_drops(&(*find(id))->cids);
	(void)pthread_mutex_unlock(&filter_lock);
	return r;
}

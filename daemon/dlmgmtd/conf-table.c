/* SPDX-License-Identifier: MIT */
/* Open configurations; see conf-table.h. They live for milliseconds, so a list in order of age is enough. */
#include "dlmgmtd/conf-table.h"

#include <pthread.h>

static pthread_rwlock_t conf_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct conf *confs; /* oldest first; conf_lock */
static uint32_t last_id;   /* conf_lock */

void conf_table_rdlock(void)
{
	(void)pthread_rwlock_rdlock(&conf_lock);
}

void conf_table_wrlock(void)
{
	(void)pthread_rwlock_wrlock(&conf_lock);
}

void conf_table_unlock(void)
{
	(void)pthread_rwlock_unlock(&conf_lock);
}

static struct conf *find_id(uint32_t id)
{
	struct conf *conf;

	for (conf = confs; conf && conf->id != id; conf = conf->next)
		;
	return conf;
}

static bool same_owner(const struct conf *conf, const struct caller *caller)
{
	return conf->zoneid == caller->zoneid && conf->uid == caller->uid;
}

/* Drops the caller's oldest when it has as many as it may. */
static void make_room(const struct caller *caller)
{
	struct conf *conf, *oldest = NULL;
	unsigned int count = 0;

	for (conf = confs; conf; conf = conf->next) {
		if (!same_owner(conf, caller))
			continue;
		if (!oldest)
			oldest = conf;
		count++;
	}
	if (count >= CONFS_PER_OWNER_MAX)
		conf_destroy(oldest);
}

int conf_create(const struct caller *caller, struct conf **ret)
{
	struct conf *conf, **end;
	uint32_t start = last_id;

	make_room(caller);
	do {
		if (++last_id == 0)
			last_id = 1;
		if (last_id == start)
			return -ENOSPC;
	} while (find_id(last_id));

	conf = calloc(1, sizeof(*conf));
	if (!conf)
		return -ENOMEM;
	conf->id = last_id;
	conf->zoneid = caller->zoneid;
	conf->uid = caller->uid;
	for (end = &confs; *end; end = &(*end)->next)
		;
	*end = conf;
	*ret = conf;
	return 0;
}

struct conf *conf_find(uint32_t id, const struct caller *caller)
{
	struct conf *conf = find_id(id);

	return conf && conf->zoneid == caller->zoneid ? conf : NULL;
}

void conf_destroy(struct conf *conf)
{
	struct conf **place = &confs;

	while (*place != conf)
		place = &(*place)->next;
	*place = conf->next;
	link_attrs_fini(&conf->attrs);
	free(conf);
}

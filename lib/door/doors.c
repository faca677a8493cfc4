/* SPDX-License-Identifier: MIT */
/*
 * The doors that this process serves, and their endpoints: the sockets on which
 * something can happen. door_create(3C), door_revoke(3C), door_info(3C).
 *
 * A door lives as long as one endpoint of it does (a handle somewhere, a name) or a
 * call is in progress. An endpoint is armed for one event at a time, so exactly one
 * thread handles it; the event carries the endpoint's key, which is looked up, so an
 * event that comes after its endpoint went away finds nothing.
 *
 * Lock: doors_lock, for everything here. Order in server.h.
 */
#include "door/address.h"
#include "door/file.h"
#include "door/server.h"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>

/* A server of a thousand zones has some thousand endpoints; pages of it that nobody needs cost nothing. */
#define KEY_BUCKETS  2048u
#define NAME_BUCKETS 1024u /* dlmgmtd's door has a name in each zone */

pthread_mutex_t doors_lock = PTHREAD_MUTEX_INITIALIZER;

static LIST_HEAD(, door) doors = LIST_HEAD_INITIALIZER(doors);
static LIST_HEAD(, served_call) calls = LIST_HEAD_INITIALIZER(calls);
static LIST_HEAD(, endpoint) buckets[KEY_BUCKETS]; /* zeroed is empty */
static LIST_HEAD(names, endpoint) names[NAME_BUCKETS];
static uint64_t next_key = 1;

_Thread_local struct served_call *served_call_current;

int poll_set_init(struct poll_set *set)
{
	int fd;

	if (set->epoll >= 0)
		return 0;
	fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return -errno;
	set->epoll = fd;
	return 0;
}

static struct door *door_free(struct door *d)
{
	LIST_REMOVE(d, link);
	stat_door_free(d->stat);
	if (d->pool)
		pool_close(d->pool);
	pool_put(d->pool);
	free(d);
	return NULL;
}

void door_unref_locked(struct door *d)
{
	if (--d->refs == 0)
		(void)door_free(d);
}

struct door *door_find_locked(int fd, const struct handle_name *name)
{
	struct ucred maker = {.pid = 0};
	socklen_t size = sizeof(maker);
	struct door *d;

	/* Anybody can bind our names. Only our own handles have two ends made by this process. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &maker, &size) < 0 || maker.pid != getpid())
		return NULL;

	LIST_FOREACH(d, &doors, link)
	if (d->name.id == name->id)
		return d;
	return NULL;
}

static uint32_t events_of(enum endpoint_kind kind)
{
	/* Whoever has claimed a channel does not want to wait for it again. */
	if (kind == ENDPOINT_CHANNEL)
		return EPOLLIN | EPOLLRDHUP | EPOLLET;
	/* A caller is only watched for its end, which is always reported. */
	return (kind == ENDPOINT_CALLER ? 0 : EPOLLIN) | EPOLLONESHOT;
}

/* What must not wait for a thread of the program is not waited for with the calls. */
static struct poll_set *set_of(struct door *d, enum endpoint_kind kind)
{
	if (d->set == &loop_set || kind == ENDPOINT_OWN || kind == ENDPOINT_HANDLE ||
		kind == ENDPOINT_CHANNEL)
		return d->set;
	return pool_control_set();
}

int endpoint_add_locked(struct door *d, enum endpoint_kind kind, int fd, struct endpoint **ret)
{
	struct epoll_event ev = {.events = events_of(kind), .data.u64 = next_key};
	struct poll_set *set = set_of(d, kind);
	struct endpoint *e;
	int r = -ENOMEM;

	e = calloc(1, sizeof(*e));
	if (e)
		r = epoll_ctl(set->epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
	if (r < 0) {
		free(e);
		if (kind != ENDPOINT_CALLER)
			(void)fd_close(fd);
		return r;
	}
	e->key = next_key++;
	e->kind = kind;
	e->fd = fd;
	e->file = FD_NONE;
	e->door = d;
	e->set = set;
	e->refs = 1;
	LIST_INSERT_HEAD(&buckets[e->key % KEY_BUCKETS], e, hash);
	LIST_INSERT_HEAD(&d->endpoints, e, link);
	d->refs++;
	if (kind == ENDPOINT_HANDLE || kind == ENDPOINT_LISTENER) {
		d->others++;
		d->is_unref = false;
	}
	*ret = e;
	return 0;
}

static void endpoint_put_locked(struct endpoint *e)
{
	if (--e->refs > 0)
		return;
	if (e->kind != ENDPOINT_CALLER)
		(void)fd_close(e->fd);
	(void)fd_close(e->file);
	if (e->channel)
		served_channel_free(e->channel);
	door_unref_locked(e->door);
	free(e);
}

/* What it counted for. Those it counts for are done with it, but for calls in progress. */
static void uncharge_locked(struct endpoint *e)
{
	if (e->kind == ENDPOINT_CHANNEL)
		account_drop_channel_locked(e->account);
	else
		account_handles_locked(e->account, -1);
	account_put_locked(TAKE_PTR(e->account));
}

bool endpoint_remove_locked(struct endpoint *e)
{
	struct door *d = e->door;
	bool unref = false;

	if (e->removed)
		return false; /* somebody was faster */
	e->removed = true;
	LIST_REMOVE(e, hash);
	LIST_REMOVE(e, link);
	if (e->named)
		LIST_REMOVE(e, by_name);
	e->call = NULL;
	uncharge_locked(e);
	if (e->kind == ENDPOINT_OWN || e->kind == ENDPOINT_HANDLE)
		served_channels_of_handle_locked(e);
	else if (e->kind == ENDPOINT_CHANNEL)
		served_channel_unlist_locked(e);
	if (e->kind == ENDPOINT_CALLER)
		(void)epoll_ctl(e->set->epoll, EPOLL_CTL_DEL, e->fd, NULL);
	else
		(void)shutdown(e->fd, SHUT_RDWR); /* clients see it now, whoever still uses fd */
	if (e->kind == ENDPOINT_HANDLE || e->kind == ENDPOINT_LISTENER)
		unref = --d->others == 0 && !d->revoked;
	endpoint_put_locked(e);
	return unref;
}

struct endpoint *endpoint_get(uint64_t key)
{
	struct endpoint *e;

	(void)pthread_mutex_lock(&doors_lock);
	LIST_FOREACH(e, &buckets[key % KEY_BUCKETS], hash)
	if (e->key == key)
		break;
	if (e)
		e->refs++;
	(void)pthread_mutex_unlock(&doors_lock);
	return e;
}

void endpoint_put(struct endpoint *e)
{
	(void)pthread_mutex_lock(&doors_lock);
	endpoint_put_locked(e);
	(void)pthread_mutex_unlock(&doors_lock);
}

void endpoint_rearm(struct endpoint *e)
{
	struct epoll_event ev = {.events = events_of(e->kind), .data.u64 = e->key};

	(void)epoll_ctl(e->set->epoll, EPOLL_CTL_MOD, e->fd, &ev);
}

/* Takes the handle over. */
int door_give_locked(struct door *d, struct account *account, int *ret_fd)
{
	_cleanup_close_ int client = FD_NONE;
	struct endpoint *e;
	int server, r;

	r = d->revoked ? -EBADF : handle_new(&d->name, &client, &server);
	if (r == 0)
		r = endpoint_add_locked(d, ENDPOINT_HANDLE, server, &e);
	if (r < 0) {
		account_put_locked(account);
		return r;
	}
	e->account = account;
	account_handles_locked(account, 1);
	*ret_fd = TAKE_FD(client);
	return 0;
}

bool door_attributes_valid(door_attr_t attributes)
{
	/* What door_xcreate(3C) adds is for it alone. */
	const door_attr_t known = DOOR_CREATE_MASK & ~(DOOR_NO_DEPLETION_CB | DOOR_PRIVCREATE);
	const door_attr_t unref = DOOR_UNREF | DOOR_UNREF_MULTI;

	return !(attributes & ~known) && (attributes & unref) != unref;
}

static int door_id(door_id_t *ret)
{
	do
		if (getrandom(ret, sizeof(*ret), 0) != sizeof(*ret))
			return -errno;
	while (*ret == 0);
	return 0;
}

int door_new(struct poll_set *set, struct pool *pool, door_server_procedure_t *proc, void *cookie,
	door_attr_t attributes, int *ret_fd)
{
	_cleanup_close_ int client = FD_NONE;
	struct endpoint *e;
	struct door *d;
	int server = FD_NONE, r;

	d = calloc(1, sizeof(*d));
	if (!d) {
		pool_put(pool);
		return -ENOMEM;
	}
	d->pool = pool;
	d->name.attributes = attributes;
	params_init(&d->params, attributes);
	d->proc = proc;
	d->cookie = cookie;
	d->set = set;
	fork_guard_enter();
	r = door_id(&d->name.id);
	if (r == 0)
		r = handle_new(&d->name, &client, &server);
	if (r < 0) {
		fork_guard_leave();
		pool_put(pool);
		free(d);
		return r;
	}
	(void)pthread_mutex_lock(&doors_lock);
	d->refs = 1;
	LIST_INIT(&d->endpoints);
	LIST_INSERT_HEAD(&doors, d, link);
	d->stat = stat_door_new(&d->name);
	pool_show(d->pool, d->stat);
	r = endpoint_add_locked(d, ENDPOINT_OWN, server, &e);
	door_unref_locked(d); /* from now on its endpoints keep it */
	(void)pthread_mutex_unlock(&doors_lock);
	fork_guard_leave();
	if (r == 0)
		*ret_fd = TAKE_FD(client);
	return r;
}

void call_begin_locked(struct served_call *c, struct door *d)
{
	c->door = d;
	c->watch = NULL;
	c->channel = NULL;
	c->account = NULL;
	c->counted = false;
	c->counted_bulk = 0;
	c->bulk = NULL;
	c->checked = false;
	c->proof = FD_NONE;
	c->cancelled = false;
	c->stat.door = NULL;
	d->refs++;
	LIST_INSERT_HEAD(&calls, c, link);
}

static void unwatch_locked(struct served_call *c)
{
	if (c->watch)
		(void)endpoint_remove_locked(c->watch);
	c->watch = NULL;
}

void call_unwatch(struct served_call *c)
{
	if (c->channel) {
		served_channel_unwatch(c);
		return;
	}
	if (!c->watch)
		return;
	(void)pthread_mutex_lock(&doors_lock);
	unwatch_locked(c);
	(void)pthread_mutex_unlock(&doors_lock);
}

void call_uncount(struct served_call *c)
{
	if (!c->counted)
		return;
	account_end_call(c->account);
	account_end_bulk(c->account, c->counted_bulk);
	c->counted = false;
	c->counted_bulk = 0;
}

void call_end_locked(struct served_call *c)
{
	unwatch_locked(c);
	c->reply = fd_close(c->reply);
	call_uncount(c);
	account_put_locked(TAKE_PTR(c->account));
	LIST_REMOVE(c, link);
	door_unref_locked(c->door);
	c->door = NULL;
}

void calls_each_channel_locked(void (*look)(struct served_channel *ch))
{
	struct served_call *c;

	LIST_FOREACH(c, &calls, link)
	if (c->channel)
		look(c->channel->channel);
}

void call_end(struct served_call *c)
{
	if (!c->door)
		return; /* this is the child of a procedure that forked */
	if (c->channel) {
		served_channel_abandon(c);
		return;
	}
	stat_end(&c->stat);
	if (c->bulk)
		(void)munmap(TAKE_PTR(c->bulk), c->size);
	(void)pthread_mutex_lock(&doors_lock);
	call_end_locked(c);
	(void)pthread_mutex_unlock(&doors_lock);
}

void doors_forget(void)
{
	struct served_call *c;
	struct endpoint *e;
	struct door *d;

	stat_forget();
	/* Only close: the poll sets are shared with the parent, which still waits on them. */
	for (c = LIST_FIRST(&calls); c; c = LIST_NEXT(c, link)) {
		c->reply = fd_close(c->reply);
		c->proof = fd_close(c->proof);
		c->channel = NULL;
		c->account = NULL;
		c->counted = false;
		c->door = NULL; /* freed below; call_end() knows by it that it is in the child */
	}
	LIST_INIT(&calls);
	while ((d = LIST_FIRST(&doors))) {
		while ((e = LIST_FIRST(&d->endpoints))) {
			LIST_REMOVE(e, link);
			if (e->kind != ENDPOINT_CALLER)
				(void)fd_close(e->fd);
			(void)fd_close(e->file);
			if (e->channel)
				served_channel_forget(e->channel);
			free(e);
		}
		/* The parent's threads are not to be woken. */
		pool_abandon(TAKE_PTR(d->pool));
		(void)door_free(d);
	}
	account_forget();
	served_channels_forget();
	memset(buckets, 0, sizeof(buckets));
	memset(names, 0, sizeof(names));
	served_call_current = NULL;
	loop_set.epoll = fd_close(loop_set.epoll);
}

static int fail(int r)
{
	errno = -r;
	return -1;
}

static struct names *names_of(ino_t ino)
{
	return &names[ino % NAME_BUCKETS];
}

void endpoint_name_locked(struct endpoint *e, dev_t dev, ino_t ino)
{
	e->dev = dev;
	e->ino = ino;
	e->named = true;
	LIST_INSERT_HEAD(names_of(ino), e, by_name);
}

int endpoint_find_name_locked(dev_t dev, ino_t ino, struct endpoint **ret)
{
	struct endpoint *e;

	LIST_FOREACH(e, names_of(ino), by_name)
	if (!e->detached && e->dev == dev && e->ino == ino) {
		*ret = e;
		return 0;
	}
	return -EINVAL;
}

int endpoint_find_file_locked(dev_t dev, ino_t ino, struct endpoint **ret)
{
	struct endpoint *e;
	struct door *d;

	LIST_FOREACH(d, &doors, link)
	LIST_FOREACH(e, &d->endpoints, link)
	if (e->kind == ENDPOINT_LISTENER && !e->detached && e->file >= 0 && e->file_dev == dev &&
		e->file_ino == ino) {
		*ret = e;
		return 0;
	}
	return -EINVAL;
}

/* Calls in progress finish. Channels first: a handle that is removed takes its own with it. */
static void revoke_endpoints_locked(struct door *d)
{
	struct endpoint *e, *next;

	for (e = LIST_FIRST(&d->endpoints); e; e = next) {
		next = LIST_NEXT(e, link);
		if (e->kind == ENDPOINT_CHANNEL)
			served_channel_void_locked(e);
	}
	for (e = LIST_FIRST(&d->endpoints); e; e = next) {
		next = LIST_NEXT(e, link);
		if (e->kind != ENDPOINT_CALLER && e->kind != ENDPOINT_CHANNEL)
			(void)endpoint_remove_locked(e);
	}
}

int door_revoke(int fd)
{
	_cleanup_close_ int own = FD_NONE;
	struct handle_name name;
	struct door *d;
	int handle, r = -EPERM;

	handle = file_handle(fd, &own);
	if (handle < 0 || !handle_is_door(handle, &name))
		return fail(handle < 0 ? handle : -EBADF);
	(void)pthread_mutex_lock(&doors_lock);
	d = door_find_locked(handle, &name);
	if (d) {
		d->revoked = true;
		d->refs++;
		if (d->pool)
			pool_close(d->pool);
		revoke_endpoints_locked(d);
		door_unref_locked(d);
		r = 0;
	} else if (handle_is_dead(handle)) {
		r = -EBADF;
	}
	(void)pthread_mutex_unlock(&doors_lock);
	if (r < 0)
		return fail(r);
	(void)close(fd);
	return 0;
}

static void info_local(const struct door *d, door_info_t *info)
{
	info->di_target = getpid();
	info->di_proc = (door_ptr_t)(uintptr_t)d->proc;
	info->di_data = (door_ptr_t)(uintptr_t)d->cookie;
	info->di_attributes = d->name.attributes | DOOR_LOCAL;
	if (d->is_unref)
		info->di_attributes |= DOOR_IS_UNREF;
	if (d->revoked) {
		info->di_attributes |= DOOR_REVOKED;
		info->di_target = -1;
	}
	info->di_uniquifier = d->name.id;
}

void door_describe(const struct door *d, door_info_t *info)
{
	memset(info, 0, sizeof(*info));
	(void)pthread_mutex_lock(&doors_lock);
	info_local(d, info);
	(void)pthread_mutex_unlock(&doors_lock);
}

/*
 * Linux: the procedure and the cookie of another process's door are not told;
 * they would only show where its memory is.
 */
static void info_foreign(int fd, const struct handle_name *name, door_info_t *info)
{
	struct ucred peer = {.pid = -1};
	socklen_t size = sizeof(peer);

	info->di_attributes = name->attributes;
	info->di_uniquifier = name->id;
	if (handle_is_dead(fd) || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
		info->di_target = -1;
		info->di_attributes |= DOOR_REVOKED;
	} else {
		info->di_target = peer.pid;
	}
}

/* door_info(3C) of a handle, or DOOR_QUERY. */
static int info_of(int fd, door_info_t *info)
{
	const struct door *d = NULL;
	struct handle_name name;

	if (fd == DOOR_QUERY ? !served_call_current : !handle_is_door(fd, &name))
		return -EBADF;
	memset(info, 0, sizeof(*info));
	(void)pthread_mutex_lock(&doors_lock);
	d = fd == DOOR_QUERY ? served_call_current->door : door_find_locked(fd, &name);
	if (d)
		info_local(d, info);
	(void)pthread_mutex_unlock(&doors_lock);
	if (!d)
		info_foreign(fd, &name, info);
	return 0;
}

int door_info(int fd, door_info_t *info)
{
	_cleanup_close_ int own = FD_NONE;
	int handle, r;

	if (!address_writable(info, sizeof(*info)))
		return fail(-EFAULT);
	handle = fd == DOOR_QUERY ? fd : file_handle(fd, &own);
	r = handle < 0 && fd != DOOR_QUERY ? handle : info_of(handle, info);
	return r < 0 ? fail(r) : 0;
}

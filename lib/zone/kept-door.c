/* SPDX-License-Identifier: MIT */
/* A door that stays open over the calls and the lives of its daemon; see kept-door.h. */
#include "zone/kept-door.h"
#include "door/channel.h"
#include "linux/instance.h"

#include <door_linux.h>
#include <limits.h>

/* ENOENT has its own meaning in the daemons' answers, so nobody there is EBADF, whichever way. */
static int find(const struct kept_door *k)
{
	char path[PATH_MAX];
	int fd, r;

	r = instance_path(path, sizeof(path), "%s", k->path);
	if (r < 0)
		return r;
	fd = door_open(path);
	if (fd < 0 && errno == ENOENT)
		fd = door_open(k->path_in_zone);
	if (fd >= 0)
		return fd;
	return errno == ENOENT || errno == ECONNREFUSED ? -EBADF : -errno;
}

/* Opens the door unless another thread has done so since the caller saw number. */
static int reopen(struct kept_door *k, unsigned int number)
{
	int fd, r = 0;

	(void)pthread_rwlock_wrlock(&k->lock);
	if (k->fd < 0 || k->number == number) {
		k->fd = fd_close(k->fd);
		fd = find(k);
		if (fd < 0) {
			r = fd;
		} else {
			k->fd = fd;
			k->id = channel_socket_id(fd);
			k->number++;
		}
	}
	(void)pthread_rwlock_unlock(&k->lock);
	return r;
}

/* One attempt; *ret_number tells which opening was used. */
static int call_once(struct kept_door *k, struct exchange *x, unsigned int *ret_number)
{
	int r = -EBADF;

	(void)pthread_rwlock_rdlock(&k->lock);
	*ret_number = k->number;
	x->door_id = k->id;
	if (k->fd >= 0)
		r = exchange(k->fd, x);
	(void)pthread_rwlock_unlock(&k->lock);
	return r;
}

int kept_door_call(struct kept_door *k, struct exchange *x)
{
	unsigned int number;
	int r, r2;

	r = call_once(k, x, &number);
	if (r != -EBADF)
		return r;
	r2 = reopen(k, number);
	return r2 < 0 ? r2 : call_once(k, x, &number);
}

int kept_door_open(struct kept_door *k)
{
	bool open;

	(void)pthread_rwlock_rdlock(&k->lock);
	open = k->fd >= 0;
	(void)pthread_rwlock_unlock(&k->lock);
	return open ? 0 : reopen(k, 0);
}

void kept_door_close(struct kept_door *k)
{
	(void)pthread_rwlock_wrlock(&k->lock);
	k->fd = fd_close(k->fd);
	(void)pthread_rwlock_unlock(&k->lock);
}

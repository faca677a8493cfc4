/* SPDX-License-Identifier: MIT */
/* Descriptors in arguments and results: packed on the way out, described on the way in. */
#include "door/bulk.h"
#include "door/server.h"

/* A fresh handle when fd is a door of this process: 1 and ret_fd, or 0, or a negative errno. */
static int give_if_local(int fd, int *ret_fd)
{
	struct handle_name name;
	struct door *d;
	int r = 0;

	if (!handle_is_door(fd, &name))
		return 0;
	(void)pthread_mutex_lock(&doors_lock);
	d = door_find_locked(fd, &name);
	if (d && !d->revoked)
		r = door_give_locked(d, 0, ret_fd);
	(void)pthread_mutex_unlock(&doors_lock);
	return r < 0 ? r : d && *ret_fd >= 0;
}

int desc_out_add_bulk(struct desc_out *out, const void *data, size_t size)
{
	int fd;

	if (size <= DOOR_DATA_LIMIT)
		return 0;
	fd = bulk_new(data, size);
	if (fd < 0)
		return fd;
	out->bulk = true;
	out->own[out->n] = true;
	out->fds[out->n++] = fd;
	return 0;
}

int desc_out_add(struct desc_out *out, const door_desc_t *desc, uint_t n)
{
	uint_t i;
	int r;

	if (n > DOOR_DESC_LIMIT)
		return -ENFILE;
	for (i = 0; i < n; i++) {
		int fd = desc[i].d_data.d_desc.d_descriptor, given = FD_NONE;

		if (!(desc[i].d_attributes & DOOR_DESCRIPTOR))
			return -EINVAL;
		r = give_if_local(fd, &given);
		if (r < 0)
			return r;
		out->own[out->n] = r > 0;
		out->fds[out->n++] = r > 0 ? given : fd;
	}
	return 0;
}

void desc_out_end(struct desc_out *out)
{
	size_t i;

	for (i = 0; i < out->n; i++)
		if (out->own[i])
			(void)fd_close(out->fds[i]);
	out->n = 0;
	out->bulk = false;
}

void desc_release(const door_desc_t *desc, uint_t n)
{
	uint_t i;

	for (i = 0; i < n; i++)
		if ((desc[i].d_attributes & (DOOR_DESCRIPTOR | DOOR_RELEASE)) ==
			(DOOR_DESCRIPTOR | DOOR_RELEASE))
			(void)fd_close(desc[i].d_data.d_desc.d_descriptor);
}

void desc_close(const door_desc_t *desc, uint_t n)
{
	uint_t i;

	for (i = 0; i < n; i++)
		(void)fd_close(desc[i].d_data.d_desc.d_descriptor);
}

void desc_describe(door_desc_t *desc, const int *fds, size_t n)
{
	struct handle_name name;
	size_t i;

	for (i = 0; i < n; i++) {
		memset(&desc[i], 0, sizeof(desc[i]));
		desc[i].d_attributes = DOOR_DESCRIPTOR;
		desc[i].d_data.d_desc.d_descriptor = fds[i];
		if (!handle_is_door(fds[i], &name))
			continue;
		desc[i].d_attributes |= name.attributes;
		desc[i].d_data.d_desc.d_id = name.id;
		(void)pthread_mutex_lock(&doors_lock);
		if (door_find_locked(fds[i], &name))
			desc[i].d_attributes |= DOOR_LOCAL;
		(void)pthread_mutex_unlock(&doors_lock);
	}
}

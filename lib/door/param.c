/* SPDX-License-Identifier: MIT */
/*
 * door_getparam(3C), door_setparam(3C): what a door lets its callers send.
 *
 * The server holds the parameters and checks each call against them. Other processes ask
 * for them with a message on the handle, which the library answers without running the
 * server procedure.
 *
 * Lock: doors_lock, for the parameters.
 */
#include "door/address.h"
#include "door/call.h"
#include "door/file.h"
#include "door/server.h"

#include <limits.h>

static int fail(int r)
{
	errno = -r;
	return -1;
}

void params_init(struct door_params *p, door_attr_t attributes)
{
	*p = (struct door_params){
		.data_max = SIZE_MAX,
		.desc_max = attributes & DOOR_REFUSE_DESC ? 0 : INT_MAX,
	};
}

int params_check(const struct door_params *p, size_t size, uint_t n_desc)
{
	if (size < p->data_min || size > p->data_max)
		return -ENOBUFS;
	return n_desc > p->desc_max ? -ENFILE : 0;
}

int params_check_door(struct door *d, size_t size, uint_t n_desc)
{
	int r;

	if (!atomic_load(&d->has_params))
		return 0;
	(void)pthread_mutex_lock(&doors_lock);
	r = params_check(&d->params, size, n_desc);
	(void)pthread_mutex_unlock(&doors_lock);
	return r;
}

int params_ask(int fd, struct door_params *ret)
{
	door_arg_t arg = {.rbuf = (char *)ret, .rsize = sizeof(*ret)};
	struct handle_name name;
	const struct door *d;
	bool local, revoked = false;
	int r;

	/* Over a file it is not known whose the door is: its server is asked. */
	(void)pthread_mutex_lock(&doors_lock);
	d = handle_is_door(fd, &name) ? door_find_locked(fd, &name) : NULL;
	local = d != NULL;
	if (d) {
		revoked = d->revoked;
		*ret = d->params;
	}
	(void)pthread_mutex_unlock(&doors_lock);
	if (local)
		return revoked ? -EBADF : 0;
	r = call_exchange(fd, DOOR_COMMAND_PARAMS, &arg);
	if (r < 0)
		return r;
	/* Whatever serves this, it does not answer like a door. */
	if (arg.rbuf != (char *)ret || arg.data_size != sizeof(*ret) || arg.desc_num != 0) {
		call_drop_result(&arg, (char *)ret);
		return -EBADF;
	}
	return 0;
}

int door_getparam(int fd, int param, size_t *out)
{
	struct door_params p;
	int r;

	r = params_ask(fd, &p);
	if (r < 0)
		return fail(r);
	if (param != DOOR_PARAM_DATA_MIN && param != DOOR_PARAM_DATA_MAX &&
		param != DOOR_PARAM_DESC_MAX)
		return fail(-EINVAL);
	if (!address_writable(out, sizeof(*out)))
		return fail(-EFAULT);
	if (param == DOOR_PARAM_DESC_MAX)
		*out = p.desc_max;
	else
		*out = param == DOOR_PARAM_DATA_MIN ? p.data_min : p.data_max;
	return 0;
}

/* 0 or a negative errno; p only changes with 0. */
static int set_param(struct door_params *p, door_attr_t attributes, int param, size_t value)
{
	switch (param) {
	case DOOR_PARAM_DATA_MIN:
		if (value > p->data_max)
			return -EINVAL;
		p->data_min = value;
		return 0;
	case DOOR_PARAM_DATA_MAX:
		if (value < p->data_min)
			return -EINVAL;
		p->data_max = value;
		return 0;
	case DOOR_PARAM_DESC_MAX:
		if (value > INT_MAX)
			return -ERANGE;
		if (attributes & DOOR_REFUSE_DESC && value != 0)
			return -ENOTSUP;
		p->desc_max = (uint32_t)value;
		return 0;
	default:
		return -EINVAL;
	}
}

int door_setparam(int fd, int param, size_t value)
{
	_cleanup_close_ int own = FD_NONE;
	struct handle_name name;
	struct door *d;
	int r;

	fd = file_handle(fd, &own);
	if (fd < 0 || !handle_is_door(fd, &name))
		return fail(fd < 0 ? fd : -EBADF);
	(void)pthread_mutex_lock(&doors_lock);
	d = door_find_locked(fd, &name);
	if (d && !d->revoked) {
		atomic_store(&d->has_params, true);
		r = set_param(&d->params, d->name.attributes, param, value);
	} else {
		r = d || handle_is_dead(fd) ? -EBADF : -EPERM;
	}
	(void)pthread_mutex_unlock(&doors_lock);
	return r < 0 ? fail(r) : 0;
}

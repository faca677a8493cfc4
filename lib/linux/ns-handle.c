/* SPDX-License-Identifier: MIT */
/* File handles of namespaces; see ns-handle.h. */
#include "linux/ns-handle.h"

#include <fcntl.h>

union handle {
	struct file_handle head;
	char room[sizeof(struct file_handle) + sizeof(((struct ns_handle *)0)->data)];
};

void ns_handle_of(int fd, struct ns_handle *ret)
{
	union handle h = {.head.handle_bytes = sizeof(ret->data)};
	int mount;

	*ret = (struct ns_handle){0};
	if (name_to_handle_at(fd, "", &h.head, &mount, AT_EMPTY_PATH) < 0)
		return;
	ret->size = h.head.handle_bytes;
	ret->type = h.head.handle_type;
	memcpy(ret->data, h.head.f_handle, ret->size);
}

bool ns_handle_lives(const struct ns_handle *h)
{
	_cleanup_close_ int any = FD_NONE, fd = FD_NONE;
	union handle u;

	if (!h->size || h->size > sizeof(h->data))
		return false;
	u.head.handle_bytes = h->size;
	u.head.handle_type = h->type;
	memcpy(u.head.f_handle, h->data, h->size);
	/* Any file of the namespaces' file system says which one it is. */
	any = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (any >= 0)
		fd = open_by_handle_at(any, &u.head, O_RDONLY | O_CLOEXEC);
	return fd >= 0;
}

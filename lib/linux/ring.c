/* SPDX-License-Identifier: MIT */
/* The last bytes of a stream; see ring.h. A byte at position p is at p modulo the size. */
#include "linux/ring.h"

static uint64_t oldest(const struct ring *r)
{
	return r->end > RING_SIZE ? r->end - RING_SIZE : 0;
}

void ring_append(struct ring *r, const char *data, size_t size)
{
	while (size) {
		size_t at = r->end % RING_SIZE;
		size_t n = size < RING_SIZE - at ? size : RING_SIZE - at;

		memcpy(r->data + at, data, n);
		r->end += n;
		data += n;
		size -= n;
	}
}

size_t ring_peek(const struct ring *r, uint64_t *at, const char **ret_data, size_t max)
{
	size_t n, left;

	if (*at < oldest(r))
		*at = oldest(r);
	n = RING_SIZE - *at % RING_SIZE;
	left = (size_t)(r->end - *at);
	if (n > left)
		n = left;
	*ret_data = r->data + *at % RING_SIZE;
	return n < max ? n : max;
}

uint64_t ring_last_lines(const struct ring *r, unsigned int lines, size_t max)
{
	uint64_t first = oldest(r), at;

	if (r->end - first > max)
		first = r->end - max;
	/* The newline at the very end ends the last line and begins none. */
	for (at = r->end; at > first; at--)
		if (at < r->end && r->data[(at - 1) % RING_SIZE] == '\n' && --lines == 0)
			return at;
	return first;
}

/* SPDX-License-Identifier: MIT */
/*
 * door-probe: calls a door with a request of any size, as a hostile caller would.
 *
 *	door-probe PATH WORD [SIZE]
 *
 * The request is SIZE bytes (default 4): WORD, the command, as the first 32 bits
 * as far as they fit, then zeros. Prints one line: "open: ERRNO-NAME", "call:
 * ERRNO-NAME", "empty" for an empty result, or "err N size S", N being the first
 * 32 bits of the result, which every protocol of ours begins with. Exit status
 * 0 when a result came, 1 otherwise.
 *
 * Tests copy this program into zones, so it needs nothing but the C library
 * and the door library, which is linked in.
 */
#include <door.h>
#include <door_linux.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/util.h"

/* The name of errno for the line that is printed. */
static int refuse(const char *what)
{
	printf("%s: %s\n", what, strerrorname_np(errno));
	return 1;
}

int main(int argc, char **argv)
{
	static char reply[DOOR_DATA_LIMIT];
	uint32_t word;
	size_t size = 4;
	_cleanup_free_ char *request = NULL;
	int32_t err;
	int door;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: door-probe path word [size]\n");
		return 2;
	}
	word = (uint32_t)strtoul(argv[2], NULL, 0);
	if (argc == 4)
		size = strtoul(argv[3], NULL, 0);
	request = calloc(1, size + sizeof(word));
	if (!request)
		return refuse("memory");
	memcpy(request, &word, size < sizeof(word) ? size : sizeof(word));

	door = door_open(argv[1]);
	if (door < 0)
		return refuse("open");

	door_arg_t arg = {
		.data_ptr = size ? request : NULL,
		.data_size = size,
		.rbuf = reply,
		.rsize = sizeof(reply),
	};
	if (door_call(door, &arg) < 0)
		return refuse("call");
	if (arg.data_size < sizeof(err)) {
		printf("empty\n");
		return 0;
	}
	memcpy(&err, arg.data_ptr, sizeof(err));
	printf("err %d size %zu\n", err, arg.data_size);
	return 0;
}

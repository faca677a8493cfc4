/* SPDX-License-Identifier: MIT */
/* A client as one writes it from the illumos manual: opens a path, calls what it got. */
#include <door.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int show(int did, char *request, int pass)
{
	char rbuf[256];
	door_desc_t desc;
	door_arg_t arg;

	memset(&desc, 0, sizeof(desc));
	desc.d_attributes = DOOR_DESCRIPTOR;
	desc.d_data.d_desc.d_descriptor = pass;
	arg.data_ptr = request;
	arg.data_size = strlen(request) + 1;
	arg.desc_ptr = pass < 0 ? NULL : &desc;
	arg.desc_num = pass < 0 ? 0 : 1;
	arg.rbuf = rbuf;
	arg.rsize = sizeof(rbuf);
	if (door_call(did, &arg) < 0) {
		printf("%s: %s\n", request, strerror(errno));
		return 1;
	}
	printf("%s: %d bytes, %d descriptors, %s: %.20s\n", request, (int)arg.data_size,
		(int)arg.desc_num, arg.rbuf == rbuf ? "own buffer" : "new mapping",
		arg.data_size ? arg.data_ptr : "");
	if (arg.rbuf != rbuf)
		munmap(arg.rbuf, arg.rsize);
	return 0;
}

int main(int argc, char **argv)
{
	door_info_t info;
	int did, fd, bad = 0;
	size_t max;

	did = open(argv[1], O_RDWR);
	if (did < 0) {
		perror(argv[1]);
		return 1;
	}
	if (door_info(did, &info) < 0 || door_getparam(did, DOOR_PARAM_DATA_MAX, &max) < 0) {
		perror("door_info");
		return 1;
	}
	printf("server %ld, unref %d, max %d\n", (long)info.di_target,
		(info.di_attributes & DOOR_UNREF) != 0, max == (size_t)-1);
	bad |= show(did, "world", -1);
	bad |= show(did, "who", -1);
	bad |= show(did, "info", -1);
	fd = open("/proc/self/comm", O_RDONLY);
	bad |= show(did, "read", fd);
	bad |= show(did, "large", -1);
	bad |= show(did, "open", -1);
	if (door_revoke(did) != -1)
		bad = 1;
	printf("revoke: %s\n", strerror(errno));
	return bad;
}

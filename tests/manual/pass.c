/* SPDX-License-Identifier: MIT */
/* A door is passed over a door and then called; one that comes home is DOOR_LOCAL. */
#include "check.h"

struct state {
	atomic_int unrefs;
};
static struct state *state;
static int kept = -1;

static void inner(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	pid_t pid = getpid();

	if (argp == DOOR_UNREF_DATA)
		state->unrefs++;
	door_return((char *)&pid, sizeof(pid), NULL, 0);
}

/* Without a descriptor: gives away a new door. With one: calls it back. */
static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	door_desc_t desc = {.d_attributes = DOOR_DESCRIPTOR};
	pid_t pid = 0;
	door_arg_t arg = {NULL, 0, NULL, 0, (char *)&pid, sizeof(pid)};

	if (n_desc == 0) {
		kept = door_create(inner, NULL, DOOR_UNREF);
		desc.d_data.d_desc.d_descriptor = kept;
		door_return(NULL, 0, &desc, 1);
	}
	CHECK(n_desc == 1 && dp->d_attributes & DOOR_DESCRIPTOR);
	CHECK(dp->d_data.d_desc.d_id != 0);
	if (arg_size > 0)
		CHECK(dp->d_attributes & DOOR_LOCAL);
	else
		CHECK(!(dp->d_attributes & DOOR_LOCAL));
	CHECK(door_call(dp->d_data.d_desc.d_descriptor, &arg) == 0);
	close(dp->d_data.d_desc.d_descriptor);
	door_return((char *)&pid, sizeof(pid), NULL, 0);
}

static void setup(const char *path)
{
	publish(door_create(server, NULL, 0), path);
}

/* Gives a door to the server and returns the process that served the call of it. */
static pid_t called_back(int fd, int door, size_t size)
{
	door_desc_t desc = {.d_attributes = DOOR_DESCRIPTOR};
	pid_t pid = 0;
	door_arg_t arg = {"h", size, &desc, 1, (char *)&pid, sizeof(pid)};

	desc.d_data.d_desc.d_descriptor = door;
	CHECK(door_call(fd, &arg) == 0);
	return pid;
}

int main(int argc, char **argv)
{
	char rbuf[256];
	door_arg_t arg = {NULL, 0, NULL, 0, rbuf, sizeof(rbuf)};
	door_info_t info;
	int fd, got, mine;
	pid_t pid, who = 0;

	state = shared(sizeof(*state));
	pid = start_server(setup, argv[1]);
	fd = open_door(argv[1]);
	CHECK(door_call(fd, &arg) == 0);
	CHECK(arg.desc_num == 1 && arg.desc_ptr->d_attributes & DOOR_DESCRIPTOR);
	CHECK(arg.desc_ptr->d_attributes & DOOR_UNREF);
	got = arg.desc_ptr->d_data.d_desc.d_descriptor;
	CHECK(door_info(got, &info) == 0);
	CHECK(info.di_uniquifier == arg.desc_ptr->d_data.d_desc.d_id && info.di_target == pid);
	arg = (door_arg_t){NULL, 0, NULL, 0, (char *)&who, sizeof(who)};
	CHECK(door_call(got, &arg) == 0);
	CHECK(who == pid);
	/* Home again, then nobody but the server has it. */
	CHECK(called_back(fd, got, 1) == pid);
	close(got);
	AWAIT(state->unrefs == 1);
	mine = door_create(inner, NULL, 0);
	CHECK(called_back(fd, mine, 0) == getpid());
	stop_server(pid);
	return done();
}

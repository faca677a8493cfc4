/* SPDX-License-Identifier: MIT */
/* DOOR_PRIVATE, door_server_create(), door_bind(), door_unbind(): a pool of its own. */
#include "check.h"

static int did;
static atomic_int made, made_shared;
static atomic_ulong bound_thread;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	unsigned long self = (unsigned long)pthread_self();

	door_return((char *)&self, sizeof(self), NULL, 0);
}

/* Serves the door that the pool belongs to. */
static void *bound(void *arg)
{
	CHECK(door_bind(did) == 0);
	bound_thread = (unsigned long)pthread_self();
	door_return(NULL, 0, NULL, 0);
	return NULL;
}

static void *unbound(void *arg)
{
	door_return(NULL, 0, NULL, 0);
	return NULL;
}

static void create_thread(door_info_t *info)
{
	pthread_t t;

	if (!info) {
		made_shared++;
		CHECK(pthread_create(&t, NULL, unbound, NULL) == 0);
		return;
	}
	/* In door_create() the door is not known by its descriptor yet. */
	CHECK(info->di_proc == (door_ptr_t)(unsigned long)server);
	CHECK(info->di_attributes & DOOR_PRIVATE);
	made++;
}

int main(int argc, char **argv)
{
	door_server_func_t *before = door_server_create(create_thread);
	unsigned long who = 0;
	door_arg_t arg = {NULL, 0, NULL, 0, (char *)&who, sizeof(who)};
	pthread_t t;
	int shared_did;

	CHECK(before != NULL && before != create_thread);
	did = door_create(server, NULL, DOOR_PRIVATE);
	CHECK(did >= 0);
	CHECK(made == 1 && made_shared == 0);
	CHECK(pthread_create(&t, NULL, bound, NULL) == 0);
	CHECK(door_call(did, &arg) == 0);
	CHECK(who == bound_thread);
	/* The others have theirs. */
	shared_did = door_create(server, NULL, 0);
	CHECK(shared_did >= 0);
	AWAIT(made_shared >= 1);
	arg = (door_arg_t){NULL, 0, NULL, 0, (char *)&who, sizeof(who)};
	CHECK(door_call(shared_did, &arg) == 0);
	CHECK(who != bound_thread);
	FAILS(door_bind(shared_did), EINVAL);
	FAILS(door_bind(0), EBADF);
	FAILS(door_unbind(), EBADF);
	CHECK(door_bind(did) == 0);
	CHECK(door_unbind() == 0);
	FAILS(door_unbind(), EBADF);
	CHECK(door_server_create(before) == create_thread);
	/* A bound thread comes back when its door is gone. */
	CHECK(door_revoke(did) == 0);
	CHECK(pthread_join(t, NULL) == 0);
	FAILS(door_bind(did), EBADF);
	return done();
}

/* SPDX-License-Identifier: MIT */
/* door_xcreate(): how threads are made, and asked for when none is left. */
#include "check.h"

static atomic_int created, depleted, set_up, running, go;
static int answer = 1;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	running++;
	while (!go)
		usleep(2000);
	running--;
	door_return(NULL, 0, NULL, 0);
}

static int create(door_info_t *info, void *(*start)(void *), void *arg, void *cookie)
{
	pthread_t t;

	CHECK(cookie == &answer);
	if (answer < 1) {
		errno = ENOMEM;
		return answer;
	}
	CHECK(info->di_attributes & DOOR_PRIVATE && info->di_attributes & DOOR_PRIVCREATE);
	if (info->di_attributes & DOOR_DEPLETION_CB)
		depleted++;
	CHECK(pthread_create(&t, NULL, start, arg) == 0);
	pthread_detach(t);
	created++;
	return 1;
}

static void setup(void *cookie)
{
	CHECK(cookie == &answer);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	set_up++;
}

static void *call(void *arg)
{
	CHECK(door_call(*(int *)arg, NULL) == 0);
	return NULL;
}

/* So many calls at the same time, on a door with two threads at first. */
static void load(uint_t attributes, int calls, int at_once)
{
	pthread_t t[8];
	int i, did;

	created = depleted = set_up = go = 0;
	did = door_xcreate(server, NULL, attributes, create, setup, &answer, 2);
	CHECK(did >= 0);
	CHECK(created == 2 && set_up == 2 && depleted == 0);
	for (i = 0; i < calls; i++)
		CHECK(pthread_create(&t[i], NULL, call, &did) == 0);
	AWAIT(running == at_once);
	go = 1;
	for (i = 0; i < calls; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
	CHECK(door_revoke(did) == 0);
}

int main(int argc, char **argv)
{
	load(0, 5, 5);
	CHECK(created > 4 && depleted == created - 2);
	load(DOOR_NO_DEPLETION_CB, 5, 2);
	CHECK(created == 2 && depleted == 0);

	FAILS(door_xcreate(server, NULL, 0, NULL, setup, &answer, 1), EINVAL);
	FAILS(door_xcreate(server, NULL, 0, create, setup, &answer, 0), EINVAL);
	FAILS(door_xcreate(server, NULL, DOOR_PRIVCREATE, create, setup, &answer, 1), EINVAL);
	FAILS(door_xcreate(server, NULL, DOOR_LOCAL, create, setup, &answer, 1), EINVAL);
	FAILS(door_create(server, NULL, DOOR_NO_DEPLETION_CB), EINVAL);
	answer = 0;
	FAILS(door_xcreate(server, NULL, 0, create, setup, &answer, 1), EPIPE);
	answer = -1;
	FAILS(door_xcreate(server, NULL, 0, create, setup, &answer, 1), ENOMEM);
	return done();
}

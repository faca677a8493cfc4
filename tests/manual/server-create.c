/* SPDX-License-Identifier: MIT */
/* door_server_create(): the program makes the threads of the shared pool, and may set a limit. */
#include "check.h"

#define MOST 3

static atomic_int asked, threads, running, go;

static void server(void *cookie, char *argp, size_t arg_size, door_desc_t *dp, uint_t n_desc)
{
	running++;
	while (!go)
		usleep(2000);
	running--;
	door_return(NULL, 0, NULL, 0);
}

static void *serve(void *arg)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	door_return(NULL, 0, NULL, 0);
	return NULL;
}

static void create(door_info_t *info)
{
	pthread_t t;

	CHECK(info == NULL);
	asked++;
	if (threads == MOST)
		return;
	threads++;
	CHECK(pthread_create(&t, NULL, serve, NULL) == 0);
	pthread_detach(t);
}

static void *call(void *arg)
{
	CHECK(door_call(*(int *)arg, NULL) == 0);
	return NULL;
}

int main(int argc, char **argv)
{
	door_server_func_t *before = door_server_create(create);
	pthread_t t[6];
	int i, did;

	did = door_create(server, NULL, 0);
	CHECK(did >= 0);
	AWAIT(asked >= 1);
	for (i = 0; i < 6; i++)
		CHECK(pthread_create(&t[i], NULL, call, &did) == 0);
	AWAIT(running == MOST);
	AWAIT(asked > MOST);
	usleep(20000);
	CHECK(running == MOST);
	go = 1;
	for (i = 0; i < 6; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
	CHECK(door_server_create(before) == create);
	return done();
}

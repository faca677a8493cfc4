/* SPDX-License-Identifier: MIT */
/*
 * soak-doors: doors under load for as long as one likes, with processes killed at random.
 *
 *	soak-doors [-t SECONDS] [-r SEED]
 *
 * Two servers and four clients with threads call each other with random sizes, descriptors,
 * nested calls, callbacks and questions for credentials; every byte of every answer is checked.
 * Processes are killed, stopped and signalled meanwhile. From time to time all clients rest;
 * then what the two processes hold that are never killed must be what they held at the first
 * rest. At the end no process and no name may be left. SEED repeats the order of events,
 * though not their time.
 *
 * Nothing is judged by time, except that something which takes PATIENCE has hung.
 */
#include "soak.h"
#include "watch.h"

#include "../unit/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE   600u /* seconds: the soak may be all that a busy machine does last */
#define PERIOD	   60u	/* seconds between rests */
#define CALM_CALLS 50u	/* of each client, when the killing has stopped */

struct shared *shared;
char folder[64];

static uint64_t state;
static pid_t servers[SERVERS], clients[CLIENTS];
static unsigned int kills;

static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000u + (uint64_t)ts.tv_nsec / 1000000u;
}

static void sleep_ms(unsigned int ms)
{
	const struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	(void)nanosleep(&ts, NULL);
}

/* The soak has failed: ends all. */
static _Noreturn void fail(const char *what)
{
	unsigned int i;

	fprintf(stderr, "soak-doors: %s\n", what);
	for (i = 0; i < SERVERS; i++)
		if (servers[i] > 0)
			(void)kill(servers[i], SIGKILL);
	for (i = 0; i < CLIENTS; i++)
		if (clients[i] > 0)
			(void)kill(clients[i], SIGKILL);
	(void)watch_remove(folder);
	exit(1);
}

/* Nobody ends but those that are killed; forked children of killed ones end well. */
static void check_children(void)
{
	char text[64];
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (status == 0 && !atomic_load(&shared->end)) {
			unsigned int i;

			for (i = 0; i < CLIENTS; i++)
				if (pid == clients[i])
					fail("a client ended");
		}
		if (status != 0) {
			(void)snprintf(text, sizeof(text), "process %d ended with status %x",
				(int)pid, (unsigned int)status);
			fail(text);
		}
	}
}

/* Waits for something. */
static void wait_until(bool (*is)(void), const char *what)
{
	uint64_t begin = now_ms();

	while (!is()) {
		check_children();
		if (now_ms() - begin > PATIENCE * 1000u) {
			watch_explain(servers, SERVERS);
			watch_explain(clients, CLIENTS);
			fail(what);
		}
		sleep_ms(2);
	}
}

static pid_t start(bool server, unsigned int number)
{
	uint64_t seed = rnd(&state) | 1;
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		fail("fork");
	if (pid > 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	if (server)
		run_server(number);
	else
		run_client(number, seed);
}

static void kill_one(pid_t pid)
{
	int status;

	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			fail("waitpid");
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail("a process had ended before it was killed");
	kills++;
}

/* Also while it makes names: what it leaves the next one takes away. */
static void kill_server(unsigned int number)
{
	kill_one(servers[number]);
	atomic_store(&shared->ready[number], false);
	servers[number] = start(true, number);
}

static void kill_client(unsigned int number)
{
	kill_one(clients[number]);
	clients[number] = start(false, number);
}

static void stop_one(pid_t pid)
{
	(void)kill(pid, SIGSTOP);
	sleep_ms(rnd_below(&state, 30));
	(void)kill(pid, SIGCONT);
}

static void disturb(unsigned int ms)
{
	uint64_t begin = now_ms();

	while (now_ms() - begin < ms) {
		unsigned int what = rnd_below(&state, 10);

		sleep_ms(5 + rnd_below(&state, 100));
		check_children();
		if (what < 3)
			kill_client(1 + rnd_below(&state, CLIENTS - 1));
		else if (what < 5)
			kill_server(1 + rnd_below(&state, SERVERS - 1));
		else if (what < 8)
			(void)kill(clients[rnd_below(&state, CLIENTS)], SIGUSR1);
		else if (what < 9)
			stop_one(clients[rnd_below(&state, CLIENTS)]);
		else
			stop_one(servers[rnd_below(&state, SERVERS)]);
	}
}

static unsigned long long wanted[CLIENTS];

static bool all_have_called(void)
{
	unsigned int i;

	for (i = 0; i < CLIENTS; i++)
		if (atomic_load(&shared->client[i].good) < wanted[i])
			return false;
	return true;
}

static bool all_are_ready(void)
{
	unsigned int i;

	for (i = 0; i < SERVERS; i++)
		if (!atomic_load(&shared->ready[i]))
			return false;
	return true;
}

static bool all_rest(void)
{
	unsigned int i;

	for (i = 0; i < CLIENTS; i++)
		if (atomic_load(&shared->client[i].rests) != atomic_load(&shared->rest))
			return false;
	return true;
}

/* Everybody gets an answer when nobody is killed; then all rest. */
static void rest(unsigned int n)
{
	unsigned int i;

	wait_until(all_are_ready, "a server does not start");
	for (i = 0; i < CLIENTS; i++)
		wanted[i] = atomic_load(&shared->client[i].good) + CALM_CALLS;
	wait_until(all_have_called, "a client gets no answers");
	atomic_store(&shared->rest, n);
	wait_until(all_rest, "a call does not end");
}

static struct held base_server, base_client;

/* Those that are never killed hold no more than at first. */
static bool holds_no_more(void)
{
	const unsigned int threads =
		watch_threads(servers, SERVERS) + watch_threads(clients, CLIENTS);

	return watch_is_flat(servers[0], &base_server, threads) &&
	       watch_is_flat(clients[0], &base_client, threads);
}

static void say(uint64_t begin)
{
	unsigned long long good = 0, refused = 0;
	unsigned int i;

	for (i = 0; i < CLIENTS; i++) {
		good += atomic_load(&shared->client[i].good);
		refused += atomic_load(&shared->client[i].refused);
	}
	printf("%4llu s: %llu calls answered, %llu refused, %u processes killed\n",
		(unsigned long long)(now_ms() - begin) / 1000, good, refused, kills);
	watch_say("server", servers[0]);
	watch_say("client", clients[0]);
	(void)fflush(stdout);
}

static void soak(unsigned int seconds)
{
	uint64_t begin = now_ms(), end = begin + 1000u * seconds, now;
	unsigned int n = 1, warm = seconds / 4 < PERIOD ? seconds * 250 : PERIOD * 1000;

	wait_until(all_are_ready, "a server does not start");
	disturb(warm);
	rest(n);
	watch_measure(servers[0], &base_server);
	watch_measure(clients[0], &base_client);
	say(begin);
	do {
		atomic_store(&shared->rest, 0);
		now = now_ms();
		disturb(now >= end		    ? 0
			: end - now < PERIOD * 1000 ? (unsigned int)(end - now)
						    : PERIOD * 1000);
		rest(++n);
		wait_until(holds_no_more, "what a process holds has grown");
		say(begin);
	} while (now_ms() < end);
}

static bool all_have_ended(void)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	if (pid > 0 && status != 0)
		fail("a process did not end well");
	return pid < 0 && errno == ECHILD;
}

static void end_all(void)
{
	unsigned int i;

	atomic_store(&shared->end, true);
	atomic_store(&shared->rest, 0);
	for (i = 0; i < SERVERS; i++)
		(void)kill(servers[i], SIGTERM);
	wait_until(all_have_ended, "a process does not end");
	for (i = 0; i < SERVERS; i++)
		servers[i] = 0;
	for (i = 0; i < CLIENTS; i++)
		clients[i] = 0;
}

/* A folder for all names, and the files that doors are put over. */
static void prepare(void)
{
	char path[128];
	unsigned int i;
	int fd;

	if (folder_make(folder, sizeof(folder), "soak") < 0)
		fail("a folder");
	(void)snprintf(path, sizeof(path), "%s/run", folder);
	if (mkdir(path, 0755) < 0 || setenv("ZONES_ROOT", folder, 1) < 0 ||
		setenv("XDG_RUNTIME_DIR", folder, 1) < 0)
		fail(path);
	for (i = 0; i < SERVERS; i++) {
		door_path(path, i, KIND_FILE);
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			fail(path);
		(void)close(fd);
	}
	/* cppcheck-suppress invalidFunctionArg; it does not know MAP_ANONYMOUS */
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		fail("memory");
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text && !*end && n > 0 && n <= 1000000000)
		return (unsigned int)n;
	fprintf(stderr, "soak-doors: %s: not a number from 1 to 1000000000\n", text);
	exit(2);
}

int main(int argc, char **argv)
{
	unsigned int seconds = 3600, seed = (unsigned int)(now_ms() % 1000000 + 1), i;
	int opt;

	while ((opt = getopt(argc, argv, "t:r:")) != -1) {
		if (opt != 't' && opt != 'r')
			return 2;
		*(opt == 't' ? &seconds : &seed) = number(optarg);
	}
	if (optind != argc) {
		fprintf(stderr, "usage: soak-doors [-t SECONDS] [-r SEED]\n");
		return 2;
	}
	printf("soak-doors: %u seconds, seed %u\n", seconds, seed);
	(void)fflush(stdout);
	state = seed;
	/* An arena for each thread keeps what is free; with one, what grows is a leak. */
	(void)mallopt(M_ARENA_MAX, 1);
	/* Clients are signalled from their first moment on, before they have a handler. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || signal(SIGUSR1, SIG_IGN) == SIG_ERR)
		fail("subreaper");
	prepare();
	for (i = 0; i < SERVERS; i++)
		servers[i] = start(true, i);
	for (i = 0; i < CLIENTS; i++)
		clients[i] = start(false, i);
	soak(seconds);
	end_all();
	if (!watch_remove(folder))
		fail("names are left behind");
	printf("soak-doors: nothing grew, nothing is left\n");
	return 0;
}

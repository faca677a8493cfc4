/* SPDX-License-Identifier: MIT */
/*
 * bench-doors: measures one transport in one setting.
 *
 *	bench-doors [-c CLIENTS] [-s SIZE] [-p PLACE] [-n CALLS] [-t MS] [-o FILE] TRANSPORT
 *	bench-doors -i MS TRANSPORT
 *
 *	-c  client processes, 1
 *	-s  bytes of the argument, 0
 *	-p  free    left to the scheduler
 *	    one     all on the first CPU that we may use
 *	    two     one client: the server on the first, the client on the second;
 *	            more: all on these two
 *	-n  ends after as many calls of all clients together, 10000
 *	-t  ends after as many milliseconds, 1000
 *	-o  adds the nanoseconds of each call to FILE, as 32-bit numbers
 *	-i  measures no calls, but the CPU time that server and client use in as many
 *	    milliseconds after a burst of calls
 *
 * Prints "calls NS-OVERALL LEAST", where LEAST is the least number of calls that one client
 * made; with -i "CPU-NS MS". All clients end together, so that the load is the same until the
 * last call. Exit status 0, 1 failed, 2 usage, 3 no such transport, or not enough CPUs.
 */
#include "bench.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP_CALLS 2000u
#define WARM_UP_NS    50000000u
#define SETTLE_MS     300u

static const struct transport *const transports[] = {
	&transport_door,
	&transport_door_ucred,
	&transport_door_privs,
	&transport_pipe,
	&transport_futex,
	&transport_seqcred,
	&transport_seqpoll,
#ifdef HAVE_SD_BUS
	&transport_sdbus,
#endif
};

/* What server and clients tell each other; shared by all. */
struct shared {
	pthread_barrier_t served; /* the server and all clients */
	pthread_barrier_t warm;	  /* all clients, after their first calls */
	atomic_bool stop;
	struct {
		uint64_t begin, end;
		unsigned int calls;
	} client[CLIENTS_MAX];
	uint32_t samples[]; /* `room` for each client */
};

struct bench bench = {.clients = 1};
static const struct transport *transport;
static struct shared *shared;
static const char *place = "free", *file;
static cpu_set_t server_place, client_place;
static unsigned int calls_wanted = 10000, room;
static uint64_t time_wanted = 1000000000u, idle_ms;

void die(const char *what)
{
	fprintf(stderr, "bench-doors: %s: %s\n", what, strerror(errno));
	_exit(1);
}

void answer(const char *arg, char *reply)
{
	uint64_t first, last;

	if (bench.size == 0)
		return;
	memcpy(&first, arg, sizeof(first));
	memcpy(&last, arg + bench.size - sizeof(last), sizeof(last));
	first += last;
	memset(reply, 0, REPLY_SIZE);
	memcpy(reply, &first, sizeof(first));
}

void *share(size_t size)
{
	const int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE;
	/* cppcheck-suppress invalidFunctionArg; it does not know MAP_ANONYMOUS */
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (p == MAP_FAILED)
		die("memory");
	return p;
}

void start_threads(void *(*run)(void *client), unsigned int count)
{
	static unsigned int numbers[CLIENTS_MAX];
	pthread_t thread;
	unsigned int i;

	for (i = 0; i < count; i++) {
		numbers[i] = i;
		errno = pthread_create(&thread, NULL, run, &numbers[i]);
		if (errno)
			die("thread");
	}
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void sleep_ms(uint64_t ms)
{
	struct timespec ts = {
		.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

	while (nanosleep(&ts, &ts) < 0)
		if (errno != EINTR)
			die("sleep");
}

/* The n-th CPU that we may use, added to set. Exits with 3 when there is none. */
static void add_cpu(const cpu_set_t *all, unsigned int n, cpu_set_t *set)
{
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, all) && n-- == 0) {
			CPU_SET(cpu, set);
			return;
		}
	}
	exit(3);
}

/* Where server and clients are to be. */
static void find_places(void)
{
	cpu_set_t all;

	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		die("affinity");
	server_place = client_place = all;
	if (strcmp(place, "free") == 0)
		return;
	CPU_ZERO(&server_place);
	CPU_ZERO(&client_place);
	if (strcmp(place, "one") == 0) {
		add_cpu(&all, 0, &server_place);
		client_place = server_place;
	} else if (strcmp(place, "two") == 0 && bench.clients == 1) {
		add_cpu(&all, 0, &server_place);
		add_cpu(&all, 1, &client_place);
	} else if (strcmp(place, "two") == 0) {
		add_cpu(&all, 0, &server_place);
		add_cpu(&all, 1, &server_place);
		client_place = server_place;
	} else {
		exit(2);
	}
}

static void go_to_place(const cpu_set_t *set)
{
	if (sched_setaffinity(0, sizeof(*set), set) < 0)
		die("affinity");
}

static void call_once(char *arg, char *reply, uint64_t serial)
{
	uint64_t sum;

	if (bench.size) {
		memcpy(arg, &serial, sizeof(serial));
		memcpy(arg + bench.size - sizeof(serial), &serial, sizeof(serial));
	}
	transport->call(arg, reply);
	if (!bench.size)
		return;
	memcpy(&sum, reply, sizeof(sum));
	/* In 8 bytes the first word is the last. */
	if (sum != 2 * serial) {
		errno = EBADMSG;
		die("wrong answer");
	}
}

static void measure(unsigned int client, char *arg, char *reply)
{
	uint32_t *samples = shared->samples + (size_t)client * room;
	uint64_t before, after, deadline;
	unsigned int n = 0;

	(void)pthread_barrier_wait(&shared->warm);
	before = now_ns();
	shared->client[client].begin = before;
	deadline = before + time_wanted;
	while (!atomic_load_explicit(&shared->stop, memory_order_relaxed)) {
		call_once(arg, reply, n + 1);
		after = now_ns();
		samples[n++] =
			after - before > UINT32_MAX ? UINT32_MAX : (uint32_t)(after - before);
		before = after;
		if (n == room || after >= deadline)
			atomic_store(&shared->stop, true);
	}
	shared->client[client].end = before;
	shared->client[client].calls = n;
}

static void run_client(unsigned int client)
{
	static char arg[SIZE_LARGEST], reply[REPLY_SIZE];
	uint64_t begin;
	unsigned int i;

	go_to_place(&client_place);
	(void)pthread_barrier_wait(&shared->served);
	transport->connect(client);
	begin = now_ns();
	for (i = 0; i < WARM_UP_CALLS && now_ns() - begin < WARM_UP_NS; i++)
		call_once(arg, reply, i + 1);
	if (!idle_ms) {
		measure(client, arg, reply);
		_exit(0);
	}
	(void)pthread_barrier_wait(&shared->warm);
	for (;;)
		(void)pause();
}

static void run_server(void)
{
	go_to_place(&server_place);
	transport->serve();
	(void)pthread_barrier_wait(&shared->served);
	for (;;)
		(void)pause();
}

static pid_t start(void (*run)(unsigned int), unsigned int client)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	if (run)
		run(client);
	else
		run_server();
	_exit(1);
}

static void make_shared(unsigned int warm)
{
	pthread_barrierattr_t attr;
	size_t size;

	/* One client may make more of the calls than its share. */
	room = bench.clients == 1 ? calls_wanted : calls_wanted * 2 / bench.clients + 1;
	size = sizeof(*shared) + (size_t)room * bench.clients * sizeof(uint32_t);
	shared = share(size);
	(void)pthread_barrierattr_init(&attr);
	(void)pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	(void)pthread_barrier_init(&shared->served, &attr, bench.clients + 1);
	(void)pthread_barrier_init(&shared->warm, &attr, warm);
}

static uint64_t cpu_ns(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	errno = clock_getcpuclockid(pid, &clock);
	if (errno || clock_gettime(clock, &ts) < 0)
		die("CPU time");
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Server and client are connected, and nobody calls. */
static void measure_idle(pid_t server, pid_t client)
{
	uint64_t before;

	(void)pthread_barrier_wait(&shared->warm);
	sleep_ms(SETTLE_MS);
	before = cpu_ns(server) + cpu_ns(client);
	sleep_ms(idle_ms);
	printf("%llu %llu\n", (unsigned long long)(cpu_ns(server) + cpu_ns(client) - before),
		(unsigned long long)idle_ms);
}

static void report(void)
{
	uint64_t begin = UINT64_MAX, end = 0;
	unsigned int i, n, all = 0, least = UINT_MAX;
	FILE *f = file ? fopen(file, "a") : NULL;

	if (file && !f)
		die(file);
	for (i = 0; i < bench.clients; i++) {
		n = shared->client[i].calls;
		all += n;
		least = n < least ? n : least;
		if (shared->client[i].begin < begin)
			begin = shared->client[i].begin;
		if (shared->client[i].end > end)
			end = shared->client[i].end;
		if (f && fwrite(shared->samples + (size_t)i * room, sizeof(uint32_t), n, f) != n)
			die(file);
	}
	if (f && fclose(f) != 0)
		die(file);
	printf("%u %llu %u\n", all, (unsigned long long)(end - begin), least);
}

/* Waits for all clients. Nobody may end in any other way. */
static bool wait_clients(pid_t server)
{
	unsigned int i;
	int status;
	pid_t pid;

	for (i = 0; i < bench.clients; i++) {
		pid = wait(&status);
		if (pid < 0 || pid == server || status != 0)
			return false;
	}
	return true;
}

static bool run_all(void)
{
	pid_t server, client[CLIENTS_MAX];
	unsigned int i;
	bool good = true;

	transport->prepare();
	make_shared(idle_ms ? 2 : bench.clients);
	server = start(NULL, 0);
	for (i = 0; i < bench.clients; i++)
		client[i] = start(run_client, i);
	if (idle_ms)
		measure_idle(server, client[0]);
	else
		good = wait_clients(server);
	/* Those that were waited for are no longer ours to end. */
	for (i = 0; i < bench.clients && (idle_ms || !good); i++)
		(void)kill(client[i], SIGKILL);
	(void)kill(server, SIGKILL);
	while (wait(NULL) > 0)
		;
	if (transport->remove)
		transport->remove();
	if (good && !idle_ms)
		report();
	return good;
}

static unsigned int number(const char *text, unsigned int min, unsigned int max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text && !*end && n >= min && n <= max)
		return (unsigned int)n;
	fprintf(stderr, "bench-doors: %s: not a number from %u to %u\n", text, min, max);
	exit(2);
}

static void take_option(int opt)
{
	switch (opt) {
	case 'c':
		bench.clients = number(optarg, 1, CLIENTS_MAX);
		break;
	case 's':
		bench.size = number(optarg, 0, SIZE_LARGEST);
		if (bench.size % sizeof(uint64_t))
			exit(2);
		break;
	case 'p':
		place = optarg;
		break;
	case 'n':
		calls_wanted = number(optarg, 1, 100000000);
		break;
	case 't':
		time_wanted = 1000000ull * number(optarg, 1, 1000000);
		break;
	case 'i':
		idle_ms = number(optarg, 1, 1000000);
		break;
	case 'o':
		file = optarg;
		break;
	default:
		exit(2);
	}
}

int main(int argc, char **argv)
{
	bool good;
	size_t i;
	int opt;

	while ((opt = getopt(argc, argv, "c:s:p:n:t:i:o:")) != -1)
		take_option(opt);
	if (optind != argc - 1 || (idle_ms && bench.clients != 1)) {
		fprintf(stderr, "usage: bench-doors [-c CLIENTS] [-s SIZE] [-p free|one|two] "
				"[-n CALLS] [-t MS] [-o FILE] [-i MS] TRANSPORT\n");
		return 2;
	}
	for (i = 0; i < sizeof(transports) / sizeof(*transports); i++)
		if (strcmp(transports[i]->name, argv[optind]) == 0)
			transport = transports[i];
	if (!transport)
		return 3;
	find_places();
	(void)strcpy(bench.folder, "/tmp/bench-doors.XXXXXX");
	if (!mkdtemp(bench.folder))
		die(bench.folder);
	good = run_all();
	(void)rmdir(bench.folder);
	return good ? 0 : 1;
}

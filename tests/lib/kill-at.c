/* SPDX-License-Identifier: MIT */
/*
 * kill-at PID N: kills a process with SIGKILL when it is about to make its N-th system call.
 *
 * All threads of it are traced from then on, its children are not. Says "ready" when counting has
 * begun. Exit status 0: it is dead ("killed before CALL", its number). 1: asked to end (SIGTERM)
 * before it came so far, or the process ended by itself; then "passed COUNT", and the process goes
 * on as if nothing had been.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS_MAX 1024

static pid_t threads[THREADS_MAX]; /* attached at the start */
static size_t nthreads;
static volatile sig_atomic_t ended;

static void on_term(int sig)
{
	ended = 1;
}

static bool known(pid_t tid)
{
	size_t i;

	for (i = 0; i < nthreads; i++)
		if (threads[i] == tid)
			return true;
	return false;
}

/* Threads that appear before their maker is traced are found the next time. True: there was a new one. */
static bool attach_new(pid_t pid)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE;
	const struct dirent *e;
	char path[64];
	bool any = false;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir)) && nthreads < THREADS_MAX) {
		pid_t tid = (pid_t)atoi(e->d_name);

		if (!isdigit((unsigned char)e->d_name[0]) || known(tid) ||
			ptrace(PTRACE_SEIZE, tid, NULL, options) < 0)
			continue; /* gone, or traced already as the child of one that is */
		threads[nthreads++] = tid;
		(void)ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
		any = true;
	}
	if (dir)
		(void)closedir(dir);
	return any;
}

/* Is the stop the entry of a system call? Its number, or -1. */
static long entered(pid_t tid, int status)
{
	struct __ptrace_syscall_info info = {0};

	if (WSTOPSIG(status) != (SIGTRAP | 0x80) ||
		ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0 ||
		info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return -1;
	return (long)info.entry.nr;
}

/* Signals of the process are delivered, what only tracing makes is not. */
static void go_on(pid_t tid, int status)
{
	long sig = WSTOPSIG(status);

	if (status >> 16 || sig == (SIGTRAP | 0x80))
		sig = 0;
	(void)ptrace(PTRACE_SYSCALL, tid, NULL, sig);
}

/* 0: killed, 1: it ended, or we were asked to. */
static int follow(pid_t pid, unsigned long at)
{
	unsigned long count = 0, stops = 0;
	int status;

	while (!ended) {
		pid_t tid = waitpid(-1, &status, __WALL);
		long nr;

		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			break; /* nobody is left */
		if (!WIFSTOPPED(status))
			continue;
		if (++stops == nthreads) {
			(void)puts("ready");
			(void)fflush(stdout);
		}
		nr = entered(tid, status);
		if (nr >= 0 && stops > nthreads && ++count == at) {
			(void)kill(pid, SIGKILL);
			(void)printf("killed before %ld\n", nr);
			return 0;
		}
		go_on(tid, status);
	}
	(void)printf("passed %lu\n", count);
	return 1;
}

int main(int argc, char **argv)
{
	struct sigaction term = {.sa_handler = on_term}; /* no SA_RESTART */
	pid_t pid;

	if (argc != 3) {
		(void)fputs("usage: kill-at PID N\n", stderr);
		return 2;
	}
	pid = (pid_t)atoi(argv[1]);
	(void)sigaction(SIGTERM, &term, NULL);
	while (attach_new(pid))
		;
	if (nthreads == 0) {
		(void)fprintf(stderr, "kill-at: process %d: %s\n", (int)pid, strerror(errno));
		return 2;
	}
	return follow(pid, strtoul(argv[2], NULL, 10));
}

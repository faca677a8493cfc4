/* SPDX-License-Identifier: MIT */
/*
 * Growth is judged generously: a thread of the pool more or less, a stack that was used deeper, an
 * allocator that keeps pages. What leaks with a call or with a killed process is
 * hundreds of times as much, even in a short soak.
 */
#include "watch.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MORE_DESCRIPTORS 40u
#define MORE_MAPPINGS	 400u
/* Each thread, of whatever process, can keep ways to as many doors that it has called. */
#define CHANNELS    8u
#define CHANNEL_KIB 136u
#define MORE_KIB    (32u * 1024u)

static unsigned int entries(pid_t pid, const char *what)
{
	struct dirent *e;
	unsigned int n = 0;
	char path[64];
	DIR *d;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	d = opendir(path);
	if (!d)
		return 0;
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

static FILE *open_file(pid_t pid, const char *what)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	return fopen(path, "r");
}

static unsigned int lines(pid_t pid, const char *what)
{
	FILE *f = open_file(pid, what);
	unsigned int n = 0;
	int c;

	if (!f)
		return 0;
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	(void)fclose(f);
	return n;
}

static unsigned int resident_kib(pid_t pid)
{
	FILE *f = open_file(pid, "status");
	unsigned int kib = 0;
	char line[256];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = (unsigned int)strtoul(line + 6, NULL, 10);
	(void)fclose(f);
	return kib;
}

void watch_measure(pid_t pid, struct held *ret)
{
	ret->descriptors = entries(pid, "fd");
	ret->mappings = lines(pid, "maps");
	ret->threads = entries(pid, "task");
	ret->kib = resident_kib(pid);
}

unsigned int watch_threads(const pid_t *pids, unsigned int n)
{
	unsigned int i, threads = 0;

	for (i = 0; i < n; i++)
		threads += entries(pids[i], "task");
	return threads;
}

bool watch_is_flat(pid_t pid, const struct held *base, unsigned int threads)
{
	const unsigned int channels = CHANNELS * threads;
	struct held h;

	watch_measure(pid, &h);
	/* Sanitizers keep what was freed. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	if (h.kib > base->kib + base->kib / 4 + MORE_KIB + channels * CHANNEL_KIB ||
		h.mappings > base->mappings + MORE_MAPPINGS + channels)
		return false;
#endif
	return h.descriptors <= base->descriptors + MORE_DESCRIPTORS + channels;
}

void watch_say(const char *who, pid_t pid)
{
	struct held h;

	watch_measure(pid, &h);
	printf("        %s: %u descriptors, %u threads, %u mappings, %u KiB\n", who, h.descriptors,
		h.threads, h.mappings, h.kib);
}

static void explain_thread(pid_t pid, const char *tid)
{
	char what[64], line[256] = "";
	FILE *f;

	(void)snprintf(what, sizeof(what), "task/%.20s/syscall", tid);
	f = open_file(pid, what);
	if (f) {
		(void)fgets(line, sizeof(line), f);
		(void)fclose(f);
	}
	line[strcspn(line, "\n")] = '\0';
	fprintf(stderr, "        thread %s: system call %s\n", tid, line);
}

void watch_explain(const pid_t *pids, unsigned int n)
{
	struct dirent *e;
	unsigned int i;
	char path[64];
	DIR *d;

	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pids[i]);
		d = opendir(path);
		if (!d)
			continue;
		fprintf(stderr, "        process %d: %u descriptors\n", (int)pids[i],
			entries(pids[i], "fd"));
		while ((e = readdir(d)))
			if (e->d_name[0] != '.')
				explain_thread(pids[i], e->d_name);
		(void)closedir(d);
	}
}

static bool found;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const char *name = path + at->base;

	if (!S_ISDIR(st->st_mode) && strncmp(name, "file-", 5) != 0) {
		fprintf(stderr, "        left: %s\n", path);
		found = true;
	}
	(void)remove(path);
	return 0;
}

bool watch_remove(const char *folder)
{
	found = false;
	(void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return !found;
}

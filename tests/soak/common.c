/* SPDX-License-Identifier: MIT */
/* Random numbers, patterns, descriptors with a number in them, names. */
#include "soak.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* xorshift64*: good enough to disturb, and the same on every machine. */
uint64_t rnd(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1du;
}

unsigned int rnd_below(uint64_t *state, unsigned int n)
{
	return (unsigned int)((rnd(state) >> 32) * n >> 32);
}

bool rnd_once_in(uint64_t *state, unsigned int n)
{
	return rnd_below(state, n) == 0;
}

void fill(char *data, size_t size, uint64_t seed)
{
	uint64_t state = seed | 1, word;
	size_t i, n;

	for (i = 0; i < size; i += n) {
		word = rnd(&state);
		n = size - i < sizeof(word) ? size - i : sizeof(word);
		memcpy(data + i, &word, n);
	}
}

bool is_filled(const char *data, size_t size, uint64_t seed)
{
	uint64_t state = seed | 1, word;
	size_t i, n;

	for (i = 0; i < size; i += n) {
		word = rnd(&state);
		n = size - i < sizeof(word) ? size - i : sizeof(word);
		if (memcmp(data + i, &word, n) != 0)
			return false;
	}
	return true;
}

int number_fd(uint64_t number)
{
	int fd = memfd_create("number", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, &number, sizeof(number), 0) != sizeof(number))
		wrong("a descriptor with a number: %s", strerror(errno));
	return fd;
}

bool number_read(int fd, uint64_t *ret)
{
	return pread(fd, ret, sizeof(*ret), 0) == sizeof(*ret);
}

void wrong(const char *format, ...)
{
	va_list args;

	flockfile(stderr);
	fprintf(stderr, "soak-doors: process %d: ", (int)getpid());
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	funlockfile(stderr);
	_exit(1);
}

void door_path(char buf[128], unsigned int server, enum kind kind)
{
	static const char *const names[] = {"plain", "private", "file"};

	(void)snprintf(buf, 128, "%s/%s-%u", folder, names[kind], server);
}

int open_door(unsigned int server, enum kind kind)
{
	char path[128];
	int fd;

	door_path(path, server, kind);
	if (kind == KIND_FILE)
		fd = open(path, O_RDWR | O_CLOEXEC);
	else
		fd = door_open(path);
	/* There is none before a server has made its doors, and a dead name after its end. */
	if (fd < 0 && (kind == KIND_FILE || (errno != ENOENT && errno != ECONNREFUSED &&
						    errno != EAGAIN && errno != EINTR)))
		wrong("%s: %s", path, strerror(errno));
	return fd;
}

bool is_expected(int error)
{
	return error == EBADF || error == EINTR || error == EAGAIN;
}

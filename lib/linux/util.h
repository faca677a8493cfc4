/* SPDX-License-Identifier: MIT */
/*
 * The ownership idiom every program here uses: descriptors and memory that the
 * kernel takes back when the process dies are released by a cleanup attribute;
 * everything that outlives the process has named undo stages instead.
 */
#pragma once

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* An empty descriptor variable. Negative enough never to be AT_FDCWD (-100) or -1 by accident. */
#define FD_NONE (-EBADF)

/* Move ownership out of a variable, leaving it empty. */
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) _p = (p);                                                            \
		(p) = NULL;                                                                        \
		_p;                                                                                \
	})
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int _fd = (fd);                                                                    \
		(fd) = FD_NONE;                                                                    \
		_fd;                                                                               \
	})

/* Closes a descriptor unless it is empty, keeps errno, returns FD_NONE. */
static inline int fd_close(int fd)
{
	if (fd >= 0) {
		int saved = errno;

		(void)close(fd);
		errno = saved;
	}
	return FD_NONE;
}

static inline void fd_closep(int *fd)
{
	*fd = fd_close(*fd);
}

static inline void free_p(void *p)
{
	free(*(void **)p);
	*(void **)p = NULL;
}

static inline void fclose_p(FILE **f)
{
	if (*f)
		(void)fclose(*f);
	*f = NULL;
}

#define _cleanup_close_	 _cleanup_(fd_closep)
#define _cleanup_free_	 _cleanup_(free_p)
#define _cleanup_fclose_ _cleanup_(fclose_p)

/* True when the strings are equal; neither may be NULL. */
static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/*
 * Copies a string into a fixed field, always terminated. Returns 0, or
 * -ENAMETOOLONG (nothing written but an empty string) when it does not fit.
 */
static inline int str_copy(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src);

	if (n >= size) {
		if (size)
			dst[0] = '\0';
		return -ENAMETOOLONG;
	}
	memcpy(dst, src, n + 1);
	return 0;
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit; -1 when it is none. */
static inline int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* True when a fixed-size field that came from outside holds a terminated string. */
static inline bool str_terminated(const char *field, size_t size)
{
	return memchr(field, '\0', size) != NULL;
}

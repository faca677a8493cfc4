/* SPDX-License-Identifier: MIT */
/* A root prefix of its own for a test: made below the working directory, removed with all its files. */
#pragma once

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "linux/instance.h"
#include "linux/util.h"

#include "folder.h"

static char tree_root[PATH_MAX];

static inline int tree_remove(void **state)
{
	(void)chdir("/");
	return folder_remove(tree_root);
}

/* mkdir -p below the root. */
static inline void tree_mkdir(const char *path)
{
	char buf[PATH_MAX + 64], *p;

	(void)snprintf(buf, sizeof(buf), "%s%s", tree_root, path);
	for (p = buf + strlen(tree_root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(buf, 0755);
		*p = '/';
	}
	assert_true(mkdir(buf, 0755) == 0 || errno == EEXIST);
}

static inline int tree_make(void **state)
{
	char cwd[PATH_MAX - 32];

	if (!getcwd(cwd, sizeof(cwd)))
		return -1;
	(void)snprintf(tree_root, sizeof(tree_root), "%s/t.XXXXXX", cwd);
	if (!mkdtemp(tree_root) || chmod(tree_root, 0755) < 0)
		return -1;
	tree_mkdir("/etc/zones");
	tree_mkdir("/run/zones");
	return instance_init(tree_root);
}

static inline const char *tree_path(const char *path)
{
	static char buf[2][PATH_MAX + 64];
	static int turn;

	turn = !turn;
	(void)snprintf(buf[turn], sizeof(buf[turn]), "%s%s", tree_root, path);
	return buf[turn];
}

static inline void tree_write_bytes(const char *path, const char *data, size_t size)
{
	FILE *f = fopen(tree_path(path), "we");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static inline void tree_write(const char *path, const char *text)
{
	tree_write_bytes(path, text, strlen(text));
}

/* The whole file, terminated, in static memory; "" when it is missing. */
static inline const char *tree_read(const char *path)
{
	static char buf[2][65536];
	static int turn;
	FILE *f = fopen(tree_path(path), "re");
	size_t n = 0;

	turn = !turn;
	if (f) {
		n = fread(buf[turn], 1, sizeof(buf[turn]) - 1, f);
		(void)fclose(f);
	}
	buf[turn][n] = '\0';
	return buf[turn];
}

static inline bool tree_exists(const char *path)
{
	return access(tree_path(path), F_OK) == 0;
}

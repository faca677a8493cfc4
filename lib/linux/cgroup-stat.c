/* SPDX-License-Identifier: MIT */
/* Numbers from the files of control groups; see cgroup-stat.h. */
#include "linux/cgroup-stat.h"
#include "linux/cgroup-control.h"

#include <fcntl.h>
#include <limits.h>

/* "max" is more than anything. */
static int parse(const char *text, uint64_t *ret)
{
	char *end;

	if (strncmp(text, "max", 3) == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno || end == text ? -EOPNOTSUPP : 0;
}

/* The line that begins with the key and a blank. */
static const char *find_key(const char *text, const char *key)
{
	size_t n = strlen(key);

	while (*text) {
		if (strncmp(text, key, n) == 0 && text[n] == ' ')
			return text + n + 1;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return NULL;
}

static int read_text(const char *group, const char *file, char *text, size_t size)
{
	char path[PATH_MAX + 64];
	_cleanup_close_ int fd = FD_NONE;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", group, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return access(group, F_OK) == 0 ? -EOPNOTSUPP : -ENOENT;
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (n < 0)
		return errno == ENODEV ? -ENOENT : -errno;
	text[n] = '\0';
	return 0;
}

static int read_number(const char *group, const char *file, const char *key, uint64_t *ret)
{
	char text[4096];
	const char *at = text;
	int r = read_text(group, file, text, sizeof(text));

	if (r < 0)
		return r;
	if (key[0])
		at = find_key(text, key);
	return at ? parse(at, ret) : -EOPNOTSUPP;
}

int cgroup_get(const char *rel, const struct cgroup_counter *c, uint64_t *ret)
{
	bool v2 = cgroup_is_v2(rel, c->controller);
	const char *file = v2 ? c->file2 : c->file1;
	char path[PATH_MAX];
	int r;

	if (!file)
		return -EOPNOTSUPP;
	if (v2)
		r = cgroup_v2_path(path, sizeof(path), rel);
	else
		r = cgroup_v1_path(path, sizeof(path), c->controller, rel);
	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	return read_number(path, file, v2 ? c->key2 : c->key1, ret);
}

int cgroup_get_v2(const char *rel, const char *file, const char *key, uint64_t *ret)
{
	char path[PATH_MAX];
	int r = cgroup_v2_path(path, sizeof(path), rel);

	return r < 0 ? r : read_number(path, file, key, ret);
}

int cgroup_sum_v2(const char *rel, const char *file, const char *word, uint64_t *ret)
{
	char path[PATH_MAX], text[16384];
	const char *p = text;
	uint64_t sum = 0;
	int r = cgroup_v2_path(path, sizeof(path), rel);

	if (r == 0)
		r = read_text(path, file, text, sizeof(text));
	if (r < 0)
		return r;
	while ((p = strstr(p, word))) {
		p += strlen(word);
		sum += strtoull(p, NULL, 10);
	}
	*ret = sum;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Reads /proc/self/mountinfo; see mounts.h. */
#include "linux/mounts.h"

static bool octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' &&
	       s[2] <= '7';
}

void mounts_unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (*s == '\\' && octal(s + 1)) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* The fifth field of a line, in place; NULL when there is none. */
static char *mount_point(char *line)
{
	char *save = NULL, *field = NULL;
	int i;

	for (i = 0; i < 5; i++) {
		field = strtok_r(i ? NULL : line, " \n", &save);
		if (!field)
			return NULL;
	}
	return field;
}

int mounts_below(const char *path, int (*fn)(const char *point, void *arg), void *arg)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0, n = strlen(path);
	int found = 0;

	if (!f)
		return -errno;
	while (getline(&line, &size, f) > 0) {
		char *point = mount_point(line);

		if (!point)
			continue;
		mounts_unescape(point);
		if (strncmp(point, path, n) != 0 || (point[n] && point[n] != '/'))
			continue;
		found++;
		if (fn(point, arg))
			break;
	}
	return ferror(f) ? -EIO : found;
}

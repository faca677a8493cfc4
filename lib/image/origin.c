/* SPDX-License-Identifier: MIT */
/* What a root came from; see origin.h. */
#include "image/origin.h"

#include <fcntl.h>
#include <time.h>

/* A name as JSON can have it: what is no UTF-8 is written as \\xHH. */
static json_t *name_of(const char *name)
{
	_cleanup_free_ char *text = malloc(4 * strlen(name) + 1);
	json_t *o = json_string(name);
	size_t n = 0;

	if (o || !text)
		return o;
	for (; *name; name++)
		n += (size_t)snprintf(text + n, 5, (unsigned char)*name < 0x80 ? "%c" : "\\x%02x",
			(unsigned char)*name);
	text[n] = '\0';
	return json_string(text);
}

json_t *origin_about(const struct origin *o)
{
	time_t now = time(NULL);
	char when[32];
	struct tm tm;
	json_t *about;

	(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	about = json_pack("{s:s, s:o, s:s}", "source", o->source, "name", name_of(o->name),
		"installed", when);
	if (about && o->digest && o->digest[0])
		(void)json_object_set_new(about, "digest", json_string(o->digest));
	if (about && o->size)
		(void)json_object_set_new(about, "size", json_integer((json_int_t)o->size));
	return about;
}

int origin_write(int dir, const json_t *about)
{
	_cleanup_close_ int fd = openat(
		dir, IMAGE_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	return fd >= 0 && about && json_dumpfd(about, fd, JSON_INDENT(2)) == 0 &&
			       write(fd, "\n", 1) == 1
		       ? 0
		       : -EIO;
}

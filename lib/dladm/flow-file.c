/* SPDX-License-Identifier: MIT */
/*
 * flowadm.conf, in the format of illumos: a line for each flow, fields separated by tabs,
 * attributes and then properties, each ended by ';'. The file is replaced as a whole; lines
 * that this program does not understand, and comments, stay as they are.
 */
#include "dladm/dladm.h"
#include "dladm/flow.h"
#include "linux/sync.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

static const enum flow_attr attrs[] = {FLOW_LOCAL_IP, FLOW_REMOTE_IP, FLOW_TRANSPORT,
	FLOW_LOCAL_PORT, FLOW_REMOTE_PORT, FLOW_DSFIELD};
static const enum flow_prop props[] = {FLOW_MAXBW, FLOW_PRIORITY};

/* ---- one line ---- */

static bool is_prop(const char *item)
{
	char name[16] = "";
	size_t len = strcspn(item, "=");
	enum flow_prop prop;

	if (len >= sizeof(name))
		return false;
	memcpy(name, item, len);
	return flow_prop_find(name, &prop) == 0;
}

static int items_parse(char *items, struct flow_line *ret, struct diag *d)
{
	uint32_t which = 0;
	char *save, *item;
	int r = 0;

	for (item = strtok_r(items, ";", &save); item && r == 0; item = strtok_r(NULL, ";", &save))
		r = is_prop(item) ? flow_prop_parse(item, &ret->props, &which, d)
				  : flow_attr_parse(item, &ret->attrs, d);
	return r < 0 ? r : flow_attrs_check(&ret->attrs, d);
}

int flow_line_parse(const char *text, struct flow_line *ret, struct diag *d)
{
	char copy[FLOW_NAME_MAX + MAXLINKNAMELEN + FLOW_TEXT_MAX];
	struct flow_line line = {0};
	char *save, *name, *link, *items;
	int r;

	if (str_copy(copy, sizeof(copy), text) < 0)
		return diag_set(d, -EINVAL, "the line is too long");
	copy[strcspn(copy, "\n")] = '\0';
	name = strtok_r(copy, "\t", &save);
	link = name ? strtok_r(NULL, "\t", &save) : NULL;
	items = link ? strtok_r(NULL, "\t", &save) : NULL;
	if (!items)
		return diag_set(d, -EINVAL, "not a name, a link and attributes");
	if (!flow_name_valid(name))
		return diag_set(d, -EINVAL, "invalid flow name '%s'", name);
	if (!dladm_valid_linkname(link))
		return diag_set(d, -EINVAL, "invalid link name '%s'", link);
	(void)str_copy(line.name, sizeof(line.name), name);
	(void)str_copy(line.link, sizeof(line.link), link);
	r = items_parse(items, &line, d);
	if (r == 0)
		*ret = line;
	return r;
}

int flow_line_format(const struct flow_line *line, char *buf, size_t size)
{
	_cleanup_fclose_ FILE *f = fmemopen(buf, size, "w");
	char value[128];

	if (!f)
		return -errno;
	(void)fprintf(f, "%s\t%s\t", line->name, line->link);
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		flow_attr_format(&line->attrs, attrs[i], value, sizeof(value));
		if (value[0])
			(void)fprintf(f, "%s=%s;", flow_attr_name(attrs[i]), value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(props); i++) {
		flow_prop_format(&line->props, props[i], value, sizeof(value));
		if (value[0])
			(void)fprintf(f, "%s=%s;", flow_prop_name(props[i]), value);
	}
	(void)fputc('\n', f);
	(void)fputc('\0', f);
	return fflush(f) != 0 || ferror(f) ? -ENAMETOOLONG : 0;
}

/* ---- the file ---- */

static bool is_comment(const char *text)
{
	text += strspn(text, " \t\n");
	return !*text || *text == '#';
}

int flow_file_each(const char *path, int (*fn)(const struct flow_line *line, void *arg),
	void (*bad)(unsigned int number, const char *why), void *arg)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *text = NULL;
	struct flow_line line;
	unsigned int number = 0;
	size_t room = 0;
	int r = 0;

	if (!f)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && getline(&text, &room, f) >= 0) {
		struct diag d = {0};

		number++;
		if (is_comment(text))
			continue;
		if (flow_line_parse(text, &line, &d) == 0)
			r = fn(&line, arg);
		else if (bad)
			bad(number, d.text);
	}
	return r == 0 && ferror(f) ? -EIO : r;
}

/* Copies every line but that flow's. */
static int copy_others(const char *path, const char *name, FILE *to)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *text = NULL;
	size_t room = 0, n = strlen(name);

	if (!f)
		return errno == ENOENT ? 0 : -errno;
	while (getline(&text, &room, f) >= 0) {
		if (strncmp(text, name, n) == 0 && text[n] == '\t')
			continue;
		text[strcspn(text, "\n")] = '\0'; /* the last may have none */
		(void)fprintf(to, "%s\n", text);
	}
	return ferror(f) ? -EIO : 0;
}

static int write_new(
	const char *path, const char *tmp, const char *name, const struct flow_line *line)
{
	char text[FLOW_NAME_MAX + MAXLINKNAMELEN + FLOW_TEXT_MAX];
	_cleanup_fclose_ FILE *f = NULL;
	int fd, r;

	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	f = fdopen(fd, "w");
	if (!f) {
		(void)fd_close(fd);
		return -ENOMEM;
	}
	r = copy_others(path, name, f);
	if (r == 0 && line) {
		r = flow_line_format(line, text, sizeof(text));
		if (r == 0)
			(void)fputs(text, f);
	}
	errno = 0;
	if (r == 0 && (fflush(f) != 0 || ferror(f) || fsync(fileno(f)) < 0))
		r = errno ? -errno : -EIO;
	return r;
}

int flow_file_change(const char *path, const char *name, const struct flow_line *line)
{
	char tmp[PATH_MAX];
	int r;

	if (snprintf(tmp, sizeof(tmp), "%s.new", path) >= (int)sizeof(tmp))
		return -ENAMETOOLONG;
	r = write_new(path, tmp, name, line);
	if (r == 0 && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlink(tmp);
		return r;
	}
	return sync_folder_of(path);
}

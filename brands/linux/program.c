/* SPDX-License-Identifier: MIT */
/*
 * Writes what an application zone runs; see program.h. Users are looked up in the image's own
 * tables, read as files: no name service takes part.
 */
#include "program.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include "image/oci.h"
#include "image/root-file.h"
#include "settle.h"
#include "image/unpack.h"
#include "linux/plain-file.h"

#define TABLE_MAX (16u << 20)

struct identity {
	unsigned long uid, gid;
	char name[64];	/* for the list of groups; empty when the user has none */
	char home[256]; /* empty when it is not known */
};

/* True for a number that a zone has an id for. */
static bool number(const char *s, unsigned long *ret)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*ret = strtoul(s, &end, 10);
	return errno == 0 && !*end && *ret < ZONE_IDS;
}

/* A table of the image, as its text, which is to be freed: what is no plain file has no lines. */
static FILE *open_table(const char *path, char **ret_text)
{
	size_t size;

	*ret_text = NULL;
	return plain_file_text(AT_FDCWD, path, 0, TABLE_MAX, ret_text, &size) == 0
		       ? fmemopen(*ret_text, size, "r")
		       : NULL;
}

static void find_user(const char *text, struct identity *id, bool *ret_found)
{
	_cleanup_free_ char *table = NULL;
	FILE *f = open_table("/etc/passwd", &table);
	bool by_number = number(text, &id->uid);
	struct passwd *pw;

	*ret_found = by_number;
	/* cppcheck-suppress fgetpwentCalled; one thread */
	while (f && (pw = fgetpwent(f))) {
		if (by_number ? pw->pw_uid != id->uid : !streq(pw->pw_name, text))
			continue;
		id->uid = pw->pw_uid;
		id->gid = pw->pw_gid;
		(void)str_copy(id->name, sizeof(id->name), pw->pw_name);
		if (str_copy(id->home, sizeof(id->home), pw->pw_dir ? pw->pw_dir : "") < 0)
			id->home[0] = '\0';
		*ret_found = true;
		break;
	}
	if (f)
		(void)fclose(f);
}

static void find_group(const char *text, struct identity *id, bool *ret_found)
{
	_cleanup_free_ char *table = NULL;
	FILE *f = open_table("/etc/group", &table);
	struct group *gr;

	*ret_found = number(text, &id->gid);
	/* cppcheck-suppress fgetgrentCalled; one thread */
	while (!*ret_found && f && (gr = fgetgrent(f))) {
		if (!streq(gr->gr_name, text))
			continue;
		id->gid = gr->gr_gid;
		*ret_found = true;
	}
	if (f)
		(void)fclose(f);
}

static int identify(const char *text, struct identity *id, struct diag *d)
{
	_cleanup_free_ char *user = strdup(*text ? text : "0");
	bool found = false;
	char *group;

	*id = (struct identity){0};
	if (!user)
		return -ENOMEM;
	group = strchr(user, ':');
	if (group)
		*group++ = '\0';
	find_user(*user ? user : "0", id, &found);
	if (!found)
		return diag_set(
			d, -ENOENT, "the image runs as '%.60s', and has no such user", user);
	if (group && *group) {
		find_group(group, id, &found);
		/* Who names a group gets that group alone. */
		id->name[0] = '\0';
		if (!found)
			return diag_set(d, -ENOENT,
				"the image runs in group '%.60s', and has no such group", group);
	}
	return id->uid < ZONE_IDS && id->gid < ZONE_IDS
		       ? 0
		       : diag_set(d, -EINVAL,
				 "the image runs as %lu:%lu, and a zone has the ids 0 to %d",
				 id->uid, id->gid, ZONE_IDS - 1);
}

static bool is_member(const struct group *gr, const char *name)
{
	char **member;

	for (member = gr->gr_mem; member && *member; member++)
		if (streq(*member, name))
			return true;
	return false;
}

static void write_user(FILE *out, const struct identity *id)
{
	_cleanup_free_ char *table = NULL;
	FILE *f = id->name[0] ? open_table("/etc/group", &table) : NULL;
	struct group *gr;

	(void)fprintf(out, "user %lu %lu", id->uid, id->gid);
	/* cppcheck-suppress fgetgrentCalled; one thread */
	while (f && (gr = fgetgrent(f)))
		if (gr->gr_gid != id->gid && gr->gr_gid < ZONE_IDS && is_member(gr, id->name))
			(void)fprintf(out, " %lu", (unsigned long)gr->gr_gid);
	(void)fputc('\n', out);
	if (f)
		(void)fclose(f);
}

static void write_line(FILE *out, const char *word, const char *value)
{
	(void)fprintf(out, "%s ", word);
	for (; *value; value++) {
		if (*value == '\n')
			(void)fputs("\\n", out);
		else if (*value == '\\')
			(void)fputs("\\\\", out);
		else
			(void)fputc(*value, out);
	}
	(void)fputc('\n', out);
}

/* Where it works is there, as the runtimes of images have it, and root's when no layer had it. */
static int make_dir(const char *path, struct diag *d)
{
	_cleanup_free_ char *part = strdup(path);
	struct stat st;
	char *p = part;
	int r = 0;

	while (p && r == 0 && (p = strchr(p + 1, '/'))) {
		*p = '\0';
		r = mkdir(part, 0755) < 0 && errno != EEXIST ? -errno : 0;
		*p = '/';
	}
	if (r == 0 && mkdir(path, 0755) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0 && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
		r = -ENOTDIR;
	return r < 0 ? diag_errno(d, r, "cannot make the program's directory '%s'", path) : 0;
}

/* As a login has it, where the image does not say. */
static void write_home(FILE *out, const struct oci_program *program, const struct identity *id)
{
	_cleanup_free_ char *line = NULL;
	char **s;

	for (s = program->env; s && *s; s++)
		if (strncmp(*s, "HOME=", strlen("HOME=")) == 0)
			return;
	if (id->home[0] == '/' && asprintf(&line, "HOME=%s", id->home) >= 0)
		write_line(out, "env", line);
}

int program_write(const struct oci_program *program, struct diag *d)
{
	_cleanup_free_ char *text = NULL;
	struct identity id;
	char **s;
	size_t size;
	FILE *out;
	int r = identify(program->user, &id, d);

	if (r == 0)
		r = make_dir(program->dir, d);
	if (r < 0)
		return r;
	out = open_memstream(&text, &size);
	if (!out)
		return diag_errno(d, -ENOMEM, "cannot write %s", PROGRAM_FILE);
	write_user(out, &id);
	write_line(out, "dir", program->dir);
	(void)fprintf(out, "stop %d\n", program->stop);
	for (s = program->env; s && *s; s++)
		write_line(out, "env", *s);
	write_home(out, program, &id);
	for (s = program->argv; s && *s; s++)
		write_line(out, "arg", *s);
	if (fclose(out) != 0)
		return diag_errno(d, -ENOMEM, "cannot write %s", PROGRAM_FILE);
	return root_file_write(PROGRAM_FILE, text, d);
}

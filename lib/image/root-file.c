/* SPDX-License-Identifier: MIT */
/* Files of a root, written from within; see root-file.h. */
#include "image/root-file.h"

#include <sys/stat.h>

#include "linux/openat2.h"
#include "linux/plain-file.h"

#define HOSTNAME  "/etc/hostname"
#define HOSTS	  "/etc/hosts"
#define HOSTS_OWN "127.0.1.1\t"
#define SMALL	  65536

int root_file_write(const char *path, const char *text, struct diag *d)
{
	_cleanup_close_ int fd = FD_NONE;

	if (unlink(path) < 0 && errno != ENOENT)
		return diag_errno(d, -errno, "cannot replace %s of the new root", path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || fchmod(fd, 0644) < 0 ||
		write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return diag_errno(d, -errno, "cannot write %s of the new root", path);
	return 0;
}

/* The text of a file, if it is one, of at most SMALL bytes. */
static char *read_small(const char *path)
{
	char *text;

	return plain_file_text(AT_FDCWD, path, RESOLVE_NO_SYMLINKS, SMALL, &text, NULL) == 0 ? text
											     : NULL;
}

/* True when the file is one, and has the line and no more. */
static bool says(const char *path, const char *line)
{
	_cleanup_free_ char *text = read_small(path);
	size_t n = strlen(line);

	return text && strncmp(text, line, n) == 0 && (!text[n] || streq(text + n, "\n"));
}

/* "127.0.1.1	NAME", as Debian and brand sparse have it for a machine's own name. */
static int rename_in_hosts(const struct root_rename *name, struct diag *d)
{
	_cleanup_free_ char *text = NULL, *line = NULL, *new = NULL;
	char *at;

	text = read_small(HOSTS);
	if (asprintf(&line, HOSTS_OWN "%s\n", name->from) < 0) {
		line = NULL;
		return -ENOMEM;
	}
	at = text ? strstr(text, line) : NULL;
	if (!at || (at != text && at[-1] != '\n'))
		return 0;
	if (asprintf(&new, "%.*s" HOSTS_OWN "%s\n%s", (int)(at - text), text, name->to,
		    at + strlen(line)) < 0) {
		new = NULL;
		return -ENOMEM;
	}
	return root_file_write(HOSTS, new, d);
}

int root_rename_run(void *arg, struct diag *d)
{
	const struct root_rename *name = arg;
	char line[256];
	int r;

	if (!says(HOSTNAME, name->from))
		return 0;
	(void)snprintf(line, sizeof(line), "%s\n", name->to);
	r = root_file_write(HOSTNAME, line, d);
	return r < 0 ? r : rename_in_hosts(name, d);
}

/* Of two systems with one of these the one is taken for the other, or can be guessed from it. */
int root_forget_machine(struct diag *d)
{
	static const char *const secrets[] = {
		"/var/lib/systemd/random-seed", "/var/lib/systemd/credential.secret"};
	size_t i;
	int r = 0;

	for (i = 0; i < ARRAY_SIZE(secrets) && r == 0; i++)
		if (unlink(secrets[i]) < 0 && errno != ENOENT && errno != ENOTDIR)
			r = diag_errno(d, -errno, "cannot remove %s of the new root", secrets[i]);
	/* Empty, not absent: systemd makes one and does not take the boot for a first one. */
	if (r == 0 && access("/etc/machine-id", F_OK) == 0)
		r = root_file_write("/etc/machine-id", "", d);
	if (r == 0 && unlink("/var/lib/dbus/machine-id") == 0 &&
		symlink("/etc/machine-id", "/var/lib/dbus/machine-id") < 0)
		r = diag_errno(d, -errno, "cannot link the machine id of the new root");
	return r;
}

int root_another_run(void *arg, struct diag *d)
{
	int r = root_rename_run(arg, d);

	return r < 0 ? r : root_forget_machine(d);
}

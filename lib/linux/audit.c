/* SPDX-License-Identifier: MIT */
/*
 * Audit records through libaudit; see audit.h. The library is loaded when there is a record to be
 * made and the kernel has audit: a command that enters a zone in a millisecond has no time for one
 * more library, nor a daemon that waits beside each zone the memory: it goes again with the record.
 */
#include "linux/audit.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <libaudit.h>

#define LIBRARY	 "libaudit.so.1"
#define LOGINUID "/proc/self/loginuid"

struct library {
	void *handle;
	int (*open)(void);
	void (*close)(int fd);
	int (*log)(int fd, int type, const char *message, const char *host, const char *addr,
		const char *tty, int result);
};

static void *prepared; /* of the one thread that prepares */

/* NULL without audit, or without the library. */
static void *library_open(void)
{
	return access(LOGINUID, F_OK) == 0 ? dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL) : NULL;
}

void audit_prepare(void)
{
	if (!prepared)
		prepared = library_open();
}

void audit_release(void)
{
	if (prepared)
		(void)dlclose(prepared);
	prepared = NULL;
}

static bool load(struct library *l)
{
	l->handle = library_open();
	if (!l->handle)
		return false;
	*(void **)&l->open = dlsym(l->handle, "audit_open");
	*(void **)&l->close = dlsym(l->handle, "audit_close");
	*(void **)&l->log = dlsym(l->handle, "audit_log_user_message");
	return l->open && l->close && l->log;
}

static void record(const struct library *l, int type, const char *text, bool success)
{
	int fd = l->open();

	if (fd < 0)
		return;
	(void)l->log(fd, type, text, NULL, NULL, NULL, success);
	l->close(fd);
}

void audit_record(
	enum audit_kind kind, const char *op, const char *zone, bool success, const char *fmt, ...)
{
	static const int types[] = {
		[AUDIT_ZONE_STATE] = AUDIT_VIRT_CONTROL,
		[AUDIT_ZONE_LOGIN] = AUDIT_USER_LOGIN,
		[AUDIT_ZONE_CONFIG] = AUDIT_VIRT_RESOURCE,
	};
	char text[512], more[384] = "";
	struct library lib;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(more, sizeof(more), fmt, ap);
	va_end(ap);
	(void)snprintf(text, sizeof(text), "op=%s zone=%s%s%s", op, zone, *more ? " " : "", more);
	if (load(&lib))
		record(&lib, types[kind], text, success);
	if (lib.handle)
		(void)dlclose(lib.handle);
}

uid_t audit_loginuid(pid_t pid)
{
	char path[64], text[32] = "";
	_cleanup_close_ int fd = FD_NONE;

	(void)snprintf(path, sizeof(path), "/proc/%d/loginuid", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return (uid_t)-1;
	return (uid_t)strtoul(text, NULL, 10);
}

void audit_set_loginuid(uid_t uid)
{
	_cleanup_close_ int fd = FD_NONE;

	if (audit_loginuid(getpid()) != (uid_t)-1)
		return;
	fd = open(LOGINUID, O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		(void)dprintf(fd, "%u", uid);
}

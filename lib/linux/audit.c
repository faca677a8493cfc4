/* SPDX-License-Identifier: MIT */
/*
 * Audit records, as libaudit would send them; see audit.h. It is one message to the kernel, and a daemon
 * that waits beside each zone has no memory for one more library.
 */
#include "linux/audit.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <sys/socket.h>

/* Of the kinds of records that only programs send, the kernel's header knows no names. */
#define USER_LOGIN    1112
#define VIRT_CONTROL  2500
#define VIRT_RESOURCE 2501

#define LOGINUID "/proc/self/loginuid"

/* A value as it stands in a record: "?" where it is not known, or would look like something else. */
static const char *plain(char *value)
{
	const char *p;

	for (p = value; *p; p++)
		if (!isgraph((unsigned char)*p) || *p == '"')
			return "?";
	return *value ? value : "?";
}

static const char *own_program(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);

	buf[n < 0 ? 0 : n] = '\0';
	return plain(buf);
}

static const char *own_terminal(char *buf, size_t size)
{
	const char *dev = "/dev/";

	if (ttyname_r(STDIN_FILENO, buf, size))
		return "?";
	return plain(buf + (strncmp(buf, dev, strlen(dev)) ? 0 : strlen(dev)));
}

/* The kernel works on it within the write; of what it has against it nobody needs to know. */
static void send_record(int type, const char *text)
{
	struct {
		struct nlmsghdr head;
		char text[1024 + PATH_MAX];
	} message = {.head = {.nlmsg_type = (uint16_t)type, .nlmsg_flags = NLM_F_REQUEST}};
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0 || str_copy(message.text, sizeof(message.text), text) < 0)
		return;
	message.head.nlmsg_len = (uint32_t)NLMSG_LENGTH(strlen(text) + 1);
	if (write(fd, &message, message.head.nlmsg_len) < 0)
		return;
}

void audit_record(
	enum audit_kind kind, const char *op, const char *zone, bool success, const char *fmt, ...)
{
	static const int types[] = {
		[AUDIT_ZONE_STATE] = VIRT_CONTROL,
		[AUDIT_ZONE_LOGIN] = USER_LOGIN,
		[AUDIT_ZONE_CONFIG] = VIRT_RESOURCE,
	};
	char text[1024 + PATH_MAX], more[384] = "", program[PATH_MAX], terminal[64];
	va_list ap;

	if (access(LOGINUID, F_OK) < 0) /* a kernel without audit */
		return;
	va_start(ap, fmt);
	(void)vsnprintf(more, sizeof(more), fmt, ap);
	va_end(ap);
	(void)snprintf(text, sizeof(text),
		"op=%s zone=%s%s%s exe=\"%s\" hostname=? addr=? terminal=%s res=%s", op, zone,
		*more ? " " : "", more, own_program(program, sizeof(program)),
		own_terminal(terminal, sizeof(terminal)), success ? "success" : "failed");
	send_record(types[kind], text);
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

/* SPDX-License-Identifier: MIT */
/*
 * zone-delegate: does for one ordinary user the one thing that he asks for, if his rights over
 * the zone let him (zone/delegate-door.h has the picture).
 *
 * zoned starts it with the user's id, which the kernel told, and with a socket to him as descriptor 3.
 * Until the request was checked nothing but the message is looked at. Of his descriptors only
 * pipes without a name and terminals are taken: reads and writes of those do not depend on
 * who makes them.
 *
 * There are no set-id programs: what runs with rights was never started by who has none, and has
 * no environment, limits, descriptors or memory of his.
 */
#include "zone-delegate/delegate.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>

#include "linux/audit.h"
#include "linux/fd-message.h"
#include "linux/instance.h"
#include "linux/log.h"
#include "linux/streams.h"

#define REQUEST_MS 5000

static union {
	struct delegate_request req;
	char bytes[sizeof(struct delegate_request) + DELEGATE_WORDS_MAX];
} message;

static struct command command;

static int refuse(const struct diag *d)
{
	struct delegate_end end = {.code = -1};

	(void)snprintf(end.text, sizeof(end.text), "%.*s", (int)sizeof(end.text) - 1, d->text);
	(void)send(SOCKET_FD, &end, sizeof(end), MSG_NOSIGNAL);
	return 1;
}

static bool may_have(int fd)
{
	return stream_is_pipe(fd) || isatty(fd);
}

/* The three streams become ours, or are closed. */
static int take_streams(const int fds[3], struct diag *d)
{
	int i, r = 0;

	for (i = 0; i < 3 && r == 0; i++) {
		if (!may_have(fds[i]))
			r = diag_set(d, -EBADF, "stream %d is neither a pipe nor a terminal", i);
		else if (dup2(fds[i], i) < 0)
			r = diag_errno(d, -errno, "cannot take stream %d", i);
	}
	for (i = 0; i < 3; i++)
		(void)close(fds[i]);
	return r;
}

/*
 * The size of the request, or a negative errno; -EPIPE when nobody wants anything. What is passed
 * besides exactly three descriptors is closed with this process.
 */
static ssize_t receive(struct diag *d)
{
	struct pollfd p = {.fd = SOCKET_FD, .events = POLLIN};
	int fds[3], r;
	ssize_t n;

	if (poll(&p, 1, REQUEST_MS) != 1)
		return -EPIPE;
	n = fd_message_receive(SOCKET_FD, message.bytes, sizeof(message.bytes), fds, 3);
	if (n == -EMSGSIZE || (n > 0 && fds[2] < 0))
		return diag_set(d, -EINVAL, "a request that makes no sense was refused");
	if (n <= 0)
		return -EPIPE;
	r = take_streams(fds, d);
	return r < 0 ? r : n;
}

/* The name that configurations have for the user. */
static int name_user(uid_t uid, const char **ret, struct diag *d)
{
	const struct passwd *pw = getpwuid(uid);

	if (!pw)
		return diag_set(d, -EPERM, "user %u has no name, and so no rights over zones", uid);
	*ret = pw->pw_name;
	return 0;
}

/* What a user wrote must not look like other lines where it is shown. */
static void make_plain(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static int decide(ssize_t size, const char *user, struct diag *d)
{
	int r = command_make(&message.req, (size_t)size, user, &command, d);

	make_plain(d->text);
	if (r == -EPERM)
		log_line(LOG_NOTICE, "zone '%s': refused: %s", message.req.zone, d->text);
	if (r == 0)
		log_line(LOG_INFO, "zone '%s': user %s runs %s %s", message.req.zone, user,
			command.argv[0],
			message.req.program == DELEGATE_ZONEADM ? message.req.words : "");
	return r;
}

static int serve(uid_t uid)
{
	struct diag d = {0};
	const char *user = NULL;
	ssize_t n = receive(&d);
	int r = n < 0 ? (int)n : name_user(uid, &user, &d);

	if (r == -EPIPE)
		return 1;
	if (r == 0)
		r = decide(n, user, &d);
	if (r == 0)
		r = work(&command, &message.req, &d);
	return r < 0 ? refuse(&d) : 0;
}

int main(int argc, char **argv)
{
	int type = 0;
	socklen_t size = sizeof(type);
	uid_t uid;

	if (argc != 2 || geteuid() != 0 ||
		getsockopt(SOCKET_FD, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
		type != SOCK_SEQPACKET || fcntl(SOCKET_FD, F_SETFD, FD_CLOEXEC) < 0) {
		(void)fputs("zone-delegate: it is zoned that starts this program\n", stderr);
		return 2;
	}
	if (instance_init(NULL) < 0)
		return 1;
	log_init("zone-delegate", false);
	uid = (uid_t)strtoul(argv[1], NULL, 10);
	/* what is done is on record as done by him */
	audit_set_loginuid(uid);
	return serve(uid);
}

/* SPDX-License-Identifier: MIT */
/*
 * delegate-probe: asks zone-delegate for what no command of ours asks (lib/zone/delegate-door.h):
 * nothing, half a request, streams that are files, counts that lie, names that are paths. Each
 * attempt is a line with the answer. Exit status 1 when anything was done.
 */
#include <fcntl.h>
#include <sys/socket.h>

#include "zone/delegate.h"
#include "zone/zone-calls.h"

#define WORDS 64

static union {
	struct delegate_request req;
	char bytes[sizeof(struct delegate_request) + WORDS];
} m;

static bool done; /* something that must not be */

static void reset(uint32_t program, const char *zone)
{
	memset(&m, 0, sizeof(m));
	m.req.program = program;
	m.req.escape = -1;
	(void)strcpy(m.req.zone, zone);
	(void)strcpy(m.req.words, "true");
	m.req.size = 5;
	m.req.n_words = 1;
}

static void send_with(int sock, size_t size, const int *fds, int n)
{
	union {
		char buffer[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {m.bytes, size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (n) {
		msg.msg_control = control.buffer;
		msg.msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, (size_t)n * sizeof(int));
	}
	(void)sendmsg(sock, &msg, MSG_NOSIGNAL);
}

/* One attempt: it must end with a refusal, or without a word. */
static void attempt(const char *what, size_t size, const int *fds, int n)
{
	_cleanup_close_ int sock = FD_NONE;
	struct delegate_end end = {0};
	struct diag d = {0};
	ssize_t got;

	if (zone_call_delegate(&sock, &d) < 0) {
		printf("%s: no delegate: %s\n", what, d.text);
		done = true;
		return;
	}
	if (size)
		send_with(sock, size, fds, n);
	else
		(void)shutdown(sock, SHUT_WR);
	got = recv(sock, &end, sizeof(end), 0);
	if (got == (ssize_t)sizeof(end) && end.code >= 0)
		done = true;
	printf("%s: %s\n", what,
		got != (ssize_t)sizeof(end) ? "hung up"
		: end.code >= 0		    ? "DONE"
					    : end.text);
}

int main(void)
{
	const size_t whole = sizeof(struct delegate_request) + 5;
	int ends[2], good[8], files[3], i;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return 2;
	for (i = 0; i < 8; i++)
		good[i] = ends[1];
	good[0] = ends[0];
	for (i = 0; i < 3; i++)
		files[i] = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);

	reset(DELEGATE_ZLOGIN, "web");
	attempt("nothing", 0, NULL, 0);
	attempt("no descriptors", whole, NULL, 0);
	attempt("two descriptors", whole, good, 2);
	attempt("eight descriptors", whole, good, 8);
	attempt("files", whole, files, 3);
	attempt("half a request", 8, good, 3);
	attempt("more than it says", whole + 3, good, 3);
	m.req.size = UINT32_MAX;
	attempt("a size that lies", whole, good, 3);
	reset(DELEGATE_ZLOGIN, "web");
	m.req.n_words = 60000;
	attempt("a count that lies", whole, good, 3);
	reset(DELEGATE_ZLOGIN, "web");
	m.req.words[4] = 'x';
	attempt("words without an end", whole, good, 3);
	reset(DELEGATE_ZLOGIN, "web");
	memset(m.req.zone, 'w', sizeof(m.req.zone));
	attempt("a name without an end", whole, good, 3);
	reset(DELEGATE_ZLOGIN, "web");
	(void)strcpy(m.req.locale, "../../tmp/evil");
	attempt("a locale that is a path", whole, good, 3);
	reset(DELEGATE_ZLOGIN, "../zones/web");
	attempt("a zone that is a path", whole, good, 3);
	reset(DELEGATE_ZLOGIN, "-C");
	attempt("a zone that is an option", whole, good, 3);
	reset(DELEGATE_ZLOGIN, "global");
	attempt("the global zone", whole, good, 3);
	reset(7, "web");
	attempt("another program", whole, good, 3);
	reset(DELEGATE_ZONEADM, "web");
	attempt("a subcommand that is none", whole, good, 3);
	return done;
}

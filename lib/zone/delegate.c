/* SPDX-License-Identifier: MIT */
/*
 * The client of a delegate; see delegate.h. Of its streams only pipes and terminals go along: what
 * else it has (files, sockets) is carried, so that nothing is read or written with rights that the
 * user does not have.
 */
#include "zone/delegate.h"

#include <locale.h>
#include <poll.h>
#include <sys/socket.h>

#include "linux/fd-message.h"
#include "linux/signals.h"
#include "linux/streams.h"
#include "zone/zone-calls.h"

static bool may_pass(int fd)
{
	return stream_is_pipe(fd) || isatty(fd);
}

int delegate_request_new(char *const *words, struct delegate_request **ret)
{
	const char *term = getenv("TERM"), *locale = setlocale(LC_MESSAGES, NULL);
	struct delegate_request *req;
	size_t size = 0, n, i;

	for (n = 0; words && words[n]; n++)
		size += strlen(words[n]) + 1;
	if (n > DELEGATE_WORD_MAX || size > DELEGATE_WORDS_MAX)
		return -E2BIG;
	req = calloc(1, sizeof(*req) + size);
	if (!req)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		size_t one = strlen(words[i]) + 1;

		memcpy(req->words + req->size, words[i], one);
		req->size += (uint32_t)one;
	}
	req->n_words = (uint32_t)n;
	req->escape = -1;
	/* what does not fit is nothing that anybody knows */
	if (term && str_copy(req->term, sizeof(req->term), term) < 0)
		req->term[0] = '\0';
	if (locale && str_copy(req->locale, sizeof(req->locale), locale) < 0)
		req->locale[0] = '\0';
	*ret = req;
	return 0;
}

static int send_request(int sock, const struct delegate_request *req, const struct streams *s)
{
	int fds[3], i;

	for (i = 0; i < 3; i++)
		fds[i] = s->child[i] >= 0 ? s->child[i] : i;
	return fd_message_send(sock, req, sizeof(*req) + req->size, fds, 3, 0);
}

static void pass_signals(int sock, int signals)
{
	struct delegate_signal s;

	while ((s.sig = signals_next(signals)) > 0)
		(void)send(sock, &s, sizeof(s), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Until the delegate has something to say, or is gone. */
static void carry(struct streams *s, int sock, int signals)
{
	enum { END, SIGNALS, STREAMS, COUNT = STREAMS + STREAMS_POLLS };
	struct pollfd p[COUNT];

	do {
		p[END] = (struct pollfd){.fd = sock, .events = POLLIN};
		p[SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
		streams_poll(s, &p[STREAMS]);
		if (poll(p, COUNT, -1) < 0)
			continue;
		if (p[SIGNALS].revents)
			pass_signals(sock, signals);
		streams_continue(s, &p[STREAMS]);
	} while (!p[END].revents);
	streams_drain(s);
}

static int finish(int sock, int *ret_code, struct diag *d)
{
	struct delegate_end end;
	ssize_t n;

	do
		n = recv(sock, &end, sizeof(end), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(end) || !str_terminated(end.text, sizeof(end.text)))
		return diag_set(d, -EPIPE, "who worked for you ended without a word");
	if (end.code < 0)
		return diag_set(d, -EPERM, "%s", end.text);
	*ret_code = end.code;
	return 0;
}

int delegate_run(const struct delegate_request *req, int *ret_code, struct diag *d)
{
	_cleanup_close_ int sock = FD_NONE, signals = FD_NONE;
	static struct streams s;
	int r = zone_call_delegate(&sock, d);

	if (r < 0)
		return d->text[0] ? r : diag_errno(d, r, "zoned does not answer");
	r = streams_open(&s, false, may_pass);
	if (r == 0)
		r = signals = signals_take(0);
	if (r >= 0)
		r = send_request(sock, req, &s);
	streams_started(&s);
	if (r < 0)
		return diag_errno(d, r, "cannot ask zone-delegate");
	carry(&s, sock, signals);
	return finish(sock, ret_code, d);
}

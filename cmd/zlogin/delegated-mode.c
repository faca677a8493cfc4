/* SPDX-License-Identifier: MIT */
/*
 * The zlogin of an ordinary user: it asks for one that root runs (zone/delegate.h), with its own
 * terminal or pipes as the streams. Raw mode, escapes and the window are that one's; this one
 * passes on signals, a change of the window among them, and waits.
 */
#include "zlogin/zlogin.h"

#include "zone/delegate.h"

static uint32_t flags_of(const struct options *o)
{
	return (o->console ? DELEGATE_CONSOLE : 0) | (o->disconnect ? DELEGATE_DISCONNECT : 0) |
	       (o->interactive && o->utility ? DELEGATE_INTERACTIVE : 0) |
	       (o->no_stdin ? DELEGATE_NO_STDIN : 0) | (o->quiet ? DELEGATE_QUIET : 0) |
	       (o->safe ? DELEGATE_SAFE : 0) | (o->password ? DELEGATE_PASSWORD : 0) |
	       (o->standalone ? DELEGATE_STANDALONE : 0) | (o->no_eof ? DELEGATE_NO_EOF : 0);
}

int delegated_mode(const struct options *o)
{
	_cleanup_free_ struct delegate_request *req = NULL;
	struct diag d = {0};
	int code = ZLOGIN_FAILED, r = delegate_request_new(o->utility, &req);

	if (r < 0)
		return complain("zone '%s': the utility: %s", o->zone, strerror(-r));
	req->program = DELEGATE_ZLOGIN;
	req->login = flags_of(o);
	req->escape = o->escape;
	(void)str_copy(req->zone, sizeof(req->zone), o->zone);
	if (!o->console && !o->standalone && !o->safe &&
		str_copy(req->user, sizeof(req->user), o->user) < 0)
		return complain("'%s' is too long for a user name", o->user);
	r = delegate_run(req, &code, &d);
	return r < 0 ? complain("zone '%s': %s", o->zone, d.text) : code;
}

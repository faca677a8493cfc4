/* SPDX-License-Identifier: MIT */
/* The child as the parent sees it; see session.h. */
#include "zlogin/session.h"

#include <signal.h>
#include <sys/wait.h>

#include "linux/audit.h"
#include "linux/pidfd.h"
#include "linux/signals.h"
#include "zlogin/zlogin.h"

int session_signals(struct session *s)
{
	s->signals = signals_take(0);
	return s->signals < 0 ? s->signals : 0;
}

/* A name in a record must not look like another word of it. */
static bool plain(const char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || strchr("\"'=", *name))
			return false;
	return true;
}

void session_audit(const struct options *o, const char *mode, bool success)
{
	audit_record(AUDIT_ZONE_LOGIN, "zlogin", o->zone, success, "acct=%s mode=%s",
		o->safe		 ? "root"
		: plain(o->user) ? o->user
				 : "?",
		o->safe ? "safe" : mode);
}

void session_forward(const struct session *s, int sig)
{
	/* The child is not reaped, so its number means it, and its group has the same. */
	if (kill(-s->pid, sig) < 0)
		(void)pidfd_signal(s->pidfd, sig);
}

int session_wait(const struct session *s)
{
	int status;

	while (waitpid(s->pid, &status, 0) < 0)
		if (errno != EINTR)
			return ZLOGIN_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

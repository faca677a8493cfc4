/* SPDX-License-Identifier: MIT */
/* What all commands do alike; see conventions.h. */
#include "linux/conventions.h"

#include "linux/process-state.h"

static bool asked;

bool help_asked(int argc, char *argv[])
{
	process_begin();
	if (argc == 2 && streq(argv[1], "--version")) {
		(void)printf(
			"%s (Zones for Linux) %s\n", program_invocation_short_name, ZONES_VERSION);
		exit(stdout_done(0, 1));
	}
	asked = argc == 2 && streq(argv[1], "--help");
	return asked;
}

FILE *usage_to(void)
{
	return asked ? stdout : stderr;
}

int usage_status(int wrong)
{
	return asked ? stdout_done(0, 1) : wrong;
}

void die(const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(1);
}

int stdout_done(int status, int failed)
{
	/* The error of an earlier write is not in errno any more. */
	int err = ferror(stdout) ? EIO : 0;

	if (fflush(stdout) != 0)
		err = errno;
	if (status || !err)
		return status;
	(void)fprintf(stderr, "%s: cannot write to standard output: %s\n",
		program_invocation_short_name, strerror(err));
	return failed;
}

const char *daemon_error(const char *daemon, int r)
{
	static char text[256];

	if (r == -EBADF)
		(void)snprintf(text, sizeof(text),
			"%s is not running; start it with 'systemctl start %s' or by running %s",
			daemon, daemon, daemon);
	else
		(void)snprintf(text, sizeof(text), "cannot ask %s: %s", daemon, strerror(-r));
	return text;
}

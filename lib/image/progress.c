/* SPDX-License-Identifier: MIT */
/* A bar on the terminal; see progress.h. */
#include "image/progress.h"

#include <sys/ioctl.h>
#include <time.h>

#define WIDTH	 40
#define EVERY_MS 100

static uint64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void progress_begin(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress){.what = what,
		.total = total,
		.start_ms = now_ms(),
		.terminal = isatty(STDERR_FILENO)};
}

static unsigned int columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

void progress_show(struct progress *p, uint64_t done)
{
	static const char bar[WIDTH + 1] = "########################################";
	uint64_t now = now_ms(), elapsed = now - p->start_ms;
	double mib = (double)done / (1 << 20);
	char line[160];
	int n, full;

	if (!p->terminal || now - p->drawn_ms < EVERY_MS)
		return;
	p->drawn_ms = now;
	if (done > p->total)
		done = p->total;
	full = p->total ? (int)(done * WIDTH / p->total) : 0;
	n = snprintf(line, sizeof(line), "%s [%.*s%*s] %3d%% %.0f MiB, %.0f MiB/s", p->what, full,
		bar, WIDTH - full, "", p->total ? (int)(done * 100 / p->total) : 0, mib,
		elapsed ? mib * 1000 / (double)elapsed : 0.0);
	if (n < 0)
		return;
	/* A line that wraps could not be drawn over. */
	(void)fprintf(stderr, "\r%.*s\033[K", (int)columns() - 1, line);
	(void)fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->terminal && p->drawn_ms)
		(void)fputs("\r\033[K", stderr);
	p->terminal = false;
}

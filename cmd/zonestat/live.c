/* SPDX-License-Identifier: MIT */
/*
 * The live view of zonestat -i: all zones on one screen, with colours, again every few seconds,
 * for somebody who leaves it open. When zoned is away it says so and goes on when it is back.
 *
 * The signals that end it, and that of another size of the screen, arrive only while it waits: so
 * nothing is half drawn when they do, and the terminal is always put back as it was.
 */
#include "zonestat/zonestat.h"

#include <curses.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <term.h>

enum { COLOUR_PLAIN, COLOUR_HEAD, COLOUR_LOW, COLOUR_MIDDLE, COLOUR_HIGH };

#define INTERVAL_MAX 3600
#define HEAD_LINES   3 /* before the zones */
#define FOOT_LINES   1
#define NAME_WIDTH   16 /* at least */
#define PART_WIDTH   8	/* of one percentage, with the space before it */

static const struct column {
	char key;
	const char *title; /* begins with the key */
	enum resource res; /* RES_COUNT: what was refused of all */
	int width;
} shown[] = {
	{'c', "Cpus", RES_CPU, 8},
	{'m', "Memory", RES_PHYSICAL, 9},
	{'v', "Virtual", RES_VIRTUAL, 9},
	{'p', "Procs", RES_PROCESSES, 7},
	{'t', "Threads", RES_LWPS, 8},
	{'r', "Refused", RES_COUNT, 8},
};

struct live {
	const struct options *o;
	struct usage before, now; /* now: an interval */
	bool has_before, has_now;
	const struct row **rows;
	size_t n, top;
	int sort; /* number of a column; -1: by name */
	double interval, next;
	int error; /* of the last look, 0 or negative */
	int name_width;
	bool help, quit;
};

static volatile sig_atomic_t ended;

static void on_end(int sig)
{
	ended = sig;
}

static double monotonic(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- what there is to show ---- */

static int sort_column;

static double value_of(const struct row *r, enum resource res)
{
	return res == RES_COUNT ? row_refused(r) : r->used[res];
}

static int compare(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

	if (sort_column >= 0) {
		double vx = value_of(x, shown[sort_column].res);
		double vy = value_of(y, shown[sort_column].res);

		vx = isnan(vx) ? -1 : vx;
		vy = isnan(vy) ? -1 : vy;
		if (vx != vy)
			return vx < vy ? 1 : -1;
	}
	return strcmp(x->name, y->name);
}

static bool wanted(const struct options *o, const char *name)
{
	size_t i;

	for (i = 0; i < o->n_zones; i++)
		if (streq(o->zones[i], name))
			return true;
	return o->n_zones == 0;
}

static void arrange(struct live *l)
{
	size_t i;

	l->n = 0;
	for (i = 0; l->has_now && i < l->now.n; i++)
		if (wanted(l->o, l->now.rows[i].name))
			l->rows[l->n++] = &l->now.rows[i];
	sort_column = l->sort;
	if (l->n)
		qsort(l->rows, l->n, sizeof(*l->rows), compare);
	if (l->top >= l->n)
		l->top = l->n ? l->n - 1 : 0;
}

/* One more look. What cannot be seen now is said on the screen, and looked for again. */
static int look(struct live *l)
{
	struct usage fresh, interval;
	const struct row **rows;
	int r = snapshot_take(&fresh, false);

	l->error = r;
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		usage_free(&l->before);
		l->has_before = false;
		return 0;
	}
	r = l->has_before ? interval_of(&l->before, &fresh, &interval) : 0;
	if (r == 0 && l->has_before) {
		usage_free(&l->now);
		l->now = interval;
		l->has_now = true;
	}
	usage_free(&l->before);
	l->before = fresh;
	l->has_before = true;
	rows = reallocarray(l->rows, l->now.n + 1, sizeof(*rows));
	if (r < 0 || !rows)
		return -ENOMEM;
	l->rows = rows;
	arrange(l);
	return 0;
}

/* ---- the screen ---- */

static int colour_of(double part, double whole)
{
	double f = isnan(part) || isnan(whole) || whole <= 0 ? 0 : part / whole;

	return f >= 0.85 ? COLOUR_HIGH : f >= 0.6 ? COLOUR_MIDDLE : COLOUR_LOW;
}

/* A line ends at the edge: what went on would be in the next one. */
static void __attribute__((format(printf, 1, 2))) put(const char *format, ...)
{
	int room = COLS - getcurx(stdscr) - 1;
	char text[128];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (room > 0)
		(void)addnstr(text, room);
}

static void put_coloured(const char *text, int width, int colour)
{
	(void)attron(COLOR_PAIR(colour));
	put("%*s", width, text);
	(void)attroff(COLOR_PAIR(colour));
}

/* As a number, red where there is something to look after. */
static void put_refused(double refused, int width)
{
	char text[24] = "-";

	if (!isnan(refused))
		(void)snprintf(text, sizeof(text), "%.0f", refused);
	put_coloured(text, width, refused > 0 ? COLOUR_HIGH : COLOUR_PLAIN);
}

/* Of all zones that are shown; NAN where nobody counts. */
static double all_refused(const struct live *l)
{
	double sum = NAN;
	size_t i;

	for (i = 0; i < l->n; i++) {
		double refused = row_refused(l->rows[i]);

		if (!isnan(refused))
			sum = isnan(sum) ? refused : sum + refused;
	}
	return sum;
}

static void put_host(const struct live *l)
{
	const struct usage *u = &l->now;
	char when[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm))
		(void)strftime(when, sizeof(when), "%H:%M:%S", &tm);
	(void)move(0, 0);
	put("zonestat %s  every %gs  %zu zones  ", when, l->interval, l->n);
	if (l->error < 0)
		put_coloured(l->error == -EBADF ? "zoned is not running" : strerror(-l->error), 0,
			COLOUR_HIGH);
	if (!l->has_now)
		return;
	(void)move(1, 0);
	put("CPUs %.0f online, used", u->online);
	put_coloured(text_amount(false, RES_CPU, u->total.used[RES_CPU]).s, 6,
		colour_of(u->total.used[RES_CPU], u->size[RES_CPU]));
	put("   memory %s, used ", text_amount(false, RES_PHYSICAL, u->size[RES_PHYSICAL]).s);
	put_coloured(text_amount(false, RES_PHYSICAL, u->total.used[RES_PHYSICAL]).s, 0,
		colour_of(u->total.used[RES_PHYSICAL], u->size[RES_PHYSICAL]));
	put("   refused ");
	put_refused(all_refused(l), 0);
}

/* Those that have a part of the host's and of a cap beside them. */
static bool has_parts(enum resource res)
{
	return res == RES_CPU || res == RES_PHYSICAL || res == RES_VIRTUAL;
}

/* Of all columns but the name. */
static int columns_width(void)
{
	int width = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shown); i++)
		width += 1 + shown[i].width + (has_parts(shown[i].res) ? 2 * PART_WIDTH : 0);
	return width;
}

/* As the longest name; where that leaves no room for all columns, at most half of the screen. */
static int name_width(const struct live *l)
{
	int room = COLS - 1 - columns_width(), width = NAME_WIDTH;
	size_t i;

	if (room < COLS / 2)
		room = COLS / 2;
	for (i = 0; i < l->n; i++) {
		int len = (int)strlen(l->rows[i]->name);

		width = len > width ? len : width;
	}
	return width <= room ? width : room > NAME_WIDTH ? room : NAME_WIDTH;
}

/* The column that is sorted by stands out. */
static void put_head(const struct live *l)
{
	size_t i;

	(void)attron(COLOR_PAIR(COLOUR_HEAD));
	(void)mvhline(HEAD_LINES - 1, 0, ' ', COLS);
	(void)move(HEAD_LINES - 1, 0);
	put("%-*s", l->name_width, l->sort < 0 ? "[NAME]" : "NAME");
	for (i = 0; i < ARRAY_SIZE(shown); i++) {
		char title[16];

		(void)snprintf(
			title, sizeof(title), (int)i == l->sort ? "[%s]" : "%s", shown[i].title);
		put(" %*s", shown[i].width, title);
		if (has_parts(shown[i].res))
			put("%*s%*s", PART_WIDTH, "host", PART_WIDTH, "cap");
	}
	(void)attroff(COLOR_PAIR(COLOUR_HEAD));
}

static void put_row(const struct live *l, const struct row *r, int y)
{
	const struct usage *u = &l->now;
	size_t i;

	(void)move(y, 0);
	put("%-*.*s", l->name_width, l->name_width, r->name);
	for (i = 0; i < ARRAY_SIZE(shown); i++) {
		enum resource res = shown[i].res;
		double used;

		if (res == RES_COUNT) {
			put_refused(row_refused(r), shown[i].width + 1);
			continue;
		}
		used = r->used[res];
		put_coloured(text_amount(false, res, used).s, shown[i].width + 1,
			isnan(r->cap[res]) ? COLOUR_PLAIN : colour_of(used, r->cap[res]));
		if (!has_parts(res))
			continue;
		put_coloured(text_percent(used, u->size[res]).s, PART_WIDTH,
			colour_of(used, u->size[res]));
		put_coloured(text_percent(used, r->cap[res]).s, PART_WIDTH,
			colour_of(used, r->cap[res]));
	}
}

static void put_foot(const struct live *l)
{
	const char *line = l->help ? "sort: name cpus memory virtual procs threads refused"
				     "   + - interval   arrows scroll   q quit"
				   : "q quit   h help   n c m v p t r sort";

	(void)attron(COLOR_PAIR(COLOUR_HEAD));
	(void)mvhline(LINES - 1, 0, ' ', COLS);
	(void)mvaddnstr(LINES - 1, 0, line, COLS - 1);
	(void)attroff(COLOR_PAIR(COLOUR_HEAD));
}

static void draw(struct live *l)
{
	int y = HEAD_LINES;
	size_t i;

	l->name_width = name_width(l);
	(void)erase();
	put_host(l);
	put_head(l);
	for (i = l->top; i < l->n && y < LINES - FOOT_LINES; i++)
		put_row(l, l->rows[i], y++);
	put_foot(l);
	(void)refresh();
}

/* ---- keys ---- */

static void scroll_by(struct live *l, long by)
{
	if (by < 0)
		l->top -= l->top < (size_t)-by ? l->top : (size_t)-by;
	else if (l->top + (size_t)by < l->n)
		l->top += (size_t)by;
}

static void sort_key(struct live *l, int c)
{
	size_t i;

	if (c == 'n')
		l->sort = -1;
	for (i = 0; i < ARRAY_SIZE(shown); i++)
		if (c == shown[i].key)
			l->sort = (int)i;
	arrange(l);
}

static void change_interval(struct live *l, double by)
{
	double interval = l->interval * by;

	if (interval < 1 || interval > INTERVAL_MAX)
		return;
	l->interval = interval;
	l->next = monotonic() + interval;
}

static void on_key(struct live *l, int c)
{
	int page = LINES - HEAD_LINES - FOOT_LINES;

	if (c == 'q' || c == 'Q')
		l->quit = true;
	else if (c == 'h' || c == '?')
		l->help = !l->help;
	else if (c == '+')
		change_interval(l, 2);
	else if (c == '-')
		change_interval(l, 0.5);
	else if (c == KEY_UP || c == 'k')
		scroll_by(l, -1);
	else if (c == KEY_DOWN || c == 'j')
		scroll_by(l, 1);
	else if (c == KEY_PPAGE)
		scroll_by(l, -page);
	else if (c == KEY_NPAGE)
		scroll_by(l, page);
	else if (c == KEY_HOME)
		l->top = 0;
	else if (c == 12) /* ^L: somebody else wrote on the screen */
		(void)clearok(curscr, TRUE);
	else
		sort_key(l, c);
}

/* ---- waiting ---- */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static int take_signals(sigset_t *ret_before)
{
	struct sigaction action = {.sa_handler = on_end};
	sigset_t held;
	size_t i;

	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGWINCH);
	for (i = 0; i < ARRAY_SIZE(ending); i++) {
		(void)sigaddset(&held, ending[i]);
		(void)sigaction(ending[i], &action, NULL);
	}
	return sigprocmask(SIG_BLOCK, &held, ret_before) < 0 ? -errno : 0;
}

/* Until the next look, a key, another size, or the end. */
static void wait_and_take(struct live *l, const sigset_t *open)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	double left = l->next - monotonic();
	struct timespec ts = {0};
	int c, n;

	if (left > 0) {
		ts.tv_sec = (time_t)left;
		ts.tv_nsec = (long)((left - (double)ts.tv_sec) * 1e9);
	}
	n = ppoll(&p, 1, &ts, open);
	if (n > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL))) /* the terminal is gone */
		l->quit = true;
	if (ended)
		l->quit = true;
	while (!l->quit && (c = getch()) != ERR)
		on_key(l, c);
}

static void begin_colours(void)
{
	if (!has_colors())
		return;
	(void)start_color();
	(void)use_default_colors();
	(void)init_pair(COLOUR_HEAD, COLOR_BLACK, COLOR_CYAN);
	(void)init_pair(COLOUR_LOW, COLOR_GREEN, -1);
	(void)init_pair(COLOUR_MIDDLE, COLOR_YELLOW, -1);
	(void)init_pair(COLOUR_HIGH, COLOR_RED, -1);
}

static int show(struct live *l, const sigset_t *open)
{
	int r = look(l);

	l->next = monotonic() + (l->interval < 1 ? l->interval : 1); /* the first numbers soon */
	while (r == 0 && !l->quit) {
		draw(l);
		wait_and_take(l, open);
		if (l->quit || monotonic() < l->next)
			continue;
		r = look(l);
		l->next = monotonic() + l->interval;
	}
	return r;
}

int live_run(const struct options *o)
{
	struct live l = {.o = o, .interval = o->interval};
	sigset_t open;
	SCREEN *screen;
	int known, r;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return -ENOTTY;
	/* Asked first: newterm() does not give back what it takes for a terminal it does not know. */
	if (setupterm(NULL, STDOUT_FILENO, &known) != OK)
		return -ENOTTY;
	(void)del_curterm(cur_term);
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return -ENOTTY;
	r = take_signals(&open);
	(void)cbreak();
	(void)noecho();
	(void)nodelay(stdscr, TRUE);
	(void)keypad(stdscr, TRUE);
	(void)curs_set(0);
	begin_colours();
	if (r == 0)
		r = show(&l, &open);
	(void)endwin();
	delscreen(screen);
	usage_free(&l.before);
	usage_free(&l.now);
	free(l.rows);
	return r;
}

/* SPDX-License-Identifier: MIT */
/*
 * rctladm: what is logged when zones hit their resource controls, for the whole host.
 *
 * Linux: there are the controls of zones only, and those whose hits nobody tells take no
 * syslog action. The other flags of a control are fixed.
 */
#include "linux/conventions.h"
#include "linux/instance.h"
#include "zone/rctl-calls.h"
#include "zone/rctl-text.h"

#include <stdarg.h>
#include <unistd.h>

struct options {
	bool list, update, json;
	bool change;
	int level; /* when change */
};

static int complain(const char *fmt, ...) _printf_(1, 2);

static int complain(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("rctladm: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return 1;
}

static void __attribute__((noreturn)) usage(void)
{
	(void)fprintf(usage_to(),
		"usage: rctladm [-jlu] [-e action] [-d action] [name...]\n"
		"where an action is syslog or syslog=level, and -d all is -d syslog\n");
	exit(usage_status(2));
}

static int refused(const char *name, int r, const struct diag *d)
{
	const char *sep = *name ? ": " : "";

	if (r == -EBADF)
		return complain("%s", daemon_error("zoned", r));
	if (r == -EPERM)
		return complain("%s%sonly root of the global zone can change it", name, sep);
	if (d->text[0])
		return complain("%s", d->text);
	return complain("%s%s%s", name, sep, strerror(-r));
}

/* ---- listing ---- */

/* One member of the array, its comma before it. */
static void print_json(const struct zone_rctl *c, const char *log, bool loggable)
{
	static const char *sep = "[";

	(void)printf("%s{\"name\":\"%s\",\"syslog\":\"%s\",\"flags\":[%s%s%s%s\"no-signal\"%s],"
		     "\"unit\":\"%s\"}",
		sep, c->name, strchr(log, '=') ? strchr(log, '=') + 1 : log,
		c->flags & ZRCTL_NO_BASIC ? "\"no-basic\"," : "",
		c->flags & ZRCTL_NO_DENY ? "\"no-deny\"," : "",
		c->flags & ZRCTL_DENY_ALWAYS ? "\"deny\"," : "",
		c->flags & ZRCTL_INFINITE ? "\"inf\"," : "", loggable ? "" : ",\"no-syslog\"",
		c->unit == ZRCTL_BYTES ? "bytes" : "count");
	sep = ",\n";
}

static void print_flags(const struct zone_rctl *c, bool loggable)
{
	(void)fputs("[", stdout);
	if (c->flags & ZRCTL_NO_BASIC)
		(void)fputs(" no-basic", stdout);
	if (c->flags & ZRCTL_NO_DENY)
		(void)fputs(" no-deny", stdout);
	if (c->flags & ZRCTL_DENY_ALWAYS)
		(void)fputs(" deny", stdout);
	(void)fputs(" no-signal", stdout);
	if (c->flags & ZRCTL_INFINITE)
		(void)fputs(" inf", stdout);
	if (!loggable)
		(void)fputs(" no-syslog", stdout);
	(void)fputs(c->unit == ZRCTL_BYTES ? " bytes ]\n" : " count ]\n", stdout);
}

static int list_one(const struct options *o, const struct zone_rctl *c)
{
	struct zone_rctl_log_reply reply;
	char text[ZONE_RCTL_LOG_TEXT];
	struct diag d = {0};
	int r = zone_call_rctl_log_get(c->name, &reply, &d);

	if (r < 0)
		return refused(c->name, r, &d);
	if (reply.level == ZONE_RCTL_LOG_OFF)
		(void)snprintf(text, sizeof(text), "syslog=%s", reply.loggable ? "off" : "n/a");
	else
		zone_rctl_format_log(reply.level, text);
	if (o->json) {
		print_json(c, text, reply.loggable);
		return 0;
	}
	(void)printf("%-27s %-15s", c->name, text);
	print_flags(c, reply.loggable);
	return 0;
}

/* ---- options ---- */

static int parse_level(const char *text, bool enable)
{
	int level;

	if (!enable && (streq(text, "all") || streq(text, "syslog")))
		return ZONE_RCTL_LOG_OFF;
	if (!enable || streq(text, "none") || zone_rctl_parse_log(text, &level) < 0) {
		(void)complain("'%s' is not an action to %s", text, enable ? "enable" : "disable");
		usage();
	}
	return level;
}

static int parse_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "jlue:d:")) != -1) {
		switch (c) {
		case 'j':
			o->json = true;
			o->list = true;
			break;
		case 'l':
			o->list = true;
			break;
		case 'u':
			o->update = true;
			break;
		case 'e':
		case 'd':
			if (o->change)
				usage();
			o->change = true;
			o->level = parse_level(optarg, c == 'e');
			break;
		default:
			usage();
		}
	}
	if ((o->change && optind == argc) || (o->change && o->update))
		usage();
	return optind;
}

static int on_one(const struct options *o, const char *name)
{
	enum zone_rctl_id id;
	struct diag d = {0};
	int r;

	if (zone_rctl_find(name, &id) < 0)
		return complain("there is no resource control '%s'", name);
	if (o->change) {
		r = zone_call_rctl_log_set(name, o->level, &d);
		if (r < 0)
			return refused(name, r, &d);
	}
	return o->list || !o->change ? list_one(o, &zone_rctls[id]) : 0;
}

static int update(void)
{
	struct diag d = {0};
	int r = zone_call_rctl_log_set("", ZONE_RCTL_LOG_RELOAD, &d);

	return r < 0 ? refused("", r, &d) : 0;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	int i, r, failed = 0;

	if (help_asked(argc, argv))
		usage();
	i = parse_options(argc, argv, &o);
	r = instance_init(NULL);
	if (r < 0)
		return complain("cannot use the root '%s': %s", getenv("ZONES_ROOT"), strerror(-r));
	if (o.update)
		failed = update();
	for (r = 0; !failed && i == argc && (o.list || !o.update) && r < RCTL_COUNT; r++)
		failed = list_one(&o, &zone_rctls[r]);
	for (; i < argc; i++)
		failed |= on_one(&o, argv[i]);
	if (o.json && !failed)
		(void)puts("]");
	return stdout_done(failed, 1);
}
